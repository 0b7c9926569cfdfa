//! A room's settings, as far as its log knows them: each change is an event, and what the room was made with shows in what was
//! played by it.

use domain::chips::Chips;
use domain::event::Committed;
use domain::hand::{HandKind, HandSetup};
use domain::rules::Posting;
use domain::settings::{BombPotMode, RabbitHunt, SETTINGS, Settings, Value};
use domain::time::{Millis, Timestamp};
use ports::store::HandRecord;

use super::room::{Found, found};

/// The settings now.
pub(super) enum Terms {
    /// As the room was made: what was played by them.
    Made(Box<Shown>),
    /// As the last change has it.
    Set(Box<Settings>),
}

/// What shows of settings that no event says.
#[derive(Default)]
pub(super) struct Shown {
    small_blind: Option<Chips>,
    big_blind: Option<Chips>,
    ante: Option<Chips>,
    action_timeout: Option<Millis>,
    between_hands: Option<Millis>,
    /// How often the missing cards may be run, and how long that is asked for.
    runs: Option<(u8, Option<Millis>)>,
    rabbit: Option<RabbitHunt>,
    /// The fewest and the most chips that were bought at once.
    bought: Option<(Chips, Chips)>,
    /// The most that a stack was bought up to.
    bought_up_to: Chips,
    /// The fewest chips that somebody came back with who had more waiting: only the largest buy-in allows that.
    came_back_with: Option<Chips>,
}

impl Default for Terms {
    fn default() -> Self {
        Self::Made(Box::default())
    }
}

/// The first of these settings shows what it is, each later one has to be the same.
fn shows<T: Copy + PartialEq + ToString>(field: &str, known: &mut Option<T>, stored: T) -> Result<(), Found> {
    let expected = *known.get_or_insert(stored);
    if expected == stored { Ok(()) } else { Err(found(field, expected.to_string(), stored.to_string())) }
}

fn runs_text((runs, vote): (u8, Option<Millis>)) -> String {
    let asked = vote.map_or("nobody is asked".to_owned(), |time| format!("asked for {}", millis(time)));
    format!("{runs} at most, {asked}")
}

fn millis(length: Millis) -> String {
    format!("{} ms", length.0)
}

impl Terms {
    pub(super) fn set(&mut self, settings: &Settings) {
        *self = Self::Set(Box::new(settings.clone()));
    }

    /// A hand is dealt by them. `is_asked_for`: the host has asked for a bomb pot.
    pub(super) fn deals(&mut self, hand: &HandRecord, is_asked_for: bool) -> Result<(), Found> {
        let (rules, kind) = (hand.setup.rules, hand.setup.kind);
        if is_asked_for && kind != HandKind::BombPot {
            return Err(found("kind in the hands row", HandKind::BombPot.name(), kind.name()));
        }
        if let Self::Set(set) = self {
            set_deals(set, hand, is_asked_for)?;
        }
        // What is posted without blinds doesn't show what the room's blinds are.
        let has_blinds = rules.posting() == Posting::Blinds && kind == HandKind::Ordinary;
        let shows_blinds = has_blinds || matches!(self, Self::Set(_));
        let (set_runs, set_rabbit) = match self {
            Self::Made(shown) => {
                let runs = (hand.setup.max_runs, hand.run_vote);
                (Some(*shown.runs.get_or_insert(runs)), Some(*shown.rabbit.get_or_insert(hand.rabbit_hunt)))
            }
            Self::Set(set) => (Some(set.runs()), Some(set.rabbit_hunt)),
        };
        let (mut small, mut big, mut ante, mut timeout);
        let known = match self {
            Self::Made(shown) => {
                (&mut shown.small_blind, &mut shown.big_blind, &mut shown.ante, &mut shown.action_timeout)
            }
            Self::Set(set) => {
                let due = set.stakes(kind, rules.book);
                shows("button blind in the hands row", &mut Some(due.button_blind), rules.button_blind)?;
                (small, big, ante, timeout) =
                    (Some(due.small_blind), Some(due.big_blind), Some(due.ante), Some(set.action_timeout));
                (&mut small, &mut big, &mut ante, &mut timeout)
            }
        };
        if shows_blinds {
            shows("small blind in the hands row", known.0, rules.small_blind)?;
            shows("big blind in the hands row", known.1, rules.big_blind)?;
            shows("ante in the hands row", known.2, rules.ante)?;
        }
        if let Some(runs) = set_runs
            && runs != (hand.setup.max_runs, hand.run_vote)
        {
            return Err(found(
                "runs in the hands row",
                runs_text(runs),
                runs_text((hand.setup.max_runs, hand.run_vote)),
            ));
        }
        if let Some(rabbit) = set_rabbit
            && rabbit != hand.rabbit_hunt
        {
            return Err(found("rabbit hunt in the hands row", rabbit.name(), hand.rabbit_hunt.name()));
        }
        let mut known_ms = known.3.map(|length| length.0);
        shows("action timeout in the hands row", &mut known_ms, hand.action_timeout.0)?;
        known.3.get_or_insert(hand.action_timeout);
        Ok(())
    }

    /// The next hand is due after a hand's end.
    pub(super) fn plans(&mut self, ended: &Committed, next_hand_at: Option<Timestamp>) -> Result<(), Found> {
        let Some(next) = next_hand_at else { return Ok(()) };
        let pause = Millis(next.0.saturating_sub(ended.at.0));
        let expected = match self {
            Self::Made(shown) => *shown.between_hands.get_or_insert(pause),
            Self::Set(set) => set.between_hands,
        };
        if pause == expected { Ok(()) } else { Err(found("time to the next hand", millis(expected), millis(pause))) }
    }

    /// Somebody sits down with so many chips, of whom so many waited. A stack comes back as it is, or whole as far as the largest
    /// buy-in lets it; earlier versions let it come back smaller.
    pub(super) fn buys_in(&mut self, chips: Chips, waiting: Chips, comes_back_whole: bool) -> Result<(), Found> {
        if chips == waiting {
            return Ok(());
        }
        let breaks_off = comes_back_whole && chips < waiting;
        match self {
            Self::Made(shown) => {
                let (least, most) = shown.bought.get_or_insert((chips, chips));
                (*least, *most) = (chips.min(*least), chips.max(*most));
                if breaks_off {
                    shown.came_back_with = Some(shown.came_back_with.map_or(chips, |least| least.min(chips)));
                }
            }
            Self::Set(set) => {
                let (min, max) = (set.min_buy_in, set.max_buy_in);
                if chips < min || chips > max {
                    return Err(found("buy-in", format!("{min} to {max}"), chips));
                }
                if breaks_off && chips < max {
                    return Err(found("buy-in of who comes back", format!("{} at least", waiting.min(max)), chips));
                }
            }
        }
        Ok(())
    }

    /// Somebody buys chips up to so many.
    pub(super) fn tops_up(&mut self, chips: Chips) -> Result<(), Found> {
        match self {
            Self::Made(shown) => shown.bought_up_to = shown.bought_up_to.max(chips),
            Self::Set(set) if chips > set.max_buy_in => {
                return Err(found("stack after a top-up", format!("{} at most", set.max_buy_in), chips));
            }
            Self::Set(_) => {}
        }
        Ok(())
    }

    /// Compares the room's settings.
    pub(super) fn stand(&self, stored: &Settings) -> Result<(), Found> {
        match self {
            Self::Set(set) => same(set, stored),
            Self::Made(shown) => shown.fits(stored),
        }
    }
}

impl Shown {
    fn fits(&self, stored: &Settings) -> Result<(), Found> {
        let chips = |field: &str, shown: Option<Chips>, stored: Chips| match shown {
            Some(shown) if shown != stored => Err(found(field, shown, stored)),
            Some(_) | None => Ok(()),
        };
        let time = |field: &str, shown: Option<Millis>, stored: Millis| match shown {
            Some(shown) if shown != stored => Err(found(field, millis(shown), millis(stored))),
            Some(_) | None => Ok(()),
        };
        chips("setting smallBlind", self.small_blind, stored.small_blind)?;
        chips("setting bigBlind", self.big_blind, stored.big_blind)?;
        chips("setting ante", self.ante, stored.ante)?;
        time("setting actionTimeoutSecs", self.action_timeout, stored.action_timeout)?;
        time("setting betweenHandsSecs", self.between_hands, stored.between_hands)?;
        if let Some(runs) = self.runs.filter(|runs| *runs != stored.runs()) {
            return Err(found("setting runItTwice", runs_text(runs), runs_text(stored.runs())));
        }
        if let Some(rabbit) = self.rabbit.filter(|rabbit| *rabbit != stored.rabbit_hunt) {
            return Err(found("setting rabbitHunt", rabbit.name(), stored.rabbit_hunt.name()));
        }
        let (min, max) = (stored.min_buy_in, stored.max_buy_in);
        let (least, most) = self.bought.unwrap_or((min, max));
        if least < min {
            return Err(found("setting minBuyIn", format!("{least} at most"), min));
        }
        let most = most.max(self.bought_up_to);
        if most > max {
            return Err(found("setting maxBuyIn", format!("{most} at least"), max));
        }
        match self.came_back_with {
            Some(chips) if chips < max => Err(found("setting maxBuyIn", format!("{chips} at most"), max)),
            Some(_) | None => Ok(()),
        }
    }
}

/// Whether these settings have a hand of this kind, game and number of boards.
fn set_deals(set: &Settings, hand: &HandRecord, is_asked_for: bool) -> Result<(), Found> {
    let HandSetup { rules, kind, boards, .. } = &hand.setup;
    let is_bomb_pot = match set.bomb_pot_mode {
        BombPotMode::Off => false,
        BombPotMode::Every | BombPotMode::Manual => {
            set.hands_to_bomb_pot(hand.number.saturating_sub(1), is_asked_for) == Some(1)
        }
        // It is drawn, and no event says what came.
        BombPotMode::Percent => *kind == HandKind::BombPot,
    };
    let due = if is_bomb_pot { HandKind::BombPot } else { HandKind::Ordinary };
    shows("kind in the hands row", &mut Some(due.name()), kind.name())?;
    shows("bounty in the hands row", &mut Some(set.bounty(rules.book)), hand.setup.bounty)?;
    shows("boards in the hands row", &mut Some(set.boards(due)), *boards)?;
    let games = if is_bomb_pot { set.bomb_pot_games() } else { set.games() };
    if games.contains(&rules.book.variant) {
        return Ok(());
    }
    let games: Vec<&str> = games.iter().map(|variant| variant.name()).collect();
    Err(found("game in the hands row", games.join(", "), rules.book.variant.name()))
}

/// Compares settings one by one.
fn same(set: &Settings, stored: &Settings) -> Result<(), Found> {
    let differs = SETTINGS.iter().find(|setting| setting.of(set) != setting.of(stored));
    match differs {
        Some(setting) => {
            let (expected, stored) = (show(setting.of(set)), show(setting.of(stored)));
            Err(found(format!("setting {}", setting.name), expected, stored))
        }
        None => Ok(()),
    }
}

fn show(value: Value) -> String {
    match value {
        Value::Whole(number) => number.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Flag(yes) => yes.to_string(),
        Value::Name(name) => name,
        Value::Names(names) => names.join(", "),
        Value::Nothing => "none".to_owned(),
    }
}
