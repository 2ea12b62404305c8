//! On SQLite the index of words is changed by its own row number, which a small table gives for each report: by the report's
//! id alone the whole index would be read whenever a report's words change. PostgreSQL's index needs nothing.

use sea_orm_migration::prelude::*;

use crate::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const SQLITE_UP: &[&str] = &[
    "drop trigger report_words_changed",
    "drop trigger report_words_added",
    "drop table report_words",
    "create table report_word_rows (row integer primary key, report_id blob not null unique)",
    "create virtual table report_words using fts5(report_id unindexed, words, tokenize = 'unicode61')",
    "insert into report_word_rows (report_id) select id from reports",
    "insert into report_words (rowid, report_id, words) \
     select row, id, search_text from reports join report_word_rows on report_id = id",
    "create trigger report_words_added after insert on reports begin \
     insert into report_word_rows (report_id) values (new.id); \
     insert into report_words (rowid, report_id, words) \
     select row, new.id, new.search_text from report_word_rows where report_id = new.id; end",
    "create trigger report_words_changed after update of search_text on reports when old.search_text <> new.search_text begin \
     update report_words set words = new.search_text \
     where rowid = (select row from report_word_rows where report_id = old.id); end",
];
const SQLITE_DOWN: &[&str] = &[
    "drop trigger report_words_changed",
    "drop trigger report_words_added",
    "drop table report_word_rows",
    "create trigger report_words_added after insert on reports begin \
     insert into report_words (report_id, words) values (new.id, new.search_text); end",
    "create trigger report_words_changed after update of search_text on reports when old.search_text <> new.search_text begin \
     delete from report_words where report_id = old.id; \
     insert into report_words (report_id, words) values (new.id, new.search_text); end",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, SQLITE_UP, &[]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, SQLITE_DOWN, &[]).await
    }
}
