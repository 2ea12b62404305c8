//! A rule document gets its next version. What runs under an older one keeps it.

use serde_json::{Value, json};
use serde_path_to_error::Segment;

use super::{Caller, OperationError};
use crate::{
    app::App,
    domain::{
        access::Deed,
        calendar::Calendars,
        clauses::Clauses,
        journal::Entry,
        ladder::Ladders,
        organisation::Organisation,
        refusal::Refusal,
        retention::{GRACE_MS, Retention},
        routing::Routes,
        severity::Matrix,
    },
    store::{DocumentKind, DocumentVersion, StoreError},
};

/// Writes the next version of a document. `version` is the one the caller read, if they said so.
pub async fn change_document(
    app: &App,
    caller: &Caller,
    kind: DocumentKind,
    body: Value,
    version: Option<u32>,
) -> Result<DocumentVersion, OperationError> {
    caller.actor().must_somewhere(Deed::WriteRules)?;
    let body = checked(kind, body, &caller.organisation)?;
    let mut tx = caller.begin(app).await?;
    let current = tx.document(kind).await?.map_or(0, |document| document.version);
    if version.is_some_and(|version| version != current) {
        return Err(Refusal::Changed.into());
    }
    let next = DocumentVersion { version: current + 1, body, made_at: app.clock.now(), made_by: Some(caller.member) };
    tx.add_document(kind, &next).await.map_err(|error| match error {
        StoreError::Taken => Refusal::Changed.into(),
        other => OperationError::from(other),
    })?;
    if kind == DocumentKind::Retention {
        tx.look_at_all_reports_by(next.made_at.plus_ms(GRACE_MS)).await?;
    }
    tx.note(Entry {
        at: next.made_at,
        actor: next.made_by,
        subject: kind.word(),
        subject_id: uuid::Uuid::nil(),
        report: None,
        verb: "changed",
        facts: json!({ "version": next.version }),
    });
    tx.commit().await?;
    Ok(next)
}

/// The document in its own form, or every reason why it cannot be taken.
fn checked(kind: DocumentKind, body: Value, organisation: &Organisation) -> Result<Value, OperationError> {
    let own_form = match kind {
        DocumentKind::Routes => {
            let routes: Routes = read(body)?;
            routes.check()?;
            serde_json::to_value(routes)
        }
        DocumentKind::Ladders => {
            let ladders: Ladders = read(body)?;
            ladders.check()?;
            serde_json::to_value(ladders)
        }
        DocumentKind::Calendars => {
            let calendars: Calendars = read(body)?;
            calendars.check()?;
            let used = organisation.sites.values().map(|site| &site.calendar);
            if let Some(missing) = used.into_iter().find(|code| !calendars.calendars.contains_key(*code)) {
                return Err(Refusal::invalid(format!("/calendars/{missing}"), "calendar_in_use").into());
            }
            serde_json::to_value(calendars)
        }
        DocumentKind::Matrices => {
            let matrix: Matrix = read(body)?;
            matrix.check()?;
            serde_json::to_value(matrix)
        }
        DocumentKind::Clauses => {
            let clauses: Clauses = read(body)?;
            clauses.check()?;
            serde_json::to_value(clauses)
        }
        DocumentKind::Retention => {
            let retention: Retention = read(body)?;
            retention.check()?;
            serde_json::to_value(retention)
        }
    };
    own_form.map_err(|_| OperationError::Fault("a document could not be written as JSON"))
}

/// A document that does not fit its form is refused with the place where it does not.
fn read<T: serde::de::DeserializeOwned>(body: Value) -> Result<T, OperationError> {
    serde_path_to_error::deserialize(body).map_err(|error| {
        let step = |segment: &Segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            other => format!("/{other}"),
        };
        let pointer = error.path().iter().fold(String::new(), |pointer, segment| pointer + &step(segment));
        Refusal::invalid(pointer, "unreadable").into()
    })
}
