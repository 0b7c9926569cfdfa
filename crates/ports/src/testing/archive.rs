//! What a database keeps besides the room itself, as rows.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::card::Card;
use domain::card::deck::Deck;
use domain::chips::Chips;
use domain::event::{Committed, EventKind, HandCompleted, Writes};
use domain::game::Dealt;
use domain::ids::{GameId, HandId, RoomId, TokenId, UserId};
use domain::ledger::{self, Entry, EntryKind};
use domain::member::Member;
use domain::room::Room;
use domain::time::Timestamp;
use domain::view::hydration::PastAction;

use super::{Flaw, Record, World};
use crate::store::{
    ActedReply, ActionRecord, Answer, Archive, CommandId, EntryRecord, EventRecord, HandRecord, HandResult, HandTold,
    KeyFit, LogRecords, OutageRecords, PastHand, RecordedHand, ReplyRecord, RoomArchive, RoomRecord, SeatRecord,
    SpectatorRecord, StoreError, TokenRecord,
};

/// The rows of one room.
#[derive(Default)]
pub(super) struct Rows {
    events: Vec<Committed>,
    entries: Vec<EntryRecord>,
    actions: Vec<ActionRecord>,
    hands: BTreeMap<HandId, HandRow>,
    tokens: Vec<TokenRow>,
    started_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
    /// The room before the last commit, where a flaw needs it.
    pub(super) before: Option<Room>,
}

struct TokenRow {
    id: TokenId,
    owner: UserId,
    created_at: Timestamp,
    revoked_at: Option<Timestamp>,
}

struct HandRow {
    game: GameId,
    dealt: Dealt,
    names: BTreeMap<UserId, String>,
    deck: Deck,
    end: Option<(HandCompleted, Timestamp)>,
    runs: Option<u8>,
}

impl Rows {
    pub(super) fn events_after(&self, seq: u64) -> impl Iterator<Item = &Committed> {
        self.events[self.events.partition_point(|event| event.seq <= seq)..].iter()
    }

    /// What a commit adds.
    pub(super) fn add(&mut self, room: &Room, events: Vec<Committed>, flaw: Option<Flaw>) {
        for committed in &events {
            let (seq, at) = (committed.seq, committed.at);
            let kept = |entry: &Entry| flaw != Some(Flaw::ForgetsTopUps) || entry.kind != EntryKind::TopUp;
            let entries = (0..).zip(ledger::entries(&committed.event.what).into_iter().filter(kept));
            self.entries.extend(entries.map(|(ordinal, entry)| EntryRecord { seq, ordinal, entry, at }));
            let kind = committed.event.what.facts().kind;
            if matches!(kind, Some(EventKind::GameStarted | EventKind::GameEnded)) {
                self.started_at.get_or_insert(at);
            }
            if kind == Some(EventKind::GameEnded) {
                self.ended_at = Some(at);
            }
            match committed.event.what.facts().writes {
                Writes::Nothing => {}
                Writes::Hand(started) => {
                    let dealt = room.game.dealt.clone().expect("a hand that was dealt is the room's last");
                    let deck = if flaw == Some(Flaw::StoresAnotherDeck) {
                        Deck::ordered(dealt.hand.deck().pack())
                    } else {
                        dealt.hand.deck().clone()
                    };
                    let names = dealt.players.values().map(|user| (*user, name_of(room, *user))).collect();
                    self.hands.insert(
                        started.hand,
                        HandRow { game: room.game.id, dealt, names, deck, end: None, runs: None },
                    );
                }
                Writes::Action(acted) => self.actions.push(ActionRecord {
                    seq,
                    hand: acted.hand,
                    turn: acted.turn,
                    seat: acted.seat,
                    user: acted.user,
                    street: acted.street,
                    kind: acted.kind,
                    amount: acted.amount,
                    auto: acted.auto,
                    at,
                }),
                Writes::Result(done) => {
                    if let Some(row) = self.hands.get_mut(&done.hand) {
                        row.end = Some((done.clone(), at));
                        row.runs = room.game.dealt.as_ref().and_then(|dealt| dealt.hand.runs());
                    }
                }
            }
        }
        self.events.extend(events);
    }

    /// Tokens that are new, and those that they replace.
    pub(super) fn add_tokens(&mut self, before: Option<&Room>, after: &Room, at: Timestamp, flaw: Option<Flaw>) {
        let token = |room: &Room, user: &UserId| room.members.get(user)?.token.map(|token| token.id);
        for user in after.members.keys() {
            let (old, new) = (before.and_then(|room| token(room, user)), token(after, user));
            if old == new {
                continue;
            }
            if flaw != Some(Flaw::KeepsTokens) {
                let revoked = self.tokens.iter_mut().filter(|token| Some(token.id) == old);
                revoked.for_each(|token| token.revoked_at = Some(at));
            }
            self.tokens.extend(new.map(|id| TokenRow { id, owner: *user, created_at: at, revoked_at: None }));
        }
    }

    /// What was done after event `seq`.
    pub(super) fn actions_after(&self, seq: u64) -> &[ActionRecord] {
        &self.actions[self.actions.partition_point(|action| action.seq <= seq)..]
    }

    /// The last actions, oldest first, at most `limit`.
    pub(super) fn recent(&self, limit: usize) -> Vec<PastAction> {
        let past = |action: &ActionRecord| PastAction {
            seq: action.seq,
            hand: action.hand,
            user: action.user,
            seat: action.seat,
            street: action.street,
            kind: action.kind,
            amount: action.amount,
            at: action.at,
        };
        self.actions[self.actions.len().saturating_sub(limit)..].iter().map(past).collect()
    }

    /// Hands that are over, newest first.
    pub(super) fn past_hands(&self, played_by: Option<UserId>, before: Option<u64>) -> impl Iterator<Item = PastHand> {
        let mut rows: Vec<&HandRow> = self.hands.values().collect();
        rows.sort_by_key(|row| Reverse(row.dealt.number));
        let is_asked_for = move |row: &&HandRow| {
            before.is_none_or(|before| row.dealt.number < before)
                && played_by.is_none_or(|user| row.names.contains_key(&user))
        };
        rows.into_iter().filter(is_asked_for).filter_map(|row| {
            let (done, completed_at) = row.end.as_ref()?;
            Some(PastHand {
                id: row.dealt.id,
                number: row.dealt.number,
                started_at: row.dealt.started_at,
                completed_at: *completed_at,
                pot: won(done),
                winners: done.winners.clone(),
            })
        })
    }

    /// A hand with its events.
    pub(super) fn recorded(&self, room: RoomId, id: HandId) -> Option<RecordedHand> {
        let row = self.hands.get(&id)?;
        let HandRecord { number, started_at, setup, players, .. } = hand(row);
        let of_hand = |committed: &&Committed| committed.event.what.facts().hand == Some(id);
        let events: Vec<Committed> = self.events.iter().filter(of_hand).cloned().collect();
        let boards = events.iter().rev().find_map(|committed| committed.event.what.facts().boards);
        Some(RecordedHand {
            room,
            id,
            number,
            started_at,
            completed_at: row.end.as_ref().map(|(_, at)| *at),
            button: setup.button,
            rules: setup.rules,
            players,
            deck: row.deck.clone(),
            seed: row.dealt.seed.clone(),
            boards: boards.map_or_else(|| vec![Vec::new()], <[Vec<Card>]>::to_vec),
            pot: row.end.as_ref().map_or(Chips::ZERO, |(done, _)| won(done)),
            events,
        })
    }

    /// Forgets tokens that were revoked before `end`, and these. Returns how many.
    pub(super) fn forget_tokens(&mut self, end: Timestamp, ended: &[TokenId]) -> u64 {
        let before = self.tokens.len();
        self.tokens.retain(|token| token.revoked_at.is_none_or(|at| at >= end) && !ended.contains(&token.id));
        (before - self.tokens.len()) as u64
    }

    /// When the last event was.
    pub(super) fn last_at(&self) -> Option<Timestamp> {
        self.events.last().map(|event| event.at)
    }

    fn last(&self) -> u64 {
        self.events.last().map_or(0, |event| event.seq)
    }
}

#[async_trait]
impl Archive for World {
    async fn rooms_after(&self, after: Option<RoomId>, limit: u32) -> Result<Vec<RoomId>, StoreError> {
        Ok(self.rooms().into_iter().filter(|id| Some(*id) > after).take(limit as usize).collect())
    }

    async fn key_fit(&self) -> Result<KeyFit, StoreError> {
        Ok(KeyFit::Fits)
    }

    async fn replies_after(
        &self,
        after: Option<CommandId>,
        room: Option<RoomId>,
        limit: u32,
    ) -> Result<Vec<ReplyRecord>, StoreError> {
        let state = self.state();
        let mut replies: Vec<ReplyRecord> = Vec::new();
        for (id, (reply, created_at)) in &state.replies {
            let acted = match &reply.answer {
                Answer::Acted { room, seq } => Some((*room, *seq)),
                Answer::Given { .. } => None,
            };
            let is_asked_for = room.is_none_or(|room| acted.is_some_and(|(of, _)| of == room));
            if !is_asked_for || after.is_some_and(|after| (id.by, id.id) <= (after.by, after.id)) {
                continue;
            }
            let acted = acted.map(|(room, seq)| {
                let record = state.rooms.get(&room);
                let last = record.and_then(|record| record.rows.actions.iter().rfind(|action| action.seq <= seq));
                let event = record.and_then(|record| record.rows.events.iter().find(|event| event.seq == seq));
                ActedReply {
                    room,
                    found: record.map(|record| (record.room.code.clone(), record.seq)),
                    seq,
                    by: last
                        .map(|action| (action.user, !action.auto && event.is_some_and(|event| event.at == action.at))),
                }
            });
            replies.push(ReplyRecord { id: *id, created_at: *created_at, now: state.now, acted, opens: true });
        }
        replies.sort_by_key(|reply| (reply.id.by, reply.id.id));
        replies.truncate(limit as usize);
        Ok(replies)
    }

    async fn outages(&self) -> Result<OutageRecords, StoreError> {
        let state = self.state();
        let number = state.outages.len() as u64;
        let first = number.min(1);
        Ok(OutageRecords {
            counted: number,
            rows: number,
            first,
            last: number,
            alive_at: state.alive_at,
            now: state.now,
        })
    }

    async fn open(&self, room: RoomId) -> Result<Box<dyn RoomArchive>, StoreError> {
        self.record(room, |_| ())?;
        Ok(Box::new(OneRoom { world: self.clone(), room }))
    }
}

/// Reads the world as it is at each call: nothing happens in it while a test looks.
struct OneRoom {
    world: World,
    room: RoomId,
}

#[async_trait]
impl RoomArchive for OneRoom {
    async fn room(&mut self) -> Result<RoomRecord, StoreError> {
        let (now, outages) = {
            let state = self.world.state();
            (state.now, state.outages.len() as u64)
        };
        self.world.record(self.room, |record| room(record, now, outages))
    }

    async fn log(&mut self, after: u64, count: u32) -> Result<LogRecords, StoreError> {
        let upto = after + u64::from(count);
        self.world.record(self.room, |Record { rows, .. }| {
            let events = rows.events_after(after).take_while(|event| event.seq <= upto);
            let entries = &rows.entries[rows.entries.partition_point(|entry| entry.seq <= after)..];
            let actions = &rows.actions[rows.actions.partition_point(|action| action.seq <= after)..];
            LogRecords {
                events: events.map(|event| EventRecord { seq: event.seq, event: Ok(event.clone()) }).collect(),
                entries: entries.iter().take_while(|entry| entry.seq <= upto).cloned().collect(),
                actions: actions.iter().take_while(|action| action.seq <= upto).cloned().collect(),
            }
        })
    }

    async fn hand(&mut self, id: HandId) -> Result<Option<HandRecord>, StoreError> {
        self.world.record(self.room, |record| record.rows.hands.get(&id).map(hand))
    }
}

fn hand(row: &HandRow) -> HandRecord {
    let HandRow { game, dealt, names, deck, end, runs } = row;
    let setup = dealt.hand.setup();
    let told = |done: &HandCompleted| HandTold {
        boards: done.boards.clone(),
        winners: done.winners.clone(),
        shown: done.shown.clone(),
    };
    HandRecord {
        id: dealt.id,
        game: *game,
        number: dealt.number,
        setup: setup.clone(),
        action_timeout: dealt.action_timeout,
        run_vote: dealt.run_vote,
        rabbit_hunt: dealt.rabbit_hunt,
        started_at: dealt.started_at,
        players: setup
            .players
            .iter()
            .map(|(seat, stack)| (*seat, dealt.players[seat], names[&dealt.players[seat]].clone(), *stack))
            .collect(),
        deck: Ok(deck.clone()),
        seed: Ok(dealt.seed.clone()),
        result: end.as_ref().map(|(done, at)| HandResult {
            completed_at: *at,
            pot: won(done),
            runs: *runs,
            told: Ok(told(done)),
        }),
    }
}

fn won(done: &HandCompleted) -> Chips {
    done.winners.iter().map(|winner| winner.amount).sum()
}

fn name_of(room: &Room, user: UserId) -> String {
    room.members.get(&user).map_or_else(String::new, |member| member.name.to_string())
}

fn room(record: &Record, now: Timestamp, outages: u64) -> RoomRecord {
    let Record { room, seq, rows, .. } = record;
    let last_seen = |user: UserId| room.members.get(&user).map(|member| member.last_seen);
    let live = rows.hands.values().filter(|row| row.end.is_none()).map(|row| row.dealt.id);
    let seats = (0..).map(domain::ids::SeatIndex).zip(&room.seats).map(|(index, seat)| {
        let user = seat.occupant().map(|occupant| occupant.user);
        SeatRecord {
            index,
            seat: seat.clone(),
            name: user.map(|user| name_of(room, user)),
            last_seen: user.and_then(last_seen),
        }
    });
    let spectators = room.members.values().filter(|member| member.is_watching()).map(|member| SpectatorRecord {
        user: member.user,
        name: member.name.to_string(),
        last_seen: member.last_seen,
    });
    let token = |row: &TokenRow| TokenRecord {
        owner: row.owner,
        role: room.token_role(row.owner).to_owned(),
        seat: room.occupied_seat_of(row.owner),
        genuine: true,
        created_at: row.created_at,
        expires_at: room
            .members
            .get(&row.owner)
            .and_then(|member| member.token)
            .filter(|token| token.id == row.id)
            .map_or(row.created_at, |token| token.expires_at),
        revoked_at: row.revoked_at,
    };
    RoomRecord {
        id: room.id,
        code: room.code.clone(),
        now,
        host: room.host,
        room_status: room.status,
        settings: room.settings.clone(),
        seq: *seq,
        last: rows.last(),
        game: room.game.id,
        status: room.game.status,
        ending: room.game.ending,
        started_at: rows.started_at,
        ended_at: rows.ended_at,
        hand_number: room.game.hand_number,
        places: room.game.places,
        bomb_pot_queued: room.game.bomb_pot_queued,
        turn_number: room.game.turn_number,
        turn: room.game.turn,
        next_hand_at: room.game.next_hand_at,
        wakes_at: record.wakes_at,
        forgiven: record.forgiven as u64,
        outages,
        current_hand: room.game.dealt.as_ref().map(|dealt| dealt.id),
        hands: rows.hands.len() as u64,
        live_hands: live.collect(),
        seats: seats.collect(),
        members: room.members.values().map(|member| Member { token: None, ..member.clone() }).collect(),
        spectators: spectators.collect(),
        tokens: rows.tokens.iter().map(token).collect(),
    }
}
