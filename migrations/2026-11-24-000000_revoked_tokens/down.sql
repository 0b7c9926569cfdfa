DROP INDEX holdfast.rejoin_tokens_revoked;
