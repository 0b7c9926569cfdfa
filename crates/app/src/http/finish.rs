//! Commands run to their end.
//!
//! actix drops a handler when its client resets the connection, which could stop a command between its commit and its
//! publication. So every command runs in a task of its own, and the handler only waits for it, for a while.

use std::time::Duration;

use tokio::time::timeout;
use usecases::Refusal;

use crate::http::problem::{Outcome, Problem};

/// How long a client waits at most before it hears that the database is away.
pub const PATIENCE: Duration = Duration::from_millis(2800);

/// Runs a command to its end, whatever becomes of the client.
///
/// # Errors
///
/// - The command's own refusal; `DATABASE_UNAVAILABLE` with an unknown outcome when it takes too long: it goes on.
pub async fn finish<T: Send + 'static>(
    command: impl Future<Output = Result<T, Refusal>> + Send + 'static,
) -> Result<T, Problem> {
    #[cfg(feature = "sabotage")]
    if sabotage::has(sabotage::Bug::PublishInHandler) {
        return command.await.map_err(Problem::from);
    }
    let running = tokio::spawn(command);
    match timeout(PATIENCE, running).await {
        Ok(Ok(outcome)) => outcome.map_err(Problem::from),
        Ok(Err(crash)) => {
            tracing::error!(%crash, "a command broke down");
            Err(Problem::new(adapters_ws::code::ErrorCode::Internal, "something is wrong on our side"))
        }
        Err(_) => Err(Problem::database_unavailable(Some(Outcome::Unknown))),
    }
}

/// Waits for a query, for a while.
///
/// # Errors
///
/// - The query's own refusal; `DATABASE_UNAVAILABLE` when it takes too long.
pub async fn answer<T>(query: impl Future<Output = Result<T, Refusal>>) -> Result<T, Problem> {
    match timeout(PATIENCE, query).await {
        Ok(outcome) => outcome.map_err(Problem::from),
        Err(_) => Err(Problem::database_unavailable(None)),
    }
}
