//! What phones hear of changes by: an index along the journal, what somebody could once see of a report, and the sets of
//! sites that somebody could read.

use sea_orm_migration::{
    prelude::*,
    schema::{text, uuid},
};

use crate::{drop_tables, index, reference, sha256};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let past_views = Table::create()
            .table("past_views")
            .col(uuid("report_id"))
            .col(uuid("viewer_id"))
            .primary_key(Index::create().col("report_id").col("viewer_id"))
            .foreign_key(&mut reference("past_views_report", ("past_views", "report_id"), ("reports", "id")))
            .to_owned();
        manager.create_table(past_views).await?;
        let mut hash = sha256("hash");
        let views = Table::create().table("views").col(hash.primary_key()).col(text("sites")).to_owned();
        manager.create_table(views).await?;
        manager.create_index(index("journal_news", "journal", &["seq", "report_id", "subject", "subject_id", "verb"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name("journal_news").table("journal").to_owned()).await?;
        drop_tables(manager, &["past_views", "views"]).await
    }
}
