//! The list of corrective actions: soonest due first.

use sea_orm::{
    ColumnTrait, Condition, DbBackend, Order, Select,
    sea_query::{ExprTrait, SelectStatement},
};

use super::{BTreeSet, Cut, Instant, MOST_WAYS, MemberId, SiteId, sites_to_walk};
use crate::{
    domain::{action::ActionState, ids::ActionId},
    store::{
        dialect,
        tables::actions::{Column, Entity},
    },
};

/// Which actions a list shows.
#[derive(Debug, Clone)]
pub struct ActionFilter {
    /// Whose list it is: what they own or verify is always theirs to see.
    pub viewer: MemberId,
    /// The sites all of whose actions they may read; none means every site.
    pub readable: Option<BTreeSet<SiteId>>,
    /// In that state.
    pub state: Option<ActionState>,
    /// Owned by that member.
    pub owner: Option<MemberId>,
    /// Not complete, and due before that instant.
    pub overdue_at: Option<Instant>,
    /// Due before then.
    pub due_before: Option<Instant>,
    /// At one of these sites.
    pub sites: Option<BTreeSet<SiteId>>,
    /// After that one of the page before.
    pub after: Option<(Instant, ActionId)>,
    /// At most so many.
    pub limit: u64,
}

const INCOMPLETE: [ActionState; 3] = [ActionState::Open, ActionState::Accepted, ActionState::InProgress];

impl ActionFilter {
    fn cut(&self) -> Cut {
        Cut { order: Order::Asc, after: self.after.map(|(at, id)| (at, id.0)), limit: self.limit }
    }

    /// The states an action must be in, one by one; none when all will do.
    fn states(&self) -> Vec<Option<&'static str>> {
        match (self.state, self.overdue_at) {
            (Some(state), None) => vec![Some(state.word())],
            (None, Some(_)) => INCOMPLETE.map(|state| Some(state.word())).into(),
            (Some(state), Some(_)) if INCOMPLETE.contains(&state) => vec![Some(state.word())],
            (Some(_), Some(_)) => vec![],
            (None, None) => vec![None],
        }
    }
}

/// A page of actions.
pub(in crate::store) fn page(backend: DbBackend, filter: &ActionFilter) -> Select<Entity> {
    filter.cut().page(Column::DueAt, Column::Id, ways(backend, filter))
}

/// The ways to a page: state by state those of an owner, or at each site that may be read, and what the viewer owns or
/// verifies.
pub(in crate::store) fn ways(backend: DbBackend, filter: &ActionFilter) -> Vec<SelectStatement> {
    let states = filter.states();
    let sites = sites_to_walk(filter.readable.as_ref(), filter.sites.as_ref());
    let at_sites = sites.as_ref().map(|sites| dialect::beside(backend, Column::SiteId).is_in(sites.iter().map(|site| site.0)));
    let one_by_one = sites.as_ref().filter(|sites| sites.len() * states.len() <= MOST_WAYS);
    let mut leads: Vec<Condition> = match (filter.owner, one_by_one) {
        (Some(owner), _) => vec![Condition::all().add(Column::OwnerId.eq(owner.0)).add(visible(backend, filter))],
        (None, Some(sites)) => sites.iter().map(|site| Condition::all().add(Column::SiteId.eq(site.0))).collect(),
        (None, None) => vec![Condition::all().add_option(at_sites)],
    };
    if filter.readable.is_some() && filter.owner.is_none() {
        leads.push(Condition::all().add(Column::OwnerId.eq(filter.viewer.0)));
        leads.push(Condition::all().add(Column::VerifierId.eq(filter.viewer.0)));
    }
    let mut ways = Vec::new();
    for lead in leads {
        for state in &states {
            let holds = wanted(backend, filter).add(lead.clone()).add_option(state.map(|state| Column::State.eq(state)));
            ways.push(filter.cut().way(Column::DueAt, Column::Id, holds));
        }
    }
    ways
}

fn visible(backend: DbBackend, filter: &ActionFilter) -> Condition {
    let Some(sites) = &filter.readable else { return Condition::all() };
    let column = |column| dialect::beside(backend, column);
    let own =
        Condition::any().add(column(Column::OwnerId).eq(filter.viewer.0)).add(column(Column::VerifierId).eq(filter.viewer.0));
    if sites.is_empty() { own } else { own.add(column(Column::SiteId).is_in(sites.iter().map(|site| site.0))) }
}

fn wanted(backend: DbBackend, filter: &ActionFilter) -> Condition {
    let at = |sites: &BTreeSet<SiteId>| dialect::beside(backend, Column::SiteId).is_in(sites.iter().map(|site| site.0));
    Condition::all()
        .add_option(filter.overdue_at.map(|now| Column::DueAt.lt(now.ms())))
        .add_option(filter.due_before.map(|before| Column::DueAt.lt(before.ms())))
        .add_option(filter.sites.as_ref().map(at))
}
