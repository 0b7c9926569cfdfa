//! People at a table from hand to hand, and who has the button and posts what: what the sequences of the referee are compared with.

use std::collections::BTreeMap;

use domain::button::{Deal, Debts, Entry, NextHand, Places, Seated, TableRules, next_hand};
use domain::ids::SeatIndex;

/// Somebody who sits.
#[derive(Clone, Debug)]
struct Sitting {
    person: String,
    is_ready: bool,
    entry: Entry,
}

/// A table, and what people owe, whether they sit at it or not.
#[derive(Debug)]
pub struct Table {
    rules: TableRules,
    first: SeatIndex,
    places: Option<Places>,
    button: Option<SeatIndex>,
    seats: BTreeMap<u8, Sitting>,
    debts: BTreeMap<String, Debts>,
}

impl Table {
    pub fn new(rules: TableRules, first: u8) -> Self {
        let (seats, debts) = (BTreeMap::new(), BTreeMap::new());
        Self { rules, first: SeatIndex(first), places: None, button: None, seats, debts }
    }

    pub fn join(&mut self, seat: u8, person: &str, entry: Entry) {
        let sitting = Sitting { person: person.to_owned(), is_ready: true, entry };
        assert!(self.seats.insert(seat, sitting).is_none(), "seat {seat} is taken");
        let debts = self.debts.entry(person.to_owned()).or_default();
        debts.new |= self.places.is_some_and(|places| places.blinds.is_some());
    }

    pub fn leave(&mut self, seat: u8) {
        self.seats.remove(&seat).expect("somebody sits there");
    }

    pub fn sit_out(&mut self, seat: u8) {
        self.seats.get_mut(&seat).expect("somebody sits there").is_ready = false;
    }

    pub fn sit_in(&mut self, seat: u8, entry: Entry) {
        let sitting = self.seats.get_mut(&seat).expect("somebody sits there");
        (sitting.is_ready, sitting.entry) = (true, entry);
    }

    /// The next hand, if one can be dealt.
    pub fn deal(&mut self, bomb: bool) -> Option<NextHand> {
        let seated = |(seat, sitting): (&u8, &Sitting)| Seated {
            seat: SeatIndex(*seat),
            is_ready: sitting.is_ready,
            debts: self.debts[&sitting.person],
            entry: sitting.entry,
        };
        let seated: Vec<Seated> = self.seats.iter().map(seated).collect();
        let deal = if bomb { Deal::BombPot { after: self.button } } else { Deal::Blinds };
        let next = next_hand(self.places, &seated, self.rules, deal, self.first)?;
        (self.places, self.button) = (next.places, Some(next.button));
        for (seat, debts) in &next.debts {
            self.debts.insert(self.seats[&seat.0].person.clone(), *debts);
        }
        Some(next)
    }
}
