//! The golden files: events as versions have stored them, each in the bytes of its time.
//!
//! A line is `{"type":…,"public":…,"hidden":…}`; `hidden` is opened here, and sealed in a database. Lines are appended, and never
//! changed: databases hold what they show. What is written today has to be there byte by byte, and what is there has to be read,
//! and written again with every name and value that it has.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use domain::card::deck::Deck;
use domain::card::rank::evaluate;
use domain::card::seed::Commitment;
use domain::event::{Acted, BountyPaid, DealtIn, FinalStack, HandStarted, PartShare, PotDistributed, RunsAsked, Timer};
use domain::hand::{Half, HandKind, HandRules, Post, PostKind, Pot, Shown, Street, UncalledBet};
use domain::ids::HandId;
use domain::name::Name;
use domain::rules::{Pack, Revision, RuleBook, Variant};
use domain::settings::{Settings, SettingsPatch};
use domain::time::{Millis, Timestamp};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::*;

/// Lines that may never be changed, and the SHA-256 of them. A release moves both on to the end of the file.
const FROZEN: (usize, &str) = (52, "9181d8b1d0d1d4b3ce07d541e8fbf544dc175c526f8e3693d563e37e1b1e0ffe");

/// The newest file: where lines are appended.
const NEWEST: &str = "events-1.jsonl";

/// Set to append what is missing.
const APPEND: &str = "HOLDFAST_APPEND_GOLDEN";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

pub(super) const USER: UserId = UserId(Uuid::from_u128(1));
const GAME: GameId = GameId(Uuid::from_u128(2));
const HAND: HandId = HandId(Uuid::from_u128(3));
const SEAT: SeatIndex = SeatIndex(4);

fn name() -> Name {
    Name::new("Zoë \"the\" 👩\u{200D}🚀").unwrap()
}

fn timer() -> Timer {
    Timer {
        actor: SEAT,
        turn: 7,
        started_at: Timestamp(1_764_000_000_001),
        deadline: Some(Timestamp(1_764_000_030_001)),
        expires: Some(Timestamp(1_764_000_090_001)),
        timebank: Millis(60_000),
    }
}

fn completed() -> HandCompleted {
    let cards = Deck::ordered(Pack::Full).cards().to_vec();
    completed_as(Variant::HoldEm, vec![cards[..5].to_vec()], &[cards[7], cards[20]])
}

fn completed_as(variant: Variant, boards: Vec<Vec<Card>>, hole: &[Card]) -> HandCompleted {
    let shown = Shown::new(SEAT, HoleCards::new(hole).unwrap(), variant.game(), &boards);
    let rank = shown.rank;
    HandCompleted {
        hand: HAND,
        variant,
        boards,
        winners: vec![Share { seat: SEAT, user: USER, amount: Chips::MAX, rank: Some(rank) }],
        shown: vec![shown],
        stacks: vec![FinalStack { seat: SEAT, user: USER, chips: Chips::MAX, net: -5 }],
        next_hand_at: Some(Timestamp(1_764_000_099_999)),
    }
}

fn acted() -> Acted {
    Acted {
        hand: HAND,
        user: USER,
        seat: SEAT,
        street: Street::Turn,
        kind: ActionKind::AllIn,
        amount: Chips::new(10),
        chips: Chips::ZERO,
        bet: Chips::new(10),
        pot: Chips::new(33),
        auto: false,
        turn: Some(9),
        returned: Some(UncalledBet { seat: SEAT, amount: Chips::new(3), stack: Chips::new(3) }),
        timer: None,
    }
}

pub(super) fn started() -> HandStarted {
    HandStarted {
        hand: HAND,
        number: 12,
        button: SEAT,
        rules: HandRules {
            book: RuleBook::current(Variant::HoldEm),
            small_blind: Chips::new(1),
            big_blind: Chips::new(2),
            ante: Chips::new(1),
            button_blind: Chips::ZERO,
        },
        kind: HandKind::Ordinary,
        boards: 1,
        posts: PostKind::ALL.map(|kind| Post { seat: SEAT, kind, amount: Chips::new(1) }).to_vec(),
        seats: vec![DealtIn { seat: SEAT, user: USER, stack: Chips::new(5), chips: Chips::new(4), bet: Chips::new(1) }],
        pot: Chips::new(4),
        timer: Some(timer()),
        commitment: Some(Commitment { seed: [0xab; 32], root: [0x0c; 32] }),
    }
}

/// Each event at least once, with and without what may be absent, and with each name that it may hold.
fn all() -> Vec<Happened> {
    let (user, seat, name, chips, game) = (USER, SEAT, name(), Chips::new(80), GAME);
    let patch = SettingsPatch { between_hands_secs: Some(0.333), seats: Some(2), ..Default::default() };
    let won = Share { seat, user, amount: chips, rank: None };
    let by_host = |reason: Option<&str>| AdjustedBy::Host { reason: reason.map(str::to_owned) };
    let mut all = vec![
        Happened::JoinRequested { user, name: name.clone() },
        Happened::Approved { user, name: name.clone() },
        Happened::Rejected { user, name: name.clone() },
        Happened::Seated { seat, user, name: name.clone(), chips },
        Happened::SpectatorJoined { user, name: name.clone() },
        Happened::SpectatorLeft { user, name },
        Happened::Disconnected { user, seat },
        Happened::Reconnected { user, seat },
        Happened::SatOut { user, seat },
        Happened::SatIn { user, seat },
        Happened::MemberLeft { user },
        Happened::Kicked { user },
        Happened::HostChanged { user },
        Happened::SettingsChanged { settings: Settings::default().patched(&patch).unwrap() },
        Happened::ChipsAdjusted { user, delta: 5, chips, by: AdjustedBy::TopUp },
        Happened::ChipsAdjusted { user, delta: -5, chips, by: by_host(Some("a \\ \u{7f} reason")) },
        Happened::ChipsAdjusted { user, delta: i64::MIN, chips, by: by_host(None) },
        Happened::GameStarted { game },
        Happened::GamePaused { game },
        Happened::GameResumed { game },
        Happened::GameEnded { game },
        Happened::BombPotQueued { by: user },
        Happened::BombPotCancelled { by: user },
        Happened::HandStarted(started()),
        Happened::HandStarted(HandStarted { timer: None, commitment: None, posts: Vec::new(), ..started() }),
        Happened::Acted(acted()),
        Happened::Acted(Acted { turn: None, returned: None, auto: true, timer: Some(timer()), ..acted() }),
        Happened::StreetAdvanced {
            hand: HAND,
            street: Street::Flop,
            boards: completed().boards,
            pots: vec![Pot { amount: chips, eligible: vec![seat] }],
            timer: Some(Timer { deadline: None, expires: None, ..timer() }),
        },
        Happened::PotDistributed(PotDistributed {
            hand: HAND,
            index: 1,
            amount: chips,
            winners: vec![won],
            parts: Vec::new(),
        }),
        Happened::HandCompleted(completed()),
        Happened::HandCompleted(HandCompleted {
            winners: vec![won],
            shown: Vec::new(),
            boards: vec![Vec::new()],
            next_hand_at: None,
            ..completed()
        }),
    ];
    all.extend(FreedReason::ALL.map(|reason| Happened::SeatFreed { seat, user, reason, chips }));
    all.extend(ActionKind::ALL.map(|kind| Happened::Acted(Acted { kind, ..acted() })));
    for street in Street::ALL {
        let (boards, pots) = (vec![completed().boards[0][..street.board_len()].to_vec()], Vec::new());
        all.push(Happened::StreetAdvanced { hand: HAND, street, boards, pots, timer: None });
        all.push(Happened::Acted(Acted { street, ..acted() }));
    }
    let rules = HandRules { book: RuleBook::OLDEST, ..started().rules };
    all.push(Happened::HandStarted(HandStarted { rules, commitment: None, ..started() }));
    for variant in Variant::ALL {
        let books = Revision::ALL.map(|revision| RuleBook { variant, revision });
        for book in books.into_iter().filter(|book| RuleBook::from_text(&book.to_string()).is_some()) {
            let rules = HandRules { book, ..started().rules };
            all.push(Happened::HandStarted(HandStarted { rules, ..started() }));
        }
    }
    all.extend(of_other_games(won));
    all.extend(of_runs_and_shown_cards());
    all
}

/// What only games other than hold'em, or house rules, tell.
fn of_other_games(won: Share) -> Vec<Happened> {
    let cards = Deck::ordered(Pack::Full).cards().to_vec();
    let boards = vec![cards[..5].to_vec(), cards[20..25].to_vec()];
    let part = |board, half| PartShare { board, half, amount: Chips::new(40), winners: vec![won] };
    let book = RuleBook::current(Variant::ShortDeck);
    let short = HandRules { book, small_blind: Chips::ZERO, button_blind: Chips::new(2), ..started().rules };
    let mut all = vec![
        Happened::HandStarted(HandStarted { rules: short, ..started() }),
        Happened::HandStarted(HandStarted { kind: HandKind::BombPot, boards: 2, ..started() }),
        Happened::StreetAdvanced {
            hand: HAND,
            street: Street::River,
            boards: boards.clone(),
            pots: Vec::new(),
            timer: None,
        },
        Happened::PotDistributed(PotDistributed {
            hand: HAND,
            index: 0,
            amount: Chips::new(120),
            winners: vec![won],
            parts: vec![part(0, Half::High), part(0, Half::Low), part(1, Half::Whole)],
        }),
        Happened::HandCompleted(completed_as(Variant::OmahaEight, boards, &cards[30..34])),
        Happened::BountyPaid(BountyPaid {
            hand: HAND,
            seat: SEAT,
            user: USER,
            amount: Chips::new(80),
            from: vec![Share { seat: SeatIndex(5), ..won }],
        }),
    ];
    for variant in Variant::ALL {
        let hole = &cards[26..26 + variant.game().hole_cards];
        all.push(Happened::HandCompleted(completed_as(variant, vec![cards[..5].to_vec()], hole)));
    }
    all
}

/// How often to run the missing cards, and what is shown after a hand.
fn of_runs_and_shown_cards() -> Vec<Happened> {
    let cards = Deck::ordered(Pack::Full).cards().to_vec();
    let (user, seat, hand, board) = (USER, SEAT, HAND, cards[..5].to_vec());
    let asked = RunsAsked { hand, seats: vec![SeatIndex(0), SEAT], max_runs: 3, turn: 8, expires: timer().expires };
    vec![
        Happened::RunsAsked(RunsAsked { expires: None, ..asked.clone() }),
        Happened::RunsAsked(asked),
        Happened::RunsAnswered { hand, seat, user },
        Happened::RunsDecided { hand, runs: 2 },
        Happened::RunDealt { hand, run: 1, board: board.clone() },
        Happened::CardsShown { hand, seat, user, cards: cards[7..9].to_vec() },
        Happened::RabbitShown { hand, user, boards: None },
        Happened::RabbitShown { hand, user, boards: Some(vec![board, cards[20..25].to_vec()]) },
    ]
}

/// The same for what is hidden.
pub(super) fn hidden() -> Vec<Event> {
    let cards = Deck::ordered(Pack::Full).cards().to_vec();
    let of = |secret, turn| Event { secret, turn, ..Happened::MemberLeft { user: USER }.into() };
    let legal = LegalActions {
        actions: ActionKind::ALL.to_vec(),
        call_amount: Chips::new(20),
        min_raise_to: Some(Chips::new(60)),
        max_raise_to: Some(Chips::new(400)),
    };
    let turn = OwnTurn { of: USER, legal: legal.clone(), rank: evaluate(&cards[..7]) };
    let free = LegalActions { min_raise_to: None, max_raise_to: None, ..legal };
    let dealt = Secret::Cards(vec![
        (USER, HoleCards::new(&[cards[0], cards[51]]).unwrap()),
        (UserId(Uuid::nil()), HoleCards::new(&cards[1..3]).unwrap()),
    ]);
    let five = Secret::Cards(vec![(USER, HoleCards::new(&cards[30..35]).unwrap())]);
    vec![
        of(dealt.clone(), None),
        of(five, None),
        of(dealt, Some(turn.clone())),
        of(Secret::Runs(2), None),
        of(Secret::Boards { of: USER, boards: vec![cards[..5].to_vec(), cards[20..25].to_vec()] }, None),
        of(Secret::Token { of: USER, id: TokenId(Uuid::from_u128(77)) }, None),
        of(Secret::None, Some(OwnTurn { legal: free, ..turn.clone() })),
        of(Secret::None, Some(turn)),
    ]
}

/// All lines of all files.
fn lines() -> Vec<String> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "jsonl"));
    files.sort();
    let read = |file: PathBuf| fs::read_to_string(file).unwrap().lines().map(str::to_owned).collect::<Vec<_>>();
    files.into_iter().flat_map(read).collect()
}

/// An event as it is written today.
fn line(event: &Event) -> String {
    let public = String::from_utf8(public_json(&event.what).unwrap().0).unwrap();
    let hidden = SecretRow::of(event).map(|row| String::from_utf8(Json::of(&row).0).unwrap());
    let hidden = hidden.map(|hidden| format!(",\"hidden\":{hidden}")).unwrap_or_default();
    format!("{{\"type\":\"{}\",\"public\":{public}{hidden}}}", event.what.name())
}

/// The event of a line, as the log's reader reads it.
fn read(line: &str) -> Result<Event, StoreError> {
    let stored: Value = serde_json::from_str(line).unwrap();
    let json = |value: &Value| Json(serde_json::to_vec(value).unwrap());
    let what = happened(stored["type"].as_str().unwrap().to_owned(), &json(&stored["public"]))?;
    let (secret, turn) = match stored.get("hidden") {
        None => (Secret::None, None),
        Some(hidden) => json(hidden).parse::<SecretRow>()?.opened()?,
    };
    Ok(Event { what, secret, turn })
}

/// Whether all that was stored is in what is written now: every name with its value, every element in its place.
fn holds(now: &Value, stored: &Value) -> bool {
    match (now, stored) {
        (Value::Object(now), Value::Object(stored)) => {
            stored.iter().all(|(name, value)| now.get(name).is_some_and(|now| holds(now, value)))
        }
        (Value::Array(now), Value::Array(stored)) => {
            now.len() == stored.len() && now.iter().zip(stored).all(|(now, stored)| holds(now, stored))
        }
        (now, stored) => now == stored,
    }
}

/// What golden lines have to show, and what they do show.
#[derive(Default)]
struct Coverage {
    wanted: BTreeSet<String>,
    seen: BTreeSet<String>,
}

impl Coverage {
    fn of<'e>(events: impl IntoIterator<Item = &'e Event>) -> Self {
        let mut shown = Self::default();
        for event in events {
            shown.happened(&event.what);
            shown.secret(event);
        }
        shown
    }

    fn one_of(&mut self, field: &str, name: &str, names: &[&str]) {
        self.wanted.extend(names.iter().map(|name| format!("{field} {name}")));
        self.seen.insert(format!("{field} {name}"));
    }

    /// A field that may be absent has to be shown with and without it.
    fn optional<T>(&mut self, field: &str, value: &Option<T>) {
        let name = if value.is_some() { "present" } else { "absent" };
        self.one_of(field, name, &["present", "absent"]);
    }

    fn timer(&mut self, event: EventKind, timer: &Option<Timer>) {
        self.optional(&format!("{}.timer", event.name()), timer);
        if let Some(Timer { actor: _, turn: _, started_at: _, deadline, expires, timebank: _ }) = timer {
            self.optional("timer.deadline", deadline);
            self.optional("timer.expires", expires);
        }
    }

    fn share(&mut self, event: EventKind, Share { seat: _, user: _, amount: _, rank }: &Share) {
        if event == EventKind::HandCompleted {
            self.optional("share.rank", rank);
        }
    }

    /// Every field is named, so that a new one is thought of here.
    fn happened(&mut self, what: &Happened) {
        self.one_of("event", what.name(), &EventKind::NAMES);
        match what {
            Happened::JoinRequested { user: _, name: _ }
            | Happened::Approved { user: _, name: _ }
            | Happened::Rejected { user: _, name: _ }
            | Happened::Seated { seat: _, user: _, name: _, chips: _ }
            | Happened::SpectatorJoined { user: _, name: _ }
            | Happened::SpectatorLeft { user: _, name: _ }
            | Happened::Disconnected { user: _, seat: _ }
            | Happened::Reconnected { user: _, seat: _ }
            | Happened::SatOut { user: _, seat: _ }
            | Happened::SatIn { user: _, seat: _ }
            | Happened::MemberLeft { user: _ }
            | Happened::Kicked { user: _ }
            | Happened::HostChanged { user: _ }
            | Happened::SettingsChanged { settings: _ }
            | Happened::GameStarted { game: _ }
            | Happened::GamePaused { game: _ }
            | Happened::GameResumed { game: _ }
            | Happened::GameEnded { game: _ }
            | Happened::RunsAnswered { hand: _, seat: _, user: _ }
            | Happened::RunsDecided { hand: _, runs: _ }
            | Happened::RunDealt { hand: _, run: _, board: _ }
            | Happened::CardsShown { hand: _, seat: _, user: _, cards: _ } => {}
            Happened::RunsAsked(RunsAsked { hand: _, seats: _, max_runs: _, turn: _, expires }) => {
                self.optional("runs_asked.expires", expires);
            }
            Happened::RabbitShown { hand: _, user: _, boards } => self.optional("rabbit_shown.boards", boards),
            Happened::BountyPaid(BountyPaid { hand: _, seat: _, user: _, amount: _, from: _ }) => {}
            Happened::BombPotQueued { by: _ } | Happened::BombPotCancelled { by: _ } => {}
            Happened::SeatFreed { seat: _, user: _, reason, chips: _ } => {
                self.one_of("seat_freed.reason", reason.name(), &FreedReason::NAMES);
            }
            Happened::ChipsAdjusted { user: _, delta: _, chips: _, by } => match by {
                AdjustedBy::TopUp => self.one_of("chips_adjusted.by", "top_up", &["top_up", "host"]),
                AdjustedBy::Host { reason } => {
                    self.one_of("chips_adjusted.by", "host", &["top_up", "host"]);
                    self.optional("chips_adjusted.reason", reason);
                }
            },
            Happened::HandStarted(HandStarted {
                hand: _,
                number: _,
                button: _,
                rules:
                    HandRules {
                        book: RuleBook { variant, revision },
                        small_blind: _,
                        big_blind: _,
                        ante: _,
                        button_blind: _,
                    },
                kind,
                boards,
                posts,
                seats: _,
                pot: _,
                timer,
                commitment,
            }) => {
                self.one_of("hand_started.variant", variant.name(), &Variant::NAMES);
                self.one_of("hand_started.kind", kind.name(), &HandKind::NAMES);
                self.one_of("hand_started.boards", &boards.to_string(), &["1", "2"]);
                let revisions = Revision::ALL.map(|revision| revision.number().to_string());
                let revisions: Vec<&str> = revisions.iter().map(String::as_str).collect();
                self.one_of("hand_started.revision", &revision.number().to_string(), &revisions);
                for Post { seat: _, kind, amount: _ } in posts {
                    self.one_of("post.kind", kind.name(), &PostKind::NAMES);
                }
                self.timer(EventKind::HandStarted, timer);
                self.optional("hand_started.commitment", commitment);
            }
            Happened::Acted(Acted {
                hand: _,
                user: _,
                seat: _,
                street,
                kind,
                amount: _,
                chips: _,
                bet: _,
                pot: _,
                auto: _,
                turn,
                returned,
                timer,
            }) => {
                self.one_of("acted.street", street.name(), &Street::NAMES);
                self.one_of("acted.kind", kind.name(), &ActionKind::NAMES);
                self.optional("acted.turn", turn);
                self.optional("acted.returned", returned);
                self.timer(EventKind::Acted, timer);
            }
            Happened::StreetAdvanced { hand: _, street, boards, pots: _, timer } => {
                self.one_of("street_advanced.boards", &boards.len().to_string(), &["1", "2"]);
                self.one_of("street_advanced.street", street.name(), &Street::NAMES);
                self.timer(EventKind::StreetAdvanced, timer);
            }
            Happened::PotDistributed(PotDistributed { hand: _, index: _, amount: _, winners, parts }) => {
                for PartShare { board: _, half, amount: _, winners } in parts {
                    self.one_of("part.half", half.name(), &Half::NAMES);
                    winners.iter().for_each(|winner| self.share(EventKind::PotDistributed, winner));
                }
                winners.iter().for_each(|winner| self.share(EventKind::PotDistributed, winner));
            }
            Happened::HandCompleted(HandCompleted {
                hand: _,
                variant,
                boards,
                winners,
                shown: _,
                stacks: _,
                next_hand_at,
            }) => {
                self.one_of("hand_completed.variant", variant.name(), &Variant::NAMES);
                self.one_of("hand_completed.boards", &boards.len().to_string(), &["1", "2"]);
                winners.iter().for_each(|winner| self.share(EventKind::HandCompleted, winner));
                self.optional("hand_completed.next_hand_at", next_hand_at);
            }
            Happened::Foreign { kind } => panic!("{kind} is not known any more"),
        }
    }

    fn secret(&mut self, Event { what: _, secret, turn }: &Event) {
        let name = match secret {
            Secret::None => "none",
            Secret::Cards(_) => "cards",
            Secret::Token { of: _, id: _ } => "token",
            Secret::Runs(_) => "runs",
            Secret::Boards { of: _, boards: _ } => "boards",
        };
        self.one_of("hidden", name, &["none", "cards", "token", "runs", "boards"]);
        match secret {
            Secret::None | Secret::Cards(_) => self.optional(&format!("turn beside {name}"), turn),
            // Nobody is given the turn by being let in, nor by what is asked beside turns.
            Secret::Token { .. } | Secret::Runs(_) | Secret::Boards { .. } => {}
        }
        let Some(OwnTurn { of: _, legal, rank: _ }) = turn else { return };
        let LegalActions { actions, call_amount: _, min_raise_to, max_raise_to } = legal;
        for action in actions {
            self.one_of("turn.action", action.name(), &ActionKind::NAMES);
        }
        self.optional("turn.min", min_raise_to);
        self.optional("turn.max", max_raise_to);
    }
}

fn written_today() -> Vec<Event> {
    all().into_iter().map(Event::from).chain(hidden()).collect()
}

#[test]
fn what_is_written_today_is_in_the_golden_files_byte_by_byte() {
    let mut known: BTreeSet<String> = lines().into_iter().collect();
    let today = written_today();
    let mut missing: Vec<String> = today.iter().map(line).filter(|line| known.insert(line.clone())).collect();
    if std::env::var_os(APPEND).is_some() {
        let mut file = fs::OpenOptions::new().append(true).create(true).open(folder().join(NEWEST)).unwrap();
        missing.drain(..).for_each(|line| writeln!(file, "{line}").unwrap());
    }
    assert!(
        missing.is_empty(),
        "a new event, field or name: {APPEND}=1 cargo test -p adapters-pg --lib golden, and look at what was appended. A changed one: it \
         is in databases.\n{}",
        missing.join("\n")
    );
}

#[test]
fn what_was_ever_stored_is_read_and_written_again_with_all_that_it_has() {
    for line_ in lines() {
        let event = read(&line_).unwrap_or_else(|error| panic!("{error}: {line_}"));
        assert!(event.what.facts().kind.is_some(), "no event of ours any more: {line_}");
        let [now, stored] = [line(&event), line_.clone()].map(|line| serde_json::from_str::<Value>(&line).unwrap());
        assert!(holds(&now, &stored), "stored: {stored}\nnow: {now}");
        assert_eq!(read(&line(&event)).unwrap(), event, "{line_}");
    }
}

#[test]
fn every_event_every_optional_field_and_every_name_has_a_golden_line() {
    let stored: Vec<Event> = lines().iter().map(|line| read(line).unwrap()).collect();
    let Coverage { mut wanted, seen } = Coverage::of(&stored);
    wanted.extend(Coverage::of(&written_today()).wanted);
    wanted.extend(EventKind::NAMES.map(|name| format!("event {name}")));
    let missing: Vec<&String> = wanted.difference(&seen).collect();
    assert!(missing.is_empty(), "no golden line shows {missing:?}: add it to `all` or `hidden` in {}", file!());
}

#[test]
fn golden_lines_are_appended_and_never_changed() {
    let (count, expected) = FROZEN;
    let frozen: String = lines().iter().take(count).map(|line| format!("{line}\n")).collect();
    let hash: String = Sha256::digest(frozen).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hash, expected, "the first {count} lines are in databases as they were");
}

/// The comparisons notice what they are for.
#[test]
fn a_name_that_changes_on_both_sides_is_noticed() {
    let line = line(&Happened::SatOut { user: USER, seat: SEAT }.into());
    assert!(read(&line).is_ok());
    // The database's line is as it was; the program has another name for the event, or for a field.
    let foreign = read(&line.replace("sat_out", "sat_aside")).unwrap();
    assert_eq!(foreign.what.facts().kind, None);
    assert!(read(&line.replace("\"seat\"", "\"stool\"")).is_err());
    let [now, stored] = [r#"{"a":{"b":[1,{"c":2}]},"new":1}"#, r#"{"a":{"b":[1,{"c":2}]}}"#]
        .map(|text| serde_json::from_str::<Value>(text).unwrap());
    assert!(holds(&now, &stored) && !holds(&stored, &now));
    for other in [r#"{"a":{"b":[1,{"c":3}]}}"#, r#"{"a":{"b":[1]}}"#, r#"{"a":{"d":[1,{"c":2}]}}"#, r#"{"a":null}"#] {
        assert!(!holds(&now, &serde_json::from_str(other).unwrap()), "{other}");
    }
}
