//! One event as one reader sees it.

use crate::card::Card;
use crate::card::deck::HoleCards;
use crate::event::{Committed, Happened, OwnTurn, Secret};
use crate::ids::{TokenId, UserId};
use crate::time::Timestamp;

/// Whose eyes an event is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reader {
    /// Somebody who is let in: sees everything public, and what is their own.
    Member(UserId),
    /// Somebody who waits for the host's word: sees what became of their own request, and nothing else.
    Applicant(UserId),
}

impl Reader {
    /// Who it is.
    pub const fn user(self) -> UserId {
        match self {
            Self::Member(user) | Self::Applicant(user) => user,
        }
    }
}

/// The reader's own part of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Own<'a> {
    /// Their cards.
    Cards(HoleCards),
    /// What they asked for: the boards as they would have come.
    Boards(&'a [Vec<Card>]),
    /// Their rejoin token.
    Token(TokenId),
}

/// An event as one reader sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventView<'a> {
    /// Its number, the same for everybody.
    pub seq: u64,
    /// When it was committed.
    pub at: Timestamp,
    /// The public part.
    pub what: &'a Happened,
    /// The reader's own part.
    pub own: Option<Own<'a>>,
    /// What the reader may do, if the event tells that it is their turn.
    pub turn: Option<&'a OwnTurn>,
}

impl EventView<'_> {
    /// Whether everybody who is let in gets the same.
    pub const fn is_public(&self) -> bool {
        self.own.is_none() && self.turn.is_none()
    }
}

/// The event as everybody who is let in may see it.
pub fn public(committed: &Committed) -> EventView<'_> {
    EventView { seq: committed.seq, at: committed.at, what: &committed.event.what, own: None, turn: None }
}

/// The event as `reader` sees it; `None` if it is none of their business.
pub fn for_reader(committed: &Committed, reader: Reader) -> Option<EventView<'_>> {
    let what = &committed.event.what;
    if let Reader::Applicant(user) = reader
        && what.facts().request_of != Some(user)
    {
        return None;
    }
    let turn = committed.event.turn.as_ref().filter(|turn| turn.of == reader.user());
    Some(EventView { own: own(&committed.event.secret, reader.user()), turn, ..public(committed) })
}

fn own(secret: &Secret, user: UserId) -> Option<Own<'_>> {
    match secret {
        // Nobody hears how many runs somebody else wanted, and who wanted them knows it.
        Secret::None | Secret::Runs(_) => None,
        Secret::Boards { of, boards } => (*of == user).then_some(Own::Boards(boards)),
        Secret::Cards(hands) => hands.iter().find(|(owner, _)| *owner == user).map(|(_, cards)| Own::Cards(*cards)),
        Secret::Token { of, id } => (*of == user).then_some(Own::Token(*id)),
    }
}
