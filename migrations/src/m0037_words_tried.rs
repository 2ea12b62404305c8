//! When it was last tried to say something about an account: what the relay is asked for is counted together.

use sea_orm_migration::prelude::*;

use crate::{index, maybe_instant};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut tried_at = maybe_instant("tried_at");
        manager.alter_table(Table::alter().table("account_words").add_column(&mut tried_at).to_owned()).await?;
        manager.create_index(index("account_words_by_try", "account_words", &["tried_at"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name("account_words_by_try").table("account_words").to_owned()).await?;
        manager.alter_table(Table::alter().table("account_words").drop_column("tried_at").to_owned()).await
    }
}
