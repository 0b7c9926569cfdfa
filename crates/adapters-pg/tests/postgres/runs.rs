//! Questions, shown cards and rabbits: what the log alone has is read again with the room.

use domain::event::Happened;
use domain::game::{Asked, Clock};
use domain::hand::{Action, ActionKind};
use domain::ids::SeatIndex;
use domain::settings::{Settings, SettingsPatch};
use domain::time::Millis;

use crate::support::{ANNA, BEN, HOST, LIFETIMES, Play};

const UP: &str = include_str!("../../../../migrations/2026-11-28-234500_runs/up.sql");
const DOWN: &str = include_str!("../../../../migrations/2026-11-28-234500_runs/down.sql");

/// Three players are all-in before the flop. `Play` compares what is read back with what was saved.
async fn asked(seed: u64) -> Play {
    let patch = SettingsPatch {
        run_it_twice: Some("ask".to_owned()),
        max_runs: Some(3),
        rabbit_hunt: Some("room".to_owned()),
        ..SettingsPatch::default()
    };
    let mut play = Play::begin(seed, Settings::default().patched(&patch).unwrap()).await;
    play.seat(&[HOST, ANNA, BEN]).await;
    play.must(|room, at, chance| room.start(HOST, at, &LIFETIMES, chance)).await;
    while let Some((_, actor)) = play.actor().await {
        let legal = play.read().await.game.live().unwrap().hand.legal().unwrap();
        let action = if legal.actions.contains(&ActionKind::AllIn) { Action::AllIn } else { Action::Call };
        play.must(|room, at, _| room.act(actor, action, None, at, &LIFETIMES)).await;
    }
    play
}

#[tokio::test]
async fn a_question_and_its_answers_are_read_as_they_were_saved() {
    let mut play = asked(1).await;
    let turn = play.read().await.game.turn_number;
    for (user, runs) in [(HOST, 3), (BEN, 2)] {
        play.must(|room, at, _| room.answer_runs(user, runs, turn, at, &LIFETIMES)).await;
    }
    let game = play.read().await.game;
    assert_eq!(game.turn.map(|turn| turn.asked), Some(Asked::Runs));
    let answers = &game.dealt.unwrap().beside.answers;
    assert_eq!(answers.iter().map(|(seat, runs)| (seat.0, *runs)).collect::<Vec<_>>(), [(0, 3), (2, 2)]);
    let waits = "SELECT count(*) FROM holdfast.game_states WHERE turn_seat IS NULL AND wake_at = expires_at";
    assert_eq!(play.number(waits).await, 1, "the clock finds it");

    play.must(|room, at, _| room.pause(HOST, at)).await;
    assert!(matches!(play.read().await.game.turn.unwrap().clock, Clock::Frozen { .. }));
    play.must(|room, at, _| room.resume(HOST, at, &LIFETIMES)).await;
    let told = play.must(|room, at, _| room.answer_runs(ANNA, 2, turn, at, &LIFETIMES)).await;
    assert!(told.iter().any(|event| matches!(event.event.what, Happened::RunsDecided { runs: 2, .. })));
    assert_eq!(play.read().await.game.dealt.unwrap().hand.runs(), Some(2), "and played again it is the same hand");
}

#[tokio::test]
async fn shown_cards_and_rabbits_are_read_as_they_were_saved() {
    let mut play = asked(2).await;
    play.must(|room, at, chance| Ok(room.tick(at + Millis::from_secs(10), &LIFETIMES, chance))).await;
    assert_eq!(play.read().await.game.dealt.unwrap().hand.runs(), Some(1), "nobody has answered");
    // Whoever has no chips left is left out; the next hand is folded before the flop.
    for user in [HOST, ANNA, BEN] {
        let buys = play.may(|room, at, _| Ok(room.top_up(user, 200, at)?.1)).await;
        drop(buys);
    }
    play.must(|room, at, chance| Ok(room.tick(at + Millis::from_secs(60), &LIFETIMES, chance))).await;
    let (hand, seat, user, card) = {
        let game = play.read().await.game;
        let dealt = game.live().unwrap();
        let (seat, user) = dealt.players.iter().next().map(|(seat, user)| (*seat, *user)).unwrap();
        (dealt.id, seat, user, dealt.hand.player(seat).unwrap().hole.cards()[1])
    };
    while let Some((_, actor)) = play.actor().await {
        play.must(|room, at, _| room.act(actor, Action::Fold, None, at, &LIFETIMES)).await;
    }
    play.must(|room, at, _| room.show_cards(user, hand, &[card], at, &LIFETIMES)).await;
    play.must(|room, at, _| Ok(room.hunt_rabbit(user, hand, at, &LIFETIMES)?.1)).await;
    let dealt = play.read().await.game.dealt.unwrap();
    assert_eq!(dealt.shown_cards(seat), [card]);
    assert!(dealt.beside.hunters.contains(&user));
}

/// A version that knows no question leaves the hand as it is; a later one doesn't find the question any more, and the audit says
/// so: a downgrade is for rooms in which nothing is asked.
#[tokio::test]
async fn the_migration_goes_down_and_up_with_turns_and_questions() {
    let play = asked(3).await;
    play.database.sql(DOWN).await;
    assert_eq!(play.number("SELECT count(*) FROM holdfast.game_states WHERE turn_started_at IS NULL").await, 1);
    play.database.sql(UP).await;
    let play = Play::in_hand(4, &[HOST, ANNA]).await;
    let before = play.read().await;
    play.database.sql(&format!("{DOWN} {UP}")).await;
    assert_eq!(play.read().await.game, before.game);
    let refused =
        "UPDATE holdfast.game_states SET turn_seat = NULL, deadline_at = NULL, expires_at = NULL, asks_at = NULL";
    assert!(play.database.try_sql(refused).await.is_err(), "a question without a clock");
    assert_eq!(before.game.turn.unwrap().actor(), Some(SeatIndex(0)));
}
