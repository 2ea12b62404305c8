//! Correcting the facts of a report, and the clauses of standards it is evidence for.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{commands::done, draft::DraftLocation, visible};
use crate::{
    app::App,
    domain::{
        clauses::{Clause, Evidence, Held, Standard},
        ids::ReportId,
        report::RawCorrection,
    },
    http::{
        answer::PageBody,
        bodies::{EnvironmentBody, QualityBody, ReportBody},
        error::{Problem, ProblemBody},
        extract::{Body, Id, IfMatch, Who},
        organisation::LabelBody,
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
    /// All aspects there are; the facts of one that is no longer named go with it.
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

/// A clause that a report is evidence for.
#[derive(Serialize, ToSchema)]
pub struct HeldClauseBody {
    /// Such as `ISO 45001`.
    standard: String,
    /// The year of the edition.
    edition: String,
    /// The edition was not read when the map was written: nobody should rely on it yet.
    uncertain: bool,
    /// Its number.
    clause: String,
    /// What it asks, in a few words.
    title: LabelBody,
    /// What of the report is evidence for it, such as `investigation` or `verification`.
    evidence: Vec<String>,
    /// The version of the map that says so.
    map_version: u32,
}

impl HeldClauseBody {
    fn of(standard: &Standard, clause: &Clause, here: &[Evidence], map_version: u32) -> Self {
        Self {
            standard: standard.standard.clone(),
            edition: standard.edition.clone(),
            uncertain: standard.uncertain,
            clause: clause.clause.clone(),
            title: (&clause.title).into(),
            evidence: here.iter().map(|kind| kind.word().to_owned()).collect(),
            map_version,
        }
    }
}

/// The clauses of standards that a report holds evidence for as it stands, in the order of the map.
#[utoipa::path(get, path = "/v1/reports/{id}/clauses", tag = "reports", params(("id" = Uuid, Path)),
    responses((status = 200, body = PageBody<HeldClauseBody>), (status = "4XX", body = ProblemBody)))]
pub async fn list_report_clauses(State(app): State<App>, Who(caller): Who, Id(id): Id) -> Result<Response, Problem> {
    let report = visible(&app, &caller, ReportId(id)).await?;
    let (photos, actions) = (app.store.photos(report.id).await?, app.store.actions_of(report.id).await?);
    let (comments, corrections) = (app.store.comments_of(report.id).await?, app.store.corrections_of(report.id).await?);
    let file = Held { report: &report, photos: &photos, actions: &actions, comments: &comments, corrections: &corrections };
    let evidence = file.evidence();
    let items = caller.organisation.clauses.iter().flat_map(|map| {
        let held = map.body.held(&report.aspects, &evidence);
        held.map(|(standard, clause, here)| HeldClauseBody::of(standard, clause, &here, map.version))
    });
    Ok(Json(PageBody { items: items.collect(), next: None }).into_response())
}
