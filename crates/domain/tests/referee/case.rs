//! A hand with every decision's legal set and the result, as an independent referee played it, and how to play it again.

use domain::card::deck::Deck;
use domain::card::rank::Category;
use domain::card::{Card, Rank, Suit};
use domain::chips::Chips;
use domain::hand::{Action, ActionKind, Hand, HandRules, HandSetup, Step};
use domain::ids::SeatIndex;
use domain::rules::{RuleBook, Variant};

/// A recorded hand. Players are numbered from the left of the button, who is the last.
#[derive(Debug, Default)]
pub struct Case {
    pub id: String,
    pub small_blind: u64,
    pub big_blind: u64,
    pub ante: u64,
    pub stacks: Vec<u64>,
    /// Two letters a card: `AsKh`.
    pub hole: Vec<String>,
    pub board: String,
    pub decisions: Vec<Decision>,
    pub final_stacks: Vec<u64>,
    pub pots: Vec<PaidPot>,
    /// What everybody holds who reached the showdown.
    pub held: Vec<(usize, String)>,
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

/// A pot; who won it if hands were compared.
#[derive(Debug)]
pub struct PaidPot {
    pub amount: u64,
    pub winners: Vec<usize>,
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
        assert!(hand.is_complete(), "{id}: the hand is over");
        let stacks: Vec<u64> = hand.players().iter().map(|player| player.stack.get()).collect();
        assert_eq!(stacks, self.final_stacks, "{id}: the final stacks");
        self.compare_pots(&steps);
        for (player, category) in &self.held {
            let rank = hand.hand_rank_of(seat(*player)).unwrap_or_else(|| panic!("{id}: {player} holds nothing"));
            assert_eq!(name(rank.category()), category, "{id}: what {player} holds");
        }
    }

    fn compare_pots(&self, steps: &[Step]) {
        let awarded = steps.iter().filter_map(|step| match step {
            Step::PotAwarded { amount, winners, .. } => Some((amount.get(), winners)),
            _ => None,
        });
        let awarded: Vec<_> = awarded.collect();
        let amounts: Vec<u64> = awarded.iter().map(|(amount, _)| *amount).collect();
        assert_eq!(amounts, self.pots.iter().map(|pot| pot.amount).collect::<Vec<_>>(), "{}: the pots", self.id);
        for ((_, winners), pot) in awarded.iter().zip(&self.pots).filter(|(_, pot)| !pot.winners.is_empty()) {
            let mut won: Vec<usize> = winners.iter().map(|(seat, _)| seat.index()).collect();
            won.sort_unstable();
            assert_eq!(won, pot.winners, "{}: who won a pot of {}", self.id, pot.amount);
        }
    }

    fn setup(&self) -> HandSetup {
        let rules = HandRules {
            book: RuleBook::current(Variant::HoldEm),
            small_blind: Chips::new(self.small_blind),
            big_blind: Chips::new(self.big_blind),
            ante: Chips::new(self.ante),
        };
        let players = self.stacks.iter().enumerate().map(|(player, stack)| (seat(player), Chips::new(*stack)));
        HandSetup { rules, button: seat(self.stacks.len() - 1), players: players.collect() }
    }

    /// A deck that deals these cards: one each from the left of the button, a second one each, then the board.
    fn deck(&self) -> Deck {
        let hole: Vec<Vec<Card>> = self.hole.iter().map(|text| cards(text)).collect();
        let mut deck: Vec<Card> = hole.iter().map(|pair| pair[0]).chain(hole.iter().map(|pair| pair[1])).collect();
        deck.extend(cards(&self.board));
        for card in (0..52).filter_map(Card::from_number) {
            if !deck.contains(&card) {
                deck.push(card);
            }
        }
        Deck::from_cards(deck.try_into().expect("52 cards")).expect("all different")
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
