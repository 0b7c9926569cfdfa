//! Finished hands as PHH files.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

use domain::card::Card;
use domain::card::deck::{Deck, HoleCards};
use domain::chips::Chips;
use domain::event::{
    Acted, Committed, DealtIn, Event, FinalStack, HandCompleted, HandStarted, Happened, Secret, Share, Timer,
};
use domain::hand::{ActionKind, HandKind, HandRules, Post, PostKind, Shown, Street};
use domain::ids::{HandId, RoomId, SeatIndex, UserId};
use domain::rules::{Pack, RuleBook, Variant};
use domain::time::{Millis, Timestamp};
use domain::view::event::Reader;
use hand_history::{Record, Unwritable, phh};
use ports::store::RecordedHand;
use uuid::Uuid;

const BOARD: [&str; 5] = ["clubs_2", "clubs_3", "clubs_4", "hearts_9", "spades_2"];
const HAND: HandId = HandId(Uuid::nil());
/// 2026-11-24 09:05:07 UTC.
const DEALT_AT: Timestamp = Timestamp(1_795_511_107_000);

fn user(number: usize) -> UserId {
    UserId(Uuid::from_u128(number as u128 + 1))
}

fn seat(number: usize) -> SeatIndex {
    SeatIndex(number as u8)
}

fn cards(names: &[&str]) -> Vec<Card> {
    names.iter().map(|name| name.parse().unwrap()).collect()
}

fn hole(names: &[&str]) -> HoleCards {
    HoleCards::new(&cards(names)).unwrap()
}

fn timer() -> Timer {
    let timebank = Millis::ZERO;
    Timer { actor: seat(0), turn: 1, started_at: DEALT_AT, deadline: None, expires: None, timebank }
}

/// A table, and what isn't usual about its hand.
struct Table {
    stacks: Vec<u64>,
    /// The button is in seat 0.
    variant: Variant,
    ante: u64,
    kind: HandKind,
    /// Posts besides the ante and the two blinds.
    posts: Vec<(usize, PostKind, u64)>,
    shown: Vec<usize>,
    /// Cards that a player shows when the hand is over.
    beside: Vec<(usize, &'static [&'static str])>,
    boards: usize,
    ends: bool,
}

fn table(stacks: &[u64]) -> Table {
    Table {
        stacks: stacks.to_vec(),
        variant: Variant::HoldEm,
        ante: 0,
        kind: HandKind::Ordinary,
        posts: Vec::new(),
        shown: Vec::new(),
        beside: Vec::new(),
        boards: 1,
        ends: true,
    }
}

/// Chips behind and bets of the street, by seat.
struct Chipped {
    chips: Vec<u64>,
    bets: Vec<u64>,
    posts: Vec<Post>,
}

impl Chipped {
    fn post(&mut self, at: usize, kind: PostKind, amount: u64) {
        let amount = amount.min(self.chips[at]);
        self.chips[at] -= amount;
        if kind.is_live() {
            self.bets[at] += amount;
        }
        if amount > 0 {
            self.posts.push(Post { seat: seat(at), kind, amount: Chips::new(amount) });
        }
    }
}

impl Table {
    /// After the posts.
    fn posted(&self) -> Chipped {
        let count = self.stacks.len();
        let mut table = Chipped { chips: self.stacks.clone(), bets: vec![0; count], posts: Vec::new() };
        for at in 0..count {
            table.post(at, PostKind::Ante, self.ante);
        }
        if self.kind == HandKind::Ordinary {
            let [small, big] = if count == 2 { [0, 1] } else { [1, 2] };
            table.post(small, PostKind::SmallBlind, 1);
            table.post(big, PostKind::BigBlind, 2);
        }
        for (at, kind, amount) in &self.posts {
            table.post(*at, *kind, *amount);
        }
        table
    }

    fn rules(&self) -> HandRules {
        let ante = if self.kind == HandKind::Ordinary { Chips::new(self.ante) } else { Chips::ZERO };
        let (small_blind, big_blind) = (Chips::new(1), Chips::new(2));
        HandRules { book: RuleBook::current(self.variant), small_blind, big_blind, ante, button_blind: Chips::ZERO }
    }

    fn started(&self, table: &Chipped) -> Event {
        let seats = (0..self.stacks.len()).map(|at| DealtIn {
            seat: seat(at),
            user: user(at),
            stack: Chips::new(self.stacks[at]),
            chips: Chips::new(table.chips[at]),
            bet: Chips::new(table.bets[at]),
        });
        let mut started = Event::from(Happened::HandStarted(HandStarted {
            hand: HAND,
            number: 7,
            button: seat(0),
            rules: self.rules(),
            kind: self.kind,
            boards: self.boards as u8,
            posts: table.posts.clone(),
            seats: seats.collect(),
            pot: Chips::ZERO,
            timer: Some(timer()),
            commitment: None,
        }));
        let own = ["hearts_A", "spades_10", "clubs_7", "clubs_8"];
        let own = hole(&own[..self.variant.game().hole_cards.min(4)]);
        started.secret = Secret::Cards(vec![(user(0), own), (user(1), hole(&["diamonds_K", "diamonds_Q"]))]);
        started
    }

    fn completed(&self) -> Event {
        let boards = vec![cards(&BOARD); self.boards];
        let game = self.rules().game();
        let shown = self.shown.iter().map(|at| Shown::new(seat(*at), hole(&["clubs_A", "clubs_10"]), game, &boards));
        let stack = |at| FinalStack { seat: seat(at), user: user(at), chips: Chips::new(self.stacks[at]), net: 0 };
        let completed = HandCompleted {
            hand: HAND,
            variant: self.variant,
            boards: boards.clone(),
            winners: vec![Share { seat: seat(1), user: user(1), amount: Chips::ZERO, rank: None }],
            shown: shown.collect(),
            stacks: (0..self.stacks.len()).map(stack).collect(),
            next_hand_at: None,
        };
        Happened::HandCompleted(completed).into()
    }

    /// `seat action [bet]`, "out" for a fold out of turn; streets by their names, "!" for one on which nobody can bet.
    fn played(&self, script: &[&str]) -> RecordedHand {
        let mut table = self.posted();
        let mut events = vec![self.started(&table)];
        let mut street = 0;
        for line in script {
            let words: Vec<&str> = line.split(' ').collect();
            let Ok(at) = words[0].parse::<usize>() else {
                street += 1;
                table.bets.fill(0);
                let boards = vec![cards(&BOARD[..Street::ALL[street].board_len()]); self.boards];
                let timer = (!words[0].ends_with('!')).then(timer);
                let street = Street::ALL[street];
                events.push(Happened::StreetAdvanced { hand: HAND, street, boards, pots: Vec::new(), timer }.into());
                continue;
            };
            if let Some(to) = words.get(2) {
                let to: u64 = to.parse().unwrap();
                table.chips[at] -= to - table.bets[at];
                table.bets[at] = to;
            }
            let out = words[1] == "out";
            let acted = Acted {
                hand: HAND,
                user: user(at),
                seat: seat(at),
                street: Street::ALL[street],
                kind: if out { ActionKind::Fold } else { ActionKind::of_name(&words[1].to_uppercase()).unwrap() },
                amount: Chips::ZERO,
                chips: Chips::new(table.chips[at]),
                bet: Chips::new(table.bets[at]),
                pot: Chips::ZERO,
                auto: out,
                turn: (!out).then_some(1),
                returned: None,
                timer: None,
            };
            events.push(Happened::Acted(acted).into());
        }
        if self.ends {
            events.push(self.completed());
        }
        for (at, names) in &self.beside {
            let shown = Happened::CardsShown { hand: HAND, seat: seat(*at), user: user(*at), cards: cards(names) };
            events.push(shown.into());
        }
        let players = self.stacks.iter().enumerate();
        let players = players.map(|(at, stack)| (seat(at), user(at), format!("P{at}"), Chips::new(*stack)));
        RecordedHand {
            room: RoomId(Uuid::nil()),
            id: HAND,
            number: 7,
            started_at: DEALT_AT,
            completed_at: None,
            button: seat(0),
            rules: self.rules(),
            players: players.collect(),
            deck: Deck::shuffled(Pack::Full, |below| below / 3),
            seed: None,
            boards: vec![cards(&BOARD); self.boards],
            pot: Chips::ZERO,
            events: Committed::number(1, DEALT_AT, events),
        }
    }

    fn file(&self, script: &[&str]) -> Result<String, Unwritable> {
        let hand = self.played(script);
        let record = Record::new(&hand, Reader::Member(user(0)), "The \"Friday\" \\ game", 6)?;
        phh::write(&record)
    }

    fn fields(&self, script: &[&str]) -> toml::Table {
        self.file(script).unwrap().parse().unwrap()
    }

    /// The actions after the deal.
    fn lines(&self, script: &[&str]) -> Vec<String> {
        let fields = self.fields(script);
        let lines = fields["actions"].as_array().unwrap().iter().map(|line| line.as_str().unwrap().to_owned());
        lines.filter(|line| !line.starts_with("d dh")).collect()
    }

    fn comment(&self, script: &[&str]) -> Option<String> {
        self.fields(script).get("_comment").map(|comment| comment.as_str().unwrap().to_owned())
    }
}

#[test]
fn a_hand_is_written_from_the_left_of_the_button_with_the_readers_cards_and_nobody_elses() {
    let script = ["0 raise 6", "1 fold", "2 call 6", "flop", "2 raise 10", "0 fold"];
    let expected = r#"variant = "NT"
ante_trimming_status = true
antes = [0, 0, 0]
blinds_or_straddles = [1, 2, 0]
min_bet = 2
starting_stacks = [200, 200, 200]
actions = [
  "d dh p1 ????",
  "d dh p2 ????",
  "d dh p3 AhTs",
  "p3 cbr 6",
  "p1 f",
  "p2 cc",
  "d db 2c3c4c",
  "p2 cbr 10",
  "p3 f",
]
time = 09:05:07
time_zone = "UTC"
day = 24
month = 11
year = 2026
hand = 7
table = 'The "Friday" \ game'
seats = [2, 3, 1]
seat_count = 6
players = ["P1", "P2", "P0"]
finishing_stacks = [200, 200, 200]
winnings = [0, 0, 0]
"#;
    assert_eq!(table(&[200, 200, 200]).file(&script).unwrap(), expected);
}

#[test]
fn what_the_format_cannot_say_is_named() {
    let script = ["0 raise 6", "1 fold", "2 fold"];
    let game = |variant| Table { variant, ..table(&[200, 200, 200]) };
    assert_eq!(Table { ends: false, ..game(Variant::HoldEm) }.file(&script), Err(Unwritable::Running));
    assert_eq!(game(Variant::OmahaFive).file(&script), Err(Unwritable::Variant(Variant::OmahaFive)));
    assert_eq!(game(Variant::OmahaEight).file(&script), Err(Unwritable::Variant(Variant::OmahaEight)));
    assert_eq!(Table { boards: 2, ..game(Variant::HoldEm) }.file(&script), Err(Unwritable::Boards));
    assert!(Unwritable::Variant(Variant::OmahaEight).to_string().contains("plo8"));
}

#[test]
fn an_omaha_hand_has_four_cards() {
    let text = Table { variant: Variant::Omaha, ..table(&[200, 200, 200]) }.file(&["0 fold", "1 fold"]).unwrap();
    assert!(text.contains("variant = \"PO\""), "{text}");
    assert!(text.contains("d dh p1 ????????") && text.contains("d dh p3 AhTs7c8c"), "{text}");
}

#[test]
fn heads_up_all_in_hands_are_shown_before_the_board_runs_out() {
    let hand = Table { ante: 1, shown: vec![1], ..table(&[100, 3]) };
    let script = ["0 call 2", "flop!", "turn!", "river!"];
    assert_eq!(hand.lines(&script), ["p2 cc", "p1 sm AcTc", "p2 sm", "d db 2c3c4c", "d db 9h", "d db 2s"]);
    let fields = hand.fields(&script);
    assert_eq!(fields["blinds_or_straddles"].to_string(), "[1, 2]");
    assert_eq!(fields["starting_stacks"].to_string(), "[3, 100]");
}

#[test]
fn who_leaves_out_of_turn_folds_when_their_turn_comes_round() {
    // Seat 1 (p1, the small blind) leaves while the button thinks.
    let script = ["1 out", "0 call 2", "2 check", "flop", "2 check", "0 fold"];
    let hand = table(&[200, 200, 200]);
    assert_eq!(hand.lines(&script), ["p3 cc", "p1 f", "p2 cc", "d db 2c3c4c", "p2 cc", "p3 f"]);
    assert_eq!(hand.comment(&script), None);
}

#[test]
fn who_leaves_after_they_have_acted_folds_on_the_next_street_or_when_a_raise_asks_them_again() {
    let hand = table(&[200, 200, 200]);
    let next = ["0 call 2", "1 call 2", "1 out", "2 check", "flop", "2 check", "0 fold"];
    assert_eq!(hand.lines(&next), ["p3 cc", "p1 cc", "p2 cc", "d db 2c3c4c", "p1 f", "p2 cc", "p3 f"]);
    let raised = ["0 call 2", "1 call 2", "0 out", "2 raise 6", "1 call 6", "flop", "1 check", "2 raise 10", "1 fold"];
    let lines = ["p3 cc", "p1 cc", "p2 cbr 6", "p3 f", "p1 cc", "d db 2c3c4c", "p1 cc", "p2 cbr 10", "p1 f"];
    assert_eq!(hand.lines(&raised), lines);
    assert_eq!((hand.comment(&next), hand.comment(&raised)), (None, None));
}

#[test]
fn who_leaves_last_on_a_street_folds_at_its_end() {
    let script = ["0 call 2", "2 out", "1 call 2", "flop", "1 check", "0 fold"];
    assert_eq!(table(&[200, 200, 200]).lines(&script), ["p3 cc", "p1 cc", "p2 f", "d db 2c3c4c", "p1 cc", "p3 f"]);
}

#[test]
fn the_board_of_an_all_in_hand_runs_out_after_those_who_have_gone_have_folded() {
    // p3 is all-in, p1 has called and gone, p2 calls: on the flop p1 folds, and p2 has nobody to bet against.
    let hand = Table { shown: vec![2], ..table(&[20, 200, 200]) };
    let script = ["0 raise 20", "1 call 20", "1 out", "2 call 20", "flop!", "turn!", "river!"];
    let lines =
        ["p3 cbr 20", "p1 cc", "p2 cc", "d db 2c3c4c", "p1 f", "p2 cc", "p2 sm AcTc", "p3 sm", "d db 9h", "d db 2s"];
    assert_eq!(hand.lines(&script), lines);
    assert_eq!(hand.comment(&script), None);
}

#[test]
fn a_hand_that_a_departure_ends_before_the_player_to_act_has_acted_says_so() {
    let two = table(&[200, 200]);
    assert_eq!(two.lines(&["1 out"]), ["p1 f"]);
    assert!(two.comment(&["1 out"]).unwrap().contains("p1 left out of turn"));
    let three = table(&[200, 200, 200]).comment(&["0 raise 6", "0 out", "1 fold"]).unwrap();
    assert!(three.contains("p3 left out of turn"), "{three}");
}

#[test]
fn a_call_of_all_of_a_big_blind_that_was_short_is_named() {
    let short = Table { ante: 2, ..table(&[200, 200, 3]) };
    let called = short.comment(&["0 call 2", "1 call 2", "flop", "1 check", "0 fold"]).unwrap();
    assert!(called.contains("The big blind was short"), "{called}");
    assert_eq!(short.comment(&["0 raise 8", "1 fold"]), None);
}

#[test]
fn blinds_are_what_is_due_also_of_a_player_whom_the_ante_leaves_nothing() {
    let fields = Table { ante: 2, ..table(&[200, 200, 2]) }.fields(&["0 fold", "1 fold"]);
    assert_eq!(fields["antes"].to_string(), "[2, 2, 2]");
    assert_eq!(fields["blinds_or_straddles"].to_string(), "[1, 2, 0]");
    assert_eq!(fields["starting_stacks"].to_string(), "[200, 2, 200]");
}

#[test]
fn straddles_and_late_posts_are_where_the_format_has_them() {
    let four = [200, 200, 200, 200];
    let straddle = Table { posts: vec![(3, PostKind::Straddle, 4)], ..table(&four) };
    let folds = ["0 fold", "1 fold", "2 fold"];
    assert_eq!(straddle.fields(&folds)["blinds_or_straddles"].to_string(), "[1, 2, 4, 0]");
    assert_eq!(straddle.lines(&folds), ["p4 f", "p1 f", "p2 f"], "the straddler acts last");
    let posts = vec![(3, PostKind::PostedBigBlind, 2), (3, PostKind::DeadSmallBlind, 1)];
    let late = Table { posts, ..table(&four) }.fields(&["3 check", "0 fold", "1 fold", "2 fold"]);
    assert_eq!(late["blinds_or_straddles"].to_string(), "[1, 2, -2, 0]");
    assert_eq!(late["antes"].to_string(), "[0, 0, 1, 0]");
    assert_eq!(late["ante_trimming_status"].to_string(), "false");
}

#[test]
fn nobody_bets_before_the_flop_of_a_bomb_pot() {
    let bomb = Table { kind: HandKind::BombPot, ante: 10, ..table(&[200, 200, 10]) };
    let script = ["flop", "1 raise 20", "0 fold"];
    assert_eq!(bomb.fields(&script)["antes"].to_string(), "[10, 10, 10]");
    assert_eq!(bomb.fields(&script)["blinds_or_straddles"].to_string(), "[0, 0, 0]");
    assert_eq!(bomb.lines(&script)[..3], ["p1 cc", "p3 cc", "d db 2c3c4c"], "one of three is all-in");
    let bomb = Table { stacks: vec![200; 3], ..bomb };
    let lines = ["p1 cc", "p2 cc", "p3 cc", "d db 2c3c4c", "p1 cbr 20", "p2 f", "p3 f"];
    assert_eq!(bomb.lines(&["flop", "1 raise 20", "2 fold", "0 fold"]), lines);
}

#[test]
fn a_bluff_that_was_shown_is_known() {
    let hand = Table { beside: vec![(1, &["diamonds_K"]), (2, &["spades_7", "clubs_7"])], ..table(&[200, 200, 200]) };
    let text = hand.file(&["0 fold", "1 fold"]).unwrap();
    assert!(text.contains("\"d dh p1 Kd??\"") && text.contains("\"d dh p2 7s7c\""), "{text}");
}
