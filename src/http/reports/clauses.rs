//! The clauses of standards that a report is evidence for.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::visible;
use crate::{
    app::App,
    domain::{
        clauses::{Clause, Evidence, Held, StandardEdition},
        ids::ReportId,
    },
    http::{
        answer::PageBody,
        error::{Problem, ProblemBody},
        extract::{Id, Who},
        organisation::LabelBody,
    },
};

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
    fn of(standard: &StandardEdition, clause: &Clause, here: &[Evidence], map_version: u32) -> Self {
        Self {
            standard: standard.standard.clone(),
            edition: standard.edition.clone(),
            uncertain: standard.uncertain,
            clause: clause.number.clone(),
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
