//! Who is told when the person meant is away, gone, or cannot be reached.

use uuid::Uuid;

use super::*;

pub fn member(n: u128) -> MemberId {
    MemberId(Uuid::from_u128(n))
}

pub fn site(n: u128) -> SiteId {
    SiteId(Uuid::from_u128(n))
}

fn stands_in(by: u128, from: i64, until: i64) -> Substitution {
    let id = SubstitutionId(Uuid::nil());
    Substitution { id, by: member(by), from: Instant::from_ms(from), until: Instant::from_ms(until) }
}

pub fn label(text: &str) -> Label {
    Label { ar: text.into(), fr: text.into(), en: text.into() }
}

pub fn person(n: u128, manager: Option<u128>, grants: &[(Role, u128)]) -> Member {
    Member {
        id: member(n),
        name: format!("Person {n}"),
        locale: Locale::En,
        email: Some(format!("p{n}@example.org")),
        manager: manager.map(member),
        disabled_at: None,
        address_suspect_since: None,
        grants: grants.iter().map(|(role, at)| Grant { role: *role, site: site(*at) }).collect(),
        substitutions: vec![],
    }
}

/// Site 1 is the root, 2 and 3 are below it, 4 is below 2.
pub fn organisation(members: Vec<Member>) -> Organisation {
    let sites = [(1, None), (2, Some(1)), (3, Some(1)), (4, Some(2))].map(|(n, parent)| Site {
        id: site(n),
        parent: parent.map(site),
        code: format!("S{n}"),
        name: label("site"),
        kind: "commune".into(),
        zone: Zone::utc(),
        calendar: "office".into(),
        retired_at: None,
        version: 1,
    });
    let routes =
        Routes { rules: vec![], fallback: vec![Audience::Role(Role::Officer)], safety_desk: vec![Audience::Role(Role::Manager)] };
    Organisation {
        revision: 1,
        sites: sites.into_iter().map(|site| (site.id, site)).collect(),
        members: members.into_iter().map(|member| (member.id, member)).collect(),
        categories: BTreeMap::new(),
        routes: Versioned { version: 1, body: routes },
        ladders: BTreeMap::new(),
        calendars: Versioned { version: 1, body: Calendars::default() },
        matrix: None,
        clauses: None,
    }
}

fn cast(owner: u128) -> Cast {
    Cast { site: site(4), officer: None, owner: Some(member(owner)), verifier: None, answerable: Some(member(owner)) }
}

fn told(organisation: &Organisation, audiences: &[Audience], owner: u128) -> Vec<MemberId> {
    organisation.resolve(audiences, &cast(owner), Instant::from_ms(50)).into_iter().map(|(member, _)| member).collect()
}

#[test]
fn somebody_on_leave_is_stood_in_for_and_only_between_the_dates() {
    let mut away = person(1, None, &[]);
    away.substitutions = vec![stands_in(2, 10, 60)];
    let organisation = organisation(vec![away, person(2, None, &[])]);
    assert_eq!(organisation.told_for(member(1), Instant::from_ms(9)), Some(member(1)));
    assert_eq!(organisation.told_for(member(1), Instant::from_ms(10)), Some(member(2)));
    assert_eq!(organisation.told_for(member(1), Instant::from_ms(60)), Some(member(1)));
}

#[test]
fn who_left_bounced_or_has_no_mail_is_replaced_by_the_next_one_up() {
    let gone = Member { disabled_at: Some(Instant::from_ms(1)), ..person(1, Some(2), &[]) };
    let bounced = Member { address_suspect_since: Some(Instant::from_ms(1)), ..person(2, Some(3), &[]) };
    let unmailed = Member { email: None, ..person(3, Some(4), &[]) };
    let organisation = organisation(vec![gone, bounced, unmailed, person(4, None, &[])]);
    assert_eq!(told(&organisation, &[Audience::Owner], 1), [member(4)]);
}

#[test]
fn a_circle_of_managers_ends_at_the_safety_desk() {
    let left = |n, manager| Member { email: None, ..person(n, Some(manager), &[]) };
    let organisation = organisation(vec![left(1, 2), left(2, 1), person(9, None, &[(Role::Manager, 1)])]);
    assert_eq!(told(&organisation, &[Audience::Owner], 1), [member(9)]);
    assert_eq!(told(&organisation, &[Audience::Manager(7)], 1), [member(9)], "a vacant manager too");
}

#[test]
fn two_who_stand_in_for_each_other_do_not_lose_the_message() {
    let with = |n, by| Member { substitutions: vec![stands_in(by, 0, 99)], ..person(n, None, &[]) };
    let organisation = organisation(vec![with(1, 2), with(2, 1)]);
    assert_eq!(told(&organisation, &[Audience::Owner], 1), [member(2)]);
}

#[test]
fn an_empty_safety_desk_falls_to_the_administrators() {
    let organisation = organisation(vec![Member { email: None, ..person(1, None, &[]) }, person(5, None, &[(Role::Admin, 1)])]);
    assert_eq!(told(&organisation, &[Audience::Owner], 1), [member(5)]);
}

#[test]
fn a_role_is_held_by_the_nearest_site_up_the_tree() {
    let organisation = organisation(vec![
        person(1, None, &[(Role::Officer, 1)]),
        person(2, None, &[(Role::Officer, 2)]),
        person(3, None, &[(Role::Officer, 3)]),
    ]);
    assert_eq!(organisation.holders(Role::Officer, site(4)), [member(2)]);
    assert_eq!(organisation.holders(Role::Officer, site(3)), [member(3)]);
    assert!(organisation.has_role(member(1), Role::Officer, site(4)));
    assert!(!organisation.has_role(member(3), Role::Officer, site(4)));
    assert_eq!(organisation.sites_with(member(1), &[Role::Officer]), None);
    assert_eq!(organisation.sites_with(member(2), &[Role::Officer]), Some([site(2), site(4)].into()));
}

#[test]
fn a_person_named_by_two_audiences_is_found_once() {
    let organisation = organisation(vec![person(1, Some(2), &[]), person(2, None, &[(Role::Officer, 4)])]);
    let found = told(&organisation, &[Audience::Manager(1), Audience::Role(Role::Officer), Audience::Owner], 1);
    assert_eq!(found, [member(2), member(1)]);
}
