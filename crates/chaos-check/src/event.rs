//! Events: as `room_events.public` stores them, and the wire's form of each, written by hand from the protocol's page.

#![expect(missing_docs, reason = "the names are the contract's")]

use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

/// An event of a room's log.
#[derive(Clone, Debug)]
pub struct Logged {
    /// Its number.
    pub seq: u64,
    /// When it was committed, by the database's clock, in milliseconds.
    pub at: i64,
    /// The column `type`.
    pub kind: String,
    /// The column `hand_id`.
    pub hand: Option<Uuid>,
    /// What happened.
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    JoinRequested(Person),
    Approved(Person),
    Rejected(Person),
    Seated { seat: u8, user: Uuid, name: String, chips: i64 },
    SpectatorJoined(Person),
    SpectatorLeft(Person),
    SeatFreed { seat: u8, user: Uuid, reason: String, chips: i64 },
    Disconnected { user: Uuid, seat: u8 },
    Reconnected { user: Uuid, seat: u8 },
    SatOut { user: Uuid, seat: u8 },
    SatIn { user: Uuid, seat: u8 },
    MemberLeft { user: Uuid },
    Kicked { user: Uuid },
    HostChanged { user: Uuid },
    SettingsChanged { settings: Settings },
    ChipsAdjusted { user: Uuid, delta: i64, chips: i64, by: AdjustedBy },
    GameStarted { game: Uuid },
    GamePaused { game: Uuid },
    GameResumed { game: Uuid },
    GameEnded { game: Uuid },
    BombPotQueued { by: Uuid },
    BombPotCancelled { by: Uuid },
    HandStarted(HandStarted),
    Acted(Acted),
    StreetAdvanced(StreetAdvanced),
    RunsAsked(RunsAsked),
    RunsAnswered { hand: Uuid, seat: u8, user: Uuid },
    RunsDecided { hand: Uuid, runs: u8 },
    RunDealt { hand: Uuid, run: u8, board: Vec<String> },
    PotDistributed(PotDistributed),
    HandCompleted(HandCompleted),
    BountyPaid(BountyPaid),
    CardsShown { hand: Uuid, seat: u8, user: Uuid, cards: Vec<String> },
    RabbitShown { hand: Uuid, user: Uuid, boards: Option<Vec<Vec<String>>> },
}

/// Somebody.
#[derive(Clone, Debug, Deserialize)]
pub struct Person {
    pub user: Uuid,
    pub name: String,
}

/// Who changed a stack.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AdjustedBy {
    TopUp,
    Host { reason: Option<String> },
}

/// A room's settings; lengths of time in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Settings {
    pub seats: i64,
    pub small_blind: i64,
    pub big_blind: i64,
    pub ante: i64,
    pub min_buy_in: i64,
    pub max_buy_in: i64,
    pub action_timeout_ms: i64,
    pub timebank_ms: i64,
    pub between_hands_ms: i64,
    pub max_members: i64,
    pub auto_approve: bool,
    pub spectators_allowed: bool,
    /// All others, by the contract's names; one that is absent is as in rooms from before it was there.
    #[serde(default)]
    pub house_rules: HouseRules,
}

/// Settings that have no column of their own.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct HouseRules {
    pub variant: String,
    pub rotation: Vec<String>,
    pub rotation_hands: i64,
    pub run_it_twice: String,
    pub max_runs: i64,
    pub run_vote_secs: i64,
    pub rabbit_hunt: String,
    pub button_blind: Option<i64>,
    pub button_rule: String,
    pub new_players: String,
    pub straddle: String,
    pub max_straddles: usize,
    pub bounty72: i64,
    pub double_board: String,
    pub bomb_pot_mode: String,
    pub bomb_pot_every: u64,
    pub bomb_pot_percent: i64,
    pub bomb_pot_ante: i64,
    pub bomb_pot_variant: Option<String>,
}

impl Default for HouseRules {
    fn default() -> Self {
        Self {
            variant: "nlhe".to_owned(),
            rotation: Vec::new(),
            rotation_hands: 0,
            run_it_twice: "off".to_owned(),
            max_runs: 2,
            run_vote_secs: 10,
            rabbit_hunt: "asker".to_owned(),
            button_blind: None,
            button_rule: "simple".to_owned(),
            new_players: "post_or_wait".to_owned(),
            straddle: "off".to_owned(),
            max_straddles: 1,
            bounty72: 0,
            double_board: "off".to_owned(),
            bomb_pot_mode: "off".to_owned(),
            bomb_pot_every: 20,
            bomb_pot_percent: 5,
            bomb_pot_ante: 5,
            bomb_pot_variant: None,
        }
    }
}

/// Whose turn it is; instants by the database's clock.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Timer {
    pub actor: u8,
    pub turn: u64,
    pub started_at: i64,
    pub deadline: Option<i64>,
    pub expires: Option<i64>,
    pub timebank: i64,
}

/// A pot and who can win it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Pot {
    pub amount: i64,
    pub eligible: Vec<u8>,
}

/// Those still in are asked how often to run the missing cards.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct RunsAsked {
    pub hand: Uuid,
    pub seats: Vec<u8>,
    pub max_runs: u8,
    pub turn: u64,
    pub expires: Option<i64>,
}

/// A pot was paid.
#[derive(Clone, Debug, Deserialize)]
pub struct PotDistributed {
    pub hand: Uuid,
    pub index: usize,
    pub amount: i64,
    pub winners: Vec<Share>,
    #[serde(default)]
    pub parts: Vec<Part>,
}

/// A part of a pot, by board or run, and by high and low.
#[derive(Clone, Debug, Deserialize)]
pub struct Part {
    pub board: u8,
    pub half: String,
    pub amount: i64,
    pub winners: Vec<Share>,
}

/// A share of a pot, or of all pots of a hand.
#[derive(Clone, Debug, Deserialize)]
pub struct Share {
    pub seat: u8,
    pub user: Uuid,
    pub amount: i64,
}

/// An ante or a blind.
#[derive(Clone, Debug, Deserialize)]
pub struct Post {
    pub seat: u8,
    pub kind: String,
    pub amount: i64,
}

/// A player at the start of a hand, after posting.
#[derive(Clone, Debug, Deserialize)]
pub struct DealtIn {
    pub seat: u8,
    pub user: Uuid,
    pub stack: i64,
    pub chips: i64,
    pub bet: i64,
}

/// A hand was dealt.
#[derive(Clone, Debug, Deserialize)]
pub struct HandStarted {
    pub hand: Uuid,
    pub number: u64,
    pub button: u8,
    pub small_blind: i64,
    pub big_blind: i64,
    pub ante: i64,
    pub posts: Vec<Post>,
    pub seats: Vec<DealtIn>,
    pub pot: i64,
    pub timer: Option<Timer>,
    pub commitment: Option<Commitment>,
    /// The rule book; none in hands from before there was more than one.
    pub rules: Option<String>,
    /// How it begins; none in an ordinary hand.
    pub kind: Option<String>,
    /// How many boards; none where there is one.
    pub boards: Option<usize>,
    pub button_blind: Option<i64>,
}

impl HandStarted {
    /// Whether it begins with antes and the flop.
    pub fn is_bomb_pot(&self) -> bool {
        self.kind.as_deref() == Some("bomb_pot")
    }

    /// How many boards it has.
    pub fn board_count(&self) -> usize {
        self.boards.unwrap_or(1)
    }
}

/// Cards came.
#[derive(Clone, Debug, Deserialize)]
pub struct StreetAdvanced {
    pub hand: Uuid,
    pub street: String,
    pub board: Vec<String>,
    /// All boards, where there is more than one.
    boards: Option<Vec<Vec<String>>>,
    pub pots: Vec<Pot>,
    pub timer: Option<Timer>,
}

impl StreetAdvanced {
    /// All boards.
    pub fn boards(&self) -> Vec<Vec<String>> {
        all_boards(&self.board, self.boards.as_ref())
    }
}

fn all_boards(first: &[String], all: Option<&Vec<Vec<String>>>) -> Vec<Vec<String>> {
    all.cloned().unwrap_or_else(|| vec![first.to_vec()])
}

/// To which deck the room is committed, in hexadecimal.
#[derive(Clone, Debug, Deserialize)]
pub struct Commitment {
    pub seed: String,
    pub root: String,
}

/// Chips that nobody called.
#[derive(Clone, Debug, Deserialize)]
pub struct Returned {
    pub seat: u8,
    pub amount: i64,
    pub stack: i64,
}

/// A player acted, or the clock or a departure did it for them.
#[derive(Clone, Debug, Deserialize)]
pub struct Acted {
    pub hand: Uuid,
    pub user: Uuid,
    pub seat: u8,
    pub street: String,
    #[serde(rename = "kind")]
    pub action: String,
    pub amount: i64,
    pub chips: i64,
    pub bet: i64,
    pub pot: i64,
    pub auto: bool,
    pub turn: Option<u64>,
    pub returned: Option<Returned>,
    pub timer: Option<Timer>,
}

/// Cards that were shown.
#[derive(Clone, Debug, Deserialize)]
pub struct Shown {
    pub seat: u8,
    pub cards: Vec<String>,
}

/// A stack at the end of a hand.
#[derive(Clone, Debug, Deserialize)]
pub struct FinalStack {
    pub seat: u8,
    pub user: Uuid,
    pub chips: i64,
    pub net: i64,
}

/// The others paid a bounty.
#[derive(Clone, Debug, Deserialize)]
pub struct BountyPaid {
    pub hand: Uuid,
    pub seat: u8,
    pub user: Uuid,
    pub amount: i64,
    pub from: Vec<Share>,
}

/// A hand is over.
#[derive(Clone, Debug, Deserialize)]
pub struct HandCompleted {
    pub hand: Uuid,
    pub board: Vec<String>,
    /// All of them, where there are several.
    pub boards: Option<Vec<Vec<String>>>,
    pub winners: Vec<Share>,
    pub shown: Vec<Shown>,
    pub stacks: Vec<FinalStack>,
    pub next_hand_at: Option<i64>,
}

impl HandCompleted {
    /// All boards.
    pub fn boards(&self) -> Vec<Vec<String>> {
        all_boards(&self.board, self.boards.as_ref())
    }
}

impl What {
    /// The name of the variant, as the column `type` has it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::JoinRequested(_) => "join_requested",
            Self::Approved(_) => "approved",
            Self::Rejected(_) => "rejected",
            Self::Seated { .. } => "seated",
            Self::SpectatorJoined(_) => "spectator_joined",
            Self::SpectatorLeft(_) => "spectator_left",
            Self::SeatFreed { .. } => "seat_freed",
            Self::Disconnected { .. } => "disconnected",
            Self::Reconnected { .. } => "reconnected",
            Self::SatOut { .. } => "sat_out",
            Self::SatIn { .. } => "sat_in",
            Self::MemberLeft { .. } => "member_left",
            Self::Kicked { .. } => "kicked",
            Self::HostChanged { .. } => "host_changed",
            Self::SettingsChanged { .. } => "settings_changed",
            Self::ChipsAdjusted { .. } => "chips_adjusted",
            Self::GameStarted { .. } => "game_started",
            Self::GamePaused { .. } => "game_paused",
            Self::GameResumed { .. } => "game_resumed",
            Self::GameEnded { .. } => "game_ended",
            Self::BombPotQueued { .. } => "bomb_pot_queued",
            Self::BombPotCancelled { .. } => "bomb_pot_cancelled",
            Self::HandStarted(_) => "hand_started",
            Self::Acted(_) => "acted",
            Self::StreetAdvanced(_) => "street_advanced",
            Self::RunsAsked(_) => "runs_asked",
            Self::RunsAnswered { .. } => "runs_answered",
            Self::RunsDecided { .. } => "runs_decided",
            Self::RunDealt { .. } => "run_dealt",
            Self::PotDistributed(_) => "pot_distributed",
            Self::HandCompleted(_) => "hand_completed",
            Self::BountyPaid(_) => "bounty_paid",
            Self::CardsShown { .. } => "cards_shown",
            Self::RabbitShown { .. } => "rabbit_shown",
        }
    }

    /// The hand that it belongs to.
    pub fn hand(&self) -> Option<Uuid> {
        match self {
            Self::HandStarted(HandStarted { hand, .. })
            | Self::Acted(Acted { hand, .. })
            | Self::StreetAdvanced(StreetAdvanced { hand, .. })
            | Self::RunsAsked(RunsAsked { hand, .. })
            | Self::RunsAnswered { hand, .. }
            | Self::RunsDecided { hand, .. }
            | Self::RunDealt { hand, .. }
            | Self::PotDistributed(PotDistributed { hand, .. })
            | Self::CardsShown { hand, .. }
            | Self::RabbitShown { hand, .. }
            | Self::HandCompleted(HandCompleted { hand, .. })
            | Self::BountyPaid(BountyPaid { hand, .. }) => Some(*hand),
            _ => None,
        }
    }

    /// Whose turn it says it is.
    pub fn timer(&self) -> Option<&Timer> {
        match self {
            Self::HandStarted(HandStarted { timer, .. })
            | Self::Acted(Acted { timer, .. })
            | Self::StreetAdvanced(StreetAdvanced { timer, .. }) => timer.as_ref(),
            _ => None,
        }
    }

    /// Whether somebody who waits for the host's word may hear of it.
    pub fn is_about_request_of(&self, reader: Uuid) -> bool {
        match self {
            Self::JoinRequested(person) | Self::Approved(person) | Self::Rejected(person) => person.user == reader,
            Self::MemberLeft { user } | Self::Kicked { user } => *user == reader,
            _ => false,
        }
    }
}

impl Logged {
    /// The event as everybody may see it, without what is computed from shown cards (`handRank`).
    pub fn wire(&self, room: Uuid) -> Value {
        let mut value = body(&self.what);
        value["seq"] = json!(self.seq);
        value["roomId"] = json!(room);
        value["at"] = json!(self.at);
        value
    }
}

/// Takes out of a received event what is its reader's own or computed, and gives back the computed part.
pub fn strip(event: &mut Value) -> Value {
    let Some(fields) = event.as_object_mut() else { return Value::Null };
    let mut ranks = Vec::new();
    match fields.get("type").and_then(Value::as_str) {
        Some("hand_started" | "player_action" | "street_advanced") => {
            fields.remove("yourCards");
            fields.remove("handLabel");
            if let Some(timer) = fields.get_mut("timer").and_then(Value::as_object_mut) {
                timer.remove("legalActions");
            }
        }
        // In everybody's copy or in the asker's alone.
        Some("rabbit_shown") => {
            fields.remove("boards");
        }
        Some("player_approved") => {
            fields.remove("rejoinToken");
        }
        Some("hand_complete") => {
            for list in ["winners", "shown"] {
                for item in fields.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
                    let Some(item) = item.as_object_mut() else { continue };
                    ranks.extend(item.remove("handRank"));
                    ranks.extend(item.remove("ranks"));
                }
            }
        }
        _ => {}
    }
    Value::Array(ranks)
}

fn body(what: &What) -> Value {
    match what {
        What::JoinRequested(who) => person("player_join_requested", who),
        What::Approved(who) => person("player_approved", who),
        What::Rejected(who) => person("player_rejected", who),
        What::Seated { seat, user, name, chips } => {
            json!({"type": "player_seated", "seatIndex": seat, "userId": user, "displayName": name, "chips": chips})
        }
        What::SpectatorJoined(who) => person("spectator_joined", who),
        What::SpectatorLeft(who) => person("spectator_left", who),
        What::SeatFreed { seat, user, reason, chips } => {
            json!({"type": "seat_freed", "seatIndex": seat, "userId": user, "reason": reason, "chips": chips})
        }
        What::Disconnected { user, seat } => seat_event("player_disconnected", user, *seat),
        What::Reconnected { user, seat } => seat_event("player_reconnected", user, *seat),
        What::SatOut { user, seat } => seat_event("player_sat_out", user, *seat),
        What::SatIn { user, seat } => seat_event("player_sat_in", user, *seat),
        What::MemberLeft { user } => json!({"type": "member_left", "userId": user}),
        What::Kicked { user } => json!({"type": "player_kicked", "userId": user}),
        What::HostChanged { user } => json!({"type": "host_changed", "userId": user}),
        What::SettingsChanged { settings } => json!({"type": "settings_changed", "settings": settings.wire()}),
        What::ChipsAdjusted { user, delta, chips, by } => {
            let (by, reason) = match by {
                AdjustedBy::TopUp => ("top_up", None),
                AdjustedBy::Host { reason } => ("host", reason.as_ref()),
            };
            json!({"type": "chips_adjusted", "userId": user, "delta": delta, "chips": chips, "by": by, "reason": reason})
        }
        What::GameStarted { game } => json!({"type": "game_started", "gameId": game}),
        What::GamePaused { game } => json!({"type": "game_paused", "gameId": game}),
        What::GameResumed { game } => json!({"type": "game_resumed", "gameId": game}),
        What::GameEnded { game } => json!({"type": "game_ended", "gameId": game}),
        What::HandStarted(started) => hand_started(started),
        What::Acted(acted) => player_action(acted),
        What::BountyPaid(paid) => json!({
            "type": "bounty_paid", "handId": paid.hand, "userId": paid.user, "seatIndex": paid.seat, "amount": paid.amount,
            "from": shares(&paid.from),
        }),
        What::BombPotQueued { by } => json!({"type": "bomb_pot_queued", "byUserId": by}),
        What::BombPotCancelled { by } => json!({"type": "bomb_pot_cancelled", "byUserId": by}),
        What::StreetAdvanced(next) => json!({
            "type": "street_advanced", "street": next.street, "board": next.board, "boards": next.boards(),
            "timer": wire_timer(next.timer.as_ref()),
            "pots": next.pots.iter().map(|pot| json!({"amount": pot.amount, "eligibleSeats": pot.eligible})).collect::<Vec<_>>(),
        }),
        What::RunsAsked(asked) => json!({
            "type": "runs_asked", "handId": asked.hand, "seats": asked.seats, "maxRuns": asked.max_runs, "turn": asked.turn,
            "expiresAt": asked.expires,
        }),
        What::RunsAnswered { hand, seat, .. } => json!({"type": "runs_answered", "handId": hand, "seatIndex": seat}),
        What::RunsDecided { hand, runs } => json!({"type": "runs_decided", "handId": hand, "runs": runs}),
        What::RunDealt { hand, run, board } => json!({"type": "run_dealt", "handId": hand, "run": run, "board": board}),
        What::CardsShown { hand, seat, user, cards } => {
            json!({"type": "cards_shown", "handId": hand, "seatIndex": seat, "userId": user, "cards": cards})
        }
        What::RabbitShown { hand, user, .. } => json!({"type": "rabbit_shown", "handId": hand, "userId": user}),
        What::PotDistributed(paid) => pot_distributed(paid),
        What::HandCompleted(done) => json!({
            "type": "hand_complete", "handId": done.hand, "board": done.board, "boards": done.boards(), "winners": shares(&done.winners),
            "shown": done.shown.iter().map(|shown| json!({"seatIndex": shown.seat, "cards": shown.cards})).collect::<Vec<_>>(),
            "chips": done.stacks.iter().map(|stack| json!({"seatIndex": stack.seat, "chips": stack.chips})).collect::<Vec<_>>(),
            "nextHandAt": done.next_hand_at,
        }),
    }
}

fn person(kind: &str, who: &Person) -> Value {
    json!({"type": kind, "userId": who.user, "displayName": who.name})
}

fn seat_event(kind: &str, user: &Uuid, seat: u8) -> Value {
    json!({"type": kind, "userId": user, "seatIndex": seat})
}

/// What nobody contested is one part.
fn pot_distributed(paid: &PotDistributed) -> Value {
    let part = |board: u8, half: &str, amount: i64, winners: &[Share]| json!({"board": board, "half": half, "amount": amount, "winners": shares(winners)});
    let mut parts: Vec<_> = paid.parts.iter().map(|one| part(one.board, &one.half, one.amount, &one.winners)).collect();
    if parts.is_empty() {
        parts.push(part(0, "whole", paid.amount, &paid.winners));
    }
    json!({
        "type": "pot_distributed", "potIndex": paid.index, "amount": paid.amount, "winners": shares(&paid.winners), "parts": parts,
    })
}

fn shares(shares: &[Share]) -> Value {
    let share = |share: &Share| json!({"userId": share.user, "seatIndex": share.seat, "amount": share.amount});
    shares.iter().map(share).collect()
}

fn wire_timer(timer: Option<&Timer>) -> Value {
    timer.map_or(Value::Null, |timer| {
        json!({
            "actorSeat": timer.actor, "turn": timer.turn, "startedAt": timer.started_at, "deadlineAt": timer.deadline,
            "timebankRemaining": timer.timebank / 1000, "expiresAt": timer.expires,
        })
    })
}

fn hand_started(started: &HandStarted) -> Value {
    let post = |post: &Post| json!({"seatIndex": post.seat, "kind": post.kind, "amount": post.amount});
    let seat =
        |seat: &DealtIn| json!({"seatIndex": seat.seat, "userId": seat.user, "chips": seat.chips, "bet": seat.bet});
    let book = started.rules.as_deref().and_then(|book| book.split_once('/')).unwrap_or(("nlhe", "1"));
    let (variant, revision) = (book.0, book.1.parse::<u16>().ok());
    let poster = |kind: &str| started.posts.iter().find(|post| post.kind == kind).map(|post| post.seat);
    let is_dealt_in = started.seats.iter().any(|seat| seat.seat == started.button);
    json!({
        "type": "hand_started", "handId": started.hand, "handNumber": started.number, "variant": variant, "rules": revision,
        "kind": started.kind.as_deref().unwrap_or("ordinary"), "boardCount": started.board_count(),
        "buttonSeat": started.button, "buttonDead": !is_dealt_in, "buttonBlind": started.button_blind.unwrap_or(0),
        "smallBlindSeat": poster("small_blind"), "bigBlindSeat": poster("big_blind"),
        "smallBlind": started.small_blind, "bigBlind": started.big_blind, "ante": started.ante,
        "blinds": started.posts.iter().map(post).collect::<Vec<_>>(),
        "seats": started.seats.iter().map(seat).collect::<Vec<_>>(),
        "pot": started.pot, "timer": wire_timer(started.timer.as_ref()),
        "commitment": started.commitment.as_ref().map(|told| {
            json!({"algorithm": "poker-deck-v1", "seedHash": told.seed, "root": told.root})
        }),
    })
}

fn player_action(acted: &Acted) -> Value {
    let returned = acted
        .returned
        .as_ref()
        .map(|returned| json!({"seatIndex": returned.seat, "amount": returned.amount, "chips": returned.stack}));
    json!({
        "type": "player_action", "userId": acted.user, "seatIndex": acted.seat, "street": acted.street,
        "action": acted.action, "amount": acted.amount, "chips": acted.chips, "bet": acted.bet, "pot": acted.pot,
        "auto": acted.auto, "turn": acted.turn, "returned": returned, "timer": wire_timer(acted.timer.as_ref()),
    })
}

impl Settings {
    fn wire(&self) -> Value {
        let between = match self.between_hands_ms % 1000 {
            0 => json!(self.between_hands_ms / 1000),
            _ => json!(self.between_hands_ms as f64 / 1000.0),
        };
        json!({
            "seats": self.seats, "smallBlind": self.small_blind, "bigBlind": self.big_blind, "ante": self.ante,
            "minBuyIn": self.min_buy_in, "maxBuyIn": self.max_buy_in,
            "actionTimeoutSecs": self.action_timeout_ms / 1000, "timebankSecs": self.timebank_ms / 1000,
            "betweenHandsSecs": between, "maxMembers": self.max_members, "autoApprove": self.auto_approve,
            "spectatorsAllowed": self.spectators_allowed, "variant": self.house_rules.variant,
            "rotation": self.house_rules.rotation, "rotationHands": self.house_rules.rotation_hands,
            "runItTwice": self.house_rules.run_it_twice, "maxRuns": self.house_rules.max_runs,
            "runVoteSecs": self.house_rules.run_vote_secs, "rabbitHunt": self.house_rules.rabbit_hunt,
            "buttonBlind": self.house_rules.button_blind, "buttonRule": self.house_rules.button_rule,
            "newPlayers": self.house_rules.new_players, "straddle": self.house_rules.straddle,
            "maxStraddles": self.house_rules.max_straddles, "bounty72": self.house_rules.bounty72,
            "doubleBoard": self.house_rules.double_board,
            "bombPotMode": self.house_rules.bomb_pot_mode, "bombPotEvery": self.house_rules.bomb_pot_every,
            "bombPotPercent": self.house_rules.bomb_pot_percent, "bombPotAnte": self.house_rules.bomb_pot_ante,
            "bombPotVariant": self.house_rules.bomb_pot_variant,
        })
    }
}
