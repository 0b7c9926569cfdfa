-- Which log a room's numbers are numbers of: a database that was restored from a backup goes on with another one, and whoever
-- comes back with a number of the one that is lost must be told.
ALTER TABLE holdfast.game_states ADD COLUMN epoch uuid NOT NULL DEFAULT gen_random_uuid();

-- Where the log was written last: the cluster, its timeline, the database and this very table. A copy is found elsewhere than it
-- says. One row at most; the server writes it. The generation changes whenever epochs are renewed.
CREATE TABLE holdfast.log_home (
    id boolean PRIMARY KEY DEFAULT true CHECK (id),
    home text NOT NULL,
    generation uuid NOT NULL DEFAULT gen_random_uuid(),
    renewed_at timestamptz NOT NULL DEFAULT now()
);
