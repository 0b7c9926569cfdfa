//! Text and numbers from outside: whatever they are, they become a valid value or are refused.

use domain::card::{Card, Rank, Suit};
use domain::chips::Chips;
use domain::name::Name;
use domain::settings::{Settings, SettingsPatch};
use proptest::option;
use proptest::prelude::*;

/// The lines of a corpus: whether each has to be taken, and the text.
fn corpus(lines: &str) -> impl Iterator<Item = (bool, String)> {
    let lines = lines.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| (line.starts_with('+'), characters(line.get(1..).expect("a sign, then the text"))))
}

/// The text with each `\u{...}` made the character that it names.
fn characters(text: &str) -> String {
    let mut parts = text.split("\\u{");
    let mut made = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (number, rest) = part.split_once('}').expect("a character's number ends");
        made.push(u32::from_str_radix(number, 16).ok().and_then(char::from_u32).expect("the number of a character"));
        made.push_str(rest);
    }
    made
}

#[test]
fn the_corpus_of_names_is_judged_as_it_says() {
    for (good, text) in corpus(include_str!("corpus/names.txt")) {
        assert_eq!(Name::new(&text).is_ok(), good, "{text:?}");
    }
}

#[test]
fn the_corpus_of_cards_is_judged_as_it_says() {
    for (good, text) in corpus(include_str!("corpus/cards.txt")) {
        assert_eq!(text.parse::<Card>().is_ok(), good, "{text:?}");
    }
}

/// Anything, and what is nearly a card.
fn card_text() -> impl Strategy<Value = String> {
    let suit = prop_oneof![Just("hearts".to_owned()), Just("clubs".to_owned()), "[a-z]{0,9}"];
    let rank = prop_oneof![Just("A".to_owned()), Just("10".to_owned()), "[0-9AJQK]{0,3}"];
    prop_oneof![any::<String>(), (suit, "[_ -]{0,2}", rank).prop_map(|(suit, between, rank)| suit + &between + &rank)]
}

/// Sane numbers, and the edges of what can be written.
fn number() -> impl Strategy<Value = i64> {
    prop_oneof![-2i64..1000, 999_999_999_990..1_000_000_000_010i64, any::<i64>(), Just(i64::MAX), Just(i64::MIN)]
}

fn games() -> impl Strategy<Value = SettingsPatch> {
    let variant = || prop_oneof![Just("nlhe"), Just("plo5"), Just("shortdeck"), Just("stud")].prop_map(str::to_owned);
    let rotation = option::of(proptest::collection::vec(variant(), 0..7));
    (option::of(variant()), rotation, option::of(number()), option::of(option::of(number()))).prop_map(
        |(variant, rotation, rotation_hands, button_blind)| SettingsPatch {
            variant,
            rotation,
            rotation_hands,
            button_blind,
            ..Default::default()
        },
    )
}

fn patch() -> impl Strategy<Value = SettingsPatch> {
    let numbers = proptest::array::uniform9(option::of(number()));
    let seconds = prop_oneof![0.0f64..40.0, any::<f64>(), Just(f64::NAN), Just(f64::INFINITY), Just(-0.0)];
    (numbers, option::of(seconds), option::of(any::<bool>()), option::of(any::<bool>()), games()).prop_map(
        |(n, between_hands_secs, auto_approve, spectators_allowed, games)| SettingsPatch {
            seats: n[0],
            small_blind: n[1],
            big_blind: n[2],
            ante: n[3],
            min_buy_in: n[4],
            max_buy_in: n[5],
            action_timeout_secs: n[6],
            timebank_secs: n[7],
            max_members: n[8],
            between_hands_secs,
            auto_approve,
            spectators_allowed,
            ..games
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn what_is_taken_for_a_card_is_its_name(text in card_text()) {
        if let Ok(card) = text.parse::<Card>() {
            prop_assert_eq!(card.to_string(), text);
            prop_assert_eq!(Card::from_number(card.number()), Some(card));
        }
    }

    #[test]
    fn every_number_is_a_card_or_none(number in any::<u8>()) {
        let card = Card::from_number(number);
        prop_assert_eq!(card.is_some(), usize::from(number) < Suit::ALL.len() * Rank::ALL.len());
        if let Some(card) = card {
            prop_assert_eq!((card.number(), card.to_string().parse::<Card>().ok()), (number, Some(card)));
        }
    }

    #[test]
    fn a_name_is_bounded_visible_and_stays_what_it_is(text in prop_oneof![any::<String>(), "\\PC{0,60}", "[ a\u{300}\u{200d}\u{202e}\u{fe0f}]{0,60}"]) {
        if let Ok(name) = Name::new(&text) {
            let kept = name.as_str();
            prop_assert!((1..=Name::MAX_CHARS).contains(&kept.chars().count()));
            prop_assert!(kept == kept.trim() && !kept.chars().any(char::is_control));
            prop_assert_eq!(Name::new(kept), Ok(name.clone()), "twice is once");
        }
    }

    #[test]
    fn settings_are_refused_or_make_a_game(patches in proptest::collection::vec(patch(), 1..4)) {
        let mut settings = Settings::default();
        for patch in patches {
            let Ok(patched) = settings.patched(&patch) else { continue };
            settings = patched;
            prop_assert!((2..=10).contains(&settings.seats) && (2..=1000).contains(&settings.max_members));
            prop_assert!(Chips::new(1) <= settings.small_blind && settings.small_blind <= settings.big_blind);
            prop_assert!(settings.ante <= settings.big_blind && settings.big_blind <= Chips::MAX);
            prop_assert!(Chips::new(1) <= settings.min_buy_in && settings.min_buy_in <= settings.max_buy_in);
            prop_assert!((0..=30_000).contains(&settings.between_hands.0) && settings.max_buy_in <= Chips::MAX);
            prop_assert!((0..=600_000).contains(&settings.action_timeout.0) && (0..=600_000).contains(&settings.timebank.0));
            let buy_in = settings.default_buy_in();
            prop_assert!(settings.min_buy_in <= buy_in && buy_in <= settings.max_buy_in);
        }
    }
}
