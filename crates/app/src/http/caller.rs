//! Who asks: from the credential alone.

use std::net::IpAddr;

use actix_web::dev::Payload;
use actix_web::http::{Method, header};
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, web};
use domain::ids::{RoomId, UserId};
use domain::name::Name;
use futures_util::future::LocalBoxFuture;
use uuid::Uuid;

use crate::http::body::received;
use crate::http::finish::answer;
use crate::http::named::Named;
use crate::http::problem::Problem;
use crate::http::proxy::Seen;
use crate::http::rate_limit::{Quota, RetryAfter};
use crate::identity::{TokenError, Verified};
use crate::state::App;

/// The cookie that carries the bearer token.
pub const COOKIE: &str = "holdfast_session";

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who.
    pub user: UserId,
    /// What they are called elsewhere, as a hint.
    pub name_hint: Option<String>,
    /// Whether they are without an account, where the credential says so.
    pub guest_hint: Option<bool>,
    /// The only room that the credential is good for.
    only_room: Option<RoomId>,
    /// Whether this server vouches for them, and keeps them: not if somebody else does.
    own: bool,
    /// The id that the call came with, if it changes something.
    named: Option<Named>,
}

impl Caller {
    /// The caller of a request, whose credential is optional otherwise.
    ///
    /// # Errors
    ///
    /// - `UNAUTHENTICATED`, `TOKEN_INVALID`, `TOKEN_EXPIRED`, `SIGN_IN_UNAVAILABLE`.
    pub async fn of(request: &HttpRequest) -> Result<Self, Problem> {
        identify(&app(request), request).await
    }

    /// Whether the credential is good in this room.
    ///
    /// # Errors
    ///
    /// - `TOKEN_INVALID`: a rejoin token of another room.
    pub fn may_enter(&self, room: RoomId) -> Result<(), Problem> {
        match self.only_room {
            Some(only) if only != room => Err(Problem::token_invalid()),
            Some(_) | None => Ok(()),
        }
    }

    /// Whether it is this server that vouches for them.
    pub fn is_own(&self) -> bool {
        self.own
    }

    /// Whether this server has made them, and still knows them: a guest who was deleted isn't made again.
    ///
    /// # Errors
    ///
    /// - `TOKEN_INVALID`: nobody any more.
    pub async fn must_be_known(&self, app: &App) -> Result<(), Problem> {
        if !self.own {
            return Ok(());
        }
        let known = answer(async { Ok(app.ports.store.find_user(self.user).await?) }).await?;
        known.map(drop).ok_or_else(Problem::token_invalid)
    }

    /// The id that the call came with, if it changes something.
    pub fn named(&self) -> Option<&Named> {
        self.named.as_ref()
    }

    /// The only room that the credential is good for, if it is a rejoin token.
    pub fn only_room(&self) -> Option<RoomId> {
        self.only_room
    }

    /// Whether the credential is a full one.
    ///
    /// # Errors
    ///
    /// - `TOKEN_INVALID`: a rejoin token, which is good for its room only.
    pub fn may_go_anywhere(&self) -> Result<(), Problem> {
        if self.only_room.is_some() { Err(Problem::token_invalid()) } else { Ok(()) }
    }

    /// Whether somebody whom the request names is the caller.
    ///
    /// # Errors
    ///
    /// - `IDENTITY_MISMATCH`.
    pub fn must_be(&self, named: Option<Uuid>) -> Result<(), Problem> {
        match named {
            Some(named) if named != self.user.0 => {
                Err(usecases::CommandError::IdentityMismatch { named: UserId(named) }.into())
            }
            Some(_) | None => Ok(()),
        }
    }

    /// A name to begin with.
    pub fn default_name(&self) -> Name {
        let hint = self.name_hint.as_deref().and_then(|hint| Name::new(hint).ok());
        hint.unwrap_or_else(|| Name::new("Player").expect("a plain word is a name"))
    }
}

impl FromRequest for Caller {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let body = (!is_read(&request)).then(|| received(&request, payload));
        Box::pin(async move {
            let app = app(&request);
            let caller = identify(&app, &request).await?;
            let Some(body) = body else {
                limited(&request, app.limits.read(caller.user.0))?;
                return Ok(caller);
            };
            limited(&request, app.limits.command(caller.user.0))?;
            let named = Named::of(&app.fingerprints, &request, &body.await?)?;
            Ok(Self { named, ..caller })
        })
    }
}

/// The application's parts.
pub fn app(request: &HttpRequest) -> web::Data<App> {
    request.app_data::<web::Data<App>>().expect("the server is built with its parts").clone()
}

/// Notes what a limit leaves, for the answer.
///
/// # Errors
///
/// - `RATE_LIMITED`.
pub fn limited(request: &HttpRequest, outcome: Result<Option<Quota>, RetryAfter>) -> Result<(), Problem> {
    let (quota, outcome) = match outcome {
        Ok(quota) => (quota, Ok(())),
        Err(RetryAfter { secs, quota }) => (Some(quota), Err(Problem::rate_limited(secs))),
    };
    if let Some(quota) = quota {
        request.extensions_mut().insert(quota);
    }
    outcome
}

/// The same where all of a limit is spent.
pub fn refused(request: &HttpRequest, wait: RetryAfter) -> Problem {
    request.extensions_mut().insert(wait.quota);
    Problem::rate_limited(wait.secs)
}

/// The client's address, for limits.
pub fn address(request: &HttpRequest) -> IpAddr {
    seen(request).client
}

/// A request as the client sent it.
pub fn seen(request: &HttpRequest) -> Seen {
    app(request).proxies.see(request)
}

async fn identify(app: &App, request: &HttpRequest) -> Result<Caller, Problem> {
    let header = request.headers().get(header::AUTHORIZATION);
    let Some(header) = header else { return by_cookie(app, request).await };
    let text = header.to_str().map_err(|_| Problem::token_invalid())?;
    match text.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => by_bearer(app, token.trim()).await,
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("rejoin") => by_rejoin(app, token.trim()).await,
        Some(_) | None => Err(Problem::token_invalid()),
    }
}

/// A cookie is sent by browsers whatever page made them: so a change is only taken from a page of ours.
async fn by_cookie(app: &App, request: &HttpRequest) -> Result<Caller, Problem> {
    let cookie = request.cookie(COOKIE).ok_or_else(Problem::unauthenticated)?;
    if !is_read(request) && !app.origins.allows(request, &seen(request)) {
        return Err(Problem::unauthenticated());
    }
    by_bearer(app, cookie.value()).await
}

fn is_read(request: &HttpRequest) -> bool {
    matches!(*request.method(), Method::GET | Method::HEAD)
}

async fn by_bearer(app: &App, token: &str) -> Result<Caller, Problem> {
    let Verified { user, name, own, guest, .. } = app.verifier.verify(token).await?;
    Ok(Caller { user, name_hint: name, guest_hint: guest, only_room: None, own, named: None })
}

async fn by_rejoin(app: &App, token: &str) -> Result<Caller, Problem> {
    let found = answer(async { Ok(app.ports.store.find_token(token).await?) }).await?;
    let found = found.ok_or_else(Problem::token_invalid)?;
    if !found.valid {
        return Err(Problem::token_expired());
    }
    #[cfg(feature = "sabotage")]
    if sabotage::has(sabotage::Bug::TokenForEveryRoom) {
        return Ok(Caller {
            user: found.user,
            name_hint: None,
            guest_hint: None,
            only_room: None,
            own: false,
            named: None,
        });
    }
    Ok(Caller {
        user: found.user,
        name_hint: None,
        guest_hint: None,
        only_room: Some(found.room),
        own: false,
        named: None,
    })
}

impl From<TokenError> for Problem {
    fn from(err: TokenError) -> Self {
        match err {
            TokenError::Expired => Self::token_expired(),
            TokenError::Invalid => Self::token_invalid(),
            TokenError::KeysAway => Self::sign_in_unavailable(),
        }
    }
}
