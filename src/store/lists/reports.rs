//! The list of reports: newest first.

use sea_orm::{
    ColumnTrait, Condition, DbBackend, IdenStatic as _, Order, Select,
    sea_query::{Expr, ExprTrait, Query, SelectStatement, SimpleExpr},
};

use super::{BTreeSet, Cut, Instant, MOST_WAYS, MemberId, SiteId, sites_to_walk};
use crate::{
    domain::{
        ids::ReportId,
        report::{ReportKind, ReportState},
    },
    store::{
        dialect::{self, Words},
        tables::{
            deadlines, participants,
            reports::{Column, Entity},
        },
    },
};

/// Which reports a list shows.
#[derive(Debug, Clone)]
pub struct ReportFilter {
    /// Whose list it is: what they take part in is always theirs to see.
    pub viewer: MemberId,
    /// The sites all of whose reports they may read; none means every site.
    pub readable: Option<BTreeSet<SiteId>>,
    /// In that state.
    pub state: Option<ReportState>,
    /// At one of these sites.
    pub sites: Option<BTreeSet<SiteId>>,
    /// Of that kind.
    pub kind: Option<ReportKind>,
    /// Of that category.
    pub category: Option<String>,
    /// Of at least that potential severity.
    pub severity: Option<u8>,
    /// Routed to that officer.
    pub officer: Option<MemberId>,
    /// Sent by that member.
    pub reporter: Option<MemberId>,
    /// With a deadline that was overdue at that instant.
    pub overdue_at: Option<Instant>,
    /// Received from then on.
    pub since: Option<Instant>,
    /// Words in number, narrative or titles of actions, folded; each of them must begin a word of the report.
    pub words: Vec<String>,
    /// After that one of the page before.
    pub after: Option<(Instant, ReportId)>,
    /// At most so many.
    pub limit: u64,
}

const HIGHEST: u8 = 5;

impl ReportFilter {
    /// Every report, newest first, fifty at a time, for somebody whose right to all of them is settled.
    pub const fn all(viewer: MemberId) -> Self {
        Self {
            viewer,
            readable: None,
            state: None,
            sites: None,
            kind: None,
            category: None,
            severity: None,
            officer: None,
            reporter: None,
            overdue_at: None,
            since: None,
            words: Vec::new(),
            after: None,
            limit: 50,
        }
    }

    fn cut(&self) -> Cut {
        Cut { order: Order::Desc, after: self.after.map(|(at, id)| (at, id.0)), limit: self.limit }
    }
}

/// A page of reports. `words` says how those of the filter are met.
pub(in crate::store) fn page(backend: DbBackend, filter: &ReportFilter, words: Words) -> Select<Entity> {
    filter.cut().page(Column::ReceivedAt, Column::Id, ways(backend, filter, words))
}

/// The ways to a page. What few rows have leads, and is gathered and sorted: words that are rare, clocks that are overdue.
/// Otherwise an officer or a sender leads, or else the sites that may be read, and what the viewer takes part in.
pub(in crate::store) fn ways(backend: DbBackend, filter: &ReportFilter, words: Words) -> Vec<SelectStatement> {
    let holds = |leads: &[&str]| held(backend, filter, words, leads);
    let way = |holds| filter.cut().way(Column::ReceivedAt, Column::Id, holds);
    let seen = || visible(filter, |column| dialect::beside(backend, column));
    if is_gathered(filter, words) {
        return vec![way(holds(&["id"]).add(seen()))];
    }
    if filter.officer.is_some() {
        return vec![way(holds(&["officer_id", "state"]).add(seen()))];
    }
    if filter.reporter.is_some() {
        return vec![way(holds(&["reporter_id"]).add(seen()))];
    }
    let severities: Vec<Option<i32>> = match filter.severity {
        Some(least) => (least..=Ord::max(least, HIGHEST)).map(|severity| Some(i32::from(severity))).collect(),
        None => vec![None],
    };
    let sites = sites_to_walk(filter.readable.as_ref(), filter.sites.as_ref());
    let one_by_one = sites.as_ref().filter(|sites| sites.len() * severities.len() <= MOST_WAYS);
    let places: Vec<Condition> = match (one_by_one, sites.as_ref()) {
        (Some(sites), _) => sites.iter().map(|site| Condition::all().add(Column::SiteId.eq(site.0))).collect(),
        (None, Some(many)) => {
            let site = dialect::beside(backend, Column::SiteId);
            vec![Condition::all().add(site.is_in(many.iter().map(|site| site.0)))]
        }
        (None, None) => vec![Condition::all()],
    };
    // At a site where a kind is rare, a walk along all of that kind would be the longer one.
    let leads: &[&str] = if one_by_one.is_some() { &["state"] } else { &["state", "kind"] };
    let mut ways = Vec::new();
    for place in places {
        for severity in &severities {
            let rated = severity.map(|severity| Column::PotentialSeverity.eq(severity));
            ways.push(way(holds(leads).add(place.clone()).add_option(rated)));
        }
    }
    ways.extend(filter.readable.is_some().then(|| own(backend, filter, words)));
    ways
}

/// Whether a page is gathered from few rows and sorted, rather than walked to.
pub(in crate::store) const fn is_gathered(filter: &ReportFilter, words: Words) -> bool {
    filter.overdue_at.is_some() || (matches!(words, Words::Rare) && !filter.words.is_empty())
}

/// What the viewer takes part in, in the order of the list.
fn own(backend: DbBackend, filter: &ReportFilter, words: Words) -> SelectStatement {
    let theirs = Condition::all().add(participants::Column::MemberId.eq(filter.viewer.0));
    let wanted = held(backend, filter, words, &["id"]);
    let theirs = if wanted.is_empty() {
        theirs
    } else {
        let this = Expr::col((participants::Entity, participants::Column::ReportId));
        let wanted = wanted.add(Expr::col((Entity, Column::Id)).eq(this));
        theirs.add(Expr::exists(Query::select().expr(Expr::val(1)).from(Entity).cond_where(wanted).to_owned()))
    };
    filter.cut().way(participants::Column::ReceivedAt, participants::Column::ReportId, theirs)
}

fn visible(filter: &ReportFilter, column: impl Fn(Column) -> SimpleExpr) -> Condition {
    let Some(sites) = &filter.readable else { return Condition::all() };
    let own = Query::select()
        .column(participants::Column::ReportId)
        .from(participants::Entity)
        .and_where(participants::Column::MemberId.eq(filter.viewer.0))
        .to_owned();
    let own = Condition::any().add(column(Column::Id).in_subquery(own));
    if sites.is_empty() { own } else { own.add(column(Column::SiteId).is_in(sites.iter().map(|site| site.0))) }
}

/// The filters. Those of the columns that lead may be looked up in an index, the others are compared row by row.
fn held(backend: DbBackend, filter: &ReportFilter, words: Words, leads: &[&str]) -> Condition {
    let column = |column: Column| {
        if leads.contains(&column.as_str()) { Expr::col(column.as_column_ref()) } else { dialect::beside(backend, column) }
    };
    let late = filter.overdue_at.map(|now| {
        let late = Query::select()
            .column(deadlines::Column::ReportId)
            .from(deadlines::Entity)
            .and_where(deadlines::Column::EndedAt.is_null())
            .and_where(deadlines::Column::DueAt.lt(now.ms()))
            .to_owned();
        column(Column::Id).in_subquery(late)
    });
    Condition::all()
        .add_option(filter.state.map(|state| column(Column::State).eq(state.word())))
        .add_option(filter.sites.as_ref().map(|sites| column(Column::SiteId).is_in(sites.iter().map(|site| site.0))))
        .add_option(filter.kind.map(|kind| column(Column::Kind).eq(kind.word())))
        .add_option(filter.category.as_ref().map(|category| column(Column::Category).eq(category)))
        .add_option(filter.severity.map(|severity| column(Column::PotentialSeverity).gte(i32::from(severity))))
        .add_option(filter.officer.map(|officer| column(Column::OfficerId).eq(officer.0)))
        .add_option(filter.reporter.map(|reporter| column(Column::ReporterId).eq(reporter.0)))
        .add_option(filter.since.map(|since| Column::ReceivedAt.gte(since.ms())))
        .add_option(late)
        .add_option(dialect::has_words(backend, &filter.words, words))
}
