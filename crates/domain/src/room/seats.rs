//! Seats and stacks: sit down, stand up, sit out, top up.

use crate::chips::Chips;
use crate::event::{AdjustedBy, Event, Happened};
use crate::ids::{SeatIndex, UserId};
use crate::name::Name;
use crate::room::{Chance, Lifetimes, Room, RoomError};
use crate::seat::{FreedReason, Occupant, Seat};
use crate::time::{Millis, Timestamp};

/// What came of a change of a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Adjusted {
    /// Whether it waits for the end of the hand.
    pub queued: bool,
    /// Chips in front of the player now.
    pub chips: Chips,
}

/// What a player asks for who sits down.
#[derive(Clone, Debug)]
pub struct TakeSeat {
    /// Which seat.
    pub seat: SeatIndex,
    /// A new display name.
    pub name: Option<Name>,
    /// Chips to sit down with: at least the stack that waits from earlier, as far as the largest buy-in lets it. Absent: that
    /// stack, else [`Settings::default_buy_in`].
    ///
    /// [`Settings::default_buy_in`]: crate::settings::Settings::default_buy_in
    pub buy_in: Option<i64>,
}

impl Room {
    /// Sits down; is dealt in from the next hand.
    ///
    /// # Errors
    ///
    /// - [`RoomError::NotApproved`], [`RoomError::RoomClosed`], [`RoomError::AlreadySeated`].
    /// - [`RoomError::InvalidSeat`]: no such seat; [`RoomError::SeatTaken`]: somebody has it, even if they are away.
    /// - [`RoomError::InvalidBuyIn`]: outside the room's limits.
    /// - [`RoomError::StackComesBack`]: less than left the table with them.
    /// - [`RoomError::LookalikeName`]: somebody else has a name that looks the same.
    pub fn take_seat(
        &mut self,
        by: UserId,
        ask: TakeSeat,
        at: Timestamp,
        lifetimes: &Lifetimes,
        chance: &mut dyn Chance,
    ) -> Result<Vec<Event>, RoomError> {
        let waiting = self.approved_member(by)?.reserved;
        self.must_be_open()?;
        if self.occupied_seat_of(by).is_some() {
            return Err(RoomError::AlreadySeated);
        }
        match self.seats.get(ask.seat.index()).ok_or(RoomError::InvalidSeat)? {
            Seat::Empty => {}
            Seat::Active(_) | Seat::SittingOut(_) | Seat::Absent { .. } | Seat::Leaving { .. } => {
                return Err(RoomError::SeatTaken);
            }
        }
        let chips = self.buy_in(ask.buy_in, waiting)?;
        let mut events = Vec::new();
        self.rename(by, ask.name)?;
        events.extend(self.unwatch(by));
        let is_new = self.is_new();
        let member = self.member_mut(by);
        member.debts.new |= is_new;
        member.reserved = waiting.saturating_sub(chips);
        member.last_seen = at;
        let name = member.name.clone();
        let occupant = Occupant::new(by, at, chips, self.timebank_of(by));
        self.seats[ask.seat.index()] = Seat::Active(occupant);
        self.renew_token(by, at, lifetimes, chance);
        events.push(Happened::Seated { seat: ask.seat, user: by, name, chips }.into());
        self.schedule(at);
        Ok(events)
    }

    fn buy_in(&self, asked: Option<i64>, waiting: Chips) -> Result<Chips, RoomError> {
        let (min, max) = (self.settings.min_buy_in, self.settings.max_buy_in);
        match asked {
            // A stack that waits comes back whole, whatever the limits are by now.
            None if !waiting.is_zero() => Ok(waiting),
            None => Ok(self.settings.default_buy_in()),
            Some(asked) => {
                let asked = Chips::from_signed(asked).filter(|chips| (min..=max).contains(chips));
                let asked = asked.ok_or(RoomError::InvalidBuyIn { min, max })?;
                // Chips that were won at the table stay in play: nobody leaves to come back with less.
                let whole = waiting.min(max);
                if asked < whole { Err(RoomError::StackComesBack { whole, max }) } else { Ok(asked) }
            }
        }
    }

    /// What is left of a member's time bank, by the settings as they are now.
    pub(super) fn timebank_of(&self, user: UserId) -> Millis {
        self.settings.timebank - self.members.get(&user).map_or(Millis::ZERO, |member| member.timebank_used)
    }

    /// Leaves the seat, and watches where the room allows it. A live hand is folded at once (an all-in one is played out), and the seat is freed
    /// when the hand ends.
    ///
    /// # Errors
    ///
    /// - [`RoomError::NotApproved`], [`RoomError::NotSeated`].
    pub fn stand_up(
        &mut self,
        by: UserId,
        at: Timestamp,
        lifetimes: &Lifetimes,
        chance: &mut dyn Chance,
    ) -> Result<Vec<Event>, RoomError> {
        self.seat_held_by(by)?;
        let mut events = Vec::new();
        self.vacate(by, FreedReason::Left, at, lifetimes, &mut events);
        if self.settings.spectators_allowed {
            events.push(self.watch(by));
        }
        self.renew_token(by, at, lifetimes, chance);
        self.schedule(at);
        Ok(events)
    }

    /// Keeps the seat without being dealt in, from the next hand. No effect on somebody who sits out already.
    ///
    /// # Errors
    ///
    /// - [`RoomError::NotApproved`], [`RoomError::NotSeated`].
    pub fn sit_out(&mut self, by: UserId, at: Timestamp) -> Result<Vec<Event>, RoomError> {
        let seat = self.seat_held_by(by)?;
        let Some(out) = self.seats[seat.index()].sit_out() else { return Ok(Vec::new()) };
        self.seats[seat.index()] = out;
        // Whose own choice it is, is there: the hand goes on with them.
        self.occupant_mut(seat).timeouts_in_a_row = 0;
        self.schedule(at);
        Ok(vec![Happened::SatOut { user: by, seat }.into()])
    }

    /// Is dealt in again, from the next hand. No effect on somebody who plays.
    ///
    /// # Errors
    ///
    /// - [`RoomError::NotApproved`], [`RoomError::NotSeated`].
    pub fn sit_in(&mut self, by: UserId, at: Timestamp) -> Result<Vec<Event>, RoomError> {
        let seat = self.seat_held_by(by)?;
        let Some(back) = self.seats[seat.index()].sit_in() else { return Ok(Vec::new()) };
        self.seats[seat.index()] = back;
        self.schedule(at);
        Ok(vec![Happened::SatIn { user: by, seat }.into()])
    }

    /// Buys more chips: at once between hands, else when the hand is over.
    ///
    /// # Errors
    ///
    /// - [`RoomError::NotApproved`], [`RoomError::NotSeated`], [`RoomError::RoomClosed`].
    /// - [`RoomError::InvalidBuyIn`]: nothing, or more than the largest buy-in allows; of a player without chips, less than the
    ///   smallest buy-in.
    pub fn top_up(&mut self, by: UserId, amount: i64, at: Timestamp) -> Result<(Adjusted, Vec<Event>), RoomError> {
        let seat = self.seat_held_by(by)?;
        self.must_be_open()?;
        let max = self.settings.max_buy_in;
        let stack = self.stack_of(seat);
        let in_hand = self.game.is_in_live_hand(seat);
        let is_broke = stack.is_zero() && !in_hand;
        let min = if is_broke { self.settings.min_buy_in } else { Chips::new(1) };
        let refused = RoomError::InvalidBuyIn { min, max };
        let amount = Chips::from_signed(amount).filter(|chips| (min..=max).contains(chips)).ok_or(refused.clone())?;
        let occupant = self.occupant_mut(seat);
        if stack + occupant.queued.top_up + amount > max {
            return Err(refused);
        }
        if in_hand {
            occupant.queued.top_up += amount;
            return Ok((Adjusted { queued: true, chips: stack }, Vec::new()));
        }
        occupant.chips += amount;
        let chips = occupant.chips;
        self.schedule(at);
        let what = Happened::ChipsAdjusted { user: by, delta: amount.signed(), chips, by: AdjustedBy::TopUp };
        Ok((Adjusted { queued: false, chips }, vec![what.into()]))
    }

    /// The seat of somebody who goes: freed now, or, in a live hand, folded now and freed at its end.
    pub(super) fn vacate(
        &mut self,
        user: UserId,
        reason: FreedReason,
        at: Timestamp,
        lifetimes: &Lifetimes,
        events: &mut Vec<Event>,
    ) {
        let Some(seat) = self.occupied_seat_of(user) else { return };
        if !self.game.is_in_live_hand(seat) {
            events.push(self.free(seat, reason));
            return;
        }
        let occupant = self.occupant_mut(seat).clone();
        self.seats[seat.index()] = Seat::Leaving { occupant, reason };
        self.fold_for(seat, at, lifetimes, events);
    }

    /// Empties a seat; its stack waits for its owner.
    pub(super) fn free(&mut self, seat: SeatIndex, reason: FreedReason) -> Event {
        let occupant = self.occupant_mut(seat).clone();
        self.seats[seat.index()] = Seat::Empty;
        self.member_mut(occupant.user).reserved += occupant.chips;
        Happened::SeatFreed { seat, user: occupant.user, reason, chips: occupant.chips }.into()
    }
}
