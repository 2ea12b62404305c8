//! A person is added or changed by an administrator. A password is never set here: nobody sets another's over HTTP.

use serde_json::json;

use super::{Caller, Made, OperationError};
use crate::{
    app::App,
    domain::{
        access::{Actor, Deed},
        administration::{MemberDetails, RawMember},
        ids::{MemberId, client_made},
        journal::Entry,
        refusal::{FieldErrors, Refusal},
    },
    mail::is_mailbox,
    store::{MemberRecord, NewMember, StoreError, Tx},
};

/// Writes a person under their id. `version` is the one the caller read, if they said so.
pub async fn change_member(
    app: &App,
    caller: &Caller,
    id: MemberId,
    raw: RawMember,
    version: Option<i64>,
) -> Result<Made<MemberRecord>, OperationError> {
    caller.actor().must_somewhere(Deed::Administer)?;
    let mut tx = caller.begin(app).await?;
    let organisation = app.store.organisation_to_change(&tx).await?;
    let known = tx.member(id).await?;
    if version.is_some_and(|version| known.as_ref().is_none_or(|known| known.version != version)) {
        return Err(Refusal::Changed.into());
    }
    match organisation.members.get(&id) {
        Some(person) => Actor { member: caller.member, organisation: &organisation }.must_administer(person)?,
        None => client_made(id.0, "/id").map(|_| ())?,
    }
    let details = raw.read(id, &organisation, is_mailbox)?;
    logins_are_free(&tx, id, &details).await?;
    let now = app.clock.now();
    let after = json!({ "locale": details.locale, "manager": details.manager });
    let is_new = known.is_none();
    let (record, verb, facts) = if let Some(known) = known {
        let changed = details.differing(&known.details);
        if changed.is_empty() {
            return Ok(Made::Before(known));
        }
        let before = json!({ "locale": known.details.locale, "manager": known.details.manager });
        let record = MemberRecord { details, ..known };
        let version = tx.save_member(&record).await.map_err(taken)?;
        (MemberRecord { version, ..record }, "changed", json!({ "changed": changed, "before": before, "after": after }))
    } else {
        tx.add_member(&NewMember::of(id, details.clone(), now)).await.map_err(taken)?;
        (MemberRecord { id, details, version: 1 }, "added", json!({ "after": after }))
    };
    tx.note(Entry { at: now, actor: Some(caller.member), subject: "member", subject_id: id.0, report: None, verb, facts });
    tx.commit().await?;
    Ok(if is_new { Made::New(record) } else { Made::Before(record) })
}

/// Names every login that belongs to somebody else.
async fn logins_are_free(tx: &Tx, id: MemberId, details: &MemberDetails) -> Result<(), OperationError> {
    let mut errors = FieldErrors::default();
    for (field, login) in details.logins().named() {
        if tx.login(login).await?.is_some_and(|owner| owner.member != id) {
            errors.add(format!("/{field}"), "taken");
        }
    }
    Ok(errors.none()?)
}

/// Only where somebody without these checks, such as the command line, was faster.
fn taken(error: StoreError) -> OperationError {
    match error {
        StoreError::Taken => Refusal::Changed.into(),
        other => other.into(),
    }
}
