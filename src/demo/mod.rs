//! The main job, played in a minute: a real server, real clients over HTTP, real mails, and a clock that is moved. No rule
//! lives here, and nothing here is used by the server; `story` is the day itself.

mod client;
mod ending;
mod mails;
mod opening;
mod people;
mod photo;
mod print;
mod stage;
mod story;
mod waiting;

use std::{path::PathBuf, process::ExitCode};

use clap::Args;

use self::{print::Timeline, stage::Stage, story::Day};
use crate::cli::{Signals, to_stderr};

/// `salama demo`.
#[derive(Debug, Args)]
pub struct Options {
    /// An empty or new folder for everything it makes; a temporary one when absent.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Where to listen; port 0 picks a free one.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    listen: String,
    /// Hand the mails to this relay (`smtp://…` or `smtps://…`) instead of writing them to a folder.
    #[arg(long, value_name = "URL")]
    smtp: Option<String>,
    /// A photo of your own for the report.
    #[arg(long, value_name = "FILE")]
    photo: Option<PathBuf>,
    /// Leave after the story; the status is 0 only if every step of it was seen.
    #[arg(long)]
    once: bool,
    /// Print the story as one JSON document.
    #[arg(long)]
    json: bool,
}

/// Plays the day, says how it went, and leaves the server running unless it was to leave.
pub async fn run(options: Options) -> anyhow::Result<ExitCode> {
    to_stderr("warn", false);
    let stage = Stage::set(&options).await?;
    let told = Timeline::new(stage.clock.clone(), stage.zone.clone(), options.json);
    told.opens(&stage);
    let mut day = Day::new(&stage, told)?;
    let played = story::play(&mut day).await;
    let mut told = day.told;
    if let Err(why) = &played {
        told.failed(why);
    }
    told.closes(&stage, options.once);
    if options.once {
        stage.strike(played.is_ok()).await?;
        return Ok(if played.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    stage.house.until_stopped(Signals::heard()?).await?;
    Ok(if played.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
