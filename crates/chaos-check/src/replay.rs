//! I-3: the log alone tells the state. Folded to its end it must give what is stored, and folded to any event it must give the
//! documents that were read there.

use serde_json::Value;
use uuid::Uuid;

use crate::chips::Chips;
use crate::dump::RoomDump;
use crate::event::{Logged, Settings, What};
use crate::hands::Hands;
use crate::people::{People, Standing};
use crate::seats::Seats;
use crate::turns::Turns;
use crate::verdict::{Findings, Invariant, Place, Violation};

/// Where the game stands, and what was chosen for it.
#[derive(Debug)]
pub struct Game {
    /// As the tables call it.
    pub status: &'static str,
    settings: Option<Settings>,
}

impl Default for Game {
    fn default() -> Self {
        Self { status: "waiting", settings: None }
    }
}

impl Game {
    /// Takes in an event.
    pub fn see(&mut self, event: &Logged) {
        match &event.what {
            What::GameStarted { .. } | What::GameResumed { .. } => self.status = "active",
            What::GamePaused { .. } => self.status = "paused",
            What::GameEnded { .. } => self.status = "completed",
            What::SettingsChanged { settings } => self.settings = Some(settings.clone()),
            _ => {}
        }
    }
}

/// A room, folded up to some event.
#[derive(Debug)]
pub struct Folded<'a> {
    /// Its id.
    pub room: Uuid,
    /// Its people.
    pub people: People,
    /// Its chips.
    pub chips: Chips<'a>,
    /// Its hands.
    pub hands: Hands,
    /// Its turns.
    pub turns: Turns<'a>,
    /// Its seats.
    pub seats: Seats<'a>,
    /// Its game.
    pub game: Game,
}

/// A document that a client got, or as much of it as can be compared.
#[derive(Clone, Debug)]
pub struct Read {
    /// After which event it was read.
    pub seq: u64,
    /// Where its answer is.
    pub place: Place,
    game_status: Option<String>,
    hand_number: Option<u64>,
    host: Option<String>,
    hand: Option<String>,
    phase: Option<String>,
    pot: i64,
    board: Vec<String>,
    /// Absent in documents from before there were two.
    boards: Option<Vec<Vec<String>>>,
    turn: Option<u64>,
    actor: Option<u64>,
    /// Seat, user, chips, bet.
    seats: Vec<(u64, String, i64, i64)>,
}

impl Read {
    /// What a hydration document says.
    pub fn of(document: &Value, place: Place) -> Option<Self> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let seat = |seat: &Value| {
            let number = |field: &str| seat[field].as_i64().unwrap_or(0);
            Some((seat["seat_index"].as_u64()?, text(&seat["user_id"])?, number("chips"), number("bet")))
        };
        Some(Self {
            seq: document["seq"].as_u64()?,
            place,
            game_status: text(&document["game"]["status"]),
            hand_number: document["game"]["hand_number"].as_u64(),
            host: text(&document["room"]["host_id"]),
            hand: text(&document["hand"]["id"]),
            phase: text(&document["hand"]["phase"]),
            pot: document["hand"]["pot"].as_i64().unwrap_or(0),
            board: crate::card::list(&document["hand"]["board"]),
            boards: document["hand"]["boards"].as_array().map(|all| all.iter().map(crate::card::list).collect()),
            turn: document["timer"]["turn"].as_u64(),
            actor: document["timer"]["actor_seat"].as_u64(),
            seats: document["seats"].as_array().into_iter().flatten().filter_map(seat).collect(),
        })
    }
}

impl Folded<'_> {
    /// Compares a document with the log up to the event after which it was read.
    pub fn compare(&self, read: &Read, findings: &mut Findings) {
        let mut wrong = Vec::new();
        let mut same = |what: &str, told: String, said: String| {
            if told != said {
                wrong.push(format!("{what}: the log tells {told}, the document {said}"));
            }
        };
        let last = self.hands.last.and_then(|last| self.hands.all.get(&last));
        same("game", self.game.status.to_owned(), read.game_status.clone().unwrap_or_default());
        same("hands", self.hands.number().to_string(), read.hand_number.unwrap_or(0).to_string());
        same("host", text(self.people.host()), read.host.clone().unwrap_or_default());
        same("hand", text(self.hands.last), read.hand.clone().unwrap_or_default());
        same("phase", self.hands.phase.clone(), read.phase.clone().unwrap_or_default());
        same("pot", self.chips.pot().to_string(), read.pot.to_string());
        let boards = last.map_or_else(Vec::new, |hand| hand.told_boards_at(read.seq));
        let board = boards.first().copied().unwrap_or_default();
        same("board", format!("{board:?}"), format!("{:?}", read.board));
        if let Some(told) = &read.boards {
            same("boards", format!("{boards:?}"), format!("{told:?}"));
        }
        let pending = self.turns.pending.as_ref();
        let turn = (pending.map(|turn| turn.turn), pending.map(|turn| u64::from(turn.actor)));
        same("turn", format!("{turn:?}"), format!("{:?}", (read.turn, read.actor)));
        let seats = self
            .chips
            .stacks
            .iter()
            .map(|(seat, stack)| (u64::from(*seat), stack.user.to_string(), stack.chips, self.chips.bet(*seat)));
        same("seats", format!("{:?}", seats.collect::<Vec<_>>()), format!("{:?}", read.seats));
        for say in wrong {
            let (invariant, place) = (Invariant::Replay, Some(read.place.clone()));
            findings.add(Violation { invariant, room: Some(self.room), seq: Some(read.seq), say, place });
        }
    }

    /// Compares the end of the log with what is stored.
    pub fn finish(&self, dump: &RoomDump, findings: &mut Findings) {
        let mut wrong = |say: String| findings.room(Invariant::Replay, self.room, say);
        let (Some(room), Some(game), Some(state)) = (&dump.room, &dump.game, &dump.state) else {
            return wrong("the room, its game or its state isn't stored".to_owned());
        };
        if Some(room.host_id) != self.people.host() {
            wrong(format!("the log's host is {:?}, the stored one {}", self.people.host(), room.host_id));
        }
        let closed = if self.game.status == "completed" { "closed" } else { "open" };
        if (room.status.as_str(), game.status.as_str()) != (closed, self.game.status) {
            wrong(format!("the log's game is {}, the stored one {} ({})", self.game.status, game.status, room.status));
        }
        if self.game.settings.as_ref().is_some_and(|settings| *settings != room.settings) {
            wrong("the stored settings are not those of the log".to_owned());
        }
        if game.hand_number != self.hands.number() || state.current_hand_id != self.hands.last {
            wrong(format!("the log has {} hands, stored are {}", self.hands.number(), game.hand_number));
        }
        let turn = self.turns.pending.as_ref().map(|turn| turn.actor);
        if (state.turn_number, state.turn_seat) != (self.turns.number, turn) {
            let stored = (state.turn_number, state.turn_seat);
            wrong(format!("the log's turn is {:?}, the stored one {stored:?}", (self.turns.number, turn)));
        }
        self.finish_seats(dump, &mut wrong);
        self.finish_people(dump, &mut wrong);
    }

    fn finish_seats(&self, dump: &RoomDump, wrong: &mut impl FnMut(String)) {
        for row in &dump.seats {
            let name = row.user_id.and_then(|user| dump.members.get(&user)).map(|member| &member.display_name);
            if name != row.display_name.as_ref() {
                wrong(format!("seat {} has the name {:?}, its player {name:?}", row.seat_index, row.display_name));
            }
            let seat = row.seat_index;
            let stack = self.chips.stacks.get(&seat);
            // During a hand the seat keeps what its user had at the start.
            let chips = self.chips.at_start_of_hand(seat).or(stack.map(|stack| stack.chips)).unwrap_or(0);
            let told =
                (self.seats.taken.get(&seat).map_or("empty", |seat| seat.status()), stack.map(|stack| stack.user));
            let stored = (row.status.as_str(), row.user_id);
            if told != stored || chips != row.chips {
                wrong(format!(
                    "seat {seat}: the log tells {told:?} with {chips}, stored is {stored:?} with {}",
                    row.chips
                ));
            }
        }
        let beyond = self.chips.stacks.keys().find(|seat| !dump.seats.iter().any(|row| row.seat_index == **seat));
        if let Some(seat) = beyond {
            wrong(format!("seat {seat} isn't stored"));
        }
    }

    fn finish_people(&self, dump: &RoomDump, wrong: &mut impl FnMut(String)) {
        for (user, row) in &dump.members {
            let fits = match self.people.standing.get(user) {
                Some(Standing::Pending) => row.status == "pending",
                Some(Standing::Approved) => row.status == "approved",
                // A host may still remove or ban somebody who is gone, which nobody needs to hear of.
                Some(Standing::Rejected) => ["rejected", "kicked", "banned"].contains(&row.status.as_str()),
                Some(Standing::Left) => ["left", "kicked", "banned"].contains(&row.status.as_str()),
                Some(Standing::Kicked) => ["kicked", "banned"].contains(&row.status.as_str()),
                None => false,
            };
            if !fits {
                let told = self.people.standing.get(user);
                wrong(format!("{user}: the log tells {told:?}, stored is {}", row.status));
            }
            let waiting = self.chips.waiting.get(user).copied().unwrap_or(0);
            if waiting != row.waiting_chips {
                wrong(format!("{waiting} chips wait for {user} by the log, {} are stored", row.waiting_chips));
            }
        }
        let stored: std::collections::BTreeSet<Uuid> = dump.spectators.iter().copied().collect();
        if stored != self.people.watching {
            wrong(format!("the log's spectators are {:?}, the stored ones {stored:?}", self.people.watching));
        }
        if let Some(user) = self.people.standing.keys().find(|user| !dump.members.contains_key(user)) {
            wrong(format!("{user} is no stored member"));
        }
    }
}

fn text(id: Option<Uuid>) -> String {
    id.map(|id| id.to_string()).unwrap_or_default()
}
