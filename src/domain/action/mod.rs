//! A corrective action and how it lives: `open → accepted → in_progress → completed → verified`, back by being returned,
//! or `cancelled`. Its clocks are deadlines; its report's state follows from its own in `report`.

use serde::{Deserialize, Serialize};

use super::{
    ids::{ActionId, MemberId, PhotoId, ReportId, SiteId},
    refusal::{FieldErrors, Refusal},
    report::{SERIOUS_FROM, Stamp},
    time::Instant,
    words::words,
};

words! {
    /// What an action is for.
    pub enum ActionKind {
        /// Makes the place safe for now.
        Containment = "containment",
        /// Removes the cause.
        Corrective = "corrective",
        /// Keeps the like from happening elsewhere.
        Preventive = "preventive",
    }
}

words! {
    /// Its level in the hierarchy of controls (ISO 45001 clause 8.1.2), best first.
    pub enum Control {
        /// The hazard is removed.
        Elimination = "elimination",
        /// It is replaced by something less dangerous.
        Substitution = "substitution",
        /// Technical means, or another organisation of the work.
        Engineering = "engineering",
        /// Rules, signs, training.
        Administrative = "administrative",
        /// Personal protective equipment.
        Ppe = "ppe",
    }
}

words! {
    /// Where an action stands.
    pub enum ActionState {
        /// Assigned.
        Open = "open",
        /// The owner has taken it on.
        Accepted = "accepted",
        /// The owner works on it.
        InProgress = "in_progress",
        /// The owner says it is done.
        Completed = "completed",
        /// Somebody else has seen that it is.
        Verified = "verified",
        /// It is not needed any more.
        Cancelled = "cancelled",
    }
}

words! {
    /// What can be asked of an action.
    pub enum ActionCommand {
        /// The owner takes it on.
        Accept = "accept",
        /// The owner begins.
        Start = "start",
        /// The owner has done it.
        Complete = "complete",
        /// The verifier has seen that it is done.
        Verify = "verify",
        /// The verifier gives it back.
        Return = "return",
        /// An officer who is not its owner drops it.
        Cancel = "cancel",
        /// Somebody who was told answers: its ladder waits.
        AcknowledgeEscalation = "acknowledge-escalation",
    }
}

impl ActionCommand {
    /// The states in which it is possible at all.
    pub const fn possible_in(self) -> &'static [ActionState] {
        use ActionState::{Accepted, Completed, InProgress, Open};
        match self {
            Self::Accept => &[Open],
            Self::Start => &[Open, Accepted],
            Self::Complete => &[Open, Accepted, InProgress],
            Self::Verify | Self::Return => &[Completed],
            Self::Cancel | Self::AcknowledgeEscalation => &[Open, Accepted, InProgress, Completed],
        }
    }
}

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
        let title = self.title.trim();
        if title.is_empty() {
            errors.add("/title", "empty");
        }
        if title.chars().count() > 200 {
            errors.add("/title", "too_long");
        }
        if self.details.as_ref().is_some_and(|details| details.chars().count() > 4_000) {
            errors.add("/details", "too_long");
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
        let (Some(kind), Some(control)) = (kind, control) else { return Err(Refusal::invalid("", "unreadable")) };
        Ok(Assignment {
            title: title.to_owned(),
            details: self.details,
            kind,
            control,
            owner: MemberId(self.owner_id),
            verifier: self.verifier_id.map(MemberId),
            due_at,
        })
    }
}

/// A corrective action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// Made by the client that assigned it.
    pub id: ActionId,
    /// Its report.
    pub report: ReportId,
    /// Its report's site.
    pub site: SiteId,
    /// Its place among the report's actions, from 1.
    pub ordinal: u32,
    /// Where it stands.
    pub state: ActionState,
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
    /// Who sees that it is done; never the owner.
    pub verifier: MemberId,
    /// By when it must be completed.
    pub due_at: Instant,
    /// Who assigned it.
    pub assigned: Stamp,
    /// Who said it is done.
    pub completed: Option<Stamp>,
    /// What they said.
    pub completion_note: Option<String>,
    /// The photos that show it.
    pub evidence: Vec<PhotoId>,
    /// Who saw that it is done.
    pub verified: Option<Stamp>,
    /// Why it was returned or cancelled, the last time.
    pub reason: Option<String>,
    /// SHA-256 of the assignment, by which a repeated sending is known.
    pub content_sha256: [u8; 32],
    /// Which writing of the record this is.
    pub version: i64,
}

/// What completing says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// What was done.
    pub note: String,
    /// Photos of the report that show it.
    pub evidence: Vec<PhotoId>,
}

impl Action {
    /// Neither verified nor cancelled.
    pub const fn is_open(&self) -> bool {
        !matches!(self.state, ActionState::Verified | ActionState::Cancelled)
    }

    /// Still to be completed by its owner.
    pub const fn is_incomplete(&self) -> bool {
        matches!(self.state, ActionState::Open | ActionState::Accepted | ActionState::InProgress)
    }

    /// Refuses a command its state does not allow, and says what would be.
    pub fn expect(&self, command: ActionCommand) -> Result<(), Refusal> {
        if command.possible_in().contains(&self.state) {
            return Ok(());
        }
        let possible = ActionCommand::ALL.iter().filter(|other| other.possible_in().contains(&self.state));
        Err(Refusal::WrongState {
            command: command.word(),
            state: self.state.word(),
            allowed: possible.map(|command| command.word()).collect(),
        })
    }

    /// The owner takes it on.
    pub fn accept(self) -> Result<Self, Refusal> {
        self.expect(ActionCommand::Accept)?;
        Ok(Self { state: ActionState::Accepted, ..self })
    }

    /// The owner begins.
    pub fn start(self) -> Result<Self, Refusal> {
        self.expect(ActionCommand::Start)?;
        Ok(Self { state: ActionState::InProgress, ..self })
    }

    /// The owner has done it. From potential 3 up a photo must show it; `report_photos` are those that could.
    pub fn complete(
        self,
        done: Completion,
        severity: u8,
        report_photos: &[PhotoId],
        by: MemberId,
        now: Instant,
    ) -> Result<Self, Refusal> {
        self.expect(ActionCommand::Complete)?;
        let mut errors = FieldErrors::default();
        if done.note.trim().is_empty() {
            errors.add("/note", "empty");
        }
        if done.note.chars().count() > 4_000 {
            errors.add("/note", "too_long");
        }
        if severity >= SERIOUS_FROM && done.evidence.is_empty() {
            errors.add("/evidence", "photo_needed");
        }
        for (n, photo) in done.evidence.iter().enumerate() {
            if !report_photos.contains(photo) {
                errors.add(format!("/evidence/{n}"), "unknown_photo");
            }
        }
        errors.none()?;
        Ok(Self {
            state: ActionState::Completed,
            completed: Some(Stamp { at: now, by }),
            completion_note: Some(done.note),
            evidence: done.evidence,
            ..self
        })
    }

    /// Somebody who neither owns nor completed it has seen that it is done.
    pub fn verify(self, by: MemberId, now: Instant) -> Result<Self, Refusal> {
        self.expect(ActionCommand::Verify)?;
        if by == self.owner || self.completed.is_some_and(|stamp| stamp.by == by) {
            return Err(Refusal::MayNot("verify_own_work"));
        }
        Ok(Self { state: ActionState::Verified, verified: Some(Stamp { at: now, by }), ..self })
    }

    /// It is not done: back to its owner, with a reason.
    pub fn returned(self, reason: &str) -> Result<Self, Refusal> {
        self.expect(ActionCommand::Return)?;
        let reason = said(reason)?;
        Ok(Self { state: ActionState::InProgress, completed: None, reason: Some(reason), ..self })
    }

    /// It is not needed any more. The owner cannot drop their own work.
    pub fn cancel(self, reason: &str, by: MemberId) -> Result<Self, Refusal> {
        self.expect(ActionCommand::Cancel)?;
        if by == self.owner {
            return Err(Refusal::MayNot("cancel_own_work"));
        }
        let reason = said(reason)?;
        Ok(Self { state: ActionState::Cancelled, reason: Some(reason), ..self })
    }
}

fn said(reason: &str) -> Result<String, Refusal> {
    match reason.trim() {
        "" => Err(Refusal::invalid("/reason", "empty")),
        reason if reason.chars().count() > 1_000 => Err(Refusal::invalid("/reason", "too_long")),
        reason => Ok(reason.to_owned()),
    }
}

#[cfg(test)]
mod tests;
