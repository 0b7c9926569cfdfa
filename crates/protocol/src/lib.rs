//! The shapes of messages: what goes over the socket and, where they are the same, over HTTP. One type gives the JSON, the OpenAPI
//! and AsyncAPI documents and TypeScript.
//!
//! It knows the domain alone: neither sockets nor HTTP nor who may see what, which `domain::view` has decided before.
//!
//! - [`event`]: one event as one reader sees it; [`frame`]: all else on the socket
//! - [`settings`]: a room's settings, and a change of some
//! - [`names`]: what has a fixed set of values; [`code`]: what a refusal is called
//! - [`auth`], [`rooms`], [`membership`], [`seats`], [`host`], [`play`], [`document`]: bodies of calls and answers
//! - [`hidden`]: so that no length tells a card

// An event, a rule, a reason or a state that is added has to be thought of wherever one is handled.
#![warn(clippy::wildcard_enum_match_arm)]

pub mod auth;
pub mod code;
pub mod document;
pub mod event;
pub mod frame;
pub mod hidden;
pub mod host;
pub mod membership;
pub mod names;
pub mod play;
pub mod rooms;
pub mod seats;
pub mod settings;
