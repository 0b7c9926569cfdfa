//! The button and the blinds from hand to hand, as the rules' examples have it. The referee's sequences are played in `testkit`.

#[path = "referee/table.rs"]
mod table;

use domain::button::{ButtonRule, Entry, NewPlayers, TableRules};
use table::Table;

/// Plays a sequence: what happens before a hand, and how it is dealt. `+3`: sits down at 3; `w3`: the same, and waits for the big
/// blind; `-3`: leaves; `o3`: sits out; `i3`: sits in; `p3>5`: who first sat at 3 sits down at 5; `*`: a bomb pot. The hand: button
/// (`x`: dead), small blind (`-`: dead) and big blind; then who posts late, `3L` live, `3D` dead, `3LD` both.
fn play(new_players: NewPlayers, first: u8, sequence: &[(&str, &str)]) {
    let mut table = Table::new(TableRules { button: ButtonRule::Dead, new_players, big_blind_settles: true }, first);
    for (number, (events, expected)) in sequence.iter().enumerate() {
        let mut is_bomb_pot = false;
        for event in events.split_whitespace() {
            if let Some((person, seat)) = event.split_once('>') {
                table.join(seat.parse().expect("a seat"), person, Entry::Post);
                continue;
            }
            let (what, seat) = event.split_at(1);
            let person = |seat: &str| format!("p{seat}");
            match (what, seat.parse::<u8>()) {
                ("*", _) => is_bomb_pot = true,
                ("+", Ok(at)) => table.join(at, &person(seat), Entry::Post),
                ("w", Ok(at)) => table.join(at, &person(seat), Entry::Wait),
                ("-", Ok(at)) => table.leave(at),
                ("o", Ok(at)) => table.sit_out(at),
                ("i", Ok(at)) => table.sit_in(at, Entry::Post),
                _ => panic!("{event}"),
            }
        }
        let hand = table.deal(is_bomb_pot);
        let told = hand.map_or("none".to_owned(), |hand| {
            let dead = if hand.dealt.contains(&hand.button) { "" } else { "x" };
            let blinds = hand.blinds.map_or(" bomb".to_owned(), |(small, big)| {
                format!(" s{} B{big}", small.map_or("-".to_owned(), |seat| seat.to_string()))
            });
            let late = hand.posts.iter().map(|post| {
                let (live, dead) = (if post.live { "L" } else { "" }, if post.dead { "D" } else { "" });
                format!(" {}{live}{dead}", post.seat)
            });
            format!("b{}{dead}{blinds}{}", hand.button, late.collect::<String>())
        });
        assert_eq!(told, *expected, "hand {number} of {sequence:?}");
    }
}

fn plays(sequence: &[(&str, &str)]) {
    play(NewPlayers::PostOrWait, 0, sequence);
}

#[test]
fn the_big_blind_moves_on_and_the_button_is_dead_where_it_must_be() {
    plays(&[("+0 +1 +2 +3", "b0 s1 B2"), ("-2", "b1 s- B3"), ("", "b2x s3 B0"), ("", "b3 s0 B1")]);
    plays(&[("+0 +1 +2 +3", "b0 s1 B2"), ("-1", "b1x s2 B3"), ("", "b2 s3 B0")]);
}

#[test]
fn who_missed_the_blinds_waits_for_the_button_and_posts_both() {
    plays(&[
        ("+0 +1 +2 +3", "b0 s1 B2"),
        ("o3", "b1 s2 B0"),
        ("i3", "b2 s0 B1"),
        ("", "b0 s1 B2 3LD"),
        ("", "b1 s2 B3"),
    ]);
}

#[test]
fn who_missed_the_small_blind_posts_it_dead() {
    plays(&[("+0 +1 +2 +3", "b0 s1 B2"), ("o2", "b1 s- B3"), ("i2", "b2x s3 B0"), ("", "b3 s0 B1 2D")]);
}

#[test]
fn three_become_two() {
    plays(&[("+0 +1 +2", "b0 s1 B2"), ("-2", "b1 s1 B0")]);
    plays(&[("+0 +1 +2", "b0 s1 B2"), ("-1", "b2 s2 B0")]);
    plays(&[("+0 +1 +2", "b0 s1 B2"), ("-0", "b2 s2 B1")]);
}

#[test]
fn two_become_three() {
    plays(&[("+0 +3", "b0 s0 B3"), ("+4", "b0 s3 B4")]);
    plays(&[("+0 +3", "b0 s0 B3"), ("+1", "b3 s3 B0"), ("", "b3 s0 B1")]);
}

#[test]
fn where_only_one_could_play_all_begin_anew() {
    plays(&[("+0 +3", "b0 s0 B3"), ("-3 +1", "b1 s1 B0")]);
}

#[test]
fn who_is_new_posts_or_waits_or_comes_in_free() {
    let seated = "+0 +1 +2";
    plays(&[(seated, "b0 s1 B2"), ("+5", "b1 s2 B5")]);
    plays(&[("+0 +1 +2 +3", "b0 s1 B2"), ("+5", "b1 s2 B3 5L")]);
    plays(&[("+0 +1 +2 +3", "b0 s1 B2"), ("w5", "b1 s2 B3"), ("", "b2 s3 B5")]);
    play(NewPlayers::Free, 0, &[("+0 +1 +2 +3", "b0 s1 B2"), ("+5", "b1 s2 B3")]);
    play(NewPlayers::WaitForBb, 0, &[("+0 +1 +2 +3", "b0 s1 B2"), ("+5", "b1 s2 B3"), ("", "b2 s3 B5")]);
}

#[test]
fn a_debt_outlives_the_seat() {
    let out = [("+0 +1 +2 +3 +4", "b0 s1 B2"), ("o3", "b1 s2 B4"), ("-3", "b2 s4 B0")];
    plays(&[&out[..], &[("p3>3", "b4 s0 B1 3LD")]].concat());
    plays(&[&out[..], &[("p3>5", "b4 s0 B1"), ("", "b0 s1 B2 5LD")]].concat());
}

#[test]
fn a_bomb_pot_moves_no_blind() {
    plays(&[("+0 +1 +2", "b0 s1 B2"), ("*", "b1 bomb"), ("*", "b2 bomb"), ("", "b1 s2 B0")]);
}

#[test]
fn alone_nobody_misses_anything() {
    plays(&[("+0 +1", "b0 s0 B1"), ("o1", "none"), ("i1", "b1 s1 B0")]);
}
