//! Coming in and going: join, approve, reject, spectate, leave.

use crate::event::{Event, Happened};
use crate::ids::UserId;
use crate::member::{Member, Role, Standing};
use crate::name::Name;
use crate::room::{Chance, Lifetimes, Room, RoomError};
use crate::seat::FreedReason;
use crate::time::Timestamp;

/// What came of asking to join.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joined {
    /// The host has to decide.
    Pending,
    /// Let in at once.
    Approved,
}

/// Open requests that a room keeps at most: a flood of them must not grow without bound.
const MAX_PENDING: usize = 200;

impl Room {
    /// Asks to come in. Asking again while the request is open changes nothing. Whoever is let in at once into a room that
    /// its host has left is the host. With automatic approval, somebody who comes under the host's name, or as "Host" or
    /// "Dealer", waits for the host all the same.
    ///
    /// # Errors
    ///
    /// - [`RoomError::RoomClosed`], [`RoomError::Banned`], [`RoomError::AlreadyInRoom`].
    /// - [`RoomError::RoomFull`]: no place for another member, or too many open requests.
    /// - [`RoomError::LookalikeName`]: somebody else has a name that looks the same.
    pub fn join(
        &mut self,
        user: UserId,
        name: Name,
        at: Timestamp,
        lifetimes: &Lifetimes,
        chance: &mut dyn Chance,
    ) -> Result<(Joined, Vec<Event>), RoomError> {
        self.must_be_open()?;
        match self.members.get(&user).map(|member| member.standing) {
            Some(Standing::Banned) => return Err(RoomError::Banned),
            Some(Standing::Approved { .. }) => return Err(RoomError::AlreadyInRoom),
            Some(Standing::Pending { .. }) => return Ok((Joined::Pending, Vec::new())),
            Some(Standing::Rejected | Standing::Left | Standing::Kicked) | None => {}
        }
        let pending = self.members.values().filter(|m| matches!(m.standing, Standing::Pending { .. })).count();
        if self.is_full() || pending >= MAX_PENDING {
            return Err(RoomError::RoomFull);
        }
        self.must_be_distinct(user, &name)?;
        let standing = Standing::Pending { since: at };
        let member = self.members.entry(user).or_insert_with(|| Member::new(user, name.clone(), standing, at));
        member.name = name.clone();
        member.standing = standing;
        member.last_seen = at;
        // A host who left an empty room is nobody's guest. Who has their name is for them to judge.
        let lets_in = self.settings.auto_approve && !self.passes_for_the_host(user, &name);
        if lets_in || self.host == user {
            let mut events = vec![self.approval(user, at, lifetimes, chance)];
            // Who comes into an empty room has nobody above them.
            if !self.is_host(self.host) {
                self.host = user;
                events.push(Happened::HostChanged { user }.into());
            }
            return Ok((Joined::Approved, events));
        }
        Ok((Joined::Pending, vec![Happened::JoinRequested { user, name }.into()]))
    }

    /// The host lets `user` in.
    ///
    /// # Errors
    ///
    /// - [`RoomError::NotHost`], [`RoomError::RoomClosed`], [`RoomError::UserNotFound`], [`RoomError::NotPending`],
    ///   [`RoomError::RoomFull`].
    pub fn approve(
        &mut self,
        by: UserId,
        user: UserId,
        at: Timestamp,
        lifetimes: &Lifetimes,
        chance: &mut dyn Chance,
    ) -> Result<Vec<Event>, RoomError> {
        self.must_be_pending(by, user)?;
        if self.is_full() {
            return Err(RoomError::RoomFull);
        }
        Ok(vec![self.approval(user, at, lifetimes, chance)])
    }

    /// The host refuses `user`, who may ask again.
    ///
    /// # Errors
    ///
    /// - [`RoomError::NotHost`], [`RoomError::RoomClosed`], [`RoomError::UserNotFound`], [`RoomError::NotPending`].
    pub fn reject(&mut self, by: UserId, user: UserId) -> Result<Vec<Event>, RoomError> {
        self.must_be_pending(by, user)?;
        let member = self.member_mut(user);
        member.standing = Standing::Rejected;
        Ok(vec![Happened::Rejected { user, name: member.name.clone() }.into()])
    }

    /// Watches, without a chair.
    ///
    /// # Errors
    ///
    /// - [`RoomError::NotApproved`], [`RoomError::RoomClosed`].
    /// - [`RoomError::RoleForbidden`]: the room allows no spectators.
    /// - [`RoomError::AlreadySeated`]: a player must leave the chair first.
    /// - [`RoomError::LookalikeName`]: somebody else has a name that looks the same.
    pub fn spectate(
        &mut self,
        by: UserId,
        name: Option<Name>,
        at: Timestamp,
        lifetimes: &Lifetimes,
        chance: &mut dyn Chance,
    ) -> Result<Vec<Event>, RoomError> {
        let member = self.approved_member(by)?;
        let already = member.is_watching();
        self.must_be_open()?;
        if !self.settings.spectators_allowed {
            return Err(RoomError::RoleForbidden);
        }
        if self.seat_of(by).is_some() {
            return Err(RoomError::AlreadySeated);
        }
        self.rename(by, name)?;
        if already {
            return Ok(Vec::new());
        }
        let joined = self.watch(by);
        self.renew_token(by, at, lifetimes, chance);
        Ok(vec![joined])
    }

    /// Stops watching, stays in the room. No effect on somebody who doesn't watch.
    ///
    /// # Errors
    ///
    /// - [`RoomError::NotApproved`].
    /// - [`RoomError::AlreadySeated`]: a player isn't watching.
    pub fn stop_spectating(
        &mut self,
        by: UserId,
        at: Timestamp,
        lifetimes: &Lifetimes,
        chance: &mut dyn Chance,
    ) -> Result<Vec<Event>, RoomError> {
        self.approved_member(by)?;
        if self.seat_of(by).is_some() {
            return Err(RoomError::AlreadySeated);
        }
        let Some(left) = self.unwatch(by) else { return Ok(Vec::new()) };
        self.renew_token(by, at, lifetimes, chance);
        Ok(vec![left])
    }

    /// Goes. A player's live hand is folded at once (an all-in one is played out) and the chair is freed when the hand
    /// ends; a host's powers go to the member who has been in the room longest; an open request is withdrawn.
    ///
    /// # Errors
    ///
    /// - [`RoomError::NotApproved`]: isn't in the room.
    pub fn leave(&mut self, by: UserId, at: Timestamp, lifetimes: &Lifetimes) -> Result<Vec<Event>, RoomError> {
        match self.members.get(&by).map(|member| member.standing) {
            Some(Standing::Approved { .. } | Standing::Pending { .. }) => {}
            Some(Standing::Rejected | Standing::Left | Standing::Kicked | Standing::Banned) | None => {
                return Err(RoomError::NotApproved);
            }
        }
        let mut events = vec![Event::from(Happened::MemberLeft { user: by })];
        self.remove(by, Standing::Left);
        if self.host == by
            && let Some(heir) = self.heir()
        {
            self.host = heir;
            events.push(Happened::HostChanged { user: heir }.into());
        }
        self.vacate(by, FreedReason::Left, at, lifetimes, &mut events);
        self.schedule(at);
        Ok(events)
    }

    pub(super) fn is_full(&self) -> bool {
        self.approved().count() >= self.settings.max_members as usize
    }

    pub(super) fn rename(&mut self, user: UserId, name: Option<Name>) -> Result<(), RoomError> {
        let Some(name) = name else { return Ok(()) };
        // Who keeps their name may, whoever else has come to have it.
        if self.members[&user].name != name {
            self.must_be_distinct(user, &name)?;
            // The host let them in by another name: nobody judges this one.
            if self.passes_for_the_host(user, &name) {
                return Err(RoomError::LookalikeName);
            }
            self.member_mut(user).name = name;
        }
        Ok(())
    }

    /// Takes away a member's standing and token.
    pub(super) fn remove(&mut self, user: UserId, standing: Standing) {
        let member = self.member_mut(user);
        member.standing = standing;
        member.token = None;
        member.online = false;
    }

    pub(super) fn watch(&mut self, user: UserId) -> Event {
        let member = self.member_mut(user);
        if let Standing::Approved { watching, .. } = &mut member.standing {
            *watching = true;
        }
        Happened::SpectatorJoined { user, name: member.name.clone() }.into()
    }

    pub(super) fn unwatch(&mut self, user: UserId) -> Option<Event> {
        let member = self.member_mut(user);
        match &mut member.standing {
            Standing::Approved { watching, .. } if *watching => *watching = false,
            _ => return None,
        }
        Some(Happened::SpectatorLeft { user, name: member.name.clone() }.into())
    }

    fn must_be_pending(&self, by: UserId, user: UserId) -> Result<(), RoomError> {
        self.must_be_host(by)?;
        self.must_be_open()?;
        match self.members.get(&user).ok_or(RoomError::UserNotFound)?.standing {
            Standing::Pending { .. } => Ok(()),
            Standing::Approved { .. } | Standing::Rejected | Standing::Left | Standing::Kicked | Standing::Banned => {
                Err(RoomError::NotPending)
            }
        }
    }

    /// Who has been in the room longest; players before the others.
    fn heir(&self) -> Option<UserId> {
        let rank = |member: &&Member| match member.standing {
            Standing::Approved { since, .. } => (self.role_of(member.user) != Some(Role::Player), since, member.user),
            _ => unreachable!("only approved members are asked"),
        };
        self.approved().min_by_key(rank).map(|member| member.user)
    }
}
