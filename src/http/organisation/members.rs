//! People: the list, one person, and adding or changing one. Addresses and numbers are shown to their administrators and to
//! the person alone.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::SubstitutionBody;
use crate::{
    app::App,
    domain::{
        access::Deed,
        administration::{MemberDetails, RawMember},
        ids::MemberId,
        organisation::Member,
    },
    http::{
        answer::{PageBody, or_current, resource},
        error::{Problem, ProblemBody},
        extract::{Body, Id, IfMatch, Who},
    },
    operations::{self, Made},
};

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

impl From<&Member> for MemberBody {
    fn from(member: &Member) -> Self {
        let role =
            |grant: &crate::domain::organisation::Grant| MemberRole { role: grant.role.word().to_owned(), site_id: grant.site.0 };
        Self {
            id: member.id.0,
            name: member.name.clone(),
            locale: member.locale.tag().to_owned(),
            manager_id: member.manager.map(|manager| manager.0),
            active: member.disabled_at.is_none(),
            roles: member.grants.iter().map(role).collect(),
        }
    }
}

/// A person with what only some may see.
#[derive(Serialize, ToSchema)]
pub struct WholeMemberBody {
    /// What everybody sees.
    #[serde(flatten)]
    member: MemberBody,
    /// Who stands in for them, now and later.
    substitutions: Vec<SubstitutionBody>,
    /// How to reach them; absent where the caller may not see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    contact: Option<ContactBody>,
    /// Which writing of the record this is; the first part of its `ETag`.
    version: i64,
}

/// How to reach a person; what they sign in with.
#[derive(Serialize, ToSchema)]
pub struct ContactBody {
    /// Their e-mail address.
    email: Option<String>,
    /// Their employee number.
    employee_number: Option<String>,
    /// Their phone number.
    phone: Option<String>,
}

impl From<MemberDetails> for ContactBody {
    fn from(details: MemberDetails) -> Self {
        Self { email: details.email, employee_number: details.employee_number, phone: details.phone }
    }
}

/// A person as an administrator writes them: what is absent is taken away.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutMemberBody {
    /// Their name.
    name: String,
    /// `ar`, `fr` or `en`.
    locale: String,
    /// Their e-mail address, unique; at most 254 characters.
    #[serde(default)]
    email: Option<String>,
    /// Their employee number, unique; at most 254 characters.
    #[serde(default)]
    employee_number: Option<String>,
    /// Their phone number with its `+`, unique; at most 16 characters.
    #[serde(default)]
    phone: Option<String>,
    /// Whom they answer to.
    #[serde(default)]
    manager_id: Option<Uuid>,
}

/// The people, by name.
#[utoipa::path(get, path = "/v1/members", tag = "organisation",
    responses((status = 200, body = PageBody<MemberBody>), (status = "4XX", body = ProblemBody)))]
pub async fn list_members(State(_app): State<App>, Who(caller): Who, headers: HeaderMap) -> Result<Response, Problem> {
    caller.actor().must_somewhere(Deed::ReadRules)?;
    let mut members: Vec<_> = caller.organisation.members.values().collect();
    members.sort_by_key(|member| (member.name.clone(), member.id));
    let items = members.into_iter().map(MemberBody::from).collect();
    Ok(resource(&headers, StatusCode::OK, caller.organisation.revision, &PageBody { items, next: None }))
}

/// One person, with who stands in for them; addresses and numbers only for the person and those who administer them.
#[utoipa::path(get, path = "/v1/members/{id}", tag = "organisation", params(("id" = Uuid, Path)),
    responses((status = 200, body = WholeMemberBody), (status = "4XX", body = ProblemBody)))]
pub async fn get_member(State(app): State<App>, Who(caller): Who, Id(id): Id, headers: HeaderMap) -> Result<Response, Problem> {
    caller.actor().must_somewhere(Deed::ReadRules)?;
    whole(&app, &caller, &headers, StatusCode::OK, MemberId(id)).await
}

/// Add or change a person, for those who administer every site where they have a role. Their password is never set here.
#[utoipa::path(put, path = "/v1/members/{id}", tag = "organisation", params(("id" = Uuid, Path)), request_body = PutMemberBody,
    responses((status = 201, body = WholeMemberBody), (status = 200, body = WholeMemberBody), (status = "4XX", body = ProblemBody)))]
pub async fn put_member(
    State(app): State<App>,
    Who(caller): Who,
    Id(id): Id,
    IfMatch(version): IfMatch,
    Body(body): Body<PutMemberBody>,
) -> Result<Response, Problem> {
    let raw = RawMember {
        name: body.name,
        locale: body.locale,
        email: body.email,
        employee_number: body.employee_number,
        phone: body.phone,
        manager_id: body.manager_id,
    };
    let made = operations::change_member(&app, &caller, MemberId(id), raw, version).await;
    let made = or_current(made, whole_body(&app, &caller, MemberId(id))).await?;
    let status = if matches!(made, Made::New(_)) { StatusCode::CREATED } else { StatusCode::OK };
    whole(&app, &caller, &HeaderMap::new(), status, MemberId(id)).await
}

/// A person as this caller sees them.
pub(super) async fn whole(
    app: &App,
    caller: &operations::Caller,
    headers: &HeaderMap,
    status: StatusCode,
    id: MemberId,
) -> Result<Response, Problem> {
    let body = whole_body(app, caller, id).await?;
    Ok(resource(headers, status, body.version, &body))
}

async fn whole_body(app: &App, caller: &operations::Caller, id: MemberId) -> Result<WholeMemberBody, Problem> {
    let organisation = app.store.organisation().await?;
    let member = organisation.members.get(&id).ok_or(Problem::not_found())?;
    let record = app.store.member(id).await?.ok_or(Problem::not_found())?;
    let reachable = caller.member == id || caller.actor().may_administer(member);
    Ok(WholeMemberBody {
        member: member.into(),
        substitutions: member.substitutions.iter().map(SubstitutionBody::from).collect(),
        version: record.version,
        contact: reachable.then(|| record.details.into()),
    })
}
