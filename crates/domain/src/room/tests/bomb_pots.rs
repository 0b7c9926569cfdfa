//! Bomb pots and second boards.

use super::*;
use crate::hand::{HandKind, PostKind};
use crate::settings::BombPotMode;

fn mode(name: &str) -> SettingsPatch {
    SettingsPatch { bomb_pot_mode: Some(name.to_owned()), ..SettingsPatch::default() }
}

/// Four players, with these settings from the start.
fn playing(patch: &SettingsPatch) -> Table {
    let mut table = Table::with(&[ANNA, BEN, CARA]);
    table.room.change_settings(HOST, patch, table.now).unwrap();
    for (index, user) in [HOST, ANNA, BEN, CARA].into_iter().enumerate() {
        table.sit(user, index as u8).unwrap();
    }
    table.start().unwrap();
    table
}

/// How the hand that is played, or was played last, was dealt.
fn hand(table: &Table) -> (HandKind, u8, u8) {
    let setup = table.room.game.dealt.as_ref().unwrap().hand.setup();
    (setup.kind, setup.button.0, setup.boards)
}

/// The seat of who posted the big blind.
fn big_blind(table: &Table) -> Option<u8> {
    let posts = table.room.game.dealt.as_ref().unwrap().hand.posts();
    posts.iter().find(|post| post.kind == PostKind::BigBlind).map(|post| post.seat.0)
}

fn next_hand(table: &mut Table) {
    table.fold_out();
    table.tick_after(5);
}

#[test]
fn the_host_alone_asks_for_a_bomb_pot_and_takes_it_back() {
    let mut table = playing(&mode("manual"));
    let before = table.room.clone();
    assert_eq!(table.room.queue_bomb_pot(ANNA), Err(RoomError::NotHost));
    assert_eq!(table.room.cancel_bomb_pot(ANNA), Err(RoomError::NotHost));
    assert_eq!(table.room.cancel_bomb_pot(HOST), Ok(Vec::new()), "there is none");
    assert_eq!(table.room, before);
    let queued = table.room.queue_bomb_pot(HOST).unwrap();
    assert!(has(&queued, |what| matches!(what, Happened::BombPotQueued { by: HOST })));
    assert_eq!(table.room.queue_bomb_pot(HOST), Ok(Vec::new()), "it is one already");
    let cancelled = table.room.cancel_bomb_pot(HOST).unwrap();
    assert!(has(&cancelled, |what| matches!(what, Happened::BombPotCancelled { by: HOST })));
    assert_eq!(table.room, before);
    for other in ["off", "every", "percent"] {
        let mut table = playing(&mode(other));
        assert!(matches!(table.room.queue_bomb_pot(HOST), Err(RoomError::Settings(_))), "{other}");
    }
}

#[test]
fn a_bomb_pot_that_was_asked_for_is_the_next_hand_and_no_other() {
    let mut table = playing(&mode("manual"));
    table.room.queue_bomb_pot(HOST).unwrap();
    assert_eq!(hand(&table).0, HandKind::Ordinary, "the one being played goes on");
    next_hand(&mut table);
    assert_eq!(hand(&table), (HandKind::BombPot, 1, 1));
    assert!(!table.room.game.bomb_pot_queued);
    assert_eq!(table.chips(), 800);
    next_hand(&mut table);
    assert_eq!(hand(&table).0, HandKind::Ordinary);
}

///
#[test]
fn bomb_pots_rotate_and_the_ordinary_hands_go_on_as_if_they_had_not_been() {
    let plain: Vec<_> = {
        let mut table = playing(&mode("off"));
        let mut seen = Vec::new();
        for _ in 0..4 {
            seen.push((hand(&table).1, big_blind(&table)));
            next_hand(&mut table);
        }
        seen
    };
    let mut table = playing(&SettingsPatch { bomb_pot_every: Some(2), ..mode("every") });
    let mut seen = Vec::new();
    let mut last = None;
    for number in 1..=8 {
        let (kind, button, _) = hand(&table);
        if number % 2 == 0 {
            assert_eq!((kind, big_blind(&table)), (HandKind::BombPot, None), "hand {number}");
            assert_eq!(Some(button), last.map(|last: u8| (last + 1) % 4), "after that of the hand before");
        } else {
            assert_eq!(kind, HandKind::Ordinary, "hand {number}");
            seen.push((button, big_blind(&table)));
        }
        last = Some(button);
        next_hand(&mut table);
    }
    assert_eq!(seen, plain);
}

#[test]
fn everybody_posts_the_ante_of_a_bomb_pot_and_the_first_left_of_the_button_acts() {
    let patch = SettingsPatch { bomb_pot_every: Some(1), bomb_pot_ante: Some(7), ..mode("every") };
    let mut table = playing(&SettingsPatch { double_board: Some("bomb_pots".into()), ..patch });
    let dealt = table.room.game.dealt.as_ref().unwrap();
    assert_eq!(dealt.hand.posts().len(), 4);
    assert!(dealt.hand.posts().iter().all(|post| post.kind == PostKind::Ante && post.amount == Chips::new(14)));
    let lengths: Vec<usize> = dealt.hand.boards().iter().map(Vec::len).collect();
    assert_eq!((hand(&table).2, lengths), (2, vec![3, 3]));
    assert_eq!(table.actor(), ANNA);
    let legal = table.room.game.live().and_then(|dealt| dealt.hand.legal()).unwrap();
    assert_eq!((legal.call_amount, legal.min_raise_to), (Chips::ZERO, Some(Chips::new(2))));
    assert_eq!(table.chips(), 800);
    table.fold_out();
    assert_eq!(table.chips(), 800);
}

#[test]
fn chance_says_which_hands_are_bomb_pots_where_the_host_wants_it_so() {
    let table = playing(&SettingsPatch { bomb_pot_percent: Some(100), ..mode("percent") });
    assert_eq!(hand(&table).0, HandKind::BombPot);
    // The chance of these tests always draws the same number.
    let drawn = Plain(0).below(100);
    let unlikely = playing(&SettingsPatch { bomb_pot_percent: Some(drawn.max(1).into()), ..mode("percent") });
    assert_eq!(hand(&unlikely).0, HandKind::Ordinary);
    let likely = playing(&SettingsPatch { bomb_pot_percent: Some(i64::from(drawn) + 1), ..mode("percent") });
    assert_eq!(hand(&likely).0, HandKind::BombPot);
}

#[test]
fn a_bomb_pot_has_its_own_game_and_is_no_hand_of_a_rotation() {
    let rotation = Some(vec!["nlhe".to_owned(), "plo".to_owned()]);
    let patch = SettingsPatch {
        rotation,
        rotation_hands: Some(1),
        bomb_pot_every: Some(2),
        bomb_pot_variant: Some(Some("plo8".into())),
        ..mode("every")
    };
    let mut table = playing(&patch);
    let mut played = Vec::new();
    for _ in 0..6 {
        played.push(table.room.game.dealt.as_ref().unwrap().hand.setup().rules.book.variant.name());
        next_hand(&mut table);
    }
    assert_eq!(played, ["nlhe", "plo8", "plo", "plo8", "nlhe", "plo8"]);
}

#[test]
fn another_way_of_bomb_pots_forgets_what_was_asked_for() {
    let mut table = playing(&mode("manual"));
    table.room.queue_bomb_pot(HOST).unwrap();
    let events = table.room.change_settings(HOST, &mode("off"), table.now).unwrap();
    assert!(has(&events, |what| matches!(what, Happened::BombPotCancelled { by: HOST })));
    assert!(!table.room.game.bomb_pot_queued);
    assert_eq!(table.room.settings.bomb_pot_mode, BombPotMode::Off);
}
