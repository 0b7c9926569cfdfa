//! `command_replies`: the answers of commands that came with an id.

use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::ids::RoomId;
use futures_util::FutureExt;
use ports::store::{Answer, CommandId, Replies, Reply, StoreError};
use uuid::Uuid;

use crate::rows::{count, signed};
use crate::schema::command_replies;
use crate::seal::Seal;
use crate::statement::{Statement, statement};
use crate::store::PgStore;

#[derive(Queryable, Selectable)]
#[diesel(table_name = command_replies)]
pub(crate) struct ReplyRow {
    fingerprint: String,
    room_id: Option<Uuid>,
    seq: Option<i64>,
    status: Option<i16>,
    body: Option<Vec<u8>>,
}

pub(crate) async fn find(mut conn: &AsyncPgConnection, id: CommandId) -> QueryResult<Vec<ReplyRow>> {
    command_replies::table.find((id.by.0, id.id)).select(ReplyRow::as_select()).load(&mut conn).await
}

pub(crate) fn read(seal: &Seal, id: CommandId, found: Vec<ReplyRow>) -> Result<Option<Reply>, StoreError> {
    let Some(row) = found.into_iter().next() else { return Ok(None) };
    let answer = match (row.room_id, row.seq, row.status, row.body) {
        (Some(room), Some(seq), None, None) => Answer::Acted { room: RoomId(room), seq: count(seq)? },
        (None, None, Some(status), Some(body)) => Answer::Given {
            status: u16::try_from(status).map_err(|_| StoreError::Corrupt("answer"))?,
            body: seal.open_answer(&body, id)?,
        },
        _ => return Err(StoreError::Corrupt("answer")),
    };
    Ok(Some(Reply { fingerprint: row.fingerprint, answer }))
}

pub(crate) fn insert(seal: &Seal, id: CommandId, reply: &Reply) -> Statement {
    let (room, seq, status, body) = match &reply.answer {
        Answer::Acted { room, seq } => (Some(room.0), Some(signed(*seq)), None, None),
        Answer::Given { status, body } => (None, None, i16::try_from(*status).ok(), Some(seal.answer(body, id))),
    };
    statement(
        "INSERT INTO command_replies (user_id, command_id, fingerprint, room_id, seq, status, body, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, now())",
    )
    .bind(id.by)
    .bind(id.id)
    .bind(reply.fingerprint.as_str())
    .bind(room)
    .bind(seq)
    .bind(status)
    .bind(body)
}

#[async_trait]
impl Replies for PgStore {
    async fn find_reply(&self, id: CommandId) -> Result<Option<Reply>, StoreError> {
        read(&self.seal, id, self.pool.ask(move |conn| find(conn, id).boxed()).await?)
    }
}
