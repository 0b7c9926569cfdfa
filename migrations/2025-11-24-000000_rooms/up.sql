-- Everything that was acknowledged. In a schema of its own: `public` may be served to the world by a data API.
--
-- Hot statements are keyed by room (or by game, of which a room has one), so that rooms can be spread over machines; for the
-- same reason nothing refers to `users`. Whoever writes to a room holds the lock on its row in `game_states`, always taken
-- first. Times are the database's own, in whole milliseconds.

-- Asking whether it is there needs no rights in the database, IF NOT EXISTS does.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'holdfast') THEN
        CREATE SCHEMA holdfast;
    END IF;
END
$$;
SET LOCAL search_path TO holdfast;

CREATE TABLE users (
    id            uuid PRIMARY KEY,
    display_name  text NOT NULL CHECK (char_length(display_name) BETWEEN 1 AND 50),
    email         text CONSTRAINT users_email_key UNIQUE CHECK (email !~ '[A-Z]'),
    password_hash text,
    created_at    timestamptz NOT NULL DEFAULT now(),
    CHECK ((email IS NULL) = (password_hash IS NULL))
);

CREATE TABLE rooms (
    id                 uuid PRIMARY KEY,
    code               text NOT NULL CONSTRAINT rooms_code_key UNIQUE CHECK (char_length(code) BETWEEN 1 AND 64),
    name               text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 50),
    host_id            uuid NOT NULL,
    status             text NOT NULL CHECK (status IN ('open', 'closed')),
    password_hash      text,
    seats              smallint NOT NULL CHECK (seats BETWEEN 2 AND 10),
    small_blind        bigint NOT NULL CHECK (small_blind >= 1),
    big_blind          bigint NOT NULL CHECK (big_blind BETWEEN small_blind AND 1000000000000),
    ante               bigint NOT NULL CHECK (ante BETWEEN 0 AND big_blind),
    min_buy_in         bigint NOT NULL CHECK (min_buy_in >= 1),
    max_buy_in         bigint NOT NULL CHECK (max_buy_in BETWEEN min_buy_in AND 1000000000000),
    action_timeout_ms  bigint NOT NULL CHECK (action_timeout_ms BETWEEN 0 AND 600000),
    timebank_ms        bigint NOT NULL CHECK (timebank_ms BETWEEN 0 AND 600000),
    between_hands_ms   bigint NOT NULL CHECK (between_hands_ms BETWEEN 0 AND 30000),
    max_members        integer NOT NULL CHECK (max_members BETWEEN 2 AND 1000),
    auto_approve       boolean NOT NULL,
    spectators_allowed boolean NOT NULL,
    created_at         timestamptz NOT NULL
);

-- Everybody who ever asked to join. A row is never deleted: a ban has to last.
CREATE TABLE room_players (
    room_id       uuid NOT NULL REFERENCES rooms ON DELETE CASCADE,
    user_id       uuid NOT NULL,
    display_name  text NOT NULL CHECK (char_length(display_name) BETWEEN 1 AND 50),
    status        text NOT NULL CHECK (status IN ('pending', 'approved', 'rejected', 'left', 'kicked', 'banned')),
    since         timestamptz,
    waiting_chips bigint NOT NULL CHECK (waiting_chips >= 0),
    last_seen_at  timestamptz NOT NULL,
    online        boolean NOT NULL,
    PRIMARY KEY (room_id, user_id),
    CHECK ((since IS NOT NULL) = (status IN ('pending', 'approved')))
);
CREATE INDEX room_players_by_user ON room_players (user_id, since DESC) WHERE status IN ('pending', 'approved');

-- Who watches when they are not seated: the one place that says so.
CREATE TABLE room_spectators (
    room_id      uuid NOT NULL,
    user_id      uuid NOT NULL,
    display_name text NOT NULL,
    joined_at    timestamptz NOT NULL,
    PRIMARY KEY (room_id, user_id),
    FOREIGN KEY (room_id, user_id) REFERENCES room_players ON DELETE CASCADE
);

-- One row a chair.
CREATE TABLE room_seats (
    room_id        uuid NOT NULL REFERENCES rooms ON DELETE CASCADE,
    seat_index     smallint NOT NULL CHECK (seat_index BETWEEN 0 AND 9),
    status         text NOT NULL CHECK (status IN ('empty', 'active', 'sitting_out', 'disconnected', 'leaving')),
    user_id        uuid,
    chips          bigint NOT NULL DEFAULT 0 CHECK (chips >= 0),
    timebank_ms    bigint NOT NULL DEFAULT 0 CHECK (timebank_ms >= 0),
    missed_turns   smallint NOT NULL DEFAULT 0 CHECK (missed_turns BETWEEN 0 AND 255),
    queued_top_up  bigint NOT NULL DEFAULT 0 CHECK (queued_top_up >= 0),
    queued_delta   bigint NOT NULL DEFAULT 0,
    queued_reason  text,
    absent_since   timestamptz,
    sat_out        boolean,
    leaving_reason text CHECK (leaving_reason IN ('left', 'kicked', 'disconnected', 'ended')),
    PRIMARY KEY (room_id, seat_index),
    CONSTRAINT room_seats_one_a_user UNIQUE (room_id, user_id),
    FOREIGN KEY (room_id, user_id) REFERENCES room_players,
    CHECK ((user_id IS NULL) = (status = 'empty')),
    CHECK (user_id IS NOT NULL OR (chips = 0 AND queued_top_up = 0 AND queued_delta = 0 AND queued_reason IS NULL)),
    CHECK ((absent_since IS NOT NULL) = (status = 'disconnected')),
    CHECK ((sat_out IS NOT NULL) = (status = 'disconnected')),
    CHECK ((leaving_reason IS NOT NULL) = (status = 'leaving'))
);

-- A token's text is derived from its row's id with the server's key, which isn't here; only its hash is.
CREATE TABLE rejoin_tokens (
    id         uuid PRIMARY KEY,
    room_id    uuid NOT NULL,
    user_id    uuid NOT NULL,
    role       text NOT NULL CHECK (role IN ('approved', 'player', 'spectator')),
    token_hash char(64) NOT NULL CONSTRAINT rejoin_tokens_hash_key UNIQUE,
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    revoked_at timestamptz,
    FOREIGN KEY (room_id, user_id) REFERENCES room_players ON DELETE CASCADE
);
CREATE UNIQUE INDEX rejoin_tokens_one_current ON rejoin_tokens (room_id, user_id) WHERE revoked_at IS NULL;
CREATE INDEX rejoin_tokens_by_expiry ON rejoin_tokens (expires_at);

CREATE TABLE games (
    id          uuid PRIMARY KEY,
    room_id     uuid NOT NULL UNIQUE REFERENCES rooms ON DELETE CASCADE,
    status      text NOT NULL CHECK (status IN ('waiting', 'active', 'paused', 'completed')),
    ending      boolean NOT NULL,
    hand_number bigint NOT NULL CHECK (hand_number >= 0),
    started_at  timestamptz,
    ended_at    timestamptz,
    CHECK ((ended_at IS NOT NULL) = (status = 'completed'))
);

-- The row that every writer of a room locks, with what changes at every action.
CREATE TABLE game_states (
    room_id         uuid PRIMARY KEY REFERENCES rooms ON DELETE CASCADE,
    game_id         uuid NOT NULL UNIQUE REFERENCES games ON DELETE CASCADE,
    seq             bigint NOT NULL CHECK (seq >= 0),
    version         bigint NOT NULL CHECK (version >= 0),
    turn_number     bigint NOT NULL CHECK (turn_number >= 0),
    turn_seat       smallint,
    turn_started_at timestamptz,
    deadline_at     timestamptz,
    expires_at      timestamptz,
    frozen_time_ms  bigint CHECK (frozen_time_ms >= 0),
    frozen_bank_ms  bigint CHECK (frozen_bank_ms >= 0),
    next_hand_at    timestamptz,
    current_hand_id uuid,
    wake_at         timestamptz,
    CHECK ((turn_seat IS NULL) = (turn_started_at IS NULL)),
    CHECK ((deadline_at IS NULL) = (expires_at IS NULL)),
    CHECK ((frozen_time_ms IS NULL) = (frozen_bank_ms IS NULL)),
    CHECK (turn_seat IS NOT NULL OR (deadline_at IS NULL AND frozen_time_ms IS NULL)),
    CHECK (deadline_at IS NULL OR frozen_time_ms IS NULL)
) WITH (fillfactor = 70);
CREATE INDEX game_states_due ON game_states (wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX game_states_running ON game_states (room_id) WHERE expires_at IS NOT NULL;

-- The deck is sealed with the server's key: whoever reads the database sees no card that was not shown.
CREATE TABLE hands (
    id                uuid PRIMARY KEY,
    room_id           uuid NOT NULL REFERENCES rooms ON DELETE CASCADE,
    game_id           uuid NOT NULL,
    hand_number       bigint NOT NULL CHECK (hand_number >= 1),
    button_seat       smallint NOT NULL,
    small_blind       bigint NOT NULL CHECK (small_blind >= 0),
    big_blind         bigint NOT NULL CHECK (big_blind >= 1),
    ante              bigint NOT NULL CHECK (ante >= 0),
    action_timeout_ms bigint NOT NULL CHECK (action_timeout_ms >= 0),
    started_at        timestamptz NOT NULL,
    sealed_deck       bytea NOT NULL,
    completed_at      timestamptz,
    board             text[],
    pot               bigint CHECK (pot >= 0),
    winners           jsonb,
    UNIQUE (game_id, hand_number),
    CHECK ((completed_at IS NULL) = (board IS NULL)),
    CHECK ((completed_at IS NULL) = (pot IS NULL)),
    CHECK ((completed_at IS NULL) = (winners IS NULL))
);
CREATE INDEX hands_of_room ON hands (room_id, hand_number);

-- Who was dealt into a hand, with which chips.
CREATE TABLE players (
    hand_id      uuid NOT NULL REFERENCES hands ON DELETE CASCADE,
    seat_index   smallint NOT NULL CHECK (seat_index BETWEEN 0 AND 9),
    room_id      uuid NOT NULL,
    user_id      uuid NOT NULL,
    display_name text NOT NULL,
    stack        bigint NOT NULL CHECK (stack > 0),
    PRIMARY KEY (hand_id, seat_index),
    UNIQUE (hand_id, user_id)
);

-- From here on, rows are only ever added, under the room's lock: no foreign keys, which would cost a look-up each.

-- A hand is its setup, its deck and these, in order. A fold out of turn answers no turn.
CREATE TABLE actions (
    room_id    uuid NOT NULL,
    seq        bigint NOT NULL,
    hand_id    uuid NOT NULL,
    turn       bigint,
    seat_index smallint NOT NULL,
    user_id    uuid NOT NULL,
    street     text NOT NULL CHECK (street IN ('preflop', 'flop', 'turn', 'river')),
    action     text NOT NULL CHECK (action IN ('FOLD', 'CHECK', 'CALL', 'BET', 'RAISE', 'ALL_IN')),
    amount     bigint NOT NULL CHECK (amount >= 0),
    auto       boolean NOT NULL,
    at         timestamptz NOT NULL,
    PRIMARY KEY (room_id, seq),
    CONSTRAINT actions_one_a_turn UNIQUE (hand_id, turn),
    CHECK (turn IS NOT NULL OR action = 'FOLD')
);

-- The log, and the outbox: nothing is ever told to anybody that isn't in it. What only some may know is sealed.
CREATE TABLE room_events (
    room_id uuid NOT NULL,
    seq     bigint NOT NULL CHECK (seq >= 1),
    at      timestamptz NOT NULL,
    type    text NOT NULL,
    hand_id uuid,
    public  jsonb NOT NULL,
    sealed  bytea,
    PRIMARY KEY (room_id, seq)
);
CREATE INDEX room_events_of_hand ON room_events (hand_id, seq) WHERE hand_id IS NOT NULL;

-- A user's rows in a room add up to the chips in front of them; a hand's rows to zero.
CREATE TABLE chip_ledger (
    room_id uuid NOT NULL,
    seq     bigint NOT NULL,
    ordinal smallint NOT NULL,
    user_id uuid NOT NULL,
    kind    text NOT NULL CHECK (kind IN ('buy_in', 'top_up', 'adjustment', 'cash_out', 'hand_result')),
    delta   bigint NOT NULL,
    hand_id uuid,
    reason  text,
    at      timestamptz NOT NULL,
    PRIMARY KEY (room_id, seq, ordinal),
    CHECK ((hand_id IS NOT NULL) = (kind = 'hand_result'))
);

-- The answers that actions with an id got, for their repetitions.
CREATE TABLE action_replies (
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
CREATE INDEX action_replies_by_age ON action_replies (created_at);

-- When a node was last known to serve anybody: one row at most.
CREATE TABLE service_pulse (
    id       boolean PRIMARY KEY DEFAULT true CHECK (id),
    alive_at timestamptz NOT NULL
);

-- Nobody but the owner, not even where a platform grants everything to its API's roles by default.
REVOKE ALL ON SCHEMA holdfast FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA holdfast FROM PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA holdfast REVOKE ALL ON TABLES FROM PUBLIC;
DO $$
DECLARE
    outsider text;
BEGIN
    FOR outsider IN SELECT rolname FROM pg_roles WHERE rolname IN ('anon', 'authenticated') LOOP
        EXECUTE format('REVOKE ALL ON SCHEMA holdfast FROM %I', outsider);
        EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA holdfast FROM %I', outsider);
        EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA holdfast REVOKE ALL ON TABLES FROM %I', outsider);
    END LOOP;
END
$$;
