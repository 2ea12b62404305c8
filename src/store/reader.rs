//! Where reads go that belong to no transaction. On PostgreSQL to a pool. On SQLite to a few connections that are handed from
//! one question to the next as they are: a pool asks after every use whether its connection is still there, which costs as much
//! as most questions, and a file does not go away.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use sea_orm::{
    ConnAcquireErr, ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement,
    Values, prelude::async_trait::async_trait,
};
use sea_query_sqlx::SqlxValues;
use sqlx::{
    AssertSqlSafe, ConnectOptions as _,
    sqlite::{SqliteConnectOptions, SqliteConnection},
};
use tokio::{sync::Semaphore, time::timeout};

/// Where reads go.
#[derive(Debug)]
pub enum Reader {
    /// To a pool.
    Pool(DatabaseConnection),
    /// To a file.
    File(Box<Readers>),
}

/// Connections to a file, each for one question at a time.
#[derive(Debug)]
pub struct Readers {
    options: SqliteConnectOptions,
    places: Semaphore,
    idle: Mutex<Vec<SqliteConnection>>,
    patience: Duration,
}

impl Readers {
    /// So many at most, each made when it is needed first; who finds none free waits for so long.
    pub fn new(options: SqliteConnectOptions, most: usize, patience: Duration) -> Self {
        Self { options, places: Semaphore::new(most), idle: Mutex::default(), patience }
    }

    /// Asks on a connection. One whose question was given up is not used again.
    async fn ask<T>(&self, question: impl AsyncFnOnce(&mut SqliteConnection) -> sqlx::Result<T>) -> Result<T, DbErr> {
        let place = timeout(self.patience, self.places.acquire()).await;
        let _place = place.ok().and_then(Result::ok).ok_or(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout))?;
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut connection = match idle {
            Some(connection) => connection,
            None => self.options.connect().await.map_err(|cause| DbErr::Conn(RuntimeErr::SqlxError(cause.into())))?,
        };
        let answer = question(&mut connection).await;
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        answer.map_err(|cause| DbErr::Query(RuntimeErr::SqlxError(cause.into())))
    }
}

fn query(statement: &Statement) -> sqlx::query::Query<'_, sqlx::Sqlite, SqlxValues> {
    let values = statement.values.clone().unwrap_or(Values(vec![]));
    sqlx::query_with(AssertSqlSafe(statement.sql.as_str()), SqlxValues(values))
}

#[async_trait]
impl ConnectionTrait for Reader {
    fn get_database_backend(&self) -> DbBackend {
        match self {
            Self::Pool(pool) => pool.get_database_backend(),
            Self::File(_) => DbBackend::Sqlite,
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        match self {
            Self::Pool(pool) => pool.execute_raw(statement).await,
            Self::File(readers) => Ok(readers.ask(async |on| query(&statement).execute(on).await).await?.into()),
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        match self {
            Self::Pool(pool) => pool.execute_unprepared(sql).await,
            Self::File(readers) => Ok(readers.ask(async |on| sqlx::raw_sql(AssertSqlSafe(sql)).execute(on).await).await?.into()),
        }
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match self {
            Self::Pool(pool) => pool.query_one_raw(statement).await,
            Self::File(readers) => {
                Ok(readers.ask(async |on| query(&statement).fetch_optional(on).await).await?.map(QueryResult::from))
            }
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match self {
            Self::Pool(pool) => pool.query_all_raw(statement).await,
            Self::File(readers) => {
                let rows = readers.ask(async |on| query(&statement).fetch_all(on).await).await?;
                Ok(rows.into_iter().map(QueryResult::from).collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use futures_util::FutureExt as _;

    use super::*;

    async fn look(readers: &Readers) -> Result<Option<sqlx::sqlite::SqliteRow>, DbErr> {
        readers.ask(async |on| sqlx::query("select n from mine").fetch_optional(on).await).await
    }

    #[tokio::test]
    async fn a_connection_serves_again_unless_its_question_was_given_up() {
        let readers = Readers::new(SqliteConnectOptions::new().in_memory(true), 1, Duration::from_secs(5));
        readers.ask(async |on| sqlx::query("create table mine (n integer)").execute(on).await).await.unwrap();
        assert!(look(&readers).await.is_ok(), "the same connection, with the same memory");
        assert!(readers.ask(async |_| pending::<sqlx::Result<()>>().await).now_or_never().is_none());
        assert!(look(&readers).await.is_err(), "another one, in the same place");
    }
}
