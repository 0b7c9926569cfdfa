//! Which call of the contract a request is, by its method and path.

#![expect(missing_docs, reason = "the names are the contract's")]

use uuid::Uuid;

/// A call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Call {
    Action,
    Join,
    Approve,
    Reject,
    TakeSeat,
    LeaveSeat,
    Spectate,
    StopSpectating,
    Leave,
    Heartbeat,
    Start,
    Pause,
    Resume,
    End,
    BombPot,
    Kick,
    Chips,
    Settings,
    HandOver,
    SitOut,
    SitIn,
    TopUp,
    Runs,
    Show,
    Rabbit,
    Create,
    Hydrate,
    Events,
    Hands,
    Hand,
    Standing,
    Spectators,
    Lobby,
    MyRooms,
    Identity,
    /// None of the contract's.
    Other,
}

/// What a path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    Room(Uuid),
    Game(Uuid),
    Hand(Uuid),
    Nothing,
}

impl Call {
    /// The call of a request, and what its path names.
    pub fn of(method: &str, path: &str) -> (Self, Named) {
        let path = path.split('?').next().unwrap_or_default().trim_start_matches("/api");
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let id =
            |make: fn(Uuid) -> Named| parts.get(1).and_then(|id| Uuid::try_parse(id).ok()).map_or(Named::Nothing, make);
        match (method, parts.as_slice()) {
            ("POST", ["games", _, "actions"]) => (Self::Action, id(Named::Game)),
            ("POST", ["games", _, "runs"]) => (Self::Runs, id(Named::Game)),
            ("POST", ["games", _, "show"]) => (Self::Show, id(Named::Game)),
            ("POST", ["games", _, "rabbit"]) => (Self::Rabbit, id(Named::Game)),
            ("GET", ["hands", _]) => (Self::Hand, id(Named::Hand)),
            ("POST", ["rooms"]) => (Self::Create, Named::Nothing),
            ("GET", ["rooms"]) => (Self::MyRooms, Named::Nothing),
            ("GET", ["rooms", "code", _]) => (Self::Lobby, Named::Nothing),
            ("GET", ["rooms", _]) => (Self::Lobby, id(Named::Room)),
            (_, ["auth", _]) => (Self::Identity, Named::Nothing),
            (method, ["rooms", _, rest]) => (Self::of_room(method, rest), id(Named::Room)),
            _ => (Self::Other, Named::Nothing),
        }
    }

    fn of_room(method: &str, rest: &str) -> Self {
        match (method, rest) {
            ("POST", "join") => Self::Join,
            ("POST", "approve") => Self::Approve,
            ("POST", "reject") => Self::Reject,
            ("POST", "seat") => Self::TakeSeat,
            ("DELETE", "seat") => Self::LeaveSeat,
            ("POST", "spectate") => Self::Spectate,
            ("DELETE", "spectate") => Self::StopSpectating,
            ("POST", "leave") => Self::Leave,
            ("POST", "heartbeat") => Self::Heartbeat,
            ("POST", "start") => Self::Start,
            ("POST", "pause") => Self::Pause,
            ("POST", "resume") => Self::Resume,
            ("POST", "end") => Self::End,
            ("POST" | "DELETE", "bomb-pot") => Self::BombPot,
            ("POST", "kick") => Self::Kick,
            ("POST", "chips") => Self::Chips,
            ("PATCH", "settings") => Self::Settings,
            ("POST", "host") => Self::HandOver,
            ("POST", "sit-out") => Self::SitOut,
            ("POST", "sit-in") => Self::SitIn,
            ("POST", "top-up") => Self::TopUp,
            ("GET", "hydrate") => Self::Hydrate,
            ("GET", "events") => Self::Events,
            ("GET", "hands") => Self::Hands,
            ("GET", "me") => Self::Standing,
            ("GET", "spectators") => Self::Spectators,
            _ => Self::Other,
        }
    }

    /// Whether it may change a room.
    pub fn changes(self) -> bool {
        self <= Self::Create && self != Self::Heartbeat
    }

    /// Whether only the host may.
    pub fn is_the_hosts(self) -> bool {
        matches!(
            self,
            Self::Approve
                | Self::Reject
                | Self::Start
                | Self::Pause
                | Self::Resume
                | Self::End
                | Self::BombPot
                | Self::Kick
                | Self::Chips
                | Self::Settings
                | Self::HandOver
        )
    }

    /// Whether only members who are let in may.
    pub fn is_for_members(self) -> bool {
        matches!(
            self,
            Self::Action
                | Self::TakeSeat
                | Self::LeaveSeat
                | Self::Spectate
                | Self::StopSpectating
                | Self::SitOut
                | Self::SitIn
                | Self::TopUp
                | Self::Runs
                | Self::Show
                | Self::Rabbit
                | Self::Hydrate
                | Self::Events
                | Self::Hands
                | Self::Hand
                | Self::Spectators
        )
    }
}
