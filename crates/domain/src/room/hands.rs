//! Hands in a room: dealt, played, over.

use std::collections::BTreeMap;

use crate::card::seed::Chances;
use crate::chips::Chips;
use crate::event::{
    Acted, AdjustedBy, DealtIn, Event, FinalStack, HandCompleted, HandStarted, Happened, OwnTurn, PartShare,
    PotDistributed, Secret, Share, Timer,
};
use crate::game::{Asked, Beside, Dealt, GameStatus, Turn};
use crate::hand::{Action, ActionError, ActionKind, Hand, HandKind, HandRules, HandSetup, Part, Step, Winner};
use crate::ids::{HandId, RoomId, SeatIndex, UserId};
use crate::room::{Chance, Lifetimes, Room, RoomError};
use crate::rules::RuleBook;
use crate::seat::{Queued, Seat};
use crate::time::{Millis, Timestamp};

/// Whose decision an action is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Player,
    Clock,
    /// Folded for somebody who goes, whoever's turn it is.
    Departure,
}

impl Room {
    /// A player acts. `turn`, if given, names the turn that is answered.
    ///
    /// # Errors
    ///
    /// - [`RoomError::NotApproved`], [`RoomError::NotSeated`], [`RoomError::GamePaused`].
    /// - [`RoomError::StaleTurn`]: another turn has come, the actor's time is up, or the hand is over; [`RoomError::NoHand`].
    /// - [`RoomError::NotYourTurn`], [`RoomError::IllegalAction`], [`RoomError::IllegalAmount`].
    pub fn act(
        &mut self,
        by: UserId,
        action: Action,
        turn: Option<u64>,
        at: Timestamp,
        lifetimes: &Lifetimes,
    ) -> Result<Vec<Event>, RoomError> {
        let seat = self.seat_held_by(by)?;
        if self.game.status == GameStatus::Paused {
            return Err(RoomError::GamePaused);
        }
        let (turn_number, live) = (self.game.turn_number, self.game.live().is_some());
        let moved_on = turn.is_some_and(|turn| turn != turn_number || !live);
        if moved_on && turn_number > 0 {
            return Err(RoomError::StaleTurn);
        }
        if !live {
            return Err(RoomError::NoHand);
        }
        // Nobody acts while it is asked how often to run the missing cards.
        if self.game.turn.is_some_and(|turn| turn.asked == Asked::Runs) {
            return Err(RoomError::NotYourTurn);
        }
        // The clock decides this one, even if it is slow to come.
        if self.game.turn.is_some_and(|turn| turn.actor() == Some(seat) && turn.is_over(at)) {
            return Err(RoomError::StaleTurn);
        }
        let mut events = self.play(seat, action, By::Player, at, lifetimes)?;
        events.splice(0..0, self.heard(by, at, lifetimes));
        Ok(events)
    }

    /// Decisions in a row that the clock makes for somebody who is there, until it sits them out.
    pub(super) const MOST_TIMEOUTS: u8 = 2;

    /// The clock decides for the actor: check if that is free, else fold. After two of these in a row the player sits out, and
    /// after one if they are away.
    pub(super) fn act_by_clock(&mut self, at: Timestamp, lifetimes: &Lifetimes) -> Vec<Event> {
        let Some(seat) = self.game.live().and_then(|dealt| dealt.hand.actor()) else { return Vec::new() };
        let legal = self.game.live().and_then(|dealt| dealt.hand.legal());
        let checks = legal.is_some_and(|legal| legal.actions.contains(&ActionKind::Check));
        let action = if checks { Action::Check } else { Action::Fold };
        self.play(seat, action, By::Clock, at, lifetimes).expect("checking or folding is legal for the actor")
    }

    /// Folds for somebody who goes. An all-in hand is played out.
    pub(super) fn fold_for(&mut self, seat: SeatIndex, at: Timestamp, lifetimes: &Lifetimes, events: &mut Vec<Event>) {
        let folded = self.play(seat, Action::Fold, By::Departure, at, lifetimes);
        events.extend(folded.expect("a departure is never refused"));
        self.answer_for(seat, at, lifetimes, events);
    }

    fn play(
        &mut self,
        seat: SeatIndex,
        action: Action,
        by: By,
        at: Timestamp,
        lifetimes: &Lifetimes,
    ) -> Result<Vec<Event>, RoomError> {
        let turn = self.game.turn;
        let was_waited_for = !turn.is_some_and(|turn| self.was_sat_out(seat) && !turn.is_past_deadline(at));
        let dealt = self.game.live_mut().ok_or(RoomError::NoHand)?;
        let in_turn = dealt.hand.actor() == Some(seat);
        let steps = match by {
            By::Player | By::Clock => dealt.hand.act(seat, action)?,
            By::Departure => dealt.hand.fold_out_of_turn(seat),
        };
        if in_turn && let Some(turn) = turn {
            let occupant = self.occupant_mut(seat);
            // Who isn't waited for uses nothing of the time bank.
            let has_used = by != By::Clock || turn.is_over(at);
            let left = if has_used { turn.bank_left(at, occupant.timebank) } else { occupant.timebank };
            let (user, used) = (occupant.user, occupant.timebank - left);
            occupant.timebank = left;
            occupant.timeouts_in_a_row = match by {
                By::Clock if was_waited_for => occupant.timeouts_in_a_row.saturating_add(1),
                By::Clock => occupant.timeouts_in_a_row,
                By::Player | By::Departure => 0,
            };
            if used > Millis::ZERO {
                let member = self.member_mut(user);
                member.timebank_used = Millis(member.timebank_used.0.saturating_add(used.0));
            }
        }
        let answered = in_turn.then_some(self.game.turn_number);
        let mut events = self.absorb(steps, answered, by != By::Player, at, lifetimes);
        if by == By::Clock && self.is_done_waiting_for(seat, at) {
            self.sit_out_for_silence(seat, &mut events);
        }
        Ok(events)
    }

    /// Whether the clock sits a player out for whom it has just decided.
    fn is_done_waiting_for(&self, seat: SeatIndex, at: Timestamp) -> bool {
        let Some(occupant) = self.seats[seat.index()].occupant() else { return false };
        occupant.timeouts_in_a_row >= Self::MOST_TIMEOUTS || !self.members[&occupant.user].is_there(at)
    }

    /// Whether the clock has sat this player out, and they haven't decided anything since.
    pub(super) fn was_sat_out(&self, seat: SeatIndex) -> bool {
        let seat = &self.seats[seat.index()];
        seat.is_out() && seat.occupant().is_some_and(|occupant| occupant.timeouts_in_a_row > 0)
    }

    fn sit_out_for_silence(&mut self, seat: SeatIndex, events: &mut Vec<Event>) {
        if let Some(out) = self.seats[seat.index()].sit_out() {
            let user = self.occupant_mut(seat).user;
            self.seats[seat.index()] = out;
            events.push(Happened::SatOut { user, seat }.into());
        }
        if self.game.live().is_none() && self.ready_seats().count() < 2 {
            self.game.next_hand_at = None;
        }
    }

    /// Deals the next hand to those whose turn it is to play. None, if by the next big blind so many sit out that
    /// fewer than two are left; the caller has made sure that there were two.
    pub(super) fn deal(
        &mut self,
        at: Timestamp,
        lifetimes: &Lifetimes,
        chance: &mut dyn Chance,
        events: &mut Vec<Event>,
    ) {
        self.game.next_hand_at = None;
        let kind = self.next_kind(chance);
        let Some(next) = self.next_hand_without_those_who_sit_out(kind, events) else { return };
        self.settle(&next);
        let mut players = Vec::new();
        let mut users = BTreeMap::new();
        for seat in &next.dealt {
            let user = self.occupant_mut(*seat).user;
            let timebank = self.timebank_of(user);
            let occupant = self.occupant_mut(*seat);
            occupant.timebank = timebank;
            players.push((*seat, occupant.chips));
            users.insert(*seat, user);
        }
        self.game.bomb_pot_queued &= kind == HandKind::Ordinary;
        let rules = self.next_rules(kind, players.len());
        let (max_runs, run_vote) = self.settings.runs();
        let shows = |seat: &SeatIndex| !self.members[&users[seat]].preferences.auto_muck;
        let shows_beaten = users.keys().copied().filter(shows).collect();
        let (boards, posts) = (self.settings.boards(kind), next.posts);
        let plain = HandSetup::plain(rules, next.button, players);
        let bounty = self.settings.bounty(rules.book);
        let setup = HandSetup { kind, boards, posts, bounty, max_runs, shows_beaten, ..plain };
        let mut setup = match next.blinds {
            Some((small, big)) => setup.with_blinds(small, big),
            None => setup,
        };
        setup.straddles = self.straddlers(&setup);
        self.game.hand_number += 1;
        let seed = chance.seed();
        let deck = chance.deck(&Chances::new(&seed, self.id, self.game.hand_number), rules.game().pack);
        let (hand, steps) = Hand::deal(setup, deck);
        let id = HandId(chance.id());
        self.game.turn = None;
        let started = (id, self.game.hand_number);
        self.game.dealt = Some(Dealt {
            id,
            number: started.1,
            started_at: at,
            completed_at: None,
            action_timeout: self.settings.action_timeout,
            players: users,
            hand,
            seed: Some(seed),
            run_vote,
            rabbit_hunt: self.settings.rabbit_hunt,
            beside: Beside::default(),
        });
        // The hand may be over already: then its deal is told as it was before the first step.
        if steps.is_empty() {
            self.begin_turn(at, lifetimes);
        }
        let timer = if steps.is_empty() { self.timer() } else { None };
        events.push(self.game.dealt.as_ref().expect("a hand was just dealt").started(self.id, timer));
        events.extend(self.absorb(steps, None, true, at, lifetimes));
        // Where everybody is all-in with the posts, no step leads to it.
        self.ask_for_runs(at, lifetimes, events);
    }

    /// What the next hand is played by, dealt to so many players: moves a rotation on, but for a bomb pot, which is no hand of it.
    fn next_rules(&mut self, kind: HandKind, players: usize) -> HandRules {
        let (next, rotation) = self.settings.next_game(self.game.rotation, players);
        let variant = match kind {
            HandKind::Ordinary => {
                self.game.rotation = rotation;
                next
            }
            HandKind::BombPot => self.settings.bomb_pot_variant.unwrap_or(next),
        };
        self.settings.stakes(kind, RuleBook::current(variant))
    }

    /// Whose turn it is now, as readers see it.
    pub fn timer(&self) -> Option<Timer> {
        let seat = self.game.turn?.actor()?;
        self.game.timer(self.seats[seat.index()].occupant()?.timebank)
    }

    fn begin_turn(&mut self, at: Timestamp, lifetimes: &Lifetimes) {
        let Some((actor, timeout)) =
            self.game.live().and_then(|dealt| dealt.hand.actor().map(|actor| (actor, dealt.action_timeout)))
        else {
            self.game.turn = None;
            return;
        };
        let bank = self.occupant_mut(actor).timebank;
        self.game.turn_number += 1;
        let mut turn = Turn::begin(Asked::Actor(actor), at, timeout, bank);
        if self.game.status == GameStatus::Paused {
            turn.freeze(at);
        } else {
            turn.asks_at = self.asks_first_at(turn, at, lifetimes);
        }
        self.game.turn = Some(turn);
    }

    /// Turns the engine's steps into events, and moves the clock, the stacks and the game on.
    pub(super) fn absorb(
        &mut self,
        steps: Vec<Step>,
        answered: Option<u64>,
        auto: bool,
        at: Timestamp,
        lifetimes: &Lifetimes,
    ) -> Vec<Event> {
        let Some(dealt) = &self.game.dealt else { return Vec::new() };
        if steps.is_empty() {
            return Vec::new();
        }
        // A fold out of turn leaves the clock of the one who is thinking alone.
        let actor = dealt.hand.actor();
        if answered.is_some() || self.game.turn.and_then(|turn| turn.actor()) != actor {
            self.begin_turn(at, lifetimes);
        }
        let timer = self.timer();
        let last = steps.len() - 1;
        let mut events: Vec<Event> = Vec::with_capacity(steps.len());
        for (index, step) in steps.into_iter().enumerate() {
            let timer = timer.filter(|_| index == last);
            let completed = matches!(step, Step::Completed { .. });
            let dealt = self.game.dealt.as_ref().expect("checked above");
            let turn = timer.and_then(|_| dealt.own_turn());
            events.push(Event { turn, ..dealt.happened(step, answered, auto, timer).into() });
            if completed {
                self.finish_hand(at, lifetimes, &mut events);
            }
        }
        self.ask_for_runs(at, lifetimes, &mut events);
        events
    }

    /// Pays the stacks out, does what waited for the end of the hand, and sees to the next one.
    fn finish_hand(&mut self, at: Timestamp, lifetimes: &Lifetimes, events: &mut Vec<Event>) {
        let dealt = self.game.dealt.as_mut().expect("a hand is being finished");
        dealt.completed_at = Some(at);
        let stacks: Vec<(SeatIndex, Chips)> = dealt.hand.players().iter().map(|p| (p.seat, p.stack)).collect();
        let users: Vec<UserId> = dealt.players.values().copied().collect();
        self.game.turn = None;
        for (seat, chips) in stacks {
            self.occupant_mut(seat).chips = chips;
        }
        let bounty_winner = self.game.dealt.as_ref().and_then(|dealt| dealt.hand.bounty_winner());
        events.extend(bounty_winner.and_then(|seat| self.pay_bounty(seat)));
        for user in users {
            if let Some(token) = self.members.get_mut(&user).and_then(|member| member.token.as_mut()) {
                token.slide(at, lifetimes.rejoin);
            }
        }
        for index in 0..self.seats.len() {
            let seat = SeatIndex(index as u8);
            self.apply_queued(seat, events);
            if let Seat::Leaving { reason, .. } = self.seats[index] {
                events.push(self.free(seat, reason));
            }
        }
        if self.game.ending {
            self.finish_game(events);
        }
        self.schedule(at);
        let next = self.game.next_hand_at;
        for event in events {
            if let Happened::HandCompleted(done) = &mut event.what {
                done.next_hand_at = next;
            }
        }
    }

    fn apply_queued(&mut self, seat: SeatIndex, events: &mut Vec<Event>) {
        let max = self.settings.max_buy_in;
        let Some(occupant) = self.seats[seat.index()].occupant_mut() else { return };
        let Queued { top_up, delta, reason } = std::mem::take(&mut occupant.queued);
        let user = occupant.user;
        let mut adjusted = |delta: i64, by| {
            let chips = Chips::from_signed(occupant.chips.signed() + delta).expect("never takes more than is there");
            occupant.chips = chips;
            if delta != 0 {
                events.push(Happened::ChipsAdjusted { user, delta, chips, by }.into());
            }
            chips
        };
        let chips = adjusted(0, AdjustedBy::TopUp);
        // The hand may have changed what is there to take, or what a top-up may add.
        let chips = adjusted(delta.max(-chips.signed()), AdjustedBy::Host { reason });
        adjusted(top_up.min(max.saturating_sub(chips)).signed(), AdjustedBy::TopUp);
    }
}

impl Dealt {
    /// The event of the deal, with everybody's own cards: the table as it was before anybody acted.
    pub fn started(&self, room: RoomId, timer: Option<Timer>) -> Event {
        let posts = self.hand.posts().to_vec();
        let mut pot = Chips::ZERO;
        let seats = self.hand.setup().players.iter().map(|&(seat, stack)| {
            let mine = || posts.iter().filter(|post| post.seat == seat);
            let posted: Chips = mine().map(|post| post.amount).sum();
            let bet = mine().filter(|post| post.kind.is_live()).map(|post| post.amount).sum();
            pot += posted;
            DealtIn { seat, user: self.players[&seat], stack, chips: stack - posted, bet }
        });
        let seats = seats.collect();
        let cards = self.hand.players().iter().map(|player| (self.players[&player.seat], player.hole)).collect();
        let what = Happened::HandStarted(HandStarted {
            hand: self.id,
            number: self.number,
            button: self.hand.setup().button,
            rules: self.hand.setup().rules,
            kind: self.hand.setup().kind,
            boards: self.hand.setup().boards,
            posts,
            seats,
            pot,
            timer,
            commitment: self.commitment(room),
        });
        let turn = timer.and_then(|_| self.own_turn());
        Event { what, secret: Secret::Cards(cards), turn }
    }

    /// The turn as its player sees it; `None` if nobody is to act.
    pub fn own_turn(&self) -> Option<OwnTurn> {
        let seat = self.hand.actor()?;
        Some(OwnTurn { of: self.players[&seat], legal: self.hand.legal()?, rank: self.hand.hand_rank_of(seat)? })
    }

    /// What a step of the engine is in the log. `answered` is the turn that the action answers, `auto` whether it wasn't the
    /// player's own decision. When the next hand is due is for the room to add.
    pub fn happened(&self, step: Step, answered: Option<u64>, auto: bool, timer: Option<Timer>) -> Happened {
        let hand = self.id;
        let share = |winner: &Winner| Share {
            seat: winner.seat,
            user: self.players[&winner.seat],
            amount: winner.amount,
            rank: winner.rank,
        };
        match step {
            Step::Acted { seat, street, kind, amount, stack, bet, pot, returned } => Happened::Acted(Acted {
                hand,
                user: self.players[&seat],
                seat,
                street,
                kind,
                amount,
                chips: stack,
                bet,
                pot,
                auto,
                turn: answered,
                returned,
                timer,
            }),
            Step::StreetAdvanced { street, boards, pots } => {
                Happened::StreetAdvanced { hand, street, boards, pots, timer }
            }
            Step::RunDealt { run, board } => Happened::RunDealt { hand, run, board },
            Step::PotAwarded { index, amount, winners, parts } => Happened::PotDistributed(PotDistributed {
                hand,
                index,
                amount,
                winners: self.shares(winners),
                parts: parts.into_iter().map(|part| self.part(part)).collect(),
            }),
            Step::Completed { boards, winners, shown, stacks } => Happened::HandCompleted(HandCompleted {
                hand,
                variant: self.hand.setup().rules.book.variant,
                boards,
                winners: winners.iter().map(share).collect(),
                shown,
                next_hand_at: None,
                stacks: stacks
                    .into_iter()
                    .map(|(seat, chips)| {
                        let before =
                            self.hand.setup().players.iter().find(|(s, _)| *s == seat).map(|(_, chips)| *chips);
                        let net = chips.signed() - before.unwrap_or_default().signed();
                        FinalStack { seat, user: self.players[&seat], chips, net }
                    })
                    .collect(),
            }),
        }
    }
}

impl Dealt {
    /// What seats won, as what people won.
    fn shares(&self, winners: Vec<(SeatIndex, Chips)>) -> Vec<Share> {
        let share = |(seat, amount)| Share { seat, user: self.players[&seat], amount, rank: None };
        winners.into_iter().map(share).collect()
    }

    fn part(&self, Part { board, half, amount, winners }: Part) -> PartShare {
        PartShare { board, half, amount, winners: self.shares(winners) }
    }
}

impl From<ActionError> for RoomError {
    fn from(err: ActionError) -> Self {
        match err {
            ActionError::NotYourTurn => Self::NotYourTurn,
            ActionError::NoBetting => Self::NoHand,
            ActionError::IllegalAction { legal } => Self::IllegalAction { legal },
            ActionError::IllegalAmount { legal } => Self::IllegalAmount { legal },
        }
    }
}
