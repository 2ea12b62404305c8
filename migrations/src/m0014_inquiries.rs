//! Inquiries and what witnesses said, similar events that were looked at, and reports that happened again.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, integer, string, text, uuid, uuid_null},
};

use crate::{drop_tables, index, instant, maybe_instant, reference, sha256, version};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Old binaries write rows without these columns, so each may be absent.
fn of_reports() -> Vec<ColumnDef> {
    vec![maybe_instant("similar_seen_at"), uuid_null("similar_seen_by"), uuid_null("recurrence_of"), uuid_null("recurred_as")]
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for mut column in of_reports() {
            manager.alter_table(Table::alter().table("reports").add_column(&mut column).to_owned()).await?;
        }
        manager.create_index(index("reports_by_recurrence", "reports", &["site_id", "category", "closed_at"])).await?;
        let inquiries = Table::create()
            .table("inquiries")
            .col(uuid("report_id"))
            .col(integer("round"))
            .col(instant("opened_at"))
            .col(uuid("opened_by"))
            .col(text("findings"))
            .col(text("signatures"))
            .col(maybe_instant("completed_at"))
            .col(uuid_null("completed_by"))
            .col(version())
            .primary_key(Index::create().col("report_id").col("round"))
            .foreign_key(&mut reference("inquiries_report", ("inquiries", "report_id"), ("reports", "id")))
            .to_owned();
        manager.create_table(inquiries).await?;
        let statements = Table::create()
            .table("statements")
            .col(uuid("id").primary_key())
            .col(uuid("report_id"))
            .col(text("given_by"))
            .col(sha256("sha256"))
            .col(big_integer("bytes"))
            .col(string("media_type"))
            .col(instant("added_at"))
            .col(uuid("added_by"))
            .col(maybe_instant("received_at"))
            .foreign_key(&mut reference("statements_report", ("statements", "report_id"), ("reports", "id")))
            .to_owned();
        manager.create_table(statements).await?;
        manager.create_index(index("statements_by_report", "statements", &["report_id", "added_at", "id"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["statements", "inquiries"]).await?;
        manager.drop_index(Index::drop().name("reports_by_recurrence").table("reports").to_owned()).await?;
        for column in of_reports() {
            manager.alter_table(Table::alter().table("reports").drop_column(column.get_column_name()).to_owned()).await?;
        }
        Ok(())
    }
}
