//! A room, written: only the rows that differ from what was read.

use std::collections::{BTreeMap, BTreeSet};

use diesel::QueryResult;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::event::{Committed, DealtIn, HandStarted, Writes};
use domain::ids::SeatIndex;
use domain::member::Member;
use domain::room::Room;
use domain::seat::Seat;
use domain::time::Timestamp;
use domain::token::RejoinToken;
use futures_util::future::try_join_all;
use ports::store::StoreError;
use uuid::Uuid;

use crate::event_row::insert_events;
use crate::ledger::insert_entries;
use crate::rows::{
    Bound, GameRow, MemberRow, RoomRow, SeatRow, StateRow, bind_token, complete_hand, insert_action, insert_hand,
    insert_players, insert_token, remove_seats, renew_token, revoke_token, set_online, slide_tokens, unwatch,
    upsert_seats, watch,
};
use crate::seal::{RejoinKey, Seal};
use crate::statement::Statement;

/// Statements that are sent together and done in this order: a row comes after those it refers to, and a seat or a token is
/// given up before somebody else gets it.
#[derive(Default)]
pub(crate) struct Batch(Vec<Statement>);

impl Batch {
    pub(crate) fn add(&mut self, statement: Statement) {
        self.0.push(statement);
    }

    pub(crate) fn append(&mut self, more: Self) {
        self.0.extend(more.0);
    }

    /// Does all of them, in one round trip. Futures of one connection send in the order in which they are polled first.
    pub(crate) async fn execute(self, conn: &AsyncPgConnection) -> QueryResult<()> {
        try_join_all(self.0.into_iter().map(|statement| statement.execute(&mut { conn }))).await?;
        Ok(())
    }
}

/// All of a new room.
pub(crate) fn create(room: &Room, password_hash: Option<&str>, key: &RejoinKey) -> Batch {
    let mut batch = Batch::default();
    batch.add(RoomRow::of(room).insert(password_hash.map(str::to_owned)));
    batch.add(GameRow::of(&room.game).insert(room.id));
    batch.add(StateRow::of(room.id, &room.game, 0).insert());
    let nothing = Room { members: Default::default(), seats: Vec::new(), ..room.clone() };
    people(&mut batch, &nothing, room, key);
    batch
}

/// What `after` changes of `before`, and its new events. `at` is the clock under the lock, `seq` the last event's number,
/// `forgiven` that of the last outage.
pub(crate) fn changes(
    (before, after): (&Room, &Room),
    events: &[Committed],
    (seq, at, forgiven): (u64, Timestamp, i64),
    (seal, key): (&Seal, &RejoinKey),
) -> Result<Batch, StoreError> {
    let mut batch = Batch::default();
    let room = RoomRow::of(after);
    if room != RoomRow::of(before) {
        batch.add(room.update());
    }
    let game = GameRow::of(&after.game);
    if game != GameRow::of(&before.game) {
        batch.add(game.update(at));
    }
    people(&mut batch, before, after, key);
    if !events.is_empty() {
        batch.add(insert_events(after.id, events, seal)?);
    }
    batch.0.extend(insert_entries(after.id, events));
    for committed in events {
        match committed.event.what.facts().writes {
            Writes::Nothing => {}
            Writes::Hand(started) => hand(&mut batch, after, started, seal)?,
            Writes::Action(acted) => batch.add(insert_action(after.id, committed.seq, acted, at)),
            Writes::Result(done) => {
                let dealt = after.game.dealt.as_ref().filter(|dealt| dealt.id == done.hand);
                let runs = dealt.and_then(|dealt| dealt.hand.runs());
                batch.add(complete_hand(done, runs, dealt.and_then(|dealt| dealt.completed_at).unwrap_or(at)));
            }
        }
    }
    batch.add(StateRow::of(after.id, &after.game, seq).update(forgiven));
    Ok(batch)
}

fn hand(batch: &mut Batch, room: &Room, started: &HandStarted, seal: &Seal) -> Result<(), StoreError> {
    // One hand at most is dealt in a transaction, and it is the room's last one.
    let dealt = room.game.dealt.as_ref().filter(|dealt| dealt.id == started.hand).ok_or(StoreError::Corrupt("hand"))?;
    batch.add(insert_hand(room.id, room.game.id, dealt, seal));
    let player = |player: &DealtIn| {
        let name = &room.members.get(&player.user).ok_or(StoreError::Corrupt("player"))?.name;
        Ok((player.seat, player.user, name, player.stack))
    };
    let players: Vec<_> = started.seats.iter().map(player).collect::<Result<_, StoreError>>()?;
    batch.add(insert_players(room.id, dealt.id, &players));
    Ok(())
}

/// Members before the seats that refer to them, and tokens last: a sign of life takes its own seat, or member, before the token.
fn people(batch: &mut Batch, before: &Room, after: &Room, key: &RejoinKey) {
    let mut touched = BTreeSet::new();
    if before.members != after.members {
        let changed = after.members.iter().filter(|(user, new)| before.members.get(user) != Some(new));
        touched.extend(changed.map(|(user, _)| *user));
    }
    if before.seats != after.seats {
        let held = before.seats.iter().chain(&after.seats).filter_map(|seat| seat.occupant());
        touched.extend(held.map(|occupant| occupant.user));
    }
    if before.host != after.host {
        touched.extend([before.host, after.host]);
    }
    let touched = || touched.iter().filter_map(|user| after.members.get(user));
    for new in touched() {
        member(batch, before, new, after);
    }
    seats(batch, before, after);
    let mut slid: BTreeMap<Timestamp, Vec<Uuid>> = BTreeMap::new();
    for new in touched() {
        if let Some(token) = token(batch, before, new, after, key) {
            slid.entry(token.expires_at).or_default().push(new.user.0);
        }
    }
    for (expires_at, users) in slid {
        batch.add(slide_tokens(after.id, users, expires_at));
    }
}

/// Where a member's signs of life are written.
#[derive(PartialEq, Eq)]
enum Place {
    Seat,
    Spectators,
    Members,
}

fn place(room: &Room, member: &Member) -> Place {
    match room.occupied_seat_of(member.user) {
        Some(_) => Place::Seat,
        None if member.is_watching() => Place::Spectators,
        None => Place::Members,
    }
}

fn member(batch: &mut Batch, before: &Room, new: &Member, room: &Room) {
    let known = before.members.get(&new.user);
    let (row, old) = (MemberRow::of(new), known.map(MemberRow::of));
    if old.as_ref().is_some_and(|old| old.is_online() != row.is_online()) {
        batch.add(set_online(room.id, new.user, new.online));
    }
    // Where signs of life come to from now on, what was heard elsewhere has to be known.
    let place_now = place(room, new);
    let is_heard = known.is_none_or(|known| known.last_seen != new.last_seen || place(before, known) != place_now);
    if old.is_none_or(|old| row.differs(&old)) || is_heard && place_now == Place::Members {
        batch.add(row.upsert(room.id));
    }
    let watched = known.filter(|member| member.is_watching());
    if !new.is_watching() {
        if watched.is_some() {
            batch.add(unwatch(room.id, new.user));
        }
    } else if is_heard && place_now == Place::Spectators || watched.is_none_or(|member| member.name != new.name) {
        batch.add(watch(room.id, new.user, &new.name, new.last_seen));
    }
}

/// Writes a token that came or went, or says something else of its owner; one that was slid is returned.
fn token(batch: &mut Batch, before: &Room, new: &Member, room: &Room, key: &RejoinKey) -> Option<RejoinToken> {
    let user = new.user;
    let bound = Bound::of(room, user);
    match (before.members.get(&user).and_then(|member| member.token), new.token) {
        (None, None) => {}
        (Some(old), Some(new)) if old.id == new.id => {
            if Bound::of(before, user) != bound {
                batch.add(bind_token(room.id, user, bound));
            }
            return Some(new).filter(|new| *new != old);
        }
        (Some(_), Some(new)) => batch.0.extend(renew_token(room.id, user, (&new, bound), key)),
        (None, Some(new)) => batch.add(insert_token(room.id, user, (&new, bound), key)),
        (Some(_), None) => batch.add(revoke_token(room.id, user)),
    }
    None
}

fn seats(batch: &mut Batch, before: &Room, after: &Room) {
    let rows = (0_u8..).map(SeatIndex).zip(&after.seats);
    // What a seat's row says of its player is the member's.
    let is_same = |index: SeatIndex, seat: &Seat| {
        let member =
            seat.occupant().map(|occupant| (before.members.get(&occupant.user), after.members.get(&occupant.user)));
        before.seats.get(index.index()) == Some(seat)
            && member.is_none_or(|(was, is)| {
                let copied = |member: Option<&Member>| member.map(|member| (member.name.clone(), member.last_seen));
                was == is || copied(was) == copied(is)
            })
    };
    let changed = rows.filter(|(index, seat)| !is_same(*index, seat));
    let mut changed: Vec<SeatRow> = changed.map(|(index, seat)| SeatRow::of(index, seat, &after.members)).collect();
    // Nobody may be seen in two seats, not even between two statements.
    changed.sort_by_key(|seat| !seat.is_empty());
    if !changed.is_empty() {
        batch.add(upsert_seats(after.id, &changed));
    }
    if after.seats.len() < before.seats.len() {
        batch.add(remove_seats(after.id, after.seats.len() as i16));
    }
}
