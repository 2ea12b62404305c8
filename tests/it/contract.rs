//! The contract is written by the code; the committed copy must be the same, and its names fit for generated clients.

use std::{collections::BTreeSet, fs, path::Path};

use salama::{
    domain::{
        action::{ActionKind, ActionState, Control},
        audience::Role,
        injury::{PersonStatus, Treatment},
        photo::PhotoState,
        report::{Aspect, CauseKind, Confidentiality, ReportKind, ReportState},
        severity::Band,
        statement::StatementType,
    },
    http,
};
use serde_json::Value;

#[test]
fn the_committed_contract_is_the_one_the_code_writes() {
    let written = format!("{:#}\n", http::contract());
    let committed = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/openapi.json")).unwrap_or_default();
    assert!(written == committed, "run: cargo run -- openapi > openapi/openapi.json");
}

#[test]
fn every_operation_has_a_name_of_its_own_and_says_how_it_fails() {
    let contract = serde_json::to_value(http::contract()).unwrap();
    assert_eq!(contract["openapi"], "3.1.0");
    let mut names = BTreeSet::new();
    for (path, methods) in contract["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let name = operation["operationId"].as_str().unwrap().to_owned();
            assert!(names.insert(name.clone()), "{name} stands twice");
            assert!(
                operation["summary"].as_str().is_some_and(|text| text.len() > 10),
                "{method} {path} does not say what it does"
            );
            let answers = operation["responses"].as_object().unwrap();
            let failures: &[&str] =
                if operation["security"].is_array() { &["400", "429", "500"] } else { &["400", "401", "403", "429", "500"] };
            for status in failures {
                assert!(answers.contains_key(*status), "{method} {path} does not say when it answers {status}");
            }
            assert!(!answers.contains_key("4XX"), "{method} {path} says no more than that it fails");
        }
    }
    assert!(names.len() > 40);
}

/// A list that people read in a description is the list of the contract; it must be that of the rules.
#[test]
fn closed_lists_are_those_of_the_rules() {
    let contract = http::contract();
    let listed = |schema: &str, field: &str| -> Vec<String> {
        let place = ["", "/items"].map(|inner| format!("/components/schemas/{schema}/properties/{field}{inner}/enum"));
        let found = place.iter().find_map(|place| contract.pointer(place)?.as_array());
        let found = found.unwrap_or_else(|| panic!("{schema}.{field} is no closed list"));
        found.iter().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    macro_rules! same {
        ($($schema:literal $field:literal $words:ident),+ $(,)?) => {
            $(assert_eq!(listed($schema, $field), $words::ALL.iter().map(|word| word.word()).collect::<Vec<_>>(), "{}.{}", $schema, $field);)+
        };
    }
    same!(
        "ReportSummary" "state" ReportState,
        "ReportSummary" "kind" ReportKind,
        "ReportSummary" "aspects" Aspect,
        "DraftBody" "aspects" Aspect,
        "DraftBody" "confidentiality" Confidentiality,
        "CauseInput" "kind" CauseKind,
        "ActionBody" "state" ActionState,
        "AssignBody" "kind" ActionKind,
        "AssignBody" "control" Control,
        "PhotoBody" "state" PhotoState,
        "InjuryInput" "status" PersonStatus,
        "InjuryInput" "treatment" Treatment,
        "StatementInput" "media_type" StatementType,
        "RiskBody" "band" Band,
        "RoleBody" "role" Role,
    );
}

/// What the contract says by the look of an operation is what its handler does.
#[test]
fn versions_and_bodies_that_may_be_left_out_are_those_of_the_handlers() {
    let contract = http::contract();
    let mut handlers = Vec::new();
    read_handlers(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src/http")), &mut handlers);
    assert!(handlers.len() > 120);
    for (name, arguments) in handlers {
        let operations = contract["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values());
        let operation = operations.into_iter().find(|operation| operation["operationId"] == name.as_str());
        let operation = operation.unwrap_or_else(|| panic!("{name} is in no contract"));
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        let takes = parameters.iter().any(|parameter| parameter["$ref"] == "#/components/parameters/IfMatch");
        assert_eq!(takes, arguments.contains("IfMatch("), "{name} and If-Match");
        if arguments.contains("Body(") {
            let needed = operation["requestBody"]["required"] == true;
            assert_eq!(!needed, arguments.contains("MaybeBody("), "{name} and its body");
        }
    }
}

/// The name and the arguments of each function that has a place in the contract.
fn read_handlers(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_handlers(&path, found);
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for part in text.split("#[utoipa::path(").skip(1) {
            let (_, after) = part.split_once("pub async fn ").unwrap();
            let (name, rest) = after.split_once('(').unwrap();
            let (arguments, _) = rest.split_once("->").unwrap();
            found.push((name.to_owned(), arguments.to_owned()));
        }
    }
}
