//! Two things that have to be the same, field by field: the first that isn't is named.

use std::fmt::Display;

use domain::card::Card;
use domain::event::{
    Acted, DealtIn, FinalStack, HandCompleted, HandStarted, Happened, PartShare, PotDistributed, Share,
};
use domain::hand::{Half, Post, Pot, Shown, UncalledBet};
use domain::time::Timestamp;

/// A field that differs.
pub(super) struct Mismatch {
    pub(super) field: String,
    pub(super) expected: String,
    pub(super) stored: String,
}

/// Compares fields until one differs.
#[derive(Default)]
pub(super) struct Comparison(Option<Mismatch>);

impl Comparison {
    /// A field that can be named.
    pub(super) fn field<T: PartialEq + Display>(self, field: &str, expected: &T, stored: &T) -> Self {
        self.shown(field, expected, stored, T::to_string)
    }

    /// A field that may be absent.
    pub(super) fn optional<T: PartialEq + Display>(
        self,
        field: &str,
        expected: &Option<T>,
        stored: &Option<T>,
    ) -> Self {
        self.shown(field, expected, stored, |value| value.as_ref().map_or("none".to_owned(), T::to_string))
    }

    /// A field with a way of its own to be told.
    pub(super) fn shown<T: PartialEq>(
        self,
        field: &str,
        expected: &T,
        stored: &T,
        show: impl Fn(&T) -> String,
    ) -> Self {
        if self.0.is_some() || expected == stored {
            return self;
        }
        Self(Some(Mismatch { field: field.to_owned(), expected: show(expected), stored: show(stored) }))
    }

    /// Cards: those that are stored in clear may be named, those of the deck may not.
    pub(super) fn cards(self, field: &str, expected: &[Card], stored: &[Card]) -> Self {
        if self.0.is_some() || expected == stored {
            return self;
        }
        let names: Vec<String> = stored.iter().map(Card::to_string).collect();
        let expected = format!("{} cards of the deck", expected.len());
        let stored = if names.is_empty() { "none".to_owned() } else { names.join(" ") };
        Self(Some(Mismatch { field: field.to_owned(), expected, stored }))
    }

    /// A last look: whatever is the same so far has to be the same altogether.
    pub(super) fn all<T: PartialEq>(self, field: &str, expected: &T, stored: &T) -> Self {
        let untold = |_: &T| "another one".to_owned();
        self.shown(field, expected, stored, untold)
    }

    pub(super) fn first(self) -> Option<Mismatch> {
        self.0
    }
}

/// Compares an event of a hand with the engine's. Clocks are left out: the room's, not the hand's.
pub(super) fn events(expected: &Happened, stored: &Happened) -> Option<Mismatch> {
    let same = Comparison::default().field("event", &expected.name(), &stored.name());
    let compared = match (expected, stored) {
        (Happened::HandStarted(a), Happened::HandStarted(b)) => started(same, a, b),
        (Happened::Acted(a), Happened::Acted(b)) => acted(same, a, b),
        (
            Happened::StreetAdvanced { street: a, boards: cards_a, pots: pots_a, hand: hand_a, timer: _ },
            Happened::StreetAdvanced { street: b, boards: cards_b, pots: pots_b, hand: hand_b, timer: _ },
        ) => same
            .field("street", &a.name(), &b.name())
            .cards("board", &cards_a.concat(), &cards_b.concat())
            .all("boards", cards_a, cards_b)
            .shown("pots", pots_a, pots_b, |pots| list(pots, pot))
            .all("event", hand_a, hand_b),
        (Happened::HandCompleted(a), Happened::HandCompleted(b)) => completed(same, a, b),
        (Happened::PotDistributed(a), Happened::PotDistributed(b)) => same
            .field("pot", &a.index, &b.index)
            .field("amount", &a.amount, &b.amount)
            .shown("winners", &a.winners, &b.winners, |all| list(all, share))
            .shown("parts", &a.parts, parts_to_compare(a, b), |all| list(all, part))
            .all("event", &a.hand, &b.hand),
        (Happened::RunsAsked(a), Happened::RunsAsked(b)) => same
            .shown("seats that are asked", &a.seats, &b.seats, |seats| list(seats, ToString::to_string))
            .field("most runs", &a.max_runs, &b.max_runs)
            .field("turn", &a.turn, &b.turn)
            // In a game that is paused the clock stands still.
            .all("end of the question", &a.expires, &b.expires.or(a.expires))
            .all("event", &a.hand, &b.hand),
        // Whatever else: nothing in it is a clock.
        (expected, stored) => same.all("event", expected, stored),
    };
    compared.first()
}

/// The stored parts of a pot. Hold'em was played before they were kept: what has none is as it should be.
fn parts_to_compare<'p>(expected: &'p PotDistributed, stored: &'p PotDistributed) -> &'p Vec<PartShare> {
    let is_plain = expected.parts.iter().all(|part| part.board == 0 && part.half == Half::Whole);
    if stored.parts.is_empty() && is_plain { &expected.parts } else { &stored.parts }
}

fn started(same: Comparison, a: &HandStarted, b: &HandStarted) -> Comparison {
    same.field("hand number", &a.number, &b.number)
        .field("button", &a.button, &b.button)
        .field("rule book", &a.rules.book, &b.rules.book)
        .field("small blind", &a.rules.small_blind, &b.rules.small_blind)
        .field("big blind", &a.rules.big_blind, &b.rules.big_blind)
        .field("ante", &a.rules.ante, &b.rules.ante)
        .field("button blind", &a.rules.button_blind, &b.rules.button_blind)
        .field("kind", &a.kind.name(), &b.kind.name())
        .field("number of boards", &a.boards, &b.boards)
        .shown("posts", &a.posts, &b.posts, |posts| list(posts, post))
        .shown("seats", &a.seats, &b.seats, |seats| list(seats, dealt_in))
        .field("pot", &a.pot, &b.pot)
        .all("event", &HandStarted { timer: None, ..a.clone() }, &HandStarted { timer: None, ..b.clone() })
}

fn acted(same: Comparison, a: &Acted, b: &Acted) -> Comparison {
    same.field("seat", &a.seat, &b.seat)
        .field("user", &a.user, &b.user)
        .field("street", &a.street.name(), &b.street.name())
        .field("action", &a.kind.name(), &b.kind.name())
        .field("amount", &a.amount, &b.amount)
        .field("stack", &a.chips, &b.chips)
        .field("bet", &a.bet, &b.bet)
        .field("pot", &a.pot, &b.pot)
        .shown("chips that go back", &a.returned, &b.returned, |back| back.as_ref().map_or("none".to_owned(), returned))
        .optional("turn", &a.turn, &b.turn)
        .all("event", &Acted { timer: None, ..a.clone() }, &Acted { timer: None, ..b.clone() })
}

fn completed(same: Comparison, a: &HandCompleted, b: &HandCompleted) -> Comparison {
    same.field("variant", &a.variant.name(), &b.variant.name())
        .cards("board", &a.boards.concat(), &b.boards.concat())
        .shown("winners", &a.winners, &b.winners, |all| list(all, share))
        .shown("stacks", &a.stacks, &b.stacks, |all| list(all, final_stack))
        .shown("shown hands", &seats_of(&a.shown), &seats_of(&b.shown), |seats| {
            list(seats, |seat| format!("seat {seat}"))
        })
        .all("shown cards", &a.shown, &b.shown)
        .all(
            "event",
            &HandCompleted { next_hand_at: None, ..a.clone() },
            &HandCompleted { next_hand_at: None, ..b.clone() },
        )
}

/// The seats that showed their hands.
pub(super) fn seats_of(shown: &[Shown]) -> Vec<domain::ids::SeatIndex> {
    shown.iter().map(|shown| shown.seat).collect()
}

/// Several things, told one after the other.
pub(super) fn list<T>(all: &[T], show: impl Fn(&T) -> String) -> String {
    let all: Vec<String> = all.iter().map(show).collect();
    if all.is_empty() { "none".to_owned() } else { all.join(", ") }
}

/// A share of what was won.
pub(super) fn share(share: &Share) -> String {
    format!("seat {} {}", share.seat, share.amount)
}

/// An instant.
pub(super) fn instant(at: &Timestamp) -> String {
    format!("{} ms", at.0)
}

fn part(part: &PartShare) -> String {
    format!("{} {} of board {} to {}", part.half.name(), part.amount, part.board, list(&part.winners, share))
}

fn pot(pot: &Pot) -> String {
    format!("{} for seats {}", pot.amount, list(&pot.eligible, ToString::to_string))
}

fn post(post: &Post) -> String {
    format!("seat {} {} {}", post.seat, post.kind.name(), post.amount)
}

fn dealt_in(player: &DealtIn) -> String {
    format!("seat {} {} with {}, {} behind, bet {}", player.seat, player.user, player.stack, player.chips, player.bet)
}

fn returned(back: &UncalledBet) -> String {
    format!("{} to seat {} with {}", back.amount, back.seat, back.stack)
}

fn final_stack(stack: &FinalStack) -> String {
    format!("seat {} {} ({:+})", stack.seat, stack.chips, stack.net)
}
