//! Each clock starts, stops and starts again with the fact it is about.

use uuid::Uuid;

use super::*;
use crate::domain::{
    action::{ActionKind, Control},
    audience::Audience,
    calendar::Calendars,
    ids::{MemberId, ReportId, SiteId},
    ladder::{Ladder, Ladders, Offset, Step, TellAt},
    organisation::tests::{organisation, site},
    report::{Stamp, Triage, tests::report},
    span::Span,
};

const HOUR: i64 = 3_600_000;

fn at(hours: i64) -> Instant {
    Instant::from_ms(1_795_000_000_000 + hours * HOUR)
}

/// Every kind has a ladder; there are `10 - severity` hours for everything.
fn house() -> Organisation {
    let step = Step { offset: Offset::ZERO, audience: vec![Audience::SafetyDesk], repeat: None, hours: TellAt::AnyHour };
    let ladder = |kind, severity: u8| Ladder {
        kind,
        severities: [severity].into(),
        within: Span::Elapsed(i64::from(10 - severity) * HOUR),
        pause: Span::Elapsed(HOUR),
        steps: vec![step.clone()],
    };
    let ladders = DeadlineKind::ALL.iter().flat_map(|kind| (1..=5).map(|severity| ladder(*kind, severity)).collect::<Vec<_>>());
    let mut house = organisation(vec![]);
    house.ladders.insert(1, Ladders { ladders: ladders.collect(), ..Ladders::default() });
    house.calendars.body = Calendars::default();
    house
}

fn here(severity: u8) -> Report {
    Report { site: site(1), received_at: at(0), ..report(severity) }
}

fn officer() -> MemberId {
    MemberId(Uuid::from_u128(7))
}

fn action() -> Action {
    Action {
        id: ActionId(Uuid::from_u128(1)),
        report: ReportId(Uuid::from_u128(9)),
        site: SiteId(Uuid::from_u128(1)),
        ordinal: 1,
        state: ActionState::Open,
        title: "t".into(),
        details: None,
        kind: ActionKind::Corrective,
        control: Control::Engineering,
        owner: MemberId(Uuid::from_u128(1)),
        verifier: officer(),
        due_at: at(48),
        first_due_at: at(48),
        extensions: vec![],
        assigned: Stamp { at: at(2), by: officer() },
        completed: None,
        completion_note: None,
        evidence: vec![],
        verified: None,
        reason: None,
        content_sha256: [0; 32],
        touched: crate::domain::since::Touched::unknown_before(1),
        version: 1,
    }
}

/// The deadlines after bringing `existing` into line with the file at `now`.
fn settle(existing: &[Deadline], report: &Report, actions: &[Action], now: Instant) -> Vec<Deadline> {
    let mut n = existing.len() as u128;
    let new_id = || {
        n += 1;
        DeadlineId(Uuid::from_u128(n))
    };
    let changes = reconcile(existing, &clocks(report, actions), (report, actions), &house(), new_id, now);
    let mut all = existing.to_vec();
    for change in changes {
        match change {
            Change::Open(deadline) => all.push(deadline),
            Change::Save(deadline) => {
                let id = deadline.id;
                *all.iter_mut().find(|known| known.id == id).unwrap() = deadline;
            }
        }
    }
    let again = reconcile(&all, &clocks(report, actions), (report, actions), &house(), || DeadlineId(Uuid::nil()), now);
    assert_eq!(again, vec![], "what is in line stays as it is");
    all
}

fn of(deadlines: &[Deadline], kind: DeadlineKind) -> &Deadline {
    deadlines.iter().find(|deadline| deadline.kind == kind).unwrap_or_else(|| panic!("no {kind} clock"))
}

#[test]
fn a_new_report_is_on_the_clock_for_its_severity_at_once() {
    let all = settle(&[], &here(4), &[], at(0));
    let kinds: Vec<_> = all.iter().map(|deadline| deadline.kind).collect();
    assert_eq!(kinds, [DeadlineKind::Acknowledge, DeadlineKind::MakeSafe, DeadlineKind::Triage, DeadlineKind::InterimMeasure]);
    assert!(all.iter().all(|deadline| deadline.due_at == at(6) && deadline.look_again_at == Some(at(0))));
}

#[test]
fn raising_the_severity_shortens_what_runs_and_keeps_the_first_promise() {
    let first = settle(&[], &here(2), &[], at(0));
    let rated = {
        let triage = Triage { actual_severity: 1, potential_severity: 5, ..Triage::default() };
        here(2).triage(&triage, &house(), officer(), at(1)).unwrap()
    };
    let all = settle(&first, &rated, &[], at(1));
    let safe = of(&all, DeadlineKind::MakeSafe);
    assert_eq!((safe.due_at, safe.first_due_at, safe.generation), (at(5), at(8), 1));
    assert_eq!(of(&all, DeadlineKind::Acknowledge).met_at, Some(at(1)));
    assert_eq!(of(&all, DeadlineKind::Investigate).due_at, at(6));
}

#[test]
fn clocks_go_with_their_report_to_another_site_and_are_counted_by_its_calendar() {
    let closed =
        Deadline { met_at: None, ..of(&settle(&[], &here(2), &[action()], at(2)), DeadlineKind::CompleteAction).clone() };
    let gone = Deadline { kind: DeadlineKind::CheckEffectiveness, cancelled_at: Some(at(3)), ..closed };
    let mut first = settle(&[], &here(2), &[action()], at(2));
    first.push(gone);
    let mut house = house();
    house.sites.get_mut(&site(2)).unwrap().calendar = "nobody".into();
    let week = house.ladders.get_mut(&1).unwrap();
    for ladder in week.ladders.iter_mut().filter(|ladder| ladder.kind == DeadlineKind::MakeSafe) {
        ladder.within = Span::WorkingDays(1);
    }
    let moved = Report { site: site(2), ..here(2) };
    let changes =
        reconcile(&first, &clocks(&moved, &[action()]), (&moved, &[action()]), &house, || unreachable!("none is new"), at(4));
    let saved: Vec<Deadline> = changes
        .into_iter()
        .map(|change| match change {
            Change::Save(deadline) | Change::Open(deadline) => deadline,
        })
        .collect();
    assert_eq!(saved.len(), first.len(), "each is written");
    assert!(saved.iter().all(|deadline| deadline.site == site(2)));
    let anew = saved.iter().filter(|deadline| deadline.generation > 0).map(|deadline| deadline.kind);
    assert_eq!(anew.collect::<Vec<_>>(), [DeadlineKind::MakeSafe], "only what another calendar counts otherwise is told anew");
}

#[test]
fn completing_stops_one_clock_and_starts_the_next_and_returning_turns_both_back() {
    let open = settle(&[], &here(2), &[action()], at(2));
    assert_eq!(of(&open, DeadlineKind::CompleteAction).due_at, at(48));
    let done = Action { state: ActionState::Completed, completed: Some(Stamp { at: at(10), by: officer() }), ..action() };
    let completed = settle(&open, &here(2), std::slice::from_ref(&done), at(10));
    assert_eq!(of(&completed, DeadlineKind::CompleteAction).met_at, Some(at(10)));
    assert_eq!(of(&completed, DeadlineKind::VerifyAction).due_at, at(18));
    let back = settle(&completed, &here(2), &[Action { state: ActionState::InProgress, ..action() }], at(12));
    assert!(of(&back, DeadlineKind::CompleteAction).is_open());
    assert_eq!(of(&back, DeadlineKind::CompleteAction).due_at, at(48), "returning is no extension");
    assert_eq!(of(&back, DeadlineKind::VerifyAction).cancelled_at, Some(at(12)));
    let again = Action { completed: Some(Stamp { at: at(20), by: officer() }), ..done };
    let redone = settle(&back, &here(2), &[again], at(20));
    assert_eq!(of(&redone, DeadlineKind::VerifyAction).due_at, at(28));
}

#[test]
fn closing_stops_every_clock_but_the_check_of_its_effect() {
    let open = settle(&[], &here(4), &[action()], at(2));
    let closed = Report {
        state: crate::domain::report::ReportState::Closed,
        closed: Some(Stamp { at: at(50), by: officer() }),
        effectiveness_days: Some(30),
        ..here(4)
    };
    let all = settle(&open, &closed, &[action()], at(50));
    let running: Vec<_> = all.iter().filter(|deadline| deadline.is_open()).map(|deadline| deadline.kind).collect();
    assert_eq!(running, [DeadlineKind::CheckEffectiveness]);
    assert_eq!(of(&all, DeadlineKind::CheckEffectiveness).due_at, at(50 + 30 * 24));
}

#[test]
fn reopening_starts_anew_what_had_not_happened_and_each_closing_has_checks_of_its_own() {
    use crate::domain::report::{CheckDraft, ReportState};
    let shut = |report: Report, hours| Report {
        state: ReportState::Closed,
        closed: Some(Stamp { at: at(hours), by: officer() }),
        effectiveness_days: Some(30),
        ..report
    };
    let check = |effective| CheckDraft { effective, method: "m".into(), note: "n".into(), evidence: vec![] };
    let closed = shut(here(5), 50);
    let first = settle(&settle(&[], &here(5), &[], at(0)), &closed, &[], at(50));
    let early = closed.check_effectiveness(check(true), &[], &[], officer(), at(60)).unwrap();
    let second = settle(&first, &early, &[], at(60));
    let checks = |all: &[Deadline]| -> Vec<(Instant, Option<Instant>, bool)> {
        let checks = all.iter().filter(|deadline| deadline.kind == DeadlineKind::CheckEffectiveness);
        checks.map(|deadline| (deadline.due_at, deadline.met_at, deadline.is_open())).collect()
    };
    assert_eq!(checks(&second), [(at(50 + 30 * 24), Some(at(60)), false), (at(50 + 90 * 24), None, true)]);
    let again = early.check_effectiveness(check(false), &[], &[], officer(), at(70)).unwrap();
    let third = settle(&second, &again, &[], at(70));
    assert_eq!(checks(&third)[1], (at(50 + 90 * 24), Some(at(70)), false), "a check that finds fault is a check");
    let safe = of(&third, DeadlineKind::MakeSafe);
    assert_eq!((safe.is_open(), safe.starts_at, safe.due_at), (true, at(70), at(75)));
    let fourth = settle(&third, &shut(again, 80), &[], at(80));
    assert_eq!(checks(&fourth).len(), 3);
    assert_eq!(fourth.iter().filter(|deadline| deadline.is_open()).count(), 1);
}
