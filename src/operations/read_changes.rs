//! What somebody's copy must hear to be the server's again: what changed since, and what they may not see any more. Read along
//! the journal, whose numbers follow the order of commits, so that nothing which commits late is passed over.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::{Caller, OperationError};
use crate::{
    app::App,
    domain::{
        changes::{Cursor, OLDEST_MS, View, Walk},
        ids::ReportId,
        refusal::Refusal,
        report::Report,
    },
    store::{News, ReportFilter},
};

/// How many entries of the journal are looked over at once, and how often for one page.
const WINDOW: i64 = 5_000;
const WINDOWS: usize = 8;

/// The copy is too old, or what its owner may see changed twice while it walked.
const BEGIN_ANEW: Refusal = Refusal::Gone("changes_expired");

/// A page of changes, in order.
#[derive(Debug)]
pub struct Changes {
    /// Reports that changed, as they stand.
    pub changed: Vec<Report>,
    /// Reports that may not be seen any more.
    pub gone: Vec<ReportId>,
    /// Other records that changed: their kind and id.
    pub others: BTreeSet<(String, Uuid)>,
    /// Where the next page begins.
    pub next: Cursor,
    /// Whether there is more already.
    pub more: bool,
}

impl Changes {
    /// Whether there is nothing to tell yet.
    pub fn is_empty(&self) -> bool {
        self.changed.is_empty() && self.gone.is_empty() && self.others.is_empty() && !self.more
    }

    fn beginning(next: Cursor) -> Self {
        Self { changed: vec![], gone: vec![], others: BTreeSet::new(), next, more: false }
    }

    fn len(&self) -> usize {
        self.changed.len() + self.gone.len()
    }
}

/// A copy that knows everything up to now, for those who have it by other means.
pub async fn latest_changes(app: &App, caller: &Caller) -> Result<Cursor, OperationError> {
    let view = kept(app, View::of(caller.actor().sites_to_read())).await?;
    Ok(Cursor { member: caller.member, seq: app.store.journal_head().await?.0, view: Some(view.hash()), walk: None })
}

/// At most so many changes after a cursor, or from the beginning. A cursor that is too old, or whose view changed twice while
/// it walked, is over: the copy must begin anew.
pub async fn read_changes(app: &App, caller: &Caller, from: Option<Cursor>, limit: u64) -> Result<Changes, OperationError> {
    let view = kept(app, View::of(caller.actor().sites_to_read())).await?;
    let head = app.store.journal_head().await?.0;
    let cursor = from.unwrap_or(Cursor { member: caller.member, seq: head, view: None, walk: None });
    let oldest = app.store.entry_after(cursor.seq).await?;
    // A number that was never written is one of a database that was put back from a copy.
    if cursor.seq > head || oldest.is_some_and(|at| app.clock.now().since_ms(at) > OLDEST_MS) {
        return Err(BEGIN_ANEW.into());
    }
    match cursor.walk_to(view.hash()) {
        Some(walk) if walk.to != view.hash() => Err(BEGIN_ANEW.into()),
        Some(walk) => walked(app, caller, cursor, walk, &view, limit).await,
        None => heard(app, caller, cursor, head, &view, limit).await,
    }
}

async fn kept(app: &App, view: View) -> Result<View, OperationError> {
    if app.store.view(view.hash()).await?.is_none() {
        let tx = app.store.begin().await?;
        tx.keep_view(&view).await?;
        tx.commit().await?;
    }
    Ok(view)
}

/// Everything, for an empty copy; else what came into view or went out of it.
async fn walked(
    app: &App,
    caller: &Caller,
    cursor: Cursor,
    walk: Walk,
    view: &View,
    limit: u64,
) -> Result<Changes, OperationError> {
    let readable = match cursor.view {
        None => view.sites(),
        Some(known) => {
            let known = app.store.view(known).await?.ok_or(BEGIN_ANEW)?;
            Some(known.differs(view, caller.organisation.sites.keys().copied()))
        }
    };
    let filter = ReportFilter { readable, after: walk.after, limit, ..ReportFilter::all(caller.member) };
    let page = app.store.reports(&filter).await?;
    let next = match page.items.last().filter(|_| page.more) {
        Some(last) => Cursor { walk: Some(Walk { after: Some((last.received_at, last.id)), ..walk }), ..cursor },
        None => Cursor { view: Some(walk.to), walk: None, ..cursor },
    };
    let mut changes = Changes { more: page.more, ..Changes::beginning(next) };
    let ids: Vec<ReportId> = page.items.iter().map(|report| report.id).collect();
    let own = app.store.taking_part(caller.member, &ids).await?;
    for report in page.items {
        match caller.actor().must_see(&report, own.contains(&report.id)) {
            Ok(()) => changes.changed.push(report),
            Err(_) => changes.gone.push(report.id),
        }
    }
    Ok(changes)
}

/// What changed since, window by window along the journal.
async fn heard(
    app: &App,
    caller: &Caller,
    cursor: Cursor,
    head: i64,
    view: &View,
    limit: u64,
) -> Result<Changes, OperationError> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut changes = Changes::beginning(cursor);
    for _ in 0..WINDOWS {
        let (after, upto) = (changes.next.seq, head.min(changes.next.seq + WINDOW));
        let news = app.store.news(after, upto).await?;
        changes.next.seq = upto;
        for some in in_order(&news).chunks(100) {
            add(app, caller, view, (after, upto), some, limit, &mut changes).await?;
            if changes.next.seq < upto {
                break;
            }
        }
        changes.others.extend(others(&news, caller, changes.next.seq));
        changes.more = changes.next.seq < head;
        if !changes.more || changes.len() >= limit {
            break;
        }
    }
    Ok(changes)
}

/// The reports of a window, each at its last entry.
fn in_order(news: &[News]) -> Vec<(i64, ReportId)> {
    let last: BTreeMap<Uuid, i64> = news.iter().filter_map(|news| Some((news.report_id?, news.seq))).collect();
    let mut order: Vec<(i64, ReportId)> = last.into_iter().map(|(report, seq)| (seq, ReportId(report))).collect();
    order.sort_unstable();
    order
}

fn others(news: &[News], caller: &Caller, upto: i64) -> Vec<(String, Uuid)> {
    let told = |news: &&News| match news.subject.as_str() {
        "site" | "category" => true,
        "member" => news.subject_id == caller.member.0,
        _ => false,
    };
    let here = news.iter().filter(|news| news.report_id.is_none() && news.seq <= upto).filter(told);
    here.map(|news| (news.subject.clone(), news.subject_id)).collect()
}

/// Adds what the caller hears of these reports, until the page is full.
async fn add(
    app: &App,
    caller: &Caller,
    view: &View,
    (after, upto): (i64, i64),
    some: &[(i64, ReportId)],
    limit: usize,
    changes: &mut Changes,
) -> Result<(), OperationError> {
    let ids: Vec<ReportId> = some.iter().map(|(_, id)| *id).collect();
    let mut seen = app.store.reports_in_view(&ids, caller.member, view).await?;
    let own = app.store.taking_part(caller.member, &ids).await?;
    let once = app.store.once_in_view(&ids, caller.member, view).await?;
    seen.retain(|id, report| caller.actor().must_see(report, own.contains(id)).is_ok());
    let visible: Vec<ReportId> = seen.keys().copied().collect();
    let entries = if visible.is_empty() { vec![] } else { app.store.entries_of_all(&visible, after, upto).await? };
    let mut is_news: BTreeSet<ReportId> = BTreeSet::new();
    for entry in entries.iter().filter(|entry| entry.subject != "notice") {
        let report = entry.report.and_then(|id| seen.get(&id));
        is_news.extend(report.filter(|report| caller.actor().before(report).may_read_entry(entry)).map(|report| report.id));
    }
    for (seq, id) in some {
        if changes.len() >= limit {
            return Ok(());
        }
        match seen.remove(id) {
            Some(report) if is_news.contains(id) => changes.changed.push(report),
            None if once.contains(id) => changes.gone.push(*id),
            _ => continue,
        }
        if changes.len() >= limit {
            changes.next.seq = *seq;
        }
    }
    Ok(())
}
