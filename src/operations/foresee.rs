//! What the planner would tell if it looked now: for the moment before it is turned on over old data. It writes nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::{OperationError, escalate_due::meant};
use crate::{
    app::App,
    domain::{
        ids::{DeadlineId, MemberId},
        ladder::{Way, tellings},
        time::Instant,
    },
};

const PAGE: u64 = 200;

/// What would happen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Foresight {
    /// Deadlines that run.
    pub running: usize,
    /// Of those, with something to tell now.
    pub waiting: usize,
    /// Rungs that would be put on record, counted for each person.
    pub rungs: usize,
    /// People who would get a mail now.
    pub people: usize,
    /// Mails that would leave now; many missed deadlines of one person are one.
    pub mails: usize,
    /// Rungs that would wait for a digest of the next morning.
    pub for_digests: usize,
    /// Deadlines that nobody could be told of.
    pub silent: usize,
}

/// Counts what the next looks would tell, without telling it.
pub async fn foresee(app: &App) -> Result<Foresight, OperationError> {
    let now = app.clock.now();
    let organisation = app.store.organisation().await?;
    let mut found = Foresight::default();
    let mut single: BTreeMap<MemberId, usize> = BTreeMap::new();
    let mut missed: BTreeMap<MemberId, usize> = BTreeMap::new();
    let mut place: Option<(Instant, DeadlineId)> = None;
    loop {
        let page = app.store.running_deadlines(place, PAGE).await?;
        let Some(last) = page.last() else { break };
        place = Some((last.due_at, last.id));
        let told = app.store.told_of(&page).await?;
        for (deadline, (_, cast)) in page.iter().zip(app.store.casts(page.iter()).await?) {
            found.running += 1;
            let Some(ladder) = organisation.ladder_of(deadline) else {
                found.silent += 1;
                continue;
            };
            let nothing = BTreeSet::new();
            let planned = organisation.plan(&ladder, deadline, told.get(&deadline.id).unwrap_or(&nothing), now);
            let named: Vec<_> = planned
                .due
                .iter()
                .filter_map(|due| Some((*due, organisation.resolve(&ladder.step(due.rung)?.audience, &cast, now))))
                .collect();
            found.waiting += usize::from(!named.is_empty());
            found.silent += usize::from(named.iter().any(|(_, people)| people.is_empty()));
            for telling in tellings(&meant(&ladder, &named), now) {
                found.rungs += 1;
                match telling.way {
                    Way::Now => *single.entry(telling.member).or_default() += 1,
                    Way::AfterOutage => *missed.entry(telling.member).or_default() += 1,
                    Way::NextDigest => found.for_digests += 1,
                    Way::OnRecord => {}
                }
            }
        }
    }
    let many = usize::try_from(organisation.digests().many).unwrap_or(usize::MAX);
    let missed_mails: usize = missed.values().map(|n| if *n < many { *n } else { 1 }).sum();
    found.mails = single.values().sum::<usize>() + missed_mails;
    found.people = single.keys().chain(missed.keys()).collect::<BTreeSet<_>>().len();
    Ok(found)
}
