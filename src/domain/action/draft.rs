//! The assignment of an action, and its reading into values that cannot be wrong.

use serde::{Deserialize, Serialize};

use super::{ActionKind, Control};
use crate::domain::{
    ids::MemberId,
    prose::{LONG, prose},
    refusal::{FieldErrors, Refusal},
    time::Instant,
};

/// The longest title, in characters.
const TITLE: usize = 200;

/// The body that assigns an action, as it came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawAction {
    /// What is to be done, in a line; at most 200 characters.
    pub title: String,
    /// How; at most 4000 characters.
    #[serde(default)]
    pub details: Option<String>,
    /// `containment`, `corrective` or `preventive`.
    pub kind: String,
    /// `elimination`, `substitution`, `engineering`, `administrative` or `ppe`.
    pub control: String,
    /// Who does it.
    pub owner_id: uuid::Uuid,
    /// Who sees that it is done; the report's officer when absent.
    #[serde(default)]
    pub verifier_id: Option<uuid::Uuid>,
    /// By when; the ladder's own time when absent.
    #[serde(default)]
    pub due_at: Option<String>,
}

/// An assignment, every field valid by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// What is to be done, in a line.
    pub title: String,
    /// How.
    pub details: Option<String>,
    /// What it is for.
    pub kind: ActionKind,
    /// Its level in the hierarchy of controls.
    pub control: Control,
    /// Who does it.
    pub owner: MemberId,
    /// Who sees that it is done.
    pub verifier: Option<MemberId>,
    /// By when.
    pub due_at: Option<Instant>,
}

impl RawAction {
    /// Reads every field; a due instant that has passed is refused, as is an owner who would verify their own work.
    pub fn read(self, now: Instant) -> Result<Assignment, Refusal> {
        let mut errors = FieldErrors::default();
        let title = errors.take(prose("/title", &self.title, TITLE));
        if self.details.as_ref().is_some_and(|details| details.chars().count() > LONG) {
            errors.add("/details", "too_long");
        }
        if self.details.as_ref().is_some_and(|details| details.contains('\0')) {
            errors.add("/details", "has_nul");
        }
        let kind = errors.take(ActionKind::of_word(&self.kind).ok_or_else(|| Refusal::invalid("/kind", "unknown_action_kind")));
        let control = errors.take(Control::of_word(&self.control).ok_or_else(|| Refusal::invalid("/control", "unknown_control")));
        let due_at: Option<Instant> =
            self.due_at.and_then(|text| errors.take(text.parse().map_err(|_| Refusal::invalid("/due_at", "not_an_instant"))));
        if due_at.is_some_and(|due| due <= now) {
            errors.add("/due_at", "in_the_past");
        }
        if self.verifier_id == Some(self.owner_id) {
            errors.add("/verifier_id", "is_the_owner");
        }
        errors.none()?;
        let (Some(title), Some(kind), Some(control)) = (title, kind, control) else {
            return Err(Refusal::invalid("", "unreadable"));
        };
        Ok(Assignment {
            title,
            details: self.details,
            kind,
            control,
            owner: MemberId(self.owner_id),
            verifier: self.verifier_id.map(MemberId),
            due_at,
        })
    }
}
