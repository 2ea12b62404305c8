//! The rating of a report: what did happen and what could have. Raising the potential acts at once; lowering a high one
//! wants a reason and a second person.

use super::{Command, Report, ReportState, Stamp};
use crate::domain::{
    ids::MemberId,
    prose::{SHORT, prose},
    refusal::{FieldErrors, Refusal},
    time::Instant,
};

/// From this potential severity up a rating is lowered by two persons only, and weak controls want a manager's word.
pub const HIGH_FROM: u8 = 4;

/// The rating of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Triage {
    /// What did happen, 1 to 5.
    pub actual_severity: u8,
    /// What could have happened, 1 to 5.
    pub potential_severity: u8,
    /// Why a high potential is to be lowered.
    pub reason: Option<String>,
}

/// A lower potential that one person asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DownRating {
    /// The potential it is to have.
    pub potential_severity: u8,
    /// Who asked, and when.
    pub asked: Stamp,
}

impl Report {
    /// It is rated. Rating is taking charge as well.
    ///
    /// Once it was rated 4 or 5, one person can only ask for less, with a reason: another one who rates it so makes it so,
    /// and any other rating drops what was asked.
    pub fn triage(self, triage: &Triage, by: MemberId, now: Instant) -> Result<Self, Refusal> {
        self.expect(Command::Triage)?;
        let mut errors = FieldErrors::default();
        for (pointer, severity) in
            [("/actual_severity", triage.actual_severity), ("/potential_severity", triage.potential_severity)]
        {
            if !(1..=5).contains(&severity) {
                errors.add(pointer, "not_one_to_five");
            }
        }
        if triage.actual_severity > triage.potential_severity {
            errors.add("/potential_severity", "below_actual");
        }
        if let Some(reason) = &triage.reason {
            errors.take(prose("/reason", reason, SHORT));
        }
        errors.none()?;
        if self.lowers_a_high_rating(triage) && !self.is_agreed(triage, by) {
            if triage.reason.is_none() {
                return Err(self.not_ready(Command::Triage, vec!["reason", "second_person"]));
            }
            let asked = Stamp { at: now, by };
            return Ok(Self { pending: Some(DownRating { potential_severity: triage.potential_severity, asked }), ..self });
        }
        Ok(Self {
            state: self.state.max(ReportState::Acknowledged),
            acknowledged: self.acknowledged.or(Some(Stamp { at: now, by })),
            triaged: Some(Stamp { at: now, by }),
            pending: None,
            actual_severity: Some(triage.actual_severity),
            potential_severity: triage.potential_severity,
            ..self
        })
    }

    fn lowers_a_high_rating(&self, triage: &Triage) -> bool {
        self.triaged.is_some() && self.potential_severity >= HIGH_FROM && triage.potential_severity < self.potential_severity
    }

    fn is_agreed(&self, triage: &Triage, by: MemberId) -> bool {
        self.pending.is_some_and(|asked| asked.potential_severity == triage.potential_severity && asked.asked.by != by)
    }
}
