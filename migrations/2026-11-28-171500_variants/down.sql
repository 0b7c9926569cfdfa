ALTER TABLE holdfast.hands DROP COLUMN house;
ALTER TABLE holdfast.games DROP COLUMN rotation_index, DROP COLUMN rotation_left;
