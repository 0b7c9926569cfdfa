//! An action in one statement: decided on a room that this node remembers, and saved only if the database finds that all of it
//! still holds. One round trip, and no lock that is held across one.
//!
//! This is for the common action, which changes whose turn it is and no more (but for being a sign of life). Whatever else an
//! action may bring about (the end of a hand, a time bank that was used, somebody who was away) takes a transaction.

use diesel::sql_types::Timestamptz;
use domain::event::{Acted, Committed, Event, Happened, Secret};
use domain::ids::UserId;
use domain::member::{Member, Members};
use domain::room::Room;
use ports::store::{CommandId, Recalled, Reply};

use crate::event_row::{Json, public_json, sealed};
use crate::rows::{StateRow, signed};
use crate::seal::Seal;
use crate::statement::{Statement, column, statement};

/// The clock's next look is left where it is if that is early enough: then no index has to be touched for the row, and the clock
/// moves it on when it finds nothing to do.
///
/// The row is taken only as it was remembered, by the database's own clock (both are looked at again after a wait for the
/// room's lock), and for an action that is new. Everything else is done if, and only if, it was.
const SAVE: &str = "\
WITH state AS ( \
    UPDATE game_states SET seq = $3, turn_number = $4, turn_seat = $5, turn_started_at = $6, deadline_at = $7, expires_at = $8, \
        wake_at = least(wake_at, $9), asks_at = $10, version = version + 1 \
    WHERE room_id = $1 AND version = $2 \
        AND $11 BETWEEN clock_timestamp() - interval '1 second' AND clock_timestamp() \
        AND (expires_at IS NULL OR expires_at > clock_timestamp()) \
        AND NOT EXISTS (SELECT FROM command_replies WHERE user_id = $18 AND command_id = $22) \
    RETURNING room_id \
), told AS ( \
    INSERT INTO room_events (room_id, seq, at, type, hand_id, public, sealed) \
    SELECT state.room_id, $12 + event.place - 1, $11, event.type, $13, event.public, event.sealed \
    FROM state, unnest($14::text[], $15::jsonb[], $26::bytea[]) WITH ORDINALITY AS event (type, public, sealed, place) \
), acted AS ( \
    INSERT INTO actions (room_id, seq, hand_id, turn, seat_index, user_id, street, action, amount, auto, at) \
    SELECT room_id, $12, $13, $16, $17, $18, $19, $20, $21, false, $11 FROM state \
), answered AS ( \
    INSERT INTO command_replies (user_id, command_id, fingerprint, room_id, seq, created_at) \
    SELECT $18, $22, $23, room_id, $24, $11 FROM state WHERE $22 IS NOT NULL \
), seen AS ( \
    UPDATE room_seats AS seat SET last_seen_at = greatest(seat.last_seen_at, $11) \
    FROM state WHERE $25 AND seat.room_id = state.room_id AND seat.seat_index = $17 \
) \
SELECT clock_timestamp() FROM state";

/// The statement that saves what an action made of a recalled room; its row is the database's clock. `None` if one statement
/// can't say it.
pub(crate) fn save(
    recalled: &Recalled,
    after: &Room,
    events: &[Committed],
    reply: Option<&(CommandId, Reply)>,
    seal: &Seal,
) -> Option<Statement<Timestamptz>> {
    let acted = only_the_turn(&recalled.room, after, events)?;
    let (first, last) = (events.first()?.seq, events.last()?.seq);
    let kinds: Vec<String> = events.iter().map(|committed| committed.event.what.name().to_owned()).collect();
    let publics: Vec<Json> =
        events.iter().map(|committed| public_json(&committed.event.what).ok()).collect::<Option<_>>()?;
    let statement = statement(SAVE).bind(after.id).bind(signed(recalled.version));
    let statement = StateRow::of(after.id, &after.game, last)
        .bind_turn(statement)
        .bind(recalled.at)
        .bind(signed(first))
        .bind(acted.hand)
        .bind(Some(kinds))
        .bind(publics)
        .bind(acted.turn.map(signed))
        .bind(acted.seat)
        .bind(acted.user)
        .bind(acted.street.name())
        .bind(acted.kind.name())
        .bind(acted.amount)
        .bind(reply.map(|(id, _)| id.id))
        .bind(reply.map(|(_, reply)| reply.fingerprint.clone()))
        .bind(reply.map(|_| signed(last)))
        .bind(after.members != recalled.room.members)
        .bind(column(events, |committed| sealed(after.id, committed, seal)));
    Some(statement)
}

/// The action, if nothing came of it but the next turn, and perhaps a street.
fn only_the_turn<'e>(before: &Room, after: &Room, events: &'e [Committed]) -> Option<&'e Acted> {
    let (first, rest) = events.split_first()?;
    let Event { what: Happened::Acted(acted), secret: Secret::None, turn: _ } = &first.event else { return None };
    let goes_on = rest.iter().all(|event| matches!(event.event.what, Happened::StreetAdvanced { .. }));
    (goes_on && !acted.auto && is_same_beside_the_hand(before, after, acted.user)).then_some(acted)
}

fn is_same_beside_the_hand(before: &Room, after: &Room, actor: UserId) -> bool {
    // Named one by one, so that what is added to a room is thought of here.
    let Room { id, code, name, host, status, has_password, settings, members, seats, game } = after;
    let same_game = (game.id, game.status, game.ending, game.hand_number, game.next_hand_at)
        == (before.game.id, before.game.status, before.game.ending, before.game.hand_number, before.game.next_hand_at);
    let goes_on = game.live().is_some_and(|dealt| before.game.live().is_some_and(|was| was.id == dealt.id));
    same_game
        && goes_on
        && (*id, *host, *status, *has_password) == (before.id, before.host, before.status, before.has_password)
        && (code, name, settings) == (&before.code, &before.name, &before.settings)
        && seats == &before.seats
        && is_same_but_for_a_sign_of_life(members, &before.members, actor)
}

fn is_same_but_for_a_sign_of_life(after: &Members, before: &Members, actor: UserId) -> bool {
    let same = |(now, was): (&Member, &Member)| {
        now == was || now.user == actor && *now == Member { last_seen: now.last_seen, ..was.clone() }
    };
    after == before || after.len() == before.len() && after.values().zip(before.values()).all(same)
}
