//! What can be asked of Holdfast: one function for each command and query, over the ports.
//!
//! A command decides (in `domain`), persists and publishes, in that order and nothing else; a refusal returns early and
//! leaves no trace. Sockets, HTTP and the clock all call the same functions.
//!
//! | commands of | |
//! | --- | --- |
//! | anybody | [`identity::register`], [`identity::log_in`], [`identity::guest`], [`rooms::create_room`], [`membership::join`] |
//! | members | [`membership::spectate`], [`membership::stop_spectating`], [`membership::leave`], [`seats::take_seat`], [`connect::heartbeat`] |
//! | players | [`act::act`], [`seats::stand_up`], [`seats::sit_out`], [`seats::sit_in`], [`seats::top_up`], [`runs::answer_runs`], [`showing::show_cards`], [`showing::hunt_rabbit`] |
//! | the host | [`membership::approve`], [`membership::reject`], [`host`] |
//! | the clock | [`timers`] |
//!
//! Queries: [`query`]. A command that comes with an id is done [`once`].

// An event, a rule, a reason or a state that is added has to be thought of wherever one is handled.
#![warn(clippy::wildcard_enum_match_arm)]

pub mod act;
pub mod apart;
mod command;
pub mod connect;
mod error;
pub mod host;
pub mod identity;
pub mod membership;
pub mod once;
pub mod query;
pub mod rooms;
pub mod runs;
pub mod seats;
pub mod showing;
pub mod timers;

pub use command::Done;
pub use error::CommandError;
