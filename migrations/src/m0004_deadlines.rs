//! Deadlines, and the notices that their ladders and other occasions decide. A queued notice is a row of the outbox.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, integer, integer_null, string, text_null, uuid, uuid_null},
};

use crate::{drop_tables, index, instant, maybe_instant, reference, version};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        deadlines(manager).await?;
        notices(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["notices", "deadlines"]).await
    }
}

async fn deadlines(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let deadlines = Table::create()
        .table("deadlines")
        .col(uuid("id").primary_key())
        .col(uuid("report_id"))
        .col(uuid_null("action_id"))
        .col(string("kind"))
        .col(integer("severity"))
        .col(uuid("site_id"))
        .col(instant("starts_at"))
        .col(instant("due_at"))
        .col(instant("first_due_at"))
        .col(instant("set_at"))
        .col(maybe_instant("met_at"))
        .col(maybe_instant("cancelled_at"))
        .col(maybe_instant("ended_at"))
        .col(integer("generation"))
        .col(maybe_instant("paused_until"))
        .col(integer("ladder_version"))
        .col(maybe_instant("look_again_at"))
        .col(version())
        .foreign_key(&mut reference("deadlines_report", ("deadlines", "report_id"), ("reports", "id")))
        .to_owned();
    manager.create_table(deadlines).await?;
    for (name, columns) in [
        ("deadlines_by_report", &["report_id"][..]),
        ("deadlines_by_action", &["action_id"]),
        ("deadlines_by_due", &["due_at", "id"]),
        ("deadlines_running", &["ended_at", "due_at", "id"]),
        ("deadlines_to_look_at", &["look_again_at"]),
    ] {
        manager.create_index(index(name, "deadlines", columns)).await?;
    }
    Ok(())
}

async fn notices(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let notices = Table::create()
        .table("notices")
        .col(uuid("id").primary_key())
        .col(string("key").unique_key())
        .col(string("kind"))
        .col(uuid("member_id"))
        .col(uuid("report_id"))
        .col(uuid_null("action_id"))
        .col(uuid_null("deadline_id"))
        .col(integer("generation"))
        .col(integer_null("step"))
        .col(integer_null("occurrence"))
        .col(instant("meant_at"))
        .col(instant("decided_at"))
        .col(string("because"))
        .col(string("state"))
        .col(integer("attempts"))
        .col(maybe_instant("next_at"))
        .col(maybe_instant("lease_until"))
        .col(big_integer("lease"))
        .col(maybe_instant("ended_at"))
        .col(text_null("last_answer"))
        .foreign_key(&mut reference("notices_report", ("notices", "report_id"), ("reports", "id")))
        .foreign_key(&mut reference("notices_member", ("notices", "member_id"), ("members", "id")))
        .to_owned();
    manager.create_table(notices).await?;
    for (name, columns) in [
        ("notices_by_report", &["report_id", "decided_at"][..]),
        ("notices_by_deadline", &["deadline_id", "generation"]),
        ("notices_to_send", &["state", "next_at"]),
    ] {
        manager.create_index(index(name, "notices", columns)).await?;
    }
    Ok(())
}
