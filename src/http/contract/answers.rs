//! How a request may be answered, by what it looks like: whom it asks for, whether it has a body, a query, an id.

use serde_json::{Value, json};

use super::Object;
use crate::{domain::statement::StatementType, photos::Format};

/// No file is larger, whatever the settings say.
const LARGEST_FILE: u64 = 256 << 20;

/// A failure: its status, the name of its answer in the contract, and when it is given.
type Failure = (&'static str, &'static str, &'static str);

const BAD_REQUEST: Failure = ("400", "BadRequest", "A header or a cursor that cannot be read, or no JSON.");
const NOT_SIGNED_IN: Failure = ("401", "NotSignedIn", "No token, or none that is good.");
const MAY_NOT: Failure = ("403", "MayNot", "May know of it, may not do it.");
const NOT_FOUND: Failure = ("404", "NotFound", "No such thing, or nothing the caller may know of.");
const INTERRUPTED: Failure = ("408", "Interrupted", "The body stopped arriving.");
const CONFLICT: Failure = ("409", "Conflict", "Not in this state, or the same id came before with other content.");
const GONE: Failure = ("410", "Gone", "It was there, and is gone for good.");
const CHANGED: Failure = ("412", "Changed", "`If-Match` names an older version, or `Tus-Resumable` another one.");
const TOO_LARGE: Failure = ("413", "TooLarge", "The body is larger than is taken here.");
const WRONG_MEDIA_TYPE: Failure = ("415", "WrongMediaType", "The body is not of a type that is read here.");
const BAD_RANGE: Failure = ("416", "BadRange", "The range lies outside of it.");
const INVALID: Failure = ("422", "Invalid", "A field, a query value or a file is wrong; `errors` names which.");
const HEAD_TOO_LARGE: Failure = ("431", "HeadTooLarge", "Address and headers are too large together. It has no body.");
const CHECKSUM: Failure = ("460", "ChecksumMismatch", "The bytes are not those of `Upload-Checksum`.");
const TOO_OFTEN: Failure = ("429", "TooOften", "Too much at once; again after `Retry-After`.");
const FAULT: Failure = ("500", "Fault", "A fault of the server; nothing was changed.");
const UNAVAILABLE: Failure = ("503", "Unavailable", "Not now; again after `Retry-After`.");

const ALL: [Failure; 17] = [
    BAD_REQUEST,
    NOT_SIGNED_IN,
    MAY_NOT,
    NOT_FOUND,
    INTERRUPTED,
    CONFLICT,
    GONE,
    CHANGED,
    TOO_LARGE,
    WRONG_MEDIA_TYPE,
    BAD_RANGE,
    INVALID,
    HEAD_TOO_LARGE,
    CHECKSUM,
    TOO_OFTEN,
    FAULT,
    UNAVAILABLE,
];

/// Commands that look at no version: each may be given again and again.
const WITHOUT_VERSION: [&str; 4] = ["/hold", "/let-go", "/inquiry/sign", "/me/password"];

/// What may be sent with a request, and how it may be answered.
pub(super) fn complete(path: &str, method: &str, operation: &mut Object) {
    leave_out_bodies(operation);
    take_files(operation);
    add_headers_of_requests(path, method, operation);
    let failures = failures(path, method, operation);
    let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else { return };
    responses.shift_remove("4XX");
    for (status, name, _) in failures {
        responses.entry(status).or_insert_with(|| json!({ "$ref": format!("#/components/responses/{name}") }));
    }
    for (status, response) in responses.iter_mut() {
        if let Some(response) = response.as_object_mut().filter(|response| !response.contains_key("$ref")) {
            describe(status, response);
        }
    }
    responses.sort_keys();
}

fn failures(path: &str, method: &str, operation: &Object) -> Vec<Failure> {
    let is_command = matches!(method, "put" | "post" | "patch" | "delete");
    let is_upload = path.starts_with("/v1/uploads") && method != "options";
    let has_body = operation.contains_key("requestBody");
    let has_query = parameters(operation).any(|parameter| parameter.get("in").is_some_and(|place| place == "query"));
    let may_be_partial = operation.get("responses").is_some_and(|responses| responses.get("206").is_some());
    let mut failures = vec![BAD_REQUEST, HEAD_TOO_LARGE, TOO_OFTEN, FAULT, UNAVAILABLE];
    if needs_a_token(operation) {
        failures.extend([NOT_SIGNED_IN, MAY_NOT, NOT_FOUND]);
    }
    if ["/v1/sessions", "/v1/enrolments", "/v1/single-sign-on"].iter().any(|way_in| path.starts_with(way_in)) {
        failures.extend([NOT_SIGNED_IN, MAY_NOT, NOT_FOUND]);
    }
    if path.contains('{') || path.contains("follow-up") {
        failures.push(NOT_FOUND);
    }
    if path.contains("photo") || path.contains("picture") || path.contains("follow-up") || path.contains("changes") || is_upload {
        failures.push(GONE);
    }
    if is_command {
        failures.extend([CONFLICT, CHANGED, GONE]);
    }
    if has_body {
        failures.extend([INTERRUPTED, TOO_LARGE, WRONG_MEDIA_TYPE, INVALID]);
    }
    if has_query || is_command {
        failures.push(INVALID);
    }
    if is_upload {
        failures.extend([CHANGED, CHECKSUM]);
    }
    if may_be_partial {
        failures.push(BAD_RANGE);
    }
    failures
}

/// Unless it says otherwise, an operation is for those who are signed in.
fn needs_a_token(operation: &Object) -> bool {
    !operation.contains_key("security")
}

fn parameters(operation: &Object) -> impl Iterator<Item = &Value> {
    operation.get("parameters").and_then(Value::as_array).into_iter().flatten()
}

/// A body that may be null, or that says nothing, may be left out.
fn leave_out_bodies(operation: &mut Object) {
    let Some(body) = operation.get_mut("requestBody").and_then(Value::as_object_mut) else { return };
    let mut optional = false;
    for (_, form) in body.get_mut("content").and_then(Value::as_object_mut).into_iter().flatten() {
        let Some(schema) = form.get_mut("schema") else { continue };
        if let Some(said) = schema.pointer("/oneOf/0").cloned() {
            *schema = said;
            optional = true;
        }
        optional |= schema.get("$ref").and_then(Value::as_str).is_some_and(|name| name.ends_with("/NothingBody"));
    }
    body.insert("required".to_owned(), Value::Bool(!optional));
}

/// Bytes are no arrays of numbers, and a photo is of any of the types that are taken.
fn take_files(operation: &mut Object) {
    if let Some(content) =
        operation.get_mut("requestBody").and_then(|body| body.get_mut("content")).and_then(Value::as_object_mut)
    {
        name_files(content);
    }
    for (_, response) in operation.get_mut("responses").and_then(Value::as_object_mut).into_iter().flatten() {
        if let Some(content) = response.get_mut("content").and_then(Value::as_object_mut) {
            name_files(content);
        }
    }
}

fn name_files(content: &mut Object) {
    for (_, form) in content.iter_mut().filter(|(kind, _)| !kind.contains("json") && !kind.starts_with("text/")) {
        if form.pointer("/schema/type").is_some_and(|kind| kind == "array") {
            *form = json!({ "schema": { "type": "string", "format": "binary", "maxLength": LARGEST_FILE } });
        }
    }
    let types = match content.keys().next().map(String::as_str) {
        Some("image/jpeg") => Format::ALL.map(Format::media_type).to_vec(),
        Some("application/octet-stream") => StatementType::ALL.iter().map(|kind| kind.word()).collect(),
        _ => return,
    };
    let Some(form) = content.values().next().cloned() else { return };
    for kind in types {
        content.entry(kind).or_insert_with(|| form.clone());
    }
}

fn add_headers_of_requests(path: &str, method: &str, operation: &mut Object) {
    let may_be_unchanged = operation.get("responses").is_some_and(|responses| responses.get("304").is_some());
    let mut named = Vec::new();
    if may_be_unchanged {
        named.push("IfNoneMatch");
    }
    if takes_a_version(path, method) {
        named.push("IfMatch");
    }
    if needs_a_token(operation) && operation.get("responses").is_some_and(|responses| responses.get("206").is_some()) {
        named.push("Range");
    }
    if named.is_empty() {
        return;
    }
    let parameters = operation.entry("parameters").or_insert_with(|| json!([]));
    if let Some(parameters) = parameters.as_array_mut() {
        parameters.extend(named.iter().map(|name| json!({ "$ref": format!("#/components/parameters/{name}") })));
    }
}

/// Documents of rules, what an administrator writes whole, and what moves a report or an action.
fn takes_a_version(path: &str, method: &str) -> bool {
    let is_whole = ["/v1/members/{id}", "/v1/sites/{id}", "/v1/reports/{id}/inquiry", "/v1/reports/{id}/injuries/{injury_id}"];
    let moves = path.starts_with("/v1/reports/{id}/") || path.starts_with("/v1/actions/{id}/");
    if WITHOUT_VERSION.iter().any(|end| path.ends_with(end)) {
        return false;
    }
    match method {
        "put" => is_whole.contains(&path) || !path.contains('{'),
        "post" => moves,
        _ => false,
    }
}

/// What every answer carries, and what an answer means whose handler says nothing of it.
fn describe(status: &str, response: &mut Object) {
    let text = match status {
        "200" => "As it is now.",
        "201" => "Made anew.",
        "202" => "Kept until it can be done.",
        "204" => "Done.",
        "206" => "A part of it.",
        "304" => "Not changed since `If-None-Match`.",
        "503" => "Not ready.",
        _ => "Not done.",
    };
    response.entry("description").or_insert_with(|| json!(text));
    if let Some(headers) = response.entry("headers").or_insert_with(|| json!({})).as_object_mut() {
        headers.extend(headers_of(status));
    }
}

fn headers_of(status: &str) -> Object {
    let mut names = vec![];
    if status != HEAD_TOO_LARGE.0 {
        names.push(("X-Request-Id", "RequestId"));
    }
    if status.starts_with(['2', '4']) {
        names.extend([("RateLimit", "RateLimit"), ("RateLimit-Policy", "RateLimitPolicy")]);
    }
    match status {
        "401" => names.push(("WWW-Authenticate", "Authenticate")),
        "429" | "503" => names.push(("Retry-After", "RetryAfter")),
        _ => {}
    }
    names.into_iter().map(|(name, of)| (name.to_owned(), json!({ "$ref": format!("#/components/headers/{of}") }))).collect()
}

/// What operations point to.
pub(super) fn add_shared(components: &mut Object) {
    let responses: Object = ALL
        .iter()
        .map(|(status, name, text)| {
            let mut response = json!({ "description": text, "headers": headers_of(status) });
            // The door sends it before anybody has read the request.
            if *status != HEAD_TOO_LARGE.0 {
                let problem = json!({ "schema": { "$ref": "#/components/schemas/ProblemBody" } });
                response["content"] = json!({ "application/problem+json": problem });
                response["headers"]["Content-Language"] = json!({ "$ref": "#/components/headers/Language" });
            }
            ((*name).to_owned(), response)
        })
        .collect();
    components.insert("responses".to_owned(), Value::Object(responses));
    components.insert("headers".to_owned(), json!({
        "RequestId": { "description": "Names this request in the server's log.", "required": true, "schema": {
            "type": "string", "minLength": 32, "maxLength": 32, "pattern": "^[0-9a-f]{32}$" } },
        "RateLimit": { "description": "How many requests this caller has left, and in how many seconds all of them are back: \
            `\"session\";r=29999;t=1` (draft-ietf-httpapi-ratelimit-headers). Where nobody is signed in it is the \
            address that has them.", "schema": {
            "type": "string", "maxLength": 100, "pattern": "^\"(session|address)\";r=[0-9]+;t=[0-9]+$" } },
        "RateLimitPolicy": { "description": "How many requests a caller has in how many seconds: `\"session\";q=30000;w=60`.", "schema": {
            "type": "string", "maxLength": 100, "pattern": "^\"(session|address)\";q=[0-9]+;w=[0-9]+$" } },
        "RetryAfter": { "description": "In how many seconds to ask again.", "schema": {
            "type": "integer", "format": "int32", "minimum": 1, "maximum": 3600 } },
        "Authenticate": { "description": "How to say who asks.", "schema": { "type": "string", "const": "Bearer" } },
        "Language": { "description": "The language of `title` and `detail`.", "schema": { "type": "string", "enum": ["ar", "fr", "en"] } }
    }));
    components.insert("parameters".to_owned(), json!({
        "IfMatch": { "name": "If-Match", "in": "header", "description": "The version that was read, as in `ETag`: `\"3\"`. Is it \
            another by now, nothing is changed (412).", "schema": {
            "type": "string", "maxLength": 64, "pattern": "^(\\*|\"[0-9]{1,18}(\\.[0-9a-f]*)?\")$" } },
        "IfNoneMatch": { "name": "If-None-Match", "in": "header", "description": "The `ETag` that is known: the answer is 304 while it \
            is the same.", "schema": { "type": "string", "maxLength": 65536, "pattern": "^[^\\u0000]*$" } },
        "Range": { "name": "Range", "in": "header", "description": "One range of bytes (RFC 9110 section 14).", "schema": {
            "type": "string", "maxLength": 65536, "pattern": "^[^\\u0000]*$" } }
    }));
}
