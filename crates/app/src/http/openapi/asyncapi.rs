//! The socket's description (AsyncAPI 3.0): every frame, both ways, from the types that read and write them.

use actix_web::{HttpResponse, get, web};
use protocol::event::WireEvent;
use protocol::frame::{ClientFrame, ServerFrame};
use serde_json::{Map, Value, json};
use utoipa::OpenApi;

use super::contract::{always_there, finish_schemas, reachable};
use super::examples;

#[derive(OpenApi)]
#[openapi(components(schemas(WireEvent, ClientFrame, ServerFrame)))]
struct Frames;

/// The document's text.
pub struct AsyncApi(pub String);

/// The socket's description: every frame, both ways.
#[get("/asyncapi.json")]
pub async fn document(api: web::Data<AsyncApi>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(api.0.clone())
}

/// The document as text to be served.
pub fn json() -> AsyncApi {
    AsyncApi(value().to_string())
}

/// The document.
pub fn value() -> Value {
    let raw = serde_json::to_value(Frames::openapi()).expect("the document is plain data");
    let Value::Object(schemas) = raw["components"]["schemas"].clone() else { panic!("frames have schemas") };
    let mut schemas = finish_schemas(schemas);
    let said = messages(&schemas["ClientFrame"]);
    let asked = reachable([&schemas["ClientFrame"]], &schemas);
    always_there(&mut schemas, &asked);
    let heard: Vec<_> = ["ServerFrame", "WireEvent"].iter().flat_map(|union| messages(&schemas[*union])).collect();
    // The unions are the channel's messages here.
    for union in ["ClientFrame", "ServerFrame", "WireEvent"] {
        schemas.remove(union);
    }
    let used = reachable(said.iter().chain(&heard).map(|(_, name)| &schemas[name.as_str()]), &schemas);
    schemas.retain(|name, _| used.contains(name) || said.iter().chain(&heard).any(|(_, message)| message == name));
    let examples = examples();
    let described = said.iter().chain(&heard).map(|(tag, name)| {
        let schema = &schemas[name.as_str()];
        let message = json!({
            "name": tag,
            "title": title(tag),
            "summary": schema["description"],
            "payload": { "$ref": format!("#/components/schemas/{name}") },
            "examples": [{ "name": tag, "payload": examples["frames"][tag.as_str()] }],
        });
        (name.clone(), message)
    });
    let described: Map<String, Value> = described.collect();
    let of_channel = described.keys().map(|name| (name.clone(), reference(&["components", "messages", name])));
    let of_channel: Map<String, Value> = of_channel.collect();
    let here = |all: &[(String, String)]| -> Vec<Value> {
        all.iter().map(|(_, name)| reference(&["channels", "room", "messages", name])).collect()
    };
    let answered_by = |tag: &str| match tag {
        "authenticate" => ["authenticated", "error"],
        "heartbeat" => ["heartbeat_ack", "error"],
        other => panic!("openapi/asyncapi.rs doesn't know what answers {other}"),
    };
    let channel = reference(&["channels", "room"]);
    let mut operations: Map<String, Value> = said
        .iter()
        .map(|(tag, name)| {
            let answers: Vec<_> =
                heard.iter().filter(|(said, _)| answered_by(tag).contains(&said.as_str())).cloned().collect();
            let operation = json!({
                "action": "receive",
                "title": title(tag),
                "summary": schemas[name.as_str()]["description"],
                "channel": channel,
                "messages": here(&[(tag.clone(), name.clone())]),
                "reply": { "channel": channel, "messages": here(&answers) },
            });
            (tag.clone(), operation)
        })
        .collect();
    let tell = json!({
        "action": "send",
        "title": "Tell",
        "summary": "Tells a client what happens in its room.",
        "channel": channel,
        "messages": here(&heard),
    });
    operations.insert("tell".to_owned(), tell);
    json!({
        "asyncapi": "3.0.0",
        "id": "urn:holdfast:socket",
        "info": {
            "title": "Holdfast socket",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "One WebSocket for each room: JSON text frames. Say `authenticate` first, within 10 s, then \
                            `heartbeat` at least every 30 s. Events have dense numbers (`seq`): one that is known is \
                            ignored, a gap means catching up. Ignore fields and types that you don't know.",
            "contact": super::contact(),
            "license": { "name": "MIT", "url": super::LICENCE },
            "tags": [{ "name": "socket", "description": "What a room says while it is played in." }],
        },
        "defaultContentType": "application/json",
        "servers": {
            "here": {
                "host": "127.0.0.1:8080",
                "protocol": "ws",
                "description": "A server on this machine; `wss` behind a proxy that speaks TLS.",
            },
        },
        "channels": {
            "room": {
                "address": "/ws",
                "title": "A room",
                "description": "Close codes: 1001 the server stops, 1003 not text, 1008 too many messages, 1009 a frame over \
                                8 KiB, 4001 not authenticated or the token ended, 4003 no longer in the room, 4004 no \
                                heartbeat, 4008 read too slowly, 4009 too many sockets.",
                "servers": [reference(&["servers", "here"])],
                "messages": of_channel,
                "bindings": { "ws": { "method": "GET" } },
            },
        },
        "operations": operations,
        "components": { "messages": described, "schemas": schemas },
    })
}

fn title(tag: &str) -> String {
    let words = tag.replace('_', " ");
    words.chars().take(1).flat_map(char::to_uppercase).chain(words.chars().skip(1)).collect()
}

/// The messages of a union: what they are called on the wire, and their schemas' names.
fn messages(union: &Value) -> Vec<(String, String)> {
    let mapping = union["discriminator"]["mapping"].as_object().expect("a union of messages has a discriminator");
    let name = |path: &Value| path.as_str().and_then(|path| path.rsplit('/').next()).unwrap_or_default().to_owned();
    mapping.iter().map(|(tag, path)| (tag.clone(), name(path))).collect()
}

fn reference(path: &[&str]) -> Value {
    json!({ "$ref": format!("#/{}", path.join("/")) })
}
