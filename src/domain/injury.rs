//! Somebody was hurt: who, how, and when they were away from work. These are medical facts with readers of their own; no
//! list, mail, log line or journal entry carries them. Absences are kept as intervals, and every count is derived.

use jiff::{ToSpan as _, civil::Date};
use serde::{Deserialize, Serialize};

use super::{
    ids::{InjuryId, ReportId},
    refusal::{FieldErrors, Refusal},
    report::Stamp,
    words::words,
};

words! {
    /// What the injured person is to the organisation.
    pub enum PersonStatus {
        /// Employed by it.
        Employee = "employee",
        /// Works for a contractor.
        Contractor = "contractor",
        /// Was on a visit.
        Visitor = "visitor",
        /// A passer-by or customer.
        Public = "public",
    }
}

words! {
    /// The care that was needed, from least to most.
    pub enum Treatment {
        /// None.
        None = "none",
        /// First aid.
        FirstAid = "first_aid",
        /// A doctor's.
        Medical = "medical",
        /// A stay in hospital.
        Hospital = "hospital",
        /// The person died.
        Fatal = "fatal",
    }
}

/// Days away from work, both ends included; still away when there is no end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Absence {
    /// The first day.
    pub from: Date,
    /// The last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Date>,
}

/// Codes of the European statistics on accidents at work (ESAW), each optional.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct Esaw {
    /// Type of injury.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub injury: Option<String>,
    /// Part of the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_part: Option<String>,
    /// What departed from the normal course of work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deviation: Option<String>,
    /// The contact that injured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
}

/// An injury as it came, every field still as its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawInjury {
    /// Who was hurt.
    pub person: String,
    /// `employee`, `contractor`, `visitor` or `public`.
    pub status: String,
    /// `none`, `first_aid`, `medical`, `hospital` or `fatal`.
    pub treatment: String,
    /// When they were away from work.
    #[serde(default)]
    pub absences: Vec<Absence>,
    /// Codes for statistics.
    #[serde(default)]
    pub esaw: Esaw,
    /// Whatever else a doctor or investigator must know.
    #[serde(default)]
    pub notes: Option<String>,
}

/// What is known of an injury, every field valid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InjuryFacts {
    /// Who was hurt.
    pub person: String,
    /// What they are to the organisation.
    pub status: PersonStatus,
    /// The care that was needed.
    pub treatment: Treatment,
    /// When they were away from work, in order and without overlap.
    pub absences: Vec<Absence>,
    /// Codes for statistics.
    pub esaw: Esaw,
    /// Whatever else must be known.
    pub notes: Option<String>,
}

/// An injury of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Injury {
    /// Made by the client.
    pub id: InjuryId,
    /// Its report.
    pub report: ReportId,
    /// What is known.
    pub facts: InjuryFacts,
    /// Who recorded it.
    pub recorded: Stamp,
    /// Which writing of the record this is.
    pub version: i64,
}

const MOST_ABSENCES: usize = 50;

impl RawInjury {
    /// Reads every field. Absences must follow each other; only the last may be open.
    pub fn read(self) -> Result<InjuryFacts, Refusal> {
        let mut errors = FieldErrors::default();
        let person = self.person.trim();
        if person.is_empty() || person.chars().count() > 200 || person.chars().any(char::is_control) {
            errors.add("/person", "not_a_name");
        }
        let status =
            errors.take(PersonStatus::of_word(&self.status).ok_or_else(|| Refusal::invalid("/status", "unknown_person_status")));
        let treatment =
            errors.take(Treatment::of_word(&self.treatment).ok_or_else(|| Refusal::invalid("/treatment", "unknown_treatment")));
        check_absences(&self.absences, &mut errors);
        let codes = [
            ("/esaw/injury", &self.esaw.injury),
            ("/esaw/body_part", &self.esaw.body_part),
            ("/esaw/deviation", &self.esaw.deviation),
            ("/esaw/contact", &self.esaw.contact),
        ];
        for (pointer, code) in codes {
            let fits = |code: &String| (1..=3).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit());
            if code.as_ref().is_some_and(|code| !fits(code)) {
                errors.add(pointer, "not_an_esaw_code");
            }
        }
        if self.notes.as_ref().is_some_and(|notes| notes.chars().count() > 4_000) {
            errors.add("/notes", "too_long");
        }
        errors.none()?;
        let (Some(status), Some(treatment)) = (status, treatment) else { return Err(Refusal::invalid("", "unreadable")) };
        let person = person.to_owned();
        Ok(InjuryFacts { person, status, treatment, absences: self.absences, esaw: self.esaw, notes: self.notes })
    }
}

fn check_absences(absences: &[Absence], errors: &mut FieldErrors) {
    if absences.len() > MOST_ABSENCES {
        errors.add("/absences", "too_many");
    }
    let mut after: Option<Date> = None;
    for (n, absence) in absences.iter().enumerate() {
        if absence.to.is_some_and(|to| to < absence.from) {
            errors.add(format!("/absences/{n}"), "ends_before_it_begins");
        }
        let open_before = n > 0 && absences.get(n - 1).is_some_and(|before| before.to.is_none());
        if open_before || after.is_some_and(|after| absence.from <= after) {
            errors.add(format!("/absences/{n}"), "overlaps");
        }
        after = absence.to.or(Some(absence.from));
    }
}

impl InjuryFacts {
    /// Calendar days away, the day of the accident not counted (ILO, 16th ICLS 1998; OSHA 29 CFR 1904.7). An absence
    /// that goes on counts up to `today`; with a `cap` no more than that.
    pub fn days_lost(&self, accident: Date, today: Date, cap: Option<u32>) -> u32 {
        let first = accident.checked_add(1.day()).unwrap_or(accident);
        let days = |absence: &Absence| {
            let (from, to) = (absence.from.max(first), absence.to.unwrap_or(today).min(today));
            u32::try_from((to - from).get_days() + 1).unwrap_or(0)
        };
        let all: u32 = self.absences.iter().map(days).sum();
        cap.map_or(all, |cap| all.min(cap))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn raw(absences: Vec<Absence>) -> RawInjury {
        RawInjury {
            person: "Somebody".into(),
            status: "employee".into(),
            treatment: "medical".into(),
            absences,
            esaw: Esaw::default(),
            notes: None,
        }
    }

    fn away(from: Date, to: Option<Date>) -> Absence {
        Absence { from, to }
    }

    #[test]
    fn days_are_calendar_days_and_the_day_of_the_accident_is_none_of_them() {
        let accident = date(2026, 11, 6);
        let absences = vec![away(accident, Some(date(2026, 11, 10))), away(date(2026, 12, 1), None)];
        let facts = raw(absences).read().unwrap();
        assert_eq!(facts.days_lost(accident, date(2026, 11, 20), None), 4);
        assert_eq!(facts.days_lost(accident, date(2026, 12, 3), None), 7);
        assert_eq!(facts.days_lost(accident, date(2027, 12, 1), Some(180)), 180);
        assert_eq!(facts.days_lost(accident, date(2026, 11, 8), None), 2, "the future is not counted");
    }

    #[test]
    fn absences_that_overlap_or_end_before_they_begin_are_refused() {
        let wrong =
            vec![away(date(2026, 11, 6), Some(date(2026, 11, 1))), away(date(2026, 11, 1), None), away(date(2026, 12, 1), None)];
        let Err(Refusal::Invalid(errors)) = raw(wrong).read() else { panic!("accepted") };
        let found: Vec<_> = errors.iter().map(|error| (error.pointer.as_ref(), error.code)).collect();
        assert_eq!(found, [("/absences/0", "ends_before_it_begins"), ("/absences/1", "overlaps"), ("/absences/2", "overlaps")]);
        let odd = RawInjury { esaw: Esaw { injury: Some("12345".into()), ..Esaw::default() }, ..raw(vec![]) };
        assert_eq!(odd.read(), Err(Refusal::invalid("/esaw/injury", "not_an_esaw_code")));
    }

    proptest! {
        #[test]
        fn a_longer_absence_never_counts_fewer_days(start in 0_i32..300, length in 0_i32..300, more in 0_i32..100) {
            let accident = date(2026, 1, 1);
            let from = accident.checked_add(start.days()).unwrap();
            let to = |days: i32| from.checked_add(days.days()).unwrap();
            let of = |days| raw(vec![away(from, Some(to(days)))]).read().unwrap().days_lost(accident, date(2030, 1, 1), None);
            prop_assert!(of(length + more) >= of(length));
        }
    }
}
