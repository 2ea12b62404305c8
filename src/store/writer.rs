//! The one way to write. On PostgreSQL a transaction is a transaction. On SQLite there is one writer: operations that
//! wait for it share the transaction of the first, as savepoints, are committed to disk together, and are answered only after
//! that.

use std::{
    ops::Deref,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use tokio::sync::{Mutex, OwnedMutexGuard, oneshot, watch};

use super::{Read, StoreError};
use crate::domain::{journal::Entry, time::Instant};

/// The most operations that share one commit.
const GROUP: usize = 64;

/// Where transactions come from.
#[derive(Debug, Clone)]
pub(super) struct Writer {
    way: Way,
    written: watch::Sender<u64>,
}

#[derive(Debug, Clone)]
enum Way {
    Plain(DatabaseConnection),
    Grouping(Arc<Grouping>),
}

#[derive(Debug)]
struct Grouping {
    connection: DatabaseConnection,
    group: Arc<Mutex<Group>>,
    waiting: AtomicUsize,
}

/// The transaction that is open, and who waits for its commit.
#[derive(Debug, Default)]
struct Group {
    open: Option<DatabaseTransaction>,
    done: Vec<oneshot::Sender<Result<(), DbErr>>>,
}

/// An open transaction. Dropped without a commit, it never happened. What it has open is dropped before its turn.
#[derive(Debug)]
pub struct Tx {
    read: Option<Read<DatabaseTransaction>>,
    turn: Option<Turn>,
    written: watch::Sender<u64>,
    pub(super) entries: Vec<(Entry, Option<Instant>)>,
    pub(super) said_at: Option<Instant>,
}

/// The right to write, held by one operation at a time. Given up in any way, it leaves nobody waiting: whatever others
/// have put into the open transaction is committed.
#[derive(Debug)]
struct Turn {
    group: Option<OwnedMutexGuard<Group>>,
    writer: Arc<Grouping>,
}

impl Writer {
    pub(super) fn plain(connection: DatabaseConnection) -> Self {
        Self { way: Way::Plain(connection), written: watch::Sender::new(0) }
    }

    pub(super) fn grouping(connection: DatabaseConnection) -> Self {
        let writer = Grouping { connection, group: Arc::default(), waiting: AtomicUsize::new(0) };
        Self { way: Way::Grouping(Arc::new(writer)), written: watch::Sender::new(0) }
    }

    pub(super) fn connection(&self) -> &DatabaseConnection {
        match &self.way {
            Way::Plain(connection) => connection,
            Way::Grouping(writer) => &writer.connection,
        }
    }

    /// Changes whenever a transaction of this process has put something on record.
    pub(super) fn written(&self) -> watch::Receiver<u64> {
        self.written.subscribe()
    }

    pub(super) async fn begin(&self) -> Result<Tx, StoreError> {
        let (read, turn) = match &self.way {
            Way::Plain(connection) => (connection.begin_with_options(TransactionOptions::default()).await?, None),
            Way::Grouping(writer) => {
                let mut turn = Turn { group: Some(writer.wait_for_turn().await), writer: writer.clone() };
                (turn.open().await?, Some(turn))
            }
        };
        Ok(Tx { read: Some(Read(read)), turn, written: self.written.clone(), entries: vec![], said_at: None })
    }
}

impl Grouping {
    async fn wait_for_turn(&self) -> OwnedMutexGuard<Group> {
        /// Counts one who waits, also when the wait is given up.
        struct Waits<'a>(&'a AtomicUsize);
        impl Drop for Waits<'_> {
            fn drop(&mut self) {
                self.0.fetch_sub(1, Ordering::AcqRel);
            }
        }
        self.waiting.fetch_add(1, Ordering::AcqRel);
        let _waits = Waits(&self.waiting);
        self.group.clone().lock_owned().await
    }
}

impl Turn {
    /// The first of a group has the transaction itself; who comes after has a savepoint in it.
    async fn open(&mut self) -> Result<DatabaseTransaction, DbErr> {
        let Some(group) = &self.group else { return Err(DbErr::Custom("the turn is over".into())) };
        if let Some(open) = &group.open {
            return open.begin_with_options(TransactionOptions::default()).await;
        }
        let mode = Some(SqliteTransactionMode::Immediate);
        let options = TransactionOptions { sqlite_transaction_mode: mode, ..Default::default() };
        self.writer.connection.begin_with_options(options).await
    }

    /// Ends the turn; what comes back is answered when the work of this operation is on disk. Where others follow, they
    /// share the commit.
    async fn end(mut self, tx: DatabaseTransaction) -> Result<oneshot::Receiver<Result<(), DbErr>>, DbErr> {
        let (done, receiver) = oneshot::channel();
        let Some(group) = &mut self.group else { return Ok(receiver) };
        if group.open.is_some() {
            tx.commit().await?;
        } else {
            group.open = Some(tx);
        }
        let Some(mut group) = self.group.take() else { return Ok(receiver) };
        group.done.push(done);
        if group.done.len() < GROUP && self.writer.waiting.load(Ordering::Acquire) > 0 {
            drop(group);
            tokio::spawn(commit_in_turn(self.writer.group.clone()));
        } else {
            tokio::spawn(commit(group));
        }
        Ok(receiver)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(group) = self.group.take() {
            tokio::spawn(commit(group));
        }
    }
}

/// Commits behind those who follow now: one of them may give up waiting, and then nobody else would.
async fn commit_in_turn(group: Arc<Mutex<Group>>) {
    commit(group.lock_owned().await).await;
}

/// Commits what the group holds and answers everybody who waits for it. Runs as a task of its own, because others wait for
/// it even when the request that asked for it is gone.
async fn commit(mut group: OwnedMutexGuard<Group>) {
    let result = match group.open.take() {
        Some(open) => open.commit().await,
        None => Ok(()),
    };
    for waiter in group.done.drain(..) {
        // A waiter that is gone needs no answer.
        let _ = waiter.send(result.clone());
    }
}

impl Deref for Tx {
    type Target = Read<DatabaseTransaction>;

    fn deref(&self) -> &Self::Target {
        #[expect(clippy::expect_used, reason = "it is there until commit or drop takes the transaction itself")]
        self.read.as_ref().expect("a transaction that is still open")
    }
}

impl Tx {
    /// The connection, for the statements of this folder.
    pub(super) fn connection(&self) -> &DatabaseTransaction {
        &self.0
    }

    /// Puts an entry on record; it is chained and written when the transaction is committed.
    pub fn note(&mut self, entry: Entry) {
        self.note_said(entry, self.said_at);
    }

    /// The same for something that was said at another instant than the rest.
    pub fn note_said(&mut self, entry: Entry, said_at: Option<Instant>) {
        self.entries.push((entry, said_at));
    }

    /// What it puts on record from here on was said at that instant, as the caller's device claims.
    #[must_use]
    pub fn said(self, at: Option<Instant>) -> Self {
        Self { said_at: at, ..self }
    }

    /// Makes it so. When this returns, it is on disk.
    pub async fn commit(self) -> Result<(), StoreError> {
        let written = (!self.entries.is_empty()).then(|| self.written.clone());
        self.end().await?;
        if let Some(written) = written {
            written.send_modify(|n| *n += 1);
        }
        Ok(())
    }

    async fn end(mut self) -> Result<(), StoreError> {
        self.write_entries().await?;
        let Some(Read(tx)) = self.read.take() else { return Ok(()) };
        let Some(turn) = self.turn.take() else { return Ok(tx.commit().await?) };
        match turn.end(tx).await?.await {
            Ok(result) => Ok(result?),
            Err(_) => Err(StoreError::Unreachable(DbErr::Custom("the commit was never answered".into()))),
        }
    }
}

impl<C: ConnectionTrait> Read<C> {
    pub(super) fn on(&self) -> &C {
        &self.0
    }
}
