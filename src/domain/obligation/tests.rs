//! What the law wants filed runs from the right instant, is due on the right day, and is never late by a mistake of ours.

use jiff::civil::date;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::domain::{
    calendar::tests::{casablanca, office},
    clocks::{Change, reconcile},
    deadline::Deadline,
    ids::{DeadlineId, FilingId, MemberId},
    organisation::{Organisation, tests::organisation, tests::site},
    report::{ReportState, Stamp, tests::report},
};

fn label() -> Label {
    Label { ar: "x".into(), fr: "x".into(), en: "x".into() }
}

pub fn insurer() -> Obligation {
    Obligation {
        id: "INS".into(),
        name: label(),
        jurisdiction: "MA".into(),
        regime: BTreeSet::new(),
        valid_from: date(2015, 1, 22),
        valid_until: None,
        trigger: Trigger::WorkAccident,
        start_candidates: vec![StartFact::Accident, StartFact::EmployerInformed],
        start_policy: StartPolicy::Earliest,
        amount: 5,
        unit: Unit::CalendarDay,
        calendar: CountedBy::None,
        roll: Roll::None,
        warn_at: vec![Span::Days(2), Span::Days(4)],
        pausable: false,
        recipient: label(),
        proof: [ProofKind::Receipt].into(),
        source: "Law".into(),
        confidence: Confidence::Medium,
        reviewed_by: None,
        reviewed_on: None,
    }
}

pub fn document(obligation: Obligation) -> Obligations {
    let overdue = Step { offset: Offset::ZERO, audience: vec![Audience::SafetyDesk], repeat: None, hours: TellAt::AnyHour };
    Obligations { obligations: vec![obligation], warned: vec![Audience::Officer], overdue: vec![overdue] }
}

fn house(obligation: Obligation) -> Organisation {
    let mut house = organisation(vec![]);
    house.obligations.insert(1, document(obligation));
    house.calendars.body.calendars.insert("office".into(), office());
    house
}

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn accident() -> Report {
    Report {
        site: site(1),
        occurred_at: Some(at("2026-11-18T07:00:00Z")),
        received_at: at("2026-11-20T09:00:00Z"),
        kind: ReportKind::Incident,
        ..report(2)
    }
}

fn hurt(report: &Report) -> Event<'_> {
    Event { report, employee_hurt_at: Some(at("2026-11-21T10:00:00Z")) }
}

/// The deadlines on record after bringing `existing` into line at `now`.
fn settled(existing: &[Deadline], event: Event<'_>, filings: &[Filing], house: &Organisation, now: Instant) -> Vec<Deadline> {
    let wanted = clocks(event, filings, existing, house);
    let new = || DeadlineId(Uuid::from_u128(existing.len() as u128 + 1));
    let mut all = existing.to_vec();
    for change in reconcile(existing, &wanted, (event.report, &[]), house, new, now) {
        match change {
            Change::Open(deadline) => all.push(deadline),
            Change::Save(deadline) => {
                let place = all.iter_mut().find(|known| known.id == deadline.id).unwrap();
                *place = deadline;
            }
        }
    }
    all
}

fn filed(at: Instant) -> Filing {
    let facts = FilingFacts {
        obligation: "INS".into(),
        filed_at: at,
        recipient: "Insurer".into(),
        proof: ProofKind::Receipt,
        reference: "1".into(),
        force_majeure: Some("Flood".into()),
    };
    let recorded = Stamp { at, by: MemberId(Uuid::nil()) };
    Filing { id: FilingId(Uuid::nil()), report: accident().id, facts, recorded }
}

#[test]
fn an_injured_employee_starts_the_clock_at_the_earlier_event() {
    let (house, report, now) = (house(insurer()), accident(), at("2026-11-21T10:00:00Z"));
    assert_eq!(settled(&[], Event { report: &report, employee_hurt_at: None }, &[], &house, now), vec![]);
    let clock = settled(&[], hurt(&report), &[], &house, now).pop().unwrap();
    assert_eq!((clock.starts_at, clock.due_at), (at("2026-11-18T07:00:00Z"), at("2026-11-23T07:00:00Z")));
    assert_eq!((clock.obligation.as_deref(), clock.ladder_version), (Some("INS"), 1));
    let warnings: Vec<_> = house
        .plan(
            &house.ladder_of(&clock).unwrap(),
            &Deadline { set_at: clock.starts_at, ..clock.clone() },
            &BTreeSet::new(),
            clock.due_at,
        )
        .due;
    let days: Vec<_> = warnings.iter().map(|due| due.at.since_ms(clock.starts_at) / 86_400_000).collect();
    assert_eq!(days, [2, 4, 5]);
    let later = Obligation { start_policy: StartPolicy::Latest, ..insurer() };
    assert_eq!(later.starts_at(hurt(&report), &casablanca()), Some(report.received_at));
}

#[test]
fn a_corrected_accident_moves_the_due_instant_and_keeps_the_first_promise() {
    let (house, report) = (house(insurer()), accident());
    let first = settled(&[], hurt(&report), &[], &house, at("2026-11-21T10:00:00Z"));
    let corrected = Report { occurred_at: Some(at("2026-11-17T07:00:00Z")), ..report };
    let moved = settled(&first, hurt(&corrected), &[], &house, at("2026-11-22T10:00:00Z"));
    assert_eq!((moved[0].due_at, moved[0].first_due_at), (at("2026-11-22T07:00:00Z"), at("2026-11-23T07:00:00Z")));
    assert_eq!((moved[0].generation, moved.len()), (1, 1), "all is told anew of the same clock");
    let rated = Report { potential_severity: 5, ..corrected };
    assert_eq!(settled(&moved, hurt(&rated), &[], &house, at("2026-11-22T11:00:00Z")), moved, "the law asks for no rating");
}

#[test]
fn a_filing_meets_the_clock_and_a_late_one_stays_missed_whatever_excuses_it() {
    let (house, report, now) = (house(insurer()), accident(), at("2026-11-24T10:00:00Z"));
    let running = settled(&[], hurt(&report), &[], &house, now);
    let standing = |at: Instant| settled(&running, hurt(&report), &[filed(at)], &house, now)[0].standing(now);
    assert_eq!(standing(running[0].due_at), "met");
    assert_eq!(standing(running[0].due_at.plus_ms(1)), "missed");
}

#[test]
fn closing_does_not_stop_the_law_and_taking_the_injury_back_does() {
    let (house, report, now) = (house(insurer()), accident(), at("2026-11-22T10:00:00Z"));
    let running = settled(&[], hurt(&report), &[], &house, now);
    let closed = Report { state: ReportState::Closed, ..report.clone() };
    assert!(settled(&running, hurt(&closed), &[], &house, now)[0].is_open());
    let nobody = Event { report: &report, employee_hurt_at: None };
    assert!(settled(&running, nobody, &[], &house, now)[0].cancelled_at.is_some());
}

#[test]
fn what_runs_keeps_its_version_and_what_starts_takes_the_newest() {
    let (mut house, report, now) = (house(insurer()), accident(), at("2026-11-21T10:00:00Z"));
    let running = settled(&[], hurt(&report), &[], &house, now);
    house.obligations.insert(2, document(Obligation { amount: 3, ..insurer() }));
    assert_eq!(settled(&running, hurt(&report), &[], &house, now), running);
    let fresh = settled(&[], hurt(&report), &[], &house, now);
    assert_eq!((fresh[0].due_at, fresh[0].ladder_version), (at("2026-11-21T07:00:00Z"), 2));
}

#[test]
fn a_serious_event_is_one_that_could_have_been_and_a_dismissed_one_is_none() {
    let serious = Obligation { trigger: Trigger::SeriousEvent, ..insurer() };
    let runs = |kind, potential: u8, actual, state| {
        let report = Report { kind, actual_severity: actual, state, ..Report { potential_severity: potential, ..accident() } };
        serious.starts_at(Event { report: &report, employee_hurt_at: None }, &casablanca()).is_some()
    };
    let state = ReportState::Submitted;
    assert!(runs(ReportKind::NearMiss, 4, None, state));
    assert!(runs(ReportKind::Incident, 2, Some(5), state));
    assert!(!runs(ReportKind::Incident, 3, Some(2), state));
    assert!(!runs(ReportKind::Hazard, 5, None, state), "nothing has happened");
    assert!(!runs(ReportKind::NearMiss, 5, None, ReportState::Dismissed));
    assert!(!runs(ReportKind::NearMiss, 5, None, ReportState::Duplicate));
}

#[test]
fn an_event_before_the_law_is_none_of_it() {
    let report = accident();
    let new = Obligation { valid_from: date(2026, 11, 19), ..insurer() };
    assert_eq!(new.starts_at(hurt(&report), &casablanca()), None);
    let old = Obligation { valid_until: Some(date(2026, 11, 17)), ..insurer() };
    assert_eq!(old.starts_at(hurt(&report), &casablanca()), None);
}

#[test]
fn a_day_off_is_rolled_as_the_rule_says() {
    // Five days on from Thursday, 12 November 2026 is Tuesday; three days on is Sunday.
    let due = |amount, roll| {
        let rule = Obligation { amount, roll, calendar: CountedBy::Site, ..insurer() };
        rule.due_at(at("2026-11-12T15:00:00Z"), &office(), &casablanca()).to_string()
    };
    assert_eq!(due(3, Roll::None), "2026-11-15T15:00:00Z");
    assert_eq!(due(3, Roll::Previous), "2026-11-13T15:00:00Z");
    assert_eq!(due(3, Roll::Next), "2026-11-16T15:00:00Z");
    assert_eq!(due(5, Roll::Next), "2026-11-17T15:00:00Z");
    let hours = Obligation { amount: 48, unit: Unit::Hour, ..insurer() };
    assert_eq!(hours.due_at(at("2026-11-12T15:00:00Z"), &office(), &casablanca()), at("2026-11-14T15:00:00Z"));
}

#[test]
fn a_document_that_waits_stays_silent_or_contradicts_itself_is_refused() {
    let wrong = Obligation {
        start_candidates: vec![],
        amount: 0,
        unit: Unit::WorkingDay,
        pausable: true,
        warn_at: vec![Span::ZERO],
        proof: BTreeSet::new(),
        source: " ".into(),
        reviewed_by: Some("Counsel".into()),
        valid_until: Some(date(2000, 1, 1)),
        ..insurer()
    };
    let mut document = Obligations { obligations: vec![wrong, insurer()], warned: vec![], overdue: vec![] };
    let Err(Refusal::Invalid(errors)) = document.check() else { panic!("accepted") };
    let found: BTreeSet<_> = errors.iter().map(|error| (error.pointer.as_ref(), error.code)).collect();
    for expected in [
        ("/warned", "empty"),
        ("/overdue", "nothing_when_overdue"),
        ("/obligations/0/start_candidates", "empty"),
        ("/obligations/0/amount", "not_positive"),
        ("/obligations/0/calendar", "calendar_needed"),
        ("/obligations/0/pausable", "law_does_not_wait"),
        ("/obligations/0/warn_at", "not_positive"),
        ("/obligations/0/proof", "empty"),
        ("/obligations/0/source", "empty"),
        ("/obligations/0/reviewed_on", "missing"),
        ("/obligations/0/valid_until", "ends_before_it_begins"),
        ("/obligations/1/id", "stands_twice"),
    ] {
        assert!(found.contains(&expected), "{expected:?} is missing of {found:?}");
    }
    document = self::document(insurer());
    document.overdue[0].hours = TellAt::WorkingHours;
    assert_eq!(document.check(), Err(Refusal::invalid("/overdue/0/hours", "legal_at_any_hour")));
}

#[test]
fn every_wrong_field_of_a_filing_is_named_at_once() {
    let raw = RawFiling {
        obligation: "INS".into(),
        filed_at: "2026-11-26T00:00:00Z".into(),
        recipient: " ".into(),
        proof: "word".into(),
        reference: "a\nb".into(),
        force_majeure: Some("x".repeat(1_001)),
    };
    let Err(Refusal::Invalid(errors)) = raw.read(at("2026-11-25T00:00:00Z")) else { panic!("accepted") };
    let found: Vec<_> = errors.iter().map(|error| (error.pointer.as_ref(), error.code)).collect();
    let expected = [
        ("/filed_at", "in_the_future"),
        ("/proof", "unknown_proof"),
        ("/recipient", "not_a_name"),
        ("/reference", "not_a_name"),
        ("/force_majeure", "too_long"),
    ];
    assert_eq!(found, expected);
}

proptest! {
    #[test]
    fn the_earliest_start_is_never_due_later_than_any_other(occurred in -500_i64..500, hurt in 0_i64..500, amount in 1_u16..40) {
        let received = at("2026-11-20T09:00:00Z");
        let report = Report { occurred_at: Some(received.plus_ms(occurred * 3_600_000)), received_at: received, ..accident() };
        let event = Event { report: &report, employee_hurt_at: Some(received.plus_ms(hurt * 3_600_000)) };
        let all = vec![StartFact::Accident, StartFact::EmployerInformed, StartFact::InjuryRecorded];
        let due = |start_candidates: Vec<StartFact>, start_policy| {
            let rule = Obligation { start_candidates, start_policy, amount, ..insurer() };
            rule.due_at(rule.starts_at(event, &casablanca()).unwrap(), &office(), &casablanca())
        };
        let earliest = due(all.clone(), StartPolicy::Earliest);
        let latest = due(all.clone(), StartPolicy::Latest);
        for one in all {
            let alone = due(vec![one], StartPolicy::Earliest);
            prop_assert!(earliest <= alone && alone <= latest);
        }
    }

    #[test]
    fn rolling_back_is_never_later_and_rolling_on_never_earlier(ms in 1_760_000_000_000_i64..1_860_000_000_000, amount in 1_u16..60) {
        let due = |roll| {
            let rule = Obligation { amount, roll, calendar: CountedBy::Site, ..insurer() };
            rule.due_at(Instant::from_ms(ms), &office(), &casablanca())
        };
        prop_assert!(due(Roll::Previous) <= due(Roll::None) && due(Roll::None) <= due(Roll::Next));
        for rolled in [due(Roll::Previous), due(Roll::Next)] {
            prop_assert!(office().hours_on(rolled.local_date(&casablanca())).is_some());
        }
    }
}
