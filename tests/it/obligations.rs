//! What the law wants filed: it runs by itself, warns, climbs at any hour, waits for nobody, and is met by a proof alone.

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
    an_injured_employee_starts_the_legal_clocks_and_a_filing_meets_them,
    a_late_filing_stays_late_whatever_excuses_it,
    the_law_waits_for_no_acknowledgement,
    legal_clocks_are_for_those_who_read_reports,
    an_unreviewed_obligation_says_so,
);

const DAY: i64 = 86_400_000;

/// A minor incident in which an employee was hurt, half an hour before its report.
async fn accident(house: &House) -> (Person, Person, Person, String) {
    let (technician, officer, manager) = crew(house).await;
    let mut draft = hazard(&house.site("AGA").await);
    draft["kind"] = "incident".into();
    draft["potential_severity"] = 2.into();
    draft["occurred_at"] = "2026-11-24T08:30:00Z".into();
    let report = technician.reports(&draft).await;
    let injury = json!({ "person": "SECRETNAME", "status": "employee", "treatment": "medical", "notes": "SECRETNOTE" });
    officer.put(&format!("/v1/reports/{report}/injuries/{}", officer.new_id()), &injury).await.expect(201);
    (technician, officer, manager, report)
}

fn filing(obligation: &str, filed_at: &str) -> Value {
    json!({ "obligation": obligation, "filed_at": filed_at, "recipient": "Assurances du Sud",
        "proof": { "kind": "receipt", "reference": "AR 2026/118" } })
}

fn legal(report: &Value) -> Vec<(String, String, String)> {
    let text = |clock: &Value, field: &str| clock[field].as_str().unwrap().to_owned();
    let clocks = report["deadlines"].as_array().unwrap().iter().filter(|clock| clock["kind"] == "file_obligation");
    let mut all: Vec<_> = clocks.map(|clock| (text(clock, "obligation"), text(clock, "state"), text(clock, "due_at"))).collect();
    all.sort();
    all
}

fn state(report: &Value, obligation: &str) -> String {
    legal(report).into_iter().find(|clock| clock.0 == obligation).unwrap().1
}

fn filing_mails(house: &House, person: &Person, word: &str) -> usize {
    let of_filings = |mail: &&crate::support::smtp::Received| mail.data.contains("legal obligations, version 1");
    let mails = house.mailbox(person);
    let subject = |mail: &str| mail.lines().any(|line| line.starts_with("Subject:") && line.contains(word));
    mails.iter().filter(of_filings).filter(|mail| subject(&mail.data)).count()
}

async fn an_injured_employee_starts_the_legal_clocks_and_a_filing_meets_them(house: House) {
    let (technician, officer, manager, report) = accident(&house).await;
    let due = |days: &str| format!("2026-{days}T08:30:00Z");
    let clock = |id: &str, days: &str| (id.to_owned(), "due".to_owned(), due(days));
    let expected = vec![clock("MA-AT-ADM", "11-29"), clock("MA-AT-INS", "11-29"), clock("MA-LC-341", "12-09")];
    assert_eq!(legal(&officer.report(&report).await), expected, "counted from the accident, the earlier event");
    house.tick().await;
    house.clock.advance(2 * DAY).unwrap();
    house.tick().await;
    assert_eq!(filing_mails(&house, &officer, "Reminder"), 2, "insurer and administration, on the second day");
    assert_eq!(filing_mails(&house, &manager, "Reminder"), 2);
    let mail = house.mailbox(&officer).into_iter().find(|mail| mail.data.contains("Declaration of the work")).unwrap();
    assert!(!mail.data.contains("SECRET"), "{}", mail.data);

    let (officer, technician) = (house.again(&officer).await, house.again(&technician).await);
    let path = format!("/v1/reports/{report}/filings/{}", officer.new_id());
    let filed = filing("MA-AT-INS", "2026-11-26T08:45:00Z");
    technician.put(&path, &filed).await.refused(403, "may_not");
    let early = filing("MA-AT-INS", "2026-11-24T08:00:00Z");
    assert_eq!(officer.put(&path, &early).await.refused(422, "invalid")["errors"][0]["code"], "before_the_event");
    let other = filing("MA-LC-339", "2026-11-26T08:45:00Z");
    assert_eq!(officer.put(&path, &other).await.refused(422, "invalid")["errors"][0]["code"], "unknown_obligation");
    officer.put(&path, &filed).await.expect(201);
    officer.put(&path, &filed).await.expect(200);
    officer.put(&path, &filing("MA-AT-ADM", "2026-11-26T08:45:00Z")).await.refused(409, "filing_conflict");
    assert_eq!(state(&officer.report(&report).await, "MA-AT-INS"), "met");
    house.clock.advance(2 * DAY).unwrap();
    house.tick().await;
    assert_eq!(filing_mails(&house, &officer, "Reminder"), 3, "what was filed is not asked for again");
    let auditor = house.joins("Rkia", Role::Auditor, "SRM-SM").await;
    let seen = auditor.get(&format!("/v1/reports/{report}/filings")).await.expect(200);
    assert_eq!(seen["items"][0]["proof"], json!({ "kind": "receipt", "reference": "AR 2026/118" }));
    auditor.put(&path, &filed).await.refused(403, "may_not");
    let history = auditor.get(&format!("/v1/reports/{report}/history")).await.expect(200).to_string();
    assert!(history.contains("MA-AT-INS") && !history.contains("AR 2026"), "{history}");
}

async fn a_late_filing_stays_late_whatever_excuses_it(house: House) {
    let (_, officer, manager, report) = accident(&house).await;
    house.clock.advance(5 * DAY).unwrap();
    house.tick().await;
    let (officer, manager) = (house.again(&officer).await, house.again(&manager).await);
    assert_eq!(state(&officer.report(&report).await, "MA-AT-INS"), "overdue");
    assert!(filing_mails(&house, &manager, "Escalation") >= 1, "on a Sunday too");
    let mut late = filing("MA-AT-INS", "2026-11-29T08:50:00Z");
    late["force_majeure"] = "The road was flooded".into();
    let filed = manager.put(&format!("/v1/reports/{report}/filings/{}", manager.new_id()), &late).await.expect(201);
    assert_eq!(filed["force_majeure"], "The road was flooded");
    assert_eq!(state(&officer.report(&report).await, "MA-AT-INS"), "missed");
    let earlier = filing("MA-AT-ADM", "2026-11-28T10:00:00Z");
    manager.put(&format!("/v1/reports/{report}/filings/{}", manager.new_id()), &earlier).await.expect(201);
    assert_eq!(state(&officer.report(&report).await, "MA-AT-ADM"), "met", "filed in time, recorded later");
}

async fn the_law_waits_for_no_acknowledgement(house: House) {
    let (_, officer, _, _) = accident(&house).await;
    house.tick().await;
    house.clock.advance(2 * DAY).unwrap();
    house.tick().await;
    let mail = house.mailbox(&officer).into_iter().find(|mail| mail.data.contains("Declaration of the work")).unwrap().data;
    let body = mail.replace("=\r\n", "");
    let token = body.split("/m/").nth(1).unwrap().split(|c: char| c.is_whitespace() || c == '"').next().unwrap().to_owned();
    let page = house.web.get(format!("{}/m/{token}", house.url)).send().await.unwrap();
    assert_eq!(page.status(), 200);
    assert!(!page.text().await.unwrap().contains("<button"), "there is nothing to press");
    let pressed = house.web.post(format!("{}/m/{token}", house.url)).send().await.unwrap();
    assert_eq!(pressed.status(), 409);
    assert!(pressed.text().await.unwrap().contains("The law does not wait"));
    house.clock.advance(2 * DAY).unwrap();
    house.tick().await;
    assert_eq!(filing_mails(&house, &officer, "Reminder"), 4, "the fourth day comes all the same");
}

async fn legal_clocks_are_for_those_who_read_reports(house: House) {
    let (technician, officer, _, report) = accident(&house).await;
    assert_eq!(legal(&technician.report(&report).await), vec![]);
    let list = |body: Value| body["items"].as_array().unwrap().iter().filter(|clock| clock["kind"] == "file_obligation").count();
    assert_eq!(list(technician.get("/v1/deadlines").await.expect(200)), 0);
    assert_eq!(list(officer.get("/v1/deadlines").await.expect(200)), 3);
    let next = |body: Value| body["next"].as_array().unwrap().iter().filter(|next| next["kind"] == "file_obligation").count();
    assert_eq!((next(technician.explains(&report).await), next(officer.explains(&report).await)), (0, 3));
    let path = format!("/v1/reports/{report}/history");
    assert!(!technician.get(&path).await.expect(200).to_string().contains("obligation"));
    assert!(officer.get(&path).await.expect(200).to_string().contains("obligation"));
    technician.get(&format!("/v1/reports/{report}/filings")).await.refused(403, "may_not");
}

async fn an_unreviewed_obligation_says_so(house: House) {
    let admin = house.joins("Omar", Role::Admin, "SRM-SM").await;
    let mut document = admin.get("/v1/obligations").await.expect(200);
    assert_eq!(document["obligations"][0]["review"], "To be confirmed by counsel");
    document["obligations"][0]["reviewed_by"] = "Maître Alaoui".into();
    document["obligations"][0]["reviewed_on"] = "2026-11-20".into();
    document["obligations"][1]["pausable"] = true.into();
    let refused = admin.put("/v1/obligations", &document).await.refused(422, "invalid");
    assert_eq!(refused["errors"][0]["pointer"], "/obligations/1/pausable");
    document["obligations"][1]["pausable"] = false.into();
    assert_eq!(admin.put("/v1/obligations", &document).await.expect(200)["version"], 2);
    let reviewed = admin.get("/v1/obligations").await.expect(200);
    assert_eq!(reviewed["obligations"][0]["review"], Value::Null);
    assert_eq!(reviewed["obligations"][1]["review"], "To be confirmed by counsel");
    assert_eq!(admin.get("/v1/obligations/versions").await.expect(200)["items"].as_array().unwrap().len(), 2);
}
