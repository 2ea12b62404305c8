//! A draft of the ladders or routes is tried on the last days: what it would have sent, beside what was sent. It writes nothing,
//! and holds one page of facts at a time.

use serde_json::Value;

use super::{Caller, OperationError, change_document::read};
use crate::{
    app::App,
    domain::{
        access::Deed,
        ids::{DeadlineId, NoticeId},
        ladder::Ladders,
        organisation::{Organisation, Versioned},
        refusal::Refusal,
        rehearsal::{Rehearsal, Window},
        routing::Routes,
        time::Instant,
    },
    store::{Delivery, ReportFilter},
};

/// The most days that can be replayed.
pub const MOST_DAYS: u32 = 92;
const PAGE: u64 = 200;

/// Replays the deadlines of the last `days` under a draft of the ladders.
pub async fn rehearse_ladders(
    app: &App,
    caller: &Caller,
    days: u32,
    draft: Value,
) -> Result<(Window, Rehearsal), OperationError> {
    let window = window(app, caller, days)?;
    let draft: Ladders = read(draft).map_err(in_document)?;
    draft.check().map_err(|refusal| in_document(refusal.into()))?;
    caller.organisation.check_ladders(&draft).map_err(|refusal| in_document(refusal.into()))?;
    let mut rehearsal = Rehearsal::default();
    let mut after: Option<DeadlineId> = None;
    loop {
        let page = app.store.deadlines_since(window.from, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        for (deadline, (_, cast)) in page.iter().zip(app.store.casts(page.iter()).await?) {
            rehearsal.climb(deadline, &draft, &cast, &caller.organisation, window);
        }
    }
    each_sent(app, window.from, |sent| {
        rehearsal.climbed(&sent.notice, sent.digest.is_some(), &caller.organisation);
    })
    .await?;
    Ok((window, rehearsal))
}

/// Replays the reports of the last `days` under a draft of the routes.
pub async fn rehearse_routes(app: &App, caller: &Caller, days: u32, draft: Value) -> Result<(Window, Rehearsal), OperationError> {
    let window = window(app, caller, days)?;
    let draft: Routes = read(draft).map_err(in_document)?;
    draft.check().map_err(|refusal| in_document(refusal.into()))?;
    caller.organisation.check_routes(&draft).map_err(|refusal| in_document(refusal.into()))?;
    let routes = Versioned { version: caller.organisation.routes.version + 1, body: draft };
    let drafted = Organisation { routes, ..(*caller.organisation).clone() };
    let mut rehearsal = Rehearsal::default();
    let mut filter = ReportFilter { since: Some(window.from), limit: PAGE, ..ReportFilter::all(caller.member) };
    loop {
        let page = app.store.reports(&filter).await?;
        for report in &page.items {
            rehearsal.route(report, &drafted);
        }
        let Some(last) = page.items.last().filter(|_| page.more) else { break };
        filter.after = Some((last.received_at, last.id));
    }
    each_sent(app, window.from, |sent| rehearsal.routed(&sent.notice, &caller.organisation)).await?;
    Ok((window, rehearsal))
}

fn window(app: &App, caller: &Caller, days: u32) -> Result<Window, OperationError> {
    caller.actor().must_somewhere(Deed::WriteRules)?;
    if !(1..=MOST_DAYS).contains(&days) {
        return Err(Refusal::invalid("/days", "out_of_range").into());
    }
    let until = app.clock.now();
    Ok(Window { from: until.plus_ms(-i64::from(days) * 86_400_000), until })
}

/// What is wrong with the draft stands in the body's `document`.
fn in_document(error: OperationError) -> OperationError {
    match error {
        OperationError::Refused(Refusal::Invalid(mut errors)) => {
            for error in &mut errors {
                error.pointer = format!("/document{}", error.pointer).into();
            }
            Refusal::Invalid(errors).into()
        }
        other => other,
    }
}

async fn each_sent(app: &App, since: Instant, mut count: impl FnMut(&Delivery)) -> Result<(), OperationError> {
    let mut after: Option<(Instant, NoticeId)> = None;
    loop {
        let page = app.store.decided_since(since, after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some((last.notice.decided_at, last.notice.id));
        page.iter().for_each(&mut count);
    }
}
