//! THE RULES. Plain values in, plain values out: no clock, no database, no async, no HTTP, nothing of ours from outside
//! this folder. A change of a rule is a change here and nowhere else.

pub mod access;
pub mod action;
pub mod administration;
pub mod audience;
pub mod calendar;
pub mod claims;
pub mod clauses;
pub mod clocks;
pub mod comment;
pub mod deadline;
pub mod delivery;
pub mod follow_up;
pub mod ids;
pub mod injury;
pub mod inquiry;
pub mod journal;
pub mod ladder;
pub mod locale;
pub mod notice;
pub mod organisation;
pub mod photo;
pub mod prose;
pub mod redaction;
pub mod refusal;
pub mod report;
pub mod retention;
pub mod routing;
pub mod search;
pub mod session;
pub mod severity;
pub mod span;
pub mod statement;
pub mod time;
pub mod upload;
mod words;
