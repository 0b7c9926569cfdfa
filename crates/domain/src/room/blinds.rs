//! Button and blinds in a room: who is dealt into the next hand, and who waits for what.

use crate::button::{ButtonRule, Deal, Debts, Entry, NewPlayers, NextHand, Seated, TableRules, WaitsFor, next_hand};
use crate::event::{Event, Happened};
use crate::hand::HandKind;
use crate::ids::{SeatIndex, UserId};
use crate::room::Room;
use crate::rules::Posting;
use crate::seat::Seat;

impl Room {
    /// How the next hand is dealt to those who are ready now; `None`: there are fewer than two of them.
    pub(super) fn next_hand(&self, kind: HandKind) -> Option<NextHand> {
        next_hand(self.game.places, &self.table(), self.table_rules(), self.next_deal(kind), SeatIndex(0))
    }

    /// The same, once all have sat out to whom the big blind comes and who wanted it so.
    pub(super) fn next_hand_without_those_who_sit_out(
        &mut self,
        kind: HandKind,
        events: &mut Vec<Event>,
    ) -> Option<NextHand> {
        loop {
            let next = self.next_hand(kind)?;
            let Some((_, big)) = next.blinds else { return Some(next) };
            let Some((user, out)) = self.sits_out_at(big) else { return Some(next) };
            self.member_mut(user).preferences.sit_out_next_big_blind = false;
            self.seats[big.index()] = out;
            self.occupant_mut(big).timeouts_in_a_row = 0;
            events.push(Happened::SatOut { user, seat: big }.into());
        }
    }

    fn sits_out_at(&self, big: SeatIndex) -> Option<(UserId, Seat)> {
        let seat = &self.seats[big.index()];
        let user = seat.occupant()?.user;
        self.members[&user].preferences.sit_out_next_big_blind.then(|| seat.sit_out()).flatten().map(|out| (user, out))
    }

    fn next_deal(&self, kind: HandKind) -> Deal {
        if kind == HandKind::BombPot {
            return Deal::BombPot { after: self.game.dealt.as_ref().map(|dealt| dealt.hand.setup().button) };
        }
        let (variant, _) = self.settings.next_game(self.game.rotation, self.ready_seats().count());
        match variant.game().posting {
            Posting::Blinds => Deal::Blinds,
            Posting::ButtonBlind => Deal::ButtonBlind,
        }
    }

    fn table_rules(&self) -> TableRules {
        TableRules {
            button: self.settings.button_rule,
            new_players: self.settings.new_players,
            big_blind_settles: true,
        }
    }

    /// Who is at the table and stays.
    fn table(&self) -> Vec<Seated> {
        let stays = (0u8..).map(SeatIndex).zip(&self.seats).filter(|(_, seat)| !seat.is_leaving());
        let seated = |(index, seat): (SeatIndex, &Seat)| {
            let member = &self.members[&seat.occupant()?.user];
            let (debts, entry) = (member.debts, member.preferences.entry);
            Some(Seated { seat: index, is_ready: seat.plays(), debts, entry })
        };
        stays.filter_map(seated).collect()
    }

    /// Notes what the deal of a hand changes.
    pub(super) fn settle(&mut self, next: &NextHand) {
        self.game.places = next.places;
        for (seat, debts) in &next.debts {
            let Some(user) = self.seats[seat.index()].occupant().map(|occupant| occupant.user) else { continue };
            if self.members[&user].debts != *debts {
                self.member_mut(user).debts = *debts;
            }
        }
        // By the simple rule nobody owes anything, wherever they are.
        if self.settings.button_rule == ButtonRule::Simple && next.blinds.is_some() {
            let owing = self.members.values().filter(|member| !member.debts.is_none()).map(|member| member.user);
            for user in owing.collect::<Vec<_>>() {
                self.member_mut(user).debts = Debts::NONE;
            }
        }
    }

    /// Whoever sits down while hands with blinds follow each other is new.
    pub(super) fn is_new(&self) -> bool {
        self.settings.button_rule == ButtonRule::Dead && self.game.places.is_some_and(|places| places.blinds.is_some())
    }

    /// The blinds that a member owes.
    pub fn debts_of(&self, user: UserId) -> Debts {
        match self.settings.button_rule {
            ButtonRule::Dead => self.members.get(&user).map_or(Debts::NONE, |member| member.debts),
            ButtonRule::Simple => Debts::NONE,
        }
    }

    /// Why a player isn't dealt in, now or next, who would play.
    pub fn waits_for(&self, seat: SeatIndex) -> Option<WaitsFor> {
        let occupant = self.seats[seat.index()].occupant()?;
        let debts = self.debts_of(occupant.user);
        let is_out = !self.seats[seat.index()].plays() || self.game.is_in_live_hand(seat);
        if is_out || debts.is_none() || self.next_deal(HandKind::Ordinary) != Deal::Blinds {
            return None;
        }
        let next = || {
            self.next_hand(HandKind::Ordinary)?
                .waiting
                .into_iter()
                .find(|(waits, _)| *waits == seat)
                .map(|(_, why)| why)
        };
        let Some(dealt) = self.game.live() else { return next() };
        let only_new = debts == Debts { new: true, ..Debts::NONE };
        let waits = match self.settings.new_players {
            NewPlayers::WaitForBb => true,
            NewPlayers::Free if only_new => false,
            NewPlayers::PostOrWait | NewPlayers::Free => self.members[&occupant.user].preferences.entry == Entry::Wait,
        };
        if waits {
            return Some(WaitsFor::BigBlind);
        }
        // The hand that is played may keep them out: they sit where nobody comes in, or it is heads-up.
        let (_, big) = dealt.hand.setup().blind_seats()?;
        let button = dealt.hand.setup().button;
        let behind = |place: SeatIndex| place.0.wrapping_sub(button.0);
        let was_there = occupant.since <= dealt.started_at;
        let is_kept_out = behind(seat) < behind(big) || was_there && dealt.players.len() == 2;
        if is_kept_out { Some(WaitsFor::ButtonToPass) } else { next() }
    }
}
