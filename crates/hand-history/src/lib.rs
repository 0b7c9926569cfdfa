//! Finished hands as files that other poker software reads. Each says what its reader was allowed to see, and no card more.

pub mod phh;

use domain::card::Card;
use domain::event::{HandCompleted, HandStarted, Happened};
use domain::ids::SeatIndex;
use domain::rules::Variant;
use domain::view::event::{EventView, Reader, for_reader};
use ports::store::RecordedHand;

/// A finished hand as one reader sees it, and the table it was played at.
pub struct Record<'a> {
    hand: &'a RecordedHand,
    reader: Reader,
    /// Its events, oldest first.
    events: Vec<EventView<'a>>,
    started: &'a HandStarted,
    ended: &'a HandCompleted,
    table: &'a str,
    seats: u8,
}

/// Why a hand can't be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unwritable {
    /// It is still being played.
    #[error("the hand is still being played")]
    Running,
    /// The format knows no such game.
    #[error("this format has no code for {}", .0.name())]
    Variant(Variant),
    /// The format knows one board a hand.
    #[error("this format has no way to say that a hand had several boards")]
    Boards,
}

impl<'a> Record<'a> {
    /// A hand as `reader` sees it, at a table of this name with so many seats.
    ///
    /// # Errors
    ///
    /// - [`Unwritable::Running`].
    pub fn new(hand: &'a RecordedHand, reader: Reader, table: &'a str, seats: u8) -> Result<Self, Unwritable> {
        let events: Vec<_> = hand.events.iter().filter_map(|event| for_reader(event, reader)).collect();
        let started = events.iter().find_map(|event| match event.what {
            Happened::HandStarted(started) => Some(started),
            _ => None,
        });
        let ended = events.iter().find_map(|event| match event.what {
            Happened::HandCompleted(ended) => Some(ended),
            _ => None,
        });
        let (started, ended) = started.zip(ended).ok_or(Unwritable::Running)?;
        Ok(Self { hand, reader, events, started, ended, table, seats })
    }

    /// The cards that a player showed when the hand was over, of their own will.
    fn shown_beside(&self, of: SeatIndex) -> Vec<Card> {
        let mut shown = Vec::new();
        for event in &self.events {
            if let Happened::CardsShown { seat, cards, .. } = event.what
                && *seat == of
            {
                shown.extend(cards.iter().filter(|card| !shown.contains(*card)).copied().collect::<Vec<_>>());
            }
        }
        shown
    }
}
