//! What the clock does to a room: turns that end, hands that are due, people who went silent, outages of ours.

use crate::event::{Event, Happened};
use crate::game::{GameStatus, Unserved};
use crate::ids::{SeatIndex, UserId};
use crate::room::{Chance, Lifetimes, Room};
use crate::seat::FreedReason;
use crate::time::{Millis, Timestamp};

impl Room {
    /// Does what is due at `at`: decides for an actor whose time is up, or deals the next hand. Does nothing when it is
    /// called too early or again, so it may be called from anywhere.
    pub fn tick(&mut self, at: Timestamp, lifetimes: &Lifetimes, chance: &mut dyn Chance) -> Vec<Event> {
        if self.game.turn.is_some_and(|turn| turn.is_over(at)) {
            return self.act_by_clock(at, lifetimes);
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

    /// Looks for players who haven't been heard of: marks them as disconnected, later frees their chairs. A chair in a
    /// live hand is never freed: the clock folds the hand, and the next look frees the chair.
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
        self.schedule(at);
        events
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
        let timeout = self.game.live().map_or(Millis::ZERO, |dealt| dealt.action_timeout);
        if let Some(turn) = &mut self.game.turn {
            turn.forgive(outage, at, timeout);
        }
        if let Some(due) = &mut self.game.next_hand_at {
            *due = (*due).min(at + self.settings.between_hands);
        }
    }
}
