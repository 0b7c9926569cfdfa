//! Non-interference (P5): the same public script with other hidden cards gives an observer identical views.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

use domain::card::Card;
use domain::card::deck::Deck;
use domain::card::seed::{Chances, Seed};
use domain::event::{Committed, Event, Happened};
use domain::hand::{Action, ActionKind};
use domain::ids::{GameId, RoomId, SeatIndex, UserId};
use domain::name::Name;
use domain::room::{Chance, Lifetimes, NewRoom, Room, TakeSeat};
use domain::rules::{Pack, Variant};
use domain::settings::{Settings, SettingsPatch};
use domain::time::Timestamp;
use domain::view::event::{Reader, for_reader};
use domain::view::hydration::hydrate;
use uuid::Uuid;

const AT: Timestamp = Timestamp(1_000_000);

/// A small generator, so that a failure can be repeated.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// Ids that count up, and a given deck.
struct Fixed {
    next: u128,
    deck: Deck,
}

impl Chance for Fixed {
    fn id(&mut self) -> Uuid {
        self.next += 1;
        Uuid::from_u128(self.next)
    }

    fn seed(&mut self) -> Seed {
        Seed([7; 32])
    }

    fn deck(&mut self, _: &Chances, _: Pack) -> Deck {
        self.deck.clone()
    }
}

fn user(number: usize) -> UserId {
    UserId(Uuid::from_u128(number as u128 + 1))
}

/// A room with so many players in the first seats, a spectator, and the first hand dealt from `deck`.
fn dealt(variant: Variant, players: usize, deck: Deck) -> (Room, Vec<Event>) {
    let mut chance = Fixed { next: 1000, deck };
    let lifetimes = Lifetimes::default();
    let name = |text: &str| Name::new(text).unwrap();
    let variant = Some(variant.name().to_owned());
    let patch = SettingsPatch { auto_approve: Some(true), variant, ..Default::default() };
    let new = NewRoom {
        id: RoomId(Uuid::from_u128(500)),
        game: GameId(Uuid::from_u128(501)),
        code: "CODE".into(),
        name: name("Room"),
        has_password: false,
        host: user(0),
        host_name: name("Host"),
        settings: Settings::default().patched(&patch).unwrap(),
    };
    let mut room = Room::create(new, AT, &lifetimes, &mut chance);
    let mut events = Vec::new();
    for number in 1..=players {
        events
            .extend(room.join(user(number), name(&format!("Guest {number}")), AT, &lifetimes, &mut chance).unwrap().1);
    }
    for number in 0..players {
        let ask = TakeSeat { seat: SeatIndex(number as u8), name: None, buy_in: Some(40 + 60 * number as i64 % 360) };
        events.extend(room.take_seat(user(number), ask, AT, &lifetimes, &mut chance).unwrap());
    }
    events.extend(room.spectate(user(players), None, AT, &lifetimes, &mut chance).unwrap());
    events.extend(room.start(user(0), AT, &lifetimes, &mut chance).unwrap());
    (room, events)
}

/// The same deck at the places in `known`; everything else changes places with each other.
fn with_other_hidden_cards(deck: &Deck, known: &[usize], random: &mut Random) -> Deck {
    let mut cards: Vec<Card> = deck.cards().to_vec();
    let hidden: Vec<usize> = (0..cards.len()).filter(|place| !known.contains(place)).collect();
    for i in (1..hidden.len()).rev() {
        let j = random.below(i as u64 + 1) as usize;
        cards.swap(hidden[i], hidden[j]);
    }
    Deck::from_cards(cards).unwrap()
}

fn random_action(room: &Room, random: &mut Random) -> Option<(UserId, Action)> {
    let dealt = room.game.live()?;
    let actor = dealt.players[&dealt.hand.actor()?];
    let legal = dealt.hand.legal()?;
    let kind = legal.actions[random.below(legal.actions.len() as u64) as usize];
    let action = match kind {
        ActionKind::Fold => Action::Fold,
        ActionKind::Check => Action::Check,
        ActionKind::Call => Action::Call,
        ActionKind::Bet => Action::Bet(legal.min_raise_to?),
        ActionKind::Raise => Action::Raise(legal.min_raise_to?),
        ActionKind::AllIn => Action::AllIn,
    };
    Some((actor, action))
}

/// The log, but for the commitment to the deck: a hash over salts that nobody knows, and so different for every deck.
fn committed(events: &[Event]) -> Vec<Committed> {
    let mut log: Vec<_> =
        (1..).zip(events).map(|(seq, event)| Committed { seq, at: AT, event: event.clone() }).collect();
    for committed in &mut log {
        if let Happened::HandStarted(started) = &mut committed.event.what {
            started.commitment = None;
        }
    }
    log
}

/// The places in the deck whose cards the observer may know: the board's, and their own.
fn known_places(room: &Room, deck: &Deck, players: usize, observer: usize) -> Vec<usize> {
    let hand = &room.game.dealt.as_ref().unwrap().hand;
    let board = hand.game().hole_cards * players;
    let mut known: Vec<usize> = (board..board + 5).collect();
    if let Some(player) = hand.player(SeatIndex(observer as u8)) {
        known.extend(
            player.hole.cards().iter().map(|card| deck.cards().iter().position(|other| other == card).unwrap()),
        );
    }
    known
}

#[test]
fn other_hidden_cards_change_nothing_that_an_observer_gets() {
    let lifetimes = Lifetimes::default();
    let mut compared = 0;
    for seed in 0..10_000 {
        let mut random = Random(seed);
        let players = 2 + random.below(5) as usize;
        let variant = Variant::ALL[seed as usize % Variant::ALL.len()];
        let deck = Deck::shuffled(variant.game().pack, |below| random.below(u64::from(below)) as u32);
        // The observer is one of the players, or the spectator.
        let observer = random.below(players as u64 + 1) as usize;
        let (mut one, mut one_events) = dealt(variant, players, deck.clone());
        let known = known_places(&one, &deck, players, observer);
        let (mut two, mut two_events) = dealt(variant, players, with_other_hidden_cards(&deck, &known, &mut random));
        while let Some((actor, action)) = random_action(&one, &mut random) {
            one_events.extend(one.act(actor, action, None, AT, &lifetimes).unwrap());
            two_events.extend(two.act(actor, action, None, AT, &lifetimes).unwrap());
            let shown = |room: &Room| room.game.dealt.as_ref().is_some_and(|dealt| !dealt.hand.shown().is_empty());
            if shown(&one) || shown(&two) {
                // From a showdown on, what was hidden decides.
                break;
            }
            compared += 1;
            let view = |room: &Room| hydrate(room, user(observer), None, &[], AT).unwrap();
            assert!(view(&one) == view(&two), "seed {seed}: the documents differ");
            let reader = Reader::Member(user(observer));
            let (ones, twos) = (committed(&one_events), committed(&two_events));
            assert_eq!(ones.len(), twos.len(), "seed {seed}");
            for (one, two) in ones.iter().zip(&twos) {
                assert!(for_reader(one, reader) == for_reader(two, reader), "seed {seed}: event {} differs", one.seq);
            }
        }
    }
    assert!(compared > 10_000, "the hands were played: {compared}");
}

#[test]
fn the_hidden_cards_of_the_two_worlds_do_differ() {
    let mut random = Random(1);
    let deck = Deck::shuffled(Pack::Full, |below| random.below(u64::from(below)) as u32);
    let other = with_other_hidden_cards(&deck, &[], &mut random);
    assert_ne!(deck.cards(), other.cards());
}
