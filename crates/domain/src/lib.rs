//! The rules of Holdfast, values in and values out: what a hand, a seat, a member, a token and a room may do.
//!
//! No clock, no randomness, no async, no serialisation, no storage: time and chance are arguments, and what happened is
//! returned. Modules use only those above them:
//!
//! - [`named`](crate::named!): names of enums, said once
//! - [`ids`], [`chips`], [`time`], [`name`], [`rules`], [`card`]: values
//! - [`pot`], [`hand`]: one hand; knows seats, not people
//! - [`button`]: the button and the blinds from hand to hand; knows seats, not people
//! - [`settings`]: what a host chooses
//! - [`token`], [`member`], [`seat`], [`game`]: one of each
//! - [`event`], [`ledger`]: what happened, and what it did to the chips
//! - [`room`]: the aggregate, one method a command
//! - [`view`]: what one reader may see, the only way out for a card

// An event, a rule, a reason or a state that is added has to be thought of wherever one is handled.
#![warn(clippy::wildcard_enum_match_arm)]

pub mod button;
pub mod card;
pub mod chips;
pub mod event;
pub mod game;
pub mod hand;
pub mod ids;
pub mod ledger;
pub mod member;
pub mod name;
pub mod named;
pub mod password;
pub mod pot;
pub mod room;
pub mod rules;
pub mod seat;
pub mod settings;
pub mod time;
pub mod token;
pub mod view;
