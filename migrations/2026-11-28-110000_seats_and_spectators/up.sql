-- When the clock asks whether the actor is there: who is away gets no time bank, and without a clock no more time than until
-- their seat would be freed. No index: `wake_at` says when to look.
ALTER TABLE holdfast.game_states ADD COLUMN asks_at timestamptz;
UPDATE holdfast.game_states SET asks_at = deadline_at, wake_at = least(wake_at, deadline_at) WHERE deadline_at IS NOT NULL;
UPDATE holdfast.game_states AS state
    SET asks_at = date_trunc('milliseconds', now()), wake_at = least(state.wake_at, date_trunc('milliseconds', now()))
    FROM holdfast.games AS game
    WHERE game.id = state.game_id AND game.status = 'active'
        AND state.turn_seat IS NOT NULL AND state.deadline_at IS NULL AND state.frozen_time_ms IS NULL;
ALTER TABLE holdfast.game_states ADD CHECK (asks_at IS NULL OR turn_seat IS NOT NULL);

-- A seat knows its player's name, since when they have it, and when they were last heard of: signs of life of whoever has a seat
-- are written here, of whoever watches to `room_spectators`, and only of the others to `room_players`. Who was heard of last is
-- the latest of these.
ALTER TABLE holdfast.room_seats
    ADD COLUMN display_name text CHECK (char_length(display_name) BETWEEN 1 AND 50),
    ADD COLUMN seated_at timestamptz,
    ADD COLUMN last_seen_at timestamptz;
UPDATE holdfast.room_seats AS seat
    SET display_name = member.display_name, last_seen_at = member.last_seen_at,
        seated_at = coalesce(member.since, member.last_seen_at)
    FROM holdfast.room_players AS member
    WHERE member.room_id = seat.room_id AND member.user_id = seat.user_id;
ALTER TABLE holdfast.room_seats
    ADD CHECK ((display_name IS NULL) = (user_id IS NULL)),
    ADD CHECK ((seated_at IS NULL) = (user_id IS NULL)),
    ADD CHECK ((last_seen_at IS NULL) = (user_id IS NULL));
-- The grace worker finds silent seats by five minutes, of which a seat that is heard of moves to the next one once: an index on
-- the instant itself would cost all index entries of the row with each sign of life.
ALTER TABLE holdfast.room_seats ADD COLUMN seen_slot integer
    GENERATED ALWAYS AS (floor(extract(epoch FROM last_seen_at AT TIME ZONE 'UTC') / 300)::integer) STORED;
CREATE INDEX room_seats_by_slot ON holdfast.room_seats (seen_slot) WHERE user_id IS NOT NULL;

ALTER TABLE holdfast.room_spectators ADD COLUMN last_seen_at timestamptz;
UPDATE holdfast.room_spectators AS spectator SET last_seen_at = member.last_seen_at
    FROM holdfast.room_players AS member
    WHERE member.room_id = spectator.room_id AND member.user_id = spectator.user_id;
ALTER TABLE holdfast.room_spectators ALTER COLUMN last_seen_at SET NOT NULL;
ALTER TABLE holdfast.room_spectators SET (fillfactor = 70);

-- A current token says what its owner is in the room: the host whatever else, and in which seat. A revoked one, what they were.
ALTER TABLE holdfast.rejoin_tokens DROP CONSTRAINT rejoin_tokens_role_check;
ALTER TABLE holdfast.rejoin_tokens
    ADD CONSTRAINT rejoin_tokens_role_check CHECK (role IN ('host', 'approved', 'player', 'spectator')),
    ADD COLUMN seat_index smallint CHECK (seat_index BETWEEN 0 AND 9);
UPDATE holdfast.rejoin_tokens AS token
    SET seat_index = (SELECT seat.seat_index FROM holdfast.room_seats AS seat
                      WHERE seat.room_id = token.room_id AND seat.user_id = token.user_id),
        role = CASE
            WHEN EXISTS (SELECT FROM holdfast.rooms AS room
                         WHERE room.id = token.room_id AND room.host_id = token.user_id) THEN 'host'
            WHEN EXISTS (SELECT FROM holdfast.room_seats AS seat
                         WHERE seat.room_id = token.room_id AND seat.user_id = token.user_id AND seat.status <> 'leaving')
                THEN 'player'
            WHEN EXISTS (SELECT FROM holdfast.room_spectators AS spectator
                         WHERE spectator.room_id = token.room_id AND spectator.user_id = token.user_id) THEN 'spectator'
            ELSE 'approved'
        END
    WHERE token.revoked_at IS NULL;

-- Rooms in which somebody is, to find those whose host isn't. Lines come and go far less often than signs of life.
CREATE INDEX room_players_online ON holdfast.room_players (room_id) WHERE online;
