//! The inquiry: a team of both sides, what happened and why, two signatures, and what witnesses said. Then whether it
//! happened before, and whether it happens again.

use salama::domain::audience::Role;
use serde_json::{Value, json};

use crate::{
    main_road::{PHOTO, crew},
    support::{
        house::House,
        person::{Person, hazard, sha256},
        stories,
    },
};

stories!(
    an_inquiry_is_complete_when_one_of_each_side_has_signed_what_it_says,
    where_somebody_was_hurt_closing_waits_for_the_inquiry,
    what_witnesses_said_is_read_by_those_who_investigate_and_stands_nowhere_else,
    a_third_time_in_twelve_months_is_seen_and_must_be_looked_at,
    what_happens_again_before_its_effect_was_checked_is_taken_up_again,
);

const DAY: i64 = 86_400_000;

fn team(people: &[(&Person, &str, &str)]) -> Value {
    people.iter().map(|(who, side, part)| json!({ "member_id": who.id.0, "side": side, "part": part })).collect()
}

pub fn findings(people: &[(&Person, &str, &str)], root: &str) -> Value {
    let (first, second) = ("0190a000-0000-7000-8000-000000000001", "0190a000-0000-7000-8000-000000000002");
    json!({
        "team": team(people),
        "timeline": [{ "at": "2026-11-24T08:30:00Z", "what": "The breaker was closed", "source": "control room log" }],
        "whys": [["It arced", "The insulation was worn", "Nobody had inspected it"]],
        "causes": [
            { "id": first, "kind": "technical", "level": "immediate", "text": "Worn insulation" },
            { "id": second, "parent_id": first, "kind": "organisational", "level": "root", "text": root },
        ],
    })
}

pub async fn signs(who: &Person, report: &str, content: &Value) -> crate::support::person::Answer {
    who.post(&format!("/v1/reports/{report}/inquiry/sign"), &json!({ "content_sha256": content })).await
}

pub fn missing(problem: &Value) -> Vec<&str> {
    problem["missing"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect()
}

async fn an_inquiry_is_complete_when_one_of_each_side_has_signed_what_it_says(house: House) {
    let (technician, officer, manager) = crew(&house).await;
    let worker = house.joins("Delegate", Role::Technician, "TAR").await;
    let report = technician.reports(&hazard(&house.site("AGA").await)).await;
    officer.commands(&report, "acknowledge", json!({})).await.expect(200);
    let path = format!("/v1/reports/{report}/inquiry");
    let complete = format!("{path}/complete");
    let people = [(&officer, "employer", "lead"), (&worker, "employee", "worker_representative")];
    worker.get(&path).await.refused(404, "not_found");
    officer.get(&path).await.refused(404, "not_found");
    let opened = officer.put(&path, &findings(&people, "No inspection plan")).await.expect(201);
    assert_eq!(opened["missing"], json!(["employer_signature", "employee_signature"]));
    assert_eq!(worker.get(&path).await.expect(200)["round"], 1, "who sits in it may see it");
    manager.get(&path).await.refused(403, "may_not");
    signs(&technician, &report, &opened["content_sha256"]).await.refused(403, "may_not");
    signs(&officer, &report, &opened["content_sha256"]).await.expect(200);
    let problem = officer.post(&complete, &json!({})).await.refused(409, "not_ready");
    assert_eq!(missing(&problem), ["employee_signature"]);
    let revised = officer.put(&path, &findings(&people, "No inspection plan for old cables")).await.expect(200);
    assert_eq!(revised["signatures"], json!([]), "nobody signed these words");
    signs(&worker, &report, &opened["content_sha256"]).await.refused(412, "changed");
    for who in [&officer, &worker] {
        signs(who, &report, &revised["content_sha256"]).await.expect(200);
    }
    let done = officer.post(&complete, &json!({})).await.expect(200);
    assert_eq!((&done["missing"], &done["completed_by"]), (&json!([]), &json!(officer.id.0)));
    let causes = officer.report(&report).await["causes"].clone();
    assert_eq!(causes, json!([{ "kind": "organisational", "text": "No inspection plan for old cables" }]));
    officer.put(&path, &findings(&people, "Other words")).await.refused(409, "wrong_state");
    let history = officer.get(&format!("/v1/reports/{report}/history")).await.expect(200).to_string();
    for verb in ["opened", "revised", "signed", "completed"] {
        assert!(history.contains(&format!("\"verb\":\"{verb}\"")), "{verb} is not on record");
    }
    assert!(!history.contains("inspection"), "what was found is not in the journal");
    let wrong = json!({ "team": team(&people), "causes": [{ "id": "0190a000-0000-7000-8000-000000000001",
        "parent_id": "0190a000-0000-7000-8000-000000000009", "kind": "human", "level": "root", "text": "" }] });
    let other = technician.reports(&hazard(&house.site("AGA").await)).await;
    officer.commands(&other, "acknowledge", json!({})).await.expect(200);
    let problem = officer.put(&format!("/v1/reports/{other}/inquiry"), &wrong).await.refused(422, "invalid");
    let pointers: Vec<_> = problem["errors"].as_array().unwrap().iter().map(|error| &error["pointer"]).collect();
    assert_eq!(pointers, ["/causes/0/parent_id", "/causes/0/text"]);
}

/// A serious report with an action that is verified: ready to be closed, but for what the story is about.
async fn ready(technician: &Person, officer: &Person, site: &str) -> String {
    let photo = technician.new_id();
    let mut draft = hazard(site);
    draft["photos"] = json!([{ "id": photo, "sha256": sha256(PHOTO), "bytes": PHOTO.len(), "media_type": "image/jpeg" }]);
    let report = technician.reports(&draft).await;
    technician.sends_photo(&report, &photo, PHOTO.to_vec()).await.expect(201);
    officer.commands(&report, "triage", json!({ "actual_severity": 1, "potential_severity": 4 })).await.expect(200);
    let causes = json!({ "causes": [{ "kind": "technical", "text": "Worn" }], "similar_events": "None" });
    officer.commands(&report, "investigate", causes).await.expect(200);
    let action = officer.assigns(&report, technician, None).await;
    technician.acts(&action, "complete", json!({ "note": "Done", "evidence": [photo] })).await.expect(200);
    officer.acts(&action, "verify", json!({})).await.expect(200);
    report
}

fn closing() -> Value {
    json!({ "outcome": "Mended", "effectiveness_days": 30 })
}

async fn where_somebody_was_hurt_closing_waits_for_the_inquiry(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let report = ready(&technician, &officer, &house.site("AGA").await).await;
    let injury = json!({ "person": "Somebody", "status": "employee", "treatment": "first_aid" });
    officer.put(&format!("/v1/reports/{report}/injuries/{}", officer.new_id()), &injury).await.expect(201);
    let problem = officer.commands(&report, "close", closing()).await.refused(409, "not_ready");
    assert_eq!(missing(&problem), ["inquiry_complete"]);
    let people = [(&officer, "employer", "lead"), (&technician, "employee", "member")];
    let opened = officer.put(&format!("/v1/reports/{report}/inquiry"), &findings(&people, "No plan")).await.expect(201);
    assert_eq!(missing(&officer.commands(&report, "close", closing()).await.refused(409, "not_ready")), ["inquiry_complete"]);
    for who in [&officer, &technician] {
        signs(who, &report, &opened["content_sha256"]).await.expect(200);
    }
    officer.post(&format!("/v1/reports/{report}/inquiry/complete"), &json!({})).await.expect(200);
    officer.commands(&report, "close", closing()).await.expect(200);
}

async fn what_witnesses_said_is_read_by_those_who_investigate_and_stands_nowhere_else(house: House) {
    let (technician, officer, manager) = crew(&house).await;
    let investigator = house.joins("Salma", Role::Investigator, "SRM-SM").await;
    let report = technician.reports(&hazard(&house.site("AGA").await)).await;
    let list = format!("/v1/reports/{report}/statements");
    let path = format!("{list}/{}", officer.new_id());
    let said = "SECRETWORDS قال الشاهد";
    let announced = |bytes: usize| json!({ "given_by": "SECRETNAME, crane driver", "sha256": sha256(said.as_bytes()), "bytes": bytes, "media_type": "text/plain" });
    let brings = async |text: &str| {
        let request = officer.web.put(format!("{}{path}/file", officer.url));
        officer.send(request.body(text.to_owned())).await
    };
    technician.put(&path, &announced(said.len())).await.refused(403, "may_not");
    officer.put(&path, &announced(said.len())).await.expect(201);
    officer.put(&path, &announced(said.len())).await.expect(200);
    officer.put(&path, &announced(1)).await.refused(409, "statement_conflict");
    brings("something else").await.refused(409, "statement_mismatch");
    officer.get(&format!("{path}/file")).await.refused(404, "not_found");
    brings(said).await.expect(201);
    brings(said).await.expect(200);
    for nobody in [&technician, &manager] {
        nobody.get(&list).await.refused(403, "may_not");
        nobody.get(&format!("{path}/file")).await.refused(403, "may_not");
    }
    let seen = investigator.get(&list).await.expect(200);
    assert_eq!(seen["items"][0]["given_by"], "SECRETNAME, crane driver");
    let file = investigator.web.get(format!("{}{path}/file", investigator.url)).bearer_auth(&investigator.token);
    let file = file.send().await.unwrap();
    let headers = file.headers().clone();
    assert_eq!(file.bytes().await.unwrap(), said.as_bytes());
    assert!(headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
    assert_eq!(
        (&headers["content-type"], &headers["x-content-type-options"]),
        (&"text/plain".parse().unwrap(), &"nosniff".parse().unwrap())
    );
    house.tick().await;
    let everything = [
        officer.report(&report).await.to_string(),
        officer.get(&format!("/v1/reports/{report}/history")).await.expect(200).to_string(),
        officer.get("/v1/reports?q=secretname").await.expect(200).to_string(),
        house.peer.received().iter().map(|mail| mail.data.clone()).collect(),
        house.app.store.journal(0, 1000).await.unwrap().iter().map(|link| link.facts.clone()).collect(),
    ];
    for text in everything {
        assert!(!text.contains("SECRET"), "{text}");
    }
    let history = officer.get(&format!("/v1/reports/{report}/history")).await.expect(200).to_string();
    assert!(history.contains("\"fetched\""), "each fetch is on record");
}

async fn a_third_time_in_twelve_months_is_seen_and_must_be_looked_at(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let site = house.site("AGA").await;
    technician.reports(&hazard(&site)).await;
    house.clock.advance(400 * DAY).unwrap();
    let (technician, officer) = (house.again(&technician).await, house.again(&officer).await);
    let mut draft = hazard(&site);
    draft["occurred_at"] = Value::Null;
    let second = technician.reports(&draft).await;
    let mut other = draft.clone();
    other["category"] = "STF".into();
    technician.reports(&other).await;
    let third = ready(&technician, &officer, &site).await;
    let similar = officer.get(&format!("/v1/reports/{third}/similar")).await.expect(200);
    assert_eq!((&similar["times_in_a_year"], similar["items"].as_array().unwrap().len()), (&json!(2), 2), "{similar:#}");
    assert_eq!((&similar["items"][0]["id"], &similar["items"][0]["because"]), (&json!(second), &json!(["category"])));
    let seen = officer.get(&format!("/v1/reports/{second}/similar")).await.expect(200);
    assert_eq!(seen["items"][0]["actions"][0]["control"], "engineering", "what was done then");
    technician.get(&format!("/v1/reports/{third}/similar")).await.refused(403, "may_not");
    let problem = officer.commands(&third, "close", closing()).await.refused(409, "not_ready");
    assert_eq!(missing(&problem), ["similar_events_seen"]);
    officer.commands(&third, "look-for-similar", json!({})).await.expect(200);
    officer.commands(&third, "close", closing()).await.expect(200);
    let history = officer.get(&format!("/v1/reports/{third}/history")).await.expect(200).to_string();
    assert!(history.contains("looked_for_similar") && history.contains(&second), "{history}");
}

async fn what_happens_again_before_its_effect_was_checked_is_taken_up_again(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let site = house.site("AGA").await;
    let first = ready(&technician, &officer, &site).await;
    officer.commands(&first, "close", closing()).await.expect(200);
    house.clock.advance(10 * DAY).unwrap();
    let (technician, officer) = (house.again(&technician).await, house.again(&officer).await);
    let mut elsewhere = hazard(&site);
    elsewhere["category"] = "STF".into();
    technician.reports(&elsewhere).await;
    assert_eq!(officer.report(&first).await["state"], "closed", "another kind of danger says nothing about it");
    let mut draft = hazard(&site);
    draft["confidentiality"] = "confidential".into();
    let id = technician.new_id();
    let path = format!("/v1/reports/{id}");
    technician.put(&path, &draft).await.expect(201);
    technician.put(&path, &draft).await.expect(200);
    let again = officer.report(&first).await;
    assert_eq!((&again["state"], &again["recurred_as"]), (&json!("investigating"), &json!(id)));
    assert_eq!(officer.report(&id).await["recurrence_of"], json!(first));
    assert_eq!(technician.report(&id).await["recurrence_of"], Value::Null, "a sender learns of no other report");
    let history = officer.get(&format!("/v1/reports/{first}/history")).await.expect(200);
    let reopened: Vec<_> = history["items"].as_array().unwrap().iter().filter(|entry| entry["verb"] == "reopened").collect();
    assert_eq!((reopened.len(), &reopened[0]["facts"]["because"]), (1, &json!("recurrence")));
    assert_eq!(reopened[0]["actor_id"], Value::Null, "the clock did it, not the sender");
    house.tick().await;
    let mails = house.mailbox(&officer).into_iter().filter(|mail| mail.data.contains("taken up again")).count();
    assert_eq!(mails, 1);
}
