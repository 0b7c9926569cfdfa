-- What a person owes of blinds, also while they have no seat. Who left with a debt is read with the room, as who left with chips is.
ALTER TABLE holdfast.room_players ADD COLUMN owes_new boolean NOT NULL DEFAULT false;
ALTER TABLE holdfast.room_players ADD COLUMN owes_small_blind boolean NOT NULL DEFAULT false;
ALTER TABLE holdfast.room_players ADD COLUMN owes_big_blind boolean NOT NULL DEFAULT false;
DROP INDEX holdfast.room_players_present;
DROP INDEX holdfast.room_players_gone;
CREATE INDEX room_players_present ON holdfast.room_players (room_id)
    WHERE status IN ('pending', 'approved', 'kicked', 'banned') OR waiting_chips > 0 OR timebank_used_ms > 0 OR owes_small_blind OR owes_big_blind;
CREATE INDEX room_players_gone ON holdfast.room_players (room_id, gone_at DESC NULLS LAST)
    WHERE status IN ('rejected', 'left') AND waiting_chips = 0 AND timebank_used_ms = 0 AND NOT owes_small_blind AND NOT owes_big_blind;

-- Where the button and the blinds were last, whether or not somebody sits there: of the last hand that wasn't a bomb pot, and of the
-- last one with blinds. Absent before the first.
ALTER TABLE holdfast.games ADD COLUMN last_button smallint CHECK (last_button BETWEEN 0 AND 9);
ALTER TABLE holdfast.games ADD COLUMN last_small_blind smallint CHECK (last_small_blind BETWEEN 0 AND 9);
ALTER TABLE holdfast.games ADD COLUMN last_big_blind smallint CHECK (last_big_blind BETWEEN 0 AND 9);
ALTER TABLE holdfast.games ADD CHECK ((last_small_blind IS NULL) = (last_big_blind IS NULL));
ALTER TABLE holdfast.games ADD CHECK (last_big_blind IS NULL OR last_button IS NOT NULL);

-- Until now blinds were posted left of the button, heads-up the small one by the button; hands with a button blind have none.
UPDATE holdfast.games AS game SET last_button = hand.button_seat
FROM holdfast.hands AS hand WHERE hand.game_id = game.id AND hand.hand_number = game.hand_number;
UPDATE holdfast.games AS game SET last_small_blind = small.seat_index, last_big_blind = big.seat_index
FROM holdfast.games AS played
CROSS JOIN LATERAL (
    SELECT id, button_seat FROM holdfast.hands
    WHERE game_id = played.id AND (house IS NULL OR NOT house ? 'button_blind') ORDER BY hand_number DESC LIMIT 1
) AS hand
CROSS JOIN LATERAL (SELECT count(*) AS count FROM holdfast.players WHERE hand_id = hand.id) AS dealt
CROSS JOIN LATERAL (
    SELECT seat_index FROM holdfast.players WHERE hand_id = hand.id
    ORDER BY (seat_index - hand.button_seat + 9) % 10 OFFSET CASE WHEN dealt.count = 2 THEN 1 ELSE 0 END LIMIT 1
) AS small
CROSS JOIN LATERAL (
    SELECT seat_index FROM holdfast.players WHERE hand_id = hand.id
    ORDER BY (seat_index - hand.button_seat + 9) % 10 OFFSET CASE WHEN dealt.count = 2 THEN 0 ELSE 1 END LIMIT 1
) AS big
WHERE played.id = game.id;
