-- How a hand's setup differs from a plain one: a button blind, two boards, straddles, late posts. Absent for a plain one, and for
-- all that were dealt before.
ALTER TABLE holdfast.hands ADD COLUMN house jsonb CHECK (jsonb_typeof(house) = 'object');

-- Where a rotation of games is: which of them, and how many more hands of it. Absent without one, and before its first hand.
ALTER TABLE holdfast.games ADD COLUMN rotation_index smallint CHECK (rotation_index BETWEEN 0 AND 4);
ALTER TABLE holdfast.games ADD COLUMN rotation_left smallint CHECK (rotation_left BETWEEN 0 AND 500);
ALTER TABLE holdfast.games ADD CHECK ((rotation_index IS NULL) = (rotation_left IS NULL));
