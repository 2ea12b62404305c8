//! Which clauses of which standards one report's file is evidence for. The map is a versioned document of the organisation,
//! by standard and edition, so that evidence can be cut by clause; what a file holds is told by the file alone.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{
    action::{Action, ActionState},
    comment::{Comment, CommentKind},
    organisation::Label,
    photo::{Photo, PhotoState},
    refusal::{FieldErrors, Refusal},
    report::{Aspect, Confidentiality, Correction, Report},
    words::words,
};

words! {
    /// A kind of evidence that a report's file can hold.
    pub enum Evidence {
        /// What somebody reported.
        Report = "report",
        /// A photo whose exact bytes are here.
        Photo = "photo",
        /// How severe it was, and could have been.
        Rating = "rating",
        /// Its place in a named version of the matrix.
        Risk = "risk",
        /// The place was made safe.
        Containment = "containment",
        /// Causes were found.
        Investigation = "investigation",
        /// Similar events were looked for.
        SimilarEvents = "similar_events",
        /// Corrective actions, each with its level in the hierarchy of controls.
        Action = "action",
        /// Somebody else saw that an action is done.
        Verification = "verification",
        /// Its effect was checked.
        Effectiveness = "effectiveness",
        /// Its sender was asked, or had a say.
        Participation = "participation",
        /// Its sender was told what came of it.
        Feedback = "feedback",
        /// Its sender is protected.
        Protection = "protection",
        /// What was spilt, and where it went.
        Environment = "environment",
        /// Which service failed, and for how many.
        Quality = "quality",
        /// A correction that shows both values.
        Correction = "correction",
        /// What happened, in order.
        Journal = "journal",
    }
}

/// The document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clauses {
    /// Each standard in each edition it is kept by.
    pub standards: Vec<StandardEdition>,
}

/// A standard in one edition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StandardEdition {
    /// Such as `ISO 45001`.
    pub standard: String,
    /// The year of the edition.
    pub edition: String,
    /// Reports of that aspect are evidence for it.
    pub aspect: Aspect,
    /// The edition was not read when this was written: nobody should rely on it yet.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub uncertain: bool,
    /// Its clauses for which a record can be evidence.
    pub clauses: Vec<Clause>,
}

/// One clause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clause {
    /// Its number.
    pub number: String,
    /// What it asks, in our own few words.
    pub title: Label,
    /// What is evidence for it.
    pub evidence: BTreeSet<Evidence>,
}

impl Clauses {
    /// Refuses a map in which an edition or a clause stands twice, or a clause has no title in a language or no evidence.
    pub fn check(&self) -> Result<(), Refusal> {
        let mut errors = FieldErrors::default();
        let mut editions = BTreeSet::new();
        for (n, standard) in self.standards.iter().enumerate() {
            if !editions.insert((&standard.standard, &standard.edition)) {
                errors.add(format!("/standards/{n}/edition"), "stands_twice");
            }
            let mut numbers = BTreeSet::new();
            for (m, clause) in standard.clauses.iter().enumerate() {
                let at = format!("/standards/{n}/clauses/{m}");
                if !numbers.insert(&clause.number) {
                    errors.add(format!("{at}/number"), "stands_twice");
                }
                if !clause.title.is_whole() {
                    errors.add(format!("{at}/title"), "lacks_a_language");
                }
                if clause.evidence.is_empty() {
                    errors.add(format!("{at}/evidence"), "empty");
                }
            }
        }
        errors.none()
    }

    /// The clauses that a report of those aspects, holding that evidence, speaks to; with each, what speaks to it.
    pub fn held<'a>(
        &'a self,
        aspects: &'a BTreeSet<Aspect>,
        evidence: &'a BTreeSet<Evidence>,
    ) -> impl Iterator<Item = (&'a StandardEdition, &'a Clause, Vec<Evidence>)> {
        let concerned = self.standards.iter().filter(|standard| aspects.contains(&standard.aspect));
        let clauses = concerned.flat_map(|standard| standard.clauses.iter().map(move |clause| (standard, clause)));
        clauses.filter_map(|(standard, clause)| {
            let here: Vec<Evidence> = clause.evidence.intersection(evidence).copied().collect();
            (!here.is_empty()).then_some((standard, clause, here))
        })
    }
}

/// A report with what belongs to it, as far as it can be evidence. Who was hurt is no part of it.
#[derive(Debug, Clone, Copy)]
pub struct Held<'a> {
    /// The report.
    pub report: &'a Report,
    /// Its photos.
    pub photos: &'a [Photo],
    /// Its actions.
    pub actions: &'a [Action],
    /// What was said about it.
    pub comments: &'a [Comment],
    /// What was corrected.
    pub corrections: &'a [Correction],
}

impl Held<'_> {
    /// Every kind of evidence that is here.
    pub fn evidence(&self) -> BTreeSet<Evidence> {
        let Self { report, photos, actions, comments, corrections } = self;
        let had_a_say = |comment: &Comment| comment.kind == CommentKind::Question || comment.is_by_the_reporter(report);
        let kept = |action: &&Action| action.state != ActionState::Cancelled;
        let here = |kind: &Evidence| match kind {
            Evidence::Report | Evidence::Journal => true,
            Evidence::Photo => photos.iter().any(|photo| photo.state != PhotoState::Expected),
            Evidence::Rating => report.triaged.is_some(),
            Evidence::Risk => report.risk.is_some(),
            Evidence::Containment => report.contained.is_some(),
            Evidence::Investigation => !report.causes.is_empty(),
            Evidence::SimilarEvents => report.similar_events.is_some(),
            Evidence::Action => actions.iter().any(|action| kept(&action)),
            Evidence::Verification => actions.iter().filter(kept).any(|action| action.verified.is_some()),
            Evidence::Effectiveness => !report.checks.is_empty(),
            Evidence::Participation => comments.iter().any(had_a_say),
            Evidence::Feedback => report.outcome.is_some(),
            Evidence::Protection => report.confidentiality != Confidentiality::Open,
            Evidence::Environment => report.environment.is_some(),
            Evidence::Quality => report.quality.is_some(),
            Evidence::Correction => !corrections.is_empty(),
        };
        Evidence::ALL.iter().copied().filter(here).collect()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::{
        action::tests::action,
        ids::MemberId,
        organisation::tests::label,
        report::{Stamp, tests::report},
        time::Instant,
    };

    fn clause(number: &str, evidence: &[Evidence]) -> Clause {
        Clause { number: number.into(), title: label("x"), evidence: evidence.iter().copied().collect() }
    }

    fn standard(name: &str, aspect: Aspect, clauses: Vec<Clause>) -> StandardEdition {
        StandardEdition { standard: name.into(), edition: "2018".into(), aspect, uncertain: false, clauses }
    }

    #[test]
    fn a_file_is_evidence_for_the_clauses_of_its_aspects_that_ask_for_what_it_holds() {
        let (verified, asked) = (clause("10.2", &[Evidence::Verification, Evidence::Report]), clause("9", &[Evidence::Risk]));
        let other = standard("ISO 14001", Aspect::Environment, vec![verified.clone()]);
        let map = Clauses { standards: vec![standard("ISO 45001", Aspect::Safety, vec![verified, asked]), other] };
        let report = report(4);
        let stamp = Some(Stamp { at: Instant::from_ms(1), by: MemberId(Uuid::nil()) });
        let held = |actions: &[Action]| {
            let file = Held { report: &report, photos: &[], actions, comments: &[], corrections: &[] };
            let evidence = file.evidence();
            map.held(&report.aspects, &evidence)
                .map(|(standard, clause, here)| (standard.standard.clone(), clause.number.clone(), here))
                .collect::<Vec<_>>()
        };
        let at = |here: &[Evidence]| vec![("ISO 45001".to_owned(), "10.2".to_owned(), here.to_vec())];
        assert_eq!(held(&[]), at(&[Evidence::Report]));
        let done = Action { state: ActionState::Verified, verified: stamp, ..action() };
        assert_eq!(held(std::slice::from_ref(&done)), at(&[Evidence::Report, Evidence::Verification]));
        assert_eq!(
            held(&[Action { state: ActionState::Cancelled, ..done }]),
            at(&[Evidence::Report]),
            "what was dropped is none"
        );
    }

    #[test]
    fn a_map_that_says_something_twice_or_nothing_is_refused() {
        let twice = vec![clause("10.2", &[Evidence::Report]), Clause { title: label(""), ..clause("10.2", &[]) }];
        let one = standard("ISO 45001", Aspect::Safety, twice);
        let Err(Refusal::Invalid(errors)) = (Clauses { standards: vec![one.clone(), one] }).check() else { panic!("accepted") };
        let wrong: Vec<_> = errors.iter().map(|error| (error.pointer.as_ref(), error.code)).collect();
        assert!(wrong.contains(&("/standards/1/edition", "stands_twice")), "{wrong:?}");
        assert!(wrong.contains(&("/standards/0/clauses/1/number", "stands_twice")), "{wrong:?}");
        assert!(wrong.contains(&("/standards/0/clauses/1/title", "lacks_a_language")), "{wrong:?}");
        assert!(wrong.contains(&("/standards/0/clauses/1/evidence", "empty")), "{wrong:?}");
    }
}
