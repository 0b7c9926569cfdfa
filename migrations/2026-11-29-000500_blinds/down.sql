ALTER TABLE holdfast.games DROP COLUMN last_button, DROP COLUMN last_small_blind, DROP COLUMN last_big_blind;
DROP INDEX holdfast.room_players_gone;
DROP INDEX holdfast.room_players_present;
ALTER TABLE holdfast.room_players DROP COLUMN owes_new, DROP COLUMN owes_small_blind, DROP COLUMN owes_big_blind;
CREATE INDEX room_players_present ON holdfast.room_players (room_id)
    WHERE status IN ('pending', 'approved', 'kicked', 'banned') OR waiting_chips > 0 OR timebank_used_ms > 0;
CREATE INDEX room_players_gone ON holdfast.room_players (room_id, gone_at DESC NULLS LAST)
    WHERE status IN ('rejected', 'left') AND waiting_chips = 0 AND timebank_used_ms = 0;
