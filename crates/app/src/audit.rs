//! The operator's audit: the crate `audit` over all rooms of a database, and its report.

use std::collections::BTreeSet;
use std::io::Write;
use std::process::ExitCode;

use adapters_pg::{PgStore, ServerKey};
use anyhow::{Context, bail};
use audit::{Difference, RoomReport, WrongReply, audit_outages, audit_replies, audit_room};
use domain::ids::RoomId;
use domain::room::Lifetimes;
use ports::store::{Archive, KeyFit, Store, StoreError};
use private_postgres::Visit;
use tracing::Level;
use usecases::apart::caught;

use crate::config::{Audit, Config};
use crate::telemetry;

/// How many rooms' ids are read at once.
const PAGE: u32 = 500;

/// Something differs.
const DIFFERENT: u8 = 1;
/// It could not be done; the same as for arguments that aren't understood.
const NOT_DONE: u8 = 2;

/// Audits what `config` names, prints each room's first difference and a summary, and says how the process has to end.
pub async fn run(config: &Config, audit: &Audit) -> ExitCode {
    match audit_database(config, audit).await {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(DIFFERENT),
        Err(err) => {
            telemetry::say(config.log_format, Level::ERROR, &format!("The audit could not be done: {err:#}"));
            ExitCode::from(NOT_DONE)
        }
    }
}

/// Returns the number of differences.
async fn audit_database(config: &Config, audit: &Audit) -> anyhow::Result<u64> {
    let key = config.known_server_key()?;
    let key = ServerKey::new(key.with_context(|| format!("there is no secret key {}", config.key_file().display()))?);
    let Some(url) = &config.database_url else {
        let visit = Visit::begin(&config.data_dir).await.context("the private database")?;
        let differences = audit_at(visit.database_url(), &key, config, audit).await;
        visit.end().await.context("the private database")?;
        return differences;
    };
    audit_at(url.expose(), &key, config, audit).await
}

async fn audit_at(database_url: &str, key: &ServerKey, config: &Config, audit: &Audit) -> anyhow::Result<u64> {
    let store = PgStore::read_only(database_url, key).await.context("the database")?;
    let fit = store.key_fit().await.context("the database")?;
    if matches!(fit, KeyFit::Other) {
        bail!("the server's key is not the one that this database was sealed with");
    }
    let lifetimes = config.lifetimes();
    let mut report = Report { clock_was_set: audit.clock_was_set, lifetimes, ..Report::default() };
    if let Some(code) = &audit.room {
        let Some(room) = usecases::query::room_id_by_code(&store, code).await.context("the database")? else {
            bail!("there is no room with the code {code:?}");
        };
        report.room(&store, room).await?;
        report.replies(&store, Some(room)).await?;
    } else {
        report.all(&store).await?;
        report.replies(&store, None).await?;
        report.outages(&store).await?;
    }
    // What differs was named above; this may be why.
    if let KeyFit::Mixed { opened, shut } = fit {
        let tried = opened + shut;
        print(format_args!(
            "of {tried} sealed values that were tried, {shut} don't open with this key: they were changed, or another key was \
             used for a time"
        ));
    }
    report.print_summary();
    Ok(report.differences)
}

#[derive(Default)]
struct Report {
    clock_was_set: bool,
    lifetimes: Lifetimes,
    /// Rooms that differ.
    different: BTreeSet<RoomId>,
    rooms: u64,
    hands: u64,
    events: u64,
    differences: u64,
}

impl Report {
    async fn all(&mut self, store: &PgStore) -> anyhow::Result<()> {
        let mut last = None;
        loop {
            let rooms = store.rooms_after(last, PAGE).await.context("the database")?;
            let Some(end) = rooms.last() else { return Ok(()) };
            last = Some(*end);
            for room in rooms {
                self.room(store, room).await?;
            }
        }
    }

    async fn room(&mut self, store: &PgStore, room: RoomId) -> anyhow::Result<()> {
        let unreadable = |stored: String| {
            let (what, expected) = ("the room".to_owned(), "one that can be read".to_owned());
            let difference = Some(Difference { hand: None, seq: None, what, expected, stored });
            RoomReport { code: room.to_string(), hands: 0, events: 0, foreign: None, difference }
        };
        // One room's trouble is a difference of that room: the others are audited all the same.
        let report = match caught(audit_room(store, room, &self.lifetimes, self.clock_was_set)).await {
            Ok(Ok(report)) => report,
            Ok(Err(StoreError::Missing(_))) => return Ok(()),
            Ok(Err(err)) if store.ready().await.is_ok() => unreadable(err.to_string()),
            Ok(Err(err)) => return Err(err).context("the database"),
            Err(panic) => unreadable(format!("one that the audit breaks down on: {}", panic.0)),
        };
        self.rooms += 1;
        self.hands += report.hands;
        self.events += report.events;
        if let Some(foreign) = report.foreign {
            print(format_args!("room {}: {foreign}", report.code));
        }
        if let Some(difference) = report.difference {
            self.differences += 1;
            self.different.insert(room);
            print(format_args!("room {}, {difference}", report.code));
        }
        Ok(())
    }

    async fn replies(&mut self, store: &PgStore, room: Option<RoomId>) -> anyhow::Result<()> {
        let different = std::mem::take(&mut self.different);
        for WrongReply { room, difference } in audit_replies(store, room, different).await.context("the database")? {
            self.differences += 1;
            match room {
                Some((_, Some(code))) => print(format_args!("room {code}, {difference}")),
                Some((room, None)) => print(format_args!("room {room}, {difference}")),
                None => print(format_args!("no room, {difference}")),
            }
        }
        Ok(())
    }

    async fn outages(&mut self, store: &PgStore) -> anyhow::Result<()> {
        let outages = store.outages().await.context("the database")?;
        if let Some(difference) = audit_outages(&outages, self.clock_was_set) {
            self.differences += 1;
            print(format_args!("no room, {difference}"));
        }
        Ok(())
    }

    fn print_summary(&self) {
        let Self { rooms, hands, events, differences, .. } = self;
        print(format_args!("{rooms} rooms, {hands} hands, {events} events: {differences} differences"));
    }
}

/// A line on standard output. Whoever doesn't read on is no reason to fail.
fn print(line: std::fmt::Arguments<'_>) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}
