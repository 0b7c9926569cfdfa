-- A token is slid with each sign of life and at each hand's end, and with the indexed instant went all four index entries of its
-- row. The day moves once a day, and is enough to find what is long over: PostgreSQL updates in place as long as no indexed
-- column changes, given room on the row's page.
DROP INDEX holdfast.rejoin_tokens_by_expiry;
ALTER TABLE holdfast.rejoin_tokens
    ADD COLUMN expires_on date NOT NULL GENERATED ALWAYS AS ((expires_at AT TIME ZONE 'UTC')::date) STORED;
CREATE INDEX rejoin_tokens_by_day ON holdfast.rejoin_tokens (expires_on);
ALTER TABLE holdfast.rejoin_tokens SET (fillfactor = 70);
ALTER TABLE holdfast.room_players SET (fillfactor = 70);
ALTER TABLE holdfast.room_seats SET (fillfactor = 70);
