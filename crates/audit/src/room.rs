//! One room, folded from its log.

use std::collections::BTreeMap;

use domain::chips::Chips;
use domain::event::{
    Acted, AdjustedBy, BountyPaid, Committed, EventKind, HandCompleted, HandStarted, Happened, Moved, PotDistributed,
    Secret, Share, Timer,
};
use domain::game::GameStatus;
use domain::ids::{GameId, HandId, RoomId, SeatIndex, UserId};
use domain::ledger::{self, Entry, EntryKind};
use domain::name::Name;
use domain::rules::Revision;
use domain::seat::FreedReason;
use domain::time::Timestamp;
use ports::store::{EntryRecord, HandRecord, RoomRecord};

use super::banks::{Asked, Missed, Size};
use super::blinds::Owing;
use super::compare::{Mismatch, instant, list};
use super::hand::{self, Replay};
use super::people::{Gone, Person, Presence};
use super::terms::Terms;
use super::{Difference, Foreign, Records};

/// More chips than there can be anywhere: 2^53. What is stored above it is wrong, and not safe to count with.
pub(super) const LARGEST: u64 = 1 << 53;

/// What a room's log says so far.
pub struct RoomAudit {
    id: RoomId,
    pub(super) game: GameId,
    pub(super) seq: u64,
    /// When the last event was.
    pub(super) at: Option<Timestamp>,
    pub(super) hands: u64,
    pub(super) turns: u64,
    /// Whether the host has asked for a bomb pot.
    pub(super) bomb_pot_queued: bool,
    pub(super) status: GameStatus,
    pub(super) started_at: Option<Timestamp>,
    pub(super) ended_at: Option<Timestamp>,
    /// When the game was paused last.
    pub(super) paused_at: Option<Timestamp>,
    /// When it was resumed last.
    pub(super) resumed_at: Option<Timestamp>,
    /// Who made the room is in no event: the first who acts as a member without having been let in.
    pub(super) maker: Option<UserId>,
    pub(super) host: Option<UserId>,
    pub(super) people: BTreeMap<UserId, Person>,
    pub(super) players: BTreeMap<SeatIndex, SeatedPlayer>,
    pub(super) terms: Terms,
    /// How often settings have changed.
    pub(super) changes: u64,
    /// By which revision of the rules the last hand was dealt: it tells of which version the server was.
    pub(super) played_by: Option<Revision>,
    /// Whether an earlier version has dealt a hand.
    pub(super) is_from_before: bool,
    pub(super) owing: Owing,
    asked: Option<Asked>,
    pub(super) live: Option<Replay>,
    /// The bounty that has to be paid with the next event.
    bounty: Option<BountyPaid>,
    /// The last hand, from its end to the next deal.
    finished: Option<Replay>,
    pub(super) last_hand: Option<HandId>,
    /// Chips in front of those who are in the hand, and in the middle.
    table: Option<Table>,
    /// Σ of the ledger: what came to the table, less what left it.
    ledger: i128,
    pub(super) balances: BTreeMap<UserId, i128>,
    /// Whether it can be told when a turn's time was up.
    pub(super) is_timed: bool,
    foreign: Option<Foreign>,
}

/// A seat that is held.
pub(super) struct SeatedPlayer {
    pub(super) user: UserId,
    pub(super) since: Timestamp,
    pub(super) chips: u64,
    pub(super) sits_out: bool,
    /// Since when they are missed.
    pub(super) absent: Option<Timestamp>,
    /// Why they are on the way out, if an event says that they are.
    pub(super) leaving: Option<FreedReason>,
    pub(super) missed: Missed,
    pub(super) bank: Size,
    /// Whether a hand was dealt to them by this version.
    was_dealt_in: bool,
}

struct Table {
    behind: BTreeMap<SeatIndex, u64>,
    total: u64,
}

/// A difference that doesn't know yet where it is.
pub(super) type Found = Mismatch;

pub(super) fn found(field: impl Into<String>, expected: impl ToString, stored: impl ToString) -> Found {
    Mismatch { field: field.into(), expected: expected.to_string(), stored: stored.to_string() }
}

impl RoomAudit {
    /// An audit of a room, before its first event.
    pub fn new(room: &RoomRecord) -> Self {
        Self {
            id: room.id,
            game: room.game,
            seq: 0,
            at: None,
            hands: 0,
            turns: 0,
            bomb_pot_queued: false,
            status: GameStatus::Waiting,
            started_at: None,
            ended_at: None,
            paused_at: None,
            resumed_at: None,
            maker: None,
            host: None,
            people: BTreeMap::new(),
            players: BTreeMap::new(),
            terms: Terms::default(),
            changes: 0,
            played_by: None,
            is_from_before: false,
            owing: Owing::default(),
            asked: None,
            live: None,
            bounty: None,
            finished: None,
            last_hand: None,
            table: None,
            ledger: 0,
            balances: BTreeMap::new(),
            is_timed: true,
            foreign: None,
        }
    }

    /// The database's clock was set while the room was played in: from here on it can't be told whether a decision of the clock
    /// came too early, nor whether something comes before what it follows. All else is compared as before.
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
        if let Some(last) = self.at.filter(|last| committed.at < *last && self.is_timed) {
            let earliest = format!("{} or later", instant(&last));
            return Err(found("time of the event", earliest, instant(&committed.at)));
        }
        if let Some(chips) = too_many(what) {
            return Err(found("chips", "less than there can be", chips));
        }
        if let Happened::Foreign { kind } = what {
            self.passes_over(records, kind);
            self.at = Some(committed.at);
            return Ok(());
        }
        is_secret_to_its_owner(committed)?;
        if let (Some(due), false) = (&self.bounty, matches!(what, Happened::BountyPaid(_))) {
            return Err(found("event", format!("{} of {}", EventKind::BountyPaid.name(), due.amount), what.name()));
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
        self.accounts(committed, records.entries)?;
        (self.seq, self.at) = (records.seq, Some(committed.at));
        Ok(())
    }

    /// An event of a later version may have done anything: what it moved is taken as the ledger has it, and its other rows are
    /// not judged.
    fn passes_over(&mut self, records: &Records<'_>, kind: &str) {
        let new = || Foreign { count: 0, first: records.seq, name: kind.to_owned() };
        self.foreign.get_or_insert_with(new).count += 1;
        for EntryRecord { entry, .. } in records.entries {
            let player = self.players.values_mut().find(|player| player.user == entry.user);
            if let Some(player) = player {
                player.chips = player.chips.saturating_add_signed(entry.delta);
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
        let at = committed.at;
        match &committed.event.what {
            Happened::JoinRequested { user, name } => self.arrives(*user, Presence::Waits, name, at),
            Happened::Approved { user, name } => self.arrives(*user, Presence::In, name, at),
            Happened::Rejected { user, name } => {
                if let Some(person) = self.people.get(user) {
                    person.is_called(name)?;
                }
                self.goes(*user, Presence::Waits, Gone::Rejected)
            }
            Happened::MemberLeft { user } => self.leaves(*user, Gone::Left, FreedReason::Left),
            Happened::Kicked { user } => self.leaves(*user, Gone::Kicked, FreedReason::Kicked),
            Happened::SpectatorJoined { user, name } => {
                self.is_in(*user)?.watches(*user, true, name)?;
                // Whoever watches from a seat has stood up in a hand.
                if let Some(player) = self.player_of(*user) {
                    player.leaving.get_or_insert(FreedReason::Left);
                }
                Ok(())
            }
            Happened::SpectatorLeft { user, name } => self.is_in(*user)?.watches(*user, false, name),
            Happened::HostChanged { user } => {
                self.is_in(*user)?;
                self.host = Some(*user);
                Ok(())
            }
            Happened::Seated { seat, user, name, chips } => self.sits_down(*seat, *user, name, *chips, at),
            Happened::SeatFreed { seat, user, chips, reason } => self.gets_up(*seat, *user, *reason, chips.get()),
            Happened::Disconnected { user, seat } => {
                self.player(*seat, *user)?.absent = Some(at);
                Ok(())
            }
            Happened::Reconnected { user, seat } => {
                self.player(*seat, *user)?.absent = None;
                Ok(())
            }
            Happened::SatOut { user, seat } => {
                let played_by = self.played_by;
                let player = self.player(*seat, *user)?;
                player.sits_out = true;
                player.missed.sits_out(at, played_by);
                Ok(())
            }
            Happened::SatIn { user, seat } => {
                let played_by = self.played_by;
                let player = self.player(*seat, *user)?;
                player.sits_out = false;
                player.missed.sits_in(player.absent.is_some(), played_by);
                Ok(())
            }
            Happened::SettingsChanged { settings } => {
                self.terms.set(settings);
                self.owing.set(settings);
                self.changes += 1;
                for player in self.players.values_mut().filter(|player| !player.was_dealt_in) {
                    player.bank = Size::Unknown;
                }
                Ok(())
            }
            Happened::ChipsAdjusted { user, delta, chips, by } => {
                if *by == AdjustedBy::TopUp {
                    self.terms.tops_up(*chips)?;
                }
                self.adjusts(*user, *delta, chips.get())
            }
            Happened::GameStarted { game } => {
                self.started_at = Some(at);
                self.game_moves(*game, &[GameStatus::Waiting], GameStatus::Active)
            }
            Happened::GamePaused { game } => {
                self.paused_at = Some(at);
                self.game_moves(*game, &[GameStatus::Active], GameStatus::Paused)
            }
            Happened::GameResumed { game } => {
                self.resumed_at = Some(at);
                self.game_moves(*game, &[GameStatus::Paused], GameStatus::Active)
            }
            Happened::GameEnded { game } => {
                let open = [GameStatus::Waiting, GameStatus::Active, GameStatus::Paused];
                self.started_at.get_or_insert(at);
                self.ended_at = Some(at);
                self.game_moves(*game, &open, GameStatus::Completed)
            }
            Happened::BombPotQueued { .. } => self.asks_for_a_bomb_pot(true),
            Happened::BombPotCancelled { .. } => self.asks_for_a_bomb_pot(false),
            Happened::HandStarted(started) => self.deals(committed, started, records),
            Happened::Acted(acted) => self.acts(committed, acted, records),
            Happened::StreetAdvanced { timer, .. } => {
                self.hand_of(committed)?.told(committed)?;
                self.asks(timer.as_ref())
            }
            Happened::PotDistributed(PotDistributed { amount, winners, .. }) => {
                self.hand_of(committed)?.told(committed)?;
                let won: Chips = winners.iter().map(|winner| winner.amount).sum();
                if won == *amount { Ok(()) } else { Err(found("shares of a pot", amount, won)) }
            }
            Happened::RunsAsked(asked) => {
                let stands_still = asked.expires.is_none();
                if stands_still != (self.status == GameStatus::Paused) {
                    let clock = |stands_still| if stands_still { "none" } else { "one" };
                    return Err(found("end of the question", clock(!stands_still), clock(stands_still)));
                }
                self.hand_of(committed)?.told(committed)
            }
            Happened::RunsAnswered { .. } => self.hand_of(committed)?.is_answered(committed),
            Happened::RunsDecided { .. } => {
                let mut turns = self.turns;
                let decided = self.hand_of(committed)?.is_decided(committed, &mut turns);
                self.turns = turns;
                decided
            }
            Happened::RunDealt { .. } => self.hand_of(committed)?.told(committed),
            Happened::CardsShown { seat, .. } => {
                self.finished_hand_of(committed)?.is_shown(committed)?;
                self.owes_bounty(*seat);
                Ok(())
            }
            Happened::BountyPaid(paid) => self.pays_bounty(committed, paid),
            Happened::RabbitShown { .. } => self.finished_hand_of(committed)?.is_hunted(committed),
            Happened::HandCompleted(done) => self.completes(committed, done, records),
            Happened::Foreign { .. } => Ok(()),
        }
    }

    fn arrives(&mut self, user: UserId, presence: Presence, name: &Name, at: Timestamp) -> Result<(), Found> {
        self.people.entry(user).or_insert_with(|| Person::new(Presence::Gone(Gone::Left))).arrives(presence, name, at)
    }

    fn goes(&mut self, user: UserId, from: Presence, gone: Gone) -> Result<(), Found> {
        match self.people.get_mut(&user) {
            Some(person) if person.presence == from => {
                person.goes(gone);
                Ok(())
            }
            Some(person) => {
                Err(found(format!("status of {user}"), person.presence.name(), format!("{} before", from.name())))
            }
            None => Err(found(format!("status of {user}"), "nobody's", format!("{} before", from.name()))),
        }
    }

    fn leaves(&mut self, user: UserId, gone: Gone, reason: FreedReason) -> Result<(), Found> {
        let waits = self.people.get(&user).is_some_and(|person| person.presence == Presence::Waits);
        if !waits {
            self.is_in(user)?;
        }
        if let Some(player) = self.player_of(user) {
            player.leaving = Some(reason);
        }
        self.goes(user, if waits { Presence::Waits } else { Presence::In }, gone)
    }

    /// I-6: whoever does this has been let in.
    fn is_in(&mut self, user: UserId) -> Result<&mut Person, Found> {
        let is_known = self.people.contains_key(&user);
        if !is_known && self.maker.is_none() {
            self.maker = Some(user);
            self.host.get_or_insert(user);
            self.people.insert(user, Person::new(Presence::In));
        }
        match self.people.get_mut(&user) {
            Some(person) if person.presence == Presence::In => Ok(person),
            Some(_) | None => Err(found(format!("status of {user}"), "not let in", "what only members do")),
        }
    }

    fn sits_down(
        &mut self,
        seat: SeatIndex,
        user: UserId,
        name: &Name,
        chips: Chips,
        at: Timestamp,
    ) -> Result<(), Found> {
        self.is_in(user)?;
        if let Some(player) = self.players.get(&seat) {
            return Err(found(format!("seat {seat}"), format!("taken by {}", player.user), format!("taken by {user}")));
        }
        if let Some((seat, _)) = self.players.iter().find(|(_, player)| player.user == user) {
            return Err(found("seats of a user", format!("{user} has seat {seat}"), "another one"));
        }
        let is_current = self.is_current();
        let bank = self.bank_size();
        let (changes, terms) = (self.changes, &mut self.terms);
        if let Some(person) = self.people.get_mut(&user) {
            terms.buys_in(chips, Chips::new(person.reserved), is_current)?;
            person.reserved = person.reserved.saturating_sub(chips.get());
            person.name = Some(name.clone());
            person.bank.is_sized(changes);
            // Earlier versions filled it.
            if !is_current {
                person.bank.forget();
            }
        }
        let player = SeatedPlayer {
            user,
            since: at,
            chips: chips.get(),
            sits_out: false,
            absent: None,
            leaving: None,
            missed: Missed::default(),
            bank,
            was_dealt_in: false,
        };
        self.players.insert(seat, player);
        self.owing.sits_down(user);
        Ok(())
    }

    /// Whether the last hand was dealt by a server that knows of time banks per stay and of stacks that come back whole.
    pub(super) fn is_current(&self) -> bool {
        self.played_by > Some(Revision::First)
    }

    fn bank_size(&self) -> Size {
        match &self.terms {
            Terms::Made(_) => Size::Made,
            Terms::Set(settings) => Size::Set(settings.timebank),
        }
    }

    fn gets_up(&mut self, seat: SeatIndex, user: UserId, reason: FreedReason, chips: u64) -> Result<(), Found> {
        self.not_in_a_hand(seat)?;
        let player = self.player(seat, user)?;
        if player.chips != chips {
            return Err(found(format!("chips that leave seat {seat}"), player.chips, chips));
        }
        if let Some(leaving) = player.leaving.filter(|leaving| *leaving != reason) {
            return Err(found(format!("reason why seat {seat} is freed"), leaving.name(), reason.name()));
        }
        self.players.remove(&seat);
        if let Some(person) = self.people.get_mut(&user) {
            person.reserved += chips;
        }
        Ok(())
    }

    fn player_of(&mut self, user: UserId) -> Option<&mut SeatedPlayer> {
        self.players.values_mut().find(|player| player.user == user)
    }

    /// A turn that is told for the first time says what its player has in the time bank.
    fn asks(&mut self, timer: Option<&Timer>) -> Result<(), Found> {
        let Some(timer) = timer else { return Ok(()) };
        if self.asked.as_ref().is_some_and(|asked| asked.turn == timer.turn) {
            return Ok(());
        }
        self.asked = Some(Asked::of(timer));
        let user = self.players.get(&timer.actor).map(|player| player.user);
        match user.and_then(|user| self.people.get_mut(&user)) {
            Some(person) => person.bank.is_told(timer.timebank),
            None => Ok(()),
        }
    }

    /// The turn that was asked for is answered.
    fn answers(&mut self, acted: &Acted, at: Timestamp) {
        let Some(asked) = self.asked.take_if(|asked| acted.turn == Some(asked.turn)) else { return };
        let has_clock = self.live.as_ref().is_some_and(Replay::has_clock);
        let late = match asked.deadline {
            Some(deadline) => Some(at - deadline),
            None => (!has_clock).then_some(domain::time::Millis::ZERO),
        };
        if let Some(person) = self.people.get_mut(&acted.user) {
            person.bank.is_late(late.filter(|_| self.is_timed));
        }
        if let Some(player) = self.players.get_mut(&acted.seat) {
            player.missed.decides(acted.auto, player.sits_out, at);
        }
    }

    fn adjusts(&mut self, user: UserId, delta: i64, after: u64) -> Result<(), Found> {
        let seat = self.players.iter().find(|(_, player)| player.user == user).map(|(seat, _)| *seat);
        let Some(seat) = seat else {
            return Err(found("chips", format!("{user} has no seat"), "a change of the stack"));
        };
        self.not_in_a_hand(seat)?;
        let player = self.player(seat, user)?;
        let expected = i128::from(player.chips) + i128::from(delta);
        if expected != i128::from(after) {
            return Err(found(format!("stack of seat {seat}"), expected, after));
        }
        player.chips = after;
        Ok(())
    }

    fn player(&mut self, seat: SeatIndex, user: UserId) -> Result<&mut SeatedPlayer, Found> {
        match self.players.get_mut(&seat) {
            Some(player) if player.user == user => Ok(player),
            Some(player) => Err(found(format!("user in seat {seat}"), player.user, user)),
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

    /// The host asks for a bomb pot, or takes that back.
    fn asks_for_a_bomb_pot(&mut self, asks: bool) -> Result<(), Found> {
        let show = |queued: bool| if queued { "asked for" } else { "not asked for" };
        if self.bomb_pot_queued == asks {
            return Err(found("bomb pot", show(!asks), format!("{} again", show(asks))));
        }
        self.bomb_pot_queued = asks;
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
        self.deals_to(row)?;
        let mut replay = Replay::deal(self.id, row, &mut self.turns)?;
        if !self.is_timed {
            replay.clock_was_set();
        }
        let told = replay.told(committed);
        self.live = Some(replay);
        self.finished = None;
        told?;
        let behind: BTreeMap<_, _> = started.seats.iter().map(|player| (player.seat, player.chips.get())).collect();
        let total = started.seats.iter().map(|player| player.stack.get()).sum();
        let table = Table { behind, total };
        table.adds_up(started.pot.get())?;
        self.table = Some(table);
        self.hands += 1;
        self.last_hand = Some(started.hand);
        self.asks(started.timer.as_ref())
    }

    fn deals_to(&mut self, row: &HandRecord) -> Result<(), Found> {
        self.terms.deals(row, self.bomb_pot_queued)?;
        self.bomb_pot_queued = false;
        self.owing.deals(&self.table_now(), &row.setup)?;
        // Games other than hold'em came later than its second rule book.
        let is_second = row.setup.rules.book.short_all_ins_close();
        self.played_by = Some(if is_second { Revision::Second } else { Revision::First });
        self.is_from_before |= !self.is_current();
        let (is_current, bank, changes) = (self.is_current(), self.bank_size(), self.changes);
        for (seat, user, name, stack) in &row.players {
            let player = self.player(*seat, *user)?;
            let has = player.chips;
            if is_current {
                (player.bank, player.was_dealt_in) = (bank, true);
            }
            if has != stack.get() {
                return Err(found(format!("stack of seat {seat} in the players row"), has, stack));
            }
            let Some(person) = self.people.get_mut(user) else { continue };
            person.bank.is_sized(changes);
            if let Some(own) = person.name.as_ref().filter(|own| own.as_str() != name) {
                return Err(found(
                    format!("name of seat {seat} in the players row"),
                    format!("{own:?}"),
                    format!("{name:?}"),
                ));
            }
        }
        Ok(())
    }

    /// Who sits there, and whether they would play.
    fn table_now(&self) -> Vec<(SeatIndex, UserId, bool)> {
        let ready = |player: &SeatedPlayer| {
            !player.sits_out && player.absent.is_none() && player.leaving.is_none() && player.chips > 0
        };
        self.players.iter().map(|(seat, player)| (*seat, player.user, ready(player))).collect()
    }

    fn acts(&mut self, committed: &Committed, acted: &Acted, records: &Records<'_>) -> Result<(), Found> {
        let Some(live) = &mut self.live else { return Err(found("live hand", "none", EventKind::Acted.name())) };
        if let Some(row) = records.action
            && row.hand == live.id()
        {
            let sits_out = self.players.get(&row.seat).is_some_and(|player| player.sits_out);
            live.act(row, sits_out, &mut self.turns)?;
        }
        self.hand_of(committed)?.told(committed)?;
        self.answers(acted, committed.at);
        self.asks(acted.timer.as_ref())?;
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
        self.terms.plans(committed, done.next_hand_at)?;
        for stack in &done.stacks {
            self.player(stack.seat, stack.user)?.chips = stack.chips.get();
        }
        let (total, stacks) = (
            self.table.take().map_or(0, |table| table.total),
            done.stacks.iter().map(|stack| stack.chips.get()).sum::<u64>(),
        );
        if total != stacks {
            return Err(found("stacks after the hand", total, stacks));
        }
        self.finished = self.live.take();
        if let Some(winner) = self.finished.as_ref().and_then(Replay::bounty_winner) {
            self.owes_bounty(winner);
        }
        Ok(())
    }

    /// What comes after a hand's end belongs to the last hand, until the next one is dealt.
    fn finished_hand_of(&mut self, committed: &Committed) -> Result<&mut Replay, Found> {
        let of = committed.event.what.hand();
        let last = self.finished.as_mut().filter(|last| of == Some(last.id()));
        last.ok_or_else(|| found("hand of the event", "the last one, which is over", "another"))
    }

    /// What is due with the next event.
    pub(super) fn owed_bounty(&self) -> Option<&BountyPaid> {
        self.bounty.as_ref()
    }

    /// The last hand's bounty is due once its winner has shown both cards.
    fn owes_bounty(&mut self, shower: SeatIndex) {
        let players = &self.players;
        let chips = |seat: SeatIndex, user: UserId| {
            players.get(&seat).filter(|player| player.user == user).map(|player| Chips::new(player.chips))
        };
        self.bounty = self
            .finished
            .as_ref()
            .filter(|last| last.bounty_winner() == Some(shower))
            .and_then(|last| last.bounty(chips));
    }

    fn pays_bounty(&mut self, committed: &Committed, paid: &BountyPaid) -> Result<(), Found> {
        self.finished_hand_of(committed)?;
        let Some(due) = self.bounty.take() else { return Err(found("bounty", "none", paid.amount)) };
        let show = |one: &Share| format!("{} of seat {}", one.amount, one.seat);
        if due != *paid {
            let told = |paid: &BountyPaid| format!("seat {} gets {}", paid.seat, list(&paid.from, show));
            return Err(found("bounty", told(&due), told(paid)));
        }
        for payer in &paid.from {
            self.player(payer.seat, payer.user)?.chips -= payer.amount.get();
        }
        self.player(paid.seat, paid.user)?.chips += paid.amount.get();
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
    fn accounts(&mut self, committed: &Committed, records: &[EntryRecord]) -> Result<(), Found> {
        let expected = ledger::entries(&committed.event.what);
        let entries: Vec<Entry> = records.iter().map(|record| record.entry.clone()).collect();
        if expected != entries {
            return Err(found("ledger", list(&expected, entry), list(&entries, entry)));
        }
        for (ordinal, record) in (0..).zip(records) {
            if record.ordinal != ordinal {
                return Err(found("place in the ledger", ordinal, record.ordinal));
            }
            if record.at != committed.at {
                return Err(found("time in the ledger", instant(&committed.at), instant(&record.at)));
            }
        }
        let sum: i128 = entries.iter().map(|entry| i128::from(entry.delta)).sum();
        let in_a_hand = |entry: &Entry| matches!(entry.kind, EntryKind::HandResult | EntryKind::Bounty);
        if entries.iter().any(in_a_hand) && sum != 0 {
            return Err(found("sum of a hand's ledger rows", 0, sum));
        }
        entries.iter().for_each(|entry| self.count(entry));
        let in_front: i128 = self.players.values().map(|player| i128::from(player.chips)).sum();
        if self.ledger == in_front { Ok(()) } else { Err(found("chips at the table", self.ledger, in_front)) }
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

/// What is hidden in an event that is in no hand: the token of whom it lets in.
fn is_secret_to_its_owner(committed: &Committed) -> Result<(), Found> {
    let what = &committed.event.what;
    if what.hand().is_some() {
        return Ok(());
    }
    let owner = if let Happened::Approved { user, .. } = what { Some(*user) } else { None };
    let stored = match &committed.event.secret {
        Secret::None => None,
        Secret::Token { of, .. } => Some(*of),
        Secret::Cards(_) | Secret::Boards { .. } => return Err(found("hidden part", "no cards", "cards")),
        Secret::Runs(_) => return Err(found("hidden part", "no answer", "one")),
    };
    if stored == owner {
        return Ok(());
    }
    let show = |of: Option<UserId>| of.map_or("none".to_owned(), |of| format!("a token of {of}"));
    Err(found("hidden part", show(owner), show(stored)))
}

/// A number of chips in an event that is not safe to count with. What happens within a hand is counted by the engine.
fn too_many(what: &Happened) -> Option<u64> {
    let chips = match what.facts().moved {
        Moved::Nothing => Vec::new(),
        Moved::SatDown(_, chips) | Moved::GotUp(_, chips) => vec![chips.get()],
        Moved::Adjusted { chips, delta, .. } => vec![chips.get(), delta.unsigned_abs()],
        Moved::Bounty(paid) => paid.from.iter().map(|payer| payer.amount.get()).chain([paid.amount.get()]).collect(),
        Moved::Hand(done) => {
            let won = done.winners.iter().map(|winner| winner.amount.get());
            let stacks = done.stacks.iter().flat_map(|stack| [stack.chips.get(), stack.net.unsigned_abs()]);
            won.chain(stacks).collect()
        }
    };
    chips.into_iter().find(|count| *count > LARGEST)
}
