//! Sites: the tree, one of them, and what is still open there.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{LabelBody, OpenWorkBody};
use crate::{
    app::App,
    domain::{
        access::Deed,
        administration::RawSite,
        ids::{MemberId, SiteId},
        organisation::Site,
    },
    http::{
        answer::{PageBody, or_current, resource},
        error::{Problem, ProblemBody},
        extract::{Body, Id, IfMatch, Who},
        reports::below,
    },
    operations::{self, Made},
};

/// A site.
#[derive(Serialize, ToSchema)]
pub struct SiteBody {
    /// Its id.
    id: Uuid,
    /// The site above; null for the root.
    parent_id: Option<Uuid>,
    /// A short code, unique.
    code: String,
    /// Its name.
    name: LabelBody,
    /// What it is.
    kind: String,
    /// Its time zone.
    zone: String,
    /// The code of its calendar.
    calendar: String,
    /// Nothing new is reported there.
    retired: bool,
    /// Which writing of the record this is; the first part of its `ETag`.
    version: i64,
}

impl From<&Site> for SiteBody {
    fn from(site: &Site) -> Self {
        Self {
            id: site.id.0,
            parent_id: site.parent.map(|parent| parent.0),
            code: site.code.clone(),
            name: (&site.name).into(),
            kind: site.kind.clone(),
            zone: site.zone.name().to_owned(),
            calendar: site.calendar.clone(),
            retired: site.retired_at.is_some(),
            version: site.version,
        }
    }
}

/// A site as an administrator writes it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutSiteBody {
    /// A short code, unique: 1 to 40 letters, digits, hyphens or low lines.
    code: String,
    /// Its name.
    name: LabelBody,
    /// What it is, such as `plant`; at most 40 characters.
    kind: String,
    /// The site above; only the root has none. Another one than before moves the site with all that is below it.
    #[serde(default)]
    parent_id: Option<Uuid>,
    /// Its time zone, such as `Africa/Casablanca`; that of the site above when absent.
    #[serde(default)]
    zone: Option<String>,
    /// The code of its calendar; that of the site above when absent.
    #[serde(default)]
    calendar: Option<String>,
    /// Nothing new is reported there or below. Refused while something is open there.
    #[serde(default)]
    retired: bool,
    /// For a move: who takes the open reports whose officer has no role at the new place.
    #[serde(default)]
    hand_over_to: Option<Uuid>,
}

/// The tree of sites, parents before children.
#[utoipa::path(get, path = "/v1/sites", tag = "organisation",
    responses((status = 200, body = PageBody<SiteBody>), (status = "4XX", body = ProblemBody)))]
pub async fn list_sites(State(_app): State<App>, Who(caller): Who, headers: HeaderMap) -> Result<Response, Problem> {
    caller.actor().must_somewhere(Deed::ReadRules)?;
    let organisation = &caller.organisation;
    let mut sites: Vec<_> = organisation.sites.values().collect();
    sites.sort_by_key(|site| (organisation.line(site.id).len(), site.code.clone()));
    let items = sites.into_iter().map(SiteBody::from).collect();
    Ok(resource(&headers, StatusCode::OK, organisation.revision, &PageBody { items, next: None }))
}

/// One site, with the version that `If-Match` compares.
#[utoipa::path(get, path = "/v1/sites/{id}", tag = "organisation", params(("id" = Uuid, Path)),
    responses((status = 200, body = SiteBody), (status = "4XX", body = ProblemBody)))]
pub async fn get_site(State(_app): State<App>, Who(caller): Who, Id(id): Id, headers: HeaderMap) -> Result<Response, Problem> {
    caller.actor().must_somewhere(Deed::ReadRules)?;
    let site = caller.organisation.sites.get(&SiteId(id)).ok_or(Problem::not_found())?;
    Ok(resource(&headers, StatusCode::OK, site.version, &SiteBody::from(site)))
}

/// Add, change, move or retire a site, for its administrators. A move that takes open reports from their officers, or
/// retiring a site where something is open, is refused with how much there is.
#[utoipa::path(put, path = "/v1/sites/{id}", tag = "organisation", params(("id" = Uuid, Path)), request_body = PutSiteBody,
    responses((status = 201, body = SiteBody), (status = 200, body = SiteBody), (status = "4XX", body = ProblemBody)))]
pub async fn put_site(
    State(app): State<App>,
    Who(caller): Who,
    Id(id): Id,
    IfMatch(version): IfMatch,
    Body(body): Body<PutSiteBody>,
) -> Result<Response, Problem> {
    let taker = body.hand_over_to.map(MemberId);
    let raw = RawSite {
        code: body.code,
        name: body.name.into(),
        kind: body.kind,
        parent_id: body.parent_id,
        zone: body.zone,
        calendar: body.calendar,
        retired: body.retired,
    };
    let made = operations::change_site(&app, &caller, SiteId(id), raw, taker, version).await;
    let current = async {
        let organisation = app.store.organisation().await?;
        organisation.sites.get(&SiteId(id)).map(SiteBody::from).ok_or(Problem::not_found())
    };
    let made = or_current(made, current).await?;
    let status = if matches!(made, Made::New(_)) { StatusCode::CREATED } else { StatusCode::OK };
    let site = made.into_inner();
    Ok(resource(&HeaderMap::new(), status, site.version, &SiteBody::from(&site)))
}

/// What is still open at a site and below it, for its administrators.
#[utoipa::path(get, path = "/v1/sites/{id}/open-work", tag = "organisation", params(("id" = Uuid, Path)),
    responses((status = 200, body = OpenWorkBody), (status = "4XX", body = ProblemBody)))]
pub async fn get_site_open_work(
    State(app): State<App>,
    Who(caller): Who,
    Id(id): Id,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    caller.actor().must_at(Deed::Administer, SiteId(id))?;
    let below: Vec<SiteId> = below(&caller.organisation, Some(id)).into_iter().flatten().collect();
    let work = app.store.open_work_at(&below).await?;
    Ok(resource(&headers, StatusCode::OK, caller.organisation.revision, &OpenWorkBody::from(work)))
}
