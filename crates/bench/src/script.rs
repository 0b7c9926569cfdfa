//! A script for pgbench that does what captured actions did, in rooms of its own.
//!
//! Values are told apart by how they change from one action to the next: the room's ids, numbers that follow the room's
//! own, ids that are new each time, times; whatever else there is stays as it was in the last one. All of them are sent as
//! parameters of prepared statements, as the server does.

use std::fmt::Write;

use anyhow::{Context, ensure};

use crate::capture::{Executed, IDS, NUMBERS, Sample, State};

/// Actions that a client does in a room before it goes to its next one: reading where the room is costs a statement.
const ACTIONS_A_VISIT: u32 = 64;

/// Where the rooms are listed: `n`, and the ids.
pub const ROOMS_TABLE: &str = "bench_rooms";

/// A script with the values that don't change.
#[derive(Debug, PartialEq, Eq)]
pub struct Script {
    /// What pgbench does.
    pub text: String,
    /// Its variables: name and value.
    pub constants: Vec<(String, String)>,
    /// Statements of one action, `BEGIN` and `COMMIT` included.
    pub statements: usize,
}

/// What a value is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Rule {
    Null,
    /// One of the room's ids.
    Id(usize),
    /// One of the room's numbers before the action, and so much more.
    Number(usize, i64),
    /// An id that is new each time.
    Fresh,
    /// So many seconds after the statement is executed.
    After(i64),
    Constant(String),
    List(Vec<Rule>),
}

/// Writes the script of actions that have the same statements.
///
/// # Errors
///
/// - There are none.
pub fn write(samples: &[Sample]) -> anyhow::Result<Script> {
    let last = samples.last().context("there are actions")?;
    let mut script = Script { text: String::new(), constants: Vec::new(), statements: last.statements.len() };
    let mut numbers = Vec::new();
    let mut body = String::new();
    for (index, statement) in last.statements.iter().enumerate() {
        let executed: Vec<&Executed> = samples.iter().map(|sample| &sample.statements[index]).collect();
        let mut made = Vec::new();
        for value in 0..statement.values.len() {
            let seen: Vec<Seen<'_>> = samples
                .iter()
                .zip(&executed)
                .map(|(sample, executed)| Seen {
                    state: &sample.before,
                    at: &executed.at,
                    value: executed.values[value].as_deref(),
                })
                .collect();
            made.push(expression(&rule(&seen), &mut script.constants, &mut numbers));
        }
        writeln!(body, "{};", filled_in(&statement.sql, &made)?)?;
    }
    script.text = around(&body, &numbers, samples)?;
    Ok(script)
}

/// A value of one action.
#[derive(Clone, Copy)]
struct Seen<'a> {
    state: &'a State,
    /// When the statement was executed.
    at: &'a str,
    value: Option<&'a str>,
}

fn rule(seen: &[Seen<'_>]) -> Rule {
    let texts: Option<Vec<&str>> = seen.iter().map(|seen| seen.value).collect();
    let Some(texts) = texts else { return seen.last().and_then(|seen| seen.value).map_or(Rule::Null, constant) };
    let is = |id: usize| seen.iter().all(|seen| seen.value == Some(seen.state.ids[id].as_str()));
    if let Some(id) = (0..IDS.len()).find(|id| is(*id)) {
        return Rule::Id(id);
    }
    if let Some((number, more)) = number(seen) {
        return Rule::Number(number, more);
    }
    if let Some(rules) = list(seen) {
        return Rule::List(rules);
    }
    let last = texts.last().copied().unwrap_or_default();
    let mut different = texts.clone();
    different.sort_unstable();
    different.dedup();
    if different.len() == texts.len() && texts.iter().all(|text| is_uuid(text)) {
        return Rule::Fresh;
    }
    let when = seen.last().and_then(|seen| Some(seconds_of_day(last)? - seconds_of_day(seen.at)?));
    // The log is cut to the millisecond, and a deadline may be on the other side of midnight.
    when.filter(|_| different.len() > 1).map_or_else(|| constant(last), |after| Rule::After(within_a_day(after)))
}

fn constant(text: &str) -> Rule {
    Rule::Constant(text.to_owned())
}

/// Which of the room's numbers the value follows, if it moves with one.
fn number(seen: &[Seen<'_>]) -> Option<(usize, i64)> {
    let values: Vec<i64> = seen.iter().map(|seen| seen.value?.parse().ok()).collect::<Option<_>>()?;
    if values.iter().all(|value| Some(value) == values.first()) {
        return None;
    }
    (0..NUMBERS.len()).find_map(|number| {
        let mut more = values.iter().zip(seen).map(|(value, seen)| value - seen.state.numbers[number]);
        let first = more.next()?;
        more.all(|more| more == first).then_some((number, first))
    })
}

/// The rules of a list's elements, if one of them isn't constant. Lists of texts aren't looked into.
fn list(seen: &[Seen<'_>]) -> Option<Vec<Rule>> {
    let lists: Vec<Vec<&str>> = seen
        .iter()
        .map(|seen| Some(seen.value?.strip_prefix('{')?.strip_suffix('}')?.split(',').collect()))
        .collect::<Option<_>>()?;
    let length = lists.first()?.len();
    if lists.iter().any(|list| list.len() != length || list.iter().any(|element| element.contains('"'))) {
        return None;
    }
    let element = |at: usize| {
        let seen = seen.iter().zip(&lists).map(|(seen, list)| Seen { value: Some(list[at]), ..*seen });
        rule(&seen.collect::<Vec<_>>())
    };
    let rules: Vec<Rule> = (0..length).map(element).collect();
    rules.iter().any(|rule| !matches!(rule, Rule::Constant(_))).then_some(rules)
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36 && uuid::Uuid::try_parse(text).is_ok()
}

/// The seconds since midnight in `2025-11-24 15:30:00.123+00`; `None` if it is no time.
fn seconds_of_day(text: &str) -> Option<f64> {
    let (date, time) = text.split_once(' ')?;
    (date.len() == 10 && date.split('-').all(|part| part.parse::<u16>().is_ok())).then_some(())?;
    let end = time.find(|c: char| !matches!(c, '0'..='9' | ':' | '.')).unwrap_or(time.len());
    let mut parts = time[..end].split(':').map(|part| part.parse::<f64>().ok());
    let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next()??);
    Some((hours * 60.0 + minutes) * 60.0 + seconds)
}

/// A difference of times of day, in whole seconds, as the nearer of the two days has it.
fn within_a_day(seconds: f64) -> i64 {
    const DAY: i64 = 86_400;
    let seconds = seconds.round() as i64;
    (seconds + DAY / 2).rem_euclid(DAY) - DAY / 2
}

/// The rule as SQL. Numbers that are needed for it are added to `numbers`, constants to `constants`.
fn expression(rule: &Rule, constants: &mut Vec<(String, String)>, numbers: &mut Vec<(usize, i64)>) -> String {
    match rule {
        Rule::Null => "NULL".to_owned(),
        Rule::Id(id) => format!(":{}", IDS[*id]),
        Rule::Number(number, more) => {
            if !numbers.contains(&(*number, *more)) {
                numbers.push((*number, *more));
            }
            format!(":{}", moved(*number, *more))
        }
        Rule::Fresh => "gen_random_uuid()".to_owned(),
        Rule::After(0) => "now()".to_owned(),
        Rule::After(seconds) => format!("now() + interval '{seconds} seconds'"),
        Rule::Constant(value) => {
            let known = constants.iter().find(|(_, known)| known == value).map(|(name, _)| name.clone());
            let name = known.unwrap_or_else(|| {
                let name = format!("constant_{}", constants.len());
                constants.push((name.clone(), value.clone()));
                name
            });
            format!(":{name}")
        }
        Rule::List(rules) => {
            let elements: Vec<String> = rules.iter().map(|rule| expression(rule, constants, numbers)).collect();
            let all_ids = rules.iter().all(|rule| matches!(rule, Rule::Id(_) | Rule::Fresh));
            format!("ARRAY[{}]::{}[]", elements.join(", "), if all_ids { "uuid" } else { "bigint" })
        }
    }
}

fn moved(number: usize, more: i64) -> String {
    format!("{}_{}", NUMBERS[number], if more < 0 { format!("less_{}", -more) } else { format!("plus_{more}") })
}

/// The statement with `made` in place of `$1`, `$2`, …
fn filled_in(sql: &str, made: &[String]) -> anyhow::Result<String> {
    let mut filled = String::new();
    let mut rest = sql;
    while let Some((before, after)) = rest.split_once('$') {
        let digits = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
        let number: usize = after[..digits].parse().with_context(|| format!("a $ without a number in {sql}"))?;
        let value = number.checked_sub(1).and_then(|at| made.get(at));
        write!(filled, "{before}{}", value.with_context(|| format!("no value for ${number} in {sql}"))?)?;
        rest = &after[digits..];
    }
    // Of a line of its own: pgbench ends a statement at a semicolon, and keeps line breaks.
    ensure!(!sql.contains(';'), "several statements at once: {sql}");
    Ok(filled + rest)
}

/// The statements, with what tells a client where it is before and after them.
fn around(body: &str, numbers: &[(usize, i64)], samples: &[Sample]) -> anyhow::Result<String> {
    let columns =
        NUMBERS.iter().map(|number| format!("state.{number}")).chain(IDS.iter().map(|id| format!("state.{id}")));
    let columns: Vec<String> = columns.collect();
    let mut text = String::new();
    writeln!(text, "\\if :left = 0")?;
    writeln!(text, "\\set n (:client_id + :clients * :visit) % :rooms")?;
    writeln!(
        text,
        "SELECT {} FROM {ROOMS_TABLE} AS room JOIN game_states AS state USING (room_id) WHERE room.n = :n \\gset",
        columns.join(", ")
    )?;
    writeln!(text, "\\set visit :visit + 1\n\\set left {ACTIONS_A_VISIT}\n\\endif\n\\set left :left - 1")?;
    for (number, more) in numbers {
        writeln!(text, "\\set {} :{} + {more}", moved(*number, *more), NUMBERS[*number])?;
    }
    // More than the server may do: it waits for what it reads before it writes. The limit is PostgreSQL's, not the line's.
    let several = samples.last().is_some_and(|sample| sample.statements.len() > 1);
    if several {
        write!(text, "\\startpipeline\n{body}\\endpipeline\n")?;
    } else {
        text.push_str(body);
    }
    for (index, number) in NUMBERS.iter().enumerate() {
        let steps: Vec<i64> =
            samples.iter().map(|sample| sample.after.numbers[index] - sample.before.numbers[index]).collect();
        let step = steps.last().copied().unwrap_or_default();
        writeln!(text, "\\set {number} :{number} + {step}")?;
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: &str = "11111111-1111-4111-8111-111111111111";
    const GAME: &str = "22222222-2222-4222-8222-222222222222";
    const HAND: &str = "33333333-3333-4333-8333-333333333333";

    fn state(seq: i64, version: i64, turn: i64) -> State {
        State { numbers: [seq, version, turn], ids: [ROOM, GAME, HAND].map(str::to_owned) }
    }

    fn seen<'a>(states: &'a [State], values: &[&'a str]) -> Vec<Seen<'a>> {
        states
            .iter()
            .zip(values)
            .map(|(state, value)| Seen { state, at: "2025-11-24 23:59:58.000 UTC", value: Some(value) })
            .collect()
    }

    #[test]
    fn a_value_is_what_it_moves_with() {
        let states = [state(10, 5, 3), state(12, 6, 4), state(13, 7, 5)];
        let of = |values: [&str; 3]| rule(&seen(&states, &values));
        assert_eq!(of([GAME; 3]), Rule::Id(1));
        assert_eq!(of(["11", "13", "14"]), Rule::Number(0, 1));
        assert_eq!(of(["5", "6", "7"]), Rule::Number(1, 0));
        assert_eq!(of(["20", "40", "20"]), constant("20"));
        assert_eq!(of(["7", "7", "7"]), constant("7"), "what never moves follows nothing");
        assert_eq!(of(["{11,12}", "{13,14}", "{14,15}"]), Rule::List(vec![Rule::Number(0, 1), Rule::Number(0, 2)]));
        let times = ["2025-11-24 23:59:57.1+00", "2025-11-24 23:59:57.9+00", "2025-11-24 23:59:58.1+00"];
        assert_eq!(of(times), Rule::After(0));
        let later = ["2025-11-25 00:09:57+00", "2025-11-25 00:09:57.5+00", "2025-11-25 00:09:58+00"];
        assert_eq!(of(later), Rule::After(600));
        let fresh = [1, 2, 3].map(|n| uuid::Uuid::from_u128(n).to_string());
        assert_eq!(of([&fresh[0], &fresh[1], &fresh[2]]), Rule::Fresh);
        assert_eq!(of([&fresh[0], &fresh[1], &fresh[0]]), constant(&fresh[0]), "one of a few");
    }

    #[test]
    fn every_value_of_a_statement_is_sent_as_a_parameter() {
        let sample = |seq: i64, amount: &str| Sample {
            before: state(seq, seq, seq),
            after: state(seq + 1, seq + 1, seq + 1),
            statements: vec![Executed {
                sql: "UPDATE t SET seq = $2, amount = $3, note = $4 WHERE room_id = $1".to_owned(),
                values: vec![Some(ROOM.to_owned()), Some((seq + 1).to_string()), Some(amount.to_owned()), None],
                at: String::new(),
            }],
        };
        let script = write(&[sample(1, "20"), sample(2, "40")]).expect("there are actions");
        let wanted = "UPDATE t SET seq = :seq_plus_1, amount = :constant_0, note = NULL WHERE room_id = :room_id;";
        assert!(script.text.contains(wanted), "{}", script.text);
        assert!(script.text.contains("\\set seq_plus_1 :seq + 1\n") && script.text.ends_with("+ 1\n"));
        assert!(!script.text.contains("pipeline"), "one statement needs none");
        assert_eq!(script.constants, [("constant_0".to_owned(), "40".to_owned())]);
    }

    #[test]
    fn a_value_that_is_missing_is_found_out() {
        assert!(filled_in("SELECT $2", &["1".to_owned()]).is_err());
        assert_eq!(filled_in("SELECT $1, $10", &[const { String::new() }; 10]).expect("all are there"), "SELECT , ");
    }
}
