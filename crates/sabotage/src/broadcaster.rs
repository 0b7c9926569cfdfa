//! Tells readers too much, or not at all.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use domain::event::{Committed, Secret};
use domain::ids::{RoomId, UserId};
use ports::broadcaster::Broadcaster;

use crate::{Bug, Point, Saboteur, has};

/// With [`Bug::NoGapCheck`], one publication in so many is lost on its way.
const LOST_ONE_IN: u64 = 10;

pub(crate) struct WreckedBroadcaster {
    inner: Arc<dyn Broadcaster>,
    saboteur: Arc<Saboteur>,
    published: AtomicU64,
}

impl WreckedBroadcaster {
    pub(crate) fn new(inner: Arc<dyn Broadcaster>, saboteur: Arc<Saboteur>) -> Self {
        Self { inner, saboteur, published: AtomicU64::new(0) }
    }
}

#[async_trait]
impl Broadcaster for WreckedBroadcaster {
    async fn publish(&self, room: RoomId, events: &[Committed]) {
        self.saboteur.pass(Point::BeforePublish);
        let number = self.published.fetch_add(1, Ordering::Relaxed);
        if has(Bug::NoGapCheck) && number % LOST_ONE_IN == LOST_ONE_IN - 1 {
            return;
        }
        if has(Bug::SpectatorSeesCards) {
            let spectators = self.saboteur.sql.spectators(room).await;
            let events: Vec<_> = events.iter().map(|event| with_cards_for(&spectators, event)).collect();
            self.inner.publish(room, &events).await;
        } else if has(Bug::TokenToHost)
            && let Some(host) = self.saboteur.sql.host(room).await
        {
            let events: Vec<_> = events.iter().map(|event| with_token_for(host, event)).collect();
            self.inner.publish(room, &events).await;
        } else {
            self.inner.publish(room, events).await;
        }
        self.saboteur.pass(Point::AfterPublish);
    }
}

/// An approval, with its token for `host` instead of its owner.
fn with_token_for(host: UserId, committed: &Committed) -> Committed {
    let mut committed = committed.clone();
    if let Secret::Token { of, .. } = &mut committed.event.secret {
        *of = host;
    }
    committed
}

/// The deal, with the first player's cards for `readers` too.
fn with_cards_for(readers: &[UserId], committed: &Committed) -> Committed {
    let mut committed = committed.clone();
    if let Secret::Cards(hands) = &mut committed.event.secret
        && let Some((_, first)) = hands.first().copied()
    {
        hands.extend(readers.iter().map(|reader| (*reader, first)));
    }
    committed
}
