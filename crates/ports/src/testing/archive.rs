//! What a database keeps besides the room itself, as rows.

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::card::deck::Deck;
use domain::event::{Committed, HandCompleted, Writes};
use domain::game::Dealt;
use domain::ids::{GameId, HandId, RoomId, TokenId, UserId};
use domain::ledger::{self, Entry, EntryKind};
use domain::room::Room;
use domain::time::Timestamp;

use super::{Flaw, Record, World};
use crate::store::{
    ActionRecord, Archive, Copies, EventRecord, HandRecord, HandResult, HandTold, KeyFit, LogRecords, RoomArchive,
    RoomRecord, StoreError, TokenRecord,
};

/// The rows of one room.
#[derive(Default)]
pub(super) struct Rows {
    events: Vec<Committed>,
    entries: Vec<(u64, Entry)>,
    actions: Vec<ActionRecord>,
    hands: BTreeMap<HandId, HandRow>,
    tokens: Vec<(TokenId, UserId, bool)>,
    /// The room before the last commit, where a flaw needs it.
    pub(super) before: Option<Room>,
}

struct HandRow {
    game: GameId,
    dealt: Dealt,
    deck: Deck,
    end: Option<(HandCompleted, Timestamp)>,
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
            let entries = ledger::entries(&committed.event.what).into_iter().filter(kept);
            self.entries.extend(entries.map(|entry| (seq, entry)));
            match committed.event.what.facts().writes {
                Writes::Nothing => {}
                Writes::Hand(started) => {
                    let dealt = room.game.dealt.clone().expect("a hand that was dealt is the room's last");
                    let deck =
                        if flaw == Some(Flaw::StoresAnotherDeck) { Deck::ordered() } else { dealt.hand.deck().clone() };
                    self.hands.insert(started.hand, HandRow { game: room.game.id, dealt, deck, end: None });
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
                    }
                }
            }
        }
        self.events.extend(events);
    }

    /// Tokens that are new, and those that they replace.
    pub(super) fn add_tokens(&mut self, before: Option<&Room>, after: &Room, flaw: Option<Flaw>) {
        let token = |room: &Room, user: &UserId| room.members.get(user)?.token.map(|token| token.id);
        for user in after.members.keys() {
            let (old, new) = (before.and_then(|room| token(room, user)), token(after, user));
            if old == new {
                continue;
            }
            if flaw != Some(Flaw::KeepsTokens) {
                let revoked = self.tokens.iter_mut().filter(|(id, ..)| Some(*id) == old);
                revoked.for_each(|(_, _, current)| *current = false);
            }
            self.tokens.extend(new.map(|id| (id, *user, true)));
        }
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
        self.world.record(self.room, room)
    }

    async fn log(&mut self, after: u64, count: u32) -> Result<LogRecords, StoreError> {
        let upto = after + u64::from(count);
        self.world.record(self.room, |Record { rows, .. }| {
            let events = rows.events_after(after).take_while(|event| event.seq <= upto);
            let entries = &rows.entries[rows.entries.partition_point(|(seq, _)| *seq <= after)..];
            let actions = &rows.actions[rows.actions.partition_point(|action| action.seq <= after)..];
            LogRecords {
                events: events.map(|event| EventRecord { seq: event.seq, event: Ok(event.clone()) }).collect(),
                entries: entries.iter().take_while(|(seq, _)| *seq <= upto).cloned().collect(),
                actions: actions.iter().take_while(|action| action.seq <= upto).cloned().collect(),
            }
        })
    }

    async fn hand(&mut self, id: HandId) -> Result<Option<HandRecord>, StoreError> {
        self.world.record(self.room, |record| record.rows.hands.get(&id).map(hand))
    }
}

fn hand(row: &HandRow) -> HandRecord {
    let HandRow { game, dealt, deck, end } = row;
    let setup = dealt.hand.setup();
    let told = |done: &HandCompleted| HandTold {
        board: done.board.clone(),
        winners: done.winners.clone(),
        shown: done.shown.clone(),
    };
    HandRecord {
        id: dealt.id,
        game: *game,
        number: dealt.number,
        button: setup.button,
        rules: setup.rules,
        action_timeout: dealt.action_timeout,
        started_at: dealt.started_at,
        players: setup.players.iter().map(|(seat, stack)| (*seat, dealt.players[seat], *stack)).collect(),
        deck: Ok(deck.clone()),
        seed: Ok(dealt.seed.clone()),
        result: end.as_ref().map(|(done, at)| HandResult {
            completed_at: *at,
            pot: done.winners.iter().map(|winner| winner.amount).sum(),
            told: Ok(told(done)),
        }),
    }
}

fn room(record: &Record) -> RoomRecord {
    let Record { room, seq, rows, .. } = record;
    let chairs = (0..).map(domain::ids::SeatIndex).zip(&room.seats);
    let live = rows.hands.values().filter(|row| row.end.is_none()).map(|row| row.dealt.id);
    RoomRecord {
        id: room.id,
        code: room.code.clone(),
        host: room.host,
        seq: *seq,
        last: rows.last(),
        game: room.game.id,
        status: room.game.status,
        hand_number: room.game.hand_number,
        turn_number: room.game.turn_number,
        turn_seat: room.game.turn.map(|turn| turn.seat),
        current_hand: room.game.dealt.as_ref().map(|dealt| dealt.id),
        hands: rows.hands.len() as u64,
        live_hands: live.collect(),
        chairs: chairs.filter_map(|(seat, chair)| chair.occupant().map(|held| (seat, held.user, held.chips))).collect(),
        members: room.members.values().map(|member| (member.user, member.standing, member.waiting)).collect(),
        tokens: rows
            .tokens
            .iter()
            .map(|(_, owner, current)| TokenRecord {
                owner: *owner,
                current: *current,
                role: room.token_role(*owner).to_owned(),
                seat: room.chair_of(*owner),
                genuine: true,
            })
            .collect(),
        copies: copies(room),
    }
}

fn copies(room: &Room) -> Copies {
    let name = |user: &UserId| room.members.get(user).map_or_else(String::new, |member| member.name.to_string());
    let seats = (0..).map(domain::ids::SeatIndex).zip(&room.seats);
    Copies {
        members: room.members.keys().map(|user| (*user, name(user))).collect(),
        seats: seats
            .filter_map(|(index, seat)| Some((index, seat.occupant()?.user, seat.is_leaving())))
            .map(|(index, user, leaving)| (index, user, name(&user), leaving))
            .collect(),
        spectators: room
            .members
            .values()
            .filter(|member| member.is_watching())
            .map(|member| (member.user, name(&member.user)))
            .collect(),
    }
}
