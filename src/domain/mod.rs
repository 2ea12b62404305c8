//! THE RULES. Plain values in, plain values out: no clock, no database, no async, no HTTP, nothing of ours from outside
//! this folder. A change of a rule is a change here and nowhere else.

pub mod delivery;
pub mod ids;
pub mod locale;
pub mod refusal;
pub mod time;
