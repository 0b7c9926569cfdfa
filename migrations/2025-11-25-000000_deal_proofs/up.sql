-- The 32 bytes that a hand's deck and its proofs follow from, sealed like the deck. Hands from before have none.
ALTER TABLE holdfast.hands ADD COLUMN sealed_seed bytea;
