//! How a rating was come by, what environment and quality have to say, and the corrections of facts, each with both values.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, boolean_null, double_null, integer_null, string, string_null, text, text_null, uuid},
};

use crate::{drop_tables, instant, reference};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Old binaries write rows without these columns, so each may be absent.
fn of_reports() -> Vec<ColumnDef> {
    vec![
        boolean_null("screen_high_energy"),
        boolean_null("screen_incident"),
        boolean_null("screen_serious_injury"),
        boolean_null("screen_direct_control"),
        string_null("screen_class"),
        integer_null("likelihood"),
        integer_null("risk_score"),
        string_null("risk_band"),
        integer_null("matrix_version"),
        text_null("substance"),
        double_null("quantity_litres"),
        string_null("receiving_body"),
        boolean_null("protected_area"),
        string_null("service"),
        integer_null("customers_affected"),
        integer_null("outage_minutes"),
    ]
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for mut column in of_reports() {
            manager.alter_table(Table::alter().table("reports").add_column(&mut column).to_owned()).await?;
        }
        let corrections = Table::create()
            .table("corrections")
            .col(uuid("report_id"))
            .col(big_integer("report_version"))
            .col(string("field"))
            .col(text_null("before"))
            .col(text_null("after"))
            .col(text("reason"))
            .col(instant("corrected_at"))
            .col(uuid("corrected_by"))
            .primary_key(Index::create().col("report_id").col("report_version").col("field"))
            .foreign_key(&mut reference("corrections_report", ("corrections", "report_id"), ("reports", "id")))
            .to_owned();
        manager.create_table(corrections).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["corrections"]).await?;
        for column in of_reports() {
            manager.alter_table(Table::alter().table("reports").drop_column(column.get_column_name()).to_owned()).await?;
        }
        Ok(())
    }
}
