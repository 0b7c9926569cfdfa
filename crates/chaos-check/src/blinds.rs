//! Where the button and the blinds have to be from hand to hand, who may be dealt in, and what is owed: the rule of the dead button a
//! second time, on purpose (docs/rules.md, section F). It walks from seat to seat, as a dealer would.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::dump::RoomDump;
use crate::event::{HandStarted, HouseRules, Logged, What};
use crate::seats::Seat;
use crate::verdict::{Findings, Invariant};

/// The most seats that a table has.
const PLACES: u8 = 10;

/// What somebody owes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Owes {
    new: bool,
    small: bool,
    big: bool,
}

impl Owes {
    fn something(self) -> bool {
        self.new || self.small || self.big
    }
}

/// What was posted and by whom, beside antes.
#[derive(Debug, PartialEq, Eq)]
struct Posted {
    button: u8,
    small: Option<u8>,
    big: u8,
    live: BTreeSet<u8>,
    dead: BTreeSet<u8>,
}

/// How a hand may be dealt.
#[derive(Debug)]
struct Way {
    posted: Posted,
    players: BTreeSet<u8>,
    small_place: u8,
}

/// The blinds of a room.
#[derive(Debug)]
pub struct Blinds {
    room: Uuid,
    /// Whether newcomers come in without a post; `None` where nothing is judged.
    is_free: Option<bool>,
    /// Where the small and the big blind were last.
    last: Option<(u8, u8)>,
    owes: BTreeMap<Uuid, Owes>,
}

impl Blinds {
    /// Before the first hand. Judged are rooms that are told to have a dead button and one game with blinds all along.
    pub fn new(room: Uuid, dump: &RoomDump) -> Self {
        let told = dump.events.iter().filter_map(|event| match &event.what {
            What::SettingsChanged { settings } => Some(&settings.house_rules),
            _ => None,
        });
        let now = dump.room.as_ref().map(|room| &room.settings.house_rules);
        let all: Vec<&HouseRules> = told.chain(now).collect();
        let is_judged = |rules: &&&HouseRules| {
            rules.button_rule == "dead" && rules.rotation.is_empty() && rules.variant != "shortdeck"
        };
        let is_one = all
            .windows(2)
            .all(|two| (&two[0].button_rule, &two[0].new_players) == (&two[1].button_rule, &two[1].new_players));
        let judged = all.first().filter(|_| is_one && all.iter().all(|rules| is_judged(&rules)));
        Self { room, is_free: judged.map(|rules| rules.new_players == "free"), last: None, owes: BTreeMap::new() }
    }

    /// Takes in an event. `seats` and `chips` are as they were before it.
    pub fn see(
        &mut self,
        event: &Logged,
        seats: &BTreeMap<u8, Seat>,
        chips: impl Fn(u8) -> i64,
        findings: &mut Findings,
    ) {
        let Some(is_free) = self.is_free else { return };
        match &event.what {
            What::Seated { user, .. } if self.last.is_some() => self.owes.entry(*user).or_default().new = true,
            // A bomb pot moves nothing.
            What::HandStarted(started) if started.kind.is_none() => {
                let ready: BTreeMap<u8, Uuid> = seats
                    .iter()
                    .filter(|(seat, held)| held.status() == "active" && chips(**seat) > 0)
                    .map(|(seat, held)| (*seat, held.user))
                    .collect();
                for say in self.deal(started, &ready, seats, is_free) {
                    findings.at(Invariant::Hands, self.room, event.seq, say);
                }
            }
            _ => {}
        }
    }

    /// The debts that are stored are those that the log leads to.
    pub fn finish(&self, dump: &RoomDump, findings: &mut Findings) {
        if self.is_free.is_none() {
            return;
        }
        for (user, row) in &dump.members {
            let (told, stored) =
                (self.of(*user), Owes { new: row.owes_new, small: row.owes_small_blind, big: row.owes_big_blind });
            if told != stored {
                let say = format!("{user} should owe {told:?} and is stored with {stored:?}");
                findings.room(Invariant::Hands, self.room, say);
            }
        }
    }

    fn of(&self, user: Uuid) -> Owes {
        self.owes.get(&user).copied().unwrap_or_default()
    }

    fn deal(
        &mut self,
        started: &HandStarted,
        ready: &BTreeMap<u8, Uuid>,
        seats: &BTreeMap<u8, Seat>,
        is_free: bool,
    ) -> Vec<String> {
        let dealt: BTreeSet<u8> = started.seats.iter().map(|player| player.seat).collect();
        let posters = |kind: &str| {
            started.posts.iter().filter(|post| post.kind == kind).map(|post| post.seat).collect::<BTreeSet<u8>>()
        };
        // Who the ante leaves without a chip posts nothing more.
        let could_post =
            |seat: u8| started.seats.iter().any(|player| player.seat == seat && player.stack > started.ante);
        let Some(big) = posters("big_blind").first().copied().or_else(|| self.due(ready)) else {
            return vec!["nobody has the big blind".to_owned()];
        };
        let posted = Posted {
            button: started.button,
            small: posters("small_blind").first().copied(),
            big,
            live: posters("posted_big_blind"),
            dead: posters("dead_small_blind"),
        };
        let due = match self.last {
            None => first(ready, started.button).into_iter().collect::<Vec<_>>(),
            Some(last) => self.next(ready, &dealt, last, is_free),
        };
        let fits = |due: &&Way| {
            let Way { posted: right, players, .. } = due;
            let can =
                |seats: &BTreeSet<u8>| seats.iter().copied().filter(|seat| could_post(*seat)).collect::<BTreeSet<u8>>();
            let small = right.small == posted.small
                || posted.small.is_none() && right.small.is_some_and(|seat| !could_post(seat));
            // The live post comes first, and may leave nothing for the dead one.
            let is_broke = |seat: &u8| started.seats.iter().any(|player| player.seat == *seat && player.chips == 0);
            let dead = posted.dead.is_subset(&right.dead) && right.dead.difference(&posted.dead).all(is_broke);
            let places = (right.button, right.big) == (posted.button, posted.big);
            places && small && dead && can(&right.live) == posted.live && *players == dealt
        };
        let found = due.iter().find(fits);
        self.misses(seats, ready, &dealt, big);
        self.last = found.map(|way| (way.small_place, big)).or(self.last.map(|(_, last_big)| (last_big, big)));
        for user in dealt.iter().filter_map(|seat| ready.get(seat)) {
            self.owes.remove(user);
        }
        if found.is_some() {
            return Vec::new();
        }
        vec![format!("the hand should have been dealt as one of {due:?}, and was dealt to {dealt:?} with {posted:?}")]
    }

    /// The first who is ready after the last big blind.
    fn due(&self, ready: &BTreeMap<u8, Uuid>) -> Option<u8> {
        let (_, last) = self.last?;
        round(last).find(|seat| ready.contains_key(seat))
    }

    /// How the next hand may be dealt: once as it goes on, and once, where nobody could play else, as it begins anew.
    fn next(
        &self,
        ready: &BTreeMap<u8, Uuid>,
        dealt: &BTreeSet<u8>,
        (last_small, last_big): (u8, u8),
        is_free: bool,
    ) -> Vec<Way> {
        let Some(big) = round(last_big).find(|seat| ready.contains_key(seat)) else { return Vec::new() };
        let owes = |seat: u8| ready.get(&seat).is_some_and(|user| self.of(*user).something());
        let mut button = None;
        let mut seat = last_big;
        loop {
            seat = (seat + PLACES - 1) % PLACES;
            if seat == big {
                break;
            }
            if ready.contains_key(&seat) && !owes(seat) || seat == last_small {
                button = Some(seat);
                break;
            }
        }
        // Nobody comes in on the button or between it and the big blind.
        let mut closed = BTreeSet::new();
        if let Some(button) = button {
            closed.extend(std::iter::once(button).chain(round(button)).take_while(|seat| *seat != big));
        }
        let must: BTreeSet<u8> = ready.keys().copied().filter(|seat| !owes(*seat) || *seat == big).collect();
        let comes_in =
            |seat: &u8| must.contains(seat) || button.is_some() && ready.contains_key(seat) && !closed.contains(seat);
        let mut ways = Vec::new();
        let may = dealt.iter().all(comes_in) && must.is_subset(dealt);
        if may && dealt.len() >= 2 && dealt.iter().any(|seat| !owes(*seat)) {
            let (posted, small_place) = if dealt.len() == 2 {
                let other = dealt.iter().copied().find(|seat| *seat != big).unwrap_or(big);
                (Posted { button: other, small: Some(other), big, live: BTreeSet::new(), dead: BTreeSet::new() }, other)
            } else {
                let late = |post: fn(Owes, bool) -> bool| {
                    let posts =
                        |seat: &u8| *seat != big && ready.get(seat).is_some_and(|user| post(self.of(*user), is_free));
                    dealt.iter().copied().filter(posts).collect::<BTreeSet<u8>>()
                };
                let posted = Posted {
                    button: button.unwrap_or(last_small),
                    small: dealt.contains(&last_big).then_some(last_big),
                    big,
                    live: late(|owes, is_free| owes.big || owes.new && !is_free),
                    dead: late(|owes, _| owes.small),
                };
                (posted, last_big)
            };
            ways.push(Way { posted, players: dealt.clone(), small_place });
        }
        if must.len() < 2 || must.iter().all(|seat| owes(*seat)) {
            let mut back = round_back(big).filter(|seat| ready.contains_key(seat) && *seat != big);
            if let Some(small) = back.next() {
                let button = back.next().unwrap_or(small);
                let posted = Posted { button, small: Some(small), big, live: BTreeSet::new(), dead: BTreeSet::new() };
                ways.push(Way { posted, players: ready.keys().copied().collect(), small_place: small });
            }
        }
        ways
    }

    /// What the blinds of this hand pass over.
    fn misses(&mut self, seats: &BTreeMap<u8, Seat>, ready: &BTreeMap<u8, Uuid>, dealt: &BTreeSet<u8>, big: u8) {
        let Some((_, last_big)) = self.last else { return };
        let passed =
            std::iter::once(last_big).chain(round(last_big)).take_while(|seat| *seat != big).take(usize::from(PLACES));
        for seat in passed {
            let Some(held) = seats.get(&seat).filter(|_| !ready.contains_key(&seat) && !dealt.contains(&seat)) else {
                continue;
            };
            let owes = self.owes.entry(held.user).or_default();
            if !owes.new {
                owes.small = true;
                owes.big |= seat != last_big;
            }
        }
    }
}

/// The places from the left of this one on, once around, this one last.
fn round(from: u8) -> impl Iterator<Item = u8> {
    (1..=PLACES).map(move |step| (from + step) % PLACES)
}

/// The same to the right.
fn round_back(from: u8) -> impl Iterator<Item = u8> {
    (1..=PLACES).map(move |step| (from + PLACES - step) % PLACES)
}

/// The first hand: whoever has the button, all who are ready play, and nobody posts but the blinds.
fn first(ready: &BTreeMap<u8, Uuid>, button: u8) -> Option<Way> {
    ready.get(&button)?;
    let mut left = round(button).filter(|seat| ready.contains_key(seat));
    let next = left.next()?;
    let (small, big) = if ready.len() == 2 { (button, next) } else { (next, left.next()?) };
    let posted = Posted { button, small: Some(small), big, live: BTreeSet::new(), dead: BTreeSet::new() };
    Some(Way { posted, players: ready.keys().copied().collect(), small_place: small })
}
