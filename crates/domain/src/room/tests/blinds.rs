//! Button and blinds in a room: debts, where they stay, and who waits. The rule itself is in `button`.

use super::*;
use crate::button::{Debts, WaitsFor};
use crate::hand::PostKind;
use crate::settings::PreferencesPatch;

const MISSED: Debts = Debts { new: false, small: true, big: true };
const NEW: Debts = Debts { new: true, small: false, big: false };

impl Table {
    /// The hand is folded out, and the next one dealt.
    fn next_hand(&mut self) {
        self.fold_out();
        self.tick_after(4);
    }

    /// Button (`x`: dead), small blind (`-`: dead), big blind; then who posts late.
    fn dealt(&self) -> String {
        let hand = &self.room.game.live().expect("a hand is played").hand;
        let setup = hand.setup();
        let (small, big) = setup.blind_seats().expect("with blinds");
        let dead = if setup.is_button_dead() { "x" } else { "" };
        let late = hand.posts().iter().filter_map(|post| match post.kind {
            PostKind::PostedBigBlind => Some(format!(" {}L", post.seat)),
            PostKind::DeadSmallBlind => Some(format!(" {}D", post.seat)),
            PostKind::Ante | PostKind::SmallBlind | PostKind::BigBlind | PostKind::ButtonBlind | PostKind::Straddle => {
                None
            }
        });
        let small = small.map_or("-".to_owned(), |seat| seat.to_string());
        format!("b{}{dead} s{small} B{big}{}", setup.button, late.collect::<String>())
    }

    fn prefers(&mut self, user: UserId, patch: &PreferencesPatch) {
        self.room.prefer(user, patch).unwrap();
    }

    fn waits(&mut self, user: UserId) {
        self.prefers(user, &PreferencesPatch { entry: Some("wait".to_owned()), ..Default::default() });
    }

    fn changes(&mut self, patch: SettingsPatch) {
        self.room.change_settings(HOST, &patch, self.now).unwrap();
    }

    fn stands_up(&mut self, user: UserId) {
        self.room.stand_up(user, self.now, &self.lifetimes, &mut self.chance).unwrap();
    }
}

#[test]
fn who_misses_the_blinds_waits_for_the_button_to_pass_and_posts_both() {
    let mut table = Table::playing(&[ANNA, BEN, CARA]);
    assert_eq!(table.dealt(), "b0 s1 B2");
    table.room.sit_out(CARA, table.now).unwrap();
    table.next_hand();
    assert_eq!((table.dealt().as_str(), table.room.debts_of(CARA)), ("b1 s2 B0", MISSED));
    table.room.sit_in(CARA, table.now).unwrap();
    table.next_hand();
    assert_eq!(table.dealt(), "b2 s0 B1");
    assert_eq!(table.room.waits_for(SeatIndex(3)), Some(WaitsFor::ButtonToPass));
    table.next_hand();
    assert_eq!((table.dealt().as_str(), table.room.debts_of(CARA)), ("b0 s1 B2 3L 3D", Debts::NONE));
    assert_eq!(table.room.waits_for(SeatIndex(3)), None);
    table.next_hand();
    assert_eq!(table.dealt(), "b1 s2 B3");
}

#[test]
fn a_debt_survives_standing_up_and_leaving_the_room() {
    let mut table = Table::playing(&[ANNA, BEN, CARA]);
    table.room.sit_out(CARA, table.now).unwrap();
    table.next_hand();
    table.stands_up(CARA);
    table.room.leave(CARA, table.now, &table.lifetimes).unwrap();
    assert_eq!(table.room.debts_of(CARA), MISSED);
    table.next_hand();
    table.join(CARA);
    table.approve(CARA).unwrap();
    table.sit(CARA, 3).unwrap();
    assert_eq!(table.room.debts_of(CARA), Debts { new: true, ..MISSED });
    table.next_hand();
    assert_eq!(table.dealt(), "b0 s1 B2 3L 3D");
}

#[test]
fn who_is_new_posts_or_waits_for_the_big_blind() {
    let mut table = Table::playing(&[ANNA, BEN]);
    table.join(CARA);
    table.approve(CARA).unwrap();
    table.sit(CARA, 5).unwrap();
    table.waits(CARA);
    assert_eq!((table.room.debts_of(CARA), table.room.waits_for(SeatIndex(5))), (NEW, Some(WaitsFor::BigBlind)));
    table.next_hand();
    assert_eq!((table.dealt().as_str(), table.room.debts_of(CARA)), ("b1 s2 B5", Debts::NONE));
}

#[test]
fn a_room_may_let_newcomers_in_free_or_have_them_wait() {
    for (rule, dealt) in [("free", "b1 s2 B3"), ("wait_for_bb", "b1 s2 B3"), ("post_or_wait", "b1 s2 B3 5L")] {
        let dana = UserId(Uuid::from_u128(5));
        let mut table = Table::playing(&[ANNA, BEN, CARA]);
        table.changes(SettingsPatch { new_players: Some(rule.to_owned()), ..Default::default() });
        table.join(dana);
        table.approve(dana).unwrap();
        table.sit(dana, 5).unwrap();
        table.next_hand();
        assert_eq!(table.dealt(), dealt);
        let plays = table.room.game.is_in_live_hand(SeatIndex(5));
        assert_eq!(plays, rule != "wait_for_bb", "{rule}");
        let waits = (rule == "wait_for_bb").then_some(WaitsFor::BigBlind);
        assert_eq!(table.room.waits_for(SeatIndex(5)), waits, "{rule}");
    }
}

#[test]
fn who_wants_to_sits_out_when_the_big_blind_comes_and_misses_it() {
    let mut table = Table::playing(&[ANNA, BEN, CARA]);
    let sit_out = PreferencesPatch { sit_out_next_big_blind: Some(true), ..Default::default() };
    table.prefers(CARA, &sit_out);
    table.fold_out();
    let events = table.tick_after(4);
    assert!(has(&events, |what| matches!(what, Happened::SatOut { user: CARA, .. })));
    assert_eq!((table.dealt().as_str(), table.room.debts_of(CARA)), ("b1 s2 B0", MISSED));
    assert!(!table.room.members[&CARA].preferences.sit_out_next_big_blind, "once");
}

#[test]
fn nobody_misses_anything_while_no_hand_is_dealt() {
    let mut table = Table::playing(&[ANNA]);
    table.prefers(HOST, &PreferencesPatch { sit_out_next_big_blind: Some(true), ..Default::default() });
    table.fold_out();
    table.tick_after(4);
    assert!(table.room.game.live().is_none() && table.room.game.next_hand_at.is_none());
    assert_eq!(table.room.debts_of(HOST), Debts::NONE);
    table.room.sit_in(HOST, table.now).unwrap();
    table.tick_after(4);
    assert_eq!(table.dealt(), "b1 s1 B0");
}

#[test]
fn in_a_simple_room_nobody_owes_anything() {
    let mut table = Table::playing(&[ANNA, BEN, CARA]);
    table.room.sit_out(CARA, table.now).unwrap();
    table.next_hand();
    table.changes(SettingsPatch { button_rule: Some("simple".to_owned()), ..Default::default() });
    assert_eq!(table.room.debts_of(CARA), Debts::NONE);
    table.room.sit_in(CARA, table.now).unwrap();
    table.next_hand();
    assert_eq!(table.dealt(), "b2 s3 B0");
    assert!(table.room.members[&CARA].debts.is_none());
    // And back: the blinds go on from where they are.
    table.changes(SettingsPatch { button_rule: Some("dead".to_owned()), ..Default::default() });
    table.stands_up(CARA);
    table.next_hand();
    assert_eq!(table.dealt(), "b3x s0 B1");
}

#[test]
fn a_short_deck_has_no_blinds_to_owe() {
    let mut table = Table::new(SettingsPatch { variant: Some("shortdeck".to_owned()), ..Default::default() });
    for user in [ANNA, BEN] {
        table.join(user);
        table.approve(user).unwrap();
    }
    for (seat, user) in (0..).zip([HOST, ANNA, BEN]) {
        table.sit(user, seat).unwrap();
    }
    table.start().unwrap();
    table.room.sit_out(BEN, table.now).unwrap();
    for button in [1, 0, 1] {
        table.next_hand();
        assert_eq!(table.room.game.live().unwrap().hand.setup().button, SeatIndex(button));
        assert_eq!(table.room.debts_of(BEN), Debts::NONE);
    }
}
