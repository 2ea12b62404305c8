//! The keys under which commands were given, so that one that comes again is known. A row is written with what the command
//! did, in one transaction; it holds hashes alone.

use sea_orm_migration::{prelude::*, schema::uuid};

use crate::{drop_tables, index, instant, sha256};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let keys = Table::create()
            .table("command_keys")
            .col(uuid("member_id"))
            .col(sha256("key_sha256"))
            .col(sha256("content_sha256"))
            .col(instant("used_at"))
            .primary_key(Index::create().col("member_id").col("key_sha256"))
            .to_owned();
        manager.create_table(keys).await?;
        manager.create_index(index("command_keys_by_age", "command_keys", &["used_at"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["command_keys"]).await
    }
}
