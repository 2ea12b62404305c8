//! The moves of an action and their guards. Who may make them is in `access`; its extensions are in `extension`.

use super::{Action, ActionCommand, ActionState};
use crate::domain::{
    ids::{MemberId, PhotoId},
    organisation::Organisation,
    prose::{LONG, SHORT, prose},
    refusal::{FieldErrors, Refusal},
    report::{SERIOUS_FROM, Stamp},
    time::Instant,
};

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

    /// Whether it is the member's own work, which others must judge.
    pub fn is_work_of(&self, member: MemberId) -> bool {
        self.owner == member || self.completed.is_some_and(|stamp| stamp.by == member)
    }

    /// Whether it can be asked as the action stands; guards come on top.
    pub fn is_possible(&self, command: ActionCommand) -> bool {
        let asked = self.pending_extension().is_some();
        command.possible_in().contains(&self.state)
            && match command {
                ActionCommand::RequestExtension => !asked,
                ActionCommand::DecideExtension => asked,
                _ => true,
            }
    }

    /// Refuses a command its state does not allow, and says what would be.
    pub fn expect(&self, command: ActionCommand) -> Result<(), Refusal> {
        if self.is_possible(command) {
            return Ok(());
        }
        let possible = ActionCommand::ALL.iter().filter(|other| self.is_possible(**other));
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
        let note = errors.take(prose("/note", &done.note, LONG));
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
            completion_note: note,
            evidence: done.evidence,
            ..self
        })
    }

    /// Somebody who neither owns nor completed it has seen that it is done.
    pub fn verify(self, by: MemberId, now: Instant) -> Result<Self, Refusal> {
        self.expect(ActionCommand::Verify)?;
        if self.is_work_of(by) {
            return Err(Refusal::MayNot("verify_own_work"));
        }
        Ok(Self { state: ActionState::Verified, verified: Some(Stamp { at: now, by }), ..self })
    }

    /// It is not done: back to its owner, with a reason.
    pub fn returned(self, reason: &str) -> Result<Self, Refusal> {
        self.expect(ActionCommand::Return)?;
        let reason = prose("/reason", reason, SHORT)?;
        Ok(Self { state: ActionState::InProgress, completed: None, reason: Some(reason), ..self })
    }

    /// It is not needed any more. The owner cannot drop their own work.
    pub fn cancel(self, reason: &str, by: MemberId) -> Result<Self, Refusal> {
        self.expect(ActionCommand::Cancel)?;
        if by == self.owner {
            return Err(Refusal::MayNot("cancel_own_work"));
        }
        let reason = prose("/reason", reason, SHORT)?;
        Ok(Self { state: ActionState::Cancelled, reason: Some(reason), ..self })
    }

    /// Its owner gives it to somebody else, who is asked anew whether they take it on.
    pub fn delegate(self, to: MemberId, reason: &str, organisation: &Organisation) -> Result<Self, Refusal> {
        self.expect(ActionCommand::Delegate)?;
        let mut errors = FieldErrors::default();
        let reason = errors.take(prose("/reason", reason, SHORT));
        if organisation.members.get(&to).is_none_or(|member| member.disabled_at.is_some()) {
            errors.add("/owner_id", "unknown_member");
        }
        if to == self.verifier {
            errors.add("/owner_id", "is_the_verifier");
        }
        if to == self.owner {
            errors.add("/owner_id", "owns_it_already");
        }
        errors.none()?;
        Ok(Self { state: ActionState::Open, owner: to, reason, ..self })
    }
}
