//! What a database says of itself, and whether it will do: asked before anything in it is used or changed, by a server that
//! starts and by `holdfast check` alike.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::timeout;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, SimpleQueryMessage};

use crate::address::Address;
use crate::error::Failure;
use crate::line::{self, Line, Session};
use crate::migrate;

/// The oldest PostgreSQL that will do.
pub const OLDEST_MAJOR: u32 = 14;

/// How long a pooler may keep the second session waiting: one that lends a connection only when another is given back
/// never gives it.
const SECOND_SESSION_WITHIN: Duration = Duration::from_secs(5);

/// Settings that must be on, or what was acknowledged can be lost.
const DURABLE: [&str; 3] = ["fsync", "full_page_writes", "synchronous_commit"];

/// What a database says of itself. Nothing was changed to find out.
#[derive(Clone, Debug)]
pub struct Facts {
    /// How it was reached.
    pub line: Line,
    /// Its version, as a number: 150004 is 15.4.
    pub version: u32,
    /// How it stores text.
    pub encoding: String,
    /// Whether it takes no changes: a standby, or set to read only.
    pub read_only: bool,
    /// Settings that lose data.
    pub off: Vec<&'static str>,
    /// Whether a session stays one.
    pub sessions: Sessions,
    /// Migrations that it hasn't seen.
    pub pending: Vec<String>,
    /// What the role may not do and has to, as what would allow it.
    pub missing_rights: Vec<String>,
    /// How far its clock is ahead of this machine's, in milliseconds, to about the time that an answer takes.
    pub clock_ahead_ms: i64,
}

/// Whether what is set in a session, and what it holds, is there in the next transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sessions {
    /// It is.
    Stay,
    /// A pooler hands out another connection for each transaction, or for each statement.
    Shared(&'static str),
    /// Two sessions can't be had at once.
    One,
}

/// Why a database won't do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// It is too old.
    #[error(
        "the database is PostgreSQL {major}, and {oldest} is the oldest that will do: upgrade it",
        oldest = OLDEST_MAJOR
    )]
    TooOld {
        /// Its major version.
        major: u32,
    },
    /// It can't hold all names.
    #[error(
        "the database's encoding is {encoding}, which can't hold every name: make one with CREATE DATABASE … ENCODING 'UTF8' \
         TEMPLATE template0, and use that"
    )]
    Encoding {
        /// Its encoding.
        encoding: String,
    },
    /// It takes no changes.
    #[error(
        "the database takes no changes: it is a standby, or default_transaction_read_only is on. Connect to the primary \
         (with several hosts in the address: target_session_attrs=read-write)"
    )]
    ReadOnly,
    /// It may lose what it has acknowledged.
    #[error(
        "the database is set up to lose data: {setting} is off. Set {setting} = on in postgresql.conf, reload PostgreSQL, and \
         start again"
    )]
    Unsafe {
        /// The setting that is off.
        setting: &'static str,
    },
    /// A pooler is in between that doesn't keep sessions.
    #[error(
        "this address is a pooler in {mode} mode, which hands out another connection for each {mode}: Holdfast needs sessions \
         that stay. Use the pooler's session mode (Supabase: port 5432 instead of 6543; PgBouncer: pool_mode = session) or the \
         database's own address"
    )]
    Pooler {
        /// `transaction` or `statement`.
        mode: &'static str,
    },
    /// A pooler is in between that has one connection for all.
    #[error(
        "a second session can't be had beside the first: the database, the role or a pooler in between allows one at a time. \
         Allow as many as HOLDFAST_DB_POOL says and two more (PgBouncer: default_pool_size)"
    )]
    OneSession,
    /// The role may not do what it has to.
    #[error("the database's role lacks rights: let an owner of the database run {}", missing.join("; "))]
    Rights {
        /// Statements that would give them.
        missing: Vec<String>,
    },
}

impl Facts {
    /// The major version.
    pub const fn major(&self) -> u32 {
        self.version / 10_000
    }

    /// All that speaks against using it, the worst first.
    pub fn unfit(&self) -> Vec<Unfit> {
        let mut unfit = Vec::new();
        match &self.sessions {
            Sessions::Stay => {}
            Sessions::Shared(mode) => unfit.push(Unfit::Pooler { mode }),
            Sessions::One => unfit.push(Unfit::OneSession),
        }
        if self.major() < OLDEST_MAJOR {
            unfit.push(Unfit::TooOld { major: self.major() });
        }
        if self.encoding != "UTF8" {
            unfit.push(Unfit::Encoding { encoding: self.encoding.clone() });
        }
        if self.read_only {
            unfit.push(Unfit::ReadOnly);
        }
        unfit.extend(self.off.iter().map(|setting| Unfit::Unsafe { setting }));
        if !self.missing_rights.is_empty() {
            unfit.push(Unfit::Rights { missing: self.missing_rights.clone() });
        }
        unfit
    }
}

/// Asks a database what it is. In sessions without our own settings: what the database does by itself is what a mistake of ours
/// would lead to, and what we would set in a pooler's connection would be there for its next user.
pub(crate) async fn ask(address: &Address) -> Result<Facts, Failure> {
    let sessions = sessions(address).await?;
    let Session { client, driver, line } = line::open(address).await?;
    let mut facts = Facts {
        line,
        version: 0,
        encoding: String::new(),
        read_only: false,
        off: Vec::new(),
        sessions,
        pending: Vec::new(),
        missing_rights: Vec::new(),
        clock_ahead_ms: 0,
    };
    let asked = SystemTime::now();
    let said = one_row(
        &client,
        "SELECT current_setting('server_version_num'), pg_encoding_to_char(encoding), pg_is_in_recovery() OR \
         current_setting('transaction_read_only') = 'on', round(extract(epoch FROM clock_timestamp()) * 1000)::bigint, \
         current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit') \
         FROM pg_database WHERE datname = current_database()",
    )
    .await?;
    let text = |index: usize| said.get(index).cloned().unwrap_or_default();
    facts.version = text(0).parse().unwrap_or(0);
    facts.encoding = text(1);
    facts.read_only = text(2) == "t";
    let middle = asked + asked.elapsed().unwrap_or_default() / 2;
    let local = middle.duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(0));
    facts.clock_ahead_ms = text(3).parse::<i64>().unwrap_or(local) - local;
    facts.off = DURABLE.into_iter().zip(4..).filter(|(_, at)| text(*at) == "off").map(|(setting, _)| setting).collect();
    (facts.pending, facts.missing_rights) = rights(&client).await?;
    drop(client);
    // The session ends with its client; how doesn't matter any more.
    let _ = driver.await;
    Ok(facts)
}

/// Whether sessions stay: two of them are told apart by a setting each, and have to be the same ones at each look, one after the
/// other and each while the other has a transaction open. A pooler that shares its connections gives both the same one when
/// they come one after the other, or swaps them in one of these looks.
async fn sessions(address: &Address) -> Result<Sessions, Failure> {
    let Session { client, driver, .. } = line::open(address).await?;
    let outcome = kept(&client, address).await;
    drop(client);
    let _ = driver.await;
    outcome
}

async fn kept(first: &Client, address: &Address) -> Result<Sessions, Failure> {
    let transaction = async {
        first.batch_execute("BEGIN").await?;
        first.batch_execute("ROLLBACK").await
    };
    if let Err(err) = transaction.await {
        // PgBouncer in statement mode says so and hangs up, which may be all that is heard of it.
        let refused = err.is_closed() || err.code() == Some(&SqlState::PROTOCOL_VIOLATION);
        let answers = refused && look(&line::open(address).await?.client).await.is_ok();
        return if answers { Ok(Sessions::Shared("statement")) } else { Err(lost(&err)) };
    }
    let second = async {
        let second = line::open(address).await?;
        // A pooler lends its connection with the first question.
        look(&second.client).await?;
        Ok::<_, Failure>(second)
    };
    let Ok(second) = timeout(SECOND_SESSION_WITHIN, second).await else { return Ok(Sessions::One) };
    let second = second?;
    let outcome = told_apart(first, &second.client).await;
    drop(second.client);
    let _ = second.driver.await;
    outcome
}

async fn told_apart(first: &Client, second: &Client) -> Result<Sessions, Failure> {
    let shared = Ok(Sessions::Shared("transaction"));
    let names = [format!("{:x}", random()), format!("{:x}", random())];
    let mut are = Vec::new();
    for (client, name) in [(first, &names[0]), (second, &names[1])] {
        let set = format!("SELECT set_config('holdfast.session', '{name}', false)");
        client.batch_execute(&set).await.map_err(|err| lost(&err))?;
        are.push(look(client).await?);
    }
    if are[0] == are[1] || are[0].1 != names[0] || are[1].1 != names[1] {
        return shared;
    }
    let stays = async |which: usize| -> Result<bool, Failure> {
        let client = [first, second][which];
        Ok(look(client).await? == are[which])
    };
    // An uneven pattern: connections that are handed out in turn don't fall into step with it.
    for which in [0, 0, 1, 0, 1, 1, 0] {
        if !stays(which).await? {
            return shared;
        }
    }
    for (holding, other) in [(0, 1), (1, 0), (1, 0), (0, 1)] {
        let holder = [first, second][holding];
        holder.batch_execute("BEGIN").await.map_err(|err| lost(&err))?;
        let stay = async { Ok::<_, Failure>(stays(other).await? && stays(holding).await? && stays(other).await?) };
        let stay = timeout(SECOND_SESSION_WITHIN, stay).await;
        holder.batch_execute("ROLLBACK").await.map_err(|err| lost(&err))?;
        match stay {
            Ok(Ok(true)) => {}
            Ok(Ok(false)) => return shared,
            Ok(Err(failure)) => return Err(failure),
            Err(_) => return Ok(Sessions::One),
        }
    }
    Ok(Sessions::Stay)
}

/// Which connection it is, of whichever server, and what is set in it.
async fn look(client: &Client) -> Result<(String, String), Failure> {
    let said = one_row(
        client,
        "SELECT pg_backend_pid() || ' ' || pg_postmaster_start_time(), coalesce(current_setting('holdfast.session', true), '')",
    );
    let mut said = said.await?.into_iter();
    Ok((said.next().unwrap_or_default(), said.next().unwrap_or_default()))
}

/// Migrations that are still to come, and statements that would give the role what it lacks.
async fn rights(client: &Client) -> Result<(Vec<String>, Vec<String>), Failure> {
    let schema = rows(
        client,
        "SELECT current_user, current_database(), has_database_privilege(current_database(), 'CREATE'), \
         (SELECT has_schema_privilege(oid, 'USAGE')::text || has_schema_privilege(oid, 'CREATE')::text \
          FROM pg_namespace WHERE nspname = 'holdfast')",
    )
    .await?;
    let said = |index: usize| schema.first().and_then(|row| row.get(index)).and_then(Option::clone);
    let (role, database) = (quoted(&said(0).unwrap_or_default()), quoted(&said(1).unwrap_or_default()));
    let all = migrate::versions().map_err(Failure::NoConnection)?;
    let mut missing = Vec::new();
    let Some(on_schema) = said(3) else {
        if said(2).as_deref() != Some("t") {
            missing.push(format!("CREATE SCHEMA holdfast AUTHORIZATION {role}"));
            missing.push(format!("or GRANT CREATE ON DATABASE {database} TO {role}"));
        }
        return Ok((all, missing));
    };
    if !on_schema.starts_with("true") {
        missing.push(format!("GRANT USAGE ON SCHEMA holdfast TO {role}"));
        return Ok((Vec::new(), missing));
    }
    let tables = rows(
        client,
        "SELECT relname, has_table_privilege(pg_class.oid, 'SELECT'), has_table_privilege(pg_class.oid, 'INSERT'), \
         has_table_privilege(pg_class.oid, 'UPDATE'), has_table_privilege(pg_class.oid, 'DELETE'), \
         pg_has_role(relowner, 'USAGE'), pg_get_userbyid(relowner) \
         FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace \
         WHERE nspname = 'holdfast' AND relkind IN ('r', 'p') ORDER BY relname",
    )
    .await?;
    let of = |row: &Vec<Option<String>>, index: usize| row.get(index).and_then(Option::clone).unwrap_or_default();
    let applied = tables.iter().find(|row| of(row, 0) == MIGRATIONS);
    let pending = match applied {
        Some(row) if of(row, 1) != "t" => {
            missing.push(format!("GRANT SELECT ON holdfast.{MIGRATIONS} TO {role}"));
            Vec::new()
        }
        Some(_) => {
            let applied = rows(client, &format!("SELECT version FROM holdfast.{MIGRATIONS}")).await?;
            let applied: Vec<String> = applied.iter().map(|row| of(row, 0)).collect();
            all.into_iter().filter(|version| !applied.contains(version)).collect()
        }
        None => all,
    };
    if pending.is_empty() {
        let lacks = |row: &&Vec<Option<String>>| of(row, 0) != MIGRATIONS && (1..=4).any(|index| of(row, index) != "t");
        if let Some(row) = tables.iter().find(lacks) {
            let verbs = ["SELECT", "INSERT", "UPDATE", "DELETE"];
            let lacking: Vec<&str> =
                (1..=4).filter(|index| of(row, *index) != "t").map(|index| verbs[index - 1]).collect();
            missing.push(format!("GRANT {} ON ALL TABLES IN SCHEMA holdfast TO {role}", lacking.join(", ")));
        }
    } else {
        if !on_schema.ends_with("true") {
            missing.push(format!("GRANT CREATE ON SCHEMA holdfast TO {role}"));
        }
        if let Some(row) = tables.iter().find(|row| of(row, 5) != "t") {
            missing.push(format!(
                "GRANT {} TO {role}, or start once with the role that owns the tables: there are migrations to come",
                quoted(&of(row, 6))
            ));
        }
    }
    Ok((pending, missing))
}

const MIGRATIONS: &str = "__diesel_schema_migrations";

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// In the simple protocol: it leaves nothing behind in a connection that others use.
async fn rows(client: &Client, query: &str) -> Result<Vec<Vec<Option<String>>>, Failure> {
    let messages = client.simple_query(query).await.map_err(|err| lost(&err))?;
    let rows = messages.into_iter().filter_map(|message| {
        let SimpleQueryMessage::Row(row) = message else { return None };
        Some((0..row.len()).map(|at| row.get(at).map(str::to_owned)).collect())
    });
    Ok(rows.collect())
}

async fn one_row(client: &Client, query: &str) -> Result<Vec<String>, Failure> {
    let row = rows(client, query).await?.into_iter().next().unwrap_or_default();
    Ok(row.into_iter().map(Option::unwrap_or_default).collect())
}

fn lost(err: &tokio_postgres::Error) -> Failure {
    Failure::NoConnection(line::describe(err))
}

fn random() -> u64 {
    getrandom::u64().expect("the operating system has randomness")
}
