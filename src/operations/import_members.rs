//! People come from a list: all of it is written in one transaction, or nothing is.

use std::collections::{BTreeMap, HashMap};

use serde_json::json;

use super::OperationError;
use crate::{
    app::App,
    domain::{
        administration::{MemberDetails, MemberLine, Planned, plan_import},
        ids::MemberId,
        journal::Entry,
        time::Instant,
    },
    mail::is_mailbox,
    store::{MemberRecord, NewMember, StoreError, Tx},
};

/// What became of a person of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The first line that names them.
    pub line: u64,
    /// By which that line knows them.
    pub login: String,
    /// They were not here before.
    pub is_new: bool,
    /// The fields that changed.
    pub changed: Vec<&'static str>,
    /// How many roles they were given.
    pub roles: usize,
}

/// Adds who is new, changes who is known by a login, and adds roles; takes none away. A rehearsal writes nothing.
pub async fn import_members(app: &App, lines: &[MemberLine], rehearsal: bool) -> Result<Vec<Imported>, OperationError> {
    let mut tx = app.store.begin().await?;
    let organisation = app.store.organisation_to_change(&tx).await?;
    let records = tx.every_member().await?;
    let versions: HashMap<MemberId, i64> = records.iter().map(|record| (record.id, record.version)).collect();
    let known: BTreeMap<MemberId, MemberDetails> = records.into_iter().map(|record| (record.id, record.details)).collect();
    let plan = plan_import(lines, &known, &organisation, is_mailbox, || MemberId(app.clock.new_id()))?;
    let mut done: Vec<Imported> = plan.values().map(imported).collect();
    done.sort_by_key(|imported| imported.line);
    if rehearsal {
        return Ok(done);
    }
    let now = app.clock.now();
    for (id, planned) in plan.iter().filter(|(_, planned)| planned.before.is_none()) {
        // Whom they answer to may be added after them.
        let alone = MemberDetails { manager: None, ..planned.after.clone() };
        tx.add_member(&NewMember::of(*id, alone, now)).await.map_err(taken)?;
    }
    for (id, planned) in &plan {
        write(&mut tx, *id, planned, versions.get(id).copied().unwrap_or(1), now).await?;
    }
    tx.commit().await?;
    Ok(done)
}

async fn write(tx: &mut Tx, id: MemberId, planned: &Planned, version: i64, now: Instant) -> Result<(), OperationError> {
    let changed = imported(planned).changed;
    let waits_for_manager = planned.before.is_none() && planned.after.manager.is_some();
    if waits_for_manager || !changed.is_empty() {
        tx.save_member(&MemberRecord { id, details: planned.after.clone(), version }).await.map_err(taken)?;
    }
    let mut note = |verb, facts| {
        tx.note(Entry { at: now, actor: None, subject: "member", subject_id: id.0, report: None, verb, facts });
    };
    let after = json!({ "locale": planned.after.locale, "manager": planned.after.manager });
    match &planned.before {
        None => note("added", json!({ "after": after })),
        Some(before) if !changed.is_empty() => {
            let before = json!({ "locale": before.locale, "manager": before.manager });
            note("changed", json!({ "changed": changed, "before": before, "after": after }));
        }
        Some(_) => {}
    }
    for grant in &planned.grants {
        note("granted", json!({ "role": grant.role, "site": grant.site }));
    }
    for grant in &planned.grants {
        tx.grant(id, *grant).await?;
    }
    Ok(())
}

fn imported(planned: &Planned) -> Imported {
    Imported {
        line: planned.line,
        login: planned.login.clone(),
        is_new: planned.before.is_none(),
        changed: planned.before.as_ref().map_or_else(Vec::new, |before| planned.after.differing(before)),
        roles: planned.grants.len(),
    }
}

/// Only where somebody without these checks was faster.
fn taken(error: StoreError) -> OperationError {
    match error {
        StoreError::Taken => StoreError::Stale.into(),
        other => other.into(),
    }
}
