//! A command over an older version: it does not happen, and whoever gave it is told how the record stands, what others did
//! since, and whether that is beside what they wanted or the same.

use serde_json::{Value, json};

use crate::{
    inquiries::findings,
    main_road::crew,
    support::{
        house::House,
        person::{Answer, Person, hazard},
        stories,
    },
};

stories!(
    a_command_beside_what_others_did_is_told_from_one_that_meets_it,
    an_action_tells_its_owner_what_was_done_meanwhile,
    what_an_older_binary_wrote_is_not_passed_off_as_known,
    inquiries_people_sites_and_documents_tell_how_they_stand,
);

/// A command over the version that stands in that copy.
async fn over(person: &Person, copy: &Value, command: &str, body: Value) -> Answer {
    let kind = if copy["report_id"].is_null() { "reports" } else { "actions" };
    let url = format!("{}/v1/{kind}/{}/{command}", person.url, copy["id"].as_str().unwrap());
    person.send(person.web.post(url).header("if-match", format!("\"{}\"", copy["version"])).json(&body)).await
}

async fn a_command_beside_what_others_did_is_told_from_one_that_meets_it(house: House) {
    let (technician, officer, manager) = crew(&house).await;
    let id = technician.reports(&hazard(&house.site("AGA").await)).await;
    officer.commands(&id, "acknowledge", json!({})).await.expect(200);
    let copy = manager.report(&id).await;
    officer.commands(&id, "contain", json!({})).await.expect(200);
    let assigned = officer.assigns(&id, &technician, None).await;

    let rating = json!({ "actual_severity": 1, "potential_severity": 5 });
    let problem = over(&officer, &copy, "triage", rating.clone()).await.refused(412, "changed");
    assert_eq!((&problem["changed"], &problem["conflict"]), (&json!(["actions", "contained_at"]), &json!(false)));
    assert_eq!(problem["current"], officer.report(&id).await, "as the officer reads it, with what they may ask");
    assert_eq!(problem["current"]["actual_severity"], Value::Null, "nothing of it happened");
    let problem = over(&officer, &copy, "contain", json!({})).await.refused(412, "changed");
    assert_eq!(problem["conflict"], true);

    let fresh = problem["current"].clone();
    over(&officer, &fresh, "triage", rating.clone()).await.expect(200);
    let problem = over(&officer, &fresh, "triage", rating).await.refused(412, "changed");
    assert_eq!(problem["conflict"], true, "somebody rated it meanwhile: {problem:#}");
    technician.acts(&assigned, "accept", json!({})).await.expect(200);
    officer.acts(&assigned, "cancel", json!({ "reason": "Not needed" })).await.expect(200);
    let read = officer.report(&id).await;
    officer.commands(&id, "dismiss", json!({ "reason": "The cable is dead" })).await.expect(200);
    let problem = over(&officer, &read, "investigate", json!({ "similar_events": "None" })).await.refused(412, "changed");
    assert_eq!(problem["conflict"], true, "it is not possible any more: {problem:#}");
    let never = json!({ "id": id, "version": 9999 });
    let problem = over(&officer, &never, "reopen", json!({ "reason": "Live after all" })).await.refused(412, "changed");
    assert_eq!((&problem["changed"], &problem["conflict"]), (&Value::Null, &json!(true)));

    let stranger = house.joins("Said", salama::domain::audience::Role::Officer, "TIZ").await;
    let nothing = over(&stranger, &never, "reopen", json!({ "reason": "Mine" })).await.refused(404, "not_found");
    assert_eq!(nothing["current"], Value::Null);
    let own = over(&technician, &never, "triage", json!({ "actual_severity": 1, "potential_severity": 1 })).await;
    let own = own.refused(412, "changed");
    assert_eq!(own["current"], technician.report(&id).await, "as its sender reads it");
}

async fn an_action_tells_its_owner_what_was_done_meanwhile(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let other = house.joins("Rachid", salama::domain::audience::Role::Technician, "AGA").await;
    let mut draft = hazard(&house.site("AGA").await);
    draft["potential_severity"] = 2.into();
    let id = technician.reports(&draft).await;
    officer.commands(&id, "acknowledge", json!({})).await.expect(200);
    let action = officer.assigns(&id, &technician, None).await;
    let at = format!("/v1/actions/{action}");
    let copy = technician.get(&at).await.expect(200);
    technician.acts(&action, "accept", json!({})).await.expect(200);
    let done = json!({ "note": "Buried" });
    let problem = over(&technician, &copy, "complete", done.clone()).await.refused(412, "changed");
    assert_eq!((&problem["changed"], &problem["conflict"]), (&json!(["state"]), &json!(true)));
    let until = json!({ "until": "2027-02-01T10:00:00Z", "reason": "Rain" });
    let problem = over(&technician, &copy, "request-extension", until).await.refused(412, "changed");
    assert_eq!(problem["conflict"], false);
    assert_eq!(problem["current"], technician.get(&at).await.expect(200));

    let copy = problem["current"].clone();
    technician.acts(&action, "delegate", json!({ "owner_id": other.id, "reason": "On leave" })).await.expect(200);
    let problem = over(&technician, &copy, "complete", done).await.refused(412, "changed");
    assert_eq!((&problem["current"]["owner_id"], &problem["conflict"]), (&json!(other.id), &json!(true)));
}

async fn what_an_older_binary_wrote_is_not_passed_off_as_known(house: House) {
    use sea_orm::ConnectionTrait as _;
    let (technician, officer, _) = crew(&house).await;
    let id = technician.reports(&hazard(&house.site("AGA").await)).await;
    let copy = officer.report(&id).await;
    let written = "update reports set version = version + 1, danger_now = true";
    house.behind_its_back().await.execute_unprepared(written).await.unwrap();
    let problem = over(&officer, &copy, "acknowledge", json!({})).await.refused(412, "changed");
    assert_eq!((&problem["changed"], &problem["conflict"]), (&Value::Null, &json!(true)));
    over(&officer, &problem["current"], "acknowledge", json!({})).await.expect(200);
}

/// Writes over a version that is no more.
async fn puts_over(person: &Person, path: &str, body: &Value) -> Answer {
    person.send(person.web.put(format!("{}{path}", person.url)).header("if-match", "\"7\"").json(body)).await
}

async fn inquiries_people_sites_and_documents_tell_how_they_stand(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let admin = house.joins("Amal", salama::domain::audience::Role::Admin, "SRM-SM").await;
    let report = technician.reports(&hazard(&house.site("AGA").await)).await;
    officer.commands(&report, "acknowledge", json!({})).await.expect(200);
    let inquiry = format!("/v1/reports/{report}/inquiry");
    let found = findings(&[(&officer, "employer", "lead")], "No inspection plan");
    let opened = officer.put(&inquiry, &found).await.expect(201);
    let (site, member) = (format!("/v1/sites/{}", house.site("AGA").await), format!("/v1/members/{}", technician.id));
    let (at, who) = (admin.get(&site).await.expect(200), admin.get(&member).await.expect(200));
    let (place, person) = (
        json!({ "code": "AGA-2", "name": at["name"], "kind": at["kind"], "parent_id": at["parent_id"] }),
        json!({ "name": "Somebody else", "locale": "fr", "email": who["contact"]["email"] }),
    );
    let routes = admin.get("/v1/routes").await.expect(200);
    for (asks, path, body) in [
        (&officer, inquiry.as_str(), &found),
        (&admin, site.as_str(), &place),
        (&admin, member.as_str(), &person),
        (&admin, "/v1/routes", &routes),
    ] {
        let problem = puts_over(asks, path, body).await.refused(412, "changed");
        assert_eq!(problem["current"], asks.get(path).await.expect(200), "{path}");
        assert_eq!((&problem["changed"], &problem["conflict"]), (&Value::Null, &json!(true)));
    }
    let signed = json!({ "content_sha256": "ab".repeat(32) });
    let problem = officer.post(&format!("{inquiry}/sign"), &signed).await.refused(412, "changed");
    assert_eq!(problem["current"]["content_sha256"], opened["content_sha256"]);
}
