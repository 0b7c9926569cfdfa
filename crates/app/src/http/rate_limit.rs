//! How often an address or a user may ask.
//!
//! Kept in memory, by each node for itself: losing it costs an attacker's patience, not a player's game. Counted here
//! rather than by a crate because only wrong passwords and unknown codes count for longer than they take, so that whoever
//! knows the right one isn't refused for others' traffic, and because the memory must stay bounded whoever asks.

mod buckets;
mod misses;
mod recent;

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use uuid::Uuid;

use buckets::{Buckets, Rate};
use misses::{Misses, Window};

/// Refused: to be tried again after so many seconds, 1 or more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryAfter(pub u64);

impl RetryAfter {
    fn from_wait(wait: Duration) -> Self {
        Self(wait.as_millis().div_ceil(1000).max(1).try_into().unwrap_or(u64::MAX))
    }
}

/// Sockets of one address that haven't said who they are.
const MOST_STRANGERS: usize = 100;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

/// An address as far as one customer of a provider has it: all of IPv4, the first 64 bits of IPv6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Source(IpAddr);

impl From<IpAddr> for Source {
    fn from(ip: IpAddr) -> Self {
        match ip.to_canonical() {
            v4 @ IpAddr::V4(_) => Self(v4),
            IpAddr::V6(v6) => Self(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64).into()),
        }
    }
}

/// All limits of one node. Cheap to clone.
#[derive(Clone)]
pub struct RateLimits(Option<Arc<Limits>>);

struct Limits {
    guests: Buckets<Source>,
    logins: Buckets<Source>,
    accounts: Buckets<(Source, u64)>,
    emails: RandomState,
    codes: Misses<Source>,
    passwords: Misses<(Source, Uuid)>,
    rooms: Misses<Uuid>,
    commands: Buckets<Uuid>,
    reads: Buckets<Uuid>,
    sockets: Buckets<Source>,
    strangers: Mutex<HashMap<Source, usize>>,
}

impl RateLimits {
    /// The limits, or, not `enabled`, none at all.
    pub fn new(enabled: bool) -> Self {
        let limits = || Limits {
            guests: Buckets::new(Rate { burst: 300, count: 5, every: SECOND }),
            logins: Buckets::new(Rate { burst: 30, count: 20, every: MINUTE }),
            accounts: Buckets::new(Rate { burst: 10, count: 5, every: MINUTE }),
            emails: RandomState::new(),
            codes: Misses::new(&[Window { most: 10, during: MINUTE }, Window { most: 100, during: HOUR }]),
            passwords: Misses::new(&[Window { most: 5, during: MINUTE }]),
            rooms: Misses::new(&[Window { most: 20, during: HOUR }]),
            commands: Buckets::new(Rate { burst: 200, count: 100, every: SECOND }),
            reads: Buckets::new(Rate { burst: 200, count: 100, every: SECOND }),
            sockets: Buckets::new(Rate { burst: 200, count: 50, every: SECOND }),
            strangers: Mutex::default(),
        };
        Self(enabled.then(|| Arc::new(limits())))
    }

    /// Becoming a guest or making an account: 5 a second from an address, 300 at once.
    ///
    /// # Errors
    ///
    /// - [`RetryAfter`]: too many, as everywhere here.
    pub fn guest(&self, ip: IpAddr) -> Result<(), RetryAfter> {
        self.ask(|limits, now| limits.guests.take(ip.into(), now))
    }

    /// Signing in or up: 20 a minute from an address, 30 at once; to one account 5 a minute, 10 at once.
    ///
    /// # Errors
    ///
    /// - [`RetryAfter`].
    pub fn login(&self, ip: IpAddr, email: &str) -> Result<(), RetryAfter> {
        self.ask(|limits, now| {
            limits.logins.take(ip.into(), now)?;
            // Only a number is kept of what somebody may have typed by mistake.
            let account = limits.emails.hash_one(email.trim().to_lowercase());
            limits.accounts.take((ip.into(), account), now)
        })
    }

    /// Before a room code is looked up: 10 unknown ones a minute from an address, 100 an hour.
    ///
    /// # Errors
    ///
    /// - [`RetryAfter`].
    pub fn guess_code(&self, ip: IpAddr) -> Result<Guess, RetryAfter> {
        self.ask(|limits, now| limits.codes.begin(ip.into(), now))?;
        Ok(Guess::new(self, What::Code(ip.into())))
    }

    /// Before the password of a room is checked: 5 wrong ones a minute from an address, 20 an hour for the room,
    /// whoever tries.
    ///
    /// # Errors
    ///
    /// - [`RetryAfter`].
    pub fn guess_room_password(&self, ip: IpAddr, room: Uuid) -> Result<Guess, RetryAfter> {
        let key = (ip.into(), room);
        self.ask(|limits, now| {
            limits.rooms.begin(room, now)?;
            limits.passwords.begin(key, now).inspect_err(|_| limits.rooms.end(room, None))
        })?;
        Ok(Guess::new(self, What::Password(key.0, room)))
    }

    /// A call that changes something: 100 a second for a user, 200 at once.
    ///
    /// # Errors
    ///
    /// - [`RetryAfter`].
    pub fn command(&self, user: Uuid) -> Result<(), RetryAfter> {
        self.ask(|limits, now| limits.commands.take(user, now))
    }

    /// A call that only reads: 100 a second for a user, 200 at once.
    ///
    /// # Errors
    ///
    /// - [`RetryAfter`].
    pub fn read(&self, user: Uuid) -> Result<(), RetryAfter> {
        self.ask(|limits, now| limits.reads.take(user, now))
    }

    /// Opening a socket: 50 a second from an address, 200 at once, and of these 100 that haven't said yet who they are.
    ///
    /// # Errors
    ///
    /// - [`RetryAfter`].
    pub fn connect(&self, ip: IpAddr) -> Result<Stranger, RetryAfter> {
        let source = Source::from(ip);
        self.ask(|limits, now| {
            limits.sockets.take(source, now)?;
            let mut strangers = limits.strangers.lock().unwrap_or_else(PoisonError::into_inner);
            let count = strangers.entry(source).or_default();
            if *count >= MOST_STRANGERS {
                return Err(SECOND);
            }
            *count += 1;
            Ok(())
        })?;
        Ok(Stranger(self.0.clone().map(|limits| (limits, source))))
    }

    fn ask(&self, question: impl FnOnce(&Limits, Instant) -> Result<(), Duration>) -> Result<(), RetryAfter> {
        self.0.as_ref().map_or(Ok(()), |limits| question(limits, Instant::now()).map_err(RetryAfter::from_wait))
    }
}

/// A socket whose client hasn't said yet who it is. Counts until it is dropped.
#[must_use]
pub struct Stranger(Option<(Arc<Limits>, Source)>);

impl Drop for Stranger {
    fn drop(&mut self) {
        let Some((limits, source)) = self.0.take() else { return };
        let mut strangers = limits.strangers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = strangers.get_mut(&source) {
            *count -= 1;
            if *count == 0 {
                strangers.remove(&source);
            }
        }
    }
}

/// A guess under way. Dropped, it was right or came to nothing.
#[must_use]
pub struct Guess(Option<(Arc<Limits>, What)>);

#[derive(Clone, Copy)]
enum What {
    Code(Source),
    Password(Source, Uuid),
}

impl Guess {
    fn new(limits: &RateLimits, what: What) -> Self {
        Self(limits.0.clone().map(|limits| (limits, what)))
    }

    /// No room had the code, or the password was another.
    pub fn wrong(mut self) {
        self.end(Some(Instant::now()));
    }

    fn end(&mut self, missed_at: Option<Instant>) {
        match self.0.take() {
            Some((limits, What::Code(source))) => limits.codes.end(source, missed_at),
            Some((limits, What::Password(source, room))) => {
                limits.rooms.end(room, missed_at);
                limits.passwords.end((source, room), missed_at);
            }
            None => {}
        }
    }
}

impl Drop for Guess {
    fn drop(&mut self) {
        self.end(None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const THERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));
    const ROOM: Uuid = Uuid::from_u128(1);
    const OTHER_ROOM: Uuid = Uuid::from_u128(2);

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    /// How many of 500 go through before the first is refused.
    fn granted(mut ask: impl FnMut() -> Result<(), RetryAfter>) -> usize {
        (0..500).take_while(|_| ask().is_ok()).count()
    }

    #[test]
    fn each_limit_has_its_burst() {
        let limits = RateLimits::new(true);
        // Some are refilled while this runs.
        assert!((300..900).contains(&granted(|| limits.guest(HERE))));
        assert!((200..500).contains(&granted(|| limits.command(ROOM))));
        assert!((200..500).contains(&granted(|| limits.read(ROOM))));
        assert!((200..900).contains(&granted(|| limits.connect(HERE).map(drop))));
        assert_eq!(granted(|| limits.login(HERE, "anna@example.com")), 10);
    }

    #[test]
    fn one_address_or_user_doesnt_use_up_anothers() {
        let limits = RateLimits::new(true);
        granted(|| limits.guest(HERE));
        limits.guest(THERE).expect("another address");
        granted(|| limits.command(ROOM));
        limits.command(OTHER_ROOM).expect("another user");
        limits.read(ROOM).expect("another kind of call");
    }

    #[test]
    fn however_an_email_is_written_it_is_one_account() {
        let limits = RateLimits::new(true);
        assert_eq!(granted(|| limits.login(HERE, "anna@example.com")), 10);
        limits.login(HERE, " Anna@Example.com ").expect_err("the same account");
        limits.login(HERE, "ben@example.com").expect("another account");
        limits.login(THERE, "anna@example.com").expect("another address");
    }

    #[test]
    fn an_address_may_not_go_through_many_accounts() {
        let limits = RateLimits::new(true);
        let mut number = 0;
        let granted = granted(|| {
            number += 1;
            limits.login(HERE, &format!("{number}@example.com"))
        });
        assert_eq!(granted, 30);
    }

    #[test]
    fn only_unknown_codes_use_up_the_budget() {
        let limits = RateLimits::new(true);
        assert_eq!(granted(|| limits.guess_code(HERE).map(drop)), 500);
        assert_eq!(granted(|| limits.guess_code(HERE).map(Guess::wrong)), 10);
        assert!(limits.guess_code(HERE).is_err_and(|wait| (55..=60).contains(&wait.0)));
        drop(limits.guess_code(THERE).expect("another address"));
    }

    #[test]
    fn a_rooms_password_can_be_tried_5_times_from_an_address_and_20_times_in_all() {
        let limits = RateLimits::new(true);
        let mut tries = 0;
        for last in 1..=9 {
            let from = IpAddr::from([192, 0, 2, last]);
            tries += granted(|| limits.guess_room_password(from, ROOM).map(Guess::wrong));
            assert_eq!(tries, (5 * usize::from(last)).min(20));
        }
        drop(limits.guess_room_password(HERE, OTHER_ROOM).expect("another room"));
    }

    #[test]
    fn a_network_of_ipv6_counts_as_one_address_and_ipv4_inside_it_as_ipv4() {
        let limits = RateLimits::new(true);
        let mut open = Vec::new();
        let mut connect = |from: IpAddr| limits.connect(from).map(|stranger| open.push(stranger));
        granted(|| connect(ip("2001:db8:1:2::1")));
        connect(ip("2001:db8:1:2:ffff::9")).expect_err("the same /64");
        connect(ip("2001:db8:1:3::1")).expect("another /64");
        granted(|| connect(HERE));
        connect(ip("::ffff:192.0.2.1")).expect_err("the same address, mapped");
        connect(ip("::ffff:192.0.2.2")).expect("another address, mapped");
    }

    /// T-F4.
    #[test]
    fn a_hundred_sockets_of_an_address_may_wait_to_say_who_they_are() {
        let limits = RateLimits::new(true);
        let mut open = Vec::new();
        assert_eq!(granted(|| limits.connect(HERE).map(|stranger| open.push(stranger))), 100);
        drop(limits.connect(THERE).expect("another address"));
        open.pop();
        drop(limits.connect(HERE).expect("one of them is known now"));
    }

    #[test]
    fn switched_off_nothing_is_refused() {
        let limits = RateLimits::new(false);
        assert_eq!(granted(|| limits.login(HERE, "anna@example.com")), 500);
        assert_eq!(granted(|| limits.guess_code(HERE).map(Guess::wrong)), 500);
    }

    #[test]
    fn a_wait_is_given_in_whole_seconds_and_never_zero() {
        assert_eq!(RetryAfter::from_wait(Duration::from_micros(3)), RetryAfter(1));
        assert_eq!(RetryAfter::from_wait(Duration::from_millis(1001)), RetryAfter(2));
    }
}
