//! Between hands and around them: status, button, clock, the hand that is played or was played last.

use std::collections::{BTreeMap, BTreeSet};

use crate::button::Places;
use crate::card::Card;
use crate::card::seed::{Chances, Commitment, Seed};
use crate::event::{Event, Happened, Secret, Timer};
use crate::hand::Hand;
use crate::ids::{GameId, HandId, RoomId, SeatIndex, UserId};
use crate::settings::{Place, RabbitHunt};
use crate::time::{Millis, Timestamp};

crate::named! {
    /// Waiting ──start──▶ Active ⇄ Paused;  any ──end──▶ Completed
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum GameStatus {
        /// Not started yet.
        Waiting = "waiting",
        /// Hands follow each other.
        Active = "active",
        /// The clock stands still and no hand is dealt.
        Paused = "paused",
        /// Over.
        Completed = "completed",
    }
}

/// The actor's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// The room has none.
    Unlimited,
    /// It runs.
    Running {
        /// When the normal time ends and the time bank begins.
        deadline: Timestamp,
        /// When the time bank is used up too.
        expires: Timestamp,
    },
    /// It stands still while the game is paused.
    Frozen {
        /// Normal time that is left.
        time: Millis,
        /// Time bank that is left.
        bank: Millis,
    },
}

/// A time in which a room was not served, through no fault of its players: an outage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unserved {
    /// When it was last served.
    pub from: Timestamp,
    /// When it was served again. Before `from`: the database's clock was put back, and `from` is by the clock as it was.
    pub until: Timestamp,
}

/// Who is asked for a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The player whose action it is.
    Actor(SeatIndex),
    /// All who are still in: how often to run the missing cards.
    Runs,
}

/// The decision that the table waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Whose decision it is.
    pub asked: Asked,
    /// When the turn began.
    pub started_at: Timestamp,
    /// How long it may take.
    pub clock: Clock,
    /// When the clock asks whether the actor is there. `None` once it has given them the time bank, and while it stands still.
    pub asks_at: Option<Timestamp>,
}

impl Turn {
    /// The longest that the actor is given after an outage of ours, whatever was left: 15 s.
    pub const AFTER_OUTAGE: Millis = Millis::from_secs(15);

    /// A turn that begins now. The clock asks for the actor when the normal time ends; without a clock, at once.
    pub fn begin(asked: Asked, at: Timestamp, timeout: Millis, bank: Millis) -> Self {
        let clock = if timeout == Millis::ZERO {
            Clock::Unlimited
        } else {
            Clock::Running { deadline: at + timeout, expires: at + timeout + bank }
        };
        Self { asked, started_at: at, clock, asks_at: Some(at + timeout) }
    }

    /// Who is to act, if one player is.
    pub const fn actor(&self) -> Option<SeatIndex> {
        match self.asked {
            Asked::Actor(seat) => Some(seat),
            Asked::Runs => None,
        }
    }

    /// Whether the clock has to ask whether the actor is there.
    pub fn is_to_ask(&self, at: Timestamp) -> bool {
        self.asks_at.is_some_and(|asks_at| asks_at <= at)
    }

    /// What of the time bank is left at `at`.
    pub fn bank_left(&self, at: Timestamp, bank: Millis) -> Millis {
        match self.clock {
            Clock::Unlimited => bank,
            Clock::Running { deadline, expires } => (expires - deadline) - (at - deadline),
            Clock::Frozen { bank, .. } => bank,
        }
    }

    /// Stops the clock.
    pub fn freeze(&mut self, at: Timestamp) {
        if let Clock::Running { deadline, expires } = self.clock {
            self.clock = Clock::Frozen { time: deadline - at, bank: expires - at.max(deadline) };
        }
        self.asks_at = None;
    }

    /// Lets the clock run again.
    pub fn thaw(&mut self, at: Timestamp) {
        match self.clock {
            Clock::Frozen { time, bank } => {
                self.clock = Clock::Running { deadline: at + time, expires: at + time + bank };
                // Without normal time left, it stood still in the time bank.
                self.asks_at = (time > Millis::ZERO).then_some(at + time);
            }
            Clock::Unlimited => self.asks_at = Some(at),
            Clock::Running { .. } => {}
        }
    }

    /// Gives back what an outage of ours took, and at least [`Turn::AFTER_OUTAGE`]; the time bank stays as it was when
    /// the outage began. The turn begins anew, so that the same outage again changes next to nothing.
    ///
    /// An outage that begins after `at` is a clock that was put back: it is worth what it seemed to last when it began. Of a turn
    /// that began before `at` all the same it can't be told by which clock, so it may last a whole one longer, of `timeout`.
    ///
    /// A turn that began when the outage was over has lost nothing by it, however late this is asked. A turn without a clock has
    /// nothing to get back; the clock asks for its actor when they have been forgiven their silence.
    pub fn forgive(&mut self, outage: Unserved, at: Timestamp, timeout: Millis) {
        let Unserved { from: outage_began, until } = outage;
        if outage_began <= until && self.started_at >= until {
            return;
        }
        let (deadline, expires) = match self.clock {
            Clock::Running { deadline, expires } => (deadline, expires),
            Clock::Unlimited => {
                self.asks_at = self.asks_at.map(|_| at);
                return;
            }
            Clock::Frozen { .. } => return,
        };
        if outage_began > at && self.started_at <= at {
            let latest = deadline.min(at + Millis(timeout.0.max(Self::AFTER_OUTAGE.0)));
            self.clock = Clock::Running { deadline: latest, expires: latest + (expires - deadline) };
            self.asks_at = self.asks_at.map(|_| latest);
            return;
        }
        let began = outage_began.max(self.started_at);
        let time = Millis((deadline - began).0.max(Self::AFTER_OUTAGE.0));
        let bank = expires - began.max(deadline);
        self.clock = Clock::Running { deadline: at + time, expires: at + time + bank };
        self.asks_at = Some(at + time);
        // Several nodes may see the same outage: the next one gives nothing back that was given already.
        self.started_at = at;
    }

    /// Whether the normal time is used up: then the time bank runs, or the turn is over.
    pub fn is_past_deadline(&self, at: Timestamp) -> bool {
        matches!(self.clock, Clock::Running { deadline, .. } if deadline <= at)
    }

    /// Whether the clock has to decide.
    pub fn is_over(&self, at: Timestamp) -> bool {
        matches!(self.clock, Clock::Running { expires, .. } if expires <= at)
    }
}

/// A hand with the people in it. Readable until the next one begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dealt {
    /// Its id.
    pub id: HandId,
    /// Its number in the game, from 1.
    pub number: u64,
    /// When it was dealt.
    pub started_at: Timestamp,
    /// When it was over.
    pub completed_at: Option<Timestamp>,
    /// Time for a decision in this hand; a change of the settings waits for the next.
    pub action_timeout: Millis,
    /// Who played which seat.
    pub players: BTreeMap<SeatIndex, UserId>,
    /// The cards, chips and rules.
    pub hand: Hand,
    /// What the deck and its proofs follow from; none in hands from before there were proofs.
    pub seed: Option<Seed>,
    /// How long the players are asked how often to run the missing cards; `None` where nobody is asked.
    pub run_vote: Option<Millis>,
    /// Who may see what would have come.
    pub rabbit_hunt: RabbitHunt,
    /// What players did beside their actions.
    pub beside: Beside,
}

/// What players did in a hand beside their actions. Stored in the log alone, and read again from there ([`Beside::recall`]).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beside {
    /// The most runs that each player accepts who has said so, while that is asked.
    pub answers: BTreeMap<SeatIndex, u8>,
    /// Cards that players showed of their own will.
    pub shown: BTreeMap<SeatIndex, Vec<Card>>,
    /// Who asked what would have come.
    pub hunters: BTreeSet<UserId>,
}

impl Beside {
    /// Takes in an event of the hand's log.
    pub fn recall(&mut self, event: &Event) {
        if let (Happened::RunsAnswered { seat, .. }, Secret::Runs(runs)) = (&event.what, &event.secret) {
            self.answers.insert(*seat, *runs);
        } else if let Happened::RunsDecided { .. } = &event.what {
            self.answers.clear();
        } else if let Happened::CardsShown { seat, cards, .. } = &event.what {
            self.show(*seat, cards);
        } else if let Happened::RabbitShown { user, .. } = &event.what {
            self.hunters.insert(*user);
        }
    }

    /// Notes cards that a player showed.
    pub fn show(&mut self, seat: SeatIndex, cards: &[Card]) {
        let shown = self.shown.entry(seat).or_default();
        let news: Vec<Card> = cards.iter().filter(|card| !shown.contains(card)).copied().collect();
        shown.extend(news);
    }
}

/// The question how often to run the missing cards, as everybody sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Who is asked.
    pub seats: Vec<SeatIndex>,
    /// The most that can be answered.
    pub max_runs: u8,
    /// The turn's number.
    pub turn: u64,
    /// When a player who hasn't answered counts as 1; `None` while the clock stands still.
    pub expires: Option<Timestamp>,
    /// Who has answered; never what.
    pub answered: Vec<SeatIndex>,
}

impl Question {
    /// How often the missing cards are run, once that follows from the answers: the smallest of them when all have answered, and
    /// at once when somebody wants no more than one. `None` while somebody has to be waited for.
    pub fn decided(seats: &[SeatIndex], answers: &BTreeMap<SeatIndex, u8>) -> Option<u8> {
        let least = answers.values().min().copied()?;
        (least == 1 || seats.iter().all(|seat| answers.contains_key(seat))).then_some(least)
    }
}

impl Dealt {
    /// To which deck the room is committed.
    pub fn commitment(&self, room: RoomId) -> Option<Commitment> {
        let seed = self.seed.as_ref()?;
        Some(Chances::new(seed, room, self.number).commitment(self.hand.deck()))
    }
}

/// The game of a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Game {
    /// Its id.
    pub id: GameId,
    /// Where it stands.
    pub status: GameStatus,
    /// Whether it ends with the hand that is being played.
    pub ending: bool,
    /// Hands dealt so far.
    pub hand_number: u64,
    /// The number of the current or last turn: goes up with each decision asked for, through the whole game.
    pub turn_number: u64,
    /// The decision that is waited for.
    pub turn: Option<Turn>,
    /// When the next hand is due.
    pub next_hand_at: Option<Timestamp>,
    /// Where a rotation of games is; `None` before its first hand, and without one.
    pub rotation: Option<Place>,
    /// What the hands so far leave behind for the button and the blinds of the next one.
    pub places: Option<Places>,
    /// Whether the host has asked for a bomb pot: the next hand is one.
    pub bomb_pot_queued: bool,
    /// The hand being played, or the last one.
    pub dealt: Option<Dealt>,
}

impl Game {
    /// A game that waits for its start.
    pub fn new(id: GameId) -> Self {
        Self {
            id,
            status: GameStatus::Waiting,
            ending: false,
            hand_number: 0,
            turn_number: 0,
            turn: None,
            next_hand_at: None,
            rotation: None,
            places: None,
            bomb_pot_queued: false,
            dealt: None,
        }
    }

    /// The hand being played.
    pub fn live(&self) -> Option<&Dealt> {
        self.dealt.as_ref().filter(|dealt| !dealt.hand.is_complete())
    }

    /// The same, to play on.
    pub fn live_mut(&mut self) -> Option<&mut Dealt> {
        self.dealt.as_mut().filter(|dealt| !dealt.hand.is_complete())
    }

    /// Whether `seat` is dealt into the hand being played (folded or not).
    pub fn is_in_live_hand(&self, seat: SeatIndex) -> bool {
        self.live().is_some_and(|dealt| dealt.players.contains_key(&seat))
    }

    /// How long the decision that is waited for may take, time banks apart.
    pub fn time_of_turn(&self) -> Millis {
        let Some(dealt) = self.live() else { return Millis::ZERO };
        match self.turn.map(|turn| turn.asked) {
            Some(Asked::Runs) => dealt.run_vote.unwrap_or_default(),
            Some(Asked::Actor(_)) | None => dealt.action_timeout,
        }
    }

    /// When the clock must look at this game again.
    pub fn wake_at(&self) -> Option<Timestamp> {
        let turn = self.turn.and_then(|turn| match turn.clock {
            Clock::Running { expires, .. } => Some(turn.asks_at.map_or(expires, |asks_at| asks_at.min(expires))),
            Clock::Unlimited => turn.asks_at,
            Clock::Frozen { .. } => None,
        });
        turn.into_iter().chain(self.next_hand_at).min()
    }

    /// Whether a decision of this seat is waited for: an action, or an answer to a question.
    pub fn waits_for(&self, seat: SeatIndex) -> bool {
        let asked = |question: Question| question.seats.contains(&seat) && !question.answered.contains(&seat);
        self.turn.is_some_and(|turn| turn.actor() == Some(seat)) || self.question().is_some_and(asked)
    }

    /// The question how often to run the missing cards, while it is open.
    pub fn question(&self) -> Option<Question> {
        let turn = self.turn.filter(|turn| turn.asked == Asked::Runs)?;
        let dealt = self.live()?;
        Some(Question {
            seats: dealt.hand.live_seats(),
            max_runs: dealt.hand.most_runs(),
            turn: self.turn_number,
            expires: match turn.clock {
                Clock::Running { expires, .. } => Some(expires),
                Clock::Unlimited | Clock::Frozen { .. } => None,
            },
            answered: dealt.beside.answers.keys().copied().collect(),
        })
    }

    /// The turn as readers see it; `bank` is what the actor has in the time bank. `None` if nobody is to act.
    pub fn timer(&self, bank: Millis) -> Option<Timer> {
        let turn = self.turn?;
        let actor = turn.actor()?;
        let (deadline, expires) = match turn.clock {
            Clock::Running { deadline, expires } => (Some(deadline), Some(expires)),
            Clock::Unlimited | Clock::Frozen { .. } => (None, None),
        };
        Some(Timer { actor, turn: self.turn_number, started_at: turn.started_at, deadline, expires, timebank: bank })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn() -> Turn {
        Turn::begin(Asked::Actor(SeatIndex(0)), Timestamp(100_000), Millis::from_secs(30), Millis::from_secs(60))
    }

    #[test]
    fn a_pause_keeps_the_time_that_was_left() {
        let mut turn = turn();
        turn.freeze(Timestamp(120_000));
        assert_eq!(turn.clock, Clock::Frozen { time: Millis(10_000), bank: Millis(60_000) });
        turn.thaw(Timestamp(500_000));
        assert_eq!(turn.clock, Clock::Running { deadline: Timestamp(510_000), expires: Timestamp(570_000) });
    }

    #[test]
    fn a_pause_in_the_time_bank_keeps_the_rest_of_the_bank() {
        let mut turn = turn();
        turn.freeze(Timestamp(150_000));
        assert_eq!(turn.clock, Clock::Frozen { time: Millis::ZERO, bank: Millis(40_000) });
    }

    fn outage(from: i64, until: i64) -> Unserved {
        Unserved { from: Timestamp(from), until: Timestamp(until) }
    }

    #[test]
    fn a_turn_that_began_when_the_outage_was_over_has_lost_nothing_by_it() {
        let mut since = turn();
        since.forgive(outage(50_000, 100_000), Timestamp(200_000), Millis::from_secs(30));
        assert_eq!(since, turn());
    }

    /// P7: our outage is never your timeout.
    #[test]
    fn after_an_outage_the_actor_has_what_was_left_and_at_least_15_seconds() {
        let mut early = turn();
        early.forgive(outage(105_000, 200_000), Timestamp(200_000), Millis::from_secs(30));
        assert_eq!(early.clock, Clock::Running { deadline: Timestamp(225_000), expires: Timestamp(285_000) });
        let mut late = turn();
        late.forgive(outage(129_000, 200_000), Timestamp(200_000), Millis::from_secs(30));
        assert_eq!(late.clock, Clock::Running { deadline: Timestamp(215_000), expires: Timestamp(275_000) });
        let mut in_bank = turn();
        in_bank.forgive(outage(140_000, 200_000), Timestamp(200_000), Millis::from_secs(30));
        assert_eq!(in_bank.clock, Clock::Running { deadline: Timestamp(215_000), expires: Timestamp(265_000) });
    }

    /// C2: the database's clock was put back by 100 s. Who had 20 s has 20 s, and not 120; also if two nodes see it.
    #[test]
    fn a_clock_that_was_put_back_gives_the_actor_what_was_left_and_no_more() {
        let mut turn = turn();
        for at in [10_500, 10_507] {
            turn.forgive(outage(110_000, at), Timestamp(at), Millis::from_secs(30));
            assert_eq!(turn.clock, Clock::Running { deadline: Timestamp(30_500), expires: Timestamp(90_500) });
        }
        let mut since =
            Turn::begin(Asked::Actor(SeatIndex(1)), Timestamp(10_400), Millis::from_secs(30), Millis::from_secs(60));
        let before = since;
        since.forgive(outage(110_000, 10_500), Timestamp(10_500), Millis::from_secs(30));
        assert_eq!(since, before, "it has begun since");
        let mut long_ago = Turn { started_at: Timestamp(9_000), ..self::turn() };
        long_ago.forgive(outage(110_000, 10_500), Timestamp(10_500), Millis::from_secs(30));
        assert_eq!(long_ago.clock, Clock::Running { deadline: Timestamp(40_500), expires: Timestamp(100_500) });
    }

    /// Nodes that start together each find the outage.
    #[test]
    fn an_outage_that_two_nodes_forgive_is_forgiven_once() {
        let mut late = turn();
        late.forgive(outage(129_000, 200_000), Timestamp(200_000), Millis::from_secs(30));
        late.forgive(outage(129_000, 200_007), Timestamp(200_007), Millis::from_secs(30));
        assert_eq!(late.clock, Clock::Running { deadline: Timestamp(215_007), expires: Timestamp(275_007) });
    }

    #[test]
    fn the_time_bank_is_used_only_after_the_normal_time() {
        assert_eq!(turn().bank_left(Timestamp(130_000), Millis::from_secs(60)), Millis::from_secs(60));
        assert_eq!(turn().bank_left(Timestamp(131_000), Millis::from_secs(60)), Millis::from_secs(59));
        assert_eq!(turn().bank_left(Timestamp(999_000), Millis::from_secs(60)), Millis::ZERO);
    }
}
