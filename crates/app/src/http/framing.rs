//! What every request and every answer has, whatever it is about: an id, and a method that its path knows.

use std::sync::LazyLock;

use actix_web::body::MessageBody;
use actix_web::dev::{ResourceDef, ServiceRequest, ServiceResponse};
use actix_web::http::header::{ALLOW, HeaderName, HeaderValue, RETRY_AFTER};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use protocol::code::ErrorCode;
use tracing::Instrument as _;
use utoipa::OpenApi as _;
use uuid::Uuid;

use crate::http::openapi::Api;
use crate::http::problem::Problem;
use crate::http::rate_limit::Quota;

/// The header that a request's id comes and goes with.
pub const REQUEST_ID: &str = "x-request-id";
const LONGEST_ID: usize = 128;

/// What pages of other origins may read of an answer, beside what browsers show them anyway.
pub const EXPOSED: [&str; 7] = [
    REQUEST_ID,
    "retry-after",
    "allow",
    "ratelimit-limit",
    "ratelimit-remaining",
    "ratelimit-reset",
    "ratelimit-policy",
];

/// Gives a request its id, and everything that is logged of it; answers `HEAD` as `GET` without a body; says how much more is
/// allowed.
///
/// # Errors
///
/// - What the inner service does not answer.
pub async fn frame(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let id = id_of(request.request());
    // The encoder knows from the request's first line that no body is to follow.
    if *request.method() == Method::HEAD {
        request.head_mut().method = Method::GET;
    }
    // Whatever is logged, it has the id.
    let span = tracing::error_span!("request", request.id = id.to_str().unwrap_or_default());
    let mut response = next.call(request).instrument(span).await?;
    let quota = response.request().extensions().get::<Quota>().copied();
    let refused = response.status() == StatusCode::TOO_MANY_REQUESTS;
    let headers = response.headers_mut();
    headers.insert(HeaderName::from_static(REQUEST_ID), id);
    let wait = headers.get(RETRY_AFTER).and_then(|secs| secs.to_str().ok()?.parse().ok()).filter(|_| refused);
    let quota = match wait {
        Some(secs) => Some(Quota { remaining: 0, reset_secs: secs, ..quota.unwrap_or(Quota::ONE) }),
        None => quota,
    };
    if let Some(quota) = quota {
        let policy = format!("{};w={}", quota.limit, quota.window_secs);
        for (name, value) in [
            ("ratelimit-limit", quota.limit.to_string()),
            ("ratelimit-remaining", quota.remaining.to_string()),
            ("ratelimit-reset", quota.reset_secs.to_string()),
            ("ratelimit-policy", policy),
        ] {
            headers.insert(HeaderName::from_static(name), HeaderValue::try_from(value).expect("digits and signs"));
        }
    }
    Ok(response)
}

/// The id that a request came with, if it can be written into a log line and a header; else a new one.
fn id_of(request: &HttpRequest) -> HeaderValue {
    let given = request.headers().get(REQUEST_ID).filter(|given| {
        let bytes = given.as_bytes();
        (1..=LONGEST_ID).contains(&bytes.len()) && bytes.iter().all(|byte| (b' '..=b'~').contains(byte))
    });
    given.cloned().unwrap_or_else(|| {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).expect("the operating system has randomness");
        let id = uuid::Builder::from_random_bytes(bytes).into_uuid();
        HeaderValue::try_from(Uuid::to_string(&id)).expect("an id is printable")
    })
}

/// The paths that there are, and what may be asked of them: the document says it.
static METHODS: LazyLock<Vec<(ResourceDef, Vec<Method>)>> = LazyLock::new(|| {
    let documented = Api::openapi().paths.paths.into_iter().map(|(path, item)| {
        let methods = [
            (item.get.is_some(), Method::GET),
            (item.post.is_some(), Method::POST),
            (item.put.is_some(), Method::PUT),
            (item.patch.is_some(), Method::PATCH),
            (item.delete.is_some(), Method::DELETE),
        ];
        let methods = methods.into_iter().filter_map(|(is_there, method)| is_there.then_some(method));
        (ResourceDef::new(path), methods.collect())
    });
    let pages = ["/api/openapi.json", "/api/docs", "/api/docs/{file}"];
    documented.chain(pages.map(|path| (ResourceDef::new(path), vec![Method::GET]))).collect()
});

/// Answers where figures are served and nothing else.
pub async fn nothing_but_figures(request: HttpRequest) -> HttpResponse {
    if request.path() == "/metrics" { no_such_route(request).await } else { nothing_here().await }
}

/// Answers as if the path were not there.
pub async fn nothing_here() -> HttpResponse {
    let problem = Problem::new(ErrorCode::NotFound, "no such endpoint");
    actix_web::ResponseError::error_response(&problem)
}

/// Answers what no route takes: a path that there is, asked for in another way, or nothing that there is.
pub async fn no_such_route(request: HttpRequest) -> HttpResponse {
    let known = METHODS.iter().filter(|(path, _)| path.is_match(request.path()));
    let mut allowed: Vec<&str> = known.flat_map(|(_, methods)| methods.iter().map(Method::as_str)).collect();
    // Every other path is the client's, whose files can be read.
    if allowed.is_empty() && !request.path().starts_with("/api/") {
        allowed.push("GET");
    }
    if allowed.is_empty() {
        return nothing_here().await;
    }
    if allowed.contains(&"GET") {
        allowed.push("HEAD");
    }
    allowed.sort_unstable();
    allowed.dedup();
    let allowed = allowed.join(", ");
    let problem = Problem::new(ErrorCode::MethodNotAllowed, format!("this path takes {allowed}"));
    let mut response = actix_web::ResponseError::error_response(&problem);
    response.headers_mut().insert(ALLOW, HeaderValue::try_from(allowed).expect("methods are tokens"));
    response
}
