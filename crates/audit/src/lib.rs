//! Is what is stored what the rules make of it? Every hand is played again from its deck and actions, and every event, row and
//! chip is compared with that.
//!
//! [`audit_room`] reads one room through the [`Archive`], a part of its log at a time; [`RoomAudit`] holds what follows from the
//! log so far and knows nothing of where it comes from. A room's audit ends at its first difference: what comes after it may be
//! nothing but its consequence.
//!
//! `room` folds the log, with `hand` for the hand that is played, `people`, `banks` and `blinds` for those who play, and `terms` for the
//! settings; `stands` compares how the room stands, with `tokens`; `service` compares what is stored of no room alone.

// An event, a rule, a reason or a state that is added has to be thought of wherever one is handled.
#![warn(clippy::wildcard_enum_match_arm)]

mod banks;
mod blinds;
mod compare;
mod hand;
mod people;
mod room;
mod service;
mod stands;
mod terms;
mod tokens;

use std::fmt;

use domain::event::Writes;
use domain::ids::{HandId, RoomId};
use domain::room::Lifetimes;
use ports::store::{
    ActionRecord, Archive, EntryRecord, EventRecord, HandRecord, LogRecords, RoomArchive, RoomRecord, StoreError,
};

pub use room::RoomAudit;
pub use service::{WrongReply, audit_outages, audit_replies};

/// How many numbers of a log are read at once.
const PAGE: u32 = 500;

/// Where what is stored isn't what the rules say. Names no card that the database doesn't hold in clear, and no token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The number of the hand, if it is in one.
    pub hand: Option<u64>,
    /// The number of the event, unless it is in how the room stands.
    pub seq: Option<u64>,
    /// What differs.
    pub what: String,
    /// What the engine, or the other rows, say.
    pub expected: String,
    /// What is stored.
    pub stored: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(hand) = self.hand {
            write!(f, "hand {hand}, ")?;
        }
        if let Some(seq) = self.seq {
            write!(f, "seq {seq}, ")?;
        }
        write!(f, "{}: the engine says {}, stored is {}", self.what, self.expected, self.stored)
    }
}

/// What came of a room's audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomReport {
    /// The room's code.
    pub code: String,
    /// Hands that were played again.
    pub hands: u64,
    /// Events that were compared.
    pub events: u64,
    /// Of them: those of a later version, which were not judged.
    pub foreign: Option<Foreign>,
    /// The first difference.
    pub difference: Option<Difference>,
}

/// Events of a later version in a room's log. What they did is taken as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foreign {
    /// How many there are.
    pub count: u64,
    /// The number of the first one.
    pub first: u64,
    /// Its name.
    pub name: String,
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { count, first, name } = self;
        let events = if *count == 1 { "1 event" } else { &format!("{count} events") };
        write!(f, "{events} of a later version not judged, from seq {first} on ({name:?})")
    }
}

/// Compares all of a room, as of one instant. Its memory is bounded, however much was played. `lifetimes` are those of the server's
/// settings; for `clock_was_set` see [`RoomAudit::clock_was_set`].
///
/// # Errors
///
/// - The database's; [`StoreError::Missing`] if there is no such room. Rows that can't be are a difference.
pub async fn audit_room(
    archive: &dyn Archive,
    id: RoomId,
    lifetimes: &Lifetimes,
    clock_was_set: bool,
) -> Result<RoomReport, StoreError> {
    let mut rows = archive.open(id).await?;
    let room = match rows.room().await {
        Ok(room) => room,
        Err(err) => {
            let difference = Some(unreadable(err, None, None)?);
            return Ok(RoomReport { code: id.to_string(), hands: 0, events: 0, foreign: None, difference });
        }
    };
    let mut audit = RoomAudit::new(&room);
    if clock_was_set {
        audit.clock_was_set();
    }
    let difference = compare(&mut audit, &mut *rows, &room, lifetimes).await?.err();
    let foreign = audit.foreign().cloned();
    Ok(RoomReport { code: room.code, hands: audit.hands(), events: audit.seq(), foreign, difference })
}

async fn compare(
    audit: &mut RoomAudit,
    rows: &mut dyn RoomArchive,
    room: &RoomRecord,
    lifetimes: &Lifetimes,
) -> Result<Result<(), Difference>, StoreError> {
    while audit.seq() < room.last {
        if let Err(difference) = go_on(audit, rows, PAGE).await? {
            return Ok(Err(difference));
        }
    }
    Ok(audit.stands_as(room, lifetimes))
}

/// Compares what is stored under the next `count` numbers.
///
/// # Errors
///
/// - The database's.
pub async fn go_on(
    audit: &mut RoomAudit,
    rows: &mut dyn RoomArchive,
    count: u32,
) -> Result<Result<(), Difference>, StoreError> {
    let log = match rows.log(audit.seq(), count).await {
        Ok(log) => log,
        Err(err) => return Ok(Err(unreadable(err, None, Some(audit.seq() + 1))?)),
    };
    for group in Grouped::new(log) {
        let hand = match group.hand() {
            Some(id) => match rows.hand(id).await {
                Ok(hand) => hand,
                Err(err) => return Ok(Err(unreadable(err, None, Some(group.seq))?)),
            },
            None => None,
        };
        if let Err(difference) = audit.take(&group.records(hand.as_ref())) {
            return Ok(Err(difference));
        }
    }
    Ok(Ok(()))
}

/// Rows that can't be read because of what they hold are a difference; that the database is away is none.
fn unreadable(err: StoreError, hand: Option<u64>, seq: Option<u64>) -> Result<Difference, StoreError> {
    let StoreError::Corrupt(what) = err else { return Err(err) };
    let (expected, stored) = (format!("a {what}"), "none that can be".to_owned());
    Ok(Difference { hand, seq, what: "a row".to_owned(), expected, stored })
}

/// All that is stored under one number.
pub struct Records<'a> {
    /// The number.
    pub seq: u64,
    /// The event.
    pub event: Option<&'a EventRecord>,
    /// Its rows in the ledger.
    pub entries: &'a [EntryRecord],
    /// Its action.
    pub action: Option<&'a ActionRecord>,
    /// The rows of the hand that it begins or ends.
    pub hand: Option<&'a HandRecord>,
}

struct Group {
    seq: u64,
    event: Option<EventRecord>,
    entries: Vec<EntryRecord>,
    action: Option<ActionRecord>,
}

impl Group {
    /// The hand whose rows have to be compared with this.
    fn hand(&self) -> Option<HandId> {
        let committed = self.event.as_ref()?.event.as_ref().ok()?;
        match committed.event.what.facts().writes {
            Writes::Hand(started) => Some(started.hand),
            Writes::Result(done) => Some(done.hand),
            Writes::Nothing | Writes::Action(_) => None,
        }
    }

    fn records<'a>(&'a self, hand: Option<&'a HandRecord>) -> Records<'a> {
        let Self { seq, event, entries, action } = self;
        Records { seq: *seq, event: event.as_ref(), entries, action: action.as_ref(), hand }
    }
}

/// A log's rows by their numbers, whichever of them are there.
struct Grouped {
    events: std::iter::Peekable<std::vec::IntoIter<EventRecord>>,
    entries: std::iter::Peekable<std::vec::IntoIter<EntryRecord>>,
    actions: std::iter::Peekable<std::vec::IntoIter<ActionRecord>>,
}

impl Grouped {
    fn new(log: LogRecords) -> Self {
        Self {
            events: log.events.into_iter().peekable(),
            entries: log.entries.into_iter().peekable(),
            actions: log.actions.into_iter().peekable(),
        }
    }
}

impl Iterator for Grouped {
    type Item = Group;

    fn next(&mut self) -> Option<Group> {
        let next = [
            self.events.peek().map(|event| event.seq),
            self.entries.peek().map(|entry| entry.seq),
            self.actions.peek().map(|action| action.seq),
        ];
        let seq = next.into_iter().flatten().min()?;
        let mut entries = Vec::new();
        while let Some(entry) = self.entries.next_if(|entry| entry.seq == seq) {
            entries.push(entry);
        }
        let event = self.events.next_if(|event| event.seq == seq);
        Some(Group { seq, event, entries, action: self.actions.next_if(|action| action.seq == seq) })
    }
}
