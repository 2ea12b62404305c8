//! More time for an action: its owner asks, somebody above decides. Figures go on counting against the first promise.

use serde::{Deserialize, Serialize};

use super::{Action, ActionCommand};
use crate::domain::{
    ids::MemberId,
    prose::{SHORT, prose},
    refusal::{FieldErrors, Refusal},
    report::Stamp,
    time::Instant,
};

/// How many extensions the level above may grant; from then on it is a director's to decide.
pub const EXTENSIONS: usize = 2;

/// More time, as it was asked for and decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    /// Until when.
    pub until: Instant,
    /// Why.
    pub reason: String,
    /// Who asked, and when.
    pub requested: Stamp,
    /// What was decided; none while it waits.
    pub decision: Option<Decision>,
}

/// What was decided about an extension.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Granted, or refused.
    pub granted: bool,
    /// Why; always said when it is refused.
    pub reason: Option<String>,
    /// Who decided, and when.
    pub stamp: Stamp,
}

impl Action {
    /// The extension that waits for a decision.
    pub fn pending_extension(&self) -> Option<&Extension> {
        self.extensions.last().filter(|extension| extension.decision.is_none())
    }

    /// How many extensions were granted.
    pub fn extensions_granted(&self) -> usize {
        let granted = |extension: &&Extension| extension.decision.as_ref().is_some_and(|decision| decision.granted);
        self.extensions.iter().filter(granted).count()
    }

    /// Its owner asks for more time.
    pub fn request_extension(self, until: Instant, reason: &str, by: MemberId, now: Instant) -> Result<Self, Refusal> {
        self.expect(ActionCommand::RequestExtension)?;
        let mut errors = FieldErrors::default();
        let reason = errors.take(prose("/reason", reason, SHORT));
        if until <= now {
            errors.add("/until", "in_the_past");
        } else if until <= self.due_at {
            errors.add("/until", "not_later");
        }
        errors.none()?;
        let asked = Extension { until, reason: reason.unwrap_or_default(), requested: Stamp { at: now, by }, decision: None };
        let extensions = self.extensions.iter().cloned().chain([asked]).collect();
        Ok(Self { extensions, ..self })
    }

    /// Somebody above grants it, and the due instant moves, or refuses it with a reason. Who asked never decides.
    pub fn decide_extension(self, granted: bool, reason: Option<&str>, by: MemberId, now: Instant) -> Result<Self, Refusal> {
        self.expect(ActionCommand::DecideExtension)?;
        let reason = match (granted, reason) {
            (true, None) => None,
            (_, reason) => Some(prose("/reason", reason.unwrap_or_default(), SHORT)?),
        };
        let mut extensions = self.extensions.clone();
        let mut due_at = self.due_at;
        if let Some(asked) = extensions.last_mut() {
            if asked.requested.by == by || self.owner == by {
                return Err(Refusal::MayNot("decide_own_extension"));
            }
            if granted && asked.until <= now {
                return Err(Refusal::invalid("/granted", "in_the_past"));
            }
            if granted {
                due_at = asked.until;
            }
            asked.decision = Some(Decision { granted, reason, stamp: Stamp { at: now, by } });
        }
        Ok(Self { due_at, extensions, ..self })
    }
}
