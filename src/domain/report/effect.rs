//! Whether the cause is gone, checked some time after closing by somebody who had no part in the work (ISO 45001 clause
//! 10.2 e). What was not effective is taken up again.

use serde::{Deserialize, Serialize};

use super::{Command, EFFECTIVENESS_DAYS, Report, Stamp};
use crate::domain::{
    action::Action,
    ids::{MemberId, PhotoId},
    prose::{LONG, SHORT, prose},
    refusal::{FieldErrors, Refusal},
    time::Instant,
};

const DAY_MS: i64 = 86_400_000;
/// From this potential severity up an early check is followed by a late one.
const TWICE_FROM: u8 = 5;

/// What a check says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckDraft {
    /// Whether the cause is gone.
    pub effective: bool,
    /// How it was looked at: a visit, measurements, records.
    pub method: String,
    /// What was seen.
    pub note: String,
    /// Photos of the report that show it.
    pub evidence: Vec<PhotoId>,
}

/// A check that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EffectivenessCheck {
    /// Who made it, and when.
    pub done: Stamp,
    /// Whether the cause was gone.
    pub effective: bool,
    /// How it was looked at.
    pub method: String,
    /// What was seen.
    pub note: String,
    /// Photos of the report that show it.
    pub evidence: Vec<PhotoId>,
    /// When its clock had started.
    pub since: Instant,
    /// By when it was due; none for a check nobody had asked for.
    pub due_at: Option<Instant>,
}

impl Report {
    /// The check that is to be made next: since when its clock runs, and by when it is due. From potential 5 a check at
    /// 30 days is followed by one at 90.
    pub fn next_check(&self) -> Option<(Instant, Instant)> {
        let (closed, days) = self.closed.zip(self.effectiveness_days)?;
        let due = |days: i32| closed.at.plus_ms(i64::from(days) * DAY_MS);
        let mut made = self.checks.iter().filter(|check| check.since >= closed.at);
        let [early, late] = EFFECTIVENESS_DAYS;
        match (made.next(), made.next()) {
            (None, _) => Some((closed.at, due(days))),
            (Some(first), None) if days == early && self.potential_severity >= TWICE_FROM => Some((first.done.at, due(late))),
            _ => None,
        }
    }

    /// Somebody who neither owned nor completed an action of it has looked. `report_photos` are those that could show it.
    pub fn check_effectiveness(
        self,
        check: CheckDraft,
        actions: &[Action],
        report_photos: &[PhotoId],
        by: MemberId,
        now: Instant,
    ) -> Result<Self, Refusal> {
        self.expect(Command::CheckEffectiveness)?;
        if actions.iter().any(|action| action.is_work_of(by)) {
            return Err(Refusal::MayNot("check_own_work"));
        }
        let mut errors = FieldErrors::default();
        let method = errors.take(prose("/method", &check.method, SHORT));
        let note = errors.take(prose("/note", &check.note, LONG));
        for (n, photo) in check.evidence.iter().enumerate() {
            if !report_photos.contains(photo) {
                errors.add(format!("/evidence/{n}"), "unknown_photo");
            }
        }
        errors.none()?;
        let next = self.next_check();
        let made = EffectivenessCheck {
            done: Stamp { at: now, by },
            effective: check.effective,
            method: method.unwrap_or_default(),
            note: note.unwrap_or_default(),
            evidence: check.evidence,
            since: next.map_or_else(|| self.closed.map_or(now, |closed| closed.at), |(since, _)| since),
            due_at: next.map(|(_, due_at)| due_at),
        };
        let checks = self.checks.iter().cloned().chain([made]).collect();
        let checked = Self { checks, ..self };
        Ok(if check.effective { checked } else { checked.taken_up_again(actions.len(), by, now) })
    }
}
