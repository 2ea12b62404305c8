//! What the packs promise the organisation that begins with one.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::*;
use crate::domain::{
    audience::Audience,
    calendar::HolidayStatus,
    clauses::Evidence,
    deadline::DeadlineKind,
    ladder::TellAt,
    report::{Aspect, ReportKind},
    retention::{Class, Confidence, What},
    routing::Facts,
    severity::Band,
    span::Span,
    time::Instant,
};

fn pack() -> Pack {
    Pack::named("ma_utility").unwrap()
}

fn contradictions(pack: &Pack) -> String {
    pack.check().unwrap_err().to_string()
}

#[test]
fn every_pack_is_read_and_holds_together() {
    for files in &PACKS {
        Pack::named(files.name).unwrap().people().unwrap();
    }
    assert!(Pack::named("atlantis").unwrap_err().to_string().ends_with("write one of: ma_utility"));
}

#[test]
fn every_kind_of_deadline_has_a_ladder_at_every_severity_that_ends_at_the_safety_desk_and_repeats() {
    let pack = pack();
    for kind in DeadlineKind::ALL {
        for severity in 1..=5 {
            let ladder = pack.ladders.find(*kind, severity).unwrap_or_else(|| panic!("{kind} {severity}"));
            let last = ladder.steps.last().unwrap();
            assert_eq!(last.audience, [Audience::SafetyDesk], "{kind} {severity}");
            assert!(last.repeat.is_some_and(|repeat| repeat.times.is_none()), "{kind} {severity}");
        }
    }
}

#[test]
fn what_may_kill_or_maim_is_told_at_any_hour_and_the_rest_in_working_time() {
    for ladder in pack().ladders.ladders {
        let expected =
            if ladder.severities.iter().all(|severity| *severity >= 4) { TellAt::AnyHour } else { TellAt::WorkingHours };
        assert!(ladder.steps.iter().all(|step| step.hours == expected), "{} {:?}", ladder.kind, ladder.severities);
    }
}

#[test]
fn higher_rungs_come_later_and_what_is_worse_has_no_more_time() {
    let pack = pack();
    let (calendar, zone) = (&pack.calendars.calendars["ma_public"], Zone::named("Africa/Casablanca").unwrap());
    for due in ["2026-11-24T10:00:00Z", "2026-11-20T15:00:00Z", "2027-03-12T09:00:00Z"] {
        let due: Instant = due.parse().unwrap();
        for ladder in &pack.ladders.ladders {
            let times: Vec<Instant> = ladder.steps.iter().map(|step| calendar.add(&zone, due, step.offset)).collect();
            assert!(times.is_sorted(), "{} {:?} around {due}", ladder.kind, ladder.severities);
        }
        for kind in DeadlineKind::ALL {
            let ends = (1..=5).rev().map(|severity| calendar.add(&zone, due, pack.ladders.find(*kind, severity).unwrap().within));
            assert!(ends.is_sorted(), "{kind} from {due}");
        }
    }
}

#[test]
fn an_unanswered_report_climbs_as_the_practice_says() {
    let pack = pack();
    let within = |severity| pack.ladders.find(DeadlineKind::Acknowledge, severity).unwrap().within.to_string();
    assert_eq!([5, 4, 3, 2, 1].map(within), ["PT15M", "PT1H", "P1BD", "P2BD", "P3BD"]);
    let steps: Vec<_> = pack.ladders.find(DeadlineKind::Acknowledge, 5).unwrap().steps.iter().collect();
    assert_eq!(steps[0].offset, Span::Elapsed(-450_000));
    assert_eq!(steps[1].audience, [Audience::Officer, Audience::Manager(1)]);
    assert_eq!(steps[2].audience, [Audience::Manager(2)]);
    assert_eq!(steps[3].audience, [Audience::Role(Role::Manager)]);
}

#[test]
fn every_text_is_there_in_three_languages_and_its_own_letters() {
    let pack = pack();
    let titles = pack.clauses.standards.iter().flat_map(|standard| &standard.clauses).map(|clause| &clause.title);
    let labels = pack.sites.iter().map(|site| &site.name).chain(pack.categories.iter().map(|category| &category.name));
    let labels = labels.chain(titles).chain(pack.matrix.labels().map(|(_, label)| label));
    let is_arabic = |text: &str| text.chars().any(|c| ('\u{0600}'..='\u{06ff}').contains(&c));
    for label in labels {
        assert!(is_arabic(&label.ar) && !is_arabic(&label.fr) && !is_arabic(&label.en), "{label:?}");
        assert!(!label.fr.trim().is_empty() && !label.en.trim().is_empty(), "{label:?}");
    }
}

#[test]
fn the_taxonomy_is_whole_and_knows_high_energy() {
    let categories = pack().categories;
    assert_eq!(categories.len(), 47, "the 45 of the taxonomy, ELEC and OTHER");
    let high: BTreeSet<_> = categories.iter().filter(|category| category.high_energy).map(|it| it.code.as_str()).collect();
    assert_eq!(high.len(), 26, "the 25 with a star, and ELEC");
    assert!(high.is_superset(&BTreeSet::from(["CONF", "H2S", "ARC", "ELEC", "MHO", "STRUC"])));
    assert!(!high.contains("CHEM") && !high.contains("OTHER"));
}

#[test]
fn the_matrix_weighs_by_score_and_the_worst_is_never_below_high() {
    let cells = pack().matrix.cells;
    for (severity, row) in (1..).zip(&cells) {
        for (likelihood, band) in (1..).zip(row) {
            let by_score = match severity * likelihood {
                ..5 => Band::Low,
                5..10 => Band::Medium,
                10..15 => Band::High,
                _ => Band::Extreme,
            };
            let expected = if severity == 5 { by_score.max(Band::High) } else { by_score };
            assert_eq!(*band, expected, "{severity} by {likelihood}");
        }
    }
}

#[test]
fn each_aspect_has_a_standard_and_each_kind_of_evidence_a_clause() {
    let standards = pack().clauses.standards;
    let sure = standards.iter().filter(|standard| !standard.uncertain);
    assert_eq!(sure.map(|standard| standard.aspect).collect::<Vec<_>>(), Aspect::ALL);
    let used: BTreeSet<_> = standards.iter().flat_map(|standard| &standard.clauses).flat_map(|clause| &clause.evidence).collect();
    assert_eq!(used, Evidence::ALL.iter().collect());
    let corrective = standards.iter().filter(|standard| standard.clauses.iter().any(|clause| clause.number == "10.2"));
    assert_eq!(corrective.count(), 3, "the chain from event to effect is asked by each of them");
}

#[test]
fn moroccan_holidays_are_off_and_computed_ones_say_so() {
    let pack = pack();
    for calendar in pack.calendars.calendars.values() {
        for date in ["2026-11-06", "2026-11-18", "2027-01-11", "2027-03-10"] {
            assert_eq!(calendar.hours_on(date.parse().unwrap()), None, "{date}");
        }
        for holiday in &calendar.holidays {
            let lunar = ["2027-03", "2027-05-17", "2027-05-18", "2027-06", "2027-08-15", "2027-08-16"];
            let computed = lunar.iter().any(|start| holiday.date.to_string().starts_with(start));
            assert_eq!(holiday.status == HolidayStatus::Provisional, computed, "{}", holiday.date);
        }
        assert!(calendar.holidays.is_sorted_by(|a, b| a.date < b.date));
    }
    let opens = |code: &str, date: &str| pack.calendars.calendars[code].hours_on(date.parse::<Date>().unwrap()).map(|it| it.from);
    assert_eq!(opens("ma_public", "2026-11-21"), None, "a Saturday");
    assert_eq!(opens("crew_six_days", "2026-11-21"), Some("08:00".parse().unwrap()));
    assert_eq!(opens("ma_public", "2027-02-08"), Some("09:00".parse().unwrap()), "Ramadan");
}

#[test]
fn every_report_finds_an_officer_and_psychosocial_ones_stay_away_from_the_line() {
    let pack = pack();
    let routed = |category: &str, severity| {
        let aspects = BTreeSet::from([Aspect::Safety]);
        let facts = Facts { sites: &["AGA", "SRM-SM"], kind: ReportKind::Hazard, category, aspects: &aspects, severity };
        pack.routes.decide(facts).map(|rule| (rule.responsible.clone(), rule.also_told.clone()))
    };
    for rule in &pack.routes.rules {
        assert!(rule.responsible.contains(&Audience::Role(Role::Officer)), "{}", rule.name);
    }
    assert!(routed("ELEC", 5).unwrap().1.contains(&Audience::Role(Role::Manager)));
    assert!(routed("H2S", 1).unwrap().1.contains(&Audience::Role(Role::Manager)));
    assert!(!routed("PSY", 5).unwrap().1.contains(&Audience::Role(Role::Manager)));
    assert_eq!(routed("STF", 2), None, "left to the fall-back");
}

#[test]
fn everything_personal_is_kept_for_one_period_whose_source_is_named() {
    let classes = pack().retention.classes;
    for what in What::ALL {
        for kind in ReportKind::ALL {
            let of = |class: &&Class| class.what == *what && (class.kinds.is_empty() || class.kinds.contains(kind));
            assert_eq!(classes.iter().filter(of).count(), 1, "{what} of {kind}");
        }
    }
    assert!(classes.iter().all(|class| class.source.starts_with("Proposal") == (class.confidence == Confidence::Proposal)));
}

#[test]
fn the_people_are_invented_speak_three_languages_and_hold_every_role() {
    let people = pack().people().unwrap();
    let locales: BTreeSet<_> = people.iter().map(|person| person.locale).collect();
    let roles: BTreeSet<_> = people.iter().flat_map(|person| &person.grants).map(|grant| grant.role).collect();
    assert_eq!((locales.len(), roles.len()), (Locale::ALL.len(), Role::ALL.len()));
    assert!(people.iter().filter_map(|person| person.email.as_deref()).all(|email| email.ends_with("@example.org")));
    assert!(people.iter().any(|person| person.email.is_none()), "some technician has no address");
}

#[test]
fn people_in_a_circle_or_without_a_sign_in_are_refused() {
    let pack = pack();
    let mut people = pack.people().unwrap();
    let director = people.iter().position(|person| person.manager.is_none()).unwrap();
    people[director].manager = Some(people[0].key.clone());
    people[0].email = None;
    people[0].employee_number = None;
    people[1].grants[0].site = "NOWHERE".into();
    let told = pack.check_people(&people).unwrap_err().to_string();
    for expected in ["in a circle", "nothing to sign in with", "a site that does not exist"] {
        assert!(told.contains(expected), "{expected} is missing from: {told}");
    }
}

#[test]
fn a_pack_that_names_what_is_not_in_it_is_refused() {
    let mut broken = pack();
    broken.sites.swap(1, 8);
    broken.sites[2].calendar = "lunar".into();
    broken.sites[3].name.ar.clear();
    broken.categories[1].code = broken.categories[0].code.clone();
    broken.routes.fallback = vec![Audience::SafetyDesk];
    broken.routes.safety_desk.clear();
    broken.routes.rules[0].sites.insert("NOWHERE".into());
    let told = contradictions(&broken);
    for expected in [
        "does not come before it",
        "names no calendar",
        "its name in a language",
        "stands twice",
        "by role",
        "safety_desk",
        "NOWHERE",
        "H2S",
    ] {
        assert!(told.contains(expected), "{expected} is missing from: {told}");
    }
}
