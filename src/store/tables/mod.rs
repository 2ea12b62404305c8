//! Every table as the ORM sees it; the columns are those of the `migrations` crate. Nothing outside `store` names these.

mod deadlines;
mod journal;
mod organisation;
mod reports;
mod sessions;

pub use self::{
    deadlines::{deadlines, notices},
    journal::{journal, journal_head},
    organisation::{categories, counters, documents, grants, members, organisation, sites, substitutions},
    reports::{actions, participants, photos, reports},
    sessions::sessions,
};
