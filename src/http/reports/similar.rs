//! Events like a report, and that somebody looked at them.

use axum::{Json, extract::State, response::Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::{NothingBody, done, visible};
use crate::{
    app::App,
    domain::{access::Deed, action::Action, ids::ReportId, report::Similar},
    http::{
        bodies::{ReportBody, ReportSummary},
        error::{Problem, ProblemBody},
        extract::{Id, IfMatch, MaybeBody, Who},
    },
    operations::{self, Caller},
};

/// The most similar events one answer lists; all of them are counted.
const LISTED: usize = 50;

/// Events of the same site that are like a report.
#[derive(Serialize, ToSchema)]
pub struct SimilarEvents {
    /// How many events of its category there were at its site in the 365 days up to it, itself included.
    times_in_a_year: usize,
    /// The newest first; at most 50.
    items: Vec<SimilarEvent>,
}

/// An event like the report.
#[derive(Serialize, ToSchema)]
pub struct SimilarEvent {
    /// The event.
    #[serde(flatten)]
    report: ReportSummary,
    /// `category`, `cause`: what they have in common.
    because: Vec<String>,
    /// What was done about it: title, control and state of each corrective action.
    actions: Vec<DoneBefore>,
}

/// A corrective action of a similar event.
#[derive(Serialize, ToSchema)]
pub struct DoneBefore {
    /// What was to be done.
    title: String,
    /// Its level in the hierarchy of controls.
    control: String,
    /// Where it stands.
    state: String,
}

fn event(one: &Similar, actions: &[Action], caller: &Caller) -> SimilarEvent {
    let own = actions.iter().filter(|action| action.report == one.report.id);
    let done = |action: &Action| DoneBefore {
        title: action.title.clone(),
        control: action.control.word().to_owned(),
        state: action.state.word().to_owned(),
    };
    SimilarEvent {
        report: ReportSummary::of(&one.report, caller),
        because: one.because.iter().map(|likeness| likeness.word().to_owned()).collect(),
        actions: own.map(done).collect(),
    }
}

/// Events of the same site, open and closed, of the same category or with a cause of the same kind.
#[utoipa::path(get, path = "/v1/reports/{id}/similar", tag = "reports", params(("id" = Uuid, Path)),
    responses((status = 200, body = SimilarEvents), (status = "4XX", body = ProblemBody)))]
pub async fn get_similar(State(app): State<App>, Who(caller): Who, Id(id): Id) -> Result<Json<SimilarEvents>, Problem> {
    let report = visible(&app, &caller, ReportId(id)).await?;
    caller.actor().must_at(Deed::ReadReports, report.site)?;
    let similar = report.similar_among(app.store.events_at(report.site).await?);
    let times_in_a_year = report.times_in_a_year(&similar);
    let listed: Vec<&Similar> = similar.iter().take(LISTED).collect();
    let ids: Vec<ReportId> = listed.iter().map(|one| one.report.id).collect();
    let actions = app.store.actions_of_all(&ids).await?;
    Ok(Json(SimilarEvents { times_in_a_year, items: listed.iter().map(|one| event(one, &actions, &caller)).collect() }))
}

/// Say that the similar events there are were looked at; closing asks for it where there are any.
#[utoipa::path(post, path = "/v1/reports/{id}/look-for-similar", tag = "reports", params(("id" = Uuid, Path)), request_body = NothingBody,
    responses((status = 200, body = ReportBody), (status = "4XX", body = ProblemBody)))]
pub async fn look_for_similar(
    State(app): State<App>,
    Who(caller): Who,
    Id(id): Id,
    IfMatch(version): IfMatch,
    MaybeBody(NothingBody {}): MaybeBody<NothingBody>,
) -> Result<Response, Problem> {
    let id = ReportId(id);
    done(&app, &caller, id, operations::look_for_similar(&app, &caller, id, version).await).await
}
