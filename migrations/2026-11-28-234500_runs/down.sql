ALTER TABLE holdfast.game_states
    DROP CONSTRAINT game_states_actor_has_a_turn,
    DROP CONSTRAINT game_states_clock_is_of_a_turn,
    DROP CONSTRAINT game_states_question_has_a_clock,
    DROP CONSTRAINT game_states_asks_of_a_turn;
-- The version before knows no question: such a hand waits for a later version.
UPDATE holdfast.game_states
    SET turn_started_at = NULL, deadline_at = NULL, expires_at = NULL, frozen_time_ms = NULL, frozen_bank_ms = NULL,
        asks_at = NULL, wake_at = next_hand_at
    WHERE turn_seat IS NULL;
ALTER TABLE holdfast.game_states
    ADD CONSTRAINT game_states_check CHECK ((turn_seat IS NULL) = (turn_started_at IS NULL)),
    ADD CONSTRAINT game_states_check3
        CHECK (turn_seat IS NOT NULL OR (deadline_at IS NULL AND frozen_time_ms IS NULL)),
    ADD CONSTRAINT game_states_check5 CHECK (asks_at IS NULL OR turn_seat IS NOT NULL);
