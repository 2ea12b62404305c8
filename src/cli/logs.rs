//! Where log lines go. What is worth a line is decided where it happens.

use std::io::{self, IsTerminal as _};

use tracing_subscriber::{
    EnvFilter, Layer, filter::filter_fn, layer::SubscriberExt as _, registry::LookupSpan, util::SubscriberInitExt as _,
};

use crate::operations::SECURITY;

/// Log lines go to standard error from now on: as text, in colour only where a person looks on, or as JSON.
pub fn to_stderr(filter: &str, json: bool) {
    // A second call, as in tests, changes nothing.
    let _ = tracing_subscriber::registry().with(lines(filter, json)).try_init();
}

/// The same, and events that concern security to standard output, as JSON and whatever the filter says (OWASP ASVS 5.0, 16.3):
/// who watches over the server reads them without anything else between them.
pub fn to_stderr_and_watchers(filter: &str, json: bool) {
    let watchers = tracing_subscriber::fmt::layer().json().flatten_event(true).with_writer(io::stdout);
    let watchers = watchers.with_filter(filter_fn(|event| event.target() == SECURITY));
    let others = lines(filter, json).with_filter(filter_fn(|event| event.target() != SECURITY));
    let _ = tracing_subscriber::registry().with(others).with(watchers).try_init();
}

fn lines<S>(filter: &str, json: bool) -> Box<dyn Layer<S> + Send + Sync>
where
    S: tracing::Subscriber + for<'span> LookupSpan<'span>,
{
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr);
    let filter = EnvFilter::new(filter);
    if json {
        lines.json().flatten_event(true).with_filter(filter).boxed()
    } else {
        lines.with_ansi(io::stderr().is_terminal()).with_filter(filter).boxed()
    }
}
