//! What a player chooses for good.

use crate::ids::UserId;
use crate::room::{Room, RoomError};
use crate::settings::PreferencesPatch;

impl Room {
    /// Changes a member's own standing choices, seated or not. They stay with the membership.
    ///
    /// # Errors
    ///
    /// - [`RoomError::NotApproved`], [`RoomError::RoomClosed`].
    /// - [`RoomError::Preference`]: a value is out of its range.
    pub fn prefer(&mut self, by: UserId, patch: &PreferencesPatch) -> Result<(), RoomError> {
        let preferences = self.approved_member(by)?.preferences;
        self.must_be_open()?;
        self.member_mut(by).preferences = preferences.patched(patch)?;
        Ok(())
    }
}
