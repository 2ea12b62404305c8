//! The record of everything that happened, for those who audit; for administrators, the record of what they administer.

use axum::{extract::State, http::Uri, response::Response};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::{
    answer::{PageBody, limit, page},
    bodies::EntryBody,
    error::{Problem, ProblemBody},
    extract::{Query, Who},
};
use crate::{
    app::App,
    domain::{access::Deed, journal::Link},
    store::{Page, RecordFilter},
};

/// Which part of a history.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct HistoryQuery {
    /// Rows on a page, 1 to 200; 50 unless said.
    pub limit: Option<u64>,
    /// The cursor of the page before, 0 to 9,007,199,254,740,991.
    pub after: Option<i64>,
}

/// Which part of the record.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RecordQuery {
    /// About the thing of that id. Documents, categories and the organisation itself share the id of zeros alone. Auditors of
    /// the whole organisation may leave it out.
    subject_id: Option<Uuid>,
    /// And of that kind, such as `member`, `site`, `session`, `category`, `routes`; only with `subject_id`.
    subject: Option<String>,
    /// Rows on a page, 1 to 200; 50 unless said.
    limit: Option<u64>,
    /// The cursor of the page before, 0 to 9,007,199,254,740,991.
    after: Option<i64>,
}

/// The place in the journal after which a page begins; it fits into any number of JSON (RFC 7493).
pub(super) fn place(after: Option<i64>) -> Result<i64, Problem> {
    let after = after.unwrap_or(0);
    if (0..1 << 53).contains(&after) { Ok(after) } else { Err(Problem::invalid("?after", "not_a_cursor")) }
}

/// A page of the entries that may be read, with the way to the next.
pub(super) fn entries(uri: &Uri, found: &Page<Link>, may_read: impl Fn(&Link) -> bool) -> Response {
    let next = found.items.last().filter(|_| found.more).map(|last| last.seq.to_string());
    page(uri, found.items.iter().filter(|entry| may_read(entry)).map(EntryBody::of).collect(), next)
}

/// What happened, in order: everything for auditors of the whole organisation; for administrators what happened to one thing
/// outside reports.
#[utoipa::path(get, path = "/v1/journal", tag = "record", params(RecordQuery),
    responses((status = 200, body = PageBody<EntryBody>), (status = "4XX", body = ProblemBody)))]
pub async fn list_journal(
    State(app): State<App>,
    Who(caller): Who,
    uri: Uri,
    Query(query): Query<RecordQuery>,
) -> Result<Response, Problem> {
    let audits = caller.actor().reads_record();
    if !audits {
        caller.actor().must_somewhere(Deed::Administer)?;
    }
    if query.subject_id.is_none() && (!audits || query.subject.is_some()) {
        return Err(Problem::invalid("?subject_id", "needed"));
    }
    let filter = RecordFilter {
        subject: query.subject_id,
        kind: query.subject,
        reports: audits,
        after: place(query.after)?,
        limit: limit(query.limit)?,
    };
    Ok(entries(&uri, &app.store.record(&filter).await?, |_| true))
}
