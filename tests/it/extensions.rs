//! Who does an action and until when: an owner gives it on or asks for more time, and somebody above decides.

use salama::domain::audience::Role;
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
    more_time_is_decided_by_somebody_above_and_figures_keep_the_first_promise,
    after_two_extensions_only_a_manager_of_the_whole_organisation_decides,
    an_action_given_on_is_the_new_owners_and_never_its_verifiers,
);

async fn assigned(house: &House, technician: &Person, officer: &Person) -> (String, String) {
    let mut draft = hazard(&house.site("AGA").await);
    draft["potential_severity"] = 2.into();
    let report = technician.reports(&draft).await;
    officer.commands(&report, "acknowledge", json!({})).await.expect(200);
    let action = officer.assigns(&report, technician, Some("2026-12-01T00:00:00Z".to_owned())).await;
    house.tick().await;
    (report, action)
}

fn until(day: &str) -> Value {
    json!({ "until": format!("2026-12-{day}T00:00:00Z"), "reason": "The part is late" })
}

async fn more_time_is_decided_by_somebody_above_and_figures_keep_the_first_promise(house: House) {
    let (technician, officer, manager) = crew(&house).await;
    let (report, action) = assigned(&house, &technician, &officer).await;
    officer.acts(&action, "request-extension", until("10")).await.refused(403, "may_not");
    let sooner = json!({ "until": "2026-11-30T00:00:00Z", "reason": "?" });
    technician.acts(&action, "request-extension", sooner).await.refused(422, "invalid");
    manager.acts(&action, "decide-extension", json!({ "granted": true })).await.refused(409, "wrong_state");
    let asked = technician.acts(&action, "request-extension", until("10")).await.expect(200);
    assert_eq!((&asked["due_at"], &asked["extensions"][0]["granted"]), (&json!("2026-12-01T00:00:00Z"), &Value::Null));
    house.tick().await;
    let mails = |person: &Person, words: &str| house.mailbox(person).iter().filter(|mail| mail.data.contains(words)).count();
    assert_eq!(mails(&officer, "An extension awaits your decision"), 1, "her manager is told");
    technician.acts(&action, "decide-extension", json!({ "granted": true })).await.refused(403, "may_not");
    officer.acts(&action, "decide-extension", json!({ "granted": false })).await.refused(422, "invalid");
    let granted = officer.acts(&action, "decide-extension", json!({ "granted": true })).await.expect(200);
    assert_eq!((&granted["due_at"], &granted["first_due_at"]), (&json!("2026-12-10T00:00:00Z"), &json!("2026-12-01T00:00:00Z")));
    let seen = officer.report(&report).await;
    let clock = seen["deadlines"].as_array().unwrap().iter().find(|clock| clock["kind"] == "complete_action").unwrap();
    assert_eq!((&clock["due_at"], &clock["first_due_at"]), (&granted["due_at"], &granted["first_due_at"]));
    house.tick().await;
    assert_eq!(mails(&technician, "It is decided whether you get more time"), 1);
}

async fn after_two_extensions_only_a_manager_of_the_whole_organisation_decides(house: House) {
    let (technician, officer, director) = crew(&house).await;
    let (_, action) = assigned(&house, &technician, &officer).await;
    for day in ["10", "20"] {
        technician.acts(&action, "request-extension", until(day)).await.expect(200);
        officer.acts(&action, "decide-extension", json!({ "granted": true })).await.expect(200);
    }
    technician.acts(&action, "request-extension", until("30")).await.expect(200);
    officer.acts(&action, "decide-extension", json!({ "granted": true })).await.refused(403, "may_not");
    let refused = json!({ "granted": false, "reason": "Twice is enough" });
    let decided = director.acts(&action, "decide-extension", refused).await.expect(200);
    assert_eq!((&decided["due_at"], decided["extensions"].as_array().unwrap().len()), (&json!("2026-12-20T00:00:00Z"), 3));
    house.tick().await;
    assert!(house.mailbox(&director).iter().any(|mail| mail.data.contains("An extension awaits your decision")));
}

async fn an_action_given_on_is_the_new_owners_and_never_its_verifiers(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let sender = house.joins("Sender", Role::Technician, "AGA").await;
    let other = house.joins("Nadia", Role::Technician, "AGA").await;
    let (report, action) = assigned(&house, &sender, &officer).await;
    let to = |person: &Person| json!({ "owner_id": person.id.0, "reason": "My van is in repair" });
    technician.acts(&action, "delegate", to(&other)).await.refused(404, "not_found");
    sender.acts(&action, "delegate", to(&officer)).await.refused(422, "invalid");
    sender.acts(&action, "accept", json!({})).await.expect(200);
    let given = sender.acts(&action, "delegate", to(&technician)).await.expect(200);
    assert_eq!((&given["owner_id"], &given["state"]), (&json!(technician.id.0), &json!("open")));
    technician.acts(&action, "delegate", to(&other)).await.expect(200);
    technician.get(&format!("/v1/reports/{report}")).await.refused(404, "not_found");
    sender.report(&report).await;
    house.tick().await;
    assert!(house.mailbox(&other).iter().any(|mail| mail.data.contains("corrective action has been assigned")));
    other.acts(&action, "complete", json!({ "note": "Done" })).await.expect(200);
    other.acts(&action, "verify", json!({})).await.refused(403, "may_not");
    officer.acts(&action, "verify", json!({})).await.expect(200);
}
