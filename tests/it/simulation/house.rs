//! The same kind of life for the real server: two replicas over one database, a relay on a socket, and workers that are cut
//! off anywhere between two awaits, as a crash would. What the relay counted is compared with what is on record.

use std::collections::BTreeMap;

use futures_util::future::{Either, select};
use salama::{app::App, operations};
use serde_json::json;

use super::chance::Chance;
use crate::{
    main_road::crew,
    support::{
        house::House,
        person::{Person, hazard},
        smtp::{At, Does},
        stories,
    },
};

stories!(a_drawn_life_of_two_replicas_tells_every_step_exactly_once);

const STEPS: u32 = 300;
const SEED: u64 = 14_001;
const MINUTE: i64 = 60_000;

/// What the relay may do.
fn weather(chance: &mut Chance) -> Option<(At, Does)> {
    match chance.below(12) {
        0 => Some((At::Recipient, Does::SaysFirst(1, "450 4.2.0 greylisted"))),
        1 => Some((At::Data, Does::Says("451 4.3.0 later"))),
        2 => Some((At::FinalDot, Does::HangsUp)),
        3 => Some((At::Greeting, Does::HangsUp)),
        4 => Some((At::Sender, Does::Says("530 5.7.0 sign in"))),
        5 => Some((At::Recipient, Does::Resets)),
        _ => None,
    }
}

/// One job of a worker, or a part of it: cut off after so many turns of the machine.
async fn works(app: &App, chance: &mut Chance) {
    let job = chance.below(3);
    let cut_after = if chance.percent(30) { chance.below(60) } else { usize::MAX };
    let working = async {
        match job {
            0 => operations::escalate_due(app).await.map(drop),
            1 => operations::gather_digests(app).await.map(drop),
            _ => operations::deliver_notices(app).await.map(drop),
        }
    };
    let cut = async {
        for _ in 0..cut_after {
            tokio::task::yield_now().await;
            tokio::time::sleep(std::time::Duration::from_micros(50)).await;
        }
    };
    tokio::pin!(working, cut);
    if let Either::Left((done, _)) = select(working, cut).await {
        done.unwrap();
    }
}

/// The life of people who report, answer, do and forget.
struct Life<'a> {
    house: &'a House,
    technician: Person,
    officer: Person,
    reports: Vec<String>,
    actions: Vec<String>,
}

impl Life<'_> {
    async fn goes_on(&mut self, chance: &mut Chance) {
        let (technician, officer) = (self.house.again(&self.technician).await, self.house.again(&self.officer).await);
        match chance.below(10) {
            0..3 => {
                let mut draft = hazard(&self.house.site("AGA").await);
                draft["potential_severity"] = chance.between(1, 5).into();
                draft.as_object_mut().unwrap().remove("occurred_at");
                self.reports.push(technician.reports(&draft).await);
            }
            3..5 if !self.reports.is_empty() => {
                let report = &self.reports[chance.below(self.reports.len())];
                officer.commands(report, "acknowledge", json!({})).await;
            }
            5..7 if !self.reports.is_empty() => {
                let report = self.reports[chance.below(self.reports.len())].clone();
                let due = self.house.now().plus_ms(chance.between(60, 6 * 24 * 60) * MINUTE).to_string();
                if officer.report(&report).await["state"] != "submitted" {
                    self.actions.push(officer.assigns(&report, &technician, Some(due)).await);
                }
            }
            7 if !self.actions.is_empty() => {
                let action = self.actions.swap_remove(chance.below(self.actions.len()));
                technician.acts(&action, "complete", json!({ "note": "Done" })).await;
            }
            8 if !self.actions.is_empty() => {
                let action = &self.actions[chance.below(self.actions.len())];
                let what = if chance.percent(50) { "accept" } else { "acknowledge-escalation" };
                technician.acts(action, what, json!({})).await;
            }
            _ => {}
        }
    }
}

async fn a_drawn_life_of_two_replicas_tells_every_step_exactly_once(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let other = house.another_with(&[("SALAMA_SMTP_URL", &house.peer.url())]).await;
    let apps = [house.impatient(), App { sender: house.impatient().sender, ..other.app.clone() }];
    let mut chance = Chance::of(SEED);
    let mut life = Life { house: &house, technician, officer, reports: vec![], actions: vec![] };
    for _ in 0..STEPS {
        match chance.below(10) {
            0..2 => life.goes_on(&mut chance).await,
            2..4 => {
                let minutes = if chance.percent(70) { chance.between(1, 40) } else { chance.between(60, 20 * 60) };
                house.clock.advance(minutes * MINUTE).unwrap();
                // Leases are counted by the database's own clock, which no story moves: what was cut off has run out by now.
                operations::free_leases(&house.app).await.unwrap();
            }
            4 => {
                house.peer.mend();
                if let Some((at, does)) = weather(&mut chance) {
                    house.peer.at(at, does);
                }
            }
            _ => works(&apps[chance.below(2)], &mut chance).await,
        }
    }
    house.peer.mend();
    operations::free_leases(&house.app).await.unwrap();
    for _ in 0..60 {
        house.clock.advance(30 * MINUTE).unwrap();
        house.tick().await;
    }
    comes_out_even(&house, &life).await;
}

/// What the relay counted is what is on record.
async fn comes_out_even(house: &House, life: &Life<'_>) {
    let mut arrived: BTreeMap<String, usize> = BTreeMap::new();
    for mail in house.peer.received() {
        let id = mail.data.lines().find_map(|line| line.strip_prefix("Message-ID: <")).unwrap();
        *arrived.entry(id.split('.').next().unwrap().to_owned()).or_default() += 1;
    }
    let officer = house.again(&life.officer).await;
    let mut steps: BTreeMap<String, usize> = BTreeMap::new();
    let (mut accepted, mut again) = (0, 0);
    for report in &life.reports {
        let explained = officer.explains(report).await;
        for notice in explained["told"].as_array().unwrap() {
            let came = arrived.get(notice["id"].as_str().unwrap()).copied().unwrap_or(0);
            let timeline = notice["timeline"].as_array().unwrap();
            let happened = |what: &str| timeline.iter().filter(|one| one["what"] == what).count();
            let ends = ["accepted", "not_yet", "unknown", "misconfigured", "address_refused", "message_refused"];
            let cut_off = happened("attempted").saturating_sub(ends.iter().map(|what| happened(what)).sum());
            match notice["state"].as_str().unwrap() {
                "accepted" if timeline.iter().any(|one| one["what"] == "attempted") => {
                    accepted += 1;
                    again += came - 1;
                    assert!((1..=1 + happened("unknown") + cut_off).contains(&came), "came {came} times: {notice:#}");
                }
                "accepted" | "dropped" | "held" => {}
                "collapsed" => assert_eq!(came, 0, "{notice:#}"),
                state => panic!("{state}: {notice:#}"),
            }
            if !notice["step"].is_null() {
                let step = ["deadline_id", "generation", "step", "occurrence", "member_id"].map(|key| notice[key].to_string());
                *steps.entry(step.join(" ")).or_default() += 1;
            }
        }
    }
    let twice: Vec<(&String, &usize)> = steps.iter().filter(|(step, times)| **times > 1 && !step.contains("null")).collect();
    assert!(twice.is_empty(), "{twice:?}");
    // Where a cut falls is the machine's affair, so how many came again is not known beforehand.
    println!("{accepted} accepted, {again} came again");
    assert!(accepted > 50, "{accepted} accepted");
    let watch = operations::watch(&house.app).await.unwrap();
    assert_eq!((watch.mails_waiting, watch.mails_put_aside, watch.silent), (0, 0, vec![]), "{}", house.now());
}
