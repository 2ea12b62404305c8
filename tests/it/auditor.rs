//! An auditor's sample: three cases of different kinds, from the first word to the proof that it helped, through the API
//! alone. Each guard is tried from the wrong side, and each file is then read back complete (ISO 45001 clause 10.2).

use std::collections::BTreeSet;

use salama::{domain::audience::Role, operations};
use serde_json::{Value, json};

use crate::{
    inquiries::{findings, missing, signs},
    main_road::PHOTO,
    support::{
        house::House,
        person::{Answer, Person, hazard, sha256},
        stories,
    },
};

stories!(
    an_electric_arc_that_hurt_nobody_is_proven_gone_twice,
    a_chlorine_leak_with_an_injured_worker_is_inquired_into_by_both_sides,
    a_sewage_overflow_is_one_record_of_safety_environment_and_quality,
);

const DAY: i64 = 86_400_000;

/// The people of a case. Time moves in weeks, so everybody signs in anew each time.
struct Crew {
    technician: Person,
    officer: Person,
    manager: Person,
    second_officer: Person,
    investigator: Person,
    auditor: Person,
    site: String,
}

impl Crew {
    async fn of(house: &House) -> Self {
        let manager = house.joins("Hind", Role::Manager, "SRM-SM").await;
        let officer = house.joins_under("Brahim", Role::Officer, "AGA", Some(&manager)).await;
        Self {
            technician: house.joins_under("Khadija", Role::Technician, "AGA", Some(&officer)).await,
            second_officer: house.joins_under("Nadia", Role::Officer, "SRM-SM", Some(&manager)).await,
            investigator: house.joins("Salma", Role::Investigator, "SRM-SM").await,
            auditor: house.joins("Omar", Role::Auditor, "SRM-SM").await,
            site: house.site("AGA").await,
            manager,
            officer,
        }
    }

    async fn later(self, house: &House, days: i64) -> Self {
        house.clock.advance(days * DAY).unwrap();
        house.tick().await;
        Self {
            technician: house.again(&self.technician).await,
            officer: house.again(&self.officer).await,
            manager: house.again(&self.manager).await,
            second_officer: house.again(&self.second_officer).await,
            investigator: house.again(&self.investigator).await,
            auditor: house.again(&self.auditor).await,
            site: self.site,
        }
    }

    /// The technician sends a report of that kind with one photo.
    async fn report(&self, kind: &str, category: &str, aspects: &[&str]) -> (String, String) {
        let photo = self.technician.new_id();
        let mut draft = hazard(&self.site);
        draft["kind"] = kind.into();
        draft["category"] = category.into();
        draft["aspects"] = json!(aspects);
        if aspects.contains(&"environment") {
            draft["environment"] = json!({ "substance": "Sewage", "quantity_litres": 40_000.0, "receiving_body": "sea" });
            draft["quality"] = json!({ "service": "sewerage", "customers_affected": 300 });
        }
        draft["photos"] = json!([{ "id": photo, "sha256": sha256(PHOTO), "bytes": PHOTO.len(), "media_type": "image/jpeg" }]);
        let report = self.technician.reports(&draft).await;
        self.technician.sends_photo(&report, &photo, PHOTO.to_vec()).await.expect(201);
        (report, photo)
    }

    async fn rates(&self, report: &str, actual: u8, potential: u8) -> Value {
        let rating = json!({ "actual_severity": actual, "potential_severity": potential });
        self.officer.commands(report, "triage", rating).await.expect(200)
    }

    /// An action of that level for the technician, which the second officer verifies.
    async fn assigns(&self, report: &str, control: &str) -> String {
        let id = self.officer.new_id();
        let body = json!({ "title": "Put it right", "kind": "corrective", "control": control,
            "owner_id": self.technician.id.0, "verifier_id": self.second_officer.id.0 });
        self.officer.put(&format!("/v1/reports/{report}/actions/{id}"), &body).await.expect(201);
        id
    }

    /// The technician does it, and somebody who had no part in it has seen that.
    async fn does(&self, action: &str, photo: &str) {
        self.technician.acts(action, "accept", json!({})).await.expect(200);
        self.officer.acts(action, "complete", json!({ "note": "x" })).await.refused(403, "may_not");
        self.technician.acts(action, "complete", json!({ "note": "Done" })).await.refused(422, "invalid");
        self.technician.acts(action, "complete", json!({ "note": "Done", "evidence": [photo] })).await.expect(200);
        self.technician.acts(action, "verify", json!({})).await.refused(403, "may_not");
        self.second_officer.acts(action, "verify", json!({})).await.expect(200);
    }

    async fn closes(&self, report: &str, days: u8) -> Answer {
        let closing = json!({ "outcome": "It cannot happen there again", "effectiveness_days": days });
        self.officer.commands(report, "close", closing).await
    }

    async fn checks(&self, who: &Person, report: &str, effective: bool) -> Answer {
        let check = json!({ "effective": effective, "method": "Visit", "note": "Looked at it on site" });
        who.commands(report, "check-effectiveness", check).await
    }

    /// Both sides sign, and the inquiry is complete.
    async fn inquires(&self, report: &str) {
        let path = format!("/v1/reports/{report}/inquiry");
        let people = [(&self.investigator, "employer", "lead"), (&self.technician, "employee", "worker_representative")];
        let opened = self.officer.put(&path, &findings(&people, "No written procedure")).await.expect(201);
        self.officer.post(&format!("{path}/complete"), &json!({})).await.refused(409, "not_ready");
        for who in [&self.investigator, &self.technician] {
            signs(who, report, &opened["content_sha256"]).await.expect(200);
        }
        self.officer.post(&format!("{path}/complete"), &json!({})).await.expect(200);
    }
}

/// Reads the file as an auditor does, and the journal as a whole.
async fn reads_back(house: &House, crew: &Crew, report: &str, verbs: &[&str]) -> Value {
    let file = crew.auditor.report(report).await;
    assert_eq!(file["allowed"], json!([]), "an auditor changes nothing");
    assert_eq!(file["photos"][0]["sha256"], sha256(PHOTO));
    let original = format!("{}/v1/photos/{}/original", crew.auditor.url, file["photos"][0]["id"].as_str().unwrap());
    let original = crew.auditor.web.get(original).bearer_auth(&crew.auditor.token).send().await.unwrap();
    assert_eq!(original.bytes().await.unwrap(), PHOTO, "the evidence, byte for byte");
    for action in file["actions"].as_array().unwrap() {
        assert!(action["control"].is_string() && action["verified_by"] != action["owner_id"], "{action:#}");
    }
    let mut entries = Vec::new();
    let mut path = format!("/v1/reports/{report}/history?limit=200");
    loop {
        let page = crew.auditor.get(&path).await.expect(200);
        entries.extend(page["items"].as_array().unwrap().clone());
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/v1/reports/{report}/history?limit=200&after={next}");
    }
    let numbers: Vec<i64> = entries.iter().map(|entry| entry["seq"].as_i64().unwrap()).collect();
    assert!(numbers.is_sorted(), "in order");
    let found: BTreeSet<&str> = entries.iter().map(|entry| entry["verb"].as_str().unwrap()).collect();
    for verb in verbs {
        assert!(found.contains(verb), "{verb} is missing of {found:?}");
    }
    let told = crew.auditor.explains(report).await;
    assert!(!told["told"].as_array().unwrap().is_empty(), "who was told when, by which rule: {told:#}");
    operations::verify_journal(&house.app.store, Some(&house.app.keys), None, None).await.unwrap();
    file
}

async fn an_electric_arc_that_hurt_nobody_is_proven_gone_twice(house: House) {
    let crew = Crew::of(&house).await;
    let (report, photo) = crew.report("near_miss", "ARC", &["safety"]).await;
    let rating = json!({ "actual_severity": 1, "potential_severity": 5 });
    crew.technician.commands(&report, "triage", rating).await.refused(403, "may_not");
    let early = crew.closes(&report, 30).await.refused(409, "not_ready");
    assert!(missing(&early).contains(&"triage") && missing(&early).contains(&"an_action"));
    assert_eq!(crew.rates(&report, 1, 5).await["potential_severity"], 5);
    let lower = json!({ "actual_severity": 1, "potential_severity": 2, "reason": "Nobody was near" });
    crew.officer.commands(&report, "triage", lower).await.expect(200);
    assert_eq!(crew.officer.report(&report).await["potential_severity"], 5, "one person does not lower it");
    crew.rates(&report, 1, 5).await;
    crew.officer.commands(&report, "contain", json!({})).await.expect(200);
    crew.inquires(&report).await;
    let found = json!({ "similar_events": "None at this substation" });
    crew.officer.commands(&report, "investigate", found).await.expect(200);
    let own = json!({ "title": "x", "kind": "corrective", "control": "engineering", "owner_id": crew.technician.id.0,
        "verifier_id": crew.technician.id.0 });
    crew.officer.put(&format!("/v1/reports/{report}/actions/{}", crew.officer.new_id()), &own).await.refused(422, "invalid");
    let action = crew.assigns(&report, "engineering").await;
    let early = crew.closes(&report, 30).await.refused(409, "not_ready");
    assert_eq!(missing(&early), ["actions_completed"]);
    crew.does(&action, &photo).await;
    crew.closes(&report, 30).await.expect(200);
    let crew = crew.later(&house, 31).await;
    crew.checks(&crew.technician, &report, true).await.refused(403, "may_not");
    crew.checks(&crew.investigator, &report, true).await.expect(200);
    let crew = crew.later(&house, 60).await;
    crew.checks(&crew.manager, &report, true).await.expect(200);
    let verbs = [
        "submitted",
        "routed",
        "triaged",
        "down_rating_asked",
        "contained",
        "opened",
        "signed",
        "completed",
        "investigated",
        "assigned",
        "verified",
        "closed",
        "effectiveness_checked",
        "received",
    ];
    let file = reads_back(&house, &crew, &report, &verbs).await;
    assert_eq!((&file["state"], file["effectiveness_checks"].as_array().unwrap().len()), (&json!("closed"), 2));
}

async fn a_chlorine_leak_with_an_injured_worker_is_inquired_into_by_both_sides(house: House) {
    let crew = Crew::of(&house).await;
    let (report, photo) = crew.report("incident", "CL2", &["safety"]).await;
    crew.rates(&report, 3, 4).await;
    let injury = json!({ "person": "SECRETNAME", "status": "employee", "treatment": "hospital",
        "absences": [{ "from": "2026-11-25", "to": "2026-12-02" }], "esaw": { "injury": "70", "contact": "10" } });
    let injuries = format!("/v1/reports/{report}/injuries");
    crew.officer.put(&format!("{injuries}/{}", crew.officer.new_id()), &injury).await.expect(201);
    for nobody in [&crew.technician, &crew.officer, &crew.manager, &crew.auditor] {
        nobody.get(&injuries).await.refused(403, "may_not");
    }
    let said = "The valve gave way";
    let statement =
        json!({ "given_by": "A colleague", "sha256": sha256(said.as_bytes()), "bytes": said.len(), "media_type": "text/plain" });
    let path = format!("/v1/reports/{report}/statements/{}", crew.officer.new_id());
    crew.officer.put(&path, &statement).await.expect(201);
    crew.officer.send(crew.officer.web.put(format!("{}{path}/file", crew.officer.url)).body(said)).await.expect(201);
    let found = json!({ "causes": [{ "kind": "technical", "text": "Worn valve" }], "similar_events": "None" });
    crew.officer.commands(&report, "investigate", found).await.expect(200);
    let action = crew.assigns(&report, "substitution").await;
    crew.does(&action, &photo).await;
    assert_eq!(missing(&crew.closes(&report, 90).await.refused(409, "not_ready")), ["inquiry_complete"]);
    crew.inquires(&report).await;
    crew.closes(&report, 90).await.expect(200);
    let crew = crew.later(&house, 91).await;
    crew.checks(&crew.investigator, &report, true).await.expect(200);
    let known = crew.investigator.get(&injuries).await.expect(200);
    assert_eq!((&known["items"][0]["person"], &known["items"][0]["days_lost"]), (&json!("SECRETNAME"), &json!(8)));
    let verbs = ["submitted", "recorded", "announced", "received", "opened", "signed", "completed", "closed"];
    let file = reads_back(&house, &crew, &report, &verbs).await;
    assert!(!file.to_string().contains("SECRETNAME"));
}

async fn a_sewage_overflow_is_one_record_of_safety_environment_and_quality(house: House) {
    let crew = Crew::of(&house).await;
    let (report, photo) = crew.report("incident", "SEW", &["safety", "environment", "quality"]).await;
    crew.rates(&report, 3, 4).await;
    let found = json!({ "causes": [{ "kind": "organisational", "text": "Pump not serviced" }], "similar_events": "Two in 2024" });
    crew.officer.commands(&report, "investigate", found.clone()).await.expect(200);
    let correction = json!({ "environment": { "substance": "Sewage", "quantity_litres": 60_000.0, "receiving_body": "sea" },
        "reason": "Measured at the pump" });
    crew.manager.commands(&report, "correct", correction.clone()).await.refused(403, "may_not");
    crew.officer.commands(&report, "correct", correction).await.expect(200);
    let weak = crew.assigns(&report, "administrative").await;
    crew.does(&weak, &photo).await;
    assert_eq!(missing(&crew.closes(&report, 30).await.refused(409, "not_ready")), ["controls_justified"]);
    let why = json!({ "justification": "A second pump is on order" });
    crew.officer.commands(&report, "justify-controls", why.clone()).await.refused(403, "may_not");
    crew.manager.commands(&report, "justify-controls", why).await.expect(200);
    crew.closes(&report, 30).await.expect(200);
    let crew = crew.later(&house, 30).await;
    crew.checks(&crew.manager, &report, false).await.expect(200);
    let again = crew.officer.report(&report).await;
    assert_eq!(
        (&again["state"], &again["closed_at"]),
        (&json!("investigating"), &Value::Null),
        "what did not help is taken up again"
    );
    crew.officer.commands(&report, "investigate", found).await.expect(200);
    let firm = crew.assigns(&report, "engineering").await;
    crew.does(&firm, &photo).await;
    crew.closes(&report, 30).await.expect(200);
    let crew = crew.later(&house, 30).await;
    crew.checks(&crew.manager, &report, true).await.expect(200);
    let verbs = ["submitted", "controls_justified", "closed", "effectiveness_checked", "reopened", "assigned", "verified"];
    let file = reads_back(&house, &crew, &report, &verbs).await;
    assert_eq!(file["aspects"], json!(["safety", "environment", "quality"]));
    assert_eq!(file["environment"]["quantity_litres"], 60_000.0);
    assert!(file["corrections"].to_string().contains("40000") && file["corrections"].to_string().contains("60000"));
    let clauses = crew.auditor.get(&format!("/v1/reports/{report}/clauses")).await.expect(200).to_string();
    for standard in ["45001", "14001", "9001"] {
        assert!(clauses.contains(standard), "evidence for {standard}: {clauses}");
    }
    let effective: Vec<&Value> =
        file["effectiveness_checks"].as_array().unwrap().iter().map(|check| &check["effective"]).collect();
    assert_eq!(effective, [false, true]);
}
