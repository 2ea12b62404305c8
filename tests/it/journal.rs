//! What happened is on record, in order, and nobody can change it unseen, not even with the database in their hands.

use salama::{
    domain::journal::{Broken, Entry, Link},
    operations::{self, JournalFault},
};
use sea_orm::{ConnectionTrait, DatabaseConnection};
use serde_json::json;

use crate::{
    main_road::crew,
    support::{house::House, person::hazard, stories},
};

stories!(
    the_database_itself_refuses_to_change_the_record,
    an_edited_entry_is_named,
    a_deleted_entry_is_named,
    an_inserted_entry_is_noticed,
    two_entries_in_each_others_place_are_noticed,
    a_journal_rewritten_to_its_end_does_not_fit_its_seals,
    a_part_of_the_journal_is_followed_by_itself,
);

/// A journal of a good dozen entries, sealed in the middle and at its end.
async fn record(house: &House) -> i64 {
    let (technician, officer, _) = crew(house).await;
    let report = technician.reports(&hazard(&house.site("AGA").await)).await;
    assert!(operations::seal_journal(&house.app).await.unwrap());
    assert!(!operations::seal_journal(&house.app).await.unwrap(), "nothing was written since");
    officer.commands(&report, "triage", json!({ "actual_severity": 1, "potential_severity": 4 })).await.expect(200);
    house.tick().await;
    assert!(operations::seal_journal(&house.app).await.unwrap());
    let whole = follow(house).await.unwrap();
    assert_eq!(whole.seals, 2);
    whole.entries
}

async fn follow(house: &House) -> Result<operations::Followed, JournalFault> {
    operations::verify_journal(&house.app.store, Some(&house.app.keys), None, None).await
}

async fn broken(house: &House) -> Broken {
    match follow(house).await {
        Err(JournalFault::Broken(broken)) => broken,
        other => panic!("nothing was noticed: {other:?}"),
    }
}

/// Somebody who owns the database takes its guards away first.
async fn unguarded(house: &House) -> DatabaseConnection {
    let database = house.behind_its_back().await;
    for guard in ["journal_keeps_its_words", "journal_keeps_its_entries"] {
        let drop = match database.get_database_backend() {
            sea_orm::DbBackend::Postgres => format!("drop trigger if exists {guard} on journal"),
            _ => format!("drop trigger {guard}"),
        };
        database.execute_unprepared(&drop).await.unwrap();
    }
    database
}

async fn the_database_itself_refuses_to_change_the_record(house: House) {
    record(&house).await;
    let database = house.behind_its_back().await;
    for crime in ["update journal set facts = '{}' where seq = 3", "delete from journal where seq = 3"] {
        assert!(database.execute_unprepared(crime).await.unwrap_err().to_string().contains("append-only"), "{crime}");
    }
}

async fn an_edited_entry_is_named(house: House) {
    record(&house).await;
    unguarded(&house).await.execute_unprepared("update journal set facts = '{}' where seq = 3").await.unwrap();
    assert_eq!(broken(&house).await, Broken::Changed(3));
}

async fn a_deleted_entry_is_named(house: House) {
    let last = record(&house).await;
    let database = unguarded(&house).await;
    database.execute_unprepared(&format!("delete from journal where seq = {last}")).await.unwrap();
    assert_eq!(broken(&house).await, Broken::Cut { expected: last, found: last - 1 });
    database.execute_unprepared("delete from journal where seq = 4").await.unwrap();
    assert_eq!(broken(&house).await, Broken::Gap { expected: 4, found: 5 });
}

async fn an_inserted_entry_is_noticed(house: House) {
    let last = record(&house).await;
    let copy = "insert into journal (seq, at, actor_id, subject, subject_id, report_id, verb, facts, previous, hash)";
    let columns = "at, actor_id, subject, subject_id, report_id, verb, facts, previous, hash from journal where seq";
    let insert = format!("{copy} select {}, {columns} = {last}", last + 1);
    house.behind_its_back().await.execute_unprepared(&insert).await.unwrap();
    assert_eq!(broken(&house).await, Broken::Unlinked(last + 1));
}

async fn two_entries_in_each_others_place_are_noticed(house: House) {
    record(&house).await;
    let database = unguarded(&house).await;
    for step in ["set seq = -1 where seq = 3", "set seq = 3 where seq = 4", "set seq = 4 where seq = -1"] {
        database.execute_unprepared(&format!("update journal {step}")).await.unwrap();
    }
    assert_eq!(broken(&house).await, Broken::Unlinked(3));
}

async fn a_journal_rewritten_to_its_end_does_not_fit_its_seals(house: House) {
    let last = record(&house).await;
    let links = house.app.store.journal(0, 1000).await.unwrap();
    let database = unguarded(&house).await;
    let mut previous = links[1].hash;
    for link in &links[2..] {
        let facts = if link.seq == 3 { json!({ "nothing": "happened" }) } else { serde_json::from_str(&link.facts).unwrap() };
        let forged = Link::forge(&entry(link, facts), link.said_at, link.seq, previous);
        previous = forged.hash;
        let bytes = |bytes: [u8; 32]| match database.get_database_backend() {
            sea_orm::DbBackend::Postgres => format!("'\\x{}'", hex::encode(bytes)),
            _ => format!("x'{}'", hex::encode(bytes)),
        };
        let facts = forged.facts.replace('\'', "''");
        let (before, hash) = (bytes(forged.previous), bytes(forged.hash));
        let write = format!("update journal set facts = '{facts}', previous = {before}, hash = {hash} where seq = {}", link.seq);
        database.execute_unprepared(&write).await.unwrap();
        database.execute_unprepared(&format!("update journal_head set hash = {hash}")).await.unwrap();
    }
    let unsealed = operations::verify_journal(&house.app.store, None, None, None).await.unwrap();
    assert_eq!(unsealed.entries, last, "the chain alone is whole again");
    assert!(matches!(broken(&house).await, Broken::Unsealed(_)), "the seals are not");
}

fn entry(link: &Link, facts: serde_json::Value) -> Entry {
    let forever = |text: &str| -> &'static str { Box::leak(text.to_owned().into_boxed_str()) };
    let (subject, verb) = (forever(&link.subject), forever(&link.verb));
    Entry { at: link.at, actor: link.actor, subject, subject_id: link.subject_id, report: link.report, verb, facts }
}

async fn a_part_of_the_journal_is_followed_by_itself(house: House) {
    record(&house).await;
    let part = |from, to| operations::verify_journal(&house.app.store, None, Some(from), Some(to));
    assert_eq!(part(3, 5).await.unwrap().entries, 3);
    unguarded(&house).await.execute_unprepared("update journal set facts = '{}' where seq = 3").await.unwrap();
    assert!(part(3, 5).await.is_err());
    assert_eq!(part(5, 7).await.unwrap().entries, 3, "what is wrong before does not hide what is right behind");
}
