//! I-10 and I-11: what is received is what is in the log, for everybody the same, never before it was committed; and every
//! connection gets every event, in order.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::Value;
use uuid::Uuid;

use crate::dump::RoomDump;
use crate::event::{Logged, strip};
use crate::restores::epoch;

/// Missed events that a socket is sent again at most.
const REACH: u64 = 500;

/// The event `seq` of a room.
pub fn logged(dump: &RoomDump, seq: u64) -> Option<&Logged> {
    dump.events.binary_search_by_key(&seq, |event| event.seq).ok().map(|index| &dump.events[index])
}

#[derive(Debug)]
struct Copy {
    /// What only the server can compute from the log: hands in words.
    computed: Value,
    /// The bytes without what is the reader's own.
    bytes: Option<u64>,
}

/// The first copy of each event, to compare all others with.
#[derive(Debug, Default)]
pub struct Copies {
    of_log: HashMap<(Uuid, u64), Copy>,
    /// The public parts of what was lost when a database went back to a backup, by room, epoch and number.
    lost: HashMap<(Uuid, Uuid, u64), Value>,
}

impl Copies {
    /// Compares a received event with the log and with all copies of it before. `raw` are its bytes, where they are known.
    pub fn compare(&mut self, room: Uuid, logged: &Logged, event: &Value, raw: Option<&str>) -> Option<String> {
        let mut public = event.clone();
        let computed = strip(&mut public);
        let told = logged.wire(room);
        if public != told {
            return Some(format!("an event isn't the log's: {public} instead of {told}"));
        }
        let bytes = raw.map(hash_of_public_part);
        let first = self.of_log.entry((room, logged.seq)).or_insert_with(|| Copy { computed: computed.clone(), bytes });
        if first.computed != computed {
            return Some(format!("two readers got different hands in words: {} and {computed}", first.computed));
        }
        if let Some(bytes) = bytes {
            let first = *first.bytes.get_or_insert(bytes);
            if first != bytes {
                return Some("two readers got different bytes of one event".to_owned());
            }
        }
        None
    }

    /// Compares an event that is lost with all copies of it before: of a room, an epoch and a number there is one.
    pub fn compare_lost(&mut self, name: (Uuid, Uuid, u64), event: &Value) -> Option<String> {
        let mut public = event.clone();
        strip(&mut public);
        let first = self.lost.entry(name).or_insert_with(|| public.clone());
        let (_, epoch, seq) = name;
        (*first != public)
            .then(|| format!("two histories under the epoch {epoch}: event {seq} is {first} and {public}"))
    }
}

fn hash_of_public_part(raw: &str) -> u64 {
    let mut text = raw.to_owned();
    // Quotes inside of a text are escaped, so this can't be part of one.
    let own = [
        (",\"yourCards\":[", "]"),
        (",\"rejoinToken\":\"", "\""),
        (",\"legalActions\":{", "}"),
        (",\"handLabel\":\"", "\""),
    ];
    // What would have come is in the asker's copy alone, or in everybody's.
    let rabbit = text.contains("\"type\":\"rabbit_shown\"").then_some((",\"boards\":[[", "]]"));
    for (start, end) in own.into_iter().chain(rabbit) {
        if let Some((before, rest)) = text.split_once(start)
            && let Some((_, after)) = rest.split_once(end)
        {
            text = [before, after].concat();
        }
    }
    // Blanks before the end make up for the lengths of cards and labels.
    let text = text.strip_suffix('}').unwrap_or(&text).trim_end();
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// What a connection must get next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// The answer to its credential.
    Welcome,
    /// To be told to hydrate, after which live events begin with this number.
    Resync(u64),
    /// The event with this number.
    Event(u64),
    /// Events about its own request only, with numbers above this one.
    Filtered(u64),
}

/// One connection of a client.
#[derive(Debug)]
pub struct Connection {
    /// To which room.
    pub room: Uuid,
    /// Whose.
    pub user: Uuid,
    last_seq: Option<u64>,
    /// Which log it tells; at first, which one its owner has.
    epoch: Option<Uuid>,
    /// The room's last event when it was welcomed: what comes after is live.
    welcome: u64,
    next: Next,
}

impl Connection {
    /// A connection that was just opened by somebody who says they have all events up to `last_seq` of the log `epoch`.
    pub fn new(room: Uuid, user: Uuid, last_seq: Option<u64>, epoch: Option<Uuid>) -> Self {
        Self { room, user, last_seq, epoch, welcome: u64::MAX, next: Next::Welcome }
    }

    /// Which log it tells.
    pub fn epoch(&self) -> Option<Uuid> {
        self.epoch
    }

    /// The event that it waits for, if it gets all of them.
    pub fn waits_for(&self) -> Option<u64> {
        match self.next {
            Next::Event(seq) => Some(seq),
            Next::Welcome | Next::Resync(_) | Next::Filtered(_) => None,
        }
    }

    /// Whether it was answered at all.
    pub fn is_welcome(&self) -> bool {
        self.next != Next::Welcome
    }

    /// Whether it was open when the event `seq` happened.
    pub fn hears_live(&self, seq: u64) -> bool {
        seq > self.welcome
    }

    fn is_of_another_log(&self, frame: &Value) -> bool {
        epoch(frame).is_some_and(|told| Some(told) != self.epoch)
    }

    /// Takes in a frame that comes when nodes may be learning that the log is another one: to be told so once more, of the same
    /// log, is lawful then.
    pub fn hear_of_restore(&mut self, frame: &Value) -> Option<String> {
        if frame["type"] == "resync_required" && matches!(self.next, Next::Event(_)) {
            self.begin_anew(frame);
            return None;
        }
        self.hear(frame)
    }

    /// What its owner reads now is the log up to this frame.
    fn begin_anew(&mut self, frame: &Value) {
        let seq = frame["seq"].as_u64().unwrap_or(0);
        (self.epoch, self.welcome) = (epoch(frame).or(self.epoch), seq);
        if !matches!(self.next, Next::Filtered(_)) {
            self.next = Next::Event(seq + 1);
        }
    }

    /// Takes in a frame; returns what is wrong with its place in the order.
    pub fn hear(&mut self, frame: &Value) -> Option<String> {
        let seq = frame["seq"].as_u64().unwrap_or(0);
        match frame["type"].as_str() {
            Some("authenticated") => {
                if self.next != Next::Welcome {
                    return Some("a socket is welcomed twice".to_owned());
                }
                self.welcome = seq;
                // Of another log than its owner has, nothing goes on.
                let is_same_log = self.epoch.is_none() || !self.is_of_another_log(frame);
                self.epoch = epoch(frame);
                let replayed = self.last_seq.filter(|last| is_same_log && *last <= seq && seq - last <= REACH);
                self.next = match (frame["status"].as_str(), replayed) {
                    (Some("approved"), Some(last)) => Next::Event(last + 1),
                    (Some("approved"), None) => Next::Resync(seq),
                    (_, last) => Next::Filtered(last.unwrap_or(seq)),
                };
                None
            }
            Some("resync_required") if self.next != Next::Welcome && self.is_of_another_log(frame) => {
                self.begin_anew(frame);
                None
            }
            Some("resync_required") => match self.next {
                Next::Resync(at) if at == seq => {
                    self.next = Next::Event(seq + 1);
                    None
                }
                Next::Filtered(_) => None,
                next => Some(format!("a socket is told to hydrate at {seq}, and should get {next:?}")),
            },
            Some("heartbeat_ack" | "presence" | "error") | None => None,
            Some(kind) => self.event(seq, kind, frame["userId"].as_str() == Some(&self.user.to_string())),
        }
    }

    fn event(&mut self, seq: u64, kind: &str, own: bool) -> Option<String> {
        let wrong = match self.next {
            Next::Event(next) if seq != next => {
                let how = if seq < next { "again" } else { "too early" };
                Some(format!("event {seq} comes {how}: {next} was due"))
            }
            Next::Filtered(last) if seq <= last => Some(format!("event {seq} comes after {last}")),
            Next::Welcome => Some(format!("event {seq} comes before the welcome")),
            Next::Resync(_) => Some(format!("event {seq} comes before the socket is told to hydrate")),
            Next::Event(_) | Next::Filtered(_) => None,
        };
        let filtered = matches!(self.next, Next::Filtered(_));
        self.next = match kind {
            "member_left" | "player_kicked" if own => Next::Filtered(seq),
            "player_approved" if own => Next::Event(seq + 1),
            _ if filtered => Next::Filtered(seq),
            _ => Next::Event(seq + 1),
        };
        wrong
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn heard(last_seq: Option<u64>, frames: &[Value]) -> Option<String> {
        let mut connection = Connection::new(Uuid::nil(), Uuid::nil(), last_seq, None);
        frames.iter().find_map(|frame| connection.hear(frame))
    }

    fn welcome(seq: u64, status: &str) -> Value {
        json!({"type": "authenticated", "seq": seq, "status": status})
    }

    fn event(seq: u64) -> Value {
        json!({"type": "game_paused", "seq": seq})
    }

    #[test]
    fn events_follow_each_other_from_the_last_one_known_or_from_the_document() {
        assert_eq!(heard(Some(3), &[welcome(5, "approved"), event(4), event(5), event(6)]), None);
        let resync = json!({"type": "resync_required", "seq": 5});
        assert_eq!(heard(None, &[welcome(5, "approved"), resync.clone(), event(6)]), None);
        assert_eq!(heard(Some(3), &[welcome(600, "approved"), json!({"type": "resync_required", "seq": 600})]), None);
        assert!(heard(Some(3), &[welcome(5, "approved"), resync]).is_some());
        assert!(heard(Some(3), &[welcome(5, "approved"), event(5)]).is_some());
        assert!(heard(Some(3), &[welcome(5, "approved"), event(4), event(4)]).is_some());
        assert!(heard(Some(3), &[event(4)]).is_some());
    }

    #[test]
    fn another_log_begins_with_a_document() {
        let [old, new] = [1, 2].map(Uuid::from_u128);
        let with = |frame: Value, epoch: Uuid| {
            let mut frame = frame;
            frame["epoch"] = json!(epoch);
            frame
        };
        let resync = |seq: u64| json!({"type": "resync_required", "seq": seq});
        let heard = |had: Uuid, frames: &[Value]| {
            let mut connection = Connection::new(Uuid::nil(), Uuid::nil(), Some(4), Some(had));
            frames.iter().find_map(|frame| connection.hear(frame))
        };
        let hello = || with(welcome(5, "approved"), new);
        assert_eq!(heard(new, &[hello(), event(5)]), None);
        assert!(heard(old, &[hello(), event(5)]).is_some(), "nothing goes on in another log");
        assert_eq!(heard(old, &[hello(), with(resync(5), new), event(6)]), None);
        assert_eq!(heard(new, &[hello(), event(5), event(6), with(resync(3), old), event(4)]), None);
        assert!(heard(new, &[hello(), event(5), event(6), with(resync(3), new), event(4)]).is_some());

        let mut connection = Connection::new(Uuid::nil(), Uuid::nil(), Some(4), Some(old));
        assert_eq!(connection.hear_of_restore(&hello()), None);
        assert!(connection.hear_of_restore(&event(6)).is_some(), "it has to be told so first");
        let frames = [with(resync(5), new), with(resync(5), new), event(6)];
        let mut connection = Connection::new(Uuid::nil(), Uuid::nil(), Some(4), Some(old));
        assert_eq!([hello()].iter().chain(&frames).find_map(|frame| connection.hear_of_restore(frame)), None);
    }

    #[test]
    fn who_waits_hears_only_of_their_request_until_they_are_let_in() {
        let me = Uuid::nil().to_string();
        let asked = json!({"type": "player_join_requested", "seq": 9, "userId": me});
        let approved = json!({"type": "player_approved", "seq": 14, "userId": me});
        assert_eq!(heard(Some(3), &[welcome(5, "pending"), asked.clone(), approved.clone(), event(15)]), None);
        assert!(heard(Some(3), &[welcome(5, "pending"), approved, event(16)]).is_some());
    }

    #[test]
    fn what_is_a_readers_own_does_not_count_as_a_difference() {
        let public = r#"{"type":"hand_started","pot":3,"seq":1}"#;
        let own = r#"{"type":"hand_started","pot":3,"yourCards":["clubs_2","clubs_3"],"seq":1}"#;
        assert_eq!(hash_of_public_part(public), hash_of_public_part(own));
        assert_ne!(hash_of_public_part(public), hash_of_public_part(r#"{"type":"hand_started","pot":4,"seq":1}"#));

        let public = r#"{"type":"player_action","timer":{"turn":2},"seq":1}"#;
        let own = r#"{"type":"player_action","timer":{"turn":2,"legalActions":{"actions":["FOLD"],"callAmount":2}},"handLabel":"Pair of tens","seq":1    }"#;
        assert_eq!(hash_of_public_part(public), hash_of_public_part(own));
    }
}
