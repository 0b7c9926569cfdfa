//! What is shown after a hand.

use super::*;
use crate::card::Card;
use crate::event::{Committed, Secret};
use crate::ids::HandId;
use crate::settings::PreferencesPatch;
use crate::view::event::{Own, Reader, for_reader};
use crate::view::proof::known_cards;

impl Table {
    fn hand(&self) -> HandId {
        self.room.game.dealt.as_ref().expect("a hand was dealt").id
    }

    fn own(&self, seat: u8) -> Vec<Card> {
        self.room.game.dealt.as_ref().unwrap().hand.player(SeatIndex(seat)).unwrap().hole.cards().to_vec()
    }

    fn show(&mut self, user: UserId, cards: &[Card]) -> Result<Vec<Event>, RoomError> {
        self.room.show_cards(user, self.hand(), cards, self.now, &self.lifetimes)
    }

    fn hunt(&mut self, user: UserId) -> Result<(Vec<Vec<Card>>, Vec<Event>), RoomError> {
        self.room.hunt_rabbit(user, self.hand(), self.now, &self.lifetimes)
    }

    fn with_rabbits(mode: &str) -> Self {
        let mut table = Self::new(SettingsPatch {
            auto_approve: Some(true),
            rabbit_hunt: Some(mode.to_owned()),
            ..SettingsPatch::default()
        });
        for (seat, user) in (0..).zip([HOST, ANNA, BEN]) {
            if user != HOST {
                table.join(user);
            }
            table.sit(user, seat).unwrap();
        }
        table.start().unwrap();
        table
    }
}

///
#[test]
fn any_of_ones_own_cards_can_be_shown_when_the_hand_is_over_and_more_of_them_later() {
    let mut table = Table::playing(&[ANNA, BEN]);
    let own = table.own(1);
    assert_eq!(table.show(ANNA, &own), Err(RoomError::HandRunning));
    table.fold_out();
    let events = table.show(ANNA, &own[1..]).unwrap();
    assert!(
        matches!(&events[0].what, Happened::CardsShown { seat: SeatIndex(1), user: ANNA, cards, .. } if *cards == own[1..])
    );
    let shown = |table: &Table| table.room.game.dealt.as_ref().unwrap().shown_cards(SeatIndex(1));
    assert_eq!(shown(&table), &own[1..]);
    assert_eq!(table.show(ANNA, &own[1..]), Err(RoomError::NothingToShow));
    table.show(ANNA, &own).unwrap();
    assert_eq!(shown(&table), own);
}

#[test]
fn only_own_cards_can_be_shown_each_once_and_only_of_the_last_hand() {
    let mut table = Table::playing(&[ANNA, BEN]);
    table.fold_out();
    let (own, other, hand) = (table.own(1), table.own(2), table.hand());
    let before = table.room.clone();
    for cards in [vec![], vec![own[0], own[0]], vec![other[0]], vec![own[0], other[0]]] {
        assert_eq!(table.show(ANNA, &cards), Err(RoomError::InvalidCards));
    }
    table.join(CARA);
    table.approve(CARA).unwrap();
    assert_eq!(table.show(CARA, &own), Err(RoomError::NotSeated));
    assert_eq!(table.room.game, before.game);
    table.tick_after(10);
    assert!(table.room.game.live().is_some(), "the next hand");
    let refused = table.room.show_cards(ANNA, hand, &own, table.now, &table.lifetimes);
    assert_eq!(refused, Err(RoomError::OtherHand));
}

#[test]
fn a_player_who_has_left_the_seat_may_still_show() {
    let mut table = Table::playing(&[ANNA, BEN]);
    table.fold_out();
    let own = table.own(1);
    table.room.stand_up(ANNA, table.now, &table.lifetimes, &mut table.chance).unwrap();
    table.show(ANNA, &own).unwrap();
}

///
#[test]
fn the_rabbit_is_the_decks_next_cards_and_the_askers_alone() {
    let mut table = Table::with_rabbits("asker");
    assert_eq!(table.hunt(HOST), Err(RoomError::HandRunning));
    table.fold_out();
    let (boards, events) = table.hunt(ANNA).unwrap();
    let deck = table.room.game.dealt.as_ref().unwrap().hand.deck().cards().to_vec();
    assert_eq!(boards, [deck[6..11].to_vec()]);
    let Happened::RabbitShown { user: ANNA, boards: None, .. } = events[0].what else { panic!("{events:?}") };
    assert_eq!(events[0].secret, Secret::Boards { of: ANNA, boards: boards.clone() });
    let committed = Committed::number(1, table.now, events);
    let seen = |user| for_reader(&committed[0], Reader::Member(user)).unwrap().own;
    assert_eq!((seen(ANNA), seen(BEN)), (Some(Own::Boards(&boards)), None));
    assert_eq!(known_cards(&committed, Reader::Member(ANNA)).len(), 5, "and may have them proved");
    assert_eq!(known_cards(&committed, Reader::Member(BEN)), []);
    assert_eq!(table.hunt(ANNA), Ok((boards.clone(), Vec::new())), "asked again it is no news");
    assert_eq!(table.hunt(BEN).unwrap().0, boards);
}

#[test]
fn where_the_room_shows_it_everybody_sees_the_rabbit() {
    let mut table = Table::with_rabbits("room");
    table.fold_out();
    let (boards, events) = table.hunt(HOST).unwrap();
    assert!(matches!(&events[0].what, Happened::RabbitShown { boards: Some(told), .. } if *told == boards));
    assert_eq!(known_cards(&Committed::number(1, table.now, events), Reader::Member(BEN)).len(), 5);
}

///
#[test]
fn there_is_no_rabbit_where_it_is_off_nor_after_a_showdown_nor_for_spectators() {
    let mut table = Table::with_rabbits("off");
    table.fold_out();
    assert_eq!(table.hunt(HOST), Err(RoomError::NothingToShow));
    table.join(CARA);
    table.room.spectate(CARA, None, table.now, &table.lifetimes, &mut table.chance).unwrap();
    assert_eq!(table.hunt(CARA), Err(RoomError::NotSeated));
    let mut table = Table::with_rabbits("room");
    while table.room.game.live().is_some() {
        let legal = table.room.game.live().unwrap().hand.legal().unwrap();
        let action = if legal.actions.contains(&ActionKind::Check) { Action::Check } else { Action::Call };
        table.act(table.actor(), action).unwrap();
    }
    assert_eq!(table.hunt(HOST), Err(RoomError::NothingToShow));
}

/// A fold on the flop: the three cards that came, and the two that would have.
#[test]
fn the_rabbit_goes_on_where_the_board_stopped() {
    let mut table = Table::with_rabbits("asker");
    while table.room.game.live().is_some_and(|dealt| dealt.hand.board().is_empty()) {
        let legal = table.room.game.live().unwrap().hand.legal().unwrap();
        let action = if legal.actions.contains(&ActionKind::Check) { Action::Check } else { Action::Call };
        table.act(table.actor(), action).unwrap();
    }
    let flop = table.room.game.live().unwrap().hand.board().to_vec();
    table.fold_out();
    let (boards, _) = table.hunt(HOST).unwrap();
    let deck = table.room.game.dealt.as_ref().unwrap().hand.deck().cards().to_vec();
    assert_eq!((boards.len(), &boards[0][..3], &boards[0][3..]), (1, &flop[..], &deck[9..11]));
}

/// who is beaten mucks, or shows it all the same.
#[test]
fn a_beaten_hand_is_shown_where_its_player_wants_that() {
    let shown = |auto_muck| {
        let mut table = Table::with(&[ANNA, BEN]);
        for (seat, user) in (0..).zip([HOST, ANNA, BEN]) {
            table.sit(user, seat).unwrap();
            let patch = PreferencesPatch { auto_muck: Some(auto_muck), ..PreferencesPatch::default() };
            table.room.prefer(user, &patch).unwrap();
        }
        table.start().unwrap();
        while table.room.game.live().is_some() {
            let legal = table.room.game.live().unwrap().hand.legal().unwrap();
            let action = if legal.actions.contains(&ActionKind::Check) { Action::Check } else { Action::Call };
            table.act(table.actor(), action).unwrap();
        }
        table.room.game.dealt.unwrap().hand.shown().len()
    };
    assert!(shown(true) < 3, "somebody is beaten by what was shown before");
    assert_eq!(shown(false), 3);
}
