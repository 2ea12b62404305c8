//! How open work passes from one person to another: what there is, to whom each part of it goes, and whom it cannot go to.
//! Clocks are kept; carrying a plan out is an operation's.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::domain::{
    access::{Actor, Deed},
    action::Action,
    deadline::Deadline,
    ids::{ActionId, MemberId, ReportId},
    organisation::{Member, Organisation},
    refusal::{FieldErrors, Refusal},
    report::Report,
};

/// What is still open in somebody's hands, or at a site.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OpenWork {
    /// Actions they own; at a site, all of them.
    pub actions: Vec<Action>,
    /// Actions they are to verify, done or not.
    pub verifications: Vec<Action>,
    /// Reports routed to them; at a site, all of them.
    pub reports: Vec<Report>,
    /// The clocks that run on these.
    pub deadlines: Vec<Deadline>,
}

/// How much is still open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OpenCounts {
    /// Actions.
    pub actions: usize,
    /// Actions to verify.
    pub verifications: usize,
    /// Reports.
    pub reports: usize,
    /// Running clocks.
    pub deadlines: usize,
}

/// What a hand-over asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HandOver {
    /// Who takes everything that is not named.
    pub to: Option<MemberId>,
    /// Who takes an action or a report, by its id.
    pub items: BTreeMap<Uuid, MemberId>,
    /// The person leaves.
    pub disable: bool,
}

/// Which part somebody had in a report's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The owner of an action.
    Owner(ActionId),
    /// The verifier of an action.
    Verifier(ActionId),
    /// The officer the report was routed to.
    Officer,
}

/// One part that passes from one person to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Handed {
    /// In which report's file.
    pub report: ReportId,
    /// Which part.
    pub part: Part,
    /// Who had it.
    pub from: MemberId,
    /// Who has it from now on.
    pub to: MemberId,
}

impl OpenWork {
    /// How much it is.
    pub fn counts(&self) -> OpenCounts {
        OpenCounts {
            actions: self.actions.len(),
            verifications: self.verifications.len(),
            reports: self.reports.len(),
            deadlines: self.deadlines.len(),
        }
    }

    /// Whether nothing is open. Clocks run only on what is.
    pub fn is_none(&self) -> bool {
        self.counts() == OpenCounts::default()
    }

    /// Who takes what. Every item that cannot go where it is sent is named: its new owner may not be its verifier, nor the
    /// other way round; a report goes to an officer of its site.
    pub fn plan(&self, leaver: &Member, ask: &HandOver, organisation: &Organisation) -> Result<Vec<Handed>, Refusal> {
        let mut errors = FieldErrors::default();
        let items = self.items();
        for unknown in ask.items.keys().filter(|id| !items.iter().any(|(item, _)| item == *id)) {
            errors.add(format!("/items/{unknown}"), "unknown_item");
        }
        if ask.to.is_some_and(|to| !can_take(to, leaver, organisation)) {
            errors.add("/to_id", "unknown_member");
        }
        let mut plan = Vec::new();
        for (id, item) in items {
            let named = ask.items.get(&id).copied();
            let Some(to) = named.or(ask.to) else { continue };
            if named.is_some() && !can_take(to, leaver, organisation) {
                errors.add(format!("/items/{id}"), "unknown_member");
            }
            if let Some(handed) = errors.take(item.handed(id, leaver.id, to, organisation)) {
                plan.push(handed);
            }
        }
        errors.none()?;
        Ok(plan)
    }

    /// What is left when a plan has been carried out.
    #[must_use]
    pub fn without(self, plan: &[Handed]) -> Self {
        let gone = |report: ReportId, part: Part| plan.iter().any(|handed| handed.report == report && handed.part == part);
        let owned: Vec<Action> = self.actions.into_iter().filter(|action| !gone(action.report, Part::Owner(action.id))).collect();
        let verified: Vec<Action> =
            self.verifications.into_iter().filter(|action| !gone(action.report, Part::Verifier(action.id))).collect();
        let reports: Vec<Report> = self.reports.into_iter().filter(|report| !gone(report.id, Part::Officer)).collect();
        let left = |deadline: &Deadline| match deadline.action {
            Some(id) => owned.iter().chain(&verified).any(|action| action.id == id),
            None => reports.iter().any(|report| report.id == deadline.report),
        };
        let deadlines = self.deadlines.into_iter().filter(left).collect();
        Self { actions: owned, verifications: verified, reports, deadlines }
    }

    fn items(&self) -> Vec<(Uuid, Item<'_>)> {
        let owned = self.actions.iter().map(|action| (action.id.0, Item::Owned(action)));
        let verified = self.verifications.iter().map(|action| (action.id.0, Item::Verified(action)));
        let reports = self.reports.iter().map(|report| (report.id.0, Item::Routed(report)));
        owned.chain(verified).chain(reports).collect()
    }
}

enum Item<'a> {
    Owned(&'a Action),
    Verified(&'a Action),
    Routed(&'a Report),
}

impl Item<'_> {
    fn handed(&self, id: Uuid, from: MemberId, to: MemberId, organisation: &Organisation) -> Result<Handed, Refusal> {
        match self {
            Self::Owned(action) if action.verifier == to => Err(Refusal::invalid(format!("/items/{id}"), "is_the_verifier")),
            Self::Owned(action) => Ok(Handed { report: action.report, part: Part::Owner(action.id), from, to }),
            Self::Verified(action) if action.owner == to || action.completed.is_some_and(|stamp| stamp.by == to) => {
                Err(Refusal::invalid(format!("/items/{id}"), "is_the_owner"))
            }
            Self::Verified(action) => Ok(Handed { report: action.report, part: Part::Verifier(action.id), from, to }),
            Self::Routed(report) if !handles(to, report, organisation) => {
                Err(Refusal::invalid(format!("/items/{id}"), "no_officer_there"))
            }
            Self::Routed(report) => Ok(Handed { report: report.id, part: Part::Officer, from, to }),
        }
    }
}

fn can_take(to: MemberId, leaver: &Member, organisation: &Organisation) -> bool {
    to != leaver.id && organisation.members.get(&to).is_some_and(|to| to.disabled_at.is_none())
}

fn handles(member: MemberId, report: &Report, organisation: &Organisation) -> bool {
    Actor { member, organisation }.may_at(Deed::HandleReports, report.site)
}

/// The reports whose officer could handle them `before` a change of the organisation, and cannot `after` it.
pub fn stranded<'a>(reports: &'a [Report], before: &Organisation, after: &Organisation) -> Vec<&'a Report> {
    let left = |report: &&Report| {
        report.officer.is_some_and(|officer| handles(officer, report, before) && !handles(officer, report, after))
    };
    reports.iter().filter(left).collect()
}
