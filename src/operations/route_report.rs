//! A report goes to whom the routes name, and what they looked at goes on record with it. Not asked for by itself: sending a
//! report and rating it do this in their own transaction.

use std::collections::BTreeSet;

use super::{OperationError, file::File};
use crate::domain::{
    notice::NoticeKind,
    organisation::{Cast, Found, Organisation},
    report::{Confidentiality, Report},
    routing::{Chosen, Decision, Facts, Part},
    time::Instant,
};

impl File {
    /// Sends the report to whom the routes name: the first of the rule's people who can be told is responsible, and is
    /// told with the others. Rating and categories are those of the report as it stands.
    pub async fn route(&mut self) -> Result<(), OperationError> {
        let organisation = self.organisation.clone();
        let routes = &organisation.routes;
        let facts = facts(&organisation, &self.report, self.now);
        let rule = routes.body.decide(&facts);
        let by = format!("routes {}, {}", routes.version, rule.map_or("fall-back", |rule| rule.name.as_str()));
        if by == self.report.routed_by {
            return Ok(());
        }
        let cast = Cast { site: self.report.site, officer: None, owner: None, verifier: None, answerable: None };
        let named = rule.map_or(&[][..], |rule| &rule.responsible);
        let responsible = organisation.resolve_in_turn(&[named, &routes.body.fallback], &cast, self.now).into_iter().next();
        self.report.officer = responsible.as_ref().map(|found| found.member);
        self.report.routed_by.clone_from(&by);
        let cast = Cast { officer: self.report.officer, answerable: self.report.officer, ..cast };
        let mut chosen: Vec<Chosen> = responsible.map(|found| as_part(Part::Responsible, None, found)).into_iter().collect();
        if let Some(also) = rule.map(|rule| &rule.also_told).filter(|also| !also.is_empty()) {
            chosen.extend(
                organisation.resolve(also, &cast, self.now).into_iter().map(|found| as_part(Part::AlsoTold, None, found)),
            );
        }
        for (code, trade) in routes.body.trades_told(&facts) {
            let found = organisation.resolve(&trade.tells, &cast, self.now);
            chosen.extend(found.into_iter().map(|found| as_part(Part::Trade, Some(code), found)));
        }
        let mut once = BTreeSet::new();
        chosen.retain(|one| once.insert(one.member));
        for one in &chosen {
            let as_what = one.trade.as_ref().map_or_else(String::new, |trade| format!(", trade {trade}"));
            self.tell(NoticeKind::ReportAssigned, one.member, None, &format!("{by}{as_what} ({})", one.audience)).await?;
        }
        let (rosters, calendars) = (organisation.rosters.version, organisation.calendars.version);
        let decision = Decision { by, officer: self.report.officer, routes: routes.version, rosters, calendars, facts, chosen };
        let facts =
            serde_json::to_value(decision).map_err(|_| OperationError::Fault("a decision could not be written as JSON"))?;
        self.note("report", self.report.id.0, "routed", facts);
        Ok(())
    }
}

/// What the routes look at. The crew of a protected sender is left out: which trade was told would say something of them.
fn facts(organisation: &Organisation, report: &Report, now: Instant) -> Facts {
    let sites: Vec<String> = organisation.line(report.site).iter().map(|site| site.code.clone()).collect();
    let zone = organisation.zone(report.site);
    let sender = report.reporter.filter(|_| report.confidentiality == Confidentiality::Open);
    let crew = sender.and_then(|sender| organisation.rosters.body.crew_of(sender)).and_then(|crew| crew.trade.clone());
    let trade = crew.or_else(|| organisation.routes.body.trade_of(&sites).map(str::to_owned));
    let rosters = organisation.rosters.body.rosters.keys();
    Facts {
        sites,
        kind: report.kind,
        category: report.category.clone(),
        aspects: report.aspects.clone(),
        severity: report.potential_severity,
        local: now.local(&zone),
        working: organisation.calendar(report.site).is_open(&zone, now),
        on_duty: rosters.filter(|code| !organisation.on_duty(code, now).is_empty()).cloned().collect(),
        trade,
    }
}

fn as_part(part: Part, trade: Option<&str>, found: Found) -> Chosen {
    let Found { member, audience, instead_of } = found;
    Chosen { member, part, audience: audience.label(), instead_of, trade: trade.map(str::to_owned) }
}
