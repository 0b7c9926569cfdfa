//! One room, folded from its log.

use std::collections::BTreeMap;

use domain::chips::Chips;
use domain::event::{Acted, Committed, EventKind, HandCompleted, HandStarted, Happened, Moved};
use domain::game::GameStatus;
use domain::ids::{GameId, HandId, RoomId, SeatIndex, UserId};
use domain::ledger::{self, Entry, EntryKind};
use domain::member::Standing;
use ports::store::{RoomRecord, TokenRecord};

use super::compare::{Mismatch, list};
use super::hand::{self, Replay};
use super::{Difference, Foreign, Records};

/// More chips than there can be anywhere: 2^53. What is stored above it is wrong, and not safe to count with.
pub(super) const LARGEST: u64 = 1 << 53;

/// What a room's log says so far.
pub struct RoomAudit {
    id: RoomId,
    game: GameId,
    seq: u64,
    hands: u64,
    turns: u64,
    status: GameStatus,
    /// Who made the room is in no event: the first who acts as a member without having been let in.
    maker: Option<UserId>,
    host: Option<UserId>,
    people: BTreeMap<UserId, Person>,
    chairs: BTreeMap<SeatIndex, Chair>,
    live: Option<Replay>,
    last_hand: Option<HandId>,
    /// Chips in front of those who are in the hand, and in the middle.
    table: Option<Table>,
    /// Σ of the ledger: what came to the table, less what left it.
    ledger: i128,
    balances: BTreeMap<UserId, i128>,
    /// Whether it can be told when a turn's time was up.
    is_timed: bool,
    foreign: Option<Foreign>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Presence {
    Waits,
    In,
    Gone,
}

struct Person {
    presence: Presence,
    waiting: u64,
}

struct Chair {
    user: UserId,
    chips: u64,
    sits_out: bool,
}

struct Table {
    behind: BTreeMap<SeatIndex, u64>,
    total: u64,
}

/// A difference that doesn't know yet where it is.
type Found = Mismatch;

fn found(field: impl Into<String>, expected: impl ToString, stored: impl ToString) -> Found {
    Mismatch { field: field.into(), expected: expected.to_string(), stored: stored.to_string() }
}

impl RoomAudit {
    /// An audit of a room, before its first event.
    pub fn new(room: &RoomRecord) -> Self {
        Self {
            id: room.id,
            game: room.game,
            seq: 0,
            hands: 0,
            turns: 0,
            status: GameStatus::Waiting,
            maker: None,
            host: None,
            people: BTreeMap::new(),
            chairs: BTreeMap::new(),
            live: None,
            last_hand: None,
            table: None,
            ledger: 0,
            balances: BTreeMap::new(),
            is_timed: true,
            foreign: None,
        }
    }

    /// The database's clock was set while the room was played in: from here on it can't be told whether a decision of the clock
    /// came too early. All else is compared as before.
    pub fn clock_was_set(&mut self) {
        self.is_timed = false;
        if let Some(live) = &mut self.live {
            live.clock_was_set();
        }
    }

    /// The number of the last event that was compared.
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// Events of a later version so far, if there were any.
    pub fn foreign(&self) -> Option<&Foreign> {
        self.foreign.as_ref()
    }

    /// How many hands were begun.
    pub fn hands(&self) -> u64 {
        self.hands
    }

    /// Compares what is stored under the next number.
    ///
    /// # Errors
    ///
    /// - The first difference.
    pub fn take(&mut self, records: &Records<'_>) -> Result<(), Difference> {
        let number = self.live.as_ref().map(Replay::number);
        self.next(records).map_err(|found| {
            let hand = number.or_else(|| self.live.as_ref().map(Replay::number));
            let Mismatch { field, expected, stored } = found;
            Difference { hand, seq: Some(records.seq), what: field, expected, stored }
        })
    }

    fn next(&mut self, records: &Records<'_>) -> Result<(), Found> {
        if records.seq != self.seq + 1 {
            return Err(found("number of the event", self.seq + 1, format!("{}: there is a gap", records.seq)));
        }
        let Some(event) = records.event else { return Err(found("event", "one", "none, but rows that belong to it")) };
        let Ok(committed) = &event.event else {
            return Err(found("event", "one that can be", "none that can be read"));
        };
        let what = &committed.event.what;
        if let Some(chips) = too_many(what) {
            return Err(found("chips", "less than there can be", chips));
        }
        if let Happened::Foreign { kind } = what {
            self.passes_over(records, kind);
            return Ok(());
        }
        if let (Some(live), None) = (&self.live, what.hand())
            && let Some(owed) = live.owed()
        {
            return Err(found("event", owed, "an event outside of a hand"));
        }
        let acted = if let Happened::Acted(acted) = what { Some(acted) } else { None };
        match (acted, records.action) {
            (Some(acted), Some(row)) => hand::row_of(acted, committed.at, row)?,
            (Some(_), None) => return Err(found("actions row", "one", "none")),
            (None, Some(_)) => return Err(found("actions row", "none: the event is no action", "one")),
            (None, None) => {}
        }
        self.happened(committed, records)?;
        self.accounts(what, records.entries)?;
        self.seq = records.seq;
        Ok(())
    }

    /// An event of a later version may have done anything: what it moved is taken as the ledger has it, and its other rows are
    /// not judged.
    fn passes_over(&mut self, records: &Records<'_>, kind: &str) {
        let new = || Foreign { count: 0, first: records.seq, name: kind.to_owned() };
        self.foreign.get_or_insert_with(new).count += 1;
        for entry in records.entries {
            let chair = self.chairs.values_mut().find(|chair| chair.user == entry.user);
            if let Some(chair) = chair {
                chair.chips = chair.chips.saturating_add_signed(entry.delta);
            }
            self.count(entry);
        }
        self.seq = records.seq;
    }

    fn count(&mut self, entry: &Entry) {
        *self.balances.entry(entry.user).or_default() += i128::from(entry.delta);
        self.ledger += i128::from(entry.delta);
    }

    fn happened(&mut self, committed: &Committed, records: &Records<'_>) -> Result<(), Found> {
        match &committed.event.what {
            Happened::JoinRequested { user, .. } => {
                self.arrives(*user, Presence::Waits);
                Ok(())
            }
            Happened::Approved { user, .. } => {
                self.arrives(*user, Presence::In);
                Ok(())
            }
            Happened::Rejected { user, .. } => self.goes(*user, Presence::Waits),
            Happened::MemberLeft { user } | Happened::Kicked { user } => {
                let waits = self.people.get(user).is_some_and(|person| person.presence == Presence::Waits);
                if !waits {
                    self.is_in(*user)?;
                }
                self.goes(*user, if waits { Presence::Waits } else { Presence::In })
            }
            Happened::SpectatorJoined { user, .. } | Happened::SpectatorLeft { user, .. } => self.is_in(*user),
            Happened::HostChanged { user } => {
                self.is_in(*user)?;
                self.host = Some(*user);
                Ok(())
            }
            Happened::Seated { seat, user, chips, .. } => self.sits_down(*seat, *user, chips.get()),
            Happened::SeatFreed { seat, user, chips, .. } => self.gets_up(*seat, *user, chips.get()),
            Happened::Disconnected { user, seat } | Happened::Reconnected { user, seat } => {
                self.chair(*seat, *user).map(drop)
            }
            Happened::SatOut { user, seat } => {
                self.chair(*seat, *user)?.sits_out = true;
                Ok(())
            }
            Happened::SatIn { user, seat } => {
                self.chair(*seat, *user)?.sits_out = false;
                Ok(())
            }
            Happened::SettingsChanged { .. } => Ok(()),
            Happened::ChipsAdjusted { user, delta, chips, .. } => self.adjusts(*user, *delta, chips.get()),
            Happened::GameStarted { game } => self.game_moves(*game, &[GameStatus::Waiting], GameStatus::Active),
            Happened::GamePaused { game } => self.game_moves(*game, &[GameStatus::Active], GameStatus::Paused),
            Happened::GameResumed { game } => self.game_moves(*game, &[GameStatus::Paused], GameStatus::Active),
            Happened::GameEnded { game } => {
                let open = [GameStatus::Waiting, GameStatus::Active, GameStatus::Paused];
                self.game_moves(*game, &open, GameStatus::Completed)
            }
            Happened::HandStarted(started) => self.deals(committed, started, records),
            Happened::Acted(acted) => self.acts(committed, acted, records),
            Happened::StreetAdvanced { .. } => self.hand_of(committed)?.told(committed),
            Happened::PotDistributed { amount, winners, .. } => {
                self.hand_of(committed)?.told(committed)?;
                let won: Chips = winners.iter().map(|winner| winner.amount).sum();
                if won == *amount { Ok(()) } else { Err(found("shares of a pot", amount, won)) }
            }
            Happened::HandCompleted(done) => self.completes(committed, done, records),
            Happened::Foreign { .. } => Ok(()),
        }
    }

    fn arrives(&mut self, user: UserId, presence: Presence) {
        let person = self.people.entry(user).or_insert(Person { presence, waiting: 0 });
        person.presence = presence;
    }

    fn goes(&mut self, user: UserId, from: Presence) -> Result<(), Found> {
        let presence = self.people.get_mut(&user).map(|person| &mut person.presence);
        match presence {
            Some(presence) if *presence == from => {
                *presence = Presence::Gone;
                Ok(())
            }
            Some(presence) => {
                Err(found(format!("status of {user}"), name(*presence), format!("{} before", name(from))))
            }
            None => Err(found(format!("status of {user}"), "nobody's", format!("{} before", name(from)))),
        }
    }

    /// I-6: whoever does this has been let in.
    fn is_in(&mut self, user: UserId) -> Result<(), Found> {
        match self.people.get(&user).map(|person| person.presence) {
            Some(Presence::In) => Ok(()),
            None if self.maker.is_none() => {
                self.maker = Some(user);
                self.host.get_or_insert(user);
                self.arrives(user, Presence::In);
                Ok(())
            }
            Some(Presence::Waits | Presence::Gone) | None => {
                Err(found(format!("status of {user}"), "not let in", "what only members do"))
            }
        }
    }

    fn sits_down(&mut self, seat: SeatIndex, user: UserId, chips: u64) -> Result<(), Found> {
        self.is_in(user)?;
        if let Some(chair) = self.chairs.get(&seat) {
            return Err(found(format!("seat {seat}"), format!("taken by {}", chair.user), format!("taken by {user}")));
        }
        if let Some((seat, _)) = self.chairs.iter().find(|(_, chair)| chair.user == user) {
            return Err(found("seats of a user", format!("{user} has seat {seat}"), "another one"));
        }
        self.chairs.insert(seat, Chair { user, chips, sits_out: false });
        if let Some(person) = self.people.get_mut(&user) {
            person.waiting = person.waiting.saturating_sub(chips);
        }
        Ok(())
    }

    fn gets_up(&mut self, seat: SeatIndex, user: UserId, chips: u64) -> Result<(), Found> {
        self.not_in_a_hand(seat)?;
        let has = self.chair(seat, user)?.chips;
        if has != chips {
            return Err(found(format!("chips that leave seat {seat}"), has, chips));
        }
        self.chairs.remove(&seat);
        if let Some(person) = self.people.get_mut(&user) {
            person.waiting += chips;
        }
        Ok(())
    }

    fn adjusts(&mut self, user: UserId, delta: i64, after: u64) -> Result<(), Found> {
        let seat = self.chairs.iter().find(|(_, chair)| chair.user == user).map(|(seat, _)| *seat);
        let Some(seat) = seat else {
            return Err(found("chips", format!("{user} has no seat"), "a change of the stack"));
        };
        self.not_in_a_hand(seat)?;
        let chair = self.chair(seat, user)?;
        let expected = i128::from(chair.chips) + i128::from(delta);
        if expected != i128::from(after) {
            return Err(found(format!("stack of seat {seat}"), expected, after));
        }
        chair.chips = after;
        Ok(())
    }

    fn chair(&mut self, seat: SeatIndex, user: UserId) -> Result<&mut Chair, Found> {
        match self.chairs.get_mut(&seat) {
            Some(chair) if chair.user == user => Ok(chair),
            Some(chair) => Err(found(format!("user in seat {seat}"), chair.user, user)),
            None => Err(found(format!("user in seat {seat}"), "nobody", user)),
        }
    }

    fn not_in_a_hand(&self, seat: SeatIndex) -> Result<(), Found> {
        match &self.live {
            Some(live) if live.has(seat) => {
                Err(found(format!("seat {seat}"), "in a live hand", "its chips moved outside of the hand"))
            }
            Some(_) | None => Ok(()),
        }
    }

    fn game_moves(&mut self, game: GameId, from: &[GameStatus], to: GameStatus) -> Result<(), Found> {
        if game != self.game {
            return Err(found("game", self.game, game));
        }
        if !from.contains(&self.status) {
            return Err(found("status of the game", self.status.name(), to.name()));
        }
        self.status = to;
        Ok(())
    }

    /// I-5: one hand at a time, with dense numbers, dealt from its deck to those who sit there.
    fn deals(&mut self, committed: &Committed, started: &HandStarted, records: &Records<'_>) -> Result<(), Found> {
        if let Some(live) = &self.live {
            return Err(found("live hands", format!("hand {}", live.number()), "another one"));
        }
        let row = records.hand.ok_or_else(|| found("hands row", "one", "none"))?;
        for (what, number) in [("hand number in the hands row", row.number), ("hand number", started.number)] {
            if number != self.hands + 1 {
                return Err(found(what, self.hands + 1, number));
            }
        }
        if row.game != self.game {
            return Err(found("game in the hands row", self.game, row.game));
        }
        if row.started_at != committed.at {
            let (at, stored) = (super::compare::instant(&committed.at), super::compare::instant(&row.started_at));
            return Err(found("beginning in the hands row", at, stored));
        }
        for (seat, user, stack) in &row.players {
            let has = self.chair(*seat, *user)?.chips;
            if has != stack.get() {
                return Err(found(format!("stack of seat {seat} in the players row"), has, stack));
            }
        }
        let mut replay = Replay::deal(self.id, row, &mut self.turns)?;
        if !self.is_timed {
            replay.clock_was_set();
        }
        let told = replay.told(committed);
        self.live = Some(replay);
        told?;
        let behind: BTreeMap<_, _> = started.seats.iter().map(|player| (player.seat, player.chips.get())).collect();
        let total = started.seats.iter().map(|player| player.stack.get()).sum();
        let table = Table { behind, total };
        table.adds_up(started.pot.get())?;
        self.table = Some(table);
        self.hands += 1;
        self.last_hand = Some(started.hand);
        Ok(())
    }

    fn acts(&mut self, committed: &Committed, acted: &Acted, records: &Records<'_>) -> Result<(), Found> {
        let Some(live) = &mut self.live else { return Err(found("live hand", "none", EventKind::Acted.name())) };
        if let Some(row) = records.action
            && row.hand == live.id()
        {
            let sits_out = self.chairs.get(&row.seat).is_some_and(|chair| chair.sits_out);
            live.act(row, sits_out, &mut self.turns)?;
        }
        self.hand_of(committed)?.told(committed)?;
        let Some(table) = &mut self.table else { return Ok(()) };
        table.behind.insert(acted.seat, acted.chips.get());
        table.adds_up(acted.pot.get())?;
        if let Some(back) = &acted.returned {
            table.behind.insert(back.seat, back.stack.get());
            table.adds_up(acted.pot.saturating_sub(back.amount).get())?;
        }
        Ok(())
    }

    fn completes(&mut self, committed: &Committed, done: &HandCompleted, records: &Records<'_>) -> Result<(), Found> {
        self.hand_of(committed)?.told(committed)?;
        let row = records.hand.and_then(|row| row.result.as_ref());
        self.hand_of(committed)?.ends_as(done, committed.at, row)?;
        for stack in &done.stacks {
            self.chair(stack.seat, stack.user)?.chips = stack.chips.get();
        }
        let (total, stacks) = (
            self.table.take().map_or(0, |table| table.total),
            done.stacks.iter().map(|stack| stack.chips.get()).sum::<u64>(),
        );
        if total != stacks {
            return Err(found("stacks after the hand", total, stacks));
        }
        self.live = None;
        Ok(())
    }

    fn hand_of(&mut self, committed: &Committed) -> Result<&mut Replay, Found> {
        let what = &committed.event.what;
        let Some(live) = &mut self.live else { return Err(found("live hand", "none", what.name())) };
        if what.hand() != Some(live.id()) {
            return Err(found("hand of the event", format!("hand {}", live.number()), "another hand"));
        }
        Ok(live)
    }

    /// I-1: the ledger has what the event says, and adds up to the chips at the table.
    fn accounts(&mut self, what: &Happened, entries: &[Entry]) -> Result<(), Found> {
        let expected = ledger::entries(what);
        if expected != entries {
            return Err(found("ledger", list(&expected, entry), list(entries, entry)));
        }
        let sum: i128 = entries.iter().map(|entry| i128::from(entry.delta)).sum();
        if entries.iter().any(|entry| entry.kind == EntryKind::HandResult) && sum != 0 {
            return Err(found("sum of a hand's ledger rows", 0, sum));
        }
        entries.iter().for_each(|entry| self.count(entry));
        let in_front: i128 = self.chairs.values().map(|chair| i128::from(chair.chips)).sum();
        if self.ledger == in_front { Ok(()) } else { Err(found("chips at the table", self.ledger, in_front)) }
    }

    /// Compares how the room stands with what its log leads to.
    ///
    /// # Errors
    ///
    /// - The first difference.
    pub fn stands_as(&self, room: &RoomRecord) -> Result<(), Difference> {
        self.stands(room).map_err(|found| Difference {
            hand: self.live.as_ref().map(Replay::number),
            seq: None,
            what: found.field,
            expected: found.expected,
            stored: found.stored,
        })
    }

    fn stands(&self, room: &RoomRecord) -> Result<(), Found> {
        let same = |what: &str, expected: u64, stored: u64| {
            if expected == stored { Ok(()) } else { Err(found(what, expected, stored)) }
        };
        same("last number in game_states", self.seq, room.seq)?;
        if let Some(owed) = self.live.as_ref().and_then(Replay::owed) {
            return Err(found("next event", owed, "none"));
        }
        same("hand number of the game", self.hands, room.hand_number)?;
        same("number of hands", self.hands, room.hands)?;
        same("turn number", self.turns, room.turn_number)?;
        let show = |id: Option<HandId>| id.map_or("none".to_owned(), |id| id.to_string());
        if room.current_hand != self.last_hand {
            return Err(found("current hand", show(self.last_hand), show(room.current_hand)));
        }
        let live: Vec<HandId> = self.live.iter().map(Replay::id).collect();
        if room.live_hands != live {
            return Err(found("live hands", list(&live, HandId::to_string), list(&room.live_hands, HandId::to_string)));
        }
        let turn = self.live.as_ref().and_then(Replay::turn_seat);
        if room.turn_seat != turn {
            let show = |seat: Option<SeatIndex>| seat.map_or("nobody".to_owned(), |seat| format!("seat {seat}"));
            return Err(found("whose turn it is", show(turn), show(room.turn_seat)));
        }
        if room.status != self.status {
            return Err(found("status of the game", self.status.name(), room.status.name()));
        }
        self.chairs_stand(room)?;
        self.people_stand(room)
    }

    fn chairs_stand(&self, room: &RoomRecord) -> Result<(), Found> {
        let mut stored: BTreeMap<SeatIndex, (UserId, u64)> = BTreeMap::new();
        for (seat, user, chips) in &room.chairs {
            stored.insert(*seat, (*user, chips.get()));
        }
        let show = |held: Option<(UserId, u64)>| {
            held.map_or("nobody".to_owned(), |(user, chips)| format!("{user} with {chips}"))
        };
        for seat in (0..=u8::MAX).map(SeatIndex) {
            let expected = self.chairs.get(&seat).map(|chair| (chair.user, chair.chips));
            let stored = stored.get(&seat).copied();
            if expected != stored {
                return Err(found(format!("seat {seat}"), show(expected), show(stored)));
            }
        }
        for (user, balance) in &self.balances {
            let in_front =
                self.chairs.values().find(|chair| chair.user == *user).map_or(0, |chair| i128::from(chair.chips));
            if *balance != in_front {
                return Err(found(format!("ledger of {user}"), in_front, balance));
            }
        }
        Ok(())
    }

    fn people_stand(&self, room: &RoomRecord) -> Result<(), Found> {
        for (user, standing, waiting) in &room.members {
            let presence = match standing {
                Standing::Pending { .. } => Presence::Waits,
                Standing::Approved { .. } => Presence::In,
                Standing::Rejected | Standing::Left | Standing::Kicked | Standing::Banned => Presence::Gone,
            };
            // Whoever made the room and never did anything in it is in no event.
            let person = self.people.get(user);
            let silent_maker = person.is_none() && self.maker.is_none() && presence == Presence::In;
            let expected =
                person.map_or(if silent_maker { Presence::In } else { Presence::Gone }, |known| known.presence);
            if expected != presence {
                return Err(found(format!("status of {user}"), name(expected), standing.name()));
            }
            let chips = person.map_or(0, |known| known.waiting);
            if chips != waiting.get() {
                return Err(found(format!("chips that wait for {user}"), chips, waiting));
            }
        }
        let stored = |user: &UserId| room.members.iter().any(|(member, ..)| member == user);
        if let Some(user) = self.people.keys().find(|user| !stored(user)) {
            return Err(found("member", user, "nobody"));
        }
        if let Some(host) = self.host
            && host != room.host
        {
            return Err(found("host", host, room.host));
        }
        self.copies_stand(room)?;
        self.tokens_stand(room)
    }

    /// The names in seats and of spectators are the members'.
    fn copies_stand(&self, room: &RoomRecord) -> Result<(), Found> {
        let own = |user: &UserId| room.copies.members.iter().find(|(member, _)| member == user).map(|(_, name)| name);
        let seats = room.copies.seats.iter().map(|(seat, user, name, _)| (format!("name in seat {seat}"), user, name));
        let spectators =
            room.copies.spectators.iter().map(|(user, name)| (format!("name of the spectator {user}"), user, name));
        for (what, user, name) in seats.chain(spectators) {
            match own(user) {
                Some(own) if own == name => {}
                Some(own) => return Err(found(what, format!("{own:?}"), format!("{name:?}"))),
                None => return Err(found(what, "a member's", format!("{name:?}"))),
            }
        }
        Ok(())
    }

    /// What a current token says of its owner is what the room says.
    fn token_is_of_its_owner(token: &TokenRecord, room: &RoomRecord) -> Result<(), Found> {
        let owner = token.owner;
        let held = room.copies.seats.iter().find(|(_, user, ..)| *user == owner);
        let role = match held {
            _ if owner == room.host => "host",
            Some((.., false)) => "player",
            _ if room.copies.spectators.iter().any(|(user, _)| *user == owner) => "spectator",
            Some((.., true)) | None => "approved",
        };
        if token.role != role {
            return Err(found(format!("role in the token of {owner}"), role, &token.role));
        }
        let seat = held.map(|(seat, ..)| *seat);
        if token.seat != seat {
            let show = |seat: Option<SeatIndex>| seat.map_or("none".to_owned(), |seat| seat.to_string());
            return Err(found(format!("seat in the token of {owner}"), show(seat), show(token.seat)));
        }
        Ok(())
    }

    /// I-7: at most one token is current for each, it is that of its row, and only members have one.
    fn tokens_stand(&self, room: &RoomRecord) -> Result<(), Found> {
        let mut owners = std::collections::BTreeSet::new();
        for token in &room.tokens {
            if !token.genuine {
                return Err(found(format!("hash of a token of {}", token.owner), "that of its row", "another"));
            }
            if !token.current {
                continue;
            }
            if !owners.insert(token.owner) {
                return Err(found(format!("current tokens of {}", token.owner), 1, "more"));
            }
            let let_in = |(user, standing, _): &(UserId, Standing, Chips)| {
                *user == token.owner && matches!(standing, Standing::Approved { .. })
            };
            if !room.members.iter().any(let_in) {
                return Err(found(format!("current tokens of {}", token.owner), "none: they are not let in", 1));
            }
            Self::token_is_of_its_owner(token, room)?;
        }
        Ok(())
    }
}

impl Table {
    fn adds_up(&self, pot: u64) -> Result<(), Found> {
        let now = self.behind.values().sum::<u64>() + pot;
        if now == self.total { Ok(()) } else { Err(found("chips in the hand", self.total, now)) }
    }
}

fn entry(entry: &Entry) -> String {
    format!("{} {:+} of {}", entry.kind.name(), entry.delta, entry.user)
}

fn name(presence: Presence) -> &'static str {
    match presence {
        Presence::Waits => "pending",
        Presence::In => "approved",
        Presence::Gone => "gone",
    }
}

/// A number of chips in an event that is not safe to count with. What happens within a hand is counted by the engine.
fn too_many(what: &Happened) -> Option<u64> {
    let chips = match what.facts().moved {
        Moved::Nothing => Vec::new(),
        Moved::SatDown(_, chips) | Moved::GotUp(_, chips) => vec![chips.get()],
        Moved::Adjusted { chips, delta, .. } => vec![chips.get(), delta.unsigned_abs()],
        Moved::Hand(done) => {
            let won = done.winners.iter().map(|winner| winner.amount.get());
            let stacks = done.stacks.iter().flat_map(|stack| [stack.chips.get(), stack.net.unsigned_abs()]);
            won.chain(stacks).collect()
        }
    };
    chips.into_iter().find(|count| *count > LARGEST)
}
