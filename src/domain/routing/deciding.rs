//! The decision itself: what the rules look at, who is responsible, who is told as well, and which trades hear of it. Plain
//! values only, so that a decision can be made again for a version of the routes that is not in force.

use std::collections::BTreeSet;

use super::{Chosen, Decision, Facts, Part};
use crate::domain::{
    organisation::{Cast, Found, Organisation},
    report::{Confidentiality, Report},
    time::Instant,
};

impl Facts {
    /// What the routes look at in a report at `now`. The crew of a protected sender is left out: which trade was told would
    /// say something of them.
    pub fn of(report: &Report, organisation: &Organisation, now: Instant) -> Self {
        let sites: Vec<String> = organisation.line(report.site).iter().map(|site| site.code.clone()).collect();
        let zone = organisation.zone(report.site);
        let (rosters, routes) = (&organisation.rosters.body, &organisation.routes.body);
        let sender = report.reporter.filter(|_| report.confidentiality == Confidentiality::Open);
        let crew = sender.and_then(|sender| rosters.crew_of(sender)).and_then(|crew| crew.trade.clone());
        let trade = crew.or_else(|| routes.trade_of(&sites).map(str::to_owned));
        let manned = rosters.rosters.keys().filter(|code| !organisation.on_duty(code, now).is_empty());
        Self {
            sites,
            kind: report.kind,
            category: report.category.clone(),
            aspects: report.aspects.clone(),
            severity: report.potential_severity,
            local: now.local(&zone),
            working: organisation.calendar(report.site).is_open(&zone, now),
            on_duty: manned.cloned().collect(),
            trade,
        }
    }
}

impl Decision {
    /// Whom the routes in force name at `now`, each person once: the first of the rule's people who can be told is
    /// responsible; where nobody of them can, the fall-back is asked.
    pub fn of(report: &Report, organisation: &Organisation, now: Instant) -> Self {
        let routes = &organisation.routes;
        let facts = Facts::of(report, organisation, now);
        let rule = routes.body.decide(&facts);
        let cast = Cast { site: report.site, officer: None, owner: None, verifier: None, answerable: None };
        let named = rule.map_or(&[][..], |rule| &rule.responsible);
        let responsible = organisation.resolve_in_turn(&[named, &routes.body.fallback], &cast, now).into_iter().next();
        let officer = responsible.as_ref().map(|found| found.member);
        let cast = Cast { officer, answerable: officer, ..cast };
        let mut chosen: Vec<Chosen> =
            responsible.map(|found| Chosen::as_part(Part::Responsible, None, found)).into_iter().collect();
        if let Some(also) = rule.map(|rule| &rule.also_told).filter(|also| !also.is_empty()) {
            let found = organisation.resolve(also, &cast, now);
            chosen.extend(found.into_iter().map(|found| Chosen::as_part(Part::AlsoTold, None, found)));
        }
        for (code, trade) in routes.body.trades_told(&facts) {
            let found = organisation.resolve(&trade.tells, &cast, now);
            chosen.extend(found.into_iter().map(|found| Chosen::as_part(Part::Trade, Some(code), found)));
        }
        let mut once = BTreeSet::new();
        chosen.retain(|one| once.insert(one.member));
        Self {
            by: format!("routes {}, {}", routes.version, rule.map_or("fall-back", |rule| rule.name.as_str())),
            officer,
            routes: routes.version,
            rosters: organisation.rosters.version,
            calendars: organisation.calendars.version,
            facts,
            chosen,
        }
    }
}

impl Chosen {
    fn as_part(part: Part, trade: Option<&str>, found: Found) -> Self {
        let Found { member, audience, instead_of } = found;
        Self { member, part, audience: audience.label(), instead_of, trade: trade.map(str::to_owned) }
    }
}
