//! A scripted week with a bad relay: it greylists, storms, stalls at the final dot and dies for hours. Every step reaches its
//! person exactly once; once more only where nobody could know whether it had, and then as the same mail.

use std::collections::BTreeMap;

use salama::{domain::audience::Role, operations};
use serde_json::{Value, json};

use crate::{
    main_road::crew,
    support::{
        house::{House, readable},
        person::hazard,
        smtp::{At, Does},
        stories,
    },
};

stories!(a_week_with_a_bad_relay_tells_every_step_exactly_once);

/// What the relay does in which hour of the week.
fn weather(hour: i64) -> Option<(At, Does)> {
    match hour {
        // Monday: everybody is greylisted at first.
        0..24 => Some((At::Recipient, Does::SaysFirst(2, "450 4.2.0 greylisted"))),
        // Tuesday: storms of 4xx, here and there.
        24..48 if hour % 3 == 0 => Some((At::Data, Does::Says("451 4.3.0 later"))),
        24..48 if hour % 3 == 1 => Some((At::Sender, Does::Says("421 4.3.2 too busy"))),
        // Wednesday morning: it takes mails, and dies before it says so.
        50..53 => Some((At::FinalDot, Does::HangsUp)),
        // An hour of silence after the final dot.
        60..61 => Some((At::FinalDot, Does::Stalls)),
        // Thursday: dead for seven hours.
        74..81 => Some((At::Greeting, Does::HangsUp)),
        // Friday: it drops what it is being told.
        98..100 => Some((At::Recipient, Does::Resets)),
        // Saturday: its password was changed for three hours.
        120..123 => Some((At::Sender, Does::Says("530 5.7.0 sign in"))),
        _ => None,
    }
}

/// The owner every six hours from a day before until the end, the officer and the manager daily from the due instant.
fn ladders() -> Value {
    let all = [1, 2, 3, 4, 5];
    let step = |offset: &str, audience: Value, every: &str| json!({ "offset": offset, "audience": [audience], "repeat": { "every": every } });
    let quiet = json!({ "kind": "acknowledge", "severities": all, "within": "P900D", "steps": [{ "offset": "PT0S", "audience": ["safety_desk"] }] });
    let actions = json!({ "kind": "complete_action", "severities": all, "within": "P30D", "steps": [
        step("-P1D", json!("owner"), "PT6H"), step("PT1H", json!("officer"), "PT12H"), step("PT2H", json!({ "manager": 2 }), "P1D")] });
    json!({ "ladders": [quiet, actions] })
}

async fn a_week_with_a_bad_relay_tells_every_step_exactly_once(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let admin = house.joins("Omar", Role::Admin, "SRM-SM").await;
    admin.put("/v1/ladders", &ladders()).await.expect(200);
    let mut draft = hazard(&house.site("AGA").await);
    draft["potential_severity"] = 2.into();
    let report = technician.reports(&draft).await;
    officer.commands(&report, "acknowledge", json!({})).await.expect(200);
    for hours in [26, 40] {
        let due = house.now().plus_ms(hours * 3_600_000).to_string();
        officer.assigns(&report, &technician, Some(due)).await;
    }
    let app = house.impatient();
    for minutes in (0..7 * 24 * 60).step_by(5) {
        match weather(minutes / 60) {
            Some((at, does)) => {
                house.peer.mend();
                house.peer.at(at, does);
            }
            None => house.peer.mend(),
        }
        operations::escalate_due(&app).await.unwrap();
        operations::deliver_notices(&app).await.unwrap();
        house.clock.advance(5 * 60_000).unwrap();
    }
    house.peer.mend();
    // Whatever still waits for its next attempt.
    for _ in 0..30 {
        operations::deliver_notices(&app).await.unwrap();
        house.clock.advance(5 * 60_000).unwrap();
    }

    let mut arrived: BTreeMap<String, usize> = BTreeMap::new();
    for mail in house.peer.received() {
        let id = mail.data.lines().find_map(|line| line.strip_prefix("Message-ID: <")).unwrap();
        *arrived.entry(id.split('.').next().unwrap().to_owned()).or_default() += 1;
        assert!(!readable(&mail.data).is_empty());
    }
    let told = house.again(&officer).await.explains(&report).await["told"].clone();
    let mut steps: BTreeMap<String, usize> = BTreeMap::new();
    let (mut ambiguous, mut accepted) = (0, 0);
    for notice in told.as_array().unwrap() {
        let came = arrived.remove(notice["id"].as_str().unwrap()).unwrap_or(0);
        let happened = |what: &str| notice["timeline"].as_array().unwrap().iter().filter(|one| one["what"] == what).count();
        match notice["state"].as_str().unwrap() {
            "accepted" => {
                accepted += 1;
                ambiguous += happened("unknown");
                assert_eq!((happened("accepted"), came), (1, 1 + happened("unknown")), "{notice:#}");
            }
            "dropped" => assert_eq!(came, happened("unknown"), "{notice:#}"),
            "collapsed" => assert_eq!(came, 0, "{notice:#}"),
            state => panic!("{state}: {notice:#}"),
        }
        if !notice["step"].is_null() {
            let step = ["deadline_id", "step", "occurrence", "member_id"].map(|key| notice[key].to_string()).join(" ");
            *steps.entry(step).or_default() += 1;
        }
    }
    assert!(arrived.is_empty(), "mails that nobody decided: {arrived:?}");
    assert!(steps.values().all(|times| *times == 1), "{steps:?}");
    assert!(accepted > 50 && ambiguous > 0, "{accepted} accepted, {ambiguous} ambiguous");
    let watch = operations::watch(&house.app).await.unwrap();
    assert_eq!((watch.mails_waiting, watch.mails_put_aside, watch.silent.len()), (0, 0, 0));
}
