//! What comes before the report or action it is about: it waits, is brought in with what it is about, and tells nobody whether
//! that exists.

use std::collections::BTreeSet;

use salama::{
    domain::{audience::Role, held::HeldKind},
    operations,
};
use sea_orm::{ConnectionTrait as _, DbBackend, Statement};
use serde_json::{Value, json};

use crate::{
    life::{about, minor},
    main_road::{PHOTO, crew},
    no_trace::{self, files, tables},
    protected::{MARKER, kept_as, telling_photo, with_photo},
    support::{
        house::House,
        person::{Answer, Person, hazard, sha256},
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
    a_photo_waits_for_its_report_and_comes_in_after_it,
    a_crash_while_a_photo_comes_in_loses_and_doubles_nothing,
    nothing_leads_from_a_photo_that_waited_to_whoever_sent_it_to_an_anonymous_report,
    a_photo_of_a_report_that_never_was_and_of_one_not_to_be_known_are_answered_alike,
    only_so_many_photos_wait_and_what_waits_too_long_goes_with_its_file,
    photos_and_their_reports_at_the_same_moment_meet,
    a_photo_in_pieces_or_a_preview_goes_after_its_report,
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

/// The files of photos that wait.
fn waiting_files(house: &House) -> usize {
    let folder = house.folder.path().join("photos/held");
    let mut found = 0;
    if folder.exists() {
        files(&folder, &mut |_| found += 1);
    }
    found
}

/// No file of the photo store holds any of the photo as it came, that can be read.
fn no_byte_lies_readable(house: &House, bytes: &[u8]) {
    let part = &bytes[bytes.len() / 2..][..64];
    files(&house.folder.path().join("photos"), &mut |file| {
        for trace in [MARKER.as_bytes(), part] {
            assert!(!file.windows(trace.len()).any(|found| found == trace), "a file holds what came");
        }
    });
}

/// The rows of the whole database that hold one of the first and one of the second, as the database writes them.
async fn joined(house: &House, some: &[String], others: &[String]) -> Vec<String> {
    let (database, mut found) = (house.behind_its_back().await, Vec::new());
    let holds = |row: &str, trace: &String| row.contains(trace.as_str()) || row.contains(&trace.replace('-', ""));
    for table in tables(&database).await {
        for row in no_trace::rows(&database, &table).await {
            if some.iter().any(|trace| holds(&row, trace)) && others.iter().any(|trace| holds(&row, trace)) {
                found.push(format!("{table}: {row}"));
            }
        }
    }
    found
}

async fn a_photo_waits_for_its_report_and_comes_in_after_it(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let colleague = house.joins("Rachid", Role::Technician, "AGA").await;
    let (report, photo, bytes) = (technician.new_id(), technician.new_id(), telling_photo());
    let url = format!("{}/v1/reports/{report}/photos/{photo}", technician.url);
    let early = |bytes: &[u8]| technician.web.put(&url).header("content-type", "image/jpeg").body(bytes.to_vec());
    technician.send(early(b"no photo at all")).await.refused(415, "photo_format");
    let wrong = format!("sha-256=:{}:", base64::Engine::encode(&base64::prelude::BASE64_STANDARD, [7; 32]));
    technician.send(early(&bytes).header("content-digest", wrong)).await.refused(409, "photo_mismatch");
    assert_eq!((rows(&house, "select id from held").await, waiting_files(&house)), (0, 0));
    let first = technician.send(early(&bytes).header("said-at", "2026-11-24T08:50:00Z")).await.expect(202);
    assert_eq!((&first["id"], &first["kind"], &first["waits_for_id"]), (&json!(photo), &json!("photo"), &json!(report)));
    assert_eq!(first["content_sha256"], json!(sha256(&bytes)));
    assert_eq!(technician.send(early(&bytes)).await.expect(202), first);
    technician.send(early(PHOTO)).await.refused(409, "held_conflict");
    // Somebody who will have no part in the report, and a photo that it will not announce.
    colleague.sends_photo(&report, &photo, bytes.clone()).await.expect(202);
    technician.sends_photo(&report, &technician.new_id(), PHOTO.to_vec()).await.expect(202);
    assert_eq!((rows(&house, "select id from held").await, waiting_files(&house)), (3, 3));
    no_byte_lies_readable(&house, &bytes);
    assert_eq!(joined(&house, &[sha256(&bytes)], &[sha256(&bytes)]).await, Vec::<String>::new(), "what opens it is kept nowhere");

    let draft = with_photo(hazard(&house.site("AGA").await), &photo, &bytes);
    let sent = technician.put(&format!("/v1/reports/{report}"), &draft).await.expect(201);
    assert_eq!(sent["photos"][0]["state"], "expected");
    house.tick().await;
    let photos = officer.report(&report).await["photos"].clone();
    assert_eq!((&photos[0]["state"], photos.as_array().unwrap().len()), (&json!("ready"), 1));
    let investigator = house.joins("Salma", Role::Investigator, "SRM-SM").await;
    assert!(investigator.get(&format!("/v1/photos/{photo}/original")).await.bytes == bytes);
    let history = officer.get(&format!("/v1/reports/{report}/history")).await.expect(200);
    let entry = history["items"].as_array().unwrap().iter().find(|entry| entry["verb"] == "received").unwrap().clone();
    assert_eq!((&entry["actor_id"], &entry["said_at"]), (&json!(technician.id), &json!("2026-11-24T08:50:00Z")));
    technician.sends_photo(&report, &photo, bytes).await.expect(200);
    assert_eq!((rows(&house, "select id from held").await, waiting_files(&house)), (2, 2), "what is not announced waits on");
    assert_eq!(rows(&house, "select file_id from early_photos").await, 0);
}

async fn a_crash_while_a_photo_comes_in_loses_and_doubles_nothing(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let (report, photo, bytes) = (technician.new_id(), technician.new_id(), telling_photo());
    technician.sends_photo(&report, &photo, bytes.clone()).await.expect(202);
    let draft = with_photo(hazard(&house.site("AGA").await), &photo, &bytes);
    technician.put(&format!("/v1/reports/{report}"), &draft).await.expect(201);
    // The photo store takes nothing in.
    let originals = house.folder.path().join("photos/originals");
    std::fs::write(&originals, b"no folder").unwrap();
    assert!(operations::bring_in_photos(&house.app).await.is_err());
    std::fs::remove_file(&originals).unwrap();
    let [early] = &house.app.store.early_photos(9).await.unwrap()[..] else { panic!("it waits on") };
    house.tick().await;
    assert_eq!(officer.report(&report).await["photos"][0]["state"], "ready");
    // The process ends when the photo is on record, and its row is not gone.
    let tx = house.app.store.begin().await.unwrap();
    tx.add_early_photo(early).await.unwrap();
    tx.commit().await.unwrap();
    house.tick().await;
    assert_eq!((rows(&house, "select file_id from early_photos").await, waiting_files(&house)), (0, 0));
    let history = officer.get(&format!("/v1/reports/{report}/history?limit=200")).await.expect(200);
    let received = history["items"].as_array().unwrap().iter().filter(|entry| entry["verb"] == "received").count();
    assert_eq!(received, 1);
}

async fn nothing_leads_from_a_photo_that_waited_to_whoever_sent_it_to_an_anonymous_report(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let colleague = house.joins("Rachid", Role::Technician, "AGA").await;
    let (report, photo, other, bytes) = (technician.new_id(), technician.new_id(), technician.new_id(), telling_photo());
    technician.sends_photo(&report, &photo, bytes.clone()).await.expect(202);
    let unannounced = colleague.sends_photo(&report, &other, PHOTO.to_vec()).await.expect(202);
    let senders = [technician.id.to_string(), colleague.id.to_string()];
    let traces = [report.clone(), photo.clone(), other.clone(), sha256(&bytes), sha256(PHOTO)];
    assert_eq!(joined(&house, &senders, &traces).await.len(), 2, "the search finds what waits");

    let draft = with_photo(kept_as(minor(&house.site("AGA").await), "anonymous"), &photo, &bytes);
    technician.put(&format!("/v1/reports/{report}"), &draft).await.expect(201);
    assert_eq!(joined(&house, &senders, &traces).await, Vec::<String>::new(), "from the moment it is known to be anonymous");
    house.tick().await;
    assert_eq!(officer.report(&report).await["photos"][0]["state"], "ready");
    let investigator = house.joins("Salma", Role::Investigator, "SRM-SM").await;
    let kept = investigator.get(&format!("/v1/photos/{photo}/original")).await.bytes;
    assert!(kept.len() > 10_000 && !kept.windows(MARKER.len()).any(|part| part == MARKER.as_bytes()));
    no_byte_lies_readable(&house, &bytes);
    assert_eq!((rows(&house, "select file_id from early_photos").await, waiting_files(&house)), (0, 0));
    assert_eq!(joined(&house, &senders, &traces).await, Vec::<String>::new());
    assert_eq!(rows(&house, "select id from held").await, 2, "nobody sees by a row that is gone that it came");
    let (report_id, photo_id) = (report.parse().unwrap(), photo.parse().unwrap());
    let hash = hex::decode(sha256(&bytes)).unwrap().try_into().unwrap();
    let marks = house.app.links.held_marks(technician.id, report_id, photo_id, &hash);
    let again = house.app.store.held_of(technician.id, HeldKind::Photo, marks.ids).await.unwrap();
    assert_eq!(again, None, "not even our own keys find whoever sent what is on record");
    let history = officer.get(&format!("/v1/reports/{report}/history?limit=200")).await.expect(200).to_string();
    assert!(history.contains("received") && !history.contains("held_at") && !history.contains(&senders[0]), "{history}");

    assert_eq!(colleague.sends_photo(&report, &other, PHOTO.to_vec()).await.expect(202), unannounced, "as if it never came");
    technician.sends_photo(&report, &photo, bytes).await.expect(200);
    house.clock.advance(6 * DAY).unwrap();
    let shown = house.again(&officer).await.get("/v1/held").await.expect(200).to_string();
    assert!(shown.contains(&senders[0]) && traces.iter().all(|trace| !shown.contains(trace)), "{shown}");
}

async fn a_photo_of_a_report_that_never_was_and_of_one_not_to_be_known_are_answered_alike(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let stranger = house.joins("Said", Role::Technician, "TAR").await;
    let site = house.site("AGA").await;
    let announced = technician.new_id();
    let open = technician.reports(&with_photo(minor(&site), &announced, PHOTO)).await;
    let confidential = technician.reports(&kept_as(minor(&site), "confidential")).await;
    let (anonymous, own) = (technician.new_id(), technician.new_id());
    let draft = with_photo(kept_as(minor(&site), "anonymous"), &own, PHOTO);
    technician.put(&format!("/v1/reports/{anonymous}"), &draft).await.expect(201);
    let (nowhere, bytes) = (stranger.new_id(), telling_photo());
    let pairs = [
        (&open, announced.clone()),
        (&open, stranger.new_id()),
        (&confidential, stranger.new_id()),
        (&anonymous, stranger.new_id()),
        // It is another report's.
        (&anonymous, announced.clone()),
    ];
    for (known, photo) in &pairs {
        let unknown = stranger.new_id();
        let mut receipts = Vec::new();
        for sent in [PHOTO, PHOTO, &bytes, b"no photo at all"] {
            let there = stranger.sends_photo(known, photo, sent.to_vec()).await;
            let not = stranger.sends_photo(&nowhere, &unknown, sent.to_vec()).await;
            assert_eq!(shape(&there), shape(&not));
            receipts.push((there.status, there.body));
        }
        assert_eq!(receipts.iter().map(|(status, _)| *status).collect::<Vec<_>>(), [202, 202, 409, 415]);
        assert_eq!(receipts[0], receipts[1]);
    }
    assert_eq!((rows(&house, "select id from held").await, waiting_files(&house)), (10, 5));
    assert_eq!(rows(&house, "select id from held where about_id is not null or said is not null").await, 5);
    let photos: Vec<String> = pairs.iter().map(|(_, photo)| photo.clone()).collect();
    let reports = [open.clone(), confidential, anonymous.clone(), photos[0].clone()];
    assert_eq!(joined(&house, &[stranger.id.to_string()], &[&reports[..], &photos].concat()).await, Vec::<String>::new());
    // Whoever may see the report hears what they always did, and what it announced is taken from anybody.
    officer.sends_photo(&anonymous, &officer.new_id(), PHOTO.to_vec()).await.refused(409, "photo_not_announced");
    officer.sends_photo(&anonymous, &announced, PHOTO.to_vec()).await.refused(404, "not_found");
    stranger.sends_photo(&anonymous, &own, bytes.clone()).await.refused(409, "photo_mismatch");
    stranger.sends_photo(&anonymous, &own, PHOTO.to_vec()).await.expect(201);
    // What is theirs to know later is taken then, and waits no more.
    let admin = house.joins("Amal", Role::Admin, "SRM-SM").await;
    let grant = format!("/v1/members/{}/grants/officer/{site}", stranger.id);
    let granted = admin.put(&grant, &json!({})).await;
    assert!(granted.status < 300, "{:#}", granted.body);
    stranger.sends_photo(&open, &announced, PHOTO.to_vec()).await.expect(201);
    assert_eq!(rows(&house, "select id from held").await, 9);
}

async fn only_so_many_photos_wait_and_what_waits_too_long_goes_with_its_file(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let report = technician.new_id();
    let photos: Vec<String> = (0..20).map(|_| technician.new_id()).collect();
    for photo in &photos {
        technician.sends_photo(&report, photo, PHOTO.to_vec()).await.expect(202);
    }
    technician.sends_photo(&report, &technician.new_id(), PHOTO.to_vec()).await.refused(429, "held_full");
    technician.put(&comment(&report, &technician.new_id()), &said("Seen")).await.expect(202);
    technician.sends_photo(&report, &photos[0], PHOTO.to_vec()).await.expect(202);
    assert_eq!(waiting_files(&house), 20);
    house.clock.advance(5 * DAY).unwrap();
    let shown = house.again(&officer).await.get("/v1/held").await.expect(200);
    assert_eq!(shown["items"].as_array().unwrap().iter().filter(|item| item["kind"] == "photo").count(), 20);
    house.clock.advance(25 * DAY + 1).unwrap();
    house.tidies().await;
    assert_eq!((rows(&house, "select id from held").await, waiting_files(&house)), (0, 0));
    let links = house.app.store.journal(0, 10_000).await.unwrap();
    let dropped = links.iter().filter(|link| link.verb == "dropped" && link.facts.contains("photo"));
    assert!(dropped.inspect(|link| assert!(photos.iter().all(|photo| !link.facts.contains(photo)))).count() == 20);
}

async fn photos_and_their_reports_at_the_same_moment_meet(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let site = house.site("AGA").await;
    let pairs = (0..12).map(async |n| {
        let (report, photo) = (technician.new_id(), technician.new_id());
        let kept = if n % 3 == 0 { "anonymous" } else { "open" };
        let draft = with_photo(kept_as(minor(&site), kept), &photo, PHOTO);
        let path = format!("/v1/reports/{report}");
        let (came, sent) = tokio::join!(technician.sends_photo(&report, &photo, PHOTO.to_vec()), technician.put(&path, &draft));
        assert!([201, 202].contains(&came.status) && sent.status == 201, "{:#} {:#}", came.body, sent.body);
        report
    });
    let reports = futures_util::future::join_all(pairs).await;
    house.tick().await;
    for report in reports {
        assert_eq!(officer.report(&report).await["photos"][0]["state"], "ready");
    }
    assert_eq!(waiting_files(&house), 0);
}

async fn a_photo_in_pieces_or_a_preview_goes_after_its_report(house: House) {
    let (technician, _, _) = crew(&house).await;
    let stranger = house.joins("Said", Role::Technician, "TAR").await;
    let (report, photo) = (technician.new_id(), technician.new_id());
    let refused = async |who: &Person, photo: &String| {
        who.begins_upload(&report, photo, PHOTO.len()).await.refused(404, "report_not_here");
        let preview = who.web.put(format!("{}/v1/reports/{report}/photos/{photo}/preview", who.url));
        who.send(preview.header("content-type", "image/jpeg").body(PHOTO)).await.refused(404, "report_not_here");
    };
    refused(&technician, &photo).await;
    let draft = with_photo(kept_as(minor(&house.site("AGA").await), "anonymous"), &photo, PHOTO);
    technician.put(&format!("/v1/reports/{report}"), &draft).await.expect(201);
    // What an anonymous report did not announce is told from nothing by nobody.
    refused(&stranger, &stranger.new_id()).await;
    technician.begins_upload(&report, &photo, PHOTO.len()).await.expect(201);
}
