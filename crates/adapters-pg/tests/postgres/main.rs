//! The store on a real PostgreSQL, which the tests start by themselves; each test has a database of its own.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod accounts;
mod clock;
mod commands;
mod conformance;
mod damage;
mod faults;
mod keys;
mod life;
mod lines;
mod log;
mod plans;
mod remembered;
mod retention;
mod runs;
mod schema;
mod secrets;
mod support;
mod time_banks;
mod tokens;
