-- The rule book that a hand is played and replayed by: the variant and the revision of its rules. What was dealt before there was
-- more than one is played by the first; a server of an earlier version that still runs deals by it too.
ALTER TABLE holdfast.hands ADD COLUMN rules text NOT NULL DEFAULT 'nlhe/1';
