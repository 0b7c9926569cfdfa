//! The tables and plots of `docs/performance.md`, from results alone.
//!
//! Text of the page is written by hand; between `<!-- bench:NAME -->` and `<!-- /bench:NAME -->` stands what was measured.

use std::fs;
use std::path::Path;

use anyhow::{Context, ensure};
use serde::de::DeserializeOwned;

use crate::flat::{Curve, Point};
use crate::hydrate::Hydrations;
use crate::latency::Latency;
use crate::meter::Figures;
use crate::nodes::Nodes;
use crate::plot::{Series, draw};
use crate::ratio::Ratio;
use crate::record::{Record, all};
use crate::storm::Storm;
use crate::tally::{median, range};

/// The page, and where its plots are, within the folder of documents.
const PAGE: &str = "performance.md";
const PLOTS: &str = "performance";

/// Exchanges what was measured in the page, and draws its plots.
///
/// # Errors
///
/// - There are no results, no page, or no place for something in it.
pub fn write(results: &Path, docs: &Path) -> anyhow::Result<()> {
    let records = all(results)?;
    let path = docs.join(PAGE);
    let mut page = fs::read_to_string(&path).with_context(|| format!("can't read {}", path.display()))?;
    fs::create_dir_all(docs.join(PLOTS))?;
    let mut sections = vec![
        ("machine".to_owned(), machine(&records)),
        ("run".to_owned(), of_commands::<Figures>(&records, "run", play)),
        ("ratio".to_owned(), of_commands::<Ratio>(&records, "ratio", ratio)),
        ("latency".to_owned(), of_commands::<Latency>(&records, "latency", latency)),
        ("hydrate".to_owned(), of_commands::<Hydrations>(&records, "hydrate", hydrate)),
        ("storm".to_owned(), of_commands::<Storm>(&records, "storm", storm)),
        ("nodes".to_owned(), nodes(&records)),
    ];
    for (curve, name) in [
        (Curve::Rooms, "rooms"),
        (Curve::Sockets, "sockets"),
        (Curve::Spectators, "spectators"),
        (Curve::Hands, "hands"),
    ] {
        let (commands, points) = points(&records, curve);
        if !points.is_empty() {
            plot(&docs.join(PLOTS).join(format!("{name}.svg")), name, &points)?;
        }
        sections.push((name.to_owned(), flat(&commands, name, &points)));
    }
    for (name, content) in sections {
        page = exchanged(&page, &name, &content)?;
    }
    Ok(fs::write(&path, page)?)
}

/// The page with other content in the named place.
fn exchanged(page: &str, name: &str, content: &str) -> anyhow::Result<String> {
    let (begin, end) = (format!("<!-- bench:{name} -->\n"), format!("<!-- /bench:{name} -->"));
    let places = (page.matches(&begin).count(), page.matches(&end).count());
    ensure!(places == (1, 1), "the page has no single place for {name}");
    let (before, rest) = page.split_once(&begin).context("it was counted")?;
    let (_, after) = rest.split_once(&end).context("the place ends before it begins")?;
    let content = if content.is_empty() { "Not measured.\n" } else { content };
    Ok(format!("{before}{begin}{content}{end}{after}"))
}

fn machine(records: &[Record]) -> String {
    let Some(last) = records.last() else { return String::new() };
    let loads = records.iter().filter_map(|record| record.found["load"].as_f64()).collect::<Vec<_>>();
    let load =
        if loads.is_empty() { String::new() } else { format!(" Load at the end of measurements: {}.", number(&loads)) };
    format!("{} results, on {} cores.{load}\n", records.len(), last.cores)
}

/// A table for each command that found such figures, from all the times it was run.
fn of_commands<T: DeserializeOwned>(records: &[Record], figure: &str, rows: fn(&[T]) -> Vec<Row>) -> String {
    let records: Vec<&Record> = records.iter().filter(|record| record.figure == figure).collect();
    let mut commands: Vec<&str> = records.iter().map(|record| record.command.as_str()).collect();
    commands.sort_unstable();
    commands.dedup();
    let table = |command: &str| {
        let found = records.iter().filter(|record| record.command == command).filter_map(|record| record.found());
        let found: Vec<T> = found.collect();
        let lines = rows(&found).into_iter().map(|(name, numbers)| format!("| {name} | {} |\n", number(&numbers)));
        format!("`{command}`, {} ×\n\n| | |\n| --- | ---: |\n{}", found.len(), lines.collect::<String>())
    };
    commands.into_iter().map(table).collect::<Vec<_>>().join("\n")
}

/// What a number is, and the number each time.
type Row = (&'static str, Vec<f64>);

fn row<T>(name: &'static str, found: &[T], number: impl Fn(&T) -> Option<f64>) -> Row {
    (name, found.iter().filter_map(number).collect())
}

fn play(found: &[Figures]) -> Vec<Row> {
    vec![
        row("actions a second", found, |found| Some(found.actions_per_second)),
        row("actions a hand", found, |found| Some(found.actions as f64 / found.hands as f64)),
        row("to the answer, p50, ms", found, |found| Some(found.answers.p50_ms)),
        row("to the answer, p99, ms", found, |found| Some(found.answers.p99_ms)),
        row("to every reader, p50, ms", found, |found| Some(found.readers.p50_ms)),
        row("to every reader, p99, ms", found, |found| Some(found.readers.p99_ms)),
        row("to every reader, p99.9, ms", found, |found| Some(found.readers.p999_ms)),
        row("errors", found, |found| Some(found.errors.values().sum::<u64>() as f64)),
        row("CPU of the server, µs an action", found, |found| Some(found.cost?.server_micros)),
        row("CPU of PostgreSQL, µs an action", found, |found| Some(found.cost?.postgres_micros)),
        row("CPU of the load generator, µs an action", found, |found| Some(found.cost?.generator_micros)),
        row("cores busy", found, |found| Some(found.cost?.cores)),
        row("memory of the server, MiB", found, |found| found.server_rss_mib),
    ]
}

fn ratio(found: &[Ratio]) -> Vec<Row> {
    let each = |of: fn(&Ratio) -> Vec<f64>| found.iter().flat_map(of).collect::<Vec<f64>>();
    vec![
        ("the server, actions a second", each(|found| found.runs.iter().map(|run| run.actions_per_second).collect())),
        (
            "PostgreSQL alone, a second",
            each(|found| found.ceilings.iter().map(|each| each.transactions_per_second).collect()),
        ),
        (
            "PostgreSQL alone with equal CPU, a second",
            each(|found| found.equal_ceilings.iter().map(|each| each.transactions_per_second).collect()),
        ),
        (
            "CPU of server and PostgreSQL, µs an action",
            each(|found| {
                found.runs.iter().filter_map(|run| Some(run.cost?.server_micros + run.cost?.postgres_micros)).collect()
            }),
        ),
        (
            "CPU of PostgreSQL alone, µs an action",
            each(|found| found.ceilings.iter().map(|each| each.postgres_micros).collect()),
        ),
        (
            "cores not left to PostgreSQL: by the server and the generator",
            each(|found| found.runs.iter().filter_map(|run| Some(run.cost?.cores_beside_postgres)).collect()),
        ),
        (
            "the same by pgbench and the burner",
            each(|found| found.equal_ceilings.iter().map(|each| each.cores_beside_postgres).collect()),
        ),
        row("**ratio of throughput**, the server sharing its cores", found, |found| Some(found.of_throughput)),
        row("lowest of a pair", found, |found| Some(found.of_throughput_range.0)),
        row("highest of a pair", found, |found| Some(found.of_throughput_range.1)),
        row("**ratio of throughput, equal CPU left**", found, |found| Some(found.of_throughput_at_equal_cpu)),
        row("**ratio of CPU an action**", found, |found| Some(found.of_cpu)),
    ]
}

fn latency(found: &[Latency]) -> Vec<Row> {
    vec![
        row("at most, actions a second", found, |found| Some(found.at_most.actions_per_second)),
        row("at half, actions a second", found, |found| Some(found.at_half.actions_per_second)),
        row("to the answer, p50, ms", found, |found| Some(found.at_half.answers.p50_ms)),
        row("to the answer, p99, ms", found, |found| Some(found.at_half.answers.p99_ms)),
        row("to the answer, p99.9, ms", found, |found| Some(found.at_half.answers.p999_ms)),
        row("to every reader, p50, ms", found, |found| Some(found.at_half.readers.p50_ms)),
        row("to every reader, p99, ms", found, |found| Some(found.at_half.readers.p99_ms)),
        row("to every reader, p99.9, ms", found, |found| Some(found.at_half.readers.p999_ms)),
        row("errors", found, |found| Some(found.at_half.errors.values().sum::<u64>() as f64)),
    ]
}

fn hydrate(found: &[Hydrations]) -> Vec<Row> {
    vec![
        row("hydrations a second", found, |found| Some(found.per_second)),
        row("p50, ms", found, |found| Some(found.times.p50_ms)),
        row("p99, ms", found, |found| Some(found.times.p99_ms)),
        row("size, bytes", found, |found| Some(found.bytes as f64)),
        row("errors", found, |found| Some(found.errors as f64)),
        row("CPU of the server, µs", found, |found| Some(found.cost?.server_micros)),
        row("CPU of PostgreSQL, µs", found, |found| Some(found.cost?.postgres_micros)),
    ]
}

fn storm(found: &[Storm]) -> Vec<Row> {
    vec![
        row("sockets", found, |found| Some(found.sockets as f64)),
        row("rooms", found, |found| Some(found.rooms as f64)),
        row("all back and nothing missed after, s", found, |found| Some(found.all_back_seconds)),
        row("half of them after, ms", found, |found| Some(found.back.p50_ms)),
        row("sockets that had to try again, times", found, |found| Some(found.retries as f64)),
        row("hosts that had to try again, times", found, |found| Some(found.start_retries as f64)),
        row("memory of an idle socket, KiB", found, |found| Some(found.socket_kib)),
        row("memory of a room, KiB", found, |found| Some(found.room_kib)),
    ]
}

/// A table for each command, with a line for each number of nodes.
fn nodes(records: &[Record]) -> String {
    let found = |record: &Record| Some((record.command.clone(), record.found::<Nodes>()?));
    let mut found: Vec<_> = records.iter().filter(|record| record.figure == "nodes").filter_map(found).collect();
    found.sort_by(|(a, a_nodes), (b, b_nodes)| (a, a_nodes.nodes).cmp(&(b, b_nodes.nodes)));
    let tables = found.chunk_by(|(a, _), (b, _)| a == b).map(|of_command| {
        let lines = of_command.chunk_by(|(_, a), (_, b)| a.nodes == b.nodes).map(|times| {
            let of = |of: fn(&Nodes) -> Option<f64>| {
                number(&times.iter().filter_map(|(_, found)| of(found)).collect::<Vec<_>>())
            };
            format!(
                "| {} | {} | {} | {} | {} | {} | {} | {} | {} |\n",
                times[0].1.nodes,
                of(|found| Some(found.figures.actions_per_second)),
                of(|found| Some(found.figures.readers.p50_ms)),
                of(|found| Some(found.figures.readers.p99_ms)),
                of(|found| Some(found.figures.cost?.server_micros)),
                of(|found| Some(found.figures.cost?.postgres_micros)),
                of(|found| Some(found.figures.cost?.cores)),
                of(|found| Some(found.decided_twice * 100.0)),
                of(|found| Some(found.figures.errors.values().sum::<u64>() as f64)),
            )
        });
        format!(
            "`{}`\n\n| nodes | actions/s | to every reader, p50, ms | p99, ms | servers and bus, µs an action | PostgreSQL, µs an action \
             | cores busy | decided twice, % | errors |\n\
             | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n{}",
            of_command[0].0,
            lines.collect::<String>()
        )
    });
    tables.collect::<Vec<_>>().join("\n")
}

fn points(records: &[Record], curve: Curve) -> (Vec<String>, Vec<Point>) {
    let found = records.iter().filter(|record| record.figure == "flat");
    let found = found.filter_map(|record| Some((record.command.clone(), record.found::<Point>()?)));
    let (mut commands, mut points): (Vec<_>, Vec<_>) = found.filter(|(_, point)| point.curve == curve).unzip();
    commands.dedup();
    points.sort_by_key(|point| point.count);
    (commands, points)
}

fn flat(commands: &[String], name: &str, points: &[Point]) -> String {
    let Some(command) = commands.last() else { return String::new() };
    let mut counts: Vec<usize> = points.iter().map(|point| point.count).collect();
    counts.dedup();
    let line = |count: usize| {
        let found: Vec<&Figures> =
            points.iter().filter(|point| point.count == count).map(|point| &point.figures).collect();
        let of =
            |of: fn(&Figures) -> Option<f64>| number(&found.iter().filter_map(|found| of(found)).collect::<Vec<_>>());
        format!(
            "| {count} | {} | {} | {} | {} | {} | {} | {} |\n",
            of(|found| Some(found.actions_per_second)),
            of(|found| Some(found.cost?.server_micros)),
            of(|found| Some(found.cost?.postgres_micros)),
            of(|found| Some(found.cost?.postgres_pages)),
            of(|found| Some(found.readers.p50_ms)),
            of(|found| Some(found.readers.p99_ms)),
            of(|found| Some(found.errors.values().sum::<u64>() as f64)),
        )
    };
    let lines: String = counts.into_iter().map(line).collect();
    format!(
        "`{command}`\n\n| {name} | actions/s | server, µs an action | PostgreSQL, µs an action | its pages an action \
         | to every reader, p50, ms | p99, ms | errors |\n\
         | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n{lines}\n![CPU time of an action over {name}]({PLOTS}/{name}.svg)\n"
    )
}

fn plot(path: &Path, name: &str, points: &[Point]) -> anyhow::Result<()> {
    let of = |of: fn(&Figures) -> Option<f64>| {
        points.iter().filter_map(|point| Some((point.count as f64, of(&point.figures)?))).collect()
    };
    let series = [
        Series { name: "server", points: of(|found| Some(found.cost?.server_micros)) },
        Series { name: "PostgreSQL", points: of(|found| Some(found.cost?.postgres_micros)) },
    ];
    draw(path, (name, "CPU, microseconds an action"), &series)
}

/// The middle of some numbers, with the lowest and the highest where there are several.
fn number(numbers: &[f64]) -> String {
    let (Some(middle), Some((lowest, highest))) = (median(numbers), range(numbers)) else { return "–".to_owned() };
    match numbers {
        [_] => short(middle),
        _ => format!("{} ({}–{})", short(middle), short(lowest), short(highest)),
    }
}

/// Three digits that count, or all of a whole number.
fn short(number: f64) -> String {
    match number.abs() {
        100.0.. => format!("{number:.0}"),
        10.0..100.0 => format!("{number:.1}"),
        0.0 => "0".to_owned(),
        _ => format!("{number:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_between_the_marks_is_exchanged() {
        let page = "before\n<!-- bench:run -->\nold\n<!-- /bench:run -->\nafter\n";
        let wanted = "before\n<!-- bench:run -->\nnew\n<!-- /bench:run -->\nafter\n";
        assert_eq!(exchanged(page, "run", "new\n").expect("there is a place"), wanted);
        assert!(exchanged(page, "run", "").expect("there is a place").contains("Not measured."));
        assert!(exchanged(page, "storm", "new").is_err());
    }

    #[test]
    fn a_number_says_how_far_it_moved() {
        assert_eq!(number(&[1234.4]), "1234");
        assert_eq!(number(&[2.0, 1.0, 12.34]), "2.00 (1.00–12.3)");
        assert_eq!((number(&[]).as_str(), number(&[0.0]).as_str()), ("–", "0"));
    }

    #[test]
    fn commands_that_differ_have_tables_of_their_own() {
        let record = |command: &str, per_second: f64| Record {
            figure: "hydrate".to_owned(),
            command: command.to_owned(),
            at: 0,
            cores: 2,
            found: serde_json::json!({
                "rooms": 1, "per_second": per_second, "bytes": 10, "errors": 0, "cost": null, "load": 1.0,
                "times": { "count": 1, "p50_ms": 1.0, "p99_ms": 2.0, "p999_ms": 2.0, "max_ms": 2.0 },
            }),
        };
        let records =
            [record("bench hydrate", 100.0), record("bench hydrate", 300.0), record("bench hydrate --rooms 9", 5.0)];
        let tables = of_commands(&records, "hydrate", hydrate);
        assert!(tables.contains("`bench hydrate`, 2 ×") && tables.contains("| hydrations a second | 200 (100–300) |"));
        assert!(tables.contains("`bench hydrate --rooms 9`, 1 ×") && tables.contains("| hydrations a second | 5.00 |"));
    }
}
