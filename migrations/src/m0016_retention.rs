//! When something was said, and the way to what happened to one thing; when reports ended, what was held or disposed of,
//! and the bytes that wait to be removed.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, integer, string, string_len, uuid, uuid_null},
};

use crate::{drop_tables, index, instant, maybe_instant, reference};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const INDEXES: [(&str, &str, &[&str]); 6] = [
    ("journal_by_subject", "journal", &["subject_id", "seq"]),
    ("reports_to_tidy", "reports", &["state", "tidy_at", "id"]),
    ("photos_by_hash", "photos", &["sha256"]),
    ("photos_by_kept_hash", "photos", &["kept_sha256"]),
    ("statements_by_hash", "statements", &["sha256"]),
    ("sessions_by_use", "sessions", &["refreshed_at"]),
];

/// Old binaries write rows without these columns: a report nobody has looked at since it began is looked at.
fn of_reports() -> Vec<ColumnDef> {
    let tidy_at = big_integer("tidy_at").default(0).to_owned();
    vec![maybe_instant("ended_at"), tidy_at, maybe_instant("held_at"), uuid_null("held_by")]
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("journal").add_column(maybe_instant("said_at")).to_owned()).await?;
        for mut column in of_reports() {
            manager.alter_table(Table::alter().table("reports").add_column(&mut column).to_owned()).await?;
        }
        for (name, table, columns) in INDEXES {
            manager.create_index(index(name, table, columns)).await?;
        }
        let disposals = Table::create()
            .table("disposals")
            .col(uuid("report_id"))
            .col(string("what"))
            .col(string("class"))
            .col(integer("version"))
            .col(instant("at"))
            .primary_key(Index::create().col("report_id").col("what"))
            .foreign_key(&mut reference("disposals_report", ("disposals", "report_id"), ("reports", "id")))
            .to_owned();
        manager.create_table(disposals).await?;
        let leftovers = Table::create()
            .table("leftovers")
            .col(string_len("sha256", 64).primary_key())
            .col(instant("since"))
            .col(maybe_instant("removed_at"))
            .to_owned();
        manager.create_table(leftovers).await?;
        manager.create_index(index("leftovers_by_end", "leftovers", &["removed_at", "since"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["leftovers", "disposals"]).await?;
        for (name, table, _) in INDEXES {
            manager.drop_index(Index::drop().name(name).table(table).to_owned()).await?;
        }
        for column in of_reports() {
            manager.alter_table(Table::alter().table("reports").drop_column(column.get_column_name()).to_owned()).await?;
        }
        manager.alter_table(Table::alter().table("journal").drop_column("said_at").to_owned()).await
    }
}
