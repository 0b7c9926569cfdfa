DROP INDEX holdfast.room_players_online;
-- What was heard of whoever has a seat, or watches, is known there alone.
UPDATE holdfast.room_players AS member
    SET last_seen_at = greatest(member.last_seen_at,
        (SELECT seat.last_seen_at FROM holdfast.room_seats AS seat
         WHERE seat.room_id = member.room_id AND seat.user_id = member.user_id),
        (SELECT spectator.last_seen_at FROM holdfast.room_spectators AS spectator
         WHERE spectator.room_id = member.room_id AND spectator.user_id = member.user_id));
UPDATE holdfast.rejoin_tokens AS token
    SET role = CASE
        WHEN EXISTS (SELECT FROM holdfast.room_spectators AS spectator
                     WHERE spectator.room_id = token.room_id AND spectator.user_id = token.user_id) THEN 'spectator'
        WHEN token.seat_index IS NOT NULL THEN 'player'
        ELSE 'approved'
    END
    WHERE token.role = 'host';
ALTER TABLE holdfast.rejoin_tokens DROP COLUMN seat_index, DROP CONSTRAINT rejoin_tokens_role_check;
ALTER TABLE holdfast.rejoin_tokens
    ADD CONSTRAINT rejoin_tokens_role_check CHECK (role IN ('approved', 'player', 'spectator'));
ALTER TABLE holdfast.room_spectators RESET (fillfactor);
ALTER TABLE holdfast.room_spectators DROP COLUMN last_seen_at;
DROP INDEX holdfast.room_seats_by_slot;
ALTER TABLE holdfast.room_seats DROP COLUMN seen_slot, DROP COLUMN last_seen_at, DROP COLUMN seated_at, DROP COLUMN display_name;
ALTER TABLE holdfast.game_states DROP COLUMN asks_at;
