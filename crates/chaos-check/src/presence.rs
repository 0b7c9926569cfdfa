//! Who may count as being there, by the clients' own logs: while a socket of theirs is open, and for a while after a call.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::limits::Limits;

/// A call that got no answer may have been heard for as long, in microseconds: no server takes longer.
const HEARD_WITHIN: i64 = 60_000_000;

/// When each member of a room may have been there, in microseconds of the run.
#[derive(Debug, Default)]
pub struct Presence(BTreeMap<Uuid, Vec<Stay>>);

#[derive(Clone, Copy, Debug)]
struct Stay {
    from: i64,
    to: i64,
    /// Whether the server may not know that it is over.
    broke: bool,
}

impl Presence {
    /// A socket was open, until its owner or the server closed it, or it `broke`.
    pub fn had_socket(&mut self, user: Uuid, from: i64, to: i64, broke: bool) {
        self.0.entry(user).or_default().push(Stay { from, to, broke });
    }

    /// A call was made, and answered at `ended` if it was.
    pub fn called(&mut self, user: Uuid, invoked: i64, ended: i64) {
        let to = ended.min(invoked + HEARD_WITHIN);
        self.0.entry(user).or_default().push(Stay { from: invoked, to, broke: false });
    }

    /// Whether somebody can't count as being there at `t`. Somebody of whom nothing is known may.
    pub fn is_away(&self, user: Uuid, t: i64, limits: &Limits) -> bool {
        let may_be_there = |stay: &Stay| {
            let outlives = if stay.broke { limits.line_ms } else { limits.call_ms };
            let until = stay.to.saturating_add((outlives + limits.fault_edge_ms) * 1000);
            stay.from - limits.fault_edge_ms * 1000 <= t && t <= until
        };
        self.0.get(&user).is_some_and(|stays| !stays.iter().any(may_be_there))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_hung_up_is_away_soon_and_whose_line_broke_much_later() {
        let limits = Limits::default();
        let [anna, ben, stranger] = [1, 2, 3].map(Uuid::from_u128);
        let mut presence = Presence::default();
        presence.had_socket(anna, 0, 5_000_000, false);
        presence.had_socket(ben, 0, 5_000_000, true);
        let away = |user, t| presence.is_away(user, t, &limits);
        assert!(!away(anna, 20_500_000) && away(anna, 21_500_000));
        assert!(!away(ben, 90_000_000) && away(ben, 97_000_000));
        assert!(!away(stranger, 97_000_000));
        presence.called(anna, 10_000_000, i64::MAX);
        assert!(!presence.is_away(anna, 80_000_000, &limits) && presence.is_away(anna, 87_000_000, &limits));
    }
}
