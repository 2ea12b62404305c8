//! Codes that put a phone into service, second factors, identities at the organisation's provider, tries that are counted,
//! and what is said to people about their accounts.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, boolean, integer, string, string_null, uuid, uuid_null},
};

use crate::{drop_tables, index, instant, maybe_instant, reference, sha256};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Old binaries write rows without these columns.
fn of_sessions() -> Vec<ColumnDef> {
    vec![string("proof").default("password").to_owned(), boolean("second_factor").default(false).to_owned()]
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for mut column in of_sessions() {
            manager.alter_table(Table::alter().table("sessions").add_column(&mut column).to_owned()).await?;
        }
        manager.create_index(index("sessions_by_device", "sessions", &["member_id", "device_id"])).await?;
        enrolments(manager).await?;
        second_factors(manager).await?;
        identities(manager).await?;
        tries(manager).await?;
        words(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(
            manager,
            &["account_words", "tries", "sign_on_attempts", "identities", "recovery_codes", "second_factors", "enrolments"],
        )
        .await?;
        manager.drop_index(Index::drop().name("sessions_by_device").table("sessions").to_owned()).await?;
        for column in of_sessions() {
            manager.alter_table(Table::alter().table("sessions").drop_column(column.get_column_name()).to_owned()).await?;
        }
        Ok(())
    }
}

async fn enrolments(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let enrolments = Table::create()
        .table("enrolments")
        .col(sha256("code_sha256").primary_key())
        .col(uuid("member_id"))
        .col(uuid("made_by"))
        .col(instant("expires_at"))
        .col(uuid_null("session_id"))
        .foreign_key(&mut reference("enrolments_member", ("enrolments", "member_id"), ("members", "id")))
        .to_owned();
    manager.create_table(enrolments).await?;
    manager.create_index(index("enrolments_by_member", "enrolments", &["member_id"])).await?;
    manager.create_index(index("enrolments_by_end", "enrolments", &["expires_at"])).await
}

async fn second_factors(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let factors = Table::create()
        .table("second_factors")
        .col(uuid("member_id").primary_key())
        .col(ColumnDef::new("sealed").binary().not_null())
        .col(maybe_instant("confirmed_at"))
        .col(big_integer("last_step"))
        .foreign_key(&mut reference("second_factors_member", ("second_factors", "member_id"), ("members", "id")))
        .to_owned();
    manager.create_table(factors).await?;
    let codes = Table::create()
        .table("recovery_codes")
        .col(sha256("code_sha256").primary_key())
        .col(uuid("member_id"))
        .foreign_key(&mut reference("recovery_codes_member", ("recovery_codes", "member_id"), ("members", "id")))
        .to_owned();
    manager.create_table(codes).await?;
    manager.create_index(index("recovery_codes_by_member", "recovery_codes", &["member_id"])).await
}

async fn identities(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let identities = Table::create()
        .table("identities")
        .col(string("issuer"))
        .col(string("subject"))
        .col(uuid("member_id"))
        .col(instant("linked_at"))
        .primary_key(Index::create().col("issuer").col("subject"))
        .foreign_key(&mut reference("identities_member", ("identities", "member_id"), ("members", "id")))
        .to_owned();
    manager.create_table(identities).await?;
    manager.create_index(index("identities_by_member", "identities", &["member_id"])).await?;
    let attempts = Table::create()
        .table("sign_on_attempts")
        .col(sha256("attempt_sha256").primary_key())
        .col(string("state"))
        .col(string("nonce"))
        .col(string("verifier"))
        .col(string("device_id"))
        .col(string("device_name"))
        .col(instant("expires_at"))
        .to_owned();
    manager.create_table(attempts).await?;
    manager.create_index(index("sign_on_attempts_by_end", "sign_on_attempts", &["expires_at"])).await
}

async fn tries(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let tries = Table::create().table("tries").col(sha256("name_sha256").primary_key()).col(instant("full_at")).to_owned();
    manager.create_table(tries).await?;
    manager.create_index(index("tries_by_end", "tries", &["full_at"])).await
}

async fn words(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let words = Table::create()
        .table("account_words")
        .col(uuid("id").primary_key())
        .col(uuid("member_id"))
        .col(string("event"))
        .col(string_null("device"))
        .col(instant("at"))
        .col(string("state"))
        .col(integer("attempts"))
        .col(maybe_instant("next_at"))
        .col(maybe_instant("lease_until"))
        .foreign_key(&mut reference("account_words_member", ("account_words", "member_id"), ("members", "id")))
        .to_owned();
    manager.create_table(words).await?;
    manager.create_index(index("account_words_to_send", "account_words", &["next_at"])).await?;
    manager.create_index(index("account_words_by_member", "account_words", &["member_id", "at"])).await
}
