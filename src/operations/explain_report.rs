//! Who was told what and when, by which rule, and who comes next when. It changes nothing.

use std::collections::BTreeMap;

use super::{Caller, OperationError};
use crate::{
    app::App,
    domain::{
        access::Part,
        clocks::cast,
        deadline::Deadline,
        ids::{NoticeId, ReportId},
        ladder::Rung,
        organisation::Found,
        refusal::Refusal,
        report::Report,
        routing::{Decision, Routes, Verdict},
        time::Instant,
    },
    store::{Delivery, DocumentKind, Happening},
};

/// The story of a report's notices.
#[derive(Debug)]
pub struct Explanation {
    /// The report.
    pub report: Report,
    /// How it came to its officer; none for what an older version of Salama routed.
    pub routing: Option<Routing>,
    /// What was decided, oldest first.
    pub told: Vec<Delivery>,
    /// What happened to each notice's mail, oldest first.
    pub happenings: BTreeMap<NoticeId, Vec<Happening>>,
    /// What comes next on each running clock.
    pub next: Vec<Upcoming>,
}

/// How a report came to its officer: the decision on record, and what became of each rule of that version.
#[derive(Debug)]
pub struct Routing {
    /// When it was decided.
    pub at: Instant,
    /// What was decided, from which facts.
    pub decision: Decision,
    /// The rules of that version of the routes, in order.
    pub verdicts: Vec<Verdict>,
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
    pub people: Vec<Found>,
}

/// Explains a report's notices to somebody who may see it. What a protected sender was told is shown to them alone.
pub async fn explain_report(app: &App, caller: &Caller, id: ReportId) -> Result<Explanation, OperationError> {
    let store = &app.store;
    let report = store.report(id).await?.ok_or(Refusal::Unknown)?;
    caller.actor().must_see(&report, store.takes_part(caller.member, id).await?)?;
    let reader = caller.actor().before(&report);
    let (sender_too, filings_too) = (reader.may(Part::SenderNotices), reader.may(Part::Filings));
    let (organisation, now) = (&caller.organisation, app.clock.now());
    let actions = store.actions_of(id).await?;
    let mut next = Vec::new();
    let mut deadlines = store.deadlines_of(id).await?;
    let filings: Vec<_> = deadlines.iter().filter(|clock| clock.kind.is_legal() && !filings_too).map(|clock| clock.id).collect();
    deadlines.retain(|deadline| deadline.is_open() && !filings.contains(&deadline.id));
    for deadline in deadlines {
        let ladder = organisation.ladder_of(&deadline);
        let told = store.told(&deadline).await?;
        let coming = ladder.as_ref().and_then(|ladder| {
            let planned = organisation.plan(ladder, &deadline, &told, now);
            planned.due.first().copied().or(planned.next)
        });
        let people = match coming.zip(ladder.as_ref()).and_then(|(due, ladder)| ladder.step(due.rung)) {
            Some(step) => {
                let action = actions.iter().find(|action| Some(action.id) == deadline.action);
                organisation.resolve(&step.audience, &cast(&deadline, &report, action), now)
            }
            None => Vec::new(),
        };
        let (rung, at) = (coming.map(|due| due.rung), coming.map(|due| due.at));
        next.push(Upcoming { deadline, rung, at, people });
    }
    let mut told = store.deliveries_of(id).await?;
    told.retain(|delivery| !delivery.notice.deadline.is_some_and(|deadline| filings.contains(&deadline)));
    told.retain(|delivery| sender_too || !delivery.notice.kind.is_for_the_sender());
    let (routing, happenings) = (routing(app, id).await?, store.happenings_of(id).await?);
    Ok(Explanation { report, routing, told, happenings, next })
}

/// Read from the record and the version that decided, so that it stays true whatever the rules are now.
async fn routing(app: &App, id: ReportId) -> Result<Option<Routing>, OperationError> {
    let Some(entry) = app.store.newest_entry(id, "routed").await? else { return Ok(None) };
    let Ok(decision) = serde_json::from_str::<Decision>(&entry.facts) else { return Ok(None) };
    let document = app.store.document_version(DocumentKind::Routes, decision.routes).await?;
    let routes = document.and_then(|document| serde_json::from_value::<Routes>(document.body).ok());
    let verdicts = routes.map_or_else(Vec::new, |routes| routes.verdicts(&decision.facts));
    Ok(Some(Routing { at: entry.at, decision, verdicts }))
}
