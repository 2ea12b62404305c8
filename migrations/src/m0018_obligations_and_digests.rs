//! What the law wants filed and what was filed; and the digests that notices are told by.

use sea_orm_migration::{
    prelude::*,
    schema::{string, string_null, text_null, uuid, uuid_null},
};

use crate::{drop_tables, index, instant, reference};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const INDEXES: [(&str, &str, &[&str]); 3] = [
    ("notices_by_digest", "notices", &["digest_id"]),
    ("notices_by_member", "notices", &["member_id", "decided_at"]),
    ("notices_by_decision", "notices", &["decided_at", "id"]),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let obligation = Table::alter().table("deadlines").add_column(string_null("obligation")).to_owned();
        manager.alter_table(obligation).await?;
        manager.alter_table(Table::alter().table("notices").add_column(uuid_null("digest_id")).to_owned()).await?;
        for (name, table, columns) in INDEXES {
            manager.create_index(index(name, table, columns)).await?;
        }
        let filings = Table::create()
            .table("filings")
            .col(uuid("id").primary_key())
            .col(uuid("report_id"))
            .col(string("obligation"))
            .col(instant("filed_at"))
            .col(string("recipient"))
            .col(string("proof"))
            .col(string("reference"))
            .col(text_null("force_majeure"))
            .col(instant("recorded_at"))
            .col(uuid("recorded_by"))
            .foreign_key(&mut reference("filings_report", ("filings", "report_id"), ("reports", "id")))
            .to_owned();
        manager.create_table(filings).await?;
        manager.create_index(index("filings_by_report", "filings", &["report_id"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["filings"]).await?;
        for (name, table, _) in INDEXES {
            manager.drop_index(Index::drop().name(name).table(table).to_owned()).await?;
        }
        manager.alter_table(Table::alter().table("notices").drop_column("digest_id").to_owned()).await?;
        manager.alter_table(Table::alter().table("deadlines").drop_column("obligation").to_owned()).await
    }
}
