//! The sharpest hands of the referee's collection, as text: always played, wherever this repository is.

#[path = "referee/case.rs"]
mod case;

use case::{Case, Decision, Done, Held, PaidPart, PaidPot};

fn numbers<T: std::str::FromStr>(text: &str) -> Vec<T> {
    text.split_whitespace().map(|word| word.parse().ok().unwrap_or_else(|| panic!("{word} is no number"))).collect()
}

fn decision(line: &str) -> Decision {
    let (done, legal) = line.split_once('#').expect("a decision says what was legal");
    let words: Vec<&str> = done.split_whitespace().collect();
    let action = match words[1..] {
        ["fold"] => Done::Fold,
        ["check"] => Done::Check,
        ["call"] => Done::Call,
        ["raise", to] => Done::RaiseTo(to.parse().expect("an amount")),
        _ => panic!("no action: {line}"),
    };
    let (call, raise) = legal.split_once(", raise ").map_or((legal, None), |(call, raise)| (call, Some(raise)));
    let call = call.trim().strip_prefix("call ").expect("what a call costs").parse().expect("an amount");
    let raise = raise.map(|range| {
        let (min, max) = range.trim().split_once('-').expect("a range");
        (min.parse().expect("an amount"), max.parse().expect("an amount"))
    });
    Decision { player: words[0].parse().expect("a player"), call, raise, action }
}

fn case(text: &str) -> Case {
    let mut case = Case::default();
    for line in text.lines().filter(|line| !line.starts_with("# ")) {
        let (word, rest) = line.split_once(' ').expect("a word and more");
        match word {
            "hand" => {
                let words: Vec<&str> = rest.split_whitespace().collect();
                let (small, big) = words[2].split_once('/').expect("blinds");
                case.id = words[0].to_owned();
                (case.small_blind, case.big_blind) = (small.parse().expect("a blind"), big.parse().expect("a blind"));
                case.ante = words[4].parse().expect("an ante");
            }
            "stacks" => case.stacks = numbers(rest),
            "cards" => {
                let (hole, board) = rest.split_once('|').expect("hole cards | board");
                case.hole = hole.split_whitespace().map(str::to_owned).collect();
                case.boards = vec![board.trim().to_owned()];
            }
            "pot" => {
                let (amount, winners) = rest.trim().split_once(" to ").unwrap_or((rest.trim(), ""));
                let winners: Vec<_> = numbers(winners).into_iter().map(|player| (player, None)).collect();
                let part = PaidPart { board: 0, is_low: false, winners, amount: None };
                let parts = if part.winners.is_empty() { Vec::new() } else { vec![part] };
                case.pots.push(PaidPot { amount: amount.parse().expect("an amount"), parts });
            }
            "holds" => {
                let words: Vec<&str> = rest.split_whitespace().collect();
                let categories = vec![words[1].to_owned()];
                case.held.push(Held { player: words[0].parse().expect("a player"), categories, lows: Vec::new() });
            }
            "ends" => case.final_stacks = numbers(rest),
            _ => case.decisions.push(decision(line)),
        }
    }
    case
}

fn play(text: &str) {
    let hands = text.split("\n\n").filter(|hand| hand.starts_with("hand "));
    let mut count = 0;
    for hand in hands {
        case(hand).play();
        count += 1;
    }
    assert!(count >= 40, "{count} hands");
}

#[test]
fn odd_chips_go_to_the_winners_left_of_the_button() {
    play(include_str!("hands/odd_chips.txt"));
}

#[test]
fn side_pots_are_made_by_stacks() {
    play(include_str!("hands/side_pots.txt"));
}

#[test]
fn ties_share_their_pots() {
    play(include_str!("hands/ties.txt"));
}

#[test]
fn short_all_ins_do_not_reopen_the_betting() {
    play(include_str!("hands/short_all_ins.txt"));
}

#[test]
fn who_has_checked_or_called_may_not_raise_a_short_all_in() {
    play(include_str!("hands/reopening.txt"));
}

#[test]
fn heads_up_the_button_posts_the_small_blind() {
    play(include_str!("hands/heads_up.txt"));
}

#[test]
fn nine_and_ten_players_fit_at_a_table() {
    play(include_str!("hands/full_tables.txt"));
}

#[test]
fn an_all_in_board_is_dealt_without_a_decision() {
    play(include_str!("hands/run_outs.txt"));
}
