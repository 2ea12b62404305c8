//! The guards of a report, tried from the wrong side, and its reading.

use uuid::Uuid;

use super::*;
use crate::domain::refusal::Refusal;

pub fn raw() -> RawDraft {
    RawDraft {
        kind: "hazard".into(),
        aspects: vec!["safety".into()],
        category: "ELEC".into(),
        site_id: Uuid::from_u128(1),
        narrative: "كابل مكشوف".into(),
        occurred_at: Some("2026-11-20T09:12:00Z".into()),
        captured_at: None,
        location: None,
        potential_severity: Some(4),
        danger_now: true,
        confidentiality: None,
        language: Some("ar".into()),
        photos: vec![],
    }
}

pub fn report(severity: u8) -> Report {
    let draft = raw().read(1).unwrap();
    Report {
        id: ReportId(Uuid::from_u128(9)),
        number: "R-2026-00001".into(),
        state: ReportState::Submitted,
        kind: draft.kind,
        aspects: draft.aspects,
        category: draft.category,
        site: draft.site,
        narrative: draft.narrative,
        occurred_at: draft.occurred_at,
        captured_at: None,
        received_at: now(),
        location: None,
        danger_now: true,
        reporter: None,
        confidentiality: draft.confidentiality,
        language: Locale::Ar,
        potential_severity: severity,
        actual_severity: None,
        officer: None,
        routed_by: String::new(),
        acknowledged: None,
        contained: None,
        triaged: None,
        causes: vec![],
        causes_found_at: None,
        similar_events: None,
        photos_waived: None,
        closed: None,
        outcome: None,
        effectiveness_days: None,
        content_sha256: draft.content_sha256,
        version: 1,
    }
}

fn now() -> Instant {
    Instant::from_ms(1_795_000_000_000)
}

fn officer() -> MemberId {
    MemberId(Uuid::from_u128(7))
}

fn rated(severity: u8) -> Report {
    report(severity).triage(Triage { actual_severity: 1, potential_severity: severity }, officer(), now()).unwrap()
}

fn caused(report: Report) -> Report {
    let causes = vec![Cause { kind: CauseKind::Organisational, text: "no permit".into() }];
    report.investigate(Investigation { causes, similar_events: Some("none found".into()) }, now()).unwrap()
}

const ONE_OPEN: FileFacts = FileFacts { actions: 1, incomplete: 1, unverified: 0, photos_missing: 0 };
const ONE_DONE: FileFacts = FileFacts { actions: 1, incomplete: 0, unverified: 1, photos_missing: 0 };
const ONE_VERIFIED: FileFacts = FileFacts { actions: 1, incomplete: 0, unverified: 0, photos_missing: 0 };

fn closing() -> Closing {
    Closing { outcome: "Cable buried again".into(), effectiveness_days: Some(30), waive_photos: None }
}

fn missing(result: Result<Report, Refusal>) -> Vec<&'static str> {
    match result {
        Err(Refusal::NotReady { missing, .. }) => missing,
        other => panic!("expected a guard, got {other:?}"),
    }
}

#[test]
fn every_wrong_field_is_named_at_once() {
    let photo = RawPhoto { id: Uuid::nil(), sha256: "zz".into(), bytes: 0, media_type: String::new() };
    let draft = RawDraft {
        kind: "disaster".into(),
        aspects: vec!["safety".into(), "money".into()],
        narrative: "  ".into(),
        occurred_at: Some("yesterday".into()),
        location: Some(RawLocation { lat: 91.0, lon: 0.0, accuracy_m: None }),
        potential_severity: Some(6),
        confidentiality: Some("secret".into()),
        language: Some("de".into()),
        photos: vec![photo],
        ..raw()
    };
    let Err(Refusal::Invalid(errors)) = draft.read(10) else { panic!("accepted") };
    let pointers: Vec<_> = errors.iter().map(|error| error.pointer.as_ref()).collect();
    for pointer in [
        "/kind",
        "/aspects/1",
        "/narrative",
        "/occurred_at",
        "/location/lat",
        "/potential_severity",
        "/confidentiality",
        "/language",
        "/photos/0/id",
        "/photos/0/sha256",
        "/photos/0/bytes",
        "/photos/0/media_type",
    ] {
        assert!(pointers.contains(&pointer), "{pointer} is missing of {pointers:?}");
    }
}

#[test]
fn the_same_content_has_the_same_fingerprint_and_any_other_has_not() {
    let of = |draft: RawDraft| draft.read(1).unwrap().content_sha256;
    assert_eq!(of(raw()), of(raw()));
    assert_ne!(of(raw()), of(RawDraft { danger_now: false, ..raw() }));
}

#[test]
fn a_serious_report_is_acted_on_only_once_it_is_rated_and_has_a_cause_and_an_action() {
    assert_eq!(report(4).advanced(ONE_OPEN).state, ReportState::Submitted);
    assert_eq!(rated(4).advanced(ONE_OPEN).state, ReportState::Acknowledged);
    assert_eq!(caused(rated(4)).advanced(FileFacts::default()).state, ReportState::Investigating);
    assert_eq!(caused(rated(4)).advanced(ONE_OPEN).state, ReportState::Acting);
    assert_eq!(rated(2).advanced(ONE_OPEN).state, ReportState::Acting, "a minor one needs no cause");
}

#[test]
fn it_verifies_once_every_action_is_complete_and_goes_back_when_one_is_returned() {
    let verifying = caused(rated(4)).advanced(ONE_OPEN).advanced(ONE_DONE);
    assert_eq!(verifying.state, ReportState::Verifying);
    assert_eq!(verifying.advanced(ONE_OPEN).state, ReportState::Acting);
}

#[test]
fn closing_names_everything_that_is_missing() {
    let all = missing(report(4).close(
        Closing { effectiveness_days: None, ..closing() },
        FileFacts { photos_missing: 1, ..FileFacts::default() },
        officer(),
        now(),
    ));
    assert_eq!(all, ["acknowledgement", "triage", "causes", "an_action", "similar_events", "photos", "effectiveness_check"]);
    let ready = caused(rated(4)).advanced(ONE_OPEN).advanced(ONE_DONE);
    assert_eq!(missing(ready.clone().close(closing(), ONE_DONE, officer(), now())), ["actions_verified"]);
    assert_eq!(
        missing(ready.clone().close(closing(), FileFacts { photos_missing: 2, ..ONE_VERIFIED }, officer(), now())),
        ["photos"]
    );
    let waived = Closing { waive_photos: Some("phone lost".into()), ..closing() };
    assert!(ready.clone().close(waived, FileFacts { photos_missing: 2, ..ONE_VERIFIED }, officer(), now()).is_ok());
    assert_eq!(ready.close(closing(), ONE_VERIFIED, officer(), now()).unwrap().state, ReportState::Closed);
}

#[test]
fn a_closed_report_refuses_every_command_and_says_what_is_possible() {
    let closed = Report { state: ReportState::Closed, ..caused(rated(4)) };
    let refusal = closed.clone().close(closing(), ONE_VERIFIED, officer(), now());
    assert!(matches!(refusal, Err(Refusal::WrongState { state: "closed", .. })));
    assert!(closed.clone().contain(officer(), now()).is_err());
    assert!(closed.may_be_acted_on().is_err());
}

#[test]
fn rating_is_taking_charge_and_a_high_rating_is_not_lowered_by_one_person() {
    let rated = rated(5);
    assert_eq!(rated.acknowledged, Some(Stamp { at: now(), by: officer() }));
    assert_eq!(missing(rated.triage(Triage { actual_severity: 1, potential_severity: 3 }, officer(), now())), ["second_person"]);
}

#[test]
fn saying_again_that_one_took_charge_changes_nothing_and_another_cannot() {
    let taken = report(4).acknowledge(officer(), now()).unwrap();
    assert_eq!(taken.clone().acknowledge(officer(), now().plus_ms(5)).unwrap(), taken);
    assert!(taken.acknowledge(MemberId(Uuid::from_u128(8)), now()).is_err());
}
