//! A remembered room, brought up to what other nodes have done in it since: some players' actions are replayed, as all of them
//! are when a hand is read. That takes three lookups instead of all that a room consists of, and no lock.
//!
//! A cache still: a room that was caught up with must agree with the database in whatever an action changes, and what is decided
//! on it has to be confirmed like everything else ([`crate::optimistic`]).

use std::sync::Arc;

use diesel::QueryResult;
use diesel::pg::data_types::PgTimestamp;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::ids::{RoomId, SeatIndex};
use domain::room::{Lifetimes, Room};
use futures_util::try_join;

use crate::load;
use crate::memory::Remembered;
use crate::rows::{ActionRow, SeatRow, StateRow};
use crate::schema::clock_timestamp;

/// More actions aren't replayed: the room is read in as much time.
const ACTIONS_AT_MOST: i64 = 64;

/// What has come of a room since.
pub(crate) struct Since {
    pub(crate) clock: PgTimestamp,
    state: Option<StateRow>,
    actions: Vec<ActionRow>,
    seats: Vec<SeatRow>,
}

/// What has come of a room since its event `seq`, in one round trip. The lookups aren't of one instant: if the room moves on
/// between them, they don't fit.
pub(crate) async fn since(conn: &AsyncPgConnection, room: RoomId, seq: u64) -> QueryResult<Since> {
    let actions = load::actions_after(conn, room, seq, ACTIONS_AT_MOST);
    let clock = diesel::select(clock_timestamp()).get_result(&mut { conn });
    let (state, actions, seats, clock) = try_join!(load::state(conn, room), actions, load::seats(conn, room.0), clock)?;
    Ok(Since { clock, state, actions, seats })
}

impl Since {
    /// The room as it is now, if nothing but actions of players has happened to it: each of them has saved it once.
    pub(crate) fn replay_on(self, known: &Remembered, lifetimes: &Lifetimes) -> Option<Remembered> {
        let Self { clock: _, state, actions, seats } = self;
        let state = state?;
        if state.version - known.version != i64::try_from(actions.len()).ok()? {
            return None;
        }
        let mut room = Room::clone(&known.room);
        let (mut seq, mut at) = (known.seq, known.at);
        for action in &actions {
            let (by, action, acted_at) = action.of_player(seq + 1)?;
            at = acted_at;
            seq += room.act(by, action, None, at, lifetimes).ok()?.len() as u64;
        }
        let replayed = StateRow::of(room.id, &room.game, seq);
        let replayed_seats = (0_u8..).map(SeatIndex).zip(&room.seats);
        let replayed_seats = replayed_seats.map(|(index, seat)| SeatRow::of(index, seat, &room.members));
        let same_seats = room.seats.len() == seats.len()
            && replayed_seats.zip(&seats).all(|(replayed, seat)| replayed.is_same_but_for_signs(seat));
        let is_so = room.game.live().is_some() && replayed.is_same_turn(&state) && same_seats;
        if let Some(turn) = &mut room.game.turn {
            turn.asks_at = state.asks_at();
        }
        is_so.then(|| Remembered { room: Arc::new(room), seq, version: state.version, at })
    }
}
