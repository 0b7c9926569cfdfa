//! What is posted before the cards, and who acts first after it.

use super::{Hand, HandKind, Post, PostKind, Round, Stage, Step, Street};
use crate::chips::Chips;
use crate::ids::SeatIndex;
use crate::rules::Posting;

/// What has to be matched before the flop, by how much a raise must go above it, and whose left acts first.
struct Opening {
    price: Chips,
    before_first: usize,
}

impl Hand {
    /// Posts antes and blinds and finds who acts first.
    pub(super) fn open(&mut self) -> Vec<Step> {
        for at in self.left_of(self.button) {
            self.post(at, PostKind::Ante, self.setup.rules.ante);
        }
        let mut steps = Vec::new();
        let opens = match self.setup.kind {
            HandKind::Ordinary => {
                let Opening { price, before_first } = self.post_before_the_flop();
                self.post_late();
                // Price and step are the same, and a short blind lowers neither.
                self.stage = Stage::Betting(Round::new(price, price));
                self.pass_turn_on(before_first)
            }
            HandKind::BombPot => false,
        };
        if !opens {
            self.return_uncalled();
            self.end_street(&mut steps);
        }
        steps
    }

    fn post_before_the_flop(&mut self) -> Opening {
        let rules = self.setup.rules;
        match rules.posting() {
            Posting::ButtonBlind => {
                self.post(self.button, PostKind::ButtonBlind, rules.button_blind);
                Opening { price: rules.button_blind, before_first: self.button }
            }
            Posting::Blinds => {
                let (small, big) = self.blinds();
                if let Some(small) = small {
                    self.post(small, PostKind::SmallBlind, rules.small_blind);
                }
                self.post(big, PostKind::BigBlind, rules.big_blind);
                let mut opening = Opening { price: rules.big_blind, before_first: big };
                for seat in self.setup.straddles.clone() {
                    let amount = opening.price + opening.price;
                    opening = Opening { price: amount, before_first: self.place_of(seat) };
                    self.post(opening.before_first, PostKind::Straddle, amount);
                }
                opening
            }
        }
    }

    /// Who posts the small blind, if anybody does, and the big one.
    fn blinds(&self) -> (Option<usize>, usize) {
        let (small, big) = self.setup.blind_seats().expect("a hand with blinds has a big one");
        (small.map(|seat| self.place_of(seat)), self.place_of(big))
    }

    /// The live part first, the dead one of what is left.
    fn post_late(&mut self) {
        for post in self.setup.posts.clone() {
            let at = self.place_of(post.seat);
            if post.live {
                self.post(at, PostKind::PostedBigBlind, self.setup.rules.big_blind);
            }
            if post.dead {
                self.post(at, PostKind::DeadSmallBlind, self.setup.rules.small_blind);
            }
        }
    }

    fn post(&mut self, at: usize, kind: PostKind, amount: Chips) {
        let player = &mut self.players[at];
        let amount = amount.min(player.stack);
        if amount.is_zero() {
            return;
        }
        match kind {
            PostKind::Ante => player.pay(amount),
            PostKind::DeadSmallBlind => {
                player.pay_dead(amount);
                self.dead += amount;
            }
            PostKind::SmallBlind
            | PostKind::BigBlind
            | PostKind::ButtonBlind
            | PostKind::Straddle
            | PostKind::PostedBigBlind => player.put_in(amount),
        }
        self.posts.push(Post { seat: player.seat, kind, amount });
    }

    pub(super) fn place_of(&self, seat: SeatIndex) -> usize {
        self.players.iter().position(|player| player.seat == seat).expect("who posts or wins is a player")
    }

    /// What counts for the pot's limit: every chip in the middle, and before the flop what short or dead blinds lack.
    pub(super) fn counted_in_pot(&self) -> Chips {
        let blinds = self.setup.kind == HandKind::Ordinary && self.setup.rules.posting() == Posting::Blinds;
        if self.street != Street::Preflop || !blinds {
            return self.total();
        }
        let posted = |kind: PostKind| self.posts.iter().filter(|post| post.kind == kind).map(|post| post.amount).sum();
        let lacks = |blind: Chips, kind| blind.saturating_sub(posted(kind));
        let rules = self.setup.rules;
        self.total() + lacks(rules.small_blind, PostKind::SmallBlind) + lacks(rules.big_blind, PostKind::BigBlind)
    }
}
