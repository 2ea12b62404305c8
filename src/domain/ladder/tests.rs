//! The promises of the planner, as properties over any ladder, any rhythm of ticks and any wait.

use jiff::civil::Time;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::domain::{
    audience::Role,
    calendar::tests::{casablanca, office},
    deadline::tests::deadline,
};

pub const START: i64 = 1_795_000_000_000;
const HOUR: i64 = 3_600_000;

fn step(offset: Span, repeat: Option<Repeat>, hours: TellAt) -> Step {
    Step { offset: Offset::Due(offset), audience: vec![Audience::Owner], repeat, hours }
}

fn ladder(steps: Vec<Step>) -> Ladder {
    Ladder { kind: DeadlineKind::CompleteAction, severities: (1..=5).collect(), within: Span::Days(30), pause: a_day(), steps }
}

prop_compose! {
    fn steps()(
        hours in -72_i64..240, percent in 0_u16..400, from in 0_u8..3, every in 1_i64..100, times in prop::option::of(0_u32..4),
        repeats in 0_u8..3, told in 0_usize..3,
    ) -> Step {
        let every = if repeats == 1 { Offset::Due(Span::Elapsed(every * HOUR)) } else { Offset::Percent(50 + percent / 4) };
        let offset = match from {
            0 => Offset::Due(Span::Elapsed(hours * HOUR)),
            1 => Offset::Start(Span::Elapsed(hours.abs() * HOUR)),
            _ => Offset::Percent(percent),
        };
        let repeat = (repeats > 0).then_some(Repeat { every, times });
        Step { offset, ..step(Span::ZERO, repeat, TellAt::ALL[told]) }
    }
}

pub fn ladders() -> impl Strategy<Value = Ladder> {
    prop::collection::vec(steps(), 1..6).prop_map(ladder)
}

fn ask(ladder: &Ladder, deadline: &Deadline, told: &BTreeSet<Rung>, now: Instant) -> Plan {
    asked(ladder, deadline, told, None, now)
}

fn asked(ladder: &Ladder, deadline: &Deadline, told: &BTreeSet<Rung>, quiet: Option<Quiet>, now: Instant) -> Plan {
    plan(ladder, deadline, told, Reckoning { calendar: &office(), zone: &casablanca(), quiet }, now)
}

fn night() -> Quiet {
    Quiet { from: Time::constant(20, 0, 0, 0), to: Time::constant(7, 0, 0, 0), below_severity: 4 }
}

fn open() -> Deadline {
    deadline(Instant::from_ms(START), Instant::from_ms(START + 100 * HOUR))
}

fn rungs(plan: &Plan) -> BTreeSet<Rung> {
    plan.due.iter().map(|due| due.rung).collect()
}

proptest! {
    #[test]
    fn carrying_out_a_plan_leaves_nothing_due_and_the_next_look_in_the_future(ladder in ladders(), wait in 0_i64..2000) {
        let now = Instant::from_ms(START + wait * HOUR);
        let told = rungs(&ask(&ladder, &open(), &BTreeSet::new(), now));
        let after = ask(&ladder, &open(), &told, now);
        prop_assert!(after.due.is_empty());
        prop_assert!(after.next.is_none_or(|next| next.at > now));
    }

    #[test]
    fn waiting_never_makes_a_due_rung_vanish(ladder in ladders(), early in 0_i64..1000, more in 0_i64..1000) {
        let first = ask(&ladder, &open(), &BTreeSet::new(), Instant::from_ms(START + early * HOUR));
        let later = ask(&ladder, &open(), &BTreeSet::new(), Instant::from_ms(START + (early + more) * HOUR));
        prop_assert!(rungs(&later).is_superset(&rungs(&first)));
    }

    #[test]
    fn however_ticks_fall_each_rung_is_told_exactly_once(ladder in ladders(), ticks in prop::collection::vec(1_i64..200, 1..30)) {
        let mut told = BTreeSet::new();
        let mut count = 0;
        let mut now = START;
        for tick in ticks {
            now += tick * HOUR;
            let plan = ask(&ladder, &open(), &told, Instant::from_ms(now));
            count += plan.due.len();
            told.extend(rungs(&plan));
        }
        prop_assert_eq!(count, told.len());
        prop_assert_eq!(told, rungs(&ask(&ladder, &open(), &BTreeSet::new(), Instant::from_ms(now))));
    }

    #[test]
    fn looking_only_when_the_plan_says_so_misses_nothing(ladder in ladders()) {
        let end = Instant::from_ms(START + 1500 * HOUR);
        let mut told = BTreeSet::new();
        let mut now = Instant::from_ms(START);
        loop {
            let plan = ask(&ladder, &open(), &told, now);
            for due in &plan.due {
                prop_assert_eq!(due.at.max(Instant::from_ms(START)), now, "told at its own time, not late");
            }
            told.extend(rungs(&plan));
            match plan.next {
                Some(next) if next.at <= end => now = next.at,
                _ => break,
            }
        }
        prop_assert_eq!(told, rungs(&ask(&ladder, &open(), &BTreeSet::new(), end)));
    }

    #[test]
    fn nothing_is_told_before_its_time_nor_in_closed_hours(ladder in ladders(), wait in 0_i64..2000) {
        let now = Instant::from_ms(START + wait * HOUR);
        for due in ask(&ladder, &open(), &BTreeSet::new(), now).due {
            prop_assert!(due.at <= now);
            if ladder.steps[due.rung.step as usize].hours == TellAt::WorkingHours {
                prop_assert_eq!(office().next_open(&casablanca(), due.at), due.at);
            }
        }
    }

    #[test]
    fn the_quiet_delays_what_is_not_grave_to_its_end_and_loses_nothing(ladder in ladders(), severity in 1_u8..6) {
        let (none, far) = (BTreeSet::new(), Instant::from_ms(START + 5000 * HOUR));
        let open = Deadline { severity, ..open() };
        let (loud, hushed) = (ask(&ladder, &open, &none, far), asked(&ladder, &open, &none, Some(night()), far));
        prop_assert_eq!(rungs(&loud), rungs(&hushed));
        for due in &hushed.due {
            let meant = loud.due.iter().find(|other| other.rung == due.rung).unwrap().at;
            let is_hushed = severity < 4 && ladder.steps[due.rung.step as usize].hours == TellAt::AnyHour;
            let expected = if is_hushed { night().end(&office(), &casablanca(), meant) } else { meant };
            prop_assert_eq!(due.at, expected);
        }
    }

    #[test]
    fn once_met_nothing_is_due(ladder in ladders(), wait in 0_i64..2000) {
        let now = Instant::from_ms(START + wait * HOUR);
        prop_assert_eq!(ask(&ladder, &open().met(now), &BTreeSet::new(), now), Plan::default());
        prop_assert_eq!(ask(&ladder, &open().cancelled(now), &BTreeSet::new(), now), Plan::default());
    }

    #[test]
    fn an_acknowledged_ladder_is_quiet_until_its_pause_ends_and_then_goes_on(ladder in ladders(), wait in 0_i64..500, pause in 1_i64..100) {
        let now = Instant::from_ms(START + wait * HOUR);
        let until = now.plus_ms(pause * HOUR);
        let paused = open().paused(until);
        prop_assert!(ask(&ladder, &paused, &BTreeSet::new(), until.plus_ms(-1)).due.is_empty());
        let far = until.plus_ms(1000 * HOUR);
        prop_assert_eq!(rungs(&ask(&ladder, &paused, &BTreeSet::new(), far)), rungs(&ask(&ladder, &open(), &BTreeSet::new(), far)));
    }

    #[test]
    fn a_person_is_told_each_rung_at_most_once_and_of_missed_rungs_only_the_highest(
        audiences in prop::collection::vec(prop::collection::vec(0_u128..4, 0..5), 1..6), late in 0_i64..10, digest: bool,
    ) {
        let now = Instant::from_ms(START + 10 * HOUR);
        let due: Vec<_> = (0..).zip(audiences).map(|(step, members)| {
            let at = now.plus_ms(-late * MISSED_AFTER_MS / 4);
            let members = members.into_iter().map(|n| MemberId(Uuid::from_u128(n))).collect();
            let hours = if digest && step % 2 == 0 { TellAt::Digest } else { TellAt::AnyHour };
            Meant { due: Due { rung: Rung { step, occurrence: 0 }, at }, hours, members }
        }).collect();
        let told = tellings(&due, now);
        let pairs: BTreeSet<_> = told.iter().map(|telling| (telling.member, telling.due.rung)).collect();
        prop_assert_eq!(pairs.len(), told.len());
        let reaches = |telling: &Telling| telling.way != Way::OnRecord;
        for meant in &due {
            for member in &meant.members {
                prop_assert!(pairs.contains(&(*member, meant.due.rung)), "everybody is on record");
                let highest = told.iter().filter(|telling| telling.member == *member).max_by_key(|telling| telling.due.rung).unwrap();
                prop_assert!(reaches(highest), "the highest always reaches the person");
            }
        }
        for telling in &told {
            let step = &due[telling.due.rung.step as usize];
            if late >= 4 {
                prop_assert_eq!(told.iter().filter(|other| other.member == telling.member && reaches(other)).count(), 1);
                prop_assert_ne!(telling.way, Way::Now, "what was missed waits until all that was missed is known");
            } else {
                let expected = if step.hours == TellAt::Digest { Way::NextDigest } else { Way::Now };
                prop_assert_eq!(telling.way, expected);
            }
        }
    }
}

#[test]
fn a_reminder_for_a_time_already_past_when_the_deadline_was_set_is_not_sent() {
    let ladder = ladder(vec![step(Span::Days(-7), None, TellAt::AnyHour), step(Span::ZERO, None, TellAt::AnyHour)]);
    let plan = ask(&ladder, &open(), &BTreeSet::new(), Instant::from_ms(START));
    assert_eq!(plan.due, vec![]);
    assert_eq!(plan.next.map(|next| next.rung), Some(Rung { step: 1, occurrence: 0 }));
}

#[test]
fn a_document_that_would_go_overdue_in_silence_is_refused() {
    let silent = ladder(vec![step(Span::Days(-1), None, TellAt::AnyHour)]);
    let nobody = Ladder { steps: vec![Step { audience: vec![], ..step(Span::ZERO, None, TellAt::AnyHour) }], ..silent.clone() };
    let Err(Refusal::Invalid(errors)) = (Ladders { ladders: vec![silent, nobody], ..Ladders::default() }).check() else {
        panic!("accepted")
    };
    let codes: Vec<_> = errors.iter().map(|error| error.code).collect();
    for code in ["nothing_when_overdue", "empty", "stands_twice", "no_acknowledge_ladder"] {
        assert!(codes.contains(&code), "{code} is missing of {codes:?}");
    }
}

#[test]
fn who_missed_something_gets_what_is_on_time_with_it_and_nobody_else_waits() {
    let now = Instant::from_ms(START);
    let person = |n: u128| MemberId(Uuid::from_u128(n));
    let meant = |step: u32, late: i64, members: &[u128]| Meant {
        due: Due { rung: Rung { step, occurrence: 0 }, at: now.plus_ms(-late) },
        hours: TellAt::AnyHour,
        members: members.iter().map(|n| person(*n)).collect(),
    };
    let told = tellings(&[meant(0, MISSED_AFTER_MS, &[1]), meant(1, 0, &[1, 2])], now);
    let ways: Vec<_> = told.iter().map(|telling| (telling.member, telling.way)).collect();
    assert_eq!(ways, [(person(1), Way::OnRecord), (person(1), Way::AfterOutage), (person(2), Way::Now)]);
}

#[test]
fn two_reminders_at_half_the_time_before_each_climb() {
    let repeat = Some(Repeat { every: Offset::Percent(50), times: Some(1) });
    let steps =
        [50, 150, 250].map(|percent| Step { offset: Offset::Percent(percent), ..step(Span::ZERO, repeat, TellAt::AnyHour) });
    let plan = ask(&ladder(steps.into()), &open(), &BTreeSet::new(), Instant::from_ms(START + 1000 * HOUR));
    let told: Vec<_> = plan.due.iter().map(|due| (due.rung.step, due.at.since_ms(Instant::from_ms(START)) / HOUR)).collect();
    assert_eq!(told, [(0, 50), (0, 100), (1, 150), (1, 200), (2, 250), (2, 300)], "the time there is was 100 hours");
}

#[test]
fn hours_that_do_not_go_over_night_and_a_ladder_for_what_is_legal_are_refused() {
    let quiet = Some(Quiet { from: Time::constant(7, 0, 0, 0), below_severity: 9, ..night() });
    let digest = Digests { many: 1, ..Digests::default() };
    let legal = Ladder { kind: DeadlineKind::FileObligation, ..ladder(vec![step(Span::ZERO, None, TellAt::AnyHour)]) };
    let Err(Refusal::Invalid(errors)) = (Ladders { ladders: vec![legal], quiet, digest }).check() else { panic!("accepted") };
    let codes: Vec<_> = errors.iter().map(|error| error.code).collect();
    for code in ["not_over_night", "not_one_to_five", "out_of_range", "legal_ladder"] {
        assert!(codes.contains(&code), "{code} is missing of {codes:?}");
    }
}

#[test]
fn a_ladder_reads_as_a_person_would_write_it() {
    let text = r#"{"ladders": [{"kind": "complete_action", "severities": [1, 2], "within": "P60D", "steps": [
        {"offset": "-P2BD", "audience": ["owner"], "hours": "working_hours"},
        {"offset": "PT0S", "audience": ["owner", {"manager": 1}, {"role": "officer"}], "repeat": {"every": "P7D"}}]}]}"#;
    let ladders: Ladders = serde_json::from_str(text).unwrap();
    let steps = &ladders.find(DeadlineKind::CompleteAction, 2).unwrap().steps;
    assert_eq!(steps[1].audience, vec![Audience::Owner, Audience::Manager(1), Audience::Role(Role::Officer)]);
    assert_eq!(ladders.find(DeadlineKind::CompleteAction, 3), None);
}
