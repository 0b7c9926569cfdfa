//! What the clock does to a room: turns that end, hands that are due, people who went silent, outages of ours.

use crate::event::{Event, Happened};
use crate::game::{Asked, Clock, GameStatus, Turn, Unserved};
use crate::ids::{SeatIndex, UserId};
use crate::member::Member;
use crate::room::{Chance, Lifetimes, Room};
use crate::seat::FreedReason;
use crate::time::{Millis, Timestamp};

impl Room {
    /// Does what is due at `at`: decides for an actor whose time is up or who isn't waited for, or deals the next hand. Does
    /// nothing when it is called too early or again, so it may be called from anywhere.
    pub fn tick(&mut self, at: Timestamp, lifetimes: &Lifetimes, chance: &mut dyn Chance) -> Vec<Event> {
        if let Some(turn) = self.game.turn {
            let asks = turn.is_to_ask(at);
            if turn.is_over(at) || asks && !self.is_waited_for(turn, at, lifetimes) {
                return match turn.asked {
                    Asked::Actor(_) => self.act_by_clock(at, lifetimes),
                    Asked::Runs => self.end_question(at, lifetimes),
                };
            }
            if asks {
                let asks_at = self.asks_again_at(turn, at, lifetimes);
                self.game.turn = Some(Turn { asks_at, ..turn });
                return Vec::new();
            }
        }
        let due = self.game.next_hand_at.is_some_and(|due| due <= at);
        if !due || self.game.status != GameStatus::Active || self.game.live().is_some() {
            return Vec::new();
        }
        let mut events = Vec::new();
        if self.ready_seats().count() < 2 {
            self.game.next_hand_at = None;
        } else {
            self.deal(at, lifetimes, chance, &mut events);
        }
        events
    }

    /// Whether the table waits for the actor, as the clock finds them when it asks. It gives an absent one no time beyond the
    /// normal time, and without a clock none beyond that after which their seat is freed. It doesn't wait for one whom it has sat
    /// out, unless that was for being away and they are back.
    fn is_waited_for(&self, turn: Turn, at: Timestamp, lifetimes: &Lifetimes) -> bool {
        // A question has a time of its own, which is never longer for anybody.
        let Some(actor) = turn.actor() else { return true };
        let Some(occupant) = self.seats[actor.index()].occupant() else { return false };
        let member = &self.members[&occupant.user];
        if self.was_sat_out(actor) {
            return occupant.timeouts_in_a_row < Self::MOST_TIMEOUTS && member.is_there(at);
        }
        match turn.clock {
            Clock::Running { deadline, .. } => at < deadline || member.is_there(at),
            Clock::Unlimited => !member.is_gone(at, lifetimes.free_seat_after),
            Clock::Frozen { .. } => true,
        }
    }

    /// When the clock asks for an actor who is waited for at `at`.
    fn asks_again_at(&self, turn: Turn, at: Timestamp, lifetimes: &Lifetimes) -> Option<Timestamp> {
        match turn.clock {
            Clock::Running { deadline, .. } => Some(deadline).filter(|deadline| *deadline > at),
            Clock::Unlimited => Some(self.gone_at(turn, lifetimes).max(at + Self::ASKS_EVERY)),
            Clock::Frozen { .. } => None,
        }
    }

    /// When the clock asks first for the actor of a turn that begins at `at`: at once if it has sat them out.
    pub(super) fn asks_first_at(&self, turn: Turn, at: Timestamp, lifetimes: &Lifetimes) -> Option<Timestamp> {
        if turn.actor().is_some_and(|actor| self.was_sat_out(actor)) {
            return Some(at);
        }
        match turn.clock {
            Clock::Running { deadline, .. } => Some(deadline),
            Clock::Unlimited => Some(self.gone_at(turn, lifetimes).max(at)),
            Clock::Frozen { .. } => None,
        }
    }

    /// When a player will be gone if nothing is heard of them.
    fn gone_at(&self, turn: Turn, lifetimes: &Lifetimes) -> Timestamp {
        let user = turn.actor().and_then(|actor| self.seats[actor.index()].occupant()).map(|occupant| occupant.user);
        let seen =
            user.and_then(|user| self.members.get(&user)).map_or(Timestamp::default(), |member| member.last_seen);
        seen + lifetimes.free_seat_after
    }

    /// The shortest time between two questions for somebody whose line is up and silent.
    const ASKS_EVERY: Millis = Millis::from_secs(5);

    /// Looks for players who haven't been heard of: marks them as disconnected, later frees their seats. A seat in a live hand is
    /// never freed: the clock folds the hand, and the next look frees the seat. A host who is gone is followed.
    pub fn sweep(&mut self, at: Timestamp, lifetimes: &Lifetimes) -> Vec<Event> {
        let mut events = Vec::new();
        for index in 0..self.seats.len() {
            let seat = SeatIndex(index as u8);
            let Some(user) = self.seats[index].occupant().map(|occupant| occupant.user) else { continue };
            let silence = at - self.members[&user].last_seen;
            if silence < lifetimes.disconnect_after || self.seats[index].is_leaving() {
                continue;
            }
            if let Some(absent) = self.seats[index].miss(at) {
                self.seats[index] = absent;
                self.member_mut(user).online = false;
                events.push(Happened::Disconnected { user, seat }.into());
            }
            if silence >= lifetimes.free_seat_after && !self.game.is_in_live_hand(seat) {
                events.push(self.free(seat, FreedReason::Disconnected));
            }
        }
        // Nobody said that the lines of a node went down which died.
        let is_stale = |member: &&Member| member.online && !member.is_online(at);
        let stale: Vec<UserId> = self.members.values().filter(is_stale).map(|member| member.user).collect();
        for user in stale {
            self.member_mut(user).online = false;
        }
        events.extend(self.follow_host(at, lifetimes));
        self.schedule(at);
        events
    }

    /// How often a call of somebody with a line counts as a sign of life: with each one there would be one row more to write.
    const SIGN_OF_LIFE_EVERY: Millis = Millis::from_secs(15);

    /// A member makes a call. Who plays without a socket is alive too, and only their calls say so.
    pub fn heard(&mut self, user: UserId, at: Timestamp, lifetimes: &Lifetimes) -> Vec<Event> {
        let Some(member) = self.members.get(&user).filter(|member| member.is_in_or_waits()) else { return Vec::new() };
        let silence = at - member.last_seen;
        let is_news = silence >= Self::SIGN_OF_LIFE_EVERY.min(lifetimes.disconnect_after);
        if is_news || silence > Millis::ZERO && !member.is_online(at) { self.seen(user, at) } else { Vec::new() }
    }

    /// Somebody is heard of again.
    pub fn seen(&mut self, user: UserId, at: Timestamp) -> Vec<Event> {
        if let Some(member) = self.members.get_mut(&user) {
            member.last_seen = member.last_seen.max(at);
        }
        let Some(seat) = self.seat_of(user) else { return Vec::new() };
        let Some(back) = self.seats[seat.index()].see() else { return Vec::new() };
        self.seats[seat.index()] = back;
        self.schedule(at);
        vec![Happened::Reconnected { user, seat }.into()]
    }

    /// An outage of ours is not charged to the player to act. One that ends before it began is a clock that was put back: what was
    /// planned by it as it was is planned anew.
    pub fn forgive_outage(&mut self, outage: Unserved, at: Timestamp) {
        let timeout = self.game.time_of_turn();
        if let Some(turn) = &mut self.game.turn {
            turn.forgive(outage, at, timeout);
        }
        if let Some(due) = &mut self.game.next_hand_at {
            *due = (*due).min(at + self.settings.between_hands);
        }
    }
}
