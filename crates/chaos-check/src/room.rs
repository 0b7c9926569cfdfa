//! One room, from the first event of its log to the last: all checks that need nothing else, in one pass (I-1 to I-6, I-8), and
//! what the other checks need to know about it.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::banks::Banks;
use crate::blinds::Blinds;
use crate::chips::{Award, Chips};
use crate::clock::Clock;
use crate::dump::RoomDump;
use crate::event::{Logged, What};
use crate::hands::Hands;
use crate::house::House;
use crate::limits::Limits;
use crate::people::People;
use crate::presence::Presence;
use crate::replay::{Folded, Game, Read};
use crate::seats::{Seats, Silence};
use crate::turns::{Absence, Interference, Turns};
use crate::verdict::{Findings, Invariant, Violation};

/// What a room's checks need to know about the run.
#[derive(Debug)]
pub struct Context<'a> {
    /// What the faults mean for clocks.
    pub interference: &'a Interference,
    /// How often the database's clock was moved.
    pub clock_jumps: usize,
    /// Until when the run went on, in wall-clock milliseconds, if that is known.
    pub ended: Option<i64>,
    /// How long somebody must have been silent.
    pub silence: Silence,
    /// The bounds.
    pub limits: &'a Limits,
    /// Who made the room.
    pub creator: Option<Uuid>,
    /// The signs of life of its members.
    pub signs: Option<&'a BTreeMap<Uuid, Vec<i64>>>,
    /// When they may have been there.
    pub presence: Option<&'a Presence>,
    /// The wall clock at the beginning of the run, in milliseconds.
    pub started_at: i64,
    /// The documents that were read, by the event after which they were.
    pub reads: &'a [Read],
}

/// What is known about a room afterwards.
#[derive(Debug)]
pub struct Facts {
    /// Its people, at every event.
    pub people: People,
    /// Its hands, at every event.
    pub hands: Hands,
    /// Its pots.
    pub awards: Vec<Award>,
    /// Whether its game runs and two or more can play.
    pub can_play: bool,
}

/// Goes through a room's log.
pub fn check(room: Uuid, dump: &RoomDump, context: &Context<'_>, findings: &mut Findings) -> Facts {
    numbers(room, dump, context.clock_jumps, findings);
    let mut folded = Folded {
        room,
        people: People::new(room, context.creator),
        chips: Chips::new(room, dump),
        hands: Hands::new(room),
        turns: Turns::new(room, context.interference, context.limits),
        seats: Seats::new(room, context.silence, context.signs),
        game: Game::default(),
    };
    let mut banks = Banks::new(room, context.interference);
    let mut blinds = Blinds::new(room, dump);
    let mut clock = Clock::new(room, context.interference, context.limits);
    let has_changed = dump.events.iter().any(|event| matches!(event.what, What::SettingsChanged { .. }));
    let settings = dump.room.as_ref().filter(|_| !has_changed).map(|row| row.settings.clone());
    let mut house = House::new(room, settings);
    let mut reads = context.reads.iter().peekable();
    while let Some(read) = reads.next_if(|read| read.seq == 0) {
        folded.compare(read, findings);
    }
    for (index, event) in dump.events.iter().enumerate() {
        folded.people.see(event, findings);
        let departs = departs(event, &folded.people, &dump.events[index + 1..]);
        let absence = absence(event, &folded, context, &dump.events[index + 1..]);
        folded.turns.see(event, (departs, absence), dump, findings);
        folded.hands.see(event, findings);
        let stack = |seat| folded.chips.stacks.get(&seat).map_or(0, |stack| stack.chips);
        blinds.see(event, &folded.seats.taken, stack, findings);
        house.see(event, findings);
        folded.chips.see(event, findings);
        let chips = &folded.chips;
        let in_hand = |seat| chips.at_start_of_hand(seat).is_some();
        folded.seats.see(event, &folded.people, in_hand, findings);
        banks.see(event, &folded.seats.taken, findings);
        folded.game.see(event);
        clock.see(event, folded.turns.due(), deals(&folded, dump), findings);
        while let Some(read) = reads.next_if(|read| read.seq <= event.seq) {
            folded.compare(read, findings);
        }
    }
    for read in reads {
        let say = format!("a document was read after event {}, and the log ends before it", read.seq);
        let (invariant, place) = (Invariant::Phantom, Some(read.place.clone()));
        findings.add(Violation { invariant, room: Some(room), seq: Some(read.seq), say, place });
    }
    if let Some(ended) = context.ended {
        clock.finish(ended, findings);
    }
    folded.finish(dump, findings);
    folded.chips.finish(dump, findings);
    folded.turns.finish(dump, findings);
    folded.hands.finish(dump, findings);
    blinds.finish(dump, findings);
    leftovers(&folded, dump, findings);
    let can_play = folded.game.status == "active" && ready(&folded) >= 2;
    Facts { people: folded.people, hands: folded.hands, awards: folded.chips.awards, can_play }
}

/// I-2: the numbers are 1 to the stored one, each once, and the clock doesn't run backwards unless it was moved.
fn numbers(room: Uuid, dump: &RoomDump, mut jumps: usize, findings: &mut Findings) {
    let mut last = (0, i64::MIN);
    for event in &dump.events {
        let mut wrong = |say: String| findings.at(Invariant::Sequence, room, event.seq, say);
        if event.seq != last.0 + 1 {
            wrong(format!("event {} follows event {}", event.seq, last.0));
        }
        if event.at < last.1 {
            match jumps.checked_sub(1) {
                Some(left) => jumps = left,
                None => wrong(format!("the clock runs {} ms backwards", last.1 - event.at)),
            }
        }
        if event.kind != event.what.kind() {
            wrong(format!("a {} is stored as {}", event.what.kind(), event.kind));
        }
        last = (event.seq, event.at);
    }
    if let Some(state) = &dump.state
        && state.seq != last.0
    {
        findings.at(Invariant::Sequence, room, last.0, format!("{} is stored as the last number", state.seq));
    }
}

/// Whether whoever acts goes: has gone with the event before, or stands up with the next ones.
fn departs(event: &Logged, people: &People, later: &[Logged]) -> bool {
    let What::Acted(acted) = &event.what else { return false };
    let stands_up = |event: &Logged| matches!(&event.what, What::SpectatorJoined(who) if who.user == acted.user);
    !people.is_in(acted.user) || later.iter().take_while(|later| later.at == event.at).any(stands_up)
}

/// How whoever acts stands, and whether they are sat out with the next events.
fn absence(event: &Logged, folded: &Folded<'_>, context: &Context<'_>, later: &[Logged]) -> Absence {
    let What::Acted(acted) = &event.what else { return Absence::default() };
    let is_sat_out = |later: &Logged| matches!(&later.what, What::SatOut { user, .. } if *user == acted.user);
    let goes_out = later.iter().take_while(|later| later.at == event.at).any(is_sat_out);
    let absence = folded.seats.absence(acted.user, acted.seat, event.at, goes_out);
    let deadline = folded.turns.pending.as_ref().and_then(|turn| turn.deadline);
    Absence { is_away: deadline.is_some_and(|deadline| is_away(acted.user, (deadline, event.at), context)), ..absence }
}

/// Whether somebody certainly didn't count as being there at a deadline after which it was decided at `at`. What died or was
/// cut off may not have said that they are gone.
fn is_away(user: Uuid, (deadline, at): (i64, i64), context: &Context<'_>) -> bool {
    let limits = context.limits;
    let is_sure = !context.interference.touches(deadline - limits.line_ms - limits.call_ms, at);
    let t = (deadline - context.started_at) * 1000;
    is_sure && context.presence.is_some_and(|presence| presence.is_away(user, t, limits))
}

/// Seats that are dealt into the next hand.
fn ready(folded: &Folded<'_>) -> usize {
    let plays = |seat: &u8| folded.chips.stacks.get(seat).is_some_and(|stack| stack.chips > 0);
    folded.seats.taken.iter().filter(|(seat, taken)| taken.status() == "active" && plays(seat)).count()
}

/// Whether the clock has a hand to deal, and how long it waits with it, in milliseconds.
fn deals(folded: &Folded<'_>, dump: &RoomDump) -> (bool, i64) {
    let is_ending = dump.game.as_ref().is_some_and(|game| game.ending);
    let can_deal = folded.game.status == "active" && folded.hands.live().is_none() && ready(folded) >= 2 && !is_ending;
    (can_deal, dump.room.as_ref().map_or(0, |room| room.settings.between_hands_ms))
}

/// I-8, as far as the database shows it: a game that can go on is going to.
fn leftovers(folded: &Folded<'_>, dump: &RoomDump, findings: &mut Findings) {
    let (Some(state), Some(game)) = (&dump.state, &dump.game) else { return };
    let mut wrong = |say: &str| findings.room(Invariant::Leftovers, folded.room, say);
    let live = folded.hands.live().is_some();
    if live && state.turn_seat.is_none() && !folded.turns.asks_somebody() {
        wrong("a hand is being played, and nobody is asked");
    }
    let waits = game.status == "active" && !game.ending && !live;
    if waits && ready(folded) >= 2 && state.next_hand_at.is_none() {
        wrong("two can play, and no hand is due");
    }
    if state.next_hand_at.is_some() && (live || game.status != "active") {
        wrong("a hand is due that can't be dealt");
    }
    // It may be set to an earlier time, and finds nothing to do then.
    let comes_next = [state.expires_at, state.next_hand_at].into_iter().flatten().min();
    if comes_next.is_some_and(|next| state.wake_at.is_none_or(|wakes| wakes > next)) {
        wrong("the clock isn't set to what comes next");
    }
    let has_clock = state.expires_at.is_some() || state.frozen_time_ms.is_some();
    let timeout =
        dump.hands.iter().find(|hand| Some(hand.id) == folded.hands.last).map_or(0, |hand| hand.action_timeout_ms);
    if state.turn_seat.is_some() && has_clock != (timeout > 0) {
        wrong("a turn has a clock that its hand hasn't, or none");
    }
}
