//! The guards of an action, tried from the wrong side.

use uuid::Uuid;

use super::*;
use crate::domain::{
    organisation::tests::{organisation, person},
    refusal::Refusal,
};

fn raw() -> RawAction {
    RawAction {
        title: "Bury the cable".into(),
        details: None,
        kind: "corrective".into(),
        control: "engineering".into(),
        owner_id: Uuid::from_u128(1),
        verifier_id: Some(Uuid::from_u128(2)),
        due_at: Some("2026-12-01T00:00:00Z".into()),
    }
}

pub fn action() -> Action {
    let stamp = Stamp { at: now(), by: who(3) };
    let given = raw().read(now()).unwrap();
    Action {
        id: ActionId(Uuid::nil()),
        report: ReportId(Uuid::nil()),
        site: SiteId(Uuid::nil()),
        ordinal: 1,
        state: ActionState::Open,
        title: given.title,
        details: None,
        kind: given.kind,
        control: given.control,
        owner: given.owner,
        verifier: who(2),
        due_at: given.due_at.unwrap(),
        first_due_at: given.due_at.unwrap(),
        extensions: vec![],
        assigned: stamp,
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

fn now() -> Instant {
    "2026-11-20T00:00:00Z".parse().unwrap()
}

fn who(n: u128) -> MemberId {
    MemberId(Uuid::from_u128(n))
}

fn done() -> Completion {
    Completion { note: "Done".into(), evidence: vec![] }
}

#[test]
fn an_owner_can_neither_verify_nor_drop_their_own_work() {
    let wrong = RawAction { verifier_id: Some(raw().owner_id), ..raw() };
    assert_eq!(wrong.read(now()), Err(Refusal::invalid("/verifier_id", "is_the_owner")));
    let completed = action().complete(done(), 2, &[], who(1), now()).unwrap();
    assert_eq!(completed.clone().verify(who(1), now()), Err(Refusal::MayNot("verify_own_work")));
    assert_eq!(completed.clone().cancel("no", who(1)), Err(Refusal::MayNot("cancel_own_work")));
    assert_eq!(completed.verify(who(2), now()).unwrap().state, ActionState::Verified);
}

#[test]
fn a_due_instant_that_has_passed_is_refused() {
    let late = RawAction { due_at: Some("2026-11-19T00:00:00Z".into()), ..raw() };
    assert_eq!(late.read(now()), Err(Refusal::invalid("/due_at", "in_the_past")));
}

#[test]
fn serious_work_is_complete_only_with_a_photo_of_its_report() {
    let photo = PhotoId(Uuid::from_u128(5));
    assert_eq!(action().complete(done(), 3, &[photo], who(1), now()), Err(Refusal::invalid("/evidence", "photo_needed")));
    let shown = Completion { evidence: vec![photo], ..done() };
    assert_eq!(action().complete(shown.clone(), 3, &[], who(1), now()), Err(Refusal::invalid("/evidence/0", "unknown_photo")));
    assert!(action().complete(shown, 3, &[photo], who(1), now()).is_ok());
}

#[test]
fn returned_work_goes_back_to_its_owner_with_a_reason() {
    let completed = action().complete(done(), 2, &[], who(1), now()).unwrap();
    assert_eq!(completed.clone().returned(" "), Err(Refusal::invalid("/reason", "empty")));
    let back = completed.returned("still open at the corner").unwrap();
    assert_eq!((back.state, back.completed), (ActionState::InProgress, None));
}

#[test]
fn a_refused_command_names_what_is_possible() {
    let Err(Refusal::WrongState { state, allowed, .. }) = action().verify(who(2), now()) else { panic!("accepted") };
    assert_eq!(state, "open");
    assert_eq!(allowed, ["accept", "start", "complete", "cancel", "acknowledge-escalation", "delegate", "request-extension"]);
}

#[test]
fn an_action_is_given_on_to_anybody_but_its_verifier_and_is_open_again() {
    let house = organisation(vec![person(1, None, &[]), person(2, None, &[]), person(4, None, &[])]);
    let taken = action().accept().unwrap();
    for (to, code) in [(1, "owns_it_already"), (2, "is_the_verifier"), (9, "unknown_member")] {
        assert_eq!(taken.clone().delegate(who(to), "away", &house), Err(Refusal::invalid("/owner_id", code)));
    }
    let given = taken.delegate(who(4), "away", &house).unwrap();
    assert_eq!((given.owner, given.state), (who(4), ActionState::Open));
    let completed = given.complete(done(), 2, &[], who(4), now()).unwrap();
    assert!(completed.delegate(who(1), "away", &house).is_err(), "what is done is not given on");
}

#[test]
fn more_time_is_asked_for_once_at_a_time_and_moves_only_what_is_due() {
    let later = action().due_at.plus_ms(1000);
    let ask = |action: Action| action.request_extension(later, "rain", who(1), now());
    assert_eq!(action().request_extension(action().due_at, "rain", who(1), now()), Err(Refusal::invalid("/until", "not_later")));
    let asked = ask(action()).unwrap();
    assert!(matches!(ask(asked.clone()), Err(Refusal::WrongState { .. })));
    assert_eq!(asked.clone().decide_extension(true, None, who(1), now()), Err(Refusal::MayNot("decide_own_extension")));
    assert_eq!(asked.clone().decide_extension(false, None, who(5), now()), Err(Refusal::invalid("/reason", "empty")));
    assert_eq!(asked.clone().decide_extension(true, None, who(5), later), Err(Refusal::invalid("/granted", "in_the_past")));
    let refused = asked.clone().decide_extension(false, Some("no"), who(5), now()).unwrap();
    assert_eq!((refused.due_at, refused.extensions_granted()), (action().due_at, 0));
    let granted = asked.decide_extension(true, None, who(5), now()).unwrap();
    assert_eq!((granted.due_at, granted.first_due_at, granted.extensions_granted()), (later, action().due_at, 1));
}
