//! Guests, accounts, who am I.

use actix_web::cookie::{Cookie, SameSite, time};
use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use domain::name::Name;
use protocol::auth::{GuestRequest, LoginRequest, Me, RegisterRequest, Session};
use usecases::CommandError;
use usecases::identity::{self, SignedIn};

use crate::http::body::Body;
use crate::http::caller::{COOKIE, Caller, address, limited, seen};
use crate::http::finish::{answer, finish};
use crate::http::named::in_header;
use crate::http::origin::is_https;
use crate::http::problem::Problem;
use crate::state::App;

/// The shortest and the longest password, in characters.
const PASSWORD: std::ops::RangeInclusive<usize> = 8..=200;

/// Whoever signs in gets a cookie: a page of somebody else's must not sign a browser in as whom it likes.
fn must_be_our_page(app: &App, request: &HttpRequest) -> Result<(), Problem> {
    // There is no caller yet whose id it could be: what is none is a mistake all the same.
    in_header(request)?;
    app.origins.check(request, &seen(request), "signing in")
}

/// Plays as a guest, without an account.
#[utoipa::path(operation_id = "signInAsGuest", tag = "identity", request_body = GuestRequest, responses((status = 201, body = Session), (status = "default", body = Problem)), security(()))]
#[post("/auth/guest")]
pub async fn guest(
    app: web::Data<App>,
    request: HttpRequest,
    body: Body<GuestRequest>,
) -> Result<HttpResponse, Problem> {
    must_be_our_page(&app, &request)?;
    limited(&request, app.limits.guest(address(&request)))?;
    let name = Name::new(&body.0.display_name).map_err(CommandError::from)?;
    let ports = app.ports.clone();
    let signed_in = finish(async move { identity::guest(&ports, name).await }).await?;
    Ok(session(&request, StatusCode::CREATED, signed_in))
}

/// Makes an account. A guest's bearer on the call keeps its userId.
#[utoipa::path(operation_id = "register", tag = "identity", request_body = RegisterRequest, responses((status = 201, body = Session), (status = "default", body = Problem)), security((), ("bearer" = [])))]
#[post("/auth/register")]
pub async fn register(
    app: web::Data<App>,
    request: HttpRequest,
    body: Body<RegisterRequest>,
) -> Result<HttpResponse, Problem> {
    must_be_our_page(&app, &request)?;
    let RegisterRequest { email, password, display_name } = body.0;
    let email = checked_email(&email)?;
    limited(&request, app.limits.sign_up(address(&request)))?;
    if !PASSWORD.contains(&password.chars().count()) {
        return Err(Problem::bad_request("a password has 8 to 200 characters"));
    }
    let name = Name::new(&display_name).map_err(CommandError::from)?;
    let known = match request.headers().contains_key(header::AUTHORIZATION) {
        true => Some(Caller::of(&request).await?),
        false => None,
    };
    if let Some(known) = &known {
        known.may_go_anywhere()?;
        known.must_be_known(&app).await?;
    }
    let ports = app.ports.clone();
    let known = known.map(|known| known.user);
    let signed_in = finish(async move { identity::register(&ports, known, name, &email, &password).await }).await?;
    Ok(session(&request, StatusCode::CREATED, signed_in))
}

/// Signs in to an account.
#[utoipa::path(operation_id = "logIn", tag = "identity", request_body = LoginRequest, responses((status = 200, body = Session), (status = "default", body = Problem)), security(()))]
#[post("/auth/login")]
pub async fn login(
    app: web::Data<App>,
    request: HttpRequest,
    body: Body<LoginRequest>,
) -> Result<HttpResponse, Problem> {
    must_be_our_page(&app, &request)?;
    let LoginRequest { email, password } = body.0;
    let email = checked_email(&email)?;
    limited(&request, app.limits.log_in(address(&request), &email))?;
    if password.chars().count() > *PASSWORD.end() {
        return Err(CommandError::WrongCredentials.into());
    }
    let ports = app.ports.clone();
    let signed_in = finish(async move { identity::log_in(&ports, &email, &password).await }).await?;
    Ok(session(&request, StatusCode::OK, signed_in))
}

/// Who the caller is.
#[utoipa::path(operation_id = "getMe", tag = "identity", responses((status = 200, body = Me), (status = "default", body = Problem)))]
#[get("/auth/me")]
pub async fn me(app: web::Data<App>, caller: Caller) -> Result<HttpResponse, Problem> {
    caller.may_go_anywhere()?;
    let user = answer(async { Ok(app.ports.store.find_user(caller.user).await?) }).await?;
    if user.is_none() && caller.is_own() {
        return Err(Problem::token_invalid());
    }
    // The database takes who has no password for a guest; an issuer of accounts knows better.
    let is_guest = caller.guest_hint.unwrap_or_else(|| user.as_ref().is_some_and(|user| user.guest));
    let name = user.map_or_else(|| caller.default_name(), |user| user.name);
    let me = Me { user_id: caller.user.0, display_name: name.to_string(), guest: is_guest };
    Ok(HttpResponse::Ok().json(me))
}

/// Forgets the browser's cookie.
#[utoipa::path(operation_id = "logOut", tag = "identity", responses((status = 204), (status = "default", body = Problem)), security(()))]
#[post("/auth/logout")]
pub async fn logout(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    must_be_our_page(&app, &request)?;
    let mut gone = Cookie::new(COOKIE, "");
    gone.set_path("/");
    gone.make_removal();
    Ok(HttpResponse::NoContent().cookie(gone).finish())
}

fn session(request: &HttpRequest, status: StatusCode, SignedIn { user, bearer }: SignedIn) -> HttpResponse {
    let cookie = Cookie::build(COOKIE, bearer.token.clone())
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(is_https(request, &seen(request)))
        .max_age(time::Duration::days(30))
        .finish();
    HttpResponse::build(status).cookie(cookie).json(Session {
        token: bearer.token,
        user_id: user.id.0,
        display_name: user.name.to_string(),
        expires_at: bearer.expires_at.0,
    })
}

/// Something before and after one `@`, without blanks: whether mail arrives there is not ours to know.
fn checked_email(email: &str) -> Result<String, Problem> {
    let email = email.trim().to_lowercase();
    let plain = email.len() <= 254 && !email.chars().any(|c| c.is_whitespace() || c.is_control());
    match email.split_once('@') {
        Some((user, host)) if plain && !user.is_empty() && !host.is_empty() && !host.contains('@') => Ok(email),
        Some(_) | None => Err(Problem::bad_request("this is not an e-mail address")),
    }
}
