//! What only the host may do.

use crate::chips::Chips;
use crate::event::{AdjustedBy, Event, Happened};
use crate::game::{Clock, GameStatus};
use crate::ids::{SeatIndex, UserId};
use crate::member::MembershipStatus;
use crate::room::{Adjusted, Chance, Lifetimes, Room, RoomError, RoomStatus};
use crate::seat::{FreedReason, Seat};
use crate::settings::{BombPotMode, InvalidSettings, SettingsPatch};
use crate::time::Timestamp;

impl Room {
    /// Starts the game and deals the first hand. No effect on a game that runs.
    ///
    /// # Errors
    ///
    /// - [`RoomError::NotHost`], [`RoomError::RoomClosed`].
    /// - [`RoomError::GamePaused`]: it is started, and has to be resumed.
    /// - [`RoomError::NotEnoughPlayers`]: fewer than two players with chips.
    pub fn start(
        &mut self,
        by: UserId,
        at: Timestamp,
        lifetimes: &Lifetimes,
        chance: &mut dyn Chance,
    ) -> Result<Vec<Event>, RoomError> {
        self.must_be_host(by)?;
        self.must_be_open()?;
        match self.game.status {
            GameStatus::Active => return Ok(Vec::new()),
            GameStatus::Paused => return Err(RoomError::GamePaused),
            GameStatus::Completed => return Err(RoomError::RoomClosed),
            GameStatus::Waiting => {}
        }
        if self.ready_seats().count() < 2 {
            return Err(RoomError::NotEnoughPlayers);
        }
        self.game.status = GameStatus::Active;
        let mut events = vec![Event::from(Happened::GameStarted { game: self.game.id })];
        self.deal(at, lifetimes, chance, &mut events);
        Ok(events)
    }

    /// Stops the clock and deals no new hand. No effect on a paused game.
    ///
    /// # Errors
    ///
    /// - [`RoomError::NotHost`], [`RoomError::RoomClosed`]; [`RoomError::NoHand`]: the game hasn't started.
    pub fn pause(&mut self, by: UserId, at: Timestamp) -> Result<Vec<Event>, RoomError> {
        self.must_be_host(by)?;
        match self.game.status {
            GameStatus::Waiting => return Err(RoomError::NoHand),
            GameStatus::Completed => return Err(RoomError::RoomClosed),
            GameStatus::Paused => return Ok(Vec::new()),
            GameStatus::Active => {}
        }
        self.game.status = GameStatus::Paused;
        self.game.next_hand_at = None;
        if let Some(turn) = &mut self.game.turn {
            turn.freeze(at);
        }
        Ok(vec![Happened::GamePaused { game: self.game.id }.into()])
    }

    /// Goes on where [`Room::pause`] stopped. No effect on a game that runs.
    ///
    /// # Errors
    ///
    /// - [`RoomError::NotHost`], [`RoomError::RoomClosed`]; [`RoomError::NoHand`]: the game hasn't started.
    pub fn resume(&mut self, by: UserId, at: Timestamp, lifetimes: &Lifetimes) -> Result<Vec<Event>, RoomError> {
        self.must_be_host(by)?;
        match self.game.status {
            GameStatus::Waiting => return Err(RoomError::NoHand),
            GameStatus::Completed => return Err(RoomError::RoomClosed),
            GameStatus::Active => return Ok(Vec::new()),
            GameStatus::Paused => {}
        }
        self.game.status = GameStatus::Active;
        if let Some(mut turn) = self.game.turn {
            turn.thaw(at);
            if turn.clock == Clock::Unlimited {
                turn.asks_at = self.asks_first_at(turn, at, lifetimes);
            }
            self.game.turn = Some(turn);
        }
        self.schedule(at);
        Ok(vec![Happened::GameResumed { game: self.game.id }.into()])
    }

    /// Ends the game: after the hand that is being played, else now. Everybody is cashed out and the room is closed.
    /// A paused game goes on, so that its hand can end.
    ///
    /// # Errors
    ///
    /// - [`RoomError::NotHost`], [`RoomError::RoomClosed`].
    pub fn end(&mut self, by: UserId, at: Timestamp, lifetimes: &Lifetimes) -> Result<Vec<Event>, RoomError> {
        self.must_be_host(by)?;
        self.must_be_open()?;
        let mut events = Vec::new();
        if self.game.status == GameStatus::Paused && self.game.live().is_some() {
            events = self.resume(by, at, lifetimes)?;
        }
        self.game.ending = true;
        self.game.next_hand_at = None;
        if self.game.live().is_none() {
            self.finish_game(&mut events);
        }
        Ok(events)
    }

    /// Removes a member, or somebody who asks to be one. Their live hand is folded at once (an all-in one is played
    /// out), and their seat is freed when the hand ends.
    ///
    /// # Errors
    ///
    /// - [`RoomError::NotHost`], [`RoomError::UserNotFound`]; [`RoomError::HostStays`]: the host themselves.
    /// - [`RoomError::UserBanned`]: kicked without a ban, but banned already; [`Room::unban`] lifts it.
    pub fn kick(
        &mut self,
        by: UserId,
        user: UserId,
        removal: Removal,
        at: Timestamp,
        lifetimes: &Lifetimes,
    ) -> Result<Vec<Event>, RoomError> {
        self.must_be_host(by)?;
        if user == self.host {
            return Err(RoomError::HostStays);
        }
        let before = self.members.get(&user).ok_or(RoomError::UserNotFound)?.status;
        let after = match (removal, before) {
            (Removal::Ban, _) => MembershipStatus::Banned,
            (Removal::Kick, MembershipStatus::Banned) => return Err(RoomError::UserBanned),
            (Removal::Kick, _) => MembershipStatus::Kicked,
        };
        match before {
            MembershipStatus::Approved { .. } | MembershipStatus::Pending { .. } => {}
            // Gone already: a ban still counts, and nobody in the room needs to hear of it.
            MembershipStatus::Rejected
            | MembershipStatus::Left
            | MembershipStatus::Kicked
            | MembershipStatus::Banned => {
                self.remove(user, after);
                return Ok(Vec::new());
            }
        }
        let mut events = vec![Event::from(Happened::Kicked { user })];
        self.remove(user, after);
        self.vacate(user, FreedReason::Kicked, at, lifetimes, &mut events);
        self.schedule(at);
        Ok(events)
    }

    /// Lifts a ban: `user` may ask to come in again.
    ///
    /// # Errors
    ///
    /// - [`RoomError::NotHost`], [`RoomError::UserNotFound`]; [`RoomError::NotBanned`].
    pub fn unban(&mut self, by: UserId, user: UserId) -> Result<Vec<Event>, RoomError> {
        self.must_be_host(by)?;
        match self.members.get(&user).ok_or(RoomError::UserNotFound)?.status {
            MembershipStatus::Banned => self.remove(user, MembershipStatus::Kicked),
            MembershipStatus::Pending { .. }
            | MembershipStatus::Approved { .. }
            | MembershipStatus::Rejected
            | MembershipStatus::Left
            | MembershipStatus::Kicked => return Err(RoomError::NotBanned),
        }
        Ok(Vec::new())
    }

    /// Gives chips to a stack or takes some away: at once between hands, else when the hand is over.
    ///
    /// # Errors
    ///
    /// - [`RoomError::NotHost`], [`RoomError::RoomClosed`], [`RoomError::UserNotFound`], [`RoomError::NotSeated`].
    /// - [`RoomError::StackOutOfRange`]: the stack would be negative, or absurdly large by what is given.
    pub fn adjust_chips(
        &mut self,
        by: UserId,
        user: UserId,
        delta: i64,
        reason: Option<String>,
        at: Timestamp,
    ) -> Result<(Adjusted, Vec<Event>), RoomError> {
        self.must_be_host(by)?;
        self.must_be_open()?;
        self.members.get(&user).filter(|member| member.is_approved()).ok_or(RoomError::UserNotFound)?;
        let seat = self.seat_of(user).ok_or(RoomError::NotSeated)?;
        let stack = self.stack_of(seat);
        let in_hand = self.game.is_in_live_hand(seat);
        let occupant = self.occupant_mut(seat);
        let queued = occupant.queued.delta.checked_add(delta).ok_or(RoomError::StackOutOfRange)?;
        let after = stack.signed().checked_add(queued).and_then(Chips::from_signed);
        // What was won may be above what can be given: taking from it is always possible.
        let after = after.filter(|chips| *chips <= Chips::MAX || delta < 0).ok_or(RoomError::StackOutOfRange)?;
        if in_hand {
            occupant.queued.delta = queued;
            occupant.queued.reason = reason;
            return Ok((Adjusted { queued: true, chips: stack }, Vec::new()));
        }
        if delta == 0 {
            return Ok((Adjusted { queued: false, chips: stack }, Vec::new()));
        }
        occupant.chips = after;
        self.schedule(at);
        let what = Happened::ChipsAdjusted { user, delta, chips: after, by: AdjustedBy::Host { reason } };
        Ok((Adjusted { queued: false, chips: after }, vec![what.into()]))
    }

    /// Changes settings; the hand that is being played goes on with the old blinds, ante and times, and everybody's time bank has
    /// its new size from the next hand, less what was used. Limits of buy-ins, members and spectators hold at once.
    ///
    /// # Errors
    ///
    /// - [`RoomError::NotHost`], [`RoomError::RoomClosed`].
    /// - [`RoomError::Settings`]: out of range, no valid combination, or a seat would go that is taken.
    ///
    /// Where spectators aren't allowed any more, those who watch stop: they stay members.
    pub fn change_settings(
        &mut self,
        by: UserId,
        patch: &SettingsPatch,
        at: Timestamp,
    ) -> Result<Vec<Event>, RoomError> {
        self.must_be_host(by)?;
        self.must_be_open()?;
        let settings = self.settings.patched(patch)?;
        let seats = usize::from(settings.seats);
        if self.seats.iter().skip(seats).any(|seat| *seat != Seat::Empty) {
            return Err(InvalidSettings("a seat that is taken can't be removed".to_owned()).into());
        }
        if settings == self.settings {
            return Ok(Vec::new());
        }
        self.seats.resize(seats, Seat::Empty);
        if settings.rotation != self.settings.rotation {
            self.game.rotation = None;
        }
        self.settings = settings.clone();
        self.schedule(at);
        let mut events = vec![Event::from(Happened::SettingsChanged { settings })];
        if self.settings.bomb_pot_mode != BombPotMode::Manual {
            events.extend(self.drop_bomb_pot(by));
        }
        if !self.settings.spectators_allowed {
            let watching: Vec<UserId> = self.spectators().map(|member| member.user).collect();
            events.extend(watching.into_iter().filter_map(|user| self.unwatch(user)));
        }
        Ok(events)
    }

    /// Hands the host's powers to another member.
    ///
    /// # Errors
    ///
    /// - [`RoomError::NotHost`], [`RoomError::UserNotFound`]; [`RoomError::NotApproved`]: isn't let in.
    pub fn hand_over(&mut self, by: UserId, user: UserId) -> Result<Vec<Event>, RoomError> {
        self.must_be_host(by)?;
        let heir = self.members.get(&user).ok_or(RoomError::UserNotFound)?;
        if !heir.is_approved() {
            return Err(RoomError::NotApproved);
        }
        if user == self.host {
            return Ok(Vec::new());
        }
        self.host = user;
        Ok(vec![Happened::HostChanged { user }.into()])
    }

    /// Cashes everybody out and closes the room.
    pub(super) fn finish_game(&mut self, events: &mut Vec<Event>) {
        for index in 0..self.seats.len() {
            if self.seats[index] != Seat::Empty {
                events.push(self.free(SeatIndex(index as u8), FreedReason::Ended));
            }
        }
        self.game.status = GameStatus::Completed;
        self.game.ending = false;
        self.game.next_hand_at = None;
        self.status = RoomStatus::Closed;
        events.push(Happened::GameEnded { game: self.game.id }.into());
    }
}

/// Whether a removed member may ask to come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    /// They may.
    Kick,
    /// They may not.
    Ban,
}
