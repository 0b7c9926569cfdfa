//! How often the missing cards are run when the betting is over early: the question, its answers and its end.

use crate::event::{Event, Happened, RunsAsked, Secret};
use crate::game::{Asked, GameStatus, Question, Turn};
use crate::ids::{SeatIndex, UserId};
use crate::room::{Lifetimes, Room, RoomError};
use crate::settings::RunPreference;
use crate::time::{Millis, Timestamp};

impl Room {
    /// A player says how many runs they accept at most. `turn` names the question that is answered.
    ///
    /// # Errors
    ///
    /// - [`RoomError::NotApproved`], [`RoomError::NotSeated`], [`RoomError::GamePaused`].
    /// - [`RoomError::NoQuestion`]: nothing is asked, or not this player.
    /// - [`RoomError::StaleTurn`]: another turn is named, or the time is up; [`RoomError::AlreadyAnswered`].
    /// - [`RoomError::InvalidRuns`]: not from 1 to as many as are offered.
    pub fn answer_runs(
        &mut self,
        by: UserId,
        runs: i64,
        turn: u64,
        at: Timestamp,
        lifetimes: &Lifetimes,
    ) -> Result<Vec<Event>, RoomError> {
        let seat = self.seat_held_by(by)?;
        let question = self.game.question().filter(|question| question.seats.contains(&seat));
        let question = question.ok_or(RoomError::NoQuestion)?;
        if self.game.status == GameStatus::Paused {
            return Err(RoomError::GamePaused);
        }
        // The clock settles this one, even if it is slow to come.
        if turn != question.turn || self.game.turn.is_some_and(|turn| turn.is_over(at)) {
            return Err(RoomError::StaleTurn);
        }
        if question.answered.contains(&seat) {
            return Err(RoomError::AlreadyAnswered);
        }
        let runs = u8::try_from(runs).ok().filter(|runs| (1..=question.max_runs).contains(runs));
        let runs = runs.ok_or(RoomError::InvalidRuns { most: question.max_runs })?;
        let mut events = self.heard(by, at, lifetimes);
        self.take_answer(seat, runs, &mut events);
        self.settle_question(at, lifetimes, &mut events);
        Ok(events)
    }

    /// Asks how often to run the missing cards, if the betting has just ended with cards to come; or runs them, where nobody has
    /// to be asked. Standing choices answer at once.
    pub(super) fn ask_for_runs(&mut self, at: Timestamp, lifetimes: &Lifetimes, events: &mut Vec<Event>) {
        let Some(dealt) = self.game.live().filter(|dealt| dealt.hand.asks_for_runs()) else { return };
        if self.game.turn.is_some_and(|turn| turn.asked == Asked::Runs) {
            return;
        }
        let (hand, max_runs) = (dealt.id, dealt.hand.most_runs());
        let Some(time) = dealt.run_vote else { return self.run(max_runs, at, lifetimes, events) };
        self.game.turn_number += 1;
        let mut turn = Turn::begin(Asked::Runs, at, time, Millis::ZERO);
        if self.game.status == GameStatus::Paused {
            turn.freeze(at);
        }
        self.game.turn = Some(turn);
        let Some(Question { seats, max_runs, turn, expires, .. }) = self.game.question() else { return };
        events.push(Happened::RunsAsked(RunsAsked { hand, seats: seats.clone(), max_runs, turn, expires }).into());
        for seat in seats {
            if let Some(runs) = self.standing_choice(seat, max_runs) {
                self.take_answer(seat, runs, events);
                if runs == 1 {
                    break;
                }
            }
        }
        self.settle_question(at, lifetimes, events);
    }

    /// What a player answers without being asked. One who is on the way out wants no more than one run.
    fn standing_choice(&self, seat: SeatIndex, max_runs: u8) -> Option<u8> {
        let player = &self.seats[seat.index()];
        if player.is_leaving() {
            return Some(1);
        }
        let preferences = &self.members.get(&player.occupant()?.user)?.preferences;
        match preferences.run_preference {
            RunPreference::Ask => None,
            RunPreference::Always => Some(preferences.max_runs.map_or(max_runs, |most| most.min(max_runs))),
            RunPreference::Never => Some(1),
        }
    }

    /// A player who goes while the question is open, and hasn't answered it, wants no more than one run.
    pub(super) fn answer_for(
        &mut self,
        seat: SeatIndex,
        at: Timestamp,
        lifetimes: &Lifetimes,
        events: &mut Vec<Event>,
    ) {
        let question = self.game.question();
        if question.is_some_and(|question| question.seats.contains(&seat) && !question.answered.contains(&seat)) {
            self.take_answer(seat, 1, events);
            self.settle_question(at, lifetimes, events);
        }
    }

    /// The time for the question is over: a player who hasn't answered accepts one run.
    pub(super) fn end_question(&mut self, at: Timestamp, lifetimes: &Lifetimes) -> Vec<Event> {
        let mut events = Vec::new();
        self.run(1, at, lifetimes, &mut events);
        events
    }

    fn take_answer(&mut self, seat: SeatIndex, runs: u8, events: &mut Vec<Event>) {
        let Some(dealt) = self.game.live_mut() else { return };
        dealt.beside.answers.insert(seat, runs);
        let what = Happened::RunsAnswered { hand: dealt.id, seat, user: dealt.players[&seat] };
        events.push(Event { secret: Secret::Runs(runs), ..what.into() });
    }

    fn settle_question(&mut self, at: Timestamp, lifetimes: &Lifetimes, events: &mut Vec<Event>) {
        let Some(dealt) = self.game.live() else { return };
        if let Some(runs) = Question::decided(&dealt.hand.live_seats(), &dealt.beside.answers) {
            self.run(runs, at, lifetimes, events);
        }
    }

    /// Runs the missing cards so many times, and ends the hand.
    fn run(&mut self, runs: u8, at: Timestamp, lifetimes: &Lifetimes, events: &mut Vec<Event>) {
        let Some(dealt) = self.game.live_mut() else { return };
        let steps = dealt.hand.run_out(runs).expect("only as many runs as are offered");
        dealt.beside.answers.clear();
        events.push(Happened::RunsDecided { hand: dealt.id, runs }.into());
        self.game.turn = None;
        events.extend(self.absorb(steps, None, true, at, lifetimes));
    }
}
