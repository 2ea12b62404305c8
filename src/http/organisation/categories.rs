//! Categories: what may go wrong at work, as crews name it.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::LabelBody;
use crate::{
    app::App,
    domain::{access::Deed, administration::RawCategory, organisation::Category},
    http::{
        answer::{PageBody, resource},
        error::{Problem, ProblemBody},
        extract::{Body, Code, Who},
    },
    operations::{self, Made},
};

/// A category.
#[derive(Serialize, ToSchema)]
pub struct CategoryBody {
    /// Its code.
    code: String,
    /// Its name.
    name: LabelBody,
    /// High energy by default.
    high_energy: bool,
    /// Nothing new is reported under it.
    retired: bool,
}

impl From<&Category> for CategoryBody {
    fn from(category: &Category) -> Self {
        Self {
            code: category.code.clone(),
            name: (&category.name).into(),
            high_energy: category.high_energy,
            retired: category.retired_at.is_some(),
        }
    }
}

/// A category as an administrator writes it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutCategoryBody {
    /// Its name.
    name: LabelBody,
    /// High energy by default: a report without a rated potential is taken as 4, otherwise as 2.
    #[serde(default)]
    high_energy: bool,
    /// Nothing new is reported under it; what was stays as it is.
    #[serde(default)]
    retired: bool,
}

/// The categories, by code.
#[utoipa::path(get, path = "/v1/categories", tag = "organisation",
    responses((status = 200, body = PageBody<CategoryBody>), (status = "4XX", body = ProblemBody)))]
pub async fn list_categories(State(_app): State<App>, Who(caller): Who, headers: HeaderMap) -> Result<Response, Problem> {
    caller.actor().must_somewhere(Deed::ReadRules)?;
    let items = caller.organisation.categories.values().map(CategoryBody::from).collect();
    Ok(resource(&headers, StatusCode::OK, caller.organisation.revision, &PageBody { items, next: None }))
}

/// Add or change a category, for administrators.
#[utoipa::path(put, path = "/v1/categories/{code}", tag = "organisation", params(("code" = String, Path, description = "1 to 40 letters, digits, hyphens or low lines")), request_body = PutCategoryBody,
    responses((status = 201, body = CategoryBody), (status = 200, body = CategoryBody), (status = "4XX", body = ProblemBody)))]
pub async fn put_category(
    State(app): State<App>,
    Who(caller): Who,
    Code(code): Code,
    Body(body): Body<PutCategoryBody>,
) -> Result<Response, Problem> {
    let raw = RawCategory { name: body.name.into(), high_energy: body.high_energy, retired: body.retired };
    let made = operations::change_category(&app, &caller, &code, raw).await?;
    let status = if matches!(made, Made::New(_)) { StatusCode::CREATED } else { StatusCode::OK };
    let revision = app.store.organisation().await.map_err(Problem::from)?.revision;
    Ok(resource(&HeaderMap::new(), status, revision, &CategoryBody::from(&made.into_inner())))
}
