ALTER TABLE holdfast.room_players DROP COLUMN timebank_used_ms;
