//! The one test program: everything that is checked from outside, on every database this machine has.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on says so by panicking")]

mod access;
mod administration;
mod architecture;
mod command_line;
mod contract;
mod demo;
mod durability;
mod escalation;
mod extensions;
mod injuries;
mod journal;
mod life;
mod mail_links;
mod main_road;
mod migrations;
mod photos;
mod plans;
mod retries;
mod sign_in;
mod support;
mod texts;
