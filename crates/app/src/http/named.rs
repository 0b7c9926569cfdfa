//! Commands that come with an id, `Idempotency-Key` or `actionId`, so that they are done once.

use actix_web::HttpRequest;
use adapters_pg::Fingerprints;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::http::problem::Problem;

const HEADER: &str = "idempotency-key";
const FIELD: &str = "actionId";

/// An id, and what two commands with the same id must have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The id.
    pub id: Uuid,
    /// Follows from the call and its body, and tells nothing of either.
    pub fingerprint: String,
}

impl Named {
    /// The id of a request with this body, if it has one.
    ///
    /// # Errors
    ///
    /// - `BAD_REQUEST`: what should be an id is none, or there are two.
    pub fn of(fingerprints: &Fingerprints, request: &HttpRequest, body: &[u8]) -> Result<Option<Self>, Problem> {
        let mut fields = serde_json::from_slice::<Map<String, Value>>(body).ok();
        // Where the id stands makes no difference.
        let field = fields.as_mut().and_then(|fields| fields.remove(FIELD)).filter(|field| !field.is_null());
        let in_body = field.map(|field| match field.as_str().map(Uuid::try_parse) {
            Some(Ok(id)) => Ok(id),
            Some(Err(_)) | None => Err(Problem::bad_request("actionId must be a UUID")),
        });
        let Some(id) = one(in_header(request)?, in_body.transpose()?)? else { return Ok(None) };
        // Nor do blanks, and the order of fields.
        let body = match fields {
            Some(fields) if fields.is_empty() => Vec::new(),
            Some(fields) => {
                let mut fields = Value::Object(fields);
                fields.sort_all_objects();
                fields.to_string().into_bytes()
            }
            None => body.to_vec(),
        };
        let path = request.path().to_ascii_lowercase();
        let fingerprint = fingerprints.of(&[request.method().as_str().as_bytes(), path.as_bytes(), &body]);
        Ok(Some(Self { id, fingerprint }))
    }
}

/// The id in a request's header, if it has one.
///
/// # Errors
///
/// - `BAD_REQUEST`: it is none, or there are two.
pub fn in_header(request: &HttpRequest) -> Result<Option<Uuid>, Problem> {
    request.headers().get_all(HEADER).try_fold(None, |known, header| {
        let text = header.to_str().unwrap_or_default().trim_matches('"');
        let id = Uuid::try_parse(text).map_err(|_| Problem::bad_request("Idempotency-Key must be a UUID"))?;
        one(known, Some(id))
    })
}

fn one(first: Option<Uuid>, second: Option<Uuid>) -> Result<Option<Uuid>, Problem> {
    match (first, second) {
        (Some(first), Some(second)) if first != second => {
            Err(Problem::bad_request("Idempotency-Key and actionId name two different commands"))
        }
        (first, second) => Ok(first.or(second)),
    }
}
