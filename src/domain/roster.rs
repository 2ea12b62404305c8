//! Crews and duty rosters: who works together, and who is on duty when. A roster is a weekly pattern in the local time of
//! its site, with dated exceptions; where it has a gap, nobody is on duty, and rules go on to whom they name next.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{
    ToSpan,
    civil::{DateTime, Time},
};
use serde::{Deserialize, Serialize};

use super::{
    calendar::Day,
    ids::MemberId,
    organisation::Label,
    refusal::{FieldErrors, Refusal},
    time::{Instant, Zone},
};

/// The document: crews and duty rosters, each by its code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct Rosters {
    /// Who works together.
    #[serde(default)]
    pub crews: BTreeMap<String, Crew>,
    /// Who is on duty when.
    #[serde(default)]
    pub rosters: BTreeMap<String, Roster>,
}

/// People who work together at the same hours. A person is in one crew at most.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crew {
    /// Its name.
    pub name: Label,
    /// The code of the site it belongs to.
    pub site: String,
    /// Who is in it.
    pub members: Vec<MemberId>,
    /// The code of the calendar it works by; that of the site where the work is when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calendar: Option<String>,
    /// The code of its trade, one of those of the routes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trade: Option<String>,
}

/// Who is on duty when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Roster {
    /// Its name.
    pub name: Label,
    /// The code of the site whose local time it is written in.
    pub site: String,
    /// The weekly pattern; who is named by several turns at once is on duty with the others.
    pub week: Vec<Turn>,
    /// What differs: while one holds, the week does not. The first that holds counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exceptions: Vec<Exception>,
}

/// A turn of duty that comes back every week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Turn {
    /// The day it begins on.
    pub day: Day,
    /// Its beginning, local.
    pub from: Time,
    /// Its end, local, not included; the next day where it is not after the beginning.
    pub to: Time,
    /// Who.
    pub members: Vec<MemberId>,
}

/// Other people than the week says, between two local times.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// Its beginning, local.
    pub from: DateTime,
    /// Its end, local, not included.
    pub to: DateTime,
    /// Who; nobody at all is a gap that was meant.
    pub members: Vec<MemberId>,
}

impl Rosters {
    /// The crew of that person, if they are in one.
    pub fn crew_of(&self, member: MemberId) -> Option<&Crew> {
        self.crews.values().find(|crew| crew.members.contains(&member))
    }

    /// Refuses turns of nobody, exceptions that end before they begin, and a person in two crews.
    pub fn check(&self) -> Result<(), Refusal> {
        let mut errors = FieldErrors::default();
        let mut in_a_crew = BTreeSet::new();
        for (code, crew) in &self.crews {
            for (n, member) in crew.members.iter().enumerate() {
                if !in_a_crew.insert(member) {
                    errors.add(format!("/crews/{code}/members/{n}"), "stands_twice");
                }
            }
        }
        for (code, roster) in &self.rosters {
            for (n, turn) in roster.week.iter().enumerate() {
                if turn.members.is_empty() {
                    errors.add(format!("/rosters/{code}/week/{n}/members"), "empty");
                }
            }
            for (n, exception) in roster.exceptions.iter().enumerate() {
                if exception.from >= exception.to {
                    errors.add(format!("/rosters/{code}/exceptions/{n}/to"), "ends_before_it_begins");
                }
            }
        }
        errors.none()
    }
}

impl Roster {
    /// Who is on duty at `at`, each once. Local times count: an hour that the clock goes through twice has the same people
    /// both times.
    pub fn on_duty(&self, zone: &Zone, at: Instant) -> Vec<MemberId> {
        let now = at.local(zone);
        if let Some(exception) = self.exceptions.iter().find(|exception| exception.from <= now && now < exception.to) {
            return exception.members.clone();
        }
        let mut members = Vec::new();
        for member in self.week.iter().filter(|turn| turn.holds(now)).flat_map(|turn| &turn.members) {
            if !members.contains(member) {
                members.push(*member);
            }
        }
        members
    }
}

impl Turn {
    fn holds(&self, now: DateTime) -> bool {
        let begins_on = |date: DateTime| Day::of(date.weekday()) == self.day;
        let time = now.time();
        if self.from < self.to {
            return begins_on(now) && self.from <= time && time < self.to;
        }
        let yesterday = now.checked_sub(1.day()).unwrap_or(now);
        (begins_on(now) && self.from <= time) || (begins_on(yesterday) && time < self.to)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use jiff::civil::time;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    pub fn member(n: u128) -> MemberId {
        MemberId(Uuid::from_u128(n))
    }

    fn label() -> Label {
        Label { ar: "x".into(), fr: "x".into(), en: "x".into() }
    }

    fn turn(day: Day, from: (i8, i8), to: (i8, i8), n: u128) -> Turn {
        Turn { day, from: time(from.0, from.1, 0, 0), to: time(to.0, to.1, 0, 0), members: vec![member(n)] }
    }

    pub fn roster(week: Vec<Turn>, exceptions: Vec<Exception>) -> Roster {
        Roster { name: label(), site: "S1".into(), week, exceptions }
    }

    pub fn crew(members: &[u128]) -> Crew {
        let members = members.iter().map(|n| member(*n)).collect();
        Crew { name: label(), site: "S1".into(), members, calendar: None, trade: None }
    }

    fn nights() -> Roster {
        roster(vec![turn(Day::Monday, (16, 30), (8, 30), 1), turn(Day::Tuesday, (8, 30), (16, 30), 2)], vec![])
    }

    fn on(roster: &Roster, at: &str) -> Vec<MemberId> {
        roster.on_duty(&Zone::named("Africa/Casablanca").unwrap(), at.parse().unwrap())
    }

    #[test]
    fn a_turn_may_pass_midnight_and_between_turns_nobody_is_on_duty() {
        assert_eq!(on(&nights(), "2026-11-23T16:29:59Z"), []);
        assert_eq!(on(&nights(), "2026-11-23T16:30:00Z"), [member(1)]);
        assert_eq!(on(&nights(), "2026-11-24T08:29:59Z"), [member(1)]);
        assert_eq!(on(&nights(), "2026-11-24T08:30:00Z"), [member(2)]);
        assert_eq!(on(&nights(), "2026-11-24T16:30:00Z"), []);
    }

    #[test]
    fn a_dated_exception_stands_in_place_of_the_week_and_may_be_a_gap() {
        let between = |from: &str, to: &str, members: Vec<MemberId>| Exception {
            from: from.parse().unwrap(),
            to: to.parse().unwrap(),
            members,
        };
        let swapped = between("2026-11-23T18:00", "2026-11-24T00:00", vec![member(3)]);
        let closed = between("2026-11-24T08:30", "2026-11-25T00:00", vec![]);
        let roster = Roster { exceptions: vec![swapped, closed], ..nights() };
        assert_eq!(on(&roster, "2026-11-23T17:59:00Z"), [member(1)]);
        assert_eq!(on(&roster, "2026-11-23T18:00:00Z"), [member(3)]);
        assert_eq!(on(&roster, "2026-11-24T00:00:00Z"), [member(1)]);
        assert_eq!(on(&roster, "2026-11-24T09:00:00Z"), []);
    }

    #[test]
    fn turns_are_read_in_the_local_time_of_their_site() {
        assert_eq!(on(&nights(), "2026-09-14T15:30:00Z"), [member(1)], "16:30 at UTC+1");
        assert_eq!(on(&nights(), "2026-09-21T15:30:00Z"), [], "15:30 at UTC+0");
    }

    #[test]
    fn a_turn_of_nobody_an_exception_that_ends_first_and_a_person_in_two_crews_are_refused() {
        let empty = Turn { members: vec![], ..turn(Day::Monday, (8, 0), (9, 0), 1) };
        let now: DateTime = "2026-11-23T18:00".parse().unwrap();
        let backwards = Exception { from: now, to: now, members: vec![] };
        let rosters = Rosters {
            crews: BTreeMap::from([("a".into(), crew(&[1, 2])), ("b".into(), crew(&[2]))]),
            rosters: BTreeMap::from([("r".into(), roster(vec![empty], vec![backwards]))]),
        };
        let Err(Refusal::Invalid(errors)) = rosters.check() else { panic!("accepted") };
        let wrong: Vec<_> = errors.iter().map(|error| &*error.pointer).collect();
        assert_eq!(wrong, ["/crews/b/members/0", "/rosters/r/week/0/members", "/rosters/r/exceptions/0/to"]);
    }

    proptest! {
        #[test]
        fn turns_that_follow_each_other_around_the_week_leave_no_gap_and_no_overlap(minutes in 0_i64..30_000, from in 0_i8..24) {
            let week = Day::ALL.iter().enumerate().map(|(n, day)| turn(*day, (from, 0), (from, 0), n as u128)).collect();
            let start: Instant = "2026-11-02T00:00:00Z".parse().unwrap();
            let on_duty = roster(week, vec![]).on_duty(&Zone::utc(), start.plus_ms(minutes * 60_000));
            prop_assert_eq!(on_duty.len(), 1);
        }
    }
}
