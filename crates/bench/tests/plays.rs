//! The load generator against a real server.

use std::net::SocketAddr;
use std::thread::JoinHandle;
use std::time::Duration;

use app::config::Config;
use bench::capture::{Capture, Executed, Sample, mark};
use bench::ceiling::Ground;
use bench::rig::Postgres;
use bench::run::Stage;
use bench::setup::Plan;
use bench::table::Style;
use tokio::sync::{oneshot, watch};
use tokio::task::LocalSet;

/// Serves on a database of its own until the sender is dropped.
fn serve(database: &str, stopping: watch::Receiver<bool>) -> (oneshot::Receiver<SocketAddr>, JoinHandle<()>) {
    let (ready, address) = oneshot::channel();
    let name = database.rsplit('/').next().unwrap_or_default();
    let dir = std::env::temp_dir().join(format!("holdfast-bench-test-{}-{name}", std::process::id()));
    let args = ["holdfast", "--bind", "127.0.0.1:0", "--rate-limit", "off", "--database-url", database, "--data-dir"];
    let key = ["--secret-key", "a secret of this test, and of nobody else", "--workers", "1"];
    let args = args.iter().map(ToString::to_string).chain([dir.display().to_string()]);
    let args: Vec<String> = args.chain(key.map(str::to_owned)).collect();
    let config = Config::try_from_args(args).expect("the settings are good");
    let server = std::thread::spawn(|| {
        let serving = app::serve::serve(config, stopping, |address| ready.send(address).expect("the test waits"));
        actix_web::rt::System::new().block_on(serving).expect("the server serves");
    });
    (address, server)
}

fn alone(test: impl Future<Output = ()>) {
    // The other test may have.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    LocalSet::new().block_on(&runtime, test);
}

#[test]
fn two_rooms_are_played_in_and_nothing_is_refused() {
    alone(async {
        let database = testkit::database().await;
        let (stop, stopping) = watch::channel(false);
        let address = serve(&database.url, stopping).0.await.expect("the server gets ready");
        let plan = Plan { rooms: 2, players: 3, spectators: 1 };
        let stage = Stage::set(&address.into(), None, plan, Style::Passive).await.expect("the rooms are made");

        let as_fast_as_it_goes = stage.play(Duration::from_secs(2)).await.expect("nobody is watched");
        let at_a_rate = stage.play_at(20.0, Duration::from_secs(2)).await.expect("nobody is watched");

        assert!(as_fast_as_it_goes.actions > 0 && as_fast_as_it_goes.errors.is_empty(), "{as_fast_as_it_goes:?}");
        assert!(as_fast_as_it_goes.hands > 0, "{as_fast_as_it_goes:?}");
        // Four readers in each room hear of each action; a few are under way when counting begins and ends.
        let (heard, acted) = (as_fast_as_it_goes.readers.count, as_fast_as_it_goes.actions);
        assert!(heard.abs_diff(4 * acted) <= 4 * 4, "{heard} of {acted}");
        assert!((10..=90).contains(&at_a_rate.actions) && at_a_rate.errors.is_empty(), "{at_a_rate:?}");
        let stored = database.sql("SELECT count(*) FROM holdfast.actions").await;
        let stored: u64 = stored[0][0].as_deref().expect("a count").parse().expect("a number");
        assert!(stored >= acted + at_a_rate.actions, "what is counted is stored: {stored}");
        stage.leave().await;
        stop.send(true).expect("the server still serves");
    });
}

/// Every table that has rows of a room, with whatever columns it has come to have.
#[test]
fn a_room_is_copied_for_pgbench_with_all_that_belongs_to_it() {
    alone(async {
        let postgres = Postgres::start().await.expect("PostgreSQL is installed");
        let database = postgres.database().await;
        let (stop, stopping) = watch::channel(false);
        let (address, server) = serve(&database.url, stopping);
        let plan = Plan { rooms: 1, players: 2, spectators: 1 };
        let address = address.await.expect("the server gets ready").into();
        let stage = Stage::set(&address, None, plan, Style::Passive).await.expect("the room is made");
        stage.play(Duration::from_secs(1)).await.expect("nobody is watched");
        stage.leave().await;
        stop.send(true).expect("the server still serves");
        server.join().expect("it ends well");

        let state = mark(&database, 0).await.expect("there is a room");
        let statement = Executed { sql: "SELECT 1".to_owned(), values: Vec::new(), at: String::new() };
        let sample = Sample { before: state.clone(), after: state.clone(), statements: vec![statement] };
        let tokens = "SELECT count(*) FROM holdfast.rejoin_tokens";
        let count = |rows: testkit::Rows| rows[0][0].clone().expect("a count").parse::<u32>().expect("a number");
        let of_one = count(database.sql(tokens).await);
        let capture = Capture { samples: vec![sample], state, database };

        let ground = Ground::lay(&postgres, &capture, 20).await.expect("the room is copied");
        let rooms = count(ground.database().sql("SELECT count(*) FROM holdfast.game_states").await);
        assert!(rooms > 20 && of_one > 0);
        assert_eq!(count(ground.database().sql(tokens).await), of_one * rooms);
    });
}
