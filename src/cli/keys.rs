//! The keys that sign, changed without signing anybody out.

use clap::Subcommand;

use crate::{clock::Clock, config::Settings, credentials::add_signing_key};

/// `salama keys …`.
#[derive(Debug, Subcommand)]
pub enum Keys {
    /// Put another key beside those there are. It signs from then on; the older ones prove what they signed until their files
    /// are removed, which ends the proof of the journal's seals that they made.
    Rotate {
        /// In how many seconds it begins to sign. Until then all replicas, and whoever keeps the public keys for the five
        /// minutes they are good, must have seen it.
        #[arg(long, default_value_t = 600, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(330..=604_800))]
        r#in: u32,
    },
}

impl Keys {
    /// Does it, and says from when.
    pub fn run(self, settings: &Settings) -> anyhow::Result<()> {
        let Self::Rotate { r#in } = self;
        let from = Clock::system().now().plus_ms(i64::from(r#in) * 1000);
        add_signing_key(&settings.keys_dir, from)?;
        println!("another key signs from {from} on");
        Ok(())
    }
}
