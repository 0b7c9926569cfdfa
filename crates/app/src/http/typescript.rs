//! `web/src/api/wire.ts`: the wire's types as TypeScript, made from the types that write and read the wire.

use std::path::Path;
use std::{env, fs};

use domain::card::{Rank, Suit};
use protocol::code::ErrorCode;
use protocol::event::{self, WireEvent};
use protocol::frame::{ClientFrame, ServerFrame};
use protocol::names;
use ts_rs::{Config, TS};

use protocol::{auth, document, host, membership, play, rooms, seats};

use crate::http::problem;

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

    wire.words("Suit", &Suit::NAMES);
    wire.words("Rank", &Rank::NAMES);
    add!(wire:
        names::Card, names::Street, names::Phase, names::PostKind, names::HandKind, names::Half, names::QuestionKind, names::FreedReason, names::AdjustedBy, names::GameStatus,
        names::RoomStatus, names::Role, names::SocketRole, names::MembershipStatus, names::SeatStatus, names::Variant, names::Owed, names::WaitsFor,
        names::ActionName, ErrorCode, problem::Outcome,
    );
    add!(wire:
        event::Amount, event::Person, event::SeatOf, event::WirePost, event::WireDealtIn, event::WireCommitment, event::WirePot, event::WirePart, event::WireRanks,
        event::WireReturned, event::WireShare, event::WireWinner, event::WireShown, event::WireStack, event::WireTimer,
        event::LegalActionsResponse,
        protocol::settings::WireSettings, protocol::settings::SettingsRequest, protocol::settings::WirePreferences,
        protocol::settings::PreferencesRequest, WireEvent, ClientFrame, ServerFrame<'static>,
        problem::Problem,
        auth::GuestRequest, auth::RegisterRequest, auth::LoginRequest, auth::Session, auth::Me,
        rooms::CreateRoomRequest, membership::JoinRequest, membership::UserRequest, membership::ApproveRequest,
        membership::SpectateRequest, rooms::RoomResponse, rooms::CreateRoomResponse, rooms::LobbySeat, rooms::LobbyResponse, rooms::MyRoom,
        rooms::MyRooms, membership::JoinResponse, membership::MembershipResponse, membership::ApproveResponse, membership::RoleResponse,
        membership::SpectatorEntry, membership::SpectatorsResponse, membership::LeaveResponse, membership::HeartbeatResponse,
        seats::TakeSeatRequest, seats::TakeSeatResponse, seats::TopUpRequest, seats::PreferencesResponse,
        host::CommandResponse, host::StackResponse, host::KickRequest, host::ChipsRequest, host::SettingsResponse,
        play::ActionRequest, play::ActionResponse, play::RunsRequest, play::ShowRequest, play::RabbitRequest, play::RabbitResponse,
        play::EventsResponse, play::PastHandSummary, play::HandsResponse, play::RecordedSeat,
        play::RecordedHandResponse, play::HandResponse, play::CardProof, play::ProofsResponse,
        document::DocumentRoom, document::DocumentGame, document::DocumentPot, document::DocumentQuestion, document::DocumentWinner,
        document::DocumentHand, document::DocumentLastAction, document::DocumentSeat, document::DocumentLegal,
        document::DocumentMe, document::DocumentAction, document::DocumentTimer, document::DocumentRequest,
        document::DocumentMember, document::DocumentBanned, document::DocumentControls, document::Document,
    );
    wire.text.push_str(&protocol::settings::forms());
    wire.text
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
