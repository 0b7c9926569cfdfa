//! The door to the WebSocket, and the auth behind it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, web};
use adapters_ws::socket::{Known, SocketAuth, SocketError, Welcome, serve};
use async_trait::async_trait;
use domain::ids::{RoomId, UserId};
use domain::time::Timestamp;
use domain::view::hydration::role_name;
use ports::Ports;
use ports::store::Sign;
use protocol::code::ErrorCode;
use protocol::frame::Closing;
use protocol::names::{MembershipStatus, SocketRole};
use usecases::{CommandError, connect, query};

use crate::http::caller::{refused, seen};
use crate::http::finish::{answer, finish};
use crate::http::problem::Problem;
use crate::identity::Verifier;
use crate::state::App;

/// Opens a socket. The protocol is described in docs/protocol.md.
#[utoipa::path(operation_id = "openSocket", tag = "socket", responses((status = 101, description = "switching to the WebSocket protocol"), (status = "default", body = Problem)), security(()))]
#[get("/ws")]
pub async fn open(app: web::Data<App>, request: HttpRequest, payload: web::Payload) -> Result<HttpResponse, Problem> {
    let seen = seen(&request);
    app.origins.check(&request, &seen, "the socket")?;
    let stranger = app.limits.connect(seen.client).map_err(|wait| refused(&request, wait))?;
    let (response, session, stream) = actix_ws::handle(&request, payload)
        .map_err(|error| Problem::bad_request(format!("not a WebSocket: {error}")))?;
    actix_web::rt::spawn(serve(app.sockets.clone(), session, stream, stranger));
    Ok(response)
}

/// Asks the use cases on behalf of sockets.
pub struct UseCaseSocketAuth {
    /// The ports.
    pub ports: Ports,
    /// Who checks bearer tokens.
    pub verifier: Verifier,
}

#[async_trait]
impl SocketAuth for UseCaseSocketAuth {
    async fn identify(&self, room: RoomId, token: Option<&str>, rejoin: Option<&str>) -> Result<Known, SocketError> {
        let by_bearer = match token {
            Some(token) => {
                let verified = self.verifier.verify(token).await.map_err(Problem::from).map_err(unauthenticated)?;
                Some(Known { user: verified.user, good_for: Some(until(verified.expires_at)) })
            }
            None => None,
        };
        let by_rejoin = match rejoin {
            Some(rejoin) => Some(self.by_rejoin(room, rejoin).await?),
            None => None,
        };
        match (by_bearer, by_rejoin) {
            (Some(bearer), Some(rejoin)) if bearer.user != rejoin.user => {
                Err(unauthenticated(CommandError::IdentityMismatch { named: rejoin.user }.into()))
            }
            (Some(known), _) | (None, Some(known)) => Ok(known),
            (None, None) => Err(unauthenticated(Problem::unauthenticated())),
        }
    }

    async fn enter(&self, room: RoomId, user: UserId) -> Result<Welcome, SocketError> {
        let snapshot = answer(query::room(&self.ports, room)).await.map_err(socket_error)?;
        let reader = query::reader(&snapshot.room, user).map_err(Problem::from).map_err(socket_error)?;
        // A sign of life may put an event into the log, and what is answered has to be read after that.
        match self.heartbeat(room, user).await {
            Ok(_) => {}
            // Somebody who was refused may listen in case they ask again, but is no sign of life to anybody.
            Err(away) if away.code == ErrorCode::NotApproved => {}
            Err(away) => return Err(away),
        }
        let snapshot = answer(query::room(&self.ports, room)).await.map_err(socket_error)?;
        Ok(Welcome {
            reader: query::reader(&snapshot.room, user).unwrap_or(reader),
            role: SocketRole::named(role_name(&snapshot.room, user)),
            status: snapshot.room.members.get(&user).map_or(MembershipStatus::LEFT, |member| (&member.status).into()),
            seat: snapshot.room.seat_of(user).map(|seat| seat.0),
            epoch: snapshot.epoch,
            seq: snapshot.seq,
            at: snapshot.at,
        })
    }

    async fn heartbeat(&self, room: RoomId, user: UserId) -> Result<(u64, Timestamp), SocketError> {
        let ports = self.ports.clone();
        let alive = finish(async move { connect::heartbeat(&ports, user, room, Sign::Line).await })
            .await
            .map_err(socket_error)?;
        Ok((alive.seq, alive.server_time))
    }

    async fn connection_lost(&self, room: RoomId, user: UserId) {
        if let Err(error) = connect::connection_lost(&self.ports, user, room).await {
            tracing::debug!(room.id = %room, %error, "a lost line could not be noted");
        }
    }
}

impl UseCaseSocketAuth {
    async fn by_rejoin(&self, room: RoomId, rejoin: &str) -> Result<Known, SocketError> {
        let found = answer(async { Ok::<_, CommandError>(self.ports.store.find_token(rejoin).await?) }).await;
        match found.map_err(socket_error)? {
            Some(found) if found.room == room && found.valid => Ok(Known { user: found.user, good_for: None }),
            Some(found) if found.room == room => Err(unauthenticated(Problem::token_expired())),
            Some(_) | None => Err(unauthenticated(Problem::token_invalid())),
        }
    }
}

/// Sockets only wait for the end of a token; whether it has ended is decided when it is shown.
fn until(expires_at: Timestamp) -> Duration {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Duration::from_millis(u64::try_from(expires_at.0).unwrap_or(0)).saturating_sub(now) + Duration::from_secs(5)
}

/// The credential is refused, or can't be checked now.
fn unauthenticated(problem: Problem) -> SocketError {
    let away = problem.status() == StatusCode::SERVICE_UNAVAILABLE;
    let closing = if away { Closing::ServerAway } else { Closing::Unauthenticated };
    SocketError { code: problem.code(), detail: problem.detail().to_owned(), closing }
}

fn socket_error(problem: Problem) -> SocketError {
    let away = problem.status() == StatusCode::SERVICE_UNAVAILABLE;
    let closing = if away { Closing::ServerAway } else { Closing::Removed };
    SocketError { code: problem.code(), detail: problem.detail().to_owned(), closing }
}
