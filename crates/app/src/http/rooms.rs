//! Rooms: made, found, entered and left.

use actix_web::{HttpRequest, HttpResponse, delete, get, post, web};
use adapters_ws::event::WireSettings;
use domain::ids::{RoomId, UserId};
use domain::member::Standing;
use domain::name::Name;
use domain::room::{Joined, Room};
use domain::settings::SettingsPatch;
use domain::view::hydration::role_name;
use ports::store::Snapshot;
use serde::{Deserialize, Serialize};
use usecases::ingress::{self, Join};
use usecases::rooms::{CreateRoom, create_room};
use usecases::{Refusal, connect, query};
use uuid::Uuid;

use crate::http::App;
use crate::http::body::Body;
use crate::http::caller::{Caller, address};
use crate::http::finish::{answer, finish};
use crate::http::path::RoomPath;
use crate::http::problem::Problem;

/// Settings to change; what is absent stays.
#[derive(Default, Deserialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase", default)]
pub struct SettingsBody {
    /// 2 to 10.
    seats: Option<i64>,
    small_blind: Option<i64>,
    big_blind: Option<i64>,
    ante: Option<i64>,
    min_buy_in: Option<i64>,
    max_buy_in: Option<i64>,
    /// 0 (no clock) to 600.
    action_timeout_secs: Option<i64>,
    /// 0 to 600.
    timebank_secs: Option<i64>,
    /// 0 to 30, whole or a fraction.
    between_hands_secs: Option<f64>,
    /// 2 to 1,000.
    max_members: Option<i64>,
    auto_approve: Option<bool>,
    spectators_allowed: Option<bool>,
    /// `nlhe`.
    variant: Option<String>,
}

impl From<SettingsBody> for SettingsPatch {
    fn from(body: SettingsBody) -> Self {
        Self {
            seats: body.seats,
            small_blind: body.small_blind,
            big_blind: body.big_blind,
            ante: body.ante,
            min_buy_in: body.min_buy_in,
            max_buy_in: body.max_buy_in,
            action_timeout_secs: body.action_timeout_secs,
            timebank_secs: body.timebank_secs,
            between_hands_secs: body.between_hands_secs,
            max_members: body.max_members,
            auto_approve: body.auto_approve,
            spectators_allowed: body.spectators_allowed,
            variant: body.variant,
        }
    }
}

/// A new room.
#[derive(Deserialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct CreateBody {
    name: Option<String>,
    display_name: String,
    /// What people have to know besides the code, 1 to 200 characters.
    password: Option<String>,
    settings: Option<SettingsBody>,
}

/// Asks to join.
#[derive(Deserialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct JoinBody {
    user_id: Option<Uuid>,
    display_name: String,
    password: Option<String>,
}

/// Somebody.
#[derive(Deserialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct UserBody {
    pub(super) user_id: Uuid,
}

/// The host's word on a request.
#[derive(Deserialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct ApproveBody {
    user_id: Uuid,
    approved: bool,
}

/// A new display name, if any.
#[derive(Deserialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct SpectateBody {
    display_name: Option<String>,
}

/// A room.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct RoomBody {
    id: Uuid,
    /// What people type to find it.
    code: String,
    name: String,
    host_id: Uuid,
    /// `open` or `closed`.
    #[schema(value_type = String)]
    #[cfg_attr(test, ts(type = "RoomStatus"))]
    status: &'static str,
    has_password: bool,
    settings: WireSettings,
}

impl From<&Room> for RoomBody {
    fn from(room: &Room) -> Self {
        Self {
            id: room.id.0,
            code: room.code.clone(),
            name: room.name.to_string(),
            host_id: room.host.0,
            status: room.status.name(),
            has_password: room.has_password,
            settings: (&room.settings).into(),
        }
    }
}

/// A room that was made.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct CreatedBody {
    room: RoomBody,
    game_id: Uuid,
    rejoin_token: Option<String>,
}

/// A chair, seen from the lobby.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct LobbySeat {
    seat_index: usize,
    user_id: Option<Uuid>,
    display_name: Option<String>,
}

/// A room, seen from the lobby.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct LobbyBody {
    room: RoomBody,
    seats: Vec<LobbySeat>,
    host_display_name: String,
    host_online: bool,
    member_count: usize,
    #[schema(value_type = String)]
    #[cfg_attr(test, ts(type = "GameStatus"))]
    game_status: &'static str,
}

/// A room that the caller belongs to.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct MyRoom {
    #[serde(flatten)]
    room: RoomBody,
    #[schema(value_type = String)]
    #[cfg_attr(test, ts(type = "Standing"))]
    member_status: &'static str,
    #[schema(value_type = Option<String>)]
    #[cfg_attr(test, ts(type = "Role | null"))]
    role: Option<&'static str>,
    seat_index: Option<u8>,
    is_host: bool,
    #[schema(value_type = String)]
    #[cfg_attr(test, ts(type = "GameStatus"))]
    game_status: &'static str,
    your_turn: bool,
    /// Open requests, for the host.
    pending_requests: usize,
    member_count: usize,
}

/// The caller's rooms, the latest first.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct MyRooms {
    rooms: Vec<MyRoom>,
}

/// What came of asking to join.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct JoinedBody {
    #[schema(value_type = String)]
    #[cfg_attr(test, ts(type = "Standing"))]
    status: &'static str,
    waiting_for_approval: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    rejoin_token: Option<String>,
}

/// How the caller stands with a room.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct StandingBody {
    /// `pending`, `approved`, `rejected`, `left`, `kicked` or `banned`.
    #[schema(value_type = String)]
    #[cfg_attr(test, ts(type = "Standing"))]
    status: &'static str,
    /// `player`, `spectator`, `host` (without a chair) or `approved`; `null` for somebody who isn't let in.
    #[schema(value_type = Option<String>)]
    #[cfg_attr(test, ts(type = "Role | null"))]
    role: Option<&'static str>,
    seat_index: Option<u8>,
    rejoin_token: Option<String>,
    is_host: bool,
}

/// The host's word.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ApprovedBody {
    approved: bool,
}

/// A role, and the token that goes with it.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct RoleBody {
    #[schema(value_type = String)]
    #[cfg_attr(test, ts(type = "Role"))]
    pub(super) role: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub(super) rejoin_token: Option<String>,
}

/// Somebody who watches.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct SpectatorBody {
    user_id: Uuid,
    display_name: String,
    online: bool,
    last_seen_at: i64,
}

/// Who watches.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SpectatorsBody {
    spectators: Vec<SpectatorBody>,
}

/// The caller has gone.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct LeftBody {
    #[schema(value_type = String)]
    #[cfg_attr(test, ts(type = "Standing"))]
    status: &'static str,
}

/// The server's answer to a sign of life.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct AliveBody {
    seq: u64,
    server_time: i64,
}

/// The longest room password, in characters.
const MAX_PASSWORD: usize = 200;

/// Makes a room; the caller is its host and let in.
#[utoipa::path(tag = "rooms", request_body = CreateBody, responses((status = 201, body = CreatedBody), (status = "default", body = Problem)))]
#[post("/rooms")]
pub async fn create(app: web::Data<App>, caller: Caller, body: Body<CreateBody>) -> Result<HttpResponse, Problem> {
    caller.may_go_anywhere()?;
    let CreateBody { name, display_name, password, settings } = body.0;
    let cmd = CreateRoom {
        by: caller.user,
        display_name: Name::new(&display_name).map_err(Refusal::from)?,
        name: optional_name(name)?,
        password: password.filter(|password| !password.is_empty()),
        settings: settings.unwrap_or_default().into(),
    };
    if cmd.password.as_ref().is_some_and(|password| password.chars().count() > MAX_PASSWORD) {
        return Err(Problem::bad_request("a room password has at most 200 characters"));
    }
    let ports = app.ports.clone();
    let room = finish(async move { create_room(&ports, cmd).await }).await?;
    let rejoin_token = app.token_text(&room, caller.user);
    Ok(HttpResponse::Created().json(CreatedBody { room: (&room).into(), game_id: room.game.id.0, rejoin_token }))
}

/// The rooms that the caller belongs to or asked to join.
#[utoipa::path(tag = "rooms", responses((status = 200, body = MyRooms), (status = "default", body = Problem)))]
#[get("/rooms")]
pub async fn mine(app: web::Data<App>, caller: Caller) -> Result<web::Json<MyRooms>, Problem> {
    caller.may_go_anywhere()?;
    let rooms = answer(query::rooms_of(&app.ports, caller.user)).await?;
    Ok(web::Json(MyRooms { rooms: rooms.iter().map(|snapshot| my_room(snapshot, caller.user)).collect() }))
}

/// A room by its code, seen from the lobby. Case, blanks and dashes don't matter.
#[utoipa::path(tag = "rooms", params(("code" = String, Path)), responses((status = 200, body = LobbyBody), (status = "default", body = Problem)))]
#[get("/rooms/code/{code}")]
pub async fn by_code(
    app: web::Data<App>,
    request: HttpRequest,
    caller: Caller,
    code: web::Path<String>,
) -> Result<web::Json<LobbyBody>, Problem> {
    caller.may_go_anywhere()?;
    let guess = app.limits.guess_code(address(&request)).map_err(|wait| Problem::rate_limited(wait.0))?;
    let found = answer(query::room_by_code(&app.ports, &code)).await;
    if found.as_ref().is_err_and(|problem| problem.code() == "ROOM_NOT_FOUND") {
        guess.wrong();
    }
    Ok(web::Json(lobby(&found?)))
}

/// A room, seen from the lobby.
#[utoipa::path(tag = "rooms", params(RoomPath), responses((status = 200, body = LobbyBody), (status = "default", body = Problem)))]
#[get("/rooms/{roomId}")]
pub async fn by_id(app: web::Data<App>, caller: Caller, room: RoomPath) -> Result<web::Json<LobbyBody>, Problem> {
    caller.may_enter(room.id())?;
    let found = answer(query::room(&app.ports, room.id())).await?;
    Ok(web::Json(lobby(&found)))
}

/// Asks to come in. The host decides, unless the room lets everybody in.
#[utoipa::path(tag = "ingress", params(RoomPath), request_body = JoinBody, responses((status = 200, body = JoinedBody), (status = 202, body = JoinedBody), (status = "default", body = Problem)))]
#[post("/rooms/{roomId}/join")]
pub async fn join(
    app: web::Data<App>,
    request: HttpRequest,
    caller: Caller,
    room: RoomPath,
    body: Body<JoinBody>,
) -> Result<HttpResponse, Problem> {
    let JoinBody { user_id, display_name, password } = body.0;
    caller.must_be(user_id)?;
    caller.may_enter(room.id())?;
    let (ip, id) = (address(&request), room.id());
    // Who gives no password guesses none: members come back even while somebody else guesses.
    let guess = password.is_some().then(|| app.limits.guess_room_password(ip, id.0)).transpose();
    let guess = guess.map_err(|wait| Problem::rate_limited(wait.0))?;
    let name = Name::new(&display_name).map_err(Refusal::from)?;
    let cmd = Join { by: caller.user, room: id, name, password };
    let ports = app.ports.clone();
    let joining = async move {
        let outcome = ingress::join(&ports, cmd).await;
        // Counted here: a guess whose client hangs up is one all the same.
        if let (Some(guess), Err(Refusal::WrongPassword)) = (guess, &outcome) {
            guess.wrong();
        }
        outcome
    };
    let done = finish(joining).await?;
    Ok(match done.value {
        Joined::Pending => HttpResponse::Accepted().json(JoinedBody {
            status: "pending",
            waiting_for_approval: true,
            rejoin_token: None,
        }),
        Joined::Approved => HttpResponse::Ok().json(JoinedBody {
            status: "approved",
            waiting_for_approval: false,
            rejoin_token: app.token_text(&done.room, caller.user),
        }),
    })
}

/// How the caller stands with the room: for those who wait without a socket.
#[utoipa::path(tag = "ingress", params(RoomPath), responses((status = 200, body = StandingBody), (status = "default", body = Problem)))]
#[get("/rooms/{roomId}/me")]
pub async fn me(app: web::Data<App>, caller: Caller, room: RoomPath) -> Result<web::Json<StandingBody>, Problem> {
    caller.may_enter(room.id())?;
    let Snapshot { room, .. } = answer(query::room(&app.ports, room.id())).await?;
    let member = room.members.get(&caller.user).ok_or(domain::room::RoomError::NotApproved)?;
    let approved = member.is_approved();
    Ok(web::Json(StandingBody {
        status: member.standing.name(),
        role: approved.then(|| role_name(&room, caller.user)),
        seat_index: room.seat_of(caller.user).map(|seat| seat.0),
        rejoin_token: app.token_text(&room, caller.user),
        is_host: room.is_host(caller.user),
    }))
}

/// The host lets somebody in, or not.
#[utoipa::path(tag = "ingress", params(RoomPath), request_body = ApproveBody, responses((status = 200, body = ApprovedBody), (status = "default", body = Problem)))]
#[post("/rooms/{roomId}/approve")]
pub async fn approve(
    app: web::Data<App>,
    caller: Caller,
    room: RoomPath,
    body: Body<ApproveBody>,
) -> Result<web::Json<ApprovedBody>, Problem> {
    decide(&app, &caller, room.id(), UserId(body.0.user_id), body.0.approved).await
}

/// The host refuses somebody, who may ask again.
#[utoipa::path(tag = "ingress", params(RoomPath), request_body = UserBody, responses((status = 200, body = ApprovedBody), (status = "default", body = Problem)))]
#[post("/rooms/{roomId}/reject")]
pub async fn reject(
    app: web::Data<App>,
    caller: Caller,
    room: RoomPath,
    body: Body<UserBody>,
) -> Result<web::Json<ApprovedBody>, Problem> {
    decide(&app, &caller, room.id(), UserId(body.0.user_id), false).await
}

async fn decide(
    app: &App,
    caller: &Caller,
    room: RoomId,
    user: UserId,
    approved: bool,
) -> Result<web::Json<ApprovedBody>, Problem> {
    caller.may_enter(room)?;
    let (ports, by) = (app.ports.clone(), caller.user);
    finish(async move {
        match approved {
            true => ingress::approve(&ports, by, room, user).await,
            false => ingress::reject(&ports, by, room, user).await,
        }
    })
    .await?;
    Ok(web::Json(ApprovedBody { approved }))
}

/// Watches.
#[utoipa::path(tag = "ingress", params(RoomPath), request_body = SpectateBody, responses((status = 200, body = RoleBody), (status = "default", body = Problem)))]
#[post("/rooms/{roomId}/spectate")]
pub async fn spectate(
    app: web::Data<App>,
    caller: Caller,
    room: RoomPath,
    body: Body<SpectateBody>,
) -> Result<web::Json<RoleBody>, Problem> {
    caller.may_enter(room.id())?;
    let name = optional_name(body.0.display_name)?;
    let (ports, by, id) = (app.ports.clone(), caller.user, room.id());
    let done = finish(async move { ingress::spectate(&ports, by, id, name).await }).await?;
    Ok(web::Json(RoleBody { role: "spectator", rejoin_token: app.token_text(&done.room, by) }))
}

/// Stops watching, stays in the room.
#[utoipa::path(tag = "ingress", params(RoomPath), responses((status = 200, body = RoleBody), (status = "default", body = Problem)))]
#[delete("/rooms/{roomId}/spectate")]
pub async fn stop_spectating(
    app: web::Data<App>,
    caller: Caller,
    room: RoomPath,
) -> Result<web::Json<RoleBody>, Problem> {
    caller.may_enter(room.id())?;
    let (ports, by, id) = (app.ports.clone(), caller.user, room.id());
    let done = finish(async move { ingress::stop_spectating(&ports, by, id).await }).await?;
    Ok(web::Json(RoleBody { role: "approved", rejoin_token: app.token_text(&done.room, by) }))
}

/// Who watches.
#[utoipa::path(tag = "ingress", params(RoomPath), responses((status = 200, body = SpectatorsBody), (status = "default", body = Problem)))]
#[get("/rooms/{roomId}/spectators")]
pub async fn spectators(
    app: web::Data<App>,
    caller: Caller,
    room: RoomPath,
) -> Result<web::Json<SpectatorsBody>, Problem> {
    caller.may_enter(room.id())?;
    let Snapshot { room, at, .. } = answer(query::room(&app.ports, room.id())).await?;
    if !room.members.get(&caller.user).is_some_and(|member| member.is_approved()) {
        return Err(domain::room::RoomError::NotApproved.into());
    }
    let spectators = room.spectators().map(|member| SpectatorBody {
        user_id: member.user.0,
        display_name: member.name.to_string(),
        online: member.is_online(at),
        last_seen_at: member.last_seen.0,
    });
    Ok(web::Json(SpectatorsBody { spectators: spectators.collect() }))
}

/// Goes. A seated player is folded, and cashed out when the hand ends.
#[utoipa::path(tag = "ingress", params(RoomPath), responses((status = 200, body = LeftBody), (status = "default", body = Problem)))]
#[post("/rooms/{roomId}/leave")]
pub async fn leave(app: web::Data<App>, caller: Caller, room: RoomPath) -> Result<web::Json<LeftBody>, Problem> {
    caller.may_enter(room.id())?;
    let (ports, by, id) = (app.ports.clone(), caller.user, room.id());
    finish(async move { ingress::leave(&ports, by, id).await }).await?;
    Ok(web::Json(LeftBody { status: "left" }))
}

/// A sign of life, for those without a socket.
#[utoipa::path(tag = "ingress", params(RoomPath), responses((status = 200, body = AliveBody), (status = "default", body = Problem)))]
#[post("/rooms/{roomId}/heartbeat")]
pub async fn heartbeat(app: web::Data<App>, caller: Caller, room: RoomPath) -> Result<web::Json<AliveBody>, Problem> {
    caller.may_enter(room.id())?;
    let (ports, by, id) = (app.ports.clone(), caller.user, room.id());
    let alive = finish(async move { connect::heartbeat(&ports, by, id).await }).await?;
    Ok(web::Json(AliveBody { seq: alive.seq, server_time: alive.server_time.0 }))
}

pub(super) fn optional_name(name: Option<String>) -> Result<Option<Name>, Problem> {
    Ok(name.map(|name| Name::new(&name)).transpose().map_err(Refusal::from)?)
}

fn lobby(Snapshot { room, at, .. }: &Snapshot) -> LobbyBody {
    let name_of = |user: UserId| room.members.get(&user).map(|member| member.name.to_string());
    let seats = room.seats.iter().enumerate().map(|(seat_index, seat)| {
        let user = seat.occupant().map(|occupant| occupant.user);
        LobbySeat { seat_index, user_id: user.map(|user| user.0), display_name: user.and_then(name_of) }
    });
    LobbyBody {
        room: room.into(),
        seats: seats.collect(),
        host_display_name: name_of(room.host).unwrap_or_default(),
        host_online: room.members.get(&room.host).is_some_and(|host| host.is_online(*at)),
        member_count: room.approved().count(),
        game_status: room.game.status.name(),
    }
}

fn my_room(Snapshot { room, .. }: &Snapshot, user: UserId) -> MyRoom {
    let member = &room.members[&user];
    let seat = room.seat_of(user);
    let pending = || room.members.values().filter(|m| matches!(m.standing, Standing::Pending { .. })).count();
    MyRoom {
        room: room.into(),
        member_status: member.standing.name(),
        role: member.is_approved().then(|| role_name(room, user)),
        seat_index: seat.map(|seat| seat.0),
        is_host: room.is_host(user),
        game_status: room.game.status.name(),
        your_turn: seat.is_some() && room.game.turn.map(|turn| turn.seat) == seat,
        pending_requests: if room.is_host(user) { pending() } else { 0 },
        member_count: room.approved().count(),
    }
}
