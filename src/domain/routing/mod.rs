//! Which people a report goes to. The document is data of the organisation; the first rule that fits decides, and when
//! none fits, or nobody of it can be told, the fall-back does, which cannot be empty. `deciding` finds the people,
//! `verdict` says why.

mod deciding;
mod verdict;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{DateTime, Time};
use serde::{Deserialize, Serialize};

pub use self::verdict::{Chosen, Condition, Decision, Outcome, Part, Verdict};
use super::{
    audience::Audience,
    calendar::Day,
    organisation::Label,
    refusal::{FieldErrors, Refusal},
    report::{Aspect, ReportKind},
    words::words,
};

words! {
    /// A part of the day as the site's calendar divides it.
    pub enum When {
        /// While the site works.
        WorkingHours = "working_hours",
        /// While it does not.
        OutsideWorkingHours = "outside_working_hours",
    }
}

/// The document: rules in order of precedence, and who answers when nobody else does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Routes {
    /// The first that fits decides.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// Who is responsible when no rule fits, or nobody of the rule that fits can be told.
    pub fallback: Vec<Audience>,
    /// Who answers at the end of every ladder.
    pub safety_desk: Vec<Audience>,
    /// The trades by their codes: each is told of its hazards that others see.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub trades: BTreeMap<String, Trade>,
}

/// One rule. A condition that is absent fits everything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its name, as `explain` shows it.
    pub name: String,
    /// Codes of sites; what is below them is meant too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sites: Vec<String>,
    /// Kinds of report.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub kinds: BTreeSet<ReportKind>,
    /// Codes of categories.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
    /// Aspects; one in common is enough.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub aspects: BTreeSet<Aspect>,
    /// The lowest potential severity it fits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_severity: Option<u8>,
    /// In or outside the site's working time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<When>,
    /// Days of the week, local.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub days: BTreeSet<Day>,
    /// A part of the day, local.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub between: Option<Between>,
    /// Codes of duty rosters; somebody must be on duty by one of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub on_duty: Vec<String>,
    /// Who is responsible: the first of them that can be told.
    pub responsible: Vec<Audience>,
    /// Who is told as well.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also_told: Vec<Audience>,
}

/// Two local times of day, the second not included; the next day where it is not after the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Between {
    /// From then.
    pub from: Time,
    /// Until then.
    pub to: Time,
}

/// A trade: water, electricity, sewerage. A hazard of one trade that people of another see is told to it too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trade {
    /// Its name.
    pub name: Label,
    /// Codes of the categories that are its own.
    pub categories: Vec<String>,
    /// Codes of the sites that are its own; what is below them is meant too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sites: Vec<String>,
    /// Whom it tells.
    pub tells: Vec<Audience>,
}

/// What a route looks at: codes and times only. It is kept on record with the decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// The codes of the report's site and of all above it, nearest first.
    pub sites: Vec<String>,
    /// Its kind.
    pub kind: ReportKind,
    /// Its category's code.
    pub category: String,
    /// Its aspects.
    pub aspects: BTreeSet<Aspect>,
    /// Its potential severity.
    pub severity: u8,
    /// The site's local time of the decision.
    pub local: DateTime,
    /// Whether that is working time there.
    pub working: bool,
    /// The codes of the rosters by which somebody is on duty then.
    pub on_duty: BTreeSet<String>,
    /// The trade of the crew that reported it, or else of the site.
    pub trade: Option<String>,
}

impl Routes {
    /// The rule that decides, if any fits.
    pub fn decide(&self, facts: &Facts) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.misses(facts).is_empty())
    }

    /// The trades that are told because the hazard is theirs and not of the trade that saw it.
    pub fn trades_told<'a>(&'a self, facts: &'a Facts) -> impl Iterator<Item = (&'a str, &'a Trade)> {
        let theirs = self.trades.iter().filter(|(_, trade)| trade.categories.contains(&facts.category));
        theirs.filter(|(code, _)| facts.trade.as_ref() != Some(*code)).map(|(code, trade)| (code.as_str(), trade))
    }

    /// The trade of a site: that of the nearest in its line which is some trade's own.
    pub fn trade_of(&self, line: &[String]) -> Option<&str> {
        let owner = |site: &String| self.trades.iter().find(|(_, trade)| trade.sites.contains(site));
        line.iter().find_map(owner).map(|(code, _)| code.as_str())
    }

    /// Every audience of the document, with the pointer to it.
    pub fn audiences<'a>(&'a self) -> Vec<(String, &'a Audience)> {
        let mut lists: Vec<(String, &'a [Audience])> =
            vec![("/fallback".into(), &self.fallback), ("/safety_desk".into(), &self.safety_desk)];
        for (n, rule) in self.rules.iter().enumerate() {
            lists.push((format!("/rules/{n}/responsible"), &rule.responsible));
            lists.push((format!("/rules/{n}/also_told"), &rule.also_told));
        }
        for (code, trade) in &self.trades {
            lists.push((format!("/trades/{code}/tells"), &trade.tells));
        }
        let each = |(at, list): (String, &'a [Audience])| {
            list.iter().enumerate().map(|(n, audience)| (format!("{at}/{n}"), audience)).collect::<Vec<_>>()
        };
        lists.into_iter().flat_map(each).collect()
    }

    /// Refuses a document whose fall-back or safety desk is empty, or whose rule or trade names nobody.
    pub fn check(&self) -> Result<(), Refusal> {
        let mut errors = FieldErrors::default();
        if self.fallback.is_empty() {
            errors.add("/fallback", "empty");
        }
        // The desk alone would lead back to itself.
        if self.safety_desk.iter().all(|audience| *audience == Audience::SafetyDesk) {
            errors.add("/safety_desk", "empty");
        }
        for (n, rule) in self.rules.iter().enumerate() {
            if rule.responsible.is_empty() {
                errors.add(format!("/rules/{n}/responsible"), "empty");
            }
            if rule.name.trim().is_empty() {
                errors.add(format!("/rules/{n}/name"), "empty");
            }
            if rule.from_severity.is_some_and(|least| !(1..=5).contains(&least)) {
                errors.add(format!("/rules/{n}/from_severity"), "not_one_to_five");
            }
        }
        for (code, trade) in &self.trades {
            for (part, empty) in [("categories", trade.categories.is_empty()), ("tells", trade.tells.is_empty())] {
                if empty {
                    errors.add(format!("/trades/{code}/{part}"), "empty");
                }
            }
        }
        errors.none()
    }
}

impl Rule {
    /// The conditions that do not fit; none when the rule does.
    pub fn misses(&self, facts: &Facts) -> Vec<Condition> {
        let fits = [
            (Condition::Site, self.sites.is_empty() || facts.sites.iter().any(|site| self.sites.contains(site))),
            (Condition::Kind, self.kinds.is_empty() || self.kinds.contains(&facts.kind)),
            (Condition::Category, self.categories.is_empty() || self.categories.contains(&facts.category)),
            (Condition::Aspect, self.aspects.is_empty() || !self.aspects.is_disjoint(&facts.aspects)),
            (Condition::Severity, self.from_severity.is_none_or(|least| facts.severity >= least)),
            (Condition::WorkingTime, self.when.is_none_or(|when| (when == When::WorkingHours) == facts.working)),
            (Condition::Day, self.days.is_empty() || self.days.contains(&Day::of(facts.local.weekday()))),
            (Condition::TimeOfDay, self.between.is_none_or(|between| between.holds(facts.local.time()))),
            (Condition::Roster, self.on_duty.is_empty() || self.on_duty.iter().any(|code| facts.on_duty.contains(code))),
        ];
        fits.into_iter().filter(|(_, fits)| !fits).map(|(condition, _)| condition).collect()
    }
}

impl Between {
    fn holds(self, time: Time) -> bool {
        if self.from < self.to { self.from <= time && time < self.to } else { self.from <= time || time < self.to }
    }
}

#[cfg(test)]
pub(super) mod tests;
