//! The operator's check: tries all that a server with these settings needs, and changes nothing.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use adapters_pg::{Facts, Line, Secured, ServerKey, Sessions, Unfit};
use nix::unistd::{AccessFlags, access};
use ports::store::KeyFit;
use private_postgres::{PrivateServer, Visit};
use serde::Serialize;
use serde_json::json;
use tokio::time::timeout;

use crate::config::{Check, Config, unknown_variables};
use crate::identity::Supabase;

/// How far two clocks may be apart before it is worth a word: tokens of others are dated by this machine's.
const CLOCKS_APART_MS: i64 = 2000;

/// How long NATS may take.
const NATS_WITHIN: Duration = Duration::from_secs(6);

/// How something is, from best to worst. The worst is the process's exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// As it should be.
    Ok = 0,
    /// A server would work, but somebody should look at it.
    Warn = 1,
    /// A server would not start, or not work.
    Fail = 2,
}

/// One thing that was tried.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// What was tried.
    pub check: &'static str,
    /// How it is.
    pub verdict: Verdict,
    /// What was found.
    pub found: String,
    /// What a person has to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub todo: Option<String>,
}

fn ok(check: &'static str, found: impl Into<String>) -> Finding {
    Finding { check, verdict: Verdict::Ok, found: found.into(), todo: None }
}

fn warn(check: &'static str, found: impl Into<String>, todo: impl Into<String>) -> Finding {
    Finding { check, verdict: Verdict::Warn, found: found.into(), todo: Some(todo.into()) }
}

fn fail(check: &'static str, found: impl Into<String>, todo: impl Into<String>) -> Finding {
    Finding { check, verdict: Verdict::Fail, found: found.into(), todo: Some(todo.into()) }
}

/// Tries everything, prints what was found, and says how the process has to end.
pub async fn run(config: &Config, how: Check) -> ExitCode {
    let findings = findings(config).await;
    let worst = findings.iter().map(|finding| finding.verdict).max().unwrap_or(Verdict::Ok);
    let mut out = std::io::stdout().lock();
    // Whoever doesn't read on is no reason to fail.
    let _ = if how.json {
        writeln!(out, "{}", json!({ "verdict": worst, "checks": findings }))
    } else {
        findings.iter().try_for_each(|finding| writeln!(out, "{}", line(finding)))
    };
    ExitCode::from(worst as u8)
}

fn line(finding: &Finding) -> String {
    let verdict = match finding.verdict {
        Verdict::Ok => "ok",
        Verdict::Warn => "warn",
        Verdict::Fail => "FAIL",
    };
    let todo = finding.todo.as_ref().map(|todo| format!(": {todo}")).unwrap_or_default();
    format!("{verdict:<4} {:<14} {}{todo}", finding.check, finding.found).replace('\n', " ")
}

async fn findings(config: &Config) -> Vec<Finding> {
    let mut findings = vec![settings(config), data_directory(&config.data_dir)];
    let (key, found) = key(config);
    findings.push(found);
    database(config, key.as_ref(), &mut findings).await;
    findings.push(jwks(config).await);
    findings.push(nats(config).await);
    findings
}

fn settings(config: &Config) -> Finding {
    const CHECK: &str = "settings";
    if let Err(err) = config.check() {
        return fail(CHECK, err.to_string(), "change it");
    }
    let unknown = unknown_variables(std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()));
    if unknown.is_empty() {
        return ok(CHECK, "all are understood");
    }
    let told = unknown.into_iter().map(|(name, meant)| match meant {
        Some(meant) => format!("{name} ({meant}?)"),
        None => name,
    });
    warn(CHECK, format!("no settings of Holdfast: {}", told.collect::<Vec<_>>().join(", ")), "correct or remove them")
}

fn data_directory(dir: &Path) -> Finding {
    const CHECK: &str = "data directory";
    let all = AccessFlags::R_OK | AccessFlags::W_OK | AccessFlags::X_OK;
    if dir.exists() {
        return match access(dir, all) {
            Ok(()) if dir.is_dir() => ok(CHECK, format!("{} can be read and written", dir.display())),
            Ok(()) => fail(CHECK, format!("{} is no directory", dir.display()), "name another with HOLDFAST_DATA_DIR"),
            Err(err) => fail(
                CHECK,
                format!("{}: {}", dir.display(), err.desc()),
                "let this user read and write it, or name another",
            ),
        };
    }
    let above = dir.ancestors().skip(1).map(|above| if above.as_os_str().is_empty() { Path::new(".") } else { above });
    let above = above.into_iter().find(|above| above.exists()).unwrap_or(Path::new("/"));
    match access(above, AccessFlags::W_OK | AccessFlags::X_OK) {
        Ok(()) => ok(CHECK, format!("{} will be made at the first start", dir.display())),
        Err(err) => fail(
            CHECK,
            format!("{} can't be made in {}: {}", dir.display(), above.display(), err.desc()),
            "make it for this user, or name another with HOLDFAST_DATA_DIR",
        ),
    }
}

fn key(config: &Config) -> (Option<ServerKey>, Finding) {
    const CHECK: &str = "key";
    let file = config.key_file();
    let readable = std::fs::metadata(&file).is_ok_and(|meta| {
        use std::os::unix::fs::PermissionsExt as _;
        meta.permissions().mode() & 0o077 != 0
    });
    match config.known_server_key() {
        Err(err) => (None, fail(CHECK, err.to_string(), "give the key that the database was sealed with")),
        Ok(None) => {
            (None, ok(CHECK, format!("none yet; the first start on an empty database makes {}", file.display())))
        }
        Ok(Some(key)) => {
            let found = if config.secret_key.is_some() {
                ok(CHECK, "HOLDFAST_SECRET_KEY")
            } else if readable {
                warn(
                    CHECK,
                    format!("{} can be read by others", file.display()),
                    format!("chmod 600 {}", file.display()),
                )
            } else {
                ok(CHECK, file.display().to_string())
            };
            (Some(ServerKey::new(key)), found)
        }
    }
}

async fn database(config: &Config, key: Option<&ServerKey>, findings: &mut Vec<Finding>) {
    const CHECK: &str = "database";
    if let Some(url) = &config.database_url {
        return database_at(url.expose(), key, findings).await;
    }
    let made = match PrivateServer::made_in(&config.data_dir) {
        Ok(made) => made,
        Err(err) => return findings.push(fail(CHECK, err.to_string(), "see docs/operations.md")),
    };
    match PrivateServer::version(&config.data_dir).await {
        Err(err) => return findings.push(fail(CHECK, "a private one can't be run", err.to_string())),
        Ok(version) if made.is_none() => {
            let dir = config.data_dir.display();
            return findings
                .push(ok(CHECK, format!("a private PostgreSQL {version}, which the first start makes in {dir}")));
        }
        Ok(_) => {}
    }
    let visit = match Visit::begin(&config.data_dir).await {
        Ok(visit) => visit,
        Err(err) => return findings.push(fail(CHECK, "the private one doesn't run", err.to_string())),
    };
    database_at(visit.database_url(), key, findings).await;
    if let Err(err) = visit.end().await {
        findings.push(warn(CHECK, "the private one that was started for this could not be stopped", err.to_string()));
    }
}

async fn database_at(url: &str, key: Option<&ServerKey>, findings: &mut Vec<Finding>) {
    let facts = match adapters_pg::inspect(url).await {
        Ok(facts) => facts,
        Err(err) => {
            return findings.push(fail("database", err.to_string(), "bring it up, or correct DATABASE_URL"));
        }
    };
    findings.extend(of_facts(&facts));
    if facts.sessions == Sessions::Stay {
        findings.push(key_fits(url, key).await);
    }
}

/// What a database says of itself, judged as a server that starts judges it.
fn of_facts(facts: &Facts) -> Vec<Finding> {
    let Line { host, local, secured } = &facts.line;
    let mut findings = vec![ok("database", format!("PostgreSQL {} answers at {host}", facts.major()))];
    findings.push(match secured {
        Secured::No if !local => warn(
            "line",
            format!("{host}, {secured}"),
            "ask for sslmode=verify-full, with sslrootcert=<file> for a CA of its own",
        ),
        Secured::Encrypted if !local => warn(
            "line",
            format!("{host}, {secured}"),
            "ask for sslmode=verify-full, with sslrootcert=<file> for a CA of its own",
        ),
        Secured::No | Secured::Encrypted | Secured::Signed | Secured::Fully => ok("line", format!("{host}, {secured}")),
    });
    let unfit = facts.unfit();
    let mut judge = |check: &'static str, fine: String, is: fn(&Unfit) -> bool| {
        let all: Vec<String> = unfit.iter().filter(|unfit| is(unfit)).map(ToString::to_string).collect();
        let finding = if all.is_empty() {
            ok(check, fine)
        } else {
            Finding { check, verdict: Verdict::Fail, found: all.join("; "), todo: None }
        };
        findings.push(finding);
    };
    judge("sessions", "they stay: no pooler, or one in session mode".into(), |unfit| {
        matches!(unfit, Unfit::Pooler { .. } | Unfit::OneSession)
    });
    judge("version", format!("PostgreSQL {}", facts.major()), |unfit| matches!(unfit, Unfit::TooOld { .. }));
    judge("encoding", facts.encoding.clone(), |unfit| matches!(unfit, Unfit::Encoding { .. }));
    judge("changes", "it takes them".into(), |unfit| matches!(unfit, Unfit::ReadOnly));
    judge("durability", "fsync, full_page_writes and synchronous_commit are on".into(), |unfit| {
        matches!(unfit, Unfit::Unsafe { .. })
    });
    judge("rights", "the role has all that are needed".into(), |unfit| matches!(unfit, Unfit::Rights { .. }));
    findings.push(match facts.pending.len() {
        0 => ok("migrations", "all are applied"),
        some => ok("migrations", format!("{some} are to come; the next start applies them")),
    });
    let ahead = facts.clock_ahead_ms;
    findings.push(if ahead.abs() <= CLOCKS_APART_MS {
        ok("clocks", format!("the database's is within {CLOCKS_APART_MS} ms of this machine's"))
    } else {
        let seconds = ahead as f64 / 1000.0;
        let found = format!("the database's is {seconds:+.1} s from this machine's");
        warn("clocks", found, "set both by NTP: turns go by the database's clock, tokens by this machine's")
    });
    findings
}

async fn key_fits(url: &str, key: Option<&ServerKey>) -> Finding {
    const CHECK: &str = "key fits";
    let failed = |err: adapters_pg::ConnectError| fail(CHECK, err.to_string(), "mend what is named above first");
    let Some(key) = key else {
        return match adapters_pg::is_sealed(url).await {
            Ok(false) => ok(CHECK, "the database is empty: it takes the key of the first server"),
            Ok(true) => fail(
                CHECK,
                "the database was sealed with a key that isn't here",
                "put its secret.key into the data directory, or give it as HOLDFAST_SECRET_KEY",
            ),
            Err(err) => failed(err),
        };
    };
    match adapters_pg::key_fit(url, key).await {
        Ok(KeyFit::Fits) => ok(CHECK, "it is the one that the database was sealed with, or the database is empty"),
        Ok(KeyFit::Mixed { opened, shut }) => warn(
            CHECK,
            format!(
                "of {} sealed values that were tried, {shut} don't open: they were changed, or another key was used \
                 for a time",
                opened + shut
            ),
            "holdfast audit names the rooms; they can't be played on",
        ),
        Ok(KeyFit::Other) => fail(
            CHECK,
            "it is not the one that the database was sealed with",
            "give that one (HOLDFAST_SECRET_KEY, or secret.key in the data directory), or use another database",
        ),
        Err(err) => failed(err),
    }
}

async fn jwks(config: &Config) -> Finding {
    const CHECK: &str = "jwks";
    let Some(url) = &config.supabase_jwks_url else { return ok(CHECK, "not asked for") };
    let supabase = match Supabase::from_config(config) {
        Ok(supabase) => supabase,
        Err(err) => return fail(CHECK, format!("{err:#}"), "correct it"),
    };
    let Some(keys) = supabase.as_ref().and_then(Supabase::keys) else { return ok(CHECK, "not asked for") };
    match keys.try_out().await {
        Ok(0) => fail(
            CHECK,
            format!("{url} has no key that can be used"),
            "an ES256 or RS256 key with kid and alg is needed",
        ),
        Ok(count) => ok(CHECK, format!("{url}: {count} keys can be used")),
        Err(err) => fail(
            CHECK,
            format!("{url}: {err:#}"),
            "correct SUPABASE_JWKS_URL; for a CA of your own add it to the machine's, or name a file with all CAs in SSL_CERT_FILE",
        ),
    }
}

async fn nats(config: &Config) -> Finding {
    const CHECK: &str = "nats";
    let address = match config.nats() {
        Ok(Some(address)) => address,
        Ok(None) => return ok(CHECK, "not asked for"),
        Err(err) => return fail(CHECK, format!("{err:#}"), "correct it"),
    };
    let tried = timeout(NATS_WITHIN, adapters_nats::try_out(&address)).await;
    match tried.unwrap_or_else(|_| Err("it doesn't answer".to_owned())) {
        Ok(()) => ok(CHECK, "it is there and lets us in"),
        Err(why) => warn(
            CHECK,
            why,
            "bring it up, or correct HOLDFAST_NATS_URL; until then other nodes' events come up to a second late",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        Facts {
            line: Line { host: "db.example.com".into(), local: false, secured: Secured::Fully },
            version: 160_004,
            encoding: "UTF8".into(),
            read_only: false,
            off: Vec::new(),
            sessions: Sessions::Stay,
            pending: Vec::new(),
            missing_rights: Vec::new(),
            clock_ahead_ms: -3,
        }
    }

    #[track_caller]
    fn found(facts: &Facts, check: &str) -> (Verdict, String) {
        let finding = of_facts(facts).into_iter().find(|finding| finding.check == check).expect("it is looked at");
        (finding.verdict, line(&finding))
    }

    #[test]
    fn a_good_database_is_ok_in_all() {
        assert!(of_facts(&facts()).iter().all(|finding| finding.verdict == Verdict::Ok));
    }

    #[test]
    fn each_fault_of_a_database_has_a_line_that_says_what_to_do() {
        let clear = Line { secured: Secured::No, ..facts().line };
        let cases = [
            ("line", Verdict::Warn, "verify-full", Facts { line: clear, ..facts() }),
            ("sessions", Verdict::Fail, "5432", Facts { sessions: Sessions::Shared("transaction"), ..facts() }),
            ("sessions", Verdict::Fail, "HOLDFAST_DB_POOL", Facts { sessions: Sessions::One, ..facts() }),
            ("version", Verdict::Fail, "14", Facts { version: 130_014, ..facts() }),
            ("encoding", Verdict::Fail, "template0", Facts { encoding: "LATIN1".into(), ..facts() }),
            ("changes", Verdict::Fail, "primary", Facts { read_only: true, ..facts() }),
            ("durability", Verdict::Fail, "fsync = on", Facts { off: vec!["fsync"], ..facts() }),
            ("rights", Verdict::Fail, "GRANT X", Facts { missing_rights: vec!["GRANT X".into()], ..facts() }),
            ("clocks", Verdict::Warn, "NTP", Facts { clock_ahead_ms: -5000, ..facts() }),
        ];
        for (check, verdict, says, facts) in cases {
            let (is, line) = found(&facts, check);
            assert_eq!(is, verdict, "{line}");
            assert!(line.contains(says), "{line}");
            let others = of_facts(&facts).into_iter().filter(|finding| finding.check != check);
            assert!(others.into_iter().all(|finding| finding.verdict == Verdict::Ok), "{check}");
        }
    }
}
