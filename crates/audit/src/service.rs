//! What is stored of no room alone: the answers of commands, and outages.

use std::collections::BTreeSet;

use domain::ids::RoomId;
use domain::time::Millis;
use ports::store::{ActedReply, Archive, CommandId, OutageRecords, ReplyRecord, StoreError};

use super::Difference;
use super::compare::instant;

/// How many answers are read at once.
const PAGE: u32 = 500;

/// Answers are kept for a day; a room that isn't there any more was silent for longer.
const KEPT: Millis = Millis(24 * 60 * 60 * 1000);

/// An answer that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongReply {
    /// Of which room it says that it is, if of any, and that room's code, if there is such a room.
    pub room: Option<(RoomId, Option<String>)>,
    /// What differs.
    pub difference: Difference,
}

/// Compares the answers of commands, with `room` only those of actions in it, and says which differ: of each room the first, and of
/// those that are `different` already none, since it may only follow from that. Its memory is bounded by the rooms that differ.
///
/// # Errors
///
/// - The database's.
pub async fn audit_replies(
    archive: &dyn Archive,
    room: Option<RoomId>,
    mut different: BTreeSet<RoomId>,
) -> Result<Vec<WrongReply>, StoreError> {
    let (mut wrong, mut after) = (Vec::new(), None::<CommandId>);
    let mut is_of_no_room = false;
    // Of answers that are of no room, too, the first is enough.
    let mut is_first = |reply: &WrongReply| match &reply.room {
        Some((room, _)) => different.insert(*room),
        None => !std::mem::replace(&mut is_of_no_room, true),
    };
    loop {
        let replies = archive.replies_after(after, room, PAGE).await?;
        let Some(last) = replies.last() else { return Ok(wrong) };
        after = Some(last.id);
        wrong.extend(replies.iter().filter_map(compare).filter(&mut is_first));
    }
}

fn compare(reply: &ReplyRecord) -> Option<WrongReply> {
    let (what, acted) = (|what: &str| format!("{what} a command of {}", reply.id.by), reply.acted.as_ref());
    let different = |seq: Option<u64>, what: String, expected: String, stored: String| {
        let room = acted.map(|acted| (acted.room, acted.found.as_ref().map(|(code, _)| code.clone())));
        Some(WrongReply { room, difference: Difference { hand: None, seq, what, expected, stored } })
    };
    if !reply.opens {
        return different(None, what("answer to"), "sealed words".to_owned(), "none that open".to_owned());
    }
    let ActedReply { found, seq, by, .. } = acted?;
    let Some((_, last)) = found else {
        let may_be_gone = reply.created_at + KEPT <= reply.now;
        return if may_be_gone {
            None
        } else {
            different(None, what("room of the answer to"), "a room".to_owned(), "none".to_owned())
        };
    };
    if seq > last {
        return different(Some(*seq), what("answer to"), format!("a number up to {last}"), seq.to_string());
    }
    match by {
        Some((user, true)) if *user == reply.id.by => None,
        Some((user, _)) => {
            different(Some(*seq), what("who acted, by the answer to"), user.to_string(), reply.id.by.to_string())
        }
        None => different(Some(*seq), what("action of the answer to"), "none so far".to_owned(), "one".to_owned()),
    }
}

/// Compares what is stored of outages: each is counted, and has a row for 90 days. `clock_was_set`: see
/// [`RoomAudit::clock_was_set`](super::RoomAudit::clock_was_set).
pub fn audit_outages(outages: &OutageRecords, clock_was_set: bool) -> Option<Difference> {
    let OutageRecords { counted, rows, first, last, alive_at, now } = *outages;
    let different = |what: &str, expected: String, stored: String| {
        Some(Difference { hand: None, seq: None, what: what.to_owned(), expected, stored })
    };
    if last != counted {
        return different("last outage", counted.to_string(), last.to_string());
    }
    if last > 0 && last - first + 1 != rows {
        return different("rows of outages", (last - first + 1).to_string(), rows.to_string());
    }
    match alive_at {
        Some(alive_at) if alive_at > now && !clock_was_set => {
            different("when the server was there last", format!("up to {}", instant(&now)), instant(&alive_at))
        }
        Some(_) | None => None,
    }
}
