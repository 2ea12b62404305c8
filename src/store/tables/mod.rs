//! Every table as the ORM sees it; the columns are those of the `migrations` crate. Nothing outside `store` names these.

mod clocks;
mod inquiry;
mod people_and_rules;
mod phones;
mod record;
mod retention;
mod sign_in;
mod work;

pub use self::{
    clocks::{deadline_repairs, deadlines, filings, notice_events, notices},
    inquiry::{inquiries, statements},
    people_and_rules::{categories, counters, documents, grants, members, organisation, sites, substitutions},
    phones::{command_keys, early_photos, held},
    record::{journal, journal_head, journal_seals},
    retention::{disposals, kept_reports, leftovers},
    sign_in::{
        account_words, enrolments, identities, recovery_codes, second_factors, sessions, sign_on_attempts, spent_tokens, tries,
    },
    work::{
        actions, comments, corrections, findings, follow_ups, injuries, participants, past_views, photos, reports, uploads, views,
    },
};
