//! The contract is written by the code; the committed copy must be the same, and its names fit for generated clients.

use std::collections::BTreeSet;

use salama::http;

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
            if path.starts_with("/v1/") {
                assert!(operation["responses"]["4XX"].is_object(), "{method} {path} does not say how it fails");
            }
        }
    }
    assert!(names.len() > 40);
}
