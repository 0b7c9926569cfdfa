//! I-5: hand numbers are dense, one hand at a time, none vanishes; boards only grow, no card is there twice, and a player's own
//! cards stay what they were, whatever crashed in between.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::card;
use crate::dump::RoomDump;
use crate::event::{HandCompleted, HandStarted, Logged, What};
use crate::verdict::{Findings, Invariant};

/// Of hands whose event names no rule book.
const OLDEST_RULES: &str = "nlhe/1";

/// What is public of a hand, and since which event.
#[derive(Debug)]
pub struct Hand {
    /// Its number in the game.
    pub number: u64,
    /// Its rule book.
    pub rules: String,
    /// Its button's place.
    button: u8,
    /// Who was dealt in, by seat.
    pub players: BTreeMap<u8, Uuid>,
    /// How many cards were on each board from an event on.
    lengths: Vec<(u64, usize)>,
    /// The boards so far.
    pub boards: Vec<Vec<String>>,
    /// The event that ended it.
    pub completed: Option<u64>,
    /// What was shown then, by seat.
    pub shown: BTreeMap<u8, Vec<String>>,
    /// How often the missing cards are to be run, once that is decided.
    runs: Option<u8>,
    /// The whole board of each run, and since which event it is public.
    pub run_boards: Vec<(u64, Vec<String>)>,
    /// Cards that players showed after the end, each since an event.
    pub later: Vec<(u64, u8, String)>,
    /// Who asked what would have come, and what everybody was told of it.
    pub hunted: BTreeMap<Uuid, Option<Vec<Vec<String>>>>,
}

impl Hand {
    /// What is wrong with boards that are said to be what would have come.
    pub fn lies(&self, boards: &[Vec<String>]) -> Vec<String> {
        let mut wrong = Vec::new();
        let goes_on = |(board, before): (&Vec<String>, &Vec<String>)| board.len() == 5 && board.starts_with(before);
        if boards.len() != self.boards.len() || !boards.iter().zip(&self.boards).all(goes_on) {
            wrong.push(format!("{boards:?} would have come, the boards were {:?}", self.boards));
        }
        wrong.extend(card::twice(boards.iter().flatten()).map(|card| format!("{card} would have come twice")));
        wrong
    }

    /// The boards after the event `seq`.
    pub fn boards_at(&self, seq: u64) -> Vec<&[String]> {
        let length = self.lengths.iter().rev().find(|(since, _)| *since <= seq).map_or(0, |(_, length)| *length);
        self.boards.iter().map(|board| &board[..length.min(board.len())]).collect()
    }

    /// What a document shows as the boards after the event `seq`: those of the runs, once one was dealt.
    pub fn told_boards_at(&self, seq: u64) -> Vec<&[String]> {
        let runs = self.run_boards.iter().filter(|(since, _)| *since <= seq);
        let runs: Vec<_> = runs.map(|(_, board)| board.as_slice()).collect();
        if runs.is_empty() { self.boards_at(seq) } else { runs }
    }

    /// Whether a card is on the board, or on one of the runs', after the event `seq`.
    pub fn is_on_board_at(&self, seq: u64, card: &str) -> bool {
        let runs = self.run_boards.iter().filter(|(since, _)| *since <= seq);
        let boards = self.boards_at(seq);
        boards.into_iter().flatten().chain(runs.flat_map(|(_, board)| board)).any(|public| public == card)
    }

    /// Whether a seat has shown a card by the event `seq`.
    pub fn is_shown_at(&self, seq: u64, seat: u8, card: &str) -> bool {
        let at_the_end = self.completed.is_some_and(|completed| completed <= seq);
        let shown = self.shown.get(&seat).filter(|_| at_the_end);
        let later = self.later.iter().any(|(since, of, shown)| *since <= seq && *of == seat && shown == card);
        later || shown.is_some_and(|shown| shown.iter().any(|shown| shown == card))
    }

    /// The seat of somebody who was dealt in.
    pub fn seat_of(&self, user: Uuid) -> Option<u8> {
        self.players.iter().find(|(_, player)| **player == user).map(|(seat, _)| *seat)
    }
}

/// The hands of a room.
#[derive(Debug)]
pub struct Hands {
    room: Uuid,
    /// All of them.
    pub all: BTreeMap<Uuid, Hand>,
    /// The hand being played, or the last one.
    pub last: Option<Uuid>,
    /// The street of the hand being played; `complete` afterwards.
    pub phase: String,
}

impl Hands {
    /// None yet.
    pub fn new(room: Uuid) -> Self {
        Self { room, all: BTreeMap::new(), last: None, phase: String::new() }
    }

    /// The hand being played.
    pub fn live(&self) -> Option<Uuid> {
        self.last.filter(|_| self.phase != "complete")
    }

    /// Hands dealt so far.
    pub fn number(&self) -> u64 {
        self.last.and_then(|last| self.all.get(&last)).map_or(0, |hand| hand.number)
    }

    /// Takes in an event.
    pub fn see(&mut self, event: &Logged, findings: &mut Findings) {
        let seq = event.seq;
        let mut wrongs = Vec::new();
        if event.hand != event.what.hand() {
            wrongs.push(format!("the column hand_id has {:?}, the event {:?}", event.hand, event.what.hand()));
        }
        match (&event.what, event.what.hand()) {
            (What::HandStarted(started), _) => wrongs.extend(self.start(started)),
            (What::CardsShown { hand, seat, user, cards }, _) => {
                wrongs.extend(self.show(seq, *hand, (*seat, *user), cards))
            }
            (What::RabbitShown { hand, user, boards }, _) => wrongs.extend(self.hunt(*hand, *user, boards.as_ref())),
            (What::BountyPaid(paid), _) if Some(paid.hand) == self.last && self.live().is_none() => {}
            (_, Some(hand)) if Some(hand) != self.live() => {
                wrongs.push(format!("hand {hand} goes on, and isn't the one being played"));
            }
            (What::Acted(acted), _) if acted.street != self.phase => {
                wrongs.push(format!("an action on the {} during the {}", acted.street, self.phase));
            }
            (What::StreetAdvanced(next), _) => wrongs.extend(self.advance(seq, &next.street, &next.boards())),
            (What::RunsDecided { runs, .. }, _) => wrongs.extend(self.decide(*runs)),
            (What::RunDealt { run, board, .. }, _) => wrongs.extend(self.run(seq, *run, board)),
            (What::HandCompleted(done), _) => wrongs.extend(self.complete(seq, done)),
            _ => {}
        }
        for say in wrongs {
            findings.at(Invariant::Hands, self.room, seq, say);
        }
    }

    fn start(&mut self, started: &HandStarted) -> Vec<String> {
        let mut wrong = Vec::new();
        if let Some(live) = self.live() {
            wrong.push(format!("a hand starts while {live} is being played: it has vanished"));
        }
        if started.number != self.number() + 1 {
            wrong.push(format!("hand {} follows hand {}", started.number, self.number()));
        }
        let hand = Hand {
            number: started.number,
            rules: started.rules.clone().unwrap_or_else(|| OLDEST_RULES.to_owned()),
            button: started.button,
            players: started.seats.iter().map(|seat| (seat.seat, seat.user)).collect(),
            lengths: Vec::new(),
            boards: vec![Vec::new(); started.board_count()],
            completed: None,
            shown: BTreeMap::new(),
            runs: None,
            run_boards: Vec::new(),
            later: Vec::new(),
            hunted: BTreeMap::new(),
        };
        if hand.players.len() < 2 || hand.players.len() != started.seats.len() {
            wrong.push(format!("{} seats are dealt in", started.seats.len()));
        }
        if self.all.insert(started.hand, hand).is_some() {
            wrong.push(format!("hand {} starts twice", started.hand));
        }
        self.last = Some(started.hand);
        self.phase = "preflop".to_owned();
        wrong
    }

    fn advance(&mut self, seq: u64, street: &str, boards: &[Vec<String>]) -> Vec<String> {
        let Some(hand) = self.last.and_then(|last| self.all.get_mut(&last)) else { return Vec::new() };
        let (after, length) = match street {
            "flop" => ("preflop", 3),
            "turn" => ("flop", 4),
            _ => ("turn", 5),
        };
        let mut wrong = Vec::new();
        if self.phase != after {
            wrong.push(format!("the {street} comes after the {}", self.phase));
        }
        if boards.len() != hand.boards.len() {
            wrong.push(format!("there are {} boards, and should be {}", boards.len(), hand.boards.len()));
        }
        for (board, before) in boards.iter().zip(&hand.boards) {
            if board.len() != length {
                wrong.push(format!("{} cards are on the board on the {street}", board.len()));
            }
            if !board.starts_with(before) {
                wrong.push(format!("the board was {before:?} and is {board:?}"));
            }
        }
        wrong.extend(card::twice(boards.iter().flatten()).map(|card| format!("{card} is on the board twice")));
        hand.boards = boards.to_vec();
        hand.lengths.push((seq, length));
        self.phase = street.to_owned();
        wrong
    }

    fn last_mut(&mut self) -> Option<&mut Hand> {
        self.last.and_then(|last| self.all.get_mut(&last))
    }

    fn decide(&mut self, runs: u8) -> Vec<String> {
        let Some(hand) = self.last_mut() else { return Vec::new() };
        match hand.runs.replace(runs) {
            Some(before) => vec![format!("{runs} runs are decided, and it were {before} before")],
            None if !(1..=3).contains(&runs) => vec![format!("{runs} runs are decided")],
            None => Vec::new(),
        }
    }

    /// Each run has the cards that were there before, and otherwise none that another one has.
    fn run(&mut self, seq: u64, run: u8, board: &[String]) -> Vec<String> {
        let Some(hand) = self.last_mut() else { return Vec::new() };
        let mut wrong = Vec::new();
        if usize::from(run) != hand.run_boards.len() || hand.runs.is_none_or(|runs| run >= runs) {
            wrong.push(format!("run {run} comes after {} of {:?}", hand.run_boards.len(), hand.runs));
        }
        if board.len() != 5 || !board.starts_with(&hand.boards[0]) {
            wrong.push(format!("run {run} is {board:?}, the board was {:?}", hand.boards[0]));
        }
        let shared = hand.boards[0].len().min(board.len());
        let others = hand.run_boards.iter().flat_map(|(_, other)| other.iter().skip(shared));
        wrong.extend(card::twice(others.chain(board)).map(|card| format!("{card} comes in two runs")));
        hand.run_boards.push((seq, board.to_vec()));
        wrong
    }

    fn show(&mut self, seq: u64, id: Uuid, (seat, user): (u8, Uuid), cards: &[String]) -> Vec<String> {
        let is_over = self.phase == "complete" && self.last == Some(id);
        let Some(hand) = self.last_mut().filter(|_| is_over) else {
            return vec![format!("seat {seat} shows cards of a hand that isn't the last one, or isn't over")];
        };
        let mut wrong = Vec::new();
        if hand.players.get(&seat) != Some(&user) {
            wrong.push(format!("{user} shows the cards of seat {seat}"));
        }
        wrong.extend(card::twice(cards).map(|card| format!("{card} is shown twice at once")));
        if cards.iter().all(|card| hand.is_shown_at(seq, seat, card)) {
            wrong.push(format!("seat {seat} shows nothing that it hasn't shown before"));
        }
        hand.later.extend(cards.iter().map(|card| (seq, seat, card.clone())));
        wrong
    }

    /// What would have come is told after a hand that all others have folded before its board was complete.
    fn hunt(&mut self, id: Uuid, user: Uuid, boards: Option<&Vec<Vec<String>>>) -> Vec<String> {
        let is_over = self.phase == "complete" && self.last == Some(id);
        let Some(hand) = self.last_mut().filter(|_| is_over) else {
            return vec![format!(
                "{user} is told what would have come in a hand that isn't the last one, or isn't over"
            )];
        };
        let mut wrong = Vec::new();
        if hand.seat_of(user).is_none() {
            wrong.push(format!("{user} is told what would have come, and wasn't dealt in"));
        }
        if hand.boards[0].len() == 5 || !hand.shown.is_empty() {
            wrong.push("nothing more would have come".to_owned());
        }
        wrong.extend(boards.into_iter().flat_map(|boards| hand.lies(boards)));
        let before = hand.hunted.insert(user, boards.cloned());
        if before.is_some() {
            wrong.push(format!("{user} is told twice what would have come"));
        }
        if hand.hunted.values().any(|told| told.as_ref() != boards) {
            wrong.push("two are told different cards that would have come".to_owned());
        }
        wrong
    }

    fn complete(&mut self, seq: u64, done: &HandCompleted) -> Vec<String> {
        let Some(hand) = self.last.and_then(|last| self.all.get_mut(&last)) else { return Vec::new() };
        let mut wrong = Vec::new();
        if let Some(runs) = hand.runs {
            let told = done.boards();
            let dealt: Vec<Vec<String>> = hand.run_boards.iter().map(|(_, board)| board.clone()).collect();
            if told != dealt || dealt.len() != usize::from(runs) {
                wrong.push(format!("{runs} runs were decided, {dealt:?} dealt, and the hand ends with {told:?}"));
            }
            hand.boards = vec![dealt.into_iter().next().unwrap_or_default()];
            hand.lengths.push((hand.run_boards.first().map_or(seq, |(since, _)| *since), hand.boards[0].len()));
        }
        let told = if hand.runs.is_some() { vec![done.board.clone()] } else { done.boards() };
        if told != hand.boards {
            wrong.push(format!("the board was {:?} and is {told:?} at the end", hand.boards));
        }
        let shown = done.shown.iter().flat_map(|shown| &shown.cards);
        wrong.extend(
            card::twice(shown.chain(hand.boards.iter().flatten())).map(|card| format!("{card} is there twice")),
        );
        hand.completed = Some(seq);
        hand.shown = done.shown.iter().map(|shown| (shown.seat, shown.cards.clone())).collect();
        if hand.shown.keys().any(|seat| !hand.players.contains_key(seat)) {
            wrong.push("somebody shows who wasn't dealt in".to_owned());
        }
        self.phase = "complete".to_owned();
        wrong
    }

    /// Compares the log with the tables.
    pub fn finish(&self, dump: &RoomDump, findings: &mut Findings) {
        let mut wrong = |say: String| findings.room(Invariant::Hands, self.room, say);
        if dump.hands.len() != self.all.len() {
            wrong(format!("{} hands are stored, the log has {}", dump.hands.len(), self.all.len()));
        }
        for row in &dump.hands {
            let number = row.hand_number;
            let Some(hand) = self.all.get(&row.id) else {
                wrong(format!("hand {number} is stored, and isn't in the log"));
                continue;
            };
            if hand.number != number || row.completed_at.is_some() != hand.completed.is_some() {
                wrong(format!("hand {number} is stored in another state than the log tells"));
            }
            if row.board.as_ref().is_some_and(|board| Some(board) != hand.boards.first()) {
                wrong(format!("hand {number} is stored with another board than the log tells"));
            }
            if row.rules != hand.rules {
                wrong(format!("hand {number} is stored with the rule book {}, told was {}", row.rules, hand.rules));
            }
            let runs = row.house.as_ref().and_then(|house| house.runs);
            if runs != hand.runs {
                wrong(format!("hand {number} is stored with {runs:?} runs, told were {:?}", hand.runs));
            }
            if row.button_seat != hand.button {
                wrong(format!("hand {number} is stored with another button than the log tells"));
            }
        }
        let dealt: usize = self.all.values().map(|hand| hand.players.len()).sum();
        let stored = |row: &&crate::dump::PlayerRow| {
            let hand = self.all.get(&row.hand_id);
            hand.is_some_and(|hand| hand.players.get(&row.seat_index) == Some(&row.user_id)) && row.stack > 0
        };
        let agreed = dump.players.iter().filter(stored).count();
        if (dealt, dealt) != (dump.players.len(), agreed) {
            wrong(format!("{dealt} players were dealt in, {} are stored, {agreed} of them right", dump.players.len()));
        }
    }

    /// Compares what players have seen of their own cards with each other and with what became public.
    pub fn check_cards(&self, own: &BTreeMap<(Uuid, Uuid), Vec<String>>, findings: &mut Findings) {
        for (id, hand) in &self.all {
            let mut all: Vec<&String> = hand.boards.iter().flatten().collect();
            let is_on_a_board = |card: &&String| hand.boards.iter().flatten().any(|other| other == *card);
            for (&seat, &user) in &hand.players {
                let known = own.get(&(*id, user));
                if let (Some(known), Some(shown)) = (known, hand.shown.get(&seat))
                    && known != shown
                {
                    let say = format!("seat {seat} had {known:?} in hand {} and showed {shown:?}", hand.number);
                    findings.room(Invariant::Hands, self.room, say);
                }
                let later = hand.later.iter().filter(|(_, of, _)| *of == seat).map(|(.., card)| card);
                if let Some(lie) = known.and_then(|known| later.clone().find(|card| !known.contains(card))) {
                    let say = format!("seat {seat} had {known:?} in hand {} and showed {lie}", hand.number);
                    findings.room(Invariant::Hands, self.room, say);
                }
                let shown: Vec<&String> = match known.or_else(|| hand.shown.get(&seat)) {
                    Some(cards) => cards.iter().collect(),
                    None => later.collect::<std::collections::BTreeSet<_>>().into_iter().collect(),
                };
                all.extend(shown);
            }
            all.extend(
                hand.run_boards.iter().skip(1).flat_map(|(_, board)| board.iter().filter(|card| !is_on_a_board(card))),
            );
            let would_have_come = hand.hunted.values().flatten().next();
            all.extend(would_have_come.into_iter().flatten().flatten().filter(|card| !is_on_a_board(card)));
            if let Some(card) = card::twice(all) {
                findings.room(Invariant::Hands, self.room, format!("{card} is twice in hand {}", hand.number));
            }
        }
    }
}
