//! A hand with every decision's legal set and the result, as an independent referee played it, and how to play it again.

use domain::card::deck::Deck;
use domain::card::rank::Category;
use domain::card::{Card, Rank, Suit};
use domain::chips::Chips;
use domain::hand::{
    Action, ActionKind, Blinds, Half, Hand, HandKind, HandRules, HandSetup, LatePost, Made, Part, Step, Street,
};
use domain::ids::SeatIndex;
use domain::rules::{RuleBook, Variant};

/// A recorded hand. Players are numbered from the left of the button, who is the last, if anybody has it.
#[derive(Debug, Default)]
pub struct Case {
    pub id: String,
    /// `nlhe` where it isn't said.
    pub variant: String,
    pub small_blind: u64,
    pub big_blind: u64,
    pub ante: u64,
    pub button_blind: u64,
    pub is_bomb_pot: bool,
    pub has_dead_button: bool,
    /// Who posts the blinds, where it isn't by position.
    pub blinds: Option<(Option<usize>, usize)>,
    pub straddles: Vec<usize>,
    /// Player, live, dead.
    pub posts: Vec<(usize, bool, bool)>,
    pub stacks: Vec<u64>,
    /// Two letters a card: `AsKh`.
    pub hole: Vec<String>,
    /// One, two, or one for each run.
    pub boards: Vec<String>,
    /// How often the missing cards are run, and how many cards the runs have in common.
    pub runs: Option<(u8, usize)>,
    pub decisions: Vec<Decision>,
    pub final_stacks: Vec<u64>,
    pub pots: Vec<PaidPot>,
    /// What everybody holds who reached the showdown, by board.
    pub held: Vec<Held>,
}

/// What a player holds at the showdown: categories, and lows as their ranks.
#[derive(Debug)]
pub struct Held {
    pub player: usize,
    pub categories: Vec<String>,
    pub lows: Vec<Option<String>>,
}

/// Whose turn it was, what was legal, what was done.
#[derive(Debug)]
pub struct Decision {
    pub player: usize,
    pub call: u64,
    pub raise: Option<(u64, u64)>,
    pub action: Done,
}

/// What was done; a bet is a raise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    Fold,
    Check,
    Call,
    RaiseTo(u64),
}

/// A pot; its parts if hands were compared.
#[derive(Debug)]
pub struct PaidPot {
    pub amount: u64,
    pub parts: Vec<PaidPart>,
}

/// A part of a pot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaidPart {
    pub board: u8,
    pub is_low: bool,
    /// Player and chips, if it is told.
    pub winners: Vec<(usize, Option<u64>)>,
    /// If it is told.
    pub amount: Option<u64>,
}

impl Case {
    /// Plays the hand and compares everything.
    pub fn play(&self) {
        let id = &self.id;
        let (mut hand, mut steps) = Hand::deal(self.setup(), self.deck());
        for (index, decision) in self.decisions.iter().enumerate() {
            let at = format!("{id}, decision {index}");
            assert_eq!(hand.actor(), Some(seat(decision.player)), "{at}: whose turn it is");
            let legal = hand.legal().unwrap_or_else(|| panic!("{at}: nothing is legal"));
            assert_eq!(legal.call_amount.get(), decision.call, "{at}: the call");
            let raise = legal.min_raise_to.zip(legal.max_raise_to).map(|(min, max)| (min.get(), max.get()));
            assert_eq!(raise, decision.raise, "{at}: the raises");
            assert!(legal.allows(ActionKind::Fold), "{at}: folding is always legal");
            assert_eq!(legal.allows(ActionKind::Check), decision.call == 0, "{at}: the check");
            assert_eq!(legal.allows(ActionKind::Call), decision.call > 0, "{at}: the call");
            let action = decision.action(legal.allows(ActionKind::Bet));
            steps.extend(hand.act(seat(decision.player), action).unwrap_or_else(|error| panic!("{at}: {error:?}")));
        }
        assert_eq!(hand.asks_for_runs(), self.runs.is_some(), "{id}: whether it is asked how often to run the cards");
        if let Some((runs, shared)) = self.runs {
            assert_eq!(hand.board().len(), shared, "{id}: the cards that the runs have in common");
            steps.extend(hand.run_out(runs).unwrap_or_else(|error| panic!("{id}: {error:?}")));
        }
        assert!(hand.is_complete(), "{id}: the hand is over");
        let stacks: Vec<u64> = hand.players().iter().map(|player| player.stack.get()).collect();
        assert_eq!(stacks, self.final_stacks, "{id}: the final stacks");
        self.compare_pots(&steps);
        self.held.iter().for_each(|held| self.compare_held(&hand, held));
    }

    fn compare_pots(&self, steps: &[Step]) {
        let id = &self.id;
        let awarded = steps.iter().filter_map(|step| match step {
            Step::PotAwarded { amount, parts, winners, .. } => Some((amount.get(), parts, winners)),
            _ => None,
        });
        let awarded: Vec<_> = awarded.collect();
        let amounts: Vec<u64> = awarded.iter().map(|(amount, ..)| *amount).collect();
        assert_eq!(amounts, self.pots.iter().map(|pot| pot.amount).collect::<Vec<_>>(), "{id}: the pots");
        for ((amount, parts, winners), pot) in awarded.iter().zip(&self.pots).filter(|(_, pot)| !pot.parts.is_empty()) {
            let sum: Chips = winners.iter().map(|(_, won)| *won).sum();
            assert_eq!(sum.get(), *amount, "{id}: the winners' chips are the pot's");
            let found: Vec<PaidPart> = parts.iter().zip(&pot.parts).map(|(part, told)| paid(part, told)).collect();
            assert_eq!(parts.len(), pot.parts.len(), "{id}: the parts of a pot of {amount}");
            assert_eq!(found, pot.parts, "{id}: who won a pot of {amount}");
        }
    }

    fn compare_held(&self, hand: &Hand, Held { player, categories, lows }: &Held) {
        let id = &self.id;
        let hole = hand.player(seat(*player)).unwrap_or_else(|| panic!("{id}: {player} holds nothing")).hole;
        let made = Made::all(hand.game(), &hole, hand.boards());
        let found: Vec<&str> = made.iter().map(|made| name(made.high.category())).collect();
        assert_eq!(found, *categories, "{id}: what {player} holds");
        if !lows.is_empty() {
            let low = |made: &Made| made.low.map(|low| low.to_string().replace('-', ""));
            assert_eq!(made.iter().map(low).collect::<Vec<_>>(), *lows, "{id}: what {player} holds low");
        }
        if categories.len() == 1 {
            assert_eq!(hand.hand_rank_of(seat(*player)), Some(made[0].high));
        }
    }

    fn variant(&self) -> Variant {
        if self.variant.is_empty() { Variant::HoldEm } else { Variant::of_name(&self.variant).expect("a variant") }
    }

    fn setup(&self) -> HandSetup {
        let rules = HandRules {
            book: RuleBook::current(self.variant()),
            small_blind: Chips::new(self.small_blind),
            big_blind: Chips::new(self.big_blind),
            ante: Chips::new(self.ante),
            button_blind: Chips::new(self.button_blind),
        };
        let players = self.stacks.iter().enumerate().map(|(player, stack)| (seat(player), Chips::new(*stack)));
        let button = if self.has_dead_button { self.stacks.len() } else { self.stacks.len() - 1 };
        let post = |&(player, live, dead): &(usize, bool, bool)| LatePost { seat: seat(player), live, dead };
        HandSetup {
            kind: if self.is_bomb_pot { HandKind::BombPot } else { HandKind::Ordinary },
            boards: if self.runs.is_some() { 1 } else { self.boards.len() as u8 },
            blinds: match self.blinds {
                Some((small, big)) => Blinds::At { small: small.map(seat), big: seat(big) },
                None => Blinds::ByPosition,
            },
            straddles: self.straddles.iter().copied().map(seat).collect(),
            posts: self.posts.iter().map(post).collect(),
            max_runs: self.runs.map_or(1, |(runs, _)| runs),
            ..HandSetup::plain(rules, seat(button), players.collect())
        }
    }

    /// A deck that deals these cards: one each from the left of the button until everybody has theirs, then the boards.
    fn deck(&self) -> Deck {
        let game = self.variant().game();
        let hole: Vec<Vec<Card>> = self.hole.iter().map(|text| cards(text)).collect();
        let boards: Vec<Vec<Card>> = self.boards.iter().map(|text| cards(text)).collect();
        let mut deck: Vec<Card> =
            (0..game.hole_cards).flat_map(|round| hole.iter().map(move |hand| hand[round])).collect();
        match self.runs {
            Some((_, shared)) => {
                deck.extend(&boards[0][..shared]);
                boards.iter().for_each(|run| deck.extend(&run[shared..]));
            }
            None => {
                let streets = [Street::Preflop, Street::Flop, Street::Turn, Street::River].map(Street::board_len);
                for street in streets.windows(2) {
                    for board in boards.iter().filter(|board| board.len() >= street[1]) {
                        deck.extend(&board[street[0]..street[1]]);
                    }
                }
            }
        }
        for card in Deck::ordered(game.pack).cards() {
            if !deck.contains(card) {
                deck.push(*card);
            }
        }
        Deck::from_cards(deck).expect("all different")
    }
}

/// A part as the referee tells it: what he doesn't tell isn't compared.
fn paid(part: &Part, told: &PaidPart) -> PaidPart {
    let counted = told.winners.iter().any(|(_, chips)| chips.is_some());
    let mut winners: Vec<_> =
        part.winners.iter().map(|(seat, won)| (seat.index(), Some(won.get()).filter(|_| counted))).collect();
    winners.sort_unstable();
    PaidPart {
        board: part.board,
        is_low: part.half == Half::Low,
        winners,
        amount: Some(part.amount.get()).filter(|_| told.amount.is_some()),
    }
}

impl Decision {
    fn action(&self, opens: bool) -> Action {
        match self.action {
            Done::Fold => Action::Fold,
            Done::Check => Action::Check,
            Done::Call => Action::Call,
            Done::RaiseTo(to) if opens => Action::Bet(Chips::new(to)),
            Done::RaiseTo(to) => Action::Raise(Chips::new(to)),
        }
    }
}

fn seat(player: usize) -> SeatIndex {
    SeatIndex(player as u8)
}

fn cards(text: &str) -> Vec<Card> {
    let letters: Vec<char> = text.chars().collect();
    let card = |pair: &[char]| {
        let rank = "23456789TJQKA".find(pair[0]).map(|index| Rank::ALL[index]).expect("a rank");
        let suit = "cdhs".find(pair[1]).map(|index| Suit::ALL[index]).expect("a suit");
        Card { rank, suit }
    };
    letters.chunks(2).map(card).collect()
}

fn name(category: Category) -> &'static str {
    match category {
        Category::HighCard => "high_card",
        Category::Pair => "one_pair",
        Category::TwoPair => "two_pair",
        Category::ThreeOfAKind => "three_of_a_kind",
        Category::Straight => "straight",
        Category::Flush => "flush",
        Category::FullHouse => "full_house",
        Category::FourOfAKind => "four_of_a_kind",
        Category::StraightFlush | Category::RoyalFlush => "straight_flush",
    }
}
