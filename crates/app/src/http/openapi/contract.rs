//! From what the types say about themselves to documents that other people's tools understand.

use std::collections::BTreeSet;

use protocol::code::ErrorCode;
use serde_json::{Map, Value, json};

use super::refusals;

type Schemas = Map<String, Value>;

const REF: &str = "#/components/schemas/";
const CALLS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// A reference to a schema of the document.
pub fn reference(name: &str) -> Value {
    json!({ "$ref": format!("{REF}{name}") })
}

/// Finishes an OpenAPI document.
pub fn finish(document: &mut Value, examples: &Value) {
    let Value::Object(schemas) = document["components"]["schemas"].take() else { panic!("a document has schemas") };
    let mut schemas = finish_schemas(schemas);
    let paths = document["paths"].as_object_mut().expect("a document has paths");
    let asked = reachable(paths.values().flat_map(calls).map(|(_, call)| &call["requestBody"]), &schemas);
    always_there(&mut schemas, &asked);
    for (path, item) in paths.iter_mut() {
        for call in CALLS {
            if let Some(operation) = item.get_mut(call) {
                credentials(path, operation);
                named(call, operation);
                answers(path, call, operation, &mut schemas, examples);
                headers(operation);
            }
        }
    }
    let used = reachable(paths.values(), &schemas);
    schemas.retain(|name, _| used.contains(name));
    document["components"]["schemas"] = schemas.into();
    document["components"]["headers"] = HEADERS.iter().map(described).collect::<Map<_, _>>().into();
}

/// A header of answers.
struct Header {
    name: &'static str,
    /// Its `type` as a schema has it.
    kind: &'static str,
    meaning: &'static str,
}

const HEADERS: [Header; 6] = [
    Header {
        name: "X-Request-Id",
        kind: "string",
        meaning: "The request's id: as it came, if it has up to 128 printable characters, else a new one. Log lines have it.",
    },
    Header { name: "Retry-After", kind: "integer", meaning: "Seconds to wait before the same is asked again." },
    Header { name: "RateLimit-Limit", kind: "integer", meaning: "So many requests at once." },
    Header { name: "RateLimit-Remaining", kind: "integer", meaning: "So many more now." },
    Header { name: "RateLimit-Reset", kind: "integer", meaning: "Seconds until all of the limit is there again." },
    Header {
        name: "RateLimit-Policy",
        kind: "string",
        meaning: "The limit, and the seconds it takes to come back: `60;w=60`.",
    },
];

fn described(Header { name, kind, meaning }: &Header) -> (String, Value) {
    ((*name).to_owned(), json!({ "description": meaning, "schema": { "type": kind } }))
}

/// Which headers each answer has: all have an id, and where there is a limit they may say how much of it is left.
fn headers(operation: &mut Value) {
    let answers = operation["responses"].as_object_mut().expect("each operation has answers");
    let is_limited = answers.contains_key("429");
    for (status, answer) in answers {
        let names = HEADERS.iter().map(|header| header.name).filter(|name| match *name {
            "X-Request-Id" => true,
            "Retry-After" => ["429", "503"].contains(&status.as_str()),
            _ => status == "429" || is_limited && status.starts_with('2'),
        });
        let headers = names.map(|name| (name.to_owned(), json!({ "$ref": format!("#/components/headers/{name}") })));
        answer["headers"] = headers.collect::<Map<_, _>>().into();
    }
}

/// Schemas that generators understand: no `allOf` where one object will do, and a schema for each message of a union.
pub fn finish_schemas(raw: Schemas) -> Schemas {
    let mut schemas = raw.clone();
    // What a union is made of is in its members.
    schemas.remove("EventBody");
    for name in schemas.keys().cloned().collect::<Vec<_>>() {
        let mut all = alternatives(&raw[&name], &raw);
        if all.len() > 1 && all.iter().all(|one| tag(one).is_some()) {
            let union = split(&name, &all, &mut schemas);
            schemas.insert(name, union);
        } else if raw[&name].get("allOf").is_some() && all.len() == 1 {
            schemas.insert(name, all.remove(0).into());
        }
    }
    schemas.values_mut().for_each(tidy);
    schemas
}

/// The objects of which a value of this schema is one, each with all its fields.
fn alternatives(schema: &Value, schemas: &Schemas) -> Vec<Map<String, Value>> {
    if let Some(name) = schema["$ref"].as_str().and_then(|text| text.strip_prefix(REF)) {
        return alternatives(&schemas[name], schemas);
    }
    let with_description = |mut found: Vec<Map<String, Value>>| {
        if let ([one], Some(description)) = (found.as_mut_slice(), schema.get("description")) {
            one.insert("description".to_owned(), description.clone());
        }
        found
    };
    if let Some(one_of) = schema["oneOf"].as_array() {
        return one_of.iter().flat_map(|one| alternatives(one, schemas)).collect();
    }
    if let Some(all_of) = schema["allOf"].as_array() {
        let mut products = vec![Map::new()];
        for part in all_of {
            let parts = alternatives(part, schemas);
            let pairs = products.iter().flat_map(|product| parts.iter().map(move |part| merged(product, part)));
            products = pairs.collect();
        }
        return with_description(products);
    }
    vec![schema.as_object().cloned().unwrap_or_default()]
}

fn merged(one: &Map<String, Value>, other: &Map<String, Value>) -> Map<String, Value> {
    let mut both = one.clone();
    for (key, value) in other {
        match (both.get_mut(key), value) {
            (Some(Value::Object(known)), Value::Object(more)) => known.extend(more.clone()),
            (Some(Value::Array(known)), Value::Array(more)) => known.extend(more.iter().cloned()),
            // The first part's words: it is the one that says which message it is.
            (Some(_), _) if key == "description" => {}
            _ => {
                both.insert(key.clone(), value.clone());
            }
        }
    }
    both
}

/// The name of a message, if the schema is one of a union.
fn tag(schema: &Map<String, Value>) -> Option<&str> {
    let tag = schema.get("properties")?.get("type")?;
    match tag.get("enum")?.as_array()?.as_slice() {
        [only] => only.as_str(),
        _ => None,
    }
}

/// A schema for each message, and the union of them by their `type`.
fn split(union: &str, all: &[Map<String, Value>], schemas: &mut Schemas) -> Value {
    let suffix = if union.ends_with("Frame") { "Frame" } else { "Event" };
    let mut mapping = Map::new();
    for one in all {
        let tag = tag(one).expect("each message of a union has a name").to_owned();
        let name = format!("{}{suffix}", pascal(&tag));
        let mut one = one.clone();
        one["properties"]["type"] = json!({ "type": "string", "const": tag });
        mapping.insert(tag, format!("{REF}{name}").into());
        schemas.insert(name, one.into());
    }
    let one_of: Vec<_> = mapping.values().map(|path| json!({ "$ref": path })).collect();
    let description = schemas[union].get("description").cloned().unwrap_or_default();
    json!({
        "description": description, "oneOf": one_of, "discriminator": { "propertyName": "type", "mapping": mapping },
    })
}

/// `hand_started`, `ROOM_FULL` and `takeSeat` as names of types.
pub fn pascal(name: &str) -> String {
    let name = if name.chars().all(|c| !c.is_lowercase()) { name.to_lowercase() } else { name.to_owned() };
    let words = name.split('_').map(|word| {
        let mut letters = word.chars();
        letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect::<String>()
    });
    words.collect()
}

/// Whole numbers have a width, and texts no ends of lines that only our source has.
fn tidy(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            let is_whole = object.get("type").is_some_and(|kind| match kind {
                Value::Array(kinds) => kinds.contains(&"integer".into()),
                kind => kind == "integer",
            });
            if is_whole {
                object.entry("format").or_insert_with(|| "int64".into());
            }
            object.values_mut().for_each(tidy);
        }
        Value::Array(all) => all.iter_mut().for_each(tidy),
        _ => {}
    }
}

/// An answer's field that may be null is always there. (What is left out has no null: `nullable = false`.)
pub fn always_there(schemas: &mut Schemas, asked: &BTreeSet<String>) {
    for (name, schema) in schemas.iter_mut().filter(|(name, _)| !asked.contains(*name)) {
        let Some(properties) = schema["properties"].as_object() else { continue };
        let nullable: Vec<Value> = properties
            .iter()
            .filter(|(_, property)| is_nullable(property))
            .map(|(field, _)| field.clone().into())
            .collect();
        let required = schema.as_object_mut().expect("it has properties").entry("required").or_insert(json!([]));
        let required = required.as_array_mut().unwrap_or_else(|| panic!("{name} has a list of fields"));
        required.extend(nullable);
        required.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
        required.dedup();
        if required.is_empty() {
            schema.as_object_mut().expect("it has properties").remove("required");
        }
    }
}

fn is_nullable(property: &Value) -> bool {
    let by_type = property["type"].as_array().is_some_and(|kinds| kinds.contains(&"null".into()));
    by_type || property["oneOf"].as_array().is_some_and(|all| all.iter().any(|one| one["type"] == "null"))
}

/// The names of all schemas that are used in these places.
pub fn reachable<'a>(places: impl IntoIterator<Item = &'a Value>, schemas: &Schemas) -> BTreeSet<String> {
    let (mut found, mut open) = (BTreeSet::new(), BTreeSet::new());
    places.into_iter().for_each(|place| names_in(place, &mut open));
    while let Some(name) = open.pop_first() {
        if found.insert(name.clone()) {
            let schema = schemas.get(&name).unwrap_or_else(|| panic!("{name} is used but not described"));
            names_in(schema, &mut open);
        }
    }
    found
}

fn names_in(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => object.values().for_each(|value| names_in(value, names)),
        Value::Array(all) => all.iter().for_each(|value| names_in(value, names)),
        Value::String(text) => names.extend(text.strip_prefix(REF).map(str::to_owned)),
        _ => {}
    }
}

fn calls(item: &Value) -> impl Iterator<Item = (&'static str, &Value)> {
    CALLS.into_iter().filter_map(|call| Some((call, item.get(call)?)))
}

/// Says what each answer is: good ones by their type's words, refusals with their codes.
fn answers(path: &str, call: &str, operation: &mut Value, schemas: &mut Schemas, examples: &Value) {
    let id = operation["operationId"].as_str().expect("each operation has an id").to_owned();
    let words = operation["summary"].clone();
    let operation_words = operation.as_object_mut().expect("an operation is an object");
    operation_words.entry("description").or_insert(words);
    let refuses = operation["responses"].as_object_mut().expect("each operation has answers").remove("default");
    for (status, answer) in operation["responses"].as_object_mut().expect("it has answers") {
        if answer["description"].as_str().unwrap_or_default().is_empty() {
            let content = answer["content"].as_object().and_then(|content| content.values().next());
            let name = content.and_then(|content| content["schema"]["$ref"].as_str()?.strip_prefix(REF));
            let words = name.and_then(|name| schemas[name]["description"].as_str());
            answer["description"] = words.unwrap_or("It was done.").into();
        }
        give_example(answer, &examples[&id][status]);
    }
    if refuses.is_none() {
        return;
    }
    if id == "openSocket" {
        // What begins with 101 goes on as AsyncAPI says.
        operation["responses"]["default"] = json!({
            "description": "Any other problem.",
            "content": { "application/problem+json": { "schema": reference("Problem") } },
        });
    }
    let codes = refusals::of(path, call, operation);
    for codes in codes.chunk_by(|a, b| a.status() == b.status()) {
        let status = codes[0].status().to_string();
        let words: Vec<_> = codes.iter().map(|code| format!("`{}`: {}", code.name(), code.meaning().trim())).collect();
        let name = problem(&id, codes, schemas);
        let mut answer = json!({
            "description": words.join("\n\n"),
            "content": { "application/problem+json": { "schema": reference(&name) } },
        });
        give_example(&mut answer, &examples[&id][&status]);
        operation["responses"][status] = answer;
    }
}

/// The schema of a problem with one of these codes.
fn problem(operation: &str, codes: &[ErrorCode], schemas: &mut Schemas) -> String {
    let name = match codes {
        [only] => format!("{}Problem", pascal(only.name())),
        [ErrorCode::Unauthenticated, ErrorCode::TokenExpired, ErrorCode::TokenInvalid] => {
            "CredentialProblem".to_owned()
        }
        _ => format!("{}Problem{}", pascal(operation), codes[0].status()),
    };
    let names: Vec<_> = codes.iter().map(|code| code.name()).collect();
    let narrow = json!({
        "description": format!("A problem with one of these codes: {}.", names.join(", ")),
        "allOf": [
            reference("Problem"),
            { "type": "object", "properties": { "code": { "type": "string", "enum": names } } },
        ],
    });
    schemas.insert(name.clone(), narrow);
    name
}

fn give_example(answer: &mut Value, example: &Value) {
    let content =
        answer.get_mut("content").and_then(Value::as_object_mut).and_then(|content| content.values_mut().next());
    if let (Some(content), false) = (content, example.is_null()) {
        content["example"] = example.clone();
    }
}

/// What changes something for a caller may be sent again under its id.
fn named(call: &str, operation: &mut Value) {
    const HEADER: &str = "Idempotency-Key";
    if call == "get" || for_anybody(operation) {
        return;
    }
    let all = operation.as_object_mut().expect("an operation is an object").entry("parameters").or_insert(json!([]));
    let all = all.as_array_mut().expect("parameters are a list");
    all.retain(|parameter| parameter["name"] != HEADER);
    all.push(json!({
        "name": HEADER,
        "in": "header",
        "required": false,
        "description": "An id for this command: sent again with the same body within a day, it gets the first answer and \
                        changes nothing.",
        "schema": { "type": "string", "format": "uuid" },
    }));
}

/// Whether an operation needs no credential.
pub fn for_anybody(operation: &Value) -> bool {
    operation["security"].as_array().is_some_and(|ways| ways.contains(&json!({})))
}

/// A rejoin token is good in its room alone.
fn credentials(path: &str, operation: &mut Value) {
    let of_a_room = ["{roomId}", "{gameId}", "{handId}"].iter().any(|part| path.contains(part));
    if operation.get("security").is_none() && !of_a_room {
        operation["security"] = json!([{ "bearer": [] }, { "cookie": [] }]);
    }
}
