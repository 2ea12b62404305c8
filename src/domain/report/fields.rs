//! The fields of a report by their names in the contract: which of them a writing changed, and which a command is about.

use super::{Command, Report};

/// The field that stands for all of a report's actions.
pub const ACTIONS: &str = "actions";

impl Report {
    /// The fields that are not as they were before.
    pub fn changed_from(&self, before: &Self) -> Vec<&'static str> {
        // A new field does not compile until it says here by which name it is told.
        let Self {
            id: _,
            number: _,
            narrative: _,
            captured_at: _,
            sent_at: _,
            received_at: _,
            language: _,
            reporter: _,
            causes_found_at: _,
            actions_before: _,
            content_sha256: _,
            touched: _,
            version: _,
            state,
            kind,
            aspects,
            category,
            site,
            occurred_at,
            location,
            environment,
            quality,
            danger_now,
            confidentiality,
            potential_severity,
            actual_severity,
            screened,
            risk,
            officer,
            routed_by,
            acknowledged,
            contained,
            triaged,
            pending,
            causes,
            similar_events,
            similar_seen,
            photos_waived,
            controls_justified,
            closed,
            outcome,
            duplicate_of,
            recurrence_of,
            recurred_as,
            reopened,
            effectiveness_days,
            checks,
            unsealings,
        } = self;
        let fields = [
            ("state", *state != before.state),
            ("kind", *kind != before.kind),
            ("aspects", *aspects != before.aspects),
            ("category", *category != before.category),
            ("site_id", *site != before.site),
            ("occurred_at", *occurred_at != before.occurred_at),
            ("location", *location != before.location),
            ("environment", *environment != before.environment),
            ("quality", *quality != before.quality),
            ("danger_now", *danger_now != before.danger_now),
            ("confidentiality", *confidentiality != before.confidentiality),
            ("potential_severity", *potential_severity != before.potential_severity),
            ("actual_severity", *actual_severity != before.actual_severity),
            ("screen", *screened != before.screened),
            ("risk", *risk != before.risk),
            ("officer_id", *officer != before.officer),
            ("routed_by", *routed_by != before.routed_by),
            ("acknowledged_at", *acknowledged != before.acknowledged),
            ("contained_at", *contained != before.contained),
            ("triaged_at", *triaged != before.triaged),
            ("pending_severity", *pending != before.pending),
            ("causes", *causes != before.causes),
            ("similar_events", *similar_events != before.similar_events),
            ("similar_seen_at", *similar_seen != before.similar_seen),
            ("photos_waived", *photos_waived != before.photos_waived),
            ("controls_justification", *controls_justified != before.controls_justified),
            ("closed_at", *closed != before.closed),
            ("outcome", *outcome != before.outcome),
            ("duplicate_of", *duplicate_of != before.duplicate_of),
            ("recurrence_of", *recurrence_of != before.recurrence_of),
            ("recurred_as", *recurred_as != before.recurred_as),
            ("reopened_at", *reopened != before.reopened),
            ("effectiveness_days", *effectiveness_days != before.effectiveness_days),
            ("effectiveness_checks", *checks != before.checks),
            ("unsealings", *unsealings != before.unsealings),
        ];
        fields.into_iter().filter(|(_, changed)| *changed).map(|(field, _)| field).collect()
    }

    /// Whether that command, given over that version, meets what others did since: they wrote what it is about, or left the
    /// report where it is possible no more.
    pub fn conflicts(&self, version: i64, command: Command) -> bool {
        !self.allows(command) || self.touched.conflicts(version, command.about())
    }
}

impl Command {
    /// The fields that it writes, or that whoever gives it looks at to decide.
    pub const fn about(self) -> &'static [&'static str] {
        match self {
            Self::Acknowledge => &["acknowledged_at", "officer_id"],
            Self::Triage => {
                &["potential_severity", "actual_severity", "screen", "risk", "triaged_at", "pending_severity", "category"]
            }
            Self::Contain => &["contained_at"],
            Self::Correct => &[
                "kind",
                "aspects",
                "category",
                "site_id",
                "occurred_at",
                "location",
                "environment",
                "quality",
                "danger_now",
                "confidentiality",
            ],
            Self::Investigate | Self::Inquire => &["causes", "similar_events"],
            Self::LookForSimilar => &["similar_seen_at", "category", "site_id"],
            Self::AssignAction => &[ACTIONS],
            Self::Transfer => &["officer_id", "site_id"],
            // They only add to what was said.
            Self::RequestInformation | Self::Comment => &[],
            Self::JustifyControls => &["controls_justification", "potential_severity", ACTIONS],
            Self::Close => &[
                "state",
                "potential_severity",
                "causes",
                "similar_events",
                "similar_seen_at",
                "controls_justification",
                "outcome",
                "effectiveness_days",
                ACTIONS,
            ],
            Self::Dismiss | Self::MarkDuplicate | Self::Withdraw => {
                &["state", "potential_severity", "danger_now", "outcome", "duplicate_of", ACTIONS]
            }
            Self::Reopen => &["state", "reopened_at", "outcome", "recurred_as"],
            Self::CheckEffectiveness => &["state", "effectiveness_checks", "effectiveness_days"],
            Self::Unseal => &["unsealings", "confidentiality"],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        ids::MemberId,
        report::{ReportState, Stamp, tests::report},
        since::Touched,
        time::Instant,
    };

    #[test]
    fn a_writing_names_what_it_changed_and_a_command_beside_it_is_no_conflict() {
        let before = report(2);
        assert_eq!(before.changed_from(&before), Vec::<&str>::new());
        let by = Stamp { at: Instant::from_ms(9), by: MemberId(uuid::Uuid::nil()) };
        let mut after = crate::domain::report::Report { contained: Some(by), state: ReportState::Acknowledged, ..before.clone() };
        let changed = after.changed_from(&before);
        assert_eq!(changed, ["state", "contained_at"]);
        after.touched = Touched::unknown_before(1).and(&changed);
        assert!(!after.conflicts(1, Command::Triage));
        assert!(after.conflicts(1, Command::Contain) && after.conflicts(1, Command::Dismiss));
        assert!(after.conflicts(1, Command::Withdraw), "it is not possible any more");
    }
}
