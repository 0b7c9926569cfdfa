CREATE INDEX game_states_running ON holdfast.game_states (room_id) WHERE expires_at IS NOT NULL;
DROP INDEX holdfast.rejoin_tokens_revoked;
