//! What must differ between SQLite and PostgreSQL, and nothing else.

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, DbErr, ExprTrait, Statement,
    sea_query::{Expr, LockBehavior, LockType, Query, SelectStatement, SimpleExpr},
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

/// Whether nobody holds a row any more, by the column that says until when somebody does.
pub(super) fn is_free(backend: DbBackend, lease_until: impl ColumnTrait) -> Condition {
    Condition::any().add(lease_until.is_null()).add(Expr::col(lease_until).lt(now_ms(backend)))
}

/// Keeps the rows read for this transaction alone until its end, so that what was decided on them can be saved. SQLite's one
/// writer has them for itself already.
pub(super) fn hold(backend: DbBackend, select: &mut SelectStatement) {
    if backend == DbBackend::Postgres {
        select.lock(LockType::NoKeyUpdate);
    }
}

/// The same, without the rows that somebody else holds just now.
pub(super) fn hold_free(backend: DbBackend, select: &mut SelectStatement) {
    if backend == DbBackend::Postgres {
        select.lock_with_behavior(LockType::NoKeyUpdate, LockBehavior::SkipLocked);
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

/// A column that is compared row by row and never looked up: SQLite, which knows nothing of how often a value stands in a
/// column, would otherwise leave the index that gives the order of a list. PostgreSQL counts, and decides by itself.
pub(super) fn beside<C: ColumnTrait>(backend: DbBackend, column: C) -> SimpleExpr {
    match backend {
        DbBackend::Sqlite => Expr::cust(format!("+\"{}\".\"{}\"", column.entity_name(), column.as_str())),
        _ => Expr::col(column.as_column_ref()),
    }
}

/// How the words of a search are met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Words {
    /// In the index of words, from where the few reports that have them are gathered.
    Rare,
    /// On the way: a list is walked in its order, and reports without them are left out.
    Common,
}

/// Reports that have a word beginning with each of these. Nothing to ask when there are no words. They are letters and digits
/// alone (`domain::search`), so that none of them means anything to either database.
pub(super) fn has_words(backend: DbBackend, words: &[String], how: Words) -> Option<Condition> {
    let indexed = in_index(backend, words)?;
    if backend == DbBackend::Postgres || how == Words::Rare {
        return Some(Condition::all().add(indexed));
    }
    let has = |all: Condition, word| all.add(Expr::cust_with_values("' ' || reports.search_text like ?", [format!("% {word}%")]));
    Some(words.iter().fold(Condition::all(), has))
}

/// At most so many reports that have a word beginning with each of these, to see whether they are few. Nothing to ask where
/// the database counts words by itself, or when there are none.
pub(super) fn have_words(backend: DbBackend, words: &[String], most: usize) -> Option<SelectStatement> {
    let few = || {
        let matching = Expr::cust_with_values("report_words match ?", [matched(words)]);
        Query::select().expr(Expr::val(1)).from("report_words").and_where(matching).limit(most as u64).to_owned()
    };
    (backend == DbBackend::Sqlite && !words.is_empty()).then(few)
}

fn in_index(backend: DbBackend, words: &[String]) -> Option<SimpleExpr> {
    if words.is_empty() {
        return None;
    }
    if backend == DbBackend::Postgres {
        let query = words.iter().map(|word| format!("{word}:*")).collect::<Vec<_>>().join(" & ");
        return Some(Expr::cust_with_values("to_tsvector('simple', reports.search_text) @@ to_tsquery('simple', $1)", [query]));
    }
    Some(Expr::cust_with_values(
        "reports.id in (select report_id from report_words where report_words match ?)",
        [matched(words)],
    ))
}

fn matched(words: &[String]) -> String {
    words.iter().map(|word| format!("\"{word}\"*")).collect::<Vec<_>>().join(" ")
}
