//! Many deadlines are planned in one transaction, and each as if it were alone: one that cannot be planned holds up no other
//! and is seen, and two machines share what waits.

use std::collections::BTreeSet;

use salama::operations;
use sea_orm::ConnectionTrait as _;

use crate::{
    main_road::crew,
    support::{
        house::House,
        person::{Person, hazard},
        stories,
    },
};

stories!(
    deadlines_that_cannot_be_planned_hold_up_no_other_and_are_seen,
    two_replicas_share_what_waits_and_plan_nothing_twice,
    more_rungs_than_one_transaction_takes_are_all_put_on_record,
);

async fn reports(house: &House, sender: &Person, n: usize) -> Vec<String> {
    let draft = hazard(&house.site("AGA").await);
    let mut all = Vec::new();
    for _ in 0..n {
        all.push(sender.reports(&draft).await);
    }
    all
}

/// How many rungs of each of these reports are on record.
async fn rungs(reader: &Person, reports: &[String]) -> Vec<usize> {
    let mut all = Vec::new();
    for report in reports {
        let explained = reader.explains(report).await;
        all.push(explained["told"].as_array().unwrap().iter().filter(|one| !one["step"].is_null()).count());
    }
    all
}

async fn deadlines_that_cannot_be_planned_hold_up_no_other_and_are_seen(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let reports = reports(&house, &technician, 6).await;
    house.tick().await;
    house.clock.advance(31 * 60_000).unwrap();
    let database = house.behind_its_back().await;
    // One row cannot be read, and of another deadline not the report; both have waited longest.
    let (unread, lost) = (&reports[1], &reports[4]);
    let of = |report: &str| match database.get_database_backend() {
        sea_orm::DbBackend::Postgres => format!("'{report}'"),
        _ => format!("x'{}'", report.replace('-', "")),
    };
    let breaks = [
        format!("update deadlines set kind = 'nonsense', look_again_at = 1 where report_id = {}", of(unread)),
        format!("update deadlines set look_again_at = 2 where report_id = {}", of(lost)),
        format!("update reports set state = 'nonsense' where id = {}", of(lost)),
    ];
    for statement in breaks {
        assert!(database.execute_unprepared(&statement).await.unwrap().rows_affected() > 0);
    }
    for _ in 0..3 {
        assert!(operations::escalate_due(&house.app).await.is_err(), "a pass that could not plan everything is no whole pass");
    }
    let officer = house.again(&officer).await;
    let well = [0, 2, 3, 5].map(|n| reports[n].clone());
    assert!(rungs(&officer, &well).await.iter().all(|told| *told > 0), "those beside and behind them are told");
    let waiting = house.app.store.deadlines_to_look_at(house.now(), 0, 500).await.unwrap();
    assert!(!waiting.is_empty() && waiting.len() <= 6, "and nothing else waits: {waiting:?}");
    assert!(!operations::watch(&house.app).await.unwrap().all_is_well());
    let mends = [
        format!("update deadlines set kind = 'acknowledge' where report_id = {} and kind = 'nonsense'", of(unread)),
        format!("update reports set state = 'submitted' where id = {}", of(lost)),
    ];
    for statement in mends {
        database.execute_unprepared(&statement).await.unwrap();
    }
    house.tick().await;
    assert!(rungs(&officer, &reports).await.iter().all(|told| *told > 0), "once they can be planned, they are");
    assert!(operations::watch(&house.app).await.unwrap().all_is_well());
}

async fn two_replicas_share_what_waits_and_plan_nothing_twice(house: House) {
    let other = house.another().await;
    let (technician, officer, _) = crew(&house).await;
    let reports = reports(&house, &technician, 40).await;
    for round in 0..3 {
        house.clock.advance(31 * 60_000).unwrap();
        let waits = house.app.store.deadlines_to_look_at(house.now(), 0, 500).await.unwrap().len();
        let mut planned = 0;
        loop {
            let (one, two) = tokio::join!(operations::escalate_due(&house.app), operations::escalate_due(&other.app));
            let both = one.unwrap() + two.unwrap();
            let left = house.app.store.deadlines_to_look_at(house.now(), 0, 500).await.unwrap();
            planned += both;
            if left.is_empty() {
                break;
            }
        }
        assert!(waits > 0 || round > 0);
        assert_eq!(planned, waits, "each was planned by one of them");
    }
    let officer = house.again(&officer).await;
    let told: BTreeSet<usize> = rungs(&officer, &reports).await.into_iter().collect();
    assert!(told.len() == 1 && !told.contains(&0), "alike reports are told alike: {told:?}");
}

async fn more_rungs_than_one_transaction_takes_are_all_put_on_record(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let reports = reports(&house, &technician, 30).await;
    house.clock.advance(20 * 86_400_000).unwrap();
    let planned = operations::escalate_due(&house.app).await.unwrap();
    assert!(planned >= reports.len(), "one pass plans them all, in several transactions: {planned}");
    assert!(house.app.store.deadlines_to_look_at(house.now(), 0, 500).await.unwrap().is_empty());
    let officer = house.again(&officer).await;
    let told: BTreeSet<usize> = rungs(&officer, &reports).await.into_iter().collect();
    assert!(told.len() == 1 && told.first().is_some_and(|n| *n > 5), "{told:?}");
}
