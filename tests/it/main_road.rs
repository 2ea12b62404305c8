//! The main road: a report with a photo reaches its officer, an action is assigned, done, verified, and the report closed.

use salama::domain::audience::Role;
use serde_json::{Value, json};

use crate::support::{
    house::House,
    person::{Person, hazard, sha256},
    stories,
};

pub const PHOTO: &[u8] = include_bytes!("../../demo/photo.jpg");

stories!(
    a_report_with_a_photo_reaches_its_officer_and_is_closed_when_everything_is_done,
    closing_names_what_is_missing_and_changes_nothing,
    a_mail_says_what_is_due_and_never_what_was_seen,
    what_happened_is_on_record_in_order,
    an_illegal_move_says_what_would_be_allowed,
    a_report_that_nobody_could_be_routed_to_reaches_the_administrators,
    a_kind_of_work_done_by_oneself_is_verified_by_another,
);

/// An officer at AGA under a manager, and a technician.
pub async fn crew(house: &House) -> (Person, Person, Person) {
    let manager = house.joins("Hind", Role::Manager, "SRM-SM").await;
    let officer = house.joins_under("Brahim", Role::Officer, "AGA", Some(&manager)).await;
    let technician = house.joins_under("Khadija", Role::Technician, "AGA", Some(&officer)).await;
    (technician, officer, manager)
}

/// What an officer may ask of a report that nobody has answered yet.
fn at_first() -> Value {
    json!([
        "acknowledge",
        "triage",
        "contain",
        "correct",
        "transfer",
        "request-information",
        "comment",
        "dismiss",
        "mark-duplicate"
    ])
}

fn with_photo(mut draft: Value, photo: &str) -> Value {
    draft["photos"] = json!([{ "id": photo, "sha256": sha256(PHOTO), "bytes": PHOTO.len(), "media_type": "image/jpeg" }]);
    draft
}

async fn a_report_with_a_photo_reaches_its_officer_and_is_closed_when_everything_is_done(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let photo = technician.new_id();
    let report = technician.reports(&with_photo(hazard(&house.site("AGA").await), &photo)).await;
    house.tick().await;
    assert_eq!(house.mailbox(&officer).len(), 1, "the officer is told before the photo has come");
    assert_eq!(officer.report(&report).await["missing"], json!([photo]));

    technician.sends_photo(&report, &photo, PHOTO.to_vec()).await.expect(201);
    technician.sends_photo(&report, &photo, PHOTO.to_vec()).await.expect(200);
    house.tick().await;
    let seen = officer.report(&report).await;
    assert_eq!((&seen["missing"], &seen["photos"][0]["state"]), (&json!([]), &json!("ready")));
    assert_eq!((&seen["photos"][0]["width"], &seen["photos"][0]["height"]), (&json!(1600), &json!(1200)), "upright");

    officer.commands(&report, "acknowledge", json!({})).await.expect(200);
    officer.commands(&report, "triage", json!({ "actual_severity": 1, "potential_severity": 4 })).await.expect(200);
    officer.commands(&report, "contain", json!({})).await.expect(200);
    let action = officer.assigns(&report, &technician, None).await;
    assert_eq!(officer.report(&report).await["state"], "acknowledged", "a serious report needs a cause before it is acted on");
    let causes = json!({ "causes": [{ "kind": "organisational", "text": "No permit" }], "similar_events": "None found" });
    assert_eq!(officer.commands(&report, "investigate", causes).await.expect(200)["state"], "acting");

    technician.acts(&action, "accept", json!({})).await.expect(200);
    technician.acts(&action, "start", json!({})).await.expect(200);
    technician.acts(&action, "complete", json!({ "note": "Buried", "evidence": [photo] })).await.expect(200);
    assert_eq!(officer.report(&report).await["state"], "verifying");
    officer.acts(&action, "verify", json!({})).await.expect(200);
    let closed = officer
        .commands(&report, "close", json!({ "outcome": "The cable is buried", "effectiveness_days": 30 }))
        .await
        .expect(200);
    assert_eq!((&closed["state"], &closed["allowed"]), (&json!("closed"), &json!(["comment", "reopen", "check-effectiveness"])));
    assert_eq!(technician.report(&report).await["outcome"], "The cable is buried");
    let running: Vec<_> = closed["deadlines"].as_array().unwrap().iter().filter(|clock| clock["state"] == "due").collect();
    assert_eq!(running.len(), 1);
    assert_eq!(running[0]["kind"], "check_effectiveness");
}

async fn closing_names_what_is_missing_and_changes_nothing(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let photo = technician.new_id();
    let report = technician.reports(&with_photo(hazard(&house.site("AGA").await), &photo)).await;
    let before = officer.report(&report).await;
    let problem = officer.commands(&report, "close", json!({ "outcome": "Done" })).await.refused(409, "not_ready");
    let missing: Vec<_> = problem["missing"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect();
    assert_eq!(missing, ["acknowledgement", "triage", "causes", "an_action", "similar_events", "photos", "effectiveness_check"]);
    assert_eq!(problem["allowed"], at_first());
    assert_eq!(officer.report(&report).await, before);
}

async fn a_mail_says_what_is_due_and_never_what_was_seen(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let mut draft = hazard(&house.site("AGA").await);
    draft["narrative"] = "ZZTOP the secret words of the sender".into();
    let report = technician.reports(&draft).await;
    house.tick().await;
    let mail = house.mailbox(&officer).remove(0);
    let number = officer.report(&report).await["number"].as_str().unwrap().to_owned();
    assert!(mail.data.contains(&format!("Subject: {number} ")), "{}", mail.data);
    for never in ["ZZTOP", "secret words", "Khadija", "khadija"] {
        assert!(!mail.data.contains(never), "{never} is in the mail");
    }
}

async fn what_happened_is_on_record_in_order(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let report = technician.reports(&hazard(&house.site("AGA").await)).await;
    officer.commands(&report, "acknowledge", json!({})).await.expect(200);
    let history = officer.get(&format!("/v1/reports/{report}/history")).await.expect(200);
    let entries = history["items"].as_array().unwrap();
    let verbs: Vec<_> =
        entries.iter().filter(|entry| entry["subject"] == "report").map(|entry| entry["verb"].as_str().unwrap()).collect();
    assert_eq!(verbs, ["submitted", "routed", "acknowledged"]);
    assert_eq!(entries[0]["actor_id"], technician.id.0.to_string());
    assert!(salama::operations::verify_journal(&house.app.store, Some(&house.app.keys), None, None).await.unwrap().entries > 3);
}

async fn an_illegal_move_says_what_would_be_allowed(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let report = technician.reports(&hazard(&house.site("AGA").await)).await;
    let body = json!({ "causes": [{ "kind": "human", "text": "Haste" }] });
    let problem = officer.commands(&report, "investigate", body).await.refused(409, "wrong_state");
    assert_eq!((&problem["state"], &problem["allowed"]), (&json!("submitted"), &at_first()));
    let action = json!({ "title": "x", "kind": "corrective", "control": "ppe", "owner_id": technician.id.0 });
    officer.put(&format!("/v1/reports/{report}/actions/{}", officer.new_id()), &action).await.refused(409, "wrong_state");
    technician.commands(&report, "acknowledge", json!({})).await.refused(403, "may_not");
}

async fn a_report_that_nobody_could_be_routed_to_reaches_the_administrators(house: House) {
    let admin = house.joins("Omar", Role::Admin, "SRM-SM").await;
    let technician = house.joins("Khadija", Role::Technician, "AGA").await;
    let report = technician.reports(&hazard(&house.site("AGA").await)).await;
    house.tick().await;
    assert_eq!(house.mailbox(&admin).len(), 1);
    assert_eq!(technician.report(&report).await["officer_id"], admin.id.0.to_string());
}

async fn a_kind_of_work_done_by_oneself_is_verified_by_another(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let other = house.joins("Nadia", Role::Officer, "SRM-SM").await;
    let mut draft = hazard(&house.site("AGA").await);
    draft["potential_severity"] = 2.into();
    let report = technician.reports(&draft).await;
    officer.commands(&report, "triage", json!({ "actual_severity": 1, "potential_severity": 2 })).await.expect(200);
    let action = officer.assigns(&report, &officer, None).await;
    officer.acts(&action, "complete", json!({ "note": "Done" })).await.expect(200);
    officer.acts(&action, "verify", json!({})).await.refused(403, "may_not");
    technician.acts(&action, "verify", json!({})).await.refused(403, "may_not");
    other.acts(&action, "return", json!({ "reason": "Still bare" })).await.expect(200);
    house.tick().await;
    assert!(house.mailbox(&officer).iter().any(|mail| mail.data.contains("eturned")), "the owner is told that it came back");
    officer.acts(&action, "complete", json!({ "note": "Now it is" })).await.expect(200);
    other.acts(&action, "verify", json!({})).await.expect(200);
}
