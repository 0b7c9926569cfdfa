//! Coming in and going: asking, the host's word, watching, leaving; signs of life.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, delete, get, post, web};
use domain::ids::{RoomId, UserId};
use domain::name::Name;
use domain::room::Joined;
use domain::view::hydration::role_name;
use ports::store::{Sign, Snapshot};
use protocol::membership::{
    ApproveRequest, ApproveResponse, HeartbeatResponse, JoinRequest, JoinResponse, LeaveResponse, MembershipResponse,
    RoleResponse, SpectateRequest, SpectatorEntry, SpectatorsResponse, UserRequest,
};
use protocol::names::{MembershipStatus, Role};
use usecases::connect::Alive;
use usecases::membership::{self, Join};
use usecases::{CommandError, Done, connect, query};

use crate::http::body::Body;
use crate::http::caller::{Caller, address, refused};
use crate::http::finish::{answer, command, command_with};
use crate::http::in_room::InRoom;
use crate::http::path::RoomPath;
use crate::http::problem::Problem;
use crate::http::rooms::optional_name;
use crate::state::App;

/// Asks to come in. The host decides, unless the room lets everybody in.
#[utoipa::path(operation_id = "joinRoom", tag = "membership", params(RoomPath), request_body = JoinRequest, responses((status = 200, body = JoinResponse), (status = 202, body = JoinResponse), (status = "default", body = Problem)))]
#[post("/rooms/{roomId}/join")]
pub async fn join(
    app: web::Data<App>,
    request: HttpRequest,
    InRoom { caller, room }: InRoom,
    body: Body<JoinRequest>,
) -> Result<HttpResponse, Problem> {
    let JoinRequest { user_id, display_name, password } = body.0;
    caller.must_be(user_id)?;
    caller.must_be_known(&app).await?;
    let (ip, id) = (address(&request), room);
    // Who gives no password guesses none: members come back even while somebody else guesses.
    let guess = password.is_some().then(|| app.limits.guess_room_password(ip, id.0)).transpose();
    let guess = guess.map_err(|wait| refused(&request, wait))?;
    let name = Name::new(&display_name).map_err(CommandError::from)?;
    let cmd = Join { by: caller.user, room: id, name, password };
    let ports = app.ports.clone();
    let (limits, by) = (app.limits.clone(), caller.user);
    let joining = async move {
        let asked = match limits.request(ip, by.0, id.0) {
            Ok(asked) => Some(asked),
            // Whoever waits, or is in, asks for nothing new.
            Err(_) if membership::is_known(&ports, id, by).await? => None,
            Err(wait) => return Err(CommandError::AskedTooOften { secs: wait.secs }),
        };
        let outcome = membership::join(&ports, cmd).await;
        // Whoever is refused, or waits already, has cost the room nothing.
        if let Some(asked) = asked
            && !outcome.as_ref().is_ok_and(|done| is_new(done, by))
        {
            asked.give_back();
        }
        // Counted here: a guess whose client hangs up is one all the same.
        if let (Some(guess), Err(CommandError::WrongPassword)) = (guess, &outcome) {
            guess.wrong();
        }
        outcome
    };
    let parts = app.clone();
    let joined = move |done: &Done<Joined>| match done.value {
        Joined::Pending => (
            StatusCode::ACCEPTED,
            JoinResponse { status: MembershipStatus::PENDING, waiting_for_approval: true, rejoin_token: None },
        ),
        Joined::Approved => {
            let rejoin_token = parts.token_text(&done.room, by);
            (
                StatusCode::OK,
                JoinResponse { status: MembershipStatus::APPROVED, waiting_for_approval: false, rejoin_token },
            )
        }
    };
    let (status, body) = command_with(&app, &caller, joining, joined).await?;
    Ok(HttpResponse::build(status).json(body))
}

/// Whether somebody came in or asked just now.
fn is_new(done: &Done<Joined>, user: UserId) -> bool {
    done.room.members.get(&user).is_some_and(|member| match member.status {
        domain::member::MembershipStatus::Pending { since } => since == done.at,
        _ => true,
    })
}

/// How the caller stands with the room: for those who wait without a socket.
#[utoipa::path(operation_id = "getStanding", tag = "membership", params(RoomPath), responses((status = 200, body = MembershipResponse), (status = "default", body = Problem)))]
#[get("/rooms/{roomId}/me")]
pub async fn me(
    app: web::Data<App>,
    InRoom { caller, room }: InRoom,
) -> Result<web::Json<MembershipResponse>, Problem> {
    let Snapshot { room, .. } = answer(query::room(&app.ports, room)).await?;
    let member = room.members.get(&caller.user).ok_or(domain::room::RoomError::NotApproved)?;
    let approved = member.is_approved();
    Ok(web::Json(MembershipResponse {
        status: (&member.status).into(),
        role: approved.then(|| Role::named(role_name(&room, caller.user))),
        seat_index: room.seat_of(caller.user).map(|seat| seat.0),
        rejoin_token: app.token_text(&room, caller.user),
        is_host: room.is_host(caller.user),
    }))
}

/// The host lets somebody in, or not.
#[utoipa::path(operation_id = "approveMember", tag = "membership", params(RoomPath), request_body = ApproveRequest, responses((status = 200, body = ApproveResponse), (status = "default", body = Problem)))]
#[post("/rooms/{roomId}/approve")]
pub async fn approve(
    app: web::Data<App>,
    InRoom { caller, room }: InRoom,
    body: Body<ApproveRequest>,
) -> Result<web::Json<ApproveResponse>, Problem> {
    decide(&app, &caller, room, UserId(body.0.user_id), body.0.approved).await
}

/// The host refuses somebody, who may ask again.
#[utoipa::path(operation_id = "rejectMember", tag = "membership", params(RoomPath), request_body = UserRequest, responses((status = 200, body = ApproveResponse), (status = "default", body = Problem)))]
#[post("/rooms/{roomId}/reject")]
pub async fn reject(
    app: web::Data<App>,
    InRoom { caller, room }: InRoom,
    body: Body<UserRequest>,
) -> Result<web::Json<ApproveResponse>, Problem> {
    decide(&app, &caller, room, UserId(body.0.user_id), false).await
}

async fn decide(
    app: &App,
    caller: &Caller,
    room: RoomId,
    user: UserId,
    approved: bool,
) -> Result<web::Json<ApproveResponse>, Problem> {
    let (ports, by) = (app.ports.clone(), caller.user);
    let deciding = async move {
        match approved {
            true => membership::approve(&ports, by, room, user).await,
            false => membership::reject(&ports, by, room, user).await,
        }
    };
    command(app, caller, deciding, move |_| ApproveResponse { approved }).await
}

/// Watches.
#[utoipa::path(operation_id = "spectate", tag = "membership", params(RoomPath), request_body = SpectateRequest, responses((status = 200, body = RoleResponse), (status = "default", body = Problem)))]
#[post("/rooms/{roomId}/spectate")]
pub async fn spectate(
    app: web::Data<App>,
    InRoom { caller, room }: InRoom,
    body: Body<SpectateRequest>,
) -> Result<web::Json<RoleResponse>, Problem> {
    let name = optional_name(body.0.display_name)?;
    let (ports, by, id) = (app.ports.clone(), caller.user, room);
    let parts = app.clone();
    command(&app, &caller, async move { membership::spectate(&ports, by, id, name).await }, move |done| RoleResponse {
        role: Role::SPECTATOR,
        rejoin_token: parts.token_text(&done.room, by),
    })
    .await
}

/// Stops watching, stays in the room.
#[utoipa::path(operation_id = "stopSpectating", tag = "membership", params(RoomPath), responses((status = 200, body = RoleResponse), (status = "default", body = Problem)))]
#[delete("/rooms/{roomId}/spectate")]
pub async fn stop_spectating(
    app: web::Data<App>,
    InRoom { caller, room }: InRoom,
) -> Result<web::Json<RoleResponse>, Problem> {
    let (ports, by, id) = (app.ports.clone(), caller.user, room);
    let parts = app.clone();
    command(&app, &caller, async move { membership::stop_spectating(&ports, by, id).await }, move |done| RoleResponse {
        role: Role::APPROVED,
        rejoin_token: parts.token_text(&done.room, by),
    })
    .await
}

/// Who watches.
#[utoipa::path(operation_id = "listSpectators", tag = "membership", params(RoomPath), responses((status = 200, body = SpectatorsResponse), (status = "default", body = Problem)))]
#[get("/rooms/{roomId}/spectators")]
pub async fn spectators(
    app: web::Data<App>,
    InRoom { caller, room }: InRoom,
) -> Result<web::Json<SpectatorsResponse>, Problem> {
    let Snapshot { room, at, .. } = answer(query::room(&app.ports, room)).await?;
    if !room.members.get(&caller.user).is_some_and(|member| member.is_approved()) {
        return Err(domain::room::RoomError::NotApproved.into());
    }
    let spectators = room.spectators().map(|member| SpectatorEntry {
        user_id: member.user.0,
        display_name: member.name.to_string(),
        online: member.is_online(at),
        last_seen_at: member.last_seen.0,
    });
    Ok(web::Json(SpectatorsResponse { spectators: spectators.collect() }))
}

/// Goes. A seated player is folded, and cashed out when the hand ends.
#[utoipa::path(operation_id = "leaveRoom", tag = "membership", params(RoomPath), responses((status = 200, body = LeaveResponse), (status = "default", body = Problem)))]
#[post("/rooms/{roomId}/leave")]
pub async fn leave(app: web::Data<App>, InRoom { caller, room }: InRoom) -> Result<web::Json<LeaveResponse>, Problem> {
    let (ports, by, id) = (app.ports.clone(), caller.user, room);
    command(&app, &caller, async move { membership::leave(&ports, by, id).await }, |_| LeaveResponse {
        status: MembershipStatus::LEFT,
    })
    .await
}

/// A sign of life, for those without a socket.
#[utoipa::path(operation_id = "heartbeat", tag = "membership", params(RoomPath), responses((status = 200, body = HeartbeatResponse), (status = "default", body = Problem)))]
#[post("/rooms/{roomId}/heartbeat")]
pub async fn heartbeat(
    app: web::Data<App>,
    InRoom { caller, room }: InRoom,
) -> Result<web::Json<HeartbeatResponse>, Problem> {
    let (ports, by, id) = (app.ports.clone(), caller.user, room);
    let alive = |alive: &Alive| HeartbeatResponse { seq: alive.seq, server_time: alive.server_time.0 };
    command(&app, &caller, async move { connect::heartbeat(&ports, by, id, Sign::Call).await }, alive).await
}
