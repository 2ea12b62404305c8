//! Who was told what and when, by which rule, and who comes next when. It changes nothing.

use std::collections::BTreeMap;

use super::{Caller, OperationError};
use crate::{
    app::App,
    domain::{
        audience::Audience,
        clocks::cast,
        deadline::Deadline,
        ids::{MemberId, NoticeId, ReportId},
        ladder::{Rung, plan},
        refusal::Refusal,
        report::Report,
        time::Instant,
    },
    store::{Delivery, Happening},
};

/// The story of a report's notices.
#[derive(Debug)]
pub struct Explanation {
    /// The report.
    pub report: Report,
    /// What was decided, oldest first.
    pub told: Vec<Delivery>,
    /// What happened to each notice's mail, oldest first.
    pub happenings: BTreeMap<NoticeId, Vec<Happening>>,
    /// What comes next on each running clock.
    pub next: Vec<Upcoming>,
}

/// The next rung of a running clock.
#[derive(Debug)]
pub struct Upcoming {
    /// Which clock.
    pub deadline: Deadline,
    /// Which rung; none when the ladder has none left.
    pub rung: Option<Rung>,
    /// When.
    pub at: Option<Instant>,
    /// Who it would reach as things stand, and as what.
    pub people: Vec<(MemberId, Audience)>,
}

/// Explains a report's notices to somebody who may see it. What a protected sender was told is shown to them alone.
pub async fn explain_report(app: &App, caller: &Caller, id: ReportId) -> Result<Explanation, OperationError> {
    let store = &app.store;
    let report = store.report(id).await?.ok_or(Refusal::Unknown)?;
    caller.actor().must_see(&report, store.takes_part(caller.member, id).await?)?;
    let protected = report.protects_sender() && report.reporter != Some(caller.member);
    let (organisation, now) = (&caller.organisation, app.clock.now());
    let actions = store.actions_of(id).await?;
    let mut next = Vec::new();
    for deadline in store.deadlines_of(id).await?.into_iter().filter(Deadline::is_open) {
        let ladder =
            organisation.ladders.get(&deadline.ladder_version).and_then(|all| all.find(deadline.kind, deadline.severity));
        let told = store.told(&deadline).await?;
        let (calendar, zone) = (organisation.calendar(deadline.site), organisation.zone(deadline.site));
        let coming = ladder.and_then(|ladder| {
            let planned = plan(ladder, &deadline, &told, calendar, &zone, now);
            planned.due.first().copied().or(planned.next).map(|due| (due, ladder))
        });
        let people =
            match coming.and_then(|(due, ladder)| usize::try_from(due.rung.step).ok().and_then(|step| ladder.steps.get(step))) {
                Some(step) => {
                    let action = actions.iter().find(|action| Some(action.id) == deadline.action);
                    organisation.resolve(&step.audience, &cast(&deadline, &report, action), now)
                }
                None => Vec::new(),
            };
        let (rung, at) = (coming.map(|(due, _)| due.rung), coming.map(|(due, _)| due.at));
        next.push(Upcoming { deadline, rung, at, people });
    }
    let mut told = store.deliveries_of(id).await?;
    told.retain(|delivery| !(protected && delivery.notice.kind.is_for_the_sender()));
    Ok(Explanation { report, told, happenings: store.happenings_of(id).await?, next })
}
