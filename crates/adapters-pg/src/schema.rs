//! The tables of `migrations/`, as far as diesel reads them.

use diesel::{allow_tables_to_appear_in_same_query, table};

table! {
    users (id) {
        id -> Uuid,
        display_name -> Text,
        email -> Nullable<Text>,
        password_hash -> Nullable<Text>,
    }
}

table! {
    rooms (id) {
        id -> Uuid,
        code -> Text,
        name -> Text,
        host_id -> Uuid,
        status -> Text,
        password_hash -> Nullable<Text>,
        seats -> SmallInt,
        small_blind -> BigInt,
        big_blind -> BigInt,
        ante -> BigInt,
        min_buy_in -> BigInt,
        max_buy_in -> BigInt,
        action_timeout_ms -> BigInt,
        timebank_ms -> BigInt,
        between_hands_ms -> BigInt,
        max_members -> Integer,
        auto_approve -> Bool,
        spectators_allowed -> Bool,
        house_rules -> Jsonb,
    }
}

table! {
    room_players (room_id, user_id) {
        room_id -> Uuid,
        user_id -> Uuid,
        display_name -> Text,
        status -> Text,
        since -> Nullable<Timestamptz>,
        waiting_chips -> BigInt,
        last_seen_at -> Timestamptz,
        online -> Bool,
        timebank_used_ms -> BigInt,
        preferences -> Nullable<Jsonb>,
        owes_new -> Bool,
        owes_small_blind -> Bool,
        owes_big_blind -> Bool,
    }
}

table! {
    room_spectators (room_id, user_id) {
        room_id -> Uuid,
        user_id -> Uuid,
        display_name -> Text,
        last_seen_at -> Timestamptz,
    }
}

table! {
    room_seats (room_id, seat_index) {
        room_id -> Uuid,
        seat_index -> SmallInt,
        status -> Text,
        user_id -> Nullable<Uuid>,
        chips -> BigInt,
        timebank_ms -> BigInt,
        missed_turns -> SmallInt,
        queued_top_up -> BigInt,
        queued_delta -> BigInt,
        queued_reason -> Nullable<Text>,
        absent_since -> Nullable<Timestamptz>,
        sat_out -> Nullable<Bool>,
        leaving_reason -> Nullable<Text>,
        display_name -> Nullable<Text>,
        seated_at -> Nullable<Timestamptz>,
        last_seen_at -> Nullable<Timestamptz>,
    }
}

table! {
    rejoin_tokens (id) {
        id -> Uuid,
        room_id -> Uuid,
        user_id -> Uuid,
        role -> Text,
        seat_index -> Nullable<SmallInt>,
        token_hash -> Bpchar,
        expires_at -> Timestamptz,
        created_at -> Timestamptz,
        revoked_at -> Nullable<Timestamptz>,
    }
}

table! {
    games (id) {
        id -> Uuid,
        room_id -> Uuid,
        status -> Text,
        ending -> Bool,
        hand_number -> BigInt,
        rotation_index -> Nullable<SmallInt>,
        rotation_left -> Nullable<SmallInt>,
        last_button -> Nullable<SmallInt>,
        last_small_blind -> Nullable<SmallInt>,
        last_big_blind -> Nullable<SmallInt>,
        bomb_pot_queued -> Bool,
    }
}

table! {
    game_states (room_id) {
        room_id -> Uuid,
        game_id -> Uuid,
        seq -> BigInt,
        turn_number -> BigInt,
        turn_seat -> Nullable<SmallInt>,
        turn_started_at -> Nullable<Timestamptz>,
        deadline_at -> Nullable<Timestamptz>,
        expires_at -> Nullable<Timestamptz>,
        frozen_time_ms -> Nullable<BigInt>,
        frozen_bank_ms -> Nullable<BigInt>,
        next_hand_at -> Nullable<Timestamptz>,
        current_hand_id -> Nullable<Uuid>,
        wake_at -> Nullable<Timestamptz>,
        asks_at -> Nullable<Timestamptz>,
        version -> BigInt,
        epoch -> Uuid,
        forgiven -> BigInt,
    }
}

table! {
    hands (id) {
        id -> Uuid,
        room_id -> Uuid,
        game_id -> Uuid,
        hand_number -> BigInt,
        button_seat -> SmallInt,
        small_blind -> BigInt,
        big_blind -> BigInt,
        ante -> BigInt,
        action_timeout_ms -> BigInt,
        started_at -> Timestamptz,
        sealed_deck -> Binary,
        sealed_seed -> Nullable<Binary>,
        completed_at -> Nullable<Timestamptz>,
        board -> Nullable<Array<Text>>,
        pot -> Nullable<BigInt>,
        winners -> Nullable<Jsonb>,
        rules -> Text,
        house -> Nullable<Jsonb>,
    }
}

table! {
    players (hand_id, seat_index) {
        hand_id -> Uuid,
        seat_index -> SmallInt,
        room_id -> Uuid,
        user_id -> Uuid,
        display_name -> Text,
        stack -> BigInt,
    }
}

table! {
    actions (room_id, seq) {
        room_id -> Uuid,
        seq -> BigInt,
        hand_id -> Uuid,
        turn -> Nullable<BigInt>,
        seat_index -> SmallInt,
        user_id -> Uuid,
        street -> Text,
        action -> Text,
        amount -> BigInt,
        auto -> Bool,
        at -> Timestamptz,
    }
}

table! {
    room_events (room_id, seq) {
        room_id -> Uuid,
        seq -> BigInt,
        at -> Timestamptz,
        #[sql_name = "type"]
        kind -> Text,
        hand_id -> Nullable<Uuid>,
        public -> Jsonb,
        sealed -> Nullable<Binary>,
    }
}

table! {
    chip_ledger (room_id, seq, ordinal) {
        room_id -> Uuid,
        seq -> BigInt,
        ordinal -> SmallInt,
        user_id -> Uuid,
        kind -> Text,
        delta -> BigInt,
        hand_id -> Nullable<Uuid>,
        reason -> Nullable<Text>,
        at -> Timestamptz,
    }
}

table! {
    command_replies (user_id, command_id) {
        user_id -> Uuid,
        command_id -> Uuid,
        fingerprint -> Text,
        room_id -> Nullable<Uuid>,
        seq -> Nullable<BigInt>,
        status -> Nullable<SmallInt>,
        body -> Nullable<Bytea>,
    }
}

table! {
    key_check (id) {
        id -> SmallInt,
        salt -> Binary,
        mac -> Binary,
    }
}

table! {
    __diesel_schema_migrations (version) {
        version -> Text,
    }
}

allow_tables_to_appear_in_same_query!(
    users,
    rooms,
    room_players,
    room_spectators,
    room_seats,
    rejoin_tokens,
    games,
    game_states,
    hands,
    players,
    actions,
    room_events,
    chip_ledger,
    command_replies,
);

diesel::define_sql_function! {
    /// The time right now, even within a transaction.
    fn clock_timestamp() -> Timestamptz
}
