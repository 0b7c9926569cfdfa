//! Request bodies: JSON up to 16 KiB, with clear errors.

use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use adapters_ws::code::ErrorCode;
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use crate::http::problem::Problem;

/// How long a client may take to send a body.
const WITHIN: Duration = Duration::from_secs(10);

/// The largest body, in bytes.
pub const MAX_BODY: usize = 16 * 1024;

/// A JSON object. No body at all is an empty object.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(_: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let payload = payload.take();
        Box::pin(async move {
            let bytes = timeout(WITHIN, read(payload));
            let bytes = bytes.await.map_err(|_| Problem::bad_request("the body took too long to arrive"))??;
            let text: &[u8] = if bytes.is_empty() { b"{}" } else { &bytes };
            if text.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
                return Err(Problem::bad_request("the body must be a JSON object"));
            }
            let body =
                serde_json::from_slice(text).map_err(|error| Problem::bad_request(format!("the body: {error}")))?;
            Ok(Self(body))
        })
    }
}

async fn read(mut payload: Payload) -> Result<web::BytesMut, Problem> {
    let mut bytes = web::BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| Problem::bad_request(format!("the body could not be read: {error}")))?;
        if bytes.len() + chunk.len() > MAX_BODY {
            return Err(Problem::new(ErrorCode::BodyTooLarge, "the body is over 16 KiB"));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}
