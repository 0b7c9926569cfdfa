-- Settings without a column of their own, by the names that clients use. One that is absent is as in rooms from before it was there;
-- one that a node doesn't know stays.
ALTER TABLE holdfast.rooms ADD COLUMN house_rules jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(house_rules) = 'object');
