//! What only the host may do.

use actix_web::{delete, patch, post, web};
use domain::ids::{RoomId, UserId};
use domain::name::has_tricks;
use domain::room::{Adjusted, Removal};
use ports::Ports;
use protocol::host::{ChipsRequest, CommandResponse, KickRequest, SettingsResponse, StackResponse};
use protocol::membership::UserRequest;
use protocol::settings::SettingsRequest;
use usecases::{CommandError, Done, host};

use crate::http::body::Body;
use crate::http::caller::Caller;
use crate::http::finish::command;
use crate::http::in_room::InRoom;
use crate::http::path::RoomPath;
use crate::http::problem::Problem;
use crate::state::App;

/// A command that was done.
pub fn done_body(done: &Done<()>) -> CommandResponse {
    CommandResponse { success: true, seq: done.seq, game_status: done.room.game.status.into() }
}

/// A stack that was changed, or will be when the hand is over.
pub fn adjusted_body(done: &Done<Adjusted>) -> StackResponse {
    StackResponse { success: true, seq: done.seq, queued: done.value.queued, chips: done.value.chips.get() }
}

/// The longest reason, in characters.
const MAX_REASON: usize = 200;

/// Starts the game; hands then follow by themselves.
#[utoipa::path(operation_id = "startGame", tag = "host", params(RoomPath), responses((status = 200, body = CommandResponse), (status = "default", body = Problem)))]
#[post("/rooms/{roomId}/start")]
pub async fn start(
    app: web::Data<App>,
    InRoom { caller, room }: InRoom,
) -> Result<web::Json<CommandResponse>, Problem> {
    run(&app, caller, room, |ports, by, room| async move { host::start(&ports, by, room).await }).await
}

/// Stops the clock and deals no new hand.
#[utoipa::path(operation_id = "pauseGame", tag = "host", params(RoomPath), responses((status = 200, body = CommandResponse), (status = "default", body = Problem)))]
#[post("/rooms/{roomId}/pause")]
pub async fn pause(
    app: web::Data<App>,
    InRoom { caller, room }: InRoom,
) -> Result<web::Json<CommandResponse>, Problem> {
    run(&app, caller, room, |ports, by, room| async move { host::pause(&ports, by, room).await }).await
}

/// Goes on.
#[utoipa::path(operation_id = "resumeGame", tag = "host", params(RoomPath), responses((status = 200, body = CommandResponse), (status = "default", body = Problem)))]
#[post("/rooms/{roomId}/resume")]
pub async fn resume(
    app: web::Data<App>,
    InRoom { caller, room }: InRoom,
) -> Result<web::Json<CommandResponse>, Problem> {
    run(&app, caller, room, |ports, by, room| async move { host::resume(&ports, by, room).await }).await
}

/// Ends the game after the current hand, cashes everybody out and closes the room.
#[utoipa::path(operation_id = "endGame", tag = "host", params(RoomPath), responses((status = 200, body = CommandResponse), (status = "default", body = Problem)))]
#[post("/rooms/{roomId}/end")]
pub async fn end(app: web::Data<App>, InRoom { caller, room }: InRoom) -> Result<web::Json<CommandResponse>, Problem> {
    run(&app, caller, room, |ports, by, room| async move { host::end(&ports, by, room).await }).await
}

/// Makes the next hand a bomb pot, where the setting `bombPotMode` is `manual`.
#[utoipa::path(operation_id = "queueBombPot", tag = "host", params(RoomPath), responses((status = 200, body = CommandResponse), (status = "default", body = Problem)))]
#[post("/rooms/{roomId}/bomb-pot")]
pub async fn queue_bomb_pot(
    app: web::Data<App>,
    InRoom { caller, room }: InRoom,
) -> Result<web::Json<CommandResponse>, Problem> {
    run(&app, caller, room, |ports, by, room| async move { host::queue_bomb_pot(&ports, by, room).await }).await
}

/// Takes back that the next hand is a bomb pot.
#[utoipa::path(operation_id = "cancelBombPot", tag = "host", params(RoomPath), responses((status = 200, body = CommandResponse), (status = "default", body = Problem)))]
#[delete("/rooms/{roomId}/bomb-pot")]
pub async fn cancel_bomb_pot(
    app: web::Data<App>,
    InRoom { caller, room }: InRoom,
) -> Result<web::Json<CommandResponse>, Problem> {
    run(&app, caller, room, |ports, by, room| async move { host::cancel_bomb_pot(&ports, by, room).await }).await
}

/// Removes a member; a live hand of theirs is folded.
#[utoipa::path(operation_id = "kickMember", tag = "host", params(RoomPath), request_body = KickRequest, responses((status = 200, body = CommandResponse), (status = "default", body = Problem)))]
#[post("/rooms/{roomId}/kick")]
pub async fn kick(
    app: web::Data<App>,
    InRoom { caller, room }: InRoom,
    body: Body<KickRequest>,
) -> Result<web::Json<CommandResponse>, Problem> {
    let removal = if body.0.ban.unwrap_or(false) { Removal::Ban } else { Removal::Kick };
    let user = UserId(body.0.user_id);
    run(&app, caller, room, move |ports, by, room| async move { host::kick(&ports, by, room, user, removal).await })
        .await
}

/// Lifts a ban: the user may ask to join again. The host's document lists who is banned.
#[utoipa::path(operation_id = "unban", tag = "host", params(RoomPath), request_body = UserRequest, responses((status = 200, body = CommandResponse), (status = "default", body = Problem)))]
#[post("/rooms/{roomId}/unban")]
pub async fn unban(
    app: web::Data<App>,
    InRoom { caller, room }: InRoom,
    body: Body<UserRequest>,
) -> Result<web::Json<CommandResponse>, Problem> {
    let user = UserId(body.0.user_id);
    run(&app, caller, room, move |ports, by, room| async move { host::unban(&ports, by, room, user).await }).await
}

/// Gives chips to a stack or takes some away: at once between hands, else when the hand is over.
#[utoipa::path(operation_id = "adjustChips", tag = "host", params(RoomPath), request_body = ChipsRequest, responses((status = 200, body = StackResponse), (status = "default", body = Problem)))]
#[post("/rooms/{roomId}/chips")]
pub async fn chips(
    app: web::Data<App>,
    InRoom { caller, room }: InRoom,
    body: Body<ChipsRequest>,
) -> Result<web::Json<StackResponse>, Problem> {
    let ChipsRequest { user_id, delta, reason } = body.0;
    if reason.as_ref().is_some_and(|reason| reason.chars().count() > MAX_REASON || has_tricks(reason)) {
        return Err(Problem::bad_request("a reason has at most 200 characters, without control or direction marks"));
    }
    let (ports, by, id) = (app.ports.clone(), caller.user, room);
    let adjusting = async move { host::adjust_chips(&ports, by, id, UserId(user_id), delta, reason).await };
    command(&app, &caller, adjusting, adjusted_body).await
}

/// Changes settings. Blinds, ante, times and the size of time banks hold from the next hand; limits of buy-ins, members and
/// spectators at once.
#[utoipa::path(operation_id = "changeSettings", tag = "host", params(RoomPath), request_body = SettingsRequest, responses((status = 200, body = SettingsResponse), (status = "default", body = Problem)))]
#[patch("/rooms/{roomId}/settings")]
pub async fn settings(
    app: web::Data<App>,
    InRoom { caller, room }: InRoom,
    body: Body<SettingsRequest>,
) -> Result<web::Json<SettingsResponse>, Problem> {
    let (ports, by, id) = (app.ports.clone(), caller.user, room);
    let changing = async move { host::change_settings(&ports, by, id, body.0.0).await };
    command(&app, &caller, changing, |done| SettingsResponse { settings: (&done.room.settings).into() }).await
}

/// Hands the room over to an approved member.
#[utoipa::path(operation_id = "handOverRoom", tag = "host", params(RoomPath), request_body = UserRequest, responses((status = 200, body = CommandResponse), (status = "default", body = Problem)))]
#[post("/rooms/{roomId}/host")]
pub async fn hand_over(
    app: web::Data<App>,
    InRoom { caller, room }: InRoom,
    body: Body<UserRequest>,
) -> Result<web::Json<CommandResponse>, Problem> {
    let user = UserId(body.0.user_id);
    run(&app, caller, room, move |ports, by, room| async move { host::hand_over(&ports, by, room, user).await }).await
}

async fn run<F: Future<Output = Result<Done<()>, CommandError>> + Send + 'static>(
    app: &App,
    caller: Caller,
    room: RoomId,
    what: impl FnOnce(Ports, UserId, RoomId) -> F,
) -> Result<web::Json<CommandResponse>, Problem> {
    command(app, &caller, what(app.ports.clone(), caller.user, room), done_body).await
}
