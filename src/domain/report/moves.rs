//! The moves of a report and their guards. Who may make them is in `access`; what they set going is in `operations`.

use super::{Cause, EFFECTIVENESS_DAYS, Report, ReportState, SERIOUS_FROM, Stamp};
use crate::domain::{
    ids::MemberId,
    refusal::{FieldErrors, Refusal},
    time::Instant,
    words::words,
};

words! {
    /// What can be asked of a report.
    pub enum Command {
        /// Take charge.
        Acknowledge = "acknowledge",
        /// Rate it.
        Triage = "triage",
        /// Say that the place is safe.
        Contain = "contain",
        /// Write down causes and similar events.
        Investigate = "investigate",
        /// Assign a corrective action.
        AssignAction = "assign-action",
        /// End it, with an outcome for the sender.
        Close = "close",
    }
}

impl Command {
    /// The states in which it is possible at all; its guards come on top.
    pub const fn possible_in(self) -> &'static [ReportState] {
        use ReportState::{Acknowledged, Acting, Investigating, Submitted, Verifying};
        match self {
            Self::Acknowledge => &[Submitted],
            Self::Triage | Self::Contain => &[Submitted, Acknowledged, Investigating, Acting, Verifying],
            Self::Investigate | Self::AssignAction => &[Acknowledged, Investigating, Acting, Verifying],
            Self::Close => &[Verifying],
        }
    }
}

/// The rating of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Triage {
    /// What did happen, 1 to 5.
    pub actual_severity: u8,
    /// What could have happened, 1 to 5.
    pub potential_severity: u8,
}

/// What an inquiry found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Investigation {
    /// Causes; they take the place of those recorded before.
    pub causes: Vec<Cause>,
    /// What the search for similar events found.
    pub similar_events: Option<String>,
}

/// What closing says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    /// What the sender is told.
    pub outcome: String,
    /// In how many days the effect is checked.
    pub effectiveness_days: Option<i32>,
    /// Why photos that never came are not waited for.
    pub waive_photos: Option<String>,
}

/// What the moves must know of the report's actions and photos.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FileFacts {
    /// Actions that are not cancelled.
    pub actions: usize,
    /// Of those, not completed yet.
    pub incomplete: usize,
    /// Of those, completed and not verified yet.
    pub unverified: usize,
    /// Photos that were announced and have not come.
    pub photos_missing: usize,
}

const TEXT_LIMIT: usize = 4_000;

impl Report {
    /// Whether it has ended.
    pub fn is_closed(&self) -> bool {
        self.state == ReportState::Closed
    }

    /// Whether it needs causes, evidence and an effectiveness check.
    pub const fn is_serious(&self) -> bool {
        self.potential_severity >= SERIOUS_FROM
    }

    fn expect(&self, command: Command) -> Result<(), Refusal> {
        if command.possible_in().contains(&self.state) {
            return Ok(());
        }
        let possible = Command::ALL.iter().filter(|other| other.possible_in().contains(&self.state));
        Err(Refusal::WrongState {
            command: command.word(),
            state: self.state.word(),
            allowed: possible.map(|command| command.word()).collect(),
        })
    }

    /// Somebody has taken charge. Whoever did may say so again.
    pub fn acknowledge(self, by: MemberId, now: Instant) -> Result<Self, Refusal> {
        if self.acknowledged.is_some_and(|stamp| stamp.by == by) {
            return Ok(self);
        }
        self.expect(Command::Acknowledge)?;
        Ok(Self { state: ReportState::Acknowledged, acknowledged: Some(Stamp { at: now, by }), ..self })
    }

    /// It is rated. Rating is taking charge as well.
    ///
    /// Lowering a potential of 4 or 5 wants a second person; until that exists it is refused.
    pub fn triage(self, triage: Triage, by: MemberId, now: Instant) -> Result<Self, Refusal> {
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
        errors.none()?;
        if self.triaged.is_some() && self.potential_severity >= 4 && triage.potential_severity < self.potential_severity {
            return Err(self.not_ready(Command::Triage, vec!["second_person"]));
        }
        Ok(Self {
            state: self.state.max(ReportState::Acknowledged),
            acknowledged: self.acknowledged.or(Some(Stamp { at: now, by })),
            triaged: Some(Stamp { at: now, by }),
            actual_severity: Some(triage.actual_severity),
            potential_severity: triage.potential_severity,
            ..self
        })
    }

    /// The place is safe. The first time said counts.
    pub fn contain(self, by: MemberId, now: Instant) -> Result<Self, Refusal> {
        self.expect(Command::Contain)?;
        Ok(Self { contained: self.contained.or(Some(Stamp { at: now, by })), ..self })
    }

    /// Causes and similar events are written down.
    pub fn investigate(self, found: Investigation, now: Instant) -> Result<Self, Refusal> {
        self.expect(Command::Investigate)?;
        let mut errors = FieldErrors::default();
        if found.causes.is_empty() && found.similar_events.is_none() {
            errors.add("/causes", "empty");
        }
        for (n, cause) in found.causes.iter().enumerate() {
            if cause.text.trim().is_empty() {
                errors.add(format!("/causes/{n}/text"), "empty");
            }
            if cause.text.chars().count() > 1_000 {
                errors.add(format!("/causes/{n}/text"), "too_long");
            }
        }
        if let Some(similar) = &found.similar_events {
            text("/similar_events", similar, &mut errors);
        }
        errors.none()?;
        Ok(Self {
            state: self.state.max(ReportState::Investigating),
            causes_found_at: self.causes_found_at.or((!found.causes.is_empty()).then_some(now)),
            causes: if found.causes.is_empty() { self.causes } else { found.causes },
            similar_events: found.similar_events.or(self.similar_events),
            ..self
        })
    }

    /// Whether a corrective action may be assigned now.
    pub fn may_be_acted_on(&self) -> Result<(), Refusal> {
        self.expect(Command::AssignAction)
    }

    /// Moves on, or back, to the state its file has earned: `acting` once it is rated, has causes where they are needed,
    /// and has an action; `verifying` once no action is left to complete.
    #[must_use]
    pub fn advanced(self, file: FileFacts) -> Self {
        if matches!(self.state, ReportState::Submitted | ReportState::Closed) {
            return self;
        }
        let acting = self.triaged.is_some() && (!self.is_serious() || !self.causes.is_empty()) && file.actions > 0;
        let state = match (acting, file.incomplete) {
            (true, 0) => ReportState::Verifying,
            (true, _) => ReportState::Acting,
            (false, _) => self.state.min(ReportState::Investigating),
        };
        Self { state, ..self }
    }

    /// It ends: evidence is here or waived, similar events were looked for, every action is verified by somebody else,
    /// and from potential 3 up a check of its effect is set (ISO 45001 clause 10.2).
    pub fn close(self, closing: Closing, file: FileFacts, by: MemberId, now: Instant) -> Result<Self, Refusal> {
        let missing = self.missing_to_close(&closing, file);
        if !missing.is_empty() && !self.is_closed() {
            return Err(self.not_ready(Command::Close, missing));
        }
        self.expect(Command::Close)?;
        let mut errors = FieldErrors::default();
        text("/outcome", &closing.outcome, &mut errors);
        if let Some(reason) = &closing.waive_photos {
            text("/waive_photos", reason, &mut errors);
        }
        if closing.effectiveness_days.is_some_and(|days| !EFFECTIVENESS_DAYS.contains(&days)) {
            errors.add("/effectiveness_days", "not_30_or_90");
        }
        errors.none()?;
        Ok(Self {
            state: ReportState::Closed,
            closed: Some(Stamp { at: now, by }),
            outcome: Some(closing.outcome),
            effectiveness_days: closing.effectiveness_days,
            photos_waived: closing.waive_photos,
            ..self
        })
    }

    fn missing_to_close(&self, closing: &Closing, file: FileFacts) -> Vec<&'static str> {
        let wanted = [
            (self.acknowledged.is_none(), "acknowledgement"),
            (self.triaged.is_none(), "triage"),
            (self.is_serious() && self.causes.is_empty(), "causes"),
            (file.actions == 0, "an_action"),
            (file.incomplete > 0, "actions_completed"),
            (file.unverified > 0, "actions_verified"),
            (self.similar_events.is_none(), "similar_events"),
            (file.photos_missing > 0 && closing.waive_photos.is_none(), "photos"),
            (self.is_serious() && closing.effectiveness_days.is_none(), "effectiveness_check"),
        ];
        wanted.into_iter().filter(|(missing, _)| *missing).map(|(_, code)| code).collect()
    }

    fn not_ready(&self, command: Command, missing: Vec<&'static str>) -> Refusal {
        let possible = Command::ALL.iter().filter(|other| **other != command && other.possible_in().contains(&self.state));
        Refusal::NotReady { command: command.word(), missing, allowed: possible.map(|command| command.word()).collect() }
    }
}

fn text(pointer: &'static str, text: &str, errors: &mut FieldErrors) {
    if text.trim().is_empty() {
        errors.add(pointer, "empty");
    }
    if text.chars().count() > TEXT_LIMIT {
        errors.add(pointer, "too_long");
    }
}
