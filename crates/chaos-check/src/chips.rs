//! I-1: chips at every event of a room, by an account of its own.
//!
//! Every event that moves chips is done again here, from the rules: blinds, bets, calls, what goes back, pots, awards. What the
//! event says must be what comes out, and the sum of all stacks and of the middle must be the sum of the ledger, always.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::dump::{LedgerRow, RoomDump};
use crate::event::{
    Acted, AdjustedBy, BountyPaid, HandCompleted, HandStarted, Logged, Part, Pot, PotDistributed, Share, What,
};
use crate::house;
use crate::raises::Raises;
use crate::verdict::{Findings, Invariant};

/// A stack at the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stack {
    /// Whose.
    pub user: Uuid,
    /// Chips behind.
    pub chips: i64,
}

/// A pot that was paid.
#[derive(Clone, Debug)]
pub struct Award {
    /// In which hand.
    pub hand: Uuid,
    /// By which event.
    pub seq: u64,
    /// Who could win it.
    pub eligible: Vec<u8>,
    /// Who did.
    pub winners: Vec<u8>,
    /// On which board or in which run, from 0.
    pub board: usize,
}

/// A player in the hand being played.
#[derive(Clone, Copy, Debug)]
pub struct InHand {
    /// Chips at its start.
    pub start: i64,
    /// This street's bet.
    pub bet: i64,
    committed: i64,
    /// What was posted dead: it is in the main pot and counts for nothing else.
    dead: i64,
    won: i64,
    folded: bool,
}

#[derive(Debug)]
struct Live {
    hand: Uuid,
    /// The seats from the left of the button.
    order: Vec<u8>,
    boards: usize,
    /// After whom the next one is asked.
    last: u8,
    /// Whether there is no betting on this street: before the flop of a bomb pot.
    is_free: bool,
    players: BTreeMap<u8, InHand>,
    raises: Raises,
    /// The middle.
    pot: i64,
    /// The pots that were paid.
    paid: BTreeMap<usize, i64>,
    acted: bool,
    button: u8,
    /// How often the missing cards are run.
    runs: usize,
}

/// The account of a room.
#[derive(Debug)]
pub struct Chips<'a> {
    room: Uuid,
    /// The seats that are taken.
    pub stacks: BTreeMap<u8, Stack>,
    /// Stacks that wait for their owners' return.
    pub waiting: BTreeMap<Uuid, i64>,
    live: Option<Live>,
    ledger: std::iter::Peekable<std::slice::Iter<'a, LedgerRow>>,
    /// What the ledger says is at the table.
    booked: i64,
    paid: BTreeMap<Uuid, i64>,
    /// All pots that were paid.
    pub awards: Vec<Award>,
}

impl<'a> Chips<'a> {
    /// An empty table.
    pub fn new(room: Uuid, dump: &'a RoomDump) -> Self {
        Self {
            room,
            stacks: BTreeMap::new(),
            waiting: BTreeMap::new(),
            live: None,
            ledger: dump.ledger.iter().peekable(),
            booked: 0,
            paid: BTreeMap::new(),
            awards: Vec::new(),
        }
    }

    /// Every chip in the middle.
    pub fn pot(&self) -> i64 {
        self.live.as_ref().map_or(0, |live| live.pot)
    }

    /// The bet of a seat on this street.
    pub fn bet(&self, seat: u8) -> i64 {
        self.live.as_ref().and_then(|live| live.players.get(&seat)).map_or(0, |player| player.bet)
    }

    /// What a seat had when the hand being played began; `None` for who isn't in it.
    pub fn at_start_of_hand(&self, seat: u8) -> Option<i64> {
        self.live.as_ref().and_then(|live| live.players.get(&seat)).map(|player| player.start)
    }

    /// Takes in an event and its ledger rows.
    pub fn see(&mut self, event: &Logged, findings: &mut Findings) {
        let wrongs = self.account(event.seq, &event.what);
        let ledger = self.book(event);
        if let Some(say) = self.in_turn(&event.what) {
            findings.at(Invariant::Turns, self.room, event.seq, say);
        }
        for say in wrongs.into_iter().chain(ledger) {
            findings.at(Invariant::Chips, self.room, event.seq, say);
        }
        for (seat, stack) in self.stacks.iter().filter(|(_, stack)| stack.chips < 0) {
            findings.at(Invariant::Chips, self.room, event.seq, format!("seat {seat} has {} chips", stack.chips));
        }
        let table: i64 = self.stacks.values().map(|stack| stack.chips).sum::<i64>() + self.pot();
        if table != self.booked {
            let say = format!("{table} chips are at the table, the ledger has {}", self.booked);
            findings.at(Invariant::Chips, self.room, event.seq, say);
            // Said once, not at every event from here on.
            self.booked = table;
        }
    }

    /// Who is asked is the next one who can bet and hasn't acted, or has to match a raise; nobody is passed over.
    fn in_turn(&mut self, what: &What) -> Option<String> {
        let live = self.live.as_mut()?;
        if let What::Acted(acted) = what
            && acted.turn.is_some()
        {
            live.last = acted.seat;
        }
        let asked = what.timer()?.actor;
        let stacks = &self.stacks;
        let is_next = |seat: &&u8| {
            let can_bet = stacks.get(*seat).is_some_and(|stack| stack.chips > 0);
            let player = live.players.get(*seat).filter(|player| can_bet && !player.folded);
            player.is_some_and(|player| !live.raises.has_acted(**seat) || player.bet < live.raises.price())
        };
        let from = live.order.iter().position(|seat| *seat == live.last).map_or(0, |place| place + 1);
        let next = live.order.iter().cycle().skip(from).take(live.order.len()).find(is_next)?;
        (*next != asked).then(|| format!("seat {asked} is asked, and it is the turn of seat {next}"))
    }

    /// Looks at what is left after the last event.
    pub fn finish(&mut self, dump: &RoomDump, findings: &mut Findings) {
        for row in self.ledger.by_ref() {
            findings.at(
                Invariant::Chips,
                self.room,
                row.seq,
                "a row of the ledger belongs to no event that moves chips",
            );
        }
        for hand in &dump.hands {
            if let (Some(pot), paid) = (hand.pot, self.paid.get(&hand.id).copied().unwrap_or(0))
                && pot != paid
            {
                let say = format!("hand {} is stored with a pot of {pot}, and {paid} were paid", hand.hand_number);
                findings.room(Invariant::Chips, self.room, say);
            }
        }
    }

    /// The ledger's rows of an event must be those that it makes.
    fn book(&mut self, event: &Logged) -> Vec<String> {
        let expected = entries(&event.what);
        let mut found = Vec::new();
        while let Some(row) = self.ledger.next_if(|row| row.seq <= event.seq) {
            if row.hand_id.is_none() {
                self.booked += row.delta;
            }
            found.push((row.seq, row.user_id, row.kind.as_str(), row.delta, row.hand_id));
        }
        let expected: Vec<_> =
            expected.into_iter().map(|(user, kind, delta, hand)| (event.seq, user, kind, delta, hand)).collect();
        if found == expected {
            Vec::new()
        } else {
            vec![format!("the ledger has {found:?}, the event makes {expected:?}")]
        }
    }

    /// Moves the chips; returns what is wrong with the event.
    fn account(&mut self, seq: u64, what: &What) -> Vec<String> {
        match what {
            What::Seated { seat, user, chips, .. } => {
                let waiting = self.waiting.entry(*user).or_default();
                *waiting = (*waiting - chips).max(0);
                self.stacks.insert(*seat, Stack { user: *user, chips: *chips });
                Vec::new()
            }
            What::SeatFreed { seat, user, chips, .. } => {
                *self.waiting.entry(*user).or_default() += chips;
                let stack = self.stacks.remove(seat);
                expect("the stack that leaves", Some(Stack { user: *user, chips: *chips }), stack)
            }
            What::ChipsAdjusted { user, delta, chips, .. } => {
                let Some(stack) = self.stacks.values_mut().find(|stack| stack.user == *user) else {
                    return vec![format!("{user} gets {delta} chips without a seat")];
                };
                stack.chips += delta;
                expect("the stack after the adjustment", *chips, stack.chips)
            }
            What::HandStarted(started) => self.start(started),
            What::Acted(acted) => self.act(acted),
            What::RunsDecided { runs, .. } => {
                if let Some(live) = &mut self.live {
                    live.runs = usize::from(*runs);
                }
                Vec::new()
            }
            What::StreetAdvanced(next) => self.street(&next.pots),
            What::PotDistributed(paid) => self.pay(seq, paid),
            What::HandCompleted(done) => self.complete(done),
            What::BountyPaid(paid) => self.bounty(paid),
            _ => Vec::new(),
        }
    }

    fn start(&mut self, started: &HandStarted) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut players = BTreeMap::new();
        let mut pot = 0;
        for dealt in &started.seats {
            let stack = self.stacks.entry(dealt.seat).or_insert(Stack { user: dealt.user, chips: 0 });
            wrong.extend(expect("a stack at the deal", Stack { user: dealt.user, chips: dealt.stack }, *stack));
            let mut player = InHand { start: dealt.stack, bet: 0, committed: 0, dead: 0, won: 0, folded: false };
            for post in started.posts.iter().filter(|post| post.seat == dealt.seat) {
                let due = match post.kind.as_str() {
                    "ante" => started.ante,
                    "small_blind" | "dead_small_blind" => started.small_blind,
                    "straddle" => house::straddle(started, post.seat),
                    _ => started.big_blind,
                };
                let left = dealt.stack - player.committed - player.dead;
                wrong.extend(expect("a post", due.min(left), post.amount));
                match post.kind.as_str() {
                    "dead_small_blind" => player.dead += post.amount,
                    "ante" => player.committed += post.amount,
                    _ => {
                        player.committed += post.amount;
                        player.bet += post.amount;
                    }
                }
            }
            stack.chips = dealt.stack - player.committed - player.dead;
            pot += player.committed + player.dead;
            wrong.extend(expect("chips behind after the posts", stack.chips, dealt.chips));
            wrong.extend(expect("the bet after the posts", player.bet, dealt.bet));
            players.insert(dealt.seat, player);
        }
        wrong.extend(expect("the pot at the deal", pot, started.pot));
        let raises = Raises::new(started.rules.as_deref(), started.big_blind, house::opening(started));
        match raises {
            Ok(raises) => {
                let seats = || started.seats.iter().map(|dealt| dealt.seat);
                let (hand, boards, button) = (started.hand, started.board_count(), started.button);
                let order: Vec<u8> =
                    seats().filter(|seat| *seat > button).chain(seats().filter(|seat| *seat <= button)).collect();
                let first = house::first_to_act(started).and_then(|first| order.iter().position(|seat| *seat == first));
                let before = first.unwrap_or(0).checked_sub(1).unwrap_or(order.len().saturating_sub(1));
                self.live = Some(Live {
                    last: order.get(before).copied().unwrap_or_default(),
                    is_free: started.is_bomb_pot(),
                    paid: BTreeMap::new(),
                    acted: false,
                    runs: 1,
                    button,
                    hand,
                    order,
                    boards,
                    players,
                    raises,
                    pot,
                });
            }
            Err(unknown) => wrong.push(unknown),
        }
        wrong
    }

    fn act(&mut self, acted: &Acted) -> Vec<String> {
        let others: BTreeMap<u8, i64> = self.stacks.iter().map(|(seat, stack)| (*seat, stack.chips)).collect();
        let (Some(live), Some(stack)) = (&mut self.live, self.stacks.get_mut(&acted.seat)) else {
            return vec!["an action without a hand or a seat".to_owned()];
        };
        live.acted = true;
        let price = live.raises.price();
        let could_call = live.players.iter().any(|(seat, other)| {
            let behind = others.get(seat).copied().unwrap_or(0);
            *seat != acted.seat && !other.folded && behind > 0 && other.bet + behind > price
        });
        let Some(player) = live.players.get_mut(&acted.seat) else {
            return vec![format!("seat {} acts and wasn't dealt in", acted.seat)];
        };
        let mut wrong = Vec::new();
        if player.folded {
            wrong.push(format!("seat {} acts after it has folded", acted.seat));
        }
        let paid = stack.chips - acted.chips;
        let owed = (price - player.bet).clamp(0, stack.chips);
        let (due, amount) = match acted.action.as_str() {
            "FOLD" => (0, 0),
            "CHECK" => (0, owed),
            "CALL" => (owed, owed),
            "BET" | "RAISE" => (acted.amount - player.bet, acted.amount.max(price + 1)),
            _ => (stack.chips, player.bet + stack.chips),
        };
        // A check is free: `amount` is then what is owed, and that must be nothing.
        wrong.extend(expect("what an action costs", due, paid));
        wrong.extend(expect("the amount of an action", amount, acted.amount));
        player.folded |= acted.action == "FOLD";
        player.bet += paid;
        player.committed += paid;
        live.pot += paid;
        wrong.extend(live.raises.act(acted.seat, player.bet, acted.chips == 0, could_call));
        stack.chips = acted.chips;
        wrong.extend(expect("the bet after an action", player.bet, acted.bet));
        wrong.extend(expect("the pot after an action", live.pot, acted.pot));
        if let Some(returned) = &acted.returned {
            let uncalled = live.give_back();
            wrong.extend(expect("what nobody called", uncalled, Some((returned.seat, returned.amount))));
            if let Some(stack) = self.stacks.get_mut(&returned.seat) {
                stack.chips += returned.amount;
                wrong.extend(expect("the stack with what went back", stack.chips, returned.stack));
            }
        }
        wrong
    }

    fn street(&mut self, pots: &[Pot]) -> Vec<String> {
        self.give_back_unsaid();
        let Some(live) = &mut self.live else { return vec!["a street without a hand".to_owned()] };
        let betting: Vec<(&u8, &InHand)> = live
            .players
            .iter()
            .filter(|(seat, player)| !player.folded && self.stacks.get(seat).is_some_and(|stack| stack.chips > 0))
            .collect();
        let price = live.raises.price();
        let left_out = betting.iter().find(|(seat, player)| !live.raises.has_acted(**seat) || player.bet < price);
        let mut skipped = Vec::new();
        if let Some((seat, _)) = left_out.filter(|_| betting.len() > 1 && !live.is_free) {
            skipped.push(format!("the street ends, and seat {seat} has still to act"));
        }
        live.is_free = false;
        live.last = live.order.last().copied().unwrap_or_default();
        live.raises.street();
        for player in live.players.values_mut() {
            player.bet = 0;
        }
        let mut wrong = skipped;
        wrong.extend(expect("the pots", live.pots().as_slice(), pots));
        wrong.extend(expect("the pots' sum", live.pot, pots.iter().map(|pot| pot.amount).sum()));
        wrong
    }

    /// A hand that is over with its deal gives back what nobody could call without saying so.
    fn give_back_unsaid(&mut self) {
        let returned = self.live.as_mut().filter(|live| !live.acted).and_then(Live::give_back);
        if let Some((seat, amount)) = returned
            && let Some(stack) = self.stacks.get_mut(&seat)
        {
            stack.chips += amount;
        }
    }

    fn pay(&mut self, seq: u64, paid: &PotDistributed) -> Vec<String> {
        self.give_back_unsaid();
        let PotDistributed { index, amount, winners, parts, .. } = paid;
        let (index, amount) = (*index, *amount);
        let Some(live) = &mut self.live else { return vec!["a pot without a hand".to_owned()] };
        let mut wrong = Vec::new();
        if live.paid.insert(index, amount).is_some() {
            wrong.push(format!("pot {index} is paid twice"));
        }
        wrong.extend(expect("what a pot's winners get", amount, winners.iter().map(|winner| winner.amount).sum()));
        match live.pots().get(index) {
            None => wrong.push(format!("there is no pot {index}")),
            Some(pot) => {
                wrong.extend(expect("a pot's size", pot.amount, amount));
                wrong.extend(split_wrongly(amount, parts, winners, (live.runs_due(parts), live.button)));
                let seats = |winners: &[Share]| winners.iter().map(|winner| winner.seat).collect();
                let award = |board, winners: &[Share]| Award {
                    hand: live.hand,
                    seq,
                    eligible: pot.eligible.clone(),
                    winners: seats(winners),
                    board,
                };
                match parts.is_empty() {
                    true => self.awards.push(award(0, winners)),
                    // A low half isn't ranked here.
                    false => self.awards.extend(
                        parts
                            .iter()
                            .filter(|part| part.half != "low")
                            .map(|part| award(usize::from(part.board), &part.winners)),
                    ),
                }
                let stranger = winners.iter().find(|winner| !pot.eligible.contains(&winner.seat));
                wrong.extend(stranger.map(|winner| format!("seat {} wins a pot that it can't win", winner.seat)));
            }
        }
        for winner in winners {
            if let Some(player) = live.players.get_mut(&winner.seat) {
                player.won += winner.amount;
            }
            if let Some(stack) = self.stacks.get_mut(&winner.seat) {
                wrong.extend(expect("a winner", stack.user, winner.user));
                stack.chips += winner.amount;
            }
            live.pot -= winner.amount;
        }
        wrong
    }

    /// A bounty moves chips from some stacks to another one.
    fn bounty(&mut self, paid: &BountyPaid) -> Vec<String> {
        let mut wrong = expect("a bounty", paid.from.iter().map(|payer| payer.amount).sum(), paid.amount);
        let from = paid.from.iter().map(|payer| (payer.seat, payer.user, -payer.amount));
        for (seat, user, delta) in from.chain([(paid.seat, paid.user, paid.amount)]) {
            match self.stacks.get_mut(&seat).filter(|stack| stack.user == user) {
                Some(stack) => stack.chips += delta,
                None => wrong.push(format!("seat {seat} has to do with a bounty, and {user} isn't there")),
            }
        }
        wrong
    }

    fn complete(&mut self, done: &HandCompleted) -> Vec<String> {
        let Some(live) = self.live.take() else { return vec!["the end of no hand".to_owned()] };
        let mut wrong = expect("what is left in the middle", 0, live.pot);
        wrong.extend(expect("the number of pots that were paid", live.pots().len(), live.paid.len()));
        let won = |seat: &u8| -> i64 {
            done.winners.iter().filter(|winner| winner.seat == *seat).map(|winner| winner.amount).sum()
        };
        for (seat, player) in &live.players {
            wrong.extend(expect("what a winner gets in all", player.won, won(seat)));
        }
        wrong.extend(expect("the number of final stacks", live.players.len(), done.stacks.len()));
        for last in &done.stacks {
            let stack = self.stacks.get(&last.seat).copied();
            wrong.extend(expect("a stack at the end", stack, Some(Stack { user: last.user, chips: last.chips })));
            let start = live.players.get(&last.seat).map_or(0, |player| player.start);
            wrong.extend(expect("what a hand brought", last.chips - start, last.net));
        }
        wrong.extend(expect("the sum of a hand's results", 0, done.stacks.iter().map(|stack| stack.net).sum()));
        self.paid.insert(live.hand, live.paid.values().sum());
        wrong
    }
}

impl Live {
    /// Over how many boards or runs a pot with these parts has to be split.
    fn runs_due(&self, parts: &[Part]) -> usize {
        if parts.is_empty() { self.runs } else { self.runs.max(self.boards) }
    }

    /// Takes what one player has put in above everybody else out of the middle, unless they have folded.
    fn give_back(&mut self) -> Option<(u8, i64)> {
        let (&seat, most) = self.players.iter().max_by_key(|(_, player)| player.committed)?;
        let others = self.players.iter().filter(|(other, _)| **other != seat);
        let amount = most.committed - others.map(|(_, player)| player.committed).max()?;
        if amount == 0 || most.folded {
            return None;
        }
        let player = self.players.get_mut(&seat)?;
        player.committed -= amount;
        player.bet = (player.bet - amount).max(0);
        self.pot -= amount;
        Some((seat, amount))
    }

    /// The pots, with what was posted dead in the first of them.
    fn pots(&self) -> Vec<Pot> {
        let dead: i64 = self.players.values().map(|player| player.dead).sum();
        let mut pots = self.live_pots();
        if let Some(main) = pots.first_mut() {
            main.amount += dead;
        } else if dead > 0 {
            let still_in = self.players.iter().filter(|(_, player)| !player.folded);
            pots.push(Pot { amount: dead, eligible: still_in.map(|(seat, _)| *seat).collect() });
        }
        pots
    }

    /// A pot for each amount that somebody who is still in has put in; what others put in above that is in the last.
    fn live_pots(&self) -> Vec<Pot> {
        let still_in = || self.players.iter().filter(|(_, player)| !player.folded);
        let mut levels: Vec<i64> = still_in().map(|(_, player)| player.committed).filter(|chips| *chips > 0).collect();
        levels.sort_unstable();
        levels.dedup();
        let top = levels.last().copied().unwrap_or(0);
        let above: i64 = self.players.values().map(|player| (player.committed - top).max(0)).sum();
        if levels.is_empty() && above > 0 {
            return vec![Pot { amount: above, eligible: still_in().map(|(seat, _)| *seat).collect() }];
        }
        let mut below = 0;
        let mut pots = Vec::new();
        for level in levels {
            let slice = |player: &InHand| player.committed.min(level) - player.committed.min(below);
            pots.push(Pot {
                amount: self.players.values().map(slice).sum(),
                eligible: still_in().filter(|(_, player)| player.committed >= level).map(|(seat, _)| *seat).collect(),
            });
            below = level;
        }
        if let Some(last) = pots.last_mut() {
            last.amount += above;
        }
        pots
    }
}

/// What is wrong with how a pot is made up of parts. Boards and runs share it as evenly as can be, those that come first get the odd
/// chips; and of all that the same players win together each gets as much as the others, or one chip more, from the left of the
/// button.
fn split_wrongly(amount: i64, parts: &[Part], winners: &[Share], (runs, button): (usize, u8)) -> Vec<String> {
    let mut wrong = Vec::new();
    let boards = parts.iter().map(|part| usize::from(part.board) + 1).max().unwrap_or(1);
    if boards < runs || runs > 1 && boards != runs {
        wrong.push(format!("a pot is split over {boards} runs, {runs} were decided"));
    }
    if parts.is_empty() {
        return wrong;
    }
    let mut from_the_left: Vec<u8> = winners.iter().map(|winner| winner.seat).collect();
    from_the_left.sort_unstable_by_key(|seat| (*seat <= button, *seat));
    for board in 0..boards {
        let odd = i64::from((board as i64) < amount % boards as i64);
        let share: i64 = parts.iter().filter(|part| usize::from(part.board) == board).map(|part| part.amount).sum();
        wrong.extend(expect("a board's share of a pot", amount / boards as i64 + odd, share));
    }
    let mut together: BTreeMap<Vec<u8>, (i64, BTreeMap<u8, i64>)> = BTreeMap::new();
    let mut in_all: BTreeMap<u8, i64> = BTreeMap::new();
    for part in parts {
        let (sum, shares) = together.entry(part.winners.iter().map(|winner| winner.seat).collect()).or_default();
        *sum += part.amount;
        for winner in &part.winners {
            *shares.entry(winner.seat).or_default() += winner.amount;
            *in_all.entry(winner.seat).or_default() += winner.amount;
        }
    }
    for (seats, (sum, shares)) in together {
        let order: Vec<u8> = from_the_left.iter().copied().filter(|seat| seats.contains(seat)).collect();
        for (place, seat) in (0..).zip(&order) {
            let due = sum / order.len() as i64 + i64::from(place < sum % order.len() as i64);
            wrong.extend(expect("a winner's part of a pot", Some(&due), shares.get(seat)));
        }
    }
    let told: BTreeMap<u8, i64> = winners.iter().map(|winner| (winner.seat, winner.amount)).collect();
    wrong.extend(expect("what the parts of a pot make", in_all, told));
    wrong
}

type Entry = (Uuid, &'static str, i64, Option<Uuid>);

/// The rows that an event makes in the ledger.
fn entries(what: &What) -> Vec<Entry> {
    match what {
        What::Seated { user, chips, .. } => vec![(*user, "buy_in", *chips, None)],
        What::SeatFreed { user, chips, .. } => vec![(*user, "cash_out", -chips, None)],
        What::ChipsAdjusted { user, delta, by: AdjustedBy::TopUp, .. } => vec![(*user, "top_up", *delta, None)],
        What::ChipsAdjusted { user, delta, by: AdjustedBy::Host { .. }, .. } => {
            vec![(*user, "adjustment", *delta, None)]
        }
        What::BountyPaid(paid) => {
            let got = (paid.user, "bounty", paid.amount, Some(paid.hand));
            let from = paid.from.iter().map(|payer| (payer.user, "bounty", -payer.amount, Some(paid.hand)));
            std::iter::once(got).chain(from).collect()
        }
        What::HandCompleted(done) => {
            done.stacks.iter().map(|stack| (stack.user, "hand_result", stack.net, Some(done.hand))).collect()
        }
        _ => Vec::new(),
    }
}

fn expect<T: PartialEq + std::fmt::Debug>(what: &str, right: T, said: T) -> Vec<String> {
    if right == said { Vec::new() } else { vec![format!("{what} should be {right:?} and is {said:?}")] }
}
