//! Facts of a report that turn out to be wrong are corrected, and both values stay on record. What its sender wrote in their
//! own words is never rewritten: a comment adds to it.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::{
    Aspect, Command, EnvironmentFacts, Location, QualityFacts, RawEnvironment, RawLocation, RawQuality, Report, ReportKind,
    Stamp,
    draft::{aspects, instant, position, word},
};
use crate::domain::{
    ids::{MemberId, SiteId},
    organisation::{Category, Organisation},
    prose::{SHORT, prose},
    refusal::{FieldErrors, Refusal},
    time::Instant,
    words::words,
};

words! {
    /// A fact that can be corrected, or that changes with one that is.
    pub enum CorrectedField {
        /// The kind of event.
        Kind = "kind",
        /// What it concerns.
        Aspects = "aspects",
        /// The category's code.
        Category = "category",
        /// The site's id.
        Site = "site_id",
        /// When it happened.
        OccurredAt = "occurred_at",
        /// Where: degrees north, degrees east.
        Location = "location",
        /// What was spilt.
        Substance = "environment.substance",
        /// How much, in litres.
        QuantityLitres = "environment.quantity_litres",
        /// Where it went.
        ReceivingBody = "environment.receiving_body",
        /// In a protected area.
        ProtectedArea = "environment.protected_area",
        /// What is supplied.
        Service = "quality.service",
        /// How many customers.
        CustomersAffected = "quality.customers_affected",
        /// For how many minutes.
        OutageMinutes = "quality.outage_minutes",
        /// What could have happened: follows the category as long as nobody has rated the report.
        PotentialSeverity = "potential_severity",
    }
}

impl CorrectedField {
    /// Whether its values are somebody's words or whereabouts, which stand in no journal.
    pub const fn is_private(self) -> bool {
        matches!(self, Self::Location | Self::Substance)
    }
}

/// One fact that was corrected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    /// Which fact.
    pub field: CorrectedField,
    /// What it said before, as text; none where it said nothing.
    pub before: Option<String>,
    /// What it says now.
    pub after: Option<String>,
    /// Why.
    pub reason: String,
    /// Who corrected it, and when.
    pub stamp: Stamp,
}

/// A correction as it came: what is absent stays as it is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RawCorrection {
    /// The word of a kind.
    pub kind: Option<String>,
    /// All aspects there are.
    pub aspects: Option<Vec<String>>,
    /// The code of a category.
    pub category: Option<String>,
    /// A site.
    pub site_id: Option<Uuid>,
    /// When it happened.
    pub occurred_at: Option<String>,
    /// Where.
    pub location: Option<RawLocation>,
    /// All that is known of the spill.
    pub environment: Option<RawEnvironment>,
    /// All that is known of the service.
    pub quality: Option<RawQuality>,
    /// Why.
    pub reason: String,
}

/// A correction, every field valid by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct CorrectionDraft {
    kind: Option<ReportKind>,
    aspects: Option<BTreeSet<Aspect>>,
    category: Option<String>,
    site: Option<SiteId>,
    occurred_at: Option<Instant>,
    location: Option<Location>,
    environment: Option<EnvironmentFacts>,
    quality: Option<QualityFacts>,
    reason: String,
}

impl RawCorrection {
    /// Reads every field; every wrong one is named at once.
    pub fn read(self) -> Result<CorrectionDraft, Refusal> {
        let mut errors = FieldErrors::default();
        let kind = self.kind.and_then(|text| errors.take(word("/kind", ReportKind::of_word(&text), "unknown_kind")));
        let aspects = self.aspects.map(|words| aspects(&words, &mut errors));
        let occurred_at = instant(&mut errors, "/occurred_at", self.occurred_at.as_deref());
        let location = self.location.and_then(|location| errors.take(position(location)));
        let environment = self.environment.and_then(|raw| errors.take(raw.read()));
        let quality = self.quality.and_then(|raw| errors.take(raw.read()));
        let reason = errors.take(prose("/reason", &self.reason, SHORT));
        errors.none()?;
        let reason = reason.unwrap_or_default();
        let (category, site) = (self.category, self.site_id.map(SiteId));
        Ok(CorrectionDraft { kind, aspects, category, site, occurred_at, location, environment, quality, reason })
    }
}

impl Report {
    /// Its facts as they are, and what changed; nothing where they were so already. Facts of an aspect go with the aspect. As
    /// long as nobody has rated it, a category of higher energy raises what could have happened; none lowers it.
    pub fn correct(
        self,
        said: &CorrectionDraft,
        organisation: &Organisation,
        by: MemberId,
        now: Instant,
    ) -> Result<(Self, Vec<Correction>), Refusal> {
        self.expect(Command::Correct)?;
        let before = self.facts();
        let next = self.with(said, organisation)?;
        let stamp = Stamp { at: now, by };
        let changes = before.into_iter().zip(next.facts()).filter(|(before, after)| before != after);
        let corrections = changes
            .map(|((field, before), (_, after))| Correction { field, before, after, reason: said.reason.clone(), stamp })
            .collect();
        Ok((next, corrections))
    }

    fn with(self, said: &CorrectionDraft, organisation: &Organisation) -> Result<Self, Refusal> {
        let said = said.clone();
        let mut errors = FieldErrors::default();
        let aspects = said.aspects.unwrap_or_else(|| self.aspects.clone());
        for (aspect, pointer, is_said) in [
            (Aspect::Environment, "/environment", said.environment.is_some()),
            (Aspect::Quality, "/quality", said.quality.is_some()),
        ] {
            if is_said && !aspects.contains(&aspect) {
                errors.add(pointer, "aspect_not_named");
            }
        }
        let category = said.category.unwrap_or_else(|| self.category.clone());
        let known = organisation.categories.get(&category);
        if category != self.category && known.is_none_or(|category| category.retired_at.is_some()) {
            errors.add("/category", if known.is_none() { "unknown_category" } else { "retired" });
        }
        let site = said.site.unwrap_or(self.site);
        if site != self.site && !organisation.takes_reports(site) {
            errors.add("/site_id", if organisation.sites.contains_key(&site) { "retired" } else { "unknown_site" });
        }
        errors.none()?;
        let by_category = known.filter(|_| self.triaged.is_none() && category != self.category).map_or(0, Category::potential);
        Ok(Self {
            kind: said.kind.unwrap_or(self.kind),
            environment: said.environment.or(self.environment).filter(|_| aspects.contains(&Aspect::Environment)),
            quality: said.quality.or(self.quality).filter(|_| aspects.contains(&Aspect::Quality)),
            aspects,
            potential_severity: self.potential_severity.max(by_category),
            category,
            // The same rule means other people at another site, so whoever it named before counts no more.
            routed_by: if site == self.site { self.routed_by } else { String::new() },
            site,
            occurred_at: said.occurred_at.or(self.occurred_at),
            location: said.location.or(self.location),
            ..self
        })
    }

    /// Every fact that can be corrected, as text, in one fixed order.
    fn facts(&self) -> Vec<(CorrectedField, Option<String>)> {
        fn text<T: ToString>(value: Option<T>) -> Option<String> {
            value.map(|value| value.to_string())
        }
        let aspects: Vec<&str> = self.aspects.iter().map(|aspect| aspect.word()).collect();
        let (spill, service) = (self.environment.as_ref(), self.quality.as_ref());
        CorrectedField::ALL
            .iter()
            .map(|field| {
                let value = match field {
                    CorrectedField::Kind => text(Some(self.kind)),
                    CorrectedField::Aspects => Some(aspects.join(", ")),
                    CorrectedField::Category => Some(self.category.clone()),
                    CorrectedField::Site => text(Some(self.site)),
                    CorrectedField::OccurredAt => text(self.occurred_at),
                    CorrectedField::Location => self.location.map(|at| format!("{}, {}", at.lat, at.lon)),
                    CorrectedField::Substance => spill.and_then(|spill| spill.substance.clone()),
                    CorrectedField::QuantityLitres => text(spill.and_then(|spill| spill.quantity_litres)),
                    CorrectedField::ReceivingBody => text(spill.and_then(|spill| spill.receiving_body)),
                    CorrectedField::ProtectedArea => text(spill.and_then(|spill| spill.protected_area)),
                    CorrectedField::Service => text(service.and_then(|service| service.service)),
                    CorrectedField::CustomersAffected => text(service.and_then(|service| service.customers_affected)),
                    CorrectedField::OutageMinutes => text(service.and_then(|service| service.outage_minutes)),
                    CorrectedField::PotentialSeverity => text(Some(self.potential_severity)),
                };
                (*field, value)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        organisation::tests::{label, member, organisation, site},
        report::{ReportState, tests::report},
    };

    fn house() -> Organisation {
        let mut house = organisation(vec![]);
        for (code, high_energy, retired_at) in
            [("STF", false, None), ("ARC", true, None), ("OLD", true, Some(Instant::from_ms(1)))]
        {
            let category = Category { code: code.into(), name: label(code), high_energy, retired_at };
            house.categories.insert(code.into(), category);
        }
        house
    }

    fn corrected(report: Report, said: RawCorrection) -> Result<(Report, Vec<Correction>), Refusal> {
        report.correct(&RawCorrection { reason: "seen".into(), ..said }.read()?, &house(), member(1), Instant::from_ms(7))
    }

    fn changes(corrections: &[Correction]) -> Vec<(&str, Option<&str>, Option<&str>)> {
        corrections.iter().map(|one| (one.field.word(), one.before.as_deref(), one.after.as_deref())).collect()
    }

    fn spill() -> RawEnvironment {
        RawEnvironment { substance: Some("Diesel".into()), quantity_litres: Some(40.5), ..RawEnvironment::default() }
    }

    #[test]
    fn both_values_are_kept_and_what_was_so_already_is_no_correction() {
        let stf = Report { category: "STF".into(), ..report(3) };
        let said = RawCorrection { kind: Some("incident".into()), category: Some("STF".into()), ..RawCorrection::default() };
        let (next, corrections) = corrected(stf, said.clone()).unwrap();
        assert_eq!(changes(&corrections), [("kind", Some("hazard"), Some("incident"))]);
        assert_eq!((corrections[0].reason.as_str(), corrections[0].stamp.by), ("seen", member(1)));
        assert_eq!(corrected(next, said).unwrap().1, [], "said again");
    }

    #[test]
    fn facts_of_an_aspect_come_and_go_with_it() {
        let both = Some(vec!["safety".to_owned(), "environment".into()]);
        let named = RawCorrection { aspects: both, environment: Some(spill()), ..RawCorrection::default() };
        let unnamed = RawCorrection { environment: Some(spill()), ..RawCorrection::default() };
        assert_eq!(corrected(report(3), unnamed).unwrap_err(), Refusal::invalid("/environment", "aspect_not_named"));
        let (spilt, _) = corrected(report(3), named).unwrap();
        let (clean, corrections) =
            corrected(spilt, RawCorrection { aspects: Some(vec!["safety".into()]), ..RawCorrection::default() }).unwrap();
        assert_eq!(clean.environment, None);
        let gone = [
            ("aspects", Some("safety, environment"), Some("safety")),
            ("environment.substance", Some("Diesel"), None),
            ("environment.quantity_litres", Some("40.5"), None),
        ];
        assert_eq!(changes(&corrections), gone);
    }

    #[test]
    fn a_category_of_high_energy_raises_what_nobody_has_rated_and_no_category_lowers_it() {
        let of = |category: &str| RawCorrection { category: Some(category.into()), ..RawCorrection::default() };
        let (raised, corrections) = corrected(report(2), of("ARC")).unwrap();
        assert_eq!(raised.potential_severity, 4);
        assert_eq!(changes(&corrections)[1], ("potential_severity", Some("2"), Some("4")));
        assert_eq!(corrected(raised, of("STF")).unwrap().0.potential_severity, 4);
        let rated = Report { triaged: Some(Stamp { at: Instant::from_ms(1), by: member(2) }), ..report(2) };
        assert_eq!(corrected(rated, of("ARC")).unwrap().0.potential_severity, 2, "a rating stands");
    }

    #[test]
    fn another_site_is_routed_anew_and_what_is_unknown_or_retired_is_refused() {
        let routed = Report { site: site(4), routed_by: "routes 1, fall-back".into(), ..report(3) };
        let at = |n| RawCorrection { site_id: Some(site(n).0), ..RawCorrection::default() };
        assert_eq!(corrected(routed.clone(), at(3)).unwrap().0.routed_by, "");
        assert_eq!(corrected(routed.clone(), at(4)).unwrap().0.routed_by, routed.routed_by);
        assert_eq!(corrected(routed.clone(), at(9)), Err(Refusal::invalid("/site_id", "unknown_site")));
        for (code, why) in [("OLD", "retired"), ("NONE", "unknown_category")] {
            let said = RawCorrection { category: Some(code.into()), ..RawCorrection::default() };
            assert_eq!(corrected(routed.clone(), said), Err(Refusal::invalid("/category", why)));
        }
        let closed = Report { state: ReportState::Closed, ..routed };
        assert!(matches!(corrected(closed, at(3)), Err(Refusal::WrongState { .. })));
    }
}
