//! The one way to write: transactions that follow each other share a commit, and none of them sees another's failure.

use std::{
    future::{Future as _, poll_fn},
    pin::pin,
    task::Poll,
    time::Duration,
};

use salama::{
    domain::ids::{MemberId, ReportId},
    store::Store,
};

use crate::support::{house::House, stories};

stories!(
    operations_at_once_all_happen_and_the_journal_stays_whole,
    one_that_gives_up_takes_nothing_of_the_others_with_it,
    a_number_taken_back_is_given_out_again,
);

async fn operations_at_once_all_happen_and_the_journal_stays_whole(house: House) {
    let before = salama::operations::verify_journal(&house.app.store, Some(&house.app.keys), None, None).await.unwrap().entries;
    let notes = (0..200).map(|n| {
        let (store, at) = (house.app.store.clone(), house.now());
        tokio::spawn(async move {
            let mut tx = store.begin().await.unwrap();
            tx.note(entry(at, n));
            tx.commit().await.unwrap();
        })
    });
    for task in notes.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    assert_eq!(
        salama::operations::verify_journal(&house.app.store, Some(&house.app.keys), None, None).await.unwrap().entries,
        before + 200
    );
}

async fn one_that_gives_up_takes_nothing_of_the_others_with_it(house: House) {
    let tasks = (0..60).map(|n| {
        let store = house.app.store.clone();
        let at = house.now();
        tokio::spawn(async move {
            let mut tx = store.begin().await.unwrap();
            tx.next_number("kept").await.unwrap();
            tx.note(entry(at, n));
            match n % 3 {
                0 => drop(tx),
                1 => {
                    let unknown = tx.add_participant(MemberId(uuid::Uuid::nil()), ReportId(uuid::Uuid::nil())).await;
                    assert!(unknown.is_err(), "a foreign key fails this one alone");
                }
                _ => tx.commit().await.unwrap(),
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    let tx = house.app.store.begin().await.unwrap();
    assert_eq!(tx.next_number("kept").await.unwrap(), 21);
    drop(tx);
    salama::operations::verify_journal(&house.app.store, Some(&house.app.keys), None, None).await.unwrap();
}

async fn a_number_taken_back_is_given_out_again(house: House) {
    let tx = house.app.store.begin().await.unwrap();
    assert_eq!(tx.next_number("series").await.unwrap(), 1);
    drop(tx);
    let tx = house.app.store.begin().await.unwrap();
    assert_eq!(tx.next_number("series").await.unwrap(), 1);
    tx.commit().await.unwrap();
}

/// One thread, so that the moment of giving up can be chosen: after each of the steps a commit takes.
#[tokio::test]
async fn one_who_gives_up_waiting_leaves_nobody_else_waiting() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&format!("sqlite://{}", folder.path().join("salama.db").display()), 1).await.unwrap();
    store.migrate().await.unwrap();
    for steps in 1..12 {
        let tx = store.begin().await.unwrap();
        tx.next_number("series").await.unwrap();
        let waiting: Vec<_> = (0..3)
            .map(|_| {
                let store = store.clone();
                tokio::spawn(async move { store.begin().await.map(drop) })
            })
            .collect();
        tokio::task::yield_now().await;
        let mut commit = pin!(tx.commit());
        let mut left = steps;
        let done = poll_fn(|context| {
            left -= 1;
            match commit.as_mut().poll(context) {
                Poll::Ready(done) => Poll::Ready(Some(done)),
                Poll::Pending if left == 0 => Poll::Ready(None),
                Poll::Pending => Poll::Pending,
            }
        })
        .await;
        for waiter in waiting {
            waiter.abort();
        }
        let answered = match done {
            Some(done) => Ok(done),
            None => tokio::time::timeout(Duration::from_secs(10), commit).await,
        };
        answered.unwrap_or_else(|_| panic!("nobody answered when all gave up after step {steps}")).unwrap();
    }
}

fn entry(at: salama::domain::time::Instant, n: u128) -> salama::domain::journal::Entry {
    salama::domain::journal::Entry {
        at,
        actor: None,
        subject: "test",
        subject_id: uuid::Uuid::from_u128(n),
        report: None,
        verb: "noted",
        facts: serde_json::json!({ "n": n.to_string() }),
    }
}
