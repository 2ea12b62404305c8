//! The moves of a report while it lives. Its rating is in `rating`, its ends in `ending`; who may make a move is in
//! `access`; what it sets going is in `operations`.

use super::{Cause, Command, Report, ReportState, SERIOUS_FROM, Stamp};
use crate::domain::{
    audience::Role,
    ids::MemberId,
    organisation::Organisation,
    prose::{LONG, SHORT, prose},
    refusal::{FieldErrors, Refusal},
    time::Instant,
};

/// What an inquiry found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Investigation {
    /// Causes; they take the place of those recorded before.
    pub causes: Vec<Cause>,
    /// What the search for similar events found.
    pub similar_events: Option<String>,
}

/// A manager answers for a plan of rules and equipment alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Justification {
    /// Who, and when.
    pub stamp: Stamp,
    /// Why nothing better can be done.
    pub text: String,
}

impl Report {
    /// Whether it needs causes, evidence and an effectiveness check.
    pub const fn is_serious(&self) -> bool {
        self.potential_severity >= SERIOUS_FROM
    }

    /// Somebody has taken charge. Whoever did may say so again.
    pub fn acknowledge(self, by: MemberId, now: Instant) -> Result<Self, Refusal> {
        if !self.has_ended() && self.acknowledged.is_some_and(|stamp| stamp.by == by) {
            return Ok(self);
        }
        self.expect(Command::Acknowledge)?;
        Ok(Self { state: ReportState::Acknowledged, acknowledged: Some(Stamp { at: now, by }), ..self })
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
            errors.take(prose(format!("/causes/{n}/text"), &cause.text, SHORT));
        }
        if let Some(similar) = &found.similar_events {
            errors.take(prose("/similar_events", similar, LONG));
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

    /// Somebody has looked at the similar events there were.
    pub fn looked_for_similar(self, by: MemberId, now: Instant) -> Result<Self, Refusal> {
        self.expect(Command::LookForSimilar)?;
        Ok(Self { similar_seen: Some(Stamp { at: now, by }), ..self })
    }

    /// It is not this officer's: another officer of the site, or of a site above it, is answerable from now on.
    pub fn transfer(self, to: MemberId, organisation: &Organisation) -> Result<Self, Refusal> {
        self.expect(Command::Transfer)?;
        let is_here = organisation.members.get(&to).is_some_and(|member| member.disabled_at.is_none());
        if !is_here || !organisation.has_role(to, Role::Officer, self.site) {
            return Err(Refusal::invalid("/officer_id", "not_an_officer_here"));
        }
        if self.officer == Some(to) {
            return Err(Refusal::invalid("/officer_id", "is_the_officer"));
        }
        Ok(Self { officer: Some(to), ..self })
    }

    /// A manager says why rules and equipment alone are the best that can be done (ISO 45001 clause 8.1.2).
    pub fn justify_controls(self, why: &str, by: MemberId, now: Instant) -> Result<Self, Refusal> {
        self.expect(Command::JustifyControls)?;
        let text = prose("/justification", why, LONG)?;
        Ok(Self { controls_justified: Some(Justification { stamp: Stamp { at: now, by }, text }), ..self })
    }
}
