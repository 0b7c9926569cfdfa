//! Statements as SQL text with typed values.
//!
//! Reads are written in diesel's own language. These are for what it can't say, or won't prepare once and reuse: it prepares
//! each `UPDATE` and upsert anew, which is a round trip more in every transaction.

use std::marker::PhantomData;

use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::pg::data_types::PgTimestamp;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{
    Array, BigInt, Binary, Bool, Integer, Jsonb, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid,
};
use domain::chips::Chips;
use domain::ids::{GameId, HandId, RoomId, SeatIndex, TokenId, UserId};
use domain::time::{Millis, Timestamp};
use uuid::Uuid;

use crate::event_row::Json;
use crate::rows::time_of;

/// A statement with `$1`, `$2`, … in it; `Row` are the SQL types of its columns, if it returns any.
pub(crate) struct Statement<Row = ()> {
    sql: &'static str,
    values: Vec<Value>,
    row: PhantomData<Row>,
}

/// A statement without values yet.
pub(crate) const fn statement<Row>(sql: &'static str) -> Statement<Row> {
    Statement { sql, values: Vec::new(), row: PhantomData }
}

impl<Row> Statement<Row> {
    /// The value of the next `$n`.
    pub(crate) fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }
}

/// A value with its SQL type.
pub(crate) enum Value {
    Uuid(Option<Uuid>),
    SmallInt(Option<i16>),
    Integer(i32),
    BigInt(Option<i64>),
    Text(Option<String>),
    Texts(Option<Vec<String>>),
    Time(Option<PgTimestamp>),
    Bool(Option<bool>),
    Bytes(Option<Vec<u8>>),
    Json(Option<Json>),
    Jsons(Vec<Json>),
    Uuids(Vec<Option<Uuid>>),
    SmallInts(Vec<i16>),
    BigInts(Vec<i64>),
    ManyTexts(Vec<Option<String>>),
    Times(Vec<Option<PgTimestamp>>),
    Bools(Vec<Option<bool>>),
    ManyBytes(Vec<Option<Vec<u8>>>),
}

/// A column of many rows, for `unnest`.
pub(crate) fn column<'r, Row, T>(rows: &'r [Row], value: impl Fn(&'r Row) -> T) -> Vec<T> {
    rows.iter().map(value).collect()
}

macro_rules! values {
    ($($from:ty => |$value:ident| $made:expr;)*) => {$(
        impl From<$from> for Value {
            fn from($value: $from) -> Self {
                $made
            }
        }
    )*};
}

values! {
    Uuid => |id| Self::Uuid(Some(id));
    Option<Uuid> => |id| Self::Uuid(id);
    UserId => |id| Self::Uuid(Some(id.0));
    RoomId => |id| Self::Uuid(Some(id.0));
    GameId => |id| Self::Uuid(Some(id.0));
    HandId => |id| Self::Uuid(Some(id.0));
    TokenId => |id| Self::Uuid(Some(id.0));
    Option<HandId> => |id| Self::Uuid(id.map(|id| id.0));
    SeatIndex => |seat| Self::SmallInt(Some(seat.0.into()));
    i16 => |number| Self::SmallInt(Some(number));
    Option<i16> => |number| Self::SmallInt(number);
    i32 => |number| Self::Integer(number);
    i64 => |number| Self::BigInt(Some(number));
    Option<i64> => |number| Self::BigInt(number);
    Chips => |chips| Self::BigInt(Some(chips.signed()));
    Millis => |length| Self::BigInt(Some(length.0));
    &str => |text| Self::Text(Some(text.to_owned()));
    String => |text| Self::Text(Some(text));
    Option<String> => |text| Self::Text(text);
    Option<Vec<String>> => |texts| Self::Texts(texts);
    PgTimestamp => |at| Self::Time(Some(at));
    Option<PgTimestamp> => |at| Self::Time(at);
    Timestamp => |at| Self::Time(Some(time_of(at)));
    bool => |yes| Self::Bool(Some(yes));
    Option<bool> => |yes| Self::Bool(yes);
    Vec<u8> => |bytes| Self::Bytes(Some(bytes));
    Option<Vec<u8>> => |bytes| Self::Bytes(bytes);
    Json => |json| Self::Json(Some(json));
    Option<Json> => |json| Self::Json(json);
    Vec<Json> => |jsons| Self::Jsons(jsons);
    Vec<Uuid> => |ids| Self::Uuids(ids.into_iter().map(Some).collect());
    Vec<Option<Uuid>> => |ids| Self::Uuids(ids);
    Vec<i16> => |numbers| Self::SmallInts(numbers);
    Vec<i64> => |numbers| Self::BigInts(numbers);
    Vec<&str> => |texts| Self::ManyTexts(texts.into_iter().map(|text| Some(text.to_owned())).collect());
    Vec<Option<String>> => |texts| Self::ManyTexts(texts);
    Vec<PgTimestamp> => |times| Self::Times(times.into_iter().map(Some).collect());
    Vec<Option<PgTimestamp>> => |times| Self::Times(times);
    Vec<Option<bool>> => |answers| Self::Bools(answers);
    Vec<Option<Vec<u8>>> => |bytes| Self::ManyBytes(bytes);
}

impl<Row> QueryFragment<Pg> for Statement<Row> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(self.sql);
        for value in &self.values {
            match value {
                Value::Uuid(value) => out.push_bind_param_value_only::<Nullable<SqlUuid>, _>(value)?,
                Value::SmallInt(value) => out.push_bind_param_value_only::<Nullable<SmallInt>, _>(value)?,
                Value::Integer(value) => out.push_bind_param_value_only::<Integer, _>(value)?,
                Value::BigInt(value) => out.push_bind_param_value_only::<Nullable<BigInt>, _>(value)?,
                Value::Text(value) => out.push_bind_param_value_only::<Nullable<Text>, _>(value)?,
                Value::Texts(value) => out.push_bind_param_value_only::<Nullable<Array<Text>>, _>(value)?,
                Value::Time(value) => out.push_bind_param_value_only::<Nullable<Timestamptz>, _>(value)?,
                Value::Bool(value) => out.push_bind_param_value_only::<Nullable<Bool>, _>(value)?,
                Value::Bytes(value) => out.push_bind_param_value_only::<Nullable<Binary>, _>(value)?,
                Value::Json(value) => out.push_bind_param_value_only::<Nullable<Jsonb>, _>(value)?,
                Value::Jsons(value) => out.push_bind_param_value_only::<Array<Jsonb>, _>(value)?,
                Value::Uuids(value) => out.push_bind_param_value_only::<Array<Nullable<SqlUuid>>, _>(value)?,
                Value::SmallInts(value) => out.push_bind_param_value_only::<Array<SmallInt>, _>(value)?,
                Value::BigInts(value) => out.push_bind_param_value_only::<Array<BigInt>, _>(value)?,
                Value::ManyTexts(value) => out.push_bind_param_value_only::<Array<Nullable<Text>>, _>(value)?,
                Value::Times(value) => out.push_bind_param_value_only::<Array<Nullable<Timestamptz>>, _>(value)?,
                Value::Bools(value) => out.push_bind_param_value_only::<Array<Nullable<Bool>>, _>(value)?,
                Value::ManyBytes(value) => out.push_bind_param_value_only::<Array<Nullable<Binary>>, _>(value)?,
            }
        }
        Ok(())
    }
}

/// Prepared statements are kept by their text.
impl<Row> QueryId for Statement<Row> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Row> Query for Statement<Row> {
    type SqlType = Row;
}
