//! Following the journal from its first entry to its last.

use anyhow::bail;
use clap::Subcommand;

use crate::{app::open_store, config::Settings, credentials::Keys, operations};

/// `salama journal …`.
#[derive(Debug, Subcommand)]
pub enum Journal {
    /// Check every entry's hash against the one before, and every seal, and name the first that is wrong.
    Verify {
        /// The number of the first entry; the very first when absent.
        #[arg(long)]
        from: Option<i64>,
        /// The number of the last entry; the very last when absent.
        #[arg(long)]
        to: Option<i64>,
    },
    /// Print the newest seal over the journal, to be kept elsewhere.
    Seal,
}

impl Journal {
    /// Follows the chain to its end.
    pub async fn run(self, settings: &Settings) -> anyhow::Result<()> {
        super::to_stderr("warn", settings.log_is_json());
        let store = open_store(&settings.database_url, settings.database_connections).await?;
        if store.pending_migrations().await? > 0 {
            bail!("the database is not in this version's form; run `salama migrate`");
        }
        let Self::Verify { from, to } = self else {
            let newest = store.last_seal().await?;
            let Some((seq, token)) = store.journal_seals(newest, newest).await?.pop() else { bail!("nothing is sealed yet") };
            println!("entry {seq}: {token}");
            return Ok(());
        };
        // Without the server's key the chain can be followed, but not its seals.
        let keys =
            settings.keys_dir.exists().then(|| Keys::open_or_make(&settings.keys_dir, &settings.public_url())).transpose()?;
        let found = operations::verify_journal(&store, keys.as_ref(), from, to).await?;
        println!("the journal is whole: {} entries, each as it was written, {} seals", found.entries, found.seals);
        Ok(())
    }
}
