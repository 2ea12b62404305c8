//! Who may ask what of a report and of an action. What their state allows is in `report` and `action`.

use super::{Actor, Deed, Part};
use crate::domain::{
    action::{Action, ActionCommand, EXTENSIONS},
    audience::Role,
    ids::MemberId,
    organisation::{Member, Organisation},
    refusal::Refusal,
    report::{Command, Confidentiality, Report, ReportState},
};

impl Actor<'_> {
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
                is_owner
                    || action.verifier == self.member
                    || self.is_among(&Part::Report.readers(Confidentiality::Open), action.site)
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
    use crate::domain::organisation::tests::{member, organisation, person, site};

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
