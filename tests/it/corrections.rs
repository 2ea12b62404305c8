//! One record for three standards: the facts each aspect needs, corrections that keep both values, and the clauses a record
//! is evidence for. Nothing that was sent is ever deleted.

use std::{collections::BTreeSet, fs, path::Path};

use salama::{domain::audience::Role, http};
use serde_json::{Value, json};

use crate::{
    main_road::crew,
    support::{
        house::House,
        person::{Person, hazard},
        stories,
    },
};

stories!(
    a_spill_and_an_outage_say_what_their_aspects_need,
    a_corrected_fact_shows_both_values_and_who_and_why,
    a_sender_corrects_their_own_facts_until_somebody_takes_charge,
    a_report_at_another_site_has_other_people_and_another_clock,
    a_corrected_category_acts_at_once,
    a_protected_sender_corrects_without_being_named,
    a_record_says_which_clauses_it_is_evidence_for,
    the_map_of_clauses_is_cut_by_standard_and_edition,
);

/// A burst sewer: danger to people, a spill and a service that fails.
fn burst(site: &str) -> Value {
    let mut draft = hazard(site);
    draft["aspects"] = json!(["safety", "environment", "quality"]);
    draft["environment"] = json!({ "substance": "Raw sewage", "quantity_litres": 1200.5, "receiving_body": "watercourse" });
    draft["quality"] = json!({ "service": "sewerage", "customers_affected": 340, "outage_minutes": 95 });
    draft
}

async fn corrects(person: &Person, report: &str, mut facts: Value) -> crate::support::person::Answer {
    facts["reason"] = "Seen on the spot".into();
    person.commands(report, "correct", facts).await
}

async fn history(person: &Person, report: &str) -> Vec<Value> {
    let path = format!("/v1/reports/{report}/history?limit=200");
    person.get(&path).await.expect(200)["items"].as_array().unwrap().clone()
}

async fn a_spill_and_an_outage_say_what_their_aspects_need(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let draft = burst(&house.site("AGA").await);
    let report = technician.reports(&draft).await;
    let seen = officer.report(&report).await;
    let spilt =
        json!({ "substance": "Raw sewage", "quantity_litres": 1200.5, "receiving_body": "watercourse", "protected_area": null });
    assert_eq!((&seen["environment"], &seen["quality"]), (&spilt, &draft["quality"]));
    technician.put(&format!("/v1/reports/{report}"), &draft).await.expect(200);
    let mut more = draft.clone();
    more["environment"]["quantity_litres"] = 1300.into();
    technician.put(&format!("/v1/reports/{report}"), &more).await.refused(409, "report_conflict");
    for (aspects, wrong, pointer) in [
        (json!(["safety", 3]), json!({}), "/aspects/1"),
        (json!(["safety"]), json!({ "environment": { "substance": "Oil" } }), "/environment"),
        (json!(["environment"]), json!({ "environment": {} }), "/environment"),
        (json!(["environment"]), json!({ "environment": { "quantity_litres": -1 } }), "/environment/quantity_litres"),
        (json!(["environment"]), json!({ "environment": { "receiving_body": "moon" } }), "/environment/receiving_body"),
        (json!(["environment"]), json!({ "environment": { "litres": 1 } }), "/environment/litres"),
        (json!(["quality"]), json!({ "quality": { "service": "gas" } }), "/quality/service"),
        (json!(["quality"]), json!({ "quality": { "outage_minutes": 600_000 } }), "/quality/outage_minutes"),
        (json!(["quality"]), json!({ "quality": { "customers_affected": -3 } }), "/quality/customers_affected"),
    ] {
        let mut bad = hazard(&house.site("AGA").await);
        bad["aspects"] = aspects;
        bad.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
        let problem = technician.put(&format!("/v1/reports/{}", technician.new_id()), &bad).await.refused(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], pointer);
    }
}

async fn a_corrected_fact_shows_both_values_and_who_and_why(house: House) {
    let (technician, officer, manager) = crew(&house).await;
    let mut draft = burst(&house.site("AGA").await);
    draft["location"] = json!({ "lat": 30.42, "lon": -9.6 });
    let report = technician.reports(&draft).await;
    let right = json!({ "kind": "incident", "environment": { "substance": "Treated water", "quantity_litres": 800 },
        "location": { "lat": 30.5, "lon": -9.7 } });
    officer.commands(&report, "correct", right.clone()).await.refused(422, "invalid");
    corrects(&manager, &report, right.clone()).await.refused(403, "may_not");
    let now = corrects(&officer, &report, right.clone()).await.expect(200);
    assert_eq!((&now["kind"], &now["narrative"]), (&json!("incident"), &draft["narrative"]), "nobody rewrites what was said");
    let both: Vec<_> = now["corrections"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["field"].clone(), one["before"].clone(), one["after"].clone()))
        .collect();
    let text = |field: &str, before: &str, after: &str| (json!(field), json!(before), json!(after));
    assert_eq!(
        both,
        [
            text("environment.quantity_litres", "1200.5", "800"),
            (json!("environment.receiving_body"), json!("watercourse"), Value::Null),
            text("environment.substance", "Raw sewage", "Treated water"),
            text("kind", "hazard", "incident"),
            text("location", "30.42, -9.6", "30.5, -9.7"),
        ]
    );
    let first = &now["corrections"][0];
    assert_eq!(
        (&first["reason"], &first["by_id"], &first["at"]),
        (&json!("Seen on the spot"), &json!(officer.id.0), &json!("2026-11-24T09:00:00Z"))
    );
    let again = corrects(&officer, &report, right).await.expect(200);
    assert_eq!(
        (&again["version"], &again["corrections"]),
        (&now["version"], &now["corrections"]),
        "said again, it changes nothing"
    );
    let entries = history(&officer, &report).await;
    let entry = entries.iter().find(|entry| entry["verb"] == "corrected").unwrap();
    assert_eq!(entry["facts"]["changes"][0], json!({ "field": "kind", "before": "hazard", "after": "incident" }));
    let record = entry["facts"].to_string();
    for private in ["30.4", "30.5", "sewage", "Treated", "Seen"] {
        assert!(!record.contains(private), "{private} stands in the journal: {record}");
    }
    technician.put(&format!("/v1/reports/{report}"), &draft).await.expect(200);
}

async fn a_sender_corrects_their_own_facts_until_somebody_takes_charge(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let colleague = house.joins("Rachid", Role::Technician, "AGA").await;
    let report = technician.reports(&hazard(&house.site("AGA").await)).await;
    corrects(&colleague, &report, json!({ "kind": "incident" })).await.refused(404, "not_found");
    let mine =
        corrects(&technician, &report, json!({ "kind": "near_miss", "occurred_at": "2026-11-24T08:00:00Z" })).await.expect(200);
    assert_eq!((&mine["kind"], &mine["corrections"][0]["by_reporter"]), (&json!("near_miss"), &json!(true)));
    let elsewhere = json!({ "site_id": house.site("TAR").await });
    corrects(&technician, &report, elsewhere).await.refused(403, "may_not");
    officer.commands(&report, "acknowledge", json!({})).await.expect(200);
    corrects(&technician, &report, json!({ "kind": "incident" })).await.refused(403, "may_not");
    officer.commands(&report, "dismiss", json!({ "reason": "An exercise" })).await.expect(200);
    corrects(&officer, &report, json!({ "kind": "incident" })).await.refused(409, "wrong_state");
}

async fn a_report_at_another_site_has_other_people_and_another_clock(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let region = house.joins("Nadia", Role::Officer, "SRM-SM").await;
    let there = house.joins("Said", Role::Officer, "TAR").await;
    let mut draft = hazard(&house.site("AGA").await);
    draft["potential_severity"] = 2.into();
    let report = technician.reports(&draft).await;
    officer.commands(&report, "acknowledge", json!({})).await.expect(200);
    let action = officer.assigns(&report, &technician, None).await;
    let colleague = house.joins("Amina", Role::Officer, "AGA").await;
    colleague.get(&format!("/v1/actions/{action}")).await.expect(200);
    house.tick().await;
    let other = json!({ "site_id": house.site("TAR").await });
    there.get(&format!("/v1/reports/{report}")).await.refused(404, "not_found");
    corrects(&officer, &report, other.clone()).await.refused(403, "may_not");
    assert_eq!(officer.report(&report).await["corrections"], json!([]), "nothing was half done");
    let moved = corrects(&region, &report, other.clone()).await.expect(200);
    assert_eq!((&moved["site_id"], &moved["officer_id"]), (&other["site_id"], &json!(there.id.0)));
    assert_eq!(moved["actions"][0]["site_id"], other["site_id"]);
    house.tick().await;
    assert_eq!(house.mailbox(&there).len(), 1, "who is responsible now is told");
    colleague.get(&format!("/v1/reports/{report}")).await.refused(404, "not_found");
    colleague.get(&format!("/v1/actions/{action}")).await.refused(404, "not_found");
    assert_eq!(colleague.get("/v1/deadlines").await.expect(200)["items"], json!([]));
    assert_eq!(there.get("/v1/deadlines").await.expect(200)["items"].as_array().unwrap().len(), 4, "also those that are met");
    let unknown = json!({ "site_id": region.new_id() });
    let problem = corrects(&region, &report, unknown).await.refused(422, "invalid");
    assert_eq!(problem["errors"][0]["code"], "unknown_site");
}

async fn a_corrected_category_acts_at_once(house: House) {
    let (technician, officer, manager) = crew(&house).await;
    let mut draft = hazard(&house.site("AGA").await);
    draft["category"] = "STF".into();
    draft.as_object_mut().unwrap().remove("potential_severity");
    let report = technician.reports(&draft).await;
    let due = |body: &Value| {
        let clocks = body["deadlines"].as_array().unwrap();
        clocks.iter().find(|clock| clock["kind"] == "make_safe").unwrap()["due_at"].as_str().unwrap().to_owned()
    };
    let before = officer.report(&report).await;
    house.tick().await;
    let problem = corrects(&officer, &report, json!({ "category": "NONE" })).await.refused(422, "invalid");
    assert_eq!(problem["errors"][0]["code"], "unknown_category");
    let after = corrects(&officer, &report, json!({ "category": "H2S" })).await.expect(200);
    assert_eq!((&before["potential_severity"], &after["potential_severity"]), (&json!(2), &json!(4)));
    assert!(due(&after) < due(&before));
    assert_ne!(after["routed_by"], before["routed_by"]);
    house.tick().await;
    assert!(!house.mailbox(&manager).is_empty(), "the route for toxic gas tells the manager as well");
}

async fn a_protected_sender_corrects_without_being_named(house: House) {
    let (_, officer, _) = crew(&house).await;
    let auditor = house.joins("Amal", Role::Auditor, "SRM-SM").await;
    let sealed = house.joins_under("Zineb", Role::Technician, "AGA", Some(&officer)).await;
    let mut draft = hazard(&house.site("AGA").await);
    draft["confidentiality"] = "confidential".into();
    let report = sealed.reports(&draft).await;
    let mine = corrects(&sealed, &report, json!({ "kind": "near_miss" })).await.expect(200);
    assert_eq!(mine["corrections"][0]["by_id"], json!(sealed.id.0));
    for reader in [&officer, &auditor] {
        for part in ["", "/history?limit=200", "/explain", "/clauses"] {
            let seen = reader.get(&format!("/v1/reports/{report}{part}")).await.expect(200).to_string();
            assert!(!seen.contains(&sealed.id.0.to_string()), "{part}: {seen}");
        }
    }
    assert_eq!(officer.report(&report).await["corrections"][0]["by_reporter"], true);
}

async fn a_record_says_which_clauses_it_is_evidence_for(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let report = technician.reports(&burst(&house.site("AGA").await)).await;
    let held = async || {
        let clauses = officer.get(&format!("/v1/reports/{report}/clauses")).await.expect(200);
        clauses["items"].as_array().unwrap().clone()
    };
    let of = |held: &[Value], standard: &str, edition: &str, clause: &str| {
        let is = |one: &&Value| one["standard"] == standard && one["edition"] == edition && one["clause"] == clause;
        held.iter().find(is).map(|one| one["evidence"].clone())
    };
    let first = held().await;
    assert_eq!(of(&first, "ISO 45001", "2018", "10.2"), Some(json!(["report"])));
    assert_eq!(of(&first, "ISO 14001", "2015", "6.1.2"), Some(json!(["report", "environment"])));
    assert_eq!(of(&first, "ISO 9001", "2015", "8.7"), Some(json!(["report", "quality"])));
    assert_eq!(of(&first, "ISO 45001", "2018", "6.1.2.2"), None, "it is not rated yet");
    officer
        .commands(&report, "triage", json!({ "actual_severity": 1, "potential_severity": 4, "likelihood": 3 }))
        .await
        .expect(200);
    officer.commands(&report, "contain", json!({})).await.expect(200);
    officer
        .commands(
            &report,
            "investigate",
            json!({ "causes": [{ "kind": "technical", "text": "Root" }], "similar_events": "None" }),
        )
        .await
        .expect(200);
    officer.assigns(&report, &technician, None).await;
    corrects(&officer, &report, json!({ "aspects": ["safety", "environment"] })).await.expect(200);
    let later = held().await;
    assert_eq!(of(&later, "ISO 45001", "2018", "6.1.2.2"), Some(json!(["rating", "risk"])));
    let chain = json!(["report", "containment", "investigation", "similar_events", "action"]);
    assert_eq!(of(&later, "ISO 45001", "2018", "10.2"), Some(chain));
    assert_eq!(of(&later, "ISO 45001", "2018", "7.5"), Some(json!(["correction", "journal"])));
    assert!(later.iter().all(|one| one["standard"] != "ISO 9001"), "it concerns quality no more");
    let new = later.iter().find(|one| one["edition"] == "2026").unwrap();
    assert_eq!((&new["uncertain"], &new["map_version"]), (&json!(true), &json!(1)));
}

async fn the_map_of_clauses_is_cut_by_standard_and_edition(house: House) {
    let admin = house.joins("Samira", Role::Admin, "SRM-SM").await;
    let editions = async |query: &str| {
        let map = admin.get(&format!("/v1/clauses{query}")).await.expect(200);
        let standards = map["standards"].as_array().unwrap().clone();
        standards.iter().map(|one| format!("{}:{}", one["standard"], one["edition"]).replace('"', "")).collect::<Vec<_>>()
    };
    assert_eq!(editions("").await, ["ISO 45001:2018", "ISO 14001:2015", "ISO 14001:2026", "ISO 9001:2015"]);
    assert_eq!(editions("?standard=ISO%2014001").await, ["ISO 14001:2015", "ISO 14001:2026"]);
    assert_eq!(editions("?standard=ISO%2014001&edition=2026").await, ["ISO 14001:2026"]);
    assert_eq!(editions("?edition=1999").await, Vec::<String>::new());
    let mut map = admin.get("/v1/clauses").await.expect(200);
    map["standards"][0]["clauses"][1]["number"] = map["standards"][0]["clauses"][0]["number"].clone();
    let problem = admin.put("/v1/clauses", &map).await.refused(422, "invalid");
    assert_eq!(problem["errors"][0]["pointer"], "/standards/0/clauses/1/number");
    map["standards"][0]["clauses"][1]["evidence"] = json!(["hearsay"]);
    let problem = admin.put("/v1/clauses", &map).await.refused(422, "invalid");
    assert_eq!(problem["errors"][0]["pointer"], "/standards/0/clauses/1/evidence/0");
}

#[test]
fn nothing_that_was_sent_can_be_deleted() {
    let contract = serde_json::to_value(http::contract()).unwrap();
    let paths = contract["paths"].as_object().unwrap().iter();
    let deletes: BTreeSet<&str> =
        paths.filter(|(_, methods)| methods.get("delete").is_some()).map(|(path, _)| path.as_str()).collect();
    // An upload that is given up is no photo yet, and a device that is ended was signed in. How somebody gets in is theirs.
    let harmless = [
        "/v1/devices",
        "/v1/devices/{id}",
        "/v1/members/{id}/grants/{role}/{site_id}",
        "/v1/members/{id}/identities",
        "/v1/members/{id}/second-factor",
        "/v1/members/{id}/substitutions/{substitution_id}",
        "/v1/sessions/current",
        "/v1/uploads/{id}",
    ];
    assert_eq!(deletes, BTreeSet::from(harmless), "over HTTP");
    let mut removing = BTreeSet::new();
    for file in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store")).unwrap() {
        let path = file.unwrap().path();
        let text = if path.is_file() { fs::read_to_string(&path).unwrap().to_lowercase() } else { String::new() };
        assert!(!text.contains("delete from") && !text.contains("::delete("), "{}", path.display());
        removing.extend(
            text.match_indices("::entity::delete")
                .map(|(at, _)| text[..at].rsplit(char::is_whitespace).next().unwrap().to_owned()),
        );
    }
    // What was found in photos goes with them when their period is over, and with a sender that they could once see a report.
    // What waited is brought in, or dropped on record; keys of commands are hashes. Codes, second factors and tries are ways in.
    let harmless = [
        "command_keys",
        "early_photos",
        "enrolments",
        "findings",
        "grants",
        "held",
        "identities",
        "participants",
        "past_views",
        "recovery_codes",
        "second_factors",
        "sign_on_attempts",
        "substitutions",
        "tries",
        "uploads",
    ];
    assert_eq!(removing, BTreeSet::from(harmless.map(str::to_owned)), "in the database");
}
