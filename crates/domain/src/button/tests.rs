use super::*;

fn player(seat: u8, is_ready: bool, debts: Debts) -> Seated {
    Seated { seat: SeatIndex(seat), is_ready, debts, entry: Entry::Post }
}

fn after(button: u8, small: u8, big: u8) -> Option<Places> {
    let blinds = Some(BlindPlaces { small: SeatIndex(small), big: SeatIndex(big) });
    Some(Places { button: SeatIndex(button), blinds })
}

fn next(button: ButtonRule, last: Option<Places>, table: &[Seated], deal: Deal) -> Option<NextHand> {
    let rules = TableRules { button, new_players: NewPlayers::PostOrWait, big_blind_settles: true };
    next_hand(last, table, rules, deal, SeatIndex(0))
}

const OWES: Debts = Debts { small: true, big: true, ..Debts::NONE };

#[test]
fn fewer_than_two_get_no_hand_and_nothing_moves() {
    let alone = [player(0, true, Debts::NONE), player(3, false, Debts::NONE)];
    for deal in [Deal::Blinds, Deal::ButtonBlind, Deal::BombPot { after: None }] {
        for rule in ButtonRule::ALL {
            assert_eq!(next(rule, after(0, 0, 3), &alone, deal), None);
        }
    }
}

#[test]
fn a_bomb_pot_is_as_if_it_had_not_been() {
    let table = [player(0, true, Debts::NONE), player(1, true, OWES), player(3, true, Debts::NONE)];
    let bomb_pot = |before| {
        let deal = Deal::BombPot { after: Some(SeatIndex(before)) };
        next(ButtonRule::Dead, after(0, 1, 3), &table, deal).unwrap()
    };
    let hand = bomb_pot(0);
    assert_eq!((hand.button, hand.blinds, hand.dealt.len()), (SeatIndex(1), None, 3));
    assert_eq!((hand.debts[1], hand.places), ((SeatIndex(1), OWES), after(0, 1, 3)));
    assert_eq!(bomb_pot(1).button, SeatIndex(3), "a row of them rotates");
}

#[test]
fn the_button_blind_moves_on_by_itself_and_leaves_debts_and_blinds_alone() {
    let table = [player(0, true, Debts::NONE), player(1, true, OWES), player(3, true, Debts::NONE)];
    let hand = next(ButtonRule::Dead, after(0, 1, 3), &table, Deal::ButtonBlind).unwrap();
    assert_eq!((hand.button, hand.dealt.len(), hand.debts[1]), (SeatIndex(1), 3, (SeatIndex(1), OWES)));
    assert_eq!(hand.places, after(1, 1, 3));
}

#[test]
fn the_simple_button_goes_to_the_next_player_and_nobody_owes() {
    let table = [player(0, true, Debts::NONE), player(1, true, OWES), player(3, false, OWES), player(4, true, OWES)];
    let hand = next(ButtonRule::Simple, after(4, 0, 1), &table, Deal::Blinds).unwrap();
    assert_eq!((hand.button, hand.blinds), (SeatIndex(0), Some((Some(SeatIndex(1)), SeatIndex(4)))));
    assert!(hand.posts.is_empty() && hand.debts.iter().all(|(_, debts)| debts.is_none()));
    // Heads-up nobody has the big blind twice running.
    let two = [player(0, true, Debts::NONE), player(4, true, Debts::NONE)];
    let hand = next(ButtonRule::Simple, after(4, 1, 4), &two, Deal::Blinds).unwrap();
    assert_eq!((hand.button, hand.blinds), (SeatIndex(4), Some((Some(SeatIndex(4)), SeatIndex(0)))));
}

#[test]
fn debts_are_named_as_the_contract_does() {
    assert_eq!(Debts { new: true, small: true, big: true }.names(), ["new", "small_blind", "big_blind"]);
    assert!(Debts::NONE.names().is_empty());
}
