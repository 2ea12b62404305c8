//! Copies on phones: what changed is told in order, what may not be seen any more is told too, and nothing is passed over.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

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
    a_copy_begins_with_everything_and_hears_what_changed,
    who_hands_an_action_on_and_who_corrects_the_site_takes_the_report_out_of_sight,
    another_role_brings_into_view_and_takes_out_of_it,
    what_cannot_be_read_is_no_news,
    a_cursor_is_good_for_its_owner_alone_and_for_ninety_days,
    who_waits_is_told_at_once,
    nothing_that_commits_late_is_passed_over,
);

/// The copy that a phone keeps.
#[derive(Default)]
pub struct Copy {
    pub reports: BTreeMap<String, Value>,
    pub cursor: Option<String>,
}

impl Copy {
    /// Asks until there is no more; gives what was told: the ids of what changed, and of what is gone.
    pub async fn syncs(&mut self, person: &Person) -> (Vec<String>, Vec<String>) {
        let (mut changed, mut gone) = (vec![], vec![]);
        loop {
            let answer = self.asks(person).await;
            let told = self.takes(&answer);
            changed.extend(told.0);
            gone.extend(told.1);
            if answer["has_more"] == false {
                return (changed, gone);
            }
        }
    }

    /// One answer; what it tells is not taken yet.
    pub async fn asks(&self, person: &Person) -> Value {
        let after = self.cursor.as_ref().map_or_else(String::new, |cursor| format!("&after={cursor}"));
        person.get(&format!("/v1/changes?limit=3{after}")).await.expect(200)
    }

    /// Takes an answer over.
    pub fn takes(&mut self, answer: &Value) -> (Vec<String>, Vec<String>) {
        let id = |of: &Value| of["id"].as_str().unwrap().to_owned();
        let reports = answer["changes"].as_array().unwrap().iter().filter(|change| change["type"] == "report");
        let changed: Vec<String> = reports.clone().map(id).collect();
        self.reports.extend(reports.map(|change| (id(change), change["report"].clone())));
        let gone: Vec<String> = answer["removed"].as_array().unwrap().iter().map(id).collect();
        for id in &gone {
            self.reports.remove(id);
        }
        self.cursor = Some(answer["next"].as_str().unwrap().to_owned());
        (changed, gone)
    }

    /// Whether it is what the server shows this person now.
    pub async fn is_the_servers(&self, person: &Person) {
        let (mut listed, mut page) = (BTreeSet::new(), "/v1/reports?limit=200".to_owned());
        loop {
            let answer = person.get(&page).await.expect(200);
            listed.extend(answer["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()));
            let Some(next) = answer["next"].as_str() else { break };
            page = format!("/v1/reports?limit=200&after={next}");
        }
        assert_eq!(self.reports.keys().cloned().collect::<BTreeSet<_>>(), listed, "the reports of {}", person.name);
        for (id, copy) in &self.reports {
            assert_eq!(timeless(copy.clone()), timeless(person.report(id).await), "{} of {}", id, person.name);
        }
    }
}

/// Without what only time changes.
fn timeless(mut report: Value) -> Value {
    for deadline in report["deadlines"].as_array_mut().unwrap() {
        deadline["state"] = Value::Null;
    }
    for action in report["actions"].as_array_mut().unwrap() {
        action["overdue"] = Value::Null;
    }
    report
}

async fn a_copy_begins_with_everything_and_hears_what_changed(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let site = house.site("AGA").await;
    let mut ids = vec![];
    for _ in 0..7 {
        ids.push(technician.reports(&hazard(&site)).await);
    }
    let elsewhere = house.joins("Said", Role::Technician, "TIZ").await;
    elsewhere.reports(&hazard(&house.site("TIZ").await)).await;
    let (mut phone, mut desk) = (Copy::default(), Copy::default());
    assert_eq!(phone.syncs(&technician).await.0.len(), 7);
    desk.syncs(&officer).await;
    phone.is_the_servers(&technician).await;
    desk.is_the_servers(&officer).await;
    assert_eq!(phone.syncs(&technician).await, (vec![], vec![]), "nothing happened since");

    officer.commands(&ids[2], "acknowledge", json!({})).await.expect(200);
    officer.commands(&ids[0], "dismiss", json!({ "reason": "The cable is dead" })).await.expect(200);
    elsewhere.reports(&hazard(&house.site("TIZ").await)).await;
    assert_eq!(phone.syncs(&technician).await.0, [ids[2].clone(), ids[0].clone()], "in the order in which it happened");
    assert_eq!(desk.syncs(&officer).await.0, [ids[2].clone(), ids[0].clone()]);
    phone.is_the_servers(&technician).await;

    let latest = technician.get("/v1/changes?after=latest").await.expect(200);
    assert_eq!((&latest["changes"], &latest["has_more"]), (&json!([]), &json!(false)));
    let new = technician.reports(&hazard(&site)).await;
    let mut other = Copy { cursor: Some(latest["next"].as_str().unwrap().to_owned()), ..Copy::default() };
    assert_eq!(other.syncs(&technician).await.0, [new]);
}

async fn who_hands_an_action_on_and_who_corrects_the_site_takes_the_report_out_of_sight(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let owner = house.joins("Rachid", Role::Technician, "AGA").await;
    let next = house.joins("Salma", Role::Technician, "AGA").await;
    let (both, other) = (house.joins("Zineb", Role::Officer, "SRM-SM").await, house.joins("Idriss", Role::Officer, "AGA").await);
    let report = technician.reports(&hazard(&house.site("AGA").await)).await;
    officer.commands(&report, "acknowledge", json!({})).await.expect(200);
    let action = officer.assigns(&report, &owner, None).await;
    let mut copies = [Copy::default(), Copy::default(), Copy::default()];
    for (copy, person) in copies.iter_mut().zip([&owner, &next, &other]) {
        copy.syncs(person).await;
    }
    assert!(copies[0].reports.contains_key(&report) && copies[1].reports.is_empty());
    owner.acts(&action, "delegate", json!({ "owner_id": next.id.0, "reason": "On leave" })).await.expect(200);
    assert_eq!(copies[0].syncs(&owner).await, (vec![], vec![report.clone()]));
    assert_eq!(copies[1].syncs(&next).await, (vec![report.clone()], vec![]));
    assert_eq!(copies[0].syncs(&owner).await, (vec![], vec![]), "it is told once");

    let elsewhere = house.joins("Said", Role::Officer, "TIZ").await;
    let mut there = Copy::default();
    there.syncs(&elsewhere).await;
    copies[2].syncs(&other).await;
    let moved = json!({ "site_id": house.site("TIZ").await, "reason": "It is in Tiznit" });
    both.commands(&report, "correct", moved).await.expect(200);
    assert_eq!(copies[2].syncs(&other).await, (vec![], vec![report.clone()]));
    assert_eq!(there.syncs(&elsewhere).await.0, [report]);
    there.is_the_servers(&elsewhere).await;
    copies[2].is_the_servers(&other).await;
}

async fn another_role_brings_into_view_and_takes_out_of_it(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let admin = house.joins("Admin", Role::Admin, "SRM-SM").await;
    let there = house.joins("Said", Role::Technician, "TIZ").await;
    for (person, site) in [(&technician, "AGA"), (&there, "TIZ")] {
        for _ in 0..4 {
            person.reports(&hazard(&house.site(site).await)).await;
        }
    }
    let mut desk = Copy::default();
    assert_eq!(desk.syncs(&officer).await.0.len(), 4);
    let grant = |site: &str| format!("/v1/members/{}/grants/officer/{site}", officer.id.0);
    let (aga, tiz) = (house.site("AGA").await, house.site("TIZ").await);
    admin.put(&grant(&tiz), &json!({})).await;
    let told = desk.syncs(&officer).await;
    assert_eq!((told.0.iter().collect::<BTreeSet<_>>().len(), told.1.len()), (4, 0), "{told:?}");
    desk.is_the_servers(&officer).await;
    let gone = admin.send(admin.web.delete(format!("{}{}", admin.url, grant(&aga)))).await;
    assert!(gone.status < 300, "{} {:#}", gone.status, gone.body);
    let told = desk.syncs(&officer).await;
    assert_eq!(told.1.len(), 4, "{told:?}");
    desk.is_the_servers(&officer).await;
    assert_eq!(desk.syncs(&officer).await, (vec![], vec![]));
}

async fn what_cannot_be_read_is_no_news(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let report = technician.reports(&hazard(&house.site("AGA").await)).await;
    let mut phone = Copy::default();
    phone.syncs(&technician).await;
    let path = format!("/v1/reports/{report}/comments/{}", officer.new_id());
    let whisper = json!({ "text": "Ask the foreman first", "for_reporter": false });
    officer.put(&path, &whisper).await.expect(201);
    house.tick().await;
    assert_eq!(phone.syncs(&technician).await, (vec![], vec![]), "mails to others are none of theirs");
    phone.is_the_servers(&technician).await;
}

async fn a_cursor_is_good_for_its_owner_alone_and_for_ninety_days(house: House) {
    let (technician, officer, _) = crew(&house).await;
    technician.reports(&hazard(&house.site("AGA").await)).await;
    let mut phone = Copy::default();
    phone.syncs(&technician).await;
    let cursor = phone.cursor.clone().unwrap();
    let ask = |after: String| format!("/v1/changes?after={after}");
    officer.get(&ask(cursor.clone())).await.refused(400, "no_cursor");
    for broken in ["x".to_owned(), "AAAA".repeat(40), format!("A{}", &cursor[1..]), cursor[..cursor.len() - 2].to_owned()] {
        technician.get(&ask(broken)).await.refused(400, "no_cursor");
    }
    technician.get("/v1/changes?wait=56").await.expect(422);
    technician.reports(&hazard(&house.site("AGA").await)).await;
    house.clock.advance(89 * 86_400_000).unwrap();
    let technician = house.again(&technician).await;
    assert_eq!(technician.get(&ask(cursor.clone())).await.expect(200)["changes"].as_array().unwrap().len(), 1);
    house.clock.advance(2 * 86_400_000).unwrap();
    let technician = house.again(&technician).await;
    technician.get(&ask(cursor)).await.refused(410, "changes_expired");
}

async fn who_waits_is_told_at_once(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let report = technician.reports(&hazard(&house.site("AGA").await)).await;
    let mut phone = Copy::default();
    phone.syncs(&technician).await;
    let path = format!("/v1/changes?wait=50&after={}", phone.cursor.as_ref().unwrap());
    let waiting = technician.get(&path);
    let acts = async {
        // So that it waits already; were it not so, it would be told all the same.
        tokio::time::sleep(Duration::from_millis(100)).await;
        officer.commands(&report, "acknowledge", json!({})).await.expect(200);
    };
    let (answer, ()) = tokio::join!(tokio::time::timeout(Duration::from_secs(20), waiting), acts);
    assert_eq!(phone.takes(&answer.expect("told long before the wait is over").expect(200)).0, [report]);
}

async fn nothing_that_commits_late_is_passed_over(house: House) {
    let (technician, _, _) = crew(&house).await;
    let draft = hazard(&house.site("AGA").await);
    let mut phone = Copy::default();
    phone.syncs(&technician).await;
    let sending = async {
        let mut sent = BTreeSet::new();
        for _ in 0..4 {
            let some = (0..12).map(|_| technician.reports(&draft));
            sent.extend(futures_util::future::join_all(some).await);
        }
        sent
    };
    let mut sent = None;
    tokio::pin!(sending);
    while sent.is_none() {
        tokio::select! {
            biased;
            all = &mut sending => sent = Some(all),
            _ = phone.syncs(&technician) => {}
        }
    }
    phone.syncs(&technician).await;
    assert_eq!(phone.reports.keys().cloned().collect::<BTreeSet<_>>(), sent.unwrap());
    phone.is_the_servers(&technician).await;
}
