//! What photos show and claim: hints and hidden areas beside each photo, and, in a table of its own because it has readers
//! of its own, what a photo says of how it was taken. Its look is four numbers of 16 bits, each with an index, by which
//! others that look the same are found.

use sea_orm_migration::{
    prelude::*,
    schema::{double_null, integer, integer_null, string_null, text, uuid},
};

use crate::{drop_tables, index, reference};

const LOOKS: [(&str, &[&str]); 4] = [
    ("findings_by_look_1", &["look_1"]),
    ("findings_by_look_2", &["look_2"]),
    ("findings_by_look_3", &["look_3"]),
    ("findings_by_look_4", &["look_4"]),
];

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [
            text("hints").default("").to_owned(),
            text("hidden").default("[]").to_owned(),
            integer("redactions").default(0).to_owned(),
        ] {
            manager.alter_table(Table::alter().table("photos").add_column(column).to_owned()).await?;
        }
        let findings = Table::create()
            .table("findings")
            .col(uuid("photo_id").primary_key())
            .col(uuid("report_id"))
            .col(integer_null("look_1"))
            .col(integer_null("look_2"))
            .col(integer_null("look_3"))
            .col(integer_null("look_4"))
            .col(string_null("taken_local"))
            .col(integer_null("taken_offset_s"))
            .col(double_null("latitude"))
            .col(double_null("longitude"))
            .col(string_null("maker"))
            .col(string_null("camera"))
            .foreign_key(&mut reference("findings_photo", ("findings", "photo_id"), ("photos", "id")))
            .to_owned();
        manager.create_table(findings).await?;
        for (name, columns) in LOOKS {
            manager.create_index(index(name, "findings", columns)).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["findings"]).await?;
        for column in ["redactions", "hidden", "hints"] {
            manager.alter_table(Table::alter().table("photos").drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}
