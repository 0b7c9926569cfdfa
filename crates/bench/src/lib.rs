//! The load generator and the benchmark: how much a server takes, what it costs, and how that compares with PostgreSQL alone.
//!
//! It knows nothing of the server but its public protocol, and runs in a process of its own, on one thread: it takes its CPU
//! time from the machine that it measures, so it must need little, and it says how much it needed.

pub mod burn;
pub mod capture;
pub mod ceiling;
pub mod flat;
pub mod frame;
pub mod http;
pub mod hydrate;
pub mod latency;
pub mod meter;
pub mod nodes;
pub mod player;
pub mod plot;
pub mod process;
pub mod ratio;
pub mod record;
pub mod report;
pub mod rig;
pub mod room;
pub mod run;
pub mod schedule;
pub mod script;
pub mod setup;
pub mod socket;
pub mod storm;
pub mod table;
pub mod tally;
