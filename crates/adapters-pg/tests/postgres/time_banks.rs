//! What was used of a time bank is kept.

use domain::hand::Action;
use domain::ids::SeatIndex;
use domain::room::TakeSeat;
use domain::time::Millis;

use crate::support::{ANNA, BEN, HOST, LIFETIMES, Play};

const UP: &str = include_str!("../../../../migrations/2026-11-28-100500_time_banks/up.sql");
const DOWN: &str = include_str!("../../../../migrations/2026-11-28-100500_time_banks/down.sql");

/// The first to act folds 4 s into the time bank. `Play` compares what is read back with what was saved.
async fn after_four_seconds_of_the_bank() -> Play {
    let mut play = Play::in_hand(3, &[HOST, ANNA, BEN]).await;
    let (_, actor) = play.actor().await.unwrap();
    assert_eq!(actor, HOST);
    play.must(|room, at, _| {
        let began = room.game.turn.unwrap().started_at;
        room.act(HOST, Action::Fold, None, (began + Millis::from_secs(34)).max(at), &LIFETIMES)
    })
    .await;
    let (_, actor) = play.actor().await.unwrap();
    play.must(|room, at, _| room.act(actor, Action::Fold, None, at + Millis::from_secs(35), &LIFETIMES)).await;
    play
}

async fn used(play: &Play) -> Millis {
    play.read().await.members[&HOST].timebank_used
}

#[tokio::test]
async fn what_was_used_of_a_time_bank_is_kept_when_its_owner_stands_up_and_sits_down() {
    let mut play = after_four_seconds_of_the_bank().await;
    assert_eq!(used(&play).await, Millis::from_secs(4));
    let later = Millis::from_secs(40);
    play.must(|room, at, chance| room.stand_up(HOST, at + later, &LIFETIMES, chance)).await;
    let ask = TakeSeat { seat: SeatIndex(5), name: None, buy_in: None };
    play.must(|room, at, chance| room.take_seat(HOST, ask, at + later, &LIFETIMES, chance)).await;
    assert_eq!(play.read().await.seats[5].occupant().unwrap().timebank, Millis::from_secs(56));
}

#[tokio::test]
async fn who_sits_at_a_table_of_an_earlier_version_has_used_what_is_missing() {
    let play = after_four_seconds_of_the_bank().await;
    play.database.sql(&format!("{DOWN} {UP}")).await;
    assert_eq!(used(&play).await, Millis::from_secs(4));
    assert_eq!(play.read().await.members[&ANNA].timebank_used, Millis::ZERO);
}
