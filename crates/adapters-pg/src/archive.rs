//! All that is stored, for an audit. A room is read in one transaction that only reads, with one snapshot from its first
//! statement to its last: whatever is played meanwhile goes on.

use async_trait::async_trait;
use diesel::dsl::max;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::card::Card;
use domain::event::Committed;
use domain::ids::{GameId, HandId, RoomId, SeatIndex, TokenId, UserId};
use domain::ledger::{Entry, EntryKind};
use domain::member::Standing;
use futures_util::{FutureExt, try_join};
use ports::store::{
    ActionRecord, Archive, Copies, EventRecord, HandRecord, HandResult, KeyFit, LogRecords, RoomArchive, RoomRecord,
    StoreError, TokenRecord,
};
use uuid::Uuid;

use crate::error::Failure;
use crate::event_row::{EventRow, Json, Winners};
use crate::load;
use crate::pool::Lease;
use crate::rooms::SNAPSHOT;
use crate::rows::{
    GameRow, HandRow, MemberRow, PlayerRow, RoomRow, SeatRow, action_kind, chips, count, seat_index, signed, street,
    timestamp,
};
use crate::schema::{
    actions, chip_ledger, games, hands, players, rejoin_tokens, room_events, room_players, room_seats, room_spectators,
    rooms,
};
use crate::seal::{RejoinKey, Seal};
use crate::store::PgStore;

#[async_trait]
impl Archive for PgStore {
    async fn rooms_after(&self, after: Option<RoomId>, limit: u32) -> Result<Vec<RoomId>, StoreError> {
        let ids = self.pool.ask(|conn| {
            let all = rooms::table.order(rooms::id).limit(limit.into()).select(rooms::id);
            match after {
                Some(RoomId(after)) => all.filter(rooms::id.gt(after)).load::<Uuid>(&mut { conn }).boxed(),
                None => all.load::<Uuid>(&mut { conn }).boxed(),
            }
        });
        Ok(ids.await?.into_iter().map(RoomId).collect())
    }

    async fn key_fit(&self) -> Result<KeyFit, StoreError> {
        let lease = match self.pool.lease().await {
            Err(Failure::OtherKey) => return Ok(KeyFit::Other),
            lease => lease?,
        };
        Ok(lease.ask(self.check.fit(lease.conn())).await?)
    }

    async fn open(&self, room: RoomId) -> Result<Box<dyn RoomArchive>, StoreError> {
        let lease = self.pool.begin(SNAPSHOT).await?;
        let there = rooms::table.find(room.0).select(rooms::id);
        let there = lease.ask(there.load::<Uuid>(&mut lease.conn())).await?;
        if there.is_empty() {
            return Err(StoreError::Missing("room"));
        }
        Ok(Box::new(OneRoom { lease, room, seal: self.seal.clone(), key: self.key.clone() }))
    }
}

/// A room's snapshot. Dropping it ends the transaction.
struct OneRoom {
    lease: Lease,
    room: RoomId,
    seal: Seal,
    key: RejoinKey,
}

#[async_trait]
impl RoomArchive for OneRoom {
    async fn room(&mut self) -> Result<RoomRecord, StoreError> {
        let (id, conn) = (self.room.0, self.lease.conn());
        let state = self.lease.ask(load::state(conn, self.room)).await?.ok_or(StoreError::Corrupt("game state"))?;
        let room = rooms::table
            .find(id)
            .inner_join(games::table.on(games::room_id.eq(rooms::id)))
            .select((RoomRow::as_select(), GameRow::as_select()))
            .load(&mut { conn });
        let seats = room_seats::table.filter(room_seats::room_id.eq(id)).order(room_seats::seat_index);
        let seats = seats.select(SeatRow::as_select()).load(&mut { conn });
        let members = room_players::table.filter(room_players::room_id.eq(id));
        let members = members.select(MemberRow::as_select()).load(&mut { conn });
        let tokens = rejoin_tokens::table.filter(rejoin_tokens::room_id.eq(id));
        let tokens = tokens
            .select((
                rejoin_tokens::id,
                rejoin_tokens::user_id,
                rejoin_tokens::revoked_at.is_null(),
                rejoin_tokens::token_hash,
                rejoin_tokens::role,
                rejoin_tokens::seat_index,
            ))
            .load::<(Uuid, Uuid, bool, String, String, Option<i16>)>(&mut { conn });
        let spectators = room_spectators::table.filter(room_spectators::room_id.eq(id));
        let spectators = spectators
            .select((room_spectators::user_id, room_spectators::display_name))
            .load::<(Uuid, String)>(&mut { conn });
        let dealt = hands::table.filter(hands::room_id.eq(id));
        let live = dealt.filter(hands::completed_at.is_null()).order(hands::id).select(hands::id);
        let live = live.load::<Uuid>(&mut { conn });
        let dealt = dealt.count().get_result::<i64>(&mut { conn });
        let (room, seats, members, tokens, spectators, live, dealt) =
            self.lease.ask(async { try_join!(room, seats, members, tokens, spectators, live, dealt) }).await?;
        let (room, game): (RoomRow, GameRow) = room.into_iter().next().ok_or(StoreError::Corrupt("game"))?;
        let token = |(token, owner, current, hash, role, seat): (Uuid, Uuid, bool, String, String, Option<i16>)| {
            Ok(TokenRecord {
                owner: UserId(owner),
                current,
                role,
                seat: seat.map(seat_index).transpose()?,
                genuine: self.key.hash(TokenId(token)) == hash,
            })
        };
        let copies = copies(&members, &seats, spectators)?;
        Ok(RoomRecord {
            id: self.room,
            code: room.code.clone(),
            host: UserId(room.host_id),
            seq: state.seq()?,
            last: self.last().await?,
            game: GameId(state.game_id),
            status: game.status()?,
            hand_number: game.hand_number()?,
            turn_number: state.turn_number()?,
            turn_seat: state.turn()?.map(|turn| turn.seat),
            current_hand: state.current_hand_id.map(HandId),
            hands: count(dealt)?,
            live_hands: live.into_iter().map(HandId).collect(),
            chairs: chairs(seats)?,
            members: members.into_iter().map(member).collect::<Result<_, _>>()?,
            tokens: tokens.into_iter().map(token).collect::<Result<_, StoreError>>()?,
            copies,
        })
    }

    async fn log(&mut self, after: u64, number: u32) -> Result<LogRecords, StoreError> {
        let (id, conn) = (self.room.0, self.lease.conn());
        let (first, last) = (signed(after.saturating_add(1)), signed(after.saturating_add(number.into())));
        let events = room_events::table
            .filter(room_events::room_id.eq(id))
            .filter(room_events::seq.between(first, last))
            .order(room_events::seq)
            .select((room_events::seq, room_events::kind, room_events::hand_id, EventRow::as_select()))
            .load(&mut { conn });
        let entries = chip_ledger::table
            .filter(chip_ledger::room_id.eq(id))
            .filter(chip_ledger::seq.between(first, last))
            .order((chip_ledger::seq, chip_ledger::ordinal))
            .select(EntryRow::as_select())
            .load(&mut { conn });
        let taken = actions::table
            .filter(actions::room_id.eq(id))
            .filter(actions::seq.between(first, last))
            .order(actions::seq)
            .select(TakenRow::as_select())
            .load(&mut { conn });
        let rows = self.lease.ask(async { try_join!(events, entries, taken) }).await?;
        let (events, entries, taken): (Vec<(i64, String, Option<Uuid>, EventRow)>, Vec<EntryRow>, Vec<TakenRow>) = rows;
        let event = |(seq, named, hand, row): (i64, String, Option<Uuid>, EventRow)| {
            let event = row.committed(&self.seal).and_then(|event| columns_agree(event, &named, hand));
            Ok(EventRecord { seq: count(seq)?, event })
        };
        Ok(LogRecords {
            events: events.into_iter().map(event).collect::<Result<_, StoreError>>()?,
            entries: entries.into_iter().map(EntryRow::entry).collect::<Result<_, _>>()?,
            actions: taken.into_iter().map(TakenRow::record).collect::<Result<_, _>>()?,
        })
    }

    async fn hand(&mut self, id: HandId) -> Result<Option<HandRecord>, StoreError> {
        let conn = self.lease.conn();
        let hand = hands::table
            .filter(hands::id.eq(id.0))
            .filter(hands::room_id.eq(self.room.0))
            .select((HandRow::as_select(), hands::game_id, hands::board, hands::winners))
            .load(&mut { conn });
        let dealt_in = players::table.filter(players::hand_id.eq(id.0)).order(players::seat_index);
        let dealt_in = dealt_in.select(PlayerRow::as_select()).load(&mut { conn });
        let (hand, dealt_in) = self.lease.ask(async { try_join!(hand, dealt_in) }).await?;
        let hand: Option<(HandRow, Uuid, Option<Vec<String>>, Option<Json>)> = hand.into_iter().next();
        let Some((row, game, board, winners)) = hand else { return Ok(None) };
        let player = |row: PlayerRow| Ok((row.seat()?, row.user(), chips(row.stack)?));
        Ok(Some(HandRecord {
            id,
            game: GameId(game),
            number: row.number()?,
            button: row.button()?,
            rules: row.rules()?,
            action_timeout: row.action_timeout(),
            started_at: row.started_at(),
            players: dealt_in.into_iter().map(player).collect::<Result<_, StoreError>>()?,
            deck: row.deck(&self.seal),
            seed: row.seed(&self.seal),
            result: result(&row, board, winners)?,
        }))
    }
}

impl OneRoom {
    /// The highest number of all tables that have one.
    async fn last(&self) -> Result<u64, StoreError> {
        let (id, conn) = (self.room.0, self.lease.conn());
        let events = room_events::table.filter(room_events::room_id.eq(id)).select(max(room_events::seq));
        let entries = chip_ledger::table.filter(chip_ledger::room_id.eq(id)).select(max(chip_ledger::seq));
        let taken = actions::table.filter(actions::room_id.eq(id)).select(max(actions::seq));
        let last = async {
            try_join!(
                events.get_result::<Option<i64>>(&mut { conn }),
                entries.get_result::<Option<i64>>(&mut { conn }),
                taken.get_result::<Option<i64>>(&mut { conn })
            )
        };
        let (events, entries, taken) = self.lease.ask(last).await?;
        count([events, entries, taken].into_iter().flatten().max().unwrap_or_default())
    }
}

/// What the columns beside an event say of it has to be so. Of an event of a later version nothing can be told.
fn columns_agree(event: Committed, named: &str, hand: Option<Uuid>) -> Result<Committed, StoreError> {
    let what = &event.event.what;
    let facts = what.facts();
    let agree = facts.kind.is_none() || facts.name == named && facts.hand.map(|hand| hand.0) == hand;
    if agree { Ok(event) } else { Err(StoreError::Corrupt("event")) }
}

fn chairs(rows: Vec<SeatRow>) -> Result<Vec<(SeatIndex, UserId, domain::chips::Chips)>, StoreError> {
    let mut chairs = Vec::new();
    for row in rows {
        let index = seat_index(row.seat_index)?;
        let seat = row.seat()?;
        chairs.extend(seat.occupant().map(|occupant| (index, occupant.user, occupant.chips)));
    }
    Ok(chairs)
}

fn copies(members: &[MemberRow], seats: &[SeatRow], spectators: Vec<(Uuid, String)>) -> Result<Copies, StoreError> {
    let seat = |row: &SeatRow| {
        let seat = row.clone().seat()?;
        let Some(user) = seat.occupant().map(|occupant| occupant.user) else { return Ok(None) };
        let name = row.display_name().ok_or(StoreError::Corrupt("seat"))?.to_owned();
        Ok(Some((seat_index(row.seat_index)?, user, name, seat.is_leaving())))
    };
    let seats: Vec<Option<_>> = seats.iter().map(seat).collect::<Result<_, StoreError>>()?;
    Ok(Copies {
        members: members.iter().map(|row| (row.user(), row.display_name().to_owned())).collect(),
        seats: seats.into_iter().flatten().collect(),
        spectators: spectators.into_iter().map(|(user, name)| (UserId(user), name)).collect(),
    })
}

fn member(row: MemberRow) -> Result<(UserId, Standing, domain::chips::Chips), StoreError> {
    // Neither the token nor who watches says how a member stands.
    let member = row.member(None, None)?;
    Ok((member.user, member.standing, member.waiting))
}

fn result(row: &HandRow, board: Option<Vec<String>>, winners: Option<Json>) -> Result<Option<HandResult>, StoreError> {
    let Some(completed_at) = row.completed_at() else { return Ok(None) };
    let told = winners.ok_or(StoreError::Corrupt("hand")).and_then(|json| Winners::told(&json));
    let told = told.and_then(|told| {
        let same = board.is_some_and(|board| told.board.iter().map(Card::to_string).eq(board));
        if same { Ok(told) } else { Err(StoreError::Corrupt("board")) }
    });
    Ok(Some(HandResult { completed_at, pot: chips(row.pot.ok_or(StoreError::Corrupt("hand"))?)?, told }))
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = chip_ledger)]
struct EntryRow {
    seq: i64,
    user_id: Uuid,
    kind: String,
    delta: i64,
    hand_id: Option<Uuid>,
    reason: Option<String>,
}

impl EntryRow {
    fn entry(self) -> Result<(u64, Entry), StoreError> {
        let entry = Entry {
            user: UserId(self.user_id),
            kind: EntryKind::of_name(&self.kind).ok_or(StoreError::Corrupt("ledger row"))?,
            delta: self.delta,
            hand: self.hand_id.map(HandId),
            reason: self.reason,
        };
        Ok((count(self.seq)?, entry))
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = actions)]
struct TakenRow {
    seq: i64,
    hand_id: Uuid,
    turn: Option<i64>,
    seat_index: i16,
    user_id: Uuid,
    street: String,
    action: String,
    amount: i64,
    auto: bool,
    at: diesel::pg::data_types::PgTimestamp,
}

impl TakenRow {
    fn record(self) -> Result<ActionRecord, StoreError> {
        Ok(ActionRecord {
            seq: count(self.seq)?,
            hand: HandId(self.hand_id),
            turn: self.turn.map(count).transpose()?,
            seat: seat_index(self.seat_index)?,
            user: UserId(self.user_id),
            street: street(&self.street)?,
            kind: action_kind(&self.action)?,
            amount: chips(self.amount)?,
            auto: self.auto,
            at: timestamp(self.at),
        })
    }
}
