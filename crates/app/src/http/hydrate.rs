//! Hydration: the whole room as one reader may see it. Mirrors the database, so it is written in snake_case.

use actix_web::{HttpResponse, get, web};
use domain::card::deck::HoleCards;
use domain::event::Timer;
use domain::hand::Pot;
use domain::view::hydration::{
    DocumentRole, HandView, HostView, Hydration, MeView, OccupantView, PastAction, SeatView,
};
use protocol::event::{all_boards, cards};
use protocol::hidden::{missing, missing_of_label};
use protocol::names::{
    ActionName, Card, GameStatus, HandKind, Phase, Role, RoomStatus, SeatStatus, Standing, Street, Variant,
};
use protocol::settings::WireSettings;
use serde::{Deserialize, Serialize};
use usecases::query::{self, Hydrated};
use uuid::Uuid;

use crate::http::finish::answer;
use crate::http::hidden::{self, Hidden};
use crate::http::in_room::InRoom;
use crate::http::path::RoomPath;
use crate::http::problem::Problem;
use crate::state::App;

/// Which document.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(rename_all = "camelCase")]
pub struct HydrateQuery {
    /// `player`, `spectator` or `host`: may ask for less than the caller has, never more.
    #[param(inline)]
    role: Option<RoleName>,
    /// The caller, if given.
    user_id: Option<Uuid>,
}

#[derive(Clone, Copy, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
enum RoleName {
    Player,
    Spectator,
    Host,
}

/// The room, its game, hand, chairs and people as the reader may see them, after the event `seq`.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Document {
    /// Which log `seq` is a number of: another one after the server was restored from a backup.
    epoch: Uuid,
    /// The number of the last event in it.
    seq: u64,
    /// The database's clock.
    timestamp: i64,
    room: DocumentRoom,
    game: DocumentGame,
    /// The hand being played, or the last one.
    hand: Option<DocumentHand>,
    /// Every chair.
    seats: Vec<DocumentSeat>,
    me: DocumentMe,
    /// The last actions, oldest first.
    recent_actions: Vec<DocumentAction>,
    /// Whose turn it is.
    timer: Option<DocumentTimer>,
    spectator_count: usize,
    /// For the host only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    #[cfg_attr(test, ts(optional))]
    pending_requests: Option<Vec<DocumentRequest>>,
    /// For the host only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    #[cfg_attr(test, ts(optional))]
    members: Option<Vec<DocumentMember>>,
    /// Who may not ask to join until the ban is lifted. For the host only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    #[cfg_attr(test, ts(optional))]
    banned: Option<Vec<DocumentBanned>>,
    /// For the host only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    #[cfg_attr(test, ts(optional))]
    host_controls: Option<DocumentControls>,
}

/// The room.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DocumentRoom {
    id: Uuid,
    code: String,
    name: String,
    host_id: Uuid,
    status: RoomStatus,
    has_password: bool,
    settings: WireSettings,
}

/// The game.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DocumentGame {
    id: Uuid,
    status: GameStatus,
    /// Whether it ends with the hand being played.
    ending: bool,
    current_hand_id: Option<Uuid>,
    hand_number: u64,
    next_hand_at: Option<i64>,
    /// What is played, or was played last.
    variant: Variant,
    /// In a rotation: what is played after it.
    next_variant: Option<Variant>,
    /// In a rotation: after how many more hands.
    hands_to_next_variant: Option<u16>,
}

/// A pot of the finished streets.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DocumentPot {
    amount: u64,
    eligible_seats: Vec<u8>,
}

/// What somebody won.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DocumentWinner {
    user_id: Uuid,
    seat_index: u8,
    amount: u64,
    hand_rank: Option<String>,
}

/// The hand.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DocumentHand {
    id: Uuid,
    number: u64,
    variant: Variant,
    started_at: i64,
    /// `preflop`, `flop`, `turn`, `river`, `showdown` or `complete`.
    phase: Phase,
    kind: HandKind,
    /// The first board.
    board: Vec<Card>,
    /// All boards, or the board of each run.
    boards: Vec<Vec<Card>>,
    /// How often the missing cards were run, where that was decided.
    runs: Option<u8>,
    /// Every chip in the middle; 0 once the hand is complete.
    pot: u64,
    pots: Vec<DocumentPot>,
    current_bet: u64,
    min_raise_to: Option<u64>,
    button_seat: u8,
    small_blind_seat: Option<u8>,
    big_blind_seat: Option<u8>,
    small_blind: u64,
    big_blind: u64,
    ante: u64,
    /// What the button posts in place of blinds; 0 where blinds are posted.
    button_blind: u64,
    /// Once the hand is complete.
    winners: Vec<DocumentWinner>,
}

/// An action, short.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DocumentLastAction {
    action: ActionName,
    amount: u64,
}

/// A chair; an empty one has `user_id` null.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DocumentSeat {
    seat_index: u8,
    user_id: Option<Uuid>,
    display_name: Option<String>,
    chips: u64,
    bet: u64,
    /// `empty`, `active`, `sitting_out`, `disconnected` or `leaving`.
    status: SeatStatus,
    in_hand: bool,
    has_folded: bool,
    is_all_in: bool,
    online: bool,
    last_seen_at: Option<i64>,
    shown_cards: Option<Vec<Card>>,
    last_action: Option<DocumentLastAction>,
}

/// What is legal, on the reader's turn.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DocumentLegal {
    actions: Vec<ActionName>,
    call_amount: u64,
    min_raise_to: Option<u64>,
    max_raise_to: Option<u64>,
}

/// The reader.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DocumentMe {
    user_id: Uuid,
    /// `player`, `spectator`, `host` (without a chair) or `approved`.
    role: Role,
    status: Standing,
    display_name: String,
    is_host: bool,
    rejoin_token: Option<String>,
    /// A stack that waits from an earlier chair.
    waiting_chips: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    #[cfg_attr(test, ts(optional))]
    seat_index: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    #[cfg_attr(test, ts(optional))]
    hole_cards: Option<Vec<Card>>,
    /// The reader's hand in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    #[cfg_attr(test, ts(optional))]
    hand_label: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    #[cfg_attr(test, ts(optional))]
    legal_actions: Option<DocumentLegal>,
    /// In whole seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    #[cfg_attr(test, ts(optional))]
    timebank_remaining: Option<i64>,
}

/// An action that was taken.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DocumentAction {
    seq: u64,
    user_id: Uuid,
    seat_index: u8,
    street: Street,
    action: ActionName,
    amount: u64,
    at: i64,
}

/// Whose turn it is. `deadline_at` ends the normal time, later the time bank; `expires_at` always the time bank. Both are
/// null without a clock and while the game is paused.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DocumentTimer {
    actor_seat: u8,
    turn: u64,
    started_at: i64,
    deadline_at: Option<i64>,
    /// In whole seconds.
    timebank_remaining: i64,
    expires_at: Option<i64>,
}

/// An open request.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DocumentRequest {
    user_id: Uuid,
    display_name: String,
    requested_at: i64,
}

/// Somebody who is banned.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DocumentBanned {
    user_id: Uuid,
    display_name: String,
}

/// A member who is let in.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DocumentMember {
    user_id: Uuid,
    display_name: String,
    role: Role,
    online: bool,
}

/// What the host can do.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct DocumentControls {
    can_pause: bool,
    can_kick: bool,
    can_adjust_chips: bool,
}

/// The room as this reader may see it, read from the database in one consistent snapshot.
#[utoipa::path(operation_id = "hydrate", tag = "hydration", params(RoomPath, HydrateQuery), responses((status = 200, body = Document), (status = "default", body = Problem)))]
#[get("/rooms/{roomId}/hydrate")]
pub async fn hydrate(
    app: web::Data<App>,
    InRoom { caller, room }: InRoom,
    query: web::Query<HydrateQuery>,
) -> Result<HttpResponse, Problem> {
    caller.must_be(query.user_id)?;
    let ask = query.role.map(|role| match role {
        RoleName::Player => DocumentRole::Player,
        RoleName::Spectator => DocumentRole::Spectator,
        RoleName::Host => DocumentRole::Host,
    });
    let hydrated = answer(query::hydrate(&app.ports, caller.user, room, ask)).await?;
    let hidden = hidden_part(&hydrated);
    Ok(hidden::json(&document(&app, hydrated), hidden))
}

fn hidden_part(hydrated: &Hydrated) -> Hidden {
    let player = hydrated.view.me.player.as_ref();
    let Some(cards) = player.and_then(|player| player.cards) else { return Hidden::Nothing };
    let label = player.and_then(|player| player.rank).map_or(0, |rank| missing_of_label(&rank.to_string()));
    Hidden::Padded(missing(cards.cards()) + label)
}

fn document(app: &App, Hydrated { epoch, seq, at, view, recent }: Hydrated) -> Document {
    let Hydration { room, game, hand, seats, me, timer, spectator_count, host } = view;
    let (pending_requests, members, banned, host_controls) = host.map_or((None, None, None, None), host_part);
    Document {
        epoch: epoch.0,
        seq,
        timestamp: at.0,
        room: DocumentRoom {
            id: room.id.0,
            code: room.code,
            name: room.name.to_string(),
            host_id: room.host.0,
            status: room.status.into(),
            has_password: room.has_password,
            settings: (&room.settings).into(),
        },
        game: DocumentGame {
            id: game.id.0,
            status: game.status.into(),
            ending: game.ending,
            current_hand_id: game.current_hand.map(|hand| hand.0),
            hand_number: game.hand_number,
            next_hand_at: game.next_hand_at.map(|at| at.0),
            variant: game.variant.into(),
            next_variant: game.next_variant.map(|(next, _)| next.into()),
            hands_to_next_variant: game.next_variant.map(|(_, hands)| hands),
        },
        hand: hand.map(hand_part),
        seats: seats.into_iter().map(seat_part).collect(),
        me: me_part(app, me),
        recent_actions: recent.iter().map(action_part).collect(),
        timer: timer.map(timer_part),
        spectator_count,
        pending_requests,
        members,
        banned,
        host_controls,
    }
}

fn hand_part(hand: HandView) -> DocumentHand {
    DocumentHand {
        id: hand.id.0,
        number: hand.number,
        variant: hand.rules.book.variant.into(),
        started_at: hand.started_at.0,
        phase: Phase::named(hand.phase),
        kind: hand.kind.into(),
        board: hand.boards.first().map_or_else(Vec::new, |board| cards(board)),
        boards: all_boards(&hand.boards),
        runs: hand.runs,
        pot: hand.pot.get(),
        pots: hand.pots.iter().map(pot_part).collect(),
        current_bet: hand.current_bet.get(),
        min_raise_to: hand.min_raise_to.map(|chips| chips.get()),
        button_seat: hand.button.0,
        small_blind_seat: hand.small_blind_seat.map(|seat| seat.0),
        big_blind_seat: hand.big_blind_seat.map(|seat| seat.0),
        small_blind: hand.rules.small_blind.get(),
        big_blind: hand.rules.big_blind.get(),
        ante: hand.rules.ante.get(),
        button_blind: hand.rules.button_blind.get(),
        winners: hand
            .winners
            .into_iter()
            .map(|winner| DocumentWinner {
                user_id: winner.user.0,
                seat_index: winner.seat.0,
                amount: winner.amount.get(),
                hand_rank: winner.rank.map(|rank| rank.to_string()),
            })
            .collect(),
    }
}

fn pot_part(pot: &Pot) -> DocumentPot {
    DocumentPot { amount: pot.amount.get(), eligible_seats: pot.eligible.iter().map(|seat| seat.0).collect() }
}

fn names(hole: HoleCards) -> Vec<Card> {
    cards(hole.cards())
}

fn seat_part(SeatView { seat, status, occupant }: SeatView) -> DocumentSeat {
    let empty = DocumentSeat {
        seat_index: seat.0,
        user_id: None,
        display_name: None,
        chips: 0,
        bet: 0,
        status: SeatStatus::named(status),
        in_hand: false,
        has_folded: false,
        is_all_in: false,
        online: false,
        last_seen_at: None,
        shown_cards: None,
        last_action: None,
    };
    let Some(occupant) = occupant else { return empty };
    let OccupantView { user, name, chips, bet, in_hand, has_folded, is_all_in, online, last_seen, shown, last_action } =
        occupant;
    DocumentSeat {
        user_id: Some(user.0),
        display_name: Some(name.to_string()),
        chips: chips.get(),
        bet: bet.get(),
        in_hand,
        has_folded,
        is_all_in,
        online,
        last_seen_at: Some(last_seen.0),
        shown_cards: shown.map(names),
        last_action: last_action
            .map(|(action, amount)| DocumentLastAction { action: action.into(), amount: amount.get() }),
        ..empty
    }
}

fn me_part(app: &App, me: MeView) -> DocumentMe {
    let player = me.player;
    let legal = player.as_ref().and_then(|player| player.legal.as_ref()).map(|legal| DocumentLegal {
        actions: legal.actions.iter().copied().map(ActionName::from).collect(),
        call_amount: legal.call_amount.get(),
        min_raise_to: legal.min_raise_to.map(|chips| chips.get()),
        max_raise_to: legal.max_raise_to.map(|chips| chips.get()),
    });
    DocumentMe {
        user_id: me.user.0,
        role: Role::named(me.role),
        status: Standing::APPROVED,
        display_name: me.name.to_string(),
        is_host: me.is_host,
        rejoin_token: me.token.map(|id| app.ports.rejoin_tokens.text(id)),
        waiting_chips: me.waiting.get(),
        seat_index: player.as_ref().map(|player| player.seat.0),
        hole_cards: player.as_ref().and_then(|player| player.cards).map(names),
        hand_label: player.as_ref().and_then(|player| player.rank).map(|rank| rank.to_string()),
        legal_actions: legal,
        timebank_remaining: player.map(|player| player.timebank_remaining / 1000),
    }
}

fn action_part(past: &PastAction) -> DocumentAction {
    DocumentAction {
        seq: past.seq,
        user_id: past.user.0,
        seat_index: past.seat.0,
        street: past.street.into(),
        action: past.kind.into(),
        amount: past.amount.get(),
        at: past.at.0,
    }
}

fn timer_part(timer: Timer) -> DocumentTimer {
    DocumentTimer {
        actor_seat: timer.actor.0,
        turn: timer.turn,
        started_at: timer.started_at.0,
        deadline_at: timer.deadline.map(|at| at.0),
        timebank_remaining: timer.timebank.0 / 1000,
        expires_at: timer.expires.map(|at| at.0),
    }
}

type HostPart =
    (Option<Vec<DocumentRequest>>, Option<Vec<DocumentMember>>, Option<Vec<DocumentBanned>>, Option<DocumentControls>);

fn host_part(host: HostView) -> HostPart {
    let requests = host.requests.into_iter().map(|(user, name, since)| DocumentRequest {
        user_id: user.0,
        display_name: name.to_string(),
        requested_at: since.0,
    });
    let members = host.members.into_iter().map(|(user, name, role, online)| DocumentMember {
        user_id: user.0,
        display_name: name.to_string(),
        role: role.into(),
        online,
    });
    let banned =
        host.banned.into_iter().map(|(user, name)| DocumentBanned { user_id: user.0, display_name: name.to_string() });
    let controls = DocumentControls { can_pause: host.can_pause, can_kick: true, can_adjust_chips: true };
    (Some(requests.collect()), Some(members.collect()), Some(banned.collect()), Some(controls))
}
