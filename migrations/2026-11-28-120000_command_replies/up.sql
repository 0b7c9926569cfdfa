-- The answers of commands that came with an id, for their repetitions: of each caller by the ids that they gave. A player's
-- action has the number of its last event, by which its answer follows; any other command has its status and its answer, sealed,
-- since that may hold a token.
CREATE TABLE holdfast.command_replies (
    user_id     uuid NOT NULL,
    command_id  uuid NOT NULL,
    fingerprint text NOT NULL,
    room_id     uuid,
    seq         bigint,
    status      smallint,
    body        bytea,
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (user_id, command_id),
    CONSTRAINT command_replies_has_an_answer CHECK (
        room_id IS NOT NULL AND seq IS NOT NULL AND status IS NULL AND body IS NULL
        OR room_id IS NULL AND seq IS NULL AND status IS NOT NULL AND body IS NOT NULL
    )
);
CREATE INDEX command_replies_by_age ON holdfast.command_replies (created_at);

-- The same id from one player in two rooms was two actions so far; the later one's answer is kept.
INSERT INTO holdfast.command_replies (user_id, command_id, fingerprint, room_id, seq, created_at)
SELECT DISTINCT ON (user_id, action_id) user_id, action_id, fingerprint, room_id, seq, created_at
FROM holdfast.action_replies ORDER BY user_id, action_id, created_at DESC;
DROP TABLE holdfast.action_replies;
