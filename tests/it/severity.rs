//! Rating with its aids: the serious-injury screen, the organisation's matrix, and two persons for whatever stands at 4 or 5.

use salama::domain::audience::Role;
use serde_json::{Value, json};

use crate::{
    main_road::crew,
    support::{house::House, person::hazard, stories},
};

stories!(
    what_the_sender_or_the_category_says_is_lowered_by_two_persons_from_the_first_rating_on,
    the_screen_proposes_and_less_than_it_proposes_wants_a_reason,
    a_rating_names_its_place_in_the_matrix_of_its_day,
    a_matrix_that_contradicts_itself_is_refused_cell_by_cell,
    the_aids_can_be_asked_before_anything_is_rated,
);

fn rating(potential: u8, reason: Option<&str>) -> Value {
    json!({ "actual_severity": 1, "potential_severity": potential, "reason": reason })
}

async fn what_the_sender_or_the_category_says_is_lowered_by_two_persons_from_the_first_rating_on(house: House) {
    let (technician, officer, manager) = crew(&house).await;
    let site = house.site("AGA").await;
    let (mut by_category, mut in_danger, mut minor) = (hazard(&site), hazard(&site), hazard(&site));
    by_category.as_object_mut().unwrap().remove("potential_severity");
    in_danger["potential_severity"] = 1.into();
    in_danger["danger_now"] = true.into();
    for draft in [hazard(&site), by_category, in_danger] {
        let report = technician.reports(&draft).await;
        let problem = officer.commands(&report, "triage", rating(2, None)).await.refused(409, "not_ready");
        assert_eq!(problem["missing"].as_array().unwrap().len(), 2, "{problem:#}");
        manager.commands(&report, "triage", rating(2, None)).await.refused(403, "may_not");
        let asked = officer.commands(&report, "triage", rating(2, Some("It is fenced"))).await.expect(200);
        let standing = (&asked["state"], &asked["potential_severity"], &asked["pending_severity"], &asked["triaged_at"]);
        assert_eq!(standing, (&json!("acknowledged"), &json!(4), &json!(2), &Value::Null));
        let clocks = asked["deadlines"].as_array().unwrap();
        let state = |kind: &str| clocks.iter().find(|clock| clock["kind"] == kind).unwrap()["state"].clone();
        assert_eq!((state("acknowledge"), state("triage")), (json!("met"), json!("due")), "it is not rated before two agree");
        let agreed = manager.commands(&report, "triage", rating(2, None)).await.expect(200);
        assert_eq!((&agreed["potential_severity"], &agreed["pending_severity"]), (&json!(2), &Value::Null));
    }
    minor["potential_severity"] = 3.into();
    let report = technician.reports(&minor).await;
    let rated = officer.commands(&report, "triage", rating(1, None)).await.expect(200);
    assert_eq!(rated["potential_severity"], 1, "below 4 one person is enough");
}

async fn the_screen_proposes_and_less_than_it_proposes_wants_a_reason(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let mut draft = hazard(&house.site("AGA").await);
    draft["potential_severity"] = 2.into();
    let report = technician.reports(&draft).await;
    let screened = |potential: u8, reason: Option<&str>, screen: Value| {
        let mut body = rating(potential, reason);
        body["screen"] = screen;
        body
    };
    let half = screened(3, None, json!({ "incident": true, "serious_injury": false }));
    let problem = officer.commands(&report, "triage", half).await.refused(422, "invalid");
    assert_eq!(problem["errors"][0]["pointer"], "/screen/direct_control");
    let near = json!({ "incident": true, "serious_injury": false, "direct_control": false });
    let problem = officer.commands(&report, "triage", screened(3, None, near.clone())).await.refused(409, "not_ready");
    assert_eq!(problem["missing"].as_array().unwrap().len(), 1);
    assert_eq!(problem["missing"][0]["code"], "reason");
    let rated = officer.commands(&report, "triage", screened(3, Some("The line was dead"), near)).await.expect(200);
    let screen = &rated["screen"];
    assert_eq!(
        (&screen["class"], &screen["proposed_potential"], &screen["high_energy"]),
        (&json!("psif"), &json!(5), &json!(true))
    );
    assert_eq!((&rated["potential_severity"], &rated["comments"][0]["text"]), (&json!(3), &json!("The line was dead")));
    assert_eq!(officer.report(&report).await["screen"], *screen, "it is kept");
    let again = officer.commands(&report, "triage", rating(5, None)).await.expect(200);
    assert_eq!(again["screen"], Value::Null, "a rating has the aids it was given with, and no others");
}

async fn a_rating_names_its_place_in_the_matrix_of_its_day(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let admin = house.joins("Samira", Role::Admin, "SRM-SM").await;
    let report = technician.reports(&hazard(&house.site("AGA").await)).await;
    let likely = |likelihood: u8| json!({ "actual_severity": 1, "potential_severity": 4, "likelihood": likelihood });
    let problem = officer.commands(&report, "triage", likely(6)).await.refused(422, "invalid");
    assert_eq!(problem["errors"][0]["pointer"], "/likelihood");
    let rated = officer.commands(&report, "triage", likely(2)).await.expect(200);
    assert_eq!(rated["risk"], json!({ "likelihood": 2, "score": 8, "band": "medium", "matrix_version": 1 }));
    let mut stricter = admin.get("/v1/matrices").await.expect(200);
    stricter["cells"][3] = json!(["high", "high", "extreme", "extreme", "extreme"]);
    assert_eq!(admin.put("/v1/matrices", &stricter).await.expect(200)["version"], 2);
    assert_eq!(officer.report(&report).await["risk"]["matrix_version"], 1, "what was rated stays as it was rated");
    let anew = officer.commands(&report, "triage", likely(2)).await.expect(200);
    assert_eq!((&anew["risk"]["band"], &anew["risk"]["matrix_version"]), (&json!("high"), &json!(2)));
    let history = officer.get(&format!("/v1/reports/{report}/history?limit=200")).await.expect(200);
    let ratings = history["items"].as_array().unwrap().iter().filter(|entry| entry["verb"] == "triaged");
    let bands: Vec<_> = ratings.map(|entry| (entry["facts"]["band"].clone(), entry["facts"]["matrix"].clone())).collect();
    assert_eq!(bands, [(json!("medium"), json!(1)), (json!("high"), json!(2))]);
}

async fn a_matrix_that_contradicts_itself_is_refused_cell_by_cell(house: House) {
    let admin = house.joins("Samira", Role::Admin, "SRM-SM").await;
    let good = admin.get("/v1/matrices").await.expect(200);
    for (cell, band, pointer, code) in [
        ((3, 2), "low", "/cells/3/2", "not_monotone"),
        ((0, 0), "extreme", "/cells/0/1", "not_monotone"),
        ((4, 0), "medium", "/cells/4/0", "worst_below_high"),
    ] {
        let mut bad = good.clone();
        bad["cells"][cell.0][cell.1] = band.into();
        let problem = admin.put("/v1/matrices", &bad).await.refused(422, "invalid");
        assert_eq!((&problem["errors"][0]["pointer"], &problem["errors"][0]["code"]), (&json!(pointer), &json!(code)));
    }
    let mut unnamed = good.clone();
    unnamed["severities"][4]["people"]["ar"] = "".into();
    let problem = admin.put("/v1/matrices", &unnamed).await.refused(422, "invalid");
    assert_eq!(problem["errors"][0]["pointer"], "/severities/4/people");
    let mut vague = good.clone();
    vague["cells"][0][0] = "so-so".into();
    admin.put("/v1/matrices", &vague).await.refused(422, "invalid");
    assert_eq!(admin.get("/v1/matrices/versions").await.expect(200)["items"].as_array().unwrap().len(), 1, "nothing was written");
}

async fn the_aids_can_be_asked_before_anything_is_rated(house: House) {
    let technician = house.joins("Khadija", Role::Technician, "AGA").await;
    let ask = async |query: &str| technician.get(&format!("/v1/severity/screen?{query}")).await;
    let seen = ask("category=ELEC&incident=false&direct_control=false&likelihood=3").await.expect(200);
    assert_eq!((&seen["screen"]["class"], &seen["screen"]["proposed_potential"]), (&json!("exposure"), &json!(4)));
    assert_eq!(seen["risk"], json!({ "likelihood": 3, "score": 12, "band": "high", "matrix_version": 1 }));
    let mild = ask("category=STF&incident=true&serious_injury=false&potential_severity=1&likelihood=1").await.expect(200);
    assert_eq!((&mild["screen"]["class"], &mild["risk"]["band"]), (&json!("low_severity"), &json!("low")));
    assert_eq!(ask("high_energy=false&incident=false").await.expect(200)["screen"]["class"], Value::Null);
    for (query, pointer) in [
        ("category=NONE&incident=true", "?category"),
        ("category=ELEC&incident=true", "?serious_injury"),
        ("high_energy=true&incident=false", "?direct_control"),
        ("incident=false&potential_severity=0&likelihood=1", "?potential_severity"),
        ("incident=false&potential_severity=5&likelihood=9", "?likelihood"),
    ] {
        assert_eq!(ask(query).await.refused(422, "invalid")["errors"][0]["pointer"], pointer, "{query}");
    }
}
