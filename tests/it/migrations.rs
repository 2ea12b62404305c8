//! Every step of the schema can be taken, undone and taken again, on both databases.

use salama_migrations::Migrator;
use sea_orm::Database;
use sea_orm_migration::MigratorTrait;

use crate::support::postgres;

#[tokio::test]
async fn the_schema_goes_up_down_and_up_again_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    up_down_up(&format!("sqlite://{}?mode=rwc", folder.path().join("test.db").display())).await;
}

#[tokio::test]
async fn the_schema_goes_up_down_and_up_again_on_postgresql() {
    let Some(url) = postgres::fresh_database().await else { return };
    up_down_up(&url).await;
}

async fn up_down_up(url: &str) {
    let database = Database::connect(url).await.unwrap();
    Migrator::up(&database, None).await.unwrap();
    Migrator::down(&database, None).await.unwrap();
    Migrator::up(&database, None).await.unwrap();
    assert!(Migrator::get_pending_migrations(&database).await.unwrap().is_empty());
    database.close().await.unwrap();
}
