-- Outages of the service, numbered from 1. A room keeps the number of the last one that it was forgiven: what a restart, or a room
-- that couldn't be read when the outage ended, would otherwise lose. Without a row of its own for each outage every room with a
-- running clock had to be forgiven before any clock could go on.
CREATE TABLE holdfast.outages (
    number   bigint PRIMARY KEY CHECK (number > 0),
    began_at timestamptz NOT NULL,
    ended_at timestamptz NOT NULL
);
ALTER TABLE holdfast.service_pulse ADD COLUMN outages bigint NOT NULL DEFAULT 0 CHECK (outages >= 0);
ALTER TABLE holdfast.game_states ADD COLUMN forgiven bigint NOT NULL DEFAULT 0 CHECK (forgiven >= 0);

-- As with every other table: nobody but the owner.
REVOKE ALL ON holdfast.outages FROM PUBLIC;
DO $$
DECLARE
    outsider text;
BEGIN
    FOR outsider IN SELECT rolname FROM pg_roles WHERE rolname IN ('anon', 'authenticated') LOOP
        EXECUTE format('REVOKE ALL ON holdfast.outages FROM %I', outsider);
    END LOOP;
END
$$;
