//! The list of deadlines: soonest due first.

use sea_orm::{
    ColumnTrait, Condition, Order, Select,
    sea_query::{Expr, ExprTrait, Query, SelectStatement},
};

use super::{BTreeSet, Cut, Instant, MOST_WAYS, MemberId, SiteId};
use crate::{
    domain::ids::DeadlineId,
    store::tables::{
        deadlines::{Column, Entity},
        participants,
    },
};

/// Which deadlines a list shows.
#[derive(Debug, Clone)]
pub struct DeadlineFilter {
    /// Whose list it is.
    pub viewer: MemberId,
    /// The sites all of whose deadlines they may read; none means every site.
    pub readable: Option<BTreeSet<SiteId>>,
    /// `due`, `overdue`, `met`, `missed` or `cancelled`, as of `now`.
    pub standing: Option<String>,
    /// Now.
    pub now: Instant,
    /// Due before then.
    pub before: Option<Instant>,
    /// After that one of the page before.
    pub after: Option<(Instant, DeadlineId)>,
    /// At most so many.
    pub limit: u64,
}

impl DeadlineFilter {
    fn cut(&self) -> Cut {
        Cut { order: Order::Asc, after: self.after.map(|(at, id)| (at, id.0)), limit: self.limit }
    }
}

/// A page of deadlines.
pub(in crate::store) fn page(filter: &DeadlineFilter) -> Select<Entity> {
    filter.cut().page(Column::DueAt, Column::Id, ways(filter))
}

/// The ways to a page: site by site what may be read there, and those of what the viewer takes part in, which are gathered
/// and sorted.
pub(in crate::store) fn ways(filter: &DeadlineFilter) -> Vec<SelectStatement> {
    let way = |holds: Condition| filter.cut().way(Column::DueAt, Column::Id, holds.add(wanted(filter)));
    let Some(sites) = &filter.readable else { return vec![way(Condition::all())] };
    let mut ways = Vec::new();
    if sites.len() > MOST_WAYS {
        ways.push(way(Condition::all().add(Column::SiteId.is_in(sites.iter().map(|site| site.0)))));
    } else {
        ways.extend(sites.iter().map(|site| way(Condition::all().add(Column::SiteId.eq(site.0)))));
    }
    ways.push(way(own(filter)));
    ways
}

/// That something is to be filed says that somebody was hurt: it is for those who read reports.
fn own(filter: &DeadlineFilter) -> Condition {
    let own = Query::select()
        .column(participants::Column::ReportId)
        .from(participants::Entity)
        .and_where(participants::Column::MemberId.eq(filter.viewer.0))
        .to_owned();
    Condition::all().add(Column::ReportId.in_subquery(own)).add(Column::Obligation.is_null())
}

fn wanted(filter: &DeadlineFilter) -> Condition {
    use Column::{CancelledAt, DueAt, EndedAt, MetAt};
    let late = Expr::col(MetAt).gt(Expr::col(DueAt));
    let standing = filter.standing.as_deref().map(|standing| match standing {
        "due" => Condition::all().add(EndedAt.is_null()).add(DueAt.gte(filter.now.ms())),
        "overdue" => Condition::all().add(EndedAt.is_null()).add(DueAt.lt(filter.now.ms())),
        "met" => Condition::all().add(MetAt.is_not_null()).add(late.not()),
        "missed" => Condition::all().add(MetAt.is_not_null()).add(late),
        _ => Condition::all().add(CancelledAt.is_not_null()),
    });
    Condition::all().add_option(standing).add_option(filter.before.map(|before| DueAt.lt(before.ms())))
}
