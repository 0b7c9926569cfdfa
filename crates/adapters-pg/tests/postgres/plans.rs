//! What play asks of the database is found by an index, however many rooms there are.
//!
//! Asked of PostgreSQL itself: it counts the tables that it had to read from end to end.

use std::ops::Range;
use std::time::Duration;

use domain::hand::{Action, ActionKind};
use domain::ids::UserId;
use domain::room::Room;
use domain::settings::Settings;
use ports::identity::RejoinTokens;
use ports::store::{Answer, Clockwork, CommandId, Journal, Reply, Rooms, Sign, Store, Tokens};
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use crate::support::{ANNA, BEN, HOST, LIFETIMES, Play};

/// Rooms beside the one that is played in, so many that no table is worth reading as a whole. In most of them nobody is at a time.
const FILL: &str = "
    INSERT INTO holdfast.users SELECT md5('u' || i)::uuid, 'Somebody', NULL, NULL, now() FROM generate_series(1, 1000) i;
    INSERT INTO holdfast.rooms SELECT md5('r' || i)::uuid, 'FULL' || i, 'Full', md5('u' || i)::uuid, 'open', NULL, 6, 1, 2, 0, 40,
        400, 10000, 60000, 1000, 50, false, true, now() FROM generate_series(1, 1000) i;
    INSERT INTO holdfast.games SELECT md5('g' || i)::uuid, md5('r' || i)::uuid, 'active', false, 1, now(), NULL
        FROM generate_series(1, 1000) i;
    INSERT INTO holdfast.game_states (room_id, game_id, seq, version, turn_number, wake_at, next_hand_at)
        SELECT md5('r' || i)::uuid, md5('g' || i)::uuid, 20, 20, 0, now() + interval '1 day', now() + interval '1 day'
        FROM generate_series(1, 1000) i;
    INSERT INTO holdfast.room_players SELECT md5('r' || i)::uuid, md5('u' || (i + j) % 1000 + 1)::uuid, 'Somebody', 'approved',
        now(), 0, now(), i <= 10 FROM generate_series(1, 1000) i, generate_series(1, 4) j;
    INSERT INTO holdfast.rejoin_tokens SELECT md5('t' || i || ' ' || j)::uuid, md5('r' || i)::uuid,
        md5('u' || (i + j) % 1000 + 1)::uuid, 'approved', md5('x' || i || ' ' || j) || md5('y'), now() + interval '1 day', now()
        FROM generate_series(1, 1000) i, generate_series(1, 4) j;
    INSERT INTO holdfast.room_seats (room_id, seat_index, status) SELECT md5('r' || i)::uuid, j, 'empty'
        FROM generate_series(1, 1000) i, generate_series(0, 5) j;
    INSERT INTO holdfast.hands SELECT md5('h' || i || ' ' || j)::uuid, md5('r' || i)::uuid, md5('g' || i)::uuid, j, 0, 1, 2, 0,
        10000, now(), '', now(), ARRAY[]::text[], 0, '[]' FROM generate_series(1, 1000) i, generate_series(1, 4) j;
    INSERT INTO holdfast.players SELECT md5('h' || i || ' ' || j)::uuid, k, md5('r' || i)::uuid,
        md5('u' || k)::uuid, 'Somebody', 200 FROM generate_series(1, 1000) i, generate_series(1, 4) j, generate_series(0, 1) k;
    INSERT INTO holdfast.room_events SELECT md5('r' || i)::uuid, j, now(), 'acted', md5('h' || i || ' ' || (j % 4 + 1))::uuid, '{}'
        FROM generate_series(1, 1000) i, generate_series(1, 20) j;
    INSERT INTO holdfast.actions SELECT md5('r' || i)::uuid, j, md5('h' || i || ' ' || (j % 4 + 1))::uuid, j, 0,
        md5('u' || i)::uuid, 'preflop', 'CALL', 2, false, now() FROM generate_series(1, 1000) i, generate_series(1, 20) j;
    INSERT INTO holdfast.command_replies SELECT md5('u' || i)::uuid, md5('a' || i || ' ' || j)::uuid, 'CALL',
        md5('r' || i)::uuid, j, NULL, NULL, now() FROM generate_series(1, 1000) i, generate_series(1, 10) j;
    INSERT INTO holdfast.room_spectators SELECT room_id, user_id, display_name, now(), now() FROM holdfast.room_players
        ON CONFLICT DO NOTHING";

/// Reads from end to end of each table, as far as PostgreSQL has counted. One row a table is no reading worth an index.
async fn whole_reads(play: &Play) -> Vec<Vec<Option<String>>> {
    let counted = "SELECT relname::text, seq_scan::text FROM pg_stat_user_tables \
         WHERE schemaname = 'holdfast' AND relname NOT IN ('service_pulse', 'outages', 'key_check', 'log_home') ORDER BY relname";
    play.database.sql(counted).await
}

/// Sessions tell what they have counted when they are idle for a while.
async fn counted(play: &Play, index: &str, at_least: i64) {
    let told = format!("SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname = '{index}'");
    let waiting = async {
        while play.number(&told).await < at_least {
            sleep(Duration::from_millis(100)).await;
        }
    };
    timeout(Duration::from_secs(30), waiting).await.unwrap();
}

/// One action after the other as players send them, deals by the clock between the hands.
async fn play_on(play: &mut Play, actions: Range<u128>) {
    for id in actions {
        let game = play.read().await.game.id;
        if play.actor().await.is_none() {
            play.database
                .sql(&format!("UPDATE holdfast.game_states SET next_hand_at = now() WHERE game_id = '{game}'"))
                .await;
            let tick = play.may(|room, at, chance| {
                room.game.next_hand_at = Some(at);
                Ok(room.tick(at, &LIFETIMES, chance))
            });
            tick.await.unwrap();
            continue;
        }
        let mut tx = play.store.begin().await.unwrap();
        tx.lock_game(game).await.unwrap();
        tx.find_reply(CommandId { by: ANNA, id: Uuid::from_u128(id) }).await.unwrap();
        drop(tx);
        let recalled = play.store.recall(game).unwrap();
        let mut after = Room::clone(&recalled.room);
        let dealt = after.game.live().unwrap();
        let (user, legal): (UserId, _) = (dealt.players[&dealt.hand.actor().unwrap()], dealt.hand.legal().unwrap());
        let calls = legal.actions.contains(&ActionKind::Call);
        let action = if calls { Action::Call } else { Action::Check };
        let events = after.act(user, action, None, recalled.at, &LIFETIMES).unwrap();
        let answer = Answer::Acted { room: after.id, seq: recalled.seq + events.len() as u64 };
        let reply = (CommandId { by: user, id: Uuid::from_u128(id) }, Reply { fingerprint: String::new(), answer });
        let saved = play.store.save_action(&recalled, after, events, Some(reply)).await.unwrap();
        match saved {
            Some(events) => play.log.extend(events),
            None => {
                play.must(|room, at, _| room.act(user, action, None, at, &LIFETIMES)).await;
            }
        }
    }
}

/// Entries of each index that were read so far.
async fn entries(play: &Play) -> Vec<(String, i64)> {
    let counted = "SELECT indexrelname::text, idx_tup_read::text FROM pg_stat_user_indexes \
         WHERE schemaname = 'holdfast' ORDER BY indexrelname";
    let rows = play.database.sql(counted).await.into_iter();
    rows.map(|row| (row[0].clone().unwrap(), row[1].as_ref().unwrap().parse().unwrap())).collect()
}

/// All that is asked while people play, come and go, ten times.
async fn ask_all(play: &mut Play, first_action: u128) {
    play_on(play, first_action..first_action + 30).await;
    let token = play.read().await.members[&ANNA].token.unwrap().id;
    let text = crate::support::key().rejoin_tokens().text(token);
    for _ in 0..10 {
        let hands = play.store.hands_before(play.room, None, None, 10).await.unwrap();
        play.store.read_hand(hands[0].id).await.unwrap();
        play.store.events_after(play.room, 5, 100).await.unwrap();
        play.store.seqs(&[play.room]).await.unwrap();
        play.store.due_rooms(10, &[]).await.unwrap();
        play.store.silent_rooms(&LIFETIMES).await.unwrap();
        play.store.touch(play.room, ANNA, Sign::Line, &LIFETIMES).await.unwrap();
        play.store.set_offline(play.room, ANNA).await.unwrap();
        let mut tx = play.store.begin().await.unwrap();
        tx.lock_room(play.room).await.unwrap();
        tx.hear_everybody().await.unwrap();
        drop(tx);
        play.store.find_token(&text).await.unwrap().unwrap();
        play.store.rooms_of(ANNA, 10).await.unwrap();
        let code = play.read().await.code;
        play.store.find_room_by_code(&code).await.unwrap().unwrap();
        play.store.purge().await.unwrap();
    }
}

async fn fill(play: &Play) {
    for part in FILL.split(';') {
        play.database.sql(part).await;
    }
}

#[tokio::test]
async fn play_reads_no_table_from_end_to_end() {
    let mut play = Play::in_hand(21, &[HOST, ANNA, BEN]).await;
    play_on(&mut play, 0..10).await;
    fill(&play).await;
    play.database.sql("ANALYZE").await;
    counted(&play, "rooms_pkey", 1).await;
    let before = whole_reads(&play).await;

    ask_all(&mut play, 10).await;
    counted(&play, "rooms_code_key", 10).await;
    // A second is as long as a session keeps its counts to itself.
    counted(&play, "hands_of_room", 1).await;
    assert_eq!(whole_reads(&play).await, before);
}

/// A statement's plan is kept: one that was made for a few rows must do when there are many.
#[tokio::test]
async fn plans_that_were_made_while_tables_were_small_do_when_they_have_grown() {
    let database = testkit::database().await;
    let name = database.url.rsplit('/').next().unwrap();
    database.sql(&format!("ALTER DATABASE \"{name}\" SET plan_cache_mode = force_generic_plan")).await;
    // One thing is asked after the other, so by a connection that has planned it.
    let mut play = Play::begin_in(database, 21, Settings::default()).await;
    play.seat(&[HOST, ANNA, BEN]).await;
    play.must(|room, at, chance| room.start(HOST, at, &LIFETIMES, chance)).await;
    ask_all(&mut play, 0).await;
    counted(&play, "rooms_code_key", 10).await;
    counted(&play, "hands_of_room", 1).await;
    fill(&play).await;
    let (whole_before, before) = (whole_reads(&play).await, entries(&play).await);

    ask_all(&mut play, 30).await;
    counted(&play, "rooms_code_key", 20).await;
    counted(&play, "hands_of_room", 2).await;
    assert_eq!(whole_reads(&play).await, whole_before);
    // Some 60 times the 50 actions of a hydration; one lookup that reads all rooms' rows ten times would be twice as much.
    let read = before.iter().zip(entries(&play).await).map(|((index, before), (_, after))| (index, after - before));
    let much: Vec<_> = read.filter(|(_, read)| *read > 5_000).collect();
    assert!(much.is_empty(), "{much:?}");
}
