//! Correcting the facts of a report.

use axum::{extract::State, response::Response};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{commands::done, draft::DraftLocation};
use crate::{
    app::App,
    domain::{ids::ReportId, report::RawCorrection},
    http::{
        bodies::{EnvironmentBody, QualityBody, ReportBody},
        error::{Problem, ProblemBody},
        extract::{Body, Id, IfMatch, Who},
    },
    operations,
};

/// A correction: what is absent stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectBody {
    /// `hazard`, `near_miss` or `incident`.
    #[serde(default)]
    kind: Option<String>,
    /// One or more of `safety`, `environment`, `quality`: all that there are. The facts of one that is no longer named go with it.
    #[serde(default)]
    aspects: Option<Vec<String>>,
    /// The code of a category. One of high energy raises the potential of a report that nobody has rated.
    #[serde(default)]
    category: Option<String>,
    /// A site of which, as of the one before, the caller is an officer.
    #[serde(default)]
    site_id: Option<Uuid>,
    /// When it happened (RFC 3339).
    #[serde(default)]
    occurred_at: Option<String>,
    /// Where.
    #[serde(default)]
    location: Option<DraftLocation>,
    /// All that is known of the spill; it takes the place of what was known before.
    #[serde(default)]
    environment: Option<EnvironmentBody>,
    /// All that is known of the service; it takes the place of what was known before.
    #[serde(default)]
    quality: Option<QualityBody>,
    /// Why; at most 1000 characters. Everybody who may see the report reads it.
    reason: String,
}

/// Correct facts of a report, as an officer, or as its sender before anybody took charge. Both values stay on record, and it
/// is routed and clocked anew at once. The narrative is never rewritten: a comment adds to it.
#[utoipa::path(post, path = "/v1/reports/{id}/correct", tag = "reports", params(("id" = Uuid, Path)), request_body = CorrectBody,
    responses((status = 200, body = ReportBody), (status = "4XX", body = ProblemBody)))]
pub async fn correct_report(
    State(app): State<App>,
    Who(caller): Who,
    Id(id): Id,
    IfMatch(version): IfMatch,
    Body(body): Body<CorrectBody>,
) -> Result<Response, Problem> {
    let id = ReportId(id);
    let raw = RawCorrection {
        kind: body.kind,
        aspects: body.aspects,
        category: body.category,
        site_id: body.site_id,
        occurred_at: body.occurred_at,
        location: body.location.map(Into::into),
        environment: body.environment.map(Into::into),
        quality: body.quality.map(Into::into),
        reason: body.reason,
    };
    done(&app, &caller, id, operations::correct_report(&app, &caller, id, raw, version).await).await
}
