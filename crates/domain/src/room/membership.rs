//! Coming in and going: join, approve, reject, spectate, leave.

use crate::event::{Event, Happened};
use crate::ids::UserId;
use crate::member::{Member, MembershipStatus};
use crate::name::Name;
use crate::room::{Chance, Lifetimes, Room, RoomError, RoomStatus};
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
    /// Asks to come in. Asking again while the request is open changes nothing. A room that its host has left stays theirs: who
    /// comes in meanwhile has no powers, until the host is unseen for so long that somebody follows them ([`Room::sweep`]).
    /// With automatic approval, somebody who comes under the host's name, or as "Host" or "Dealer", waits for the host all the
    /// same.
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
        match self.members.get(&user).map(|member| member.status) {
            Some(MembershipStatus::Banned) => return Err(RoomError::Banned),
            Some(MembershipStatus::Approved { .. }) => return Err(RoomError::AlreadyInRoom),
            Some(MembershipStatus::Pending { .. }) => return Ok((Joined::Pending, Vec::new())),
            Some(MembershipStatus::Rejected | MembershipStatus::Left | MembershipStatus::Kicked) | None => {}
        }
        let pending = self.members.values().filter(|m| matches!(m.status, MembershipStatus::Pending { .. })).count();
        let place = self.place(at, lifetimes)?;
        if pending >= MAX_PENDING {
            return Err(RoomError::RoomFull);
        }
        self.must_be_distinct(user, &name)?;
        let status = MembershipStatus::Pending { since: at };
        let member = self.members.entry(user).or_insert_with(|| Member::new(user, name.clone(), status, at));
        member.name = name.clone();
        member.status = status;
        member.last_seen = at;
        // A host who left an empty room is nobody's guest. Who has their name is for them to judge.
        let lets_in = self.settings.auto_approve && !self.passes_for_the_host(user, &name);
        if lets_in || self.host == user {
            let mut events = self.make_place(place);
            events.push(self.approval(user, at, lifetimes, chance));
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
        let mut events = self.make_place(self.place(at, lifetimes)?);
        events.push(self.approval(user, at, lifetimes, chance));
        Ok(events)
    }

    /// The host refuses `user`, who may ask again.
    ///
    /// # Errors
    ///
    /// - [`RoomError::NotHost`], [`RoomError::RoomClosed`], [`RoomError::UserNotFound`], [`RoomError::NotPending`].
    pub fn reject(&mut self, by: UserId, user: UserId) -> Result<Vec<Event>, RoomError> {
        self.must_be_pending(by, user)?;
        let member = self.member_mut(user);
        member.status = MembershipStatus::Rejected;
        Ok(vec![Happened::Rejected { user, name: member.name.clone() }.into()])
    }

    /// Watches, without a seat.
    ///
    /// # Errors
    ///
    /// - [`RoomError::NotApproved`], [`RoomError::RoomClosed`].
    /// - [`RoomError::RoleForbidden`]: the room allows no spectators.
    /// - [`RoomError::AlreadySeated`]: a player must leave the seat first.
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

    /// Goes. A player's live hand is folded at once (an all-in one is played out) and the seat is freed when the hand
    /// ends; a host's powers go to somebody who is there, else to who would follow if they were; an open request is withdrawn.
    ///
    /// # Errors
    ///
    /// - [`RoomError::NotApproved`]: isn't in the room.
    pub fn leave(&mut self, by: UserId, at: Timestamp, lifetimes: &Lifetimes) -> Result<Vec<Event>, RoomError> {
        match self.members.get(&by).map(|member| member.status) {
            Some(MembershipStatus::Approved { .. } | MembershipStatus::Pending { .. }) => {}
            Some(
                MembershipStatus::Rejected
                | MembershipStatus::Left
                | MembershipStatus::Kicked
                | MembershipStatus::Banned,
            )
            | None => {
                return Err(RoomError::NotApproved);
            }
        }
        let mut events = vec![Event::from(Happened::MemberLeft { user: by })];
        self.remove(by, MembershipStatus::Left);
        // From now on nobody sees them.
        self.member_mut(by).last_seen = self.members[&by].last_seen.max(at);
        if self.host == by {
            let heir = self.heir(|member| member.is_there(at)).or_else(|| self.heir(|_| true));
            events.extend(heir.map(|heir| self.pass_on_to(heir)));
        }
        self.vacate(by, FreedReason::Left, at, lifetimes, &mut events);
        self.schedule(at);
        Ok(events)
    }

    /// Whether everybody who was let in takes all places: then who of them is gone decides whether there is one more.
    pub fn is_full(&self) -> bool {
        self.approved().count() >= self.settings.max_members as usize
    }

    /// A place for one more: a free one, or that of the member without a seat who is gone for the longest time.
    fn place(&self, at: Timestamp, lifetimes: &Lifetimes) -> Result<Place, RoomError> {
        if !self.is_full() {
            return Ok(Place::Free);
        }
        let is_gone = |member: &&Member| {
            member.is_gone(at, lifetimes.free_seat_after)
                && self.occupied_seat_of(member.user).is_none()
                && self.host != member.user
        };
        let gone = self.approved().filter(is_gone).min_by_key(|member| (member.last_seen, member.user));
        gone.map(|member| Place::Of(member.user)).ok_or(RoomError::RoomFull)
    }

    fn make_place(&mut self, place: Place) -> Vec<Event> {
        match place {
            Place::Free => Vec::new(),
            Place::Of(user) => {
                self.remove(user, MembershipStatus::Left);
                vec![Happened::MemberLeft { user }.into()]
            }
        }
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

    /// Takes away a member's status and token.
    pub(super) fn remove(&mut self, user: UserId, status: MembershipStatus) {
        let member = self.member_mut(user);
        member.status = status;
        member.token = None;
        member.online = false;
    }

    pub(super) fn watch(&mut self, user: UserId) -> Event {
        let member = self.member_mut(user);
        if let MembershipStatus::Approved { watching, .. } = &mut member.status {
            *watching = true;
        }
        Happened::SpectatorJoined { user, name: member.name.clone() }.into()
    }

    pub(super) fn unwatch(&mut self, user: UserId) -> Option<Event> {
        let member = self.member_mut(user);
        let MembershipStatus::Approved { watching: watching @ true, .. } = &mut member.status else { return None };
        *watching = false;
        Some(Happened::SpectatorLeft { user, name: member.name.clone() }.into())
    }

    fn must_be_pending(&self, by: UserId, user: UserId) -> Result<(), RoomError> {
        self.must_be_host(by)?;
        self.must_be_open()?;
        match self.members.get(&user).ok_or(RoomError::UserNotFound)?.status {
            MembershipStatus::Pending { .. } => Ok(()),
            MembershipStatus::Approved { .. }
            | MembershipStatus::Rejected
            | MembershipStatus::Left
            | MembershipStatus::Kicked
            | MembershipStatus::Banned => Err(RoomError::NotPending),
        }
    }

    /// A host who is gone is followed by somebody who is there, if anybody is. Nothing brings the powers back by itself: whoever
    /// has them may hand them back.
    pub fn follow_host(&mut self, at: Timestamp, lifetimes: &Lifetimes) -> Option<Event> {
        let host = self.members.get(&self.host)?;
        let is_over = self.status == RoomStatus::Closed;
        if is_over || !host.is_gone(at, lifetimes.free_seat_after) {
            return None;
        }
        let heir = self.heir(|member| member.is_there(at) && !member.is_gone(at, lifetimes.free_seat_after))?;
        Some(self.pass_on_to(heir))
    }

    fn pass_on_to(&mut self, user: UserId) -> Event {
        self.host = user;
        Happened::HostChanged { user }.into()
    }

    /// Of these members the player who has been at the table longest, else who has been in the room longest. Never the host.
    fn heir(&self, may: impl Fn(&Member) -> bool) -> Option<UserId> {
        let rank = |member: &&Member| {
            let seated = self.seat_of(member.user).and_then(|seat| self.seats[seat.index()].occupant());
            let since = match (seated, member.status) {
                (Some(occupant), _) => occupant.since,
                (None, MembershipStatus::Approved { since, .. }) => since,
                (
                    None,
                    MembershipStatus::Pending { .. }
                    | MembershipStatus::Rejected
                    | MembershipStatus::Left
                    | MembershipStatus::Kicked
                    | MembershipStatus::Banned,
                ) => Timestamp(i64::MAX),
            };
            (seated.is_none(), since, member.user)
        };
        let heirs = self.approved().filter(|member| member.user != self.host && may(member));
        heirs.min_by_key(rank).map(|member| member.user)
    }
}

/// Where one more finds a place.
enum Place {
    Free,
    /// This member's, who is gone.
    Of(UserId),
}
