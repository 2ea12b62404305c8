//! The inquiry into a report: who looked into it, what happened in which order, why, and the two signatures without which
//! it is not complete (Moroccan Labour Code art. 340: one member of the employer's side, one of the employees'). Its
//! statements are in `statement`; what it sets going in the report is `operations/complete_inquiry`.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    ids::{MemberId, ReportId, client_made},
    prose::{SHORT, prose},
    refusal::{FieldErrors, Refusal},
    report::{Cause, CauseKind, Report, Stamp},
    time::Instant,
    words::words,
};

words! {
    /// For whom somebody sits in the inquiry.
    pub enum Side {
        /// For the employer.
        Employer = "employer",
        /// For the employees.
        Employee = "employee",
    }
}

words! {
    /// What somebody does in the inquiry.
    pub enum Part {
        /// Leads it.
        Lead = "lead",
        /// Takes part.
        Member = "member",
        /// Speaks for the workers (ISO 45001 clause 5.4).
        WorkerRepresentative = "worker_representative",
        /// Knows the matter.
        Expert = "expert",
    }
}

words! {
    /// How deep a cause lies.
    pub enum CauseLevel {
        /// What directly led to it.
        Immediate = "immediate",
        /// What let that happen.
        Underlying = "underlying",
        /// What, once removed, keeps it from happening again.
        Root = "root",
    }
}

/// Somebody of the team.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TeamMember {
    /// Who.
    #[serde(rename = "member_id")]
    pub member: MemberId,
    /// For whom.
    pub side: Side,
    /// As what.
    pub part: Part,
}

/// Something that happened, on the way to the event or after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Moment {
    /// When.
    pub at: Instant,
    /// What; at most 1000 characters.
    pub what: String,
    /// How it is known: a statement, a log, a photo; at most 1000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// A node of the cause tree. What has no parent led directly to the event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CauseNode {
    /// Made by the client.
    pub id: Uuid,
    /// The cause it led to.
    #[serde(default, rename = "parent_id", skip_serializing_if = "Option::is_none")]
    pub parent: Option<Uuid>,
    /// Of what kind.
    pub kind: CauseKind,
    /// How deep it lies.
    pub level: CauseLevel,
    /// In words; at most 1000 characters.
    pub text: String,
}

/// What an inquiry found: the content that is signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct Findings {
    /// Who looks into it; 1 to 20 people.
    pub team: Vec<TeamMember>,
    /// What happened; at most 200 moments.
    #[serde(default)]
    pub timeline: Vec<Moment>,
    /// Chains of answers to "why?", each of up to five; at most 20 chains.
    #[serde(default)]
    pub whys: Vec<Vec<String>>,
    /// The cause tree; at most 100 nodes.
    #[serde(default)]
    pub causes: Vec<CauseNode>,
}

/// A signature under the findings as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// Who signed, and when.
    pub stamp: Stamp,
    /// For whom they sit there.
    pub side: Side,
}

/// The inquiry of a report. A report that is taken up again after its inquiry was complete gets another one; the earlier
/// one stays as it was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inquiry {
    /// Its report.
    pub report: ReportId,
    /// Which one of the report, from 1.
    pub round: u32,
    /// Who opened it, and when.
    pub opened: Stamp,
    /// What was found so far.
    pub findings: Findings,
    /// Who signed the findings as they are.
    pub signatures: Vec<Signature>,
    /// Who said that it is complete.
    pub completed: Option<Stamp>,
    /// Which writing of the record this is.
    pub version: i64,
}

const MOST_PEOPLE: usize = 20;
const MOST_MOMENTS: usize = 200;
const MOST_CHAINS: usize = 20;
const MOST_WHYS: usize = 5;
const MOST_CAUSES: usize = 100;

impl Findings {
    /// Refuses what no reader could follow, every wrong field at once. `is_here` tells who is an active member.
    pub fn check(&self, is_here: impl Fn(MemberId) -> bool) -> Result<(), Refusal> {
        let mut errors = FieldErrors::default();
        self.check_team(is_here, &mut errors);
        bounded("/timeline", self.timeline.len(), MOST_MOMENTS, &mut errors);
        for (n, moment) in self.timeline.iter().enumerate() {
            errors.take(prose(format!("/timeline/{n}/what"), &moment.what, SHORT));
            if let Some(source) = &moment.source {
                errors.take(prose(format!("/timeline/{n}/source"), source, SHORT));
            }
        }
        bounded("/whys", self.whys.len(), MOST_CHAINS, &mut errors);
        for (n, chain) in self.whys.iter().enumerate() {
            if !(1..=MOST_WHYS).contains(&chain.len()) {
                errors.add(format!("/whys/{n}"), "not_one_to_five_whys");
            }
            for (w, why) in chain.iter().enumerate() {
                errors.take(prose(format!("/whys/{n}/{w}"), why, SHORT));
            }
        }
        self.check_tree(&mut errors);
        errors.none()
    }

    fn check_team(&self, is_here: impl Fn(MemberId) -> bool, errors: &mut FieldErrors) {
        if self.team.is_empty() {
            errors.add("/team", "empty");
        }
        bounded("/team", self.team.len(), MOST_PEOPLE, errors);
        let mut seen = BTreeSet::new();
        for (n, person) in self.team.iter().enumerate() {
            if !is_here(person.member) {
                errors.add(format!("/team/{n}/member_id"), "unknown_member");
            }
            if !seen.insert(person.member) {
                errors.add(format!("/team/{n}/member_id"), "stands_twice");
            }
        }
    }

    /// A tree: every parent is there, and no way up comes back to where it began.
    fn check_tree(&self, errors: &mut FieldErrors) {
        bounded("/causes", self.causes.len(), MOST_CAUSES, errors);
        let parents: BTreeMap<Uuid, Option<Uuid>> = self.causes.iter().map(|cause| (cause.id, cause.parent)).collect();
        let mut seen = BTreeSet::new();
        for (n, cause) in self.causes.iter().enumerate() {
            if client_made(cause.id, "").is_err() {
                errors.add(format!("/causes/{n}/id"), "id_not_v4_or_v7");
            }
            if !seen.insert(cause.id) {
                errors.add(format!("/causes/{n}/id"), "stands_twice");
            }
            if cause.parent.is_some_and(|parent| !parents.contains_key(&parent)) {
                errors.add(format!("/causes/{n}/parent_id"), "unknown_cause");
            }
            let up = |id: &Uuid| parents.get(id).copied().flatten();
            if std::iter::successors(up(&cause.id), up).take(self.causes.len()).any(|above| above == cause.id) {
                errors.add(format!("/causes/{n}/parent_id"), "below_itself");
            }
            errors.take(prose(format!("/causes/{n}/text"), &cause.text, SHORT));
        }
    }

    /// SHA-256 of the findings in one fixed form: what a signature stands for.
    pub fn sha256(&self) -> [u8; 32] {
        Sha256::digest(serde_json::to_vec(self).unwrap_or_default()).into()
    }

    /// The causes that are written into the report: those that let it happen, and the roots.
    pub fn deep_causes(&self) -> Vec<Cause> {
        let deep = self.causes.iter().filter(|cause| cause.level != CauseLevel::Immediate);
        deep.map(|cause| Cause { kind: cause.kind, text: cause.text.trim().to_owned() }).collect()
    }

    fn side_of(&self, member: MemberId) -> Option<Side> {
        self.team.iter().find(|person| person.member == member).map(|person| person.side)
    }
}

fn bounded(pointer: &'static str, count: usize, most: usize, errors: &mut FieldErrors) {
    if count > most {
        errors.add(pointer, "too_long_a_list");
    }
}

impl Inquiry {
    /// The inquiry that is opened with these findings, after `earlier` ones.
    pub fn opened(report: ReportId, earlier: u32, findings: Findings, by: MemberId, now: Instant) -> Self {
        let opened = Stamp { at: now, by };
        Self { report, round: earlier + 1, opened, findings, signatures: vec![], completed: None, version: 1 }
    }

    /// Whether the member sits in its team.
    pub fn has(&self, member: MemberId) -> bool {
        self.findings.side_of(member).is_some()
    }

    /// Other findings take the place of those before: who had signed has not signed these.
    pub fn revised(self, findings: Findings) -> Result<Self, Refusal> {
        self.expect_open("inquire")?;
        let signatures = if findings == self.findings { self.signatures } else { vec![] };
        Ok(Self { findings, signatures, ..self })
    }

    /// Somebody of the team signs the findings they read, named by their hash. Whoever signed them may say so again.
    pub fn signed(self, content_sha256: [u8; 32], by: MemberId, now: Instant) -> Result<Self, Refusal> {
        let side = self.findings.side_of(by).ok_or(Refusal::MayNot("sign_inquiry"))?;
        self.expect_open("sign_inquiry")?;
        if content_sha256 != self.findings.sha256() {
            return Err(Refusal::Changed);
        }
        if self.signatures.iter().any(|signature| signature.stamp.by == by) {
            return Ok(self);
        }
        let signature = Signature { stamp: Stamp { at: now, by }, side };
        Ok(Self { signatures: self.signatures.iter().copied().chain([signature]).collect(), ..self })
    }

    /// It is complete: signed by both sides, and it went deeper than what directly led to the event.
    pub fn complete(self, by: MemberId, now: Instant) -> Result<Self, Refusal> {
        self.expect_open("complete_inquiry")?;
        let missing = self.missing_to_complete();
        if !missing.is_empty() {
            return Err(Refusal::NotReady { command: "complete_inquiry", missing, allowed: vec![] });
        }
        Ok(Self { completed: Some(Stamp { at: now, by }), ..self })
    }

    /// What it needs before it is complete.
    pub fn missing_to_complete(&self) -> Vec<&'static str> {
        let signed = |side| self.signatures.iter().any(|signature| signature.side == side);
        let wanted = [
            (self.findings.deep_causes().is_empty(), "deep_cause"),
            (!signed(Side::Employer), "employer_signature"),
            (!signed(Side::Employee), "employee_signature"),
        ];
        wanted.into_iter().filter(|(missing, _)| *missing).map(|(_, code)| code).collect()
    }

    /// Whether it belongs to the life that the report has now, and not to one that ended before it was reopened.
    pub fn is_of_this_life(&self, report: &Report) -> bool {
        let reopened = report.reopened.map(|stamp| stamp.at);
        self.completed.is_none_or(|completed| reopened.is_none_or(|reopened| completed.at >= reopened))
    }

    fn expect_open(&self, command: &'static str) -> Result<(), Refusal> {
        match self.completed {
            Some(_) => Err(Refusal::WrongState { command, state: "complete", allowed: vec![] }),
            None => Ok(()),
        }
    }
}

/// Whether closing waits for an inquiry: one is open, or somebody was hurt and none was completed in this life of the report.
/// `inquiries` are all of the report's, the first one first.
pub fn is_wanted(inquiries: &[Inquiry], report: &Report, somebody_was_hurt: bool) -> bool {
    match inquiries.last().filter(|last| last.is_of_this_life(report)) {
        Some(last) => last.completed.is_none(),
        None => somebody_was_hurt,
    }
}

#[cfg(test)]
mod tests;
