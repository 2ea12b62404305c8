//! Who was hurt and how: in a table of its own, because it has readers of its own.

use sea_orm_migration::{
    prelude::*,
    schema::{string, text, text_null, uuid},
};

use crate::{drop_tables, index, instant, reference, version};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let injuries = Table::create()
            .table("injuries")
            .col(uuid("id").primary_key())
            .col(uuid("report_id"))
            .col(text("person"))
            .col(string("status"))
            .col(string("treatment"))
            .col(text("absences"))
            .col(text("esaw"))
            .col(text_null("notes"))
            .col(instant("recorded_at"))
            .col(uuid("recorded_by"))
            .col(version())
            .foreign_key(&mut reference("injuries_report", ("injuries", "report_id"), ("reports", "id")))
            .to_owned();
        manager.create_table(injuries).await?;
        manager.create_index(index("injuries_by_report", "injuries", &["report_id"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["injuries"]).await
    }
}
