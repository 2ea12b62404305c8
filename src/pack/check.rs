//! Whether a pack holds together: its documents by their own rules, and every name in it by what it names.

use std::collections::BTreeSet;

use super::{Pack, PackError, PackPerson};
use crate::domain::audience::Audience;

impl Pack {
    /// Refuses a pack whose documents are not valid, or that names what is not in it.
    pub(super) fn check(&self) -> Result<(), PackError> {
        let mut wrong = Vec::new();
        let documents = [
            self.ladders.check(),
            self.routes.check(),
            self.calendars.check(),
            self.matrix.check(),
            self.clauses.check(),
            self.retention.check(),
        ];
        for document in documents {
            wrong.extend(document.err().map(|refusal| refusal.to_string()));
        }
        self.check_sites(&mut wrong);
        self.check_categories(&mut wrong);
        self.check_audiences(&mut wrong);
        none(wrong)
    }

    fn check_sites(&self, wrong: &mut Vec<String>) {
        let mut above = BTreeSet::new();
        for site in &self.sites {
            let code = &site.code;
            match &site.parent {
                None if above.is_empty() => {}
                None => wrong.push(format!("site {code} is a second root, or comes before its parent")),
                Some(parent) if above.contains(parent.as_str()) => {}
                Some(parent) => wrong.push(format!("site {code} is below {parent}, which does not come before it")),
            }
            if !above.insert(code.as_str()) {
                wrong.push(format!("site {code} stands twice"));
            }
            if !self.calendars.calendars.contains_key(&site.calendar) {
                wrong.push(format!("site {code} names no calendar"));
            }
            if site.kind.is_empty() || !site.name.is_whole() {
                wrong.push(format!("site {code} lacks its kind, or its name in a language"));
            }
        }
        if self.sites.is_empty() {
            wrong.push("there is no site".into());
        }
    }

    fn check_categories(&self, wrong: &mut Vec<String>) {
        let mut seen = BTreeSet::new();
        for category in &self.categories {
            if !seen.insert(category.code.as_str()) {
                wrong.push(format!("category {} stands twice", category.code));
            }
            if !category.name.is_whole() {
                wrong.push(format!("category {} lacks its name in a language", category.code));
            }
        }
        for rule in &self.routes.rules {
            wrong.extend(
                rule.categories
                    .iter()
                    .filter(|code| !seen.contains(code.as_str()))
                    .map(|code| format!("route {:?} names category {code}, which does not exist", rule.name)),
            );
            wrong.extend(
                rule.sites
                    .iter()
                    .filter(|code| !self.has_site(code))
                    .map(|code| format!("route {:?} names site {code}, which does not exist", rule.name)),
            );
        }
    }

    /// Persons have no id before they are in a database, and a route is asked before anybody is owner or officer.
    fn check_audiences(&self, wrong: &mut Vec<String>) {
        let routes = &self.routes;
        let rules = routes.rules.iter().flat_map(|rule| rule.responsible.iter().chain(&rule.also_told));
        if !rules.chain(&routes.fallback).chain(&routes.safety_desk).all(|audience| matches!(audience, Audience::Role(_))) {
            wrong.push("a route names somebody otherwise than by role".into());
        }
        let steps = self.ladders.ladders.iter().flat_map(|ladder| &ladder.steps);
        if steps.flat_map(|step| &step.audience).any(|audience| matches!(audience, Audience::Member(_))) {
            wrong.push("a ladder names a person".into());
        }
    }

    /// Refuses people who name a site or manager that is not there, cannot sign in, or answer to each other in a circle.
    pub(super) fn check_people(&self, people: &[PackPerson]) -> Result<(), PackError> {
        let mut wrong = Vec::new();
        let mut seen = BTreeSet::new();
        for person in people {
            let key = &person.key;
            for (what, name) in
                [("key", Some(key)), ("address", person.email.as_ref()), ("number", person.employee_number.as_ref())]
            {
                if name.is_some_and(|name| !seen.insert((what, name))) {
                    wrong.push(format!("{key} has the {what} of somebody else"));
                }
            }
            if person.email.is_none() && person.employee_number.is_none() {
                wrong.push(format!("{key} has nothing to sign in with"));
            }
            if person.grants.is_empty() || person.grants.iter().any(|grant| !self.has_site(&grant.site)) {
                wrong.push(format!("{key} has no role, or one at a site that does not exist"));
            }
            if !ends(people, person) {
                wrong.push(format!("{key} answers to nobody who exists, or in a circle"));
            }
        }
        none(wrong)
    }

    fn has_site(&self, code: &str) -> bool {
        self.sites.iter().any(|site| site.code == code)
    }
}

/// Whether the line of managers above them comes to an end.
fn ends(people: &[PackPerson], person: &PackPerson) -> bool {
    let mut manager = person.manager.as_ref();
    for _ in people {
        let Some(key) = manager else { return true };
        let Some(above) = people.iter().find(|other| other.key == *key) else { return false };
        manager = above.manager.as_ref();
    }
    manager.is_none()
}

fn none(wrong: Vec<String>) -> Result<(), PackError> {
    if wrong.is_empty() { Ok(()) } else { Err(PackError::Contradicts(wrong)) }
}
