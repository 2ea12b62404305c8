//! Trying rules before they count: rehearsals of a draft, what a version of the ladders changes for what runs, and how many
//! mails people get.

use axum::{Json, extract::State};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    answer::PageBody,
    error::{Problem, ProblemBody},
    extract::{Body, Who},
};
use crate::{
    app::App,
    domain::{
        access::Deed,
        ids::MemberId,
        ladder::Change,
        rehearsal::{Rehearsal, Window},
        time::Instant,
    },
    operations::{self, Apply, Caller},
};

/// A draft to try.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RehearsalInput {
    /// How many days back: 1 to 92.
    days: u32,
    /// The draft, as it would be written.
    #[schema(value_type = Object)]
    document: Value,
}

/// What the draft would have sent, beside what was sent.
#[derive(Serialize, ToSchema)]
pub struct RehearsalBody {
    /// From then.
    #[schema(value_type = String, format = DateTime)]
    from: Instant,
    /// Until then.
    #[schema(value_type = String, format = DateTime)]
    until: Instant,
    /// How many deadlines or reports were replayed.
    replayed: u32,
    /// How many mails the draft would have sent.
    drafted: u32,
    /// How many were sent.
    sent: u32,
    /// The table, by day, person and kind.
    rows: Vec<RehearsalRow>,
}

/// One person's mails of one kind on one day.
#[derive(Serialize, ToSchema)]
pub struct RehearsalRow {
    /// The local date.
    #[schema(value_type = String)]
    date: Date,
    /// Who.
    member_id: Uuid,
    /// Their name.
    name: String,
    /// What.
    kind: String,
    /// Under the draft.
    drafted: u32,
    /// Really.
    sent: u32,
}

impl RehearsalBody {
    fn of(window: Window, rehearsal: &Rehearsal, caller: &Caller) -> Self {
        let rows = rehearsal.cells.iter().map(|(cell, mails)| RehearsalRow {
            date: cell.date,
            member_id: cell.member.0,
            name: name(caller, cell.member),
            kind: cell.kind.word().to_owned(),
            drafted: mails.drafted,
            sent: mails.sent,
        });
        Self {
            from: window.from,
            until: window.until,
            replayed: rehearsal.replayed,
            drafted: rehearsal.cells.values().map(|mails| mails.drafted).sum(),
            sent: rehearsal.cells.values().map(|mails| mails.sent).sum(),
            rows: rows.collect(),
        }
    }
}

fn name(caller: &Caller, member: MemberId) -> String {
    caller.organisation.members.get(&member).map_or_else(String::new, |member| member.name.clone())
}

/// Try a draft of the ladders on the deadlines of the last days. Nothing is written. They are replayed as they stand now, with
/// today's people; filings climb by the obligations and are left out.
#[utoipa::path(post, path = "/v1/ladders/rehearse", tag = "rules", request_body = RehearsalInput,
    responses((status = 200, body = RehearsalBody), (status = "4XX", body = ProblemBody)))]
pub async fn rehearse_ladders(
    State(app): State<App>,
    Who(caller): Who,
    Body(body): Body<RehearsalInput>,
) -> Result<Json<RehearsalBody>, Problem> {
    let (window, rehearsal) = operations::rehearse_ladders(&app, &caller, body.days, body.document).await?;
    Ok(Json(RehearsalBody::of(window, &rehearsal, &caller)))
}

/// Try a draft of the routes on the reports of the last days. Nothing is written.
#[utoipa::path(post, path = "/v1/routes/rehearse", tag = "rules", request_body = RehearsalInput,
    responses((status = 200, body = RehearsalBody), (status = "4XX", body = ProblemBody)))]
pub async fn rehearse_routes(
    State(app): State<App>,
    Who(caller): Who,
    Body(body): Body<RehearsalInput>,
) -> Result<Json<RehearsalBody>, Problem> {
    let (window, rehearsal) = operations::rehearse_routes(&app, &caller, body.days, body.document).await?;
    Ok(Json(RehearsalBody::of(window, &rehearsal, &caller)))
}

/// A version to apply to what runs.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplyInput {
    /// Which version, 1 to 2,147,483,647.
    version: u32,
    /// Only count what would change.
    dry_run: bool,
    /// So many deadlines, and no more, may become due earlier than was promised; none unless said.
    #[serde(default)]
    earlier_at_most: u32,
}

/// What the version changes, or changed.
#[derive(Serialize, ToSchema)]
pub struct ApplyBody {
    /// Nothing was changed.
    dry_run: bool,
    /// By kind and severity.
    changes: Vec<ApplyRow>,
}

/// What the version changes for the running deadlines of one kind and severity.
#[derive(Serialize, ToSchema)]
pub struct ApplyRow {
    /// What must happen.
    kind: String,
    /// The potential severity.
    severity: u8,
    /// Deadlines that run under another version.
    running: u32,
    /// Of those, due earlier than promised.
    earlier: u32,
    /// Of those, due later than now.
    later: u32,
    /// Rungs whose time has passed under this version: of each deadline the highest reaches its people at once.
    rungs_at_once: u32,
    /// Deadlines this version has no ladder for: they keep the one they have.
    without_ladder: u32,
}

fn rows(change: &Change) -> Vec<ApplyRow> {
    let effects = change.0.iter();
    effects
        .map(|((kind, severity), effect)| ApplyRow {
            kind: kind.word().to_owned(),
            severity: *severity,
            running: effect.running,
            earlier: effect.earlier,
            later: effect.later,
            rungs_at_once: effect.rungs_at_once,
            without_ladder: effect.without_ladder,
        })
        .collect()
}

/// Apply a version of the ladders to the deadlines that run under another one. With `dry_run` it is only counted. Broken off, it
/// is asked again, and goes on.
#[utoipa::path(post, path = "/v1/ladders/apply", tag = "rules", request_body = ApplyInput,
    responses((status = 200, body = ApplyBody), (status = "4XX", body = ProblemBody)))]
pub async fn apply_ladders(
    State(app): State<App>,
    Who(caller): Who,
    Body(body): Body<ApplyInput>,
) -> Result<Json<ApplyBody>, Problem> {
    let ApplyInput { version, dry_run, earlier_at_most } = body;
    let change = operations::apply_ladders(&app, &caller, Apply { version, dry_run, earlier_at_most }).await?;
    Ok(Json(ApplyBody { dry_run, changes: rows(&change) }))
}

/// How many mails a person got in the last seven days.
#[derive(Serialize, ToSchema)]
pub struct MailLoadBody {
    /// Who.
    member_id: Uuid,
    /// Their name.
    name: String,
    /// Mails in the last seven days; a digest is one.
    mails: u32,
    /// How many are enough.
    budget: u32,
    /// More than enough. Nothing is held back for it.
    over: bool,
}

/// How many mails people got in the last seven days, the most first: those with a role at a site the caller manages or
/// administers.
#[utoipa::path(get, path = "/v1/notices/load", tag = "rules",
    responses((status = 200, body = PageBody<MailLoadBody>), (status = "4XX", body = ProblemBody)))]
pub async fn list_mail_load(State(app): State<App>, Who(caller): Who) -> Result<Json<PageBody<MailLoadBody>>, Problem> {
    caller.actor().must_somewhere(Deed::ReadMailLoad)?;
    let organisation = &caller.organisation;
    let sites = organisation.sites_with(caller.member, Deed::ReadMailLoad.roles());
    let budget = organisation.digests().budget;
    let load = operations::mail_load(&app).await?;
    let mut items: Vec<MailLoadBody> = load
        .into_iter()
        .filter_map(|(member, mails)| Some((organisation.members.get(&member)?, mails)))
        .filter(|(member, _)| sites.as_ref().is_none_or(|sites| member.grants.iter().any(|grant| sites.contains(&grant.site))))
        .map(|(member, mails)| MailLoadBody {
            member_id: member.id.0,
            name: member.name.clone(),
            mails,
            budget,
            over: mails > budget,
        })
        .collect();
    items.sort_by(|a, b| b.mails.cmp(&a.mails).then_with(|| a.member_id.cmp(&b.member_id)));
    Ok(Json(PageBody { items, next: None }))
}
