//! What came before the report or action it is about, and when a phone says that it sent a report.

use sea_orm_migration::{
    prelude::*,
    schema::{string, text_null, uuid, uuid_null},
};

use crate::{drop_tables, index, instant, maybe_instant, sha256};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let held = Table::create()
            .table("held")
            .col(uuid("id").primary_key())
            .col(uuid("member_id"))
            .col(string("kind"))
            .col(uuid("own_id"))
            .col(uuid_null("about_id"))
            .col(text_null("said"))
            .col(sha256("content_sha256"))
            .col(maybe_instant("said_at"))
            .col(instant("held_at"))
            .to_owned();
        manager.create_table(held).await?;
        manager.create_index(index("held_by_member", "held", &["member_id", "kind", "own_id"]).unique().to_owned()).await?;
        manager.create_index(index("held_by_subject", "held", &["about_id"])).await?;
        manager.create_index(index("held_by_age", "held", &["held_at", "id"])).await?;
        let mut sent_at = maybe_instant("sent_at");
        manager.alter_table(Table::alter().table("reports").add_column(&mut sent_at).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("reports").drop_column("sent_at").to_owned()).await?;
        drop_tables(manager, &["held"]).await
    }
}
