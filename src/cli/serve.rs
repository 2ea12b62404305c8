//! The server as an operator runs it.

use clap::{Args, ValueEnum};
use tracing::info;

use super::{Signals, bind, start};
use crate::{clock::Clock, config::Settings};

/// `salama serve`.
#[derive(Debug, Args)]
pub struct Serve {
    /// Run one part alone; on several machines with PostgreSQL each part may run as often as wanted.
    #[arg(long, value_enum, value_name = "PART")]
    only: Option<Part>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Answer requests.
    Http,
    /// Escalate, send mails, make renditions of photos.
    Worker,
}

impl Serve {
    /// Runs until a signal comes.
    pub async fn run(self, mut settings: Settings) -> anyhow::Result<()> {
        super::to_stderr_and_watchers(&settings.log, settings.log_is_json());
        let signals = Signals::heard()?;
        let listener = match self.only {
            Some(Part::Worker) => None,
            _ => Some(bind(&mut settings).await?),
        };
        if settings.smtp_url().is_some() {
            info!("mails go out over SMTP");
        } else {
            info!("mails are written to {}", std::path::absolute(&settings.mail_dir)?.display());
        }
        let house = start(settings, Clock::system(), listener, self.only != Some(Part::Http)).await?;
        if let Some(address) = house.address {
            info!("listening on http://{address}");
        } else {
            info!("the worker runs");
        }
        if house.app.store.organisation().await?.members.is_empty() {
            info!("nobody can sign in yet: add somebody with `salama member add`");
        }
        house.until_stopped(signals).await
    }
}
