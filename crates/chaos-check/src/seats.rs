//! I-6: one seat a user and one user a seat, for members only; nobody loses a seat before they were silent for long enough.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::event::{Logged, What};
use crate::people::People;
use crate::run::Run;
use crate::turns::Absence;
use crate::verdict::{Findings, Invariant};

/// What a seat is for its user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seat {
    /// Whose.
    pub user: Uuid,
    /// Whether they aren't dealt in.
    pub sits_out: bool,
    /// Whether they were missed.
    pub absent: bool,
    /// Whether they are gone and only their hand is still played.
    pub leaving: bool,
}

impl Seat {
    /// The name of its status in the database.
    pub fn status(&self) -> &'static str {
        match self {
            Self { leaving: true, .. } => "leaving",
            Self { absent: true, .. } => "disconnected",
            Self { sits_out: true, .. } => "sitting_out",
            _ => "active",
        }
    }
}

/// How long somebody must have been silent, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Silence {
    disconnect_after: i64,
    free_seat_after: i64,
}

impl Silence {
    /// As the nodes were told.
    pub fn of(run: &Run) -> Self {
        Self {
            disconnect_after: run.env_secs("HOLDFAST_DISCONNECT_AFTER_SECS", 300),
            free_seat_after: run.env_secs("HOLDFAST_FREE_SEAT_AFTER_SECS", 600),
        }
    }
}

/// The seats of a room.
#[derive(Debug)]
pub struct Seats<'a> {
    room: Uuid,
    /// Those that are taken.
    pub taken: BTreeMap<u8, Seat>,
    silence: Silence,
    /// When each user gave a sign of life, by the database's clock.
    signs: Option<&'a BTreeMap<Uuid, Vec<i64>>>,
}

impl<'a> Seats<'a> {
    /// All empty.
    pub fn new(room: Uuid, silence: Silence, signs: Option<&'a BTreeMap<Uuid, Vec<i64>>>) -> Self {
        Self { room, taken: BTreeMap::new(), silence, signs }
    }

    /// Takes in an event, after `people` have. `in_hand` says whether a seat is in the hand being played.
    pub fn see(&mut self, event: &Logged, people: &People, in_hand: impl Fn(u8) -> bool, findings: &mut Findings) {
        let mut wrongs = Vec::new();
        match &event.what {
            What::Seated { seat, user, .. } => {
                if !people.is_in(*user) {
                    wrongs.push(format!("{user} sits down and isn't let in"));
                }
                if let Some(other) = self.taken.values().find(|taken| taken.user == *user) {
                    wrongs.push(format!("{} has two seats", other.user));
                }
                let new = Seat { user: *user, sits_out: false, absent: false, leaving: false };
                if let Some(old) = self.taken.insert(*seat, new) {
                    wrongs.push(format!("seat {seat} is taken by {user} and {}", old.user));
                }
            }
            What::SeatFreed { seat, user, reason, .. } => {
                if self.taken.remove(seat).map(|taken| taken.user) != Some(*user) {
                    wrongs.push(format!("seat {seat} is freed, and isn't {user}'s"));
                }
                if in_hand(*seat) {
                    wrongs.push(format!("seat {seat} is freed in a live hand"));
                }
                if reason == "disconnected" {
                    wrongs.extend(self.heard_of(*user, event.at, self.silence.free_seat_after, "loses the seat"));
                }
            }
            What::Disconnected { user, seat } => {
                wrongs.extend(self.heard_of(*user, event.at, self.silence.disconnect_after, "counts as disconnected"));
                wrongs.extend(self.change(*user, *seat, |seat| !std::mem::replace(&mut seat.absent, true)));
            }
            What::Reconnected { user, seat } => {
                wrongs.extend(self.change(*user, *seat, |seat| std::mem::replace(&mut seat.absent, false)));
            }
            What::SatOut { user, seat } => {
                wrongs.extend(self.change(*user, *seat, |seat| !std::mem::replace(&mut seat.sits_out, true)));
            }
            What::SatIn { user, seat } => {
                wrongs.extend(self.change(*user, *seat, |seat| std::mem::replace(&mut seat.sits_out, false)));
            }
            // The seat is freed at once, or when the hand is over.
            What::MemberLeft { user } | What::Kicked { user } => self.leaves(*user),
            What::SpectatorJoined(who) => self.leaves(who.user),
            What::HandStarted(started) => {
                for dealt in &started.seats {
                    match self.taken.get(&dealt.seat) {
                        Some(seat) if seat.user == dealt.user && seat.status() == "active" => {}
                        seat => wrongs.push(format!("seat {} is dealt in and is {seat:?}", dealt.seat)),
                    }
                }
            }
            _ => {}
        }
        for say in wrongs {
            findings.at(Invariant::Seats, self.room, event.seq, say);
        }
    }

    fn leaves(&mut self, user: Uuid) {
        for seat in self.taken.values_mut().filter(|seat| seat.user == user) {
            seat.leaving = true;
        }
    }

    fn change(&mut self, user: Uuid, seat: u8, change: impl FnOnce(&mut Seat) -> bool) -> Option<String> {
        match self.taken.get_mut(&seat).filter(|taken| taken.user == user) {
            None => Some(format!("seat {seat} isn't {user}'s")),
            Some(taken) => (!change(taken)).then(|| format!("nothing changes for seat {seat}")),
        }
    }

    /// How `user` in `seat` stands at `at`, when the clock decides for them; `goes_out`: it sits them out then.
    pub fn absence(&self, user: Uuid, seat: u8, at: i64, goes_out: bool) -> Absence {
        let signs = self.signs.and_then(|signs| signs.get(&user));
        let last = signs.and_then(|signs| signs.iter().copied().filter(|sign| *sign < at).max());
        Absence {
            was_out: self.taken.get(&seat).is_some_and(|taken| taken.user == user && taken.sits_out),
            goes_out,
            silence: last.map(|last| at - last),
            gone_after: self.silence.free_seat_after,
            is_away: false,
        }
    }

    fn heard_of(&self, user: Uuid, at: i64, silence: i64, what: &str) -> Option<String> {
        let signs = self.signs?.get(&user)?;
        let last = signs.iter().copied().filter(|sign| *sign < at).max()?;
        (at - last < silence).then(|| format!("{user} {what} after {} ms of silence instead of {silence}", at - last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_of_life_counts_up_to_the_last_moment() {
        let user = Uuid::from_u128(1);
        let signs = BTreeMap::from([(user, vec![1_000, 600_999])]);
        let silence = Silence { disconnect_after: 300_000, free_seat_after: 600_000 };
        let seats = Seats::new(Uuid::nil(), silence, Some(&signs));
        let heard = |at| seats.heard_of(user, at, silence.free_seat_after, "loses the seat");
        assert!(heard(601_000).is_some_and(|say| say.contains("after 1 ms of silence")));
        assert_eq!(heard(600_999 + 600_000), None);
    }
}
