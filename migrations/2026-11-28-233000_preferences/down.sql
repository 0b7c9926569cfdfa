ALTER TABLE holdfast.room_players DROP COLUMN preferences;
