//! The truth about every mail: whatever a relay does, each step is told once, what happened is on the timeline, and what
//! does not get through is told to somebody else.

use std::time::Duration;

use salama::{app::App, domain::audience::Role, operations};
use serde_json::{Value, json};

use crate::{
    escalation::{action, seconds},
    main_road::crew,
    support::{
        house::House,
        person::{Person, hazard},
        smtp::{At, Does},
        stories,
    },
};

stories!(
    what_a_relay_does_not_take_now_it_is_given_again_and_takes_once,
    silence_after_the_final_dot_gives_the_same_mail_again_and_says_so,
    a_bad_farewell_or_a_connection_closed_at_once_loses_and_doubles_nothing,
    a_refused_mail_is_put_aside_and_somebody_else_is_told,
    a_relay_that_lets_nobody_in_rests_the_queue_and_burns_no_attempt,
    a_greylisting_relay_is_asked_again_after_five_minutes_and_not_before,
    what_does_not_get_through_for_half_an_hour_is_told_to_the_next_person_as_well_once,
    what_was_raised_is_dropped_when_the_first_mail_gets_through_before_it,
    a_notice_that_cannot_be_written_is_put_aside_and_holds_up_no_other,
    the_relay_is_asked_no_more_mails_a_minute_than_it_may_be,
    disabling_somebody_tells_the_next_one_up_of_what_they_have_not_answered,
    the_timeline_has_every_attempt_and_no_address,
    a_pass_that_has_nothing_to_do_waits_for_nobody_who_writes,
);

/// What explain says was told about a report to that person.
async fn told_to(house: &House, officer: &Person, report: &str, person: &Person) -> Vec<Value> {
    let told = house.again(officer).await.explains(report).await["told"].clone();
    told.as_array().unwrap().iter().filter(|one| one["member_id"] == json!(person.id.0)).cloned().collect()
}

/// What happened to a mail, in words.
fn happened(notice: &Value) -> Vec<&str> {
    notice["timeline"].as_array().unwrap().iter().map(|one| one["what"].as_str().unwrap()).collect()
}

/// A report that its officer is to be told of and has not been.
async fn reported(house: &House, technician: &Person) -> String {
    let mut draft = hazard(&house.site("AGA").await);
    draft["potential_severity"] = 2.into();
    house.again(technician).await.reports(&draft).await
}

async fn deliver(app: &App) {
    operations::deliver_notices(app).await.unwrap();
}

/// The Message-IDs of the mails that reached a person.
fn ids(house: &House, person: &Person) -> Vec<String> {
    let id = |mail: &str| mail.lines().find(|line| line.starts_with("Message-ID:")).unwrap().to_owned();
    house.mailbox(person).iter().map(|mail| id(&mail.data)).collect()
}

async fn what_a_relay_does_not_take_now_it_is_given_again_and_takes_once(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let app = house.impatient();
    let mut rows: Vec<(At, Does)> = [At::Greeting, At::Hello, At::Sender, At::Recipient, At::Data]
        .into_iter()
        .flat_map(|at| [Does::Says("421 4.3.2 closing"), Does::HangsUp, Does::Resets].map(|does| (at, does)))
        .collect();
    rows.extend([
        (At::Greeting, Does::Stalls),
        (At::Data, Does::Stalls),
        (At::Hello, Does::Drips),
        (At::Hello, Does::Floods),
        (At::Recipient, Does::Says("450 4.2.0 later")),
        (At::Data, Does::Says("451 4.3.0 later")),
        (At::FinalDot, Does::Says("452 4.3.1 full")),
    ]);
    for (at, does) in rows {
        let report = reported(&house, &technician).await;
        let before = house.mailbox(&officer).len();
        house.peer.at(at, does.clone());
        deliver(&app).await;
        // What the peer was given it keeps, also where it refuses it then.
        let given = house.mailbox(&officer).len();
        house.peer.mend();
        let notice = told_to(&house, &officer, &report, &officer).await.remove(0);
        assert_eq!(happened(&notice), ["queued", "attempted", "not_yet"], "{at:?} {does:?}: {notice:#}");
        seconds(&house, 480).await;
        let notice = told_to(&house, &officer, &report, &officer).await.remove(0);
        assert_eq!(happened(&notice), ["queued", "attempted", "not_yet", "attempted", "accepted"], "{at:?} {does:?}: {notice:#}");
        let refused = usize::from(at == At::FinalDot);
        assert_eq!((given, house.mailbox(&officer).len()), (before + refused, before + refused + 1), "{at:?} {does:?}");
    }
}

async fn silence_after_the_final_dot_gives_the_same_mail_again_and_says_so(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let app = house.impatient();
    for does in [Does::HangsUp, Does::Stalls, Does::Resets, Does::Drips] {
        let report = reported(&house, &technician).await;
        let before = ids(&house, &officer).len();
        house.peer.at(At::FinalDot, does.clone());
        deliver(&app).await;
        house.peer.mend();
        seconds(&house, 480).await;
        let notice = told_to(&house, &officer, &report, &officer).await.remove(0);
        assert_eq!(happened(&notice), ["queued", "attempted", "unknown", "attempted", "accepted"], "{does:?}");
        let ids = ids(&house, &officer).split_off(before);
        assert!(ids.len() == 2 && ids[0] == ids[1], "{does:?}: {ids:?}");
    }
}

async fn a_bad_farewell_or_a_connection_closed_at_once_loses_and_doubles_nothing(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let app = house.impatient();
    for does in [Does::HangsUp, Does::Resets, Does::Stalls, Does::Says("500 what")] {
        house.peer.at(At::Quit, does);
        for _ in 0..2 {
            let report = reported(&house, &technician).await;
            deliver(&app).await;
            let notice = told_to(&house, &officer, &report, &officer).await.remove(0);
            assert_eq!(happened(&notice), ["queued", "attempted", "accepted"]);
        }
    }
    assert_eq!((house.mailbox(&officer).len(), house.peer.connections()), (8, 8), "a connection for each mail, and none kept");
}

async fn a_refused_mail_is_put_aside_and_somebody_else_is_told(house: House) {
    let (technician, officer, manager) = crew(&house).await;
    for (at, line) in [(At::Data, "554 5.7.1 no"), (At::FinalDot, "552 5.3.4 too big"), (At::Sender, "553 5.1.8 no")] {
        let report = reported(&house, &technician).await;
        house.peer.at(at, Does::Says(line));
        deliver(&house.app).await;
        house.peer.mend();
        house.tick().await;
        let notice = told_to(&house, &officer, &report, &officer).await.remove(0);
        assert_eq!((&notice["state"], notice["timeline"][3]["what"].as_str()), (&json!("dead"), Some("message_refused")));
        assert_eq!(happened(&notice)[..3], ["queued", "attempted", "raised"]);
        let instead = told_to(&house, &officer, &report, &manager).await.remove(0);
        assert_eq!((&instead["state"], &instead["in_place_of"]), (&json!("accepted"), &notice["id"]));
    }
    let ready = officer.get("/readyz").await.expect(200);
    assert_eq!(ready["mails_put_aside"], 3);
}

async fn a_relay_that_lets_nobody_in_rests_the_queue_and_burns_no_attempt(house: House) {
    let (technician, officer, _) = crew(&house).await;
    for (at, line) in [
        (At::Greeting, "554 5.7.1 go away"),
        (At::Hello, "550 5.7.1 no"),
        (At::Sender, "530 5.7.0 sign in"),
        (At::Recipient, "535 5.7.8 sign in"),
        (At::Data, "538 5.7.11 encrypt"),
    ] {
        let report = reported(&house, &technician).await;
        let before = house.mailbox(&officer).len();
        house.peer.at(at, Does::Says(line));
        deliver(&house.app).await;
        assert_eq!(officer.get("/readyz").await.expect(200)["mail_paused"], true, "{at:?} {line}");
        assert_eq!(operations::deliver_notices(&house.app).await.unwrap(), 0, "the queue rests");
        house.peer.mend();
        seconds(&house, 61).await;
        let notice = told_to(&house, &officer, &report, &officer).await.remove(0);
        assert_eq!(notice["attempts"], 1);
        assert_eq!(happened(&notice), ["queued", "attempted", "misconfigured", "attempted", "accepted"]);
        assert_eq!(house.mailbox(&officer).len(), before + 1);
    }
}

async fn a_greylisting_relay_is_asked_again_after_five_minutes_and_not_before(house: House) {
    let (technician, officer, _) = crew(&house).await;
    house.peer.at(At::Recipient, Does::SaysFirst(1, "450 4.2.0 greylisted"));
    let report = reported(&house, &technician).await;
    house.tick().await;
    seconds(&house, 299).await;
    assert_eq!(house.mailbox(&officer).len(), 0);
    let notice = told_to(&house, &officer, &report, &officer).await.remove(0);
    assert_eq!(notice["attempts"], 1, "not asked again yet");
    seconds(&house, 77).await;
    assert_eq!(house.mailbox(&officer).len(), 1);
}

/// An action that its owner is reminded of in fifteen seconds, and nobody else for days.
async fn reminded(house: &House) -> (Person, Person, Person, String) {
    let (technician, officer, manager) = crew(house).await;
    let admin = house.joins("Omar", Role::Admin, "SRM-SM").await;
    let step = |offset: &str, audience: &str| json!({ "offset": offset, "audience": [audience] });
    let ladder =
        |kind: &str, steps: Value| json!({ "kind": kind, "severities": [1, 2, 3, 4, 5], "within": "P900D", "steps": steps });
    let ladders = json!({ "ladders": [
        ladder("acknowledge", json!([step("PT0S", "safety_desk")])),
        ladder("complete_action", json!([step("-PT5S", "owner"), step("P9D", "officer")])),
    ] });
    admin.put("/v1/ladders", &ladders).await.expect(200);
    let report = reported(house, &technician).await;
    officer.commands(&report, "acknowledge", json!({})).await.expect(200);
    officer.assigns(&report, &technician, Some(house.now().plus_ms(20_000).to_string())).await;
    house.tick().await;
    (technician, officer, manager, report)
}

async fn what_does_not_get_through_for_half_an_hour_is_told_to_the_next_person_as_well_once(house: House) {
    let (technician, officer, _, report) = reminded(&house).await;
    let before = house.mailbox(&officer).len();
    house.peer.at(At::Recipient, Does::SaysTo("khadija@", "451 4.7.1 later"));
    seconds(&house, 15).await;
    for _ in 0..29 {
        seconds(&house, 60).await;
    }
    assert_eq!(house.mailbox(&officer).len(), before, "not before half an hour");
    seconds(&house, 60).await;
    assert_eq!(house.mailbox(&officer).len(), before + 1);
    for _ in 0..8 {
        seconds(&house, 1800).await;
    }
    assert_eq!(house.mailbox(&officer).len(), before + 1, "once");
    house.peer.mend();
    seconds(&house, 3600 + 900).await;
    let notice = told_to(&house, &officer, &report, &technician).await.pop().unwrap();
    let happened = happened(&notice);
    assert_eq!(
        (notice["state"].clone(), happened.last()),
        (json!("accepted"), Some(&"accepted")),
        "her own mail is not given up"
    );
    assert_eq!(happened.iter().filter(|what| **what == "raised").count(), 1);
    let raised = told_to(&house, &officer, &report, &officer).await.pop().unwrap();
    assert_eq!(raised["in_place_of"], notice["id"]);
    assert!(raised["because"].as_str().unwrap().ends_with("; told as well"));
}

async fn what_was_raised_is_dropped_when_the_first_mail_gets_through_before_it(house: House) {
    let (technician, officer, _, report) = reminded(&house).await;
    let before = house.mailbox(&officer).len();
    house.peer.at(At::Recipient, Does::Says("451 4.7.1 later"));
    seconds(&house, 15).await;
    for _ in 0..30 {
        seconds(&house, 60).await;
    }
    let raised = told_to(&house, &officer, &report, &officer).await.pop().unwrap();
    assert_eq!(raised["state"], "queued");
    house.peer.at(At::Recipient, Does::SaysTo("brahim@", "451 4.7.1 later"));
    for _ in 0..90 {
        seconds(&house, 60).await;
    }
    house.peer.mend();
    seconds(&house, 4 * 3600).await;
    let raised = told_to(&house, &officer, &report, &officer).await.pop().unwrap();
    assert_eq!((&raised["state"], house.mailbox(&officer).len()), (&json!("dropped"), before));
    assert_eq!(told_to(&house, &officer, &report, &technician).await.pop().unwrap()["state"], "accepted");
}

async fn a_notice_that_cannot_be_written_is_put_aside_and_holds_up_no_other(house: House) {
    use sea_orm::ConnectionTrait as _;
    let (technician, officer, _) = crew(&house).await;
    let poisoned = reported(&house, &technician).await;
    let behind = house.behind_its_back().await;
    set_all(behind.execute_unprepared("update reports set kind = 'nonsense'").await);
    let healthy = reported(&house, &technician).await;
    for _ in 0..8 {
        house.clock.advance(45 * 60_000).unwrap();
        deliver(&house.app).await;
    }
    assert_eq!(house.mailbox(&officer).len(), 1, "the one behind it went");
    set_all(behind.execute_unprepared("update reports set kind = 'hazard'").await);
    let notice = told_to(&house, &officer, &poisoned, &officer).await.remove(0);
    assert_eq!((&notice["state"], &notice["attempts"]), (&json!("dead"), &json!(5)), "{notice:#}");
    assert_eq!(told_to(&house, &officer, &healthy, &officer).await[0]["state"], "accepted");
}

fn set_all(done: Result<sea_orm::ExecResult, sea_orm::DbErr>) {
    assert!(done.unwrap().rows_affected() > 0);
}

async fn the_relay_is_asked_no_more_mails_a_minute_than_it_may_be(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let slow = house.another_with(&[("SALAMA_MAILS_PER_MINUTE", "2")]).await;
    for _ in 0..5 {
        reported(&house, &technician).await;
    }
    for (after, expected) in [(0, 2), (59, 2), (1, 4), (59, 4), (1, 5)] {
        house.clock.advance(after * 1000).unwrap();
        slow.tick().await;
        assert_eq!(house.mailbox(&officer).len(), expected, "after {after} more seconds");
    }
}

async fn disabling_somebody_tells_the_next_one_up_of_what_they_have_not_answered(house: House) {
    let (technician, officer, _, report) = reminded(&house).await;
    seconds(&house, 15).await;
    let before = house.mailbox(&officer).len();
    operations::disable_member(&house.app, "khadija@example.org").await.unwrap();
    house.tick().await;
    assert_eq!(house.mailbox(&officer).len(), before + 1, "at once, not at the next step in nine days");
    let gone = told_to(&house, &officer, &report, &technician).await.pop().unwrap();
    assert_eq!((&gone["state"], happened(&gone).last()), (&json!("bounced"), Some(&"passed_on")));
    house.tick().await;
    assert_eq!(house.mailbox(&officer).len(), before + 1);
}

async fn the_timeline_has_every_attempt_and_no_address(mut house: House) {
    // Of two mails at once to a mailbox that refuses them, either may be the one that hears it.
    let one_by_one = house.another_with(&[("SALAMA_MAILS_AT_ONCE", "1")]).await;
    (house.app, house.url) = (one_by_one.app, one_by_one.url);
    let story = action(&house).await;
    house.peer.at(At::Recipient, Does::Says("450 4.2.0 <khadija@example.org> later"));
    seconds(&house, 15).await;
    house.peer.at(At::Recipient, Does::Says("550 5.1.1 <khadija@example.org> no"));
    seconds(&house, 480).await;
    house.peer.mend();
    seconds(&house, 1800).await;
    let officer = house.again(&story.officer).await;
    let told = officer.explains(&story.report).await["told"].clone();
    assert!(!told.to_string().contains('@'), "{told:#}");
    let reminder = told.as_array().unwrap().iter().find(|one| one["kind"] == "reminder").unwrap();
    assert_eq!(happened(reminder), ["queued", "attempted", "not_yet", "attempted", "address_refused"]);
    assert_eq!(reminder["timeline"][4]["answer"], "the relay said 550 5.1.1 at the recipient");
    let at: Vec<&str> = reminder["timeline"].as_array().unwrap().iter().map(|one| one["at"].as_str().unwrap()).collect();
    assert!(at.is_sorted(), "{at:?}");
}

async fn a_pass_that_has_nothing_to_do_waits_for_nobody_who_writes(house: House) {
    let app = &house.app;
    let writing = app.store.begin().await.unwrap();
    let passes = async {
        assert_eq!(operations::deliver_notices(app).await.unwrap(), 0);
        assert!(!operations::tell_accounts(app).await.unwrap());
        assert!(!operations::render_photos(app).await.unwrap());
    };
    tokio::time::timeout(Duration::from_secs(4), passes).await.expect("none of them asks to write");
    writing.commit().await.unwrap();
}
