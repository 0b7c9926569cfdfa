-- By this one row a server finds out that it has another key than the one that the database was sealed with, before it seals
-- anything. It is an HMAC of the salt, from which the key can't be found. The first server to start writes it.
CREATE TABLE holdfast.key_check (
    id smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    salt bytea NOT NULL CHECK (octet_length(salt) = 16),
    mac bytea NOT NULL CHECK (octet_length(mac) = 32)
);
