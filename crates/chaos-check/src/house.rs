//! House rules once more: which hands are bomb pots, how many boards there are, what is posted, and how a pot is divided.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::event::{BountyPaid, HandStarted, Logged, Settings, What};
use crate::verdict::{Findings, Invariant};

/// A hand whose main pot may have a bounty.
#[derive(Debug)]
struct Last {
    /// What each of the others pays.
    bounty: i64,
    /// The seats from the left of the button.
    order: Vec<u8>,
    /// Who won all of the main pot, if that was one player.
    winner: Option<u8>,
    /// What each had at the end.
    stacks: BTreeMap<u8, i64>,
    /// The winner's cards that everybody has seen.
    shown: BTreeSet<String>,
    paid: bool,
}

impl Last {
    fn is_seven_deuce(&self) -> bool {
        let ranks: BTreeSet<&str> =
            self.shown.iter().filter_map(|card| card.split_once('_')).map(|(_, rank)| rank).collect();
        ranks == BTreeSet::from(["2", "7"])
    }
}

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
    /// The last hand, as far as its bounty asks for it.
    last: Option<Last>,
    /// Whether the bounty has to come next.
    owes: bool,
}

impl House {
    /// Of a room that was made with these settings, if they are known.
    pub fn new(room: Uuid, settings: Option<Settings>) -> Self {
        Self { room, settings, queued: false, button: None, last: None, owes: false }
    }

    /// Takes in an event.
    pub fn see(&mut self, event: &Logged, findings: &mut Findings) {
        let mut wrong = self.bounty(&event.what);
        match &event.what {
            What::SettingsChanged { settings } => self.settings = Some(settings.clone()),
            What::BombPotQueued { .. } => {
                let again = std::mem::replace(&mut self.queued, true);
                wrong.extend(again.then(|| "a bomb pot is asked for twice".to_owned()));
            }
            What::BombPotCancelled { .. } => {
                let was_queued = std::mem::take(&mut self.queued);
                wrong.extend((!was_queued).then(|| "a bomb pot is taken back that nobody asked for".to_owned()));
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

    /// who wins the main pot alone with a seven and a deuce and shows them gets it from all others, at once.
    fn bounty(&mut self, what: &What) -> Vec<String> {
        let mut wrong = Vec::new();
        if std::mem::take(&mut self.owes) && !matches!(what, What::BountyPaid(_)) {
            wrong.push("a seven and a deuce are shown, and nobody pays the bounty".to_owned());
        }
        match what {
            What::HandStarted(started) => {
                let is_hold_em = started.rules.as_deref().is_none_or(|book| book.starts_with("nlhe/"));
                let bounty = self.settings.as_ref().map_or(0, |settings| settings.house_rules.bounty72);
                let seats = || started.seats.iter().map(|dealt| dealt.seat);
                let button = started.button;
                let (winner, stacks, shown) = (None, BTreeMap::new(), BTreeSet::new());
                let order =
                    seats().filter(|seat| *seat > button).chain(seats().filter(|seat| *seat <= button)).collect();
                let is_due = is_hold_em && bounty > 0;
                self.last = is_due.then_some(Last { bounty, order, winner, stacks, shown, paid: false });
            }
            What::PotDistributed(paid) if paid.index == 0 => {
                let Some(last) = &mut self.last else { return wrong };
                if let [winner] = paid.winners.as_slice() {
                    last.winner = Some(winner.seat);
                }
            }
            What::HandCompleted(done) => {
                let Some(last) = &mut self.last else { return wrong };
                last.stacks = done.stacks.iter().map(|stack| (stack.seat, stack.chips)).collect();
                let cards = done.shown.iter().filter(|shown| Some(shown.seat) == last.winner);
                last.shown.extend(cards.flat_map(|shown| shown.cards.iter().cloned()));
                let pays = last.stacks.iter().any(|(seat, chips)| Some(*seat) != last.winner && *chips > 0);
                self.owes = pays && last.winner.is_some() && last.is_seven_deuce();
            }
            What::CardsShown { seat, cards, .. } => {
                let Some(last) = self.last.as_mut().filter(|last| last.winner == Some(*seat)) else { return wrong };
                last.shown.extend(cards.iter().cloned());
            }
            What::BountyPaid(paid) => wrong.extend(self.pays(paid)),
            _ => {}
        }
        wrong
    }

    fn pays(&mut self, paid: &BountyPaid) -> Vec<String> {
        let Some(last) = self.last.as_mut().filter(|last| !last.paid) else {
            return vec!["a bounty is paid where there is none".to_owned()];
        };
        last.paid = true;
        let mut wrong = Vec::new();
        if last.winner != Some(paid.seat) || !last.is_seven_deuce() {
            wrong.push(format!(
                "seat {} gets the bounty, the winner {:?} shows {:?}",
                paid.seat, last.winner, last.shown
            ));
        }
        // Who has left or lost chips meanwhile pays less.
        let due = |seat: u8| last.bounty.min(last.stacks.get(&seat).copied().unwrap_or(0));
        let payers: Vec<u8> = paid.from.iter().map(|payer| payer.seat).collect();
        let in_order: Vec<u8> = last.order.iter().copied().filter(|seat| payers.contains(seat)).collect();
        if payers != in_order || payers.contains(&paid.seat) {
            wrong.push(format!("seats {payers:?} pay a bounty to seat {}, in order are {in_order:?}", paid.seat));
        }
        if let Some(payer) = paid.from.iter().find(|payer| payer.amount > due(payer.seat) || payer.amount < 1) {
            wrong.push(format!("seat {} pays a bounty of {}, and owes {}", payer.seat, payer.amount, due(payer.seat)));
        }
        wrong
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
                "every" => started.number.is_multiple_of(rules.bomb_pot_every.max(1)),
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
