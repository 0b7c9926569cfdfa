//! Commands run to their end.
//!
//! actix drops a handler when its client resets the connection, which could stop a command between its commit and its
//! publication. So every command runs in a task of its own, and the handler only waits for it, for a while.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::web;
use ports::store::{Answer, CommandId};
use serde::Serialize;
use tokio::time::timeout;
use tracing::Instrument as _;
use usecases::CommandError;
use usecases::apart::caught;
use usecases::once::Once;

use crate::http::caller::Caller;
use crate::http::problem::{Outcome, Problem};
use crate::state::App;

/// How long a client waits at most before it hears that the database is away.
pub const PATIENCE: Duration = Duration::from_millis(2800);

/// Does a caller's command, once if it came with an id, and puts into a body what it comes to.
///
/// # Errors
///
/// - As [`finish`]; `ACTION_ID_REUSED`. What was done before is answered as it was then, whatever the handler would say now.
pub async fn command<T: Send + Sync + 'static, B: Serialize>(
    app: &App,
    caller: &Caller,
    command: impl Future<Output = Result<T, CommandError>> + Send + 'static,
    body: impl Fn(&T) -> B + Clone + Send + Sync + 'static,
) -> Result<web::Json<B>, Problem> {
    let (_, body) = command_with(app, caller, command, move |done| (StatusCode::OK, body(done))).await?;
    Ok(web::Json(body))
}

/// The same with another status than 200.
///
/// # Errors
///
/// - As [`command`].
pub async fn command_with<T: Send + Sync + 'static, B: Serialize>(
    app: &App,
    caller: &Caller,
    command: impl Future<Output = Result<T, CommandError>> + Send + 'static,
    answer: impl Fn(&T) -> (StatusCode, B) + Clone + Send + Sync + 'static,
) -> Result<(StatusCode, B), Problem> {
    let Some(named) = caller.named() else { return Ok(answer(&finish(command).await?)) };
    let render = answer.clone();
    let once = Once::new(CommandId { by: caller.user, id: named.id }, named.fingerprint.clone(), move |done: &T| {
        let (status, body) = render(done);
        let body = serde_json::to_vec(&body).expect("bodies have string keys only");
        Answer::Given { status: status.as_u16(), body }
    });
    let ports = app.ports.clone();
    let done = finish(async move { usecases::once::once(&ports, once, command).await }).await;
    Ok(answer(&done.map_err(Problem::to_be_named)?))
}

/// Runs a command to its end, whatever becomes of the client.
///
/// # Errors
///
/// - The command's own refusal; `DATABASE_UNAVAILABLE` with an unknown outcome when it takes too long: it goes on.
pub async fn finish<T: Send + 'static>(
    command: impl Future<Output = Result<T, CommandError>> + Send + 'static,
) -> Result<T, Problem> {
    #[cfg(feature = "sabotage")]
    if sabotage::has(sabotage::Bug::PublishInHandler) {
        return command.await.map_err(Problem::from);
    }
    let running = tokio::spawn(command.in_current_span());
    match timeout(PATIENCE, running).await {
        Ok(Ok(outcome)) => outcome.map_err(Problem::from),
        Ok(Err(crash)) => {
            tracing::error!(%crash, "a command broke down");
            Err(Problem::internal())
        }
        Err(_) => Err(Problem::database_unavailable(Some(Outcome::Unknown))),
    }
}

/// Waits for a query, for a while.
///
/// # Errors
///
/// - The query's own refusal; `INTERNAL` if it panics; `DATABASE_UNAVAILABLE` when it takes too long.
pub async fn answer<T>(query: impl Future<Output = Result<T, CommandError>>) -> Result<T, Problem> {
    match timeout(PATIENCE, caught(query)).await {
        Ok(Ok(outcome)) => outcome.map_err(Problem::from),
        Ok(Err(crash)) => {
            tracing::error!(crash = crash.0, "a query broke down");
            Err(Problem::internal())
        }
        Err(_) => Err(Problem::database_unavailable(None)),
    }
}
