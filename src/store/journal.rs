//! The journal's rows. They are chained when a transaction commits, under the lock of the head's row, so that their
//! numbers follow the order of commits on both databases.

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{Expr, ExprTrait},
};
use uuid::Uuid;

use super::{
    Page, Read, StoreError, Tx,
    portions::portions,
    reports::hash,
    tables::{journal, journal_head, journal_seals},
};
use crate::domain::{
    ids::{MemberId, ReportId},
    journal::Link,
    time::Instant,
};

/// Which part of the record a list shows.
#[derive(Debug, Clone)]
pub struct RecordFilter {
    /// About that thing.
    pub subject: Option<Uuid>,
    /// And of that kind, where several things have no id of their own.
    pub kind: Option<String>,
    /// Also what belongs to reports.
    pub reports: bool,
    /// After that number.
    pub after: i64,
    /// At most so many.
    pub limit: u64,
}

pub(super) fn page(filter: &RecordFilter) -> Select<journal::Entity> {
    let wanted = Condition::all()
        .add_option(filter.subject.map(|id| journal::Column::SubjectId.eq(id)))
        .add_option(filter.kind.as_ref().map(|kind| journal::Column::Subject.eq(kind)))
        .add_option((!filter.reports).then(|| journal::Column::ReportId.is_null()));
    journal::Entity::find()
        .filter(wanted)
        .filter(journal::Column::Seq.gt(filter.after))
        .order_by_asc(journal::Column::Seq)
        .limit(filter.limit + 1)
}

impl<C: ConnectionTrait> Read<C> {
    /// Entries after that number, in order.
    pub async fn journal(&self, after: i64, limit: u64) -> Result<Vec<Link>, StoreError> {
        let rows = journal::Entity::find()
            .filter(journal::Column::Seq.gt(after))
            .order_by_asc(journal::Column::Seq)
            .limit(limit)
            .all(self.on())
            .await?;
        rows.into_iter().map(link).collect()
    }

    /// The entries of a report's history after that number, in order.
    pub async fn history(&self, report: ReportId, after: i64, limit: u64) -> Result<Page<Link>, StoreError> {
        let rows = journal::Entity::find()
            .filter(journal::Column::ReportId.eq(report.0))
            .filter(journal::Column::Seq.gt(after))
            .order_by_asc(journal::Column::Seq)
            .limit(limit + 1)
            .all(self.on())
            .await?;
        Ok(Page::of(rows.into_iter().map(link).collect::<Result<_, _>>()?, limit))
    }

    /// The newest entry of a report with that verb.
    pub async fn newest_entry(&self, report: ReportId, verb: &str) -> Result<Option<Link>, StoreError> {
        let newest = journal::Entity::find()
            .filter(journal::Column::ReportId.eq(report.0))
            .filter(journal::Column::Verb.eq(verb))
            .order_by_desc(journal::Column::Seq)
            .one(self.on())
            .await?;
        newest.map(link).transpose()
    }

    /// The entries about a thing after that number, or about everything, in order; without those of reports where wanted.
    pub async fn record(&self, filter: &RecordFilter) -> Result<Page<Link>, StoreError> {
        let rows = page(filter).all(self.on()).await?;
        Ok(Page::of(rows.into_iter().map(link).collect::<Result<_, _>>()?, filter.limit))
    }

    /// The seals over entries from the one number to the other, both included, in order.
    pub async fn journal_seals(&self, from: i64, to: i64) -> Result<Vec<(i64, String)>, StoreError> {
        let rows = journal_seals::Entity::find()
            .filter(journal_seals::Column::Seq.between(from, to))
            .order_by_asc(journal_seals::Column::Seq)
            .all(self.on())
            .await?;
        Ok(rows.into_iter().map(|row| (row.seq, row.token)).collect())
    }

    /// The number of the last entry that is sealed; 0 when none is.
    pub async fn last_seal(&self) -> Result<i64, StoreError> {
        let newest = journal_seals::Entity::find().order_by_desc(journal_seals::Column::Seq).one(self.on()).await?;
        Ok(newest.map_or(0, |row| row.seq))
    }

    /// The number and hash of the last entry, as they are kept apart.
    pub async fn journal_head(&self) -> Result<(i64, [u8; 32]), StoreError> {
        let row = journal_head::Entity::find_by_id(1).one(self.on()).await?.ok_or(StoreError::Corrupt("journal_head"))?;
        Ok((row.seq, hash(row.hash)?))
    }
}

impl Tx {
    /// Keeps a seal; one that is there already stays.
    pub async fn add_journal_seal(&self, seq: i64, token: &str) -> Result<(), StoreError> {
        let row = journal_seals::ActiveModel { seq: Set(seq), token: Set(token.to_owned()) };
        journal_seals::Entity::insert(row).on_conflict_do_nothing().exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Chains and writes what was noted, last thing before the commit.
    pub(super) async fn write_entries(&mut self) -> Result<(), StoreError> {
        let entries = std::mem::take(&mut self.entries);
        let Ok(n @ 1..) = i64::try_from(entries.len()) else { return Ok(()) };
        let mut head = journal_head::Entity::update_many()
            .col_expr(journal_head::Column::Seq, Expr::col(journal_head::Column::Seq).add(n))
            .filter(journal_head::Column::Id.eq(1))
            .exec_with_returning(self.connection())
            .await?;
        let head = head.pop().ok_or(StoreError::Corrupt("journal_head"))?;
        let mut previous = hash(head.hash)?;
        let mut links = Vec::with_capacity(entries.len());
        for (seq, (entry, said_at)) in (head.seq - n + 1..).zip(entries) {
            let link = Link::forge(&entry, said_at, seq, previous);
            previous = link.hash;
            links.push(link);
        }
        for some in portions(&links) {
            let rows = some.iter().map(|link| row(link.clone()).into_active_model());
            journal::Entity::insert_many(rows).exec_without_returning(self.connection()).await?;
        }
        let end = journal_head::ActiveModel { hash: Set(previous.to_vec()), ..Default::default() };
        journal_head::Entity::update_many().set(end).filter(journal_head::Column::Id.eq(1)).exec(self.connection()).await?;
        Ok(())
    }
}

fn row(link: Link) -> journal::Model {
    journal::Model {
        seq: link.seq,
        at: link.at.ms(),
        said_at: link.said_at.map(Instant::ms),
        actor_id: link.actor.map(|member| member.0),
        subject: link.subject,
        subject_id: link.subject_id,
        report_id: link.report.map(|report| report.0),
        verb: link.verb,
        facts: link.facts,
        previous: link.previous.to_vec(),
        hash: link.hash.to_vec(),
    }
}

pub(super) fn link(row: journal::Model) -> Result<Link, StoreError> {
    Ok(Link {
        seq: row.seq,
        at: Instant::from_ms(row.at),
        said_at: row.said_at.map(Instant::from_ms),
        actor: row.actor_id.map(MemberId),
        subject: row.subject,
        subject_id: row.subject_id,
        report: row.report_id.map(ReportId),
        verb: row.verb,
        facts: row.facts,
        previous: hash(row.previous)?,
        hash: hash(row.hash)?,
    })
}
