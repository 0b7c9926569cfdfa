//! Answers with cards in them that others may not see. Whoever sees the encrypted line sees how long they are.

use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_DISPOSITION, ContentEncoding};
use protocol::hidden::pad;
use serde::Serialize;

/// How an answer is kept from telling about hidden cards by its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hidden {
    /// There are none in it.
    Nothing,
    /// There are, and so many blanks make up for the length of their names. It isn't compressed: how well that goes would tell
    /// about them too.
    Padded(usize),
}

/// A JSON object as an answer.
pub fn json(object: &impl Serialize, hidden: Hidden) -> HttpResponse {
    let text = serde_json::to_string(object).expect("the wire types have string keys and finite numbers only");
    let mut answer = HttpResponse::Ok();
    answer.content_type(mime::APPLICATION_JSON);
    match hidden {
        Hidden::Nothing => answer.body(text),
        Hidden::Padded(blanks) => answer.insert_header(ContentEncoding::Identity).body(pad(text, blanks)),
    }
}

/// A file in which a card that its reader doesn't know is as long as one that they do. It isn't compressed either.
pub fn file(content_type: &str, name: &str, text: String) -> HttpResponse {
    let mut answer = HttpResponse::Ok();
    answer.content_type(content_type).insert_header(ContentEncoding::Identity);
    answer.insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\""))).body(text)
}
