//! I-4: a turn is answered once, by whoever was asked, and the clock decides neither early nor late. An outage is nobody's
//! timeout.

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::clock::Due;
use crate::dump::RoomDump;
use crate::event::{Acted, Logged, RunsAsked, Timer, What};
use crate::limits::Limits;
use crate::run::{Nemesis, Run};
use crate::verdict::{Findings, Invariant};

/// What the faults of a run mean for the clocks of turns. Instants are wall-clock milliseconds.
#[derive(Debug)]
pub struct Interference {
    outages: Vec<(i64, i64)>,
    faults: Vec<(i64, i64)>,
    clock_was_moved: bool,
}

impl Interference {
    /// Of the faults of a run.
    pub fn of(run: &Run, nemesis: &Nemesis, limits: &Limits) -> Self {
        Self {
            outages: nemesis.outages(run, limits),
            faults: nemesis.faults.iter().map(|fault| (fault.from, fault.to)).collect(),
            clock_was_moved: nemesis.moves_database_clock(),
        }
    }

    /// Outages of ours, from and to.
    pub fn outages(&self) -> &[(i64, i64)] {
        &self.outages
    }

    /// Whether the database's clock was moved: then its instants can't be compared with the rig's.
    pub fn clock_was_moved(&self) -> bool {
        self.clock_was_moved
    }

    /// Whether a fault may have given time back in this time.
    pub fn touches(&self, from: i64, to: i64) -> bool {
        self.clock_was_moved || self.faults.iter().any(|(began, ended)| *began <= to && from <= *ended)
    }

    /// Whether a turn may have begun anew: time is given back so for a fault that lasts as long as an outage.
    fn begins_anew(&self, (first, again): (i64, i64), limits: &Limits) -> bool {
        let edge = limits.fault_edge_ms;
        let is_forgiven = |(from, to): &(i64, i64)| {
            to - from >= limits.outage_ms - edge && *from <= again + edge && first - edge <= *to
        };
        self.clock_was_moved || first < again && self.faults.iter().any(is_forgiven)
    }
}

/// How the player stands for whom the clock decides.
#[derive(Clone, Copy, Debug, Default)]
pub struct Absence {
    /// Whether they sat out before.
    pub was_out: bool,
    /// Whether the clock sits them out with this decision.
    pub goes_out: bool,
    /// For how long nothing was heard of them, as far as is known.
    pub silence: Option<i64>,
    /// The silence after which they are gone.
    pub gone_after: i64,
    /// Whether they certainly weren't there when the normal time ended.
    pub is_away: bool,
}

impl Absence {
    fn is_silent_for(&self, length: i64) -> bool {
        self.silence.is_none_or(|silence| silence >= length)
    }
}

/// A clock that stands still: what is left of the normal time and of the time bank, in milliseconds.
#[derive(Clone, Copy, Debug)]
struct Frozen {
    time: i64,
    bank: i64,
}

/// A question to several players, how often to run the missing cards.
#[derive(Debug)]
struct Question {
    asked: RunsAsked,
    since: i64,
    answered: BTreeSet<u8>,
    /// When it is over; `None` while the game is paused.
    expires: Option<i64>,
    /// What is left while it is.
    left: i64,
}

/// The turns of a room.
#[derive(Debug)]
pub struct Turns<'a> {
    room: Uuid,
    /// The turn that waits for its answer. While the game is paused it has no deadline.
    pub pending: Option<Timer>,
    /// The question that waits for its answers.
    question: Option<Question>,
    /// The number of the last turn.
    pub number: u64,
    paused: bool,
    frozen: Option<Frozen>,
    /// Whether the pending turn was frozen once: an outage owes it nothing then.
    was_frozen: bool,
    answered: Option<(Uuid, u64)>,
    actions: usize,
    interference: &'a Interference,
    limits: &'a Limits,
}

impl<'a> Turns<'a> {
    /// None yet.
    pub fn new(room: Uuid, interference: &'a Interference, limits: &'a Limits) -> Self {
        Self {
            room,
            pending: None,
            question: None,
            number: 0,
            paused: false,
            frozen: None,
            was_frozen: false,
            answered: None,
            actions: 0,
            interference,
            limits,
        }
    }

    /// Takes in an event. `departs` says whether its user goes with it, `absence` how they stand; `dump` has the row of each
    /// action.
    pub fn see(
        &mut self,
        event: &Logged,
        (departs, absence): (bool, Absence),
        dump: &RoomDump,
        findings: &mut Findings,
    ) {
        let mut wrongs = Vec::new();
        match &event.what {
            What::Acted(acted) => {
                wrongs.extend(self.stored(event.seq, acted, dump));
                wrongs.extend(self.answer(event.at, acted, departs, absence));
            }
            What::RunsAsked(asked) => wrongs.extend(self.ask_all(asked, event.at, dump)),
            What::RunsAnswered { seat, .. } => wrongs.extend(self.answer_all(*seat, event.at)),
            What::RunsDecided { runs, .. } => wrongs.extend(self.decide(*runs, event.at)),
            What::HandCompleted(_) => (self.pending, self.question) = (None, None),
            What::GamePaused { .. } => self.pause(event.at),
            What::GameResumed { .. } => self.resume(event.at),
            _ => {}
        }
        if let Some(timer) = event.what.timer() {
            wrongs.extend(self.ask(timer, event.what.hand(), dump));
        }
        for say in wrongs {
            findings.at(Invariant::Turns, self.room, event.seq, say);
        }
    }

    /// When the clock has to decide the pending turn at the latest.
    pub fn due(&self) -> Option<Due> {
        if let Some(question) = &self.question {
            return Some(Due { since: question.since, at: question.expires? });
        }
        let turn = self.pending.as_ref()?;
        Some(Due { since: turn.started_at, at: turn.expires? })
    }

    /// Looks at what is left after the last event.
    pub fn finish(&self, dump: &RoomDump, findings: &mut Findings) {
        if dump.actions.len() != self.actions {
            let say = format!("{} actions are stored, the log has {}", dump.actions.len(), self.actions);
            findings.room(Invariant::Turns, self.room, say);
        }
    }

    fn stored(&mut self, seq: u64, acted: &Acted, dump: &RoomDump) -> Option<String> {
        let row = dump.actions.get(self.actions);
        self.actions += 1;
        let row = row.map(|row| {
            (
                row.seq,
                row.hand_id,
                row.turn,
                row.seat_index,
                row.user_id,
                &row.street,
                &row.action,
                row.amount,
                row.auto,
            )
        });
        let Acted { hand, user, seat, street, action, amount, auto, turn, .. } = acted;
        let told = (seq, *hand, *turn, *seat, *user, street, action, *amount, *auto);
        (row != Some(told)).then(|| format!("the log tells {told:?}, stored is {row:?}"))
    }

    fn answer(&mut self, at: i64, acted: &Acted, departs: bool, absence: Absence) -> Vec<String> {
        let mut wrong = Vec::new();
        let Some(turn) = acted.turn else {
            if acted.action != "FOLD" || !acted.auto || !departs {
                wrong.push("only a fold for somebody who goes answers no turn".to_owned());
            }
            return wrong;
        };
        if self.answered == Some((acted.hand, turn)) {
            wrong.push(format!("turn {turn} is answered twice"));
        }
        self.answered = Some((acted.hand, turn));
        match self.pending.take() {
            Some(pending) if pending.turn == turn && pending.actor == acted.seat => {
                wrong.extend(match acted.auto {
                    false => self.late_answer(&pending, at),
                    true if departs => None,
                    true => self.early_decision(&pending, at, absence).or_else(|| self.waited(&pending, at, absence)),
                });
            }
            Some(pending) => wrong.push(format!(
                "seat {} answers turn {turn}, asked was seat {} in turn {}",
                acted.seat, pending.actor, pending.turn
            )),
            None => wrong.push(format!("turn {turn} is answered, and nobody was asked")),
        }
        wrong
    }

    /// Nobody waits for who was sat out. Who is away has the normal time alone, and without a clock as long as until they are
    /// gone; they sit out then.
    fn early_decision(&self, turn: &Timer, at: i64, absence: Absence) -> Option<String> {
        if self.paused {
            return Some("the clock decides, and it stands still".to_owned());
        }
        let waits_for = |length| !(absence.was_out || absence.goes_out && absence.is_silent_for(length));
        let Some(expires) = turn.expires else {
            let early = waits_for(absence.gone_after);
            return early.then(|| "without a clock it is decided for somebody who isn't gone".to_owned());
        };
        let is_away_at_its_end =
            turn.deadline.is_some_and(|deadline| deadline <= at) && !waits_for(self.limits.call_ms);
        if at < expires && !absence.was_out && !is_away_at_its_end {
            return Some(format!("the clock decides {} ms early", expires - at));
        }
        if self.was_frozen || self.interference.clock_was_moved {
            return None;
        }
        let owed = self.interference.outages.iter().filter(|(from, to)| turn.started_at <= *from && *to <= at);
        let until = owed.map(|(_, to)| to + self.limits.after_outage_ms - self.limits.fault_edge_ms).max()?;
        (at < until).then(|| format!("an outage of ours is a timeout: decided {} ms too early", until - at))
    }

    /// Who is away when the normal time ends has no time bank, and sits out.
    fn waited(&self, turn: &Timer, at: i64, absence: Absence) -> Option<String> {
        if !absence.is_away || absence.was_out || self.was_frozen {
            return None;
        }
        if !absence.goes_out {
            return Some("somebody who is away isn't sat out when their time is up".to_owned());
        }
        let waited = turn.deadline.map_or(0, |deadline| at - deadline);
        (waited > self.limits.late_clock_ms).then(|| format!("somebody who is away is waited for {waited} ms more"))
    }

    fn late_answer(&self, turn: &Timer, at: i64) -> Option<String> {
        let expires = turn.expires?;
        let late = !self.interference.clock_was_moved && at >= self.end_of_answers(turn.started_at, expires);
        late.then(|| format!("an answer is taken {} ms after the time was up", at - expires))
    }

    /// From when on no answer may be taken: time may have been given back for a fault.
    fn end_of_answers(&self, started: i64, expires: i64) -> i64 {
        let mut latest = expires;
        for (from, to) in &self.interference.faults {
            if *from <= latest + self.limits.fault_edge_ms && *to >= started - self.limits.fault_edge_ms {
                let forgiven = if to - from >= self.limits.outage_ms - self.limits.fault_edge_ms {
                    (to - from) + self.limits.after_outage_ms + (expires - started)
                } else {
                    0
                };
                latest = latest.max(to.max(&expires) + forgiven + self.limits.late_after_fault_ms);
            }
        }
        latest
    }

    fn ask(&mut self, timer: &Timer, hand: Option<Uuid>, dump: &RoomDump) -> Vec<String> {
        if let Some(pending) = &mut self.pending
            && pending.turn == timer.turn
        {
            let began = (pending.started_at, timer.started_at);
            let same = pending.actor == timer.actor
                && (began.0 == began.1 || self.interference.begins_anew(began, self.limits));
            // An outage may have given time back meanwhile.
            (pending.started_at, pending.deadline, pending.expires) = (timer.started_at, timer.deadline, timer.expires);
            return if same { Vec::new() } else { vec![format!("turn {} changes to {timer:?}", timer.turn)] };
        }
        let follows = timer.turn == self.number + 1;
        let wrong =
            if follows { Vec::new() } else { vec![format!("turn {} follows turn {}", timer.turn, self.number)] };
        self.number = timer.turn;
        self.pending = Some(timer.clone());
        (self.frozen, self.was_frozen) = (None, self.paused);
        let timeout = dump.hands.iter().rev().find(|row| Some(row.id) == hand).map_or(0, |row| row.action_timeout_ms);
        if self.paused && timeout > 0 {
            self.frozen = Some(Frozen { time: timeout, bank: timer.timebank });
        }
        wrong
    }

    /// Whether somebody is asked, an actor or several players.
    pub fn asks_somebody(&self) -> bool {
        self.pending.is_some() || self.question.is_some()
    }

    fn ask_all(&mut self, asked: &RunsAsked, at: i64, dump: &RoomDump) -> Vec<String> {
        let mut wrong = Vec::new();
        if asked.turn != self.number + 1 {
            wrong.push(format!("the question {} follows turn {}", asked.turn, self.number));
        }
        if self.asks_somebody() {
            wrong.push("all are asked while somebody is".to_owned());
        }
        if asked.seats.len() < 2 || !(2..=3).contains(&asked.max_runs) {
            wrong.push(format!("{} are asked for {} runs", asked.seats.len(), asked.max_runs));
        }
        if asked.expires.is_none() != self.paused {
            wrong.push("a question has a clock in a game that is paused, or none in one that runs".to_owned());
        }
        self.number = asked.turn;
        let vote = dump.hands.iter().find(|row| row.id == asked.hand).and_then(|row| row.house.as_ref()?.run_vote);
        if vote.is_none_or(|vote| asked.expires.is_some_and(|expires| expires - at != vote)) {
            wrong.push(format!("the question lasts until {:?}, its hand has {vote:?} ms for it", asked.expires));
        }
        self.question = Some(Question {
            asked: asked.clone(),
            since: at,
            answered: BTreeSet::new(),
            expires: asked.expires,
            left: vote.unwrap_or_default(),
        });
        wrong
    }

    fn answer_all(&mut self, seat: u8, at: i64) -> Option<String> {
        let latest =
            self.question.as_ref().and_then(|question| Some(self.end_of_answers(question.since, question.expires?)));
        let Some(question) = &mut self.question else {
            return Some(format!("seat {seat} answers, and nothing is asked"));
        };
        if !question.asked.seats.contains(&seat) {
            return Some(format!("seat {seat} answers, and isn't asked"));
        }
        if !question.answered.insert(seat) {
            return Some(format!("seat {seat} answers the question {} twice", question.asked.turn));
        }
        let late = latest.is_some_and(|latest| at >= latest) && !self.interference.clock_was_moved;
        late.then(|| format!("an answer to the question {} is taken after the time was up", question.asked.turn))
    }

    /// More than one run takes everybody's answer. One run takes that of somebody, or the end of the time.
    fn decide(&mut self, runs: u8, at: i64) -> Option<String> {
        // Where nobody is asked, none is open.
        let question = self.question.take()?;
        let all = question.asked.seats.iter().all(|seat| question.answered.contains(seat));
        if runs > question.asked.max_runs || runs > 1 && !all {
            let (of, max) = (question.asked.seats.len(), question.asked.max_runs);
            return Some(format!("{runs} runs of {max} are decided with {} of {of} answers", question.answered.len()));
        }
        let is_over = question.expires.is_some_and(|expires| expires <= at) || self.interference.clock_was_moved;
        let early = question.answered.is_empty() && !is_over;
        early.then(|| format!("the question {} is settled by nobody, and before its time is up", question.asked.turn))
    }

    fn pause(&mut self, at: i64) {
        self.paused = true;
        if let Some(question) = &mut self.question
            && let Some(expires) = question.expires.take()
        {
            question.left = (expires - at).max(0);
        }
        let Some(pending) = &mut self.pending else { return };
        if let (Some(deadline), Some(expires)) = (pending.deadline.take(), pending.expires.take()) {
            let (time, bank) = ((deadline - at).max(0), (expires - at.max(deadline)).max(0));
            (self.frozen, self.was_frozen) = (Some(Frozen { time, bank }), true);
        }
    }

    fn resume(&mut self, at: i64) {
        self.paused = false;
        if let Some(question) = &mut self.question {
            question.expires = Some(at + question.left);
        }
        if let (Some(Frozen { time, bank }), Some(pending)) = (self.frozen.take(), &mut self.pending) {
            (pending.deadline, pending.expires) = (Some(at + time), Some(at + time + bank));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_away_gets_no_time_bank() {
        let nothing = Interference { outages: Vec::new(), faults: Vec::new(), clock_was_moved: false };
        let limits = Limits::default();
        let turns = Turns::new(Uuid::nil(), &nothing, &limits);
        let (deadline, expires) = (Some(30_000), Some(90_000));
        let turn = Timer { actor: 0, turn: 1, started_at: 0, deadline, expires, timebank: 60_000 };
        let away = Absence { goes_out: true, is_away: true, ..Absence::default() };
        assert_eq!(turns.waited(&turn, 30_100, away), None);
        assert!(turns.waited(&turn, 90_000, away).is_some(), "the whole time bank");
        assert!(turns.waited(&turn, 30_100, Absence { goes_out: false, ..away }).is_some(), "isn't sat out");
        assert_eq!(turns.waited(&turn, 90_000, Absence { is_away: false, ..away }), None, "was there");
        assert_eq!(turns.waited(&turn, 90_000, Absence { was_out: true, ..away }), None, "nobody waits");
    }

    #[test]
    fn a_turn_begins_anew_after_an_outage_and_for_nothing_else() {
        let with = |faults: &[(i64, i64)]| Interference {
            outages: Vec::new(),
            faults: faults.to_vec(),
            clock_was_moved: false,
        };
        let limits = Limits::default();
        assert!(with(&[(11_000, 14_000)]).begins_anew((10_000, 14_200), &limits));
        assert!(!with(&[]).begins_anew((10_000, 14_200), &limits), "for no reason");
        assert!(!with(&[(11_000, 11_500)]).begins_anew((10_000, 14_200), &limits), "too short to be an outage");
        assert!(!with(&[(1_000, 4_000)]).begins_anew((10_000, 14_200), &limits), "over before the turn began");
        assert!(!with(&[(11_000, 14_000)]).begins_anew((14_200, 10_000), &limits), "backwards");
    }
}
