//! Rejoin tokens, compared with the room.

use std::collections::BTreeSet;

use domain::ids::SeatIndex;
use domain::member::{Member, MembershipStatus};
use domain::room::Lifetimes;
use domain::time::{Millis, Timestamp};
use ports::store::{RoomRecord, TokenRecord};

use super::compare::instant;
use super::room::{Found, found};

/// How long a token that ran out is kept, and how long one may last by a setting that was another one before.
const DAY: Millis = Millis(24 * 60 * 60 * 1000);

/// I-7: at most one token is current for each member, it is the last one of theirs, its hash is that of its row, and only members
/// have one. It lasts no longer than the settings say, or a day.
pub(super) fn stand(room: &RoomRecord, lifetimes: &Lifetimes, is_timed: bool) -> Result<(), Found> {
    let mut owners = BTreeSet::new();
    for token in &room.tokens {
        let owner = token.owner;
        if !token.genuine {
            return Err(found(format!("hash of a token of {owner}"), "that of its row", "another"));
        }
        if is_timed && [Some(token.created_at), token.revoked_at].into_iter().flatten().any(|at| at > room.now) {
            return Err(found(format!("times of a token of {owner}"), before(room.now), "later"));
        }
        if !token.is_current() {
            continue;
        }
        if !owners.insert(owner) {
            return Err(found(format!("current tokens of {owner}"), 1, "more"));
        }
        if !room.members.iter().any(|member| member.user == owner && member.is_approved()) {
            return Err(found(format!("current tokens of {owner}"), "none: they are not let in", 1));
        }
        if is_timed {
            is_the_last(token, room)?;
        }
        let latest = room.now + lifetimes.rejoin.max(DAY);
        if is_timed && token.expires_at > latest {
            return Err(found(format!("expiry of the token of {owner}"), before(latest), instant(&token.expires_at)));
        }
        is_of_its_owner(token, room)?;
    }
    // A token is minted when somebody is let in, and deleted a day after it ran out.
    let has_one = |member: &Member| match member.status {
        MembershipStatus::Approved { since, .. } => since + DAY > room.now && is_timed,
        MembershipStatus::Pending { .. }
        | MembershipStatus::Rejected
        | MembershipStatus::Left
        | MembershipStatus::Kicked
        | MembershipStatus::Banned => false,
    };
    match room.members.iter().find(|member| has_one(member) && !owners.contains(&member.user)) {
        Some(member) => Err(found(format!("current tokens of {}", member.user), 1, 0)),
        None => Ok(()),
    }
}

fn before(at: Timestamp) -> String {
    format!("up to {}", instant(&at))
}

/// Minting a token revokes the one before, so that the current one is the newest. Of two transactions that waited for each other
/// the first to begin may be the last to mint: then the one that it revoked seems to be revoked before it was minted.
fn is_the_last(current: &TokenRecord, room: &RoomRecord) -> Result<(), Found> {
    let is_newer = |token: &&TokenRecord| {
        token.owner == current.owner
            && token.created_at > current.created_at
            && token.revoked_at.is_some_and(|revoked_at| revoked_at >= token.created_at)
    };
    match room.tokens.iter().find(is_newer) {
        Some(newer) => Err(found(
            format!("current token of {}", current.owner),
            format!("the one of {}, the newest", instant(&newer.created_at)),
            format!("the one of {}", instant(&current.created_at)),
        )),
        None => Ok(()),
    }
}

/// What a current token says of its owner is what the room says.
fn is_of_its_owner(token: &TokenRecord, room: &RoomRecord) -> Result<(), Found> {
    let owner = token.owner;
    let held = room.seats.iter().find(|seat| seat.seat.is_of(owner));
    let role = match held {
        _ if owner == room.host => "host",
        Some(seat) if !seat.seat.is_leaving() => "player",
        _ if room.spectators.iter().any(|spectator| spectator.user == owner) => "spectator",
        Some(_) | None => "approved",
    };
    if token.role != role {
        return Err(found(format!("role in the token of {owner}"), role, &token.role));
    }
    let seat = held.map(|seat| seat.index);
    if token.seat != seat {
        let show = |seat: Option<SeatIndex>| seat.map_or("none".to_owned(), |seat| seat.to_string());
        return Err(found(format!("seat in the token of {owner}"), show(seat), show(token.seat)));
    }
    Ok(())
}
