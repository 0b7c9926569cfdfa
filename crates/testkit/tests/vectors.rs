//! Every hand of the referee's collections, where they are present. Here, because reading them needs what `domain` must not know.

#[path = "../../domain/tests/referee/case.rs"]
mod case;
#[path = "../../domain/tests/referee/table.rs"]
mod table;

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;

use case::{Case, Decision, Done, Held, PaidPart, PaidPot};
use domain::button::{ButtonRule, Debts, Entry, NewPlayers, TableRules, WaitsFor};
use domain::ids::SeatIndex;
use flate2::read::GzDecoder;
use serde_json::Value;
use table::Table;

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
    each(file, at_least, |hand| case(hand).play());
}

/// What a file has, one a line, where the file is.
fn each(file: &str, at_least: usize, play: impl Fn(&Value)) {
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
        play(&serde_json::from_str(&line.expect("readable")).expect("JSON"));
        count += 1;
    }
    assert!(count >= at_least, "{count} of {at_least} in {file}");
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

/// A sequence of hands, played again: who has the button, posts, is dealt in and owes what.
fn deal_all(sequence: &Value) {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let seat = |value: &Value| value.as_u64().map(|seat| SeatIndex(seat as u8));
    let entry = |event: &Value| Entry::of_name(event["entry"].as_str().expect("a text")).expect("an entry");
    let rules = TableRules {
        button: ButtonRule::Dead,
        new_players: NewPlayers::of_name(&text(&sequence["rules"]["new_players"])).expect("a rule"),
        big_blind_settles: sequence["rules"]["bb_clears_sb"] == true,
    };
    let mut table = Table::new(rules, number(&sequence["first_button"]) as u8);
    for (count, hand) in sequence["hands"].as_array().expect("hands").iter().enumerate() {
        for event in hand["events"].as_array().expect("events") {
            let at = |what: &str| seat(&event[what]).map(|seat| seat.0);
            if let Some(at) = at("join") {
                table.join(at, &text(&event["player"]), entry(event));
            } else if let Some(at) = at("leave") {
                table.leave(at);
            } else if let Some(at) = at("sit_out") {
                table.sit_out(at);
            } else {
                table.sit_in(at("sit_in").expect("one of four events"), entry(event));
            }
        }
        let which = format!("hand {count} of {}", sequence["id"]);
        let is_bomb_pot = hand["bomb"] == true;
        let (dealt, expect) = (table.deal(is_bomb_pot), &hand["expect"]);
        let Some(dealt) = dealt else {
            assert!(expect.is_null(), "{which}: nothing is dealt");
            continue;
        };
        assert_eq!(Some(dealt.button), seat(&expect["button"]), "{which}: button");
        let is_dead = !dealt.dealt.contains(&dealt.button);
        assert_eq!(expect["button_dead"] == true, is_dead, "{which}: dead button");
        assert_eq!(dealt.blinds.and_then(|(small, _)| small), seat(&expect["sb"]), "{which}: small blind");
        assert_eq!(dealt.blinds.map(|(_, big)| big), seat(&expect["bb"]), "{which}: big blind");
        let seats = |list: &Value| list.as_array().expect("a list").iter().filter_map(seat).collect::<Vec<_>>();
        let mut expected = seats(&expect["dealt"]);
        expected.sort();
        assert_eq!(dealt.dealt, expected, "{which}: dealt in");
        if is_bomb_pot {
            continue;
        }
        let posts = expect["posts"].as_array().expect("posts").iter().filter_map(|post| {
            let is_late = ["live_post", "dead_post"].iter().find(|kind| post["kind"] == **kind);
            is_late.map(|kind| (seat(&post["seat"]).expect("a seat"), *kind))
        });
        let late = dealt.posts.iter().flat_map(|post| {
            let kinds = [(post.live, "live_post"), (post.dead, "dead_post")];
            kinds.into_iter().filter(|(posts, _)| *posts).map(|(_, kind)| (post.seat, kind))
        });
        assert_eq!(late.collect::<Vec<_>>(), posts.collect::<Vec<_>>(), "{which}: late posts");
        let waiting = expect["not_dealt"].as_array().expect("a list").iter().filter_map(|one| {
            let why = match one["why"].as_str().expect("a text") {
                "must_wait" => WaitsFor::ButtonToPass,
                "waits_for_big_blind" => WaitsFor::BigBlind,
                _ => return None,
            };
            Some((seat(&one["seat"]).expect("a seat"), why))
        });
        let mut waiting: Vec<_> = waiting.collect();
        waiting.sort_by_key(|(seat, _)| *seat);
        assert_eq!(dealt.waiting, waiting, "{which}: who waits");
        let owed = expect["debts"].as_array().expect("a list").iter().map(|one| {
            let owes = |what: &str| one[what] == true;
            (seat(&one["seat"]).expect("a seat"), Debts { new: owes("new"), small: owes("sb"), big: owes("bb") })
        });
        let mut owed: Vec<_> = owed.collect();
        owed.sort_by_key(|(seat, _)| *seat);
        let debts: Vec<_> = dealt.debts.into_iter().filter(|(_, debts)| !debts.is_none()).collect();
        assert_eq!(debts, owed, "{which}: debts");
    }
}

#[test]
fn every_sequence_of_buttons_and_blinds_is_dealt_alike() {
    each("blinds-dev.jsonl.gz", 351, deal_all);
}
