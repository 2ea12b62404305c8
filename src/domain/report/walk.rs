//! Random persons ask random things of a report and its actions, and no rule is ever broken on the way.

use std::collections::BTreeSet;

use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use uuid::Uuid;

use super::{tests::report, *};
use crate::domain::{
    access::Actor,
    action::{Action, ActionCommand, ActionState, Completion, Control, tests::action},
    audience::Role,
    ids::{ActionId, PhotoId},
    organisation::{
        Organisation,
        tests::{member, organisation, person, site},
    },
    refusal::Refusal,
};

const OWNER: u128 = 1;
const VERIFIER: u128 = 2;
const OFFICER: u128 = 3;
const OTHER_OFFICER: u128 = 4;
const MANAGER: u128 = 5;
const REPORTER: u128 = 6;
const STRANGER: u128 = 7;
const INVESTIGATOR: u128 = 8;
const OTHER_INVESTIGATOR: u128 = 9;
const PEOPLE: u128 = OTHER_INVESTIGATOR;
const PHOTO: PhotoId = PhotoId(Uuid::nil());
const MOST_ACTIONS: usize = 4;

fn house() -> Organisation {
    organisation(vec![
        person(OWNER, Some(OFFICER), &[(Role::Technician, 4)]),
        person(VERIFIER, Some(OFFICER), &[(Role::Technician, 4)]),
        person(OFFICER, Some(MANAGER), &[(Role::Officer, 4)]),
        person(OTHER_OFFICER, Some(MANAGER), &[(Role::Officer, 2)]),
        person(MANAGER, None, &[(Role::Manager, 1)]),
        person(REPORTER, Some(OFFICER), &[(Role::Technician, 4)]),
        person(STRANGER, None, &[]),
        person(INVESTIGATOR, None, &[(Role::Investigator, 2)]),
        person(OTHER_INVESTIGATOR, None, &[(Role::Investigator, 1), (Role::Officer, 4)]),
    ])
}

/// What is asked, and of what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ask {
    Report(Command),
    Action(usize, ActionCommand),
}

/// One step: `pick` chooses who asks what, among everything that is allowed or, when `wild`, among everything; `dice`
/// fills in what is said.
#[derive(Debug, Clone, Copy)]
struct Step {
    pick: usize,
    wild: bool,
    dice: u8,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (any::<usize>(), any::<u8>(), any::<u8>()).prop_map(|(pick, wild, dice)| Step { pick, wild: wild < 80, dice });
    prop::collection::vec(step, 1..120)
}

#[derive(Debug, Clone)]
struct Case {
    report: Report,
    actions: Vec<Action>,
    now: Instant,
}

impl Case {
    fn just_sent() -> Self {
        let sealed = report(4);
        let confidentiality = Confidentiality::Confidential;
        let report = Report { site: site(4), reporter: Some(member(REPORTER)), confidentiality, ..sealed };
        Self { now: report.received_at, report, actions: vec![] }
    }

    fn everything(&self) -> Vec<(MemberId, Ask)> {
        let reports = Command::ALL.iter().map(|command| Ask::Report(*command));
        let of = |n| ActionCommand::ALL.iter().map(move |command| Ask::Action(n, *command));
        let asks: Vec<Ask> = reports.chain((0..self.actions.len()).flat_map(of)).collect();
        (1..=PEOPLE).flat_map(|who| asks.iter().map(move |ask| (member(who), *ask))).collect()
    }

    fn allows(&self, who: MemberId, ask: Ask, house: &Organisation) -> bool {
        let actor = Actor { member: who, organisation: house };
        match ask {
            Ask::Report(command) => actor.allowed(&self.report, &self.actions).contains(&command.word()),
            Ask::Action(n, command) => actor.allowed_of_action(&self.actions[n]).contains(&command.word()),
        }
    }

    fn asked(&self, who: MemberId, ask: Ask, dice: u8, house: &Organisation) -> Result<Self, Refusal> {
        let actor = Actor { member: who, organisation: house };
        let mut next = self.clone();
        match ask {
            Ask::Report(command) => {
                actor.must_command(command, &self.report, &self.actions)?;
                next.report = next.moved(command, who, dice, house)?;
            }
            Ask::Action(n, command) => {
                actor.must_command_action(command, &self.actions[n])?;
                next.actions[n] = self.acted(self.actions[n].clone(), command, who, dice, house)?;
            }
        }
        let facts = FileFacts::of(&next.report, &next.actions, 0);
        next.report = next.report.advanced(facts);
        Ok(next)
    }

    fn moved(&mut self, command: Command, by: MemberId, dice: u8, house: &Organisation) -> Result<Report, Refusal> {
        let (report, now) = (self.report.clone(), self.now);
        let facts = FileFacts::of(&report, &self.actions, 0);
        match command {
            Command::Acknowledge => report.acknowledge(by, now),
            Command::Triage => {
                let reason = (dice.is_multiple_of(2)).then(|| "seen".to_owned());
                let triage = Triage { actual_severity: 1, potential_severity: dice % 5 + 1, reason, ..Triage::default() };
                report.triage(&triage, house, by, now)
            }
            Command::Contain => report.contain(by, now),
            Command::Correct => {
                let kind = ReportKind::ALL[usize::from(dice) % ReportKind::ALL.len()].word().to_owned();
                let said = RawCorrection { kind: Some(kind), reason: "seen".into(), ..RawCorrection::default() }.read()?;
                report.correct(&said, house, by, now).map(|(report, _)| report)
            }
            Command::Investigate => {
                let cause = Cause { kind: CauseKind::Human, text: "haste".into() };
                report.investigate(Investigation { causes: vec![cause], similar_events: Some("none".into()) }, now)
            }
            Command::Inquire => report.expect(command).map(|()| report),
            Command::LookForSimilar => report.looked_for_similar(by, now),
            Command::AssignAction => {
                report.expect(command)?;
                self.assign(dice);
                Ok(report)
            }
            Command::Close => {
                let effectiveness_days = [None, Some(30), Some(90)][usize::from(dice % 3)];
                report.close(Closing { outcome: "done".into(), effectiveness_days, waive_photos: None }, facts, by, now)
            }
            Command::Transfer => report.transfer(member(u128::from(dice) % PEOPLE + 1), house),
            Command::RequestInformation | Command::Comment => report.expect(command).map(|()| report),
            Command::JustifyControls => report.justify_controls("no other way", by, now),
            Command::Dismiss => report.dismiss("no danger", facts, by, now),
            Command::MarkDuplicate => {
                let other = Report { id: ReportId(Uuid::from_u128(77)), ..Self::just_sent().report };
                report.mark_duplicate(&other, dice.is_multiple_of(4), facts, by, now)
            }
            Command::Withdraw => report.withdraw(),
            Command::Reopen => report.reopen(self.actions.len(), by, now),
            Command::CheckEffectiveness => {
                let check =
                    CheckDraft { effective: dice.is_multiple_of(2), method: "m".into(), note: "n".into(), evidence: vec![] };
                report.check_effectiveness(check, &self.actions, &[], by, now)
            }
            Command::Unseal => {
                let agrees = Actor { member: by, organisation: house }.agrees_to_unseal(&report);
                report.unseal("a threat", agrees, by, now)
            }
        }
    }

    fn assign(&mut self, dice: u8) {
        if self.actions.len() < MOST_ACTIONS {
            let (owner, verifier) = [(OWNER, VERIFIER), (OFFICER, OTHER_OFFICER), (OWNER, OFFICER)][usize::from(dice % 3)];
            let n = self.actions.len();
            self.actions.push(Action {
                id: ActionId(Uuid::from_u128(n as u128 + 1)),
                ordinal: u32::try_from(n).unwrap() + 1,
                site: self.report.site,
                owner: member(owner),
                verifier: member(verifier),
                control: Control::ALL[usize::from(dice) % Control::ALL.len()],
                ..action()
            });
        }
    }

    fn acted(
        &self,
        action: Action,
        command: ActionCommand,
        by: MemberId,
        dice: u8,
        house: &Organisation,
    ) -> Result<Action, Refusal> {
        match command {
            ActionCommand::Accept => action.accept(),
            ActionCommand::Start => action.start(),
            ActionCommand::Complete => {
                let done = Completion { note: "done".into(), evidence: vec![PHOTO] };
                action.complete(done, self.report.potential_severity, &[PHOTO], by, self.now)
            }
            ActionCommand::Verify => action.verify(by, self.now),
            ActionCommand::Return => action.returned("not yet"),
            ActionCommand::Cancel => action.cancel("not needed", by),
            ActionCommand::AcknowledgeEscalation => action.expect(command).map(|()| action),
            ActionCommand::Delegate => action.delegate(member(u128::from(dice) % PEOPLE + 1), "away", house),
            ActionCommand::RequestExtension => {
                let until = action.due_at.max(self.now).plus_ms(1);
                action.request_extension(until, "rain", by, self.now)
            }
            ActionCommand::DecideExtension => action.decide_extension(dice.is_multiple_of(2), Some("so"), by, self.now),
        }
    }

    /// What must hold however it came about.
    fn holds(&self) {
        for action in &self.actions {
            assert_ne!(action.owner, action.verifier, "one person is owner and verifier");
            if let Some(verified) = action.verified {
                assert!(!action.is_work_of(verified.by), "somebody verified their own work");
            }
            assert!(action.due_at >= action.first_due_at);
            let own = |one: &crate::domain::action::Extension| {
                one.decision.as_ref().is_some_and(|decision| decision.stamp.by == one.requested.by)
            };
            assert!(!action.extensions.iter().any(own), "somebody decided about their own extension");
        }
        let report = &self.report;
        assert_eq!(report.state == ReportState::Duplicate, report.duplicate_of.is_some());
        assert_eq!(report.state == ReportState::Closed, report.closed.is_some());
        if report.has_ended() {
            let left = self.actions.iter().filter(|action| action.is_open()).count();
            assert_eq!(left, 0, "an action is left behind");
        }
        if report.state == ReportState::Closed {
            self.was_closed_well();
        }
    }

    fn was_closed_well(&self) {
        let report = &self.report;
        let present = self.actions.iter().filter(|action| action.ordinal > report.actions_before);
        let kept: Vec<&Action> = present.filter(|action| action.state != ActionState::Cancelled).collect();
        assert!(!kept.is_empty() && kept.iter().all(|action| action.state == ActionState::Verified));
        assert!(report.acknowledged.is_some() && report.triaged.is_some() && report.similar_events.is_some());
        if report.potential_severity >= 3 {
            assert!(!report.causes.is_empty() && report.effectiveness_days.is_some());
        }
        if report.potential_severity >= 4 {
            let firm = |action: &&Action| !matches!(action.control, Control::Administrative | Control::Ppe);
            let justified = report.controls_justified.as_ref().is_some_and(|why| why.stamp.by == member(MANAGER));
            assert!(justified || kept.iter().any(firm), "weak controls were not justified by a manager");
        }
    }
}

/// Walks, checks every step, and says which states were reached.
fn walk(steps: &[Step]) -> BTreeSet<ReportState> {
    let (house, mut case, mut reached) = (house(), Case::just_sent(), BTreeSet::new());
    for step in steps {
        let mut asks = case.everything();
        if !step.wild {
            asks.retain(|(who, ask)| case.allows(*who, *ask, &house));
        }
        let Some((who, ask)) = asks.get(step.pick % asks.len().max(1)).copied() else { break };
        let allowed = case.allows(who, ask, &house);
        let result = case.asked(who, ask, step.dice, &house);
        let barred = matches!(result, Err(Refusal::WrongState { .. } | Refusal::MayNot(_)));
        let says_it_again =
            ask == Ask::Report(Command::Acknowledge) && case.report.acknowledged.is_some_and(|stamp| stamp.by == who);
        // Closing too early is answered with what is missing, which says more than the state would.
        let too_early = ask == Ask::Report(Command::Close) && matches!(result, Err(Refusal::NotReady { .. }));
        assert!(allowed != barred || says_it_again || too_early, "{who} asks {ask:?}: allowed {allowed}, but {result:?}");
        if let Ok(next) = result {
            took_two(&case.report, &next.report, who);
            if let Ask::Action(n, ActionCommand::Cancel) = ask {
                assert_ne!(case.actions[n].owner, who, "somebody cancelled their own work");
            }
            if ask == Ask::Report(Command::CheckEffectiveness) {
                assert!(!case.actions.iter().any(|action| action.is_work_of(who)), "somebody checked their own work");
            }
            next.holds();
            reached.insert(next.report.state);
            case = Case { now: next.now.plus_ms(60_000), ..next };
        }
    }
    reached
}

fn took_two(before: &Report, after: &Report, by: MemberId) {
    if before.potential_severity >= 4 && after.potential_severity < before.potential_severity {
        assert!(before.pending.is_some_and(|asked| asked.asked.by != by), "one person lowered a high rating");
    }
    let opened = |report: &Report| report.unsealings.iter().filter(|one| one.agreed.is_some()).count();
    if before.unsealings != after.unsealings {
        assert!(
            before.officer != Some(by) && by != member(REPORTER),
            "the officer in charge, or the sender, opened the identity"
        );
        let asked_by = before.unsealing_asked().map(|asked| asked.stamp.by);
        assert_eq!(opened(after) > opened(before), asked_by.is_some_and(|first| first != by), "one person opened the identity");
        assert!([MANAGER, INVESTIGATOR, OTHER_INVESTIGATOR].map(member).contains(&by));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_asked_by_whomever_no_guard_is_skipped_and_allowed_is_what_is_not_refused(steps in steps()) {
        walk(&steps);
    }
}

#[test]
fn the_walks_reach_every_state() {
    let mut runner = TestRunner::deterministic();
    let mut reached = BTreeSet::from([ReportState::Submitted]);
    for _ in 0..1000 {
        if reached.len() == ReportState::ALL.len() {
            break;
        }
        reached.extend(walk(&steps().new_tree(&mut runner).unwrap().current()));
    }
    assert_eq!(reached.into_iter().collect::<Vec<_>>(), ReportState::ALL);
}
