//! The database after the run (`dump/TABLE.jsonl`), sorted by room.

#![expect(missing_docs, reason = "the names are the contract's")]

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use uuid::Uuid;

use crate::event::{Logged, Settings, What};
use crate::lines;

/// All that is stored of a room.
#[derive(Debug, Default)]
pub struct RoomDump {
    /// Its row.
    pub room: Option<RoomRow>,
    /// Its game's row.
    pub game: Option<GameRow>,
    /// The row that its writers lock.
    pub state: Option<StateRow>,
    /// Its log, by number.
    pub events: Vec<Logged>,
    /// Its chip ledger, in order.
    pub ledger: Vec<LedgerRow>,
    /// Its actions, by number.
    pub actions: Vec<ActionRow>,
    /// The answers that actions with an id got.
    pub replies: HashMap<Uuid, Reply>,
    /// Its hands, by number.
    pub hands: Vec<HandRow>,
    /// Who was dealt in.
    pub players: Vec<PlayerRow>,
    /// Its seats.
    pub seats: Vec<SeatRow>,
    /// Everybody who ever asked to join.
    pub members: BTreeMap<Uuid, MemberRow>,
    /// Who watches.
    pub spectators: Vec<Uuid>,
    /// Its rejoin tokens.
    pub tokens: Vec<TokenRow>,
    /// When each event's transaction was committed, by the database's clock, if the run noted it.
    pub commits: HashMap<u64, i64>,
}

/// The whole database.
#[derive(Debug, Default)]
pub struct Dump {
    /// Its rooms.
    pub rooms: BTreeMap<Uuid, RoomDump>,
    /// Each hand's room.
    pub hand_rooms: HashMap<Uuid, Uuid>,
    /// Each game's room.
    pub game_rooms: HashMap<Uuid, Uuid>,
}

/// A row of `rooms`.
#[derive(Debug, Deserialize)]
pub struct RoomRow {
    id: Uuid,
    pub host_id: Uuid,
    pub status: String,
    #[serde(flatten)]
    pub settings: Settings,
}

/// A row of `games`.
#[derive(Debug, Deserialize)]
pub struct GameRow {
    id: Uuid,
    room_id: Uuid,
    pub status: String,
    pub hand_number: u64,
    pub ending: bool,
}

/// A row of `game_states`.
#[derive(Debug, Deserialize)]
pub struct StateRow {
    room_id: Uuid,
    pub seq: u64,
    pub epoch: Option<Uuid>,
    pub turn_number: u64,
    pub turn_seat: Option<u8>,
    #[serde(default, deserialize_with = "optional_instant")]
    pub expires_at: Option<i64>,
    pub frozen_time_ms: Option<i64>,
    #[serde(default, deserialize_with = "optional_instant")]
    pub next_hand_at: Option<i64>,
    pub current_hand_id: Option<Uuid>,
    #[serde(default, deserialize_with = "optional_instant")]
    pub wake_at: Option<i64>,
}

#[derive(Debug, Deserialize)]
struct EventRow {
    room_id: Uuid,
    seq: u64,
    #[serde(deserialize_with = "instant")]
    at: i64,
    r#type: String,
    hand_id: Option<Uuid>,
    public: What,
}

/// A row of `chip_ledger`.
#[derive(Debug, Deserialize)]
pub struct LedgerRow {
    room_id: Uuid,
    pub seq: u64,
    pub ordinal: i64,
    pub user_id: Uuid,
    pub kind: String,
    pub delta: i64,
    pub hand_id: Option<Uuid>,
}

/// A row of `actions`.
#[derive(Debug, Deserialize)]
pub struct ActionRow {
    room_id: Uuid,
    pub seq: u64,
    pub hand_id: Uuid,
    pub turn: Option<u64>,
    pub seat_index: u8,
    pub user_id: Uuid,
    pub street: String,
    pub action: String,
    pub amount: i64,
    pub auto: bool,
}

/// The stored answer of a player's action.
#[derive(Debug)]
pub struct Reply {
    pub user_id: Uuid,
    pub seq: u64,
}

/// A row of `command_replies`; an action's has a room and a number.
#[derive(Debug, Deserialize)]
struct ReplyRow {
    command_id: Uuid,
    user_id: Uuid,
    room_id: Option<Uuid>,
    seq: Option<u64>,
}

/// A row of `hands`.
#[derive(Debug, Deserialize)]
pub struct HandRow {
    pub id: Uuid,
    room_id: Uuid,
    pub hand_number: u64,
    pub button_seat: u8,
    pub action_timeout_ms: i64,
    #[serde(default, deserialize_with = "optional_instant")]
    pub completed_at: Option<i64>,
    pub board: Option<Vec<String>>,
    pub pot: Option<i64>,
    pub rules: String,
    pub house: Option<House>,
}

/// How a hand differs from a plain one, as far as that is looked at.
#[derive(Debug, Deserialize)]
pub struct House {
    /// How long it is asked how often to run the missing cards, in milliseconds.
    pub run_vote: Option<i64>,
    /// How often they were run.
    pub runs: Option<u8>,
}

/// A row of `players`.
#[derive(Debug, Deserialize)]
pub struct PlayerRow {
    pub hand_id: Uuid,
    pub seat_index: u8,
    room_id: Uuid,
    pub user_id: Uuid,
    pub stack: i64,
}

/// A row of `room_seats`.
#[derive(Debug, Deserialize)]
pub struct SeatRow {
    room_id: Uuid,
    pub seat_index: u8,
    pub status: String,
    pub user_id: Option<Uuid>,
    pub display_name: Option<String>,
    pub chips: i64,
}

/// A row of `room_players`.
#[derive(Debug, Deserialize)]
pub struct MemberRow {
    room_id: Uuid,
    user_id: Uuid,
    pub display_name: String,
    pub status: String,
    pub waiting_chips: i64,
    #[serde(default)]
    pub owes_new: bool,
    #[serde(default)]
    pub owes_small_blind: bool,
    #[serde(default)]
    pub owes_big_blind: bool,
}

#[derive(Debug, Deserialize)]
struct SpectatorRow {
    room_id: Uuid,
    user_id: Uuid,
}

/// A row of `rejoin_tokens`.
#[derive(Debug, Deserialize)]
pub struct TokenRow {
    room_id: Uuid,
    pub user_id: Uuid,
    pub role: String,
    pub seat_index: Option<u8>,
    pub token_hash: String,
    pub revoked_at: Option<String>,
}

#[derive(Debug, Deserialize)]
struct CommitRow {
    room_id: Uuid,
    seq: u64,
    committed_at_ms: f64,
}

impl Dump {
    /// Reads `dump/`.
    ///
    /// # Errors
    ///
    /// - A table is missing, or a row isn't what it should be.
    pub fn read(dir: &Path) -> Result<Self> {
        let mut dump = Self::default();
        dump.table(dir, "rooms", |dump, row: RoomRow| {
            let id = row.id;
            dump.room(id).room = Some(row);
        })?;
        dump.table(dir, "games", |dump, row: GameRow| {
            let id = row.room_id;
            dump.game_rooms.insert(row.id, id);
            dump.room(id).game = Some(row);
        })?;
        dump.table(dir, "game_states", |dump, row: StateRow| {
            let id = row.room_id;
            dump.room(id).state = Some(row);
        })?;
        dump.table(dir, "room_events", |dump, row: EventRow| {
            let EventRow { room_id, seq, at, r#type: kind, hand_id: hand, public: what } = row;
            dump.room(room_id).events.push(Logged { seq, at, kind, hand, what });
        })?;
        dump.table(dir, "chip_ledger", |dump, row: LedgerRow| dump.room(row.room_id).ledger.push(row))?;
        dump.table(dir, "actions", |dump, row: ActionRow| dump.room(row.room_id).actions.push(row))?;
        dump.table(dir, "command_replies", |dump, row: ReplyRow| {
            if let ReplyRow { command_id, user_id, room_id: Some(room), seq: Some(seq) } = row {
                dump.room(room).replies.insert(command_id, Reply { user_id, seq });
            }
        })?;
        dump.table(dir, "hands", |dump, row: HandRow| {
            dump.hand_rooms.insert(row.id, row.room_id);
            dump.room(row.room_id).hands.push(row);
        })?;
        dump.table(dir, "players", |dump, row: PlayerRow| dump.room(row.room_id).players.push(row))?;
        dump.table(dir, "room_seats", |dump, row: SeatRow| dump.room(row.room_id).seats.push(row))?;
        dump.table(dir, "room_players", |dump, row: MemberRow| {
            dump.room(row.room_id).members.insert(row.user_id, row);
        })?;
        dump.table(dir, "room_spectators", |dump, row: SpectatorRow| {
            dump.room(row.room_id).spectators.push(row.user_id);
        })?;
        dump.table(dir, "rejoin_tokens", |dump, row: TokenRow| dump.room(row.room_id).tokens.push(row))?;
        if dir.join("dump/commits.jsonl").exists() {
            dump.table(dir, "commits", |dump, row: CommitRow| {
                dump.room(row.room_id).commits.insert(row.seq, row.committed_at_ms as i64);
            })?;
        }
        for room in dump.rooms.values_mut() {
            room.events.sort_by_key(|event| event.seq);
            room.ledger.sort_by_key(|row| (row.seq, row.ordinal));
            room.actions.sort_by_key(|row| row.seq);
            room.hands.sort_by_key(|row| row.hand_number);
            room.seats.sort_by_key(|row| row.seat_index);
        }
        Ok(dump)
    }

    fn table<T: DeserializeOwned>(&mut self, dir: &Path, name: &str, mut add: impl FnMut(&mut Self, T)) -> Result<()> {
        lines::each(dir, &format!("dump/{name}.jsonl"), |_, _, row| {
            add(self, row);
            Ok(())
        })
    }

    fn room(&mut self, id: Uuid) -> &mut RoomDump {
        self.rooms.entry(id).or_default()
    }
}

fn instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    let value = Value::deserialize(deserializer)?;
    millis(&value).map_err(serde::de::Error::custom)
}

fn optional_instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        value => millis(&value).map(Some).map_err(serde::de::Error::custom),
    }
}

fn millis(value: &Value) -> Result<i64> {
    parse_instant(value.as_str().context("an instant is a text")?)
}

/// Milliseconds since the Unix epoch of `2025-11-24T12:00:00.123+00:00`, as PostgreSQL writes it into JSON.
fn parse_instant(text: &str) -> Result<i64> {
    let wrong = || format!("{text:?} is no instant");
    let (date, clock) = text.split_once(['T', ' ']).with_context(wrong)?;
    let zone_at = clock.rfind(['+', '-', 'Z']).with_context(wrong)?;
    let (clock, zone) = clock.split_at(zone_at);
    let number = |text: &str| text.parse::<i64>().with_context(wrong);
    let [year, month, day] = parts(date, '-').with_context(wrong)?;
    let [hour, minute, second] = parts(clock, ':').with_context(wrong)?;
    let (second, fraction) = second.split_once('.').unwrap_or((second, "0"));
    let fraction = number(&format!("{fraction:0<3}")[..3])?;
    let zone = match zone.split_at(1) {
        ("Z", _) => 0,
        (sign, offset) => {
            let (hours, minutes) = offset.split_once(':').unwrap_or((offset, "0"));
            let minutes = number(hours)? * 60 + number(minutes)?;
            if sign == "-" { -minutes } else { minutes }
        }
    };
    let days = days_since_epoch(number(year)?, number(month)?, number(day)?);
    let minutes = (days * 24 + number(hour)?) * 60 + number(minute)? - zone;
    let millis = (minutes * 60 + number(second)?) * 1000 + fraction;
    if millis < 0 { bail!("{text:?} is before 1970") } else { Ok(millis) }
}

fn parts(text: &str, by: char) -> Option<[&str; 3]> {
    let mut parts = text.splitn(3, by);
    Some([parts.next()?, parts.next()?, parts.next()?])
}

/// Days from 1970-01-01 in the Gregorian calendar, whose years are counted from March here.
fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_read_as_postgresql_writes_them() {
        let cases = [
            ("1970-01-01T00:00:00+00:00", 0),
            ("2025-11-24T12:00:00.123+00:00", 1_763_985_600_123),
            ("2024-02-29T23:59:59.9+00:00", 1_709_251_199_900),
            ("2025-11-24T14:00:00.12+02:00", 1_763_985_600_120),
            ("2025-11-24 12:00:00.123456+00", 1_763_985_600_123),
        ];
        for (text, millis) in cases {
            assert_eq!(parse_instant(text).ok(), Some(millis), "{text}");
        }
        assert!(parse_instant("yesterday").is_err());
    }
}
