CREATE TABLE holdfast.action_replies (
    room_id     uuid NOT NULL,
    action_id   uuid NOT NULL,
    game_id     uuid NOT NULL,
    user_id     uuid NOT NULL,
    fingerprint text NOT NULL,
    seq         bigint NOT NULL,
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (room_id, action_id),
    CONSTRAINT action_replies_one_an_id UNIQUE (game_id, action_id)
);
CREATE INDEX action_replies_by_age ON holdfast.action_replies (created_at);
INSERT INTO holdfast.action_replies (room_id, action_id, game_id, user_id, fingerprint, seq, created_at)
SELECT DISTINCT ON (reply.room_id, reply.command_id)
    reply.room_id, reply.command_id, game.id, reply.user_id, reply.fingerprint, reply.seq, reply.created_at
FROM holdfast.command_replies AS reply JOIN holdfast.games AS game ON game.room_id = reply.room_id
WHERE reply.seq IS NOT NULL ORDER BY reply.room_id, reply.command_id, reply.created_at DESC;
DROP TABLE holdfast.command_replies;
