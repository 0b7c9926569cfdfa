//! Which error codes each call can be answered with, beyond those that follow from its form.

use protocol::code::ErrorCode::{self, *};
use serde_json::Value;

use super::contract::for_anybody;

/// What the use case of an operation refuses; `None` for an operation that nobody has thought about.
fn own(operation: &str) -> Option<&'static [ErrorCode]> {
    Some(match operation {
        "signInAsGuest" => &[RoleForbidden, InvalidName, RateLimited],
        "register" => &[
            Unauthenticated,
            TokenExpired,
            TokenInvalid,
            SignInUnavailable,
            RoleForbidden,
            EmailTaken,
            InvalidName,
            RateLimited,
        ],
        "logIn" => &[Unauthenticated, RoleForbidden, RateLimited],
        "logOut" => &[RoleForbidden],
        "getMe" | "listRooms" | "getRoom" | "getHealth" | "getMetrics" => &[],
        "getReadiness" => &[ClockStands],
        "createRoom" => &[LimitReached, InvalidName, InvalidSettings],
        "findRoomByCode" => &[RoomNotFound],
        "joinRoom" => {
            &[IdentityMismatch, Banned, WrongPassword, RoomFull, AlreadyInRoom, RoomClosed, LimitReached, InvalidName]
        }
        "approveMember" => &[NotHost, UserNotFound, NotPending, RoomFull, RoomClosed],
        "rejectMember" => &[NotHost, UserNotFound, NotPending, RoomClosed],
        "spectate" => &[NotApproved, RoleForbidden, AlreadySeated, RoomClosed, InvalidName],
        "stopSpectating" => &[NotApproved, AlreadySeated],
        "getStanding" | "listSpectators" | "leaveRoom" | "heartbeat" => &[NotApproved],
        "takeSeat" => &[NotApproved, SeatTaken, AlreadySeated, RoomClosed, InvalidName, InvalidSeat, InvalidBuyIn],
        "leaveSeat" | "sitOut" | "sitIn" => &[NotApproved, NotSeated],
        "topUp" => &[NotApproved, NotSeated, RoomClosed, InvalidBuyIn],
        "changePreferences" => &[NotApproved, RoomClosed, InvalidPreference],
        "startGame" => &[NotHost, RoomClosed, GamePaused, NotEnoughPlayers],
        "pauseGame" | "resumeGame" => &[NotHost, NoHand, RoomClosed],
        "endGame" | "cancelBombPot" => &[NotHost, RoomClosed],
        "queueBombPot" => &[NotHost, RoomClosed, InvalidSettings],
        "unban" => &[NotHost, UserNotFound, NotBanned],
        "kickMember" => &[NotHost, UserNotFound, UserBanned],
        "adjustChips" => &[NotHost, NotSeated, UserNotFound, RoomClosed, IllegalAmount],
        "changeSettings" => &[NotHost, RoomClosed, InvalidSettings],
        "handOverRoom" => &[NotHost, NotApproved, UserNotFound],
        "act" => &[
            NotApproved,
            NotSeated,
            IdentityMismatch,
            NotYourTurn,
            NoHand,
            StaleTurn,
            GamePaused,
            IllegalAction,
            IllegalAmount,
        ],
        "answerRuns" => &[NotApproved, NotSeated, NoQuestion, StaleTurn, AlreadyAnswered, GamePaused, InvalidRuns],
        "showCards" => &[NotApproved, NotSeated, HandNotFound, HandRunning, NothingToShow, InvalidCards],
        "huntRabbit" => &[NotApproved, NotSeated, HandNotFound, HandRunning, NothingToShow],
        "listEvents" => &[NotApproved, EpochChanged],
        "listHands" | "getHand" | "getProofs" => &[NotApproved],
        "exportHand" => &[NotApproved, HandRunning, InvalidFormat],
        "hydrate" => &[NotApproved, IdentityMismatch, RoleForbidden],
        "openSocket" => &[RoleForbidden, RateLimited],
        _ => return None,
    })
}

/// All codes of an operation, in the order of their statuses.
pub fn of(path: &str, call: &str, operation: &Value) -> Vec<ErrorCode> {
    let id = operation["operationId"].as_str().unwrap_or_default();
    let own = own(id).unwrap_or_default();
    let mut codes = vec![BadRequest];
    if !["getHealth", "getMetrics"].contains(&id) {
        codes.extend([Internal, DatabaseUnavailable]);
    }
    codes.extend(own);
    if !for_anybody(operation) {
        codes.extend([Unauthenticated, TokenExpired, TokenInvalid, SignInUnavailable, RateLimited]);
    }
    // A caller's command may have an `actionId` in its body, even if it needs no body else.
    if operation.get("requestBody").is_some() || (call != "get" && !for_anybody(operation)) {
        codes.push(BodyTooLarge);
    }
    for (part, missing) in [("{roomId}", RoomNotFound), ("{gameId}", GameNotFound), ("{handId}", HandNotFound)] {
        if path.contains(part) {
            codes.push(missing);
        }
    }
    let parameters = operation["parameters"].as_array().map(Vec::as_slice).unwrap_or_default();
    if parameters.iter().any(|parameter| parameter["name"] == "Idempotency-Key") {
        codes.push(ActionIdReused);
    }
    codes.sort_by_key(|code| (code.status(), *code));
    codes.dedup();
    codes
}

#[cfg(test)]
mod tests {
    #[test]
    fn somebody_has_thought_about_what_each_operation_refuses() {
        let document = crate::http::openapi::value();
        for item in document["paths"].as_object().expect("paths").values() {
            for operation in item.as_object().expect("operations").values() {
                let id = operation["operationId"].as_str().expect("each operation has an id");
                assert!(super::own(id).is_some(), "openapi/refusals.rs doesn't know what {id} refuses");
            }
        }
    }
}
