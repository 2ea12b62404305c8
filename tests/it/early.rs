//! What comes before the report or action it is about: it waits, is brought in with what it is about, and tells nobody whether
//! that exists.

use std::collections::BTreeSet;

use salama::domain::audience::Role;
use sea_orm::{ConnectionTrait as _, DbBackend, Statement};
use serde_json::{Value, json};

use crate::{
    life::{about, minor},
    main_road::{PHOTO, crew},
    protected::{kept_as, with_photo},
    support::{
        house::House,
        person::{Answer, Person, hazard},
        stories,
    },
};

stories!(
    a_comment_waits_for_its_report_and_comes_in_with_it,
    a_completion_waits_for_its_action_and_comes_in_with_it,
    a_completion_that_is_not_enough_waits_on_and_is_shown_to_officers,
    a_report_that_never_was_and_one_not_to_be_known_are_answered_alike,
    nothing_that_waits_leads_to_an_anonymous_report,
    only_so_much_waits_and_what_waits_too_long_is_shown_and_dropped_on_record,
    a_comment_and_its_report_at_the_same_moment_meet,
    a_photo_is_kept_by_its_phone_until_the_report_is_here,
);

const DAY: i64 = 86_400_000;

fn comment(report: &str, id: &str) -> String {
    format!("/v1/reports/{report}/comments/{id}")
}

fn said(text: &str) -> Value {
    json!({ "text": text })
}

/// How many rows a question about the database finds.
async fn rows(house: &House, sql: &str) -> usize {
    let database = house.behind_its_back().await;
    let backend = database.get_database_backend();
    assert!(matches!(backend, DbBackend::Sqlite | DbBackend::Postgres));
    database.query_all_raw(Statement::from_string(backend, sql)).await.unwrap().len()
}

async fn a_comment_waits_for_its_report_and_comes_in_with_it(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let colleague = house.joins("Rachid", Role::Technician, "AGA").await;
    let (report, id) = (technician.new_id(), technician.new_id());
    technician.put(&comment(&report, &id), &said("  ")).await.refused(422, "invalid");
    let request = technician.web.put(format!("{}{}", technician.url, comment(&report, &id)));
    let first = technician.send(request.header("said-at", "2026-11-24T08:50:00Z").json(&said("The third pole"))).await;
    let first = first.expect(202);
    assert_eq!((&first["id"], &first["held"], &first["waits_for_id"]), (&json!(id), &json!(true), &json!(report)));
    assert_eq!((first["kind"].as_str(), first["version"].as_i64()), (Some("comment"), Some(1)));
    assert_eq!(technician.put(&comment(&report, &id), &said("The third pole")).await.expect(202), first);
    technician.put(&comment(&report, &id), &said("The fourth")).await.refused(409, "held_conflict");
    // Somebody who will have no part in the report.
    colleague.put(&comment(&report, &colleague.new_id()), &said("I saw it too")).await.expect(202);
    technician.get(&format!("/v1/reports/{report}")).await.refused(404, "not_found");

    let sent = technician.put(&format!("/v1/reports/{report}"), &hazard(&house.site("AGA").await)).await.expect(201);
    assert_eq!((&sent["comments"][0]["id"], &sent["comments"][0]["text"]), (&json!(id), &json!("The third pole")));
    assert_eq!(sent["comments"].as_array().unwrap().len(), 1, "whoever may not even know of the report says nothing in it");
    assert_eq!(sent["comments"][0]["content_sha256"], first["content_sha256"]);
    let history = officer.get(&format!("/v1/reports/{report}/history")).await.expect(200);
    let entry = history["items"].as_array().unwrap().iter().find(|entry| entry["subject"] == "comment").unwrap().clone();
    assert_eq!((&entry["actor_id"], &entry["said_at"]), (&json!(technician.id), &json!("2026-11-24T08:50:00Z")));
    technician.put(&comment(&report, &id), &said("The third pole")).await.expect(200);
    assert_eq!(rows(&house, "select id from held").await, 1, "only the colleague's waits on");
}

async fn a_completion_waits_for_its_action_and_comes_in_with_it(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let report = technician.reports(&minor(&house.site("AGA").await)).await;
    officer.commands(&report, "acknowledge", json!({})).await.expect(200);
    let (action, done) = (officer.new_id(), json!({ "note": "Buried" }));
    let path = format!("{}/v1/actions/{action}/complete", technician.url);
    let completes = || {
        let request = technician.web.post(&path).header("idempotency-key", "k").header("if-match", "\"3\"");
        technician.send(request.json(&done))
    };
    let first = completes().await.expect(202);
    assert_eq!((&first["id"], first["kind"].as_str()), (&json!(action), Some("completion")));
    assert_eq!(completes().await.expect(202), first);
    technician.acts(&action, "complete", json!({ "note": "Fenced" })).await.refused(409, "held_conflict");
    technician.acts(&action, "accept", json!({})).await.refused(404, "not_found");

    let assign = json!({ "title": "Bury it", "kind": "corrective", "control": "engineering", "owner_id": technician.id });
    let at = format!("/v1/reports/{report}/actions/{action}");
    let assigned = officer.put(&at, &assign).await.expect(201);
    assert_eq!((&assigned["state"], &assigned["completion_note"]), (&json!("completed"), &json!("Buried")));
    let history = officer.get(&format!("/v1/actions/{action}/history")).await.expect(200);
    let who: Vec<_> = history["items"].as_array().unwrap().iter().map(|entry| (&entry["verb"], &entry["actor_id"])).collect();
    assert_eq!(who, [(&json!("assigned"), &json!(officer.id)), (&json!("completed"), &json!(technician.id))]);
    house.tick().await;
    assert_eq!(about(&house, &officer, "Bury it") + about(&house, &officer, "verif"), house.mailbox(&officer).len() - 1);
    let again = completes().await;
    assert_eq!((again.status, again.header("idempotency-replayed").as_str()), (200, "true"));
    assert_eq!(again.body["state"], "completed");
    assert_eq!(rows(&house, "select id from held").await, 0);
    officer.acts(&action, "verify", json!({})).await.expect(200);
}

async fn a_completion_that_is_not_enough_waits_on_and_is_shown_to_officers(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let report = technician.reports(&hazard(&house.site("AGA").await)).await;
    officer.commands(&report, "acknowledge", json!({})).await.expect(200);
    let action = officer.new_id();
    technician.acts(&action, "complete", json!({ "note": "Buried" })).await.expect(202);
    let assign = json!({ "title": "Bury it", "kind": "corrective", "control": "engineering", "owner_id": technician.id });
    let at = format!("/v1/reports/{report}/actions/{action}");
    assert_eq!(officer.put(&at, &assign).await.expect(201)["state"], "open", "a photo is needed");
    house.clock.advance(5 * DAY + 1).unwrap();
    let shown = house.again(&officer).await.get("/v1/held").await.expect(200);
    assert_eq!((&shown["items"][0]["member_id"], &shown["items"][0]["kind"]), (&json!(technician.id), &json!("completion")));
    // With the photo it is complete, and nothing waits any more.
    let technician = house.again(&technician).await;
    let photo = technician.new_id();
    crate::life::adds_photo(&technician, &report, &photo).await.expect(201);
    technician.acts(&action, "complete", json!({ "note": "Buried", "evidence": [photo] })).await.expect(200);
    assert_eq!(house.again(&officer).await.get("/v1/held").await.expect(200)["items"], json!([]));
}

/// What an answer shows besides the instants and the ids that were sent.
fn shape(answer: &Answer) -> (u16, BTreeSet<String>, Value) {
    let body = answer.body.as_object().unwrap();
    (answer.status, body.keys().cloned().collect(), json!([body.get("held_at"), body.get("kept_until"), body.get("code")]))
}

async fn a_report_that_never_was_and_one_not_to_be_known_are_answered_alike(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let stranger = house.joins("Said", Role::Technician, "TAR").await;
    let there = technician.reports(&minor(&house.site("AGA").await)).await;
    officer.commands(&there, "acknowledge", json!({})).await.expect(200);
    let action = officer.assigns(&there, &technician, None).await;
    let nowhere = stranger.new_id();
    for text in ["Seen", "Seen"] {
        let id = "0196f0a0-0000-7000-8000-000000000001";
        let known = stranger.put(&comment(&there, id), &said(text)).await;
        let other = "0196f0a0-0000-7000-8000-000000000002";
        let unknown = stranger.put(&comment(&nowhere, other), &said(text)).await;
        assert_eq!(shape(&known), shape(&unknown));
        assert_eq!(known.status, 202);
    }
    for key in ["a", "a", "b"] {
        let complete = async |action: &str| {
            let request = stranger.web.post(format!("{}/v1/actions/{action}/complete", stranger.url));
            stranger.send(request.header("idempotency-key", key).json(&json!({ "note": "Done" }))).await
        };
        assert_eq!(shape(&complete(&action).await), shape(&complete(&nowhere).await));
    }
    assert_eq!(officer.report(&there).await["comments"], json!([]));
    assert_eq!(rows(&house, "select id from held where about_id is not null").await, 2, "what can never come in leads nowhere");
    assert_eq!(rows(&house, "select id from held where said is not null").await, 2);
    assert_eq!(rows(&house, "select id from held").await, 4);
    // What is theirs to know later is said then, and waits no more.
    let admin = house.joins("Amal", Role::Admin, "SRM-SM").await;
    let grant = format!("/v1/members/{}/grants/officer/{}", stranger.id, house.site("AGA").await);
    let granted = admin.put(&grant, &json!({})).await;
    assert!(granted.status < 300, "{:#}", granted.body);
    let id = "0196f0a0-0000-7000-8000-000000000001";
    stranger.put(&comment(&there, id), &said("Seen")).await.expect(201);
    assert_eq!(rows(&house, "select id from held").await, 3);
}

async fn nothing_that_waits_leads_to_an_anonymous_report(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let (report, id, late) = (technician.new_id(), technician.new_id(), technician.new_id());
    let first = technician.put(&comment(&report, &id), &said("Zqword about it")).await.expect(202);
    let draft = kept_as(minor(&house.site("AGA").await), "anonymous");
    technician.put(&format!("/v1/reports/{report}"), &draft).await.expect(201);
    assert_eq!(officer.report(&report).await["comments"], json!([]));
    assert_eq!(technician.put(&comment(&report, &id), &said("Zqword about it")).await.expect(202), first, "as if it never came");
    technician.put(&comment(&report, &late), &said("Zqword later")).await.expect(202);
    assert_eq!(rows(&house, "select id from held where about_id is not null or said is not null").await, 0);
    assert_eq!(rows(&house, "select id from held").await, 2, "nobody sees by a row that is gone that it came");
    house.clock.advance(6 * DAY).unwrap();
    let shown = house.again(&officer).await.get("/v1/held").await.expect(200).to_string();
    assert!(shown.contains(&technician.id.to_string()), "{shown}");
    for trace in [&report, &id, &late, "Zqword"] {
        assert!(!shown.contains(trace), "{trace} in {shown}");
    }
}

async fn only_so_much_waits_and_what_waits_too_long_is_shown_and_dropped_on_record(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let (elsewhere, manager) =
        (house.joins("Said", Role::Officer, "TAR").await, house.joins("Hind2", Role::Manager, "AGA").await);
    let nowhere = technician.new_id();
    let ids: Vec<String> = (0..100).map(|_| technician.new_id()).collect();
    for id in &ids {
        technician.put(&comment(&nowhere, id), &said("Seen")).await.expect(202);
    }
    let full = technician.put(&comment(&nowhere, &technician.new_id()), &said("Seen")).await;
    assert!(!full.header("retry-after").is_empty());
    full.refused(429, "held_full");
    technician.put(&comment(&nowhere, &ids[0]), &said("Seen")).await.expect(202);
    assert_eq!(officer.get("/v1/held").await.expect(200)["items"], json!([]), "it has just come");
    house.clock.advance(5 * DAY).unwrap();
    let (officer, elsewhere) = (house.again(&officer).await, house.again(&elsewhere).await);
    let (mut path, mut seen) = ("/v1/held?limit=40".to_owned(), 0);
    loop {
        let answer = officer.get(&path).await.expect(200);
        seen += answer["items"].as_array().unwrap().len();
        let Some(next) = answer["next"].as_str() else { break };
        path = format!("/v1/held?limit=40&after={next}");
    }
    assert_eq!(seen, 100);
    assert_eq!(elsewhere.get("/v1/held").await.expect(200)["items"], json!([]));
    house.again(&manager).await.get("/v1/held").await.refused(403, "may_not");
    assert_eq!(officer.get("/readyz").await.body["held_too_long"], 100);
    house.clock.advance(24 * DAY).unwrap();
    house.tidies().await;
    assert_eq!(rows(&house, "select id from held").await, 100);
    house.clock.advance(2 * DAY).unwrap();
    house.tidies().await;
    assert_eq!(rows(&house, "select id from held").await, 0);
    let links = house.app.store.journal(0, 10_000).await.unwrap();
    let dropped: Vec<_> =
        links.iter().filter(|link| (link.subject.as_str(), link.verb.as_str()) == ("held", "dropped")).collect();
    assert_eq!(dropped.len(), 100);
    assert!(dropped.iter().all(|link| link.facts.contains(&technician.id.to_string()) && link.report.is_none()));
}

async fn a_comment_and_its_report_at_the_same_moment_meet(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let draft = hazard(&house.site("AGA").await);
    let pairs = (0..20).map(async |_| {
        let (report, id) = (technician.new_id(), technician.new_id());
        let (path, report_path, words) = (comment(&report, &id), format!("/v1/reports/{report}"), said("At once"));
        let (commented, sent) = tokio::join!(technician.put(&path, &words), technician.put(&report_path, &draft));
        assert!([201, 202].contains(&commented.status) && sent.status == 201, "{:#} {:#}", commented.body, sent.body);
        report
    });
    for report in futures_util::future::join_all(pairs).await {
        assert_eq!(officer.report(&report).await["comments"].as_array().unwrap().len(), 1);
    }
    assert_eq!(rows(&house, "select id from held").await, 0);
}

async fn a_photo_is_kept_by_its_phone_until_the_report_is_here(house: House) {
    let (technician, _, _) = crew(&house).await;
    let stranger = house.joins("Said", Role::Technician, "TAR").await;
    let (report, photo) = (technician.new_id(), technician.new_id());
    let early = |who: &Person| {
        let (who, report, photo) = (who.clone(), report.clone(), photo.clone());
        async move {
            who.sends_photo(&report, &photo, PHOTO.to_vec()).await.refused(404, "report_not_here");
            who.begins_upload(&report, &photo, PHOTO.len()).await.refused(404, "report_not_here");
        }
    };
    early(&technician).await;
    let draft = with_photo(hazard(&house.site("AGA").await), &photo, PHOTO);
    technician.put(&format!("/v1/reports/{report}"), &draft).await.expect(201);
    early(&stranger).await;
    technician.sends_photo(&report, &photo, PHOTO.to_vec()).await.expect(201);
}
