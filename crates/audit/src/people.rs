//! What the log says of one person: how they stand, by which name, and what they have used of the time bank.

use domain::ids::UserId;
use domain::member::{Member, MembershipStatus};
use domain::name::Name;
use domain::time::Timestamp;

use super::banks::Bank;
use super::compare::instant;
use super::room::{Found, found};

/// Whether somebody is in the room.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    Waits,
    In,
    Gone(Gone),
}

/// How they went. What the host does afterwards about somebody who has gone has no event.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Gone {
    Rejected,
    Left,
    Kicked,
}

impl Presence {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Waits => "pending",
            Self::In => "approved",
            Self::Gone(_) => "gone",
        }
    }

    /// Whether a row may say this of them.
    fn is(self, status: MembershipStatus) -> bool {
        match status {
            MembershipStatus::Pending { .. } => self == Self::Waits,
            MembershipStatus::Approved { .. } => self == Self::In,
            MembershipStatus::Rejected => self == Self::Gone(Gone::Rejected),
            MembershipStatus::Left => self == Self::Gone(Gone::Left),
            MembershipStatus::Kicked | MembershipStatus::Banned => matches!(self, Self::Gone(_)),
        }
    }
}

/// One person.
pub(super) struct Person {
    pub(super) presence: Presence,
    /// Since when they are in or wait; `None` for who made the room, which has no event.
    since: Option<Timestamp>,
    /// Their name. `None` while no event has told it: who watches may change it without one.
    pub(super) name: Option<Name>,
    pub(super) watches: bool,
    pub(super) reserved: u64,
    pub(super) bank: Bank,
}

impl Person {
    /// Somebody of whom nothing else is known.
    pub(super) fn new(presence: Presence) -> Self {
        Self { presence, since: None, name: None, watches: false, reserved: 0, bank: Bank::default() }
    }

    /// Asks to come in, or is let in.
    pub(super) fn arrives(&mut self, presence: Presence, name: &Name, at: Timestamp) -> Result<(), Found> {
        if self.presence == Presence::Waits {
            self.is_called(name)?;
        }
        (self.presence, self.since, self.name, self.watches) = (presence, Some(at), Some(name.clone()), false);
        Ok(())
    }

    /// Goes.
    pub(super) fn goes(&mut self, gone: Gone) {
        self.presence = Presence::Gone(gone);
        if self.watches {
            (self.watches, self.name) = (false, None);
        }
    }

    /// Begins or ceases to watch, by a name that may be a new one.
    pub(super) fn watches(&mut self, user: UserId, watches: bool, name: &Name) -> Result<(), Found> {
        if self.watches == watches {
            let (is, comes) =
                if watches { ("watches", "spectator_joined") } else { ("doesn't watch", "spectator_left") };
            return Err(found(format!("status of {user}"), is, comes));
        }
        (self.watches, self.name) = (watches, Some(name.clone()));
        Ok(())
    }

    /// An event calls them by the name that they have.
    pub(super) fn is_called(&self, name: &Name) -> Result<(), Found> {
        match &self.name {
            Some(own) if own != name => Err(found("name", format!("{own:?}"), format!("{name:?}"))),
            Some(_) | None => Ok(()),
        }
    }

    /// Compares the member's row.
    pub(super) fn stands(&self, member: &Member) -> Result<(), Found> {
        let user = member.user;
        if !self.presence.is(member.status) {
            let expected = match self.presence {
                Presence::Gone(Gone::Rejected) => "rejected, kicked or banned",
                Presence::Gone(Gone::Left) => "left, kicked or banned",
                Presence::Gone(Gone::Kicked) => "kicked or banned",
                Presence::Waits | Presence::In => self.presence.name(),
            };
            return Err(found(format!("status of {user}"), expected, member.status.name()));
        }
        if let (
            Some(since),
            MembershipStatus::Approved { since: stored, .. } | MembershipStatus::Pending { since: stored },
        ) = (self.since, member.status)
            && since != stored
        {
            return Err(found(format!("since when {user} is in the room"), instant(&since), instant(&stored)));
        }
        if self.watches != member.is_watching() {
            let show = |watches: bool| if watches { "watches" } else { "doesn't watch" };
            return Err(found(format!("spectator {user}"), show(self.watches), show(member.is_watching())));
        }
        if let Some(name) = self.name.as_ref().filter(|name| !self.watches && **name != member.name) {
            return Err(found(format!("name of {user}"), format!("{name:?}"), format!("{:?}", member.name)));
        }
        if self.reserved != member.reserved.get() {
            return Err(found(format!("reserved chips of {user}"), self.reserved, member.reserved));
        }
        Ok(())
    }
}
