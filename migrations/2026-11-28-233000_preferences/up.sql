-- A member's standing choices, by the contract's names. Absent where nothing was chosen.
ALTER TABLE holdfast.room_players ADD COLUMN preferences jsonb CHECK (jsonb_typeof(preferences) = 'object');
