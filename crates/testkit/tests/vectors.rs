//! Every hand of the referee's collections, where they are present. Here, because reading them needs what `domain` must not know.

#[path = "../../domain/tests/referee/case.rs"]
mod case;

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;

use case::{Case, Decision, Done, Held, PaidPart, PaidPot};
use flate2::read::GzDecoder;
use serde_json::Value;

fn number(value: &Value) -> u64 {
    value.as_u64().expect("a number")
}

fn numbers(value: &Value) -> Vec<u64> {
    value.as_array().expect("a list").iter().map(number).collect()
}

fn texts(value: &Value) -> String {
    value.as_array().expect("a list").iter().map(|text| text.as_str().expect("a text")).collect()
}

fn case(hand: &Value) -> Case {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let decision = |step: &Value| {
        let legal = &step["legal"];
        let action = match step["action"].as_str().expect("an action") {
            "fold" => Done::Fold,
            "check" => Done::Check,
            "call" => Done::Call,
            _ => Done::RaiseTo(number(&step["to"])),
        };
        let raise = legal["min_raise_to"].as_u64().zip(legal["max_raise_to"].as_u64());
        Decision { player: number(&step["player"]) as usize, call: number(&legal["call"]), raise, action }
    };
    let player = |value: &Value| number(value) as usize;
    let expect = &hand["expect"];
    Case {
        id: hand["id"].to_string(),
        small_blind: number(&hand["small_blind"]),
        big_blind: number(&hand["big_blind"]),
        ante: number(&hand["ante"]),
        variant: hand["variant"].as_str().unwrap_or_default().to_owned(),
        button_blind: hand["button_blind"].as_u64().unwrap_or_default(),
        is_bomb_pot: hand["structure"] == "bomb",
        has_dead_button: hand["button"].is_null(),
        blinds: hand["bb_seat"].as_u64().map(|big| (hand["sb_seat"].as_u64().map(|seat| seat as usize), big as usize)),
        straddles: list(&hand["straddles"]).iter().map(|straddle| player(&straddle["player"])).collect(),
        posts: list(&hand["posts"])
            .iter()
            .map(|post| (player(&post["player"]), number(&post["live"]) > 0, number(&post["dead"]) > 0))
            .collect(),
        runs: hand["runs"].as_u64().map(|runs| (runs as u8, player(&hand["shared_cards"]))),
        stacks: numbers(&hand["stacks"]),
        hole: list(&hand["hole"]).iter().map(texts).collect(),
        boards: hand
            .get("board")
            .map_or_else(|| list(&hand["boards"]).iter().map(texts).collect(), |board| vec![texts(board)]),
        decisions: list(&hand["steps"]).iter().map(decision).collect(),
        final_stacks: numbers(&expect["final_stacks"]),
        pots: list(&expect["pots"]).iter().map(pot).collect(),
        held: list(&expect["shown"]).iter().map(held).collect(),
    }
}

/// Newer files name parts by board and side; the older ones, of hold'em, name the winners alone.
fn pot(pot: &Value) -> PaidPot {
    let part = |part: &Value| PaidPart {
        board: number(&part["board"]) as u8,
        is_low: part["side"] == "lo",
        winners: numbers(&part["winners"])
            .into_iter()
            .map(|seat| seat as usize)
            .zip(numbers(&part["paid"]).into_iter().map(Some))
            .collect(),
        amount: Some(number(&part["amount"])),
    };
    let parts = match (pot["parts"].as_array(), pot["winners"].as_array()) {
        (Some(parts), _) => parts.iter().map(part).collect(),
        (None, Some(winners)) => {
            let winners = winners.iter().map(|winner| (number(winner) as usize, None)).collect();
            vec![PaidPart { board: 0, is_low: false, winners, amount: None }]
        }
        (None, None) => Vec::new(),
    };
    PaidPot { amount: number(&pot["amount"]), parts }
}

fn held(shown: &Value) -> Held {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let categories = match shown["categories"].as_array() {
        Some(categories) => categories.iter().map(text).collect(),
        None => vec![text(&shown["category"])],
    };
    let lows = shown["lows"]
        .as_array()
        .map_or_else(Vec::new, |lows| lows.iter().map(|low| low.as_str().map(str::to_owned)).collect());
    Held { player: number(&shown["player"]) as usize, categories, lows }
}

fn play_all(file: &str, at_least: usize) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors").join(file);
    let Ok(packed) = File::open(&path) else {
        // Not by println!, which is told of failed tests alone.
        let told = writeln!(
            std::io::stderr(),
            "skipped: {file} is not here; the hands in domain/tests/hands are always played"
        );
        return told.expect("stderr is open");
    };
    let mut count = 0;
    for line in BufReader::new(GzDecoder::new(packed)).lines() {
        let hand: Value = serde_json::from_str(&line.expect("readable")).expect("JSON");
        case(&hand).play();
        count += 1;
    }
    assert!(count >= at_least, "{count} hands");
}

#[test]
fn every_random_hand_of_the_referee_is_played_alike() {
    play_all("nlhe-dev.jsonl.gz", 7983);
}

#[test]
fn every_ladder_of_short_all_ins_is_played_alike() {
    play_all("nlhe-tda-dev.jsonl.gz", 2996);
}

#[test]
fn every_hand_of_the_pluribus_experiment_is_played_alike() {
    play_all("pluribus.jsonl.gz", 9992);
}

#[test]
fn every_hand_of_pot_limit_omaha_is_played_alike() {
    play_all("plo-dev.jsonl.gz", 2995);
}

#[test]
fn every_hand_of_omaha_with_five_cards_is_played_alike() {
    play_all("plo5-dev.jsonl.gz", 2996);
}

#[test]
fn every_hand_of_omaha_high_and_low_is_played_alike() {
    play_all("plo8-dev.jsonl.gz", 2992);
}

#[test]
fn every_hand_of_a_short_deck_is_played_alike() {
    play_all("shortdeck-dev.jsonl.gz", 2995);
}

#[test]
fn every_hand_with_straddles_is_played_alike() {
    play_all("straddle-dev.jsonl.gz", 2992);
}

#[test]
fn every_hand_with_late_posts_is_played_alike() {
    play_all("posts-dev.jsonl.gz", 2995);
}

#[test]
fn every_hand_on_two_boards_is_played_alike() {
    play_all("double-dev.jsonl.gz", 2997);
}

#[test]
fn every_bomb_pot_is_played_alike() {
    play_all("bomb-dev.jsonl.gz", 2995);
}

#[test]
fn every_hand_that_is_run_more_than_once_is_played_alike() {
    play_all("runs-dev.jsonl.gz", 2994);
}
