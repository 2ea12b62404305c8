//! Every list is walked in its order through an index that begins with what narrows it: the place, and what is asked for
//! most beside it. Whoever takes part in a report has it in the order in which reports were received.

use sea_orm_migration::{prelude::*, schema::big_integer};

use crate::{index, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const INDEXES: [(&str, &str, &[&str]); 9] = [
    ("reports_by_site_and_state", "reports", &["site_id", "state", "received_at", "id"]),
    ("reports_by_site_and_severity", "reports", &["site_id", "potential_severity", "received_at", "id"]),
    ("reports_by_severity", "reports", &["potential_severity", "received_at", "id"]),
    ("reports_by_kind", "reports", &["kind", "received_at", "id"]),
    ("reports_by_officer_and_state", "reports", &["officer_id", "state", "received_at", "id"]),
    ("participants_by_time", "participants", &["member_id", "received_at", "report_id"]),
    ("actions_by_site_and_state", "actions", &["site_id", "state", "due_at", "id"]),
    ("deadlines_by_site", "deadlines", &["site_id", "due_at", "id"]),
    ("deadlines_running_by_site", "deadlines", &["site_id", "ended_at", "due_at", "id"]),
];

/// The database itself says when the report was received, because old binaries do not know of the column.
const SQLITE_UP: &[&str] = &["create trigger participants_placed after insert on participants begin \
     update participants set received_at = (select received_at from reports where id = new.report_id) \
     where member_id = new.member_id and report_id = new.report_id; end"];
const SQLITE_DOWN: &[&str] = &["drop trigger participants_placed"];
const POSTGRESQL_UP: &[&str] = &[
    "create function participants_placed() returns trigger language plpgsql as $$ begin \
     select received_at into new.received_at from reports where id = new.report_id; return new; end $$",
    "create trigger participants_placed before insert on participants for each row execute function participants_placed()",
];
const POSTGRESQL_DOWN: &[&str] = &["drop trigger participants_placed on participants", "drop function participants_placed()"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let received_at = big_integer("received_at").default(0).to_owned();
        manager.alter_table(Table::alter().table("participants").add_column(received_at).to_owned()).await?;
        let received = Query::select()
            .column("received_at")
            .from("reports")
            .and_where(Expr::col(("reports", "id")).equals(("participants", "report_id")))
            .to_owned();
        let placed = Query::update().table("participants").value("received_at", Expr::from(received)).to_owned();
        manager.execute(placed).await?;
        for (name, table, columns) in INDEXES {
            manager.create_index(index(name, table, columns)).await?;
        }
        run(manager, SQLITE_UP, POSTGRESQL_UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, SQLITE_DOWN, POSTGRESQL_DOWN).await?;
        for (name, table, _) in INDEXES {
            manager.drop_index(Index::drop().name(name).table(table).to_owned()).await?;
        }
        manager.alter_table(Table::alter().table("participants").drop_column("received_at").to_owned()).await
    }
}
