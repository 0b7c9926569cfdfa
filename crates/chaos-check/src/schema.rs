//! The gate of I-13: a field that the protocol doesn't name may be a leak, so any of them is a violation.
//!
//! The lists are written by hand from the contract and the protocol's page: fields by name, what is inside in brackets. Lists
//! and single values aren't told apart.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use crate::call::Call;

const TIMER: &str = "timer(actorSeat turn startedAt deadlineAt timebankRemaining expiresAt \
                     legalActions(actions callAmount minRaiseTo maxRaiseTo)) handLabel";
const SETTINGS: &str = "settings(seats smallBlind bigBlind ante minBuyIn maxBuyIn actionTimeoutSecs timebankSecs \
                        betweenHandsSecs maxMembers autoApprove spectatorsAllowed variant rotation rotationHands runItTwice maxRuns \
                        runVoteSecs rabbitHunt buttonBlind buttonRule newPlayers \
                        straddle maxStraddles bounty72 doubleBoard bombPotMode bombPotEvery bombPotPercent bombPotAnte bombPotVariant)";
const ROOM: &str = "room(id code name hostId status hasPassword SETTINGS)";

/// Frames and events by `type`; `EVENT` stands for what all events have.
const FRAMES: [(&str, &str); 39] = [
    ("authenticated", "type role status userId seatIndex epoch seq heartbeatSecs serverTime"),
    ("resync_required", "type epoch seq"),
    ("heartbeat_ack", "type seq serverTime"),
    ("presence", "type userId online"),
    ("error", "type code detail"),
    ("player_join_requested", "EVENT userId displayName"),
    ("player_approved", "EVENT userId displayName rejoinToken"),
    ("player_rejected", "EVENT userId displayName"),
    ("player_seated", "EVENT seatIndex userId displayName chips"),
    ("spectator_joined", "EVENT userId displayName"),
    ("spectator_left", "EVENT userId displayName"),
    ("seat_freed", "EVENT seatIndex userId reason chips"),
    ("player_disconnected", "EVENT userId seatIndex"),
    ("player_reconnected", "EVENT userId seatIndex"),
    ("player_sat_out", "EVENT userId seatIndex"),
    ("player_sat_in", "EVENT userId seatIndex"),
    ("member_left", "EVENT userId"),
    ("player_kicked", "EVENT userId"),
    ("host_changed", "EVENT userId"),
    ("settings_changed", "EVENT SETTINGS"),
    ("chips_adjusted", "EVENT userId delta chips by reason"),
    ("game_started", "EVENT gameId"),
    ("game_paused", "EVENT gameId"),
    ("game_resumed", "EVENT gameId"),
    ("game_ended", "EVENT gameId"),
    ("bomb_pot_queued", "EVENT byUserId"),
    ("bomb_pot_cancelled", "EVENT byUserId"),
    ("bounty_paid", "EVENT handId userId seatIndex amount from(userId seatIndex amount)"),
    (
        "hand_started",
        "EVENT handId handNumber variant rules kind boardCount buttonSeat buttonDead smallBlindSeat bigBlindSeat \
         smallBlind bigBlind ante buttonBlind blinds(seatIndex kind amount) \
         seats(seatIndex userId chips bet) pot TIMER \
         commitment(algorithm seedHash root) yourCards",
    ),
    (
        "player_action",
        "EVENT userId seatIndex street action amount chips bet pot auto turn returned(seatIndex amount chips) TIMER",
    ),
    ("street_advanced", "EVENT street board boards pots(amount eligibleSeats) TIMER"),
    ("runs_asked", "EVENT handId seats maxRuns turn expiresAt"),
    ("runs_answered", "EVENT handId seatIndex"),
    ("runs_decided", "EVENT handId runs"),
    ("run_dealt", "EVENT handId run board"),
    ("cards_shown", "EVENT handId seatIndex userId cards"),
    ("rabbit_shown", "EVENT handId userId boards"),
    (
        "pot_distributed",
        "EVENT potIndex amount winners(userId seatIndex amount) parts(board half amount winners(userId seatIndex amount))",
    ),
    (
        "hand_complete",
        "EVENT handId board boards winners(userId seatIndex amount handRank) \
         shown(seatIndex cards handRank ranks(board high low)) \
         chips(seatIndex chips) nextHandAt",
    ),
];

const PROBLEM: &str =
    "type title status detail code legalActions(actions callAmount minRaiseTo maxRaiseTo) seq outcome";

const DOCUMENT: &str = "epoch seq timestamp \
    room(id code name host_id status has_password SETTINGS) \
    game(id status ending current_hand_id hand_number next_hand_at variant next_variant hands_to_next_variant next_bomb_pot) \
    hand(id number variant started_at phase kind board boards runs question(kind seats max_runs turn expires_at answered) pot pots(amount eligible_seats) current_bet min_raise_to button_seat \
         button_dead small_blind_seat big_blind_seat small_blind big_blind ante button_blind winners(user_id seat_index amount hand_rank)) \
    seats(seat_index user_id display_name chips bet status in_hand has_folded is_all_in online last_seen_at shown_cards \
          last_action(action amount) owes waits_for) \
    me(user_id role status display_name is_host rejoin_token waiting_chips \
       preferences(entry autoStraddle runPreference autoMuck sitOutNextBigBlind maxRuns) seat_index hole_cards hand_label \
       legal_actions(actions call_amount min_raise_to max_raise_to) timebank_remaining) \
    recent_actions(seq user_id seat_index street action amount at) \
    timer(actor_seat turn started_at deadline_at timebank_remaining expires_at) \
    spectator_count pending_requests(user_id display_name requested_at) members(user_id display_name role online) \
    banned(user_id display_name) \
    host_controls(can_pause can_kick can_adjust_chips)";

/// The fields of the answers; events in them are looked at one by one.
fn answer(call: Call) -> Option<&'static str> {
    Some(match call {
        Call::Action | Call::Runs | Call::Show => "success seq",
        Call::Rabbit => "boards",
        Call::Join => "status waitingForApproval rejoinToken",
        Call::Approve | Call::Reject => "approved",
        Call::TakeSeat => "role seatIndex chips rejoinToken",
        Call::LeaveSeat | Call::Spectate | Call::StopSpectating => "role rejoinToken",
        Call::Leave => "status",
        Call::Heartbeat => "seq serverTime",
        Call::Start
        | Call::Pause
        | Call::Resume
        | Call::End
        | Call::BombPot
        | Call::Kick
        | Call::HandOver
        | Call::SitOut
        | Call::SitIn => "success seq gameStatus",
        Call::Chips | Call::TopUp => "success seq queued chips",
        Call::Settings => "SETTINGS",
        Call::Create => "ROOM gameId rejoinToken",
        Call::Hydrate => DOCUMENT,
        Call::Events => "events epoch seq",
        Call::Hands => "hands(handId handNumber startedAt completedAt pot winners(userId seatIndex amount handRank))",
        Call::Hand => {
            "hand(id number started_at completed_at button_seat small_blind big_blind ante button_blind variant rules \
             seats(seat_index user_id display_name chips) board boards pot) events"
        }
        Call::Standing => "status role seatIndex rejoinToken isHost",
        Call::Spectators => "spectators(userId displayName online lastSeenAt)",
        Call::Lobby => {
            "ROOM seats(seatIndex userId displayName) hostDisplayName hostOnline memberCount gameStatus banned"
        }
        Call::MyRooms => {
            "rooms(ROOM memberStatus role seatIndex isHost gameStatus yourTurn pendingRequests memberCount)"
        }
        Call::Identity => "token userId displayName expiresAt guest",
        Call::Other => return None,
    })
}

#[derive(Debug, Default)]
struct Shape(BTreeMap<String, Shape>);

impl Shape {
    fn parse(text: &str) -> Self {
        let text = text.replace("EVENT", "type seq roomId at").replace("ROOM", ROOM);
        let text = text.replace("SETTINGS", SETTINGS).replace("TIMER", TIMER);
        let text = text.replace('(', " ( ").replace(')', " ) ");
        Self::fields(&mut text.split_whitespace())
    }

    fn fields<'a>(words: &mut impl Iterator<Item = &'a str>) -> Self {
        let mut shape = Self::default();
        let mut last = String::new();
        while let Some(word) = words.next() {
            match word {
                ")" => break,
                "(" => drop(shape.0.insert(std::mem::take(&mut last), Self::fields(words))),
                name => {
                    last = name.to_owned();
                    shape.0.insert(last.clone(), Self::default());
                }
            }
        }
        shape
    }

    fn unknown_in(&self, value: &Value, path: &str, found: &mut Vec<String>) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.unknown_in(item, path, found)),
            Value::Object(fields) => {
                for (name, field) in fields {
                    let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                    match self.0.get(name) {
                        Some(shape) => shape.unknown_in(field, &path, found),
                        None => found.push(path),
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}

/// What may be received.
#[derive(Debug)]
pub struct Schema {
    frames: HashMap<&'static str, Shape>,
    answers: HashMap<Call, Shape>,
    problem: Shape,
}

impl Default for Schema {
    fn default() -> Self {
        Self {
            frames: FRAMES.into_iter().map(|(kind, fields)| (kind, Shape::parse(fields))).collect(),
            answers: HashMap::new(),
            problem: Shape::parse(PROBLEM),
        }
    }
}

impl Schema {
    /// The fields of a frame or event that the protocol doesn't name.
    pub fn unknown_in_frame(&self, frame: &Value) -> Vec<String> {
        let mut found = Vec::new();
        let kind = frame["type"].as_str().unwrap_or_default();
        match self.frames.get(kind) {
            Some(shape) => shape.unknown_in(frame, "", &mut found),
            None => found.push(format!("type {kind:?}")),
        }
        found
    }

    /// The fields of an answer that the protocol doesn't name.
    pub fn unknown_in_answer(&mut self, call: Call, refused: bool, body: &Value) -> Vec<String> {
        let mut found = Vec::new();
        if refused {
            self.problem.unknown_in(body, "", &mut found);
        } else if let Some(fields) = answer(call) {
            let shape = self.answers.entry(call).or_insert_with(|| Shape::parse(fields));
            match body.as_object() {
                Some(all) => {
                    for (name, field) in all.iter().filter(|(name, _)| *name != "events") {
                        match shape.0.get(name) {
                            Some(shape) => shape.unknown_in(field, name, &mut found),
                            None => found.push(name.clone()),
                        }
                    }
                }
                None => shape.unknown_in(body, "", &mut found),
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_that_the_protocol_does_not_name_are_found_at_any_depth() {
        let mut schema = Schema::default();
        let paused = json!({"type": "game_paused", "seq": 1, "roomId": "r", "at": 2, "gameId": "g"});
        assert_eq!(schema.unknown_in_frame(&paused), Vec::<String>::new());
        let leaky = json!({"type": "street_advanced", "seq": 1, "timer": {"turn": 1, "deck": []}, "deck": []});
        assert_eq!(schema.unknown_in_frame(&leaky), ["deck", "timer.deck"]);
        let approved = json!({"approved": true, "rejoinToken": "x"});
        assert_eq!(schema.unknown_in_answer(Call::Approve, false, &approved), ["rejoinToken"]);
        let document = json!({"seq": 1, "seats": [{"seat_index": 0, "hole_cards": []}]});
        assert_eq!(schema.unknown_in_answer(Call::Hydrate, false, &document), ["seats.hole_cards"]);
        assert_eq!(schema.unknown_in_frame(&json!({"type": "gossip"})), ["type \"gossip\""]);
    }
}
