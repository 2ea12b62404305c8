//! Protecting whoever reports: who opened a sealed identity, what is kept of a photo of an anonymous report, and the way
//! back of its sender.

use sea_orm_migration::{
    prelude::*,
    schema::{boolean, text_null, uuid},
};

use crate::{drop_tables, index, maybe_sha256, reference, sha256, version};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("reports").add_column(text_null("unsealings")).to_owned()).await?;
        manager.alter_table(Table::alter().table("photos").add_column(maybe_sha256("kept_sha256")).to_owned()).await?;
        let follow_ups = Table::create()
            .table("follow_ups")
            .col(uuid("report_id").primary_key())
            .col(sha256("secret_sha256"))
            .col(sha256("recovery_sha256"))
            .col(maybe_sha256("recovered_with"))
            .col(boolean("used"))
            .col(version())
            .foreign_key(&mut reference("follow_ups_report", ("follow_ups", "report_id"), ("reports", "id")))
            .to_owned();
        manager.create_table(follow_ups).await?;
        for (name, column) in [
            ("follow_ups_by_secret", "secret_sha256"),
            ("follow_ups_by_recovery", "recovery_sha256"),
            ("follow_ups_by_recovered", "recovered_with"),
        ] {
            manager.create_index(index(name, "follow_ups", &[column])).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["follow_ups"]).await?;
        manager.alter_table(Table::alter().table("photos").drop_column("kept_sha256").to_owned()).await?;
        manager.alter_table(Table::alter().table("reports").drop_column("unsealings").to_owned()).await
    }
}
