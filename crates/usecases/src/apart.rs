//! Work on one room among others: whatever becomes of it, the others go on.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, Instant};

use domain::ids::RoomId;
use ports::Ports;
use ports::set_aside::{Place, Verdict};
use ports::store::StoreError;

use crate::CommandError;

/// What became of one room.
#[derive(Debug)]
pub enum Outcome<T> {
    /// It was served.
    Served {
        /// What came of it.
        value: T,
        /// For how long it had been set aside, if it had.
        after: Option<Duration>,
    },
    /// It isn't there any more.
    Gone,
    /// It can't be served now: it is set aside, and the others go on.
    SetAside {
        /// Why. Names no card.
        why: String,
        /// Whether that is worth a line in the log, and when it is tried again.
        verdict: Verdict,
    },
    /// The database is away: that isn't the room's fault, and the others have to wait as well.
    Away(StoreError),
}

/// Works on one room. What can't be read or decided on is set aside, also if the decision panics.
///
/// An error of the connection doesn't say whose fault it is: it is the room's if the database answers another question.
pub async fn apart<T>(
    ports: &Ports,
    place: Place,
    room: RoomId,
    work: impl Future<Output = Result<T, CommandError>>,
) -> Outcome<T> {
    let why = match caught(work).await {
        Ok(Ok(value)) => return Outcome::Served { value, after: ports.set_aside.served(place, room, Instant::now()) },
        Ok(Err(CommandError::RoomNotFound)) => {
            ports.set_aside.served(place, room, Instant::now());
            return Outcome::Gone;
        }
        Ok(Err(refusal)) => {
            if let CommandError::Store(StoreError::Unavailable(_) | StoreError::OutcomeUnknown(_)) = &refusal
                && let Err(away) = ports.store.now().await
            {
                return Outcome::Away(away);
            }
            told(&refusal)
        }
        Err(panic) => format!("the code panicked: {}", panic.0),
    };
    Outcome::SetAside { why, verdict: ports.set_aside.failed(place, room, Instant::now()) }
}

/// An error with its cause, of which the first line alone may say nothing.
fn told(refusal: &CommandError) -> String {
    match std::error::Error::source(refusal) {
        Some(cause) => format!("{refusal}: {cause}"),
        None => refusal.to_string(),
    }
}

/// What a panic said.
#[derive(Debug)]
pub struct Panicked(pub String);

/// Waits for work that may panic.
///
/// # Errors
///
/// - It did.
pub async fn caught<T>(work: impl Future<Output = T>) -> Result<T, Panicked> {
    let mut work = pin!(work);
    poll_fn(move |context| {
        // Whatever the work holds is dropped and not used again; what it shares heals itself (locks, transactions).
        match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))) {
            Ok(Poll::Ready(value)) => Poll::Ready(Ok(value)),
            Ok(Poll::Pending) => Poll::Pending,
            Err(panic) => Poll::Ready(Err(Panicked(said(&*panic)))),
        }
    })
    .await
}

fn said(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "without a word".to_owned())
}
