//! All replicas go by one clock, that of their database: a machine whose own clock is wrong tells nobody too early or too
//! late. What the clock is asked for is decided elsewhere.

use tracing::warn;

use super::OperationError;
use crate::app::App;

/// A difference that small may be the way there and back, in milliseconds.
const NOISE_MS: i64 = 2_000;

/// Sets this process's clock by the database's, unless it is a clock that does not follow the machine; true when it was off.
pub async fn agree_on_time(app: &App) -> Result<bool, OperationError> {
    let asked = app.clock.now();
    let theirs = app.store.clock().await?;
    let ours = asked.plus_ms(app.clock.now().since_ms(asked) / 2);
    let off_ms = theirs.since_ms(ours);
    if off_ms.abs() < NOISE_MS || !app.clock.correct(off_ms) {
        return Ok(false);
    }
    warn!(off_ms, "this machine's clock differs from the database's by {off_ms} ms: the database's counts");
    Ok(true)
}
