//! Events as text for their readers.

use std::sync::Arc;

use domain::ids::RoomId;
use domain::view::event::EventView;
use ports::identity::RejoinTokens;
use protocol::event::WireEvent;

/// Turns events into text for their readers.
#[derive(Clone)]
pub struct Renderer {
    tokens: Arc<dyn RejoinTokens>,
}

impl Renderer {
    /// `tokens` gives the owner's copy of an approval its token.
    pub fn new(tokens: Arc<dyn RejoinTokens>) -> Self {
        Self { tokens }
    }

    /// The bytes that this reader gets, however they get them. Their length doesn't depend on hidden cards.
    pub fn text(&self, room: RoomId, view: &EventView<'_>) -> String {
        WireEvent::text(room, view, &|id| self.tokens.text(id))
    }
}
