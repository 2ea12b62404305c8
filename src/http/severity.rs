//! The aids for rating, asked before anything is rated: what the screen proposes, and where that stands in the matrix.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    bodies::{RiskBody, ScreenBody},
    error::{Problem, ProblemBody},
    extract::{Query, Who},
};
use crate::{
    app::App,
    domain::{access::Deed, refusal::Refusal, severity::Answers},
};

/// Four answers, and what the matrix is asked.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ScreenQuery {
    /// The code of the category, which says whether high energy is present unless that is said.
    category: Option<String>,
    /// High energy is present.
    high_energy: Option<bool>,
    /// It was released or touched somebody.
    incident: bool,
    /// Somebody was seriously injured; asked where something happened.
    serious_injury: Option<bool>,
    /// A control meant for that energy held; asked where high energy did no serious injury.
    direct_control: Option<bool>,
    /// The potential severity to look up in the matrix, 1 to 5; the proposed one when absent.
    potential_severity: Option<u8>,
    /// How likely it is to happen again, 1 to 5.
    likelihood: Option<u8>,
}

/// What the aids say.
#[derive(Serialize, ToSchema)]
pub struct ScreenedBody {
    /// What the screen makes of the answers.
    screen: ScreenBody,
    /// Where that stands in the matrix in force, if a likelihood was given.
    risk: Option<RiskBody>,
}

/// What the serious-injury screen proposes, and where that stands in the matrix. Nothing is kept.
#[utoipa::path(get, path = "/v1/severity/screen", tag = "rules", params(ScreenQuery),
    responses((status = 200, body = ScreenedBody), (status = "4XX", body = ProblemBody)))]
pub async fn screen_severity(
    State(_app): State<App>,
    Who(caller): Who,
    Query(query): Query<ScreenQuery>,
) -> Result<Json<ScreenedBody>, Problem> {
    caller.actor().must_somewhere(Deed::ReadRules)?;
    let organisation = &caller.organisation;
    let category = query
        .category
        .map(|code| organisation.categories.get(&code).ok_or_else(|| Refusal::invalid("?category", "unknown_category")))
        .transpose()?;
    let answers = Answers {
        high_energy: query.high_energy,
        incident: query.incident,
        serious_injury: query.serious_injury,
        direct_control: query.direct_control,
    };
    let missing = |question| Refusal::invalid(format!("?{question}"), "missing");
    let screened = answers.screened(category).map_err(missing)?;
    if query.potential_severity.is_some_and(|potential| !(1..=5).contains(&potential)) {
        return Err(Problem::invalid("?potential_severity", "not_one_to_five"));
    }
    let potential = query.potential_severity.or(screened.proposed());
    let risk =
        potential.zip(query.likelihood).map(|(potential, likelihood)| organisation.risk(potential, likelihood, "?likelihood"));
    let risk = risk.transpose()?.map(RiskBody::of);
    Ok(Json(ScreenedBody { screen: ScreenBody::of(screened), risk }))
}
