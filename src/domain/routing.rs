//! Which people a report goes to. The document is data of the organisation; the first rule that fits decides, and when
//! none fits the fall-back does, which cannot be empty.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{
    audience::Audience,
    refusal::{FieldErrors, Refusal},
    report::{Aspect, ReportKind},
};

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
}

/// One rule. A condition that is absent fits everything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its name, as `explain` shows it.
    pub name: String,
    /// Codes of sites; what is below them is meant too.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub sites: BTreeSet<String>,
    /// Kinds of report.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub kinds: BTreeSet<ReportKind>,
    /// Codes of categories.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub categories: BTreeSet<String>,
    /// Aspects; one in common is enough.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub aspects: BTreeSet<Aspect>,
    /// The lowest potential severity it fits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_severity: Option<u8>,
    /// Who is responsible: the first of them that can be told.
    pub responsible: Vec<Audience>,
    /// Who is told as well.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also_told: Vec<Audience>,
}

/// What a route looks at. Sites are the codes from the report's own up to the root.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The report's site and all above it.
    pub sites: &'a [&'a str],
    /// Its kind.
    pub kind: ReportKind,
    /// Its category's code.
    pub category: &'a str,
    /// Its aspects.
    pub aspects: &'a BTreeSet<Aspect>,
    /// Its potential severity.
    pub severity: u8,
}

impl Routes {
    /// The rule that decides, if any fits.
    pub fn decide(&self, facts: Facts<'_>) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.fits(facts))
    }

    /// Refuses a document whose fall-back or safety desk is empty, or whose rule names nobody.
    pub fn check(&self) -> Result<(), Refusal> {
        let mut errors = FieldErrors::default();
        if self.fallback.is_empty() {
            errors.add("/fallback", "empty");
        }
        if self.safety_desk.is_empty() {
            errors.add("/safety_desk", "empty");
        }
        for (n, rule) in self.rules.iter().enumerate() {
            if rule.responsible.is_empty() {
                errors.add(format!("/rules/{n}/responsible"), "empty");
            }
            if rule.name.trim().is_empty() {
                errors.add(format!("/rules/{n}/name"), "empty");
            }
        }
        errors.none()
    }
}

impl Rule {
    fn fits(&self, facts: Facts<'_>) -> bool {
        (self.sites.is_empty() || facts.sites.iter().any(|site| self.sites.contains(*site)))
            && (self.kinds.is_empty() || self.kinds.contains(&facts.kind))
            && (self.categories.is_empty() || self.categories.contains(facts.category))
            && (self.aspects.is_empty() || !self.aspects.is_disjoint(facts.aspects))
            && self.from_severity.is_none_or(|least| facts.severity >= least)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::audience::Role;

    fn rule(name: &str) -> Rule {
        Rule {
            name: name.into(),
            sites: BTreeSet::new(),
            kinds: BTreeSet::new(),
            categories: BTreeSet::new(),
            aspects: BTreeSet::new(),
            from_severity: None,
            responsible: vec![Audience::Role(Role::Officer)],
            also_told: vec![],
        }
    }

    #[test]
    fn the_first_rule_whose_every_condition_holds_decides() {
        let arcs = Rule { categories: ["ARC".into()].into(), from_severity: Some(4), ..rule("arcs") };
        let agadir = Rule { sites: ["AGA".into()].into(), ..rule("agadir") };
        let desk = vec![Audience::Role(Role::Admin)];
        let routes = Routes { rules: vec![arcs, agadir], fallback: desk.clone(), safety_desk: desk };
        let aspects = BTreeSet::from([Aspect::Safety]);
        let decided = |sites: &[&str], category, severity| {
            let facts = Facts { sites, kind: ReportKind::Hazard, category, aspects: &aspects, severity };
            routes.decide(facts).map(|rule| rule.name.clone())
        };
        assert_eq!(decided(&["BEN", "AGA", "ROOT"], "ARC", 4), Some("arcs".into()));
        assert_eq!(decided(&["BEN", "AGA", "ROOT"], "ARC", 3), Some("agadir".into()));
        assert_eq!(decided(&["TIZ", "ROOT"], "ARC", 3), None);
    }

    #[test]
    fn routes_that_end_on_nobody_are_refused() {
        let routes = Routes { rules: vec![Rule { responsible: vec![], ..rule("x") }], fallback: vec![], safety_desk: vec![] };
        let Err(Refusal::Invalid(errors)) = routes.check() else { panic!("accepted") };
        assert_eq!(errors.len(), 3);
    }
}
