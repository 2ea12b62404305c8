//! Disposing of what has been kept for its time, as the server's worker does every hour; or only saying what is due.

use anyhow::bail;
use clap::Args;

use crate::{app::App, clock::Clock, config::Settings, operations};

/// `salama tidy`.
#[derive(Debug, Args)]
pub struct Tidy {
    /// Only say what would be disposed of now under the newest retention, and change nothing.
    #[arg(long)]
    dry_run: bool,
}

impl Tidy {
    /// Disposes of what is due, or counts it.
    pub async fn run(self, settings: Settings) -> anyhow::Result<()> {
        super::to_stderr("warn", settings.log_is_json());
        let app = App::open(settings, Clock::system()).await?;
        if app.store.pending_migrations().await? > 0 {
            bail!("the database is not in this version's form; run `salama migrate`");
        }
        let Some(tidying) = operations::rehearse_tidying(&app).await? else {
            println!("there is no retention: everything is kept");
            return Ok(());
        };
        println!("retention {}, which acts from {}:", tidying.version, tidying.acts_at);
        for class in &tidying.classes {
            println!("{:>7} due  {} ({}, {})", class.due, class.name, class.what, class.period);
        }
        if self.dry_run {
            println!("nothing was changed");
            return Ok(());
        }
        while operations::tidy_up(&app).await? {}
        let mut orphans = 0;
        for shelf in 0..=u8::MAX {
            orphans += operations::sweep_orphans(&app, shelf).await?;
        }
        println!("{orphans:>7} files that no record names");
        println!("what was due by the retention that acts now is disposed of; bytes of photos follow within minutes");
        Ok(())
    }
}
