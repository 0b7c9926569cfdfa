//! How a room stands, compared with what its log leads to.

use std::collections::BTreeSet;

use domain::game::{Asked, Clock, GameStatus, Turn};
use domain::ids::{HandId, SeatIndex};
use domain::member::MembershipStatus;
use domain::room::{Lifetimes, RoomStatus};
use domain::seat::{FreedReason, Occupant, Queued, Seat};
use domain::time::{Millis, Timestamp};
use ports::store::{RoomRecord, SeatRecord};

use super::Difference;
use super::banks::Size;
use super::compare::{instant, list};
use super::hand::Replay;
use super::room::{Found, RoomAudit, SeatedPlayer, found};
use super::terms::Terms;
use super::tokens;

/// The longest time between two hands that settings allow.
const LONGEST_PAUSE: Millis = Millis::from_secs(30);

fn same<T: PartialEq + ToString>(what: &str, expected: T, stored: T) -> Result<(), Found> {
    if expected == stored { Ok(()) } else { Err(found(what, expected.to_string(), stored.to_string())) }
}

fn moment(at: Option<Timestamp>) -> String {
    at.as_ref().map_or("none".to_owned(), instant)
}

fn upto(at: Timestamp) -> String {
    format!("up to {}", instant(&at))
}

impl RoomAudit {
    /// Compares how the room stands with what its log leads to. `lifetimes` are those of the server's settings.
    ///
    /// # Errors
    ///
    /// - The first difference.
    pub fn stands_as(&self, room: &RoomRecord, lifetimes: &Lifetimes) -> Result<(), Difference> {
        self.stands(room, lifetimes).map_err(|found| Difference {
            hand: self.live.as_ref().map(Replay::number),
            seq: None,
            what: found.field,
            expected: found.expected,
            stored: found.stored,
        })
    }

    fn stands(&self, room: &RoomRecord, lifetimes: &Lifetimes) -> Result<(), Found> {
        same("last number in game_states", self.seq, room.seq)?;
        if let Some(owed) = self.live.as_ref().and_then(Replay::owed) {
            return Err(found("next event", owed, "none"));
        }
        if self.owed_bounty().is_some() {
            return Err(found("next event", "bounty_paid", "none"));
        }
        self.is_past(room, "time of the last event", self.at)?;
        self.hands_stand(room)?;
        self.game_stands(room)?;
        self.seats_stand(room)?;
        self.people_stand(room)?;
        self.terms.stand(&room.settings)?;
        self.owing.stands(room)?;
        self.clock_stands(room)?;
        tokens::stand(room, lifetimes, self.is_timed)
    }

    /// Nothing that has happened is yet to come.
    fn is_past(&self, room: &RoomRecord, what: &str, at: Option<Timestamp>) -> Result<(), Found> {
        match at {
            Some(at) if at > room.now && self.is_timed => Err(found(what, upto(room.now), instant(&at))),
            Some(_) | None => Ok(()),
        }
    }

    fn hands_stand(&self, room: &RoomRecord) -> Result<(), Found> {
        same("hand number of the game", self.hands, room.hand_number)?;
        same("number of hands", self.hands, room.hands)?;
        same("turn number", self.turns, room.turn_number)?;
        let show = |id: Option<HandId>| id.map_or("none".to_owned(), |id| id.to_string());
        if room.current_hand != self.last_hand {
            return Err(found("current hand", show(self.last_hand), show(room.current_hand)));
        }
        let live: Vec<HandId> = self.live.iter().map(Replay::id).collect();
        if room.live_hands != live {
            return Err(found("live hands", list(&live, HandId::to_string), list(&room.live_hands, HandId::to_string)));
        }
        let (turn, stored) = (self.live.as_ref().and_then(Replay::asked), room.turn.map(|turn| turn.asked));
        if stored != turn {
            let show = |asked: Option<Asked>| match asked {
                Some(Asked::Actor(seat)) => format!("seat {seat}"),
                Some(Asked::Runs) => "all who are asked how often to run the missing cards".to_owned(),
                None => "nobody".to_owned(),
            };
            return Err(found("whose turn it is", show(turn), show(stored)));
        }
        Ok(())
    }

    fn game_stands(&self, room: &RoomRecord) -> Result<(), Found> {
        same("status of the game", self.status.name(), room.status.name())?;
        let is_over = self.status == GameStatus::Completed;
        let status = if is_over { RoomStatus::Closed } else { RoomStatus::Open };
        same("status of the room", status.name(), room.room_status.name())?;
        same("game that was started", moment(self.started_at), moment(room.started_at))?;
        same("game that ended", moment(self.ended_at), moment(room.ended_at))?;
        if room.ending && self.live.is_none() {
            return Err(found("game that ends with its hand", "none: no hand is played", "one"));
        }
        same("bomb pot that was asked for", self.bomb_pot_queued, room.bomb_pot_queued)?;
        if room.forgiven > room.outages {
            return Err(found("last outage that was forgiven", format!("up to {}", room.outages), room.forgiven));
        }
        Ok(())
    }

    fn seats_stand(&self, room: &RoomRecord) -> Result<(), Found> {
        same("number of seats", usize::from(room.settings.seats), room.seats.len())?;
        for (index, record) in (0..).map(SeatIndex).zip(&room.seats) {
            same("number of a seat", index, record.index)?;
            self.seat_stands(room, record)?;
        }
        if let Some((seat, player)) = self.players.iter().find(|(seat, _)| seat.index() >= room.seats.len()) {
            return Err(found(format!("seat {seat}"), player.user, "no such seat"));
        }
        for (user, balance) in &self.balances {
            let in_front =
                self.players.values().find(|player| player.user == *user).map_or(0, |player| i128::from(player.chips));
            if *balance != in_front {
                return Err(found(format!("ledger of {user}"), in_front, balance));
            }
        }
        Ok(())
    }

    fn seat_stands(&self, room: &RoomRecord, record: &SeatRecord) -> Result<(), Found> {
        let (seat, expected, stored) = (record.index, self.players.get(&record.index), record.seat.occupant());
        let of = |what: &str| format!("{what} of seat {seat}");
        let show = |held: Option<(domain::ids::UserId, u64)>| {
            held.map_or("nobody".to_owned(), |(user, chips)| format!("{user} with {chips}"))
        };
        let has = expected.map(|player| (player.user, player.chips));
        let is_stored = stored.map(|held| (held.user, held.chips.get()));
        if has != is_stored {
            return Err(found(format!("seat {seat}"), show(has), show(is_stored)));
        }
        let Some((player, held)) = expected.zip(stored) else { return Ok(()) };
        let is_dealt_in = self.live.as_ref().is_some_and(|live| live.has(seat));
        status_stands(player, &record.seat, is_dealt_in).map_err(|found| named(found, seat))?;
        self.since_stands(room, player, held).map_err(|found| named(found, seat))?;
        self.is_past(room, &of("when the player was heard of"), record.last_seen)?;
        player.missed.stands(held, record.seat.is_leaving()).map_err(|found| named(found, seat))?;
        if !is_dealt_in && !held.queued.is_empty() {
            let Queued { top_up, delta, reason } = &held.queued;
            let stored = format!("a top-up of {top_up}, {delta:+} by the host, reason {reason:?}");
            return Err(found(of("what waits for the end of the hand"), "nothing: the seat is in none", stored));
        }
        self.bank_stands(room, player, held).map_err(|found| named(found, seat))?;
        let own = room.members.iter().find(|member| member.user == held.user).map(|member| member.name.as_str());
        if own != record.name.as_deref() {
            return Err(found(of("name"), format!("{own:?}"), format!("{:?}", record.name)));
        }
        Ok(())
    }

    /// Of who had a seat before seats knew it, it is since when they are in the room; of who had left that room, any time.
    fn since_stands(&self, room: &RoomRecord, player: &SeatedPlayer, held: &Occupant) -> Result<(), Found> {
        let member = room.members.iter().find(|member| member.user == player.user);
        let let_in = match member.map(|member| member.status) {
            Some(MembershipStatus::Approved { since, .. } | MembershipStatus::Pending { since }) => Some(since),
            Some(
                MembershipStatus::Rejected
                | MembershipStatus::Left
                | MembershipStatus::Kicked
                | MembershipStatus::Banned,
            )
            | None => None,
        };
        if held.since == player.since || let_in.is_none_or(|since| held.since == since) {
            return self.is_past(room, "since when it is taken", Some(held.since));
        }
        Err(found("since when it is taken", instant(&player.since), instant(&held.since)))
    }

    /// What is left and what was used of a time bank make up its size, as of the last deal or when they sat down.
    fn bank_stands(&self, room: &RoomRecord, player: &SeatedPlayer, held: &Occupant) -> Result<(), Found> {
        let size = match (player.bank, &self.terms) {
            (Size::Set(size), _) => Some(size),
            (Size::Made, Terms::Made(_)) => Some(room.settings.timebank),
            (Size::Made, Terms::Set(_)) | (Size::Unknown, _) => None,
        };
        let used = room.members.iter().find(|member| member.user == player.user).map(|member| member.timebank_used);
        if let Some((size, used)) = size.zip(used)
            && held.timebank != size - used
        {
            let expected = format!("{} ms, {} of {} ms are used", (size - used).0, used.0, size.0);
            return Err(found("time bank", expected, format!("{} ms", held.timebank.0)));
        }
        match self.people.get(&player.user) {
            Some(person) => person.bank.has_left(held.timebank),
            None => Ok(()),
        }
    }

    fn people_stand(&self, room: &RoomRecord) -> Result<(), Found> {
        let mut silent_maker = self.maker.is_some();
        for member in &room.members {
            let user = member.user;
            match self.people.get(&user) {
                Some(person) => {
                    person.stands(member)?;
                    if !self.is_from_before && self.is_current() {
                        person.bank.has_used(member.timebank_used).map_err(|mut found| {
                            found.field = format!("{} of {user}", found.field);
                            found
                        })?;
                    }
                }
                // Whoever made the room and never did anything in it is in no event.
                None if !silent_maker && member.is_approved() => silent_maker = true,
                None => return Err(found(format!("status of {user}"), "nobody's", member.status.name())),
            }
            self.is_past(room, &format!("when {user} was heard of"), Some(member.last_seen))?;
        }
        let is_stored = |user: &domain::ids::UserId| room.members.iter().any(|member| member.user == *user);
        if let Some(user) = self.people.keys().find(|user| !is_stored(user)) {
            return Err(found("member", user, "nobody"));
        }
        match self.host {
            Some(host) if host != room.host => return Err(found("host", host, room.host)),
            Some(_) => {}
            None if !is_stored(&room.host) => return Err(found("host", "a member", room.host)),
            None => {}
        }
        self.spectators_stand(room)
    }

    fn spectators_stand(&self, room: &RoomRecord) -> Result<(), Found> {
        let watching: BTreeSet<_> =
            room.members.iter().filter(|member| member.is_watching()).map(|member| member.user).collect();
        for spectator in &room.spectators {
            let user = spectator.user;
            if !watching.contains(&user) {
                return Err(found(format!("spectator {user}"), "no member who watches", "one"));
            }
            let own = room.members.iter().find(|member| member.user == user).map(|member| member.name.as_str());
            if own != Some(&spectator.name) {
                let own = own.map_or("a member's".to_owned(), |own| format!("{own:?}"));
                return Err(found(format!("name of the spectator {user}"), own, format!("{:?}", spectator.name)));
            }
            self.is_past(room, &format!("when the spectator {user} was heard of"), Some(spectator.last_seen))?;
        }
        Ok(())
    }

    /// When the clock looks at the room, and what it finds then.
    fn clock_stands(&self, room: &RoomRecord) -> Result<(), Found> {
        if let Some((live, turn)) = self.live.as_ref().zip(room.turn.as_ref()) {
            let actor = turn.actor().and_then(|actor| room.seats.get(actor.index()));
            let bank = actor.and_then(|seat| seat.seat.occupant()).map(|held| held.timebank);
            let is_paused = self.status == GameStatus::Paused;
            self.turn_stands(room, live, turn, (bank.unwrap_or_default(), is_paused))?;
        }
        let is_idle = self.status == GameStatus::Active && self.live.is_none() && !room.ending;
        let ready = room.seats.iter().filter(|seat| seat.seat.plays()).count();
        match room.next_hand_at {
            Some(at) if !is_idle => return Err(found("next hand", "none is due", instant(&at))),
            Some(at) if at > room.now + LONGEST_PAUSE && self.is_timed => {
                return Err(found("next hand", upto(room.now + LONGEST_PAUSE), instant(&at)));
            }
            None if is_idle && ready >= 2 => return Err(found("next hand", "one is due", "none")),
            Some(_) | None => {}
        }
        let turn = room.turn.and_then(|turn| match turn.clock {
            Clock::Running { expires, .. } => Some(turn.asks_at.map_or(expires, |asks_at| asks_at.min(expires))),
            Clock::Unlimited => turn.asks_at,
            Clock::Frozen { .. } => None,
        });
        let Some(due) = turn.into_iter().chain(room.next_hand_at).min() else { return Ok(()) };
        if room.wakes_at.is_none_or(|wakes_at| wakes_at > due) {
            return Err(found("when the clock looks at the room", upto(due), moment(room.wakes_at)));
        }
        Ok(())
    }

    /// The turn's clock. An outage moves it and has no event; a pause has one.
    fn turn_stands(
        &self,
        room: &RoomRecord,
        live: &Replay,
        turn: &Turn,
        (bank, is_paused): (Millis, bool),
    ) -> Result<(), Found> {
        let Some((began, timeout, has_moved)) = live.turn() else { return Ok(()) };
        if !self.is_timed {
            return Ok(());
        }
        if turn.started_at < began {
            return Err(found(
                "beginning of the turn",
                format!("{} or later", instant(&began)),
                instant(&turn.started_at),
            ));
        }
        self.is_past(room, "beginning of the turn", Some(turn.started_at))?;
        let longest = timeout.max(Turn::AFTER_OUTAGE);
        // Of a turn that no outage has moved and that was never resumed everything is known.
        let as_begun = turn.started_at == began && !has_moved && self.resumed_at.is_none_or(|at| at < began);
        let known = as_begun.then_some(began + timeout);
        match turn.clock {
            Clock::Unlimited if timeout == Millis::ZERO => Ok(()),
            Clock::Running { deadline, expires } if timeout > Millis::ZERO && !is_paused => {
                if let Some(known) = known.filter(|known| (deadline, expires) != (*known, *known + bank)) {
                    let expected = format!("{} and {}", instant(&known), instant(&(known + bank)));
                    let stored = format!("{} and {}", instant(&deadline), instant(&expires));
                    return Err(found("deadline and end of the turn", expected, stored));
                }
                let earliest = began + if has_moved { timeout.min(Turn::AFTER_OUTAGE) } else { timeout };
                let latest = self.resumed_at.map_or(turn.started_at, |at| at.max(turn.started_at)) + longest;
                if deadline < earliest || deadline > latest {
                    let expected = format!("{} to {}", instant(&earliest), instant(&latest));
                    return Err(found("deadline of the turn", expected, instant(&deadline)));
                }
                if expires < deadline || expires - deadline > bank {
                    return Err(found("end of the turn", upto(deadline + bank), instant(&expires)));
                }
                Ok(())
            }
            Clock::Frozen { time, bank: left } if timeout > Millis::ZERO && is_paused => {
                let paused = self.paused_at.map_or(began, |at| at.max(began));
                let expected = known.map(|known| (known - paused, (known + bank) - paused.max(known)));
                let is_so = match expected {
                    Some(expected) => (time, left) == expected,
                    None => time <= longest && left <= bank,
                };
                if is_so {
                    return Ok(());
                }
                let expected = match expected {
                    Some((time, bank)) => format!("{} ms and {} ms", time.0, bank.0),
                    None => format!("up to {} ms and {} ms", longest.0, bank.0),
                };
                Err(found("time that is left", expected, format!("{} ms and {} ms", time.0, left.0)))
            }
            Clock::Unlimited => Err(found("clock of the turn", "one", "none")),
            Clock::Running { .. } => Err(found("clock of the turn", "none that runs", "one")),
            Clock::Frozen { .. } => Err(found("clock of the turn", "none that stands still", "one")),
        }
    }
}

/// Says of which seat it is.
fn named(mut found: Found, seat: SeatIndex) -> Found {
    found.field = format!("{} of seat {seat}", found.field);
    found
}

/// Somebody is on the way out of a seat as long as the hand lasts; of who stands up where nobody may watch there may be no event.
fn status_stands(player: &SeatedPlayer, stored: &Seat, is_dealt_in: bool) -> Result<(), Found> {
    let expected = match (player.leaving, stored, player.absent) {
        (Some(reason), ..) => ("leaving", Some(reason), None),
        (None, Seat::Leaving { .. }, _) if is_dealt_in => ("leaving", Some(FreedReason::Left), None),
        (None, _, Some(since)) => ("disconnected", None, Some((since, player.sits_out))),
        (None, _, None) if player.sits_out => ("sitting_out", None, None),
        (None, _, None) => ("active", None, None),
    };
    let stored = match stored {
        Seat::Leaving { reason, .. } => (stored.status(), Some(*reason), None),
        Seat::Absent { since, sat_out, .. } => (stored.status(), None, Some((*since, *sat_out))),
        Seat::Empty | Seat::Active(_) | Seat::SittingOut(_) => (stored.status(), None, None),
    };
    let show = |(status, reason, absent): (&str, Option<FreedReason>, Option<(Timestamp, bool)>)| {
        let reason = reason.map_or(String::new(), |reason| format!(", {}", reason.name()));
        let absent = absent.map_or(String::new(), |(since, sat_out)| {
            format!(" since {}{}", instant(&since), if sat_out { ", sitting out" } else { "" })
        });
        format!("{status}{reason}{absent}")
    };
    if expected == stored { Ok(()) } else { Err(found("status", show(expected), show(stored))) }
}
