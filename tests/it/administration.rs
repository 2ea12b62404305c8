//! Administration of sites, people and categories: what an administrator may change, what acts with the next request, and
//! how the work of somebody who leaves passes on.

use salama::{domain::audience::Role, operations};
use serde_json::{Value, json};

use crate::support::{
    house::House,
    person::{Answer, Person, hazard},
    stories,
};

stories!(
    a_site_is_added_changed_and_moved_but_never_below_itself,
    an_administrator_of_one_province_changes_nothing_of_another,
    a_move_that_takes_reports_from_their_officer_says_so_until_somebody_takes_them,
    what_is_retired_takes_nothing_new_and_keeps_what_was,
    a_person_is_written_with_logins_of_their_own_and_managers_never_go_in_a_circle,
    nobody_grants_themselves_a_role_and_a_role_acts_with_the_next_request,
    a_disabled_member_is_out_with_the_next_request_and_signs_in_anew_when_enabled,
    somebody_stands_in_as_the_person_or_their_manager_says,
    who_leaves_hands_everything_over_at_once_and_never_makes_one_person_owner_and_verifier,
    a_list_is_rehearsed_then_taken_whole_or_not_at_all,
);

use Role::{Admin, Auditor, Manager, Officer, Technician};

fn named(name: &str) -> Value {
    json!({ "ar": name, "fr": name, "en": name })
}

fn plant(code: &str, parent: &str) -> Value {
    json!({ "code": code, "name": named("Plant"), "kind": "plant", "parent_id": parent })
}

fn site(id: &str) -> String {
    format!("/v1/sites/{id}")
}

fn of(person: &Person) -> String {
    format!("/v1/members/{}", person.id)
}

/// The pointers and codes of the fields that are wrong.
#[track_caller]
fn wrong(answer: Answer) -> Vec<(String, String)> {
    let body = answer.refused(422, "invalid");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    body["errors"].as_array().unwrap().iter().map(|error| (text(&error["pointer"]), text(&error["code"]))).collect()
}

#[track_caller]
fn wrong_field(answer: Answer, pointer: &str, code: &str) {
    assert_eq!(wrong(answer), [(pointer.to_owned(), code.to_owned())]);
}

/// The verbs and facts on record about a thing.
async fn on_record(house: &House, id: &str) -> Vec<(String, Value)> {
    let entries = house.app.store.journal(0, 10_000).await.unwrap();
    let about = entries.into_iter().filter(|entry| entry.subject_id.to_string() == id);
    about.map(|entry| (entry.verb, serde_json::from_str(&entry.facts).unwrap())).collect()
}

async fn a_site_is_added_changed_and_moved_but_never_below_itself(house: House) {
    let admin = house.joins("Admin", Admin, "SRM-SM").await;
    let (aga, tar, id) = (house.site("AGA").await, house.site("TAR").await, admin.new_id());
    let made = admin.put(&site(&id), &plant("NEW-1", &aga)).await;
    let tag = made.header("etag");
    let made = made.expect(201);
    assert_eq!((&made["zone"], &made["retired"]), (&json!("Africa/Casablanca"), &json!(false)), "the zone of the site above");
    admin.put(&site(&id), &plant("NEW-1", &aga)).await.expect(200);
    assert_eq!(admin.get(&site(&id)).await.expect(200), made, "the same words again change nothing");
    let renamed =
        |tag: &str| admin.web.put(format!("{}{}", admin.url, site(&id))).header("if-match", tag).json(&plant("NEW-2", &aga));
    admin.send(renamed(&tag)).await.expect(200);
    admin.send(renamed(&tag)).await.refused(412, "changed");
    assert_eq!(admin.put(&site(&id), &plant("NEW-2", &tar)).await.expect(200)["parent_id"], json!(tar));

    wrong_field(admin.put(&site(&id), &plant("NEW-2", &id)).await, "/parent_id", "below_itself");
    wrong_field(admin.put(&site(&tar), &plant("TAR", &id)).await, "/parent_id", "below_itself");
    wrong_field(admin.put(&site(&admin.new_id()), &plant("AGA", &aga)).await, "/code", "taken");
    let rootless = json!({ "code": "R-2", "name": named("Root"), "kind": "region", "zone": "UTC", "calendar": "ma_public" });
    wrong_field(admin.put(&site(&admin.new_id()), &rootless).await, "/parent_id", "second_root");
    let root = house.site("SRM-SM").await;
    wrong_field(admin.put(&site(&root), &plant("SRM-SM", &aga)).await, "/parent_id", "not_for_the_root");

    let record = on_record(&house, &id).await;
    let verbs: Vec<&str> = record.iter().map(|(verb, _)| verb.as_str()).collect();
    assert_eq!(verbs, ["added", "changed", "changed"]);
    assert_eq!((&record[2].1["before"]["parent"], &record[2].1["after"]["parent"]), (&json!(aga), &json!(tar)));
}

async fn an_administrator_of_one_province_changes_nothing_of_another(house: House) {
    let admin = house.joins("Admin", Admin, "AGA").await;
    let (aga, tar, root) = (house.site("AGA").await, house.site("TAR").await, house.site("SRM-SM").await);
    let there = house.joins("There", Technician, "TAR").await;
    admin.put(&site(&admin.new_id()), &plant("NEW-1", &tar)).await.refused(403, "may_not");
    admin.put(&site(&aga), &plant("AGA", &tar)).await.refused(403, "may_not");
    admin.put(&site(&root), &plant("SRM-SM", &aga)).await.refused(403, "may_not");
    let body = json!({ "name": "Mine", "locale": "fr", "email": "mine@example.org" });
    admin.put(&of(&there), &body).await.refused(403, "may_not");
    admin.post(&format!("{}/disable", of(&there)), &json!({})).await.refused(403, "may_not");
    admin.put(&format!("{}/grants/officer/{tar}", of(&there)), &json!({})).await.refused(403, "may_not");
    assert_eq!(admin.get(&of(&there)).await.expect(200)["contact"], Value::Null);
}

async fn a_move_that_takes_reports_from_their_officer_says_so_until_somebody_takes_them(house: House) {
    let admin = house.joins("Admin", Admin, "SRM-SM").await;
    let (aga, tar, id) = (house.site("AGA").await, house.site("TAR").await, admin.new_id());
    let here = house.joins("Here", Officer, "AGA").await;
    let there = house.joins("There", Officer, "TAR").await;
    admin.put(&site(&id), &plant("NEW-1", &aga)).await.expect(201);
    let report = here.reports(&hazard(&id)).await;
    assert_eq!(here.report(&report).await["officer_id"], json!(here.id));
    let due = here.report(&report).await["deadlines"].clone();

    let problem = admin.put(&site(&id), &plant("NEW-1", &tar)).await.refused(409, "open_work");
    assert_eq!(problem["open_work"]["reports"], 1);
    let mut taken = plant("NEW-1", &tar);
    taken["hand_over_to"] = json!(here.id);
    wrong_field(admin.put(&site(&id), &taken).await, "/hand_over_to", "no_officer_there");
    taken["hand_over_to"] = json!(there.id);
    admin.put(&site(&id), &taken).await.expect(200);
    house.tick().await;
    assert_eq!(there.report(&report).await["officer_id"], json!(there.id));
    let kept = there.report(&report).await["deadlines"].clone();
    let dues = |all: &Value| all.as_array().unwrap().iter().map(|one| one["due_at"].clone()).collect::<Vec<_>>();
    assert_eq!(dues(&kept), dues(&due));
    assert_eq!(house.mailbox(&there).len(), 1, "the new officer is told");

    let mut retired = plant("NEW-1", &tar);
    retired["retired"] = json!(true);
    assert_eq!(admin.put(&site(&id), &retired).await.refused(409, "open_work")["open_work"]["reports"], 1);
    let open = admin.get(&format!("{}/open-work", site(&id))).await.expect(200);
    assert_eq!(open["reports"][0]["id"], json!(report));
    assert_eq!(open["counts"]["deadlines"], dues(&due).len());
    assert!(open["reports"][0]["narrative"].is_null());
}

async fn what_is_retired_takes_nothing_new_and_keeps_what_was(house: House) {
    let admin = house.joins("Admin", Admin, "SRM-SM").await;
    let sender = house.joins("Sender", Technician, "SRM-SM").await;
    let (aga, id) = (house.site("AGA").await, admin.new_id());
    admin.put(&site(&id), &plant("NEW-1", &aga)).await.expect(201);
    let mut retired = plant("NEW-1", &aga);
    retired["retired"] = json!(true);
    admin.put(&site(&id), &retired).await.expect(200);
    wrong_field(sender.put(&format!("/v1/reports/{}", sender.new_id()), &hazard(&id)).await, "/site_id", "retired");

    let category = |retired: bool| json!({ "name": named("Lasers"), "high_energy": true, "retired": retired });
    let laser = "/v1/categories/LASER";
    sender.put(laser, &category(false)).await.refused(403, "may_not");
    admin.put("/v1/categories/a%20b", &category(false)).await.refused(422, "invalid");
    admin.put(laser, &category(false)).await.expect(201);
    let mut draft = hazard(&aga);
    draft["category"] = json!("LASER");
    let report = sender.reports(&draft).await;
    assert_eq!(admin.put(laser, &category(true)).await.expect(200)["retired"], true);
    sender.put(&format!("/v1/reports/{report}"), &draft).await.expect(200);
    assert_eq!(sender.report(&report).await["category"], "LASER");
    wrong_field(sender.put(&format!("/v1/reports/{}", sender.new_id()), &draft).await, "/category", "retired");
    admin.put(laser, &category(false)).await.expect(200);
    sender.reports(&draft).await;
}

async fn a_person_is_written_with_logins_of_their_own_and_managers_never_go_in_a_circle(house: House) {
    let admin = house.joins("Admin", Admin, "SRM-SM").await;
    let above = house.joins("Above", Manager, "SRM-SM").await;
    let id = admin.new_id();
    let path = format!("/v1/members/{id}");
    let body = |manager: &str| json!({ "name": "Rkia", "locale": "fr", "email": "Rkia@Example.org", "phone": "+212600000001", "manager_id": manager });
    let manager = above.id.to_string();
    let made = admin.put(&path, &body(&manager)).await.expect(201);
    assert_eq!((&made["contact"]["email"], &made["version"]), (&json!("rkia@example.org"), &json!(1)));
    admin.put(&path, &body(&manager)).await.expect(200);
    let seen = above.get(&path).await.expect(200);
    assert_eq!((&seen["name"], &seen["contact"]), (&json!("Rkia"), &Value::Null), "addresses are not for everybody");
    assert!(above.get(&of(&above)).await.expect(200)["contact"]["email"].is_string(), "but for the person");

    let led_by = |person: &str| json!({ "name": "Above", "locale": "en", "email": "above@example.org", "manager_id": person });
    wrong_field(admin.put(&of(&above), &led_by(&id)).await, "/manager_id", "goes_in_a_circle");
    wrong_field(admin.put(&of(&above), &led_by(&manager)).await, "/manager_id", "goes_in_a_circle");
    let mut taken = body(&manager);
    taken["email"] = json!("ABOVE@example.org");
    taken["employee_number"] = json!("+5");
    let found = wrong(admin.put(&path, &taken).await);
    assert_eq!(found, [("/employee_number".to_owned(), "not_a_login".to_owned())]);
    taken["employee_number"] = Value::Null;
    wrong_field(admin.put(&path, &taken).await, "/email", "taken");
    let mut secret = body(&manager);
    secret["password"] = json!("a long walk to Taghazout");
    wrong_field(admin.put(&path, &secret).await, "/password", "unknown_field");
    above.put(&path, &body(&manager)).await.refused(403, "may_not");

    let moved = json!({ "name": "Rkia", "locale": "ar", "employee_number": "10077", "manager_id": manager });
    let stale = admin.web.put(format!("{}{path}", admin.url)).header("if-match", "\"7\"").json(&moved);
    admin.send(stale).await.refused(412, "changed");
    admin.put(&path, &moved).await.expect(200);
    let record = on_record(&house, &id).await;
    assert_eq!(record[1].1["changed"], json!(["locale", "email", "employee_number", "phone"]));
    assert_eq!((&record[1].1["before"]["locale"], &record[1].1["after"]["locale"]), (&json!("fr"), &json!("ar")));
    assert!(!format!("{record:?}").contains("example.org"), "no address stands in the journal");
}

async fn nobody_grants_themselves_a_role_and_a_role_acts_with_the_next_request(house: House) {
    let admin = house.joins("Admin", Admin, "SRM-SM").await;
    let reader = house.joins("Reader", Technician, "AGA").await;
    let sender = house.joins("Sender", Technician, "AGA").await;
    let (aga, root) = (house.site("AGA").await, house.site("SRM-SM").await);
    let report = sender.reports(&hazard(&aga)).await;
    let own = format!("{}/grants/auditor/{root}", of(&admin));
    admin.put(&own, &json!({})).await.refused(403, "may_not");
    let own = format!("{}/grants/admin/{root}", of(&admin));
    admin.send(admin.web.delete(format!("{}{own}", admin.url))).await.refused(403, "may_not");

    let grant = format!("{}/grants/{}/{aga}", of(&reader), Auditor.word());
    reader.get(&format!("/v1/reports/{report}")).await.refused(404, "not_found");
    reader.put(&grant, &json!({})).await.refused(403, "may_not");
    for _ in 0..2 {
        admin.put(&grant, &json!({})).await.expect(204);
    }
    reader.get(&format!("/v1/reports/{report}")).await.expect(200);
    for _ in 0..2 {
        admin.send(admin.web.delete(format!("{}{grant}", admin.url))).await.expect(204);
    }
    reader.get(&format!("/v1/reports/{report}")).await.refused(404, "not_found");
    admin.put(&format!("{}/grants/emperor/{aga}", of(&reader)), &json!({})).await.refused(404, "not_found");
    let verbs: Vec<String> = on_record(&house, &reader.id.to_string()).await.into_iter().map(|(verb, _)| verb).collect();
    assert_eq!(verbs, ["granted", "revoked"]);
}

async fn a_disabled_member_is_out_with_the_next_request_and_signs_in_anew_when_enabled(house: House) {
    let admin = house.joins("Admin", Admin, "SRM-SM").await;
    let person = house.joins("Person", Technician, "AGA").await;
    person.get("/v1/me").await.expect(200);
    admin.post(&format!("{}/disable", of(&admin)), &json!({})).await.refused(403, "may_not");
    let answer = admin.post(&format!("{}/disable", of(&person)), &json!({})).await.expect(200);
    assert_eq!(answer["active"], false);
    person.get("/v1/me").await.refused(401, "not_signed_in");
    house.another().await.signed_in(person.id, "Person").await.get("/v1/me").await.refused(401, "not_signed_in");
    admin.post(&format!("{}/enable", of(&person)), &json!({})).await.expect(200);
    person.get("/v1/me").await.refused(401, "not_signed_in");
    house.again(&person).await.get("/v1/me").await.expect(200);
}

async fn somebody_stands_in_as_the_person_or_their_manager_says(house: House) {
    let head = house.joins("Head", Manager, "AGA").await;
    let officer = house.joins_under("Officer", Officer, "AGA", Some(&head)).await;
    let stand_in = house.joins("Standin", Technician, "AGA").await;
    let (sender, aga) = (house.joins("Sender", Technician, "AGA").await, house.site("AGA").await);
    let path = format!("{}/substitutions/{}", of(&officer), officer.new_id());
    let body = |by: &Person| json!({ "by_id": by.id, "from": "2026-11-24T00:00:00Z", "until": "2026-11-30T00:00:00Z" });
    sender.put(&path, &body(&sender)).await.refused(403, "may_not");
    wrong_field(officer.put(&path, &body(&officer)).await, "/by_id", "is_the_same_person");
    head.put(&path, &body(&sender)).await.expect(201);
    officer.put(&path, &body(&stand_in)).await.expect(200);
    officer.put(&path, &body(&stand_in)).await.expect(200);
    let seen = sender.get(&of(&officer)).await.expect(200);
    assert_eq!(seen["substitutions"][0]["by_id"], json!(stand_in.id));
    let elsewhere = path.replace(&officer.id.to_string(), &head.id.to_string());
    head.put(&elsewhere, &body(&stand_in)).await.refused(409, "substitution_conflict");

    sender.reports(&hazard(&aga)).await;
    house.tick().await;
    assert_eq!((house.mailbox(&stand_in).len(), house.mailbox(&officer).len()), (1, 0));
    for _ in 0..2 {
        officer.send(officer.web.delete(format!("{}{path}", officer.url))).await.expect(204);
    }
    sender.reports(&hazard(&aga)).await;
    house.tick().await;
    assert_eq!((house.mailbox(&stand_in).len(), house.mailbox(&officer).len()), (1, 1));
}

/// Somebody with a report, an action to do and an action to verify.
struct Leaver {
    person: Person,
    report: String,
    owned: String,
    verified: String,
}

async fn leaver(house: &House, crew: &Person, boss: &Person) -> Leaver {
    let person = house.joins("Leaver", Officer, "AGA").await;
    let sender = house.joins("Sender", Technician, "AGA").await;
    let report = sender.reports(&hazard(&house.site("AGA").await)).await;
    person.commands(&report, "acknowledge", json!({})).await.expect(200);
    let assigned = async |owner: &Person, verifier: &Person| {
        let id = person.new_id();
        let body = json!({ "title": "Fix it", "kind": "corrective", "control": "engineering", "owner_id": owner.id, "verifier_id": verifier.id });
        person.put(&format!("/v1/reports/{report}/actions/{id}"), &body).await.expect(201);
        id
    };
    let owned = assigned(&person, boss).await;
    let verified = assigned(crew, &person).await;
    house.tick().await;
    Leaver { person, report, owned, verified }
}

async fn who_leaves_hands_everything_over_at_once_and_never_makes_one_person_owner_and_verifier(house: House) {
    let admin = house.joins("Admin", Admin, "SRM-SM").await;
    let boss = house.joins("Boss", Officer, "SRM-SM").await;
    let crew = house.joins("Crew", Technician, "AGA").await;
    let Leaver { person, report, owned, verified } = leaver(&house, &crew, &boss).await;
    let next = house.joins("Next", Officer, "AGA").await;
    let (act, hand_over) = (|what: &str| format!("{}/{what}", of(&person)), format!("{}/hand-over", of(&person)));

    let problem = admin.post(&act("disable"), &json!({})).await.refused(409, "open_work");
    let open = admin.get(&act("open-work")).await.expect(200);
    assert_eq!(problem["open_work"], open["counts"]);
    let counts = &open["counts"];
    assert_eq!((&counts["actions"], &counts["verifications"], &counts["reports"]), (&json!(1), &json!(1), &json!(1)));
    assert!(counts["deadlines"].as_u64().unwrap() >= 3, "{open:#}");
    assert_eq!(open, person.get(&act("open-work")).await.expect(200));
    next.get(&act("open-work")).await.refused(403, "may_not");

    let before = boss.report(&report).await;
    wrong_field(
        admin.post(&hand_over, &json!({ "to_id": boss.id, "disable": true })).await,
        &format!("/items/{owned}"),
        "is_the_verifier",
    );
    let crewed = wrong(admin.post(&hand_over, &json!({ "to_id": crew.id })).await);
    assert_eq!(crewed[0], (format!("/items/{verified}"), "is_the_owner".to_owned()));
    assert_eq!(crewed[1], (format!("/items/{report}"), "no_officer_there".to_owned()));
    let partly = json!({ "items": { (owned.clone()): next.id }, "disable": true });
    assert_eq!(admin.post(&hand_over, &partly).await.refused(409, "open_work")["open_work"]["reports"], 1);
    assert_eq!(boss.report(&report).await, before, "nothing of what was refused is kept");

    let done = admin
        .post(&hand_over, &json!({ "to_id": boss.id, "items": { (owned.clone()): next.id }, "disable": true }))
        .await
        .expect(200);
    assert_eq!((&done["handed_over"], &done["left"]["deadlines"], &done["active"]), (&json!(3), &json!(0), &json!(false)));
    person.get("/v1/me").await.refused(401, "not_signed_in");
    let after = boss.report(&report).await;
    let action = |id: &str| after["actions"].as_array().unwrap().iter().find(|action| action["id"] == id).unwrap().clone();
    assert_eq!(after["officer_id"], json!(boss.id));
    assert_eq!(action(&owned)["owner_id"], json!(next.id));
    assert_eq!((&action(&verified)["owner_id"], &action(&verified)["verifier_id"]), (&json!(crew.id), &json!(boss.id)));
    let clocks = |body: &Value| {
        let all = body["deadlines"].as_array().unwrap().iter();
        all.map(|one| (one["id"].clone(), one["due_at"].clone(), one["state"].clone())).collect::<Vec<_>>()
    };
    assert_eq!(clocks(&after), clocks(&before), "clocks are kept");

    house.tick().await;
    assert_eq!((house.mailbox(&next).len(), house.mailbox(&boss).len()), (1, 1), "the new people are told");
    let verbs: Vec<String> = on_record(&house, &person.id.to_string()).await.into_iter().map(|(verb, _)| verb).collect();
    assert_eq!(verbs, ["handed_over", "disabled"]);
    let (verb, facts) = on_record(&house, &owned).await.pop().unwrap();
    assert_eq!((verb.as_str(), &facts["before"], &facts["after"]), ("handed_over", &json!(person.id), &json!(next.id)));
    operations::verify_journal(&house.app.store, Some(&house.app.keys), None, None).await.unwrap();
    admin.post(&act("enable"), &json!({})).await.expect(200);
    let person = house.again(&person).await;
    assert_eq!(person.get(&act("open-work")).await.expect(200)["counts"]["deadlines"], 0);
    assert_eq!(next.acts(&owned, "start", json!({})).await.expect(200)["state"], "in_progress");
}

async fn a_list_is_rehearsed_then_taken_whole_or_not_at_all(house: House) {
    use salama::domain::administration::MemberLine;
    let admin = house.joins("Admin", Admin, "SRM-SM").await;
    let text = str::to_owned;
    let line = |line: u64, login: &str, role: &str, manager: &str| MemberLine {
        line,
        login: text(login),
        name: format!("Person {login}"),
        role: text(role),
        site: text("AGA"),
        manager: text(manager),
        ..MemberLine::default()
    };
    let list = [line(2, "10077", "technician", "10078"), line(3, "10078", "officer", "admin@example.org")];
    let people = async || admin.get("/v1/members").await.expect(200)["items"].as_array().unwrap().clone();
    let before = people().await;
    let rehearsed = operations::import_members(&house.app, &list, true).await.unwrap();
    assert_eq!((rehearsed.len(), rehearsed[0].is_new, rehearsed[0].roles), (2, true, 1));
    assert_eq!(people().await, before, "a rehearsal writes nothing");

    let wrong = [list[0].clone(), line(3, "10078", "emperor", "")];
    let refused = operations::import_members(&house.app, &wrong, false).await.unwrap_err();
    assert!(refused.to_string().contains("/3/role"), "{refused}");
    assert_eq!(people().await, before, "one wrong line, and none is taken");

    assert_eq!(operations::import_members(&house.app, &list, false).await.unwrap(), rehearsed);
    let now = people().await;
    let of_name = |name: &str| now.iter().find(|person| person["name"] == name).unwrap().clone();
    let (crew, officer) = (of_name("Person 10077"), of_name("Person 10078"));
    assert_eq!((&crew["manager_id"], &officer["manager_id"]), (&officer["id"], &json!(admin.id)));
    let mut more = line(2, "10077", "officer", "");
    more.phone = text("+212600000077");
    let changed = operations::import_members(&house.app, &[more], false).await.unwrap();
    assert_eq!((changed[0].is_new, &changed[0].changed, changed[0].roles), (false, &vec!["phone"], 1));
    let crew = admin.get(&format!("/v1/members/{}", crew["id"].as_str().unwrap())).await.expect(200);
    assert_eq!((crew["roles"].as_array().unwrap().len(), &crew["contact"]["phone"]), (2, &json!("+212600000077")));
    assert_eq!(crew["manager_id"], officer["id"], "what is left empty stays as it is");
    assert_eq!(operations::import_members(&house.app, &list, false).await.unwrap()[0].roles, 0);
}
