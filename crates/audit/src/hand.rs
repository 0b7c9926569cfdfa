//! One hand, played again beside its log.

use std::collections::{BTreeMap, VecDeque};

use domain::card::Card;
use domain::card::deck::Deck;
use domain::card::seed::Chances;
use domain::chips::Chips;
use domain::event::{
    Acted, BountyPaid, Committed, EventKind, HandCompleted, Happened, OwnTurn, RunsAsked, Secret, Timer,
};
use domain::game::{self, Asked, Beside, Dealt};
use domain::hand::{Action, ActionKind, Blinds, Hand, HandSetup, Step};
use domain::ids::{HandId, RoomId, SeatIndex, UserId};
use domain::settings::RabbitHunt;
use domain::time::{Millis, Timestamp};
use ports::store::{ActionRecord, HandRecord, HandResult};

use super::compare::{self, Comparison, Mismatch, instant, list, share};

/// A hand so far.
pub(super) struct Replay {
    dealt: Dealt,
    /// What the engine says happened, and the log hasn't told yet.
    due: VecDeque<Due>,
    turn: Option<Turn>,
    /// The question how often to run the missing cards, while it is open.
    question: Option<Question>,
    is_timed: bool,
}

/// A question as far as it follows from the hand and its log.
struct Question {
    began: Timestamp,
    time: Millis,
    answers: BTreeMap<SeatIndex, u8>,
}

/// An event that has to come next.
struct Due {
    what: Happened,
    secret: Secret,
    turn: Option<Turn>,
    /// The turn as its player sees it.
    own: Option<OwnTurn>,
}

/// A turn as far as it follows from the hand.
#[derive(Clone, Copy)]
struct Turn {
    seat: SeatIndex,
    number: u64,
    began: Timestamp,
    /// What the actor had from then on, at least, before the clock could decide; with no clock: nothing.
    time: Millis,
    /// Whether an event has told of it.
    told: bool,
    /// Whether it began anew since.
    has_moved: bool,
}

fn mismatch(field: &str, expected: impl ToString, stored: impl ToString) -> Mismatch {
    Mismatch { field: field.to_owned(), expected: expected.to_string(), stored: stored.to_string() }
}

impl Replay {
    /// Deals from the hand's rows. `turns` counts the game's turns.
    pub(super) fn deal(room: RoomId, row: &HandRecord, turns: &mut u64) -> Result<Self, Mismatch> {
        let Ok(deck) = &row.deck else { return Err(mismatch("deck", "52 different cards", "none that opens")) };
        let Ok(seed) = &row.seed else { return Err(mismatch("seed", "32 bytes", "none that opens")) };
        if let Some(seed) = seed
            && Chances::new(seed, room, row.number).deck(row.setup.rules.game().pack) != *deck
        {
            return Err(mismatch("deck", "the one that follows from the seed", "another"));
        }
        can_be_dealt(&row.setup, deck)?;
        let (hand, steps) = Hand::deal(row.setup.clone(), deck.clone());
        let dealt = Dealt {
            id: row.id,
            number: row.number,
            started_at: row.started_at,
            completed_at: None,
            action_timeout: row.action_timeout,
            players: row.players.iter().map(|(seat, user, ..)| (*seat, *user)).collect(),
            hand,
            seed: seed.clone(),
            run_vote: row.run_vote,
            rabbit_hunt: row.rabbit_hunt,
            beside: Beside::default(),
        };
        let mut replay = Self { dealt, due: VecDeque::new(), turn: None, question: None, is_timed: true };
        // A hand that is over at once is told as it was before its first step.
        let turn = if steps.is_empty() { replay.pass_turn(false, row.started_at, turns) } else { None };
        let started = replay.dealt.started(room, None);
        let own = turn.and_then(|_| replay.dealt.own_turn());
        replay.due.push_back(Due { what: started.what, secret: started.secret, turn, own });
        if !steps.is_empty() {
            replay.owe(steps, None, true, row.started_at, turns);
        }
        replay.ask_for_runs(row.started_at, turns);
        Ok(replay)
    }

    pub(super) fn clock_was_set(&mut self) {
        self.is_timed = false;
    }

    pub(super) fn id(&self) -> HandId {
        self.dealt.id
    }

    pub(super) fn number(&self) -> u64 {
        self.dealt.number
    }

    /// Who won the whole main pot alone with a seven and a deuce, in a hand that has a bounty.
    pub(super) fn bounty_winner(&self) -> Option<SeatIndex> {
        self.dealt.hand.bounty_winner()
    }

    /// What is paid for a main pot that was won with a seven and a deuce, if they are shown; `chips` are those of a user in a seat.
    pub(super) fn bounty(&self, chips: impl Fn(SeatIndex, UserId) -> Option<Chips>) -> Option<BountyPaid> {
        self.dealt.bounty(|seat| chips(seat, *self.dealt.players.get(&seat)?))
    }

    /// Whether this player was dealt in.
    pub(super) fn has(&self, seat: SeatIndex) -> bool {
        self.dealt.players.contains_key(&seat)
    }

    /// Whose turn it is.
    pub(super) fn turn_seat(&self) -> Option<SeatIndex> {
        self.turn.map(|turn| turn.seat)
    }

    /// Who is asked for a decision.
    pub(super) fn asked(&self) -> Option<Asked> {
        let runs = self.question.as_ref().map(|_| Asked::Runs);
        runs.or(self.turn_seat().map(Asked::Actor))
    }

    /// When the turn began as far as the log tells, what time a decision has, and whether it began anew meanwhile.
    pub(super) fn turn(&self) -> Option<(Timestamp, Millis, bool)> {
        if let Some(question) = &self.question {
            return Some((question.began, question.time, false));
        }
        self.turn.map(|turn| (turn.began, self.dealt.action_timeout, turn.has_moved))
    }

    /// Whether decisions have a time.
    pub(super) fn has_clock(&self) -> bool {
        self.dealt.action_timeout > Millis::ZERO
    }

    /// What the log has to tell next.
    pub(super) fn owed(&self) -> Option<&str> {
        self.due.front().map(|due| due.what.name())
    }

    /// Does what an action's row says. `sits_out`: its player did before it.
    pub(super) fn act(&mut self, row: &ActionRecord, sits_out: bool, turns: &mut u64) -> Result<(), Mismatch> {
        if let Some(owed) = self.owed() {
            return Err(mismatch("event", owed, EventKind::Acted.name()));
        }
        let actor = self.dealt.hand.actor();
        let in_turn = actor == Some(row.seat);
        let answers = in_turn.then_some(*turns);
        if row.turn != answers {
            let show = |turn: Option<u64>| turn.map_or("none".to_owned(), |turn| turn.to_string());
            return Err(mismatch("turn that is answered", show(answers), show(row.turn)));
        }
        if row.auto {
            self.may_be_automatic(row, sits_out)?;
        }
        let action = match row.kind {
            ActionKind::Fold => Action::Fold,
            ActionKind::Check => Action::Check,
            ActionKind::Call => Action::Call,
            ActionKind::Bet => Action::Bet(row.amount),
            ActionKind::Raise => Action::Raise(row.amount),
            ActionKind::AllIn => Action::AllIn,
        };
        // As Hand::replay does it.
        let steps = if action == Action::Fold && !in_turn {
            self.dealt.hand.fold_out_of_turn(row.seat)
        } else {
            let refused = |err: domain::hand::ActionError| {
                let actor = actor.map_or("nobody is to act".to_owned(), |seat| format!("seat {seat} is to act"));
                let stored = format!("{} {} by seat {}", row.kind.name(), row.amount, row.seat);
                mismatch("legal action", format!("{actor}, {err}"), stored)
            };
            self.dealt.hand.act(row.seat, action).map_err(refused)?
        };
        if steps.is_empty() {
            return Err(mismatch("action", "a fold without effect", "one that counts"));
        }
        self.owe(steps, answers, row.auto, row.at, turns);
        self.ask_for_runs(row.at, turns);
        Ok(())
    }

    /// Once the betting is over with cards to come that may be run more than once: the question, or the runs where nobody is
    /// asked.
    fn ask_for_runs(&mut self, at: Timestamp, turns: &mut u64) {
        if !self.dealt.hand.asks_for_runs() || self.question.is_some() {
            return;
        }
        let (hand, max_runs) = (self.dealt.id, self.dealt.hand.most_runs());
        let what = match self.dealt.run_vote {
            Some(time) => {
                *turns += 1;
                self.question = Some(Question { began: at, time, answers: BTreeMap::new() });
                let seats = self.dealt.hand.live_seats();
                Happened::RunsAsked(RunsAsked { hand, seats, max_runs, turn: *turns, expires: Some(at + time) })
            }
            None => Happened::RunsDecided { hand, runs: max_runs },
        };
        self.due.push_back(Due { what, secret: Secret::None, turn: None, own: None });
        if self.question.is_none() {
            self.run(max_runs, at, turns);
        }
    }

    fn run(&mut self, runs: u8, at: Timestamp, turns: &mut u64) {
        self.question = None;
        let steps = self.dealt.hand.run_out(runs).expect("as often as is offered, at most");
        self.owe(steps, None, true, at, turns);
    }

    /// Somebody answers the question how often to run the missing cards.
    pub(super) fn is_answered(&mut self, stored: &Committed) -> Result<(), Mismatch> {
        let Happened::RunsAnswered { seat, user, .. } = &stored.event.what else { return Ok(()) };
        if let Some(owed) = self.owed() {
            return Err(mismatch("event", owed, stored.event.what.name()));
        }
        let (seats, max_runs) = (self.dealt.hand.live_seats(), self.dealt.hand.most_runs());
        let Some(question) = &mut self.question else { return Err(mismatch("question", "none", "an answer")) };
        if game::Question::decided(&seats, &question.answers).is_some() {
            return Err(mismatch("question", "settled", "another answer"));
        }
        if !seats.contains(seat) || self.dealt.players.get(seat) != Some(user) {
            return Err(mismatch("who is asked", list(&seats, ToString::to_string), seat));
        }
        let Secret::Runs(runs) = stored.event.secret else {
            return Err(mismatch("hidden part", "a number of runs", "something else"));
        };
        if !(1..=max_runs).contains(&runs) {
            return Err(mismatch("answer", format!("1 to {max_runs}"), "another number"));
        }
        if question.answers.insert(*seat, runs).is_some() {
            return Err(mismatch("answers", format!("one of seat {seat}"), "a second one"));
        }
        Ok(())
    }

    /// It is decided how often the missing cards are run: by the answers, or when the time is over.
    pub(super) fn is_decided(&mut self, stored: &Committed, turns: &mut u64) -> Result<(), Mismatch> {
        let Happened::RunsDecided { runs, .. } = &stored.event.what else { return Ok(()) };
        let Some(question) = &self.question else { return self.told(stored) };
        if let Some(owed) = self.owed() {
            return Err(mismatch("event", owed, stored.event.what.name()));
        }
        let is_over = !self.is_timed || stored.at >= question.began + question.time;
        let decided = game::Question::decided(&self.dealt.hand.live_seats(), &question.answers);
        match decided.or(is_over.then_some(1)) {
            Some(expected) if expected == *runs => {}
            Some(expected) => return Err(mismatch("runs", expected, runs)),
            None => return Err(mismatch("runs", "not decided yet", runs)),
        }
        self.run(*runs, stored.at, turns);
        Ok(())
    }

    /// A player shows cards when the hand is over.
    pub(super) fn is_shown(&mut self, stored: &Committed) -> Result<(), Mismatch> {
        let Happened::CardsShown { seat, user, cards, .. } = &stored.event.what else { return Ok(()) };
        if self.dealt.players.get(seat) != Some(user) {
            return Err(mismatch("who shows cards", "a player of the hand", format!("{user} in seat {seat}")));
        }
        let own = self.dealt.hand.player(*seat).map_or(&[][..], |player| player.hole.cards());
        let is_own = |(at, card): (usize, &Card)| own.contains(card) && !cards[..at].contains(card);
        if cards.is_empty() || !cards.iter().enumerate().all(is_own) {
            return Err(mismatch("cards that are shown", "the player's own", "others"));
        }
        let shown = self.dealt.shown_cards(*seat);
        if cards.iter().all(|card| shown.contains(card)) {
            return Err(mismatch("cards that are shown", "some that weren't before", "none"));
        }
        if stored.event.secret != Secret::None {
            return Err(mismatch("hidden part", "none", "one"));
        }
        self.dealt.beside.show(*seat, cards);
        Ok(())
    }

    /// A player asks what would have come.
    pub(super) fn is_hunted(&mut self, stored: &Committed) -> Result<(), Mismatch> {
        let Happened::RabbitShown { user, boards, .. } = &stored.event.what else { return Ok(()) };
        if !self.dealt.players.values().any(|player| player == user) {
            return Err(mismatch("who asks what would have come", "a player of the hand", user));
        }
        if !self.dealt.beside.hunters.insert(*user) {
            return Err(mismatch("questions what would have come", format!("one of {user}"), "a second one"));
        }
        let Some(expected) = self.dealt.hand.undealt_boards() else {
            return Err(mismatch("what would have come", "nothing: the hand was played to its end", "a board"));
        };
        let is_so = match self.dealt.rabbit_hunt {
            RabbitHunt::Off => false,
            RabbitHunt::Asker => {
                boards.is_none() && stored.event.secret == Secret::Boards { of: *user, boards: expected }
            }
            RabbitHunt::Room => boards.as_ref() == Some(&expected) && stored.event.secret == Secret::None,
        };
        if is_so {
            Ok(())
        } else {
            Err(mismatch("what would have come", "as the deck and the room have it", "another"))
        }
    }

    /// The clock and the host fold and check. The clock is never early but for who sits out, and without one it is for who is
    /// gone.
    fn may_be_automatic(&self, row: &ActionRecord, sits_out: bool) -> Result<(), Mismatch> {
        match row.kind {
            ActionKind::Fold => Ok(()),
            ActionKind::Check => {
                let timeout = self.dealt.action_timeout;
                match self.turn {
                    Some(_) if sits_out || timeout == Millis::ZERO => Ok(()),
                    Some(turn) if row.at >= turn.began + turn.time || !self.is_timed => Ok(()),
                    Some(turn) => Err(mismatch(
                        "time of a check by the clock",
                        instant(&(turn.began + turn.time)),
                        instant(&row.at),
                    )),
                    None => Err(mismatch("decision", "no clock", "a check by the clock")),
                }
            }
            ActionKind::Call | ActionKind::Bet | ActionKind::Raise | ActionKind::AllIn => {
                Err(mismatch("automatic action", "FOLD or CHECK", row.kind.name()))
            }
        }
    }

    fn owe(&mut self, steps: Vec<Step>, answered: Option<u64>, auto: bool, at: Timestamp, turns: &mut u64) {
        let turn = self.pass_turn(answered.is_some(), at, turns);
        let last = steps.len() - 1;
        for (index, step) in steps.into_iter().enumerate() {
            let what = self.dealt.happened(step, answered, auto, None);
            let turn = turn.filter(|_| index == last);
            let own = turn.and_then(|_| self.dealt.own_turn());
            self.due.push_back(Due { what, secret: Secret::None, turn, own });
        }
    }

    /// A fold out of turn leaves the turn of the one who is thinking alone.
    fn pass_turn(&mut self, answered: bool, at: Timestamp, turns: &mut u64) -> Option<Turn> {
        let actor = self.dealt.hand.actor();
        if answered || self.turn_seat() != actor {
            self.turn = actor.map(|seat| {
                *turns += 1;
                Turn { seat, number: *turns, began: at, time: self.dealt.action_timeout, told: false, has_moved: false }
            });
        }
        self.turn
    }

    /// Compares the next event of the hand.
    pub(super) fn told(&mut self, stored: &Committed) -> Result<(), Mismatch> {
        let Some(due) = self.due.pop_front() else {
            return Err(mismatch("event", "nothing happened", stored.event.what.name()));
        };
        if let Some(found) = compare::events(&due.what, &stored.event.what) {
            return Err(found);
        }
        if due.secret != stored.event.secret {
            return Err(mismatch("cards of the players", "the first of the deck", "others"));
        }
        // Events from before it was kept have none.
        if stored.event.turn.is_some() && due.own != stored.event.turn {
            return Err(mismatch("what the player to act was told", "what the hand allows", "something else"));
        }
        self.clock(due.turn, stored.event.what.facts().timer, stored.at)
    }

    fn clock(&mut self, turn: Option<Turn>, stored: Option<&Timer>, at: Timestamp) -> Result<(), Mismatch> {
        let timeout = self.dealt.action_timeout;
        let stored_turn = stored.map(|timer| (timer.actor, timer.turn));
        let name = |turn: &Option<(SeatIndex, u64)>| {
            turn.map_or("nobody's".to_owned(), |(seat, number)| format!("turn {number} of seat {seat}"))
        };
        let compared =
            Comparison::default().shown("turn", &turn.map(|turn| (turn.seat, turn.number)), &stored_turn, name);
        let Some((mut turn, stored)) = turn.zip(stored) else { return compared.first().map_or(Ok(()), Err) };
        // A turn begins anew after an outage of ours, or when the clock was put back. That has no event: the next one that tells
        // of this turn says when it was.
        if turn.told && turn.began != stored.started_at && stored.started_at <= at {
            (turn.began, turn.time) = (stored.started_at, turn.time.min(domain::game::Turn::AFTER_OUTAGE));
            turn.has_moved = true;
        }
        let is_new = !turn.told;
        turn.told = true;
        self.turn = Some(turn);
        let compared = compared.shown("beginning of the turn", &turn.began, &stored.started_at, instant);
        if is_new && let Some(stored_deadline) = stored.deadline {
            // None but for a game that is paused, and without a clock.
            let deadline = Some(turn.began + timeout).filter(|_| self.has_clock());
            let show = |at: &Option<Timestamp>| at.as_ref().map_or("none".to_owned(), instant);
            let expires = deadline.map(|deadline| deadline + stored.timebank);
            return compared
                .shown("deadline", &deadline, &Some(stored_deadline), show)
                .shown("end of the turn", &expires, &stored.expires, show)
                .first()
                .map_or(Ok(()), Err);
        }
        // A clock that stands still, or was moved by a pause or an outage while somebody else folded, has no deadline to compare.
        let deadline = turn.began + turn.time;
        let early = stored.deadline.filter(|at| *at < deadline && timeout > Millis::ZERO).unwrap_or(deadline);
        compared.shown("deadline", &deadline, &early, instant).first().map_or(Ok(()), Err)
    }

    /// The hand's end, when all of it was told.
    pub(super) fn ends_as(
        &self,
        done: &HandCompleted,
        at: Timestamp,
        row: Option<&HandResult>,
    ) -> Result<(), Mismatch> {
        let Some(HandResult { completed_at, pot, runs, told }) = row else {
            return Err(mismatch("hands row", "complete", "not complete"));
        };
        let Ok(told) = told else { return Err(mismatch("winners in the hands row", "some", "none that can be")) };
        let won: Chips = done.winners.iter().map(|winner| winner.amount).sum();
        Comparison::default()
            .shown("end in the hands row", &at, completed_at, instant)
            .cards("board in the hands row", &done.boards.concat(), &told.boards.concat())
            .field("pot in the hands row", &won, pot)
            .shown("runs in the hands row", &self.dealt.hand.runs(), runs, |runs| {
                runs.map_or("none".to_owned(), |runs| runs.to_string())
            })
            .shown("winners in the hands row", &done.winners, &told.winners, |all| list(all, share))
            .all("shown cards in the hands row", &done.shown, &told.shown)
            .first()
            .map_or(Ok(()), Err)
    }
}

/// An action's row against its event: the two are written together.
pub(super) fn row_of(acted: &Acted, at: Timestamp, row: &ActionRecord) -> Result<(), Mismatch> {
    let turn = |turn: &Option<u64>| turn.map_or("none".to_owned(), |turn| turn.to_string());
    Comparison::default()
        .field("hand in the actions row", &acted.hand, &row.hand)
        .field("seat in the actions row", &acted.seat, &row.seat)
        .field("user in the actions row", &acted.user, &row.user)
        .field("street in the actions row", &acted.street.name(), &row.street.name())
        .field("action in the actions row", &acted.kind.name(), &row.kind.name())
        .field("amount in the actions row", &acted.amount, &row.amount)
        .shown("turn in the actions row", &acted.turn, &row.turn, turn)
        .field("automatic in the actions row", &acted.auto, &row.auto)
        .shown("time in the actions row", &at, &row.at, instant)
        .first()
        .map_or(Ok(()), Err)
}

/// What dealing takes for granted.
fn can_be_dealt(setup: &HandSetup, deck: &Deck) -> Result<(), Mismatch> {
    let seats: Vec<SeatIndex> = setup.players.iter().map(|(seat, _)| *seat).collect();
    let rules = setup.rules;
    if deck.pack() != rules.game().pack {
        return Err(mismatch("deck", "the game's", "another game's"));
    }
    if !(2..=10).contains(&seats.len()) || !seats.is_sorted_by(|a, b| a < b) {
        return Err(mismatch("players rows", "two to ten", list(&seats, |seat| format!("seat {seat}"))));
    }
    if setup.blinds == Blinds::ByPosition && setup.is_button_dead() {
        return Err(mismatch("button in the hands row", list(&seats, |seat| format!("seat {seat}")), setup.button));
    }
    if rules.big_blind.is_zero() || rules.small_blind > rules.big_blind {
        let blinds = format!("{}/{}", rules.small_blind, rules.big_blind);
        return Err(mismatch("blinds in the hands row", "a big one that isn't below the small one", blinds));
    }
    if let Some((seat, stack)) =
        setup.players.iter().find(|(_, stack)| stack.is_zero() || stack.get() > super::room::LARGEST)
    {
        return Err(mismatch("stack in the players row", "one that can be", format!("{stack} (seat {seat})")));
    }
    setup.check().map_err(|wanted| mismatch("hands row", wanted, "something else"))
}
