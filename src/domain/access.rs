//! Who may do what. One table of roles and deeds, and who may see a record at all; every operation and every list asks
//! here and nowhere else. What a record's state allows is in `report` and `action`.

use std::collections::BTreeSet;

use super::{
    action::{Action, ActionCommand, EXTENSIONS},
    audience::Role,
    comment::Comment,
    ids::{MemberId, SiteId},
    organisation::{Grant, Member, Organisation},
    refusal::Refusal,
    report::{Command, Report, ReportState},
    time::Instant,
    words::words,
};

words! {
    /// Something a member may or may not do at a site.
    pub enum Deed {
        /// Send a report.
        SendReport = "send_report",
        /// Read reports that are neither theirs nor their work.
        ReadReports = "read_reports",
        /// Fetch an original photo, with the metadata it came with.
        ReadOriginals = "read_originals",
        /// Ask who sent a confidential report, and agree when somebody else asks.
        Unseal = "unseal",
        /// Record that somebody was hurt.
        RecordInjuries = "record_injuries",
        /// Read who was hurt and how, and change what is recorded.
        ReadInjuries = "read_injuries",
        /// Hold an inquiry, add what witnesses said.
        Inquire = "inquire",
        /// Read the inquiry and what witnesses said.
        ReadInquiries = "read_inquiries",
        /// Take charge, rate, contain, correct, investigate, assign, hand on, ask, dismiss, close, reopen.
        HandleReports = "handle_reports",
        /// Say something about a report that is neither theirs nor their work.
        Comment = "comment",
        /// Agree to a lower rating that somebody else asked for.
        AgreeToDownRating = "agree_to_down_rating",
        /// Answer for a plan of rules and equipment alone; decide about more time at the own site.
        DecideExceptions = "decide_exceptions",
        /// Say whether the cause of a closed report is gone.
        CheckEffectiveness = "check_effectiveness",
        /// Drop an action.
        CancelActions = "cancel_actions",
        /// Keep a report from being disposed of, or let it go.
        HoldReports = "hold_reports",
        /// Read the whole record.
        ReadRecord = "read_record",
        /// Read sites, people, categories and rules.
        ReadRules = "read_rules",
        /// Write rules.
        WriteRules = "write_rules",
        /// Change sites, people, roles and categories.
        Administer = "administer",
    }
}

impl Deed {
    /// The roles that allow it.
    pub const fn roles(self) -> &'static [Role] {
        use Role::{Admin, Auditor, Investigator, Manager, Officer, Technician};
        match self {
            Self::SendReport => &[Technician, Officer, Manager, Investigator, Admin],
            Self::ReadReports => &[Officer, Manager, Investigator, Auditor],
            Self::ReadOriginals => &[Investigator, Auditor],
            Self::RecordInjuries | Self::Inquire => &[Officer, Investigator],
            Self::ReadInquiries => &[Officer, Investigator, Auditor],
            Self::ReadInjuries | Self::Unseal | Self::HoldReports => &[Investigator],
            Self::ReadRecord => &[Auditor],
            Self::HandleReports => &[Officer],
            Self::Comment | Self::CheckEffectiveness => &[Officer, Manager, Investigator],
            Self::CancelActions | Self::AgreeToDownRating => &[Officer, Manager],
            Self::DecideExceptions => &[Manager],
            Self::ReadRules => &[Technician, Officer, Manager, Investigator, Auditor, Admin],
            Self::WriteRules | Self::Administer => &[Admin],
        }
    }
}

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

    /// Whether the member may do it everywhere.
    pub fn may_everywhere(&self, deed: Deed) -> bool {
        self.organisation.root().is_some_and(|root| self.may_at(deed, root.id))
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
        self.organisation.sites_with(self.member, Deed::ReadReports.roles())
    }

    /// Refuses a report the member may not even know of. `takes_part` is whether it is their own or their work.
    pub fn must_see(&self, report: &Report, takes_part: bool) -> Result<(), Refusal> {
        if takes_part || self.may_at(Deed::ReadReports, report.site) { Ok(()) } else { Err(Refusal::Unknown) }
    }

    /// Whether the report, or one of these its actions, is the member's own.
    pub fn has_part_in(&self, report: &Report, actions: &[Action]) -> bool {
        let is_theirs = |action: &Action| action.owner == self.member || action.verifier == self.member;
        report.reporter == Some(self.member) || actions.iter().any(is_theirs)
    }

    /// Whether the member may read a comment on a report with these actions. Those who read reports or work on this one
    /// read all; its sender, and whoever sends an anonymous one again, what is meant for the sender and their own words.
    pub fn may_read(&self, comment: &Comment, report: &Report, actions: &[Action]) -> bool {
        let works_on_it = report.reporter != Some(self.member) && self.has_part_in(report, actions);
        comment.for_reporter || comment.author == Some(self.member) || works_on_it || self.may_at(Deed::ReadReports, report.site)
    }

    /// Refuses an original photo, with the metadata it came with. Those of a confidential report would name its sender to
    /// whoever looks closely, so they are open to those who opened the identity.
    pub fn must_read_original(&self, report: &Report, now: Instant) -> Result<(), Refusal> {
        self.must_at(Deed::ReadOriginals, report.site)?;
        if report.is_sealed() { self.must_read_identity(report, now) } else { Ok(()) }
    }

    /// Refuses the identity of a confidential sender to all but the two who opened it.
    pub fn must_read_identity(&self, report: &Report, now: Instant) -> Result<(), Refusal> {
        let still_may = self.may_at(Deed::Unseal, report.site) || self.manages_the_whole();
        let may = still_may && self.stands_apart(report) && report.is_unsealed_for(self.member, now);
        if may { Ok(()) } else { Err(Refusal::MayNot("read_identity")) }
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

    /// Refuses a command on a report with these actions.
    pub fn must_command(&self, command: Command, report: &Report, actions: &[Action]) -> Result<(), Refusal> {
        if self.may_command(command, report, actions) { Ok(()) } else { Err(Refusal::MayNot(command.word())) }
    }

    fn may_command(&self, command: Command, report: &Report, actions: &[Action]) -> bool {
        let may = |deed| self.may_at(deed, report.site);
        match command {
            Command::Withdraw => report.reporter == Some(self.member),
            Command::Correct => {
                let is_unanswered = report.state == ReportState::Submitted;
                may(Deed::HandleReports) || (is_unanswered && report.reporter == Some(self.member))
            }
            Command::Comment => may(Deed::Comment) || self.has_part_in(report, actions),
            Command::Triage => may(Deed::HandleReports) || (report.pending.is_some() && may(Deed::AgreeToDownRating)),
            Command::Inquire => may(Deed::Inquire),
            Command::Unseal => self.may_unseal(report),
            Command::JustifyControls => may(Deed::DecideExceptions),
            Command::CheckEffectiveness => {
                may(Deed::CheckEffectiveness) && !actions.iter().any(|action| action.is_work_of(self.member))
            }
            _ => may(Deed::HandleReports),
        }
    }

    /// Refuses a command on an action. Owner and verifier are persons, not roles: a role alone lets nobody complete or
    /// verify. The officers of the site verify where the verifier cannot.
    pub fn must_command_action(&self, command: ActionCommand, action: &Action) -> Result<(), Refusal> {
        if self.may_command_action(command, action) { Ok(()) } else { Err(Refusal::MayNot(command.word())) }
    }

    fn may_command_action(&self, command: ActionCommand, action: &Action) -> bool {
        let is_owner = action.owner == self.member;
        match command {
            ActionCommand::Accept
            | ActionCommand::Start
            | ActionCommand::Complete
            | ActionCommand::Delegate
            | ActionCommand::RequestExtension => is_owner,
            ActionCommand::DecideExtension => self.may_decide_extension(action),
            ActionCommand::Verify | ActionCommand::Return => {
                !action.is_work_of(self.member)
                    && (action.verifier == self.member || self.may_at(Deed::HandleReports, action.site))
            }
            ActionCommand::Cancel => !is_owner && self.may_at(Deed::CancelActions, action.site),
            ActionCommand::AcknowledgeEscalation => {
                is_owner || action.verifier == self.member || self.may_at(Deed::ReadReports, action.site)
            }
        }
    }

    /// Those above the owner and the managers of the site decide about the first two extensions, then only a manager of
    /// the whole organisation; never whoever owns the action or asked for more time.
    fn may_decide_extension(&self, action: &Action) -> bool {
        let asked = action.pending_extension().is_some_and(|extension| extension.requested.by == self.member);
        if asked || action.owner == self.member {
            return false;
        }
        if action.extensions_granted() >= EXTENSIONS {
            return self.manages_the_whole();
        }
        self.may_at(Deed::DecideExceptions, action.site) || self.organisation.is_above(self.member, action.owner)
    }

    /// What the member may ask of the report with these actions as it stands; guards come on top.
    pub fn allowed(&self, report: &Report, actions: &[Action]) -> Vec<&'static str> {
        let possible = |command: &&Command| report.allows(**command) && self.may_command(**command, report, actions);
        Command::ALL.iter().filter(possible).map(|command| command.word()).collect()
    }

    /// What the member may ask of the action as it stands.
    pub fn allowed_of_action(&self, action: &Action) -> Vec<&'static str> {
        let possible = |command: &&ActionCommand| action.is_possible(**command) && self.may_command_action(**command, action);
        ActionCommand::ALL.iter().filter(possible).map(|command| command.word()).collect()
    }
}

/// Who is asked about more time for an action: one level above its owner, else the managers of its site; after the
/// extensions these may grant, the managers of the whole organisation.
pub fn deciders(organisation: &Organisation, action: &Action) -> Vec<MemberId> {
    let managers = |site| organisation.holders(Role::Manager, site);
    let others = |members: Vec<MemberId>| members.into_iter().filter(|member| *member != action.owner).collect();
    if action.extensions_granted() >= EXTENSIONS {
        return others(organisation.root().map_or_else(Vec::new, |root| managers(root.id)));
    }
    let above = organisation.members.get(&action.owner).and_then(|owner| owner.manager);
    above.map_or_else(|| others(managers(action.site)), |manager| vec![manager])
}

/// To whom the owner of an action can hand it on without signing in: those of its site whom a mail reaches, the nearest
/// first, but not its verifier.
pub fn heirs(organisation: &Organisation, action: &Action) -> Vec<MemberId> {
    let mut heirs: Vec<MemberId> = Vec::new();
    for member in
        [Role::Technician, Role::Officer, Role::Manager].into_iter().flat_map(|role| organisation.all_holders(role, action.site))
    {
        let reached = organisation.members.get(&member).is_some_and(Member::can_be_told);
        if reached && member != action.owner && member != action.verifier && !heirs.contains(&member) {
            heirs.push(member);
        }
    }
    heirs.truncate(HEIRS);
    heirs
}

/// The most colleagues a page offers.
const HEIRS: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        organisation::tests::{member, organisation, person, site},
        report::tests::report,
    };

    #[test]
    fn each_role_may_do_what_the_table_says_at_its_site_and_below_and_nowhere_else() {
        for role in Role::ALL {
            let organisation = organisation(vec![person(1, None, &[(*role, 2)])]);
            let actor = Actor { member: member(1), organisation: &organisation };
            for deed in Deed::ALL {
                let allowed = deed.roles().contains(role);
                assert_eq!(actor.may_at(*deed, site(2)), allowed, "{role} {deed} at the site");
                assert_eq!(actor.may_at(*deed, site(4)), allowed, "{role} {deed} below");
                assert!(!actor.may_at(*deed, site(1)), "{role} {deed} above");
                assert!(!actor.may_at(*deed, site(3)), "{role} {deed} beside");
                assert_eq!(actor.may_somewhere(*deed), allowed);
            }
        }
    }

    #[test]
    fn a_report_of_another_site_does_not_exist_for_those_who_take_no_part_in_it() {
        let organisation = organisation(vec![person(1, None, &[(Role::Officer, 3)])]);
        let actor = Actor { member: member(1), organisation: &organisation };
        let report = Report { site: site(4), ..report(3) };
        assert_eq!(actor.must_see(&report, false), Err(Refusal::Unknown));
        assert_eq!(actor.must_see(&report, true), Ok(()));
        assert_eq!(actor.allowed(&report, &[]), Vec::<&str>::new());
    }

    #[test]
    fn more_time_is_asked_of_the_one_above_and_then_of_those_who_manage_the_whole() {
        use crate::domain::{action::tests::action, ids::SiteId};
        let people = |manager| {
            vec![
                person(1, manager, &[(Role::Technician, 4)]),
                person(5, Some(6), &[(Role::Officer, 4)]),
                person(6, None, &[]),
                person(7, None, &[(Role::Manager, 2)]),
                person(8, None, &[(Role::Manager, 1)]),
            ]
        };
        let asked = |house: &Organisation, granted: usize| {
            let mut action = Action { site: SiteId(site(4).0), ..action() };
            for n in 0..=granted {
                let until = action.due_at.plus_ms(1);
                action = action.request_extension(until, "rain", member(1), until.plus_ms(-99)).unwrap();
                if n < granted {
                    action = action.decide_extension(true, None, member(5), until.plus_ms(-99)).unwrap();
                }
            }
            let may = |n| Actor { member: member(n), organisation: house }.may_decide_extension(&action);
            (deciders(house, &action), [1, 5, 6, 7, 8].map(may))
        };
        let house = organisation(people(Some(5)));
        assert_eq!(asked(&house, 0), (vec![member(5)], [false, true, true, true, true]));
        assert_eq!(asked(&house, 2), (vec![member(8)], [false, false, false, false, true]));
        let alone = organisation(people(None));
        assert_eq!(asked(&alone, 1), (vec![member(7)], [false, false, false, true, true]));
    }
}
