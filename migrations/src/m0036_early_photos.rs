//! Photos that came before their reports, from when these are here until the photos are on record.

use sea_orm_migration::{
    prelude::*,
    schema::{uuid, uuid_null},
};

use crate::{drop_tables, maybe_instant, sha256};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let early_photos = Table::create()
            .table("early_photos")
            .col(uuid("file_id").primary_key())
            .col(uuid("photo_id"))
            .col(sha256("key"))
            .col(uuid_null("member_id"))
            .col(maybe_instant("said_at"))
            .col(maybe_instant("held_at"))
            .to_owned();
        manager.create_table(early_photos).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["early_photos"]).await
    }
}
