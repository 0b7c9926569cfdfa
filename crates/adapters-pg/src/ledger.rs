//! The chips' account, row by row.

use domain::event::Committed;
use domain::ids::RoomId;
use domain::ledger::{self, Entry};

use crate::rows::{signed, time_of};
use crate::statement::{Statement, column, statement};

/// The rows that events make, if they make any.
pub(crate) fn insert_entries(room: RoomId, events: &[Committed]) -> Option<Statement> {
    let of_event = |committed: &'_ Committed| {
        let (seq, at) = (signed(committed.seq), time_of(committed.at));
        let entries = (0_i16..).zip(ledger::entries(&committed.event.what));
        entries.map(move |(ordinal, entry)| (seq, ordinal, entry, at)).collect::<Vec<(_, _, Entry, _)>>()
    };
    let rows: Vec<_> = events.iter().flat_map(of_event).collect();
    if rows.is_empty() {
        return None;
    }
    let insert = statement(
        "INSERT INTO chip_ledger (room_id, seq, ordinal, user_id, kind, delta, hand_id, reason, at) \
         SELECT $1, entry.* FROM unnest($2::bigint[], $3::smallint[], $4::uuid[], $5::text[], $6::bigint[], $7::uuid[], \
         $8::text[], $9::timestamptz[]) AS entry",
    );
    let insert = insert
        .bind(room)
        .bind(column(&rows, |(seq, ..)| *seq))
        .bind(column(&rows, |(_, ordinal, ..)| *ordinal))
        .bind(column(&rows, |(_, _, entry, _)| entry.user.0))
        .bind(column(&rows, |(_, _, entry, _)| entry.kind.name()))
        .bind(column(&rows, |(_, _, entry, _)| entry.delta))
        .bind(column(&rows, |(_, _, entry, _)| entry.hand.map(|hand| hand.0)))
        .bind(column(&rows, |(_, _, entry, _)| entry.reason.clone()))
        .bind(column(&rows, |(.., at)| *at));
    Some(insert)
}
