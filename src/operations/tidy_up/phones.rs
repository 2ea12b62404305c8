//! What was remembered for phones that come back late.

use serde_json::json;

use super::PASS;
use crate::{
    app::App,
    domain::{
        held::{Held, KEPT_MS},
        journal::Entry,
        once::REMEMBERED_MS,
    },
    operations::OperationError,
};

/// Forgets the keys of commands whose answers nobody waits for any more.
pub(super) async fn forget_keys(app: &App) -> Result<(), OperationError> {
    let tx = app.store.begin().await?;
    tx.forget_keys(app.clock.now().plus_ms(-REMEMBERED_MS)).await?;
    Ok(tx.commit().await?)
}

/// Drops what waited for something that never came; true when there may be more. On record is that it was there and whose,
/// and not what it was about.
pub(super) async fn drop_held(app: &App) -> Result<bool, OperationError> {
    let now = app.clock.now();
    let waiting = app.store.held_since(now.plus_ms(-KEPT_MS), None, PASS).await?;
    if waiting.is_empty() {
        return Ok(false);
    }
    let mut tx = app.store.begin().await?;
    for held in &waiting {
        tx.drop_held(held.id).await?;
        let facts = json!({ "kind": held.kind, "member": held.member, "held_at": held.since });
        let (actor, subject_id) = (None, held.id.0);
        tx.note(Entry { at: now, actor, subject: "held", subject_id, report: None, verb: "dropped", facts });
    }
    tx.commit().await?;
    for file in waiting.iter().filter_map(Held::file) {
        app.keeping.remove_held(file).await?;
    }
    Ok(waiting.len() as u64 == PASS)
}
