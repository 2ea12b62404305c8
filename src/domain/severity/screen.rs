//! The serious-injury screen: four questions, seven classes (EEI Safety Classification and Learning model). It proposes the
//! potential severity; whoever rates may differ and says why.

use crate::domain::{organisation::Category, words::words};

words! {
    /// What the answers make of an event.
    pub enum SclClass {
        /// High energy did a serious injury.
        Hsif = "hsif",
        /// High energy met somebody without a control that was meant for it: only luck prevented a serious injury.
        Psif = "psif",
        /// High energy was released, and a direct control held.
        Capacity = "capacity",
        /// High energy is there without a direct control; nothing has happened yet.
        Exposure = "exposure",
        /// High energy is there and a direct control with it: worth sharing.
        Success = "success",
        /// A serious injury without high energy.
        Lsif = "lsif",
        /// Neither high energy nor a serious injury.
        LowSeverity = "low_severity",
    }
}

impl SclClass {
    /// The potential severities it stands for, the lowest and the highest; none where nothing is wrong.
    const fn potentials(self) -> Option<(u8, u8)> {
        match self {
            Self::Hsif | Self::Psif | Self::Lsif => Some((5, 5)),
            Self::Exposure => Some((4, 4)),
            Self::Capacity => Some((3, 3)),
            Self::LowSeverity => Some((1, 2)),
            Self::Success => None,
        }
    }
}

/// The four questions as they were answered. Two of them are asked only where the others leave it open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answers {
    /// High energy is present; the category says when absent.
    pub high_energy: Option<bool>,
    /// It was released or touched somebody: something happened.
    pub incident: bool,
    /// Somebody was seriously injured.
    pub serious_injury: Option<bool>,
    /// A control meant for that energy was in place and held, even if somebody made a mistake.
    pub direct_control: Option<bool>,
}

/// The screen as it stands with a rating.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Screened {
    /// High energy is present.
    pub high_energy: bool,
    /// Something happened.
    pub incident: bool,
    /// Somebody was seriously injured, where that was asked.
    pub serious_injury: Option<bool>,
    /// A direct control held, where that was asked.
    pub direct_control: Option<bool>,
    /// What they make of it; none where there is neither high energy nor an incident.
    pub class: Option<SclClass>,
}

impl Answers {
    /// What they make of an event of that category, or the name of the question that must be answered first.
    pub fn screened(self, category: Option<&Category>) -> Result<Screened, &'static str> {
        let high_energy = self.high_energy.unwrap_or_else(|| category.is_some_and(|category| category.high_energy));
        let Self { incident, serious_injury, direct_control, .. } = self;
        let class = match (high_energy, incident, serious_injury, direct_control) {
            (true, true, Some(true), _) => Some(SclClass::Hsif),
            (true, true, Some(false), Some(false)) => Some(SclClass::Psif),
            (true, true, Some(false), Some(true)) => Some(SclClass::Capacity),
            (true, false, _, Some(false)) => Some(SclClass::Exposure),
            (true, false, _, Some(true)) => Some(SclClass::Success),
            (false, true, Some(true), _) => Some(SclClass::Lsif),
            (false, true, Some(false), _) => Some(SclClass::LowSeverity),
            (false, false, _, _) => None,
            (_, true, None, _) => return Err("serious_injury"),
            (true, _, _, None) => return Err("direct_control"),
        };
        Ok(Screened { high_energy, incident, serious_injury, direct_control, class })
    }
}

impl Screened {
    /// The potential severity it proposes, 1 to 5.
    pub fn proposed(self) -> Option<u8> {
        self.class.and_then(SclClass::potentials).map(|(_, highest)| highest)
    }

    /// Whether that potential is lower than any it stands for, so that a reason is owed.
    pub fn is_above(self, potential: u8) -> bool {
        self.class.and_then(SclClass::potentials).is_some_and(|(lowest, _)| potential < lowest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const YES: Option<bool> = Some(true);
    const NO: Option<bool> = Some(false);

    fn class(
        high_energy: bool,
        incident: bool,
        serious: Option<bool>,
        control: Option<bool>,
    ) -> Result<Option<SclClass>, &'static str> {
        let answers = Answers { high_energy: Some(high_energy), incident, serious_injury: serious, direct_control: control };
        answers.screened(None).map(|screened| screened.class)
    }

    #[test]
    fn the_seven_classes_are_those_of_the_table_and_what_it_does_not_ask_changes_nothing() {
        for any in [None, YES, NO] {
            assert_eq!(class(true, true, YES, any), Ok(Some(SclClass::Hsif)));
            assert_eq!(class(true, false, any, NO), Ok(Some(SclClass::Exposure)));
            assert_eq!(class(true, false, any, YES), Ok(Some(SclClass::Success)));
            assert_eq!(class(false, true, YES, any), Ok(Some(SclClass::Lsif)));
            assert_eq!(class(false, true, NO, any), Ok(Some(SclClass::LowSeverity)));
            assert_eq!(class(false, false, any, any), Ok(None));
        }
        assert_eq!(class(true, true, NO, NO), Ok(Some(SclClass::Psif)));
        assert_eq!(class(true, true, NO, YES), Ok(Some(SclClass::Capacity)));
    }

    #[test]
    fn a_question_that_decides_must_be_answered() {
        assert_eq!(class(true, true, None, NO), Err("serious_injury"));
        assert_eq!(class(false, true, None, None), Err("serious_injury"));
        assert_eq!(class(true, true, NO, None), Err("direct_control"));
        assert_eq!(class(true, false, YES, None), Err("direct_control"));
    }

    #[test]
    fn each_class_proposes_what_the_table_says_and_only_less_than_that_owes_a_reason() {
        let of = |class| Screened { high_energy: true, incident: true, serious_injury: YES, direct_control: None, class };
        let proposed = SclClass::ALL.iter().map(|class| of(Some(*class)).proposed());
        assert_eq!(proposed.collect::<Vec<_>>(), [Some(5), Some(5), Some(3), Some(4), None, Some(5), Some(2)]);
        assert!(of(Some(SclClass::Psif)).is_above(4) && !of(Some(SclClass::Psif)).is_above(5));
        assert!(!of(Some(SclClass::LowSeverity)).is_above(1), "one and two are both of low severity");
        assert!(!of(Some(SclClass::Success)).is_above(1) && !of(None).is_above(1));
    }
}
