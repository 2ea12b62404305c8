//! What retention promises: nothing before its time, nothing of what goes on, everything once.

use proptest::prelude::*;

use super::*;
use crate::domain::{
    action::{Action, tests::action},
    ids::MemberId,
    report::{ReportState, Stamp, tests::report},
};

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn class(name: &str, what: What, kinds: &[ReportKind], counted_from: CountedFrom, period: &str) -> Class {
    let period = period.parse().unwrap();
    let (name, kinds) = (name.to_owned(), kinds.iter().copied().collect());
    Class { name, what, kinds, counted_from, period, source: "A test".into(), confidence: Confidence::Proposal }
}

fn rules() -> Retention {
    use ReportKind::{Hazard, Incident, NearMiss};
    Retention {
        classes: vec![
            class("position", What::Position, &[], CountedFrom::Received, "P90D"),
            class("photos", What::Photos, &[], CountedFrom::Ended, "P2Y"),
            class("words", What::Words, &[Hazard, NearMiss], CountedFrom::Ended, "P5Y"),
            class("words of incidents", What::Words, &[Incident], CountedFrom::Ended, "P10Y"),
            class("people", What::Members, &[], CountedFrom::Left, "P5Y"),
        ],
    }
}

fn kept() -> Kept {
    let (received_at, ended_at) = (at("2026-01-10T12:00:00Z"), at("2026-03-01T12:00:00Z"));
    Kept { kind: ReportKind::Hazard, injured: false, received_at, ended_at }
}

fn names<'a>(due: &Due<'a>) -> Vec<&'a str> {
    due.now.iter().map(|class| class.name.as_str()).collect()
}

#[test]
fn periods_are_read_as_written_and_count_as_calendars_do() {
    for text in ["P5Y", "P1Y6M", "P90D", "P10Y2M3D"] {
        assert_eq!(text.parse::<Period>().unwrap().to_string(), text);
    }
    for text in ["P1W", "PT4H", "P1DT1H", "-P5Y", "P101Y", "P99999D", "", "five years"] {
        assert!(text.parse::<Period>().is_err(), "{text}");
    }
    let year: Period = "P1Y".parse().unwrap();
    assert_eq!(year.after(at("2028-02-29T10:00:00Z"), &Zone::utc()), at("2029-02-28T10:00:00Z"));
    assert_eq!(year.before(at("2029-03-01T10:00:00Z"), &Zone::utc()), at("2028-03-01T10:00:00Z"));
    assert_eq!("P100Y".parse::<Period>().unwrap().after(Instant::from_ms(i64::MAX), &Zone::utc()), Instant::from_ms(i64::MAX));
}

#[test]
fn each_class_has_its_time_and_the_next_one_is_known() {
    let (rules, utc) = (rules(), Zone::utc());
    let due = |gone: &[(What, Instant)], now| rules.due(&kept(), gone, &utc, at(now));
    assert_eq!(names(&due(&[], "2026-04-10T11:59:59Z")), [""; 0]);
    assert_eq!(due(&[], "2026-04-10T11:59:59Z").next, Some(at("2026-04-10T12:00:00Z")));
    assert_eq!(names(&due(&[], "2026-04-10T12:00:00Z")), ["position"], "90 days after it was received");
    let position = [(What::Position, at("2026-04-10T12:00:00Z"))];
    assert_eq!(due(&position, "2026-04-10T12:00:00Z"), Due { now: vec![], next: Some(at("2028-03-01T12:00:00Z")) });
    assert_eq!(names(&due(&position, "2031-03-01T12:00:00Z")), ["photos", "words"]);
    let hurt = Kept { injured: true, ..kept() };
    assert_eq!(names(&rules.due(&hurt, &position, &utc, at("2031-03-01T12:00:00Z"))), ["photos"], "kept as an incident");
    let long = Kept { ended_at: at("2027-01-01T00:00:00Z"), ..kept() };
    assert_eq!(names(&rules.due(&long, &[], &utc, at("2027-01-01T00:00:00Z"))), ["position"], "not before the end");
    let before = [(What::Position, at("2026-02-01T00:00:00Z"))];
    assert_eq!(names(&due(&before, "2026-04-11T00:00:00Z")), ["position"], "it was taken up again since");
}

#[test]
fn a_document_that_contradicts_itself_is_refused_field_by_field() {
    assert_eq!(rules().check(), Ok(()));
    let mut wrong = rules();
    wrong.classes[0].period = "P29D".parse().unwrap();
    wrong.classes[1].counted_from = CountedFrom::Left;
    wrong.classes[3].kinds.insert(ReportKind::Hazard);
    wrong.classes[4].kinds.insert(ReportKind::Hazard);
    wrong.classes[4].name = "words".into();
    wrong.classes[4].source = " ".into();
    let Err(Refusal::Invalid(errors)) = wrong.check() else { panic!("accepted") };
    let found: Vec<_> = errors.iter().map(|error| (error.pointer.as_ref(), error.code)).collect();
    let expected = [
        ("/classes/0/period", "too_short"),
        ("/classes/1/counted_from", "does_not_fit"),
        ("/classes/3/what", "stands_twice"),
        ("/classes/4/source", "empty"),
        ("/classes/4/kinds", "does_not_fit"),
        ("/classes/4/name", "stands_twice"),
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_new_document_acts_after_a_week() {
    let versions = || [(at("2026-03-08T00:00:00Z"), 2), (at("2026-01-01T00:00:00Z"), 1)];
    assert_eq!(in_force(versions(), at("2026-03-14T23:59:59Z")), Some(1));
    assert_eq!(in_force(versions(), at("2026-03-15T00:00:00Z")), Some(2));
    assert_eq!(in_force(versions(), at("2026-01-07T23:59:59Z")), None);
}

#[test]
fn nothing_is_over_while_a_check_of_the_effect_is_to_come() {
    let closed = |days| Report {
        state: ReportState::Closed,
        closed: Some(Stamp { at: at("2026-03-01T12:00:00Z"), by: MemberId(uuid::Uuid::nil()) }),
        effectiveness_days: days,
        ..report(3)
    };
    assert!(closed(None).is_over());
    assert!(!closed(Some(30)).is_over());
    assert!(!report(3).is_over());
}

#[test]
fn words_are_gone_and_codes_and_dates_stay() {
    let secret = || "SECRET".to_owned();
    let before = Report { narrative: secret(), outcome: Some(secret()), similar_events: Some(secret()), ..report(3) };
    let after = without_words(before.clone());
    assert!(!format!("{after:?}").contains("SECRET"));
    assert_eq!(
        (after.number, after.received_at, after.content_sha256),
        (before.number, before.received_at, before.content_sha256)
    );
    assert_eq!(after.photos_waived, None, "what was never said is not marked as gone");
    let worded = Action { title: secret(), details: Some(secret()), reason: Some(secret()), ..action() };
    assert!(!format!("{:?}", action_without_words(worded)).contains("SECRET"));
}

proptest! {
    #[test]
    fn nothing_is_due_before_its_period_is_over_and_what_is_gone_is_never_due_again(
        days in 0_i64..5_000, kind in 0_usize..3, injured: bool, open_days in 0_i64..400,
    ) {
        let (rules, utc) = (rules(), Zone::utc());
        let received_at = at("2026-01-10T12:00:00Z");
        let ended_at = received_at.plus_ms(open_days * 86_400_000);
        let now = ended_at.plus_ms(days * 86_400_000);
        let kept = Kept { kind: ReportKind::ALL[kind], injured, received_at, ended_at };
        let due = rules.due(&kept, &[], &utc, now);
        for class in &due.now {
            let from = if class.counted_from == CountedFrom::Received { received_at } else { ended_at };
            prop_assert!(class.period.after(from, &utc) <= now);
        }
        prop_assert!(due.next.is_none_or(|next| next > now));
        let gone: Vec<_> = due.now.iter().map(|class| (class.what, now)).collect();
        prop_assert_eq!(rules.due(&kept, &gone, &utc, now), Due { now: vec![], next: due.next });
    }
}
