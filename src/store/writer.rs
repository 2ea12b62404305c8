//! The one way to write. On PostgreSQL a transaction is a transaction. On SQLite there is one writer: operations that
//! wait for it run as savepoints of one transaction, are committed to disk together, and are answered only after that.

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
use tokio::sync::{Mutex, OwnedMutexGuard, oneshot};

use super::{Read, StoreError};
use crate::domain::journal::Entry;

/// The most operations that share one commit.
const GROUP: usize = 64;

/// Where transactions come from.
#[derive(Debug, Clone)]
pub(super) enum Writer {
    Plain(DatabaseConnection),
    Grouping(Arc<Grouping>),
}

#[derive(Debug)]
pub(super) struct Grouping {
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

/// An open transaction. Dropped without a commit, it never happened.
#[derive(Debug)]
pub struct Tx {
    read: Option<Read<DatabaseTransaction>>,
    turn: Option<Turn>,
    pub(super) entries: Vec<Entry>,
}

/// The right to write, held by one operation at a time.
#[derive(Debug)]
struct Turn {
    group: OwnedMutexGuard<Group>,
    writer: Arc<Grouping>,
}

impl Writer {
    pub(super) fn plain(connection: DatabaseConnection) -> Self {
        Self::Plain(connection)
    }

    pub(super) fn grouping(connection: DatabaseConnection) -> Self {
        Self::Grouping(Arc::new(Grouping { connection, group: Arc::default(), waiting: AtomicUsize::new(0) }))
    }

    pub(super) fn connection(&self) -> &DatabaseConnection {
        match self {
            Self::Plain(connection) => connection,
            Self::Grouping(writer) => &writer.connection,
        }
    }

    pub(super) async fn begin(&self) -> Result<Tx, StoreError> {
        match self {
            Self::Plain(connection) => {
                let options = TransactionOptions::default();
                let tx = connection.begin_with_options(options).await?;
                Ok(Tx { read: Some(Read(tx)), turn: None, entries: vec![] })
            }
            Self::Grouping(writer) => {
                let mut turn = Turn { group: writer.wait_for_turn().await, writer: writer.clone() };
                let savepoint = turn.savepoint().await?;
                Ok(Tx { read: Some(Read(savepoint)), turn: Some(turn), entries: vec![] })
            }
        }
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
    async fn savepoint(&mut self) -> Result<DatabaseTransaction, DbErr> {
        if self.group.open.is_none() {
            let options =
                TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate), ..Default::default() };
            self.group.open = Some(self.writer.connection.begin_with_options(options).await?);
        }
        let Some(open) = &self.group.open else { return Err(DbErr::Custom("no transaction is open".into())) };
        open.begin_with_options(TransactionOptions::default()).await
    }

    /// Whether somebody follows who will share the commit.
    fn is_followed(&self) -> bool {
        self.group.done.len() < GROUP && self.writer.waiting.load(Ordering::Acquire) > 0
    }

    /// Commits what the group holds and answers everybody who waits for it. Runs to its end even when the request that
    /// asked for it is gone, because others wait for the same commit.
    fn finish(mut self) -> oneshot::Receiver<Result<(), DbErr>> {
        let (done, receiver) = oneshot::channel();
        tokio::spawn(async move {
            let result = match self.group.open.take() {
                Some(open) => open.commit().await,
                None => Ok(()),
            };
            for waiter in self.group.done.drain(..).chain([done]) {
                // A waiter that is gone needs no answer.
                let _ = waiter.send(result.clone());
            }
        });
        receiver
    }

    /// Hands the open transaction on to the next in line, whose commit is ours too.
    fn hand_on(mut self) -> oneshot::Receiver<Result<(), DbErr>> {
        let (done, receiver) = oneshot::channel();
        self.group.done.push(done);
        receiver
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
        self.entries.push(entry);
    }

    /// Makes it so. When this returns, it is on disk.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        self.write_entries().await?;
        let Some(Read(tx)) = self.read.take() else { return Ok(()) };
        let Some(turn) = self.turn.take() else { return Ok(tx.commit().await?) };
        tx.commit().await?;
        let done = if turn.is_followed() { turn.hand_on() } else { turn.finish() };
        match done.await {
            Ok(result) => Ok(result?),
            Err(_) => Err(StoreError::Unreachable(DbErr::Custom("the commit was never answered".into()))),
        }
    }
}

impl Drop for Tx {
    /// Takes back what this operation did, and commits what others did before it in the same group.
    fn drop(&mut self) {
        drop(self.read.take());
        if let Some(turn) = self.turn.take() {
            drop(turn.finish());
        }
    }
}

impl<C: ConnectionTrait> Read<C> {
    pub(super) fn on(&self) -> &C {
        &self.0
    }
}
