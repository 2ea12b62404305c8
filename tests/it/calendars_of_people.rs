//! A due date stands in its owner's calendar: entered with the assignment, moved with an extension, gone with the action.

use serde_json::json;

use crate::{
    main_road::crew,
    support::{
        house::{House, readable},
        person::{Person, hazard},
        stories,
    },
};

stories!(
    an_assignment_enters_the_due_date_an_extension_moves_it_and_an_end_takes_it_away,
    who_hands_an_action_on_loses_its_entry_and_the_next_owner_gets_it,
    nothing_that_anybody_wrote_stands_in_a_calendar,
);

/// The last calendar file a person got by mail, whatever mails came after it, its lines unfolded.
fn calendar_file(house: &House, person: &Person) -> String {
    let mails = house.mailbox(person).into_iter().map(|mail| readable(&mail.data).replace("\r\n ", ""));
    let mail = mails.rev().find(|mail| mail.contains("BEGIN:VCALENDAR")).expect("no mail has an entry");
    let begins = mail.rfind("BEGIN:VCALENDAR").unwrap();
    mail[begins..].to_owned()
}

/// Method, id, sequence, start and status of the last entry a person got by mail.
fn entry(house: &House, person: &Person) -> [String; 5] {
    let file = calendar_file(house, person);
    ["METHOD", "UID", "SEQUENCE", "DTSTART", "STATUS"].map(|name| {
        let line = file.lines().find_map(|line| line.strip_prefix(&format!("{name}:"))).unwrap();
        line.trim_end().to_owned()
    })
}

async fn assigned(house: &House) -> (Person, Person, String) {
    let (technician, officer, _) = crew(house).await;
    let mut draft = hazard(&house.site("AGA").await);
    draft["potential_severity"] = 2.into();
    let report = technician.reports(&draft).await;
    officer.commands(&report, "acknowledge", json!({})).await.expect(200);
    let action = officer.assigns(&report, &technician, Some("2026-12-01T00:00:00Z".to_owned())).await;
    house.tick().await;
    (technician, officer, action)
}

fn sequence(entry: &[String; 5]) -> i64 {
    entry[2].parse().unwrap()
}

async fn an_assignment_enters_the_due_date_an_extension_moves_it_and_an_end_takes_it_away(house: House) {
    let (technician, officer, action) = assigned(&house).await;
    let entered = entry(&house, &technician);
    assert_eq!([&entered[0], &entered[3], &entered[4]], ["PUBLISH", "20261201T000000Z", "CONFIRMED"]);
    assert_eq!(entered[1], format!("action-{action}@salama.example"));
    let more = json!({ "until": "2026-12-10T00:00:00Z", "reason": "The part is late" });
    technician.acts(&action, "request-extension", more).await.expect(200);
    officer.acts(&action, "decide-extension", json!({ "granted": true })).await.expect(200);
    house.tick().await;
    let moved = entry(&house, &technician);
    assert_eq!([&moved[0], &moved[1], &moved[3]], ["PUBLISH", entered[1].as_str(), "20261210T000000Z"]);
    technician.acts(&action, "complete", json!({ "note": "Done" })).await.expect(200);
    officer.acts(&action, "return", json!({ "reason": "Not buried" })).await.expect(200);
    house.tick().await;
    let returned = entry(&house, &technician);
    assert_eq!([&returned[0], &returned[3]], ["PUBLISH", "20261210T000000Z"]);
    technician.acts(&action, "complete", json!({ "note": "Done" })).await.expect(200);
    officer.acts(&action, "verify", json!({})).await.expect(200);
    house.tick().await;
    let gone = entry(&house, &technician);
    assert_eq!([&gone[0], &gone[1], &gone[4]], ["CANCEL", entered[1].as_str(), "CANCELLED"]);
    let sequences = [&entered, &moved, &returned, &gone].map(sequence);
    assert!(sequences.is_sorted_by(|a, b| a < b), "{sequences:?}");
}

async fn who_hands_an_action_on_loses_its_entry_and_the_next_owner_gets_it(house: House) {
    let (technician, officer, action) = assigned(&house).await;
    let next = house.joins_under("Rachid", salama::domain::audience::Role::Technician, "AGA", Some(&officer)).await;
    let entered = entry(&house, &technician);
    technician.acts(&action, "delegate", json!({ "owner_id": next.id.0, "reason": "His trade" })).await.expect(200);
    house.tick().await;
    let (gone, got) = (entry(&house, &technician), entry(&house, &next));
    assert_eq!([&gone[0], &gone[1], &got[0], &got[1]], ["CANCEL", entered[1].as_str(), "PUBLISH", entered[1].as_str()]);
    assert!(sequence(&gone) > sequence(&entered));
    officer.acts(&action, "cancel", json!({ "reason": "Not needed" })).await.expect(200);
    house.tick().await;
    let over = entry(&house, &next);
    assert_eq!([&over[0], &over[1]], ["CANCEL", entered[1].as_str()]);
    assert!(sequence(&over) > sequence(&got));
}

async fn nothing_that_anybody_wrote_stands_in_a_calendar(house: House) {
    let (technician, ..) = assigned(&house).await;
    let file = calendar_file(&house, &technician);
    assert!(file.contains("R-2026-") && !file.contains("Enterrer") && !file.contains("ble nu"), "{file}");
}
