-- Whether the host has asked for a bomb pot: the next hand is one.
ALTER TABLE holdfast.games ADD COLUMN bomb_pot_queued boolean NOT NULL DEFAULT false;
