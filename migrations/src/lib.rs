//! The database schema, as one list of small steps for SQLite and PostgreSQL alike. `README.md` beside this crate has the
//! rules for a safe step; queries live in `store` of the main crate.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{DbBackend, Statement},
};

mod m0001_organisation;
mod m0002_sessions;
mod m0003_reports;
mod m0004_deadlines;
mod m0005_journal;
mod m0006_answered_notices;
mod m0007_whole_life;
mod m0009_administration;
mod m0010_search;
mod m0011_journal_seals;
mod m0012_injuries;
mod m0013_protected_senders;
mod m0014_inquiries;
mod m0015_severity_and_corrections;
mod m0016_retention;
mod m0017_counted_deadlines;
mod m0018_obligations_and_digests;
mod m0019_delivery_truth;
mod m0021_findings;
mod m0022_uploads;
mod m0023_words_by_row;
mod m0025_previews;
mod m0027_flat_lists;
mod m0028_pairs_of_tokens;
mod m0031_changes;
mod m0032_touched;
mod m0033_keys_of_commands;
mod m0034_early_and_late;
mod m0035_accounts;
mod m0036_early_photos;
mod m0037_words_tried;

/// The list of steps, oldest first.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_organisation::Migration),
            Box::new(m0002_sessions::Migration),
            Box::new(m0003_reports::Migration),
            Box::new(m0004_deadlines::Migration),
            Box::new(m0005_journal::Migration),
            Box::new(m0006_answered_notices::Migration),
            Box::new(m0007_whole_life::Migration),
            Box::new(m0009_administration::Migration),
            Box::new(m0010_search::Migration),
            Box::new(m0011_journal_seals::Migration),
            Box::new(m0012_injuries::Migration),
            Box::new(m0013_protected_senders::Migration),
            Box::new(m0014_inquiries::Migration),
            Box::new(m0015_severity_and_corrections::Migration),
            Box::new(m0016_retention::Migration),
            Box::new(m0017_counted_deadlines::Migration),
            Box::new(m0018_obligations_and_digests::Migration),
            Box::new(m0019_delivery_truth::Migration),
            Box::new(m0021_findings::Migration),
            Box::new(m0022_uploads::Migration),
            Box::new(m0023_words_by_row::Migration),
            Box::new(m0025_previews::Migration),
            Box::new(m0027_flat_lists::Migration),
            Box::new(m0028_pairs_of_tokens::Migration),
            Box::new(m0031_changes::Migration),
            Box::new(m0032_touched::Migration),
            Box::new(m0033_keys_of_commands::Migration),
            Box::new(m0034_early_and_late::Migration),
            Box::new(m0035_accounts::Migration),
            Box::new(m0036_early_photos::Migration),
            Box::new(m0037_words_tried::Migration),
        ]
    }
}

/// An instant: milliseconds since 1970, UTC.
fn instant(name: &'static str) -> ColumnDef {
    let mut column = ColumnDef::new(name);
    column.big_integer().not_null();
    column
}

/// An instant that may be absent.
fn maybe_instant(name: &'static str) -> ColumnDef {
    let mut column = ColumnDef::new(name);
    column.big_integer().null();
    column
}

/// Thirty-two bytes.
fn sha256(name: &'static str) -> ColumnDef {
    let mut column = ColumnDef::new(name);
    column.binary().not_null();
    column
}

/// Thirty-two bytes that may be absent.
fn maybe_sha256(name: &'static str) -> ColumnDef {
    let mut column = ColumnDef::new(name);
    column.binary().null();
    column
}

/// Which writing of the row this is: every save names the one it read.
fn version() -> ColumnDef {
    let mut column = ColumnDef::new("version");
    column.big_integer().not_null();
    column
}

fn reference(
    name: &'static str,
    from: (&'static str, &'static str),
    to: (&'static str, &'static str),
) -> ForeignKeyCreateStatement {
    ForeignKey::create().name(name).from(from.0, from.1).to(to.0, to.1).to_owned()
}

fn index(name: &'static str, table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create();
    index.name(name).table(table);
    for column in columns {
        index.col(*column);
    }
    index
}

async fn drop_tables(manager: &SchemaManager<'_>, tables: &[&'static str]) -> Result<(), DbErr> {
    for table in tables {
        manager.drop_table(Table::drop().table(*table).to_owned()).await?;
    }
    Ok(())
}

/// What the two databases must be told each in their own words: indexes of words and triggers, and nothing else.
async fn run(manager: &SchemaManager<'_>, sqlite: &[&str], postgresql: &[&str]) -> Result<(), DbErr> {
    let backend = manager.get_database_backend();
    let statements = if backend == DbBackend::Postgres { postgresql } else { sqlite };
    for statement in statements {
        manager.get_connection().execute_raw(Statement::from_string(backend, *statement)).await?;
    }
    Ok(())
}
