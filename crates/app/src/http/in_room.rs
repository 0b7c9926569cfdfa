//! A call to a room: who calls, and which room.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use domain::ids::RoomId;
use futures_util::future::LocalBoxFuture;

use crate::http::caller::Caller;
use crate::http::path::RoomPath;
use crate::http::problem::Problem;

/// The caller and the room of a path, whose door the caller's credential opens. Nothing else gives a handler the room of its path,
/// so that none can forget to look at the credential.
pub struct InRoom {
    /// Who calls.
    pub caller: Caller,
    /// The room.
    pub room: RoomId,
}

impl FromRequest for InRoom {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let caller = Caller::from_request(request, payload);
        let path = RoomPath::of(request);
        Box::pin(async move {
            let caller = caller.await?;
            let room = path?.id();
            caller.may_enter(room)?;
            Ok(Self { caller, room })
        })
    }
}
