//! The journal: append-only, hash-chained, its head kept apart so that a cut end is seen.

use sea_orm_migration::{
    prelude::*,
    schema::{integer, string, text, uuid, uuid_null},
};

use crate::{drop_tables, index, instant, sha256};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let journal = Table::create()
            .table("journal")
            .col(ColumnDef::new("seq").big_integer().not_null().primary_key())
            .col(instant("at"))
            .col(uuid_null("actor_id"))
            .col(string("subject"))
            .col(uuid("subject_id"))
            .col(uuid_null("report_id"))
            .col(string("verb"))
            .col(text("facts"))
            .col(sha256("previous"))
            .col(sha256("hash"))
            .to_owned();
        manager.create_table(journal).await?;
        manager.create_index(index("journal_by_report", "journal", &["report_id", "seq"])).await?;
        let head = Table::create()
            .table("journal_head")
            .col(integer("id").primary_key())
            .col(ColumnDef::new("seq").big_integer().not_null())
            .col(sha256("hash"))
            .to_owned();
        manager.create_table(head).await?;
        let genesis = Query::insert()
            .into_table("journal_head")
            .columns(["id", "seq", "hash"])
            .values_panic([1.into(), 0.into(), vec![0_u8; 32].into()])
            .to_owned();
        manager.execute(genesis).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["journal_head", "journal"]).await
    }
}
