ALTER TABLE holdfast.game_states DROP COLUMN forgiven;
ALTER TABLE holdfast.service_pulse DROP COLUMN outages;
DROP TABLE holdfast.outages;
