//! LETTERS: a plain value becomes a mail in the reader's language and is handed to a relay, or to a folder; and the page
//! behind its link, which shares the letter's facts and wording. And mails that come back are read.
//! Who is told, and when, is decided elsewhere; no wording lives here (it is in `texts`).

mod calendar;
mod digest;
#[cfg(test)]
mod examples;
mod folder;
#[cfg(test)]
mod gallery;
mod inbox;
mod letter;
mod message;
mod page;
mod relay;
mod render;
mod returned;
mod sender;
#[cfg(test)]
#[expect(dead_code, reason = "the stories use what the unit tests of this room do not")]
#[path = "../../tests/it/support/smtp.rs"]
mod smtp_peer;
mod sparing;

pub use digest::{Digest, DigestGroup, DigestLine};
pub use inbox::{Inbox, Pile};
pub use letter::{About, Because, Case, Colleague, Entry, Letter, LetterKind, Matter, Next, Recipient, Told};
pub use message::{is_mailbox, message};
pub use page::{Heir, Standing, calm_page, page};
pub use relay::Patience;
pub use render::{Rendered, render};
pub use returned::{Returned, returned};
pub use sender::Sender;

/// Why there is no mail, or no way to send one. Safe to log: it names no person and no address.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The sender's own address does not read as one.
    #[error("the sender's address is wrong; write it as: Salama <salama@example.org>")]
    From,
    /// The address for answers does not read as one.
    #[error("the address for answers is wrong; write it as: Safety desk <safety@example.org>")]
    ReplyTo,
    /// The recipient's address is none that a relay would take.
    #[error("the recipient's address is no plain e-mail address")]
    Recipient,
    /// The relay's address does not read as one.
    #[error("the relay's address is wrong ({0}); write smtps://user:password@host:port, or smtp:// for STARTTLS")]
    Relay(&'static str),
    /// The link of a letter leads elsewhere than to a web page.
    #[error("the link of a letter must begin with https:// or http://")]
    Link,
    /// A template did not render.
    #[error("a template of a mail or of its page did not render")]
    Template(#[from] minijinja::Error),
    /// The due date did not make a part of a message.
    #[error("the due date could not be written for a calendar")]
    Calendar,
    /// The parts did not make a message.
    #[error("the message could not be built")]
    Message(#[from] lettre::error::Error),
    /// The folder for mails cannot be written.
    #[error("the folder for mails cannot be written")]
    Folder(#[from] std::io::Error),
}
