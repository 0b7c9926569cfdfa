//! Actions, and the record of what was played.

use actix_web::{HttpResponse, get, post, web};
use domain::card::seed::hex;
use domain::chips::Chips;
use domain::hand::Action;
use domain::ids::{Epoch, HandId};
use domain::room::RoomError;
use hand_history::{Record, Unwritable, phh};
use ports::store::RecordedHand;
use protocol::code::ErrorCode;
use protocol::event::{WireCommitment, all_boards, cards, winner};
use protocol::hidden::missing;
use protocol::names::{ActionName, Card};
use protocol::play::{
    ActionRequest, ActionResponse, CardProof, EventsResponse, HandResponse, HandsResponse, PastHandSummary,
    ProofsResponse, RabbitRequest, RabbitResponse, RecordedHandResponse, RecordedSeat, RunsRequest, ShowRequest,
};
use serde::Deserialize;
use usecases::Done;
use usecases::act::{Act, act};
use usecases::query;
use usecases::runs::answer_runs;
use usecases::showing::{hunt_rabbit, show_cards};
use uuid::Uuid;

use crate::http::body::Body;
use crate::http::caller::Caller;
use crate::http::finish::{answer, command, finish};
use crate::http::hidden::{self, Hidden};
use crate::http::in_room::InRoom;
use crate::http::path::{GamePath, HandPath, RoomPath};
use crate::http::problem::Problem;
use crate::state::App;

/// Which events.
#[derive(Deserialize, utoipa::IntoParams)]
pub struct EventsQuery {
    /// Events after this number.
    #[serde(default)]
    after: u64,
    /// The epoch of the log that this is a number of: another one than the log's is 409 `EPOCH_CHANGED`.
    epoch: Option<Uuid>,
    /// At most so many, up to 500.
    #[serde(default = "most")]
    limit: u32,
}

/// Which hands.
#[derive(Deserialize, utoipa::IntoParams)]
pub struct HandsQuery {
    /// Hands with numbers below this one.
    before: Option<u64>,
    /// At most so many, up to 100.
    #[serde(default = "page")]
    limit: u32,
}

/// As what a hand is exported.
#[derive(Deserialize, utoipa::IntoParams)]
pub struct ExportQuery {
    /// The file format: `phh`.
    format: String,
}

const fn most() -> u32 {
    500
}

const fn page() -> u32 {
    20
}

/// Acts in a hand. Once begun it runs to its end, even if the client hangs up.
#[utoipa::path(operation_id = "act", tag = "play", params(GamePath, ("Idempotency-Key" = Option<Uuid>, Header)), request_body = ActionRequest, responses((status = 200, body = ActionResponse), (status = "default", body = Problem)))]
#[post("/games/{gameId}/actions")]
pub async fn action(
    app: web::Data<App>,
    caller: Caller,
    game: GamePath,
    body: Body<ActionRequest>,
) -> Result<web::Json<ActionResponse>, Problem> {
    let body = body.0;
    caller.must_be(body.user_id)?;
    let action_id = caller.named().map(|named| named.id).or(body.action_id);
    let amount = Chips::from_signed(body.amount.unwrap_or(0)).unwrap_or_default().min(Chips::MAX);
    let action = match body.action {
        ActionName::Fold => Action::Fold,
        ActionName::Check => Action::Check,
        ActionName::Call => Action::Call,
        ActionName::Bet => Action::Bet(amount),
        ActionName::Raise => Action::Raise(amount),
        ActionName::AllIn => Action::AllIn,
    };
    let cmd =
        Act { by: caller.user, only_room: caller.only_room(), game: game.id(), action, action_id, turn: body.turn };
    let ports = app.ports.clone();
    let acting = finish(async move { act(&ports, cmd).await });
    let seq = acting.await.map_err(|problem| if action_id.is_some() { problem.to_be_named() } else { problem })?;
    app.metrics.action_committed();
    Ok(web::Json(ActionResponse { success: true, seq }))
}

/// Says how many runs the player accepts at most, when the betting is over with board cards to come. The smallest number that a
/// player accepts is played.
#[utoipa::path(operation_id = "answerRuns", tag = "play", params(GamePath), request_body = RunsRequest, responses((status = 200, body = ActionResponse), (status = "default", body = Problem)))]
#[post("/games/{gameId}/runs")]
pub async fn runs(
    app: web::Data<App>,
    caller: Caller,
    game: GamePath,
    body: Body<RunsRequest>,
) -> Result<web::Json<ActionResponse>, Problem> {
    let (by, only_room, game) = (caller.user, caller.only_room(), game.id());
    let (ports, answer) = (app.ports.clone(), (body.0.runs, body.0.turn));
    command(&app, &caller, async move { answer_runs(&ports, by, only_room, game, answer).await }, acted).await
}

/// Shows some of the player's own cards to the room, when the hand is complete and until the next one starts.
#[utoipa::path(operation_id = "showCards", tag = "play", params(GamePath), request_body = ShowRequest, responses((status = 200, body = ActionResponse), (status = "default", body = Problem)))]
#[post("/games/{gameId}/show")]
pub async fn show(
    app: web::Data<App>,
    caller: Caller,
    game: GamePath,
    body: Body<ShowRequest>,
) -> Result<web::Json<ActionResponse>, Problem> {
    let (by, only_room, game) = (caller.user, caller.only_room(), game.id());
    let cards = body.0.cards.iter().map(|name| name.parse().map_err(|_| RoomError::InvalidCards.into()));
    let shown = (HandId(body.0.hand_id), cards.collect::<Result<Vec<domain::card::Card>, Problem>>()?);
    let ports = app.ports.clone();
    command(&app, &caller, async move { show_cards(&ports, by, only_room, game, shown).await }, acted).await
}

/// Tells what would have come, when all others folded before the board was complete: each whole board. By the room's settings the
/// player who asks is told, everybody, or nobody.
#[utoipa::path(operation_id = "huntRabbit", tag = "play", params(GamePath), request_body = RabbitRequest, responses((status = 200, body = RabbitResponse), (status = "default", body = Problem)))]
#[post("/games/{gameId}/rabbit")]
pub async fn rabbit(
    app: web::Data<App>,
    caller: Caller,
    game: GamePath,
    body: Body<RabbitRequest>,
) -> Result<HttpResponse, Problem> {
    let (by, only_room, game, of) = (caller.user, caller.only_room(), game.id(), HandId(body.0.hand_id));
    let ports = app.ports.clone();
    let told = |done: &Done<Vec<Vec<domain::card::Card>>>| RabbitResponse { boards: all_boards(&done.value) };
    let asking = async move { hunt_rabbit(&ports, by, only_room, game, of).await };
    let web::Json(body) = command(&app, &caller, asking, told).await?;
    let blanks = body.boards.iter().flatten().map(Card::blanks).sum();
    Ok(hidden::json(&body, Hidden::Padded(blanks)))
}

fn acted(done: &Done<()>) -> ActionResponse {
    ActionResponse { success: true, seq: done.seq }
}

/// The committed events after a number, as this reader sees them: the same bytes as live.
#[utoipa::path(operation_id = "listEvents", tag = "play", params(RoomPath, EventsQuery), responses((status = 200, body = EventsResponse), (status = "default", body = Problem)))]
#[get("/rooms/{roomId}/events")]
pub async fn events(
    app: web::Data<App>,
    InRoom { caller, room }: InRoom,
    query: web::Query<EventsQuery>,
) -> Result<HttpResponse, Problem> {
    let limit = query.limit.clamp(1, most());
    let after = (query.epoch.map(Epoch), query.after);
    let (reader, page) = answer(query::events(&app.ports, caller.user, room, after, limit)).await?;
    let seen = app.raw_events(room, query::visible(&page.events, reader));
    Ok(hidden::json(
        &EventsResponse { events: seen.events, epoch: page.epoch.0, seq: page.seq },
        of_events(seen.hidden),
    ))
}

/// Finished hands, newest first. Somebody who has left the room or was removed keeps the hands that they played.
#[utoipa::path(operation_id = "listHands", tag = "play", params(RoomPath, HandsQuery), responses((status = 200, body = HandsResponse), (status = "default", body = Problem)))]
#[get("/rooms/{roomId}/hands")]
pub async fn hands(
    app: web::Data<App>,
    InRoom { caller, room }: InRoom,
    query: web::Query<HandsQuery>,
) -> Result<web::Json<HandsResponse>, Problem> {
    let limit = query.limit.clamp(1, 100);
    let found = answer(query::hands(&app.ports, caller.user, room, query.before, limit)).await?;
    let bodies = found.into_iter().map(|past| PastHandSummary {
        hand_id: past.id.0,
        hand_number: past.number,
        started_at: past.started_at.0,
        completed_at: past.completed_at.0,
        pot: past.pot.get(),
        winners: past.winners.iter().map(winner).collect(),
    });
    Ok(web::Json(HandsResponse { hands: bodies.collect() }))
}

/// One hand with its events as this reader may see them: mucked and folded cards of others never.
#[utoipa::path(operation_id = "getHand", tag = "play", params(HandPath), responses((status = 200, body = HandResponse), (status = "default", body = Problem)))]
#[get("/hands/{handId}")]
pub async fn hand(app: web::Data<App>, caller: Caller, path: HandPath) -> Result<HttpResponse, Problem> {
    let (reader, found) = answer(query::hand(&app.ports, caller.user, path.id())).await?;
    caller.may_enter(found.room)?;
    let seen = app.raw_events(found.room, query::visible(&found.events, reader));
    Ok(hidden::json(&HandResponse { hand: recorded(&found), events: seen.events }, of_events(seen.hidden)))
}

/// A finished hand as a file that other poker software reads, as this reader may see it. `phh`: the Poker Hand History format.
#[utoipa::path(operation_id = "exportHand", tag = "play", params(HandPath, ExportQuery), responses((status = 200, body = String, content_type = "application/toml"), (status = "default", body = Problem)))]
#[get("/hands/{handId}/export")]
pub async fn export(
    app: web::Data<App>,
    caller: Caller,
    path: HandPath,
    query: web::Query<ExportQuery>,
) -> Result<HttpResponse, Problem> {
    let (reader, found) = answer(query::hand(&app.ports, caller.user, path.id())).await?;
    caller.may_enter(found.room)?;
    if query.format != "phh" {
        return Err(Problem::new(ErrorCode::InvalidFormat, "a hand can be exported as `phh`"));
    }
    let room = answer(query::room(&app.ports, found.room)).await?.room;
    let record = Record::new(&found, reader, room.name.as_str(), room.settings.seats);
    let text = record.and_then(|record| phh::write(&record)).map_err(|why| {
        let code = match why {
            Unwritable::Running => ErrorCode::HandRunning,
            Unwritable::Variant(_) | Unwritable::Boards => ErrorCode::InvalidFormat,
        };
        Problem::new(code, why.to_string())
    })?;
    Ok(hidden::file("application/toml", &format!("hand-{}.phh", found.number), text))
}

/// Each event with hidden cards has its own blanks already.
const fn of_events(hidden: bool) -> Hidden {
    if hidden { Hidden::Padded(0) } else { Hidden::Nothing }
}

/// Proofs that the cards which the caller knows of a hand (own cards, the board, what was shown) were fixed with the deal, for
/// whoever checks them against the `commitment` of `hand_started`. They say nothing about any other card.
#[utoipa::path(operation_id = "getProofs", tag = "play", params(HandPath), responses((status = 200, body = ProofsResponse), (status = "default", body = Problem)))]
#[get("/hands/{handId}/proofs")]
pub async fn proofs(app: web::Data<App>, caller: Caller, path: HandPath) -> Result<HttpResponse, Problem> {
    let found = answer(query::proofs(&app.ports, caller.user, path.id())).await?;
    caller.may_enter(found.room)?;
    let proofs = found.proofs.iter().map(|proof| CardProof {
        place: proof.place,
        card: Card::from(&proof.card),
        salt: hex(&proof.salt),
        path: proof.path.iter().map(|hash| hex(hash)).collect(),
    });
    let cards: Vec<domain::card::Card> = found.proofs.iter().map(|proof| proof.card).collect();
    let body = ProofsResponse {
        room_id: found.room.0,
        hand_number: found.number,
        commitment: found.commitment.as_ref().map(WireCommitment::from),
        proofs: proofs.collect(),
    };
    Ok(hidden::json(&body, Hidden::Padded(missing(&cards))))
}

fn recorded(past: &RecordedHand) -> RecordedHandResponse {
    let seats = past.players.iter().map(|(seat, user, name, chips)| RecordedSeat {
        seat_index: seat.0,
        user_id: user.0,
        display_name: name.clone(),
        chips: chips.get(),
    });
    RecordedHandResponse {
        id: past.id.0,
        number: past.number,
        started_at: past.started_at.0,
        completed_at: past.completed_at.map(|at| at.0),
        button_seat: past.button.0,
        small_blind: past.rules.small_blind.get(),
        big_blind: past.rules.big_blind.get(),
        ante: past.rules.ante.get(),
        button_blind: past.rules.button_blind.get(),
        variant: past.rules.book.variant.into(),
        rules: past.rules.book.revision.number(),
        seats: seats.collect(),
        board: past.boards.first().map_or_else(Vec::new, |board| cards(board)),
        boards: all_boards(&past.boards),
        pot: past.pot.get(),
    }
}
