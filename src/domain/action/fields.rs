//! The fields of an action by their names in the contract: which of them a writing changed, and which a command is about.

use super::{Action, ActionCommand};

impl Action {
    /// The same as it is written over what it was before.
    #[must_use]
    pub fn over(self, before: &Self) -> Self {
        let touched = before.touched.and(&self.changed_from(before));
        Self { touched, ..self }
    }

    /// The fields that are not as they were before.
    pub fn changed_from(&self, before: &Self) -> Vec<&'static str> {
        let fields = [
            ("state", self.state != before.state),
            ("site_id", self.site != before.site),
            ("title", self.title != before.title),
            ("details", self.details != before.details),
            ("owner_id", self.owner != before.owner),
            ("verifier_id", self.verifier != before.verifier),
            ("due_at", self.due_at != before.due_at),
            ("extensions", self.extensions != before.extensions),
            ("completed_at", self.completed != before.completed),
            ("completion_note", self.completion_note != before.completion_note),
            ("evidence", self.evidence != before.evidence),
            ("verified_at", self.verified != before.verified),
            ("reason", self.reason != before.reason),
        ];
        fields.into_iter().filter(|(_, changed)| *changed).map(|(field, _)| field).collect()
    }

    /// Whether that command, given over that version, meets what others did since: they wrote what it is about, or left the
    /// action where it is possible no more.
    pub fn conflicts(&self, version: i64, command: ActionCommand) -> bool {
        !self.is_possible(command) || self.touched.conflicts(version, command.about())
    }
}

impl ActionCommand {
    /// The fields that it writes, or that whoever gives it looks at to decide.
    pub const fn about(self) -> &'static [&'static str] {
        match self {
            Self::Accept | Self::Start | Self::Delegate => &["state", "owner_id"],
            Self::Complete => &["state", "owner_id", "completed_at", "completion_note", "evidence"],
            Self::Verify | Self::Return => &["state", "verifier_id", "completion_note", "evidence"],
            Self::Cancel => &["state"],
            Self::RequestExtension | Self::DecideExtension => &["due_at", "extensions", "owner_id"],
            Self::AcknowledgeEscalation => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{action::tests::action, time::Instant};

    #[test]
    fn more_time_given_meanwhile_is_beside_a_completion_and_not_beside_another_request() {
        let before = action();
        let after = Action { due_at: Instant::from_ms(before.due_at.ms() + 1), ..before.clone() }.over(&before);
        assert_eq!(after.touched.since(before.version), Some(vec!["due_at"]));
        assert!(!after.conflicts(before.version, ActionCommand::Complete));
        assert!(after.conflicts(before.version, ActionCommand::RequestExtension));
        assert!(after.conflicts(before.version, ActionCommand::Verify), "nothing is completed yet");
    }
}
