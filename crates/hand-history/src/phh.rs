//! PHH, the Poker Hand History file format (<https://github.com/uoftcprg/phh-std>): TOML that PokerKit and others read.
//!
//! A card that its reader never saw is `??`. A hand that no program can play again action by action says so in `_comment`.

mod script;

use std::fmt::Write as _;

use domain::chips::Chips;
use domain::hand::{HandKind, PostKind};
use domain::ids::{SeatIndex, UserId};
use domain::rules::{Posting, Variant};
use time::OffsetDateTime;
use toml::Value;

use self::script::Script;
use crate::{Record, Unwritable};

/// The file's text.
///
/// # Errors
///
/// - [`Unwritable::Variant`]: PHH has no code for the game; [`Unwritable::Boards`]: two boards, or the board run more than once.
pub fn write(record: &Record<'_>) -> Result<String, Unwritable> {
    let variant = record.started.rules.book.variant;
    let code = code(variant).ok_or(Unwritable::Variant(variant))?;
    if record.started.boards > 1 || record.ended.boards.len() > 1 {
        return Err(Unwritable::Boards);
    }
    let players = Players::of(record);
    let script = Script::write(record, &players);
    let began = OffsetDateTime::from_unix_timestamp_nanos(i128::from(record.hand.started_at.0) * 1_000_000)
        .unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let of = |value: &dyn Fn(&Player<'_>) -> Value| Value::Array(players.0.iter().map(value).collect());
    let dead = players.0.iter().any(|player| player.dead > Chips::ZERO);
    let mut file = File(String::new());
    file.line("variant", text(code));
    // Everybody owes the same ante: who has less for it plays for as much of the others'. A dead blind is owed by one alone.
    file.line("ante_trimming_status", Value::Boolean(!dead));
    file.line("antes", of(&|player| chips(record.ante() + player.dead)));
    file.line("blinds_or_straddles", of(&|player| Value::Integer(player.blind)));
    file.line("min_bet", chips(record.started.rules.big_blind));
    file.line("starting_stacks", of(&|player| chips(player.stack)));
    file.line_of("actions", &script.lines());
    file.line("time", format_args!("{:02}:{:02}:{:02}", began.hour(), began.minute(), began.second()));
    file.line("time_zone", text("UTC"));
    file.line("day", began.day());
    file.line("month", u8::from(began.month()));
    file.line("year", began.year());
    file.line("hand", record.hand.number);
    file.line("table", text(record.table));
    file.line("seats", of(&|player| Value::Integer(i64::from(player.seat.0) + 1)));
    file.line("seat_count", record.seats);
    file.line("players", of(&|player| text(player.name)));
    file.line("finishing_stacks", of(&|player| chips(player.finish)));
    file.line("winnings", of(&|player| chips(player.won)));
    if let Some(comment) = script.comment(&players) {
        file.line("_comment", text(&comment));
    }
    Ok(file.0)
}

/// The games that PHH has a code for.
const fn code(variant: Variant) -> Option<&'static str> {
    match variant {
        Variant::HoldEm => Some("NT"),
        Variant::Omaha => Some("PO"),
        Variant::ShortDeck => Some("NS"),
        Variant::OmahaFive | Variant::OmahaEight => None,
    }
}

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

fn chips(chips: Chips) -> Value {
    Value::Integer(chips.signed())
}

/// Lines of TOML.
struct File(String);

impl File {
    fn line(&mut self, name: &str, value: impl std::fmt::Display) {
        writeln!(self.0, "{name} = {value}").expect("a text takes all that is written to it");
    }

    /// A list with one entry a line.
    fn line_of(&mut self, name: &str, values: &[String]) {
        let values: String = values.iter().map(|value| format!("  {},\n", text(value))).collect();
        self.line(name, format_args!("[\n{values}]"));
    }
}

/// A player of the hand.
struct Player<'a> {
    seat: SeatIndex,
    user: UserId,
    name: &'a str,
    /// Before the hand.
    stack: Chips,
    /// After it.
    finish: Chips,
    won: Chips,
    /// What is due from them as a blind or a straddle; negative for one that is posted late, which moves no turn.
    blind: i64,
    /// A dead small blind.
    dead: Chips,
}

impl Player<'_> {
    /// What they put in and nobody gave back.
    fn put_in(&self) -> Chips {
        (self.stack + self.won).saturating_sub(self.finish)
    }
}

/// Those who were dealt in, from the left of the button's place.
struct Players<'a>(Vec<Player<'a>>);

impl<'a> Players<'a> {
    fn of(record: &Record<'a>) -> Self {
        let won = |seat| record.ended.winners.iter().filter(|share| share.seat == seat).map(|share| share.amount).sum();
        let finish =
            |seat, stack| record.ended.stacks.iter().find(|stack| stack.seat == seat).map_or(stack, |last| last.chips);
        let player = |(seat, user, name, stack): &'a (SeatIndex, UserId, String, Chips)| Player {
            seat: *seat,
            user: *user,
            name,
            stack: *stack,
            finish: finish(*seat, *stack),
            won: won(*seat),
            blind: record.blind(*seat),
            dead: record.posted(*seat, PostKind::DeadSmallBlind),
        };
        let mut players: Vec<_> = record.hand.players.iter().map(player).collect();
        players.sort_by_key(|player| (player.seat <= record.started.button, player.seat));
        if record.is_with_blinds() {
            record.owe_blinds(&mut players);
        }
        Self(players)
    }

    /// Who is asked first before the flop: left of the last straddle, else of the big blind; of two players the button.
    fn opener(&self, record: &Record<'_>) -> usize {
        let straddle = record.started.posts.iter().rev().find(|post| post.kind == PostKind::Straddle);
        match straddle {
            _ if !record.is_with_blinds() => 0,
            Some(post) => self.place(post.seat) + 1,
            None if self.0.len() == 2 => 1,
            None => record.big_blind(self.0.iter().map(|player| player.seat)) + 1,
        }
    }

    fn place(&self, seat: SeatIndex) -> usize {
        self.0.iter().position(|player| player.seat == seat).unwrap_or_default()
    }

    /// By its name in the file.
    fn name(&self, seat: SeatIndex) -> String {
        format!("p{}", self.place(seat) + 1)
    }
}

impl Record<'_> {
    fn is_with_blinds(&self) -> bool {
        self.started.kind == HandKind::Ordinary && self.started.rules.book.game().posting == Posting::Blinds
    }

    /// What everybody owes before the cards. In a bomb pot it is no setting of the hand: one at least has all of it.
    fn ante(&self) -> Chips {
        match self.started.kind {
            HandKind::Ordinary => self.started.rules.ante,
            HandKind::BombPot => self.started.posts.iter().map(|post| post.amount).max().unwrap_or_default(),
        }
    }

    fn posted(&self, seat: SeatIndex, kind: PostKind) -> Chips {
        let posts = self.started.posts.iter().filter(|post| post.seat == seat && post.kind == kind);
        posts.map(|post| post.amount).sum()
    }

    /// What is due besides the two blinds: not what was posted, a reader knows from the stacks who had less.
    fn blind(&self, seat: SeatIndex) -> i64 {
        let rules = &self.started.rules;
        let mut straddles = self.started.posts.iter().filter(|post| post.kind == PostKind::Straddle);
        if let Some(nth) = straddles.position(|post| post.seat == seat) {
            rules.big_blind.signed() << (nth + 1)
        } else if !self.posted(seat, PostKind::ButtonBlind).is_zero() {
            rules.button_blind.signed()
        } else {
            -self.posted(seat, PostKind::PostedBigBlind).signed()
        }
    }

    /// Where among the players the big blind is, of whom nothing may be left after the ante.
    fn big_blind(&self, seats: impl IntoIterator<Item = SeatIndex>) -> usize {
        let post = self.started.posts.iter().find(|post| post.kind == PostKind::BigBlind);
        post.and_then(|post| seats.into_iter().position(|seat| seat == post.seat)).unwrap_or(1)
    }

    /// The two blinds that are due.
    fn owe_blinds(&self, players: &mut [Player<'_>]) {
        let rules = &self.started.rules;
        let place = self.big_blind(players.iter().map(|player| player.seat));
        // PHH swaps the blinds of two players by itself. Between the button and the big blind there is the small blind alone;
        // where it is dead there is nobody.
        match (players, place) {
            ([first, second], _) | ([first, second, ..], 1) => {
                (first.blind, second.blind) = (rules.small_blind.signed(), rules.big_blind.signed());
            }
            (players, place) => players[place].blind = rules.big_blind.signed(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_toml() {
        let names = ["Ana", "The \"Friday\" \\ game", "it's", "a\u{7f}b", "'\"'", "ééé", "\u{1F600}"];
        for name in names {
            let line = format!("name = {}", text(name));
            let read: toml::Table = line.parse().unwrap();
            assert_eq!(read["name"].as_str(), Some(name), "{line}");
        }
    }
}
