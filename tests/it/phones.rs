//! What a phone can rely on: every answer to a writing is a receipt, a wrong clock loses nothing, and an old app is told so
//! without losing what was written in it.

use serde_json::{Value, json};

use crate::{
    life::minor,
    main_road::{PHOTO, crew},
    protected::{kept_as, with_photo},
    support::{
        house::House,
        person::{Answer, Person, hazard, sha256},
        stories,
    },
};

stories!(
    a_wrong_clock_is_shown_to_officers_and_refuses_nothing,
    when_a_protected_report_was_sent_is_kept_nowhere,
    every_writing_is_answered_with_a_receipt,
    an_id_that_is_over_tells_its_phone_to_stop,
    an_old_app_is_turned_away_but_for_what_was_written_in_it,
);

async fn sent_at(person: &Person, id: &str, at: &str, draft: &Value) -> Answer {
    let request = person.web.put(format!("{}/v1/reports/{id}", person.url)).header("sent-at", at);
    person.send(request.json(draft)).await
}

async fn a_wrong_clock_is_shown_to_officers_and_refuses_nothing(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let site = house.site("AGA").await;
    // It is 09:00 by the server's clock, and 10:00 by the phone's.
    let mut draft = hazard(&site);
    draft["occurred_at"] = "2026-11-24T09:40:00Z".into();
    let id = technician.new_id();
    let first = sent_at(&technician, &id, "2026-11-24T10:00:00Z", &draft).await.expect(201);
    assert_eq!(sent_at(&technician, &id, "2026-11-24T10:07:00Z", &draft).await.expect(200), first, "it is the same report");
    assert_eq!((&first["sent_at"], &first["clock_skew_ms"], &first["time_doubts"]), (&Value::Null, &Value::Null, &json!([])));
    let seen = officer.report(&id).await;
    assert_eq!((&seen["sent_at"], &seen["clock_skew_ms"]), (&json!("2026-11-24T10:00:00Z"), &json!(-3_600_000)));
    assert_eq!(seen["time_doubts"], json!(["clock_off"]));
    for (occurred, doubts) in
        [("2027-01-01T00:00:00Z", json!(["occurred_in_the_future"])), ("1990-01-01T00:00:00Z", json!(["occurred_long_ago"]))]
    {
        let mut draft = hazard(&site);
        draft["occurred_at"] = occurred.into();
        let id = technician.new_id();
        sent_at(&technician, &id, "2026-11-24T09:00:01Z", &draft).await.expect(201);
        assert_eq!(officer.report(&id).await["time_doubts"], doubts);
    }
    for unreadable in ["yesterday", "9999999999", ""] {
        let id = technician.new_id();
        sent_at(&technician, &id, unreadable, &hazard(&site)).await.expect(201);
        assert_eq!(officer.report(&id).await["clock_skew_ms"], Value::Null);
    }
}

async fn when_a_protected_report_was_sent_is_kept_nowhere(house: House) {
    use sea_orm::{ConnectionTrait as _, Statement};
    let (technician, officer, _) = crew(&house).await;
    for kept in ["confidential", "anonymous"] {
        let id = technician.new_id();
        let draft = kept_as(hazard(&house.site("AGA").await), kept);
        sent_at(&technician, &id, "2026-11-24T10:13:00Z", &draft).await.expect(201);
        let seen = officer.report(&id).await;
        assert_eq!((&seen["sent_at"], &seen["clock_skew_ms"], &seen["time_doubts"]), (&Value::Null, &Value::Null, &json!([])));
    }
    let database = house.behind_its_back().await;
    let kept = Statement::from_string(database.get_database_backend(), "select id from reports where sent_at is not null");
    assert_eq!(database.query_all_raw(kept).await.unwrap().len(), 0);
}

/// The id, version and hash of a receipt.
#[track_caller]
fn receipt(answer: &Value, id: &str) -> (i64, String) {
    assert_eq!(answer["id"], id);
    (answer["version"].as_i64().unwrap(), answer["content_sha256"].as_str().unwrap().to_owned())
}

async fn every_writing_is_answered_with_a_receipt(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let photo = technician.new_id();
    let draft = with_photo(minor(&house.site("AGA").await), &photo, PHOTO);
    let id = technician.new_id();
    let path = format!("/v1/reports/{id}");
    let sent = technician.put(&path, &draft).await;
    let (version, hash) = receipt(&sent.body, &id);
    assert_eq!(sent.header("etag").split('.').next().unwrap(), format!("\"{version}"));
    assert_eq!(receipt(&technician.put(&path, &draft).await.expect(200), &id), (version, hash.clone()));
    let brought = technician.sends_photo(&id, &photo, PHOTO.to_vec()).await.expect(201);
    assert_eq!((&brought["id"], &brought["sha256"]), (&json!(photo), &json!(sha256(PHOTO))));
    assert_eq!(technician.sends_photo(&id, &photo, PHOTO.to_vec()).await.expect(200)["sha256"], brought["sha256"]);

    let comment = technician.new_id();
    let said = json!({ "text": "The third pole", "for_reporter": true });
    let of_comment = format!("{path}/comments/{comment}");
    let (version, content) = receipt(&technician.put(&of_comment, &said).await.expect(201), &comment);
    assert_eq!((version, content), (1, sha256(br#"["The third pole",true]"#)));
    receipt(&technician.put(&of_comment, &said).await.expect(200), &comment);

    let handled = officer.commands(&id, "acknowledge", json!({})).await.expect(200);
    let (later, same) = receipt(&handled, &id);
    assert!(later > 2 && same == hash);
    let action = officer.new_id();
    let assign = json!({ "title": "Bury it", "kind": "corrective", "control": "engineering", "owner_id": technician.id });
    let of_action = format!("{path}/actions/{action}");
    let (_, assigned) = receipt(&officer.put(&of_action, &assign).await.expect(201), &action);
    let done = technician.acts(&action, "complete", json!({ "note": "Buried" })).await.expect(200);
    assert_eq!(receipt(&done, &action).1, assigned, "the hash is of what was sent under the id");
    assert_eq!(receipt(&officer.put(&of_action, &assign).await.expect(200), &action).1, assigned);
}

async fn an_id_that_is_over_tells_its_phone_to_stop(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let draft = hazard(&house.site("AGA").await);
    let id = technician.reports(&draft).await;
    let path = format!("/v1/reports/{id}");
    technician.commands(&id, "withdraw", json!({})).await.expect(200);
    let again = technician.put(&path, &draft).await.expect(200);
    assert_eq!(again["state"], "withdrawn", "it is here, and needs no more sending");
    let mut other = draft.clone();
    other["narrative"] = "Something else".into();
    technician.put(&path, &other).await.refused(409, "report_conflict");
    let stranger = house.joins("Said", salama::domain::audience::Role::Technician, "TAR").await;
    for sent in [&draft, &other] {
        let theirs = stranger.put(&path, sent).await.refused(409, "report_conflict");
        let own = technician.put(&path, &other).await.refused(409, "report_conflict");
        assert_eq!(without_request(theirs), without_request(own), "nothing is said of whose it is");
    }
    for wrong in [uuid::Uuid::nil().to_string(), uuid::Uuid::max().to_string(), "c232ab00-9414-11ec-b3c8-9f68deced846".into()] {
        technician.put(&format!("/v1/reports/{wrong}"), &draft).await.refused(422, "invalid");
    }
    let loud = technician.new_id().to_uppercase();
    let sent = technician.put(&format!("/v1/reports/{loud}"), &draft).await.expect(201);
    assert_eq!(sent["id"], loud.to_lowercase());
    let far = "e677d21f-dbff-7fff-bfff-ffffffffffff";
    technician.put(&format!("/v1/reports/{far}"), &draft).await.expect(201);
    house.clock.advance(1000).unwrap();
    let newest = technician.reports(&draft).await;
    let first = officer.get("/v1/reports?limit=1").await.expect(200)["items"][0]["id"].clone();
    assert_eq!(first, newest, "an id of the year 10889 orders nothing");
    technician.get("/v1/reports/..%2F..%2Fetc").await.refused(404, "not_found");
}

fn without_request(mut problem: Value) -> Value {
    problem["request_id"] = Value::Null;
    problem
}

async fn an_old_app_is_turned_away_but_for_what_was_written_in_it(house: House) {
    let (technician, _, _) = crew(&house).await;
    let strict = house.another_with(&[("SALAMA_APP_MINIMUM", "2.1.0"), ("SALAMA_APP_RECOMMENDED", "2.4.0")]).await;
    let technician = Person { url: strict.url.clone(), ..technician };
    let app = technician.web.get(format!("{}/v1/app", technician.url)).send().await.unwrap();
    let app: Value = app.json().await.unwrap();
    assert_eq!((&app["minimum"], &app["recommended"], &app["outgoing"]), (&json!("2.1.0"), &json!("2.4.0"), &json!([])));
    let with = |method: &str, path: &str, version: &str, body: &Value| {
        let request = technician.web.request(method.parse().unwrap(), format!("{}{path}", technician.url));
        technician.send(request.header("app-version", version).header("accept-language", "fr").json(body))
    };
    let photo = technician.new_id();
    let draft = with_photo(hazard(&strict.site("AGA").await), &photo, PHOTO);
    let report = format!("/v1/reports/{}", technician.new_id());
    with("PUT", &report, "1.9.9", &draft).await.expect(201);
    with("PUT", &format!("{report}/comments/{}", technician.new_id()), "1.9.9", &json!({ "text": "Seen" })).await.expect(201);
    let bytes = technician.web.put(format!("{}{report}/photos/{photo}", technician.url)).header("app-version", "1.9.9");
    technician.send(bytes.header("content-type", "image/jpeg").body(PHOTO.to_vec())).await.expect(201);
    let options = technician.web.request(reqwest::Method::OPTIONS, format!("{}/v1/uploads", technician.url));
    technician.send(options.header("app-version", "1.9.9").header("tus-resumable", "1.0.0")).await.expect(204);
    for (method, path) in [("GET", report.as_str()), ("GET", "/v1/changes"), ("POST", &format!("{report}/withdraw"))] {
        let turned = with(method, path, "1.9.9", &json!({})).await;
        assert_eq!(turned.header("upgrade"), "salama-app/2.1.0");
        assert_eq!(turned.header("content-language"), "fr");
        assert_eq!(turned.refused(426, "app_too_old")["app_minimum"], "2.1.0");
    }
    for version in ["2.1.0", "2.1.0-beta+7", "10.0.0", "unknown"] {
        with("GET", &report, version, &json!({})).await.expect(200);
    }
    technician.get(&report).await.expect(200);
    let easy = Person { url: house.url.clone(), ..technician.clone() };
    let old = easy.web.get(format!("{}{report}", easy.url)).header("app-version", "0.0.1");
    easy.send(old).await.expect(200);
}
