//! People as an administrator of the machine adds, disables and lets them in. A password comes on standard input, so that
//! it stands in no list of processes and in no shell history.

use std::{
    io::{self, BufRead as _, IsTerminal as _},
    path::PathBuf,
};

use anyhow::{Context as _, anyhow};
use clap::Subcommand;
use secrecy::SecretString;

use super::member_file;
use crate::{
    clock::Clock,
    config::Settings,
    domain::{audience::Role, locale::Locale, refusal::Refusal},
    operations::{self, Imported, MemberDraft, OperationError},
    texts,
};

/// `salama member …`.
#[derive(Debug, Subcommand)]
pub enum Member {
    /// Add a person. Their password is read as one line from standard input, unless that is a terminal or empty.
    Add {
        /// An e-mail address, an employee number, or a phone number with its +.
        #[arg(long)]
        login: String,
        /// Their name, as colleagues read it.
        #[arg(long)]
        name: String,
        /// technician, officer, manager, investigator, auditor or admin; may be given several times.
        #[arg(long = "role", required = true, value_parser = role)]
        roles: Vec<Role>,
        /// The code of the site their roles hold at, with all below it; the whole organisation when absent.
        #[arg(long, value_name = "CODE")]
        site: Option<String>,
        /// The language they are spoken to in: ar, fr or en.
        #[arg(long, default_value = "fr", value_name = "LANGUAGE")]
        locale: Locale,
        /// The login of whom they answer to.
        #[arg(long, value_name = "LOGIN")]
        manager: Option<String>,
    },
    /// Add and change people from a list, all of it or nothing: roles are added, none is taken away.
    Import {
        /// CSV in UTF-8 with a header: `login;name;role;site;locale;manager;employee_number;phone`. Semicolons or commas; what is
        /// empty stays as it is; somebody with several roles has several lines.
        file: PathBuf,
        /// Say what would be done, and do nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// Disable a person: their sessions end at once, and what they would be told goes to the next one up.
    Disable {
        /// Any of their logins.
        #[arg(long)]
        login: String,
    },
    /// Give a person another password, read as one line from standard input; their sessions end.
    SetPassword {
        /// Any of their logins.
        #[arg(long)]
        login: String,
    },
}

impl Member {
    /// Does it, and says so without the password.
    pub async fn run(self, settings: Settings) -> anyhow::Result<()> {
        super::to_stderr("warn", settings.log_is_json());
        match self {
            Self::Add { login, name, roles, site, locale, manager } => {
                let password = if io::stdin().is_terminal() { None } else { line()? };
                let has_password = password.is_some();
                let app = super::ready(settings, Clock::system()).await?;
                let draft = MemberDraft { login: login.clone(), name, roles, site, locale, manager, password };
                let id = operations::add_member(&app, draft).await.map_err(in_words)?;
                println!("added {login} as {id}");
                if !has_password {
                    println!("without a password: nobody can sign in so until `salama member set-password --login {login}`");
                }
            }
            Self::Import { file, dry_run } => {
                let bytes = std::fs::read(&file).with_context(|| format!("{} cannot be read", file.display()))?;
                let lines = member_file::read(&bytes)?;
                let app = super::ready(settings, Clock::system()).await?;
                let done = operations::import_members(&app, &lines, dry_run).await.map_err(by_line)?;
                say(&done, dry_run);
            }
            Self::Disable { login } => {
                let app = super::ready(settings, Clock::system()).await?;
                operations::disable_member(&app, &login).await.map_err(in_words)?;
                println!("disabled {login}");
            }
            Self::SetPassword { login } => {
                if io::stdin().is_terminal() {
                    eprintln!("the new password of {login}, and Enter (it shows as you type):");
                }
                let password = line()?.ok_or_else(|| anyhow!("write the password as one line to standard input"))?;
                let app = super::ready(settings, Clock::system()).await?;
                operations::set_password(&app, &login, password).await.map_err(in_words)?;
                println!("{login} has a new password");
            }
        }
        Ok(())
    }
}

fn role(word: &str) -> Result<Role, String> {
    let known = || Role::ALL.iter().map(|role| role.word()).collect::<Vec<_>>().join(", ");
    Role::of_word(word).ok_or_else(|| format!("write one of {}", known()))
}

/// One line for each person who is new or changed, and the sums.
fn say(done: &[Imported], dry_run: bool) {
    let is_changed = |imported: &&Imported| !imported.is_new && (imported.roles > 0 || !imported.changed.is_empty());
    for Imported { login, is_new, changed, roles, .. } in done.iter().filter(|imported| imported.is_new || is_changed(imported)) {
        let did = if *is_new { "added" } else { "changed" };
        println!("{did} {login} ({roles} new roles{}{})", if changed.is_empty() { "" } else { ", " }, changed.join(", "));
    }
    let new = done.iter().filter(|imported| imported.is_new).count();
    let changed = done.iter().filter(is_changed).count();
    let roles: usize = done.iter().map(|imported| imported.roles).sum();
    let same = done.len() - new - changed;
    let end = if dry_run { "; this was a rehearsal, nothing was written" } else { "" };
    println!("{new} added, {changed} changed, {same} as they were, {roles} roles given{end}");
}

/// Refused fields are named with their lines.
fn by_line(error: OperationError) -> anyhow::Error {
    let OperationError::Refused(Refusal::Invalid(errors)) = error else { return error.into() };
    let named = errors.iter().map(|error| {
        let (line, field) = error.pointer.trim_start_matches('/').split_once('/').unwrap_or_default();
        format!("line {line}, {field}: {}", in_english(error.code))
    });
    anyhow!("nothing was written\n{}", named.collect::<Vec<_>>().join("\n"))
}

fn in_english(code: &str) -> String {
    texts::text(Locale::En, &format!("field-{}", code.replace('_', "-")))
}

/// The first line of standard input without its end; none when there is nothing in it.
fn line() -> anyhow::Result<Option<SecretString>> {
    let mut text = String::new();
    io::stdin().lock().read_line(&mut text).context("standard input cannot be read")?;
    let text = text.trim_end_matches(['\r', '\n']);
    Ok((!text.is_empty()).then(|| SecretString::from(text)))
}

/// A refused field is named as the option it came from.
fn in_words(error: OperationError) -> anyhow::Error {
    match error {
        OperationError::Refused(Refusal::Invalid(errors)) => {
            let named = errors.iter().map(|error| {
                let field = error.pointer.trim_start_matches('/').replace("roles", "role");
                format!("{field}: {}", in_english(error.code))
            });
            anyhow!("{}", named.collect::<Vec<_>>().join("; "))
        }
        other => other.into(),
    }
}
