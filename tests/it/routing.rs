//! A report goes to whom the rules name at that hour, another trade hears of its hazards, and it can always be said why.

use salama::domain::{audience::Role, time::Instant};
use serde_json::{Value, json};

use crate::support::{
    house::House,
    person::{Answer, Person, hazard},
    stories,
};

stories!(
    at_night_whoever_is_on_duty_is_responsible_and_a_substitute_stands_in,
    in_a_gap_of_the_roster_the_next_rule_and_the_next_audience_are_asked,
    a_hazard_of_another_trade_tells_that_trade_too,
    a_protected_senders_crew_says_nothing_of_them,
    why_a_report_went_where_it_went_stays_true_after_the_rules_changed,
    rosters_are_one_document_in_versions,
    a_document_that_names_what_there_is_not_is_refused_at_each_place,
    a_crew_or_roster_in_a_ladder_is_told,
);

fn name() -> Value {
    json!({ "ar": "x", "fr": "x", "en": "x" })
}

/// Brahim on weekday nights from 16:30, in Agadir.
fn nights(members: &[&Person]) -> Value {
    let members: Vec<_> = members.iter().map(|member| member.id.0).collect();
    let turn = |day: &str| json!({ "day": day, "from": "16:30", "to": "08:30", "members": members });
    let week: Vec<_> = ["monday", "tuesday", "wednesday", "thursday"].map(turn).into();
    json!({ "name": name(), "site": "AGA", "week": week })
}

/// A crew at a site, with its trade.
fn crew(site: &str, members: &[&Person], trade: Option<&str>) -> Value {
    let members: Vec<_> = members.iter().map(|member| member.id.0).collect();
    let mut crew = json!({ "name": name(), "site": site, "members": members });
    if let Some(trade) = trade {
        crew["trade"] = trade.into();
    }
    crew
}

async fn change_routes(admin: &Person, change: impl FnOnce(&mut Value)) {
    let mut routes = admin.get("/v1/routes").await.expect(200);
    change(&mut routes);
    admin.put("/v1/routes", &routes).await.expect(200);
}

fn first_rule(routes: &mut Value, rule: Value) {
    routes["rules"].as_array_mut().unwrap().insert(0, rule);
}

fn at(house: &House, at: &str) {
    house.clock.advance(at.parse::<Instant>().unwrap().since_ms(house.now())).unwrap();
}

/// Who was chosen, as `name: part`.
fn chosen(explained: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let chosen = explained["routing"]["chosen"].as_array().unwrap();
    chosen.iter().map(|one| format!("{}: {}", text(&one["name"]), text(&one["part"]))).collect()
}

#[track_caller]
fn wrong(answer: Answer) -> Vec<(String, String)> {
    let body = answer.refused(422, "invalid");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    body["errors"].as_array().unwrap().iter().map(|error| (text(&error["pointer"]), text(&error["code"]))).collect()
}

struct Agadir {
    admin: Person,
    officer: Person,
    on_call: Person,
    technician: Person,
}

/// Two officers, of whom one has the nights, and a rule that sends what comes at night to whoever is on duty.
async fn agadir(house: &House) -> Agadir {
    let admin = house.joins("Omar", Role::Admin, "SRM-SM").await;
    let officer = house.joins("Brahim", Role::Officer, "AGA").await;
    let on_call = house.joins("Nadia", Role::Officer, "SRM-SM").await;
    let technician = house.joins("Khadija", Role::Technician, "AGA").await;
    admin.put("/v1/rosters", &json!({ "rosters": { "nights": nights(&[&on_call]) } })).await.expect(200);
    change_routes(&admin, |routes| {
        let night = json!({ "name": "Night", "when": "outside_working_hours", "on_duty": ["nights"],
            "responsible": [{ "roster": "nights" }, { "role": "officer" }] });
        first_rule(routes, night);
    })
    .await;
    Agadir { admin, officer, on_call, technician }
}

async fn at_night_whoever_is_on_duty_is_responsible_and_a_substitute_stands_in(house: House) {
    let story = agadir(&house).await;
    let site = house.site("AGA").await;
    let by_day = story.technician.reports(&hazard(&site)).await;
    let explained = story.officer.explains(&by_day).await;
    assert_eq!(chosen(&explained)[0], "Brahim: responsible");
    let misses = explained["routing"]["rules"][0]["did_not_fit"].as_array().unwrap().clone();
    let codes: Vec<_> = misses.iter().map(|miss| miss["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["working_time", "roster"]);

    at(&house, "2026-11-24T22:00:00Z");
    let technician = house.again(&story.technician).await;
    let at_night = technician.reports(&hazard(&site)).await;
    let on_call = house.again(&story.on_call).await;
    let explained = on_call.explains(&at_night).await;
    assert_eq!(chosen(&explained), ["Nadia: responsible", "Brahim: trade"], "the officer of the trade hears of it as well");
    assert_eq!(explained["routing"]["chosen"][0]["audience"], "roster nights");
    assert_eq!(
        (&explained["routing"]["rules"][0]["outcome"], &explained["routing"]["rules"][1]["outcome"]),
        (&json!("decided"), &json!("not_reached"))
    );
    house.tick().await;
    assert_eq!(house.mailbox(&story.on_call).len(), 1);

    let away = json!({ "by_id": story.officer.id.0, "from": "2026-11-24T22:30:00Z", "until": "2026-11-25T06:00:00Z" });
    on_call.put(&format!("/v1/members/{}/substitutions/{}", on_call.id, on_call.new_id()), &away).await.expect(201);
    at(&house, "2026-11-24T23:00:00Z");
    let report = house.again(&technician).await.reports(&hazard(&site)).await;
    let explained = house.again(&story.officer).await.explains(&report).await;
    assert_eq!(chosen(&explained), ["Brahim: responsible"]);
    assert_eq!(explained["routing"]["chosen"][0]["instead_of_name"], "Nadia");
}

async fn in_a_gap_of_the_roster_the_next_rule_and_the_next_audience_are_asked(house: House) {
    let story = agadir(&house).await;
    // Saturday night: no turn. The rule asks for somebody on duty, and the next one that fits decides.
    at(&house, "2026-11-28T22:00:00Z");
    let technician = house.again(&story.technician).await;
    let mut draft = hazard(&house.site("AGA").await);
    draft["occurred_at"] = "2026-11-28T21:00:00Z".into();
    let report = technician.reports(&draft).await;
    let explained = house.again(&story.officer).await.explains(&report).await;
    assert_eq!(explained["routing"]["rules"][0]["did_not_fit"][0]["code"], "roster");
    assert_eq!(chosen(&explained)[0], "Brahim: responsible");
    // Without that condition the rule fits, and its next audience is asked.
    let admin = house.again(&story.admin).await;
    change_routes(&admin, |routes| {
        routes["rules"][0].as_object_mut().unwrap().remove("on_duty");
    })
    .await;
    let report = technician.reports(&draft).await;
    let explained = house.again(&story.officer).await.explains(&report).await;
    assert_eq!(
        (&explained["routing"]["rules"][0]["outcome"], &explained["routing"]["chosen"][0]["audience"]),
        (&json!("decided"), &json!("role officer"))
    );
}

/// An electricity crew and a water crew, and a rule of each trade that tells its crew.
async fn trades(house: &House) -> (Person, Person, Person, Person) {
    let admin = house.joins("Omar", Role::Admin, "SRM-SM").await;
    let officer = house.joins("Brahim", Role::Officer, "AGA").await;
    let (electrician, plumber) =
        (house.joins("Lahcen", Role::Technician, "AGA").await, house.joins("Daniel", Role::Technician, "AGA").await);
    let crews =
        json!({ "north": crew("AGA", &[&electrician], Some("electricity")), "south": crew("AGA", &[&plumber], Some("water")) });
    admin.put("/v1/rosters", &json!({ "crews": crews })).await.expect(200);
    change_routes(&admin, |routes| routes["trades"]["electricity"]["tells"] = json!([{ "crew": "north" }])).await;
    (admin, officer, electrician, plumber)
}

async fn a_hazard_of_another_trade_tells_that_trade_too(house: House) {
    let (_, officer, electrician, plumber) = trades(&house).await;
    let site = house.site("AGA").await;
    let mut draft = hazard(&site);
    draft["potential_severity"] = 2.into();
    let seen_by_water = plumber.reports(&draft).await;
    let explained = officer.explains(&seen_by_water).await;
    assert_eq!(chosen(&explained), ["Brahim: responsible", "Lahcen: trade"]);
    assert_eq!(explained["routing"]["chosen"][1]["trade"], "electricity");
    assert_eq!(explained["routing"]["facts"]["trade"], "water");
    house.tick().await;
    assert_eq!(house.mailbox(&electrician).len(), 1);
    let own = electrician.reports(&draft).await;
    assert_eq!(chosen(&officer.explains(&own).await), ["Brahim: responsible"], "they know of it");
    draft["category"] = "STF".into();
    let of_no_trade = plumber.reports(&draft).await;
    assert_eq!(chosen(&officer.explains(&of_no_trade).await), ["Brahim: responsible"]);
}

async fn a_protected_senders_crew_says_nothing_of_them(house: House) {
    let (_, officer, electrician, _) = trades(&house).await;
    for confidentiality in ["confidential", "anonymous"] {
        let mut draft = hazard(&house.site("AGA").await);
        draft["confidentiality"] = confidentiality.into();
        draft["potential_severity"] = 2.into();
        let report = electrician.reports_unseen(&draft).await;
        let explained = officer.explains(&report).await;
        assert_eq!(explained["routing"]["facts"]["trade"], Value::Null, "{confidentiality}");
        assert_eq!(chosen(&explained), ["Brahim: responsible", "Lahcen: trade"], "told as if somebody else had seen it");
    }
}

async fn why_a_report_went_where_it_went_stays_true_after_the_rules_changed(house: House) {
    let story = agadir(&house).await;
    let report = story.technician.reports(&hazard(&house.site("AGA").await)).await;
    let before = story.officer.explains(&report).await["routing"].clone();
    assert_eq!((&before["routes_version"], &before["by_fallback"]), (&json!(2), &json!(false)));
    assert_eq!(before["facts"]["local_time"], "2026-11-24T09:00:00");
    change_routes(&story.admin, |routes| {
        routes["rules"] = json!([{ "name": "Everything", "responsible": [{ "role": "manager" }] }]);
    })
    .await;
    assert_eq!(story.officer.explains(&report).await["routing"], before);
    let asked =
        story.officer.web.get(format!("{}/v1/reports/{report}/explain", story.officer.url)).header("accept-language", "fr");
    let french = story.officer.send(asked).await.expect(200);
    let text = french["routing"]["rules"][0]["did_not_fit"][0]["text"].as_str().unwrap().to_owned();
    assert!(text.contains("heures de travail"), "{text}");
}

async fn rosters_are_one_document_in_versions(house: House) {
    let story = agadir(&house).await;
    let read = story.officer.get("/v1/rosters").await;
    let tag = read.header("etag");
    let body = read.expect(200);
    assert_eq!((&body["version"], body["rosters"].as_object().unwrap().len()), (&json!(2), 1));
    let put =
        |person: &Person, tag: &str| person.web.put(format!("{}/v1/rosters", person.url)).header("if-match", tag).json(&body);
    story.officer.send(put(&story.officer, &tag)).await.refused(403, "may_not");
    story.admin.send(put(&story.admin, &tag)).await.expect(200);
    story.admin.send(put(&story.admin, &tag)).await.refused(412, "changed");
    assert_eq!(story.officer.get("/v1/rosters/versions").await.expect(200)["items"].as_array().unwrap().len(), 3);
    let broken = json!({ "rosters": { "nights": { "name": name(), "site": "AGA", "week": [{ "day": "someday" }] } } });
    assert_eq!(
        wrong(story.admin.put("/v1/rosters", &broken).await),
        [("/rosters/nights/week/0/day".to_owned(), "unreadable".to_owned())]
    );
}

async fn a_document_that_names_what_there_is_not_is_refused_at_each_place(house: House) {
    let story = agadir(&house).await;
    let error = |pointer: &str, code: &str| (pointer.to_owned(), code.to_owned());
    let mut routes = story.admin.get("/v1/routes").await.expect(200);
    first_rule(
        &mut routes,
        json!({ "name": "x", "sites": ["AGA", "XYZ"], "categories": ["NOPE"], "responsible": [{ "crew": "x" }] }),
    );
    let expected = [
        error("/rules/0/sites/1", "unknown_site"),
        error("/rules/0/categories/0", "unknown_category"),
        error("/rules/0/responsible/0", "unknown_crew"),
    ];
    assert_eq!(wrong(story.admin.put("/v1/routes", &routes).await), expected);
    let dropped = wrong(story.admin.put("/v1/rosters", &json!({})).await);
    assert_eq!(dropped, [error("/rosters/nights", "named_by_rules")]);
    let nobody = json!({ "rosters": { "nights": nights(&[]) } });
    assert_eq!(wrong(story.admin.put("/v1/rosters", &nobody).await)[0], error("/rosters/nights/week/0/members", "empty"));
    let mut ladders = story.admin.get("/v1/ladders").await.expect(200);
    ladders["ladders"][0]["steps"][0]["audience"] = json!([{ "roster": "days" }]);
    assert_eq!(wrong(story.admin.put("/v1/ladders", &ladders).await), [error("/ladders/0/steps/0/audience/0", "unknown_roster")]);
    let mut routes = story.admin.get("/v1/routes").await.expect(200);
    (routes["fallback"], routes["safety_desk"]) = (json!([]), json!(["safety_desk"]));
    let empty = wrong(story.admin.put("/v1/routes", &routes).await);
    assert_eq!(empty, [error("/fallback", "empty"), error("/safety_desk", "empty")]);
}

async fn a_crew_or_roster_in_a_ladder_is_told(house: House) {
    let story = agadir(&house).await;
    let mut ladders = story.admin.get("/v1/ladders").await.expect(200);
    for ladder in ladders["ladders"].as_array_mut().unwrap() {
        if ladder["kind"] == "acknowledge" {
            ladder["within"] = "PT12H".into();
            ladder["steps"] = json!([{ "offset": "PT0S", "audience": [{ "roster": "nights" }] }]);
        }
    }
    story.admin.put("/v1/ladders", &ladders).await.expect(200);
    story.technician.reports(&hazard(&house.site("AGA").await)).await;
    house.tick().await;
    assert_eq!(house.mailbox(&story.on_call).len(), 0);
    at(&house, "2026-11-24T21:00:00Z");
    house.tick().await;
    assert_eq!(house.mailbox(&story.on_call).len(), 1, "on duty when the step was due");
}
