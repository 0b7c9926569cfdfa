DROP INDEX holdfast.room_players_gone;
DROP INDEX holdfast.room_players_present;
ALTER TABLE holdfast.room_players DROP COLUMN gone_at;
