ALTER TABLE holdfast.games DROP COLUMN bomb_pot_queued;
