//! I-7 and the half of I-13 that is about tokens: one current rejoin token a member, and the text of a token is in no row, in no
//! log and in nothing that anybody but its owner receives.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use aho_corasick::AhoCorasick;
use anyhow::{Context, Result};
use uuid::Uuid;

use crate::card;
use crate::dump::{Dump, RoomDump};
use crate::lines;
use crate::run::Run;
use crate::verdict::{Findings, Invariant, Place, Violation};

/// The shortest text that is looked for as a token: anything below would be found by chance.
const SHORTEST: usize = 16;

/// Finds the tokens of a run in texts.
#[derive(Debug)]
pub struct TokenFinder {
    tokens: AhoCorasick,
    owners: Vec<Uuid>,
}

impl TokenFinder {
    /// For all tokens that were given to the users of a run.
    ///
    /// # Errors
    ///
    /// - There are too many.
    pub fn of(run: &Run) -> Result<Self> {
        let mut tokens = Vec::new();
        let mut owners = Vec::new();
        for user in &run.users {
            for token in user.tokens.iter().filter(|token| token.len() >= SHORTEST) {
                tokens.push(token.as_str());
                owners.push(user.user_id);
            }
        }
        Ok(Self { tokens: AhoCorasick::new(tokens).context("the tokens can't be looked for")?, owners })
    }

    /// The owners of the tokens in a text.
    pub fn owners_in<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Uuid> + 'a {
        self.tokens.find_iter(text).map(|found| self.owners[found.pattern().as_usize()])
    }
}

/// Checks the stored tokens.
pub fn check_rows(dump: &Dump, findings: &mut Findings) {
    for (room, stored) in &dump.rooms {
        let mut current: BTreeMap<Uuid, u64> = BTreeMap::new();
        for row in &stored.tokens {
            if row.revoked_at.is_none() {
                let (named, is) = ((row.role.as_str(), row.seat_index), stands(stored, row.user_id));
                if named != is {
                    let say = format!("the token of {} names them {named:?}, and they are {is:?}", row.user_id);
                    findings.room(Invariant::Tokens, *room, say);
                }
                *current.entry(row.user_id).or_default() += 1;
            }
            let is_hash = row.token_hash.len() == 64 && row.token_hash.bytes().all(|byte| byte.is_ascii_hexdigit());
            if !is_hash {
                findings.room(Invariant::Tokens, *room, format!("a token of {} isn't stored as a hash", row.user_id));
            }
        }
        for (user, count) in current {
            if count > 1 {
                findings.room(Invariant::Tokens, *room, format!("{user} has {count} current tokens"));
            }
            if stored.members.get(&user).is_none_or(|member| member.status != "approved") {
                findings.room(Invariant::Tokens, *room, format!("{user} has a current token and isn't let in"));
            }
        }
    }
}

/// What the token of `user` has to name them, by the room's other rows: their role, and their seat.
fn stands(room: &RoomDump, user: Uuid) -> (&'static str, Option<u8>) {
    let held = room.seats.iter().find(|seat| seat.user_id == Some(user));
    let role = match held {
        _ if room.room.as_ref().is_some_and(|room| room.host_id == user) => "host",
        Some(seat) if seat.status != "leaving" => "player",
        _ if room.spectators.contains(&user) => "spectator",
        Some(_) | None => "approved",
    };
    (role, held.map(|seat| seat.seat_index))
}

/// Looks for tokens in the whole dump.
///
/// # Errors
///
/// - The dump can't be read.
pub fn check_dump(dir: &Path, finder: &TokenFinder, findings: &mut Findings) -> Result<()> {
    for file in lines::files(dir, "dump", |name| name.ends_with(".jsonl"))? {
        lines::each_text(dir, &file, |line, text| {
            for owner in finder.owners_in(text) {
                let (invariant, place) = (Invariant::Tokens, Some(Place { file: file.clone(), line }));
                let say = format!("a token of {owner} is stored in clear in {file}:{line}");
                findings.add(Violation { invariant, room: None, seq: None, say, place });
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// Looks for tokens in all processes' logs, and for cards in the nodes'.
///
/// # Errors
///
/// - A log can't be read.
pub fn check_logs(dir: &Path, finder: &TokenFinder, findings: &mut Findings) -> Result<()> {
    let cards = AhoCorasick::new(card::all()).context("cards can't be looked for")?;
    for file in lines::files(dir, "logs", |name| name.ends_with(".log"))? {
        let is_of_node = file.starts_with("logs/node-");
        lines::each_text(dir, &file, |line, text| {
            let tokens: BTreeSet<Uuid> = finder.owners_in(text).collect();
            let mut secrets: Vec<String> = tokens.iter().map(|owner| format!("a token of {owner}")).collect();
            if is_of_node && cards.is_match(text) {
                secrets.push("a card".to_owned());
            }
            for secret in secrets {
                let (invariant, place) = (Invariant::Secrecy, Some(Place { file: file.clone(), line }));
                let say = format!("{secret} is in {file}:{line}");
                findings.add(Violation { invariant, room: None, seq: None, say, place });
            }
            Ok(())
        })?;
    }
    Ok(())
}
