//! Bomb pots: asked for by the host, drawn, or due.

use crate::event::{Event, Happened};
use crate::hand::HandKind;
use crate::ids::UserId;
use crate::room::{Chance, Room, RoomError};
use crate::settings::{BombPotMode, InvalidSettings};

impl Room {
    /// Makes the next hand a bomb pot. No effect if the host has asked for that already.
    ///
    /// # Errors
    ///
    /// - [`RoomError::NotHost`], [`RoomError::RoomClosed`].
    /// - [`RoomError::Settings`]: in this room it isn't the host who says which hands are bomb pots.
    pub fn queue_bomb_pot(&mut self, by: UserId) -> Result<Vec<Event>, RoomError> {
        self.must_be_host(by)?;
        self.must_be_open()?;
        if self.settings.bomb_pot_mode != BombPotMode::Manual {
            let why = "the host asks for bomb pots where bombPotMode is manual, and here it isn't";
            return Err(InvalidSettings(why.to_owned()).into());
        }
        if self.game.bomb_pot_queued {
            return Ok(Vec::new());
        }
        self.game.bomb_pot_queued = true;
        Ok(vec![Happened::BombPotQueued { by }.into()])
    }

    /// Takes that back. No effect if the next hand isn't one that was asked for.
    ///
    /// # Errors
    ///
    /// - [`RoomError::NotHost`], [`RoomError::RoomClosed`].
    pub fn cancel_bomb_pot(&mut self, by: UserId) -> Result<Vec<Event>, RoomError> {
        self.must_be_host(by)?;
        self.must_be_open()?;
        Ok(self.drop_bomb_pot(by).into_iter().collect())
    }

    /// Forgets a bomb pot that was asked for.
    pub(super) fn drop_bomb_pot(&mut self, by: UserId) -> Option<Event> {
        let was_queued = std::mem::take(&mut self.game.bomb_pot_queued);
        was_queued.then(|| Happened::BombPotCancelled { by }.into())
    }

    /// How the next hand begins.
    pub(super) fn next_kind(&self, chance: &mut dyn Chance) -> HandKind {
        let is_bomb_pot = match self.settings.bomb_pot_mode {
            BombPotMode::Off => false,
            BombPotMode::Every | BombPotMode::Manual => {
                self.settings.hands_to_bomb_pot(self.game.hand_number, self.game.bomb_pot_queued) == Some(1)
            }
            BombPotMode::Percent => chance.below(100) < u32::from(self.settings.bomb_pot_percent),
        };
        if is_bomb_pot { HandKind::BombPot } else { HandKind::Ordinary }
    }
}
