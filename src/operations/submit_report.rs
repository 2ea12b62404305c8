//! A report is stored, routed and on the clock, before its photos have arrived.

use serde_json::json;

use super::{
    Caller, Made, OperationError, bring_in,
    file::File,
    follow_up::{self, Secrets},
};
use crate::{
    app::App,
    domain::{
        access::Deed,
        ids::{ReportId, client_made},
        notice::NoticeKind,
        organisation::{Category, Organisation},
        photo::Photo,
        refusal::{FieldErrors, Refusal},
        report::{Confidentiality, Draft, ExpectedPhoto, RawDraft, Report, ReportState},
        since::Touched,
        time::Instant,
    },
    store::Tx,
};

/// The longest time after closing in which an effect is still to be checked, in milliseconds.
const LONGEST_WINDOW_MS: i64 = 2 * 90 * 86_400_000;
/// A report that was sent, and what its anonymous sender comes back with.
pub struct Sent {
    /// The report.
    pub report: Report,
    /// Shown in this answer alone.
    pub follow_up: Option<Secrets>,
}

/// Takes in a report under the phone's own id. The same content again gives the same answer; other content under the same
/// id is a conflict, whoever's it is.
pub async fn submit_report(app: &App, caller: &Caller, id: ReportId, raw: RawDraft) -> Result<Made<Sent>, OperationError> {
    client_made(id.0, "/id")?;
    caller.actor().must_somewhere(Deed::SendReport)?;
    let draft = raw.read(app.settings.photo_max_bytes)?;
    exists_here(&draft, &caller.organisation)?;
    let tx = caller.begin(app).await?;
    if let Some(known) = tx.report(id).await? {
        return sent_before(app, tx, known, &draft, caller).await;
    }
    in_service(&draft, &caller.organisation)?;
    tx.hold_alone(id.0, None).await?;
    let now = app.clock.now();
    let tx = tx.said(draft.captured_at.or(caller.said_at));
    let number = number(&tx, now).await?;
    let report = received(id, number, draft.clone(), caller, now);
    if !tx.add_report(&report).await? {
        let known = tx.report(id).await?.ok_or(OperationError::Fault("a report was there and is not"))?;
        return sent_before(app, tx, known, &draft, caller).await;
    }
    let mut photos = Vec::new();
    for (position, expected) in (0..).zip(draft.photos) {
        let ExpectedPhoto { id: photo, sha256, bytes, media_type } = expected;
        let photo = Photo::expected(photo, id, position, sha256, bytes, media_type);
        if !tx.add_photo(&photo).await? {
            return Err(Refusal::invalid(format!("/photos/{position}/id"), "taken").into());
        }
        photos.push(photo);
    }
    let mut file = File::fresh(app, tx, caller, report, photos);
    let follow_up = match file.report.confidentiality {
        Confidentiality::Anonymous => Some(follow_up::give(app, &file.tx, id).await?),
        Confidentiality::Open | Confidentiality::Confidential => None,
    };
    let facts = json!({
        "number": file.report.number,
        "kind": file.report.kind,
        "category": file.report.category,
        "potential": file.report.potential_severity,
        "photos": file.photos.len(),
        "content_sha256": hex::encode(file.report.content_sha256),
    });
    file.note("report", id.0, "submitted", facts);
    bring_in::with_report(app, &mut file).await?;
    file.route().await?;
    let report = Box::pin(recurrence(app, file)).await?;
    Ok(Made::New(Sent { report, follow_up }))
}

/// What had been closed and happens again, before its effect was checked, is taken up again in the same transaction. The
/// clock does it, not the sender, who may be protected.
async fn recurrence(app: &App, mut file: File) -> Result<Report, OperationError> {
    let (site, category, now) = (file.report.site, file.report.category.clone(), file.now);
    let since = now.plus_ms(-LONGEST_WINDOW_MS);
    let mut again = Vec::new();
    for id in file.tx.closed_since(site, &category, since).await? {
        let earlier = file.tx.report_to_change(id).await?.filter(|earlier| earlier.recurs_in(&file.report, now));
        again.extend(earlier);
    }
    file.report.recurrence_of = again.first().map(|earlier| earlier.id);
    let (mut tx, new) = file.write().await?;
    for earlier in again {
        let mut file = File::around(app, tx, None, earlier).await?;
        file.report = file.report.clone().recurred(&new, file.actions.len(), now);
        file.note("report", file.report.id.0, "reopened", json!({ "because": "recurrence", "as": new.id }));
        file.tell_officer(NoticeKind::ReportReopened).await?;
        (tx, _) = file.write().await?;
    }
    tx.commit().await?;
    app.nudge();
    Ok(new)
}

fn exists_here(draft: &Draft, organisation: &Organisation) -> Result<(), Refusal> {
    let mut errors = FieldErrors::default();
    if !organisation.sites.contains_key(&draft.site) {
        errors.add("/site_id", "unknown_site");
    }
    if !organisation.categories.contains_key(&draft.category) {
        errors.add("/category", "unknown_category");
    }
    errors.none()
}

/// Retired sites and categories are kept for what was reported before, also when it is sent again.
fn in_service(draft: &Draft, organisation: &Organisation) -> Result<(), Refusal> {
    let mut errors = FieldErrors::default();
    if !organisation.takes_reports(draft.site) {
        errors.add("/site_id", "retired");
    }
    if organisation.categories.get(&draft.category).is_some_and(|category| category.retired_at.is_some()) {
        errors.add("/category", "retired");
    }
    errors.none()
}

/// Whose id it is comes first: content is compared only for its own sender, so that nothing is learned of others' reports. An
/// anonymous sender whose content holds a claim, which nobody else can know, is given secrets again that were lost on the way.
async fn sent_before(app: &App, tx: Tx, known: Report, draft: &Draft, caller: &Caller) -> Result<Made<Sent>, OperationError> {
    let own = known.reporter.is_none_or(|reporter| reporter == caller.member);
    if !own || known.content_sha256 != draft.content_sha256 {
        return Err(Refusal::Conflict("report_conflict").into());
    }
    let follow_up = if draft.claimed { follow_up::give_again(app, &tx, known.id).await? } else { None };
    tx.commit().await?;
    Ok(Made::Before(Sent { report: known, follow_up }))
}

async fn number(tx: &Tx, now: Instant) -> Result<String, OperationError> {
    let year = now.to_string().get(..4).unwrap_or_default().to_owned();
    let n = tx.next_number(&format!("reports {year}")).await?;
    Ok(format!("R-{year}-{n:05}"))
}

/// Without a rating the category says what could have happened; danger to people now is never below 4.
fn received(id: ReportId, number: String, draft: Draft, caller: &Caller, now: Instant) -> Report {
    let by_category = caller.organisation.categories.get(&draft.category).map_or(2, Category::potential);
    let rated = draft.potential_severity.unwrap_or(by_category);
    let known_sender = (draft.confidentiality != Confidentiality::Anonymous).then_some(caller.member);
    let own_language = known_sender.and_then(|sender| caller.organisation.members.get(&sender)).map(|member| member.locale);
    Report {
        id,
        number,
        state: ReportState::Submitted,
        kind: draft.kind,
        aspects: draft.aspects,
        category: draft.category,
        site: draft.site,
        narrative: draft.narrative,
        occurred_at: draft.occurred_at,
        captured_at: draft.captured_at,
        sent_at: caller.sent_at.filter(|_| draft.confidentiality == Confidentiality::Open),
        received_at: now,
        location: draft.location,
        environment: draft.environment,
        quality: draft.quality,
        danger_now: draft.danger_now,
        reporter: known_sender,
        confidentiality: draft.confidentiality,
        language: draft.language.or(own_language).unwrap_or_default(),
        potential_severity: if draft.danger_now { rated.max(4) } else { rated },
        actual_severity: None,
        screened: None,
        risk: None,
        officer: None,
        routed_by: String::new(),
        acknowledged: None,
        contained: None,
        triaged: None,
        pending: None,
        causes: vec![],
        causes_found_at: None,
        similar_events: None,
        similar_seen: None,
        photos_waived: None,
        controls_justified: None,
        closed: None,
        outcome: None,
        duplicate_of: None,
        recurrence_of: None,
        recurred_as: None,
        reopened: None,
        actions_before: 0,
        effectiveness_days: None,
        checks: vec![],
        unsealings: vec![],
        content_sha256: draft.content_sha256,
        touched: Touched::unknown_before(1),
        version: 1,
    }
}
