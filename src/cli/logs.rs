//! Where log lines go. What is worth a line is decided where it happens.

use std::io::{self, IsTerminal as _};

use tracing_subscriber::EnvFilter;

/// Log lines go to standard error from now on: as text, in colour only where a person looks on, or as JSON.
pub fn to_stderr(filter: &str, json: bool) {
    let lines = tracing_subscriber::fmt().with_env_filter(EnvFilter::new(filter)).with_writer(io::stderr);
    // A second call, as in tests, changes nothing.
    let _ =
        if json { lines.json().flatten_event(true).try_init() } else { lines.with_ansi(io::stderr().is_terminal()).try_init() };
}
