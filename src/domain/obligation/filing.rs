//! That something was filed, with its proof; and the clocks that obligations ask for on a report's file.

use serde::{Deserialize, Serialize};

use super::{Event, Obligation, ProofKind};
use crate::domain::{
    clocks::Clock,
    deadline::{Deadline, DeadlineKind},
    ids::{FilingId, ReportId},
    organisation::Organisation,
    refusal::{FieldErrors, Refusal},
    report::Stamp,
    time::Instant,
};

/// A filing as it came, every field still as its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawFiling {
    /// The id of the obligation.
    pub obligation: String,
    /// When it was filed.
    pub filed_at: String,
    /// With whom.
    pub recipient: String,
    /// `receipt`, `registered_mail`, `electronic` or `minutes`.
    pub proof: String,
    /// The number on the proof.
    pub reference: String,
    /// What kept the organisation from filing in time, where something did.
    #[serde(default)]
    pub force_majeure: Option<String>,
}

/// What was filed, every field valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilingFacts {
    /// The id of the obligation.
    pub obligation: String,
    /// When.
    pub filed_at: Instant,
    /// With whom.
    pub recipient: String,
    /// What proves it.
    pub proof: ProofKind,
    /// The number on the proof.
    pub reference: String,
    /// What kept the organisation from filing in time. It excuses before a court, not before this record.
    pub force_majeure: Option<String>,
}

/// A filing on a report's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filing {
    /// Made by the client.
    pub id: FilingId,
    /// Its report.
    pub report: ReportId,
    /// What was filed.
    pub facts: FilingFacts,
    /// Who recorded it.
    pub recorded: Stamp,
}

impl RawFiling {
    /// Reads every field. What is filed has been filed: its instant is not to come.
    pub fn read(self, now: Instant) -> Result<FilingFacts, Refusal> {
        let mut errors = FieldErrors::default();
        let filed_at: Option<Instant> = self.filed_at.parse().ok();
        match filed_at {
            None => errors.add("/filed_at", "not_an_instant"),
            Some(at) if at > now => errors.add("/filed_at", "in_the_future"),
            Some(_) => {}
        }
        let proof = ProofKind::of_word(&self.proof);
        if proof.is_none() {
            errors.add("/proof", "unknown_proof");
        }
        let line = |text: &str| {
            let text = text.trim();
            (!text.is_empty() && text.chars().count() <= 200 && !text.chars().any(char::is_control)).then(|| text.to_owned())
        };
        let (recipient, reference) = (line(&self.recipient), line(&self.reference));
        for (pointer, text) in [("/recipient", &recipient), ("/reference", &reference)] {
            if text.is_none() {
                errors.add(pointer, "not_a_name");
            }
        }
        if self.force_majeure.as_ref().is_some_and(|reason| reason.chars().count() > 1_000) {
            errors.add("/force_majeure", "too_long");
        }
        errors.none()?;
        let (Some(filed_at), Some(proof), Some(recipient), Some(reference)) = (filed_at, proof, recipient, reference) else {
            return Err(Refusal::invalid("", "unreadable"));
        };
        let force_majeure = self.force_majeure.map(|reason| reason.trim().to_owned()).filter(|reason| !reason.is_empty());
        Ok(FilingFacts { obligation: self.obligation, filed_at, recipient, proof, reference, force_majeure })
    }
}

/// The clocks that the law asks for on this file. A running one is counted by the version it started under; the first filing
/// meets it.
pub fn clocks(event: Event<'_>, filings: &[Filing], running: &[Deadline], organisation: &Organisation) -> Vec<Clock> {
    let of_record = |deadline: &Deadline| {
        let version = organisation.obligations.get(&deadline.ladder_version)?;
        version.find(deadline.obligation.as_deref()?).cloned()
    };
    let mut obligations: Vec<Obligation> = running.iter().filter_map(of_record).collect();
    let newest = organisation.obligations_now().map_or(&[][..], |(_, newest)| &newest.obligations);
    for obligation in newest {
        if !obligations.iter().any(|known| known.id == obligation.id) {
            obligations.push(obligation.clone());
        }
    }
    let site = event.report.site;
    let (calendar, zone) = (organisation.calendar(site), organisation.zone(site));
    let clock = |obligation: &Obligation| {
        let runs_from = obligation.starts_at(event, &zone)?;
        let filed = filings.iter().filter(|filing| filing.facts.obligation == obligation.id).map(|filing| filing.facts.filed_at);
        Some(Clock {
            kind: DeadlineKind::FileObligation,
            action: None,
            obligation: Some(obligation.id.clone()),
            runs_from,
            due_at: Some(obligation.due_at(runs_from, calendar, &zone)),
            met_at: filed.min(),
            void: false,
        })
    };
    obligations.iter().filter_map(clock).collect()
}
