//! The log of what happened, and the hands in it.

use async_trait::async_trait;
use diesel::dsl::exists;
use diesel::pg::data_types::PgTimestamp;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use domain::card::Card;
use domain::chips::Chips;
use domain::event::Committed;
use domain::ids::{Epoch, HandId, RoomId, UserId};
use futures_util::{FutureExt, try_join};
use ports::store::{Journal, LogPage, PastHand, RecordedHand, StoreError};
use uuid::Uuid;

use crate::event_row::{EventRow, Json, Winners};
use crate::rooms::SNAPSHOT;
use crate::rows::{HandRow, PlayerRow, chips, count, signed, timestamp};
use crate::schema::{game_states, hands, players, room_events};
use crate::store::PgStore;

#[async_trait]
impl Journal for PgStore {
    async fn events_after(&self, room: RoomId, after: u64, limit: u32) -> Result<LogPage, StoreError> {
        // One statement is one snapshot. Without events it has one row, with none in it.
        let rows = self.pool.ask(|conn| {
            let later = room_events::room_id.eq(game_states::room_id).and(room_events::seq.gt(signed(after)));
            game_states::table
                .left_join(room_events::table.on(later))
                .filter(game_states::room_id.eq(room.0))
                .order(room_events::seq)
                .limit(i64::from(limit).max(1))
                .select((game_states::epoch, game_states::seq, Option::<EventRow>::as_select()))
                .load::<(Uuid, i64, Option<EventRow>)>(&mut { conn })
                .boxed()
        });
        let rows = rows.await?;
        let (epoch, seq, _) = rows.as_slice().first().ok_or(StoreError::Missing("room"))?;
        let (epoch, seq) = (Epoch(*epoch), count(*seq)?);
        let events = rows.into_iter().filter_map(|(_, _, event)| event).take(limit as usize);
        Ok(LogPage { events: events.map(|event| event.committed(&self.seal)).collect::<Result<_, _>>()?, epoch, seq })
    }

    async fn seqs(&self, rooms: &[RoomId]) -> Result<Vec<(RoomId, u64)>, StoreError> {
        let seqs = self.pool.ask(|conn| {
            game_states::table
                .filter(game_states::room_id.eq_any(rooms.iter().map(|room| room.0).collect::<Vec<_>>()))
                .select((game_states::room_id, game_states::seq))
                .load::<(Uuid, i64)>(&mut { conn })
                .boxed()
        });
        // A number that can't be is one room's trouble, which whoever reads that room finds.
        let known = |(room, seq)| Some((RoomId(room), count(seq).ok()?));
        Ok(seqs.await?.into_iter().filter_map(known).collect())
    }

    async fn hands_before(
        &self,
        room: RoomId,
        played_by: Option<UserId>,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<PastHand>, StoreError> {
        let before = before.and_then(|number| i64::try_from(number).ok()).unwrap_or(i64::MAX);
        let rows = self.pool.ask(|conn| {
            let mut found = hands::table
                .filter(hands::room_id.eq(room.0))
                .filter(hands::hand_number.lt(before))
                .filter(hands::completed_at.is_not_null())
                .into_boxed();
            if let Some(user) = played_by {
                let dealt = players::table.filter(players::hand_id.eq(hands::id)).filter(players::user_id.eq(user.0));
                found = found.filter(exists(dealt));
            }
            found
                .order(hands::hand_number.desc())
                .limit(limit.into())
                .select(PastHandRow::as_select())
                .load(&mut { conn })
                .boxed()
        });
        rows.await?.into_iter().map(PastHandRow::hand).collect()
    }

    async fn read_hand(&self, id: HandId) -> Result<RecordedHand, StoreError> {
        let lease = self.pool.begin(SNAPSHOT).await?;
        let conn = lease.conn();
        let hand = hands::table.find(id.0).select(HandRow::as_select()).load(&mut { conn });
        let players = players::table
            .filter(players::hand_id.eq(id.0))
            .order(players::seat_index)
            .select(PlayerRow::as_select())
            .load(&mut { conn });
        let events = room_events::table
            .filter(room_events::hand_id.eq(id.0))
            .order(room_events::seq)
            .select(EventRow::as_select())
            .load(&mut { conn });
        let answers = lease.ask(async { try_join!(hand, players, events) }).await?;
        let (hand, players, events): (Vec<HandRow>, Vec<PlayerRow>, Vec<EventRow>) = answers;
        lease.commit().await?;

        let hand = hand.into_iter().next().ok_or(StoreError::Missing("hand"))?;
        let events: Vec<Committed> =
            events.into_iter().map(|event| event.committed(&self.seal)).collect::<Result<_, _>>()?;
        let player = |row: PlayerRow| Ok((row.seat()?, row.user(), row.display_name.clone(), chips(row.stack)?));
        Ok(RecordedHand {
            room: RoomId(hand.room_id),
            id,
            number: hand.number()?,
            started_at: hand.started_at(),
            completed_at: hand.completed_at(),
            button: hand.button()?,
            rules: hand.setup(&players)?.rules,
            players: players.into_iter().map(player).collect::<Result<_, StoreError>>()?,
            deck: hand.deck(&self.seal)?,
            seed: hand.seed(&self.seal)?,
            boards: boards(&events),
            pot: hand.pot.map_or(Ok(Chips::ZERO), chips)?,
            events,
        })
    }
}

/// The cards on each board, from the last event that tells them.
fn boards(events: &[Committed]) -> Vec<Vec<Card>> {
    let told = events.iter().rev().find_map(|committed| committed.event.what.facts().boards);
    told.map_or_else(|| vec![Vec::new()], <[Vec<Card>]>::to_vec)
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = hands)]
struct PastHandRow {
    id: Uuid,
    hand_number: i64,
    started_at: PgTimestamp,
    completed_at: Option<PgTimestamp>,
    pot: Option<i64>,
    winners: Option<Json>,
}

impl PastHandRow {
    fn hand(self) -> Result<PastHand, StoreError> {
        const CORRUPT: StoreError = StoreError::Corrupt("hand");
        Ok(PastHand {
            id: HandId(self.id),
            number: count(self.hand_number)?,
            started_at: timestamp(self.started_at),
            completed_at: self.completed_at.map(timestamp).ok_or(CORRUPT)?,
            pot: chips(self.pot.ok_or(CORRUPT)?)?,
            winners: Winners::shares(&self.winners.ok_or(CORRUPT)?)?,
        })
    }
}
