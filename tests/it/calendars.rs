//! Due dates in working time: a holiday announced late and new zone data move what is still to come, never earlier than
//! promised, on record and once; a calendar that is not ready says so in time.

use salama::{domain::audience::Role, operations};
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};

use crate::{
    main_road::crew,
    support::{
        house::House,
        person::{Person, hazard},
        stories,
    },
};

stories!(
    a_holiday_announced_late_moves_what_is_still_to_come_and_says_so_on_record,
    a_holiday_taken_back_leaves_what_was_promised,
    a_date_that_somebody_said_stays_whatever_the_calendar_says,
    new_zone_data_is_counted_by_once_and_two_replicas_do_it_once,
    a_crew_works_by_its_own_calendar,
    working_hours_pass_only_while_the_site_works,
    a_feast_that_is_still_computed_ten_days_before_is_no_silence,
    an_announcement_names_its_source_and_who_confirmed_it,
);

/// Puts the calendars in force again, changed.
async fn change_calendars(admin: &Person, change: impl FnOnce(&mut Value)) -> Value {
    let mut calendars = admin.get("/v1/calendars").await.expect(200);
    change(&mut calendars);
    admin.put("/v1/calendars", &calendars).await.expect(200)
}

fn announced(date: &str, by: &Person) -> Value {
    json!({ "date": date, "name": "Fête", "status": "announced", "source": "Habous", "confirmed_by": by.id.0 })
}

fn add_holiday(calendars: &mut Value, holiday: Value) {
    calendars["calendars"]["ma_public"]["holidays"].as_array_mut().unwrap().push(holiday);
}

async fn clock(person: &Person, report: &str, kind: &str) -> Value {
    let body = person.report(report).await;
    body["deadlines"].as_array().unwrap().iter().find(|clock| clock["kind"] == kind).unwrap().clone()
}

/// What is on record of deadlines that were counted anew.
async fn recounted(person: &Person, report: &str) -> Vec<Value> {
    let history = person.get(&format!("/v1/reports/{report}/history")).await.expect(200);
    let entries = history["items"].as_array().unwrap().iter().filter(|entry| entry["verb"] == "recounted");
    entries.map(|entry| entry["facts"].clone()).collect()
}

/// A moderate hazard on a Tuesday at nine, with an action for which there are two working days.
async fn moderate(house: &House) -> (Person, Person, String, String) {
    let (technician, officer, _) = crew(house).await;
    let admin = house.joins("Omar", Role::Admin, "SRM-SM").await;
    let mut ladders = admin.get("/v1/ladders").await.expect(200);
    for ladder in ladders["ladders"].as_array_mut().unwrap() {
        if ladder["kind"] == "complete_action" {
            ladder["within"] = "P2BD".into();
        }
    }
    admin.put("/v1/ladders", &ladders).await.expect(200);
    let mut draft = hazard(&house.site("AGA").await);
    draft["potential_severity"] = 3.into();
    let report = technician.reports(&draft).await;
    officer.commands(&report, "acknowledge", json!({})).await.expect(200);
    let action = officer.assigns(&report, &technician, None).await;
    house.tick().await;
    (officer, admin, report, action)
}

async fn a_holiday_announced_late_moves_what_is_still_to_come_and_says_so_on_record(house: House) {
    let (officer, admin, report, action) = moderate(&house).await;
    let before = clock(&officer, &report, "complete_action").await;
    assert_eq!((&before["due_at"], &before["within"]), (&json!("2026-11-26T09:00:00Z"), &json!("P2BD")));
    assert_eq!((&before["calendar"], &before["calendar_version"]), (&json!("ma_public"), &json!(1)));
    change_calendars(&admin, |calendars| add_holiday(calendars, announced("2026-11-26", &admin))).await;
    house.tick().await;
    let after = clock(&officer, &report, "complete_action").await;
    assert_eq!((&after["due_at"], &after["first_due_at"]), (&json!("2026-11-27T09:00:00Z"), &json!("2026-11-26T09:00:00Z")));
    assert_eq!(after["calendar_version"], 2);
    let shown = officer.get(&format!("/v1/actions/{action}")).await.expect(200);
    assert_eq!(shown["due_at"], after["due_at"], "an action is due when its clock is");
    assert_eq!(clock(&officer, &report, "triage").await["calendar_version"], 2);
    assert_eq!(clock(&officer, &report, "acknowledge").await["calendar_version"], 1, "it was met, and is history");
    let on_record = recounted(&officer, &report).await;
    let action = on_record.iter().find(|facts| facts["kind"] == "complete_action").unwrap();
    assert_eq!((&action["before"]["due_at"], &action["after"]["due_at"]), (&before["due_at"], &after["due_at"]));
    assert_eq!(
        (&action["before"]["counted_by"]["calendars"], &action["after"]["counted_by"]["calendars"]),
        (&json!(1), &json!(2))
    );
    house.tick().await;
    assert_eq!(recounted(&officer, &report).await, on_record, "once");
    let next = officer.explains(&report).await["next"].as_array().unwrap().clone();
    let counted = &next.iter().find(|next| next["kind"] == "complete_action").unwrap()["counted"];
    assert_eq!((&counted["within"], &counted["calendar_version"]), (&json!("P2BD"), &json!(2)));
    assert!(counted["zone_data_version"].as_str().unwrap() >= "2026c");
}

async fn a_holiday_taken_back_leaves_what_was_promised(house: House) {
    let (officer, admin, report, _) = moderate(&house).await;
    change_calendars(&admin, |calendars| add_holiday(calendars, announced("2026-11-26", &admin))).await;
    house.tick().await;
    change_calendars(&admin, |calendars| {
        calendars["calendars"]["ma_public"]["holidays"].as_array_mut().unwrap().pop();
    })
    .await;
    let moved = recounted(&officer, &report).await;
    house.tick().await;
    let kept = clock(&officer, &report, "complete_action").await;
    assert_eq!((&kept["due_at"], &kept["calendar_version"]), (&json!("2026-11-27T09:00:00Z"), &json!(3)));
    assert_eq!(recounted(&officer, &report).await, moved, "nothing moved");
}

async fn a_date_that_somebody_said_stays_whatever_the_calendar_says(house: House) {
    let (officer, admin, report, _) = moderate(&house).await;
    let owner = house.joins("Said", Role::Technician, "AGA").await;
    let said = officer.assigns(&report, &owner, Some("2026-11-26T12:00:00Z".into())).await;
    change_calendars(&admin, |calendars| add_holiday(calendars, announced("2026-11-26", &admin))).await;
    house.tick().await;
    assert_eq!(officer.get(&format!("/v1/actions/{said}")).await.expect(200)["due_at"], "2026-11-26T12:00:00Z");
}

async fn new_zone_data_is_counted_by_once_and_two_replicas_do_it_once(house: House) {
    let (officer, _, report, action) = moderate(&house).await;
    // As a Salama with the zone data of spring had left it: an hour early, because Morocco still was at UTC+1.
    let database = house.behind_its_back().await;
    let hour_early =
        "update deadlines set due_at = due_at - 3600000, counted_by = '2026b/0000000001' where kind = 'complete_action'";
    database.execute_unprepared(hour_early).await.unwrap();
    database.execute_unprepared("update actions set due_at = due_at - 3600000").await.unwrap();
    let other = house.another().await;
    let (one, two) = tokio::join!(operations::recount_deadlines(&house.app), operations::recount_deadlines(&other.app));
    assert!(one.unwrap() + two.unwrap() >= 1);
    house.tick().await;
    let after = clock(&officer, &report, "complete_action").await;
    assert_eq!(after["due_at"], "2026-11-26T09:00:00Z");
    assert_eq!(officer.get(&format!("/v1/actions/{action}")).await.expect(200)["due_at"], after["due_at"]);
    let on_record = recounted(&officer, &report).await;
    assert_eq!(on_record.len(), 1, "{on_record:?}");
    assert_eq!(on_record[0]["before"]["counted_by"]["zone_data"], "2026b");
    assert_eq!(on_record[0]["after"]["counted_by"]["zone_data"], after["zone_data_version"]);
}

async fn a_crew_works_by_its_own_calendar(house: House) {
    let (officer, admin, report, _) = moderate(&house).await;
    let (crewed, office) =
        (house.joins("Crewed", Role::Technician, "AGA").await, house.joins("Office", Role::Technician, "AGA").await);
    let name = json!({ "ar": "x", "fr": "x", "en": "x" });
    let crew = json!({ "name": name, "site": "AGA-STEP", "members": [crewed.id.0], "calendar": "crew_six_days" });
    admin.put("/v1/rosters", &json!({ "crews": { "north": crew } })).await.expect(200);
    house.clock.advance(3 * 86_400_000).unwrap();
    let officer = house.again(&officer).await;
    let mut due = Vec::new();
    for owner in [&crewed, &office] {
        let action = officer.assigns(&report, owner, None).await;
        due.push(officer.get(&format!("/v1/actions/{action}")).await.expect(200)["due_at"].clone());
    }
    assert_eq!(due, ["2026-11-30T09:00:00Z", "2026-12-01T09:00:00Z"], "from a Friday, with and without a Saturday");
}

async fn working_hours_pass_only_while_the_site_works(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let admin = house.joins("Omar", Role::Admin, "SRM-SM").await;
    let mut ladders = admin.get("/v1/ladders").await.expect(200);
    for ladder in ladders["ladders"].as_array_mut().unwrap() {
        if ladder["kind"] == "acknowledge" {
            ladder["within"] = "PT8WH".into();
        }
    }
    admin.put("/v1/ladders", &ladders).await.expect(200);
    let report = technician.reports(&hazard(&house.site("AGA").await)).await;
    let acknowledge = clock(&officer, &report, "acknowledge").await;
    assert_eq!((&acknowledge["due_at"], &acknowledge["within"]), (&json!("2026-11-25T09:00:00Z"), &json!("PT8WH")));
}

async fn a_feast_that_is_still_computed_ten_days_before_is_no_silence(house: House) {
    let reader = house.joins("Reader", Role::Technician, "AGA").await;
    assert_eq!(reader.get("/v1/calendars/concerns").await.expect(200)["items"], json!([]));
    assert_eq!(reader.get("/readyz").await.expect(200)["calendar_concerns"], 0);
    house.clock.advance("2027-03-01T09:00:00Z".parse::<salama::domain::time::Instant>().unwrap().since_ms(house.now())).unwrap();
    let reader = house.again(&reader).await;
    let asked = reader.web.get(format!("{}/v1/calendars/concerns", reader.url)).header("accept-language", "fr");
    let concerns = reader.send(asked).await.expect(200)["items"].as_array().unwrap().clone();
    let said: Vec<_> = concerns.iter().map(|it| (it["calendar"].as_str().unwrap(), it["date"].as_str().unwrap())).collect();
    assert_eq!(said, [("crew_six_days", "2027-03-10"), ("ma_public", "2027-03-10"), ("ma_public", "2027-03-11")]);
    assert_eq!(concerns[0]["kind"], "still_provisional");
    assert!(concerns[0]["text"].as_str().unwrap().contains("date annoncée"), "{}", concerns[0]);
    let ready = reader.get("/readyz").await.expect(200);
    assert_eq!((&ready["calendar_concerns"], &ready["time_zones"]), (&json!(3), &json!(true)));
}

async fn an_announcement_names_its_source_and_who_confirmed_it(house: House) {
    let admin = house.joins("Omar", Role::Admin, "SRM-SM").await;
    let mut calendars = admin.get("/v1/calendars").await.expect(200);
    let n = calendars["calendars"]["ma_public"]["holidays"].as_array().unwrap().len();
    add_holiday(&mut calendars, json!({ "date": "2026-12-01", "name": "Fête", "status": "announced" }));
    add_holiday(&mut calendars, json!({ "date": "2026-12-01", "name": "Fête", "status": "fixed" }));
    let refused = admin.put("/v1/calendars", &calendars).await.refused(422, "invalid");
    let wrong: Vec<_> = refused["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect();
    let at = |n: usize, field: &str| format!("/calendars/ma_public/holidays/{n}/{field}");
    assert_eq!(wrong, [at(n, "source"), at(n, "confirmed_by"), at(n + 1, "date")]);
    assert_eq!(admin.get("/v1/calendars").await.expect(200)["version"], 1, "nothing was kept");
}
