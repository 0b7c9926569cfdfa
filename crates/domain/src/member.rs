//! People and a room: asking, let in, gone.

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use crate::button::Debts;
use crate::chips::Chips;
use crate::ids::UserId;
use crate::name::Name;
use crate::settings::Preferences;
use crate::time::{Millis, Timestamp};
use crate::token::RejoinToken;

crate::named! {
    /// What a member does in the room. Being the host is a power beside the role.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum Role {
        /// Let in, neither seated nor watching.
        Approved = "approved",
        /// In a seat.
        Player = "player",
        /// Watching.
        Spectator = "spectator",
    }
}

/// guest ──join──▶ Pending ──approve──▶ Approved ──leave──▶ Left, ──kick──▶ Kicked | Banned
///                    └────reject──▶ Rejected ──join──▶ Pending; Left and Kicked may ask again, Banned may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MembershipStatus {
    /// Waits for the host's word.
    Pending {
        /// When they asked.
        since: Timestamp,
    },
    /// In the room.
    Approved {
        /// When they were let in.
        since: Timestamp,
        /// Whether they watch when they are not seated.
        watching: bool,
    },
    /// Refused; may ask again.
    Rejected,
    /// Went by themselves; may ask again.
    Left,
    /// Removed by the host; may ask again.
    Kicked,
    /// Removed for good.
    Banned,
}

impl MembershipStatus {
    /// The contract's name of a status.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending { .. } => "pending",
            Self::Approved { .. } => "approved",
            Self::Rejected => "rejected",
            Self::Left => "left",
            Self::Kicked => "kicked",
            Self::Banned => "banned",
        }
    }
}

/// One person who has ever asked to join the room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub user: UserId,
    /// What the others see.
    pub name: Name,
    /// How they stand with the room.
    pub status: MembershipStatus,
    /// Their current token, while they are let in.
    pub token: Option<RejoinToken>,
    /// Chips that left a seat of theirs and wait for their return.
    pub reserved: Chips,
    /// What they have used of the time bank in this room, whichever seat they had.
    pub timebank_used: Millis,
    /// When the server last heard from them.
    pub last_seen: Timestamp,
    /// Whether a line of theirs came up and didn't go down since; see [`Member::is_online`].
    pub online: bool,
    /// What they have chosen for good in this room.
    pub preferences: Preferences,
    /// The blinds that they owe, also while they have no seat.
    pub debts: Debts,
}

impl Member {
    /// Somebody who is let in from the start or asks now.
    pub fn new(user: UserId, name: Name, status: MembershipStatus, at: Timestamp) -> Self {
        let (reserved, timebank_used) = (Chips::ZERO, Millis::ZERO);
        let (preferences, debts) = (Preferences::default(), Debts::NONE);
        Self {
            user,
            name,
            status,
            token: None,
            reserved,
            timebank_used,
            last_seen: at,
            online: false,
            preferences,
            debts,
        }
    }

    /// How long a line counts as up without a sign of life: three heartbeats. A node that dies can't say that it went down.
    const LINE_LIVES: Millis = Millis::from_secs(90);

    /// Whether a line of theirs is up.
    pub fn is_online(&self, now: Timestamp) -> bool {
        self.online && now - self.last_seen < Self::LINE_LIVES
    }

    /// How long a call counts as being there without a line: 15 s.
    const CALL_LIVES: Millis = Millis::from_secs(15);

    /// Whether they are there: a line of theirs is up, or they made a call within 15 s.
    pub fn is_there(&self, now: Timestamp) -> bool {
        self.is_online(now) || now - self.last_seen < Self::CALL_LIVES
    }

    /// Whether they are gone: without a line, and unseen for `length`.
    pub fn is_gone(&self, now: Timestamp, length: Millis) -> bool {
        !self.is_online(now) && now - self.last_seen >= length
    }

    /// Whether they are let in.
    pub fn is_approved(&self) -> bool {
        matches!(self.status, MembershipStatus::Approved { .. })
    }

    /// Whether they are let in or have asked to be.
    pub fn is_in_or_waits(&self) -> bool {
        matches!(self.status, MembershipStatus::Approved { .. } | MembershipStatus::Pending { .. })
    }

    /// Whether they are let in and watch.
    pub fn is_watching(&self) -> bool {
        matches!(self.status, MembershipStatus::Approved { watching: true, .. })
    }
}

/// The people of a room. Copies share them until one is changed: a room may have a thousand, and few commands change any.
#[derive(Clone, Debug, Default)]
pub struct Members(Arc<BTreeMap<UserId, Member>>);

impl Deref for Members {
    type Target = BTreeMap<UserId, Member>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for Members {
    fn deref_mut(&mut self) -> &mut Self::Target {
        Arc::make_mut(&mut self.0)
    }
}

impl PartialEq for Members {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0 == other.0
    }
}

impl Eq for Members {}

impl FromIterator<Member> for Members {
    fn from_iter<I: IntoIterator<Item = Member>>(members: I) -> Self {
        Self(Arc::new(members.into_iter().map(|member| (member.user, member)).collect()))
    }
}
