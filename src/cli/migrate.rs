//! Bringing the database to this version's form, for those who do not let the server do it at start.

use anyhow::Context as _;
use clap::Args;

use crate::{app::open_store, config::Settings};

/// `salama migrate`.
#[derive(Debug, Args)]
pub struct Migrate {
    /// Change nothing, and print how many steps are not applied yet.
    #[arg(long)]
    check: bool,
}

impl Migrate {
    /// Applies the steps, or counts them.
    pub async fn run(self, settings: &Settings) -> anyhow::Result<()> {
        super::to_stderr("warn", settings.log_is_json());
        let store = open_store(&settings.database_url, settings.database_connections).await?;
        let pending = store.pending_migrations().await?;
        match (self.check, pending) {
            (_, 0) => println!("nothing is pending"),
            (true, pending) => println!("{pending} steps are pending"),
            (false, pending) => {
                store.migrate().await.context("the database could not be migrated")?;
                println!("{pending} steps were applied");
            }
        }
        Ok(())
    }
}
