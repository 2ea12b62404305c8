//! Signed seals over the journal's head, and a database that refuses to change or delete an entry.

use sea_orm_migration::{prelude::*, schema::text};

use crate::{drop_tables, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const SQLITE_UP: &[&str] = &[
    "create trigger journal_keeps_its_words before update on journal begin select raise(abort, 'the journal is append-only'); end",
    "create trigger journal_keeps_its_entries before delete on journal begin select raise(abort, 'the journal is append-only'); end",
];
const SQLITE_DOWN: &[&str] = &["drop trigger journal_keeps_its_words", "drop trigger journal_keeps_its_entries"];
const POSTGRESQL_UP: &[&str] = &[
    "create function journal_is_append_only() returns trigger language plpgsql as \
     $$ begin raise exception 'the journal is append-only'; end $$",
    "create trigger journal_keeps_its_entries before update or delete or truncate on journal \
     for each statement execute function journal_is_append_only()",
];
const POSTGRESQL_DOWN: &[&str] = &["drop trigger journal_keeps_its_entries on journal", "drop function journal_is_append_only()"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let seals = Table::create()
            .table("journal_seals")
            .col(ColumnDef::new("seq").big_integer().not_null().primary_key())
            .col(text("token"))
            .to_owned();
        manager.create_table(seals).await?;
        run(manager, SQLITE_UP, POSTGRESQL_UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, SQLITE_DOWN, POSTGRESQL_DOWN).await?;
        drop_tables(manager, &["journal_seals"]).await
    }
}
