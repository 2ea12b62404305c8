//! Nothing goes overdue in silence: each rung reaches a person exactly once, through outages, bounces, replicas and
//! answers, and it is always visible why, and who is next.

use salama::{domain::audience::Role, operations};
use serde_json::{Value, json};

use crate::{
    main_road::crew,
    support::{
        house::House,
        person::{Person, hazard},
        smtp::{At, Does},
        stories,
    },
};

stories!(
    an_action_nobody_does_climbs_step_by_step_and_each_step_is_told_once,
    doing_the_thing_stops_its_ladder,
    answering_an_escalation_pauses_its_ladder_and_never_stops_it,
    after_an_outage_each_person_gets_one_mail_at_the_highest_rung_and_the_record_has_all,
    a_mailbox_that_refuses_mail_moves_the_ladder_to_the_next_person_at_once,
    a_relay_that_is_down_loses_nothing_and_doubles_nothing,
    a_wrong_configuration_rests_the_whole_queue_and_burns_no_attempt,
    silence_after_the_final_dot_sends_the_same_message_id_again,
    two_replicas_tell_each_rung_once,
    what_a_killed_sender_had_claimed_is_sent_after_its_restart,
    a_running_action_keeps_its_ladder_when_a_new_version_comes,
    a_higher_rating_shortens_the_clocks_and_routes_anew_at_once,
    explain_says_who_was_told_why_and_who_is_next,
    somebody_who_left_is_replaced_by_the_next_one_up,
);

/// A ladder of seconds for actions of every severity; everything else is silent for years.
fn ladders() -> Value {
    let step = |offset: &str, audience: Value| json!({ "offset": offset, "audience": audience });
    let years = |kind: &str| json!({ "kind": kind, "severities": [1, 2, 3, 4, 5], "within": "P900D", "steps": [step("PT0S", json!(["safety_desk"]))] });
    let actions = json!({ "kind": "complete_action", "severities": [1, 2, 3, 4, 5], "within": "P30D", "pause": "PT30S", "steps": [
        step("-PT5S", json!(["owner"])),
        step("PT0S", json!(["owner"])),
        step("PT5S", json!(["officer"])),
        step("PT10S", json!([{ "manager": 2 }])),
    ] });
    json!({ "ladders": [years("acknowledge"), actions] })
}

pub struct Overdue {
    pub technician: Person,
    pub officer: Person,
    pub manager: Person,
    pub report: String,
    pub action: String,
}

/// An action due in twenty seconds, with its first mails out of the way.
pub async fn action(house: &House) -> Overdue {
    let (technician, officer, manager) = crew(house).await;
    let admin = house.joins("Omar", Role::Admin, "SRM-SM").await;
    admin.put("/v1/ladders", &ladders()).await.expect(200);
    let mut draft = hazard(&house.site("AGA").await);
    draft["potential_severity"] = 2.into();
    let report = technician.reports(&draft).await;
    officer.commands(&report, "acknowledge", json!({})).await.expect(200);
    let action = officer.assigns(&report, &technician, Some(house.now().plus_ms(20_000).to_string())).await;
    house.tick().await;
    Overdue { technician, officer, manager, report, action }
}

pub async fn seconds(house: &House, seconds: i64) {
    house.clock.advance(seconds * 1000).unwrap();
    house.tick().await;
}

/// How many mails about the clock of the action each of the three had.
pub fn told(house: &House, story: &Overdue) -> (usize, usize, usize) {
    let about = |person: &Person| {
        let mails = house.mailbox(person);
        mails.iter().filter(|mail| !mail.data.contains("-assigned") && is_of_a_ladder(&mail.data)).count()
    };
    (about(&story.technician), about(&story.officer), about(&story.manager))
}

pub fn is_of_a_ladder(mail: &str) -> bool {
    ["Reminder", "Overdue", "Escalation"]
        .iter()
        .any(|word| mail.lines().any(|line| line.starts_with("Subject:") && line.contains(word)))
}

async fn an_action_nobody_does_climbs_step_by_step_and_each_step_is_told_once(house: House) {
    let story = action(&house).await;
    assert_eq!(told(&house, &story), (0, 0, 0));
    for (after, expected) in
        [(14, (0, 0, 0)), (1, (1, 0, 0)), (4, (1, 0, 0)), (1, (2, 0, 0)), (5, (2, 1, 0)), (5, (2, 1, 1)), (3600, (2, 1, 1))]
    {
        seconds(&house, after).await;
        house.tick().await;
        assert_eq!(told(&house, &story), expected);
    }
}

async fn doing_the_thing_stops_its_ladder(house: House) {
    let story = action(&house).await;
    seconds(&house, 21).await;
    assert_eq!(told(&house, &story).0, 2, "a reminder and an overdue notice");
    story.technician.acts(&story.action, "complete", json!({ "note": "Done" })).await.expect(200);
    seconds(&house, 60).await;
    assert_eq!(told(&house, &story), (2, 0, 0));
}

async fn answering_an_escalation_pauses_its_ladder_and_never_stops_it(house: House) {
    let story = action(&house).await;
    seconds(&house, 20).await;
    story.technician.acts(&story.action, "acknowledge-escalation", json!({})).await.expect(200);
    seconds(&house, 29).await;
    assert_eq!(told(&house, &story), (2, 0, 0), "quiet for the thirty seconds its ladder states");
    seconds(&house, 1).await;
    assert_eq!(told(&house, &story), (2, 1, 1), "and then it goes on");
}

async fn after_an_outage_each_person_gets_one_mail_at_the_highest_rung_and_the_record_has_all(house: House) {
    let story = action(&house).await;
    seconds(&house, 3 * 86_400).await;
    assert_eq!(told(&house, &story), (1, 1, 1));
    let officer = house.again(&story.officer).await;
    let story_told = officer.explains(&story.report).await;
    let states: Vec<_> = story_told["told"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| !one["step"].is_null())
        .map(|one| one["state"].clone())
        .collect();
    assert_eq!(states, ["collapsed", "accepted", "accepted", "accepted"]);
}

async fn a_mailbox_that_refuses_mail_moves_the_ladder_to_the_next_person_at_once(house: House) {
    let story = action(&house).await;
    house.peer.at(At::Recipient, Does::Says("550 5.1.1 no such mailbox"));
    house.clock.advance(20_000).unwrap();
    operations::escalate_due(&house.app).await.unwrap();
    operations::deliver_notices(&house.app).await.unwrap();
    house.peer.mend();
    house.tick().await;
    let officer = house.again(&story.officer).await;
    let organisation = house.app.store.organisation().await.unwrap();
    assert!(organisation.members[&story.technician.id].address_suspect_since.is_some());
    assert_eq!(told(&house, &story).0, 0);
    let told_instead: usize = house.peer.received().iter().filter(|mail| is_of_a_ladder(&mail.data)).count();
    assert!(told_instead >= 1, "somebody answerable was told in their place");
    let states: Vec<_> =
        officer.explains(&story.report).await["told"].as_array().unwrap().iter().map(|one| one["state"].clone()).collect();
    assert!(states.contains(&json!("bounced")), "{states:?}");
}

async fn a_relay_that_is_down_loses_nothing_and_doubles_nothing(house: House) {
    let story = action(&house).await;
    house.peer.at(At::Greeting, Does::HangsUp);
    seconds(&house, 40).await;
    assert_eq!(told(&house, &story), (0, 0, 0));
    house.peer.mend();
    for _ in 0..12 {
        seconds(&house, 1800).await;
    }
    assert_eq!(told(&house, &story), (2, 1, 1));
}

async fn a_wrong_configuration_rests_the_whole_queue_and_burns_no_attempt(house: House) {
    let story = action(&house).await;
    house.peer.at(At::Sender, Does::Says("530 5.7.0 Authentication required"));
    house.clock.advance(20_000).unwrap();
    operations::escalate_due(&house.app).await.unwrap();
    operations::deliver_notices(&house.app).await.unwrap();
    let ready = story.officer.get("/readyz").await.expect(200);
    assert_eq!(ready["mail_paused"], true);
    assert_eq!(operations::deliver_notices(&house.app).await.unwrap(), 0, "the queue rests");
    house.peer.mend();
    seconds(&house, 61).await;
    assert_eq!(told(&house, &story).0, 2);
    let officer = house.again(&story.officer).await;
    let attempts: Vec<_> =
        officer.explains(&story.report).await["told"].as_array().unwrap().iter().map(|one| one["attempts"].clone()).collect();
    assert!(attempts.iter().all(|n| *n == 1), "{attempts:?}");
}

async fn silence_after_the_final_dot_sends_the_same_message_id_again(house: House) {
    let story = action(&house).await;
    house.peer.at(At::FinalDot, Does::HangsUp);
    house.clock.advance(15_000).unwrap();
    operations::escalate_due(&house.app).await.unwrap();
    operations::deliver_notices(&house.app).await.unwrap();
    house.peer.mend();
    seconds(&house, 300).await;
    let ids: Vec<String> = house
        .mailbox(&story.technician)
        .iter()
        .filter(|mail| mail.data.contains("Subject: ") && mail.data.contains("Reminder"))
        .filter_map(|mail| mail.data.lines().find(|line| line.starts_with("Message-ID:")).map(str::to_owned))
        .collect();
    assert!(ids.windows(2).all(|pair| pair[0] == pair[1]), "{ids:?}");
    assert!(!ids.is_empty());
}

async fn two_replicas_tell_each_rung_once(house: House) {
    let other = house.another().await;
    let story = action(&house).await;
    for _ in 0..8 {
        house.clock.advance(5_000).unwrap();
        let (one, two) = tokio::join!(operations::escalate_due(&house.app), operations::escalate_due(&other.app));
        one.unwrap();
        two.unwrap();
        let (one, two) = tokio::join!(operations::deliver_notices(&house.app), operations::deliver_notices(&other.app));
        one.unwrap();
        two.unwrap();
    }
    house.tick().await;
    let all = [house.peer.received(), other.peer.received()].concat();
    let to = |person: &Person| {
        all.iter().filter(|mail| mail.to.contains(&person.name.to_lowercase()) && is_of_a_ladder(&mail.data)).count()
    };
    assert_eq!((to(&story.technician), to(&story.officer), to(&story.manager)), (2, 1, 1));
}

async fn what_a_killed_sender_had_claimed_is_sent_after_its_restart(house: House) {
    let story = action(&house).await;
    house.clock.advance(20_000).unwrap();
    operations::escalate_due(&house.app).await.unwrap();
    let tx = house.app.store.begin().await.unwrap();
    assert_eq!(tx.claim_notices(house.now(), 32, 3_600_000).await.unwrap().len(), 2);
    tx.commit().await.unwrap();
    house.tick().await;
    assert_eq!(told(&house, &story), (0, 0, 0), "a claim keeps others away");
    operations::free_leases(&house.app).await.unwrap();
    house.tick().await;
    assert_eq!(told(&house, &story), (2, 0, 0));
}

async fn a_running_action_keeps_its_ladder_when_a_new_version_comes(house: House) {
    let story = action(&house).await;
    let admin = house.joins("Samira", Role::Admin, "SRM-SM").await;
    let mut silent = ladders();
    silent["ladders"][1]["steps"] = json!([{ "offset": "P1D", "audience": ["safety_desk"] }]);
    admin.put("/v1/ladders", &silent).await.expect(200);
    seconds(&house, 40).await;
    assert_eq!(told(&house, &story), (2, 1, 1));
}

async fn a_higher_rating_shortens_the_clocks_and_routes_anew_at_once(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let mut draft = hazard(&house.site("AGA").await);
    draft["potential_severity"] = 2.into();
    let report = technician.reports(&draft).await;
    let due = |body: &Value, kind: &str| {
        let clocks = body["deadlines"].as_array().unwrap();
        clocks.iter().find(|clock| clock["kind"] == kind).unwrap()["due_at"].as_str().unwrap().to_owned()
    };
    let before = due(&officer.report(&report).await, "make_safe");
    let after = officer.commands(&report, "triage", json!({ "actual_severity": 1, "potential_severity": 5 })).await.expect(200);
    assert!(due(&after, "make_safe") < before);
    assert_ne!(after["routed_by"], "", "{after:#}");
    officer.commands(&report, "triage", json!({ "actual_severity": 1, "potential_severity": 2 })).await.refused(409, "not_ready");
}

async fn explain_says_who_was_told_why_and_who_is_next(house: House) {
    let story = action(&house).await;
    seconds(&house, 20).await;
    let explained = house.again(&story.officer).await.explains(&story.report).await;
    let overdue = explained["told"].as_array().unwrap().iter().find(|one| one["kind"] == "overdue").unwrap();
    assert_eq!(overdue["name"], "Khadija");
    assert_eq!(overdue["because"], "ladders 2, complete_action, step 2 (owner)");
    assert!(overdue["relay_answer"].as_str().unwrap().contains("queued as"), "{overdue}");
    let next = explained["next"].as_array().unwrap().iter().find(|one| one["kind"] == "complete_action").unwrap();
    assert_eq!(
        (&next["step"], &next["people"][0]["name"], &next["people"][0]["audience"]),
        (&json!(3), &json!("Brahim"), &json!("officer"))
    );
}

async fn somebody_who_left_is_replaced_by_the_next_one_up(house: House) {
    let story = action(&house).await;
    operations::disable_member(&house.app, "khadija@example.org").await.unwrap();
    story.technician.get("/v1/me").await.refused(401, "not_signed_in");
    seconds(&house, 20).await;
    let (gone, instead, _) = told(&house, &story);
    assert_eq!((gone, instead), (0, 2), "her manager hears of what she can no longer do");
}
