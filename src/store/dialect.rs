//! What must differ between SQLite and PostgreSQL, and nothing else.

use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, ExprTrait, Statement,
    sea_query::{Expr, LockBehavior, LockType, SelectStatement, SimpleExpr},
};
use uuid::Uuid;

/// The database's own clock, in milliseconds since 1970: leases are counted by it, so that replicas need not agree.
pub(super) fn now_ms(backend: DbBackend) -> SimpleExpr {
    match backend {
        DbBackend::Postgres => Expr::cust("cast(extract(epoch from clock_timestamp()) * 1000 as bigint)"),
        _ => Expr::cust("cast(unixepoch('subsec') * 1000 as integer)"),
    }
}

/// The database's own clock, so many milliseconds on.
pub(super) fn now_plus_ms(backend: DbBackend, ms: i64) -> SimpleExpr {
    now_ms(backend).add(ms)
}

/// Keeps the rows read for this transaction alone until its end, so that what was decided on them can be saved. SQLite's one
/// writer has them for itself already.
pub(super) fn hold(backend: DbBackend, select: &mut SelectStatement) {
    if backend == DbBackend::Postgres {
        select.lock(LockType::NoKeyUpdate);
    }
}

/// Waits until no other transaction has this name, and has it until the end. SQLite's one writer has every name.
pub(super) async fn one_at_a_time(backend: DbBackend, connection: &impl ConnectionTrait, name: Uuid) -> Result<(), DbErr> {
    if backend == DbBackend::Postgres {
        // The lower half of an id is chance in all its versions; two that share it merely wait for each other.
        let half = name.as_bytes().last_chunk().map_or(0, |half| i64::from_be_bytes(*half));
        let lock = Statement::from_sql_and_values(backend, "SELECT pg_advisory_xact_lock($1)", [half.into()]);
        connection.execute_raw(lock).await?;
    }
    Ok(())
}

/// Leaves rows to other replicas that they are claiming just now. SQLite has one writer and needs nothing.
pub(super) fn skip_locked(backend: DbBackend, select: &mut SelectStatement) {
    if backend == DbBackend::Postgres {
        select.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    }
}

/// Reports that have a word beginning with each of these, found through the index of words. Nothing to ask when there are
/// no words. They are letters and digits alone (`domain::search`), so that none of them means anything to either database.
pub(super) fn has_words(backend: DbBackend, words: &[String]) -> Option<SimpleExpr> {
    if words.is_empty() {
        return None;
    }
    if backend == DbBackend::Postgres {
        let query = words.iter().map(|word| format!("{word}:*")).collect::<Vec<_>>().join(" & ");
        return Some(Expr::cust_with_values("to_tsvector('simple', reports.search_text) @@ to_tsquery('simple', $1)", [query]));
    }
    let query = words.iter().map(|word| format!("\"{word}\"*")).collect::<Vec<_>>().join(" ");
    Some(Expr::cust_with_values("reports.id in (select report_id from report_words where report_words match ?)", [query]))
}
