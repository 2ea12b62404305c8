//! The program: reads the command line, puts the runtime and TLS in place, and says what went wrong. Commands are in `cli`.

use std::process::ExitCode;

use clap::Parser as _;
use salama::cli::{self, CommandLine};

fn main() -> ExitCode {
    let asked = CommandLine::parse();
    // One provider for every TLS connection of the process; it fails only when one is in place already.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(cause) => return cli::failed(&anyhow::Error::new(cause).context("the runtime cannot be started")),
    };
    runtime.block_on(asked.run()).unwrap_or_else(|error| cli::failed(&error))
}
