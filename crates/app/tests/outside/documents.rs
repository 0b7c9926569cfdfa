//! The documents are the contract: every answer and every frame that the tests' clients get is compared with them, and what they
//! don't know fails. The comparison is in the clients, so no test can forget it.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock, Mutex};
use std::{env, fs};

use app::http::openapi::{self, asyncapi};
use jsonschema::Validator;
use reqwest::header::HeaderMap;
use serde_json::{Map, Value, json};

use crate::clients::Client;
use crate::server::Server;

const RENEW: &str = "run `cargo xtask documents`";

/// What was asked.
pub struct Asked {
    method: String,
    path: String,
    body: Option<Vec<u8>>,
}

impl Asked {
    pub fn of(request: &reqwest::Request) -> Self {
        Self {
            method: request.method().as_str().to_lowercase(),
            path: request.url().path().to_owned(),
            body: request.body().and_then(|body| body.as_bytes()).map(<[u8]>::to_vec),
        }
    }
}

/// A document whose objects have no fields but those it names.
struct Document {
    value: Value,
    closed: Value,
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

impl Document {
    fn of(value: Value) -> Self {
        let mut closed = value["components"]["schemas"].clone();
        close(&mut closed);
        Self { value, closed, validators: Mutex::default() }
    }

    /// What is wrong with a value of this schema.
    fn faults(&self, schema: &Value, is_closed: bool, value: &Value) -> Vec<String> {
        let key = format!("{is_closed} {schema}");
        let known = self.validators.lock().unwrap().get(&key).cloned();
        let validator = known.unwrap_or_else(|| {
            let schemas = if is_closed { &self.closed } else { &self.value["components"]["schemas"] };
            let mut whole = schema.clone();
            whole["components"] = json!({ "schemas": used(schema, schemas) });
            let validator = jsonschema::draft202012::options().should_validate_formats(true).build(&whole);
            let validator = Arc::new(validator.unwrap_or_else(|error| panic!("{schema}: {error}")));
            self.validators.lock().unwrap().insert(key, validator.clone());
            validator
        });
        validator.iter_errors(value).map(|fault| format!("{} at {}", fault, fault.instance_path())).collect()
    }
}

static OPENAPI: LazyLock<Document> = LazyLock::new(|| Document::of(openapi::value()));
static ASYNCAPI: LazyLock<Document> = LazyLock::new(|| Document::of(asyncapi::value()));

/// The schemas that one refers to. Reading all of them for each takes the time that a server gives a request.
fn used(schema: &Value, schemas: &Value) -> Value {
    let (mut found, mut open) = (Map::new(), vec![schema]);
    while let Some(value) = open.pop() {
        match value {
            Value::Object(object) => open.extend(object.values()),
            Value::Array(all) => open.extend(all),
            Value::String(text) => {
                let Some(name) = text.strip_prefix("#/components/schemas/") else { continue };
                if !found.contains_key(name) {
                    found.insert(name.to_owned(), schemas[name].clone());
                    open.push(&schemas[name]);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    found.into()
}

/// Nothing but what is named. A part of an `allOf` only narrows the other.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if object.get("properties").is_some_and(Value::is_object) && object.contains_key("type") {
                object.entry("additionalProperties").or_insert(false.into());
            }
            for (key, value) in object.iter_mut() {
                match value {
                    Value::Array(_) if key == "allOf" => {}
                    _ => close(value),
                }
            }
        }
        Value::Array(all) => all.iter_mut().for_each(close),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// No path with such a part finds its call.
fn is_plain(part: &str) -> bool {
    !part.is_empty()
}

/// The operation of a request: one whose path is spelt out goes before one with a parameter.
fn operation(asked: &Asked) -> Option<&'static Value> {
    let paths = OPENAPI.value["paths"].as_object().unwrap();
    let given: Vec<_> = asked.path.split('/').collect();
    let fits = |pattern: &str| {
        let parts: Vec<_> = pattern.split('/').collect();
        parts.len() == given.len()
            && parts
                .iter()
                .zip(&given)
                .all(|(part, given)| if part.starts_with('{') { is_plain(given) } else { part == given })
    };
    let found = paths.iter().filter(|(pattern, _)| fits(pattern));
    let (_, item) = found.min_by_key(|(pattern, _)| pattern.matches('{').count())?;
    item.get(&asked.method)
}

/// An answer is one that the document names: status, kind of content, and every field.
pub fn check_answer(asked: &Asked, status: u16, headers: &HeaderMap, text: &str) {
    let is_described = asked.path.starts_with("/api/") || ["/healthz", "/readyz", "/metrics"].contains(&&*asked.path);
    let about = ["/api/docs", "/api/openapi.json", "/api/asyncapi.json"];
    let is_page = about.contains(&&*asked.path) || asked.path.starts_with("/api/docs/");
    if !is_described || is_page || ["head", "options"].contains(&&*asked.method) {
        return;
    }
    let Asked { method, path, body } = asked;
    let content = headers.get("content-type").map_or("", |kind| kind.to_str().unwrap());
    let content = content.split(';').next().unwrap_or_default();
    // An id with marks that no id has may be no path at all.
    let is_no_path = status == 404 && path.contains('%') && text.contains("\"NOT_FOUND\"");
    let Some(operation) = operation(asked).filter(|_| !is_no_path) else {
        assert!([404, 405].contains(&status), "{method} {path} is not described, but answers {status}: {text}");
        let problem = serde_json::from_str(text).unwrap();
        let faults = OPENAPI.faults(&json!({ "$ref": "#/components/schemas/Problem" }), true, &problem);
        assert!(content == "application/problem+json" && faults.is_empty(), "{method} {path}: {text}: {faults:#?}");
        return;
    };
    let id = operation["operationId"].as_str().unwrap();
    let answers = operation["responses"].as_object().unwrap();
    let answer = answers.get(&status.to_string()).or(answers.get("default")).unwrap_or(&Value::Null);
    assert!(answer.is_object(), "{id} ({method} {path}) answers {status}, which its description doesn't know: {text}");
    let named = answer["headers"].as_object().into_iter().flatten().map(|(name, _)| name);
    for name in named.filter(|name| *name == "X-Request-Id" || status == 429) {
        assert!(headers.contains_key(name.as_str()), "{id} {status} has no {name}: {headers:?}");
    }
    let Some(known) = answer["content"].as_object() else {
        assert!(text.is_empty(), "{id} {status} has no content by its description: {text}");
        return;
    };
    let schema = known.get(content).unwrap_or_else(|| panic!("{id} {status} is `{content}` and not {known:?}"));
    if content.ends_with("json") {
        let value: Value = serde_json::from_str(text).unwrap();
        let faults = OPENAPI.faults(&schema["schema"], true, &value);
        assert!(faults.is_empty(), "{id} {status} is not as described: {text}: {faults:#?}");
        remember(id, &status.to_string(), &value, |known| OPENAPI.faults(&schema["schema"], true, known).is_empty());
        // Events are the same here and on a socket.
        for event in value["events"].as_array().into_iter().flatten() {
            check_frame(&event.to_string());
        }
    }
    let wanted = &operation["requestBody"]["content"]["application/json"]["schema"];
    // What the server ignores may be no JSON for others.
    let asked = body.as_ref().and_then(|body| serde_json::from_slice::<Value>(body).ok());
    if let (200..300, true, Some(value)) = (status, wanted.is_object(), asked) {
        let faults = OPENAPI.faults(wanted, false, &value);
        assert!(faults.is_empty(), "{id} takes what its description doesn't allow: {value}: {faults:#?}");
    }
}

/// A frame of the server is one that the document names, with its fields and no others.
pub fn check_frame(text: &str) {
    let frame: Value = serde_json::from_str(text).unwrap();
    let faults = ASYNCAPI.faults(&message(&frame), true, &frame);
    assert!(faults.is_empty(), "a frame is not as described: {text}: {faults:#?}");
    remember("frames", frame["type"].as_str().unwrap(), &frame, |known| {
        ASYNCAPI.faults(&message(known), true, known).is_empty()
    });
}

/// What a client says is something that the document allows.
pub fn check_message(frame: &Value) {
    let faults = ASYNCAPI.faults(&message(frame), false, frame);
    assert!(faults.is_empty(), "{frame} is not as described: {faults:#?}");
    remember("frames", frame["type"].as_str().unwrap(), frame, |known| {
        ASYNCAPI.faults(&message(known), true, known).is_empty()
    });
}

/// The schema of a message.
fn message(frame: &Value) -> Value {
    let messages = ASYNCAPI.value["components"]["messages"].as_object().unwrap();
    let message = messages.values().find(|message| message["name"] == frame["type"]);
    message.unwrap_or_else(|| panic!("no such message is described: {frame}"))["payload"].clone()
}

/// Notes an answer as the example of its operation, where there is no good one yet and `HOLDFAST_WRITE_EXAMPLES` asks for it.
fn remember(group: &str, name: &str, value: &Value, is_good: impl Fn(&Value) -> bool) {
    static EXAMPLES: Mutex<Option<Map<String, Value>>> = Mutex::new(None);
    if env::var_os("HOLDFAST_WRITE_EXAMPLES").is_none() {
        return;
    }
    let mut examples = EXAMPLES.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let file = root().join("crates/app/src/http/openapi/examples.json");
    let known = examples.get_or_insert_with(|| serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap());
    let of_group = known.entry(group).or_insert_with(|| json!({}));
    if !of_group.get(name).is_some_and(is_good) {
        let mut example = value.clone();
        shortened(&mut example);
        of_group[name] = example;
        known.sort_keys();
        fs::write(&file, format!("{:#}\n", Value::Object(known.clone()))).unwrap();
    }
}

/// Short enough to be read. Tokens of servers that are gone are no secrets, but look like some.
fn shortened(value: &mut Value) {
    match value {
        Value::Object(object) => {
            for (key, value) in object.iter_mut() {
                match key.as_str() {
                    "token" => *value = "eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl".into(),
                    "rejoinToken" | "rejoin_token" if value.is_string() => *value = "cmVqb2luLXRva2Vu".into(),
                    _ => shortened(value),
                }
            }
        }
        Value::Array(all) => {
            // The longest list that says something is that of a full table's seats.
            all.truncate(if all.len() > 10 { 3 } else { 10 });
            all.iter_mut().for_each(shortened);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn kept(name: &str, made: &Value) {
    let (file, made) = (root().join("docs").join(name), format!("{made:#}\n"));
    if env::var_os("HOLDFAST_WRITE_DOCUMENTS").is_some() {
        fs::write(&file, &made).unwrap();
    }
    let kept = fs::read_to_string(&file).unwrap_or_default();
    assert!(kept == made, "docs/{name} is not what the server says: {RENEW}");
}

#[tokio::test]
async fn what_is_served_is_what_is_kept_in_docs() {
    let server = Server::start().await;
    let anna = Client::guest(&server, "Anna").await;
    let served = [anna.get("/api/openapi.json").await.ok(), anna.get("/api/asyncapi.json").await.ok()];
    assert_eq!(served, [openapi::value(), asyncapi::value()]);
    kept("openapi.json", &served[0]);
    kept("asyncapi.json", &served[1]);
}

#[test]
fn every_good_answer_has_an_example_and_every_example_is_as_described() {
    let mut without = Vec::new();
    for (path, item) in OPENAPI.value["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            for (status, answer) in operation["responses"].as_object().unwrap() {
                for (content, media) in answer["content"].as_object().into_iter().flatten() {
                    let what = format!("{method} {path} {status}");
                    match media.get("example") {
                        Some(example) => {
                            let faults = OPENAPI.faults(&media["schema"], true, example);
                            assert!(faults.is_empty(), "{what}: the example is not as described: {faults:#?}");
                        }
                        None if content == "application/json" && media["schema"].get("$ref").is_some() => {
                            without.push(what)
                        }
                        None => {}
                    }
                }
            }
        }
    }
    for (name, message) in ASYNCAPI.value["components"]["messages"].as_object().unwrap() {
        match &message["examples"][0]["payload"] {
            Value::Null => without.push(name.clone()),
            example => {
                let faults = ASYNCAPI.faults(&message["payload"], true, example);
                assert!(faults.is_empty(), "{name}: the example is not as described: {faults:#?}");
            }
        }
    }
    assert!(
        without.is_empty(),
        "no example: {without:#?}: let a test see one, then `cargo xtask documents --examples`"
    );
}

/// A comparison that lets everything through would be worth nothing.
#[test]
fn what_is_not_described_is_found() {
    let headers = |kind: &str| {
        let id = (reqwest::header::HeaderName::from_static("x-request-id"), "1".parse().unwrap());
        HeaderMap::from_iter([(reqwest::header::CONTENT_TYPE, kind.parse().unwrap()), id])
    };
    let asked = |method: &str, path: &str| Asked { method: method.to_owned(), path: path.to_owned(), body: None };
    let json = headers("application/json");
    let me = json!({ "userId": "6f0c2b0e-0000-4000-8000-000000000000", "displayName": "Anna", "guest": true });
    let with = |name: &str, value: Value| {
        let mut changed = me.clone();
        changed[name] = value;
        changed.to_string()
    };
    let panics = |asked: Asked, status: u16, headers: &HeaderMap, text: &str| {
        let checked = std::panic::AssertUnwindSafe(|| check_answer(&asked, status, headers, text));
        std::panic::catch_unwind(checked).is_err()
    };
    assert!(!panics(asked("get", "/api/auth/me"), 200, &json, &me.to_string()), "a good one is let through");
    let without_id = HeaderMap::from_iter([(reqwest::header::CONTENT_TYPE, "application/json".parse().unwrap())]);
    assert!(panics(asked("get", "/api/auth/me"), 200, &without_id, &me.to_string()), "a header");
    assert!(panics(asked("get", "/api/auth/me"), 200, &json, &with("more", json!(1))), "a field");
    assert!(panics(asked("get", "/api/auth/me"), 200, &json, &with("guest", json!("yes"))), "a type");
    assert!(panics(asked("get", "/api/auth/me"), 200, &json, &with("userId", json!("anna"))), "a format");
    assert!(panics(asked("get", "/api/auth/me"), 201, &json, &me.to_string()), "a status");
    assert!(panics(asked("get", "/api/auth/you"), 200, &json, &me.to_string()), "a path");
    assert!(panics(asked("get", "/api/auth/me"), 200, &headers("text/plain"), &me.to_string()), "a kind of content");
    let problem = |code: &str| {
        json!({ "type": "about:blank", "title": "Conflict", "status": 401, "detail": "no", "code": code }).to_string()
    };
    let problems = headers("application/problem+json");
    assert!(
        !panics(asked("get", "/api/auth/me"), 401, &problems, &problem("TOKEN_INVALID")),
        "a code that is described"
    );
    assert!(panics(asked("get", "/api/auth/me"), 401, &problems, &problem("SEAT_TAKEN")), "a code of other calls");
    let frame = |text: &str| std::panic::catch_unwind(|| check_frame(text)).is_err();
    assert!(!frame(r#"{"type":"heartbeat_ack","seq":1,"serverTime":1}"#));
    assert!(frame(r#"{"type":"heartbeat_ack","seq":1,"serverTime":1,"more":1}"#) && frame(r#"{"type":"nothing"}"#));
}
