//! What is true of every operation and of every value, put into the contract in one pass over what the routes say: how each
//! request may fail, what every answer carries, and how large a value can be. Nothing of it is written at a handler.

mod answers;
mod bounds;

use serde_json::{Map, Value, json};

type Object = Map<String, Value>;

/// What the tags of operations mean.
const TAGS: [(&str, &str); 14] = [
    ("sign-in", "Sessions and devices."),
    ("reports", "Reports from sending to closing, and what is said about them."),
    ("follow-up", "An anonymous report, for its sender."),
    ("photos", "Photos, in one go or in pieces."),
    ("inquiries", "Inquiries into a report, with statements."),
    ("injuries", "Who was hurt."),
    ("obligations", "What was filed with authorities."),
    ("actions", "Corrective actions."),
    ("deadlines", "Every clock."),
    ("organisation", "Sites, people, roles and categories."),
    ("rules", "Documents of rules with their versions, and what they would do."),
    ("record", "The journal."),
    ("mail", "The page behind the link in a mail."),
    ("health", "How the server fares, and this contract."),
];

/// Methods that an operation may have.
const METHODS: [&str; 7] = ["get", "put", "post", "delete", "options", "head", "patch"];

/// The whole contract, from what the routes say.
pub fn complete(mut contract: Value) -> Value {
    let Some(root) = contract.as_object_mut() else { return contract };
    let here = "The server that this contract came from, in production or local.";
    root.insert("servers".to_owned(), json!([{ "url": "/", "description": here, "x-internal": false }]));
    root.insert("tags".to_owned(), TAGS.iter().map(|(name, text)| json!({ "name": name, "description": text })).collect());
    if let Some(license) = root.get_mut("info").and_then(|info| info.get_mut("license")).and_then(Value::as_object_mut) {
        let name = license.get("name").cloned().unwrap_or_default();
        license.insert("identifier".to_owned(), name);
    }
    each_operation(root, answers::complete);
    if let Some(components) = root.get_mut("components").and_then(Value::as_object_mut) {
        answers::add_shared(components);
        if let Some(schemas) = components.get_mut("schemas").and_then(Value::as_object_mut) {
            name_items_of_pages(schemas);
        }
    }
    bounds::bound(&mut contract);
    contract
}

fn each_operation(root: &mut Object, complete: impl Fn(&str, &str, &mut Object)) {
    let paths = root.get_mut("paths").and_then(Value::as_object_mut);
    for (path, item) in paths.into_iter().flatten() {
        let methods = item.as_object_mut().into_iter().flatten();
        for (method, operation) in methods.filter(|(method, _)| METHODS.contains(&method.as_str())) {
            if let Some(operation) = operation.as_object_mut() {
                complete(path, method, operation);
            }
        }
    }
}

/// A page repeats what it is a page of; it names it instead, so that a client has one type for both.
fn name_items_of_pages(schemas: &mut Object) {
    let names: Vec<String> = schemas.keys().cloned().collect();
    for (name, schema) in schemas.iter_mut() {
        let Some(of) = name.strip_prefix("PageBody_").filter(|of| names.iter().any(|name| name == of)) else { continue };
        if let Some(items) = schema.pointer_mut("/properties/items/items") {
            *items = json!({ "$ref": format!("#/components/schemas/{of}") });
        }
    }
}
