//! The plain value a mail is made from. It has no place for a narrative, a title, an injured person or a photo: what is
//! not in this type cannot leak into a mailbox.

use std::borrow::Cow;

use super::Digest;
use crate::domain::{
    account::AccountEvent,
    ids::{ActionId, NoticeId},
    locale::Locale,
    time::{Instant, Zone},
};

/// One mail to one person.
#[derive(Debug, Clone)]
pub struct Letter {
    /// The notice it carries out; with the seal also its Message-ID, so that a repeat is seen as one.
    pub id: NoticeId,
    /// What a mail that says this one came back must know.
    pub seal: String,
    /// When it was decided; its `Date`, and the moment its lengths of time are counted from.
    pub at: Instant,
    /// The language of the reader.
    pub locale: Locale,
    /// The zone in which the reader reads dates.
    pub zone: Zone,
    /// The reader.
    pub to: Recipient,
    /// The name all mails of one case share, such as `report-<uuid>`: mail programs put them into one thread.
    pub thread: String,
    /// The page that shows more, on our own origin.
    pub link: String,
    /// What it is about.
    pub about: About,
}

/// What a letter is about.
#[derive(Debug, Clone)]
pub enum About {
    /// A report, or something of it.
    Matter(Box<Matter>),
    /// Many matters at once.
    Digest(Digest),
    /// The reader's own account.
    Account {
        /// What happened to it.
        event: AccountEvent,
        /// What the device in question calls itself.
        device: Option<String>,
    },
    /// Nothing: a test of the way.
    Test,
}

/// A person a mail goes to.
#[derive(Debug, Clone)]
pub struct Recipient {
    /// The name shown; cleaned before it is used.
    pub name: String,
    /// The e-mail address.
    pub address: String,
}

/// A report, or something of it, as far as it may stand in a mailbox.
#[derive(Debug, Clone)]
pub struct Matter {
    /// Why it is written.
    pub kind: LetterKind,
    /// The report in question.
    pub case: Case,
    /// The ordinal of the corrective action within its report, when it is about one.
    pub action: Option<u32>,
    /// The name of what the law wants filed, when it is about a filing.
    pub filing: Option<String>,
    /// The code of what must be done, such as `complete_action`; the text `duty-complete-action` names it.
    pub duty: Option<&'static str>,
    /// When that is due.
    pub due_at: Option<Instant>,
    /// Who was told before, in that order.
    pub told: Vec<Told>,
    /// Who is told next if nothing happens.
    pub next: Option<Next>,
    /// The rule it is sent under.
    pub because: Option<Because>,
    /// The name of the colleague whose mail did not get through.
    pub in_place_of: Option<String>,
    /// What it says to the reader's calendar.
    pub entry: Option<Entry>,
}

/// The due date of a corrective action, as the calendar of its owner shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The action: its entries replace one another.
    pub action: ActionId,
    /// Rises with every change; the higher one holds.
    pub sequence: i64,
    /// When it is due.
    pub due_at: Instant,
    /// It is due no longer, or not by this reader.
    pub over: bool,
}

/// The facts of a report that may stand in a mail: labels from the organisation's own lists, in the reader's language.
#[derive(Debug, Clone)]
pub struct Case {
    /// The number people use, such as `R-2026-00042`.
    pub number: String,
    /// 1 (negligible) to 5 (catastrophic).
    pub potential_severity: u8,
    /// The label of its kind, such as "near miss".
    pub kind: String,
    /// The label of its category.
    pub category: String,
    /// The label of its site.
    pub site: String,
}

/// A colleague, as one who reads their name must know them.
#[derive(Debug, Clone)]
pub struct Colleague {
    /// The name.
    pub name: String,
    /// The code of what they are in the case, such as `owner`; the text `mail-role-owner` names it.
    pub role: &'static str,
}

/// A colleague who was told before.
#[derive(Debug, Clone)]
pub struct Told {
    /// Who.
    pub who: Colleague,
    /// When.
    pub at: Instant,
    /// At which step of the ladder.
    pub step: u32,
}

/// The next step of the ladder.
#[derive(Debug, Clone)]
pub struct Next {
    /// The colleagues it goes to.
    pub people: Vec<Colleague>,
    /// When.
    pub at: Instant,
}

/// The rule a letter is sent under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Because {
    /// A step of this version of the ladder.
    Ladder {
        /// The ladder's version.
        version: u32,
        /// The step.
        step: u32,
    },
    /// A step of an obligation, in this version of the obligations.
    Obligation {
        /// The obligations' version.
        version: u32,
        /// The step.
        step: u32,
    },
    /// This version of the routes.
    Route {
        /// The routes' version.
        version: u32,
    },
}

/// Why a letter is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LetterKind {
    /// A report reached the person in charge of it.
    ReportAssigned,
    /// An action was given to its owner.
    ActionAssigned,
    /// Something is due soon.
    Reminder,
    /// Something is late; to the one who owes it.
    Overdue,
    /// Something is late or unanswered; to the next one up.
    Escalation,
    /// A completed action waits for its verifier.
    VerificationAsked,
    /// A completed action was given back to its owner.
    ActionReturned,
    /// Somebody took charge of a report; to its sender.
    ReportAcknowledged,
    /// A report has ended; to its sender.
    ReportClosed,
    /// A report was dismissed; to its sender.
    ReportDismissed,
    /// A question about a report; to its sender.
    InformationAsked,
    /// Somebody asks to know who sent a report; to its sender.
    UnsealingAsked,
    /// Two persons may know who sent a report; to its sender.
    Unsealed,
    /// A report was taken up again; to its officer.
    ReportReopened,
    /// More time is asked for; to whoever decides.
    ExtensionAsked,
    /// It is decided about more time; to the owner.
    ExtensionDecided,
    /// An action was verified; to its owner.
    ActionVerified,
    /// An action is not needed any more; to its owner.
    ActionCancelled,
    /// An action was given to somebody else; to whoever had it before.
    ActionReassigned,
    /// A colleague's mailbox refuses mail; to whoever administers people.
    MailBounced,
}

impl LetterKind {
    /// All kinds.
    pub const ALL: [Self; 20] = [
        Self::ReportAssigned,
        Self::ActionAssigned,
        Self::Reminder,
        Self::Overdue,
        Self::Escalation,
        Self::VerificationAsked,
        Self::ActionReturned,
        Self::ReportAcknowledged,
        Self::ReportClosed,
        Self::ReportDismissed,
        Self::InformationAsked,
        Self::UnsealingAsked,
        Self::Unsealed,
        Self::ReportReopened,
        Self::ExtensionAsked,
        Self::ExtensionDecided,
        Self::ActionVerified,
        Self::ActionCancelled,
        Self::ActionReassigned,
        Self::MailBounced,
    ];

    /// The middle of its texts' keys, and the end of its file name in a folder of mails.
    pub const fn code(self) -> &'static str {
        match self {
            Self::ReportAssigned => "report-assigned",
            Self::ActionAssigned => "action-assigned",
            Self::Reminder => "reminder",
            Self::Overdue => "overdue",
            Self::Escalation => "escalation",
            Self::VerificationAsked => "verification-asked",
            Self::ActionReturned => "action-returned",
            Self::ReportAcknowledged => "report-acknowledged",
            Self::ReportClosed => "report-closed",
            Self::ReportDismissed => "report-dismissed",
            Self::InformationAsked => "information-asked",
            Self::UnsealingAsked => "unsealing-asked",
            Self::Unsealed => "unsealed",
            Self::ReportReopened => "report-reopened",
            Self::ExtensionAsked => "extension-asked",
            Self::ExtensionDecided => "extension-decided",
            Self::ActionVerified => "action-verified",
            Self::ActionCancelled => "action-cancelled",
            Self::ActionReassigned => "action-reassigned",
            Self::MailBounced => "mail-bounced",
        }
    }

    /// Whether it goes to a report's sender.
    pub const fn is_to_the_sender(self) -> bool {
        matches!(self, Self::ReportClosed | Self::ReportDismissed | Self::InformationAsked)
    }

    /// Whether it says no more of a report than its number.
    pub const fn is_discreet(self) -> bool {
        self.is_to_the_sender() || matches!(self, Self::MailBounced)
    }
}

impl Letter {
    /// The code of its kind; `test` for a letter about nothing.
    pub fn code(&self) -> Cow<'static, str> {
        let code = match &self.about {
            About::Matter(matter) => matter.kind.code(),
            About::Digest(_) => "digest",
            About::Account { event, .. } => return format!("account-{}", event.word().replace('_', "-")).into(),
            About::Test => "test",
        };
        code.into()
    }

    /// The report it is about, if it is about one.
    pub fn matter(&self) -> Option<&Matter> {
        if let About::Matter(matter) = &self.about { Some(matter) } else { None }
    }
}
