//! What happened to the mail of each notice, whom it is told in place of, and which silent deadlines were planned anew.

use sea_orm_migration::{
    prelude::*,
    schema::{integer, string, text_null, uuid, uuid_null},
};

use crate::{drop_tables, index, instant, reference};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let events = Table::create()
            .table("notice_events")
            .col(uuid("id").primary_key())
            .col(uuid("notice_id"))
            .col(instant("at"))
            .col(string("what"))
            .col(text_null("answer"))
            .foreign_key(&mut reference("notice_events_notice", ("notice_events", "notice_id"), ("notices", "id")))
            .to_owned();
        manager.create_table(events).await?;
        manager.create_index(index("notice_events_by_notice", "notice_events", &["notice_id", "at"])).await?;
        manager.create_index(index("notice_events_by_time", "notice_events", &["what", "at"])).await?;
        manager.alter_table(Table::alter().table("notices").add_column(uuid_null("in_place_of")).to_owned()).await?;
        manager.create_index(index("notices_of_member", "notices", &["member_id", "state"])).await?;
        let repairs = Table::create()
            .table("deadline_repairs")
            .col(uuid("deadline_id"))
            .col(integer("generation"))
            .col(instant("at"))
            .primary_key(Index::create().col("deadline_id").col("generation"))
            .foreign_key(&mut reference("deadline_repairs_deadline", ("deadline_repairs", "deadline_id"), ("deadlines", "id")))
            .to_owned();
        manager.create_table(repairs).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["deadline_repairs", "notice_events"]).await?;
        manager.drop_index(Index::drop().name("notices_of_member").table("notices").to_owned()).await?;
        manager.alter_table(Table::alter().table("notices").drop_column("in_place_of").to_owned()).await
    }
}
