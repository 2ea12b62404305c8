//! Sites, people, their roles and stand-ins, categories, and the versioned documents with the rules.

use sea_orm_migration::{
    prelude::*,
    schema::{boolean, integer, string, string_null, text, uuid, uuid_null},
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
        let organisation = Table::create()
            .table("organisation")
            .col(integer("id").primary_key())
            .col(ColumnDef::new("revision").big_integer().not_null())
            .col(maybe_instant("mail_paused_until"))
            .col(string_null("mail_paused_because"))
            .to_owned();
        manager.create_table(organisation).await?;
        let first =
            Query::insert().into_table("organisation").columns(["id", "revision"]).values_panic([1.into(), 1.into()]).to_owned();
        manager.execute(first).await?;
        sites_and_people(manager).await?;
        documents(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(
            manager,
            &["counters", "documents", "categories", "substitutions", "grants", "members", "sites", "organisation"],
        )
        .await
    }
}

async fn sites_and_people(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let sites = Table::create()
        .table("sites")
        .col(uuid("id").primary_key())
        .col(uuid_null("parent_id"))
        .col(string("code").unique_key())
        .col(string("name_ar"))
        .col(string("name_fr"))
        .col(string("name_en"))
        .col(string("kind"))
        .col(string("zone"))
        .col(string("calendar"))
        .foreign_key(&mut reference("sites_parent", ("sites", "parent_id"), ("sites", "id")))
        .to_owned();
    manager.create_table(sites).await?;
    let members = Table::create()
        .table("members")
        .col(uuid("id").primary_key())
        .col(string("name"))
        .col(string("locale"))
        .col(string_null("email").unique_key())
        .col(string_null("employee_number").unique_key())
        .col(string_null("phone").unique_key())
        .col(string_null("password_hash"))
        .col(uuid_null("manager_id"))
        .col(maybe_instant("disabled_at"))
        .col(maybe_instant("address_suspect_since"))
        .col(instant("created_at"))
        .col(version())
        .foreign_key(&mut reference("members_manager", ("members", "manager_id"), ("members", "id")))
        .to_owned();
    manager.create_table(members).await?;
    let grants = Table::create()
        .table("grants")
        .col(uuid("member_id"))
        .col(string("role"))
        .col(uuid("site_id"))
        .primary_key(Index::create().col("member_id").col("role").col("site_id"))
        .foreign_key(&mut reference("grants_member", ("grants", "member_id"), ("members", "id")))
        .foreign_key(&mut reference("grants_site", ("grants", "site_id"), ("sites", "id")))
        .to_owned();
    manager.create_table(grants).await?;
    let substitutions = Table::create()
        .table("substitutions")
        .col(uuid("id").primary_key())
        .col(uuid("member_id"))
        .col(uuid("by_id"))
        .col(instant("from_at"))
        .col(instant("until_at"))
        .foreign_key(&mut reference("substitutions_member", ("substitutions", "member_id"), ("members", "id")))
        .foreign_key(&mut reference("substitutions_by", ("substitutions", "by_id"), ("members", "id")))
        .to_owned();
    manager.create_table(substitutions).await?;
    manager.create_index(index("substitutions_by_member", "substitutions", &["member_id"])).await
}

async fn documents(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let categories = Table::create()
        .table("categories")
        .col(string("code").primary_key())
        .col(string("name_ar"))
        .col(string("name_fr"))
        .col(string("name_en"))
        .col(boolean("high_energy"))
        .to_owned();
    manager.create_table(categories).await?;
    let documents = Table::create()
        .table("documents")
        .col(string("kind"))
        .col(integer("version"))
        .col(text("body"))
        .col(instant("made_at"))
        .col(uuid_null("made_by"))
        .primary_key(Index::create().col("kind").col("version"))
        .to_owned();
    manager.create_table(documents).await?;
    let counters = Table::create()
        .table("counters")
        .col(string("name").primary_key())
        .col(ColumnDef::new("value").big_integer().not_null())
        .to_owned();
    manager.create_table(counters).await
}
