ALTER TABLE holdfast.room_seats RESET (fillfactor);
ALTER TABLE holdfast.room_players RESET (fillfactor);
ALTER TABLE holdfast.rejoin_tokens RESET (fillfactor);
DROP INDEX holdfast.rejoin_tokens_by_day;
ALTER TABLE holdfast.rejoin_tokens DROP COLUMN expires_on;
CREATE INDEX rejoin_tokens_by_expiry ON holdfast.rejoin_tokens (expires_at);
