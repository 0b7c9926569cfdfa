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
    /// How many cards were on the board from an event on.
    pub boards: Vec<(u64, usize)>,
    /// The board so far.
    pub board: Vec<String>,
    /// The event that ended it.
    pub completed: Option<u64>,
    /// What was shown then, by seat.
    pub shown: BTreeMap<u8, Vec<String>>,
}

impl Hand {
    /// The board after the event `seq`.
    pub fn board_at(&self, seq: u64) -> &[String] {
        let length = self.boards.iter().rev().find(|(since, _)| *since <= seq).map_or(0, |(_, length)| *length);
        &self.board[..length.min(self.board.len())]
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
            (_, Some(hand)) if Some(hand) != self.live() => {
                wrongs.push(format!("hand {hand} goes on, and isn't the one being played"));
            }
            (What::Acted(acted), _) if acted.street != self.phase => {
                wrongs.push(format!("an action on the {} during the {}", acted.street, self.phase));
            }
            (What::StreetAdvanced { street, board, .. }, _) => wrongs.extend(self.advance(seq, street, board)),
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
            boards: Vec::new(),
            board: Vec::new(),
            completed: None,
            shown: BTreeMap::new(),
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

    fn advance(&mut self, seq: u64, street: &str, board: &[String]) -> Vec<String> {
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
        if board.len() != length {
            wrong.push(format!("{} cards are on the board on the {street}", board.len()));
        }
        if !board.starts_with(&hand.board) {
            wrong.push(format!("the board was {:?} and is {board:?}", hand.board));
        }
        wrong.extend(card::twice(board).map(|card| format!("{card} is on the board twice")));
        hand.board = board.to_vec();
        hand.boards.push((seq, board.len()));
        self.phase = street.to_owned();
        wrong
    }

    fn complete(&mut self, seq: u64, done: &HandCompleted) -> Vec<String> {
        let Some(hand) = self.last.and_then(|last| self.all.get_mut(&last)) else { return Vec::new() };
        let mut wrong = Vec::new();
        if done.board != hand.board {
            wrong.push(format!("the board was {:?} and is {:?} at the end", hand.board, done.board));
        }
        let shown = done.shown.iter().flat_map(|shown| &shown.cards);
        wrong.extend(card::twice(shown.chain(&hand.board)).map(|card| format!("{card} is there twice")));
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
            if row.board.as_ref().is_some_and(|board| *board != hand.board) {
                wrong(format!("hand {number} is stored with another board than the log tells"));
            }
            if row.rules != hand.rules {
                wrong(format!("hand {number} is stored with the rule book {}, told was {}", row.rules, hand.rules));
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
            let mut all: Vec<&String> = hand.board.iter().collect();
            for (&seat, &user) in &hand.players {
                let known = own.get(&(*id, user));
                if let (Some(known), Some(shown)) = (known, hand.shown.get(&seat))
                    && known != shown
                {
                    let say = format!("seat {seat} had {known:?} in hand {} and showed {shown:?}", hand.number);
                    findings.room(Invariant::Hands, self.room, say);
                }
                all.extend(known.or_else(|| hand.shown.get(&seat)).into_iter().flatten());
            }
            if let Some(card) = card::twice(all) {
                findings.room(Invariant::Hands, self.room, format!("{card} is twice in hand {}", hand.number));
            }
        }
    }
}
