//! The matrix of severity and likelihood, a versioned document of the organisation. Most matrices in use contradict
//! themselves somewhere, so one that does is refused.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::{
    organisation::{Label, Organisation, Versioned},
    refusal::{FieldErrors, Refusal},
    words::words,
};

words! {
    /// How much a risk weighs, the least first.
    pub enum Band {
        /// Kept in view.
        Low = "low",
        /// Reduced as the occasion arises.
        Medium = "medium",
        /// Reduced with priority.
        High = "high",
        /// Not borne at all.
        Extreme = "extreme",
    }
}

/// The document: what each step of severity and likelihood means, and the band of each pair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Matrix {
    /// The name of each band.
    pub bands: BTreeMap<Band, Label>,
    /// Severities 1 to 5.
    pub severities: Vec<Level>,
    /// Likelihoods 1 to 5.
    pub likelihoods: Vec<Label>,
    /// For each severity from 1 to 5, the bands at likelihoods 1 to 5.
    pub cells: Vec<Vec<Band>>,
}

/// What one severity means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// Its name.
    pub name: Label,
    /// For people.
    pub people: Label,
    /// For the environment.
    pub environment: Label,
    /// For those who are supplied.
    pub service: Label,
}

/// Where a rating stands in the matrix. Reports are ranked by potential severity first, and by score second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Risk {
    /// How likely it is to happen again, 1 to 5.
    pub likelihood: u8,
    /// Potential severity times likelihood.
    pub score: u8,
    /// The band of the pair.
    pub band: Band,
    /// The version of the matrix that said so.
    pub matrix_version: u32,
}

impl Organisation {
    /// Where a potential severity with that likelihood stands in the matrix in force; `pointer` is where the likelihood was
    /// said.
    pub fn risk(&self, potential: u8, likelihood: u8, pointer: &'static str) -> Result<Risk, Refusal> {
        let matrix = self.matrix.as_ref().ok_or_else(|| Refusal::invalid(pointer, "no_matrix"))?;
        matrix.risk(potential, likelihood).ok_or_else(|| Refusal::invalid(pointer, "not_one_to_five"))
    }
}

impl Versioned<Matrix> {
    /// None outside 1 to 5.
    fn risk(&self, potential: u8, likelihood: u8) -> Option<Risk> {
        let at = |step: u8| usize::from(step).checked_sub(1);
        let band = *self.body.cells.get(at(potential)?)?.get(at(likelihood)?)?;
        Some(Risk { likelihood, score: potential * likelihood, band, matrix_version: self.version })
    }
}

impl Matrix {
    /// Refuses a matrix that is not whole, in which more severity or likelihood ever weighs less, or in which the worst that
    /// can happen is anywhere below high.
    pub fn check(&self) -> Result<(), Refusal> {
        let mut errors = FieldErrors::default();
        let rows = self.cells.iter().map(Vec::len);
        for (pointer, steps) in [("/severities", self.severities.len()), ("/likelihoods", self.likelihoods.len())] {
            if steps != 5 {
                errors.add(pointer, "not_five");
            }
        }
        if self.cells.len() != 5 || rows.into_iter().any(|steps| steps != 5) {
            errors.add("/cells", "not_five");
        }
        for band in Band::ALL.iter().filter(|band| !self.bands.contains_key(*band)) {
            errors.add(format!("/bands/{band}"), "missing");
        }
        for (pointer, _) in self.labels().filter(|(_, label)| !label.is_whole()) {
            errors.add(pointer, "lacks_a_language");
        }
        for (severity, row) in self.cells.iter().enumerate() {
            for (likelihood, band) in row.iter().enumerate() {
                let (below, before) = (severity.checked_sub(1), likelihood.checked_sub(1));
                let neighbours = [below.and_then(|n| self.cells.get(n)?.get(likelihood)), before.and_then(|n| row.get(n))];
                if neighbours.into_iter().flatten().any(|lesser| lesser > band) {
                    errors.add(format!("/cells/{severity}/{likelihood}"), "not_monotone");
                }
                if severity == 4 && *band < Band::High {
                    errors.add(format!("/cells/{severity}/{likelihood}"), "worst_below_high");
                }
            }
        }
        errors.none()
    }

    /// Every text of it, with its place.
    pub fn labels(&self) -> impl Iterator<Item = (String, &Label)> {
        let bands = self.bands.iter().map(|(band, label)| (format!("/bands/{band}"), label));
        let likelihoods = self.likelihoods.iter().enumerate().map(|(n, label)| (format!("/likelihoods/{n}"), label));
        let severities = self.severities.iter().enumerate().flat_map(|(n, level)| {
            let Level { name, people, environment, service } = level;
            [("name", name), ("people", people), ("environment", environment), ("service", service)]
                .map(|(part, label)| (format!("/severities/{n}/{part}"), label))
        });
        bands.chain(likelihoods).chain(severities)
    }
}

#[cfg(test)]
pub(in crate::domain) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::organisation::tests::label;

    pub fn matrix() -> Matrix {
        use Band::{Extreme, High, Low, Medium};
        let level = || Level { name: label("x"), people: label("x"), environment: label("x"), service: label("x") };
        Matrix {
            bands: Band::ALL.iter().map(|band| (*band, label(band.word()))).collect(),
            severities: vec![level(), level(), level(), level(), level()],
            likelihoods: vec![label("x"); 5],
            cells: vec![
                vec![Low, Low, Low, Low, Medium],
                vec![Low, Low, Medium, Medium, High],
                vec![Low, Medium, Medium, High, Extreme],
                vec![Low, Medium, High, Extreme, Extreme],
                vec![High, High, Extreme, Extreme, Extreme],
            ],
        }
    }

    fn pointers(matrix: &Matrix) -> Vec<(String, &'static str)> {
        match matrix.check() {
            Ok(()) => vec![],
            Err(Refusal::Invalid(errors)) => errors.into_iter().map(|error| (error.pointer.into_owned(), error.code)).collect(),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn a_rating_stands_where_its_row_and_column_meet() {
        let matrix = Versioned { version: 7, body: matrix() };
        let risk = matrix.risk(4, 3).unwrap();
        assert_eq!((risk.score, risk.band, risk.matrix_version), (12, Band::High, 7));
        assert_eq!(matrix.risk(5, 1).unwrap().band, Band::High, "the worst is never below high");
        assert_eq!((matrix.risk(0, 1), matrix.risk(1, 6)), (None, None));
    }

    #[test]
    fn a_matrix_with_holes_is_refused_where_they_are() {
        let mut broken = matrix();
        broken.severities.pop();
        broken.likelihoods.push(label("x"));
        broken.cells[2].pop();
        broken.bands.remove(&Band::High);
        broken.severities[0].people.ar = " ".into();
        let wrong = pointers(&broken);
        for expected in [
            ("/severities", "not_five"),
            ("/likelihoods", "not_five"),
            ("/cells", "not_five"),
            ("/bands/high", "missing"),
            ("/severities/0/people", "lacks_a_language"),
        ] {
            assert!(
                wrong.iter().any(|(pointer, code)| (pointer.as_str(), *code) == expected),
                "{expected:?} is not in {wrong:?}"
            );
        }
    }

    #[test]
    fn what_contradicts_itself_is_named_cell_by_cell() {
        let mut dented = matrix();
        dented.cells[3][2] = Band::Low;
        assert_eq!(pointers(&dented), [("/cells/3/2".to_owned(), "not_monotone")]);
        let mut mild = matrix();
        mild.cells[4][0] = Band::Medium;
        assert_eq!(pointers(&mild), [("/cells/4/0".to_owned(), "worst_below_high")]);
    }

    /// Every cell raised to the highest of all that are no worse than it, and the last row to high.
    fn mended(cells: &[Vec<Band>]) -> Vec<Vec<Band>> {
        let highest = |s: usize, l: usize| cells[..=s].iter().flat_map(|row| &row[..=l]).max().copied().unwrap();
        let mended = |s, l| if s == 4 { highest(s, l).max(Band::High) } else { highest(s, l) };
        (0..5).map(|s| (0..5).map(|l| mended(s, l)).collect()).collect()
    }

    /// Any matrix without a contradiction, and then one cell of it as it may be.
    fn nearly_good() -> impl Strategy<Value = Vec<Vec<Band>>> {
        let any = prop::collection::vec(prop::collection::vec(prop::sample::select(Band::ALL), 5), 5);
        (any, 0..5_usize, 0..5_usize, prop::sample::select(Band::ALL)).prop_map(|(cells, s, l, band)| {
            let mut cells = mended(&cells);
            cells[s][l] = band;
            cells
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn exactly_what_never_weighs_more_less_is_accepted(cells in nearly_good()) {
            let accepted = Matrix { cells: cells.clone(), ..matrix() }.check().is_ok();
            prop_assert_eq!(accepted, mended(&cells) == cells);
        }
    }
}
