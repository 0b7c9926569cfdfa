-- A room is read without those who only ever asked, or have gone with nothing left to come back to: of these there may be any number.
-- The last of them are read, since they ask what became of them. No index may have last_seen_at in it: signs of life are updated in
-- place.
ALTER TABLE holdfast.room_players ADD COLUMN gone_at timestamptz;
CREATE INDEX room_players_present ON holdfast.room_players (room_id)
    WHERE status IN ('pending', 'approved', 'kicked', 'banned') OR waiting_chips > 0 OR timebank_used_ms > 0;
CREATE INDEX room_players_gone ON holdfast.room_players (room_id, gone_at DESC NULLS LAST)
    WHERE status IN ('rejected', 'left') AND waiting_chips = 0 AND timebank_used_ms = 0;
