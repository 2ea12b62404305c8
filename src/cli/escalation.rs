//! What the planner would tell, before it is let loose on old data.

use anyhow::bail;
use clap::Args;

use crate::{app::App, clock::Clock, config::Settings, operations};

/// `salama escalation --dry-run`.
#[derive(Debug, Args)]
pub struct Escalation {
    /// Count what would be told now, and tell nobody.
    #[arg(long, required = true)]
    dry_run: bool,
}

impl Escalation {
    /// Says what would be told.
    pub async fn run(self, settings: Settings) -> anyhow::Result<()> {
        super::to_stderr("warn", settings.log_is_json());
        let app = App::open(settings, Clock::system()).await?;
        if app.store.pending_migrations().await? > 0 {
            bail!("the database is not in this version's form; run `salama migrate`");
        }
        let found = operations::foresee(&app).await?;
        println!("{} clocks run; {} of them have something to tell now", found.running, found.waiting);
        println!("{} mails would go to {} people", found.mails, found.people);
        println!("{} rungs would be put on record, {} of them to wait for a digest", found.rungs, found.for_digests);
        println!("{} clocks would reach nobody", found.silent);
        Ok(())
    }
}
