//! Sites, people and categories, as everybody signed in may read them. Addresses and numbers of people are not shown.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    answer::{PageBody, resource},
    error::{Problem, ProblemBody},
    extract::Who,
};
use crate::{
    app::App,
    domain::{access::Deed, organisation::Label},
};

/// A name in three languages.
#[derive(Serialize, ToSchema)]
pub struct LabelBody {
    /// In Arabic.
    ar: String,
    /// In French.
    fr: String,
    /// In English.
    en: String,
}

impl From<&Label> for LabelBody {
    fn from(label: &Label) -> Self {
        Self { ar: label.ar.clone(), fr: label.fr.clone(), en: label.en.clone() }
    }
}

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
}

/// A person.
#[derive(Serialize, ToSchema)]
pub struct MemberBody {
    /// Their id.
    id: Uuid,
    /// Their name.
    name: String,
    /// The language they are spoken to in.
    locale: String,
    /// Whom they answer to.
    manager_id: Option<Uuid>,
    /// Whether they are with us.
    active: bool,
    /// Their roles.
    roles: Vec<MemberRole>,
}

/// A role at a site and below it.
#[derive(Serialize, ToSchema)]
pub struct MemberRole {
    /// Which.
    role: String,
    /// Where.
    site_id: Uuid,
}

/// A category.
#[derive(Serialize, ToSchema)]
pub struct CategoryBody {
    /// Its code.
    code: String,
    /// Its name.
    name: LabelBody,
    /// High energy by default.
    high_energy: bool,
}

/// The tree of sites, parents before children.
#[utoipa::path(get, path = "/v1/sites", tag = "organisation",
    responses((status = 200, body = PageBody<SiteBody>), (status = "4XX", body = ProblemBody)))]
pub async fn list_sites(State(_app): State<App>, Who(caller): Who, headers: HeaderMap) -> Result<Response, Problem> {
    caller.actor().must_somewhere(Deed::ReadRules)?;
    let organisation = &caller.organisation;
    let mut sites: Vec<_> = organisation.sites.values().collect();
    sites.sort_by_key(|site| (organisation.line(site.id).len(), site.code.clone()));
    let items = sites.into_iter().map(|site| SiteBody {
        id: site.id.0,
        parent_id: site.parent.map(|parent| parent.0),
        code: site.code.clone(),
        name: (&site.name).into(),
        kind: site.kind.clone(),
        zone: site.zone.name().to_owned(),
        calendar: site.calendar.clone(),
    });
    Ok(resource(&headers, StatusCode::OK, organisation.revision, &PageBody { items: items.collect(), next: None }))
}

/// The people, by name.
#[utoipa::path(get, path = "/v1/members", tag = "organisation",
    responses((status = 200, body = PageBody<MemberBody>), (status = "4XX", body = ProblemBody)))]
pub async fn list_members(State(_app): State<App>, Who(caller): Who, headers: HeaderMap) -> Result<Response, Problem> {
    caller.actor().must_somewhere(Deed::ReadRules)?;
    let mut members: Vec<_> = caller.organisation.members.values().collect();
    members.sort_by_key(|member| (member.name.clone(), member.id));
    let items = members.into_iter().map(|member| MemberBody {
        id: member.id.0,
        name: member.name.clone(),
        locale: member.locale.tag().to_owned(),
        manager_id: member.manager.map(|manager| manager.0),
        active: member.disabled_at.is_none(),
        roles: member
            .grants
            .iter()
            .map(|grant| MemberRole { role: grant.role.word().to_owned(), site_id: grant.site.0 })
            .collect(),
    });
    Ok(resource(&headers, StatusCode::OK, caller.organisation.revision, &PageBody { items: items.collect(), next: None }))
}

/// The categories, by code.
#[utoipa::path(get, path = "/v1/categories", tag = "organisation",
    responses((status = 200, body = PageBody<CategoryBody>), (status = "4XX", body = ProblemBody)))]
pub async fn list_categories(State(_app): State<App>, Who(caller): Who, headers: HeaderMap) -> Result<Response, Problem> {
    caller.actor().must_somewhere(Deed::ReadRules)?;
    let items = caller.organisation.categories.values().map(|category| CategoryBody {
        code: category.code.clone(),
        name: (&category.name).into(),
        high_energy: category.high_energy,
    });
    Ok(resource(&headers, StatusCode::OK, caller.organisation.revision, &PageBody { items: items.collect(), next: None }))
}
