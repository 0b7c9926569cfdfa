ALTER TABLE holdfast.hands DROP COLUMN sealed_seed;
