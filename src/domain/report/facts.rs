//! What the moves of a report must know of its actions and photos, and the state that these facts earn it.

use super::{Report, ReportState};
use crate::domain::action::{Action, ActionState, Control};

/// What the moves must know of the report's actions and photos. Actions that did not suffice before it was reopened
/// count no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FileFacts {
    /// Actions that are not cancelled.
    pub actions: usize,
    /// Of those, not completed yet.
    pub incomplete: usize,
    /// Of those, completed and not verified yet.
    pub unverified: usize,
    /// Of those, more than rules, training or equipment (ISO 45001 clause 8.1.2).
    pub firm: usize,
    /// Photos that were announced and have not come.
    pub photos_missing: usize,
    /// An inquiry is open, or somebody was hurt and there is none that is complete. Looked up for closing alone.
    pub inquiry_wanted: bool,
    /// There are similar events that nobody has looked at. Looked up for closing alone.
    pub similar_unseen: bool,
}

impl FileFacts {
    /// The facts of a report with these actions.
    pub fn of(report: &Report, actions: &[Action], photos_missing: usize) -> Self {
        let kept = || {
            let present = actions.iter().filter(|action| action.ordinal > report.actions_before);
            present.filter(|action| action.state != ActionState::Cancelled)
        };
        Self {
            actions: kept().count(),
            incomplete: kept().filter(|action| action.is_incomplete()).count(),
            unverified: kept().filter(|action| action.state == ActionState::Completed).count(),
            firm: kept().filter(|action| !matches!(action.control, Control::Administrative | Control::Ppe)).count(),
            photos_missing,
            inquiry_wanted: false,
            similar_unseen: false,
        }
    }
}

impl Report {
    /// Whether nothing more is to be done about it.
    pub const fn has_ended(&self) -> bool {
        matches!(self.state, ReportState::Closed | ReportState::Dismissed | ReportState::Duplicate | ReportState::Withdrawn)
    }

    /// Moves on, or back, to the state its file has earned: `acting` once it is rated, has causes where they are needed,
    /// and has an action; `verifying` once no action is left to complete.
    #[must_use]
    pub fn advanced(self, file: FileFacts) -> Self {
        if self.state == ReportState::Submitted || self.has_ended() {
            return self;
        }
        let acting = self.triaged.is_some() && !self.lacks_causes() && file.actions > 0;
        let state = match (acting, file.incomplete) {
            (true, 0) => ReportState::Verifying,
            (true, _) => ReportState::Acting,
            (false, _) => self.state.min(ReportState::Investigating),
        };
        Self { state, ..self }
    }

    /// Whether causes are needed and not found, or not found anew since it was reopened.
    pub(super) const fn lacks_causes(&self) -> bool {
        self.is_serious() && self.causes_found_at.is_none()
    }
}
