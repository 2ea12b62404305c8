//! The whole life of a report: every other end and the way back, what is said about it, ratings lowered by two, controls
//! that a manager answers for, and checks of the effect.

use salama::domain::audience::Role;
use serde_json::{Value, json};

use crate::{
    main_road::{PHOTO, crew},
    support::{
        house::House,
        person::{Answer, Person, hazard, sha256},
        stories,
    },
};

stories!(
    a_dismissed_report_stops_its_clocks_and_its_sender_reads_why,
    a_duplicate_leads_to_the_one_that_stands_and_never_to_another_duplicate,
    only_its_sender_withdraws_a_report_and_only_before_anybody_took_charge,
    a_report_that_is_not_mine_goes_to_another_officer_of_the_line,
    a_reopened_report_is_on_the_clock_again_and_wants_new_causes_and_a_new_action,
    a_protected_sender_is_told_and_named_nowhere,
    a_sender_reads_what_is_meant_for_them_and_no_more,
    a_high_rating_is_lowered_by_two_persons,
    weak_controls_of_a_serious_danger_want_a_managers_word,
    a_check_that_finds_it_not_effective_takes_the_report_up_again,
    the_gravest_reports_are_checked_twice,
);

const DAY: i64 = 86_400_000;

pub fn minor(site: &str) -> Value {
    let mut draft = hazard(site);
    draft["potential_severity"] = 2.into();
    draft
}

fn running(report: &Value) -> Vec<&str> {
    let clocks = report["deadlines"].as_array().unwrap();
    let running = clocks.iter().filter(|clock| matches!(clock["state"].as_str(), Some("due" | "overdue")));
    let kinds: std::collections::BTreeSet<&str> = running.map(kind).collect();
    kinds.into_iter().collect()
}

fn kind(clock: &Value) -> &str {
    clock["kind"].as_str().unwrap()
}

pub fn about(house: &House, person: &Person, words: &str) -> usize {
    house.mailbox(person).iter().filter(|mail| mail.data.replace("=\r\n", "").contains(words)).count()
}

pub async fn rated(officer: &Person, report: &str, potential: u8) {
    officer.commands(report, "triage", json!({ "actual_severity": 1, "potential_severity": potential })).await.expect(200);
}

/// Brings a photo that the report did not announce.
pub async fn adds_photo(person: &Person, report: &str, photo: &str) -> Answer {
    let digest = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, hex::decode(sha256(PHOTO)).unwrap());
    let request = person.web.put(format!("{}/v1/reports/{report}/photos/{photo}", person.url));
    let described = request.header("content-type", "image/jpeg").header("content-digest", format!("sha-256=:{digest}:"));
    person.send(described.body(PHOTO.to_vec())).await
}

/// A report with that potential, closed by the officer with a check in 30 days; its action has that control.
async fn closed(technician: &Person, officer: &Person, site: &str, potential: u8) -> String {
    let photo = technician.new_id();
    let mut draft = hazard(site);
    draft["photos"] = json!([{ "id": photo, "sha256": sha256(PHOTO), "bytes": PHOTO.len(), "media_type": "image/jpeg" }]);
    let report = technician.reports(&draft).await;
    technician.sends_photo(&report, &photo, PHOTO.to_vec()).await.expect(201);
    rated(officer, &report, potential).await;
    let causes = json!({ "causes": [{ "kind": "technical", "text": "Worn" }], "similar_events": "None" });
    officer.commands(&report, "investigate", causes).await.expect(200);
    let action = officer.assigns(&report, technician, None).await;
    technician.acts(&action, "complete", json!({ "note": "Done", "evidence": [photo] })).await.expect(200);
    officer.acts(&action, "verify", json!({})).await.expect(200);
    officer.commands(&report, "close", json!({ "outcome": "Mended", "effectiveness_days": 30 })).await.expect(200);
    report
}

async fn a_dismissed_report_stops_its_clocks_and_its_sender_reads_why(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let report = technician.reports(&minor(&house.site("AGA").await)).await;
    rated(&officer, &report, 2).await;
    let action = officer.assigns(&report, &technician, None).await;
    let why = json!({ "reason": "The cable is dead since ZZTOP" });
    let problem = officer.commands(&report, "dismiss", why.clone()).await.refused(409, "not_ready");
    assert_eq!(problem["missing"][0]["code"], "actions_ended");
    officer.acts(&action, "cancel", json!({ "reason": "Not needed" })).await.expect(200);
    let dismissed = officer.commands(&report, "dismiss", why).await.expect(200);
    assert_eq!((&dismissed["state"], running(&dismissed)), (&json!("dismissed"), vec![]));
    house.tick().await;
    assert_eq!(technician.report(&report).await["outcome"], "The cable is dead since ZZTOP");
    assert_eq!(about(&house, &technician, "No action will follow from your report"), 1);
    assert_eq!(about(&house, &technician, "ZZTOP"), 0, "a mail says only that there is an answer");
}

async fn a_duplicate_leads_to_the_one_that_stands_and_never_to_another_duplicate(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let site = house.site("AGA").await;
    let far = house.joins("Far", Role::Technician, "TAR").await;
    let unseen = far.reports(&minor(&house.site("TAR").await)).await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(technician.reports(&minor(&site)).await);
    }
    let of = |id: &str| json!({ "of_id": id });
    let field = async |report: &str, id: &str, code: &str| {
        let problem = officer.commands(report, "mark-duplicate", of(id)).await.refused(422, "invalid");
        assert_eq!(problem["errors"][0]["code"], code);
    };
    field(&ids[0], &ids[0], "is_itself").await;
    field(&ids[0], &unseen, "unknown_report").await;
    let first = officer.commands(&ids[0], "mark-duplicate", of(&ids[1])).await.expect(200);
    assert_eq!((&first["state"], &first["duplicate_of"], running(&first)), (&json!("duplicate"), &json!(ids[1]), vec![]));
    assert_eq!(technician.report(&ids[0]).await["duplicate_of"], Value::Null, "a sender learns of no other report");
    let second = officer.commands(&ids[2], "mark-duplicate", of(&ids[0])).await.expect(200);
    assert_eq!(second["duplicate_of"], json!(ids[1]), "of a duplicate, its original");
    field(&ids[1], &ids[0], "is_itself").await;
    let other = technician.reports(&minor(&site)).await;
    let problem = officer.commands(&ids[1], "mark-duplicate", of(&other)).await.refused(409, "not_ready");
    assert_eq!(problem["missing"][0]["code"], "no_duplicates");
    let again = officer.commands(&ids[0], "reopen", json!({ "reason": "Another cable" })).await.expect(200);
    assert_eq!((&again["state"], &again["duplicate_of"]), (&json!("acknowledged"), &Value::Null));
    assert_eq!(running(&again), ["make_safe", "triage"], "what had not happened is awaited again");
}

async fn only_its_sender_withdraws_a_report_and_only_before_anybody_took_charge(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let site = house.site("AGA").await;
    let (early, late) = (technician.reports(&minor(&site)).await, technician.reports(&minor(&site)).await);
    officer.commands(&early, "withdraw", json!({})).await.refused(403, "may_not");
    assert_eq!(technician.report(&early).await["allowed"], json!(["correct", "comment", "withdraw"]));
    let gone = technician.commands(&early, "withdraw", json!({})).await.expect(200);
    assert_eq!((&gone["state"], running(&gone)), (&json!("withdrawn"), vec![]));
    officer.commands(&early, "reopen", json!({ "reason": "No" })).await.refused(409, "wrong_state");
    officer.commands(&late, "acknowledge", json!({})).await.expect(200);
    technician.commands(&late, "withdraw", json!({})).await.refused(409, "wrong_state");
}

async fn a_report_that_is_not_mine_goes_to_another_officer_of_the_line(house: House) {
    let (technician, officer, manager) = crew(&house).await;
    let other = house.joins("Nadia", Role::Officer, "SRM-SM").await;
    let elsewhere = house.joins("Said", Role::Officer, "TAR").await;
    let report = technician.reports(&minor(&house.site("AGA").await)).await;
    house.tick().await;
    let to = |person: &Person| json!({ "officer_id": person.id.0, "reason": "A matter of the network" });
    for wrong in [&elsewhere, &manager, &officer] {
        officer.commands(&report, "transfer", to(wrong)).await.refused(422, "invalid");
    }
    let moved = officer.commands(&report, "transfer", to(&other)).await.expect(200);
    assert_eq!((&moved["officer_id"], &moved["comments"][0]["kind"]), (&json!(other.id.0), &json!("transfer")));
    house.tick().await;
    assert_eq!(about(&house, &other, "A report has reached you"), 1);
}

async fn a_reopened_report_is_on_the_clock_again_and_wants_new_causes_and_a_new_action(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let report = closed(&technician, &officer, &house.site("AGA").await, 4).await;
    officer.commands(&report, "reopen", json!({})).await.refused(422, "invalid");
    house.clock.advance(1000).unwrap();
    let again = officer.commands(&report, "reopen", json!({ "reason": "It broke again" })).await.expect(200);
    assert_eq!(again["state"], "investigating");
    assert_eq!(running(&again), ["investigate", "make_safe"], "its check of the effect is cancelled");
    let safe = again["deadlines"].as_array().unwrap().iter().find(|clock| kind(clock) == "make_safe").unwrap();
    assert_eq!(safe["starts_at"], again["reopened_at"]);
    let close = json!({ "outcome": "Mended again", "effectiveness_days": 30 });
    let problem = officer.commands(&report, "close", close).await.refused(409, "not_ready");
    let missing: Vec<_> = problem["missing"].as_array().unwrap().iter().map(|one| one["code"].clone()).collect();
    assert_eq!(missing, ["causes", "an_action"]);
}

async fn a_protected_sender_is_told_and_named_nowhere(house: House) {
    let (_, officer, _) = crew(&house).await;
    let auditor = house.joins("Amal", Role::Auditor, "SRM-SM").await;
    let sealed = house.joins_under("Zineb", Role::Technician, "AGA", Some(&officer)).await;
    let mut draft = minor(&house.site("AGA").await);
    draft["confidentiality"] = "confidential".into();
    let report = sealed.reports(&draft).await;
    let comment = format!("/v1/reports/{report}/comments/{}", sealed.new_id());
    sealed.put(&comment, &json!({ "text": "It smelt of gas" })).await.expect(201);
    officer.commands(&report, "request-information", json!({ "question": "Since when?" })).await.expect(200);
    officer.commands(&report, "dismiss", json!({ "reason": "A test of the alarm" })).await.expect(200);
    house.tick().await;
    assert_eq!(about(&house, &sealed, "You are asked something about your report"), 1);
    assert_eq!(about(&house, &sealed, "No action will follow from your report"), 1);
    let id = sealed.id.0.to_string();
    for reader in [&officer, &auditor] {
        for part in ["", "/history?limit=200", "/explain"] {
            let seen = reader.get(&format!("/v1/reports/{report}{part}")).await.expect(200).to_string();
            assert!(!seen.contains(&id) && !seen.contains("Zineb"), "{part}: {seen}");
        }
    }
    let seen = officer.report(&report).await;
    assert_eq!((&seen["comments"][0]["author_id"], &seen["comments"][0]["by_reporter"]), (&Value::Null, &json!(true)));
    assert!(sealed.explains(&report).await.to_string().contains("report_dismissed"), "the sender sees what they were told");
}

async fn a_sender_reads_what_is_meant_for_them_and_no_more(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let auditor = house.joins("Amal", Role::Auditor, "SRM-SM").await;
    let report = technician.reports(&minor(&house.site("AGA").await)).await;
    let path = |id: &str| format!("/v1/reports/{report}/comments/{id}");
    let (inner, outer, own) = (officer.new_id(), officer.new_id(), officer.new_id());
    let said = json!({ "text": "Ask the contractor", "for_reporter": false });
    let version = officer.report(&report).await["version"].clone();
    officer.put(&path(&inner), &said).await.expect(201);
    officer.put(&path(&inner), &said).await.expect(200);
    officer.put(&path(&inner), &json!({ "text": "Something else" })).await.refused(409, "comment_conflict");
    technician.put(&path(&inner), &said).await.refused(409, "comment_conflict");
    officer.put(&path(&outer), &json!({ "text": "Thank you", "for_reporter": true })).await.expect(201);
    technician.put(&path(&own), &json!({ "text": "There are two" })).await.expect(201);
    auditor.put(&path(&auditor.new_id()), &said).await.refused(403, "may_not");
    let ids = |seen: &Value| -> Vec<String> {
        seen["comments"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
    };
    let seen = officer.report(&report).await;
    assert_eq!((ids(&seen), &seen["version"]), (vec![inner, outer.clone(), own.clone()], &version), "a comment moves nothing");
    assert_eq!(ids(&technician.report(&report).await), [outer, own]);
}

async fn a_high_rating_is_lowered_by_two_persons(house: House) {
    let (technician, officer, manager) = crew(&house).await;
    let report = technician.reports(&hazard(&house.site("AGA").await)).await;
    rated(&officer, &report, 5).await;
    let lower = |reason: Option<&str>| json!({ "actual_severity": 1, "potential_severity": 2, "reason": reason });
    manager.commands(&report, "triage", lower(None)).await.refused(403, "may_not");
    officer.commands(&report, "triage", lower(None)).await.refused(409, "not_ready");
    let asked = officer.commands(&report, "triage", lower(Some("It is fenced"))).await.expect(200);
    assert_eq!((&asked["potential_severity"], &asked["pending_severity"]), (&json!(5), &json!(2)));
    assert_eq!((&asked["comments"][0]["kind"], &asked["comments"][0]["text"]), (&json!("down_rating"), &json!("It is fenced")));
    let alone = officer.commands(&report, "triage", lower(Some("Really"))).await.expect(200);
    assert_eq!(alone["potential_severity"], 5, "the same person twice is one person");
    let agreed = manager.commands(&report, "triage", lower(None)).await.expect(200);
    assert_eq!((&agreed["potential_severity"], &agreed["pending_severity"]), (&json!(2), &Value::Null));
}

async fn weak_controls_of_a_serious_danger_want_a_managers_word(house: House) {
    let (technician, officer, manager) = crew(&house).await;
    let report = technician.reports(&hazard(&house.site("AGA").await)).await;
    rated(&officer, &report, 4).await;
    let causes = json!({ "causes": [{ "kind": "human", "text": "Haste" }], "similar_events": "None" });
    officer.commands(&report, "investigate", causes).await.expect(200);
    let (photo, action) = (officer.new_id(), officer.new_id());
    let sign = json!({ "title": "A sign", "kind": "corrective", "control": "administrative", "owner_id": technician.id.0 });
    officer.put(&format!("/v1/reports/{report}/actions/{action}"), &sign).await.expect(201);
    adds_photo(&officer, &report, &photo).await.expect(201);
    technician.acts(&action, "complete", json!({ "note": "Hung", "evidence": [photo] })).await.expect(200);
    officer.acts(&action, "verify", json!({})).await.expect(200);
    let close = json!({ "outcome": "There is a sign", "effectiveness_days": 90 });
    let problem = officer.commands(&report, "close", close.clone()).await.refused(409, "not_ready");
    assert_eq!(problem["missing"][0]["code"], "controls_justified");
    let why = json!({ "justification": "The trench is filled next week" });
    officer.commands(&report, "justify-controls", why.clone()).await.refused(403, "may_not");
    manager.commands(&report, "justify-controls", why).await.expect(200);
    let closed = officer.commands(&report, "close", close).await.expect(200);
    assert_eq!(closed["controls_justification"], "The trench is filled next week");
}

async fn a_check_that_finds_it_not_effective_takes_the_report_up_again(house: House) {
    let (technician, officer, manager) = crew(&house).await;
    let report = closed(&technician, &officer, &house.site("AGA").await, 4).await;
    house.tick().await;
    house.clock.advance(29 * DAY).unwrap();
    let (technician, manager) = (house.again(&technician).await, house.again(&manager).await);
    let check = json!({ "effective": false, "method": "Visit", "note": "Bare again" });
    technician.commands(&report, "check-effectiveness", check.clone()).await.refused(403, "may_not");
    let again = manager.commands(&report, "check-effectiveness", check).await.expect(200);
    assert_eq!((&again["state"], &again["effectiveness_checks"][0]["effective"]), (&json!("investigating"), &json!(false)));
    let clock = again["deadlines"].as_array().unwrap().iter().find(|clock| kind(clock) == "check_effectiveness").unwrap();
    assert_eq!(clock["state"], "met");
    house.tick().await;
    assert_eq!(about(&house, &officer, "A report of yours was taken up again"), 1);
}

async fn the_gravest_reports_are_checked_twice(house: House) {
    let (technician, officer, manager) = crew(&house).await;
    let report = closed(&technician, &officer, &house.site("AGA").await, 5).await;
    let photo = officer.new_id();
    adds_photo(&officer, &report, &photo).await.expect(201);
    let check = json!({ "effective": true, "method": "Visit", "note": "Holds", "evidence": [photo] });
    let mut due = Vec::new();
    for days in [30, 60, 1] {
        house.clock.advance(days * DAY).unwrap();
        let seen = house.again(&manager).await.commands(&report, "check-effectiveness", check.clone()).await.expect(200);
        due.push(seen["effectiveness_checks"].as_array().unwrap().last().unwrap()["due_at"].clone());
        assert_eq!(running(&seen), if days == 30 { vec!["check_effectiveness"] } else { vec![] });
    }
    let late = house.again(&officer).await;
    adds_photo(&late, &report, &late.new_id()).await.refused(409, "photo_not_announced");
    assert_eq!(due, [json!("2026-12-24T09:00:00Z"), json!("2027-02-22T09:00:00Z"), Value::Null]);
}
