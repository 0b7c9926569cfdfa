//! The statements of one action, captured from PostgreSQL while a server plays: no copy of them is kept that could drift.
//!
//! A room is played in step by step in a database that logs every statement. Before each action its state is read, which also
//! marks the place in the log. What stands between two marks is what the action did; the statements that most actions have in
//! common are *the* action, which leaves out hands that begin or end, and the server's timers, which run beside.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, ensure};
use serde::Deserialize;
use testkit::TestDatabase;
use tokio::time::{Instant, sleep};

use crate::rig::{Holdfast, Postgres};
use crate::room::{Pace, Room, World};
use crate::run::Stage;
use crate::setup::Plan;
use crate::table::Style;

/// Actions that are looked at.
const ACTIONS: usize = 120;

/// How many of the same kind are needed to tell what changes from one to the next.
const ENOUGH: usize = 20;

/// How long an action may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a room's row says before an action: the numbers, then the ids.
const STATE: &str = "SELECT seq, version, turn_number, room_id, game_id, current_hand_id FROM holdfast.game_states";

/// The numbers of a room that an action moves on, by their columns.
pub const NUMBERS: [&str; 3] = ["seq", "version", "turn_number"];

/// The ids of a room, by their columns.
pub const IDS: [&str; 3] = ["room_id", "game_id", "current_hand_id"];

/// A room's row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// As in [`NUMBERS`].
    pub numbers: [i64; 3],
    /// As in [`IDS`].
    pub ids: [String; 3],
}

/// A statement as it was executed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Executed {
    /// Its text, with `$1`, `$2`, …
    pub sql: String,
    /// Their values as text, `None` for NULL.
    pub values: Vec<Option<String>>,
    /// When, as PostgreSQL writes it.
    pub at: String,
}

/// One action.
#[derive(Clone, Debug)]
pub struct Sample {
    /// The room before it.
    pub before: State,
    /// The room after it.
    pub after: State,
    /// What it did.
    pub statements: Vec<Executed>,
}

/// Actions of the commonest kind: all have the same statements, with values of their own.
#[derive(Debug)]
pub struct Capture {
    /// At least 20.
    pub samples: Vec<Sample>,
    /// The room as they left it.
    pub state: State,
    /// The database that it is in. Nobody is connected to it.
    pub database: TestDatabase,
}

/// Plays in a database of its own and captures what is done.
///
/// # Errors
///
/// - The server doesn't start, or play.
/// - Actions have too little in common.
pub async fn capture(server: &Path, postgres: &Postgres, players: u8, out: &Path) -> anyhow::Result<Capture> {
    let database = postgres.database().await;
    let name = database.url.rsplit('/').next().context("an address ends in a name")?;
    database.sql(&format!("ALTER DATABASE {name} SET log_statement = 'all'")).await;
    let server = Holdfast::start(server, &database.url, out).await?;
    let plan = Plan { rooms: 1, players, spectators: 0 };
    let stage = Stage::set(&server.address.into(), None, plan, Style::Passive).await?;
    stage.world.set_pace(Pace::WhenDue, &stage.rooms);
    let room = stage.rooms.first().context("there is a room")?;
    let mut states = Vec::new();
    for done in 0..ACTIONS {
        settle(&stage.world, room, (done, players)).await?;
        states.push(mark(&database, done).await?);
        room.is_due(std::time::Instant::now());
    }
    settle(&stage.world, room, (ACTIONS, players)).await?;
    states.push(mark(&database, ACTIONS).await?);
    let errors = stage.world.take_tally().errors;
    ensure!(errors.is_empty(), "the server refuses actions: {errors:?}");
    stage.leave().await;
    server.stop().await?;

    let log = log_up_to(&postgres.log(), ACTIONS).await?;
    let steps = steps(&log)?;
    ensure!(steps.len() == ACTIONS, "{} of {ACTIONS} actions are in the log", steps.len());
    let state = states.last().context("there are states")?.clone();
    let samples = steps.into_iter().zip(states.windows(2)).map(|(statements, states)| Sample {
        before: states[0].clone(),
        after: states[1].clone(),
        statements,
    });
    Ok(Capture { samples: commonest(samples.collect())?, state, database })
}

/// Waits until all readers know of all actions so far, and it is somebody's turn.
async fn settle(world: &World, room: &Room, (done, readers): (usize, u8)) -> anyhow::Result<()> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        {
            let tally = world.tally.borrow();
            let heard = tally.readers.spread().count;
            let all_know = tally.actions == done as u64 && heard == (done * usize::from(readers)) as u64;
            if all_know && room.table.borrow().timer.is_some() {
                return Ok(());
            }
            ensure!(Instant::now() < deadline, "action {done} doesn't come to an end: {:?}", tally.errors);
        }
        sleep(Duration::from_millis(1)).await;
    }
}

/// Reads where the only room of a database is, and leaves a mark in PostgreSQL's log.
///
/// # Errors
///
/// - There is no room with a hand.
pub async fn mark(database: &TestDatabase, number: usize) -> anyhow::Result<State> {
    let rows = database.sql(&format!("{STATE} /* mark {number} */")).await;
    let row: Vec<String> =
        rows.into_iter().next().context("there is a room")?.into_iter().map(Option::unwrap_or_default).collect();
    let [seq, version, turn, room, game, hand] =
        <[String; 6]>::try_from(row).ok().context("as many columns as asked for")?;
    Ok(State { numbers: [seq.parse()?, version.parse()?, turn.parse()?], ids: [room, game, hand] })
}

/// A line of PostgreSQL's log.
#[derive(Deserialize)]
struct Line {
    timestamp: String,
    message: String,
    detail: Option<String>,
}

/// The log, once the last mark is in it.
async fn log_up_to(path: &Path, last: usize) -> anyhow::Result<Vec<Line>> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let text = std::fs::read_to_string(path).with_context(|| format!("can't read {}", path.display()))?;
        if text.contains(&format!("/* mark {last} */")) {
            let lines = text.lines().filter_map(|line| serde_json::from_str(line).ok());
            return Ok(lines.collect());
        }
        ensure!(Instant::now() < deadline, "PostgreSQL doesn't log its statements");
        sleep(Duration::from_millis(20)).await;
    }
}

/// What was executed between each two marks.
fn steps(log: &[Line]) -> anyhow::Result<Vec<Vec<Executed>>> {
    let mut steps: Vec<Vec<Executed>> = Vec::new();
    for line in log {
        if line.message.contains("/* mark ") {
            steps.push(Vec::new());
        } else if let (Some(step), Some(sql)) = (steps.last_mut(), executed(&line.message)) {
            let values = values(line.detail.as_deref().unwrap_or_default())?;
            step.push(Executed { sql: sql.to_owned(), values, at: line.timestamp.clone() });
        }
    }
    steps.pop();
    Ok(steps)
}

/// The statement in `statement: BEGIN` or `execute s7: SELECT …`.
fn executed(message: &str) -> Option<&str> {
    let (how, sql) = message.split_once(": ")?;
    (how == "statement" || how.starts_with("execute ")).then_some(sql.trim())
}

/// The values in `parameters: $1 = 'it''s', $2 = NULL`.
fn values(detail: &str) -> anyhow::Result<Vec<Option<String>>> {
    let mut values = Vec::new();
    let Some((_, mut rest)) = detail.split_once("arameters: ") else { return Ok(values) };
    while let Some((_, value)) = rest.split_once(" = ") {
        let Some(quoted) = value.strip_prefix('\'') else {
            values.push(None);
            rest = value;
            continue;
        };
        let mut text = String::new();
        let mut characters = quoted.char_indices().peekable();
        let end = loop {
            let (_, character) = characters.next().context("a value without an end")?;
            if character != '\'' {
                text.push(character);
            } else if characters.next_if(|(_, next)| *next == '\'').is_some() {
                text.push('\'');
            } else {
                break characters.peek().map_or(quoted.len(), |(at, _)| *at);
            }
        };
        values.push(Some(text));
        rest = &quoted[end..];
    }
    Ok(values)
}

/// Those that have the same statements as most, and moved the room's numbers by as much: one statement may tell one event or two.
fn commonest(samples: Vec<Sample>) -> anyhow::Result<Vec<Sample>> {
    let kind = |sample: &Sample| {
        let statements: Vec<_> = sample.statements.iter().map(|statement| statement.sql.clone()).collect();
        let moved: Vec<_> = sample.before.numbers.iter().zip(&sample.after.numbers).map(|(b, a)| a - b).collect();
        (statements, moved)
    };
    let mut kinds: BTreeMap<(Vec<String>, Vec<i64>), Vec<Sample>> = BTreeMap::new();
    for sample in samples {
        kinds.entry(kind(&sample)).or_default().push(sample);
    }
    let commonest = kinds.into_values().max_by_key(Vec::len).context("there are samples")?;
    ensure!(commonest.len() >= ENOUGH, "actions have too little in common: {} are alike at most", commonest.len());
    Ok(commonest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(message: &str, detail: Option<&str>) -> Line {
        Line { timestamp: "t".to_owned(), message: message.to_owned(), detail: detail.map(str::to_owned) }
    }

    #[test]
    fn values_are_read_with_quotes_commas_and_nulls_in_them() {
        let read = values("parameters: $1 = 'it''s, $2 = x', $2 = NULL, $3 = '', $4 = '{\"a\": 1}'").expect("values");
        let wanted = [Some("it's, $2 = x"), None, Some(""), Some("{\"a\": 1}")];
        assert_eq!(read, wanted.map(|value| value.map(str::to_owned)));
        assert_eq!(values("").expect("none"), []);
        assert!(values("parameters: $1 = 'cut").is_err());
    }

    #[test]
    fn a_step_is_what_stands_between_two_marks() {
        let log = [
            line("statement: SELECT 'before'", None),
            line("statement: SELECT 1 /* mark 0 */", None),
            line("execute s1: UPDATE t SET a = $1", Some("parameters: $1 = '5'")),
            line("checkpoint starting: time", None),
            line("statement: COMMIT", None),
            line("statement: SELECT 1 /* mark 1 */", None),
            line("statement: SELECT 'after'", None),
        ];
        let steps = steps(&log).expect("a log");
        let found: Vec<_> = steps.iter().flatten().map(|done| (done.sql.as_str(), done.values.len())).collect();
        assert_eq!((steps.len(), found), (1, vec![("UPDATE t SET a = $1", 1), ("COMMIT", 0)]));
    }
}
