//! How often the clock looks for what, and what it deletes.

use std::time::Duration;

use domain::time::Millis;

/// What the clock is set to.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Time between two looks for silent players.
    pub sweep_every: Duration,
    /// How long a room is kept after the last that happened in it; for ever if absent.
    pub keep_rooms: Option<Millis>,
    /// How long guests are kept who are in no room; for ever if absent.
    pub keep_guests: Option<Millis>,
}
