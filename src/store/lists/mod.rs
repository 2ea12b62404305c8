//! The pages of the lists of the contract, flat in cost however many rows there are. A page is the first rows of one or more
//! ways, and each way is an index walked in the order of the list up to the length of the page: what a member may read at one
//! site is one way, what they take part in another. Nothing is gathered whole to be sorted, except where a way says so.
//! Filters and their meaning belong here; rows and domain values do not.

mod actions;
mod deadlines;
mod reports;

use std::collections::BTreeSet;

use sea_orm::{
    ColumnTrait, Condition, EntityTrait, Order, QueryFilter, QueryOrder, Select,
    sea_query::{Expr, ExprTrait, Query, SelectStatement, SimpleExpr, UnionType},
};
use uuid::Uuid;

pub use self::{actions::ActionFilter, deadlines::DeadlineFilter, reports::ReportFilter};
pub(super) use self::{
    actions::{page as actions, ways as ways_of_actions},
    deadlines::{page as deadlines, ways as ways_of_deadlines},
    reports::{is_gathered, page as reports, ways as ways_of_reports},
};
use crate::domain::{
    ids::{MemberId, SiteId},
    time::Instant,
};

/// More ways than these cost more than one walk along the whole table, on which so many sites are met soon enough.
const MOST_WAYS: usize = 64;

/// A page of a list: what stands on it, and where the next one begins.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// In the order of the list.
    pub items: Vec<T>,
    /// Whether there is more after the last of them.
    pub more: bool,
}

impl<T> Page<T> {
    /// Cuts off the one row that was read to see whether there is more.
    pub(super) fn of(mut items: Vec<T>, limit: u64) -> Self {
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = items.len() > most;
        items.truncate(most);
        Self { items, more }
    }
}

/// Which rows of a list a page shows: so many after that one, in the order of instants and ids.
struct Cut {
    order: Order,
    after: Option<(Instant, Uuid)>,
    limit: u64,
}

impl Cut {
    /// One way: the rows for which this holds, as far as the page can need them.
    fn way<C: ColumnTrait>(&self, at: C, id: C, holds: Condition) -> SelectStatement {
        let mut way = Query::select();
        way.expr_as(Expr::col(at.as_column_ref()), "at").expr_as(Expr::col(id.as_column_ref()), "id").from(at.entity_name());
        way.cond_where(holds);
        if let Some((last_at, last_id)) = self.after {
            let here = Expr::tuple([Expr::col(at.as_column_ref()), Expr::col(id.as_column_ref())]);
            let last = Expr::tuple([Expr::value(last_at.ms()), Expr::value(last_id)]);
            way.and_where(if self.order == Order::Desc { here.lt(last) } else { here.gt(last) });
        }
        way.order_by(at.as_column_ref(), self.order.clone());
        way.order_by(id.as_column_ref(), self.order.clone()).limit(self.limit + 1).to_owned()
    }

    /// The rows that these ways come to first, each once.
    fn page<E: EntityTrait>(&self, at: E::Column, id: E::Column, ways: Vec<SelectStatement>) -> Select<E> {
        let arm = |way| Query::select().columns(["at", "id"]).from_subquery(way, "way").to_owned();
        let mut arms = ways.into_iter().map(arm);
        let Some(mut all) = arms.next() else { return E::find().filter(SimpleExpr::from(Expr::val(false))) };
        for way in arms {
            all.union(UnionType::Distinct, way);
        }
        let first = Query::select()
            .column("id")
            .from_subquery(all, "ways")
            .order_by("at", self.order.clone())
            .order_by("id", self.order.clone())
            .limit(self.limit + 1)
            .to_owned();
        E::find().filter(id.in_subquery(first)).order_by(at, self.order.clone()).order_by(id, self.order.clone())
    }
}

/// At which sites a list walks: one by one where they are few, and otherwise none, as they are met on the way. Nothing is
/// read at no site at all.
fn sites_to_walk(readable: Option<&BTreeSet<SiteId>>, wanted: Option<&BTreeSet<SiteId>>) -> Option<BTreeSet<SiteId>> {
    match (readable, wanted) {
        (Some(readable), Some(wanted)) => Some(readable.intersection(wanted).copied().collect()),
        (sites, None) | (None, sites) => sites.cloned(),
    }
}
