//! The index of words: FTS5 on SQLite, kept by triggers; GIN over a tsvector on PostgreSQL. The words themselves are folded
//! before they are written, so that both databases find the same.

use sea_orm_migration::prelude::*;

use crate::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const SQLITE_UP: &[&str] = &[
    "create virtual table report_words using fts5(report_id unindexed, words, tokenize = 'unicode61')",
    "insert into report_words (report_id, words) select id, search_text from reports",
    "create trigger report_words_added after insert on reports begin \
     insert into report_words (report_id, words) values (new.id, new.search_text); end",
    "create trigger report_words_changed after update of search_text on reports when old.search_text <> new.search_text begin \
     delete from report_words where report_id = old.id; \
     insert into report_words (report_id, words) values (new.id, new.search_text); end",
];
const SQLITE_DOWN: &[&str] = &["drop trigger report_words_changed", "drop trigger report_words_added", "drop table report_words"];
const POSTGRESQL_UP: &[&str] = &["create index report_words on reports using gin (to_tsvector('simple', search_text))"];
const POSTGRESQL_DOWN: &[&str] = &["drop index report_words"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, SQLITE_UP, POSTGRESQL_UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, SQLITE_DOWN, POSTGRESQL_DOWN).await
    }
}
