//! The private database on real PostgreSQL programs: killed, adopted, started again, as root and as a plain user.
//!
//! Each test has a data directory and so a PostgreSQL of its own. Without PostgreSQL's programs it says so and passes.

use std::fs;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use diesel::sql_types::{BigInt, Text};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, geteuid};
use private_postgres::{PrivateServer, PrivateServerError};
use tempfile::TempDir;

/// Whom a test becomes that must not be root: `nobody`.
const PLAIN_USER: u32 = 65534;

/// A data directory whose PostgreSQL doesn't outlive the test, even a failed one.
struct DataDir(TempDir);

impl DataDir {
    fn new() -> Self {
        let dir = tempfile::Builder::new().prefix("holdfast-").tempdir().expect("a temporary directory");
        open_up(dir.path());
        Self(dir)
    }

    fn path(&self) -> PathBuf {
        self.0.path().canonicalize().expect("it exists").join("data")
    }

    fn cluster(&self) -> PathBuf {
        let home = fs::read_to_string(self.path().join("postgres.path"));
        home.map_or_else(|_| self.path().join("postgres"), |home| PathBuf::from(home.trim_end())).join("cluster")
    }

    fn postmaster(&self) -> Option<Pid> {
        let file = fs::read_to_string(self.cluster().join("postmaster.pid")).ok()?;
        let pid = Pid::from_raw(file.lines().next()?.parse().ok()?);
        (fs::read_link(format!("/proc/{pid}/cwd")).ok()? == self.cluster()).then_some(pid)
    }

    /// Kills every process of it at once, as the loss of power would.
    fn kill_postgres(&self) {
        let processes = fs::read_dir("/proc").expect("Linux").flatten();
        for process in processes.filter(|it| fs::read_link(it.path().join("cwd")).is_ok_and(|at| at == self.cluster()))
        {
            let pid = process.file_name().to_string_lossy().parse().expect("processes are numbers");
            kill(Pid::from_raw(pid), Signal::SIGKILL).ok();
        }
    }

    async fn start(&self) -> Result<PrivateServer, PrivateServerError> {
        PrivateServer::start(&self.path()).await
    }

    /// `None`, and a line that says so, if there is nothing to test with.
    async fn first_start(&self) -> Option<PrivateServer> {
        match self.start().await {
            Ok(server) => Some(server),
            Err(PrivateServerError::NoPrograms) => {
                // Not by a macro: what those print is only seen when a test fails.
                let mut out = std::io::stderr();
                writeln!(out, "skipped: PostgreSQL's server programs are missing (cargo xtask test installs them)")
                    .ok();
                None
            }
            Err(err) => panic!("the first start: {err}"),
        }
    }
}

impl Drop for DataDir {
    fn drop(&mut self) {
        self.kill_postgres();
        let home = self.cluster();
        if !home.starts_with(self.path()) {
            fs::remove_dir_all(home.parent().expect("a cluster is in a home")).ok();
        }
    }
}

fn open_up(dir: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(dir, fs::Permissions::from_mode(0o755)).expect("our own directory");
}

async fn connect(server: &PrivateServer) -> AsyncPgConnection {
    AsyncPgConnection::establish(&server.database_url()).await.expect("it is ready when start returns")
}

async fn one_text(conn: &mut AsyncPgConnection, expression: &str) -> String {
    diesel::select(diesel::dsl::sql::<Text>(expression)).get_result(conn).await.expect("a plain query")
}

async fn within(limit: Duration, what: &str, mut is_so: impl AsyncFnMut() -> bool) -> Duration {
    let began = Instant::now();
    while !is_so().await {
        assert!(began.elapsed() < limit, "{what}: not within {limit:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    began.elapsed()
}

#[tokio::test]
async fn what_was_committed_survives_a_killed_server_a_killed_postgres_and_a_stop() {
    // The first start.
    let dir = DataDir::new();
    let began = Instant::now();
    let Some(server) = dir.first_start().await else { return };
    println!("first start: {:?}", began.elapsed());
    let address = server.database_url();
    let first = dir.postmaster().expect("it runs");
    let mut conn = connect(&server).await;
    conn.batch_execute("CREATE TABLE kept (n bigint); INSERT INTO kept VALUES (42)").await.expect("it is our database");
    let kept = diesel::dsl::sql::<BigInt>("(SELECT n FROM kept)");

    // A server that is killed leaves PostgreSQL running; so does one that is dropped.
    drop(server);
    let began = Instant::now();
    let server = dir.start().await.expect("the one that runs is adopted");
    println!("adopted: {:?}", began.elapsed());
    assert_eq!(dir.postmaster(), Some(first), "the same PostgreSQL");
    assert_eq!(server.database_url(), address);
    assert_eq!(diesel::select(kept.clone()).get_result(&mut conn).await, Ok(42), "even our connection lives on");

    // PostgreSQL is killed, all of it: the watcher brings it back.
    let again = {
        let watching = server.watch();
        let test = async {
            dir.kill_postgres();
            let took = within(Duration::from_secs(60), "it comes back", async || {
                let mut conn = AsyncPgConnection::establish(&address).await.ok();
                let Some(conn) = conn.as_mut() else { return false };
                diesel::select(kept.clone()).get_result(conn).await == Ok(42_i64)
            });
            println!("back after kill -9: {:?}", took.await);
            dir.postmaster().expect("it runs")
        };
        tokio::select! { () = watching => unreachable!("it never ends"), again = test => again }
    };
    assert_ne!(again, first);

    // A clean stop, and a start after it.
    let began = Instant::now();
    server.stop().await.expect("a clean stop");
    println!("stopped: {:?}", began.elapsed());
    assert_eq!(dir.postmaster(), None);
    assert!(!dir.cluster().join("postmaster.pid").exists(), "cleanly");
    let began = Instant::now();
    let server = dir.start().await.expect("a later start");
    println!("later start: {:?}", began.elapsed());
    assert_eq!(server.database_url(), address, "the port is kept");
    assert_eq!(diesel::select(kept).get_result(&mut connect(&server).await).await, Ok(42));
    server.stop().await.expect("a clean stop");
}

#[tokio::test]
async fn a_plain_user_can_do_all_of_it_too() {
    if !geteuid().is_root() {
        return; // A plain user has just run the other tests.
    }
    let dir = tempfile::Builder::new().prefix("holdfast-").tempdir().expect("a temporary directory");
    open_up(dir.path());
    let program = dir.path().join("tests");
    fs::copy(std::env::current_exe().expect("it has a path"), &program).expect("room for a copy");
    let mut command = Command::new(&program);
    command.args(["--test-threads", "1", "--skip", "a_plain_user_can_do_all_of_it_too", "--nocapture"]);
    command.env("TMPDIR", "/tmp").current_dir("/").uid(PLAIN_USER).gid(PLAIN_USER);
    let output = tokio::task::spawn_blocking(move || command.output()).await.expect("no panic").expect("it can be run");
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    println!("{said}");
    assert!(output.status.success(), "as a plain user");
}

#[tokio::test]
async fn a_data_directory_that_the_other_user_cannot_reach_has_its_database_elsewhere() {
    use std::os::unix::fs::PermissionsExt;
    if !geteuid().is_root() {
        return; // Only root becomes another user.
    }
    let dir = DataDir::new();
    fs::set_permissions(dir.0.path(), fs::Permissions::from_mode(0o700)).expect("our own directory");

    let Some(server) = dir.first_start().await else { return };
    assert!(dir.cluster().starts_with("/var/lib/holdfast"), "{}", dir.cluster().display());
    let first = dir.postmaster();
    drop(server);
    fs::set_permissions(dir.0.path(), fs::Permissions::from_mode(0o755)).expect("our own directory");
    let server = dir.start().await.expect("it is remembered where, even when the way is open");
    assert_eq!(dir.postmaster(), first);
    server.stop().await.expect("a clean stop");
}

#[tokio::test]
async fn a_data_directory_has_one_server() {
    let dir = DataDir::new();
    let Some(server) = dir.first_start().await else { return };
    let second = dir.start().await.expect_err("a second one");
    assert!(matches!(second, PrivateServerError::InUse { .. }), "{second}");
    assert!(second.to_string().contains(&format!("(process {})", std::process::id())), "{second}");
    server.stop().await.expect("a clean stop");
}

#[tokio::test]
async fn what_crashes_leave_behind_does_not_stop_a_start() {
    // An initdb that was interrupted.
    let dir = DataDir::new();
    let unfinished = dir.path().join("postgres/cluster.new-abc");
    fs::create_dir_all(unfinished.join("base")).expect("our own directory");
    let Some(server) = dir.first_start().await else { return };
    assert!(!unfinished.exists());

    // PostgreSQL dies with nobody watching.
    dir.kill_postgres();
    drop(server);
    let server = dir.start().await.expect("a start after a crash");

    // The machine dies, and the process id is somebody else's when it is back: the user's own, which PostgreSQL fears.
    let pid_file = dir.cluster().join("postmaster.pid");
    let file = fs::read_to_string(&pid_file).expect("it runs");
    dir.kill_postgres();
    drop(server);
    let mut bystander = Command::new("sleep");
    // Without our output: if this test fails, somebody may wait for its end.
    bystander.arg("600").current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if geteuid().is_root() {
        use std::os::unix::fs::MetadataExt;
        let owner = fs::metadata(dir.cluster()).expect("it exists");
        bystander.uid(owner.uid()).gid(owner.gid());
    }
    let mut bystander = bystander.spawn().expect("sleep exists");
    let (_, rest) = file.split_once('\n').expect("many lines");
    fs::write(&pid_file, format!("{}\n{rest}", bystander.id())).expect("ours");
    let server = dir.start().await.expect("a start in spite of the process id");
    assert!(bystander.try_wait().expect("our child").is_none(), "nobody else was harmed");
    bystander.kill().and_then(|()| bystander.wait()).expect("our child");

    // Or the file is there, but what should be in it isn't.
    dir.kill_postgres();
    drop(server);
    fs::write(&pid_file, "").expect("ours");
    let server = dir.start().await.expect("a start in spite of the empty file");
    server.stop().await.expect("a clean stop");
}

#[tokio::test]
async fn only_the_first_process_is_killed_and_the_others_are_waited_for() {
    let dir = DataDir::new();
    let Some(server) = dir.first_start().await else { return };
    let _conn = connect(&server).await;
    kill(dir.postmaster().expect("it runs"), Signal::SIGKILL).expect("ours");
    drop(server);
    let server = dir.start().await.expect("a start after it");
    server.stop().await.expect("a clean stop");
}

#[tokio::test]
async fn a_port_that_somebody_took_is_exchanged() {
    let dir = DataDir::new();
    let Some(server) = dir.first_start().await else { return };
    let address = server.database_url();
    server.stop().await.expect("a clean stop");
    let port: u16 = fs::read_to_string(dir.path().join("postgres/port")).expect("kept").trim().parse().expect("a port");
    let _taken = std::net::TcpListener::bind(("127.0.0.1", port)).expect("it is free now");

    let server = dir.start().await.expect("a start at another port");

    assert_ne!(server.database_url(), address);
    connect(&server).await;
    server.stop().await.expect("a clean stop");
}

#[tokio::test]
async fn it_is_durable_quiet_and_closed_to_others() {
    let dir = DataDir::new();
    let Some(server) = dir.first_start().await else { return };
    let mut conn = connect(&server).await;
    for (setting, value) in [
        ("fsync", "on"),
        ("full_page_writes", "on"),
        ("synchronous_commit", "on"),
        ("data_checksums", "on"),
        ("server_encoding", "UTF8"),
        ("idle_in_transaction_session_timeout", "5s"),
        ("log_error_verbosity", "terse"),
        ("log_parameter_max_length", "0"),
        ("log_parameter_max_length_on_error", "0"),
        ("log_statement", "none"),
        ("listen_addresses", "127.0.0.1"),
    ] {
        assert_eq!(one_text(&mut conn, &format!("current_setting('{setting}')")).await, value, "{setting}");
    }
    assert_eq!(
        one_text(&mut conn, "(SELECT rolsuper::text FROM pg_roles WHERE rolname = current_user)").await,
        "false"
    );
    let stranger = server.database_url().replace("holdfast:", "holdfast:x");
    assert!(AsyncPgConnection::establish(&stranger).await.is_err(), "the password counts");
    let open = Command::new("find").arg(dir.path().join("postgres")).args(["-perm", "/077"]).output().expect("find");
    assert_eq!(String::from_utf8_lossy(&open.stdout), "", "files that others can read");
    server.stop().await.expect("a clean stop");
}
