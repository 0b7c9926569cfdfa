DROP TABLE holdfast.log_home;
ALTER TABLE holdfast.game_states DROP COLUMN epoch;
