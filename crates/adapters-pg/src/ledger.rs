//! The chips' account, row by row.

use domain::event::Committed;
use domain::ids::RoomId;
use domain::ledger;

use crate::rows::signed;
use crate::statement::{Statement, statement};

/// The rows that an event makes.
pub(crate) fn insert_entries(room: RoomId, committed: &Committed) -> impl Iterator<Item = Statement> {
    let entries = (0_i16..).zip(ledger::entries(&committed.event.what));
    entries.map(move |(ordinal, entry)| {
        statement(
            "INSERT INTO chip_ledger (room_id, seq, ordinal, user_id, kind, delta, hand_id, reason, at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(room)
        .bind(signed(committed.seq))
        .bind(ordinal)
        .bind(entry.user)
        .bind(entry.kind.name())
        .bind(entry.delta)
        .bind(entry.hand)
        .bind(entry.reason)
        .bind(committed.at)
    })
}
