//! PostgreSQL: the store's port.
//!
//! - [`PgStore`] is the store; [`ServerKey`] seals what it keeps hidden and derives rejoin tokens
//! - `address`, `line`: where the database is, and how the line to it is secured; `probe`, `key_check`: what is asked of it before it
//!   is used
//! - `pool`, `statement`, `error`: connections, statements and their failures
//! - `tx`, `load`, `save`: a room's transaction, read and written
//! - `log_home`: whether the log is still the one that this node knows, or the database was restored from a backup
//! - `memory`, `catch_up`, `optimistic`: what this node remembers of rooms, how it learns what others did, and an action on that in one
//!   statement
//! - `shared_reads`: one read for all who ask for a room at once
//! - `rows`: the tables' rows, to and from domain values; `event_row` and `ledger`: the log's
//! - `rooms`, `journal`, `tokens`, `users`, `replies`, `clock`, `retention`: one for each part of the port; `archive`: all of it, for an audit

// An event, a rule, a reason or a state that is added has to be thought of wherever one is handled.
#![warn(clippy::wildcard_enum_match_arm)]

mod address;
mod archive;
mod catch_up;
mod clock;
mod error;
mod event_row;
mod journal;
mod key_check;
mod ledger;
mod line;
mod load;
mod log_home;
mod memory;
mod migrate;
mod optimistic;
mod pool;
mod probe;
mod replies;
mod retention;
mod rooms;
mod rows;
mod save;
mod schema;
mod seal;
mod shared_reads;
mod statement;
mod store;
mod tokens;
mod tx;
mod users;

pub use line::{Line, Secured};
pub use log_home::restored;
pub use migrate::{MigrateError, migrate, revert};
pub use probe::{Facts, OLDEST_MAJOR, Sessions, Unfit};
pub use seal::{Fingerprints, RejoinKey, ServerKey};
pub use store::{ConnectError, PgStore, check_address, inspect, is_sealed, key_fit};
