//! Which faults, in which order, for how long: all of it from the seed.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{RngExt, SeedableRng};

/// Something that goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// A node is killed, at random or where it hurts most.
    K1,
    /// One process of PostgreSQL is killed, which takes all sessions with it.
    K2,
    /// All of PostgreSQL is killed.
    K3,
    /// The bus is killed; it comes back, or not.
    K4,
    /// The nodes are told to stop, one after the other, and started again.
    K5,
    /// A node freezes.
    P1,
    /// PostgreSQL freezes.
    P2,
    /// Readers that never read.
    P3,
    /// A node and the bus can't reach each other.
    N1,
    /// A node and PostgreSQL can't reach each other.
    N2,
    /// A node reaches PostgreSQL, but hears nothing from it.
    N3,
    /// Links stop one by one and come back in another order.
    N4,
    /// Everything is slow.
    N5,
    /// Connections are reset.
    N6,
    /// The database's disk is full.
    D1,
    /// The disk of its write-ahead log is full.
    D2,
    /// The rows of one room are damaged, until they are mended.
    D3,
    /// An older backup of the database is restored.
    D4,
    /// A node's clock is wrong.
    C1,
    /// PostgreSQL's clock is wrong.
    C2,
    /// The clock of whoever signs tokens is wrong.
    C3,
    /// Two at once.
    X1,
}

/// All of them, with their names.
const ALL: [(Fault, &str); 22] = [
    (Fault::K1, "K1"),
    (Fault::K2, "K2"),
    (Fault::K3, "K3"),
    (Fault::K4, "K4"),
    (Fault::K5, "K5"),
    (Fault::P1, "P1"),
    (Fault::P2, "P2"),
    (Fault::P3, "P3"),
    (Fault::N1, "N1"),
    (Fault::N2, "N2"),
    (Fault::N3, "N3"),
    (Fault::N4, "N4"),
    (Fault::N5, "N5"),
    (Fault::N6, "N6"),
    (Fault::D1, "D1"),
    (Fault::D2, "D2"),
    (Fault::D3, "D3"),
    (Fault::D4, "D4"),
    (Fault::C1, "C1"),
    (Fault::C2, "C2"),
    (Fault::C3, "C3"),
    (Fault::X1, "X1"),
];

/// Those of which two can happen at once, as what is prepared for the one doesn't rule out the other: one of PostgreSQL's at most,
/// since one that is down can't freeze.
const OF_POSTGRES: [Fault; 3] = [Fault::K2, Fault::K3, Fault::P2];
const OF_THE_REST: [Fault; 5] = [Fault::K1, Fault::P1, Fault::N2, Fault::N3, Fault::N6];

impl Fault {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        ALL.into_iter().map(|(fault, _)| fault)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        ALL.into_iter().find(|(fault, _)| *fault == self).map_or("?", |(_, name)| name)
    }

    /// How long it lasts, from and to, in milliseconds.
    const fn lasts_ms(self) -> (u64, u64) {
        match self {
            Self::K1 | Self::K3 => (100, 1_200),
            Self::K2 | Self::K5 | Self::C3 => (200, 400),
            Self::P1 | Self::P2 | Self::N1 | Self::K4 => (1_000, 8_000),
            Self::P3 | Self::N5 | Self::N6 | Self::C1 | Self::C2 => (2_000, 5_000),
            Self::N2 | Self::N3 | Self::N4 | Self::D1 | Self::X1 => (1_500, 6_000),
            Self::D2 => (6_000, 9_000),
            // So long that a clock that stood still meanwhile would be missed.
            Self::D3 => (7_000, 9_000),
            Self::D4 => (3_000, 6_000),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Fault {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = ALL.into_iter().find(|(_, name)| name.eq_ignore_ascii_case(text.trim()));
        let names = || ALL.map(|(_, name)| name).join(", ");
        found.map(|(fault, _)| fault).ok_or_else(|| format!("unknown fault `{text}`: there are {}", names()))
    }
}

/// What happens next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Quiet before it.
    pub after: Duration,
    /// One fault, or two at once.
    pub faults: Vec<Fault>,
    /// From the injection of the last to the healing of the first.
    pub lasts: Duration,
}

/// An endless series of steps, in which each fault comes as often as any other.
#[derive(Debug)]
pub struct Plan {
    faults: Vec<Fault>,
    round: Vec<Fault>,
    random: StdRng,
}

impl Plan {
    /// The series of this seed.
    pub fn new(faults: &[Fault], seed: u64) -> Self {
        Self { faults: faults.to_vec(), round: Vec::new(), random: StdRng::seed_from_u64(seed) }
    }
}

impl Iterator for Plan {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        if self.round.is_empty() {
            self.round.clone_from(&self.faults);
            self.round.shuffle(&mut self.random);
        }
        let fault = self.round.pop()?;
        let (least, most) = fault.lasts_ms();
        let lasts = Duration::from_millis(self.random.random_range(least..=most));
        let after = Duration::from_millis(self.random.random_range(400..=1_200));
        let faults = match fault {
            Fault::X1 => {
                let mut pair: Vec<Fault> = OF_THE_REST.sample(&mut self.random, 2).copied().collect();
                if self.random.random_bool(0.5) {
                    pair.splice(..1, OF_POSTGRES.choose(&mut self.random).copied());
                }
                pair
            }
            one => vec![one],
        };
        Some(Step { after, faults, lasts })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_plan_again_and_another_one_another() {
        let faults = [Fault::K1, Fault::P1, Fault::X1];
        let plan = |seed| Plan::new(&faults, seed).take(30).collect::<Vec<_>>();
        assert_eq!(plan(7), plan(7));
        assert_ne!(plan(7), plan(8));
    }

    #[test]
    fn each_round_has_every_fault_once() {
        let faults = [Fault::K1, Fault::K2, Fault::N6];
        let steps: Vec<Step> = Plan::new(&faults, 1).take(3).collect();
        let mut seen: Vec<Fault> = steps.into_iter().flat_map(|step| step.faults).collect();
        seen.sort();
        assert_eq!(seen, faults);
    }

    #[test]
    fn two_at_once_are_two() {
        for step in Plan::new(&[Fault::X1], 3).take(50) {
            assert_eq!(step.faults.len(), 2);
            assert_ne!(step.faults[0], step.faults[1]);
            assert!(!step.faults.iter().all(|fault| OF_POSTGRES.contains(fault)));
        }
    }

    #[test]
    fn names_are_read_as_they_are_written() {
        for fault in Fault::all() {
            assert_eq!(fault.to_string().parse(), Ok(fault));
        }
        assert!("K9".parse::<Fault>().is_err());
    }
}
