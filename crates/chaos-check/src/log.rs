//! The clients' logs (`client-N.jsonl`): what they asked, what they were answered, what they heard.

use std::path::Path;

use anyhow::Result;
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use crate::lines;

/// One line of a client's log. `t` is in microseconds of the run.
#[derive(Debug, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum Entry {
    /// The client asks.
    Invoke(Invoke),
    /// It was answered with 2xx.
    Ok(Answer),
    /// It was answered with 4xx.
    Fail(Answer),
    /// It was answered with 5xx or not at all.
    Info(Answer),
    /// A socket was opened.
    Open(Open),
    /// A frame came.
    Recv(Recv),
    /// A socket was closed.
    Close(Close),
}

/// A request.
#[derive(Clone, Debug, Deserialize)]
pub struct Invoke {
    /// When.
    pub t: i64,
    /// Who.
    pub user: Uuid,
    /// The number of the request in this client's log.
    pub id: u64,
    /// In which room.
    #[serde(default)]
    pub room: Option<Uuid>,
    /// The HTTP method.
    #[serde(default, deserialize_with = "lines::or_default")]
    pub method: String,
    /// The path, with its query.
    #[serde(default, deserialize_with = "lines::or_default")]
    pub path: String,
    /// `bearer`, `rejoin` or `none`.
    #[serde(default, deserialize_with = "lines::or_default")]
    pub auth: String,
    /// The request's body.
    #[serde(default)]
    pub body: Option<Value>,
    /// What the rig says about it.
    #[serde(default)]
    pub note: Option<String>,
}

/// An answer.
#[derive(Clone, Debug, Deserialize)]
pub struct Answer {
    /// When it came.
    pub t: i64,
    /// The request's number.
    pub id: u64,
    /// The HTTP status.
    #[serde(default)]
    pub status: Option<u16>,
    /// The body.
    #[serde(default)]
    pub body: Option<Value>,
}

/// A socket that opens.
#[derive(Clone, Debug, Deserialize)]
pub struct Open {
    /// When.
    pub t: i64,
    /// Whose.
    pub user: Uuid,
    /// Its number.
    pub conn: u64,
    /// To which room.
    pub room: Uuid,
    /// The last event that the client says it has.
    #[serde(default)]
    pub last_seq: Option<u64>,
    /// The epoch of the log that it is of.
    #[serde(default)]
    pub epoch: Option<Uuid>,
}

/// A frame.
#[derive(Clone, Debug, Deserialize)]
pub struct Recv {
    /// When.
    pub t: i64,
    /// Whose.
    pub user: Uuid,
    /// On which socket.
    pub conn: u64,
    /// In which room.
    pub room: Uuid,
    /// Its text.
    pub raw: String,
}

/// A socket that closes.
#[derive(Clone, Debug, Deserialize)]
pub struct Close {
    /// When.
    pub t: i64,
    /// Its number.
    pub conn: u64,
    /// `server`, `rig` or `network`.
    #[serde(default, deserialize_with = "lines::or_default")]
    pub by: String,
}

/// The clients' log files, in order.
///
/// # Errors
///
/// - The folder can't be listed.
pub fn files(dir: &Path) -> Result<Vec<String>> {
    lines::files(dir, "", |name| name.starts_with("client-") && name.ends_with(".jsonl"))
}
