//! Medical facts have readers of their own, and leave no trace anywhere else.

use salama::domain::audience::Role;
use serde_json::{Value, json};

use crate::{
    main_road::crew,
    support::{house::House, person::hazard, stories},
};

stories!(who_was_hurt_is_read_by_investigators_alone_and_stands_nowhere_else);

fn injury(person: &str) -> Value {
    json!({ "person": person, "status": "employee", "treatment": "medical", "notes": "SECRETNOTE burn of the left hand",
        "absences": [{ "from": "2026-11-25", "to": "2026-11-27" }], "esaw": { "injury": "60", "body_part": "53" } })
}

async fn who_was_hurt_is_read_by_investigators_alone_and_stands_nowhere_else(house: House) {
    let (technician, officer, manager) = crew(&house).await;
    let investigator = house.joins("Salma", Role::Investigator, "SRM-SM").await;
    let auditor = house.joins("Omar", Role::Auditor, "SRM-SM").await;
    let report = technician.reports(&hazard(&house.site("AGA").await)).await;
    let list = format!("/v1/reports/{report}/injuries");
    let path = format!("{list}/{}", officer.new_id());
    let receipt = officer.put(&path, &injury("SECRETNAME Amine")).await.expect(201);
    assert!(!receipt.to_string().contains("SECRET"), "whoever records it gets a receipt");
    officer.put(&path, &injury("SECRETNAME Amine")).await.expect(200);
    officer.put(&path, &injury("SECRETNAME Other")).await.refused(409, "injury_conflict");
    technician.put(&path, &injury("X")).await.refused(403, "may_not");
    for nobody in [&technician, &officer, &manager, &auditor] {
        nobody.get(&list).await.refused(403, "may_not");
    }
    house.clock.advance(5 * 86_400_000).unwrap();
    let investigator = house.again(&investigator).await;
    let seen = investigator.get(&list).await.expect(200);
    assert_eq!((&seen["items"][0]["person"], &seen["items"][0]["days_lost"]), (&json!("SECRETNAME Amine"), &json!(3)));
    let correct = |version: &str| {
        let request = investigator.web.put(format!("{}{path}", investigator.url)).header("if-match", version.to_owned());
        investigator.send(request.json(&injury("SECRETNAME Amina")))
    };
    correct("\"7\"").await.refused(412, "changed");
    correct("\"1\"").await.expect(200);
    house.tick().await;
    let officer = house.again(&officer).await;
    let everything = [
        officer.report(&report).await.to_string(),
        officer.get("/v1/reports").await.expect(200).to_string(),
        officer.get("/v1/reports?q=secretname").await.expect(200).to_string(),
        officer.get(&format!("/v1/reports/{report}/history")).await.expect(200).to_string(),
        officer.explains(&report).await.to_string(),
        house.peer.received().iter().map(|mail| mail.data.clone()).collect(),
        house.app.store.journal(0, 1000).await.unwrap().iter().map(|link| link.facts.clone()).collect(),
    ];
    for text in everything {
        assert!(!text.contains("SECRET"), "{text}");
    }
    let history = officer.get(&format!("/v1/reports/{report}/history")).await.expect(200).to_string();
    assert!(history.contains("\"recorded\"") && history.contains("\"corrected\""));
}
