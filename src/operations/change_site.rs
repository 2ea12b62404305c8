//! A site is added to the tree, changed, moved or retired.

use serde_json::{Value, json};

use super::{Caller, Made, OperationError, pass_on::pass_on};
use crate::{
    app::App,
    domain::{
        access::{Actor, Deed},
        administration::{Handed, OpenWork, Part, RawSite, stranded},
        ids::{MemberId, SiteId, client_made},
        journal::Entry,
        organisation::{Organisation, Site},
        refusal::Refusal,
        report::Report,
    },
    store::StoreError,
};

/// Writes a site under its id. Whoever moves one names, if need be, who takes the open reports whose officer has no role at
/// the new place; a site where something is open cannot be retired. `version` is the one the caller read, if they said so.
pub async fn change_site(
    app: &App,
    caller: &Caller,
    id: SiteId,
    raw: RawSite,
    taker: Option<MemberId>,
    version: Option<i64>,
) -> Result<Made<Site>, OperationError> {
    caller.actor().must_somewhere(Deed::Administer)?;
    let mut tx = caller.begin(app).await?;
    let organisation = app.store.organisation_to_change(&tx).await?;
    let known = organisation.sites.get(&id);
    if version.is_some_and(|version| known.is_none_or(|known| known.version != version)) {
        return Err(Refusal::Changed.into());
    }
    if known.is_none() {
        client_made(id.0, "/id")?;
    }
    let actor = Actor { member: caller.member, organisation: &organisation };
    for site in known.map(|known| known.id).into_iter().chain(raw.parent_id.map(SiteId)) {
        if organisation.sites.contains_key(&site) {
            actor.must_at(Deed::Administer, site)?;
        }
    }
    let now = app.clock.now();
    let next = raw.read(id, &organisation, now)?;
    let Some(known) = known else {
        tx.add_site(&next).await.map_err(taken)?;
        tx.note(entry(caller, now, &next, "added", json!({ "after": facts(&next) })));
        tx.commit().await?;
        return Ok(Made::New(next));
    };
    if *known == next {
        return Ok(Made::Before(next));
    }
    if known.parent != next.parent || (known.retired_at.is_none() && next.retired_at.is_some()) {
        let below: Vec<SiteId> = organisation.sites.keys().copied().filter(|site| organisation.is_within(*site, id)).collect();
        let work = tx.open_work_at(&below).await?;
        if next.retired_at.is_some() && !work.is_none() {
            return Err(Refusal::OpenWork(work.counts()).into());
        }
        let mut after = Organisation::clone(&organisation);
        after.sites.insert(id, next.clone());
        let lost = stranded(&work.reports, &organisation, &after);
        tx = pass_on(app, tx, caller, &handed(&lost, taker, &after)?).await?;
    }
    let before = facts(known);
    let next = tx.save_site(next).await.map_err(taken)?;
    tx.note(entry(caller, now, &next, "changed", json!({ "before": before, "after": facts(&next) })));
    tx.commit().await?;
    app.nudge();
    Ok(Made::Before(next))
}

/// Every report that loses its officer goes to whoever takes them, if they may have them all at the new place.
fn handed(lost: &[&Report], taker: Option<MemberId>, after: &Organisation) -> Result<Vec<Handed>, Refusal> {
    if lost.is_empty() {
        return Ok(vec![]);
    }
    let work = OpenWork { reports: lost.iter().map(|report| (*report).clone()).collect(), ..OpenWork::default() };
    let Some(to) = taker else { return Err(Refusal::OpenWork(work.counts())) };
    let here = after.members.get(&to).is_some_and(|taker| taker.disabled_at.is_none());
    let actor = Actor { member: to, organisation: after };
    if !here || !lost.iter().all(|report| actor.may_at(Deed::HandleReports, report.site)) {
        return Err(Refusal::invalid("/hand_over_to", "no_officer_there"));
    }
    let handed = |report: &&Report| Some(Handed { report: report.id, part: Part::Officer, from: report.officer?, to });
    Ok(lost.iter().filter_map(handed).collect())
}

pub(super) fn facts(site: &Site) -> Value {
    json!({
        "code": site.code,
        "name": site.name,
        "kind": site.kind,
        "parent": site.parent,
        "zone": site.zone.name(),
        "calendar": site.calendar,
        "retired_at": site.retired_at,
    })
}

fn entry(caller: &Caller, at: crate::domain::time::Instant, site: &Site, verb: &'static str, facts: Value) -> Entry {
    Entry { at, actor: Some(caller.member), subject: "site", subject_id: site.id.0, report: None, verb, facts }
}

fn taken(error: StoreError) -> OperationError {
    match error {
        StoreError::Taken => Refusal::invalid("/code", "taken").into(),
        other => other.into(),
    }
}
