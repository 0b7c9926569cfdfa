//! Who was let in and who was the host, at every event of a room: what rights are measured by (I-6, I-13, I-14).

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::event::{Logged, What};
use crate::verdict::{Findings, Invariant};

/// How somebody stands with a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Waits for the host's word.
    Pending,
    /// Is let in.
    Approved,
    /// Was refused.
    Rejected,
    /// Went by themselves.
    Left,
    /// Was removed.
    Kicked,
}

/// A time in which somebody was let in: from the event that let them in to the one that ended it.
#[derive(Clone, Copy, Debug)]
pub struct Stay {
    /// The event that let them in; 0 for whoever made the room.
    pub from: u64,
    /// When that was, by the database's clock.
    pub from_at: i64,
    /// The event with which they went.
    pub to: Option<u64>,
}

/// The people of a room.
#[derive(Debug)]
pub struct People {
    room: Uuid,
    /// How everybody stands now.
    pub standing: BTreeMap<Uuid, Standing>,
    /// Who watches now.
    pub watching: BTreeSet<Uuid>,
    stays: BTreeMap<Uuid, Vec<Stay>>,
    hosts: Vec<(u64, Uuid)>,
}

impl People {
    /// A room that `creator` has just made.
    pub fn new(room: Uuid, creator: Option<Uuid>) -> Self {
        let mut people = Self {
            room,
            standing: BTreeMap::new(),
            watching: BTreeSet::new(),
            stays: BTreeMap::new(),
            hosts: creator.map(|creator| (0, creator)).into_iter().collect(),
        };
        if let Some(creator) = creator {
            people.let_in(creator, 0, i64::MIN);
        }
        people
    }

    /// The host now.
    pub fn host(&self) -> Option<Uuid> {
        self.hosts.last().map(|(_, host)| *host)
    }

    /// Whether `user` is let in now.
    pub fn is_in(&self, user: Uuid) -> bool {
        self.standing.get(&user) == Some(&Standing::Approved)
    }

    /// The times in which `user` was let in.
    pub fn stays(&self, user: Uuid) -> &[Stay] {
        self.stays.get(&user).map_or(&[], Vec::as_slice)
    }

    /// Whether `user` was let in at some moment from the event `from` to the event `to`.
    pub fn was_in(&self, user: Uuid, from: u64, to: u64) -> bool {
        self.stays(user).iter().any(|stay| stay.from <= to && stay.to.is_none_or(|end| from < end))
    }

    /// Whether `user` was the host at some moment from the event `from` to the event `to`.
    pub fn was_host(&self, user: Uuid, from: u64, to: u64) -> bool {
        self.hosts.iter().enumerate().any(|(index, (since, host))| {
            let until = self.hosts.get(index + 1).map_or(u64::MAX, |(next, _)| *next);
            *host == user && *since <= to && from < until
        })
    }

    /// Whether whoever is let in at `now` (by the database's clock) may read the event `seq`: they are, or were when it
    /// happened.
    pub fn may_read(&self, user: Uuid, seq: u64, now: i64) -> bool {
        self.stays(user).iter().any(|stay| stay.from_at <= now && stay.to.is_none_or(|end| seq <= end))
    }

    /// Takes in an event.
    pub fn see(&mut self, event: &Logged, findings: &mut Findings) {
        let seq = event.seq;
        let mut wrong = |say: String| findings.at(Invariant::Authority, self.room, seq, say);
        match &event.what {
            What::JoinRequested(who) => {
                if self.standing.get(&who.user) == Some(&Standing::Approved) {
                    wrong(format!("{} asks to come in and is in", who.user));
                }
                self.standing.insert(who.user, Standing::Pending);
            }
            What::Approved(who) => {
                if self.standing.get(&who.user) == Some(&Standing::Approved) {
                    wrong(format!("{} is let in twice", who.user));
                }
                self.let_in(who.user, seq, event.at);
            }
            What::Rejected(who) => {
                if self.standing.get(&who.user) != Some(&Standing::Pending) {
                    wrong(format!("{} is refused and didn't ask", who.user));
                }
                self.standing.insert(who.user, Standing::Rejected);
            }
            What::MemberLeft { user } => self.goes(*user, Standing::Left, seq),
            What::Kicked { user } => self.goes(*user, Standing::Kicked, seq),
            What::HostChanged { user } => {
                if self.standing.get(user) != Some(&Standing::Approved) {
                    wrong(format!("{user} becomes the host and isn't let in"));
                }
                self.hosts.push((seq, *user));
            }
            What::SpectatorJoined(who) => {
                if self.standing.get(&who.user) != Some(&Standing::Approved) {
                    wrong(format!("{} watches and isn't let in", who.user));
                }
                self.watching.insert(who.user);
            }
            What::SpectatorLeft(who) => {
                self.watching.remove(&who.user);
            }
            _ => {}
        }
    }

    fn let_in(&mut self, user: Uuid, seq: u64, at: i64) {
        self.standing.insert(user, Standing::Approved);
        self.stays.entry(user).or_default().push(Stay { from: seq, from_at: at, to: None });
    }

    fn goes(&mut self, user: Uuid, standing: Standing, seq: u64) {
        self.standing.insert(user, standing);
        self.watching.remove(&user);
        if let Some(stay) = self.stays.get_mut(&user).and_then(|stays| stays.last_mut()) {
            stay.to.get_or_insert(seq);
        }
    }
}
