//! Reports: sending one, reading them, their history. Commands and explanations are in the files beside.

mod clauses;
mod commands;
mod correct;
mod draft;
mod endings;
mod explain;
mod hold;
mod routing;
mod said;
mod similar;
mod unseal;

use std::collections::{BTreeMap, BTreeSet};

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::Response,
};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

pub use self::{
    clauses::*, commands::*, correct::*, draft::DraftBody, endings::*, explain::*, hold::*, said::*, similar::*, unseal::*,
};
use super::{
    answer::{PageBody, cursor, limit, page, place, resource},
    bodies::{EntryBody, ReportBody, ReportSummary, Whole},
    error::{Problem, ProblemBody},
    extract::{Body, Id, Query, Who},
    record::{self, HistoryQuery, entries},
};
use crate::{
    app::App,
    domain::{
        ids::{MemberId, ReportId, SiteId},
        organisation::Organisation,
        refusal::{FieldErrors, Refusal},
        report::{Report, ReportKind, ReportState},
        search,
        time::Instant,
    },
    operations::{self, Caller, Made, Sent},
    store::ReportFilter,
};

/// The report with everything around it, as it stands.
async fn whole(app: &App, caller: &Caller, report: Report) -> Result<ReportBody, Problem> {
    wholes(app, caller, vec![report]).await?.pop().ok_or(Problem::fault())
}

/// The reports, each with everything around it, as they stand.
pub(super) async fn wholes(app: &App, caller: &Caller, reports: Vec<Report>) -> Result<Vec<ReportBody>, Problem> {
    let ids: Vec<ReportId> = reports.iter().map(|report| report.id).collect();
    if ids.is_empty() {
        return Ok(vec![]);
    }
    let (photos, actions) = (app.store.photos_of_all(&ids).await?, app.store.actions_of_all(&ids).await?);
    let (deadlines, comments) = (app.store.deadlines_of_all(&ids).await?, app.store.comments_of_all(&ids).await?);
    let (corrections, custodies) = (app.store.corrections_of_all(&ids).await?, app.store.custody_of_all(&ids).await?);
    let mut wholes: BTreeMap<ReportId, Whole> = reports.into_iter().map(|report| (report.id, Whole::bare(report))).collect();
    for photo in photos {
        wholes.entry(photo.report).and_modify(|whole| whole.photos.push(photo));
    }
    for action in actions {
        wholes.entry(action.report).and_modify(|whole| whole.actions.push(action));
    }
    for deadline in deadlines {
        wholes.entry(deadline.report).and_modify(|whole| whole.deadlines.push(deadline));
    }
    for comment in comments {
        wholes.entry(comment.report).and_modify(|whole| whole.comments.push(comment));
    }
    for (id, correction) in corrections {
        wholes.entry(id).and_modify(|whole| whole.corrections.push(correction));
    }
    for custody in custodies {
        wholes.entry(custody.report).and_modify(|whole| whole.custody = Some(custody));
    }
    let now = app.clock.now();
    Ok(ids.iter().filter_map(|id| wholes.get(id)).map(|whole| ReportBody::of(whole, caller, now)).collect())
}

pub(super) async fn answer(
    app: &App,
    caller: &Caller,
    headers: &HeaderMap,
    status: StatusCode,
    report: Report,
) -> Result<Response, Problem> {
    let version = report.version;
    Ok(resource(headers, status, version, &whole(app, caller, report).await?))
}

/// Send a report. The same content again is answered 200; other content under the same id 409. The answer to an anonymous
/// report holds the secrets by which its sender comes back.
#[utoipa::path(put, path = "/v1/reports/{id}", tag = "reports", params(("id" = Uuid, Path),
        ("Sent-At" = Option<String>, Header, description = "When this request was sent, by the clock of the phone (RFC 3339), so that officers see \
         how wrong that is. Another one with the same content is the same report. Not kept where the sender is protected")), request_body = DraftBody,
    responses((status = 201, body = ReportBody), (status = 200, body = ReportBody), (status = "4XX", body = ProblemBody)))]
pub async fn put_report(
    State(app): State<App>,
    Who(caller): Who,
    Id(id): Id,
    Body(body): Body<DraftBody>,
) -> Result<Response, Problem> {
    let (status, Sent { report, follow_up }) = match operations::submit_report(&app, &caller, ReportId(id), body.into()).await? {
        Made::New(sent) => (StatusCode::CREATED, sent),
        Made::Before(sent) => (StatusCode::OK, sent),
    };
    let version = report.version;
    let body = ReportBody { follow_up: follow_up.map(Into::into), ..whole(&app, &caller, report).await? };
    let mut response = resource(&HeaderMap::new(), status, version, &body);
    if body.follow_up.is_some() {
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    Ok(response)
}

/// One report, with its photos, actions, clocks, and what this caller may ask of it.
#[utoipa::path(get, path = "/v1/reports/{id}", tag = "reports", params(("id" = Uuid, Path)),
    responses((status = 200, body = ReportBody), (status = 304), (status = "4XX", body = ProblemBody)))]
pub async fn get_report(State(app): State<App>, Who(caller): Who, Id(id): Id, headers: HeaderMap) -> Result<Response, Problem> {
    let report = visible(&app, &caller, ReportId(id)).await?;
    answer(&app, &caller, &headers, StatusCode::OK, report).await
}

/// The report, if the caller may see it.
pub(super) async fn visible(app: &App, caller: &Caller, id: ReportId) -> Result<Report, Problem> {
    let report = app.store.report(id).await?.ok_or(Problem::not_found())?;
    caller.actor().must_see(&report, app.store.takes_part(caller.member, id).await?)?;
    Ok(report)
}

/// Which reports to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReportQuery {
    /// `submitted`, `acknowledged`, `investigating`, `acting`, `verifying`, `closed`, `dismissed`, `duplicate` or `withdrawn`.
    state: Option<String>,
    /// At that site or below it.
    site_id: Option<Uuid>,
    /// `hazard`, `near_miss` or `incident`.
    kind: Option<String>,
    /// Of that category.
    category: Option<String>,
    /// Of at least that potential severity, 1 to 5.
    severity: Option<u8>,
    /// Routed to that officer.
    assigned_to: Option<Uuid>,
    /// Sent by the caller.
    mine: Option<bool>,
    /// With a clock that is overdue now.
    overdue: Option<bool>,
    /// Received from then on (RFC 3339).
    since: Option<String>,
    /// Words in number, narrative or titles of actions.
    q: Option<String>,
    /// Rows on a page, 1 to 200; 50 unless said.
    limit: Option<u64>,
    /// The cursor of the page before.
    after: Option<String>,
}

/// A site and all below it.
pub(super) fn below(organisation: &Organisation, site: Option<Uuid>) -> Option<BTreeSet<SiteId>> {
    let above = SiteId(site?);
    Some(organisation.sites.keys().copied().filter(|site| organisation.is_within(*site, above)).collect())
}

fn filter(query: ReportQuery, caller: &Caller, now: Instant) -> Result<ReportFilter, Problem> {
    let mut errors = FieldErrors::default();
    let word = |pointer, code| Refusal::invalid(pointer, code);
    let state =
        query.state.and_then(|text| errors.take(ReportState::of_word(&text).ok_or_else(|| word("?state", "unknown_state"))));
    let kind = query.kind.and_then(|text| errors.take(ReportKind::of_word(&text).ok_or_else(|| word("?kind", "unknown_kind"))));
    if query.severity.is_some_and(|severity| !(1..=5).contains(&severity)) {
        errors.add("?severity", "not_one_to_five");
    }
    let since = query.since.and_then(|text| errors.take(text.parse().map_err(|_| word("?since", "not_an_instant"))));
    errors.none()?;
    Ok(ReportFilter {
        viewer: caller.member,
        readable: caller.actor().sites_to_read(),
        state,
        sites: below(&caller.organisation, query.site_id),
        kind,
        category: query.category,
        severity: query.severity,
        officer: query.assigned_to.map(MemberId),
        reporter: (query.mine == Some(true)).then_some(caller.member),
        overdue_at: (query.overdue == Some(true)).then_some(now),
        since,
        words: query.q.map_or_else(Vec::new, |text| search::wanted(&text)),
        after: place(query.after.as_deref())?.map(|(at, id)| (at, ReportId(id))),
        limit: limit(query.limit)?,
    })
}

/// Reports, newest first, only those the caller may see.
#[utoipa::path(get, path = "/v1/reports", tag = "reports", params(ReportQuery),
    responses((status = 200, body = PageBody<ReportSummary>), (status = "4XX", body = ProblemBody)))]
pub async fn list_reports(
    State(app): State<App>,
    Who(caller): Who,
    uri: Uri,
    Query(query): Query<ReportQuery>,
) -> Result<Response, Problem> {
    let found = app.store.reports(&filter(query, &caller, app.clock.now())?).await?;
    let next = found.items.last().filter(|_| found.more).map(|last| cursor(last.received_at, last.id.0));
    Ok(page(&uri, found.items.iter().map(|report| ReportSummary::of(report, &caller)).collect(), next))
}

/// What happened to a report, in order, as far as this caller may read it.
#[utoipa::path(get, path = "/v1/reports/{id}/history", tag = "reports", params(("id" = Uuid, Path), HistoryQuery),
    responses((status = 200, body = PageBody<EntryBody>), (status = "4XX", body = ProblemBody)))]
pub async fn get_report_history(
    State(app): State<App>,
    Who(caller): Who,
    Id(id): Id,
    uri: Uri,
    Query(query): Query<HistoryQuery>,
) -> Result<Response, Problem> {
    let report = visible(&app, &caller, ReportId(id)).await?;
    let found = app.store.history(report.id, record::place(query.after)?, limit(query.limit)?).await?;
    let reader = caller.actor().before(&report);
    Ok(entries(&uri, &found, |entry| reader.may_read_entry(entry)))
}
