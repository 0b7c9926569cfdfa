//! `web/src/api/wire.ts`: the wire's types as TypeScript, made from the types that write and read the wire.

use std::path::Path;
use std::{env, fs};

use adapters_ws::event::{self, WireEvent};
use adapters_ws::frame::{ClientFrame, ServerFrame};
use domain::card::{Rank, Suit};
use domain::chips::Chips;
use domain::game::GameStatus;
use domain::hand::{Phase, PostKind, Street};
use domain::ids::UserId;
use domain::member::{Role, Standing};
use domain::room::RoomStatus;
use domain::seat::{FreedReason, Occupant, Seat};
use domain::time::{Millis, Timestamp};
use domain::view::hydration::DocumentRole;
use ts_rs::{Config, TS};
use uuid::Uuid;

use crate::http::{auth, host, hydrate, ingress, play, problem, rooms, seats};

const FILE: &str = "../../web/src/api/wire.ts";
const HEAD: &str =
    "// Made from the server's types by `cargo xtask types`; a test fails when they differ. Not to be edited.\n";

/// The file's text, growing declaration by declaration.
struct Declarations {
    config: Config,
    text: String,
}

impl Declarations {
    fn add<T: TS>(&mut self) {
        let docs = T::docs().map(|docs| in_few_lines(&docs).replace("*/ ", "*/\n")).unwrap_or_default();
        self.text.push_str(&format!("\n{docs}export {}\n", in_few_lines(&T::decl(&self.config))));
    }

    fn words(&mut self, name: &str, words: &[&str]) {
        let words: Vec<_> = words.iter().map(|word| format!("\"{word}\"")).collect();
        self.text.push_str(&format!("export type {name} = {};\n", words.join(" | ")));
    }
}

/// Short comments beside what they are about, and a line for each message.
fn in_few_lines(declaration: &str) -> String {
    declaration.replace("/**\n * ", "/** ").replace("\n */\n", " */ ").replace(" | { \"type\"", "\n  | { \"type\"")
}

macro_rules! add {
    ($to:ident: $($type:ty),* $(,)?) => { $($to.add::<$type>();)* };
}

fn wire() -> String {
    let mut wire = Declarations { config: Config::new().with_large_int("number"), text: HEAD.to_owned() };

    wire.words("Suit", &Suit::ALL.map(Suit::name));
    wire.words("Rank", &Rank::ALL.map(Rank::name));
    wire.text.push_str("export type Card = `${Suit}_${Rank}`;\n");
    wire.words("Street", &[Street::Preflop, Street::Flop, Street::Turn, Street::River].map(Street::name));
    let phases =
        [Phase::Preflop, Phase::Flop, Phase::Turn, Phase::River, Phase::Showdown, Phase::Complete].map(Phase::name);
    wire.words("Phase", &phases);
    wire.words("PostKind", &[PostKind::Ante, PostKind::SmallBlind, PostKind::BigBlind].map(PostKind::name));
    wire.words("FreedReason", &FreedReason::ALL.map(FreedReason::name));
    wire.words("AdjustedBy", &event::ADJUSTED_BY);
    let games = [GameStatus::Waiting, GameStatus::Active, GameStatus::Paused, GameStatus::Completed];
    wire.words("GameStatus", &games.map(GameStatus::name));
    wire.words("RoomStatus", &[RoomStatus::Open, RoomStatus::Closed].map(RoomStatus::name));
    let roles = [Role::Approved, Role::Player, Role::Spectator].map(Role::name);
    wire.words("Role", &[&roles[..], &[DocumentRole::Host.name()]].concat());
    wire.words("Standing", &standings().map(Standing::name));
    wire.words("SeatStatus", &chairs().map(|chair| chair.status()));

    add!(wire:
        event::Amount, event::Person, event::SeatOf, event::WirePost, event::WireDealtIn, event::WireCommitment, event::WirePot,
        event::WireReturned, event::WireShare, event::WireWinner, event::WireShown, event::WireStack, event::WireTimer,
        event::WireSettings, play::ActionName, WireEvent, ClientFrame, ServerFrame<'static>,
        problem::LegalActionsBody, problem::Problem,
        auth::GuestBody, auth::RegisterBody, auth::LoginBody, auth::Session, auth::Me,
        rooms::SettingsBody, rooms::CreateBody, ingress::JoinBody, ingress::UserBody, ingress::ApproveBody,
        ingress::SpectateBody, rooms::RoomBody, rooms::CreatedBody, rooms::LobbySeat, rooms::LobbyBody, rooms::MyRoom,
        rooms::MyRooms, ingress::JoinedBody, ingress::StandingBody, ingress::ApprovedBody, ingress::RoleBody,
        ingress::SpectatorBody, ingress::SpectatorsBody, ingress::LeftBody, ingress::AliveBody,
        seats::SeatBody, seats::SeatedBody, seats::TopUpBody,
        host::DoneBody, host::AdjustedBody, host::KickBody, host::ChipsBody, host::AllSettingsBody,
        play::ActionBody, play::ActedBody, play::EventsBody, play::PastHandBody, play::HandsBody, play::RecordedSeat,
        play::RecordedHandBody, play::HandBody, play::ProofBody, play::ProofsBody,
        hydrate::DocumentRoom, hydrate::DocumentGame, hydrate::DocumentPot, hydrate::DocumentWinner,
        hydrate::DocumentHand, hydrate::DocumentLastAction, hydrate::DocumentSeat, hydrate::DocumentLegal,
        hydrate::DocumentMe, hydrate::DocumentAction, hydrate::DocumentTimer, hydrate::DocumentRequest,
        hydrate::DocumentMember, hydrate::DocumentControls, hydrate::Document,
    );
    wire.text
}

fn standings() -> [Standing; 6] {
    let since = Timestamp(0);
    [
        Standing::Pending { since },
        Standing::Approved { since, watching: false },
        Standing::Rejected,
        Standing::Left,
        Standing::Kicked,
        Standing::Banned,
    ]
}

fn chairs() -> [Seat; 5] {
    let occupant = Occupant::new(UserId(Uuid::nil()), Chips::new(1), Millis(0));
    [
        Seat::Empty,
        Seat::Active(occupant.clone()),
        Seat::SittingOut(occupant.clone()),
        Seat::Absent { occupant: occupant.clone(), since: Timestamp(0), sat_out: false },
        Seat::Leaving { occupant, reason: FreedReason::Left },
    ]
}

/// The web client is checked against these types by its own compiler, so neither side can move alone.
#[test]
fn the_web_clients_types_are_the_servers() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE);
    let made = wire();
    if env::var_os("HOLDFAST_WRITE_TYPES").is_some() {
        fs::write(&file, &made).expect("web/src/api can be written");
    }
    let kept = fs::read_to_string(&file).unwrap_or_default();
    assert!(kept == made, "web/src/api/wire.ts is not what the server's types say: run `cargo xtask types`");
}
