//! Reports, who takes part in them, their photos and their corrective actions.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, boolean, double_null, integer, integer_null, string, string_null, text, text_null, uuid, uuid_null},
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
        reports(manager).await?;
        photos(manager).await?;
        actions(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["actions", "photos", "participants", "reports"]).await
    }
}

async fn reports(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let reports = Table::create()
        .table("reports")
        .col(uuid("id").primary_key())
        .col(string("number").unique_key())
        .col(string("state"))
        .col(string("kind"))
        .col(string("aspects"))
        .col(string("category"))
        .col(uuid("site_id"))
        .col(text("narrative"))
        .col(text("search_text"))
        .col(maybe_instant("occurred_at"))
        .col(maybe_instant("captured_at"))
        .col(instant("received_at"))
        .col(double_null("lat"))
        .col(double_null("lon"))
        .col(double_null("accuracy_m"))
        .col(boolean("danger_now"))
        .col(uuid_null("reporter_id"))
        .col(string("confidentiality"))
        .col(string("language"))
        .col(integer("potential_severity"))
        .col(integer_null("actual_severity"))
        .col(uuid_null("officer_id"))
        .col(string("routed_by"))
        .col(maybe_instant("acknowledged_at"))
        .col(uuid_null("acknowledged_by"))
        .col(maybe_instant("contained_at"))
        .col(uuid_null("contained_by"))
        .col(maybe_instant("triaged_at"))
        .col(uuid_null("triaged_by"))
        .col(text("causes"))
        .col(maybe_instant("causes_found_at"))
        .col(text_null("similar_events"))
        .col(text_null("photos_waived"))
        .col(maybe_instant("closed_at"))
        .col(uuid_null("closed_by"))
        .col(text_null("outcome"))
        .col(integer_null("effectiveness_days"))
        .col(sha256("content_sha256"))
        .col(version())
        .foreign_key(&mut reference("reports_site", ("reports", "site_id"), ("sites", "id")))
        .to_owned();
    manager.create_table(reports).await?;
    for (name, columns) in [
        ("reports_by_time", &["received_at", "id"][..]),
        ("reports_by_state", &["state", "received_at", "id"]),
        ("reports_by_site", &["site_id", "received_at", "id"]),
        ("reports_by_reporter", &["reporter_id", "received_at", "id"]),
        ("reports_by_officer", &["officer_id", "received_at", "id"]),
    ] {
        manager.create_index(index(name, "reports", columns)).await?;
    }
    let participants = Table::create()
        .table("participants")
        .col(uuid("member_id"))
        .col(uuid("report_id"))
        .primary_key(Index::create().col("member_id").col("report_id"))
        .foreign_key(&mut reference("participants_report", ("participants", "report_id"), ("reports", "id")))
        .to_owned();
    manager.create_table(participants).await
}

async fn photos(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let photos = Table::create()
        .table("photos")
        .col(uuid("id").primary_key())
        .col(uuid("report_id"))
        .col(integer("position"))
        .col(string("state"))
        .col(sha256("sha256"))
        .col(big_integer("bytes"))
        .col(string("media_type"))
        .col(maybe_instant("received_at"))
        .col(integer_null("width"))
        .col(integer_null("height"))
        .col(string_null("unreadable_because"))
        .col(maybe_instant("lease_until"))
        .col(integer("attempts"))
        .col(version())
        .foreign_key(&mut reference("photos_report", ("photos", "report_id"), ("reports", "id")))
        .to_owned();
    manager.create_table(photos).await?;
    manager.create_index(index("photos_by_report", "photos", &["report_id", "position"])).await?;
    manager.create_index(index("photos_by_state", "photos", &["state", "received_at"])).await
}

async fn actions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let actions = Table::create()
        .table("actions")
        .col(uuid("id").primary_key())
        .col(uuid("report_id"))
        .col(uuid("site_id"))
        .col(integer("ordinal"))
        .col(string("state"))
        .col(text("title"))
        .col(text_null("details"))
        .col(string("kind"))
        .col(string("control"))
        .col(uuid("owner_id"))
        .col(uuid("verifier_id"))
        .col(instant("due_at"))
        .col(instant("assigned_at"))
        .col(uuid("assigned_by"))
        .col(maybe_instant("completed_at"))
        .col(uuid_null("completed_by"))
        .col(text_null("completion_note"))
        .col(text("evidence"))
        .col(maybe_instant("verified_at"))
        .col(uuid_null("verified_by"))
        .col(text_null("reason"))
        .col(sha256("content_sha256"))
        .col(version())
        .foreign_key(&mut reference("actions_report", ("actions", "report_id"), ("reports", "id")))
        .to_owned();
    manager.create_table(actions).await?;
    let mut once = index("actions_ordinal", "actions", &["report_id", "ordinal"]);
    manager.create_index(once.unique().to_owned()).await?;
    for (name, columns) in [
        ("actions_by_due", &["due_at", "id"][..]),
        ("actions_by_state", &["state", "due_at", "id"]),
        ("actions_by_owner", &["owner_id", "due_at", "id"]),
        ("actions_by_site", &["site_id", "due_at", "id"]),
    ] {
        manager.create_index(index(name, "actions", columns)).await?;
    }
    Ok(())
}
