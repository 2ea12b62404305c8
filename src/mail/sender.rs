//! Hands letters to the world: to an SMTP relay when one is set, to a folder otherwise. Says what became of each; when to
//! try again is decided elsewhere.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
};

use lettre::{Message, message::Mailbox};
use secrecy::SecretString;

use super::{Letter, MailError, Patience, folder, message, relay::Relay, render};
use crate::domain::delivery::Outcome;

/// The one way out for mails.
pub struct Sender {
    way: Way,
    from: Mailbox,
    reply_to: Option<Mailbox>,
}

enum Way {
    Smtp(Box<Relay>),
    Folder(PathBuf),
}

impl std::fmt::Debug for Sender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let way = if matches!(self.way, Way::Smtp(_)) { "smtp" } else { "folder" };
        f.debug_struct("Sender").field("way", &way).finish_non_exhaustive()
    }
}

impl Sender {
    /// With a URL: `smtps://user:password@host:port` (TLS from the first byte) or `smtp://…` (STARTTLS demanded, plain only
    /// to this very machine). Without: `folder`, which is made when missing. `from` and `reply_to` read `Name <a@b.org>`.
    pub fn open(
        smtp_url: Option<&SecretString>,
        folder: &Path,
        from: &str,
        reply_to: Option<&str>,
        patience: Patience,
    ) -> Result<Self, MailError> {
        let from: Mailbox = from.parse().map_err(|_| MailError::From)?;
        if !from.email.to_string().is_ascii() {
            return Err(MailError::From);
        }
        let reply_to = reply_to.map(|address| address.parse().map_err(|_| MailError::ReplyTo)).transpose()?;
        let way = if let Some(url) = smtp_url {
            Way::Smtp(Box::new(Relay::parse(url, from.email.domain(), patience)?))
        } else {
            std::fs::create_dir_all(folder)?;
            Way::Folder(folder.to_owned())
        };
        Ok(Self { way, from, reply_to })
    }

    /// Sends one letter, once. Never panics on what is in it, and never takes much longer than the patience.
    pub async fn send(&self, letter: &Letter) -> Outcome {
        // A letter that cannot be built must not stop those behind it: lettre panics on some headers.
        let built = catch_unwind(AssertUnwindSafe(|| self.build(letter)));
        let (message, html) = match built {
            Ok(Ok(built)) => built,
            Ok(Err(error @ MailError::Recipient)) => return Outcome::AddressRefused { why: error.to_string() },
            Ok(Err(error)) => return Outcome::MessageRefused { why: error.to_string() },
            Err(_) => return Outcome::MessageRefused { why: "building the message panicked".to_owned() },
        };
        match &self.way {
            Way::Smtp(relay) => relay.send(&message).await,
            Way::Folder(folder) => folder::write(folder, &stem(letter), &message.formatted(), &html).await,
        }
    }

    /// Whether a letter could be sent now: connects, secures, signs in, and sends none.
    pub async fn probe(&self) -> Outcome {
        match &self.way {
            Way::Smtp(relay) => relay.probe().await,
            Way::Folder(folder) => folder::probe(folder).await,
        }
    }

    fn build(&self, letter: &Letter) -> Result<(Message, String), MailError> {
        let rendered = render(letter, self.from.email.domain())?;
        let html = rendered.html.clone();
        Ok((message(letter, rendered, &self.from, self.reply_to.as_ref())?, html))
    }
}

/// Sorts by time; the end of the id is its random part.
fn stem(letter: &Letter) -> String {
    let id = letter.id.0.simple().to_string();
    format!("{}-{}-{}", letter.at.seconds(), id.get(20..).unwrap_or_default(), letter.code())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        domain::locale::Locale,
        mail::{
            LetterKind,
            examples::letter,
            smtp_peer::{At, Does, SmtpPeer},
        },
    };

    const FROM: &str = "Salama <salama@example.org>";

    fn sender(url: &str, whole: Duration) -> Sender {
        let patience = Patience { connect: Duration::from_secs(5), whole };
        Sender::open(Some(&url.into()), Path::new("unused"), FROM, None, patience).unwrap()
    }

    fn patient(peer: &SmtpPeer) -> Sender {
        sender(&peer.url(), Duration::from_secs(20))
    }

    /// What becomes of a letter when the relay does that, at that point.
    async fn outcome(at: At, does: Does) -> Outcome {
        let peer = SmtpPeer::start().await;
        let silent = matches!(does, Does::Stalls);
        peer.at(at, does);
        let url = peer.url().replace("smtp://", "smtp://user:password@");
        // Only where silence is what is tested is there little patience.
        let whole = Duration::from_millis(if silent { 300 } else { 20_000 });
        sender(&url, whole).send(&letter(Some(LetterKind::Escalation), Locale::Ar)).await
    }

    #[tokio::test]
    async fn an_accepted_letter_arrives_once_and_whole() {
        let peer = SmtpPeer::start().await;
        let accepted = patient(&peer).send(&letter(Some(LetterKind::Escalation), Locale::Fr)).await;
        assert_eq!(accepted, Outcome::Accepted { reply: "2.0.0 Ok: queued as Q1".into() });
        let [mail] = peer.received().try_into().unwrap();
        assert_eq!((mail.from.as_str(), mail.to.as_str()), ("salama@example.org", "k.berrada@example.org"));
        assert!(
            mail.data.contains("\r\nMessage-ID: <0193a5e0-0000-7000-8000-00000000002a.5ea1@example.org>\r\n"),
            "{}",
            mail.data
        );
        assert!(mail.data.contains("\r\nAuto-Submitted: auto-generated\r\n"));
        assert_eq!(peer.connections(), 1);
    }

    #[tokio::test]
    async fn the_relays_words_are_kept_without_addresses() {
        let accepted = outcome(At::FinalDot, Does::Says("250 2.6.0 <k.berrada@example.org> queued as 4AB")).await;
        assert_eq!(accepted, Outcome::Accepted { reply: "2.6.0 queued as 4AB".into() });
    }

    #[tokio::test]
    async fn refusals_are_sorted_by_when_they_come() {
        let refused = outcome(At::Recipient, Does::Says("550 5.1.1 <k.berrada@example.org>: no such user")).await;
        assert_eq!(refused, Outcome::AddressRefused { why: "the relay said 550 5.1.1 at the recipient".into() });
        for (at, line) in [(At::Sender, "553 no"), (At::Data, "554 5.7.1 no"), (At::FinalDot, "552 5.3.4 too big")] {
            assert!(matches!(outcome(at, Does::Says(line)).await, Outcome::MessageRefused { .. }), "{at:?}");
        }
        for (at, line) in [
            (At::Greeting, "554 go away"),
            (At::SignIn, "535 5.7.8 wrong"),
            (At::SignIn, "504 unknown"),
            (At::Sender, "530 5.7.0 sign in"),
            (At::Recipient, "530 5.7.0 sign in"),
            (At::Hello, "250 peer"),
        ] {
            assert!(matches!(outcome(at, Does::Says(line)).await, Outcome::Misconfigured { .. }), "{at:?} {line}");
        }
        for at in [At::Greeting, At::Hello, At::SignIn, At::Sender, At::Recipient, At::Data, At::FinalDot] {
            for line in ["421 closing", "451 4.7.1 greylisted"] {
                let outcome = outcome(at, Does::Says(line)).await;
                let greylisted = at == At::Recipient && line.starts_with("451");
                assert!(
                    if greylisted {
                        matches!(outcome, Outcome::Greylisted { .. })
                    } else {
                        matches!(outcome, Outcome::Transient { .. })
                    },
                    "{at:?}: {outcome:?}"
                );
            }
        }
    }

    #[tokio::test]
    async fn silence_or_an_end_is_transient_before_the_final_dot_and_unknown_after() {
        for at in [At::Greeting, At::Hello, At::SignIn, At::Sender, At::Recipient, At::Data] {
            assert!(matches!(outcome(at, Does::HangsUp).await, Outcome::Transient { .. }), "{at:?}");
            assert!(matches!(outcome(at, Does::Stalls).await, Outcome::Transient { .. }), "{at:?}");
        }
        assert!(matches!(outcome(At::FinalDot, Does::HangsUp).await, Outcome::Unknown { .. }));
        assert!(matches!(outcome(At::FinalDot, Does::Stalls).await, Outcome::Unknown { .. }));
        assert!(matches!(outcome(At::FinalDot, Does::Says("gibberish")).await, Outcome::Unknown { .. }));
    }

    #[tokio::test]
    async fn a_bad_farewell_takes_nothing_back() {
        assert!(matches!(outcome(At::Quit, Does::HangsUp).await, Outcome::Accepted { .. }));
        assert!(matches!(outcome(At::Quit, Does::Says("500 what")).await, Outcome::Accepted { .. }));
    }

    #[tokio::test]
    async fn nobody_listening_is_transient_and_mended_is_mended() {
        let nobody = sender("smtp://127.0.0.1:1", Duration::from_secs(20));
        assert!(matches!(nobody.send(&letter(None, Locale::En)).await, Outcome::Transient { .. }));
        let peer = SmtpPeer::start().await;
        let sender = patient(&peer);
        peer.at(At::Greeting, Does::HangsUp);
        assert!(matches!(sender.probe().await, Outcome::Transient { .. }));
        peer.mend();
        assert!(matches!(sender.probe().await, Outcome::Accepted { .. }));
        assert!(peer.received().is_empty());
    }

    #[tokio::test]
    async fn a_letter_that_cannot_be_built_is_refused_and_the_next_one_goes() {
        let peer = SmtpPeer::start().await;
        let sender = patient(&peer);
        let mut addressless = letter(None, Locale::En);
        addressless.to.address = "nobody".into();
        assert!(matches!(sender.send(&addressless).await, Outcome::AddressRefused { .. }));
        let mut linkless = letter(None, Locale::En);
        linkless.link = "data:text/html,x".into();
        assert!(matches!(sender.send(&linkless).await, Outcome::MessageRefused { .. }));
        assert!(matches!(sender.send(&letter(None, Locale::En)).await, Outcome::Accepted { .. }));
    }

    #[tokio::test]
    async fn without_a_relay_mails_become_files_and_a_repeat_replaces_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let mails = folder.path().join("mails");
        let sender = Sender::open(None, &mails, FROM, None, Patience::default()).unwrap();
        assert!(matches!(sender.probe().await, Outcome::Accepted { .. }));
        for _ in 0..2 {
            assert!(matches!(sender.send(&letter(Some(LetterKind::Reminder), Locale::Ar)).await, Outcome::Accepted { .. }));
        }
        let mut names: Vec<_> = std::fs::read_dir(&mails).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["1795425120-00000000002a-reminder.eml", "1795425120-00000000002a-reminder.html"]);
        std::fs::remove_dir_all(&mails).unwrap();
        assert!(matches!(sender.probe().await, Outcome::Misconfigured { .. }));
        assert!(matches!(sender.send(&letter(None, Locale::En)).await, Outcome::Transient { .. }));
    }

    #[tokio::test]
    async fn sending_can_be_handed_to_another_task() {
        let peer = SmtpPeer::start().await;
        let sender = patient(&peer);
        let sent = tokio::spawn(async move { sender.send(&letter(None, Locale::Fr)).await }).await.unwrap();
        assert!(matches!(sent, Outcome::Accepted { .. }));
    }

    #[test]
    fn wrong_settings_are_refused_at_the_start() {
        let open = |from: &str, reply_to: Option<&str>| {
            Sender::open(Some(&"smtps://mail.example.org".into()), Path::new("unused"), from, reply_to, Patience::default()).err()
        };
        assert!(matches!(open("nobody", None), Some(MailError::From)));
        assert!(matches!(open(FROM, Some("nobody")), Some(MailError::ReplyTo)));
        assert!(open(FROM, Some("Desk <desk@example.org>")).is_none());
    }
}
