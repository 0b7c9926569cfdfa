//! The limits' numbers: each is said here and nowhere else.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::buckets::Rate;
use super::misses::Window;

macro_rules! limits {
    ($($(#[doc = $doc:literal])+ $field:ident: $kind:ty = $flag:literal $env:literal $default:literal;)*) => {
        /// How much of everything: see the fields.
        #[derive(Clone, Debug, clap::Args)]
        #[command(next_help_heading = "Limits")]
        pub struct LimitSettings {
            $($(#[doc = $doc])+
            #[arg(long = $flag, env = $env, default_value = $default, value_name = "LIMIT")]
            pub $field: $kind,)*
        }

        impl Default for LimitSettings {
            fn default() -> Self {
                Self { $($field: $default.parse().expect("defaults are limits"),)* }
            }
        }

        /// Each setting, its default and what it limits.
        #[cfg(test)]
        const TABLE: &[(&str, &str, &str)] = &[$(($env, $default, concat!($($doc),+)),)*];
    };
}

limits! {
    /// New guests from an address.
    guests: Rate = "limit-guests" "HOLDFAST_LIMIT_GUESTS" "300,5/s";
    /// New accounts from an address.
    sign_ups: Rate = "limit-sign-ups" "HOLDFAST_LIMIT_SIGN_UPS" "30,20/min";
    /// Log-ins from an address.
    log_ins: Rate = "limit-log-ins" "HOLDFAST_LIMIT_LOG_INS" "30,20/min";
    /// Log-ins to one account from an address.
    account: Rate = "limit-account" "HOLDFAST_LIMIT_ACCOUNT" "10,5/min";
    /// Unknown room codes from an address.
    codes: Windows = "limit-codes" "HOLDFAST_LIMIT_CODES" "10/min,100/h";
    /// Wrong passwords of one room from an address.
    room_passwords: Windows = "limit-room-passwords" "HOLDFAST_LIMIT_ROOM_PASSWORDS" "5/min";
    /// Wrong passwords of one room from everywhere; after these an address has one a minute.
    room_guesses: Windows = "limit-room-guesses" "HOLDFAST_LIMIT_ROOM_GUESSES" "20/h";
    /// New rooms from an address.
    rooms: Rate = "limit-rooms" "HOLDFAST_LIMIT_ROOMS" "60,60/h";
    /// Requests to join one room from an address.
    joins: Rate = "limit-joins" "HOLDFAST_LIMIT_JOINS" "20,20/min";
    /// Requests of one user to join one room; each after these waits twice as long as the one before, from 10 s up to 10 minutes.
    requests: Windows = "limit-requests" "HOLDFAST_LIMIT_REQUESTS" "3/h";
    /// Commands of a user.
    commands: Rate = "limit-commands" "HOLDFAST_LIMIT_COMMANDS" "200,100/s";
    /// Reads of a user.
    reads: Rate = "limit-reads" "HOLDFAST_LIMIT_READS" "200,100/s";
    /// New sockets from an address; of these 100 may not have said yet who they are.
    sockets: Rate = "limit-sockets" "HOLDFAST_LIMIT_SOCKETS" "200,50/s";
}

const UNITS: [(&str, u64); 3] = [("s", 1), ("min", 60), ("h", 3600)];

/// `COUNT/UNIT`, where the unit is `s`, `min` or `h`.
fn count_of(text: &str) -> Option<(u32, Duration)> {
    let (count, unit) = text.trim().split_once('/')?;
    let (_, secs) = UNITS.iter().find(|(name, _)| *name == unit.trim())?;
    let count = count.trim().parse().ok().filter(|count| (1..=1_000_000).contains(count))?;
    Some((count, Duration::from_secs(*secs)))
}

impl FromStr for Rate {
    type Err = String;

    /// `BURST,COUNT/UNIT`: so many at once, and so many each unit.
    fn from_str(text: &str) -> Result<Self, String> {
        let rate = text.split_once(',').and_then(|(burst, rate)| {
            let burst = burst.trim().parse().ok().filter(|burst| (1..=1_000_000).contains(burst))?;
            let (count, every) = count_of(rate)?;
            Some(Self { burst, count, every })
        });
        rate.ok_or_else(|| "a limit is like 300,5/s: so many at once, and so many each s, min or h".to_owned())
    }
}

/// At most so many during any such times.
#[derive(Clone, Debug)]
pub struct Windows(pub Vec<Window>);

impl FromStr for Windows {
    type Err = String;

    /// `COUNT/UNIT`, several of them separated by commas.
    fn from_str(text: &str) -> Result<Self, String> {
        let window = |text| count_of(text).map(|(count, during)| Window { most: count.min(1000) as usize, during });
        let windows: Option<Vec<_>> = text.split(',').map(window).collect();
        windows.map(Self).ok_or_else(|| "a limit is like 10/min,100/h: so many in any s, min or h".to_owned())
    }
}

impl fmt::Display for Windows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let windows: Vec<_> = self.0.iter().map(|window| format!("{} in {:?}", window.most, window.during)).collect();
        f.write_str(&windows.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_configuration_s_table_has_every_limit_with_its_number() {
        let document = include_str!("../../../../../docs/configuration.md");
        for (variable, default, what) in TABLE {
            let row = format!("| `{variable}` | `{default}` | {} |", what.trim().trim_end_matches('.'));
            assert!(document.contains(&row), "docs/configuration.md lacks {row}");
        }
        assert_eq!(document.matches("| `HOLDFAST_LIMIT_").count(), TABLE.len());
    }

    #[test]
    fn a_limit_is_read_as_it_is_written() {
        let rate: Rate = " 30 , 20/min ".parse().expect("a rate");
        assert_eq!((rate.burst, rate.count, rate.every), (30, 20, Duration::from_secs(60)));
        for bad in ["", "5", "5/s", "0,5/s", "5,0/s", "5,5/day", "5,5/", "-1,5/s", "5,5/s,6/s"] {
            bad.parse::<Rate>().expect_err(bad);
        }
        assert_eq!("10/min,100/h".parse::<Windows>().expect("windows").0.len(), 2);
        for bad in ["", "5", "0/s", "5/s,", "5/week"] {
            bad.parse::<Windows>().expect_err(bad);
        }
    }
}
