//! Sockets: the protocol's frames, one task for each connection, and the hub that fans committed events out to them.

pub mod event;
pub mod frame;
pub mod hub;
pub mod socket;
