//! What phones of earlier versions read stays readable: every answer they know is still given, with every field they know in
//! it, of the same type and never left out where it was always there. The floor is kept in `openapi/v1-floor.json` and only
//! rises; what is taken out of it needs a version of its own, a `Deprecation` and a `Sunset` (`src/http/app.rs`).

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use salama::http;
use serde_json::Value;

const FLOOR: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/v1-floor.json");

/// What every answer is made of: operation and status, or schema and field, and the type of it.
type Answers = BTreeMap<String, String>;

fn floor() -> Answers {
    serde_json::from_str(&fs::read_to_string(FLOOR).unwrap()).unwrap()
}

/// The type of a schema in one line, and the names of the schemas it is made of.
fn kind(schema: &Value, named: &mut BTreeSet<String>) -> String {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().unwrap();
        named.insert(name.to_owned());
        return name.to_owned();
    }
    for (choice, between) in [("oneOf", "|"), ("anyOf", "|"), ("allOf", "&")] {
        if let Some(parts) = schema[choice].as_array() {
            let parts: BTreeSet<String> = parts.iter().map(|part| kind(part, named)).collect();
            return parts.into_iter().collect::<Vec<_>>().join(between);
        }
    }
    let words = match &schema["type"] {
        Value::Array(all) => {
            all.iter().filter_map(Value::as_str).collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join("|")
        }
        one => one.as_str().unwrap_or("anything").to_owned(),
    };
    let format = schema["format"].as_str().map_or_else(String::new, |format| format!("({format})"));
    let items = if schema["items"].is_object() { format!("[{}]", kind(&schema["items"], named)) } else { String::new() };
    format!("{words}{format}{items}")
}

/// The fields of a schema, also of those it is put together of.
fn fields(name: &str, schema: &Value, answers: &mut Answers, named: &mut BTreeSet<String>) {
    for part in schema["allOf"].as_array().into_iter().flatten() {
        match part["$ref"].as_str() {
            Some(_) => drop(answers.insert(format!("{name} has {}", kind(part, named)), "all of it".to_owned())),
            None => fields(name, part, answers, named),
        }
    }
    let always: BTreeSet<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for (field, schema) in schema["properties"].as_object().into_iter().flatten() {
        let perhaps = if always.contains(field.as_str()) { "" } else { "?" };
        answers.insert(format!("{name}.{field}"), format!("{}{perhaps}", kind(schema, named)));
    }
}

fn answers(contract: &Value) -> Answers {
    let (mut answers, mut named) = (Answers::new(), BTreeSet::new());
    for (path, methods) in contract["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            for (status, answer) in operation["responses"].as_object().unwrap() {
                let bodies = answer["content"].as_object().into_iter().flatten();
                let bodies: Vec<String> =
                    bodies.map(|(form, body)| format!("{form} {}", kind(&body["schema"], &mut named))).collect();
                answers.insert(format!("{method} {path} {status}"), bodies.join(", "));
            }
        }
    }
    let mut known = BTreeSet::new();
    while let Some(name) = named.difference(&known).next().cloned() {
        fields(&name, &contract["components"]["schemas"][&name], &mut answers, &mut named);
        known.insert(name);
    }
    answers
}

/// What the floor knows and the contract gives no more, or otherwise. A field that was perhaps there may be there always.
fn broken(floor: &Answers, now: &Answers) -> Vec<String> {
    let kept = |(place, kind): &(&String, &String)| {
        now.get(*place).is_some_and(|now| now == *kind || kind.strip_suffix('?') == Some(now.as_str()))
    };
    let lost = floor.iter().filter(|known| !kept(known));
    lost.map(|(place, kind)| format!("{place}: was {kind}, is {:?}", now.get(place))).collect()
}

fn contract() -> Value {
    serde_json::to_value(http::contract()).unwrap()
}

#[test]
fn what_earlier_phones_read_is_still_there() {
    let (floor, now) = (floor(), answers(&contract()));
    assert!(floor.len() > 500, "only {} places are on the floor", floor.len());
    let broken = broken(&floor, &now);
    assert!(broken.is_empty(), "phones of earlier versions would break:\n{}", broken.join("\n"));
}

#[test]
fn an_answer_or_a_field_that_goes_or_changes_is_named() {
    let whole = contract();
    let without = |change: fn(&mut Value)| {
        let mut changed = whole.clone();
        change(&mut changed);
        broken(&floor(), &answers(&changed))
    };
    assert_eq!(without(|_| {}), Vec::<String>::new());
    let removed = without(|contract| {
        drop(contract.pointer_mut("/components/schemas/ActionBody/properties").unwrap().as_object_mut().unwrap().remove("title"));
    });
    assert_eq!(removed.len(), 1, "{removed:?}");
    let retyped =
        without(|contract| contract["components"]["schemas"]["ActionBody"]["properties"]["ordinal"]["type"] = "string".into());
    assert!(retyped[0].contains("ActionBody.ordinal"), "{retyped:?}");
    let perhaps = without(|contract| contract["components"]["schemas"]["ActionBody"]["required"] = Value::Array(vec![]));
    assert!(perhaps.iter().any(|place| place.contains("ActionBody.state")), "{perhaps:?}");
    let gone = without(|contract| drop(contract["paths"].as_object_mut().unwrap().remove("/v1/reports/{id}")));
    assert!(gone.iter().any(|place| place.starts_with("get /v1/reports/{id} 200")), "{gone:?}");
    let status = without(|contract| {
        drop(contract.pointer_mut("/paths/~1v1~1reports~1{id}/put/responses").unwrap().as_object_mut().unwrap().remove("200"));
    });
    assert_eq!(status.len(), 1, "{status:?}");
}

/// Raises the floor to what is served now, with every release: `cargo test --test it raises_the_floor -- --ignored`.
#[test]
#[ignore = "it writes"]
fn raises_the_floor() {
    let mut floor: Answers =
        fs::read_to_string(FLOOR).map_or_else(|_| Answers::new(), |text| serde_json::from_str(&text).unwrap());
    for (place, kind) in answers(&contract()) {
        floor.entry(place).or_insert(kind);
    }
    fs::write(FLOOR, format!("{}\n", serde_json::to_string_pretty(&floor).unwrap())).unwrap();
}
