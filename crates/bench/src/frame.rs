//! What the server says on a socket, as far as a player needs it: everything else is skipped without a copy.

use serde::Deserialize;

/// The kinds of frames that mean something here.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The socket is let in.
    Authenticated,
    /// Nothing is sent again.
    ResyncRequired,
    /// What was sent was no good.
    Error,
    /// A hand begins.
    HandStarted,
    /// Somebody acted.
    PlayerAction,
    /// The next street begins.
    StreetAdvanced,
    /// Something else.
    #[default]
    #[serde(other)]
    Other,
}

/// A frame. Fields that its kind doesn't have are absent.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Frame<'a> {
    /// What it is.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// The number of an event; of the last event, in `authenticated` and in answers to heartbeats.
    pub seq: Option<u64>,
    /// The room of an event: only events have it.
    #[serde(borrow)]
    pub room_id: Option<&'a str>,
    /// Who acted.
    pub seat_index: Option<u8>,
    /// Their bet on this street after it, in chips.
    pub bet: Option<u64>,
    /// The turn that an action answers.
    pub turn: Option<u64>,
    /// The big blind of the hand that begins, in chips.
    pub big_blind: Option<u64>,
    /// Who is dealt in.
    pub seats: Option<Vec<DealtIn>>,
    /// Whose turn it is now.
    pub timer: Option<Timer>,
    /// The name of an error.
    #[serde(borrow)]
    pub code: Option<&'a str>,
}

impl Frame<'_> {
    /// The number of an event; `None` for what isn't one.
    pub fn event(&self) -> Option<u64> {
        self.room_id.and(self.seq)
    }
}

/// A seat at the start of a hand, blinds posted.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DealtIn {
    /// Which.
    pub seat_index: u8,
    /// The bet in front of it, in chips.
    pub bet: u64,
}

/// Whose turn it is.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct Timer {
    /// The seat.
    pub actor_seat: u8,
    /// The turn's number.
    pub turn: u64,
}

/// Reads a frame.
///
/// # Errors
///
/// - It isn't the protocol's.
pub fn parse(text: &str) -> serde_json::Result<Frame<'_>> {
    serde_json::from_str(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_says_who_did_it_and_whose_turn_it_is_now() {
        let text = r#"{"type":"player_action","userId":"7","seatIndex":1,"street":"preflop","action":"CALL","amount":5,
            "chips":990,"bet":10,"pot":20,"auto":false,"turn":3,"returned":null,
            "timer":{"actorSeat":0,"turn":4,"startedAt":1,"deadlineAt":null,"timebankRemaining":60,"expiresAt":null},
            "seq":9,"roomId":"r","at":1}"#;
        let frame = parse(text).expect("the protocol's");
        assert_eq!(frame.kind, Kind::PlayerAction);
        assert_eq!((frame.event(), frame.seat_index, frame.bet, frame.turn), (Some(9), Some(1), Some(10), Some(3)));
        assert_eq!(frame.timer, Some(Timer { actor_seat: 0, turn: 4 }));
    }

    #[test]
    fn what_has_a_number_but_no_room_is_no_event() {
        let frame = parse(r#"{"type":"heartbeat_ack","seq":9,"serverTime":1}"#).expect("the protocol's");
        assert_eq!((frame.kind, frame.event()), (Kind::Other, None));
    }

    #[test]
    fn settings_with_a_number_of_seats_are_not_taken_for_people() {
        let text = r#"{"type":"settings_changed","settings":{"seats":6,"bigBlind":2},"seq":3,"roomId":"r","at":1}"#;
        assert!(parse(text).expect("the protocol's").seats.is_none());
    }
}
