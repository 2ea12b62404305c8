//! Every table as the ORM sees it; the columns are those of the `migrations` crate. Nothing outside `store` names these.

mod clocks;
mod people_and_rules;
mod record;
mod sign_in;
mod work;

pub use self::{
    clocks::{deadlines, notices},
    people_and_rules::{categories, counters, documents, grants, members, organisation, sites, substitutions},
    record::{journal, journal_head, journal_seals},
    sign_in::sessions,
    work::{actions, comments, findings, injuries, participants, photos, reports},
};
