//! Environment and command line to [`Config`]: every setting and every default in one place.

mod pace;

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::net::SocketAddr;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use clap::parser::ValueSource;
use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};
use domain::rules::Variant;
use domain::time::Millis;
use ports::Lifetimes;
use sha2::{Digest as _, Sha256};
use tracing::Level;
use tracing_subscriber::EnvFilter;

use crate::http::proxy::Proxies;
use crate::http::rate_limit::LimitSettings;
use crate::identity::Supabase;
use crate::telemetry;

pub use self::pace::Pace;

/// A poker room server: private rooms, no-limit hold'em, REST and WebSocket. Without a subcommand it serves.
///
/// Every setting can be given as an argument or in the environment; an argument wins, and an empty variable counts as
/// absent. Give secrets in the environment: arguments can be read by others on the machine.
#[derive(Clone, Debug, Parser)]
#[command(name = "holdfast", version)]
pub struct Config {
    /// Something else than to serve.
    #[command(subcommand)]
    pub command: Option<Command>,

    /// Address and port to listen on. Port 0 takes a free one.
    #[arg(long, env = "HOLDFAST_BIND", default_value = "127.0.0.1:8080", value_name = "ADDRESS:PORT")]
    pub bind: SocketAddr,

    /// PostgreSQL to keep everything in, postgres://user:password@host/database?sslmode=verify-full&sslrootcert=FILE. Absent: the
    /// server runs a private PostgreSQL of its own under the data directory.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, allow_hyphen_values = true, value_name = "URL")]
    pub database_url: Option<Secret>,

    /// Directory for what the server keeps on disk: its secret key and its private PostgreSQL. A demonstration has one of its
    /// own, ./.holdfast-demo.
    #[arg(long, env = "HOLDFAST_DATA_DIR", default_value = "./.holdfast", value_name = "DIR")]
    pub data_dir: PathBuf,

    /// The server's secret: 32 bytes as 64 hex digits or base64, or any text of 32 characters or more. Tokens and stored
    /// cards can't be read without it. The same on all nodes. Absent: made once and kept in the data directory.
    #[arg(long, env = "HOLDFAST_SECRET_KEY", hide_env_values = true, allow_hyphen_values = true, value_name = "KEY")]
    pub secret_key: Option<Secret>,

    /// The JWT secret of a Supabase project: its HS256 tokens are accepted. 32 bytes or more.
    #[arg(
        long,
        env = "SUPABASE_JWT_SECRET",
        hide_env_values = true,
        allow_hyphen_values = true,
        value_name = "SECRET"
    )]
    pub supabase_jwt_secret: Option<Secret>,

    /// The JWKS of a Supabase project, https://PROJECT.supabase.co/auth/v1/.well-known/jwks.json: tokens signed with its
    /// ES256 and RS256 keys are accepted. Read at the start and each 10 minutes.
    #[arg(long, env = "SUPABASE_JWKS_URL", value_parser = http_url, value_name = "URL")]
    pub supabase_jwks_url: Option<String>,

    /// The `iss` that Supabase tokens must have. Absent: what stands before /.well-known/jwks.json in an https JWKS URL; else
    /// `iss` isn't checked.
    #[arg(long, env = "HOLDFAST_SUPABASE_ISSUER", value_name = "URL")]
    pub supabase_issuer: Option<String>,

    /// The longest life of a Supabase token from its `iat` to its `exp`, in seconds, 60 to 31536000. One without an `iat` is
    /// measured from now. The default is the longest that Supabase can be set to.
    #[arg(long, env = "HOLDFAST_SUPABASE_TOKEN_LIFE_SECS", default_value_t = 604_800, value_parser = clap::value_parser!(u32).range(60..=31_536_000), value_name = "SECS")]
    pub supabase_token_life_secs: u32,

    /// NATS, on which several nodes tell each other that there is something to read, nats://user:password@host:4222; the
    /// servers of a cluster separated by commas. Absent, or away: a node finds other nodes' events within a second.
    #[arg(long, env = "HOLDFAST_NATS_URL", hide_env_values = true, allow_hyphen_values = true, value_name = "URL")]
    pub nats_url: Option<Secret>,

    /// Silence after which a player counts as disconnected, in seconds, 1 or more.
    #[arg(long, env = "HOLDFAST_DISCONNECT_AFTER_SECS", default_value_t = 300, value_parser = seconds(), value_name = "SECS")]
    pub disconnect_after_secs: u32,

    /// Silence after which a seat is freed, in seconds, 1 or more. Never during a hand its player is in.
    #[arg(long, env = "HOLDFAST_FREE_SEAT_AFTER_SECS", default_value_t = 600, value_parser = seconds(), value_name = "SECS")]
    pub free_seat_after_secs: u32,

    /// Life of a rejoin token after its last use or its owner's last hand, in seconds, 1 or more.
    #[arg(long, env = "HOLDFAST_REJOIN_TTL_SECS", default_value_t = 300, value_parser = seconds(), value_name = "SECS")]
    pub rejoin_ttl_secs: u32,

    /// Time between two looks for silent players and expired tokens, in seconds, 1 or more.
    #[arg(long, env = "HOLDFAST_SWEEP_SECS", default_value_t = 60, value_parser = seconds(), value_name = "SECS")]
    pub sweep_secs: u32,

    /// Days after which a room is deleted, with its log and its hands, if nothing has happened in it and nobody in it was heard
    /// of. 0 keeps everything.
    #[arg(long, env = "HOLDFAST_KEEP_ROOMS_DAYS", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=36_500), value_name = "DAYS")]
    pub keep_rooms_days: u32,

    /// Days after which a guest is deleted who is in no room and has no chips waiting in one. Accounts are kept. 0 keeps everybody.
    #[arg(long, env = "HOLDFAST_KEEP_GUESTS_DAYS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(0..=36_500), value_name = "DAYS")]
    pub keep_guests_days: u32,

    /// Whether requests are limited by address and user.
    #[arg(long, env = "HOLDFAST_RATE_LIMIT", default_value = "on", ignore_case = true)]
    pub rate_limit: Switch,

    /// How much, where they are limited.
    #[command(flatten)]
    pub limits: LimitSettings,

    /// Origins whose pages may call the server besides its own, separated by commas, such as https://poker.example.com; apps
    /// may have schemes of their own: capacitor://localhost.
    #[arg(
        long,
        env = "HOLDFAST_ALLOWED_ORIGINS",
        default_value = "",
        hide_default_value = true,
        value_name = "ORIGINS"
    )]
    pub allowed_origins: Origins,

    /// Reverse proxies in front of the server, as addresses or networks separated by commas, such as 127.0.0.1,10.0.0.0/8: the
    /// client's address, scheme and host are what they say in X-Forwarded-For, X-Forwarded-Proto and X-Forwarded-Host, or in
    /// Forwarded. Absent: nobody's word is taken for it.
    #[arg(
        long,
        env = "HOLDFAST_TRUSTED_PROXIES",
        default_value = "",
        hide_default_value = true,
        value_name = "NETWORKS"
    )]
    pub trusted_proxies: Proxies,

    /// How long an idle connection is kept open for its next request, in seconds, 1 to 3600. Longer than the proxy in front
    /// keeps it, or that one meets connections that have just been closed: most keep them for 60 s.
    #[arg(long, env = "HOLDFAST_KEEP_ALIVE_SECS", default_value_t = 75, value_parser = clap::value_parser!(u16).range(1..=3600), value_name = "SECS")]
    pub keep_alive_secs: u16,

    /// Address and port to serve /metrics on, instead of with everything else. Port 0 takes a free one.
    #[arg(long, env = "HOLDFAST_METRICS_BIND", value_name = "ADDRESS:PORT")]
    pub metrics_bind: Option<SocketAddr>,

    /// What is logged: error, warn, info, debug or trace, and by part, such as info,app=debug.
    #[arg(long, env = "HOLDFAST_LOG", default_value = "info", value_parser = log_filter, value_name = "FILTER")]
    pub log: String,

    /// How log lines are written, to standard error.
    #[arg(long, env = "HOLDFAST_LOG_FORMAT", default_value = "text", ignore_case = true)]
    pub log_format: LogFormat,

    /// Directory to serve the browser client from, for work on it. Absent: the client that was built into the server.
    #[arg(long, env = "WEB_DIR", value_name = "DIR")]
    pub web_dir: Option<PathBuf>,

    /// Connections to the database at most, 2 to 1000.
    #[arg(long, env = "HOLDFAST_DB_POOL", default_value_t = 16, value_parser = clap::value_parser!(u16).range(2..=1000), value_name = "COUNT")]
    pub db_pool_size: u16,

    /// Threads that answer requests, 1 to 512. Absent: one for each core.
    #[arg(long, env = "HOLDFAST_WORKERS", value_parser = clap::value_parser!(u16).range(1..=512), value_name = "COUNT")]
    pub workers: Option<u16>,
}

/// Something else than to serve.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Serves, with tables at which bots play.
    Demo(Demo),
    /// Plays every stored hand again and compares it with all that is stored. Reads only, beside a running server or without
    /// one. Ends with 0 if all is as it should be, 1 if something differs, 2 if it could not be done.
    Audit(Audit),
    /// Tries all that a server with these settings needs: the database and its settings, the key, the data directory, JWKS, NATS.
    /// Changes nothing. Prints a line each with what has to be done, and ends with 0 if all is well, 1 if there are warnings,
    /// 2 if a server would not start or not work.
    Check(Check),
    /// Says that the database was restored from a backup: whoever comes back to a room is told to read it anew, and is never fed
    /// other events under the numbers of those that were lost. Works beside a running server or without one. Often the server
    /// notices by itself; to say it again does no harm.
    Restored,
}

/// How a check is printed.
#[derive(Clone, Copy, Debug, Args)]
pub struct Check {
    /// As one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// What is audited.
#[derive(Clone, Debug, Args)]
pub struct Audit {
    /// The room with this code alone. Absent: all rooms.
    #[arg(long, value_name = "CODE")]
    pub room: Option<String>,

    /// The database's clock was put back by seconds or more while hands were played: then it can't be told whether a turn was
    /// ended too early or whether times follow each other, and isn't looked at. All else is.
    #[arg(long)]
    pub clock_was_set: bool,
}

/// The tables of a demonstration.
#[derive(Clone, Copy, Debug, Args)]
pub struct Demo {
    /// Tables, 1 to 1000.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1000), value_name = "COUNT")]
    pub tables: u16,

    /// Bots at each table, 2 to 10.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u8).range(2..=10), value_name = "COUNT")]
    pub bots: u8,

    /// Time a bot thinks, in milliseconds, up to a minute.
    #[arg(long, default_value_t = 800, value_parser = clap::value_parser!(u32).range(0..=60_000), value_name = "MILLIS")]
    pub pace_ms: u32,

    /// What is played: nlhe, plo, plo5, plo8, shortdeck, or rotation, which plays them all in turn.
    #[arg(long, default_value = "nlhe", value_parser = DemoGame::parse, value_name = "GAME")]
    pub variant: DemoGame,

    /// Plays in the database that DATABASE_URL names. The bots and their rooms stay in it.
    #[arg(long)]
    pub in_database: bool,
}

/// What bots play.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DemoGame {
    /// One game.
    Only(Variant),
    /// All of them in turn.
    All,
}

impl DemoGame {
    fn parse(name: &str) -> Result<Self, String> {
        match Variant::of_name(name) {
            Some(variant) => Ok(Self::Only(variant)),
            None if name == "rotation" => Ok(Self::All),
            None => Err(format!("one of {}, rotation", Variant::NAMES.join(", "))),
        }
    }

    /// The games.
    pub fn games(self) -> Vec<Variant> {
        match self {
            Self::Only(variant) => vec![variant],
            Self::All => Variant::ALL.to_vec(),
        }
    }
}

/// On or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    /// On.
    #[value(aliases = ["true", "yes", "1"])]
    On,
    /// Off.
    #[value(aliases = ["false", "no", "0"])]
    Off,
}

impl Switch {
    /// Whether it is on.
    pub fn is_on(self) -> bool {
        self == Self::On
    }
}

/// How log lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// A setting that is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The secret itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for Secret {
    // Anything will do here: clap quotes what it refuses.
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.trim().to_owned()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Origins as browsers and apps send them (RFC 6454): `scheme://host`, and `:port` unless it is the scheme's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins(pub Vec<String>);

impl FromStr for Origins {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let origins = text.split(',').map(str::trim).filter(|origin| !origin.is_empty());
        origins.map(origin).collect::<Result<_, _>>().map(Self)
    }
}

impl Config {
    /// Reads the arguments and the environment. Prints help or what is wrong and ends the process if it is asked to or
    /// has to.
    ///
    /// # Errors
    ///
    /// - How the process has to end, where what is wrong was to be said as JSON, and has been.
    pub fn load() -> Result<Self, ExitCode> {
        Self::try_from_args(std::env::args_os()).map_err(|err| {
            if !err.use_stderr() || !wants_json() {
                err.exit();
            }
            telemetry::say(LogFormat::Json, Level::ERROR, err.render().to_string().trim());
            ExitCode::from(2)
        })
    }

    /// Reads `args`, the program's name first, and the environment.
    ///
    /// # Errors
    ///
    /// - A setting that isn't understood, or a question for help; secrets aren't quoted.
    pub fn try_from_args(args: impl IntoIterator<Item = impl Into<OsString> + Clone>) -> Result<Self, clap::Error> {
        Self::read(args, |value| !value.to_string_lossy().trim().is_empty())
    }

    fn read(
        args: impl IntoIterator<Item = impl Into<OsString> + Clone>,
        counts: impl Fn(&OsStr) -> bool,
    ) -> Result<Self, clap::Error> {
        // They count before and after a subcommand.
        let command = Self::command().mut_args(|arg| arg.global(true));
        let command = command.mut_args(|arg| match arg.get_env().and_then(std::env::var_os) {
            Some(value) if !counts(&value) => arg.env(None),
            Some(_) | None => arg,
        });
        let matches = command.try_get_matches_from(args)?;
        let mut config = Self::from_arg_matches(&matches)?;
        if config.demo().is_some() && matches.value_source("data_dir") == Some(ValueSource::DefaultValue) {
            config.data_dir = DEMO_DATA_DIR.into();
        }
        Ok(config)
    }

    /// The demonstration that was asked for.
    pub fn demo(&self) -> Option<Demo> {
        match self.command {
            Some(Command::Demo(demo)) => Some(demo),
            Some(Command::Audit(_) | Command::Check(_) | Command::Restored) | None => None,
        }
    }

    /// Reads `args` alone, for tests: whatever is set where they run, they see the same.
    #[cfg(test)]
    pub fn from_args_alone(args: &[&str]) -> Result<Self, clap::Error> {
        Self::read([&["holdfast"], args].concat(), |_| false)
    }

    /// Where the bus between nodes is, if there is one.
    ///
    /// # Errors
    ///
    /// - No address; it isn't quoted.
    pub fn nats(&self) -> anyhow::Result<Option<adapters_nats::Address>> {
        let address = self.nats_url.as_ref().map(|url| url.expose().parse());
        address.transpose().context("HOLDFAST_NATS_URL")
    }

    /// How long things last.
    pub fn lifetimes(&self) -> Lifetimes {
        Lifetimes {
            rejoin: Millis::from_secs(self.rejoin_ttl_secs),
            disconnect_after: Millis::from_secs(self.disconnect_after_secs),
            free_seat_after: Millis::from_secs(self.free_seat_after_secs),
        }
    }

    /// What the clock is set to.
    pub fn pace(&self) -> Pace {
        let days = |days: u32| (days > 0).then(|| Millis(i64::from(days) * 24 * 3600 * 1000));
        Pace {
            sweep_every: Duration::from_secs(self.sweep_secs.into()),
            keep_rooms: days(self.keep_rooms_days),
            keep_guests: days(self.keep_guests_days),
        }
    }

    /// Looks at all settings that clap can't judge, before anything is opened or made.
    ///
    /// # Errors
    ///
    /// - [`BadSetting`]: a key that is too short or whose file holds none, no address of a database or of NATS, no JWT secret.
    pub fn check(&self) -> Result<(), BadSetting> {
        self.known_server_key()?;
        self.nats().map_err(BadSetting)?;
        Supabase::from_config(self).map_err(BadSetting)?;
        if self.database_url.is_some() && self.demo().is_some_and(|demo| !demo.in_database) {
            return Err(BadSetting(anyhow!(
                "a demonstration would leave its bots and rooms in the database that DATABASE_URL names: leave it out, and it \
                 has a database of its own; or say --in-database"
            )));
        }
        if let Some(url) = &self.database_url {
            adapters_pg::check_address(url.expose()).context("DATABASE_URL").map_err(BadSetting)?;
        }
        Ok(())
    }

    /// The key that every other key of the server is derived from: from the setting; else from `secret.key` in the data
    /// directory, if it is there. None is made.
    ///
    /// # Errors
    ///
    /// - A setting that is too short; a file that can't be read, or holds no key.
    pub fn known_server_key(&self) -> Result<Option<[u8; 32]>, BadSetting> {
        if let Some(secret) = &self.secret_key {
            return parse_key(secret.expose()).context("HOLDFAST_SECRET_KEY").map(Some).map_err(BadSetting);
        }
        let path = self.key_file();
        let there = path.try_exists().with_context(|| format!("can't find the secret key {}", path.display()));
        if there.map_err(BadSetting)? { read_key(&path).map(Some).map_err(BadSetting) } else { Ok(None) }
    }

    /// The same; the first start makes the file. Processes that start at the same time get the same key.
    ///
    /// # Errors
    ///
    /// - The same; a file that can't be made.
    pub fn server_key(&self) -> anyhow::Result<[u8; 32]> {
        match self.known_server_key()? {
            Some(key) => Ok(key),
            None => key_in(&self.data_dir),
        }
    }

    /// Where the key is kept that isn't a setting.
    pub fn key_file(&self) -> PathBuf {
        self.data_dir.join(KEY_FILE)
    }
}

/// Where a demonstration keeps its data unless it is told another place: apart from a server's.
const DEMO_DATA_DIR: &str = "./.holdfast-demo";

/// Variables that are no settings, but have names like ours: what tests and trials are told.
const NO_SETTINGS: [&str; 3] = ["HOLDFAST_TEST_", "HOLDFAST_BUG", "HOLDFAST_CRASH_AT"];

/// Whether log lines were to be JSON, for when arguments aren't understood.
fn wants_json() -> bool {
    let json = |text: &str| text.trim().eq_ignore_ascii_case("json");
    let args: Vec<String> = std::env::args().collect();
    let given = args.iter().zip(args.iter().skip(1)).any(|(name, value)| name == "--log-format" && json(value))
        || args.iter().filter_map(|arg| arg.strip_prefix("--log-format=")).any(json);
    given || std::env::var("HOLDFAST_LOG_FORMAT").is_ok_and(|value| json(&value))
}

/// Variables that look like settings of ours and are none, each with the name that may have been meant.
pub fn unknown_variables(names: impl IntoIterator<Item = String>) -> Vec<(String, Option<String>)> {
    let known: Vec<String> = Config::command()
        .get_arguments()
        .filter_map(|arg| Some(arg.get_env()?.to_string_lossy().into_owned()))
        .collect();
    let ours = |name: &String| name.starts_with("HOLDFAST_") && !known.contains(name);
    let unknown = names.into_iter().filter(ours).filter(|name| !NO_SETTINGS.iter().any(|none| name.starts_with(none)));
    let with_meant = unknown.map(|name| {
        let meant = nearest(&name, &known).cloned();
        (name, meant)
    });
    with_meant.collect()
}

fn nearest<'a>(name: &str, known: &'a [String]) -> Option<&'a String> {
    let bare = |name: &str| name.trim_start_matches("HOLDFAST_").to_owned();
    let scored = known.iter().map(|one| (strsim::jaro_winkler(&bare(one), &bare(name)), one));
    scored.filter(|(score, _)| *score > 0.8).max_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, one)| one)
}

/// A setting that has to be another one: nothing was started or made. The process ends as for arguments that aren't understood.
#[derive(Debug, thiserror::Error)]
#[error("{0:#}")]
pub struct BadSetting(pub anyhow::Error);

fn seconds() -> clap::builder::RangedI64ValueParser<u32> {
    // A hundred years: what is stored in milliseconds must not overflow.
    clap::value_parser!(u32).range(1..=3_155_760_000)
}

fn http_url(text: &str) -> Result<String, String> {
    let text = text.trim();
    let url = reqwest::Url::parse(text).map_err(|err| err.to_string())?;
    match url.scheme() {
        "http" | "https" if url.host().is_some() => Ok(text.to_owned()),
        _ => Err("it must begin with https:// or http://".to_owned()),
    }
}

fn log_filter(text: &str) -> Result<String, String> {
    EnvFilter::builder().parse(text).map(|_| text.to_owned()).map_err(|err| err.to_string())
}

/// Brings an origin into the form that browsers send.
fn origin(text: &str) -> Result<String, String> {
    match text {
        "*" => return Err("*: every page of the web could act for whoever looks at it; list the origins".to_owned()),
        "null" => {
            let why = "that is every file and sandboxed frame, not one page; serve the page from an address of its own";
            return Err(format!("null: {why}"));
        }
        _ => {}
    }
    let no_origin = || format!("{text}: an origin is a scheme, a host and maybe a port: https://poker.example.com");
    let url = reqwest::Url::parse(text).map_err(|err| format!("{text}: {err}"))?;
    let bare = matches!(url.path(), "" | "/")
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    let origin = url.origin();
    if !bare || matches!(url.scheme(), "file" | "blob" | "data") {
        return Err(no_origin());
    }
    if origin.is_tuple() {
        return Ok(origin.ascii_serialization());
    }
    // The scheme of an app, which has no port of its own.
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(no_origin)?.to_lowercase();
    Ok(match url.port() {
        Some(port) => format!("{}://{host}:{port}", url.scheme()),
        None => format!("{}://{host}", url.scheme()),
    })
}

/// 64 hex digits, or base64 of 32 bytes, or a text of 32 characters and more, which is hashed.
fn parse_key(text: &str) -> anyhow::Result<[u8; 32]> {
    if let Some(key) = hex_key(text).or_else(|| base64_key(text)) {
        return Ok(key);
    }
    if text.chars().count() < 32 {
        bail!("too short: 32 bytes as 64 hex digits or base64, or a text of 32 characters or more");
    }
    Ok(Sha256::digest(text).into())
}

fn hex_key(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut key = [0; 32];
    for (byte, at) in key.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(&text[at..at + 2], 16).ok()?;
    }
    Some(key)
}

fn base64_key(text: &str) -> Option<[u8; 32]> {
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    [&alphabet::STANDARD, &alphabet::URL_SAFE]
        .into_iter()
        .find_map(|alphabet| GeneralPurpose::new(alphabet, config).decode(text).ok()?.try_into().ok())
}

/// Where the key is kept, in the data directory.
const KEY_FILE: &str = "secret.key";

/// Reads the key that is kept in `dir`, and makes it first if there is none.
fn key_in(dir: &Path) -> anyhow::Result<[u8; 32]> {
    let path = dir.join(KEY_FILE);
    if !path.try_exists().with_context(|| format!("can't find the secret key {}", path.display()))? {
        make_key(dir, &path).with_context(|| format!("can't make the secret key {}", path.display()))?;
    }
    // Not what was just made: somebody else may have been faster.
    read_key(&path)
}

fn read_key(path: &Path) -> anyhow::Result<[u8; 32]> {
    let text = fs::read_to_string(path).with_context(|| format!("can't read the secret key {}", path.display()))?;
    if fs::metadata(path).is_ok_and(|meta| meta.permissions().mode() & 0o077 != 0) {
        tracing::warn!(path = %path.display(), "the secret key can be read by other users of this machine");
    }
    hex_key(text.trim()).with_context(|| {
        format!("{} holds no key of 64 hex digits; without the right key, stored cards can't be read", path.display())
    })
}

/// Puts a new key where nobody has put one yet. A link appears at once and whole, and never replaces another.
fn make_key(dir: &Path, path: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(dir)?;
    let mut key = [0; 40];
    getrandom::fill(&mut key)?;
    let (key, name) = key.split_at(32);
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();

    let draft = dir.join(format!("secret.key.{}", hex(name)));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    let linked = file
        .write_all(format!("{}\n", hex(key)).as_bytes())
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::hard_link(&draft, path));
    fs::remove_file(&draft)?;
    match linked {
        Err(err) if err.kind() != ErrorKind::AlreadyExists => Err(err.into()),
        _ => Ok(File::open(dir)?.sync_all()?),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::process;

    use super::*;

    fn config(args: &[&str]) -> Config {
        Config::from_args_alone(args).expect("good arguments")
    }

    fn refusal(args: &[&str]) -> String {
        Config::from_args_alone(args).expect_err("bad arguments").to_string()
    }

    #[test]
    fn the_definition_is_sound() {
        Config::command().debug_assert();
    }

    #[test]
    fn every_setting_has_its_default() {
        let config = config(&[]);
        assert!(config.command.is_none());
        assert_eq!(config.bind.to_string(), "127.0.0.1:8080");
        assert_eq!(config.data_dir, Path::new("./.holdfast"));
        assert_eq!(config.lifetimes(), Lifetimes::default());
        assert_eq!((config.sweep_secs, config.db_pool_size, config.workers), (60, 16, None));
        assert!(config.rate_limit.is_on());
        assert_eq!((config.log.as_str(), config.log_format), ("info", LogFormat::Text));
        assert_eq!(config.allowed_origins, Origins::default());
        assert!(config.secret_key.is_none() && config.supabase_jwks_url.is_none() && config.supabase_issuer.is_none());
        assert_eq!(config.nats().expect("the defaults are good"), None);
    }

    #[test]
    fn a_demonstration_has_a_table_with_five_bots() {
        let Some(Command::Demo(demo)) = config(&["demo"]).command else { panic!("not a demonstration") };
        assert_eq!((demo.tables, demo.bots, demo.pace_ms), (1, 5, 800));
    }

    #[test]
    fn settings_count_before_and_after_a_subcommand() {
        for args in [["--data-dir", "here", "audit"], ["audit", "--data-dir", "here"]] {
            let config = config(&args);
            assert_eq!(config.data_dir, Path::new("here"));
            assert!(matches!(config.command, Some(Command::Audit(_))));
        }
        assert_eq!(config(&["--sweep-secs", "7", "audit", "--room", "ABCD1234"]).sweep_secs, 7);
        assert_eq!(config(&["audit"]).data_dir, Path::new("./.holdfast"));
        let help = refusal(&["audit", "--help"]);
        assert!(help.contains("--data-dir") && help.contains("DATABASE_URL") && help.contains("--room"), "{help}");
    }

    #[test]
    fn a_demonstration_keeps_its_data_apart() {
        assert_eq!(config(&["demo"]).data_dir, Path::new("./.holdfast-demo"));
        assert_eq!(config(&["demo", "--data-dir", "./.holdfast"]).data_dir, Path::new("./.holdfast"));
        let in_production = config(&["--database-url", "postgres://me:hush@host/db", "demo"]);
        let said = in_production.check().expect_err("not by accident").to_string();
        assert!(said.contains("--in-database") && !said.contains("hush"), "{said}");
        config(&["--database-url", "postgres://me:hush@host/db", "demo", "--in-database"]).check().expect("on purpose");
    }

    #[test]
    fn variables_that_are_no_settings_are_named_with_what_may_have_been_meant() {
        let meant = |name: &str| unknown_variables([name.to_owned()]).pop().map(|(_, meant)| meant.unwrap_or_default());
        for known in ["HOLDFAST_BIND", "HOLDFAST_SECRET_KEY", "DATABASE_URL", "HOME", "HOLDFAST_TEST_NODES"] {
            assert_eq!(meant(known), None, "{known}");
        }
        for (misspelt, right) in [
            ("HOLDFAST_KEEP_ROOM_DAYS", "HOLDFAST_KEEP_ROOMS_DAYS"),
            ("HOLDFAST_SECRETKEY", "HOLDFAST_SECRET_KEY"),
            ("HOLDFAST_DATABASE_URL", "DATABASE_URL"),
            ("HOLDFAST_TRUSTED_PROXY", "HOLDFAST_TRUSTED_PROXIES"),
            ("HOLDFAST_QQQ", ""),
        ] {
            assert_eq!(meant(misspelt).as_deref(), Some(right), "{misspelt}");
        }
    }

    #[test]
    fn what_clap_cant_judge_is_refused_before_anything_is_made() {
        for bad in [
            ["--secret-key", "hush"],
            ["--nats-url", "http://hush"],
            ["--supabase-jwt-secret", "hush"],
            ["--database-url", "postgres://me:hush@host/db?nonsense=hush"],
            ["--database-url", "postgres://me:hush@host/db?sslmode=hush"],
        ] {
            let said = config(&bad).check().expect_err("a bad setting").to_string();
            assert!(!said.contains("hush"), "{said}");
        }
    }

    #[test]
    fn an_empty_variable_counts_as_absent() {
        if std::env::var_os("HOLDFAST_BIND").is_some_and(|value| value.is_empty()) {
            let config = Config::try_from_args(["holdfast"]).expect("good variables");
            assert_eq!(config.bind.to_string(), "127.0.0.1:8080");
            assert!(config.secret_key.is_none());
            assert_eq!(config.sweep_secs, 7);
            return;
        }
        // Variables can only be set for a child: this test again.
        let test = "config::tests::an_empty_variable_counts_as_absent";
        let output = process::Command::new(std::env::current_exe().expect("a path"))
            .args(["--exact", test])
            .envs([("HOLDFAST_BIND", ""), ("HOLDFAST_SECRET_KEY", "  "), ("HOLDFAST_SWEEP_SECS", "7")])
            .output()
            .expect("it runs");
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && text.contains("1 passed"), "{text}");
    }

    #[test]
    fn settings_out_of_range_are_refused() {
        for bad in [
            ["--sweep-secs", "0"],
            ["--disconnect-after-secs", "-1"],
            ["--free-seat-after-secs", "1.5"],
            ["--rate-limit", "maybe"],
            ["--limit-guests", "5"],
            ["--limit-codes", "5,5/s"],
            ["--allowed-origins", "*"],
            ["--allowed-origins", "https://a.example/path"],
            ["--allowed-origins", "a.example"],
            ["--supabase-jwks-url", "file:///etc/passwd"],
            ["--trusted-proxies", "10.0.0.0/33"],
            ["--log", "info,=,"],
            ["--bind", "8080"],
            ["--db-pool-size", "1"],
            ["--workers", "0"],
        ] {
            refusal(&bad);
        }
    }

    #[test]
    fn origins_are_kept_as_browsers_send_them() {
        let config = config(&["--allowed-origins", "https://Poker.example.com:443/, http://localhost:5173,"]);
        assert_eq!(config.allowed_origins.0, ["https://poker.example.com", "http://localhost:5173"]);
    }

    #[test]
    fn a_bad_address_of_nats_is_refused_without_quoting_it() {
        let err = config(&["--nats-url", "http://user:hush@localhost"]).nats().expect_err("not NATS");
        let text = format!("{err:#}");
        assert!(text.contains("HOLDFAST_NATS_URL") && text.contains("nats://") && !text.contains("hush"), "{text}");
        config(&["--nats-url", "nats://user:hush@localhost"]).nats().expect("an address");
    }

    #[test]
    fn secrets_are_never_printed() {
        let config = config(&["--secret-key", "hush", "--database-url", "postgres://me:hush@host/db"]);
        assert!(!format!("{config:?}").contains("hush"));
        let err = config.server_key().expect_err("too short");
        let hyphen = Config::from_args_alone(&["--secret-key", "--hush", "--sweep-secs", "0"]).expect_err("no sweep");
        assert!(!hyphen.to_string().contains("hush"), "{hyphen}");
        assert!(!format!("{err:#} {err:?}").contains("hush"), "{err:#}");
    }

    #[test]
    fn a_key_is_hex_or_base64_or_a_long_text() {
        let key = |text: &str| config(&["--secret-key", text]).server_key();
        assert_eq!(key(&"0f".repeat(32)).expect("hex"), [15; 32]);
        assert_eq!(key("Dw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8=").expect("base64"), [15; 32]);
        assert_eq!(key("Dw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8").expect("base64 without padding"), [15; 32]);
        assert_eq!(key(&"-".repeat(42)).expect("a text"), <[u8; 32]>::from(Sha256::digest("-".repeat(42))));
        key(&"x".repeat(31)).expect_err("too short");
    }

    #[test]
    fn processes_that_start_together_share_one_key_that_only_they_can_read() {
        let dir = tempfile::tempdir().expect("a directory");
        let data = dir.path().join("new");
        let keys: BTreeSet<[u8; 32]> = std::thread::scope(|scope| {
            let starts: Vec<_> = (0..16).map(|_| scope.spawn(|| key_in(&data).expect("a key"))).collect();
            starts.into_iter().map(|start| start.join().expect("no panic")).collect()
        });
        assert_eq!(keys.len(), 1);
        assert_eq!(Some(key_in(&data).expect("still there")), keys.into_iter().next());
        let files: Vec<_> = fs::read_dir(&data).expect("readable").flatten().collect();
        assert_eq!(files.len(), 1, "no drafts are left");
        assert_eq!(files[0].metadata().expect("readable").permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_broken_key_file_is_refused_and_kept() {
        let dir = tempfile::tempdir().expect("a directory");
        fs::write(dir.path().join("secret.key"), "half a k").expect("writable");
        key_in(dir.path()).expect_err("no key");
        assert_eq!(fs::read_to_string(dir.path().join("secret.key")).expect("readable"), "half a k");
    }
}
