//! People at a table from hand to hand, and who has the button and posts what: what the sequences of the referee are compared with.

use std::collections::BTreeMap;

use domain::button::{self, Debts, Entry, EntryRules, NextHand, Places, Seated};
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
    rules: EntryRules,
    first: SeatIndex,
    places: Option<Places>,
    seats: BTreeMap<u8, Sitting>,
    debts: BTreeMap<String, Debts>,
}

impl Table {
    pub fn new(rules: EntryRules, first: u8) -> Self {
        let (seats, debts) = (BTreeMap::new(), BTreeMap::new());
        Self { rules, first: SeatIndex(first), places: None, seats, debts }
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
        let next = if bomb {
            button::without_blinds(self.places, &seated, self.first)
        } else {
            button::with_blinds(self.places, &seated, self.rules, self.first)
        }?;
        self.places = Some(next.places);
        for (seat, debts) in &next.debts {
            self.debts.insert(self.seats[&seat.0].person.clone(), *debts);
        }
        Some(next)
    }
}
