//! Photos on their way in pieces. One of an anonymous report is nobody's, so that no row joins its sender to it; every other
//! is found again by its member and the photo's id.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, integer, text, uuid, uuid_null},
};

use crate::{drop_tables, index, instant, maybe_instant, maybe_sha256, reference, sha256};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let uploads = Table::create()
            .table("uploads")
            .col(uuid("id").primary_key())
            .col(uuid("report_id"))
            .col(uuid("photo_id"))
            .col(uuid_null("member_id"))
            .col(maybe_sha256("key_sha256"))
            .col(sha256("sha256"))
            .col(big_integer("bytes"))
            .col(text("media_type"))
            .col(text("metadata"))
            .col(big_integer("kept_bytes"))
            .col(integer("round"))
            .col(uuid("claim"))
            .col(instant("begun_at"))
            .col(instant("expires_at"))
            .col(maybe_instant("completed_at"))
            .foreign_key(&mut reference("uploads_report", ("uploads", "report_id"), ("reports", "id")))
            .foreign_key(&mut reference("uploads_member", ("uploads", "member_id"), ("members", "id")))
            .to_owned();
        manager.create_table(uploads).await?;
        manager.create_index(index("uploads_by_member", "uploads", &["member_id", "photo_id"]).unique().to_owned()).await?;
        manager.create_index(index("uploads_by_report", "uploads", &["report_id"])).await?;
        manager.create_index(index("uploads_by_expiry", "uploads", &["expires_at"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["uploads"]).await
    }
}
