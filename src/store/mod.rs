//! THE DATABASE. Reading and writing domain values; nothing outside names a table or an ORM type, and no rule lives here.
//! Reads hang on `Read`, which both a `Store` and an open `Tx` are; writes are on `Tx` alone.

mod account_words;
mod accounts;
mod actions;
mod casts;
mod changes;
mod command_keys;
mod comments;
mod corrections;
mod deadlines;
mod dialect;
mod digests;
mod early_photos;
mod facts;
mod filings;
mod findings;
mod follow_ups;
mod held;
mod injuries;
mod inquiries;
mod journal;
mod lists;
mod members;
mod notice_events;
mod notices;
mod open_work;
mod organisation;
mod photos;
mod plans;
mod portions;
mod reader;
mod reports;
mod retention;
mod sessions;
mod similar;
mod sites;
mod tables;
mod uploads;
mod writer;

use std::{
    ops::Deref,
    sync::{Arc, RwLock},
    time::Duration,
};

use salama_migrations::Migrator;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DbBackend, DbErr, RuntimeErr, SqlxSqliteConnector, sea_query::Query};
use sea_orm_migration::MigratorTrait;
use sqlx::{
    ConnectOptions as _,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::sync::watch;

pub use self::{
    changes::News,
    command_keys::Used,
    journal::RecordFilter,
    lists::{ActionFilter, DeadlineFilter, Page, ReportFilter},
    members::{Login, MemberRecord, NewMember},
    notice_events::Happening,
    notices::{Claimed, Delivery},
    organisation::{DocumentKind, DocumentVersion},
    retention::{Custody, Disposal, Leftover},
    writer::Tx,
};
use self::{
    reader::{Reader, Readers},
    writer::Writer,
};
use crate::domain::{organisation::Organisation, time::Instant};

/// What can go wrong between here and the database.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The row was written by somebody else since it was read.
    #[error("the row was written by somebody else since it was read")]
    Stale,
    /// The database did not do it. Its own words are for the log only.
    #[error("the database failed")]
    Database(#[source] DbErr),
    /// No connection was free in time, or none could be made.
    #[error("the database cannot be reached")]
    Unreachable(#[source] DbErr),
    /// A unique key is taken already.
    #[error("a unique key is taken already")]
    Taken,
    /// A row holds what no rule allows.
    #[error("{0} holds what no rule allows")]
    Corrupt(&'static str),
}

impl From<DbErr> for StoreError {
    fn from(cause: DbErr) -> Self {
        match (&cause, cause.sql_err()) {
            (_, Some(sea_orm::SqlErr::UniqueConstraintViolation(_))) => Self::Taken,
            (DbErr::ConnectionAcquire(_) | DbErr::Conn(_), _) => Self::Unreachable(cause),
            (DbErr::Query(RuntimeErr::SqlxError(error)) | DbErr::Exec(RuntimeErr::SqlxError(error)), _)
                if matches!(**error, sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed) =>
            {
                Self::Unreachable(cause)
            }
            _ => Self::Database(cause),
        }
    }
}

/// Everything that can be read, from the pool or inside a transaction.
#[derive(Debug)]
pub struct Read<C>(C);

/// The database: a pool of readers, and the one way to write.
#[derive(Debug, Clone)]
pub struct Store {
    read: Arc<Read<Reader>>,
    writer: Writer,
    organisation: Arc<RwLock<Option<Arc<Organisation>>>>,
}

impl Deref for Store {
    type Target = Read<Reader>;

    fn deref(&self) -> &Self::Target {
        &self.read
    }
}

/// How long a request waits for a connection before it is told to come back later.
const ACQUIRE: Duration = Duration::from_secs(5);
/// How long a connection to PostgreSQL is taken to be there still since it was last used.
const TRUST: Duration = Duration::from_secs(1);

impl Store {
    /// Opens `sqlite://path` (made when missing) or `postgres://…` with at most so many connections. SQLite gets one
    /// writer besides its readers; every commit is on disk before it is answered (`synchronous=FULL`).
    pub async fn open(url: &str, connections: u32) -> Result<Self, StoreError> {
        if url.starts_with("sqlite:") {
            let options = sqlite(url)?;
            let alone = SqlitePoolOptions::new()
                .max_connections(1)
                .min_connections(1)
                .acquire_timeout(ACQUIRE)
                .test_before_acquire(false);
            let writer =
                alone.connect_with(options.clone()).await.map_err(|cause| DbErr::Conn(RuntimeErr::SqlxError(cause.into())))?;
            let readers = Readers::new(options, connections.max(1) as usize, ACQUIRE);
            let writer = SqlxSqliteConnector::from_sqlx_sqlite_pool(writer);
            return Ok(Self::over(Reader::File(Box::new(readers)), Writer::grouping(writer)));
        }
        let mut options = ConnectOptions::new(url);
        options.max_connections(connections.max(2)).min_connections(0).acquire_timeout(ACQUIRE).sqlx_logging(false);
        options.test_before_acquire_if_idle_for(TRUST);
        options.map_sqlx_postgres_opts(|options| options.options([("statement_timeout", "15s"), ("lock_timeout", "10s")]));
        let pool = Database::connect(options).await?;
        Ok(Self::over(Reader::Pool(pool.clone()), Writer::plain(pool)))
    }

    fn over(read: Reader, writer: Writer) -> Self {
        Self { read: Arc::new(Read(read)), writer, organisation: Arc::default() }
    }

    /// Brings the schema to this binary's version.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        Ok(Migrator::up(self.writer.connection(), None).await?)
    }

    /// Takes the whole schema down again, with everything in it: for the check that every step can be undone.
    pub async fn unmigrate(&self) -> Result<(), StoreError> {
        Ok(Migrator::down(self.writer.connection(), None).await?)
    }

    /// The number of steps that are not applied yet.
    pub async fn pending_migrations(&self) -> Result<usize, StoreError> {
        Ok(Migrator::get_pending_migrations(self.writer.connection()).await?.len())
    }

    /// Begins a transaction. On SQLite the write lock is taken at once, and transactions that follow each other closely
    /// share one commit to disk.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        self.writer.begin().await
    }

    /// The organisation as it stands; loaded anew only when its revision changed.
    pub async fn organisation(&self) -> Result<Arc<Organisation>, StoreError> {
        self.organisation_through(&self.read).await
    }

    /// The same, as an open transaction sees it.
    pub async fn organisation_in(&self, tx: &Tx) -> Result<Arc<Organisation>, StoreError> {
        self.organisation_through(tx).await
    }

    /// The same, for a transaction that changes it: others who want to wait for its end. To be asked before the first
    /// change, because what it loads is kept for everybody.
    pub async fn organisation_to_change(&self, tx: &Tx) -> Result<Arc<Organisation>, StoreError> {
        tx.hold_organisation().await?;
        self.organisation_in(tx).await
    }

    async fn organisation_through<C: ConnectionTrait>(&self, read: &Read<C>) -> Result<Arc<Organisation>, StoreError> {
        let revision = read.revision().await?;
        let known = self.organisation.read().ok().and_then(|known| known.clone());
        if let Some(known) = known.filter(|known| known.revision == revision) {
            return Ok(known);
        }
        let fresh = Arc::new(read.load_organisation(revision).await?);
        if let Ok(mut known) = self.organisation.write() {
            *known = Some(fresh.clone());
        }
        Ok(fresh)
    }

    /// Changes whenever a transaction of this process has put something on record.
    pub fn written(&self) -> watch::Receiver<u64> {
        self.writer.written()
    }

    /// Whether the database answers.
    pub async fn probe(&self) -> Result<(), StoreError> {
        self.revision().await.map(|_| ())
    }
}

impl<C: ConnectionTrait> Read<C> {
    fn backend(&self) -> DbBackend {
        self.0.get_database_backend()
    }

    /// What time it is by the database's own clock.
    pub async fn clock(&self) -> Result<Instant, StoreError> {
        let asked = Query::select().expr_as(dialect::now_ms(self.backend()), "now").to_owned();
        let row = self.on().query_one(&asked).await?.ok_or(StoreError::Corrupt("the database's clock"))?;
        Ok(Instant::from_ms(row.try_get("", "now")?))
    }
}

fn sqlite(url: &str) -> Result<SqliteConnectOptions, DbErr> {
    let options = url.parse::<SqliteConnectOptions>().map_err(|cause| DbErr::Conn(RuntimeErr::SqlxError(cause.into())))?;
    Ok(options
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(10))
        .statement_cache_capacity(256)
        .pragma("cache_size", "-8000")
        .pragma("temp_store", "memory")
        .disable_statement_logging())
}
