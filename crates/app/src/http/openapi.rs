//! The API's own descriptions: the documents, and a page to read one of them on that needs nothing from elsewhere.

pub mod asyncapi;
mod contract;
mod refusals;

use actix_web::{HttpResponse, get, web};
use serde_json::{Value, json};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use crate::http::{auth, host, hydrate, membership, ops, play, rooms, seats, socket};

/// The document.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Holdfast",
        description = "A poker room server: rooms, seats and hands of no-limit hold'em over REST and WebSocket. Errors \
                       are problem documents (RFC 9457) with a stable `code`. Instants are milliseconds since the Unix \
                       epoch, durations end in `Secs`, chips are whole numbers.",
    ),
    tags(
        (name = "identity", description = "Guests, accounts, and who is signed in."),
        (name = "rooms", description = "Rooms are made and found."),
        (name = "membership", description = "Coming in, watching, leaving, and heartbeats."),
        (name = "seats", description = "Seats and stacks."),
        (name = "host", description = "What only the host may do."),
        (name = "play", description = "Actions, and the record of what was played."),
        (name = "hydration", description = "The whole room as one reader may see it."),
        (name = "socket", description = "The WebSocket; `GET /api/asyncapi.json` describes what is said on it."),
        (name = "operations", description = "Health, readiness and metrics, for operators."),
    ),
    paths(
        auth::guest, auth::register, auth::login, auth::logout, auth::me,
        rooms::create, rooms::mine, rooms::by_code, rooms::by_id,
        membership::join, membership::me, membership::approve, membership::reject, membership::spectate, membership::stop_spectating,
        membership::spectators, membership::leave, membership::heartbeat,
        seats::take, seats::leave, seats::sit_out, seats::sit_in, seats::top_up, seats::preferences,
        host::start, host::pause, host::resume, host::end, host::queue_bomb_pot, host::cancel_bomb_pot, host::kick, host::unban, host::chips, host::settings, host::hand_over,
        play::action, play::runs, play::show, play::rabbit, play::events, play::hands, play::hand, play::export, play::proofs, hydrate::hydrate,
        socket::open, ops::healthz, ops::readyz, ops::metrics,
    ),
    components(schemas(protocol::event::WireEvent)),
    modifiers(&Credentials),
    security(("bearer" = []), ("rejoin" = []), ("cookie" = [])),
)]
pub struct Api;

struct Credentials;

impl Modify for Credentials {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        for (path, item) in std::mem::take(&mut openapi.paths.paths) {
            let outside = ["/ws", "/healthz", "/readyz", "/metrics"].contains(&path.as_str());
            openapi.paths.paths.insert(if outside { path } else { format!("/api{path}") }, item);
        }
        let components = openapi.components.get_or_insert_default();
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        let rejoin = ApiKeyValue::with_description("Authorization", "`Rejoin <rejoinToken>`, good for its room alone");
        components.add_security_scheme("rejoin", SecurityScheme::ApiKey(ApiKey::Header(rejoin)));
        let cookie = ApiKeyValue::new(crate::http::caller::COOKIE);
        components.add_security_scheme("cookie", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    }
}

/// The document as JSON.
#[get("/openapi.json")]
pub async fn document(api: web::Data<String>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(api.get_ref().clone())
}

/// The document as text to be served.
pub fn json() -> String {
    value().to_string()
}

const LICENCE: &str = "https://spdx.org/licenses/MIT.html";

fn contact() -> Value {
    json!({ "name": "Who runs this server" })
}

/// Answers and frames that a server really gave, by operation and status.
fn examples() -> Value {
    serde_json::from_str(include_str!("openapi/examples.json")).expect("the examples are JSON")
}

/// The document.
pub fn value() -> Value {
    let mut made = serde_json::to_value(Api::openapi()).expect("the document is plain data");
    made["info"]["contact"] = contact();
    made["info"]["license"] = json!({ "name": "MIT", "url": LICENCE });
    made["servers"] = json!([{ "url": "/", "description": "The server that this document comes from." }]);
    contract::finish(&mut made, &examples());
    made
}

const PAGE: &str = include_str!("openapi/docs.html");
const START: &str = include_str!("openapi/docs.js");

/// What the page may do. Swagger UI sets styles inline.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The page.
#[get("/docs")]
pub async fn page() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header(("content-security-policy", POLICY))
        .body(PAGE)
}

/// The page's files: Swagger UI, built into the binary.
#[get("/docs/{file}")]
pub async fn asset(file: web::Path<String>) -> HttpResponse {
    if file.as_str() == "docs.js" {
        return HttpResponse::Ok().content_type("text/javascript").body(START);
    }
    let config = std::sync::Arc::new(utoipa_swagger_ui::Config::from("/api/openapi.json"));
    match utoipa_swagger_ui::serve(&file, config) {
        Ok(Some(found)) => HttpResponse::Ok().content_type(found.content_type).body(found.bytes.into_owned()),
        Ok(None) | Err(_) => HttpResponse::NotFound().body("no such file"),
    }
}

#[cfg(test)]
mod tests {
    /// T-C1 takes the list of routes from the document: one that is served must be described.
    #[test]
    fn every_route_that_is_served_is_described() {
        let (table, source) = (include_str!("../http.rs"), include_str!("openapi.rs"));
        let described =
            source.split("paths(").nth(1).and_then(|rest| rest.split("),").next()).expect("a list of paths");
        let routes = table.split(".service(").skip(1).filter_map(|rest| rest.split(')').next());
        let is_call = |route: &&str| route.contains("::") && !route.contains('(') && !route.starts_with("openapi::");
        let of_calls = routes.filter(is_call);
        let mut count = 0;
        for route in of_calls {
            assert!(described.split([',', ' ', '\n']).any(|path| path == route), "{route} is served but not described");
            count += 1;
        }
        assert!(count > 30, "the routes were found");
    }
}
