//! Injuries: recorded by officers and investigators, read by investigators alone. Nothing else of the contract shows them.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    answer::PageBody,
    error::{Problem, ProblemBody},
    extract::{Body, Id, Ids, IfMatch, Who},
    reports::visible,
};
use crate::{
    app::App,
    domain::{
        access::Part,
        ids::{InjuryId, ReportId},
        injury::{Absence, Esaw, Injury, RawInjury},
        time::Instant,
    },
    operations::{self, Made},
};

/// An injury, as it is recorded.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InjuryInput {
    /// Who was hurt; at most 200 characters.
    person: String,
    /// `employee`, `contractor`, `visitor` or `public`.
    status: String,
    /// `none`, `first_aid`, `medical`, `hospital` or `fatal`.
    treatment: String,
    /// When they were away from work: `[{from, to?}]`, local dates, both included; at most 50 times.
    #[serde(default)]
    #[schema(value_type = Vec<Value>)]
    absences: Vec<Absence>,
    /// Codes of the European statistics: `{injury?, body_part?, deviation?, contact?}`.
    #[serde(default)]
    #[schema(value_type = Value)]
    esaw: Esaw,
    /// Whatever else must be known; at most 4000 characters.
    #[serde(default)]
    notes: Option<String>,
}

/// That an injury is recorded, for those who may record and not read.
#[derive(Serialize, ToSchema)]
pub struct InjuryReceipt {
    /// Made by the client.
    id: Uuid,
    /// When it was recorded.
    #[schema(value_type = String, format = DateTime)]
    recorded_at: Instant,
    /// Which writing of the record this is.
    version: i64,
}

/// An injury, for those who investigate.
#[derive(Serialize, ToSchema)]
pub struct InjuryBody {
    /// Made by the client.
    id: Uuid,
    /// Who was hurt.
    person: String,
    /// What they are to the organisation.
    status: String,
    /// The care that was needed.
    treatment: String,
    /// When they were away from work.
    #[schema(value_type = Vec<Value>)]
    absences: Vec<Absence>,
    /// Calendar days away up to today, the day of the accident not counted.
    days_lost: u32,
    /// Codes for statistics.
    #[schema(value_type = Value)]
    esaw: Esaw,
    /// Whatever else must be known.
    notes: Option<String>,
    /// When it was recorded.
    #[schema(value_type = String, format = DateTime)]
    recorded_at: Instant,
    /// Which writing of the record this is, for `If-Match`.
    version: i64,
}

/// Record that somebody was hurt. Corrections are by those who may read it, over the version they read (`If-Match`).
#[utoipa::path(put, path = "/v1/reports/{id}/injuries/{injury_id}", tag = "injuries",
    params(("id" = Uuid, Path), ("injury_id" = Uuid, Path)), request_body = InjuryInput,
    responses((status = 201, body = InjuryReceipt), (status = 200, body = InjuryReceipt), (status = "4XX", body = ProblemBody)))]
pub async fn put_injury(
    State(app): State<App>,
    Who(caller): Who,
    Ids(report, id): Ids,
    IfMatch(version): IfMatch,
    Body(body): Body<InjuryInput>,
) -> Result<Response, Problem> {
    let raw = RawInjury {
        person: body.person,
        status: body.status,
        treatment: body.treatment,
        absences: body.absences,
        esaw: body.esaw,
        notes: body.notes,
    };
    let made = operations::record_injury(&app, &caller, ReportId(report), InjuryId(id), raw, version).await?;
    let status = if matches!(made, Made::New(_)) { StatusCode::CREATED } else { StatusCode::OK };
    let injury = made.into_inner();
    Ok((status, Json(InjuryReceipt { id: injury.id.0, recorded_at: injury.recorded.at, version: injury.version }))
        .into_response())
}

/// Who was hurt, how, and for how long they were away.
#[utoipa::path(get, path = "/v1/reports/{id}/injuries", tag = "injuries", params(("id" = Uuid, Path)),
    responses((status = 200, body = PageBody<InjuryBody>), (status = "4XX", body = ProblemBody)))]
pub async fn list_injuries(State(app): State<App>, Who(caller): Who, Id(id): Id) -> Result<Response, Problem> {
    let report = visible(&app, &caller, ReportId(id)).await?;
    caller.actor().before(&report).must(Part::Injuries)?;
    let zone = caller.organisation.zone(report.site);
    let accident = report.occurred_at.unwrap_or(report.received_at).local_date(&zone);
    let today = app.clock.now().local_date(&zone);
    let body = |injury: Injury| InjuryBody {
        id: injury.id.0,
        days_lost: injury.facts.days_lost(accident, today, None),
        person: injury.facts.person,
        status: injury.facts.status.word().to_owned(),
        treatment: injury.facts.treatment.word().to_owned(),
        absences: injury.facts.absences,
        esaw: injury.facts.esaw,
        notes: injury.facts.notes,
        recorded_at: injury.recorded.at,
        version: injury.version,
    };
    let items = app.store.injuries(report.id).await?.into_iter().map(body).collect();
    Ok(Json(PageBody { items, next: None }).into_response())
}
