//! What is due to be disposed of. The document that says it is one of the `rules`.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    error::{Problem, ProblemBody},
    extract::Who,
};
use crate::{
    app::App,
    domain::{access::Deed, time::Instant},
    operations::{self, ClassDue},
};

/// What would be disposed of now.
#[derive(Serialize, ToSchema)]
pub struct TidyingBody {
    /// The version of the retention.
    version: u32,
    /// When that version begins to act: a week after it was made.
    #[schema(value_type = String, format = DateTime)]
    acts_at: Instant,
    /// Class by class, in the order of the document.
    classes: Vec<ClassDueBody>,
}

/// How much of a class is due.
#[derive(Serialize, ToSchema)]
pub struct ClassDueBody {
    /// The class.
    name: String,
    /// What is disposed of.
    what: String,
    /// How long it is kept.
    period: String,
    /// How many reports, members or sessions are due; of sessions ten thousand are counted at most.
    due: usize,
}

impl From<ClassDue> for ClassDueBody {
    fn from(class: ClassDue) -> Self {
        let ClassDue { name, what, period, due } = class;
        Self { name, what: what.word().to_owned(), period: period.to_string(), due }
    }
}

/// What would be disposed of now under the newest retention, also before it acts; nothing is changed.
#[utoipa::path(get, path = "/v1/retention/due", tag = "rules",
    responses((status = 200, body = TidyingBody), (status = "4XX", body = ProblemBody)))]
pub async fn get_retention_due(State(app): State<App>, Who(caller): Who) -> Result<Response, Problem> {
    caller.actor().must_somewhere(Deed::WriteRules)?;
    let tidying = operations::rehearse_tidying(&app).await?.ok_or(Problem::not_found())?;
    let classes = tidying.classes.into_iter().map(ClassDueBody::from).collect();
    Ok(Json(TidyingBody { version: tidying.version, acts_at: tidying.acts_at, classes }).into_response())
}
