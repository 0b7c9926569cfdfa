//! Passwords of accounts and rooms: Argon2id, behind a gate.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use async_trait::async_trait;
use domain::password::prepared;
use ports::identity::{Busy, Passwords};
use tokio::sync::{Semaphore, oneshot};
use tokio::time::timeout;

/// Callers that wait for their turn, at most. With 30 ms a hash, the last waits a quarter of a second.
const MOST_WAITING: usize = 8;

/// Of these so many that make a new password: a flood of new accounts leaves places for those who sign in.
const MOST_NEW: usize = MOST_WAITING / 2;

/// How long a caller waits for their turn on a machine that is too busy to hash as fast, before they are turned away: what is
/// left of [`PATIENCE`](crate::http::finish::PATIENCE) is for the hash and the database.
const TURN_WITHIN: Duration = Duration::from_secs(2);

/// A hash that no password has, made with the same cost as all others.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$aG9sZGZhc3Qtbm9ib2R5$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// How nice a thread that hashes is to all others (0 to 19): on a machine with nothing to spare it gets a tenth of what a thread
/// that plays gets, so that trying passwords makes nobody wait for a card, and still nobody waits for ever to sign in.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;

/// Hashes with Argon2id at the least cost that OWASP recommends (19 MiB, 2 passes), one password at a time and off the
/// threads that play: however many are tried, they take one core at most, and only what play leaves of it.
#[derive(Clone)]
pub struct Argon2Passwords {
    turn: Arc<Semaphore>,
    inside: Arc<AtomicUsize>,
    new: Arc<AtomicUsize>,
}

/// Why a password is hashed: new ones leave places in the queue for those who log in.
enum Hashing {
    NewPassword,
    LogIn,
}

impl Default for Argon2Passwords {
    fn default() -> Self {
        Self { turn: Arc::new(Semaphore::new(1)), inside: Arc::default(), new: Arc::default() }
    }
}

impl Argon2Passwords {
    /// Callers that wait for their turn now.
    pub fn waiting(&self) -> usize {
        self.inside.load(Ordering::Relaxed).saturating_sub(1)
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work_is: Hashing,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Busy> {
        let new = match work_is {
            Hashing::NewPassword => Some(Place::among(&self.new, MOST_NEW)?),
            Hashing::LogIn => None,
        };
        let place = (new, Place::among(&self.inside, MOST_WAITING + 1)?);
        let turn = timeout(TURN_WITHIN, Arc::clone(&self.turn).acquire_owned()).await.map_err(|_elapsed| Busy)?;
        let turn = turn.expect("the semaphore is never closed");
        let (tell, told) = oneshot::channel();
        // The work goes on if the caller goes away: the turn ends with it, not with the caller.
        let work = move || {
            let_others_go_first();
            let done = {
                let _until_done = (place, turn);
                work()
            };
            // An error: nobody waits for it any more.
            tell.send(done).ok();
        };
        // A thread of its own, as a thread that has become nice stays so.
        let thread = thread::Builder::new().name("password".to_owned()).spawn(work);
        if let Err(err) = thread {
            tracing::error!(error = %err, "no thread for a password");
            return Err(Busy);
        }
        told.await.map_err(|_panicked| Busy)
    }
}

/// Where the system has priorities of threads: elsewhere they are the process's.
fn let_others_go_first() {
    #[cfg(target_os = "linux")]
    if let Err(err) = rustix::process::setpriority_process(None, NICENESS) {
        tracing::debug!(error = %err, "a password is hashed at the priority of play");
    }
}

#[async_trait]
impl Passwords for Argon2Passwords {
    async fn hash(&self, password: &str) -> Result<String, Busy> {
        let password = prepared(password).into_owned();
        self.in_turn(Hashing::NewPassword, move || {
            argon2().hash_password(password.as_bytes()).expect("salt from the operating system").to_string()
        })
        .await
    }

    async fn verify<'h>(&self, password: &str, hash: Option<&'h str>) -> Result<bool, Busy> {
        let (password, hash) = (password.to_owned(), hash.map(str::to_owned));
        self.in_turn(Hashing::LogIn, move || {
            let matches = match PasswordHash::new(hash.as_deref().unwrap_or(NOBODYS)) {
                Ok(parsed) => {
                    let is_right = |password: &str| argon2().verify_password(password.as_bytes(), &parsed).is_ok();
                    // Hashes of before were made of what the keyboard sent.
                    let as_sent = (*prepared(&password) != *password).then_some(&*password);
                    is_right(&prepared(&password)) || as_sent.is_some_and(is_right)
                }
                Err(err) => {
                    tracing::error!(error = %err, "a stored password hash can't be read");
                    false
                }
            };
            matches && hash.is_some()
        })
        .await
    }
}

fn argon2() -> Argon2<'static> {
    let cost = Params::new(19_456, 2, 1, None).expect("within Argon2's bounds");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, cost)
}

/// A place with the one who hashes and those who wait; given up when dropped.
struct Place(Arc<AtomicUsize>);

impl Place {
    fn among(inside: &Arc<AtomicUsize>, most: usize) -> Result<Self, Busy> {
        let enter = |count| (count < most).then_some(count + 1);
        inside.fetch_update(Ordering::Relaxed, Ordering::Relaxed, enter).map_err(|_full| Busy)?;
        Ok(Self(Arc::clone(inside)))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[tokio::test]
    async fn a_password_opens_its_own_hash_and_no_other() {
        let passwords = Argon2Passwords::default();
        let hash = passwords.hash("correct horse").await.expect("not busy");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_ne!(hash, passwords.hash("correct horse").await.expect("not busy"), "salted");
        assert_eq!(passwords.verify("correct horse", Some(&hash)).await, Ok(true));
        assert_eq!(passwords.verify("correct horsf", Some(&hash)).await, Ok(false));
        assert_eq!(passwords.verify("", Some(&hash)).await, Ok(false));
        assert_eq!(passwords.verify("correct horse", Some("not a hash")).await, Ok(false));
        assert_eq!(passwords.verify("correct horse", Some(NOBODYS)).await, Ok(false));
    }

    #[tokio::test]
    async fn a_password_opens_its_hash_from_another_keyboard_too() {
        let passwords = Argon2Passwords::default();
        let (composed, decomposed) = ("caf\u{e9} 12345", "cafe\u{301}\u{a0}12345");
        let hash = passwords.hash(composed).await.expect("not busy");
        assert_eq!(passwords.verify(decomposed, Some(&hash)).await, Ok(true));
        let hash = passwords.hash(decomposed).await.expect("not busy");
        assert_eq!(passwords.verify(composed, Some(&hash)).await, Ok(true));
        let of_before = argon2().hash_password(decomposed.as_bytes()).expect("a salt").to_string();
        assert_eq!(passwords.verify(decomposed, Some(&of_before)).await, Ok(true));
        assert_eq!(passwords.verify("cafe 12345", Some(&of_before)).await, Ok(false));
    }

    #[tokio::test]
    async fn no_hash_takes_as_long_as_a_wrong_password() {
        let passwords = Argon2Passwords::default();
        let hash = passwords.hash("secret").await.expect("not busy");
        let (mut wrong, mut none) = (Duration::MAX, Duration::MAX);
        for _ in 0..5 {
            let start = Instant::now();
            assert_eq!(passwords.verify("guess", Some(&hash)).await, Ok(false));
            wrong = wrong.min(start.elapsed());
            let start = Instant::now();
            assert_eq!(passwords.verify("guess", None).await, Ok(false));
            none = none.min(start.elapsed());
        }
        let ratio = none.as_secs_f64() / wrong.as_secs_f64();
        assert!((0.5..2.0).contains(&ratio), "{none:?} and {wrong:?}");
    }

    #[tokio::test]
    async fn one_hashes_eight_wait_and_the_tenth_is_turned_away() {
        let passwords = Argon2Passwords::default();
        let tries = (0..50).map(|_| passwords.verify("guess", None));
        let outcomes = futures_util::future::join_all(tries).await;
        assert_eq!(outcomes.iter().filter(|outcome| **outcome == Err(Busy)).count(), 41);
        assert_eq!(passwords.waiting(), 0);
        assert_eq!(passwords.verify("guess", None).await, Ok(false), "and then there is room again");
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn who_hashes_lets_those_who_play_go_first() {
        let passwords = Argon2Passwords::default();
        let niceness = || rustix::process::getpriority_process(None).expect("a thread has a priority");
        let ours = niceness();
        assert_eq!(passwords.in_turn(Hashing::LogIn, niceness).await, Ok(NICENESS.max(ours)));
        assert_eq!(niceness(), ours, "and nobody else is made to wait");
    }

    #[tokio::test]
    async fn work_that_panics_is_refused_and_leaves_no_place_taken() {
        let passwords = Argon2Passwords::default();
        assert_eq!(passwords.in_turn(Hashing::LogIn, || panic!("a bug")).await, Err::<(), _>(Busy));
        assert_eq!(passwords.inside.load(Ordering::Relaxed), 0);
        assert_eq!(passwords.in_turn(Hashing::LogIn, || 1).await, Ok(1));
    }

    #[tokio::test]
    async fn who_waits_too_long_for_a_turn_is_turned_away_before_the_client_gives_up() {
        let passwords = Argon2Passwords::default();
        const { assert!(TURN_WITHIN.as_millis() < crate::http::finish::PATIENCE.as_millis()) };
        let slow = Arc::clone(&passwords.turn).acquire_owned().await;
        assert_eq!(passwords.verify("guess", None).await, Err(Busy));
        drop(slow);
        assert_eq!(passwords.inside.load(Ordering::Relaxed), 0, "and leaves their place");
    }

    #[tokio::test]
    async fn callers_that_go_away_leave_no_place_taken() {
        let passwords = Argon2Passwords::default();
        for _ in 0..20 {
            let tries = futures_util::future::join_all((0..9).map(|_| passwords.verify("guess", None)));
            drop(tokio::time::timeout(Duration::from_millis(1), tries).await);
        }
        assert_eq!(passwords.hash("secret").await.map(|_| ()), Ok(()));
        assert_eq!(passwords.inside.load(Ordering::Relaxed), 0);
    }
}
