//! Request bodies: JSON up to 16 KiB, with clear errors.

use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use futures_util::future::{LocalBoxFuture, Shared};
use futures_util::{FutureExt, StreamExt};
use protocol::code::ErrorCode;
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

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let received = received(request, payload);
        Box::pin(async move {
            let bytes = received.await?;
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

/// A request's body, for all who ask for it.
pub type Received = Shared<LocalBoxFuture<'static, Result<web::Bytes, Problem>>>;

/// The body of a request: read once, by whoever waits for it first.
pub fn received(request: &HttpRequest, payload: &mut Payload) -> Received {
    if let Some(received) = request.extensions().get::<Received>() {
        return received.clone();
    }
    let payload = payload.take();
    let reading = async move {
        let bytes = timeout(WITHIN, read(payload)).await;
        Ok(bytes.map_err(|_| Problem::bad_request("the body took too long to arrive"))??.freeze())
    };
    let received = reading.boxed_local().shared();
    request.extensions_mut().insert(received.clone());
    received
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
