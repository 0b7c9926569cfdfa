-- Revoked tokens are deleted a day later: without this, that reads all tokens each minute.
CREATE INDEX rejoin_tokens_revoked ON holdfast.rejoin_tokens (revoked_at) WHERE revoked_at IS NOT NULL;

-- Followed each turn, and with it every other index of the row: rooms whose clock runs are found among those that are due.
DROP INDEX holdfast.game_states_running;
