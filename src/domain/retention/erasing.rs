//! What is erased of each record, field by field. Whatever is not named here stays.

use super::GONE;
use crate::domain::{
    action::{Action, Decision, Extension},
    injury::{Injury, InjuryFacts},
    inquiry::{CauseNode, Findings, Inquiry, Moment},
    report::{Cause, EffectivenessCheck, Justification, Report, Unsealing, Voice},
};

fn gone() -> String {
    GONE.to_owned()
}

fn gone_if_said(said: Option<String>) -> Option<String> {
    said.map(|_| gone())
}

/// The report without anything somebody wrote in it.
#[must_use]
pub fn without_words(report: Report) -> Report {
    let checks = report.checks.into_iter().map(|check| EffectivenessCheck { method: gone(), note: gone(), ..check });
    Report {
        narrative: gone(),
        causes: report.causes.into_iter().map(|cause| Cause { text: gone(), ..cause }).collect(),
        similar_events: gone_if_said(report.similar_events),
        photos_waived: gone_if_said(report.photos_waived),
        controls_justified: report.controls_justified.map(|said| Justification { text: gone(), ..said }),
        outcome: gone_if_said(report.outcome),
        checks: checks.collect(),
        unsealings: report.unsealings.into_iter().map(unsealing_without_words).collect(),
        ..report
    }
}

fn unsealing_without_words(unsealing: Unsealing) -> Unsealing {
    let silent = |voice: Voice| Voice { reason: gone(), ..voice };
    Unsealing { asked: silent(unsealing.asked), agreed: unsealing.agreed.map(silent) }
}

/// The inquiry without what was found, but for the kinds of causes. Who sat in it and signed stays.
#[must_use]
pub fn inquiry_without_words(inquiry: Inquiry) -> Inquiry {
    let findings = Findings {
        team: inquiry.findings.team,
        timeline: inquiry
            .findings
            .timeline
            .into_iter()
            .map(|moment| Moment { what: gone(), source: gone_if_said(moment.source), ..moment })
            .collect(),
        whys: inquiry.findings.whys.into_iter().map(|chain| chain.into_iter().map(|_| gone()).collect()).collect(),
        causes: inquiry.findings.causes.into_iter().map(|cause| CauseNode { text: gone(), ..cause }).collect(),
    };
    Inquiry { findings, ..inquiry }
}

/// The report without the place where the phone was.
#[must_use]
pub fn without_position(report: Report) -> Report {
    Report { location: None, ..report }
}

/// The report without its sender.
#[must_use]
pub fn without_the_sender(report: Report) -> Report {
    Report { reporter: None, ..report }
}

/// The action without anything somebody wrote in it.
#[must_use]
pub fn action_without_words(action: Action) -> Action {
    let extension = |asked: Extension| {
        let decision = asked.decision.map(|decision| Decision { reason: gone_if_said(decision.reason), ..decision });
        Extension { reason: gone(), decision, ..asked }
    };
    Action {
        title: gone(),
        details: gone_if_said(action.details),
        completion_note: gone_if_said(action.completion_note),
        reason: gone_if_said(action.reason),
        extensions: action.extensions.into_iter().map(extension).collect(),
        ..action
    }
}

/// The injury without whose it was and what is noted of it. Days away, treatment and codes stay, for figures.
#[must_use]
pub fn injury_without_the_person(injury: Injury) -> Injury {
    Injury { facts: InjuryFacts { person: gone(), notes: None, ..injury.facts }, ..injury }
}
