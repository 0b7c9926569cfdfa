//! The routes, all in one table, and what every request goes through.

pub mod auth;
pub mod body;
pub mod caller;
pub mod client;
pub mod finish;
pub mod framing;
pub mod hidden;
pub mod host;
pub mod hydrate;
pub mod in_room;
pub mod membership;
pub mod named;
pub mod openapi;
pub mod ops;
pub mod origin;
pub mod path;
pub mod play;
pub mod problem;
pub mod proxy;
pub mod rate_limit;
pub mod rooms;
pub mod seats;
pub mod socket;
#[cfg(test)]
mod typescript;

use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header;
use actix_web::middleware::{Compress, DefaultHeaders, Next};
use actix_web::web;

use crate::http::problem::{Code, Problem};

/// The routes. Where figures are served elsewhere, not `/metrics`.
pub fn routes(config: &mut web::ServiceConfig, metrics_elsewhere: bool) {
    let query_errors = web::QueryConfig::default().error_handler(|error, _| {
        let problem = Problem::bad_request(format!("the query: {error}"));
        InternalError::from_response(error, actix_web::ResponseError::error_response(&problem)).into()
    });
    let api = web::scope("/api")
        .service(auth::guest)
        .service(auth::register)
        .service(auth::login)
        .service(auth::logout)
        .service(auth::me)
        .service(rooms::create)
        .service(rooms::mine)
        .service(rooms::by_code)
        .service(rooms::by_id)
        .service(membership::join)
        .service(membership::me)
        .service(membership::approve)
        .service(membership::reject)
        .service(membership::spectate)
        .service(membership::stop_spectating)
        .service(membership::spectators)
        .service(membership::leave)
        .service(membership::heartbeat)
        .service(seats::take)
        .service(seats::leave)
        .service(seats::sit_out)
        .service(seats::sit_in)
        .service(seats::top_up)
        .service(seats::preferences)
        .service(host::start)
        .service(host::pause)
        .service(host::resume)
        .service(host::end)
        .service(host::queue_bomb_pot)
        .service(host::cancel_bomb_pot)
        .service(host::kick)
        .service(host::unban)
        .service(host::chips)
        .service(host::settings)
        .service(host::hand_over)
        .service(play::action)
        .service(play::runs)
        .service(play::show)
        .service(play::rabbit)
        .service(play::events)
        .service(play::hands)
        .service(play::hand)
        .service(play::export)
        .service(play::proofs)
        .service(hydrate::hydrate)
        .service(openapi::document)
        .service(openapi::asyncapi::document)
        .service(openapi::page)
        .service(openapi::asset)
        .default_service(web::to(framing::no_such_route));
    config
        .app_data(query_errors)
        .service(api.wrap(Compress::default()))
        .service(socket::open)
        .service(ops::healthz)
        .service(ops::readyz);
    match metrics_elsewhere {
        // Else the client's page would answer.
        true => config.route("/metrics", web::to(framing::nothing_here)),
        false => config.service(ops::metrics),
    };
    config.default_service(web::to(client::or_not));
}

/// The routes of a listener for figures alone.
pub fn metrics_routes(config: &mut web::ServiceConfig) {
    config.service(ops::metrics).default_service(web::to(framing::nothing_but_figures));
}

/// What every answer says to browsers and caches.
pub fn headers() -> DefaultHeaders {
    DefaultHeaders::new()
        .add((header::CACHE_CONTROL, "no-store"))
        .add((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .add((header::REFERRER_POLICY, "no-referrer"))
        .add((header::X_FRAME_OPTIONS, "DENY"))
        .add(("cross-origin-opener-policy", "same-origin"))
}

/// Counts and logs a request: its route's pattern, never its path, query or headers.
pub async fn observe(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse, actix_web::Error> {
    let began = Instant::now();
    let app = caller::app(request.request());
    let method = request.method().clone();
    let route = request.match_pattern();
    if has_token_in_query(request.query_string()) {
        // A token in a URL ends up in histories and logs: it must never become a habit.
        return Ok(request.error_response(Problem::bad_request("tokens must not be sent in URLs")));
    }
    let outcome = next.call(request).await;
    let status = match &outcome {
        Ok(response) => response.status(),
        Err(error) => error.as_response_error().status_code(),
    };
    app.metrics.request(method.as_str(), route.as_deref(), status.as_u16(), began.elapsed());
    if let Ok(response) = &outcome
        && let Some(Code(code)) = response.response().extensions().get::<Code>()
    {
        app.metrics.refused(code.name());
    }
    let took_ms = began.elapsed().as_millis() as u64;
    let route = route.as_deref().unwrap_or("none");
    if status.is_server_error() {
        tracing::warn!(%method, route, status = status.as_u16(), took_ms, "request failed");
    } else {
        tracing::debug!(%method, route, status = status.as_u16(), took_ms, "request");
    }
    outcome.map(ServiceResponse::map_into_boxed_body)
}

fn has_token_in_query(query: &str) -> bool {
    let Ok(pairs) = web::Query::<Vec<(String, String)>>::from_query(query) else { return false };
    pairs.iter().any(|(name, _)| {
        let name = name.to_ascii_lowercase();
        matches!(name.as_str(), "token" | "access_token" | "rejointoken" | "rejoin_token" | "jwt")
    })
}
