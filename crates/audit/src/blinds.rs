//! Button, blinds and what people owe, as they follow from the log.
//!
//! With which settings a room was made is in no event, and neither is whether somebody posts or waits. So all is followed that it could
//! have been, and what a hand doesn't fit is dropped. How the button moves by the simple rule isn't judged: earlier versions moved it
//! in other ways.

use std::collections::BTreeMap;

use domain::button::{
    BlindPlaces, ButtonRule, Deal, Debts, Entry, NewPlayers, NextHand, Places, Seated, TableRules, next_hand,
};
use domain::hand::{Blinds, HandKind, HandSetup};
use domain::ids::{SeatIndex, UserId};
use domain::rules::Posting;
use domain::settings::Settings;
use ports::store::RoomRecord;

use super::compare::list;
use super::room::{Found, found};

/// What there is to know, by each rule that the room may have.
pub(super) struct Owing {
    ways: Vec<Way>,
    /// The button's place in the last hand, of whatever kind.
    button: Option<SeatIndex>,
}

#[derive(Clone, PartialEq)]
struct Way {
    rule: ButtonRule,
    new_players: NewPlayers,
    places: Option<Places>,
    debts: BTreeMap<UserId, Debts>,
}

impl Default for Owing {
    fn default() -> Self {
        let way = |rule, new_players| Way { rule, new_players, places: None, debts: BTreeMap::new() };
        let rules = ButtonRule::ALL.into_iter().flat_map(|rule| NewPlayers::ALL.map(|new| way(rule, new)));
        Self { ways: rules.collect(), button: None }
    }
}

impl Owing {
    /// Settings are told.
    pub(super) fn set(&mut self, settings: &Settings) {
        let mut ways: Vec<Way> = Vec::new();
        for way in std::mem::take(&mut self.ways) {
            let way = Way { rule: settings.button_rule, new_players: settings.new_players, ..way };
            if !ways.contains(&way) {
                ways.push(way);
            }
        }
        self.ways = ways;
    }

    /// Somebody takes a seat.
    pub(super) fn sits_down(&mut self, user: UserId) {
        for way in &mut self.ways {
            if way.rule == ButtonRule::Dead && way.places.is_some_and(|places| places.blinds.is_some()) {
                way.debts.entry(user).or_default().new = true;
            }
        }
    }

    /// A hand is dealt at a table of these people, of whom some are ready.
    pub(super) fn deals(&mut self, table: &[(SeatIndex, UserId, bool)], setup: &HandSetup) -> Result<(), Found> {
        let mut due = None;
        let (mut ways, button) = (Vec::new(), self.button.replace(setup.button));
        for mut way in std::mem::take(&mut self.ways) {
            match way.deals(table, setup, button) {
                Ok(()) => ways.push(way),
                Err(expected) => due = Some(expected),
            }
        }
        self.ways = ways;
        match due {
            Some(due) if self.ways.is_empty() => Err(found("button, blinds and who is dealt in", due, shown(setup))),
            Some(_) | None => Ok(()),
        }
    }

    /// Compares what is stored of them.
    pub(super) fn stands(&self, room: &RoomRecord) -> Result<(), Found> {
        let settings = &room.settings;
        let by = |way: &&Way| {
            way.rule == settings.button_rule
                && (way.rule == ButtonRule::Simple || way.new_players == settings.new_players)
        };
        if !self.ways.iter().any(|way| by(&way)) {
            let rule = |rule: ButtonRule, new: NewPlayers| format!("{}, {}", rule.name(), new.name());
            let known = list(&self.ways, |way| rule(way.rule, way.new_players));
            return Err(found(
                "setting buttonRule and newPlayers",
                known,
                rule(settings.button_rule, settings.new_players),
            ));
        }
        let compared = self.ways.iter().filter(by).map(|way| way.stands(room));
        compared.reduce(Result::or).unwrap_or(Ok(()))
    }
}

impl Way {
    fn owes(&self, user: UserId) -> Debts {
        self.debts.get(&user).copied().unwrap_or_default()
    }

    /// What should have been dealt, if something else was.
    fn deals(
        &mut self,
        table: &[(SeatIndex, UserId, bool)],
        setup: &HandSetup,
        last_button: Option<SeatIndex>,
    ) -> Result<(), String> {
        let is_dealt_in = |seat: SeatIndex| setup.players.iter().any(|(player, _)| *player == seat);
        let seated = |&(seat, user, is_ready): &(SeatIndex, UserId, bool)| Seated {
            seat,
            is_ready,
            debts: self.owes(user),
            entry: if is_dealt_in(seat) { Entry::Post } else { Entry::Wait },
        };
        let seated: Vec<Seated> = table.iter().map(seated).collect();
        let deal = match (setup.kind, setup.rules.posting()) {
            (HandKind::BombPot, _) => Deal::BombPot { after: last_button },
            (HandKind::Ordinary, Posting::ButtonBlind) => Deal::ButtonBlind,
            (HandKind::Ordinary, Posting::Blinds) => Deal::Blinds,
        };
        let rules = TableRules { button: self.rule, new_players: self.new_players, big_blind_settles: true };
        let next = next_hand(self.places, &seated, rules, deal, setup.button);
        match self.rule {
            ButtonRule::Dead => {
                let Some(next) = next else { return Err("no hand".to_owned()) };
                if !is_so(&next, setup) {
                    return Err(told(&next));
                }
                self.places = next.places;
                let user = |seat: SeatIndex| table.iter().find(|(place, ..)| *place == seat).map(|(_, user, _)| *user);
                self.debts.extend(next.debts.iter().filter_map(|(seat, debts)| Some((user(*seat)?, *debts))));
            }
            ButtonRule::Simple => {
                let last = self.places.and_then(|places| places.blinds);
                match deal {
                    Deal::BombPot { .. } => {}
                    Deal::ButtonBlind => self.places = Some(Places { button: setup.button, blinds: last }),
                    Deal::Blinds => {
                        let blinds =
                            setup.blind_seats().and_then(|(small, big)| Some(BlindPlaces { small: small?, big }));
                        self.places = Some(Places { button: setup.button, blinds });
                        self.debts.clear();
                    }
                }
            }
        }
        Ok(())
    }

    fn stands(&self, room: &RoomRecord) -> Result<(), Found> {
        if self.places != room.places {
            return Err(found("last button and blinds", place(self.places), place(room.places)));
        }
        for member in &room.members {
            let (owes, stored) = (self.owes(member.user), member.debts);
            if owes != stored {
                let names = |debts: Debts| list(&debts.names(), |name| (*name).to_owned());
                return Err(found(format!("blinds that {} owes", member.user), names(owes), names(stored)));
            }
        }
        Ok(())
    }
}

/// Whether a hand was dealt like this.
fn is_so(next: &NextHand, setup: &HandSetup) -> bool {
    let seats = setup.players.iter().map(|(seat, _)| *seat);
    let blinds = match next.blinds {
        Some((small, big)) => setup.clone().with_blinds(small, big).blinds == setup.blinds,
        None => setup.blinds == Blinds::ByPosition,
    };
    next.button == setup.button && blinds && next.posts == setup.posts && seats.eq(next.dealt.iter().copied())
}

fn told(next: &NextHand) -> String {
    let blinds = next.blinds.map_or(String::new(), |(small, big)| {
        format!(", blinds {} {big}", small.map_or("dead".to_owned(), |small| small.to_string()))
    });
    let posts = list(&next.posts, |post| post.seat.to_string());
    format!("button {}{blinds}, late {posts}, dealt in {}", next.button, list(&next.dealt, SeatIndex::to_string))
}

fn shown(setup: &HandSetup) -> String {
    let dealt: Vec<SeatIndex> = setup.players.iter().map(|(seat, _)| *seat).collect();
    let blinds = match setup.blinds {
        Blinds::ByPosition => String::new(),
        Blinds::At { small, big } => {
            format!(", blinds {} {big}", small.map_or("dead".to_owned(), |small| small.to_string()))
        }
    };
    let posts = list(&setup.posts, |post| post.seat.to_string());
    format!("button {}{blinds}, late {posts}, dealt in {}", setup.button, list(&dealt, SeatIndex::to_string))
}

fn place(places: Option<Places>) -> String {
    let Some(Places { button, blinds }) = places else { return "none".to_owned() };
    let blinds = blinds.map_or("none".to_owned(), |blinds| format!("{} {}", blinds.small, blinds.big));
    format!("{button}, blinds {blinds}")
}
