//! The actions in the order in which somebody who deals them again would ask for them.
//!
//! Who leaves is folded at once, also out of turn. In a file they fold when their turn comes round, on this street or a later
//! one.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use domain::card::Card;
use domain::chips::Chips;
use domain::event::{Acted, Happened};
use domain::hand::{ActionKind, HandKind};
use domain::ids::SeatIndex;
use domain::view::event::{EventView, Own};

use super::Players;
use crate::Record;

/// What somebody who deals the hand again would be told.
pub(super) struct Script<'a> {
    record: &'a Record<'a>,
    players: &'a Players<'a>,
    told: Vec<String>,
    /// Who hasn't folded in the file.
    live: BTreeSet<SeatIndex>,
    /// Who has folded out of turn and hasn't been asked since.
    gone: BTreeSet<SeatIndex>,
    chips: BTreeMap<SeatIndex, Chips>,
    bets: BTreeMap<SeatIndex, Chips>,
    /// Who is to be asked on this street, in that order.
    queue: VecDeque<SeatIndex>,
    price: Chips,
    on_board: usize,
    has_shown: bool,
    /// Whether somebody has called more than anybody had bet: all of a big blind that was short.
    called_more: bool,
    unasked: Vec<SeatIndex>,
}

impl<'a> Script<'a> {
    pub(super) fn write(record: &'a Record<'a>, players: &'a Players<'a>) -> Self {
        let seats = &record.started.seats;
        let mut script = Self {
            record,
            players,
            told: Vec::new(),
            live: seats.iter().map(|player| player.seat).collect(),
            gone: BTreeSet::new(),
            chips: seats.iter().map(|player| (player.seat, player.chips)).collect(),
            bets: seats.iter().map(|player| (player.seat, player.bet)).collect(),
            queue: VecDeque::new(),
            price: Chips::ZERO,
            on_board: 0,
            has_shown: false,
            called_more: false,
            unasked: Vec::new(),
        };
        for event in &record.events {
            script.tell(event);
        }
        // Somebody would have to be asked who never was.
        script.unasked = script.gone.iter().copied().collect();
        for seat in script.unasked.clone() {
            script.say(seat, "f");
        }
        script
    }

    pub(super) fn lines(&self) -> Vec<String> {
        self.told.clone()
    }

    /// Why no program can play the hand again, if none can.
    pub(super) fn comment(&self, players: &Players<'_>) -> Option<String> {
        let mut comments = Vec::new();
        if !self.unasked.is_empty() {
            let names: Vec<_> = self.unasked.iter().map(|seat| players.name(*seat)).collect();
            comments.push(format!(
                "{} left out of turn, which ended the hand before the player to act had acted: it can't be played again action \
                 by action.",
                names.join(", ")
            ));
        }
        if self.called_more {
            comments.push(
                "The big blind was short, and a call was for all of it: a program that lowers the price to what was posted \
                 can't play the hand again."
                    .to_owned(),
            );
        }
        // What the others bet beyond a player who is all-in is a side pot; with all of its players gone it is the last one's.
        let last = players.0.iter().filter(|player| self.live.contains(&player.seat)).collect::<Vec<_>>();
        if let [last] = last.as_slice()
            && players.0.iter().filter(|player| player.put_in() > last.put_in()).count() > 1
        {
            comments.push(
                "All who could win a side pot folded: a program that divides pots by their players can't award it."
                    .to_owned(),
            );
        }
        (!comments.is_empty()).then(|| comments.join(" "))
    }

    fn tell(&mut self, event: &EventView<'_>) {
        match event.what {
            Happened::HandStarted(_) => self.deal(event.own),
            Happened::Acted(acted) => self.act(acted),
            Happened::StreetAdvanced { boards, timer, .. } => {
                self.street(boards.first().map_or(&[], Vec::as_slice), timer.is_none());
            }
            Happened::HandCompleted(_) => {
                self.fold_gone();
                if !self.gone.is_empty() && !self.record.ended.shown.is_empty() {
                    self.close(true);
                }
                self.show();
            }
            _ => {}
        }
    }

    fn deal(&mut self, own: Option<Own>) {
        let (started, reader) = (self.record.started, self.record.reader.user());
        let count = started.rules.book.game().hole_cards;
        for player in &self.players.0 {
            let cards = match own {
                Some(Own::Cards(cards)) if player.user == reader => codes(cards.cards()),
                Some(Own::Cards(_) | Own::Token(_) | Own::Boards(_)) | None => {
                    let shown = self.record.shown_beside(player.seat);
                    codes(&shown) + &"??".repeat(count - shown.len().min(count))
                }
            };
            self.told.push(format!("d dh {} {cards}", self.players.name(player.seat)));
        }
        if started.kind == HandKind::BombPot {
            // Nobody bets before the flop; who deals it again has to ask.
            self.open(0);
            for seat in std::mem::take(&mut self.queue) {
                self.say(seat, "cc");
            }
            return;
        }
        let price =
            if started.rules.button_blind.is_zero() { started.rules.big_blind } else { started.rules.button_blind };
        self.price = self.bets.values().copied().max().unwrap_or_default().max(price);
        self.open(self.players.opener(self.record));
    }

    fn street(&mut self, board: &[Card], over: bool) {
        self.close(over);
        self.told.push(format!("d db {}", codes(&board[self.on_board.min(board.len())..])));
        self.on_board = board.len();
        self.price = Chips::ZERO;
        self.bets.clear();
        self.open(0);
        // Betting would go on with somebody who has gone: they fold before the rest of the board.
        if over && !self.gone.is_empty() {
            self.close(true);
        }
    }

    fn act(&mut self, acted: &Acted) {
        let seat = acted.seat;
        if acted.kind == ActionKind::Fold && acted.turn.is_none() {
            self.gone.insert(seat);
            return;
        }
        self.fold_gone();
        self.queue.retain(|asked| *asked != seat);
        let raises = acted.bet > self.price;
        if acted.kind == ActionKind::Fold {
            self.fold(seat);
        } else if raises {
            self.say(seat, &format!("cbr {}", acted.bet));
        } else {
            self.say(seat, "cc");
            self.called_more |= acted.bet > self.bets.values().copied().max().unwrap_or_default();
        }
        self.chips.insert(seat, acted.chips);
        self.bets.insert(seat, acted.bet);
        if raises {
            self.price = acted.bet;
            self.queue = self.from(self.players.place(seat) + 1);
            self.queue.retain(|asked| *asked != seat);
        }
        if let Some(uncalled) = acted.returned {
            self.chips.insert(uncalled.seat, uncalled.stack);
        }
    }

    fn say(&mut self, seat: SeatIndex, what: &str) {
        self.told.push(format!("{} {what}", self.players.name(seat)));
    }

    /// All who can bet, from one place on.
    fn from(&self, place: usize) -> VecDeque<SeatIndex> {
        let count = self.players.0.len();
        let round = (0..count).map(|step| self.players.0[(place + step) % count].seat);
        let can_bet =
            |seat: &SeatIndex| self.live.contains(seat) && self.chips.get(seat).is_some_and(|chips| !chips.is_zero());
        round.filter(can_bet).collect()
    }

    fn open(&mut self, place: usize) {
        let queue = self.from(place);
        let asks = queue.len() > 1 || queue.iter().any(|seat| self.owes(*seat));
        self.queue = if asks { queue } else { VecDeque::new() };
    }

    fn owes(&self, seat: SeatIndex) -> bool {
        self.bets.get(&seat).copied().unwrap_or_default() < self.price
    }

    fn fold(&mut self, seat: SeatIndex) {
        self.say(seat, "f");
        self.live.remove(&seat);
        self.gone.remove(&seat);
        if self.live.len() > 1 {
            self.queue.retain(|asked| *asked != seat);
        } else {
            self.queue.clear();
        }
    }

    /// Those whose turn has come.
    fn fold_gone(&mut self) {
        while let Some(next) = self.queue.front().copied().filter(|next| self.gone.contains(next)) {
            self.fold(next);
        }
    }

    /// Ends the betting of a street. `over`: nobody can bet any more, so that all-in hands are open and the rest of the board
    /// runs out.
    fn close(&mut self, over: bool) {
        let waited = !self.gone.is_empty();
        while let Some(next) = self.queue.front().copied() {
            if self.gone.contains(&next) {
                self.fold(next);
            } else if over && waited && !self.owes(next) {
                // They weren't asked, since those who are gone leave nobody to bet against: a check changes nothing.
                self.say(next, "cc");
                self.queue.pop_front();
            } else {
                break;
            }
        }
        self.queue.clear();
        if over && self.gone.is_empty() {
            self.show();
        }
    }

    fn show(&mut self) {
        if self.has_shown || self.live.len() - self.live.intersection(&self.gone).count() < 2 {
            return;
        }
        self.has_shown = true;
        let shown = &self.record.ended.shown;
        for hand in shown {
            self.say(hand.seat, &format!("sm {}", codes(hand.cards.cards())));
        }
        for player in &self.players.0 {
            let seat = player.seat;
            let mucks = self.live.contains(&seat) && !self.gone.contains(&seat);
            if mucks && !shown.iter().any(|hand| hand.seat == seat) {
                self.say(seat, "sm");
            }
        }
    }
}

/// Cards by PHH's codes: `As`, `Td`.
fn codes(cards: &[Card]) -> String {
    let code = |card: &Card| {
        let (rank, suit) = (card.rank.name(), card.suit.name());
        let rank = if rank == "10" { "T" } else { &rank[..1] };
        format!("{}{}", rank.to_uppercase(), &suit[..1])
    };
    cards.iter().map(code).collect()
}
