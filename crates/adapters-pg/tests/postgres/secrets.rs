//! What the database must not tell: cards that were not shown, tokens, and the values of refused rows.

use domain::card::Card;
use ports::identity::RejoinTokens;
use ports::store::{Journal, Store, StoreError};

use crate::support::{ANNA, BEN, HOST, LIFETIMES, Play, key};

/// Every value of every table, as text.
async fn dump(play: &Play) -> String {
    let mut dump = String::new();
    let tables = play.database.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'holdfast'").await;
    for table in tables {
        let table = table[0].as_deref().unwrap();
        for row in play.database.sql(&format!("SELECT * FROM holdfast.\"{table}\"")).await {
            let values: Vec<_> = row.iter().map(|value| value.as_deref().unwrap_or("")).collect();
            dump.push_str(&format!("{table} {}\n", values.join(" | ")));
        }
    }
    dump
}

/// The ways in which these cards could be written down side by side.
fn spellings(cards: &[Card]) -> Vec<String> {
    let numbers: Vec<u8> = cards.iter().map(|card| card.number()).collect();
    let hex: String = numbers.iter().map(|number| format!("{number:02x}")).collect();
    let list = |glue: &str| numbers.iter().map(u8::to_string).collect::<Vec<_>>().join(glue);
    vec![hex, list(","), list(", "), format!("[{}]", list(", "))]
}

/// T-C12.
#[tokio::test]
async fn a_dump_in_mid_hand_holds_no_card_that_nobody_may_see() {
    let mut play = Play::in_hand(1, &[HOST, ANNA, BEN]).await;
    for _ in 0..2 {
        let (_, user) = play.actor().await.unwrap();
        play.must(|room, at, _| room.act(user, domain::hand::Action::Call, None, at, &LIFETIMES)).await;
    }
    let (_, user) = play.actor().await.unwrap();
    play.must(|room, at, _| room.act(user, domain::hand::Action::Check, None, at, &LIFETIMES)).await;

    let hand = play.read().await.game.dealt.unwrap().hand;
    let board = hand.board().to_vec();
    assert_eq!(board.len(), 3, "the flop is on the table");
    let dump = dump(&play).await;
    assert!(
        dump.contains("room_events") && dump.contains(&board[0].to_string()),
        "the dump has everything, the board too"
    );

    for card in hand.deck().cards().iter().filter(|card| !board.contains(card)) {
        assert!(!dump.contains(&card.to_string()), "a hidden card is in the dump by name");
    }
    for player in hand.players() {
        // Two numbers side by side occur by chance; sealed bytes of them don't.
        for spelling in &spellings(player.hole.cards())[3..] {
            assert!(!dump.contains(spelling), "hole cards are in the dump by number");
        }
    }
    for spelling in spellings(&hand.deck().cards()[..8]) {
        assert!(!dump.contains(&spelling), "the deck is in the dump");
    }
}

#[tokio::test]
async fn a_dump_holds_no_token_only_hashes() {
    let play = Play::seated(2, &[HOST, ANNA]).await;
    let dump = dump(&play).await;
    for member in play.read().await.members.values() {
        let text = key().rejoin_tokens().text(member.token.unwrap().id);
        assert!(!dump.contains(&text));
    }
    assert_eq!(
        play.number("SELECT count(*) FROM holdfast.rejoin_tokens WHERE token_hash !~ '^[0-9a-f]{64}$'").await,
        0
    );
}

#[tokio::test]
async fn a_sealed_part_that_was_moved_to_another_event_does_not_open() {
    let play = Play::seated(4, &[HOST, ANNA, BEN]).await;
    let swap = "UPDATE holdfast.room_events SET sealed = (SELECT sealed FROM holdfast.room_events WHERE sealed IS NOT NULL \
                ORDER BY seq DESC LIMIT 1) WHERE sealed IS NOT NULL";
    play.database.sql(swap).await;
    assert!(matches!(play.store.events_after(play.room, 0, 100).await, Err(StoreError::Corrupt("sealed event"))));
}

#[tokio::test]
async fn a_refused_row_is_not_told() {
    let play = Play::seated(5, &[HOST, ANNA]).await;
    let mut tx = play.store.begin().await.unwrap();
    let mut locked = tx.lock_room(play.room).await.unwrap();
    // A room that the schema forbids: nobody may have two seats.
    let seat = locked.room.seats[0].clone();
    locked.room.seats[5] = seat;
    locked.room.members.get_mut(&HOST).unwrap().name = crate::support::name("Secretive");
    let refused = tx.save_room(&locked.room, Vec::new()).await.unwrap_err();
    let told = format!("{refused} {refused:?}");
    assert!(matches!(refused, StoreError::Corrupt(_)), "{told}");
    assert!(!told.contains("Secretive") && !told.contains(&HOST.to_string()), "{told}");
}
