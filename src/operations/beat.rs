//! The heartbeat: somebody outside is told again and again that all is well, and notices when that stops (a dead man's
//! switch). It is withheld when anything that was promised is late.

use std::{path::Path, time::Duration};

use tracing::warn;

use super::Watch;
use crate::{app::App, domain::time::Instant};

/// How long the other side may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Says that all is well, where the settings name a place for it and it is; true when it was said. A place that cannot be
/// reached is logged and holds nothing up: whoever waits there notices.
pub async fn beat(app: &App, watch: &Watch) -> bool {
    let Some(place) = app.settings.heartbeat().filter(|_| watch.all_is_well()) else { return false };
    let said = match place.strip_prefix("file://") {
        Some(path) => write(Path::new(path), app.clock.now()).await,
        None => fetch(place).await,
    };
    said.inspect_err(|why| warn!("the heartbeat could not be given: {why}")).is_ok()
}

async fn write(path: &Path, now: Instant) -> Result<(), &'static str> {
    tokio::fs::write(path, format!("{now}\n")).await.map_err(|_| "the file cannot be written")
}

async fn fetch(url: &str) -> Result<(), &'static str> {
    let client = reqwest::Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none()).build();
    let answer = client.map_err(|_| "no request can be made")?.get(url).send().await;
    // Its own words may hold the URL, and with it a secret.
    let answer = answer.map_err(|_| "the other side does not answer")?;
    if answer.status().is_success() { Ok(()) } else { Err("the other side refuses it") }
}
