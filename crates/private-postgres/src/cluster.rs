//! Makes the cluster, once, and writes its settings, at each start.

use std::fs;
use std::path::Path;

use tokio::process::Command;

use super::PrivateServerError;
use super::place::Place;
use super::programs::Programs;

/// What we set; initdb's `postgresql.conf` includes it, last of all. A change takes effect at PostgreSQL's next start.
const SETTINGS: &str = "\
# Written by holdfast at each start: changes here are lost.
# Only this machine gets in, and only with the password.
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
password_encryption = 'scram-sha-256'

# What was answered is on disk: never weaken these.
fsync = on
full_page_writes = on
synchronous_commit = on

max_connections = 100
shared_buffers = '128MB'
jit = off
timezone = 'UTC'

# A frozen or vanished client must not keep a room locked.
idle_in_transaction_session_timeout = '5s'
tcp_keepalives_idle = 5
tcp_keepalives_interval = 2
tcp_keepalives_count = 3

# No values in the log: they can be cards. One file a weekday, overwritten a week later.
logging_collector = on
log_directory = 'log'
log_filename = 'postgresql-%a.log'
log_rotation_age = '1d'
log_rotation_size = 0
log_truncate_on_rotation = on
log_timezone = 'UTC'
lc_messages = 'C'
log_statement = 'none'
log_error_verbosity = 'terse'
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
";

const SETTINGS_FILE: &str = "holdfast.conf";

/// Makes the cluster, with a new password. It gets its name when all of it is there and on disk.
pub(super) async fn make(place: &Place, programs: &Programs) -> Result<(), PrivateServerError> {
    let unfinished = place.unfinished_cluster()?;
    let password_file = place.new_password()?;
    let mut command = place.command(&programs.initdb());
    command.arg("-D").arg(&unfinished).arg("--pwfile").arg(password_file);
    command.args(["-U", super::database::ADMIN, "-A", "scram-sha-256", "-E", "UTF8", "--locale", "C"]);
    command.args(["--data-checksums", "--no-instructions"]);
    run("initdb", command).await?;

    let conf = unfinished.join("postgresql.conf");
    let defaults = fs::read_to_string(&conf);
    let defaults = defaults.map_err(|source| PrivateServerError::Io { what: "read", path: conf.clone(), source })?;
    place.write(&conf, &format!("{defaults}\ninclude = '{SETTINGS_FILE}'\n"))?;
    place.write(&unfinished.join(SETTINGS_FILE), SETTINGS)?;
    place.adopt_cluster(&unfinished)
}

/// Writes what this version of ours wants to be set, and the port.
pub(super) fn write_settings(place: &Place, cluster: &Path, port: u16) -> Result<(), PrivateServerError> {
    place.write_if_changed(&cluster.join(SETTINGS_FILE), &format!("{SETTINGS}\nport = {port}\n"))
}

/// Runs a program to its end.
pub(super) async fn run(program: &'static str, mut command: Command) -> Result<(), PrivateServerError> {
    let failed = |detail| PrivateServerError::Failed { program, detail };
    let output = command.output().await.map_err(|err| failed(err.to_string()))?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(failed(last_lines(&String::from_utf8_lossy(&said))))
}

/// The end of what a program printed, as one line.
pub(super) fn last_lines(said: &str) -> String {
    let lines: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    match lines.len() {
        0 => "it said nothing".to_owned(),
        many => lines[many.saturating_sub(6)..].join(" | "),
    }
}
