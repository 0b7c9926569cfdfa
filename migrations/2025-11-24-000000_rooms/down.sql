-- The schema itself stays: the list of applied migrations is in it.
SET LOCAL search_path TO holdfast;
DROP TABLE service_pulse, action_replies, chip_ledger, room_events, actions, players, hands, game_states, games, rejoin_tokens,
    room_seats, room_spectators, room_players, rooms, users;
