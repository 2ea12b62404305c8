//! The command line: what can be asked of the program, one file for each family of commands. No rule lives here; a command
//! reads its settings, asks an operation, and says what came of it.

mod escalation;
mod journal;
mod logs;
mod mail;
mod member;
mod member_file;
mod migrate;
mod pack;
mod serve;
mod start;
mod tidy;

use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use clap::{Parser, Subcommand};

pub use self::{
    logs::to_stderr,
    start::{House, Signals, bind, ready, start},
};
use crate::{
    config::{Settings, SettingsError},
    demo, http,
};

/// Occupational health and safety reports, corrective actions, and escalation that nobody can miss.
#[derive(Debug, Parser)]
#[command(name = "salama", version, arg_required_else_help = true)]
pub struct CommandLine {
    /// A TOML file of settings; the environment (`SALAMA_…`) wins over it.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server: HTTP and worker in one process.
    Serve(serve::Serve),
    /// Play a report's whole life against a real server, with a clock that is moved, and leave it running to explore.
    Demo(demo::Options),
    /// Bring the database to this version's form.
    Migrate(migrate::Migrate),
    /// Add, disable, or give a password to a person.
    #[command(subcommand)]
    Member(member::Member),
    /// What an organisation begins with.
    #[command(subcommand)]
    Pack(pack::Pack),
    /// Print the HTTP contract (OpenAPI 3.1).
    Openapi,
    /// Check the settings and say what is wrong with them.
    CheckConfig,
    /// Try the way mails take.
    #[command(subcommand)]
    Mail(mail::Mail),
    /// What the planner would tell, before it is let loose on old data.
    Escalation(escalation::Escalation),
    /// The record of what happened.
    #[command(subcommand)]
    Journal(journal::Journal),
    /// Dispose of what has been kept for its time, as the worker does every hour.
    Tidy(tidy::Tidy),
}

impl CommandLine {
    /// Does what was asked; the code is the process's.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let settings = || settings(self.config.as_deref());
        match self.command {
            Command::Serve(serve) => serve.run(settings()?).await?,
            Command::Demo(options) => return Box::pin(demo::run(options)).await,
            Command::Migrate(migrate) => migrate.run(&settings()?).await?,
            Command::Member(member) => member.run(settings()?).await?,
            Command::Pack(pack) => pack.run(settings()?).await?,
            Command::Openapi => {
                let contract = http::contract().to_pretty_json().context("the contract cannot be written")?;
                writeln!(io::stdout(), "{contract}")?;
            }
            Command::CheckConfig => {
                settings()?;
                println!("the settings are good");
            }
            Command::Mail(mail) => mail.run(&settings()?).await?,
            Command::Escalation(escalation) => escalation.run(settings()?).await?,
            Command::Journal(journal) => journal.run(&settings()?).await?,
            Command::Tidy(tidy) => tidy.run(settings()?).await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The settings of this process: defaults, then the file, then the environment; all of them checked together.
fn settings(file: Option<&Path>) -> Result<Settings, SettingsError> {
    let settings = Settings::load(file, std::env::vars())?;
    settings.check()?;
    Ok(settings)
}

/// Says what went wrong, cause by cause, on standard error. 2 is for settings, 1 for everything else.
pub fn failed(error: &anyhow::Error) -> ExitCode {
    eprintln!("salama: {error:#}");
    ExitCode::from(if error.is::<SettingsError>() { 2 } else { 1 })
}
