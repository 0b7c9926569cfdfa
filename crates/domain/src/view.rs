//! What one reader may see: the only way out for a card.
//!
//! Every view is built from nothing, field by field; nothing is ever made by taking secrets out of something larger.

pub mod event;
pub mod hydration;
pub mod proof;
