//! Sockets: the protocol's frames, one task for each connection, the hub that fans committed events out
//! to them, and the relay that brings the hub those of other nodes.

pub mod code;
pub mod event;
pub mod frame;
pub mod hidden;
pub mod hub;
pub mod names;
pub mod relay;
pub mod settings;
pub mod socket;
