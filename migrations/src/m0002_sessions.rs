//! Signed-in devices; only hashes of their refresh tokens are kept.

use sea_orm_migration::{
    prelude::*,
    schema::{string, uuid},
};

use crate::{drop_tables, index, instant, maybe_instant, reference, sha256, version};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sessions = Table::create()
            .table("sessions")
            .col(uuid("id").primary_key())
            .col(uuid("member_id"))
            .col(string("device_id"))
            .col(string("device_name"))
            .col(instant("created_at"))
            .col(instant("refreshed_at"))
            .col(maybe_instant("revoked_at"))
            .col(sha256("refresh_sha256"))
            .col(version())
            .foreign_key(&mut reference("sessions_member", ("sessions", "member_id"), ("members", "id")))
            .to_owned();
        manager.create_table(sessions).await?;
        manager.create_index(index("sessions_by_member", "sessions", &["member_id"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["sessions"]).await
    }
}
