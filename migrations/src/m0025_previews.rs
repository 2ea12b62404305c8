//! The small picture that a phone may send first, shown until the photo itself is here: each photo names it by its hash, by
//! which it is also found when nobody needs it any more.

use sea_orm_migration::prelude::*;

use crate::{index, maybe_sha256};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("photos").add_column(maybe_sha256("preview_sha256")).to_owned()).await?;
        manager.create_index(index("photos_by_preview", "photos", &["preview_sha256"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name("photos_by_preview").table("photos").to_owned()).await?;
        manager.alter_table(Table::alter().table("photos").drop_column("preview_sha256").to_owned()).await
    }
}
