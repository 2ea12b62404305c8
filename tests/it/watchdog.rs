//! Apart from the planner somebody watches it: what goes overdue in silence is repaired once and raised, a job that stops
//! is named, and the heartbeat is given only while all is well.

use std::{fs, time::Duration};

use salama::{app::App, clock::Clock, operations, worker};
use sea_orm::ConnectionTrait as _;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::{
    escalation::{action, seconds, told},
    main_road::crew,
    support::{house::House, stories},
};

stories!(
    a_deadline_that_went_overdue_in_silence_is_planned_anew_once_and_raised,
    a_job_that_ends_no_pass_in_time_is_named_and_the_heartbeat_is_withheld,
    a_planner_whose_passes_fail_is_named_while_every_other_job_goes_on,
    the_heartbeat_reaches_its_file_or_its_url_and_holds_nothing_up,
    a_clock_whose_ladder_begins_later_is_no_alarm,
    a_replica_whose_machine_is_ten_minutes_ahead_goes_by_the_databases_clock,
);

async fn forget(house: &House) {
    let done = house.behind_its_back().await.execute_unprepared("update deadlines set look_again_at = null").await;
    assert!(done.unwrap().rows_affected() > 0);
}

async fn a_deadline_that_went_overdue_in_silence_is_planned_anew_once_and_raised(house: House) {
    let story = action(&house).await;
    forget(&house).await;
    seconds(&house, 20 + 119).await;
    assert!(operations::keep_watch(&house.app).await.unwrap().silent.is_empty(), "two minutes are allowed");
    seconds(&house, 60).await;
    assert_eq!(told(&house, &story), (0, 0, 0));
    let ready = story.officer.get("/readyz").await.expect(200);
    assert_eq!((&ready["silent_deadlines"], &ready["all_is_well"]), (&json!(1), &json!(false)));
    assert_eq!(operations::keep_watch(&house.app).await.unwrap().silent.len(), 1);
    forget(&house).await;
    operations::keep_watch(&house.app).await.unwrap();
    house.tick().await;
    assert_eq!(told(&house, &story), (0, 0, 0), "it is repaired once; from then on it is only raised");
    let version = "update deadlines set look_again_at = 0 where kind = 'complete_action'";
    house.behind_its_back().await.execute_unprepared(version).await.unwrap();
    house.tick().await;
    assert!(told(&house, &story).0 >= 1);
    assert!(operations::keep_watch(&house.app).await.unwrap().all_is_well());
}

async fn a_job_that_ends_no_pass_in_time_is_named_and_the_heartbeat_is_withheld(house: House) {
    let file = house.folder.path().join("alive");
    let house = house.another_with(&[("SALAMA_HEARTBEAT", &format!("file://{}", file.display()))]).await;
    house.app.pulse.beat("escalate", house.now(), 60_000);
    let beats = async || operations::beat(&house.app, &operations::keep_watch(&house.app).await.unwrap()).await;
    assert!(beats().await && file.exists());
    fs::remove_file(&file).unwrap();
    house.clock.advance(60_001).unwrap();
    assert!(!beats().await && !file.exists());
    let ready = house.web.get(format!("{}/readyz", house.url)).send().await.unwrap();
    assert_eq!(ready.status().as_u16(), 200, "it still serves");
    let ready: serde_json::Value = ready.json().await.unwrap();
    assert_eq!((&ready["stopped_jobs"], &ready["all_is_well"]), (&json!(["escalate"]), &json!(false)));
    house.app.pulse.beat("escalate", house.now(), 60_000);
    assert!(beats().await && file.exists());
}

async fn a_planner_whose_passes_fail_is_named_while_every_other_job_goes_on(house: House) {
    let (technician, _, _) = crew(&house).await;
    let house = house.another_with(&[("SALAMA_TICK_MS", "10")]).await;
    let stop = CancellationToken::new();
    let worker = tokio::spawn(worker::run(house.app.clone(), stop.clone()));
    technician.reports(&crate::support::person::hazard(&house.site("AGA").await)).await;
    let database = house.behind_its_back().await;
    let until = async |wanted: &[&str]| {
        for _ in 0..500 {
            tokio::time::sleep(Duration::from_millis(20)).await;
            let ready: serde_json::Value =
                house.web.get(format!("{}/readyz", house.url)).send().await.unwrap().json().await.unwrap();
            if ready["stopped_jobs"] == json!(wanted) {
                return ready;
            }
        }
        panic!("stopped: {:?}, not {wanted:?}", house.app.pulse.stopped(house.now()));
    };
    database.execute_unprepared("update deadlines set kind = 'nonsense', look_again_at = 1").await.unwrap();
    // A pass that was under way ends first, and its beat is one of the time before.
    house.clock.advance(20_000).unwrap();
    until(&[]).await;
    until(&[]).await;
    // No other job is allowed less than a minute and a half.
    house.clock.advance(61_000).unwrap();
    let ready = until(&["escalate"]).await;
    assert_eq!(ready["all_is_well"], json!(false));
    database.execute_unprepared("update deadlines set kind = 'acknowledge'").await.unwrap();
    until(&[]).await;
    stop.cancel();
    worker.await.unwrap();
}

async fn the_heartbeat_reaches_its_file_or_its_url_and_holds_nothing_up(house: House) {
    let file = house.folder.path().join("nowhere/alive");
    let lost = house.another_with(&[("SALAMA_HEARTBEAT", &format!("file://{}", file.display()))]).await;
    let heard = house.another_with(&[("SALAMA_HEARTBEAT", &format!("{}/healthz", house.url))]).await;
    let refused = house.another_with(&[("SALAMA_HEARTBEAT", &format!("{}/nothing", house.url))]).await;
    let nobody = house.another_with(&[("SALAMA_HEARTBEAT", "http://127.0.0.1:1/")]).await;
    for (house, said) in [(&lost, false), (&heard, true), (&refused, false), (&nobody, false), (&house, false)] {
        let watch = operations::watch(&house.app).await.unwrap();
        assert!(watch.all_is_well());
        assert_eq!(operations::beat(&house.app, &watch).await, said, "{:?}", house.app.settings.heartbeat());
    }
}

async fn a_clock_whose_ladder_begins_later_is_no_alarm(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let admin = house.joins("Omar", salama::domain::audience::Role::Admin, "SRM-SM").await;
    let step = json!([{ "offset": "P1D", "audience": ["owner"] }]);
    let ladder = |kind: &str| json!({ "kind": kind, "severities": [1, 2, 3, 4, 5], "within": "P900D", "steps": step });
    let ladders = json!({ "ladders": [ladder("acknowledge"), ladder("complete_action")] });
    admin.put("/v1/ladders", &ladders).await.expect(200);
    let report = technician.reports(&crate::support::person::hazard(&house.site("AGA").await)).await;
    officer.commands(&report, "acknowledge", json!({})).await.expect(200);
    officer.assigns(&report, &technician, Some(house.now().plus_ms(20_000).to_string())).await;
    house.tick().await;
    house.clock.advance(3_600_000).unwrap();
    assert!(operations::watch(&house.app).await.unwrap().silent.is_empty(), "nobody was to be told yet");
    house.clock.advance(86_400_000).unwrap();
    assert_eq!(operations::watch(&house.app).await.unwrap().silent.len(), 1);
}

async fn a_replica_whose_machine_is_ten_minutes_ahead_goes_by_the_databases_clock(house: House) {
    let right = Clock::system();
    for wrong_by in [600_000, -600_000] {
        let replica = App { clock: Clock::system(), ..house.app.clone() };
        assert!(replica.clock.correct(wrong_by));
        assert!(operations::agree_on_time(&replica).await.unwrap());
        let off = replica.clock.now().since_ms(right.now());
        assert!(off.abs() < 2_000, "{off}");
        assert!(!operations::agree_on_time(&replica).await.unwrap(), "once");
    }
    let moved_by_hand = house.now();
    assert!(!operations::agree_on_time(&house.app).await.unwrap());
    assert_eq!(house.now(), moved_by_hand);
}
