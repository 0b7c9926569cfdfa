//! Seats and stacks.

use actix_web::{delete, patch, post, web};
use domain::ids::SeatIndex;
use domain::room::{RoomError, TakeSeat};
use protocol::host::{CommandResponse, StackResponse};
use protocol::membership::RoleResponse;
use protocol::names::Role;
use protocol::seats::{PreferencesResponse, TakeSeatRequest, TakeSeatResponse, TopUpRequest};
use protocol::settings::PreferencesRequest;
use usecases::seats;

use crate::http::body::Body;
use crate::http::finish::command;
use crate::http::host::{adjusted_body, done_body};
use crate::http::in_room::InRoom;
use crate::http::path::RoomPath;
use crate::http::problem::Problem;
use crate::http::rooms::optional_name;
use crate::state::App;

/// Sits down; is dealt in from the next hand.
#[utoipa::path(operation_id = "takeSeat", tag = "seats", params(RoomPath), request_body = TakeSeatRequest, responses((status = 200, body = TakeSeatResponse), (status = "default", body = Problem)))]
#[post("/rooms/{roomId}/seat")]
pub async fn take(
    app: web::Data<App>,
    InRoom { caller, room }: InRoom,
    body: Body<TakeSeatRequest>,
) -> Result<web::Json<TakeSeatResponse>, Problem> {
    let TakeSeatRequest { seat_index, display_name, buy_in } = body.0;
    let seat = SeatIndex(u8::try_from(seat_index).map_err(|_| RoomError::InvalidSeat)?);
    let ask = TakeSeat { seat, name: optional_name(display_name)?, buy_in };
    let (ports, by, id) = (app.ports.clone(), caller.user, room);
    let parts = app.clone();
    command(&app, &caller, async move { seats::take_seat(&ports, by, id, ask).await }, move |done| TakeSeatResponse {
        role: Role::PLAYER,
        seat_index: seat.0,
        chips: done.room.stack_of(seat).get(),
        rejoin_token: parts.token_text(&done.room, by),
    })
    .await
}

/// Leaves the seat, and keeps watching where the room allows spectators. A live hand is folded.
#[utoipa::path(operation_id = "leaveSeat", tag = "seats", params(RoomPath), responses((status = 200, body = RoleResponse), (status = "default", body = Problem)))]
#[delete("/rooms/{roomId}/seat")]
pub async fn leave(app: web::Data<App>, InRoom { caller, room }: InRoom) -> Result<web::Json<RoleResponse>, Problem> {
    let (ports, by, id) = (app.ports.clone(), caller.user, room);
    let parts = app.clone();
    command(&app, &caller, async move { seats::stand_up(&ports, by, id).await }, move |done| RoleResponse {
        role: match done.room.role_of(by) {
            Some(domain::member::Role::Spectator) => Role::SPECTATOR,
            Some(domain::member::Role::Player | domain::member::Role::Approved) | None => Role::APPROVED,
        },
        rejoin_token: parts.token_text(&done.room, by),
    })
    .await
}

/// Keeps the seat without being dealt in, from the next hand.
#[utoipa::path(operation_id = "sitOut", tag = "seats", params(RoomPath), responses((status = 200, body = CommandResponse), (status = "default", body = Problem)))]
#[post("/rooms/{roomId}/sit-out")]
pub async fn sit_out(
    app: web::Data<App>,
    InRoom { caller, room }: InRoom,
) -> Result<web::Json<CommandResponse>, Problem> {
    let (ports, by, id) = (app.ports.clone(), caller.user, room);
    command(&app, &caller, async move { seats::sit_out(&ports, by, id).await }, done_body).await
}

/// Is dealt in again, from the next hand.
#[utoipa::path(operation_id = "sitIn", tag = "seats", params(RoomPath), responses((status = 200, body = CommandResponse), (status = "default", body = Problem)))]
#[post("/rooms/{roomId}/sit-in")]
pub async fn sit_in(
    app: web::Data<App>,
    InRoom { caller, room }: InRoom,
) -> Result<web::Json<CommandResponse>, Problem> {
    let (ports, by, id) = (app.ports.clone(), caller.user, room);
    command(&app, &caller, async move { seats::sit_in(&ports, by, id).await }, done_body).await
}

/// Buys more chips: at once between hands, else when the hand is over.
#[utoipa::path(operation_id = "topUp", tag = "seats", params(RoomPath), request_body = TopUpRequest, responses((status = 200, body = StackResponse), (status = "default", body = Problem)))]
#[post("/rooms/{roomId}/top-up")]
pub async fn top_up(
    app: web::Data<App>,
    InRoom { caller, room }: InRoom,
    body: Body<TopUpRequest>,
) -> Result<web::Json<StackResponse>, Problem> {
    let (ports, by, id, amount) = (app.ports.clone(), caller.user, room, body.0.amount);
    command(&app, &caller, async move { seats::top_up(&ports, by, id, amount).await }, adjusted_body).await
}

/// Changes the caller's own standing choices in this room. They hold from the next hand, and stay with the membership.
#[utoipa::path(operation_id = "changePreferences", tag = "seats", params(RoomPath), request_body = PreferencesRequest, responses((status = 200, body = PreferencesResponse), (status = "default", body = Problem)))]
#[patch("/rooms/{roomId}/preferences")]
pub async fn preferences(
    app: web::Data<App>,
    InRoom { caller, room }: InRoom,
    body: Body<PreferencesRequest>,
) -> Result<web::Json<PreferencesResponse>, Problem> {
    let (ports, by, id) = (app.ports.clone(), caller.user, room);
    let changing = async move { seats::prefer(&ports, by, id, body.0.0).await };
    command(&app, &caller, changing, |done| PreferencesResponse { preferences: (&done.value).into() }).await
}
