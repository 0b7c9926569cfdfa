//! House rules once more: which hands are bomb pots, how many boards there are, what is posted, and how a pot is divided.

use uuid::Uuid;

use crate::event::{HandStarted, Logged, Settings, What};
use crate::verdict::{Findings, Invariant};

/// What is known of a room's house rules.
#[derive(Debug)]
pub struct House {
    room: Uuid,
    /// As the last change has them; unknown before the first one, unless there is none.
    settings: Option<Settings>,
    /// Whether the host has asked for a bomb pot.
    queued: bool,
    /// The button of the hand before.
    button: Option<u8>,
}

impl House {
    /// Of a room that was made with these settings, if they are known.
    pub fn new(room: Uuid, settings: Option<Settings>) -> Self {
        Self { room, settings, queued: false, button: None }
    }

    /// Takes in an event.
    pub fn see(&mut self, event: &Logged, findings: &mut Findings) {
        let mut wrong = Vec::new();
        match &event.what {
            What::SettingsChanged { settings } => self.settings = Some(settings.clone()),
            What::BombPotQueued { .. } => {
                if std::mem::replace(&mut self.queued, true) {
                    wrong.push("a bomb pot is asked for twice".to_owned());
                }
            }
            What::BombPotCancelled { .. } => {
                if !std::mem::replace(&mut self.queued, false) {
                    wrong.push("a bomb pot is taken back that nobody asked for".to_owned());
                }
            }
            What::HandStarted(started) => {
                wrong.extend(self.deal(started));
                self.button = Some(started.button);
            }
            _ => {}
        }
        for say in wrong {
            findings.at(Invariant::Hands, self.room, event.seq, say);
        }
    }

    fn deal(&mut self, started: &HandStarted) -> Vec<String> {
        let mut wrong = Vec::new();
        let is_bomb_pot = started.is_bomb_pot();
        if self.queued && !is_bomb_pot {
            wrong.push("the host asked for a bomb pot, and the next hand is none".to_owned());
        }
        let was_queued = std::mem::take(&mut self.queued);
        let boards = started.board_count();
        if let Some(settings) = &self.settings {
            let rules = &settings.house_rules;
            let due = match rules.bomb_pot_mode.as_str() {
                "every" => started.number % rules.bomb_pot_every.max(1) == 0,
                "percent" => is_bomb_pot || rules.bomb_pot_percent == 100,
                "manual" => was_queued,
                _ => false,
            };
            if due != is_bomb_pot {
                wrong.push(format!("hand {} {} a bomb pot", started.number, if due { "isn't" } else { "is" }));
            }
            let two = rules.double_board == "always" || rules.double_board == "bomb_pots" && is_bomb_pot;
            if boards != 1 + usize::from(two) {
                wrong.push(format!("hand {} has {boards} boards", started.number));
            }
            let ante = settings.big_blind * rules.bomb_pot_ante;
            if is_bomb_pot && started.ante != ante {
                wrong.push(format!("the ante of a bomb pot is {}, and should be {ante}", started.ante));
            }
        }
        wrong.extend(straddles(started, self.settings.as_ref()));
        if is_bomb_pot {
            if let Some(post) = started.posts.iter().find(|post| post.kind != "ante") {
                wrong.push(format!("a {} is posted in a bomb pot", post.kind));
            }
            let seats: Vec<u8> = started.seats.iter().map(|dealt| dealt.seat).collect();
            let next = self.button.and_then(|last| seats.iter().find(|seat| **seat > last).or(seats.first()));
            if next.is_some_and(|next| *next != started.button) {
                wrong
                    .push(format!("the button of a bomb pot is seat {}, after seat {:?}", started.button, self.button));
            }
        }
        wrong
    }
}

/// What has to be matched before the flop: the big blind, doubled with each straddle.
pub fn opening(started: &HandStarted) -> i64 {
    started.posts.iter().filter(|post| post.kind == "straddle").fold(started.big_blind, |price, _| price * 2)
}

/// What the straddle of a seat has to be.
pub fn straddle(started: &HandStarted, seat: u8) -> i64 {
    let mut price = started.big_blind;
    for post in started.posts.iter().filter(|post| post.kind == "straddle") {
        price *= 2;
        if post.seat == seat {
            break;
        }
    }
    price
}

/// Whose turn it is first: left of the last straddle, else of the big blind; heads-up that is the button.
pub fn first_to_act(started: &HandStarted) -> Option<u8> {
    let last = |kind: &str| started.posts.iter().rfind(|post| post.kind == kind).map(|post| post.seat);
    let before = last("straddle").or(last("big_blind")).or(last("button_blind"))?;
    let seats = || started.seats.iter().map(|dealt| dealt.seat);
    seats().find(|seat| *seat > before).or_else(|| seats().next())
}

/// What is wrong with the straddles of a hand: who posts them, how many, how much.
fn straddles(started: &HandStarted, settings: Option<&Settings>) -> Vec<String> {
    let straddlers: Vec<u8> =
        started.posts.iter().filter(|post| post.kind == "straddle").map(|post| post.seat).collect();
    if straddlers.is_empty() {
        return Vec::new();
    }
    let mut wrong = Vec::new();
    if started.seats.len() < 3 || started.is_bomb_pot() {
        wrong.push("there is a straddle in a hand that has none".to_owned());
    }
    if let Some(rules) = settings.map(|settings| &settings.house_rules) {
        let most = match rules.straddle.as_str() {
            "utg" => rules.max_straddles,
            "button" => 1,
            _ => 0,
        };
        if straddlers.len() > most {
            wrong.push(format!("{} straddle, and {most} may", straddlers.len()));
        }
        if rules.straddle == "button" && straddlers != [started.button] {
            wrong.push(format!("seat {straddlers:?} straddles in place of the button"));
        }
        if rules.straddle == "utg" {
            let big = started.posts.iter().find(|post| post.kind == "big_blind").map(|post| post.seat);
            let seats = || started.seats.iter().map(|dealt| dealt.seat);
            let left = |of: u8| seats().filter(move |seat| *seat > of).chain(seats().filter(move |seat| *seat <= of));
            let due: Vec<u8> = big.map_or_else(Vec::new, |big| left(big).take(straddlers.len()).collect());
            if straddlers != due {
                wrong.push(format!("{straddlers:?} straddle, and left of the big blind are {due:?}"));
            }
        }
    }
    let short =
        started.posts.iter().find(|post| post.kind == "straddle" && post.amount != straddle(started, post.seat));
    wrong.extend(short.map(|post| format!("a straddle is {}, by seat {}", post.amount, post.seat)));
    wrong
}
