//! How a deadline was counted: the length it was given, by which calendar, and by which version of the tables.

use sea_orm_migration::{
    prelude::*,
    schema::{string, string_null},
};

use crate::index;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut columns =
            [string("calendar").default("").to_owned(), string_null("within"), string("counted_by").default("").to_owned()];
        for column in &mut columns {
            manager.alter_table(Table::alter().table("deadlines").add_column(column).to_owned()).await?;
        }
        manager.create_index(index("deadlines_by_tables", "deadlines", &["ended_at", "counted_by"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name("deadlines_by_tables").table("deadlines").to_owned()).await?;
        for column in ["counted_by", "within", "calendar"] {
            manager.alter_table(Table::alter().table("deadlines").drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}
