//! After a hand: cards that a player shows of their own will, and what would have come.

use crate::card::Card;
use crate::event::{Event, Happened, Secret};
use crate::game::Dealt;
use crate::ids::{HandId, SeatIndex, UserId};
use crate::room::{Lifetimes, Room, RoomError};
use crate::settings::RabbitHunt;
use crate::time::Timestamp;

impl Room {
    /// A player shows some of their own cards, when the hand is complete and until the next one starts.
    ///
    /// # Errors
    ///
    /// - [`RoomError::NotApproved`], [`RoomError::NotSeated`]: neither dealt in nor in a seat.
    /// - [`RoomError::OtherHand`]: not the room's last hand; [`RoomError::HandRunning`].
    /// - [`RoomError::NothingToShow`]: not dealt in, or all of these cards are shown already.
    /// - [`RoomError::InvalidCards`]: none, one of them twice, or not their own.
    pub fn show_cards(
        &mut self,
        by: UserId,
        hand: HandId,
        cards: &[Card],
        at: Timestamp,
        lifetimes: &Lifetimes,
    ) -> Result<Vec<Event>, RoomError> {
        let (seat, dealt) = self.finished_hand_of(by, hand)?;
        let own = dealt.hand.player(seat).map_or(&[][..], |player| player.hole.cards());
        let twice = cards.iter().enumerate().any(|(at, card)| cards[..at].contains(card));
        if cards.is_empty() || twice || !cards.iter().all(|card| own.contains(card)) {
            return Err(RoomError::InvalidCards);
        }
        if cards.iter().all(|card| dealt.shown_cards(seat).contains(card)) {
            return Err(RoomError::NothingToShow);
        }
        let mut events = self.heard(by, at, lifetimes);
        if let Some(dealt) = &mut self.game.dealt {
            dealt.beside.show(seat, cards);
        }
        events.push(Happened::CardsShown { hand, seat, user: by, cards: cards.to_vec() }.into());
        if let Some(paid) = self.pay_bounty(seat) {
            events.push(paid);
            // Who has paid may have nothing left to play with.
            self.schedule(at);
        }
        Ok(events)
    }

    /// A player asks what would have come, when all others have folded before the board was complete. Returns each whole board.
    /// Asked again by the same player it is no news.
    ///
    /// # Errors
    ///
    /// - [`RoomError::NotApproved`], [`RoomError::NotSeated`]: neither dealt in nor in a seat.
    /// - [`RoomError::OtherHand`]: not the room's last hand; [`RoomError::HandRunning`].
    /// - [`RoomError::NothingToShow`]: not dealt in, the room doesn't allow it, or nothing more would have come.
    pub fn hunt_rabbit(
        &mut self,
        by: UserId,
        hand: HandId,
        at: Timestamp,
        lifetimes: &Lifetimes,
    ) -> Result<(Vec<Vec<Card>>, Vec<Event>), RoomError> {
        let (_, dealt) = self.finished_hand_of(by, hand)?;
        let boards = dealt.hand.undealt_boards().ok_or(RoomError::NothingToShow)?;
        let told = match dealt.rabbit_hunt {
            RabbitHunt::Off => return Err(RoomError::NothingToShow),
            RabbitHunt::Asker => None,
            RabbitHunt::Room => Some(boards.clone()),
        };
        let mut events = self.heard(by, at, lifetimes);
        let Some(dealt) = &mut self.game.dealt else { return Err(RoomError::NothingToShow) };
        if dealt.beside.hunters.insert(by) {
            let secret = match told {
                None => Secret::Boards { of: by, boards: boards.clone() },
                Some(_) => Secret::None,
            };
            events.push(Event { secret, ..Happened::RabbitShown { hand, user: by, boards: told }.into() });
        }
        Ok((boards, events))
    }

    /// The room's last hand, which is complete, and the seat in which `by` was dealt into it.
    fn finished_hand_of(&self, by: UserId, hand: HandId) -> Result<(SeatIndex, &Dealt), RoomError> {
        self.approved_member(by)?;
        let dealt = self.game.dealt.as_ref().filter(|dealt| dealt.id == hand).ok_or(RoomError::OtherHand)?;
        let seat = dealt.players.iter().find(|(_, user)| **user == by).map(|(seat, _)| *seat);
        let seat = match (seat, self.seat_of(by)) {
            (Some(seat), _) => seat,
            (None, None) => return Err(RoomError::NotSeated),
            (None, Some(_)) => return Err(RoomError::NothingToShow),
        };
        if dealt.hand.is_complete() { Ok((seat, dealt)) } else { Err(RoomError::HandRunning) }
    }
}

impl Dealt {
    /// The cards that everybody has seen of the hand on this seat, at the showdown or later, in the order in which they were dealt.
    pub fn shown_cards(&self, seat: SeatIndex) -> Vec<Card> {
        let Some(player) = self.hand.player(seat) else { return Vec::new() };
        let later = self.beside.shown.get(&seat);
        let is_shown = |card: &&Card| player.shown || later.is_some_and(|shown| shown.contains(card));
        player.hole.cards().iter().filter(is_shown).copied().collect()
    }
}
