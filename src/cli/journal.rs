//! Following the journal from its first entry to its last.

use anyhow::bail;
use clap::Subcommand;

use crate::{app::open_store, config::Settings, operations};

/// `salama journal …`.
#[derive(Debug, Subcommand)]
pub enum Journal {
    /// Check every entry's hash against the one before, and name the first that is wrong.
    Verify,
}

impl Journal {
    /// Follows the chain to its end.
    pub async fn run(self, settings: &Settings) -> anyhow::Result<()> {
        super::to_stderr("warn", settings.log_is_json());
        let Self::Verify = self;
        let store = open_store(&settings.database_url, settings.database_connections).await?;
        if store.pending_migrations().await? > 0 {
            bail!("the database is not in this version's form; run `salama migrate`");
        }
        let entries = operations::verify_journal(&store).await?;
        println!("the journal is whole: {entries} entries, each as it was written");
        Ok(())
    }
}
