//! Salama: occupational health and safety reports, corrective actions, and escalation that nobody can miss.
//!
//! Start reading here, then `domain` (the rules), `operations` (what can happen), `http` (how it is asked for).
//! `ARCHITECTURE.md` has the map and one report's walk through these rooms.

pub mod app;
pub mod backroom;
pub mod cli;
pub mod clock;
pub mod config;
pub mod credentials;
pub mod demo;
pub mod domain;
pub mod http;
pub mod mail;
pub mod operations;
pub mod pack;
pub mod photos;
pub mod provider;
pub mod pulse;
pub mod store;
pub mod texts;
pub mod worker;
