//! A command under a key: however often it comes, it is done once, and whoever sends it again is answered by the record.

use serde_json::{Value, json};

use crate::{
    main_road::crew,
    support::{
        house::House,
        person::{Answer, Person, hazard},
        stories,
    },
};

stories!(
    a_command_that_comes_again_under_its_key_is_done_once,
    a_key_is_its_members_and_its_commands_alone,
    many_sendings_at_once_under_one_key_are_one_command,
    what_was_refused_did_not_use_its_key,
    a_key_that_is_none_is_refused,
    a_key_is_remembered_for_thirty_days,
);

async fn under(person: &Person, key: &str, path: &str, body: Value) -> Answer {
    let request = person.web.post(format!("{}{path}", person.url)).header("idempotency-key", key);
    person.send(request.json(&body)).await
}

/// Asking the sender is a command that is new each time it comes without a key.
fn question() -> Value {
    json!({ "question": "Which pole?" })
}

async fn asked(house: &House, report: &str) -> usize {
    let links = house.app.store.history(salama::domain::ids::ReportId(report.parse().unwrap()), 0, 200).await.unwrap();
    links.items.iter().filter(|link| link.verb == "information_asked").count()
}

async fn a_command_that_comes_again_under_its_key_is_done_once(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let id = technician.reports(&hazard(&house.site("AGA").await)).await;
    let path = format!("/v1/reports/{id}/request-information");
    let first = under(&officer, "\"8e03978e-40d5\"", &path, question()).await;
    assert_eq!((first.status, first.header("idempotency-replayed").as_str()), (200, ""));
    let again = under(&officer, "8e03978e-40d5", &path, json!({ "question" : "Which pole?" })).await;
    assert_eq!((again.status, again.header("idempotency-replayed").as_str()), (200, "true"));
    assert_eq!((again.header("etag"), &again.body), (first.header("etag"), &first.body));
    assert_eq!(asked(&house, &id).await, 1);
    let other = under(&officer, "8e03978e-40d5", &path, json!({ "question": "Since when?" })).await;
    other.refused(422, "idempotency_key_reused");
    let elsewhere = house.another().await;
    let there = Person { url: elsewhere.url.clone(), ..officer.clone() };
    under(&there, "8e03978e-40d5", &path, question()).await.expect(200);
    assert_eq!(asked(&house, &id).await, 1, "another replica knows it too");

    officer.commands(&id, "acknowledge", json!({})).await.expect(200);
    let action = officer.assigns(&id, &technician, None).await;
    let more = json!({ "until": "2027-02-01T10:00:00Z", "reason": "Rain" });
    let path = format!("/v1/actions/{action}/request-extension");
    let first = under(&technician, "k", &path, more.clone()).await.expect(200);
    assert_eq!(under(&technician, "k", &path, more).await.expect(200), first);
    assert_eq!(first["extensions"].as_array().unwrap().len(), 1);
}

async fn a_key_is_its_members_and_its_commands_alone(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let other = house.joins("Zineb", salama::domain::audience::Role::Officer, "SRM-SM").await;
    let site = house.site("AGA").await;
    let (one, two) = (technician.reports(&hazard(&site)).await, technician.reports(&hazard(&site)).await);
    for (person, report) in [(&officer, &one), (&officer, &two), (&other, &one)] {
        let answer = under(person, "same", &format!("/v1/reports/{report}/request-information"), question()).await;
        assert_eq!((answer.status, answer.header("idempotency-replayed").as_str()), (200, ""));
    }
    assert_eq!((asked(&house, &one).await, asked(&house, &two).await), (2, 1));
    let stranger = house.joins("Said", salama::domain::audience::Role::Officer, "TIZ").await;
    for _ in 0..2 {
        let path = format!("/v1/reports/{one}/request-information");
        under(&stranger, "same", &path, question()).await.refused(404, "not_found");
    }
}

async fn many_sendings_at_once_under_one_key_are_one_command(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let id = technician.reports(&hazard(&house.site("AGA").await)).await;
    let path = format!("/v1/reports/{id}/request-information");
    let sendings = (0..12).map(|_| under(&officer, "at once", &path, question()));
    let answers = futures_util::future::join_all(sendings).await;
    assert!(answers.iter().all(|answer| answer.status == 200), "{answers:#?}");
    assert_eq!(answers.iter().filter(|answer| answer.header("idempotency-replayed").is_empty()).count(), 1);
    assert_eq!(asked(&house, &id).await, 1);
}

async fn what_was_refused_did_not_use_its_key(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let id = technician.reports(&hazard(&house.site("AGA").await)).await;
    let path = format!("/v1/reports/{id}/investigate");
    let found = json!({ "similar_events": "None" });
    under(&officer, "k", &path, found.clone()).await.refused(409, "wrong_state");
    under(&officer, "k", &path, json!({ "similar_events": "" })).await.expect(409);
    officer.commands(&id, "acknowledge", json!({})).await.expect(200);
    let done = under(&officer, "k", &path, found).await;
    assert_eq!((done.status, done.header("idempotency-replayed").as_str()), (200, ""));
}

async fn a_key_that_is_none_is_refused(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let id = technician.reports(&hazard(&house.site("AGA").await)).await;
    let path = format!("/v1/reports/{id}/request-information");
    under(&officer, &"k".repeat(255), &path, question()).await.expect(200);
    for wrong in ["k".repeat(256), "k".repeat(300), String::new(), "\"open".to_owned()] {
        under(&officer, &wrong, &path, question()).await.refused(400, "bad_idempotency_key");
    }
    let request = officer.web.post(format!("{}{path}", officer.url)).header("idempotency-key", "a");
    officer.send(request.header("idempotency-key", "b").json(&question())).await.refused(400, "bad_idempotency_key");
    let large = officer.web.post(format!("{}{path}", officer.url)).header("idempotency-key", "c");
    officer.send(large.header("content-type", "application/json").body(" ".repeat(300_000))).await.refused(413, "too_large");
    assert_eq!(asked(&house, &id).await, 1);
}

async fn a_key_is_remembered_for_thirty_days(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let id = technician.reports(&hazard(&house.site("AGA").await)).await;
    let path = format!("/v1/reports/{id}/request-information");
    under(&officer, "k", &path, question()).await.expect(200);
    for (days, times) in [(29, 1), (2, 2)] {
        house.clock.advance(days * 86_400_000).unwrap();
        house.tidies().await;
        under(&house.again(&officer).await, "k", &path, question()).await.expect(200);
        assert_eq!(asked(&house, &id).await, times);
    }
}
