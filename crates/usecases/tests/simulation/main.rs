//! Rooms, simulated: random people do random things at random times, on doubles of every port, and everything that must hold is
//! checked after each of them. The same seed gives the same simulation.
//!
//! `HOLDFAST_SIM_COMMANDS` says how many commands are given (`just simulate` gives millions), `HOLDFAST_SIM_SEED` where the seeds
//! begin. What fails is made short and printed as Rust text, to be played again by [`run::play`].

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod run;
mod script;
mod secrecy;
mod shrink;

use std::num::NonZero;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use ports::testing::Flaw;

use run::{Defect, Played, play, play_with_journal};
use script::{Command, script};

/// Commands of one script: long enough for a room to get old, short enough to be made short.
const LENGTH: usize = 500;

/// Commands that a run of all tests gives.
const COMMANDS: u64 = 400_000;

fn number(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).map_or(otherwise, |text| text.trim().parse().expect("a number"))
}

/// The failure of a script, with the shortest one that is found to fail.
fn explain(seed: u64, script: &[Command], defect: Option<Defect>, why: &str) -> String {
    let short = shrink::shrink(script, |shorter| play(seed, shorter, defect).is_err());
    let said = play(seed, &short, defect).err().unwrap_or_default();
    let lines: Vec<String> = short.iter().map(|command| format!("    {command:?},")).collect();
    format!("seed {seed}: {why}\n{} commands are enough: {said}\n[\n{}\n]", short.len(), lines.join("\n"))
}

#[test]
fn whatever_people_do_everything_that_must_hold_holds() {
    let (commands, first) = (number("HOLDFAST_SIM_COMMANDS", COMMANDS), number("HOLDFAST_SIM_SEED", 1));
    let scripts = commands.div_ceil(LENGTH as u64);
    let (next, began) = (AtomicU64::new(first), Instant::now());
    let work = || {
        let mut sum = Played::default();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= first + scripts {
                return Ok(sum);
            }
            let script = script(seed, LENGTH);
            let played = play(seed, &script, None).map_err(|why| explain(seed, &script, None, &why))?;
            sum.accepted += played.accepted;
            sum.hands += played.hands;
            sum.events += played.events;
        }
    };
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let sums: Vec<Result<Played, String>> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).collect()
    });
    let (mut accepted, mut hands, mut events) = (0, 0, 0);
    for sum in sums {
        let sum = sum.unwrap_or_else(|why| panic!("{why}"));
        (accepted, hands, events) = (accepted + sum.accepted, hands + sum.hands, events + sum.events);
    }
    let secs = began.elapsed().as_secs_f64();
    let given = scripts * LENGTH as u64;
    println!(
        "{given} commands ({accepted} accepted), {hands} hands, {events} events in {secs:.1} s: {:.0} commands/s",
        given as f64 / secs
    );
    // A simulation in which nothing happens would find nothing.
    assert!(accepted * 4 > given && hands * 40 > given, "{accepted} of {given} accepted, {hands} hands");
}

#[test]
fn the_same_seed_gives_the_same_journal() {
    for seed in [3, 4] {
        let journal = || play_with_journal(seed, &script(seed, LENGTH)).unwrap();
        assert_eq!(journal(), journal());
    }
    let journal = |seed| play_with_journal(seed, &script(3, LENGTH)).unwrap().journal;
    assert_ne!(journal(3), journal(4), "the same people do the same, with other cards");
}

/// Does it see? Each flaw is found within a few scripts, and what is printed of it is short.
#[test]
fn every_defect_is_found_and_made_short() {
    let defects = Flaw::ALL.map(Defect::World).into_iter().chain([Defect::ShowsTheNeighboursView]);
    for defect in defects {
        let mut seeds = 1..=20;
        let found = seeds.find_map(|seed| Some((seed, play(seed, &script(seed, LENGTH), Some(defect)).err()?)));
        let (seed, why) = found.unwrap_or_else(|| panic!("{defect:?} is not found"));
        let script = script(seed, LENGTH);
        let short = shrink::shrink(&script, |shorter| play(seed, shorter, Some(defect)).is_err());
        assert!(short.len() <= 40, "{defect:?}: {} commands are left", short.len());
        println!("{defect:?}, seed {seed}, {} commands: {why}", short.len());
    }
}
