//! Putting what an organisation begins with into an empty database.

use clap::Subcommand;

use crate::{app::App, clock::Clock, config::Settings, operations, pack};

/// `salama pack …`.
#[derive(Debug, Subcommand)]
pub enum Pack {
    /// Load sites, categories and rules; nothing that is there is overwritten.
    Load {
        /// The pack, such as `ma_utility`.
        name: String,
        /// Its invented people as well, for trying things out; none of them has a password.
        #[arg(long)]
        people: bool,
    },
}

impl Pack {
    /// Loads what is asked for, and says what was there already.
    pub async fn run(self, settings: Settings) -> anyhow::Result<()> {
        super::to_stderr("warn", settings.log_is_json());
        let Self::Load { name, people } = self;
        let pack = pack::Pack::named(&name)?;
        let app = App::open(settings, Clock::system()).await?;
        super::start::migrate(&app).await?;
        if operations::load_pack(&app, &pack).await? {
            println!("loaded {name}: {} sites, {} categories, and its rules", pack.sites.len(), pack.categories.len());
        } else {
            println!("the database has sites already: nothing of them was changed");
        }
        if people {
            let people = pack.people()?;
            if operations::load_people(&app, &pack, &people).await? {
                println!("loaded {} people; give each a password with `salama member set-password`", people.len());
            } else {
                println!("the organisation has people already: nobody was added");
            }
        }
        Ok(())
    }
}
