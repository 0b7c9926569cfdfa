//! Errors as `application/problem+json` (RFC 9457).

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use domain::room::RoomError;
use ports::store::{Answer, StoreError};
use protocol::code::ErrorCode;
use protocol::event::LegalActionsResponse;
use serde::Serialize;
use usecases::CommandError;

/// The most characters of a detail that may quote the request.
const LONGEST_DETAIL: usize = 200;

const ASK_AGAIN: &str = "the database did not answer in time; it may have been done: ask again with the same Idempotency-Key \
                         (actionId)";

/// Tells whoever counts which code an answer has.
#[derive(Clone, Copy)]
pub struct Code(pub ErrorCode);

/// What a refused request is answered with.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// Always `about:blank`: the code says it all.
    #[schema(value_type = String)]
    #[cfg_attr(test, ts(type = "\"about:blank\""))]
    r#type: AboutBlank,
    /// The status in words.
    #[schema(value_type = String)]
    title: &'static str,
    /// The HTTP status.
    #[serde(serialize_with = "as_number")]
    #[schema(value_type = u16)]
    #[cfg_attr(test, ts(type = "number"))]
    status: StatusCode,
    /// For people.
    detail: String,
    /// For programs: stable.
    code: ErrorCode,
    /// What would have been legal, for a refused action.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    #[cfg_attr(test, ts(optional))]
    legal_actions: Option<Box<LegalActionsResponse>>,
    /// The number of the room's last event, where the room has moved on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    #[cfg_attr(test, ts(optional))]
    seq: Option<u64>,
    /// `unknown` if the change may have been made: ask again with the same `Idempotency-Key` (`actionId`).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    #[cfg_attr(test, ts(optional))]
    outcome: Option<Outcome>,
    #[serde(skip)]
    retry_after_secs: Option<u64>,
    /// No problem at all: the call was made before, and this is what was answered.
    #[serde(skip)]
    #[cfg_attr(test, ts(skip))]
    #[schema(ignore)]
    answered: Option<Box<(StatusCode, Vec<u8>)>>,
}

/// Whether a change was made.
#[derive(Clone, Copy, Debug, Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It may have been.
    Unknown,
}

/// The type of problems that need no page of their own (RFC 9457, 4.2.1).
#[derive(Clone, Debug)]
struct AboutBlank;

impl Serialize for AboutBlank {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("about:blank")
    }
}

fn as_number<S: serde::Serializer>(status: &StatusCode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u16(status.as_u16())
}

impl Problem {
    /// A problem with the contract's code.
    pub fn new(code: ErrorCode, detail: impl fmt::Display) -> Self {
        let status = StatusCode::from_u16(code.status()).expect("the codes' statuses are HTTP's");
        Self {
            r#type: AboutBlank,
            title: status.canonical_reason().unwrap_or("Error"),
            status,
            detail: detail.to_string(),
            code,
            legal_actions: None,
            seq: None,
            outcome: None,
            retry_after_secs: None,
            answered: None,
        }
    }

    /// The request itself is no good. What quotes it at length is cut off: a client must not make us talkative.
    pub fn bad_request(detail: impl fmt::Display) -> Self {
        let detail: String = detail.to_string().chars().take(LONGEST_DETAIL).collect();
        Self::new(ErrorCode::BadRequest, detail)
    }

    /// No credential.
    pub fn unauthenticated() -> Self {
        Self::new(ErrorCode::Unauthenticated, "sign in first")
    }

    /// A credential that is none.
    pub fn token_invalid() -> Self {
        Self::new(ErrorCode::TokenInvalid, "this token is not valid here")
    }

    /// A credential that was one.
    pub fn token_expired() -> Self {
        Self::new(ErrorCode::TokenExpired, "this token has expired")
    }

    /// A credential that can't be checked now: the keys of its issuer can't be fetched.
    pub fn sign_in_unavailable() -> Self {
        let detail = "this token can't be checked now: the keys of its issuer can't be fetched; keep it and try again";
        let problem = Self::new(ErrorCode::SignInUnavailable, detail);
        Self { retry_after_secs: Some(2), ..problem }
    }

    /// Too much of it.
    pub fn rate_limited(retry_after_secs: u64) -> Self {
        let problem = Self::new(ErrorCode::RateLimited, "too many requests, try again later");
        Self { retry_after_secs: Some(retry_after_secs.max(1)), ..problem }
    }

    /// The database is away. `outcome` is `unknown` if the change may have been made.
    pub fn database_unavailable(outcome: Option<Outcome>) -> Self {
        let detail = match outcome {
            None => "the database is not available; nothing was done",
            Some(_) => "the database did not answer in time; it may have been done: look before you ask again",
        };
        let problem = Self::new(ErrorCode::DatabaseUnavailable, detail);
        Self { outcome, retry_after_secs: Some(1), ..problem }
    }

    /// Our own fault.
    pub fn internal() -> Self {
        Self::new(ErrorCode::Internal, "something is wrong on our side")
    }

    /// The same of a command that came with an id: if it isn't known what became of it, the id helps.
    #[must_use]
    pub fn to_be_named(self) -> Self {
        match self.outcome {
            Some(_) => Self { detail: ASK_AGAIN.to_owned(), ..self },
            None => self,
        }
    }

    /// The contract's name.
    pub fn code(&self) -> ErrorCode {
        self.code
    }

    /// What it says to people.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.status
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.name(), self.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        if let Some(answered) = &self.answered {
            let (status, body) = &**answered;
            return HttpResponse::build(*status).content_type(mime::APPLICATION_JSON).body(body.clone());
        }
        let mut response = HttpResponse::build(self.status);
        if let Some(secs) = self.retry_after_secs {
            response.insert_header((header::RETRY_AFTER, secs));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response.insert_header((header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer, Rejoin")));
        }
        response.extensions_mut().insert(Code(self.code));
        let body = serde_json::to_string(self).expect("a problem has string keys only");
        response.content_type("application/problem+json").body(body)
    }
}

impl From<RoomError> for Problem {
    fn from(err: RoomError) -> Self {
        let code = match &err {
            RoomError::NotHost => ErrorCode::NotHost,
            RoomError::NotApproved => ErrorCode::NotApproved,
            RoomError::NotSeated => ErrorCode::NotSeated,
            RoomError::RoleForbidden => ErrorCode::RoleForbidden,
            RoomError::Banned => ErrorCode::Banned,
            RoomError::UserNotFound => ErrorCode::UserNotFound,
            RoomError::HostStays => ErrorCode::BadRequest,
            RoomError::LookalikeName => ErrorCode::InvalidName,
            RoomError::RoomFull => ErrorCode::RoomFull,
            RoomError::AlreadyInRoom => ErrorCode::AlreadyInRoom,
            RoomError::SeatTaken => ErrorCode::SeatTaken,
            RoomError::AlreadySeated => ErrorCode::AlreadySeated,
            RoomError::NotPending => ErrorCode::NotPending,
            RoomError::UserBanned => ErrorCode::UserBanned,
            RoomError::NotBanned => ErrorCode::NotBanned,
            RoomError::NotYourTurn => ErrorCode::NotYourTurn,
            RoomError::NoHand => ErrorCode::NoHand,
            RoomError::StaleTurn => ErrorCode::StaleTurn,
            RoomError::NoQuestion => ErrorCode::NoQuestion,
            RoomError::AlreadyAnswered => ErrorCode::AlreadyAnswered,
            RoomError::InvalidRuns { .. } => ErrorCode::InvalidRuns,
            RoomError::HandRunning => ErrorCode::HandRunning,
            RoomError::OtherHand | RoomError::NothingToShow => ErrorCode::NothingToShow,
            RoomError::InvalidCards => ErrorCode::InvalidCards,
            RoomError::GamePaused => ErrorCode::GamePaused,
            RoomError::NotEnoughPlayers => ErrorCode::NotEnoughPlayers,
            RoomError::RoomClosed => ErrorCode::RoomClosed,
            RoomError::Settings(_) => ErrorCode::InvalidSettings,
            RoomError::Preference(_) => ErrorCode::InvalidPreference,
            RoomError::InvalidSeat => ErrorCode::InvalidSeat,
            RoomError::InvalidBuyIn { .. } | RoomError::StackComesBack { .. } => ErrorCode::InvalidBuyIn,
            RoomError::StackOutOfRange | RoomError::IllegalAmount { .. } => ErrorCode::IllegalAmount,
            RoomError::IllegalAction { .. } => ErrorCode::IllegalAction,
        };
        let problem = Self::new(code, &err);
        match &err {
            RoomError::IllegalAction { legal } | RoomError::IllegalAmount { legal } => {
                Self { legal_actions: Some(Box::new(legal.into())), ..problem }
            }
            _ => problem,
        }
    }
}

impl From<StoreError> for Problem {
    fn from(err: StoreError) -> Self {
        tracing::warn!(error = %err, cause = ?std::error::Error::source(&err).map(ToString::to_string), "database");
        match err {
            StoreError::Unavailable(_) => Self::database_unavailable(None),
            StoreError::OutcomeUnknown(_) => Self::database_unavailable(Some(Outcome::Unknown)),
            StoreError::Missing(_) | StoreError::Duplicate(_) | StoreError::Corrupt(_) => Self::internal(),
        }
    }
}

fn answered_before(answer: Answer) -> Problem {
    // An action's own way answers its repetitions, and no other command has an action's fingerprint.
    let Answer::Given { status, body } = answer else { return Problem::internal() };
    let Ok(status) = StatusCode::from_u16(status) else { return Problem::internal() };
    Problem { status, answered: Some(Box::new((status, body))), ..Problem::internal() }
}

impl From<CommandError> for Problem {
    fn from(refusal: CommandError) -> Self {
        let detail = refusal.to_string();
        let with = |code| Self::new(code, &detail);
        match refusal {
            CommandError::Room(err) => err.into(),
            CommandError::Store(err) => err.into(),
            CommandError::StaleTurn { seq } => Self { seq: Some(seq), ..with(ErrorCode::StaleTurn) },
            CommandError::EpochChanged { seq } => Self { seq: Some(seq), ..with(ErrorCode::EpochChanged) },
            CommandError::RoomNotFound => with(ErrorCode::RoomNotFound),
            CommandError::GameNotFound => with(ErrorCode::GameNotFound),
            CommandError::HandNotFound => with(ErrorCode::HandNotFound),
            CommandError::OtherRoom => Self::token_invalid(),
            CommandError::WrongPassword => with(ErrorCode::WrongPassword),
            CommandError::WrongCredentials => with(ErrorCode::Unauthenticated),
            CommandError::TooManyRooms { .. } | CommandError::TooManyRequests { .. } => with(ErrorCode::LimitReached),
            CommandError::EmailTaken => with(ErrorCode::EmailTaken),
            CommandError::Answered(answer) => answered_before(answer),
            CommandError::ActionIdReused => with(ErrorCode::ActionIdReused),
            CommandError::IdentityMismatch { .. } => with(ErrorCode::IdentityMismatch),
            CommandError::Name(_) => with(ErrorCode::InvalidName),
            CommandError::Settings(_) => with(ErrorCode::InvalidSettings),
            CommandError::AskedTooOften { secs } => Self { detail, ..Self::rate_limited(secs) },
            CommandError::Busy(_) => Self::rate_limited(1),
        }
    }
}
