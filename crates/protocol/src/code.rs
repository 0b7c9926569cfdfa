//! The contract's error codes.

use serde::{Serialize, Serializer};

use crate::names::described;

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $status:literal $name:literal,)*) => {
        /// What a problem is, for programs: stable.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum ErrorCode {
            $($(#[doc = $doc])+ $variant,)*
        }

        impl ErrorCode {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];
            const NAMES: &[&'static str] = &[$($name),*];

            /// The contract's name.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// The HTTP status that it is answered with.
            pub const fn status(self) -> u16 {
                match self {
                    $(Self::$variant => $status,)*
                }
            }

            /// What it means.
            pub const fn meaning(self) -> &'static str {
                match self {
                    $(Self::$variant => concat!($($doc),+),)*
                }
            }
        }
    };
}

codes! {
    /// The request makes no sense.
    BadRequest = 400 "BAD_REQUEST",
    /// No credential, or a wrong address or password.
    Unauthenticated = 401 "UNAUTHENTICATED",
    /// The token was good.
    TokenExpired = 401 "TOKEN_EXPIRED",
    /// The token is forged, revoked, or good for another room.
    TokenInvalid = 401 "TOKEN_INVALID",
    /// Only the host may do this.
    NotHost = 403 "NOT_HOST",
    /// The caller is not let into the room.
    NotApproved = 403 "NOT_APPROVED",
    /// Only a player in a seat may do this.
    NotSeated = 403 "NOT_SEATED",
    /// The request names another user than the credential.
    IdentityMismatch = 403 "IDENTITY_MISMATCH",
    /// More than the caller's role allows, or a page of another origin.
    RoleForbidden = 403 "ROLE_FORBIDDEN",
    /// The host has banned the caller.
    Banned = 403 "BANNED",
    /// Not the room's password.
    WrongPassword = 403 "WRONG_PASSWORD",
    /// There is no such room.
    RoomNotFound = 404 "ROOM_NOT_FOUND",
    /// There is no such game.
    GameNotFound = 404 "GAME_NOT_FOUND",
    /// The room has no such member.
    UserNotFound = 404 "USER_NOT_FOUND",
    /// There is no such hand.
    HandNotFound = 404 "HAND_NOT_FOUND",
    /// There is no such call.
    NotFound = 404 "NOT_FOUND",
    /// The path takes other methods: `Allow` names them.
    MethodNotAllowed = 405 "METHOD_NOT_ALLOWED",
    /// No place for another member.
    RoomFull = 409 "ROOM_FULL",
    /// The caller is let in already.
    AlreadyInRoom = 409 "ALREADY_IN_ROOM",
    /// Somebody has the seat, even if they are away.
    SeatTaken = 409 "SEAT_TAKEN",
    /// The caller has a seat.
    AlreadySeated = 409 "ALREADY_SEATED",
    /// The user has no open request.
    NotPending = 409 "NOT_PENDING",
    /// The user is banned: kicking them again does nothing.
    UserBanned = 409 "USER_BANNED",
    /// There is no ban to lift.
    NotBanned = 409 "NOT_BANNED",
    /// Somebody else is to act.
    NotYourTurn = 409 "NOT_YOUR_TURN",
    /// No hand is being played.
    NoHand = 409 "NO_HAND",
    /// The turn that was answered is over; carries the room's `seq`.
    StaleTurn = 409 "STALE_TURN",
    /// The `epoch` is that of another log: the server was restored from a backup; carries the room's `seq`.
    EpochChanged = 409 "EPOCH_CHANGED",
    /// Nothing is asked of the caller.
    NoQuestion = 409 "NO_QUESTION",
    /// The caller has answered this question.
    AlreadyAnswered = 409 "ALREADY_ANSWERED",
    /// The hand is still being played.
    HandRunning = 409 "HAND_RUNNING",
    /// Not the room's last hand, or nothing in it that could still be shown.
    NothingToShow = 409 "NOTHING_TO_SHOW",
    /// The game is paused.
    GamePaused = 409 "GAME_PAUSED",
    /// Two players with chips are needed.
    NotEnoughPlayers = 409 "NOT_ENOUGH_PLAYERS",
    /// The room's game has ended.
    RoomClosed = 409 "ROOM_CLOSED",
    /// The caller has too many open rooms or requests.
    LimitReached = 409 "LIMIT_REACHED",
    /// The address, or this guest, has an account.
    EmailTaken = 409 "EMAIL_TAKEN",
    /// The body is over 16 KiB.
    BodyTooLarge = 413 "BODY_TOO_LARGE",
    /// Not 1 to 50 visible characters, or a lookalike of another name in the room.
    InvalidName = 422 "INVALID_NAME",
    /// A setting is out of range, or the settings don't go together.
    InvalidSettings = 422 "INVALID_SETTINGS",
    /// A preference is none of those that can be chosen; `detail` says which.
    InvalidPreference = 422 "INVALID_PREFERENCE",
    /// The room has no such seat.
    InvalidSeat = 422 "INVALID_SEAT",
    /// There is no such format, or it can't say this hand; `detail` says which.
    InvalidFormat = 422 "INVALID_FORMAT",
    /// Not within the room's limits.
    InvalidBuyIn = 422 "INVALID_BUY_IN",
    /// The action is not legal now; `legalActions` says what is.
    IllegalAction = 422 "ILLEGAL_ACTION",
    /// The amount is not legal now; for actions `legalActions` says what is.
    IllegalAmount = 422 "ILLEGAL_AMOUNT",
    /// Not the caller's own cards, each once.
    InvalidCards = 422 "INVALID_CARDS",
    /// Not from 1 to as many runs as are offered.
    InvalidRuns = 422 "INVALID_RUNS",
    /// The same action id with another body, or from somebody else.
    ActionIdReused = 422 "ACTION_ID_REUSED",
    /// Too much; `Retry-After` says how long to wait.
    RateLimited = 429 "RATE_LIMITED",
    /// The server's mistake.
    Internal = 500 "INTERNAL",
    /// The database is away. Nothing was done, unless `outcome` is `unknown`.
    DatabaseUnavailable = 503 "DATABASE_UNAVAILABLE",
    /// The keys of the token's issuer can't be fetched: it can't be told whether it is good. Keep it and try again.
    SignInUnavailable = 503 "SIGN_IN_UNAVAILABLE",
    /// The server's clock hasn't come round: no turn ends and no hand is dealt. Readiness only.
    ClockStands = 503 "CLOCK_STANDS",
}

impl Serialize for ErrorCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

described!(ErrorCode, "What a problem is, for programs: stable.", Self::NAMES);

#[cfg(test)]
mod tests {
    use super::ErrorCode;

    #[test]
    fn each_code_is_explained_in_the_docs_with_its_status() {
        let docs = include_str!("../../../docs/errors.md");
        for code in ErrorCode::ALL {
            let (status, name) = (format!("| {} |", code.status()), format!("`{}`", code.name()));
            let explained = docs.lines().any(|line| line.starts_with(&status) && line.contains(&name));
            assert!(explained, "docs/errors.md has no {name} with status {}", code.status());
        }
    }
}
