-- Revoked tokens are deleted a day later: without this, that reads all tokens each minute.
CREATE INDEX rejoin_tokens_revoked ON holdfast.rejoin_tokens (revoked_at) WHERE revoked_at IS NOT NULL;
