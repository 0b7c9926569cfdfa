//! Clocks that disagree: whoever signs tokens, and the server's own.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context;
use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::json;
use uuid::Uuid;

use crate::client::World;

/// By how much a foreign clock may be wrong, in seconds.
const FORGIVEN: i64 = 4;

/// By how much it is too wrong.
const REFUSED: i64 = 120;

/// Shows tokens of somebody else whose clock is a little wrong, or very, to a node.
///
/// Returns what was decided otherwise than it should have been.
///
/// # Errors
///
/// - The node doesn't answer.
pub async fn try_all(world: &World, secret: &str) -> anyhow::Result<Vec<String>> {
    let now = now()?;
    // A clock that is ahead signs tokens that aren't good yet; one that is behind signs such as have ended already.
    let early = |by| (now + by, now + by + 3600);
    let late = |by| (now - 3600 - by, now - by);
    let cases = [
        ("early by 4 s", early(FORGIVEN), 200),
        ("late by 4 s", late(FORGIVEN), 200),
        ("early by 120 s", early(REFUSED), 401),
        ("late by 120 s", late(REFUSED), 401),
    ];
    let http = reqwest::Client::builder().no_proxy().build()?;
    let mut wrong = Vec::new();
    for (name, (from, until), expected) in cases {
        let claims = json!({
            "sub": Uuid::from_u128(rand::random()), "aud": "authenticated", "role": "authenticated",
            "iat": from, "nbf": from, "exp": until,
        });
        let token = encode(&Header::default(), &claims, &EncodingKey::from_secret(secret.as_bytes()))?;
        let door = &world.doors[0];
        let asked = http.get(format!("http://{}/api/auth/me", door.link.address())).bearer_auth(token);
        let status = asked.send().await.context("a node that is well answers")?.status().as_u16();
        if status != expected {
            wrong.push(format!("C3: a token that is {name} got {status} instead of {expected}"));
        }
    }
    Ok(wrong)
}

/// What a node takes for the time, in seconds since the Unix epoch: it says so in each answer's `date`.
///
/// # Errors
///
/// - The node doesn't answer.
pub async fn clock_of_node(world: &World) -> anyhow::Result<i64> {
    let http = reqwest::Client::builder().no_proxy().build()?;
    let answer = http.get(format!("http://{}/healthz", world.doors[0].link.address())).send().await?;
    let date = answer.headers().get("date").context("answers have a date")?.to_str()?;
    seconds_of_date(date).with_context(|| format!("`{date}` is no date"))
}

/// Reads `Sun, 06 Nov 1994 08:49:37 GMT`.
fn seconds_of_date(date: &str) -> Option<i64> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let mut words = date.split_whitespace().skip(1);
    let day: i64 = words.next()?.parse().ok()?;
    let name = words.next()?;
    let month = i64::try_from(MONTHS.iter().position(|month| *month == name)?).ok()? + 1;
    let year: i64 = words.next()?.parse().ok()?;
    let mut time = words.next()?.split(':').map(|part| part.parse::<i64>().ok());
    let (hour, minute, second) = (time.next()??, time.next()??, time.next()??);
    // Days since the epoch of a date, with years that begin in March.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1 - 719_468;
    Some(((days * 24 + hour) * 60 + minute) * 60 + second)
}

fn now() -> anyhow::Result<i64> {
    Ok(i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_become_seconds() {
        assert_eq!(seconds_of_date("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
        assert_eq!(seconds_of_date("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
        assert_eq!(seconds_of_date("Thu, 29 Feb 2024 23:59:59 GMT"), Some(1_709_251_199));
        assert_eq!(seconds_of_date("yesterday"), None);
    }
}
