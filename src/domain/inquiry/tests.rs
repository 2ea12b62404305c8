//! Both sides sign what it says, and a reader can follow it.

use proptest::prelude::*;

use super::*;

fn who(n: u128) -> MemberId {
    MemberId(Uuid::from_u128(n))
}

fn at(ms: i64) -> Instant {
    Instant::from_ms(ms)
}

fn id(n: u8) -> Uuid {
    uuid::Builder::from_random_bytes([n; 16]).into_uuid()
}

fn cause(n: u8, parent: Option<u8>, level: CauseLevel) -> CauseNode {
    CauseNode { id: id(n), parent: parent.map(id), kind: CauseKind::Organisational, level, text: format!("cause {n}") }
}

fn findings() -> Findings {
    let team = [(1, Side::Employer, Part::Lead), (2, Side::Employee, Part::WorkerRepresentative)]
        .map(|(n, side, part)| TeamMember { member: who(n), side, part });
    Findings {
        team: team.into(),
        timeline: vec![Moment { at: at(5), what: "The valve was opened".into(), source: None }],
        whys: vec![vec!["It leaked".into(), "The seal was worn".into()]],
        causes: vec![cause(1, None, CauseLevel::Immediate), cause(2, Some(1), CauseLevel::Root)],
    }
}

fn inquiry() -> Inquiry {
    Inquiry::opened(ReportId(Uuid::nil()), 0, findings(), who(1), at(0))
}

fn signed(inquiry: Inquiry, n: u128) -> Inquiry {
    let content = inquiry.findings.sha256();
    inquiry.signed(content, who(n), at(9)).unwrap()
}

#[test]
fn it_is_complete_only_when_both_sides_signed_what_it_says_now() {
    let missing = |inquiry: &Inquiry| match inquiry.clone().complete(who(1), at(9)) {
        Err(Refusal::NotReady { missing, .. }) => missing,
        other => panic!("{other:?}"),
    };
    assert_eq!(missing(&inquiry()), ["employer_signature", "employee_signature"]);
    assert_eq!(missing(&signed(inquiry(), 1)), ["employee_signature"]);
    let both = signed(signed(inquiry(), 1), 2);
    assert_eq!(signed(both.clone(), 2), both, "signing again changes nothing");
    let shallow = Findings { causes: vec![cause(1, None, CauseLevel::Immediate)], ..findings() };
    let revised = both.clone().revised(shallow).unwrap();
    assert_eq!(missing(&revised), ["deep_cause", "employer_signature", "employee_signature"], "nobody signed these words");
    assert_eq!(both.clone().revised(findings()).unwrap(), both, "the same words keep their signatures");
    let complete = both.complete(who(1), at(9)).unwrap();
    assert!(matches!(complete.clone().revised(findings()), Err(Refusal::WrongState { .. })));
    assert!(matches!(complete.complete(who(1), at(10)), Err(Refusal::WrongState { .. })));
}

#[test]
fn closing_waits_for_an_open_inquiry_and_for_one_where_somebody_was_hurt() {
    use crate::domain::report::tests::report;
    let complete = signed(signed(inquiry(), 1), 2).complete(who(1), at(9)).unwrap();
    let reopened = |ms| Report { reopened: Some(Stamp { at: at(ms), by: who(1) }), ..report(4) };
    assert!(!is_wanted(&[], &report(4), false));
    assert!(is_wanted(&[], &report(4), true));
    assert!(is_wanted(&[inquiry()], &report(4), false));
    assert!(!is_wanted(std::slice::from_ref(&complete), &report(4), true));
    assert!(!is_wanted(std::slice::from_ref(&complete), &reopened(8), true));
    assert!(is_wanted(std::slice::from_ref(&complete), &reopened(10), true), "what was found then had not sufficed");
    assert!(is_wanted(&[complete, inquiry()], &reopened(10), false));
}

#[test]
fn only_the_team_signs_and_only_what_it_read() {
    let content = findings().sha256();
    assert_eq!(inquiry().signed(content, who(3), at(9)), Err(Refusal::MayNot("sign_inquiry")));
    assert_eq!(inquiry().signed([0; 32], who(1), at(9)), Err(Refusal::Changed));
}

#[test]
fn every_wrong_field_is_named_at_once() {
    let wrong = Findings {
        team: vec![findings().team[0]; 2],
        timeline: vec![Moment { at: at(0), what: " ".into(), source: Some(String::new()) }],
        whys: vec![vec![], vec!["why".into(); 6]],
        causes: vec![
            cause(1, Some(2), CauseLevel::Root),
            cause(2, Some(1), CauseLevel::Root),
            cause(3, Some(9), CauseLevel::Root),
            CauseNode { id: Uuid::nil(), ..cause(3, None, CauseLevel::Root) },
        ],
    };
    let Err(Refusal::Invalid(errors)) = wrong.check(|member| member == who(2)) else { panic!("accepted") };
    let found: BTreeSet<_> = errors.iter().map(|error| (error.pointer.as_ref(), error.code)).collect();
    for expected in [
        ("/team/0/member_id", "unknown_member"),
        ("/team/1/member_id", "stands_twice"),
        ("/timeline/0/what", "empty"),
        ("/timeline/0/source", "empty"),
        ("/whys/0", "not_one_to_five_whys"),
        ("/whys/1", "not_one_to_five_whys"),
        ("/causes/0/parent_id", "below_itself"),
        ("/causes/1/parent_id", "below_itself"),
        ("/causes/2/parent_id", "unknown_cause"),
        ("/causes/3/id", "id_not_v4_or_v7"),
    ] {
        assert!(found.contains(&expected), "{expected:?} is missing of {found:?}");
    }
    assert_eq!(findings().check(|_| true), Ok(()));
    assert_eq!(Findings::default().check(|_| true), Err(Refusal::invalid("/team", "empty")));
}

proptest! {
    #[test]
    fn a_tree_without_circles_is_taken_and_any_circle_is_refused(parents in proptest::collection::vec(0_u8..12, 1..12), back in any::<bool>()) {
        let nodes = u8::try_from(parents.len()).unwrap();
        let mut causes: Vec<CauseNode> = (0..nodes)
            .zip(&parents)
            .map(|(n, parent)| cause(n, (n > 0).then(|| parent % n.max(1)), CauseLevel::Root))
            .collect();
        if back {
            causes[0].parent = Some(id(nodes - 1));
        }
        let found = Findings { causes, ..findings() }.check(|_| true);
        prop_assert_eq!(found.is_err(), back);
    }
}
