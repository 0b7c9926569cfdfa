//! How often an address or a user may ask.
//!
//! Kept in memory, by each node for itself: losing it costs an attacker's patience, not a player's game. Counted here
//! rather than by a crate because only wrong passwords and unknown codes count for longer than they take, so that whoever
//! knows the right one isn't refused for others' traffic, and because the memory must stay bounded whoever asks.

mod buckets;
mod misses;
mod pauses;
mod recent;
mod settings;

use std::collections::HashMap;
use std::hash::{BuildHasher as _, Hash, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use uuid::Uuid;

use buckets::{Buckets, Rate};
use misses::{Misses, Window};
use pauses::{Pause, Pauses};
pub use settings::LimitSettings;

/// Refused: to be tried again after so many seconds, 1 or more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryAfter {
    /// So many seconds.
    pub secs: u64,
    /// The limit that is spent.
    pub quota: Quota,
}

/// How much of a limit is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// So many at once.
    pub limit: u64,
    /// So many more now.
    pub remaining: u64,
    /// Seconds until all of it is there again.
    pub reset_secs: u64,
    /// Seconds that all of it takes to come back.
    pub window_secs: u64,
}

impl Quota {
    /// A thing at a time, a second each.
    pub const ONE: Self = Self { limit: 1, remaining: 0, reset_secs: 1, window_secs: 1 };
}

/// No more of it now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Refused {
    wait: Duration,
    quota: Quota,
}

impl From<Refused> for RetryAfter {
    fn from(Refused { wait, quota }: Refused) -> Self {
        Self { secs: whole_secs(wait).max(1), quota }
    }
}

/// In whole seconds, none of which is too short.
fn whole_secs(length: Duration) -> u64 {
    length.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX)
}

/// Sockets of one address that haven't said who they are.
const MOST_STRANGERS: usize = 100;

/// A network of IPv6 has so many times as much as one address in it.
const NETWORK: u32 = 4;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// Pauses between a user's requests to join a room: the first, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(600));

/// An address as far as one customer of a provider has it: all of IPv4, the first 64 bits of IPv6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Source(IpAddr);

impl From<IpAddr> for Source {
    fn from(ip: IpAddr) -> Self {
        match ip.to_canonical() {
            v4 @ IpAddr::V4(_) => Self(v4),
            IpAddr::V6(v6) => Self(first_bits(v6, 64)),
        }
    }
}

impl Source {
    /// The most that one customer may have been given: the first 48 bits of IPv6.
    fn network(self) -> Option<Self> {
        match self.0 {
            IpAddr::V4(_) => None,
            IpAddr::V6(v6) => Some(Self(first_bits(v6, 48))),
        }
    }
}

fn first_bits(v6: Ipv6Addr, bits: u32) -> IpAddr {
    Ipv6Addr::from_bits(v6.to_bits() >> (128 - bits) << (128 - bits)).into()
}

/// A limit of an address, and of the network that it is in. `K` is what it is about.
struct Sources<K> {
    addresses: Buckets<(Source, K)>,
    networks: Buckets<(Source, K)>,
}

impl<K: Copy + Eq + Hash> Sources<K> {
    fn new(rate: Rate) -> Self {
        let wider = Rate { burst: rate.burst * NETWORK, count: rate.count * NETWORK, ..rate };
        Self { addresses: Buckets::new(rate), networks: Buckets::new(wider) }
    }

    fn take(&self, source: Source, what: K, now: Instant) -> Result<Quota, Refused> {
        let quota = self.addresses.take((source, what), now)?;
        match source.network() {
            Some(network) => {
                let wider = self.networks.take((network, what), now)?;
                Ok(if wider.remaining < quota.remaining { wider } else { quota })
            }
            None => Ok(quota),
        }
    }
}

/// All limits of one node. Cheap to clone.
#[derive(Clone)]
pub struct RateLimits(Option<Arc<Limits>>);

struct Limits {
    guests: Sources<()>,
    sign_ups: Sources<()>,
    log_ins: Sources<()>,
    accounts: Buckets<(Source, u64)>,
    emails: RandomState,
    codes: Misses<Source>,
    passwords: Misses<(Source, Uuid)>,
    /// Of rooms at which all the world guesses.
    slowly: Misses<(Source, Uuid)>,
    guesses: Misses<Uuid>,
    rooms: Sources<()>,
    joins: Sources<Uuid>,
    requests: Pauses<(Uuid, Uuid)>,
    commands: Buckets<Uuid>,
    reads: Buckets<Uuid>,
    sockets: Sources<()>,
    strangers: Mutex<HashMap<Source, usize>>,
}

impl RateLimits {
    /// The limits with these numbers, or none at all.
    pub fn new(settings: Option<&LimitSettings>) -> Self {
        let limits = |settings: &LimitSettings| Limits {
            guests: Sources::new(settings.guests),
            sign_ups: Sources::new(settings.sign_ups),
            log_ins: Sources::new(settings.log_ins),
            accounts: Buckets::new(settings.account),
            emails: RandomState::new(),
            codes: Misses::new(&settings.codes.0),
            passwords: Misses::new(&settings.room_passwords.0),
            slowly: Misses::new(&[Window { most: 1, during: MINUTE }]),
            guesses: Misses::new(&settings.room_guesses.0),
            rooms: Sources::new(settings.rooms),
            joins: Sources::new(settings.joins),
            requests: Pauses::new(Pause {
                free: settings.requests.0.first().map_or(1, |window| window.most as u32),
                first: PAUSES.0,
                longest: PAUSES.1,
                within: settings.requests.0.first().map_or(MINUTE, |window| window.during),
            }),
            commands: Buckets::new(settings.commands),
            reads: Buckets::new(settings.reads),
            sockets: Sources::new(settings.sockets),
            strangers: Mutex::default(),
        };
        Self(settings.map(|settings| Arc::new(limits(settings))))
    }

    /// Becoming a guest.
    ///
    /// # Errors
    ///
    /// - [`RetryAfter`]: too many, as everywhere here. How many is too many: [`LimitSettings`].
    pub fn guest(&self, ip: IpAddr) -> Result<Option<Quota>, RetryAfter> {
        self.ask(|limits, now| limits.guests.take(ip.into(), (), now))
    }

    /// Making an account.
    ///
    /// # Errors
    ///
    /// - [`RetryAfter`].
    pub fn sign_up(&self, ip: IpAddr) -> Result<Option<Quota>, RetryAfter> {
        self.ask(|limits, now| limits.sign_ups.take(ip.into(), (), now))
    }

    /// Signing in to an account.
    ///
    /// # Errors
    ///
    /// - [`RetryAfter`].
    pub fn log_in(&self, ip: IpAddr, email: &str) -> Result<Option<Quota>, RetryAfter> {
        self.ask(|limits, now| {
            limits.log_ins.take(ip.into(), (), now)?;
            // Only a number is kept of what somebody may have typed by mistake.
            let account = limits.emails.hash_one(email.trim().to_lowercase());
            limits.accounts.take((ip.into(), account), now)
        })
    }

    /// Before a room code is looked up: unknown ones count.
    ///
    /// # Errors
    ///
    /// - [`RetryAfter`].
    pub fn guess_code(&self, ip: IpAddr) -> Result<Guess, RetryAfter> {
        self.ask(|limits, now| begin(&limits.codes, ip.into(), now))?;
        Ok(Guess::new(self, What::Code(ip.into())))
    }

    /// Before the password of a room is checked: wrong ones count, for the address. When all the world guesses at a room, each
    /// address has fewer guesses, and never none: whoever knows the password gets in.
    ///
    /// # Errors
    ///
    /// - [`RetryAfter`].
    pub fn guess_room_password(&self, ip: IpAddr, room: Uuid) -> Result<Guess, RetryAfter> {
        let key = (ip.into(), room);
        self.ask(|limits, now| {
            if limits.guesses.are_spent(room, now) {
                begin(&limits.slowly, key, now)?;
                limits.slowly.end(key, None);
            }
            begin(&limits.passwords, key, now)
        })?;
        Ok(Guess::new(self, What::Password(key.0, room)))
    }

    /// Making a room.
    ///
    /// # Errors
    ///
    /// - [`RetryAfter`].
    pub fn room(&self, ip: IpAddr) -> Result<Option<Quota>, RetryAfter> {
        self.ask(|limits, now| limits.rooms.take(ip.into(), (), now))
    }

    /// Asking to join a room. To be taken back if nothing came of it.
    ///
    /// # Errors
    ///
    /// - [`RetryAfter`].
    pub fn request(&self, ip: IpAddr, user: Uuid, room: Uuid) -> Result<Request, RetryAfter> {
        self.ask(|limits, now| {
            limits.requests.take((user, room), now).map_err(|wait| Refused {
                wait,
                quota: Quota { limit: 1, remaining: 0, reset_secs: whole_secs(wait), window_secs: whole_secs(wait) },
            })?;
            limits.joins.take(ip.into(), room, now).inspect_err(|_| limits.requests.give_back((user, room)))
        })?;
        Ok(Request(self.0.clone().map(|limits| (limits, (user, room)))))
    }

    /// A call that changes something.
    ///
    /// # Errors
    ///
    /// - [`RetryAfter`].
    pub fn command(&self, user: Uuid) -> Result<Option<Quota>, RetryAfter> {
        self.ask(|limits, now| limits.commands.take(user, now))
    }

    /// A call that only reads.
    ///
    /// # Errors
    ///
    /// - [`RetryAfter`].
    pub fn read(&self, user: Uuid) -> Result<Option<Quota>, RetryAfter> {
        self.ask(|limits, now| limits.reads.take(user, now))
    }

    /// Opening a socket: of these only so many may not have said yet who they are.
    ///
    /// # Errors
    ///
    /// - [`RetryAfter`].
    pub fn connect(&self, ip: IpAddr) -> Result<Stranger, RetryAfter> {
        let source = Source::from(ip);
        self.ask(|limits, now| {
            let quota = limits.sockets.take(source, (), now)?;
            let mut strangers = limits.strangers.lock().unwrap_or_else(PoisonError::into_inner);
            let count = strangers.entry(source).or_default();
            if *count >= MOST_STRANGERS {
                return Err(Refused { wait: SECOND, quota: Quota { remaining: 0, ..quota } });
            }
            *count += 1;
            Ok(quota)
        })?;
        Ok(Stranger(self.0.clone().map(|limits| (limits, source))))
    }

    fn ask<T>(&self, question: impl FnOnce(&Limits, Instant) -> Result<T, Refused>) -> Result<Option<T>, RetryAfter> {
        let outcome = self.0.as_ref().map(|limits| question(limits, Instant::now()));
        Ok(outcome.transpose()?)
    }
}

fn begin<K: Clone + Eq + Hash>(misses: &Misses<K>, key: K, now: Instant) -> Result<(), Refused> {
    misses.begin(key, now).map_err(|wait| Refused { wait, quota: misses.none_left(wait) })
}

/// A request to join. It counts.
#[must_use]
pub struct Request(Option<(Arc<Limits>, (Uuid, Uuid))>);

impl Request {
    /// Nothing came of it: it doesn't count for its user.
    pub fn give_back(self) {
        if let Some((limits, key)) = self.0 {
            limits.requests.give_back(key);
        }
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
                limits.guesses.end(room, missed_at);
                limits.slowly.end((source, room), missed_at);
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
    fn granted<T>(mut ask: impl FnMut() -> Result<T, RetryAfter>) -> usize {
        (0..500).take_while(|_| ask().is_ok()).count()
    }

    #[test]
    fn each_limit_has_its_burst() {
        let limits = RateLimits::new(Some(&LimitSettings::default()));
        // Some are refilled while this runs.
        assert!((300..900).contains(&granted(|| limits.guest(HERE))));
        assert!((200..500).contains(&granted(|| limits.command(ROOM))));
        assert!((200..500).contains(&granted(|| limits.read(ROOM))));
        assert!((200..900).contains(&granted(|| limits.connect(HERE).map(drop))));
        assert_eq!(granted(|| limits.log_in(HERE, "anna@example.com")), 10);
    }

    #[test]
    fn one_address_or_user_doesnt_use_up_anothers() {
        let limits = RateLimits::new(Some(&LimitSettings::default()));
        granted(|| limits.guest(HERE));
        limits.guest(THERE).expect("another address");
        granted(|| limits.command(ROOM));
        limits.command(OTHER_ROOM).expect("another user");
        limits.read(ROOM).expect("another kind of call");
    }

    #[test]
    fn however_an_email_is_written_it_is_one_account() {
        let limits = RateLimits::new(Some(&LimitSettings::default()));
        assert_eq!(granted(|| limits.log_in(HERE, "anna@example.com")), 10);
        limits.log_in(HERE, " Anna@Example.com ").expect_err("the same account");
        limits.log_in(HERE, "ben@example.com").expect("another account");
        limits.log_in(THERE, "anna@example.com").expect("another address");
    }

    #[test]
    fn an_address_may_not_go_through_many_accounts() {
        let limits = RateLimits::new(Some(&LimitSettings::default()));
        let mut number = 0;
        let granted = granted(|| {
            number += 1;
            limits.log_in(HERE, &format!("{number}@example.com"))
        });
        assert_eq!(granted, 30);
    }

    #[test]
    fn only_unknown_codes_use_up_the_budget() {
        let limits = RateLimits::new(Some(&LimitSettings::default()));
        assert_eq!(granted(|| limits.guess_code(HERE).map(drop)), 500);
        assert_eq!(granted(|| limits.guess_code(HERE).map(Guess::wrong)), 10);
        assert!(limits.guess_code(HERE).is_err_and(|wait| (55..=60).contains(&wait.secs)));
        drop(limits.guess_code(THERE).expect("another address"));
    }

    #[test]
    fn guessing_at_a_room_is_slowed_for_all_and_closed_for_nobody() {
        let limits = RateLimits::new(Some(&LimitSettings::default()));
        let tries = |last: u8| {
            let from = IpAddr::from([192, 0, 2, last]);
            granted(|| limits.guess_room_password(from, ROOM).map(Guess::wrong))
        };
        let of_each: Vec<_> = (1..=9).map(tries).collect();
        assert_eq!(of_each, [5, 5, 5, 5, 1, 1, 1, 1, 1], "after 20 wrong ones each address has one a minute");
        assert_eq!(
            granted(|| limits.guess_room_password(ip("192.0.2.77"), ROOM).map(drop)),
            500,
            "a friend's is right"
        );
        drop(limits.guess_room_password(HERE, OTHER_ROOM).expect("another room"));
    }

    #[test]
    fn asking_again_and_again_takes_longer_and_longer() {
        let limits = RateLimits::new(Some(&LimitSettings::default()));
        assert_eq!(granted(|| limits.request(HERE, ROOM, OTHER_ROOM)), 3);
        assert!(limits.request(HERE, ROOM, OTHER_ROOM).is_err_and(|wait| (9..=10).contains(&wait.secs)));
        drop(limits.request(HERE, ROOM, ROOM).expect("another room"));
        let mut user = 10;
        let others = granted(|| {
            user += 1;
            limits.request(HERE, Uuid::from_u128(user), OTHER_ROOM)
        });
        assert!((17..=20).contains(&others), "{others} more from this address");
        drop(limits.request(THERE, Uuid::from_u128(1000), OTHER_ROOM).expect("another address"));
        for _ in 0..5 {
            limits.request(THERE, Uuid::from_u128(1001), OTHER_ROOM).expect("nothing comes of it").give_back();
        }
    }

    #[test]
    fn one_customer_with_many_networks_has_four_times_as_much() {
        let limits = RateLimits::new(Some(&LimitSettings::default()));
        let granted: Vec<_> =
            (1..=6).map(|net: u16| granted(|| limits.sign_up(ip(&format!("2001:db8:1:{net:x}::1"))))).collect();
        assert_eq!(granted, [30, 30, 30, 30, 0, 0]);
        limits.sign_up(ip("2001:db8:2:1::1")).expect("another customer");
    }

    #[test]
    fn a_network_of_ipv6_counts_as_one_address_and_ipv4_inside_it_as_ipv4() {
        let limits = RateLimits::new(Some(&LimitSettings::default()));
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
        let limits = RateLimits::new(Some(&LimitSettings::default()));
        let mut open = Vec::new();
        assert_eq!(granted(|| limits.connect(HERE).map(|stranger| open.push(stranger))), 100);
        drop(limits.connect(THERE).expect("another address"));
        open.pop();
        drop(limits.connect(HERE).expect("one of them is known now"));
    }

    #[test]
    fn switched_off_nothing_is_refused() {
        let limits = RateLimits::new(None);
        assert_eq!(granted(|| limits.log_in(HERE, "anna@example.com")), 500);
        assert_eq!(granted(|| limits.guess_code(HERE).map(Guess::wrong)), 500);
    }

    #[test]
    fn a_wait_is_given_in_whole_seconds_and_never_zero() {
        let secs = |wait| RetryAfter::from(Refused { wait, quota: Quota::ONE }).secs;
        assert_eq!((secs(Duration::from_micros(3)), secs(Duration::from_millis(1001))), (1, 2));
    }
}
