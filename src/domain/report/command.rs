//! What can be asked of a report, and in which states. Who may ask is in `access`; what it does is in the files beside.

use super::{Report, ReportState};
use crate::domain::{refusal::Refusal, words::words};

words! {
    /// What can be asked of a report.
    pub enum Command {
        /// Take charge.
        Acknowledge = "acknowledge",
        /// Rate it.
        Triage = "triage",
        /// Say that the place is safe.
        Contain = "contain",
        /// Correct its facts.
        Correct = "correct",
        /// Write down causes and similar events.
        Investigate = "investigate",
        /// Hold an inquiry: its team, timeline and causes.
        Inquire = "inquire",
        /// Look at what similar events there were.
        LookForSimilar = "look-for-similar",
        /// Assign a corrective action.
        AssignAction = "assign-action",
        /// End it, with an outcome for the sender.
        Close = "close",
        /// Hand it to another officer.
        Transfer = "transfer",
        /// Ask the sender something.
        RequestInformation = "request-information",
        /// Say something about it.
        Comment = "comment",
        /// A manager answers for controls that only rules and equipment make.
        JustifyControls = "justify-controls",
        /// End it without doing anything, with a reason for the sender.
        Dismiss = "dismiss",
        /// Let another report of the same thing stand for it.
        MarkDuplicate = "mark-duplicate",
        /// Its sender takes it back.
        Withdraw = "withdraw",
        /// Take it up again.
        Reopen = "reopen",
        /// Say whether its cause is gone.
        CheckEffectiveness = "check-effectiveness",
        /// Open the identity of a confidential sender, together with somebody else.
        Unseal = "unseal",
    }
}

impl Command {
    /// The states in which it is possible at all; its guards come on top.
    pub const fn possible_in(self) -> &'static [ReportState] {
        use ReportState::{Acknowledged, Acting, Closed, Dismissed, Duplicate, Investigating, Submitted, Verifying};
        match self {
            Self::Acknowledge | Self::Withdraw => &[Submitted],
            Self::Triage
            | Self::Contain
            | Self::Correct
            | Self::Transfer
            | Self::RequestInformation
            | Self::Dismiss
            | Self::MarkDuplicate => &[Submitted, Acknowledged, Investigating, Acting, Verifying],
            Self::Investigate | Self::Inquire | Self::LookForSimilar | Self::AssignAction | Self::JustifyControls => {
                &[Acknowledged, Investigating, Acting, Verifying]
            }
            Self::Close => &[Verifying],
            Self::Reopen => &[Closed, Dismissed, Duplicate],
            Self::CheckEffectiveness => &[Closed],
            Self::Comment | Self::Unseal => ReportState::ALL,
        }
    }
}

impl Report {
    /// Whether it is possible in its state, and there is something to do it to.
    pub fn allows(&self, command: Command) -> bool {
        command.possible_in().contains(&self.state) && (command != Command::Unseal || self.is_sealed())
    }

    /// Refuses a command its state does not allow, and says what would be.
    pub fn expect(&self, command: Command) -> Result<(), Refusal> {
        if self.allows(command) {
            return Ok(());
        }
        let allowed = self.possible_but(command);
        Err(Refusal::WrongState { command: command.word(), state: self.state.word(), allowed })
    }

    /// Says what must be there first.
    pub(super) fn not_ready(&self, command: Command, missing: Vec<&'static str>) -> Refusal {
        Refusal::NotReady { command: command.word(), missing, allowed: self.possible_but(command) }
    }

    fn possible_but(&self, command: Command) -> Vec<&'static str> {
        let possible = Command::ALL.iter().filter(|other| **other != command && self.allows(**other));
        possible.map(|command| command.word()).collect()
    }
}
