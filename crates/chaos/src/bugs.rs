//! Does the checker see? Servers with a known bug each: every one of them has to fail a run, by the promise that the bug breaks.

use std::time::Duration;

use crate::plan::Fault;
use crate::run::{self, Options};
use crate::smoke::Series;

/// A bug of a server that is built with `sabotage`, what it takes to show, and what it breaks.
struct Case {
    bug: &'static str,
    faults: &'static [Fault],
    nodes: usize,
    /// How long it is looked at, which has to be longer where somebody must be away for a while first.
    seconds: u64,
    /// Invariants, any of which gives it away.
    breaks: &'static [&'static str],
}

const fn case(
    bug: &'static str,
    faults: &'static [Fault],
    nodes: usize,
    seconds: u64,
    breaks: &'static [&'static str],
) -> Case {
    Case { bug, faults, nodes, seconds, breaks }
}

/// How many runs a bug may take, each with its own seed: who is away when, and comes back with chips, is chance.
const RUNS: u64 = 3;

const CASES: [Case; 25] = [
    case("publish_before_commit", &[Fault::K1], 1, 15, &["I-10", "I-12"]),
    case("publish_in_handler", &[], 1, 30, &["I-11"]),
    case("decide_without_lock", &[], 1, 15, &["I-3", "I-15"]),
    case("seq_outside_transaction", &[], 1, 15, &["I-2", "I-3", "I-15"]),
    case("asynchronous_commit", &[Fault::K3], 1, 15, &["I-9", "I-10"]),
    case("forget_action_id", &[], 1, 15, &["I-9"]),
    case("timer_without_check", &[], 1, 15, &["I-4"]),
    case("node_clock", &[Fault::C1], 2, 15, &["I-4", "audit"]),
    case("hydrate_from_cache", &[], 1, 15, &["I-12"]),
    case("hydrate_in_two_reads", &[], 1, 15, &["I-3"]),
    case("no_gap_check", &[], 1, 15, &["I-11"]),
    case("skip_private_events", &[], 1, 15, &["I-11"]),
    case("spectator_sees_cards", &[], 1, 15, &["I-13"]),
    case("folded_cards_in_history", &[], 1, 15, &["I-10", "I-13"]),
    case("free_seat_in_live_hand", &[], 1, 60, &["I-1", "I-3", "I-6"]),
    case("chips_twice_on_reconnect", &[], 1, 45, &["I-1", "I-3", "audit"]),
    case("token_for_every_room", &[], 1, 45, &["I-14"]),
    case("token_to_host", &[], 1, 15, &["I-13"]),
    case("reshuffle_on_recovery", &[Fault::K1], 1, 20, &["I-5"]),
    case("pot_twice_on_recovery", &[Fault::K1], 1, 20, &["I-1", "I-3"]),
    case("trust_memory", &[], 2, 15, &["I-3", "I-4", "I-9", "I-15"]),
    case("refilled_time_bank", &[], 1, 30, &["I-4"]),
    case("room_stops_clock", &[Fault::D3], 1, 15, &["I-4"]),
    case("wrong_key", &[Fault::K1], 1, 10, &["I-15"]),
    case("outage_charged", &[Fault::P2], 1, 30, &["I-4"]),
];

/// Runs a server with each bug, or with those that are named.
///
/// Returns whether every one was seen for what it is.
///
/// # Errors
///
/// - The rig itself can't do what it should; no bug has this name.
pub async fn bugs(series: &Series, only: &[String]) -> anyhow::Result<bool> {
    for name in only {
        anyhow::ensure!(CASES.iter().any(|case| case.bug == name), "there is no bug `{name}`");
    }
    let mut seen = Vec::new();
    let chosen = |case: &&Case| only.is_empty() || only.iter().any(|name| name == case.bug);
    for (seed, case) in (100..).zip(CASES.iter().filter(chosen)) {
        println!("a server with the bug {}", case.bug);
        let mut given_away = false;
        for run in 0..RUNS {
            given_away = gives_itself_away(case, seed + 100 * run, series).await?;
            if given_away {
                break;
            }
        }
        seen.push((case.bug, given_away));
    }
    let missed: Vec<_> = seen.iter().filter(|(_, seen)| !seen).map(|(bug, _)| *bug).collect();
    println!("{} of {} bugs were seen{}", seen.len() - missed.len(), seen.len(), list(&missed));
    Ok(missed.is_empty())
}

/// Does one run of a server with the bug, and says what came of it.
async fn gives_itself_away(case: &Case, seed: u64, series: &Series) -> anyhow::Result<bool> {
    let options = Options {
        server: series.server.clone(),
        seed,
        lasts: Duration::from_secs(case.seconds),
        rooms: 3,
        nodes: case.nodes,
        faults: case.faults.to_vec(),
        bug: Some(case.bug.to_owned()),
        out: series.out.join(format!("{}-{seed}", case.bug)),
        checker: series.checker.clone(),
    };
    let problems = run::run(&options).await?.problems;
    let given_away = problems.iter().find(|problem| case.breaks.iter().any(|broken| problem.contains(broken)));
    match given_away {
        Some(problem) => println!("  seen: {problem}"),
        None => println!("  NOT seen; all that was found: {problems:?}"),
    }
    Ok(given_away.is_some())
}

fn list(missed: &[&str]) -> String {
    if missed.is_empty() { String::new() } else { format!(", not: {}", missed.join(", ")) }
}
