//! Ids in paths. One that is none names nothing: 404, like any other that isn't there.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use domain::ids::{GameId, HandId, RoomId};
use std::future::{Ready, ready};
use usecases::CommandError;
use uuid::Uuid;

use crate::http::problem::Problem;

macro_rules! path_ids {
    ($($(#[$doc:meta])* $name:ident($part:literal) -> $id:ident or $missing:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name($id);

        impl $name {
            /// The id.
            pub fn id(self) -> $id {
                self.0
            }
        }

        impl $name {
            /// The one in a request's path.
            pub(super) fn of(request: &HttpRequest) -> Result<Self, Problem> {
                let id = request.match_info().get($part).and_then(|text| Uuid::try_parse(text).ok());
                id.map(|id| Self($id(id))).ok_or_else(|| CommandError::$missing.into())
            }
        }

        impl utoipa::IntoParams for $name {
            fn into_params(_: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>) -> Vec<utoipa::openapi::path::Parameter> {
                use utoipa::openapi::{KnownFormat, ObjectBuilder, Required, SchemaFormat, Type};
                let schema = ObjectBuilder::new()
                    .schema_type(Type::String)
                    .format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)));
                let parameter = utoipa::openapi::path::ParameterBuilder::new()
                    .name($part)
                    .parameter_in(utoipa::openapi::path::ParameterIn::Path)
                    .required(Required::True)
                    .schema(Some(schema));
                vec![parameter.build()]
            }
        }
    )*};
}

macro_rules! from_request {
    ($($name:ident)*) => {$(
        impl FromRequest for $name {
            type Error = Problem;
            type Future = Ready<Result<Self, Problem>>;

            fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
                ready(Self::of(request))
            }
        }
    )*};
}

path_ids! {
    /// `{roomId}`. Handlers get it as [`InRoom`](super::in_room::InRoom), with its caller.
    RoomPath("roomId") -> RoomId or RoomNotFound
    /// `{gameId}`
    GamePath("gameId") -> GameId or GameNotFound
    /// `{handId}`
    HandPath("handId") -> HandId or HandNotFound
}

from_request! { GamePath HandPath }
