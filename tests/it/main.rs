//! The one test program: everything that is checked from outside, on every database this machine has.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on says so by panicking")]

mod access;
mod administration;
mod architecture;
mod auditor;
mod bounces;
mod calendars_of_people;
mod command_line;
mod contract;
mod corrections;
mod delivery;
mod demo;
mod durability;
mod escalation;
mod extensions;
mod hand_on;
mod injuries;
mod inquiries;
mod journal;
mod life;
mod mail_links;
mod main_road;
mod migrations;
mod no_trace;
mod plans;
mod protected;
mod record;
mod retention;
mod retries;
mod severity;
mod sign_in;
mod support;
mod sweep;
mod texts;
mod watchdog;
mod week;
