//! The whole life of reports and actions: their other ends and the way back, lower ratings that wait, justified controls,
//! checks of the effect, extensions, and what people say about a report.

use sea_orm_migration::{
    prelude::*,
    schema::{boolean, integer_null, string, text, text_null, uuid, uuid_null},
};

use crate::{drop_tables, index, instant, maybe_instant, reference};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Old binaries write rows without these columns, so each may be absent or has a default.
fn of_reports() -> Vec<ColumnDef> {
    vec![
        integer_null("pending_severity"),
        maybe_instant("pending_at"),
        uuid_null("pending_by"),
        text_null("controls_justification"),
        maybe_instant("controls_justified_at"),
        uuid_null("controls_justified_by"),
        uuid_null("duplicate_of"),
        maybe_instant("reopened_at"),
        uuid_null("reopened_by"),
        integer_null("actions_before"),
        text_null("effectiveness_checks"),
    ]
}

fn of_actions() -> Vec<ColumnDef> {
    vec![maybe_instant("first_due_at"), text_null("extensions")]
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, columns) in [("reports", of_reports()), ("actions", of_actions())] {
            for mut column in columns {
                manager.alter_table(Table::alter().table(table).add_column(&mut column).to_owned()).await?;
            }
        }
        manager.create_index(index("reports_by_original", "reports", &["duplicate_of"])).await?;
        let comments = Table::create()
            .table("comments")
            .col(uuid("id").primary_key())
            .col(uuid("report_id"))
            .col(uuid("author_id"))
            .col(string("kind"))
            .col(text("text"))
            .col(boolean("for_reporter"))
            .col(instant("said_at"))
            .foreign_key(&mut reference("comments_report", ("comments", "report_id"), ("reports", "id")))
            .to_owned();
        manager.create_table(comments).await?;
        manager.create_index(index("comments_by_report", "comments", &["report_id", "said_at", "id"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["comments"]).await?;
        manager.drop_index(Index::drop().name("reports_by_original").table("reports").to_owned()).await?;
        for (table, columns) in [("reports", of_reports()), ("actions", of_actions())] {
            for column in columns {
                manager.alter_table(Table::alter().table(table).drop_column(column.get_column_name()).to_owned()).await?;
            }
        }
        Ok(())
    }
}
