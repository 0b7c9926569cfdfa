//! Sockets: one task for each connection, the hub that fans committed events out
//! to them, and the relay that brings the hub those of other nodes.

// An event, a rule, a reason or a state that is added has to be thought of wherever one is handled.
#![warn(clippy::wildcard_enum_match_arm)]

pub mod hub;
pub mod relay;
pub mod renderer;
pub mod socket;
