//! Rooms: made and found.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use domain::ids::UserId;
use domain::name::Name;
use domain::room::Room;
use domain::view::hydration::role_name;
use ports::set_aside::Place;
use ports::store::Snapshot;
use protocol::code::ErrorCode;
use protocol::names::Role;
use protocol::rooms::{CreateRoomRequest, CreateRoomResponse, LobbyResponse, LobbySeat, MyRoom, MyRooms};
use usecases::rooms::{CreateRoom, create_room};
use usecases::{CommandError, query};

use crate::http::body::Body;
use crate::http::caller::{Caller, address, limited, refused};
use crate::http::finish::{answer, command_with};
use crate::http::in_room::InRoom;
use crate::http::path::RoomPath;
use crate::http::problem::Problem;
use crate::state::App;

/// The longest room password, in characters.
const MAX_PASSWORD: usize = 200;

/// Makes a room; the caller is its host and let in.
#[utoipa::path(operation_id = "createRoom", tag = "rooms", request_body = CreateRoomRequest, responses((status = 201, body = CreateRoomResponse), (status = "default", body = Problem)))]
#[post("/rooms")]
pub async fn create(
    app: web::Data<App>,
    request: HttpRequest,
    caller: Caller,
    body: Body<CreateRoomRequest>,
) -> Result<HttpResponse, Problem> {
    caller.may_go_anywhere()?;
    limited(&request, app.limits.room(address(&request)))?;
    caller.must_be_known(&app).await?;
    let CreateRoomRequest { name, display_name, password, settings } = body.0;
    let cmd = CreateRoom {
        by: caller.user,
        display_name: Name::new(&display_name).map_err(CommandError::from)?,
        name: optional_name(name)?,
        password: password.filter(|password| !password.is_empty()),
        settings: settings.unwrap_or_default().0,
    };
    if cmd.password.as_ref().is_some_and(|password| password.chars().count() > MAX_PASSWORD) {
        return Err(Problem::bad_request("a room password has at most 200 characters"));
    }
    let ports = app.ports.clone();
    let (parts, by) = (app.clone(), caller.user);
    let created = move |room: &Room| {
        let rejoin_token = parts.token_text(room, by);
        (StatusCode::CREATED, CreateRoomResponse { room: room.into(), game_id: room.game.id.0, rejoin_token })
    };
    let (status, body) = command_with(&app, &caller, async move { create_room(&ports, cmd).await }, created).await?;
    Ok(HttpResponse::build(status).json(body))
}

/// The rooms that the caller belongs to or asked to join.
#[utoipa::path(operation_id = "listRooms", tag = "rooms", responses((status = 200, body = MyRooms), (status = "default", body = Problem)))]
#[get("/rooms")]
pub async fn mine(app: web::Data<App>, caller: Caller) -> Result<web::Json<MyRooms>, Problem> {
    caller.may_go_anywhere()?;
    let (rooms, unreadable) = answer(query::rooms_of(&app.ports, caller.user)).await?;
    for (room, why) in unreadable {
        tracing::warn!(room.id = %room, place = Place::Rooms.name(), why, "a room is left out of a list: it can't be read");
    }
    Ok(web::Json(MyRooms { rooms: rooms.iter().map(|snapshot| my_room(snapshot, caller.user)).collect() }))
}

/// A room by its code, seen from the lobby. Case, blanks and dashes don't matter.
#[utoipa::path(operation_id = "findRoomByCode", tag = "rooms", params(("code" = String, Path)), responses((status = 200, body = LobbyResponse), (status = "default", body = Problem)))]
#[get("/rooms/code/{code}")]
pub async fn by_code(
    app: web::Data<App>,
    request: HttpRequest,
    caller: Caller,
    code: web::Path<String>,
) -> Result<web::Json<LobbyResponse>, Problem> {
    caller.may_go_anywhere()?;
    let guess = app.limits.guess_code(address(&request)).map_err(|wait| refused(&request, wait))?;
    let found = answer(query::room_by_code(&app.ports, &code)).await;
    if found.as_ref().is_err_and(|problem| problem.code() == ErrorCode::RoomNotFound) {
        guess.wrong();
    }
    Ok(web::Json(lobby(&found?, caller.user)))
}

/// A room, seen from the lobby.
#[utoipa::path(operation_id = "getRoom", tag = "rooms", params(RoomPath), responses((status = 200, body = LobbyResponse), (status = "default", body = Problem)))]
#[get("/rooms/{roomId}")]
pub async fn by_id(app: web::Data<App>, InRoom { caller, room }: InRoom) -> Result<web::Json<LobbyResponse>, Problem> {
    let found = answer(query::room(&app.ports, room)).await?;
    Ok(web::Json(lobby(&found, caller.user)))
}

pub(super) fn optional_name(name: Option<String>) -> Result<Option<Name>, Problem> {
    Ok(name.map(|name| Name::new(&name)).transpose().map_err(CommandError::from)?)
}

fn lobby(Snapshot { room, at, .. }: &Snapshot, reader: UserId) -> LobbyResponse {
    let name_of = |user: UserId| room.members.get(&user).map(|member| member.name.to_string());
    let seats = room.seats.iter().enumerate().map(|(seat_index, seat)| {
        let user = seat.occupant().map(|occupant| occupant.user);
        LobbySeat { seat_index, user_id: user.map(|user| user.0), display_name: user.and_then(name_of) }
    });
    LobbyResponse {
        room: room.into(),
        seats: seats.collect(),
        host_display_name: name_of(room.host).unwrap_or_default(),
        host_online: room.members.get(&room.host).is_some_and(|host| host.is_online(*at)),
        member_count: room.approved().count(),
        game_status: room.game.status.into(),
        banned: room
            .members
            .get(&reader)
            .is_some_and(|member| matches!(member.status, domain::member::MembershipStatus::Banned)),
    }
}

fn my_room(Snapshot { room, .. }: &Snapshot, user: UserId) -> MyRoom {
    let member = &room.members[&user];
    let seat = room.seat_of(user);
    let pending = || {
        room.members.values().filter(|m| matches!(m.status, domain::member::MembershipStatus::Pending { .. })).count()
    };
    MyRoom {
        room: room.into(),
        member_status: (&member.status).into(),
        role: member.is_approved().then(|| Role::named(role_name(room, user))),
        seat_index: seat.map(|seat| seat.0),
        is_host: room.is_host(user),
        game_status: room.game.status.into(),
        your_turn: seat.is_some_and(|seat| room.game.waits_for(seat)),
        pending_requests: if room.is_host(user) { pending() } else { 0 },
        member_count: room.approved().count(),
    }
}
