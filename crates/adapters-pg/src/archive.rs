//! All that is stored, for an audit. A room is read in one transaction that only reads, with one snapshot from its first
//! statement to its last: whatever is played meanwhile goes on.

use async_trait::async_trait;
use diesel::dsl::max;
use diesel::pg::data_types::PgTimestamp;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::card::Card;
use domain::event::Committed;
use domain::ids::{GameId, HandId, RoomId, TokenId, UserId};
use domain::ledger::{Entry, EntryKind};
use domain::member::Member;
use futures_util::{FutureExt, try_join};
use ports::store::{
    ActedReply, ActionRecord, Archive, CommandId, EntryRecord, EventRecord, HandRecord, HandResult, KeyFit, LogRecords,
    OutageRecords, ReplyRecord, RoomArchive, RoomRecord, SeatRecord, SpectatorRecord, StoreError, TokenRecord,
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
    actions, chip_ledger, games, hands, players, rejoin_tokens, room_events, room_players, room_spectators, rooms,
};
use crate::seal::{RejoinKey, Seal};
use crate::statement::statement;
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

    async fn replies_after(
        &self,
        after: Option<CommandId>,
        room: Option<RoomId>,
        limit: u32,
    ) -> Result<Vec<ReplyRecord>, StoreError> {
        // One statement, and so one snapshot: an answer is saved with what it is an answer to.
        let rows = self.pool.ask(|conn| {
            let replies = statement::<ReplySql>(
                "SELECT reply.user_id, reply.command_id, reply.created_at, clock_timestamp(), reply.room_id, reply.seq, \
                     reply.body, room.code, state.seq, action.user_id, NOT action.auto AND event.at = action.at \
                 FROM command_replies AS reply \
                 LEFT JOIN rooms AS room ON room.id = reply.room_id \
                 LEFT JOIN game_states AS state ON state.room_id = reply.room_id \
                 LEFT JOIN room_events AS event ON event.room_id = reply.room_id AND event.seq = reply.seq \
                 LEFT JOIN LATERAL (SELECT user_id, auto, at FROM actions \
                     WHERE room_id = reply.room_id AND seq <= reply.seq ORDER BY seq DESC LIMIT 1) AS action ON true \
                 WHERE ($1::uuid IS NULL OR (reply.user_id, reply.command_id) > ($1::uuid, $2::uuid)) \
                     AND ($3::uuid IS NULL OR reply.room_id = $3::uuid) \
                 ORDER BY reply.user_id, reply.command_id LIMIT $4",
            );
            let replies = replies.bind(after.map(|id| id.by.0)).bind(after.map(|id| id.id));
            let replies = replies.bind(room.map(|room| room.0)).bind(i64::from(limit));
            replies.load::<ReplyRow>(&mut { conn }).boxed()
        });
        rows.await?.into_iter().map(|row| reply(row, &self.seal)).collect()
    }

    async fn outages(&self) -> Result<OutageRecords, StoreError> {
        let found = self.pool.ask(|conn| {
            statement::<(
                Nullable<BigInt>,
                BigInt,
                Nullable<BigInt>,
                Nullable<BigInt>,
                Nullable<Timestamptz>,
                Timestamptz,
            )>(
                "SELECT pulse.outages, row.number, row.first, row.last, pulse.alive_at, clock_timestamp() \
                 FROM (SELECT count(*) AS number, min(number) AS first, max(number) AS last FROM outages) AS row \
                 LEFT JOIN service_pulse AS pulse ON true",
            )
            .get_result::<OutagesRow>(&mut { conn })
            .boxed()
        });
        let (counted, rows, first, last, alive_at, now) = found.await?;
        Ok(OutageRecords {
            counted: count(counted.unwrap_or_default())?,
            rows: count(rows)?,
            first: count(first.unwrap_or_default())?,
            last: count(last.unwrap_or_default())?,
            alive_at: alive_at.map(timestamp),
            now: timestamp(now),
        })
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
        let seats = load::seats(conn, id);
        let members = room_players::table.filter(room_players::room_id.eq(id));
        let members = members.select(MemberRow::as_select()).load(&mut { conn });
        let tokens = rejoin_tokens::table.filter(rejoin_tokens::room_id.eq(id));
        let tokens = tokens.select(TokenRow::as_select()).load(&mut { conn });
        let spectators = room_spectators::table.filter(room_spectators::room_id.eq(id));
        let spectators = spectators
            .select((room_spectators::user_id, room_spectators::display_name, room_spectators::last_seen_at))
            .load::<(Uuid, String, PgTimestamp)>(&mut { conn });
        let dealt = hands::table.filter(hands::room_id.eq(id));
        let live = dealt.filter(hands::completed_at.is_null()).order(hands::id).select(hands::id);
        let live = live.load::<Uuid>(&mut { conn });
        let dealt = dealt.count().get_result::<i64>(&mut { conn });
        let times = statement::<(Nullable<Timestamptz>, Nullable<Timestamptz>, Timestamptz, BigInt)>(
            "SELECT started_at, ended_at, clock_timestamp(), coalesce((SELECT outages FROM service_pulse), 0) \
             FROM games WHERE room_id = $1",
        );
        let times = times.bind(self.room).load::<TimesRow>(&mut { conn });
        let (room, seats, members, tokens, spectators, live, dealt, times) =
            self.lease.ask(async { try_join!(room, seats, members, tokens, spectators, live, dealt, times) }).await?;
        let (room, game): (RoomRow, GameRow) = room.into_iter().next().ok_or(StoreError::Corrupt("game"))?;
        let times = times.into_iter().next().ok_or(StoreError::Corrupt("game"))?;
        let (started_at, ended_at, now, outages) = times;
        if game.id != state.game_id {
            return Err(StoreError::Corrupt("game"));
        }
        let spectator =
            |(user, name, last_seen)| SpectatorRecord { user: UserId(user), name, last_seen: timestamp(last_seen) };
        let spectators: Vec<SpectatorRecord> = spectators.into_iter().map(spectator).collect();
        Ok(RoomRecord {
            id: self.room,
            now: timestamp(now),
            host: UserId(room.host_id),
            room_status: room.status()?,
            settings: room.settings.exactly()?,
            seq: state.seq()?,
            last: self.last().await?,
            game: GameId(state.game_id),
            status: game.status()?,
            ending: game.ending,
            started_at: started_at.map(timestamp),
            ended_at: ended_at.map(timestamp),
            hand_number: game.hand_number()?,
            places: game.places()?,
            bomb_pot_queued: game.bomb_pot_queued,
            turn_number: state.turn_number()?,
            turn: state.turn()?,
            next_hand_at: state.next_hand_at(),
            wakes_at: state.wakes_at(),
            forgiven: count(state.forgiven)?,
            outages: count(outages)?,
            current_hand: state.current_hand_id.map(HandId),
            hands: count(dealt)?,
            live_hands: live.into_iter().map(HandId).collect(),
            seats: seats.into_iter().map(seat).collect::<Result<_, _>>()?,
            members: members.into_iter().map(|row| member(row, &spectators)).collect::<Result<_, _>>()?,
            tokens: tokens.into_iter().map(|row| row.record(&self.key)).collect::<Result<_, _>>()?,
            spectators,
            code: room.code,
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
            entries: entries.into_iter().map(EntryRow::record).collect::<Result<_, _>>()?,
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
        let dealt_in = players::table.filter(players::hand_id.eq(id.0)).filter(players::room_id.eq(self.room.0));
        let dealt_in = dealt_in.order(players::seat_index);
        let dealt_in = dealt_in.select(PlayerRow::as_select()).load(&mut { conn });
        let (hand, dealt_in) = self.lease.ask(async { try_join!(hand, dealt_in) }).await?;
        let hand: Option<(HandRow, Uuid, Option<Vec<String>>, Option<Json>)> = hand.into_iter().next();
        let Some((row, game, board, winners)) = hand else { return Ok(None) };
        let setup = row.setup(&dealt_in)?;
        let player = |row: PlayerRow| Ok((row.seat()?, row.user(), row.display_name.clone(), chips(row.stack)?));
        Ok(Some(HandRecord {
            id,
            game: GameId(game),
            number: row.number()?,
            setup,
            action_timeout: row.action_timeout(),
            run_vote: row.run_vote()?,
            rabbit_hunt: row.rabbit_hunt()?,
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

fn seat(row: SeatRow) -> Result<SeatRecord, StoreError> {
    Ok(SeatRecord {
        index: seat_index(row.seat_index)?,
        name: row.display_name().map(str::to_owned),
        last_seen: row.sign().map(|(_, at)| at),
        seat: row.exactly()?,
    })
}

fn member(row: MemberRow, spectators: &[SpectatorRecord]) -> Result<Member, StoreError> {
    let watches = spectators.iter().any(|spectator| spectator.user == row.user());
    row.member(None, watches.then_some(PgTimestamp(0)))
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = rejoin_tokens)]
struct TokenRow {
    id: Uuid,
    user_id: Uuid,
    role: String,
    seat_index: Option<i16>,
    token_hash: String,
    expires_at: PgTimestamp,
    created_at: PgTimestamp,
    revoked_at: Option<PgTimestamp>,
}

impl TokenRow {
    fn record(self, key: &RejoinKey) -> Result<TokenRecord, StoreError> {
        Ok(TokenRecord {
            owner: UserId(self.user_id),
            role: self.role,
            seat: self.seat_index.map(seat_index).transpose()?,
            genuine: key.hash(TokenId(self.id)) == self.token_hash,
            created_at: timestamp(self.created_at),
            expires_at: timestamp(self.expires_at),
            revoked_at: self.revoked_at.map(timestamp),
        })
    }
}

/// When a game was started and when it ended, the clock, and how many outages there were.
type TimesRow = (Option<PgTimestamp>, Option<PgTimestamp>, PgTimestamp, i64);

type OutagesRow = (Option<i64>, i64, Option<i64>, Option<i64>, Option<PgTimestamp>, PgTimestamp);

/// An answer's key and time, the clock, what it says, and what is stored of that.
type ReplySql = (
    SqlUuid,
    SqlUuid,
    Timestamptz,
    Timestamptz,
    Nullable<SqlUuid>,
    Nullable<BigInt>,
    Nullable<Binary>,
    Nullable<Text>,
    Nullable<BigInt>,
    Nullable<SqlUuid>,
    Nullable<Bool>,
);

type ReplyRow = (
    Uuid,
    Uuid,
    PgTimestamp,
    PgTimestamp,
    Option<Uuid>,
    Option<i64>,
    Option<Vec<u8>>,
    Option<String>,
    Option<i64>,
    Option<Uuid>,
    Option<bool>,
);

fn reply(row: ReplyRow, seal: &Seal) -> Result<ReplyRecord, StoreError> {
    let (user, command, created_at, now, room, seq, body, code, last, actor, own) = row;
    let id = CommandId { by: UserId(user), id: command };
    let acted = match room.zip(seq) {
        Some((room, seq)) => {
            let found = match code.zip(last) {
                Some((code, last)) => Some((code, count(last)?)),
                None => None,
            };
            let by = actor.zip(own).map(|(user, own)| (UserId(user), own));
            Some(ActedReply { room: RoomId(room), found, seq: count(seq)?, by })
        }
        None => None,
    };
    Ok(ReplyRecord {
        id,
        created_at: timestamp(created_at),
        now: timestamp(now),
        acted,
        opens: body.is_none_or(|body| seal.open_answer(&body, id).is_ok()),
    })
}

fn result(row: &HandRow, board: Option<Vec<String>>, winners: Option<Json>) -> Result<Option<HandResult>, StoreError> {
    let Some(completed_at) = row.completed_at() else { return Ok(None) };
    let told = winners.ok_or(StoreError::Corrupt("hand")).and_then(|json| Winners::told(&json));
    let told = told.and_then(|told| {
        let same = board.is_some_and(|board| told.boards[0].iter().map(Card::to_string).eq(board));
        if same { Ok(told) } else { Err(StoreError::Corrupt("board")) }
    });
    let pot = chips(row.pot.ok_or(StoreError::Corrupt("hand"))?)?;
    Ok(Some(HandResult { completed_at, pot, runs: row.runs()?, told }))
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = chip_ledger)]
struct EntryRow {
    seq: i64,
    ordinal: i16,
    user_id: Uuid,
    kind: String,
    delta: i64,
    hand_id: Option<Uuid>,
    reason: Option<String>,
    at: PgTimestamp,
}

impl EntryRow {
    fn record(self) -> Result<EntryRecord, StoreError> {
        let entry = Entry {
            user: UserId(self.user_id),
            kind: EntryKind::of_name(&self.kind).ok_or(StoreError::Corrupt("ledger row"))?,
            delta: self.delta,
            hand: self.hand_id.map(HandId),
            reason: self.reason,
        };
        Ok(EntryRecord { seq: count(self.seq)?, ordinal: count(self.ordinal.into())?, entry, at: timestamp(self.at) })
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
    at: PgTimestamp,
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
