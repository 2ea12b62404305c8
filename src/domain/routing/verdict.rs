//! Why a report went to whom it went: each rule with what did not fit, and each person with the audience that named them.
//! A decision is kept on record with the facts it was made from, so that it can be explained after the rules changed.

use serde::{Deserialize, Serialize};

use super::{Facts, Routes};
use crate::domain::{ids::MemberId, words::words};

words! {
    /// A condition of a rule.
    pub enum Condition {
        /// The site is not in the subtrees named.
        Site = "site",
        /// Another kind of report.
        Kind = "kind",
        /// Another category.
        Category = "category",
        /// No aspect in common.
        Aspect = "aspect",
        /// The potential severity is lower.
        Severity = "severity",
        /// The site works then, or does not.
        WorkingTime = "working_time",
        /// Another day of the week.
        Day = "day",
        /// Another time of day.
        TimeOfDay = "time_of_day",
        /// Nobody is on duty by the rosters named.
        Roster = "roster",
    }
}

words! {
    /// What became of a rule.
    pub enum Outcome {
        /// It fits, and is the first that does.
        Decided = "decided",
        /// A condition does not fit.
        DidNotFit = "did_not_fit",
        /// A rule before it decided.
        NotReached = "not_reached",
    }
}

words! {
    /// As what somebody was chosen.
    pub enum Part {
        /// Takes charge of the report.
        Responsible = "responsible",
        /// Is told as well.
        AlsoTold = "also_told",
        /// Is told for a trade.
        Trade = "trade",
    }
}

/// A rule of the document, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The rule's name.
    pub rule: String,
    /// What became of it.
    pub outcome: Outcome,
    /// The conditions that did not fit.
    pub misses: Vec<Condition>,
}

/// A person whom a decision chose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chosen {
    /// Who is told.
    pub member: MemberId,
    /// As what.
    pub part: Part,
    /// By which audience of the rule, as `explain` shows it.
    pub audience: String,
    /// In whose place, where somebody stands in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead_of: Option<MemberId>,
    /// The code of the trade they are told for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trade: Option<String>,
}

/// A decision as it stands in the journal. The words `by` and `officer` are older than the rest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// The version of the routes and the rule, in one line.
    pub by: String,
    /// The officer who takes charge; none where nobody could be found.
    pub officer: Option<MemberId>,
    /// The version of the routes.
    pub routes: u32,
    /// The version of the rosters; 0 where there are none.
    pub rosters: u32,
    /// The version of the calendars.
    pub calendars: u32,
    /// What the rules looked at.
    pub facts: Facts,
    /// Who was chosen.
    pub chosen: Vec<Chosen>,
}

impl Routes {
    /// What became of each rule, in order.
    pub fn verdicts(&self, facts: &Facts) -> Vec<Verdict> {
        let mut decided = false;
        let verdict = |rule: &super::Rule| {
            let misses = if decided { vec![] } else { rule.misses(facts) };
            let outcome = match (decided, misses.is_empty()) {
                (true, _) => Outcome::NotReached,
                (false, true) => Outcome::Decided,
                (false, false) => Outcome::DidNotFit,
            };
            decided |= outcome == Outcome::Decided;
            Verdict { rule: rule.name.clone(), outcome, misses }
        };
        self.rules.iter().map(verdict).collect()
    }
}
