//! The first rule that fits decides, whatever its conditions look at, and it can always be said why.

use proptest::prelude::*;

use super::*;
use crate::domain::audience::Role;

pub fn rule(name: &str) -> Rule {
    Rule {
        name: name.into(),
        sites: vec![],
        kinds: BTreeSet::new(),
        categories: vec![],
        aspects: BTreeSet::new(),
        from_severity: None,
        when: None,
        days: BTreeSet::new(),
        between: None,
        on_duty: vec![],
        responsible: vec![Audience::Role(Role::Officer)],
        also_told: vec![],
    }
}

pub fn routes(rules: Vec<Rule>) -> Routes {
    let desk = vec![Audience::Role(Role::Admin)];
    Routes { rules, fallback: desk.clone(), safety_desk: desk, trades: BTreeMap::new() }
}

/// A hazard of severity 4 on a Tuesday morning in working time, seen at a site below AGA.
pub fn facts() -> Facts {
    Facts {
        sites: ["BEN", "AGA", "ROOT"].map(str::to_owned).into(),
        kind: ReportKind::Hazard,
        category: "ARC".into(),
        aspects: [Aspect::Safety].into(),
        severity: 4,
        local: "2026-11-24T09:00".parse().unwrap(),
        working: true,
        on_duty: BTreeSet::new(),
        trade: None,
    }
}

fn decided(routes: &Routes, facts: &Facts) -> Option<String> {
    routes.decide(facts).map(|rule| rule.name.clone())
}

#[test]
fn the_first_rule_whose_every_condition_holds_decides() {
    let arcs = Rule { categories: ["ARC".into()].into(), from_severity: Some(4), ..rule("arcs") };
    let agadir = Rule { sites: ["AGA".into()].into(), ..rule("agadir") };
    let routes = routes(vec![arcs, agadir]);
    assert_eq!(decided(&routes, &facts()), Some("arcs".into()));
    assert_eq!(decided(&routes, &Facts { severity: 3, ..facts() }), Some("agadir".into()));
    assert_eq!(decided(&routes, &Facts { severity: 3, sites: vec!["TIZ".into()], ..facts() }), None);
}

#[test]
fn a_rule_may_hold_at_some_hours_and_days_or_while_somebody_is_on_duty() {
    let night = Rule { when: Some(When::OutsideWorkingHours), ..rule("night") };
    assert_eq!(night.misses(&facts()), [Condition::WorkingTime]);
    assert_eq!(night.misses(&Facts { working: false, ..facts() }), []);
    let late = Rule { between: Some(Between { from: "22:00".parse().unwrap(), to: "06:00".parse().unwrap() }), ..rule("late") };
    let at = |local: &str| late.misses(&Facts { local: local.parse().unwrap(), ..facts() });
    assert_eq!((at("2026-11-24T21:59:59"), at("2026-11-24T22:00")), (vec![Condition::TimeOfDay], vec![]));
    assert_eq!((at("2026-11-24T05:59:59"), at("2026-11-24T06:00")), (vec![], vec![Condition::TimeOfDay]));
    let sunday = Rule { days: [Day::Sunday].into(), ..rule("sunday") };
    assert_eq!(sunday.misses(&facts()), [Condition::Day]);
    let duty = Rule { on_duty: ["astreinte".into()].into(), ..rule("duty") };
    assert_eq!(duty.misses(&facts()), [Condition::Roster], "a gap: the next rule is asked");
    assert_eq!(duty.misses(&Facts { on_duty: ["astreinte".into()].into(), ..facts() }), []);
}

#[test]
fn each_rule_says_what_became_of_it_and_which_conditions_did_not_fit() {
    let far = Rule { sites: ["TIZ".into()].into(), from_severity: Some(5), ..rule("far") };
    let verdicts = routes(vec![far, rule("here"), rule("never")]).verdicts(&facts());
    let said: Vec<_> = verdicts.into_iter().map(|verdict| (verdict.outcome, verdict.misses)).collect();
    assert_eq!(
        said,
        [
            (Outcome::DidNotFit, vec![Condition::Site, Condition::Severity]),
            (Outcome::Decided, vec![]),
            (Outcome::NotReached, vec![]),
        ]
    );
}

fn trade(categories: &[&str], sites: &[&str]) -> Trade {
    let codes = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect();
    let name = Label { ar: "x".into(), fr: "x".into(), en: "x".into() };
    Trade { name, categories: codes(categories), sites: codes(sites), tells: vec![Audience::Role(Role::Officer)] }
}

#[test]
fn a_hazard_of_another_trade_tells_that_trade_and_one_of_the_own_does_not() {
    let trades = [("electricity", trade(&["ARC", "OHL"], &["AGA"])), ("water", trade(&["DROWN"], &["BEN"]))];
    let routes = Routes { trades: trades.map(|(code, trade)| (code.to_owned(), trade)).into(), ..routes(vec![]) };
    let told = |facts: &Facts| routes.trades_told(facts).map(|(code, _)| code.to_owned()).collect::<Vec<_>>();
    assert_eq!(told(&facts()), ["electricity"], "who reports has no known trade");
    assert_eq!(told(&Facts { trade: Some("water".into()), ..facts() }), ["electricity"]);
    assert!(told(&Facts { trade: Some("electricity".into()), ..facts() }).is_empty());
    assert!(told(&Facts { category: "STF".into(), ..facts() }).is_empty(), "of no trade");
    assert_eq!(routes.trade_of(&facts().sites), Some("water"), "the nearest site counts");
    assert_eq!(routes.trade_of(&["ROOT".into()]), None);
}

#[test]
fn routes_that_end_on_nobody_are_refused() {
    let nobody = Rule { responsible: vec![], from_severity: Some(6), ..rule("x") };
    let broken = Routes { fallback: vec![], safety_desk: vec![Audience::SafetyDesk], ..routes(vec![nobody]) };
    let broken = Routes { trades: BTreeMap::from([("t".into(), Trade { tells: vec![], ..trade(&[], &[]) })]), ..broken };
    let Err(Refusal::Invalid(errors)) = broken.check() else { panic!("accepted") };
    let wrong: Vec<_> = errors.iter().map(|error| &*error.pointer).collect();
    let expected = [
        "/fallback",
        "/safety_desk",
        "/rules/0/responsible",
        "/rules/0/from_severity",
        "/trades/t/categories",
        "/trades/t/tells",
    ];
    assert_eq!(wrong, expected);
}

proptest! {
    #[test]
    fn exactly_the_deciding_rule_is_the_one_explained(severities in prop::collection::vec(1_u8..=5, 0..8), severity in 1_u8..=5) {
        let rules = severities.iter().enumerate().map(|(n, least)| Rule { from_severity: Some(*least), ..rule(&n.to_string()) });
        let (routes, facts) = (routes(rules.collect()), Facts { severity, ..facts() });
        let verdicts = routes.verdicts(&facts);
        prop_assert_eq!(verdicts.len(), routes.rules.len());
        let explained = verdicts.iter().find(|verdict| verdict.outcome == Outcome::Decided).map(|verdict| verdict.rule.clone());
        prop_assert_eq!(explained, decided(&routes, &facts));
        prop_assert!(verdicts.iter().all(|verdict| (verdict.outcome == Outcome::DidNotFit) != verdict.misses.is_empty()));
    }
}
