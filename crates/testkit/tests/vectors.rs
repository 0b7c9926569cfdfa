//! Every hand of the referee's collections, where they are present. Here, because reading them needs what `domain` must not know.

#[path = "../../domain/tests/referee/case.rs"]
mod case;

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;

use case::{Case, Decision, Done, PaidPot};
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
    // Newer files name winners and categories by board; hold'em has one.
    let pot = |pot: &Value| PaidPot {
        amount: number(&pot["amount"]),
        winners: list(pot.pointer("/parts/0/winners").unwrap_or(&pot["winners"]))
            .iter()
            .map(|winner| number(winner) as usize)
            .collect(),
    };
    let held = |shown: &Value| {
        let category = shown.pointer("/categories/0").unwrap_or(&shown["category"]);
        (number(&shown["player"]) as usize, category.as_str().expect("a category").to_owned())
    };
    let expect = &hand["expect"];
    Case {
        id: hand["id"].to_string(),
        small_blind: number(&hand["small_blind"]),
        big_blind: number(&hand["big_blind"]),
        ante: number(&hand["ante"]),
        stacks: numbers(&hand["stacks"]),
        hole: list(&hand["hole"]).iter().map(texts).collect(),
        board: texts(hand.get("board").unwrap_or(&hand["boards"][0])),
        decisions: list(&hand["steps"]).iter().map(decision).collect(),
        final_stacks: numbers(&expect["final_stacks"]),
        pots: list(&expect["pots"]).iter().map(pot).collect(),
        held: list(&expect["shown"]).iter().map(held).collect(),
    }
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
