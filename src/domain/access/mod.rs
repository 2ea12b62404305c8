//! Who may do what, and who reads what. `deeds` is the table of roles and deeds, `parts` that of a report's parts and their
//! readers; `commands` and `reader` go by them. Every operation, every answer and every list asks here and nowhere else.
//! What a record's state allows is in `report` and `action`.

mod commands;
mod deeds;
mod parts;
mod reader;

use std::collections::BTreeSet;

pub use self::{
    commands::{deciders, heirs},
    deeds::Deed,
    parts::{Part, Readers, Tie},
    reader::{Reader, sender_reads},
};
use super::{
    action::Action,
    audience::Role,
    ids::{MemberId, SiteId},
    organisation::{Grant, Member, Organisation},
    refusal::Refusal,
    report::{Confidentiality, Report},
};

/// Somebody signed in, with the organisation they act in.
#[derive(Debug, Clone, Copy)]
pub struct Actor<'a> {
    /// Who.
    pub member: MemberId,
    /// The organisation as it stands.
    pub organisation: &'a Organisation,
}

impl Actor<'_> {
    /// Whether the member may do it at the site.
    pub fn may_at(&self, deed: Deed, site: SiteId) -> bool {
        deed.roles().iter().any(|role| self.organisation.has_role(self.member, *role, site))
    }

    /// Whether the member may do it anywhere.
    pub fn may_somewhere(&self, deed: Deed) -> bool {
        self.organisation
            .members
            .get(&self.member)
            .is_some_and(|member| member.grants.iter().any(|grant| deed.roles().contains(&grant.role)))
    }

    /// Refuses what the member may not do at the site.
    pub fn must_at(&self, deed: Deed, site: SiteId) -> Result<(), Refusal> {
        if self.may_at(deed, site) { Ok(()) } else { Err(Refusal::MayNot(deed.word())) }
    }

    /// Refuses what the member may do nowhere.
    pub fn must_somewhere(&self, deed: Deed) -> Result<(), Refusal> {
        if self.may_somewhere(deed) { Ok(()) } else { Err(Refusal::MayNot(deed.word())) }
    }

    /// Whether the member may administer that person: at every site where the person has a role.
    pub fn may_administer(&self, person: &Member) -> bool {
        self.may_somewhere(Deed::Administer) && person.grants.iter().all(|grant| self.may_at(Deed::Administer, grant.site))
    }

    /// Refuses to administer a person of sites that are not the member's to administer.
    pub fn must_administer(&self, person: &Member) -> Result<(), Refusal> {
        if self.may_administer(person) { Ok(()) } else { Err(Refusal::MayNot(Deed::Administer.word())) }
    }

    /// Refuses to say who stands in for a person, or to see their open work, to all but the person, their manager and those
    /// who administer them.
    pub fn must_arrange_for(&self, person: &Member) -> Result<(), Refusal> {
        let close = person.id == self.member || person.manager == Some(self.member);
        if close || self.may_administer(person) { Ok(()) } else { Err(Refusal::MayNot("arrange_for")) }
    }

    /// Refuses to give or take a role where it is not the member's to give, and to anybody their own: nobody decides what
    /// they may do themselves.
    pub fn must_grant(&self, grant: Grant, to: MemberId) -> Result<(), Refusal> {
        self.must_at(Deed::Administer, grant.site)?;
        if to == self.member { Err(Refusal::MayNot("grant_oneself")) } else { Ok(()) }
    }

    /// Which reports a list may show: `None` is every report, otherwise those at the sites. Reports that are the member's
    /// own or their work come on top.
    pub fn sites_to_read(&self) -> Option<BTreeSet<SiteId>> {
        self.organisation.sites_with(self.member, Part::Report.readers(Confidentiality::Open).roles)
    }

    /// Refuses a report the member may not even know of. `takes_part` is whether it is their own or their work.
    pub fn must_see(&self, report: &Report, takes_part: bool) -> Result<(), Refusal> {
        let readers = Part::Report.readers(report.confidentiality);
        let tied = takes_part && readers.ties.contains(&Tie::Other);
        if tied || self.is_among(&readers, report.site) { Ok(()) } else { Err(Refusal::Unknown) }
    }

    /// Whether the member reads the record of everything, whatever it is about.
    pub fn reads_record(&self) -> bool {
        let readers = Part::Record.readers(Confidentiality::Open);
        self.organisation.root().is_some_and(|root| self.is_among(&readers, root.id))
    }

    /// Whether the member is one of these readers by a role at the site, or for the whole organisation.
    fn is_among(&self, readers: &Readers, site: SiteId) -> bool {
        let has = |roles: &[Role], site| roles.iter().any(|role| self.organisation.has_role(self.member, *role, site));
        has(readers.roles, site) || self.organisation.root().is_some_and(|root| has(readers.whole, root.id))
    }

    /// Whether the report, or one of these its actions, is the member's own.
    pub fn has_part_in(&self, report: &Report, actions: &[Action]) -> bool {
        let is_theirs = |action: &Action| action.owner == self.member || action.verifier == self.member;
        report.reporter == Some(self.member) || actions.iter().any(is_theirs)
    }

    /// Whether the member would be the second person to open the identity: somebody else asked, and still may.
    pub fn agrees_to_unseal(&self, report: &Report) -> bool {
        report.unsealing_asked().is_some_and(|asked| {
            let first = Actor { member: asked.stamp.by, ..*self };
            first.member != self.member && first.may_at(Deed::Unseal, report.site)
        })
    }

    /// Those who investigate ask; they, or a manager of the whole organisation, agree.
    fn may_unseal(&self, report: &Report) -> bool {
        let may_agree = self.manages_the_whole() && self.agrees_to_unseal(report);
        self.stands_apart(report) && (self.may_at(Deed::Unseal, report.site) || may_agree)
    }

    /// The officer in charge never learns by their own doing who sent a report, and nobody opens their own identity.
    fn stands_apart(&self, report: &Report) -> bool {
        report.officer != Some(self.member) && report.reporter != Some(self.member)
    }

    fn manages_the_whole(&self) -> bool {
        self.organisation.root().is_some_and(|root| self.may_at(Deed::DecideExceptions, root.id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        organisation::tests::{member, organisation, person, site},
        report::tests::report,
    };

    #[test]
    fn a_report_of_another_site_does_not_exist_for_those_who_take_no_part_in_it() {
        let organisation = organisation(vec![person(1, None, &[(Role::Officer, 3)])]);
        let actor = Actor { member: member(1), organisation: &organisation };
        let report = Report { site: site(4), ..report(3) };
        assert_eq!(actor.must_see(&report, false), Err(Refusal::Unknown));
        assert_eq!(actor.must_see(&report, true), Ok(()));
        assert_eq!(actor.allowed(&report, &[]), Vec::<&str>::new());
    }
}
