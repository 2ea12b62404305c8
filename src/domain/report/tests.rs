//! The guards of a report, tried from the wrong side, and its reading.

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::*;
use crate::domain::{
    organisation::{
        Category, Versioned,
        tests::{label, organisation},
    },
    refusal::Refusal,
    severity::{Answers, Band, SclClass, matrix_for_tests as matrix},
};

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
        environment: None,
        quality: None,
        claim: None,
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
        sent_at: None,
        received_at: now(),
        location: None,
        environment: None,
        quality: None,
        danger_now: true,
        reporter: None,
        confidentiality: draft.confidentiality,
        language: Locale::Ar,
        potential_severity: severity,
        actual_severity: None,
        screened: None,
        risk: None,
        officer: None,
        routed_by: String::new(),
        acknowledged: None,
        contained: None,
        triaged: None,
        pending: None,
        causes: vec![],
        causes_found_at: None,
        similar_events: None,
        similar_seen: None,
        photos_waived: None,
        controls_justified: None,
        closed: None,
        outcome: None,
        duplicate_of: None,
        recurrence_of: None,
        recurred_as: None,
        reopened: None,
        actions_before: 0,
        effectiveness_days: None,
        checks: vec![],
        unsealings: vec![],
        content_sha256: draft.content_sha256,
        touched: Touched::unknown_before(1),
        version: 1,
    }
}

fn now() -> Instant {
    Instant::from_ms(1_795_000_000_000)
}

fn officer() -> MemberId {
    MemberId(Uuid::from_u128(7))
}

fn as_rated(potential_severity: u8, reason: Option<&str>) -> Triage {
    Triage { actual_severity: 1, potential_severity, reason: reason.map(str::to_owned), ..Triage::default() }
}

/// Rated in an organisation where `ELEC` is of high energy.
fn triaged(report: Report, triage: &Triage, by: MemberId) -> Result<Report, Refusal> {
    let mut house = organisation(vec![]);
    let elec = Category { code: "ELEC".into(), name: label("x"), high_energy: true, retired_at: None };
    house.categories.insert("ELEC".into(), elec);
    house.matrix = Some(Versioned { version: 3, body: matrix() });
    report.triage(triage, &house, by, now())
}

fn rated(severity: u8) -> Report {
    triaged(report(severity), &as_rated(severity, None), officer()).unwrap()
}

fn caused(report: Report) -> Report {
    let causes = vec![Cause { kind: CauseKind::Organisational, text: "no permit".into() }];
    report.investigate(Investigation { causes, similar_events: Some("none found".into()) }, now()).unwrap()
}

const NOTHING: FileFacts = FileFacts {
    actions: 0,
    incomplete: 0,
    unverified: 0,
    firm: 0,
    photos_missing: 0,
    inquiry_wanted: false,
    similar_unseen: false,
};
const ONE_OPEN: FileFacts = FileFacts { actions: 1, incomplete: 1, unverified: 0, firm: 1, ..NOTHING };
const ONE_DONE: FileFacts = FileFacts { actions: 1, incomplete: 0, unverified: 1, firm: 1, ..NOTHING };
const ONE_VERIFIED: FileFacts = FileFacts { actions: 1, incomplete: 0, unverified: 0, firm: 1, ..NOTHING };

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
    let named = || RawDraft { aspects: vec!["environment".into()], ..raw() };
    let spilt = RawEnvironment { protected_area: Some(true), ..RawEnvironment::default() };
    assert_ne!(of(named()), of(RawDraft { environment: Some(spilt), ..named() }));
}

#[test]
fn a_report_sent_before_there_were_facts_of_aspects_is_known_when_it_is_sent_again() {
    let kept = "{\"kind\":\"hazard\",\"aspects\":[\"safety\"],\"category\":\"ELEC\",\
                \"site_id\":\"00000000-0000-0000-0000-000000000001\",\"narrative\":\"كابل مكشوف\",\
                \"occurred_at\":\"2026-11-20T09:12:00Z\",\"captured_at\":null,\"location\":null,\
                \"potential_severity\":4,\"danger_now\":true,\"confidentiality\":null,\"language\":\"ar\",\"photos\":[]}";
    assert_eq!(raw().read(1).unwrap().content_sha256, <[u8; 32]>::from(Sha256::digest(kept)));
}

#[test]
fn facts_of_an_aspect_that_is_not_named_or_cannot_be_are_refused_where_they_stand() {
    let draft = RawDraft {
        aspects: vec!["environment".into()],
        environment: Some(RawEnvironment {
            substance: Some(" ".into()),
            quantity_litres: Some(-1.0),
            receiving_body: Some("bucket".into()),
            protected_area: None,
        }),
        quality: Some(RawQuality { outage_minutes: Some(600_000), ..RawQuality::default() }),
        ..raw()
    };
    let Err(Refusal::Invalid(errors)) = draft.read(1) else { panic!("accepted") };
    let wrong: Vec<_> = errors.iter().map(|error| (error.pointer.as_ref(), error.code)).collect();
    assert_eq!(
        wrong,
        [
            ("/quality", "aspect_not_named"),
            ("/environment/substance", "empty"),
            ("/environment/quantity_litres", "not_a_quantity"),
            ("/environment/receiving_body", "unknown_receiving_body"),
            ("/quality/outage_minutes", "not_a_quantity"),
        ]
    );
    let nothing = RawDraft { aspects: vec!["quality".into()], quality: Some(RawQuality::default()), ..raw() };
    assert_eq!(nothing.read(1), Err(Refusal::invalid("/quality", "empty")));
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
    let inquiring = FileFacts { inquiry_wanted: true, similar_unseen: true, ..ONE_VERIFIED };
    assert_eq!(missing(ready.clone().close(closing(), inquiring, officer(), now())), ["inquiry_complete", "similar_events_seen"]);
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
    assert!(closed.expect(Command::AssignAction).is_err());
}

#[test]
fn rating_is_taking_charge_and_a_high_rating_is_not_lowered_by_one_person() {
    let rated = rated(5);
    assert_eq!(rated.acknowledged, Some(Stamp { at: now(), by: officer() }));
    assert_eq!(missing(triaged(rated, &as_rated(3, None), officer())), ["reason", "second_person"]);
}

#[test]
fn saying_again_that_one_took_charge_changes_nothing_and_another_cannot() {
    let taken = report(4).acknowledge(officer(), now()).unwrap();
    assert_eq!(taken.clone().acknowledge(officer(), now().plus_ms(5)).unwrap(), taken);
    assert!(taken.acknowledge(MemberId(Uuid::from_u128(8)), now()).is_err());
}

#[test]
fn a_high_rating_is_lowered_only_when_another_person_gives_the_same_one() {
    let lower = |potential| as_rated(potential, Some("fenced"));
    let second = MemberId(Uuid::from_u128(8));
    let asked = triaged(rated(5), &lower(2), officer()).unwrap();
    assert_eq!((asked.potential_severity, asked.pending.unwrap().potential_severity), (5, 2));
    assert_eq!(triaged(asked.clone(), &lower(2), officer()).unwrap().potential_severity, 5, "twice is not two persons");
    let other = triaged(asked.clone(), &lower(3), second).unwrap();
    assert_eq!((other.potential_severity, other.pending.unwrap().asked.by), (5, second), "another rating is a new question");
    assert_eq!(triaged(asked.clone(), &lower(5), second).unwrap().pending, None, "the rating it has drops what was asked");
    let agreed = triaged(asked, &lower(2), second).unwrap();
    assert_eq!((agreed.potential_severity, agreed.pending), (2, None));
    assert_eq!(triaged(rated(3), &lower(1), officer()).unwrap().potential_severity, 1, "a lower one is lowered by one");
}

#[test]
fn what_a_report_came_with_is_lowered_by_two_as_well_and_asking_is_taking_charge() {
    let asked = triaged(report(4), &as_rated(2, Some("fenced")), officer()).unwrap();
    assert_eq!((asked.potential_severity, asked.triaged, asked.state), (4, None, ReportState::Acknowledged));
    assert_eq!(asked.acknowledged.unwrap().by, officer());
    let agreed = triaged(asked, &as_rated(2, None), MemberId(Uuid::from_u128(8))).unwrap();
    assert_eq!((agreed.potential_severity, agreed.triaged.is_some()), (2, true));
    assert_eq!(missing(triaged(report(5), &as_rated(4, None), officer())), ["reason", "second_person"]);
    assert_eq!(triaged(report(3), &as_rated(1, None), officer()).unwrap().potential_severity, 1, "below 4 one is enough");
}

#[test]
fn a_rating_keeps_the_screen_and_its_place_in_the_matrix_and_less_than_proposed_owes_a_reason() {
    let answers = Answers { high_energy: None, incident: true, serious_injury: Some(false), direct_control: Some(false) };
    let screened = |potential, reason| Triage { screen: Some(answers), likelihood: Some(2), ..as_rated(potential, reason) };
    assert_eq!(missing(triaged(report(3), &screened(4, None), officer())), ["reason"], "ELEC is of high energy");
    let told = triaged(report(3), &screened(4, Some("the cable was dead")), officer()).unwrap();
    assert_eq!(told.screened.unwrap().class, Some(SclClass::Psif));
    assert_eq!(told.risk.map(|risk| (risk.score, risk.band, risk.matrix_version)), Some((8, Band::Medium, 3)));
    assert!(triaged(report(3), &screened(5, None), officer()).is_ok());
    let half = Triage { screen: Some(Answers { direct_control: None, ..answers }), likelihood: Some(6), ..as_rated(5, None) };
    let Err(Refusal::Invalid(errors)) = triaged(report(3), &half, officer()) else { panic!("accepted") };
    let pointers: Vec<_> = errors.iter().map(|error| (error.pointer.as_ref(), error.code)).collect();
    assert_eq!(pointers, [("/screen/direct_control", "missing"), ("/likelihood", "not_one_to_five")]);
}

#[test]
fn weak_controls_of_a_high_potential_are_justified_before_closing() {
    let weak = FileFacts { firm: 0, ..ONE_VERIFIED };
    let ready = |severity| caused(rated(severity)).advanced(weak);
    assert_eq!(missing(ready(4).close(closing(), weak, officer(), now())), ["controls_justified"]);
    assert!(ready(3).close(closing(), weak, officer(), now()).is_ok(), "below 4 nobody is asked");
    let justified = ready(4).justify_controls("nothing else can be done", officer(), now()).unwrap();
    assert!(justified.close(closing(), weak, officer(), now()).is_ok());
}

#[test]
fn no_end_leaves_an_action_behind_and_no_duplicate_leads_to_another() {
    let other = Report { id: ReportId(Uuid::from_u128(10)), ..report(2) };
    let dismissed = rated(2).dismiss("no danger", FileFacts::default(), officer(), now()).unwrap();
    assert_eq!((dismissed.state, dismissed.outcome.as_deref()), (ReportState::Dismissed, Some("no danger")));
    assert_eq!(missing(rated(2).dismiss("no danger", ONE_OPEN, officer(), now())), ["actions_ended"]);
    let mark = |of: &Report, stands, file| report(2).mark_duplicate(of, stands, file, officer(), now());
    assert_eq!(mark(&report(2), false, ONE_VERIFIED), Err(Refusal::invalid("/of_id", "is_itself")));
    let gone = other.clone().withdraw().unwrap();
    assert_eq!(mark(&gone, false, ONE_VERIFIED), Err(Refusal::invalid("/of_id", "does_not_stand")));
    assert_eq!(missing(mark(&other, true, ONE_VERIFIED)), ["no_duplicates"]);
    assert_eq!(missing(mark(&other, false, ONE_DONE)), ["actions_ended"]);
    let marked = mark(&other, false, ONE_VERIFIED).unwrap();
    assert_eq!((marked.state, marked.duplicate_of), (ReportState::Duplicate, Some(other.id)));
    assert_eq!(marked.acknowledged.unwrap().by, officer(), "ending it is taking charge");
    assert!(rated(2).withdraw().is_err(), "somebody has taken charge");
}

#[test]
fn what_was_reopened_after_closing_looks_for_causes_anew_and_counts_only_new_actions() {
    let closed = caused(rated(4)).advanced(ONE_VERIFIED).close(closing(), ONE_VERIFIED, officer(), now()).unwrap();
    let again = closed.clone().reopen(1, officer(), now()).unwrap();
    assert_eq!((again.state, again.closed, again.actions_before), (ReportState::Investigating, None, 1));
    assert_eq!(again.causes, closed.causes, "what was found is kept");
    assert_eq!(missing(again.close(closing(), FileFacts::default(), officer(), now())), ["causes", "an_action"]);
    let dismissed = caused(rated(4)).dismiss("no", FileFacts::default(), officer(), now()).unwrap();
    assert!(dismissed.reopen(1, officer(), now()).unwrap().causes_found_at.is_some(), "it goes on where it stood");
    assert!(report(4).withdraw().unwrap().reopen(0, officer(), now()).is_err());
}

#[test]
fn the_gravest_are_checked_early_and_late_and_what_is_not_effective_is_taken_up_again() {
    const DAY: i64 = 86_400_000;
    let closed = |severity| caused(rated(severity)).advanced(ONE_VERIFIED).close(closing(), ONE_VERIFIED, officer(), now());
    let check = |effective| CheckDraft { effective, method: "visit".into(), note: "seen".into(), evidence: vec![] };
    let (first, second) = (now().plus_ms(29 * DAY), now().plus_ms(91 * DAY));
    let look = |report: Report, effective, at| report.check_effectiveness(check(effective), &[], &[], officer(), at).unwrap();
    assert_eq!(closed(4).unwrap().next_check(), Some((now(), now().plus_ms(30 * DAY))));
    assert_eq!(look(closed(4).unwrap(), true, first).next_check(), None);
    let once = look(closed(5).unwrap(), true, first);
    assert_eq!(once.next_check(), Some((first, now().plus_ms(90 * DAY))));
    assert_eq!(look(once.clone(), true, second).next_check(), None);
    let again = look(once, false, second);
    assert_eq!((again.state, again.checks.len(), again.next_check()), (ReportState::Investigating, 2, None));
    let late = CheckDraft { evidence: vec![crate::domain::ids::PhotoId(Uuid::nil())], ..check(true) };
    let unknown = closed(4).unwrap().check_effectiveness(late, &[], &[], officer(), first);
    assert_eq!(unknown, Err(Refusal::invalid("/evidence/0", "unknown_photo")));
}
