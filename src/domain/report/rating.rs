//! The rating of a report: what did happen and what could have, with the aids that were used. Raising the potential acts at
//! once; lowering a high one wants a reason and a second person.

use super::{Command, Report, ReportState, Stamp};
use crate::domain::{
    ids::MemberId,
    organisation::Organisation,
    prose::{SHORT, prose},
    refusal::{FieldErrors, Refusal},
    severity::{Answers, Risk, Screened},
    time::Instant,
};

/// From this potential severity up a rating is lowered by two persons only, and weak controls want a manager's word.
pub const HIGH_FROM: u8 = 4;

/// The rating of a report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Triage {
    /// What did happen, 1 to 5.
    pub actual_severity: u8,
    /// What could have happened, 1 to 5.
    pub potential_severity: u8,
    /// Why a high potential is to be lowered, or less is given than the screen proposes.
    pub reason: Option<String>,
    /// The serious-injury screen, if it was gone through.
    pub screen: Option<Answers>,
    /// How likely it is to happen again, 1 to 5, if the matrix is asked.
    pub likelihood: Option<u8>,
}

/// A lower potential that one person asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DownRating {
    /// The potential it is to have.
    pub potential_severity: u8,
    /// Who asked, and when.
    pub asked: Stamp,
}

impl Triage {
    /// What the screen and the matrix make of it, or every field that is wrong.
    fn read(&self, category: &str, organisation: &Organisation) -> Result<(Option<Screened>, Option<Risk>), Refusal> {
        let mut errors = FieldErrors::default();
        let severities = [("/actual_severity", self.actual_severity), ("/potential_severity", self.potential_severity)];
        for (pointer, severity) in severities {
            if !(1..=5).contains(&severity) {
                errors.add(pointer, "not_one_to_five");
            }
        }
        if self.actual_severity > self.potential_severity {
            errors.add("/potential_severity", "below_actual");
        }
        if let Some(reason) = &self.reason {
            errors.take(prose("/reason", reason, SHORT));
        }
        let screened = self.screen.and_then(|answers| {
            let screened = answers.screened(organisation.categories.get(category));
            errors.take(screened.map_err(|question| Refusal::invalid(format!("/screen/{question}"), "missing")))
        });
        let risk = self
            .likelihood
            .and_then(|likelihood| errors.take(organisation.risk(self.potential_severity, likelihood, "/likelihood")));
        errors.none()?;
        Ok((screened, risk))
    }
}

impl Report {
    /// It is rated. Rating is taking charge as well, and so is asking for a lower rating.
    ///
    /// Where it stands at 4 or 5, whoever said so first, one person can only ask for less, with a reason: another one who
    /// rates it so makes it so, and any other rating drops what was asked. Less than the screen proposes wants a reason too.
    pub fn triage(self, triage: &Triage, organisation: &Organisation, by: MemberId, now: Instant) -> Result<Self, Refusal> {
        self.expect(Command::Triage)?;
        let (screened, risk) = triage.read(&self.category, organisation)?;
        let asked = Stamp { at: now, by };
        let lowers_alone = self.lowers_a_high_potential(triage) && !self.is_agreed(triage, by);
        let differs = screened.is_some_and(|screened| screened.is_above(triage.potential_severity));
        if triage.reason.is_none() && lowers_alone {
            return Err(self.not_ready(Command::Triage, vec!["reason", "second_person"]));
        }
        if triage.reason.is_none() && differs {
            return Err(self.not_ready(Command::Triage, vec!["reason"]));
        }
        let state = self.state.max(ReportState::Acknowledged);
        if lowers_alone {
            let pending = Some(DownRating { potential_severity: triage.potential_severity, asked });
            return Ok(Self { state, pending, ..self.taken_charge_of(by, now) });
        }
        Ok(Self {
            state,
            triaged: Some(asked),
            pending: None,
            actual_severity: Some(triage.actual_severity),
            potential_severity: triage.potential_severity,
            screened,
            risk,
            ..self.taken_charge_of(by, now)
        })
    }

    fn lowers_a_high_potential(&self, triage: &Triage) -> bool {
        self.potential_severity >= HIGH_FROM && triage.potential_severity < self.potential_severity
    }

    fn is_agreed(&self, triage: &Triage, by: MemberId) -> bool {
        self.pending.is_some_and(|asked| asked.potential_severity == triage.potential_severity && asked.asked.by != by)
    }
}
