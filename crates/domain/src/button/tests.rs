use super::*;

fn player(seat: u8, is_ready: bool, debts: Debts) -> Seated {
    Seated { seat: SeatIndex(seat), is_ready, debts, entry: Entry::Post }
}

const RULES: EntryRules = EntryRules { new_players: NewPlayers::PostOrWait, big_blind_settles: true };

fn after(button: u8, small: u8, big: u8) -> Option<Places> {
    let blinds = Some(BlindPlaces { small: SeatIndex(small), big: SeatIndex(big) });
    Some(Places { button: SeatIndex(button), blinds })
}

#[test]
fn fewer_than_two_get_no_hand_and_nothing_moves() {
    let alone = [player(0, true, Debts::NONE), player(3, false, Debts::NONE)];
    assert_eq!(with_blinds(after(0, 0, 3), &alone, RULES, SeatIndex(0)), None);
    assert_eq!(without_blinds(after(0, 0, 3), &alone, SeatIndex(0)), None);
}

#[test]
fn a_hand_without_blinds_moves_the_button_alone() {
    let owes = Debts { small: true, big: true, ..Debts::NONE };
    let table = [player(0, true, Debts::NONE), player(1, true, owes), player(3, true, Debts::NONE)];
    let hand = without_blinds(after(0, 1, 3), &table, SeatIndex(0)).unwrap();
    assert_eq!((hand.button, hand.blinds, hand.dealt.len()), (SeatIndex(1), None, 3));
    assert_eq!(hand.debts[1], (SeatIndex(1), owes));
    let passed = hand.places;
    assert_eq!(passed.blinds, after(0, 1, 3).unwrap().blinds);
    // the next ordinary hand is the one that would have come.
    let next = |last| with_blinds(last, &table, RULES, SeatIndex(0));
    assert_eq!(next(Some(passed)), next(after(0, 1, 3)));
}

#[test]
fn debts_are_named_as_the_contract_does() {
    assert_eq!(Debts { new: true, small: true, big: true }.names(), ["new", "small_blind", "big_blind"]);
    assert!(Debts::NONE.names().is_empty());
}
