-- A turn may be a question to several players: how often to run the missing cards. Then no seat is to act. What they have answered
-- is sealed in the log, and nowhere else.
ALTER TABLE holdfast.game_states
    DROP CONSTRAINT game_states_check,
    DROP CONSTRAINT game_states_check3,
    DROP CONSTRAINT game_states_check5;
ALTER TABLE holdfast.game_states
    ADD CONSTRAINT game_states_actor_has_a_turn CHECK (turn_seat IS NULL OR turn_started_at IS NOT NULL),
    ADD CONSTRAINT game_states_clock_is_of_a_turn
        CHECK (turn_started_at IS NOT NULL OR (deadline_at IS NULL AND frozen_time_ms IS NULL)),
    ADD CONSTRAINT game_states_question_has_a_clock
        CHECK (turn_seat IS NOT NULL OR turn_started_at IS NULL OR deadline_at IS NOT NULL OR frozen_time_ms IS NOT NULL),
    ADD CONSTRAINT game_states_asks_of_a_turn CHECK (asks_at IS NULL OR turn_started_at IS NOT NULL);
