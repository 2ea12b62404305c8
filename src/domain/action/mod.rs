//! A corrective action and how it lives: `open → accepted → in_progress → completed → verified`, back by being returned,
//! or `cancelled`. Its clocks are deadlines; its report's state follows from its own in `report`.

mod draft;
mod extension;
mod fields;
mod moves;

pub use self::{
    draft::{Assignment, RawAction},
    extension::{Decision, EXTENSIONS, Extension},
    moves::Completion,
};
use super::{
    ids::{ActionId, MemberId, PhotoId, ReportId, SiteId},
    report::Stamp,
    since::Touched,
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
        /// The owner gives it to somebody else.
        Delegate = "delegate",
        /// The owner asks for more time.
        RequestExtension = "request-extension",
        /// Somebody above the owner grants or refuses it.
        DecideExtension = "decide-extension",
    }
}

impl ActionCommand {
    /// The states in which it is possible at all.
    pub const fn possible_in(self) -> &'static [ActionState] {
        use ActionState::{Accepted, Completed, InProgress, Open};
        match self {
            Self::Accept => &[Open],
            Self::Start => &[Open, Accepted],
            Self::Complete | Self::Delegate | Self::RequestExtension | Self::DecideExtension => &[Open, Accepted, InProgress],
            Self::Verify | Self::Return => &[Completed],
            Self::Cancel | Self::AcknowledgeEscalation => &[Open, Accepted, InProgress, Completed],
        }
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
    /// The first promise, which figures count against.
    pub first_due_at: Instant,
    /// The extensions asked for, oldest first.
    pub extensions: Vec<Extension>,
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
    /// Why it was returned, given on or cancelled, the last time.
    pub reason: Option<String>,
    /// SHA-256 of the assignment, by which a repeated sending is known.
    pub content_sha256: [u8; 32],
    /// When each of its fields was last written.
    pub touched: Touched,
    /// Which writing of the record this is.
    pub version: i64,
}

#[cfg(test)]
pub(super) mod tests;
