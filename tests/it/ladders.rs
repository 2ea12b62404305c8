//! Nobody is flooded: digests, quiet hours, what an outage leaves behind, new versions of the ladders, and their rehearsal.

use salama::{domain::audience::Role, operations};
use sea_orm::{FromQueryResult, JsonValue, Statement};
use serde_json::{Value, json};

use crate::{
    main_road::crew,
    support::{
        house::House,
        person::{Person, hazard},
        smtp::{At, Does},
        stories,
    },
};

stories!(
    a_digest_comes_once_a_day_in_the_morning_and_names_only_what_is_still_true,
    a_digest_with_nothing_left_to_say_is_not_sent,
    a_digest_is_one_on_two_replicas_and_sent_again_as_itself_after_a_crash,
    a_digest_whose_reader_is_out_of_reach_goes_on_rung_by_rung,
    many_missed_deadlines_of_one_person_are_one_mail_foreseen_and_on_record,
    at_night_only_what_is_grave_disturbs,
    a_new_version_shows_what_it_changes_before_it_is_applied,
    a_rehearsal_shows_what_a_draft_would_have_sent_and_writes_nothing,
    mails_of_a_week_are_shown_against_the_budget,
);

fn step(offset: &str, audience: &Value, hours: &str) -> Value {
    json!({ "offset": offset, "audience": audience, "hours": hours })
}

/// These steps for actions of every severity; acknowledging is silent for years.
fn ladders(steps: &Value) -> Value {
    let silent = json!([step("PT0S", &json!(["safety_desk"]), "any_hour")]);
    let all = json!([1, 2, 3, 4, 5]);
    json!({ "ladders": [
        { "kind": "acknowledge", "severities": all, "within": "P900D", "steps": silent },
        { "kind": "complete_action", "severities": all, "within": "P30D", "steps": steps },
    ] })
}

#[derive(Clone)]
struct Crew {
    technician: Person,
    officer: Person,
    manager: Person,
    admin: Person,
}

async fn people(house: &House, steps: &Value) -> Crew {
    let (technician, officer, manager) = crew(house).await;
    let admin = house.joins("Omar", Role::Admin, "SRM-SM").await;
    admin.put("/v1/ladders", &ladders(steps)).await.expect(200);
    Crew { technician, officer, manager, admin }
}

/// A report of that severity with an action due in so many seconds.
async fn assigned(house: &House, crew: &Crew, severity: u8, seconds: i64) -> (String, String) {
    let mut draft = hazard(&house.site("AGA").await);
    draft["potential_severity"] = severity.into();
    let report = crew.technician.reports(&draft).await;
    crew.officer.commands(&report, "acknowledge", json!({})).await.expect(200);
    let due = house.now().plus_ms(seconds * 1000).to_string();
    let action = crew.officer.assigns(&report, &crew.technician, Some(due)).await;
    (report, action)
}

fn mails(house: &House, person: &Person, words: &str) -> usize {
    house.mailbox(person).iter().filter(|mail| mail.data.contains(words)).count()
}

const DIGEST: &str = "What waits for you";

/// The rungs of a report that are on record.
async fn rungs(house: &House, officer: &Person, report: &str) -> Vec<Value> {
    let told = house.again(officer).await.explains(report).await;
    told["told"].as_array().unwrap().iter().filter(|one| !one["step"].is_null()).cloned().collect()
}

fn states(rungs: &[Value]) -> Vec<&str> {
    rungs.iter().map(|rung| rung["state"].as_str().unwrap()).collect()
}

/// Moves the clock to the next morning at which that person gets a digest.
async fn morning(house: &House, person: &Person) {
    let next = house.app.store.organisation().await.unwrap().next_digest(person.id, house.now());
    house.clock.advance(next.since_ms(house.now())).unwrap();
}

async fn a_digest_comes_once_a_day_in_the_morning_and_names_only_what_is_still_true(house: House) {
    let crew = people(&house, &json!([step("PT0S", &json!(["owner"]), "digest")])).await;
    let (first, _) = assigned(&house, &crew, 2, 60).await;
    let (second, _) = assigned(&house, &crew, 2, 120).await;
    let (third, done) = assigned(&house, &crew, 2, 180).await;
    house.clock.advance(200_000).unwrap();
    house.tick().await;
    assert_eq!(states(&rungs(&house, &crew.officer, &first).await), ["held"]);
    house.again(&crew.technician).await.acts(&done, "complete", json!({ "note": "Done" })).await.expect(200);
    morning(&house, &crew.technician).await;
    assert_eq!(mails(&house, &crew.technician, DIGEST), 0);
    house.tick().await;
    assert_eq!(mails(&house, &crew.technician, DIGEST), 1);
    let mail = house.mailbox(&crew.technician).into_iter().find(|mail| mail.data.contains(DIGEST)).unwrap().data;
    assert!(mail.contains("R-2026-00001") && mail.contains("R-2026-00002") && !mail.contains("R-2026-00003"), "{mail}");
    let told = [rungs(&house, &crew.officer, &first).await, rungs(&house, &crew.officer, &second).await].concat();
    assert_eq!(states(&told), ["accepted", "accepted"]);
    assert!(!told[0]["digest_id"].is_null() && told[0]["digest_id"] == told[1]["digest_id"], "told by the same digest");
    assert_eq!(states(&rungs(&house, &crew.officer, &third).await), ["dropped"]);
    let today =
        Crew { officer: house.again(&crew.officer).await, technician: house.again(&crew.technician).await, ..crew.clone() };
    let (late, _) = assigned(&house, &today, 2, 1).await;
    house.clock.advance(2_000).unwrap();
    house.tick().await;
    assert_eq!(mails(&house, &crew.technician, DIGEST), 1, "one a day");
    morning(&house, &crew.technician).await;
    house.tick().await;
    assert_eq!(mails(&house, &crew.technician, DIGEST), 2);
    assert_eq!(states(&rungs(&house, &crew.officer, &late).await), ["accepted"]);
}

async fn a_digest_with_nothing_left_to_say_is_not_sent(house: House) {
    let crew = people(&house, &json!([step("PT0S", &json!(["owner"]), "digest")])).await;
    let (report, action) = assigned(&house, &crew, 2, 60).await;
    house.clock.advance(61_000).unwrap();
    house.tick().await;
    crew.technician.acts(&action, "complete", json!({ "note": "Done" })).await.expect(200);
    morning(&house, &crew.technician).await;
    house.tick().await;
    assert_eq!(mails(&house, &crew.technician, DIGEST), 0);
    assert_eq!(states(&rungs(&house, &crew.officer, &report).await), ["dropped"]);
}

async fn a_digest_is_one_on_two_replicas_and_sent_again_as_itself_after_a_crash(house: House) {
    let other = house.another().await;
    let crew = people(&house, &json!([step("PT0S", &json!(["owner"]), "digest")])).await;
    for _ in 0..3 {
        assigned(&house, &crew, 2, 60).await;
    }
    house.clock.advance(61_000).unwrap();
    house.tick().await;
    morning(&house, &crew.technician).await;
    let (one, two) = tokio::join!(operations::gather_digests(&house.app), operations::gather_digests(&other.app));
    one.unwrap();
    two.unwrap();
    house.peer.at(At::FinalDot, Does::HangsUp);
    operations::deliver_notices(&house.app).await.unwrap();
    house.peer.mend();
    house.clock.advance(600_000).unwrap();
    house.tick().await;
    other.tick().await;
    let all = [house.peer.received(), other.peer.received()].concat();
    let digests = all.iter().filter(|mail| mail.data.contains(DIGEST));
    let id = |mail: &str| mail.lines().find(|line| line.starts_with("Message-ID:")).unwrap().to_owned();
    let ids: std::collections::BTreeSet<String> = digests.clone().map(|mail| id(&mail.data)).collect();
    assert_eq!(ids.len(), 1, "one digest, and its repetition is itself: {ids:?}");
}

async fn a_digest_whose_reader_is_out_of_reach_goes_on_rung_by_rung(house: House) {
    let crew = people(&house, &json!([step("PT0S", &json!(["owner"]), "digest")])).await;
    let (report, _) = assigned(&house, &crew, 2, 60).await;
    house.clock.advance(61_000).unwrap();
    house.tick().await;
    morning(&house, &crew.technician).await;
    operations::gather_digests(&house.app).await.unwrap();
    house.peer.at(At::Recipient, Does::Says("550 5.1.1 no such mailbox"));
    operations::deliver_notices(&house.app).await.unwrap();
    house.peer.mend();
    house.tick().await;
    assert_eq!(states(&rungs(&house, &crew.officer, &report).await), ["bounced", "accepted"]);
    assert_eq!(mails(&house, &crew.officer, "escalation ladder"), 1, "her manager is told of the rung itself");
}

async fn many_missed_deadlines_of_one_person_are_one_mail_foreseen_and_on_record(house: House) {
    let steps = json!([
        step("PT0S", &json!(["owner"]), "any_hour"),
        step("PT5S", &json!(["officer"]), "any_hour"),
        step("PT10S", &json!(["owner"]), "any_hour"),
    ]);
    let crew = people(&house, &steps).await;
    let mut reports = vec![];
    for _ in 0..6 {
        reports.push(assigned(&house, &crew, 2, 60).await.0);
    }
    house.tick().await;
    let before = house.peer.received().len();
    house.clock.advance(3 * 86_400_000).unwrap();
    let foreseen = operations::foresee(&house.app).await.unwrap();
    assert_eq!((foreseen.waiting, foreseen.rungs, foreseen.people, foreseen.mails), (6, 18, 2, 2));
    assert_eq!(house.peer.received().len(), before, "foreseeing tells nobody");
    house.tick().await;
    assert_eq!(house.peer.received().len(), before + foreseen.mails);
    assert_eq!((mails(&house, &crew.technician, DIGEST), mails(&house, &crew.officer, DIGEST)), (1, 1));
    for report in &reports {
        let told = rungs(&house, &crew.officer, report).await;
        assert_eq!(states(&told), ["collapsed", "accepted", "accepted"], "the record is complete and in order");
        assert_eq!(told.iter().filter(|rung| !rung["digest_id"].is_null()).count(), 2);
    }
    assert_eq!(mails(&house, &crew.manager, DIGEST), 0);
}

async fn at_night_only_what_is_grave_disturbs(house: House) {
    let mut document = ladders(&json!([step("PT0S", &json!(["owner"]), "any_hour")]));
    document["quiet"] = json!({ "from": "20:00:00", "to": "07:00:00", "below_severity": 4 });
    let crew = people(&house, &json!([step("PT0S", &json!(["owner"]), "any_hour")])).await;
    crew.admin.put("/v1/ladders", &document).await.expect(200);
    // It is nine in the morning: twelve hours on it is nine in the evening.
    let (low, _) = assigned(&house, &crew, 2, 12 * 3600).await;
    let (grave, _) = assigned(&house, &crew, 4, 12 * 3600).await;
    house.clock.advance(12 * 3_600_000).unwrap();
    house.tick().await;
    assert_eq!(states(&rungs(&house, &crew.officer, &grave).await), ["accepted"]);
    assert_eq!(rungs(&house, &crew.officer, &low).await, Vec::<Value>::new());
    house.clock.advance(10 * 3_600_000 - 1_000).unwrap();
    house.tick().await;
    assert_eq!(rungs(&house, &crew.officer, &low).await, Vec::<Value>::new());
    house.clock.advance(1_000).unwrap();
    house.tick().await;
    assert_eq!(states(&rungs(&house, &crew.officer, &low).await), ["accepted"], "at seven");
    let mut wrong = document.clone();
    wrong["quiet"]["from"] = "06:00:00".into();
    let refused = house.again(&crew.admin).await.put("/v1/ladders", &wrong).await.refused(422, "invalid");
    assert_eq!(refused["errors"][0]["pointer"], "/quiet", "{refused:#}");
}

async fn a_new_version_shows_what_it_changes_before_it_is_applied(house: House) {
    let steps = json!([step("PT0S", &json!(["owner"]), "any_hour"), step("P1D", &json!(["officer"]), "any_hour")]);
    let crew = people(&house, &steps).await;
    let (report, _) = assigned(&house, &crew, 2, 60).await;
    let open = crew.technician.reports(&hazard(&house.site("AGA").await)).await;
    house.clock.advance(7_200_000).unwrap();
    house.tick().await;
    let (officer, admin) = (house.again(&crew.officer).await, house.again(&crew.admin).await);
    let mut next = ladders(&json!([step("PT0S", &json!(["owner"]), "any_hour"), step("PT30M", &json!(["officer"]), "any_hour")]));
    next["ladders"][0]["within"] = "PT1H".into();
    admin.put("/v1/ladders", &next).await.expect(200);
    let before = house.peer.received().len();
    let apply = |dry_run: bool, earlier: u32| {
        let (admin, body) = (admin.clone(), json!({ "version": 3, "dry_run": dry_run, "earlier_at_most": earlier }));
        async move { admin.post("/v1/ladders/apply", &body).await }
    };
    let shown = apply(true, 0).await.expect(200);
    let row = |body: &Value, kind: &str| body["changes"].as_array().unwrap().iter().find(|row| row["kind"] == kind).cloned();
    let acknowledge = row(&shown, "acknowledge").unwrap();
    assert_eq!(
        (&acknowledge["running"], &acknowledge["earlier"], &acknowledge["rungs_at_once"]),
        (&json!(1), &json!(1), &json!(1))
    );
    let action = row(&shown, "complete_action").unwrap();
    assert_eq!((&action["running"], &action["earlier"], &action["rungs_at_once"]), (&json!(1), &json!(0), &json!(2)));
    house.tick().await;
    assert_eq!(house.peer.received().len(), before, "a dry run tells nobody");
    apply(false, 0).await.refused(409, "earlier_than_promised");
    apply(false, 1 << 31).await.refused(422, "invalid");
    admin.post("/v1/ladders/apply", &json!({ "version": 9, "dry_run": true })).await.refused(422, "invalid");
    officer.post("/v1/ladders/apply", &json!({ "version": 3, "dry_run": true })).await.refused(403, "may_not");
    apply(false, 1).await.expect(200);
    house.tick().await;
    let clock = |body: Value, kind: &str| {
        body["deadlines"].as_array().unwrap().iter().find(|clock| clock["kind"] == kind).unwrap().clone()
    };
    let due = clock(officer.report(&open).await, "acknowledge");
    assert_eq!((&due["due_at"], &due["ladder_version"]), (&json!("2026-11-24T10:00:00Z"), &json!(3)));
    assert_eq!(due["state"], "overdue");
    let promised = clock(officer.report(&report).await, "complete_action");
    assert_eq!(promised["due_at"], promised["first_due_at"], "what a person promised does not move");
    let told = rungs(&house, &crew.officer, &report).await;
    assert_eq!(states(&told), ["accepted", "accepted", "accepted"], "the owner as before, then each at the highest rung");
    let history = officer.get(&format!("/v1/reports/{report}/history")).await.expect(200).to_string();
    assert!(history.contains("ladders_applied"), "{history}");
    assert_eq!(apply(false, 0).await.expect(200)["changes"], json!([]), "asked again, there is nothing left");
}

/// Everything in the database that a rehearsal could touch.
async fn everything(house: &House) -> Vec<JsonValue> {
    let database = house.behind_its_back().await;
    let mut all = vec![];
    for table in ["organisation", "documents", "deadlines", "notices", "reports", "actions", "journal", "journal_head"] {
        let sql = format!("select * from {table} order by 1, 2");
        let statement = Statement::from_string(database.get_database_backend(), sql);
        all.extend(JsonValue::find_by_statement(statement).all(&database).await.unwrap());
    }
    all
}

async fn a_rehearsal_shows_what_a_draft_would_have_sent_and_writes_nothing(house: House) {
    let steps = json!([
        step("-PT5S", &json!(["owner"]), "any_hour"),
        step("PT0S", &json!(["owner"]), "any_hour"),
        step("PT5S", &json!(["officer"]), "any_hour"),
    ]);
    let crew = people(&house, &steps).await;
    let (_, action) = assigned(&house, &crew, 2, 20).await;
    for _ in 0..6 {
        house.clock.advance(5_000).unwrap();
        house.tick().await;
    }
    crew.technician.acts(&action, "complete", json!({ "note": "Done" })).await.expect(200);
    house.tick().await;
    let before = everything(&house).await;
    let ask = |what: &str, days: u32, document: Value| {
        let (admin, path) = (crew.admin.clone(), format!("/v1/{what}/rehearse"));
        async move { admin.post(&path, &json!({ "days": days, "document": document })).await }
    };
    let same = ask("ladders", 7, ladders(&steps)).await.expect(200);
    assert_eq!((&same["drafted"], &same["sent"]), (&json!(3), &json!(3)), "{same:#}");
    for row in same["rows"].as_array().unwrap() {
        assert_eq!((&row["date"], &row["drafted"]), (&json!("2026-11-24"), &row["sent"]), "{row}");
    }
    let mut louder = steps.as_array().unwrap().clone();
    louder.push(step("PT7S", &json!([{ "manager": 2 }]), "any_hour"));
    let louder = ask("ladders", 7, ladders(&louder.into())).await.expect(200);
    let added = louder["rows"].as_array().unwrap().iter().find(|row| row["name"] == "Hind").unwrap().clone();
    assert_eq!((&added["kind"], &added["drafted"], &added["sent"]), (&json!("escalation"), &json!(1), &json!(0)));
    let refused = ask("ladders", 7, json!({ "ladders": [] })).await.refused(422, "invalid");
    assert!(refused["errors"][0]["pointer"].as_str().unwrap().starts_with("/document"), "{refused:#}");
    ask("ladders", 93, ladders(&steps)).await.refused(422, "invalid");
    let mut routes = crew.admin.get("/v1/routes").await.expect(200);
    for said_by_us in ["version", "made_at", "made_by"] {
        routes.as_object_mut().unwrap().remove(said_by_us);
    }
    let as_before = ask("routes", 7, routes.clone()).await.expect(200);
    assert_eq!(
        (&as_before["replayed"], &as_before["drafted"], &as_before["sent"]),
        (&json!(1), &json!(1), &json!(1)),
        "{as_before:#}"
    );
    routes["rules"] = json!([]);
    routes["fallback"] = json!([{ "role": "manager" }]);
    let elsewhere = ask("routes", 7, routes).await.expect(200);
    let row = elsewhere["rows"].as_array().unwrap().iter().find(|row| row["name"] == "Hind").unwrap().clone();
    assert_eq!((&row["kind"], &row["drafted"], &row["sent"]), (&json!("report_assigned"), &json!(1), &json!(0)));
    assert_eq!(everything(&house).await, before, "a rehearsal writes nothing");
}

async fn mails_of_a_week_are_shown_against_the_budget(house: House) {
    let mut document = ladders(&json!([step("PT0S", &json!(["owner"]), "any_hour")]));
    document["digest"] = json!({ "at": "08:30:00", "many": 5, "budget": 1 });
    let crew = people(&house, &json!([step("PT0S", &json!(["owner"]), "any_hour")])).await;
    crew.admin.put("/v1/ladders", &document).await.expect(200);
    assigned(&house, &crew, 2, 20).await;
    house.tick().await;
    house.clock.advance(21_000).unwrap();
    house.tick().await;
    let load = crew.manager.get("/v1/notices/load").await.expect(200);
    let of = |person: &Person| {
        let id = json!(person.id.0);
        load["items"].as_array().unwrap().iter().find(|row| row["member_id"] == id).unwrap().clone()
    };
    // The owner sent the report too: somebody took charge of it, an action is theirs, and it is overdue.
    let owner = of(&crew.technician);
    assert_eq!((&owner["mails"], &owner["budget"], &owner["over"]), (&json!(3), &json!(1), &json!(true)));
    assert_eq!((&of(&crew.officer)["mails"], &of(&crew.officer)["over"]), (&json!(1), &json!(false)));
    assert_eq!(operations::watch(&house.app).await.unwrap().over_budget, 1);
    let stranger = house.joins("Said", Role::Manager, "TAR").await;
    let theirs = stranger.get("/v1/notices/load").await.expect(200);
    assert_eq!(theirs["items"], json!([]), "nobody of theirs got a mail");
    house.clock.advance(8 * 86_400_000).unwrap();
    let later = house.again(&crew.manager).await.get("/v1/notices/load").await.expect(200);
    assert_eq!(later["items"], json!([]));
}
