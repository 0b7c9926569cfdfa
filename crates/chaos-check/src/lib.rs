//! The history checker: reads what a chaos run left behind and says whether every promise was kept.
//!
//! It shares no code with the server: what is right is written down here a second time, from the contract alone. The run's
//! folder has the clients' logs, the faults, the processes' logs and the whole database ([`log`], [`run`], [`dump`]). The log of
//! a room gives a total order, so nothing has to be searched: rooms are folded once ([`room`]), clients' logs are read twice
//! ([`history`], [`receive`]).
//!
//! | module | promise |
//! | --- | --- |
//! | [`chips`] | I-1 chips |
//! | [`room`] | I-2 numbers, I-8 leftovers |
//! | [`replay`], [`referee`] | I-3 the log tells the state, the best hand wins |
//! | [`turns`], [`banks`], [`outages`], [`clock`], [`presence`] | I-4 turns and clocks |
//! | [`hands`] | I-5 hands and cards |
//! | [`seats`] | I-6 seats |
//! | [`tokens`] | I-7 tokens, and in I-13 |
//! | [`requests`] | I-9 exactly once |
//! | [`delivery`], [`restores`] | I-10 nothing phantom, I-11 order |
//! | [`freshness`] | I-12 strict serialisability |
//! | [`secrecy`], [`schema`] | I-13 secrecy |
//! | [`people`], [`authority`] | I-14 rights |
//! | [`errors`] | I-15 errors |
//! | [`liveness`] | everything goes on after the last fault |

pub mod authority;
pub mod banks;
pub mod blinds;
pub mod call;
pub mod card;
pub mod chips;
pub mod clock;
pub mod delivery;
pub mod dump;
pub mod errors;
pub mod event;
pub mod excerpt;
pub mod freshness;
pub mod hands;
pub mod history;
pub mod house;
pub mod limits;
pub mod lines;
pub mod liveness;
pub mod log;
pub mod outages;
pub mod people;
pub mod presence;
mod raises;
mod receive;
pub mod referee;
pub mod replay;
pub mod requests;
pub mod restores;
pub mod room;
pub mod run;
pub mod schema;
pub mod seats;
pub mod secrecy;
pub mod tokens;
pub mod turns;
pub mod verdict;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Result;
use uuid::Uuid;

use crate::authority::Window;
use crate::dump::{Dump, RoomDump};
use crate::history::{Ending, History, Op};
use crate::limits::Limits;
use crate::receive::{Known, Measured};
use crate::restores::Restores;
use crate::room::{Context, Facts};
use crate::run::{Nemesis, Run};
use crate::seats::Silence;
use crate::tokens::TokenFinder;
use crate::turns::Interference;
use crate::verdict::{Counts, Findings, Invariant, Outcome, Spread, Verdict};

/// Checks the run in a folder, with the promises' own bounds.
///
/// # Errors
///
/// - The folder isn't a run's.
pub fn check(dir: &Path) -> Result<Verdict> {
    check_within(dir, &Limits::default())
}

/// Checks the run in a folder.
///
/// # Errors
///
/// - The folder isn't a run's.
pub fn check_within(dir: &Path, limits: &Limits) -> Result<Verdict> {
    let mut findings = Findings::default();
    let run = Run::read(dir)?;
    let nemesis = Nemesis::read(dir, &run)?;
    let mut dump = Dump::read(dir)?;
    let restores = Restores::read(dir)?;
    restores.forget_commits(&mut dump);
    forget_commits_of_mended(&mut dump, &nemesis, limits);
    restores.check(&dump, &mut findings);
    let mut history = history::read(dir, &dump, &restores, &mut findings)?;
    sort(&mut history);

    let facts = rooms(&run, &nemesis, &dump, &history, limits, &mut findings);
    let tokens = TokenFinder::of(&run)?;
    let known = Known {
        run: &run,
        nemesis: &nemesis,
        dump: &dump,
        restores: &restores,
        facts: &facts,
        history: &history,
        tokens: &tokens,
        limits,
    };
    operations(&known, &mut findings);
    let Measured { ack_to_seen, served } = receive::check(dir, &known, &mut findings)?;

    tokens::check_rows(&dump, &mut findings);
    tokens::check_dump(dir, &tokens, &mut findings)?;
    tokens::check_logs(dir, &tokens, &mut findings)?;
    errors::check_answers(&known, &mut findings);
    errors::check_logs(dir, &mut findings)?;
    let playable: Vec<Uuid> = facts.iter().filter(|(_, facts)| facts.can_play).map(|(room, _)| *room).collect();
    liveness::check(&nemesis, &served, &history.ops, &playable, limits, &mut findings);
    servers_own_audit(dir, &mut findings);

    let counts = count(&nemesis, &dump, &history);
    shows_something(&nemesis, &counts, &mut findings);
    let (outcome, violations, violation_counts, notes) = findings.conclude();
    Ok(Verdict {
        pass: outcome == Outcome::Pass,
        outcome,
        commit: run.commit,
        seed: run.seed,
        bug: run.bug,
        violations,
        violation_counts,
        counts,
        quantiles: BTreeMap::from([("ack_to_seen_ms", Spread::of(ack_to_seen))]),
        notes,
    })
}

/// A row that was damaged and mended was committed once more then.
fn forget_commits_of_mended(dump: &mut Dump, nemesis: &Nemesis, limits: &Limits) {
    for (room, stored) in &mut dump.rooms {
        stored.commits.retain(|_, at| !nemesis.damages(*room, (*at, *at), limits));
    }
}

/// Brings what was known when into order, with the answers to operations.
fn sort(history: &mut History) {
    let mut first_tries = BTreeMap::new();
    for op in &history.ops {
        if let Some(id) = op.action_id() {
            // Operations are in the order in which they were begun.
            first_tries.entry((op.room, id)).or_insert(op.invoked);
        }
    }
    for op in &history.ops {
        let (Some(room), Some(seq)) = (op.room, op.seq) else { continue };
        if op.ending == Ending::Info {
            continue;
        }
        let acted = op.call == call::Call::Action && op.ending == Ending::Ok;
        // The repetition of an action gets the first answer: it is as old as the first try.
        let first = op.action_id().filter(|_| acted).and_then(|id| first_tries.get(&(op.room, id)));
        let invoked = first.copied().unwrap_or(op.invoked);
        let sweep = history.sweeps.entry(room).or_default();
        sweep.answered(invoked, op.ended, seq, acted, op.place.clone());
    }
    history.sweeps.values_mut().for_each(freshness::Sweep::sort);
    history.reads.values_mut().for_each(|reads| reads.sort_by_key(|read| read.seq));
}

fn rooms(
    run: &Run,
    nemesis: &Nemesis,
    dump: &Dump,
    history: &History,
    limits: &Limits,
    findings: &mut Findings,
) -> BTreeMap<Uuid, Facts> {
    if nemesis.moves_database_clock() {
        findings.note("the database's clock was moved: nothing is compared with the rig's clock");
    }
    let mut all = BTreeMap::new();
    for (room, stored) in &dump.rooms {
        let interference = Interference::of(run, &nemesis.in_room(*room), limits);
        let context = Context {
            interference: &interference,
            ended: nemesis.ended.map(|t| run.wall_ms(t)),
            clock_jumps: nemesis.database_clock_jumps(),
            silence: Silence::of(run),
            limits,
            creator: creator(run, *room, stored),
            signs: history.signs.get(room),
            presence: history.presence.get(room),
            started_at: run.started_at_ms,
            reads: history.reads.get(room).map_or(&[], Vec::as_slice),
        };
        let facts = room::check(*room, stored, &context, findings);
        facts.hands.check_cards(&history.own_cards, findings);
        referee::check(*room, &facts.awards, &facts.hands, &history.own_cards, findings);
        all.insert(*room, facts);
    }
    all
}

/// Who made a room: whoever the run says, else whoever is a member without ever having asked.
fn creator(run: &Run, room: Uuid, stored: &RoomDump) -> Option<Uuid> {
    let said = run.rooms.iter().find(|made| made.room_id == room).map(|made| made.host);
    let asked = |user: &Uuid| stored.events.iter().any(|event| event.what.is_about_request_of(*user));
    said.or_else(|| stored.members.keys().copied().find(|user| !asked(user)))
}

fn operations(known: &Known<'_>, findings: &mut Findings) {
    let wall = |t: i64| known.run.wall_ms(t);
    let mut by_room: BTreeMap<Uuid, Vec<&Op>> = BTreeMap::new();
    for op in &known.history.ops {
        if let Some(room) = op.room {
            by_room.entry(room).or_default().push(op);
        }
    }
    for (room, stored) in &known.dump.rooms {
        let ops = by_room.get(room).map_or(&[][..], Vec::as_slice);
        let interference = Interference::of(known.run, &known.nemesis.in_room(*room), known.limits);
        requests::check(*room, stored, ops, findings);
        outages::check(*room, stored, ops, &interference, wall, known.limits, findings);
        let sweep = known.history.sweeps.get(room);
        if let Some(sweep) = sweep {
            sweep.check(*room, findings);
        }
        let window = Window { sweep, dump: stored, database_time: &|t| known.database_time(t) };
        authority::check(*room, &known.facts[room].people, ops, &window, findings);
    }
}

fn count(nemesis: &Nemesis, dump: &Dump, history: &History) -> Counts {
    let ops = |ending| history.ops.iter().filter(|op| op.ending == ending).count() as u64;
    let rooms = dump.rooms.values();
    Counts {
        acks: history.ops.iter().filter(|op| op.ending == Ending::Ok && op.call.changes()).count() as u64,
        info: ops(Ending::Info),
        fails: ops(Ending::Fail),
        kills: nemesis.faults.iter().filter(|fault| fault.name.starts_with('K')).count() as u64,
        faults: nemesis.faults.len() as u64,
        hands: rooms.clone().map(|room| room.hands.len() as u64).sum(),
        events: rooms.map(|room| room.events.len() as u64).sum(),
        frames: history.frames,
        rooms: dump.rooms.len() as u64,
    }
}

/// A run in which nothing was at stake proves nothing.
fn shows_something(nemesis: &Nemesis, counts: &Counts, findings: &mut Findings) {
    if counts.acks == 0 {
        findings.run(Invariant::Unknown, "nothing was acknowledged");
    }
    for fault in &nemesis.missed {
        findings.run(Invariant::Unknown, format!("{} on {} hit nothing", fault.name, fault.target));
    }
}

/// I-3, by the server's own engine, where the run asked it.
fn servers_own_audit(dir: &Path, findings: &mut Findings) {
    let Ok(text) = fs::read_to_string(dir.join("audit.txt")) else {
        return findings.note("there is no audit.txt: the server's engine wasn't asked");
    };
    let code = text.lines().rev().find_map(|line| {
        let (name, code) = line.rsplit_once([' ', ':', '='])?;
        name.to_lowercase().contains("exit").then(|| code.trim().parse::<i32>().ok()).flatten()
    });
    match code {
        Some(0) => {}
        Some(code) => findings.run(Invariant::Replay, format!("the server's own audit ended with {code}")),
        None => findings.run(Invariant::Unknown, "audit.txt has no exit code"),
    }
}
