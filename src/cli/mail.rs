//! Trying the way mails take, before somebody depends on it.

use std::time::Duration;

use anyhow::bail;
use clap::Subcommand;

use crate::{
    clock::Clock,
    config::Settings,
    domain::{delivery::Outcome, ids::NoticeId, locale::Locale, time::Zone},
    mail::{About, Letter, Patience, Recipient, Sender},
};

/// `salama mail …`.
#[derive(Debug, Subcommand)]
pub enum Mail {
    /// Send a mail that says it is a test.
    Test {
        /// To whom: an e-mail address.
        #[arg(long, value_name = "ADDRESS")]
        to: String,
        /// In which language: ar, fr or en.
        #[arg(long, default_value = "en", value_name = "LANGUAGE")]
        locale: Locale,
    },
}

impl Mail {
    /// Sends one mail, and says what the other side said.
    pub async fn run(self, settings: &Settings) -> anyhow::Result<()> {
        super::to_stderr("warn", settings.log_is_json());
        let Self::Test { to, locale } = self;
        let patience = Patience { whole: Duration::from_secs(settings.mail_timeout_secs), ..Patience::default() };
        let sender = Sender::open(settings.smtp_url(), &settings.mail_dir, &settings.mail_from, None, patience)?;
        match sender.send(&letter(to, locale, settings)).await {
            Outcome::Accepted { reply } if settings.smtp_url().is_some() => println!("the relay accepted the mail: {reply}"),
            Outcome::Accepted { reply } => println!("{reply} in {}", settings.mail_dir.display()),
            Outcome::Transient { why } | Outcome::Greylisted { why } | Outcome::Unknown { why } => {
                bail!("the mail did not go now, and may later: {why}")
            }
            Outcome::AddressRefused { why } => bail!("the address is refused: {why}"),
            Outcome::MessageRefused { why } => bail!("the mail is refused: {why}"),
            Outcome::Misconfigured { why } => bail!("no mail can go with these settings: {why}"),
        }
        Ok(())
    }
}

fn letter(address: String, locale: Locale, settings: &Settings) -> Letter {
    let clock = Clock::system();
    let id = NoticeId(clock.new_id());
    Letter {
        id,
        seal: "test".to_owned(),
        at: clock.now(),
        locale,
        zone: Zone::utc(),
        to: Recipient { name: String::new(), address },
        thread: format!("test-{id}"),
        link: settings.public_url(),
        about: About::Test,
    }
}
