//! `hands.house`: how a hand's setup differs from a plain one.

use domain::chips::Chips;
use domain::game::Dealt;
use domain::hand::{Blinds, HandKind, HandSetup, LatePost};
use domain::ids::SeatIndex;
use domain::settings::RabbitHunt;
use domain::time::Millis;
use ports::store::StoreError;
use serde::{Deserialize, Serialize};

use crate::event_row::Json;

const CORRUPT: StoreError = StoreError::Corrupt("hand");

/// What is absent is as in a plain hand. The names are in databases: they may be added to, never changed.
#[derive(Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct HouseRow {
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    boards: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    button_blind: Option<u64>,
    /// Who posts the small blind, if anybody does, and the big one.
    #[serde(skip_serializing_if = "Option::is_none")]
    blinds: Option<(Option<u8>, u8)>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    straddles: Vec<u8>,
    /// Seat, live, dead.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    posts: Vec<(u8, bool, bool)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_runs: Option<u8>,
    /// Who shows a beaten hand too.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    shows_beaten: Vec<u8>,
    /// For a main pot that is won with a seven and a deuce.
    #[serde(skip_serializing_if = "Option::is_none")]
    bounty: Option<u64>,
    /// How often the missing cards were run, once that was decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) runs: Option<u8>,
    /// How long it is asked how often, in milliseconds; absent where nobody is asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    run_vote: Option<i64>,
    /// Who may see what would have come; absent: the player who asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    rabbit_hunt: Option<String>,
}

impl HouseRow {
    pub(super) fn of(setup: &HandSetup) -> Self {
        Self {
            kind: Some(setup.kind.name().to_owned()).filter(|_| setup.kind != HandKind::Ordinary),
            boards: Some(setup.boards).filter(|boards| *boards != 1),
            button_blind: Some(setup.rules.button_blind.get()).filter(|blind| *blind > 0),
            blinds: match setup.blinds {
                Blinds::ByPosition => None,
                Blinds::At { small, big } => Some((small.map(|seat| seat.0), big.0)),
            },
            straddles: setup.straddles.iter().map(|seat| seat.0).collect(),
            posts: setup.posts.iter().map(|post| (post.seat.0, post.live, post.dead)).collect(),
            bounty: Some(setup.bounty.get()).filter(|bounty| *bounty > 0),
            max_runs: Some(setup.max_runs).filter(|runs| *runs != 1),
            shows_beaten: setup.shows_beaten.iter().map(|seat| seat.0).collect(),
            ..Self::default()
        }
    }

    /// The same of a hand that is dealt.
    pub(super) fn of_dealt(dealt: &Dealt) -> Self {
        Self {
            run_vote: dealt.run_vote.map(|time| time.0),
            rabbit_hunt: Some(dealt.rabbit_hunt.name().to_owned()).filter(|_| dealt.rabbit_hunt != RabbitHunt::Asker),
            ..Self::of(dealt.hand.setup())
        }
    }

    pub(super) fn run_vote(&self) -> Option<Millis> {
        self.run_vote.map(Millis)
    }

    pub(super) fn rabbit_hunt(&self) -> Result<RabbitHunt, StoreError> {
        let named = self.rabbit_hunt.as_deref();
        named.map_or(Ok(RabbitHunt::Asker), |name| RabbitHunt::of_name(name).ok_or(CORRUPT))
    }

    /// Nothing for a plain hand.
    pub(super) fn json(&self) -> Option<Json> {
        (*self != Self::default()).then(|| Json::of(self))
    }

    /// The setup that differs in this from a plain one.
    pub(super) fn apply(self, plain: HandSetup) -> Result<HandSetup, StoreError> {
        let kind = |name: String| HandKind::of_name(&name).ok_or(CORRUPT);
        let mut rules = plain.rules;
        rules.button_blind = Chips::new(self.button_blind.unwrap_or_default());
        Ok(HandSetup {
            rules,
            kind: self.kind.map_or(Ok(HandKind::Ordinary), kind)?,
            boards: self.boards.unwrap_or(1),
            blinds: match self.blinds {
                None => Blinds::ByPosition,
                Some((small, big)) => Blinds::At { small: small.map(SeatIndex), big: SeatIndex(big) },
            },
            straddles: self.straddles.into_iter().map(SeatIndex).collect(),
            posts: self
                .posts
                .into_iter()
                .map(|(seat, live, dead)| LatePost { seat: SeatIndex(seat), live, dead })
                .collect(),
            max_runs: self.max_runs.unwrap_or(1),
            bounty: Chips::new(self.bounty.unwrap_or_default()),
            shows_beaten: self.shows_beaten.into_iter().map(SeatIndex).collect(),
            ..plain
        })
    }
}

#[cfg(test)]
mod tests {
    use domain::hand::HandRules;
    use domain::rules::{RuleBook, Variant};

    use super::*;

    fn plain() -> HandSetup {
        let rules = HandRules {
            book: RuleBook::current(Variant::ShortDeck),
            small_blind: Chips::ZERO,
            big_blind: Chips::new(10),
            ante: Chips::new(10),
            button_blind: Chips::ZERO,
        };
        HandSetup::plain(rules, SeatIndex(1), vec![(SeatIndex(1), Chips::new(90)), (SeatIndex(4), Chips::new(80))])
    }

    #[test]
    fn a_plain_hand_has_no_row_and_any_other_is_read_as_it_was_written() {
        assert!(HouseRow::of(&plain()).json().is_none());
        let mut button_blind = plain();
        button_blind.rules.button_blind = Chips::new(20);
        let whole = HandSetup {
            kind: HandKind::BombPot,
            boards: 2,
            blinds: Blinds::At { small: None, big: SeatIndex(4) },
            straddles: vec![SeatIndex(4), SeatIndex(1)],
            posts: vec![LatePost { seat: SeatIndex(1), live: true, dead: false }],
            max_runs: 3,
            bounty: Chips::new(7),
            shows_beaten: vec![SeatIndex(4)],
            ..button_blind.clone()
        };
        let with_small = HandSetup { blinds: Blinds::At { small: Some(SeatIndex(1)), big: SeatIndex(4) }, ..plain() };
        for setup in [button_blind, whole, with_small] {
            let json = HouseRow::of(&setup).json().unwrap();
            assert_eq!(json.parse::<HouseRow>().unwrap().apply(plain()).unwrap(), setup);
        }
    }

    #[test]
    fn a_kind_that_is_unknown_is_corrupt() {
        let row = HouseRow { kind: Some("picnic".to_owned()), ..HouseRow::default() };
        assert!(row.apply(plain()).is_err());
        let row = HouseRow { rabbit_hunt: Some("anybody".to_owned()), ..HouseRow::default() };
        assert!(row.rabbit_hunt().is_err());
    }

    #[test]
    fn a_hand_from_before_there_were_runs_asks_nobody_and_shows_a_rabbit_to_the_asker() {
        let row = Json::of(&HouseRow::default()).parse::<HouseRow>().unwrap();
        assert_eq!((row.run_vote(), row.runs, row.rabbit_hunt().unwrap()), (None, None, RabbitHunt::Asker));
        let row = HouseRow { run_vote: Some(7000), rabbit_hunt: Some("room".to_owned()), ..HouseRow::default() };
        let read = row.json().unwrap().parse::<HouseRow>().unwrap();
        assert_eq!((read.run_vote(), read.rabbit_hunt().unwrap()), (Some(Millis(7000)), RabbitHunt::Room));
    }
}
