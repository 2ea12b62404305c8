//! What has been kept for its time is disposed of: each record in one short transaction that says in the journal what went
//! and by which version of the rules, never what it was. What a pass does not reach, the next one does.

mod bytes;
mod people;
mod phones;
mod report;

use super::OperationError;
use crate::{
    app::App,
    domain::{
        retention::{GRACE_MS, Period, Retention, What, in_force},
        time::{Instant, Zone},
    },
    store::{DocumentKind, DocumentVersion, StoreError},
};

/// How many reports, and how many sessions, one pass takes up.
const PASS: u64 = 200;
/// The latest instant there is: nothing more is due.
const NEVER: i64 = i64::MAX;

/// The rules as they act now.
#[derive(Debug, Clone)]
pub(super) struct Rules {
    version: u32,
    retention: Retention,
    /// Of the organisation's root: the calendar that periods are counted by.
    zone: Zone,
    /// When a newer version begins to act.
    until: Option<Instant>,
}

/// Disposes of what is due; true when there may be more at once.
pub async fn tidy_up(app: &App) -> Result<bool, OperationError> {
    let more_bytes = bytes::remove(app).await?;
    phones::forget_keys(app).await?;
    let more_held = phones::drop_held(app).await?;
    let Some(rules) = rules(app, app.clock.now()).await? else { return Ok(more_bytes || more_held) };
    let waiting = app.store.reports_to_tidy(app.clock.now(), None, PASS).await?;
    let mut done = 0;
    for custody in &waiting {
        match report::tidy(app, &rules, custody.report).await {
            Ok(()) => done += 1,
            // Somebody changed it at the same moment, and it is looked at with the next pass.
            Err(OperationError::Store(StoreError::Stale)) => {}
            Err(other) => return Err(other),
        }
    }
    let more_reports = done > 0 && waiting.len() as u64 == PASS;
    people::members(app, &rules).await?;
    let more_sessions = people::sessions(app, &rules).await?;
    Ok(more_bytes || more_held || more_reports || more_sessions)
}

async fn rules(app: &App, now: Instant) -> Result<Option<Rules>, OperationError> {
    let versions = app.store.document_versions(DocumentKind::Retention).await?;
    let until = versions.first().map(|newest| newest.made_at.plus_ms(GRACE_MS)).filter(|acts_at| *acts_at > now);
    let acting = in_force(versions.into_iter().map(|version| (version.made_at, version)), now);
    match acting {
        Some(version) => read(app, version, until).await.map(Some),
        None => Ok(None),
    }
}

async fn read(app: &App, document: DocumentVersion, until: Option<Instant>) -> Result<Rules, OperationError> {
    let retention = serde_json::from_value(document.body).map_err(|_| StoreError::Corrupt("documents.body"))?;
    let zone = app.store.organisation().await?.root().map_or_else(Zone::utc, |root| root.zone.clone());
    Ok(Rules { version: document.version, retention, zone, until })
}

/// What would be disposed of now under the newest rules.
#[derive(Debug, Clone)]
pub struct Tidying {
    /// Their version.
    pub version: u32,
    /// When they begin to act.
    pub acts_at: Instant,
    /// Class by class, in the order of the document.
    pub classes: Vec<ClassDue>,
}

/// How much of a class is due.
#[derive(Debug, Clone)]
pub struct ClassDue {
    /// The class.
    pub name: String,
    /// What is disposed of.
    pub what: What,
    /// How long it is kept.
    pub period: Period,
    /// How many reports, members or sessions; of sessions ten thousand are counted at most.
    pub due: usize,
}

/// Counts what is due under the newest rules, also before they act, and changes nothing. None without rules.
pub async fn rehearse_tidying(app: &App) -> Result<Option<Tidying>, OperationError> {
    let Some(newest) = app.store.document(DocumentKind::Retention).await? else { return Ok(None) };
    let acts_at = newest.made_at.plus_ms(GRACE_MS);
    let rules = read(app, newest, None).await?;
    let (now, mut classes) = (app.clock.now(), Vec::new());
    let of_reports = report::count(app, &rules, acts_at.max(now)).await?;
    for class in &rules.retention.classes {
        let due = match class.what {
            What::Members => people::due_members(app, &rules).await?.len(),
            What::Sessions => people::count_sessions(app, &rules).await?,
            _ => of_reports.get(&class.name).copied().unwrap_or_default(),
        };
        classes.push(ClassDue { name: class.name.clone(), what: class.what, period: class.period, due });
    }
    Ok(Some(Tidying { version: rules.version, acts_at, classes }))
}
