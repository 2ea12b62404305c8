//! What administering sites and categories needs: a version for each site, when sites and categories were retired, and the
//! way from a verifier to their actions.

use sea_orm_migration::{prelude::*, schema::big_integer};

use crate::{index, maybe_instant};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let version = big_integer("version").default(1).to_owned();
        manager.alter_table(Table::alter().table("sites").add_column(version).to_owned()).await?;
        manager.alter_table(Table::alter().table("sites").add_column(maybe_instant("retired_at")).to_owned()).await?;
        manager.alter_table(Table::alter().table("categories").add_column(maybe_instant("retired_at")).to_owned()).await?;
        manager.create_index(index("actions_by_verifier", "actions", &["verifier_id", "due_at", "id"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name("actions_by_verifier").table("actions").to_owned()).await?;
        manager.alter_table(Table::alter().table("categories").drop_column("retired_at").to_owned()).await?;
        manager.alter_table(Table::alter().table("sites").drop_column("retired_at").to_owned()).await?;
        manager.alter_table(Table::alter().table("sites").drop_column("version").to_owned()).await
    }
}
