//! The promises of administration, each broken once.

use uuid::Uuid;

use super::*;
use crate::domain::{
    action::{Action, ActionKind, ActionState, Control},
    audience::Role,
    calendar::Calendar,
    ids::{ActionId, ReportId, SubstitutionId},
    organisation::{
        Organisation, Site,
        tests::{member, organisation, person, site},
    },
    refusal::Refusal,
    report::{Report, Stamp, tests::report},
    time::{Instant, Zone},
};

fn now() -> Instant {
    Instant::from_ms(1_000)
}

fn named(name: &str) -> Label {
    Label { ar: name.into(), fr: name.into(), en: name.into() }
}

fn with_calendar(mut organisation: Organisation) -> Organisation {
    let empty = Calendar { week: [].into(), holidays: vec![], special_hours: vec![] };
    organisation.calendars.body.calendars.insert("office".into(), empty);
    organisation
}

fn raw(code: &str, parent: Option<u128>) -> RawSite {
    let parent_id = parent.map(Uuid::from_u128);
    RawSite {
        code: code.into(),
        name: named("Here"),
        kind: "plant".into(),
        parent_id,
        zone: None,
        calendar: None,
        retired: false,
    }
}

fn complaints<T: std::fmt::Debug>(result: Result<T, Refusal>) -> Vec<(String, &'static str)> {
    match result {
        Err(Refusal::Invalid(errors)) => errors.into_iter().map(|error| (error.pointer.into_owned(), error.code)).collect(),
        other => panic!("expected wrong fields, got {other:?}"),
    }
}

fn complaint<T: std::fmt::Debug>(result: Result<T, Refusal>) -> &'static str {
    complaints(result)[0].1
}

#[test]
fn a_site_never_stands_below_itself_and_there_is_one_root() {
    let tree = with_calendar(organisation(vec![]));
    let read = |id: u128, raw: RawSite| raw.read(site(id), &tree, now());
    for parent in [2, 4] {
        assert_eq!(complaint(read(2, raw("S2", Some(parent)))), "below_itself");
    }
    assert_eq!(
        complaint(read(2, RawSite { zone: Some("UTC".into()), calendar: Some("office".into()), ..raw("S2", None) })),
        "second_root"
    );
    assert_eq!(complaint(read(1, raw("S1", Some(2)))), "not_for_the_root");
    assert_eq!(complaint(read(9, raw("S9", Some(77)))), "unknown_site");
    assert_eq!(complaint(read(9, raw("S4", Some(1)))), "taken");
    let moved = read(4, raw("S4", Some(3))).unwrap();
    assert_eq!((moved.parent, moved.calendar.as_str(), moved.zone), (Some(site(3)), "office", Zone::utc()));
}

#[test]
fn a_retired_site_takes_no_reports_nor_does_anything_below_it() {
    let mut tree = organisation(vec![]);
    let retired = Site { retired_at: Some(now()), ..tree.sites[&site(2)].clone() };
    tree.sites.insert(site(2), retired);
    assert!(!tree.takes_reports(site(2)) && !tree.takes_reports(site(4)));
    assert!(tree.takes_reports(site(1)) && tree.takes_reports(site(3)));
}

#[test]
fn the_line_of_managers_never_comes_back_to_the_person() {
    let people = organisation(vec![person(1, None, &[]), person(2, Some(1), &[]), person(3, Some(2), &[])]);
    let read = |id: u128, manager: u128| {
        let raw = RawMember {
            name: "Somebody".into(),
            locale: "fr".into(),
            email: None,
            employee_number: Some("1".into()),
            phone: None,
            manager_id: Some(Uuid::from_u128(manager)),
        };
        raw.read(member(id), &people, |_| true)
    };
    for manager in [1, 2, 3] {
        assert_eq!(complaint(read(1, manager)), "goes_in_a_circle");
    }
    assert_eq!(complaint(read(1, 9)), "unknown_member");
    assert_eq!(read(9, 3).unwrap().manager, Some(member(3)));
    let circle = |member| Some(if member == self::member(5) { self::member(6) } else { self::member(5) });
    assert!(!goes_in_a_circle(member(1), member(5), circle), "a circle of others ends the search");
}

#[test]
fn a_login_is_of_one_kind_only() {
    let of = |login| Logins::of(login, |_| true).map(|logins| logins.named().map(|(field, _)| field).collect::<Vec<_>>());
    assert_eq!(of("Rkia@Example.org"), Ok(vec!["email"]));
    assert_eq!(of("+212600000001"), Ok(vec!["phone"]));
    assert_eq!(of("10077"), Ok(vec!["employee_number"]));
    for wrong in ["", "+21 2", "+1", "a b", "1,2"] {
        assert_eq!(complaint(of(wrong)), "not_a_login", "{wrong:?}");
    }
}

#[test]
fn nobody_stands_in_for_themselves_or_in_a_time_that_is_over() {
    let people = organisation(vec![person(1, None, &[]), person(2, None, &[])]);
    let read = |by: u128, from: &str, until: &str| {
        let raw = RawSubstitution { by_id: Uuid::from_u128(by), from: from.into(), until: until.into() };
        raw.read(SubstitutionId(Uuid::nil()), member(1), &people, now())
    };
    let (first, second) = ("2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z");
    assert_eq!(complaint(read(1, first, second)), "is_the_same_person");
    assert_eq!(complaint(read(9, first, second)), "unknown_member");
    assert_eq!(complaint(read(2, second, first)), "ends_before_it_begins");
    assert_eq!(complaint(read(2, "1970-01-01T00:00:00Z", "1970-01-01T00:00:01Z")), "in_the_past");
    assert_eq!(read(2, first, second).unwrap().by, member(2));
}

fn action(n: u128, owner: u128, verifier: u128) -> Action {
    Action {
        id: ActionId(Uuid::from_u128(n)),
        report: ReportId(Uuid::from_u128(100)),
        site: site(4),
        ordinal: 1,
        state: ActionState::Open,
        title: "Fix".into(),
        details: None,
        kind: ActionKind::Corrective,
        control: Control::Engineering,
        owner: member(owner),
        verifier: member(verifier),
        due_at: now(),
        first_due_at: now(),
        extensions: vec![],
        assigned: Stamp { at: now(), by: member(7) },
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

fn routed(n: u128, officer: u128) -> Report {
    Report { id: ReportId(Uuid::from_u128(n)), site: site(4), officer: Some(member(officer)), ..report(3) }
}

/// Person 1 leaves; 2 is an officer of the site, 3 a technician.
fn leaving() -> (Organisation, OpenWork) {
    let people = [(1, Role::Officer), (2, Role::Officer), (3, Role::Technician)];
    let organisation = organisation(people.map(|(n, role)| person(n, None, &[(role, 4)])).to_vec());
    let work = OpenWork {
        actions: vec![action(10, 1, 2), action(11, 1, 9)],
        verifications: vec![action(12, 3, 1)],
        reports: vec![routed(20, 1)],
        deadlines: vec![],
    };
    (organisation, work)
}

fn plan(to: Option<u128>, items: &[(u128, u128)]) -> (Result<Vec<Handed>, Refusal>, OpenWork) {
    let (organisation, work) = leaving();
    let items = items.iter().map(|(item, to)| (Uuid::from_u128(*item), member(*to))).collect();
    let ask = HandOver { to: to.map(member), items, disable: true };
    (work.plan(&organisation.members[&member(1)], &ask, &organisation), work)
}

fn at(n: u128) -> String {
    format!("/items/{}", Uuid::from_u128(n))
}

#[test]
fn a_hand_over_never_makes_one_person_owner_and_verifier_and_names_the_item() {
    assert_eq!(complaints(plan(Some(2), &[]).0), [(at(10), "is_the_verifier")]);
    assert_eq!(complaints(plan(Some(3), &[]).0), [(at(12), "is_the_owner"), (at(20), "no_officer_there")]);
    let (planned, work) = plan(Some(2), &[(10, 3)]);
    let planned = planned.unwrap();
    assert_eq!(planned.len(), 4);
    assert_eq!((planned[0].part, planned[0].to), (Part::Owner(ActionId(Uuid::from_u128(10))), member(3)));
    assert!(work.without(&planned).is_none());
}

#[test]
fn what_nobody_takes_is_left_and_what_cannot_be_taken_is_refused() {
    let (planned, work) = plan(None, &[(20, 2)]);
    let left = work.without(&planned.unwrap()).counts();
    assert_eq!(left, OpenCounts { actions: 2, verifications: 1, reports: 0, deadlines: 0 });
    assert_eq!(complaints(plan(None, &[(99, 2)]).0), [(at(99), "unknown_item")]);
    assert_eq!(complaints(plan(None, &[(11, 1)]).0), [(at(11), "unknown_member")]);
    assert_eq!(complaints(plan(Some(99), &[]).0)[0], ("/to_id".to_owned(), "unknown_member"));
}

#[test]
fn only_reports_whose_officer_loses_them_are_stranded() {
    let before = organisation(vec![person(1, None, &[(Role::Officer, 2)]), person(2, None, &[(Role::Officer, 1)])]);
    let mut after = before.clone();
    after.sites.insert(site(4), Site { parent: Some(site(3)), ..before.sites[&site(4)].clone() });
    let reports = [routed(20, 1), routed(21, 2), routed(22, 9)];
    assert_eq!(stranded(&reports, &before, &after), [&reports[0]]);
}

fn line(line: u64, login: &str, manager: &str) -> MemberLine {
    let text = str::to_owned;
    let (name, role) = (text("Somebody"), text("technician"));
    MemberLine { line, login: text(login), name, role, manager: text(manager), ..MemberLine::default() }
}

fn import(lines: &[MemberLine]) -> Result<Vec<Planned>, Refusal> {
    let organisation = organisation(vec![person(1, None, &[(Role::Technician, 1)]), person(2, Some(1), &[])]);
    let details = |n: u128, manager: Option<u128>| MemberDetails {
        name: format!("Person {n}"),
        locale: crate::domain::locale::Locale::En,
        email: Some(format!("p{n}@example.org")),
        employee_number: Some(n.to_string()),
        phone: None,
        manager: manager.map(member),
    };
    let known = [(member(1), details(1, None)), (member(2), details(2, Some(1)))].into();
    let mut next = 100;
    let new_id = || {
        next += 1;
        member(next)
    };
    plan_import(lines, &known, &organisation, |_| true, new_id).map(|plan| plan.into_values().collect())
}

#[test]
fn a_list_adds_who_is_new_and_changes_who_is_known_whatever_the_order_of_its_lines() {
    let mut again = line(4, "200", "");
    again.role = "officer".into();
    again.site = "S2".into();
    let plan = import(&[line(2, "200", "300"), line(3, "300", "P1@example.org"), again, line(5, "p1@example.org", "")]).unwrap();
    let [first, new, above] = &plan[..] else { panic!("{plan:#?}") };
    assert_eq!((first.after.name.as_str(), first.grants.len()), ("Somebody", 0), "a role that is held is not added again");
    assert_eq!((new.after.manager, new.grants.len()), (Some(member(102)), 2));
    assert_eq!((above.after.manager, &above.before), (Some(member(1)), &None));
}

#[test]
fn every_wrong_line_is_named_with_its_number_and_field() {
    let wrong = |line: MemberLine| complaints(import(&[line]));
    assert_eq!(wrong(line(7, "a b", "")), [("/7/login".to_owned(), "not_a_login")]);
    assert_eq!(wrong(line(7, "200", "300")), [("/7/manager".to_owned(), "unknown_member")]);
    assert_eq!(wrong(line(7, "1", "2")), [("/7/manager".to_owned(), "goes_in_a_circle")]);
    assert_eq!(wrong(MemberLine { site: "NO".into(), role: "boss".into(), ..line(7, "200", "") }).len(), 2);
    assert_eq!(wrong(MemberLine { role: String::new(), ..line(7, "200", "") }), [("/7/role".to_owned(), "empty")]);
    assert_eq!(wrong(MemberLine { name: String::new(), ..line(7, "200", "") }), [("/7/name".to_owned(), "not_a_name")]);
    assert_eq!(
        wrong(MemberLine { employee_number: "2".into(), ..line(7, "+2120000001", "") }),
        [("/7/employee_number".to_owned(), "taken")]
    );
    assert_eq!(wrong(MemberLine { phone: "2".into(), ..line(7, "200", "") }), [("/7/phone".to_owned(), "not_a_login")]);
    assert_eq!(wrong(MemberLine { misshapen: true, ..line(7, "200", "") }), [("/7/columns".to_owned(), "not_columns")]);
    let renamed = MemberLine { name: "Another".into(), ..line(8, "200", "") };
    assert_eq!(complaints(import(&[line(7, "200", ""), renamed])), [("/8/name".to_owned(), "differs")]);
    assert_eq!(
        complaints(import(&[line(7, "200", "300"), line(8, "300", "200")])),
        [("/7/manager".to_owned(), "goes_in_a_circle"), ("/8/manager".to_owned(), "goes_in_a_circle")]
    );
}
