//! Files of the photo store that no row names are removed: what a crash left between writing a file and putting it on
//! record, and what a loss of power left half written. They go the way of all bytes that nobody keeps (`tidy_up/bytes.rs`),
//! so that whoever brings the same bytes at that moment takes them over, or is asked to send them once more.

use std::collections::{BTreeMap, BTreeSet};

use metrics::counter;
use serde_json::json;
use tracing::{info, warn};
use uuid::Uuid;

use super::OperationError;
use crate::{
    app::App,
    domain::{held::KEPT_MS, ids::PhotoId, journal::Entry, photo::PhotoState, time::Instant},
    photos::{Lying, LyingKind},
};

/// The store is looked through in a day, a shelf every five minutes: nothing is in a hurry, and a large store is never
/// listed at once.
const SHELF_MS: i64 = 300_000;
/// How many hashes are asked for at once.
const ASKED: usize = 200;
/// How many orphans of a shelf one pass removes; what is left waits for the next day.
const PASS: usize = 200;
const HOUR_MS: i64 = 3_600_000;

/// The shelf whose turn it is.
pub fn shelf_at(now: Instant) -> u8 {
    u8::try_from(now.ms().div_euclid(SHELF_MS).rem_euclid(256)).unwrap_or_default()
}

/// Looks through one shelf. Gives how many orphans there were; what is younger than the period of grace is none.
pub async fn sweep_orphans(app: &App, shelf: u8) -> Result<usize, OperationError> {
    let before = app.clock.now().plus_ms(-i64::from(app.settings.orphan_grace_hours) * HOUR_MS);
    let half_written = app.keeping.clear_half_written(shelf, before).await?;
    // What waits has gone long before; what lies there still was left by a crash, and no key opens it.
    app.keeping.clear_held(shelf, app.clock.now().plus_ms(-2 * KEPT_MS)).await?;
    if half_written > 0 {
        counter!("salama_orphans_total", "kind" => "half_written").increment(half_written);
        info!(half_written, "files of photos that were never whole were removed");
    }
    let mut files: BTreeMap<[u8; 32], Vec<Lying>> = BTreeMap::new();
    for lying in app.keeping.on_shelf(shelf, before).await? {
        files.entry(lying.sha256).or_default().push(lying);
    }
    let hashes: Vec<[u8; 32]> = files.keys().copied().collect();
    let mut found = 0;
    for asked in hashes.chunks(ASKED) {
        let kept = app.store.kept_of(asked).await?;
        let orphans = asked.iter().filter(|sha256| !kept.contains(*sha256)).filter_map(|sha256| files.get_key_value(sha256));
        for (sha256, files) in orphans.take(PASS.saturating_sub(found)) {
            if leave(app, sha256, files).await? {
                found += 1;
            }
        }
    }
    Ok(found)
}

/// Has the files of a hash removed, unless a row names it by now.
async fn leave(app: &App, sha256: &[u8; 32], files: &[Lying]) -> Result<bool, OperationError> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    if tx.is_kept(sha256).await? {
        return Ok(false);
    }
    tx.leave_bytes(sha256, now).await?;
    for file in files.iter().filter(|file| file.kind.is_evidence()) {
        let word = word(file.kind);
        // It belongs to no record, so that the beginning of its hash stands for one.
        let subject_id = Uuid::from_slice(sha256.get(..16).unwrap_or_default()).unwrap_or_default();
        let facts = json!({ "kind": word, "sha256": hex::encode(sha256), "bytes": file.bytes });
        tx.note(Entry { at: now, actor: None, subject: "file", subject_id, report: None, verb: "orphaned", facts });
        warn!(kind = word, file.bytes, "a file that no record names is removed");
    }
    tx.commit().await?;
    for file in files {
        counter!("salama_orphans_total", "kind" => word(file.kind)).increment(1);
    }
    discard_redacted(app, files).await?;
    Ok(true)
}

const fn word(kind: LyingKind) -> &'static str {
    match kind {
        LyingKind::Original => "original",
        LyingKind::Statement => "statement",
        LyingKind::Rendition | LyingKind::RenditionOf(_) => "rendition",
    }
}

/// What was made of single photos is known by those photos alone.
async fn discard_redacted(app: &App, files: &[Lying]) -> Result<(), OperationError> {
    let of = |file: &Lying| if let LyingKind::RenditionOf(photo) = file.kind { Some(photo) } else { None };
    let photos: BTreeSet<PhotoId> = files.iter().filter_map(of).collect();
    for photo in photos {
        if app.store.photo(photo).await?.is_none_or(|photo| photo.state == PhotoState::Disposed) {
            for file in files.iter().filter(|file| of(file) == Some(photo)) {
                app.keeping.discard(file).await?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shelf_has_its_turn_within_a_day() {
        let now: Instant = "2026-11-24T09:00:00Z".parse().unwrap();
        let seen: BTreeSet<u8> = (0..288).map(|n| shelf_at(now.plus_ms(n * SHELF_MS))).collect();
        assert_eq!(seen.len(), 256);
    }
}
