//! Which pair of tokens of a session is good, what it was made from and whether it was used; and the refresh tokens that are
//! good no more, so that a lost answer is told from a theft, and both from nonsense.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, big_integer_null, string, uuid},
};

use crate::{drop_tables, index, maybe_instant, reference, sha256};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Old binaries write rows without these columns.
fn of_sessions() -> Vec<ColumnDef> {
    vec![big_integer("pair").default(0).to_owned(), big_integer_null("made_from"), maybe_instant("pair_used_at")]
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
        let mut hash = sha256("sha256");
        let mut session = reference("spent_tokens_session", ("spent_tokens", "session_id"), ("sessions", "id"));
        let spent = Table::create()
            .table("spent_tokens")
            .col(hash.primary_key())
            .col(uuid("session_id"))
            .col(big_integer("pair"))
            .col(string("how"))
            .foreign_key(session.on_delete(ForeignKeyAction::Cascade))
            .to_owned();
        manager.create_table(spent).await?;
        manager.create_index(index("spent_tokens_by_session", "spent_tokens", &["session_id"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["spent_tokens"]).await?;
        for column in of_sessions() {
            manager.alter_table(Table::alter().table("sessions").drop_column(column.get_column_name()).to_owned()).await?;
        }
        Ok(())
    }
}
