//! What changed of a record since somebody last read it, so that a refused command says whether others did something beside it
//! or the same. Which fields a record has is said beside it; which of them a command is about, beside the commands.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// At which version each field of a record was last written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Touched {
    /// Of versions before this one nothing is known.
    from: i64,
    /// The version it was kept up to.
    upto: i64,
    fields: BTreeMap<String, i64>,
}

impl Touched {
    /// Nothing is known of how the record came to that version.
    pub const fn unknown_before(version: i64) -> Self {
        Self { from: version, upto: version, fields: BTreeMap::new() }
    }

    /// What was kept, if it is of that version: whoever wrote the record without keeping it left it unknown.
    pub fn at(version: i64, kept: Option<Self>) -> Self {
        kept.filter(|kept| kept.upto == version).unwrap_or(Self::unknown_before(version))
    }

    /// The same after the next writing, which changes these fields.
    #[must_use]
    pub fn and(&self, fields: &[&str]) -> Self {
        let mut next = self.clone();
        next.upto += 1;
        next.fields.extend(fields.iter().map(|field| ((*field).to_owned(), next.upto)));
        next
    }

    /// The fields written since that version; none where that cannot be said.
    pub fn since(&self, version: i64) -> Option<Vec<&str>> {
        let later = self.fields.iter().filter(|(_, at)| **at > version).map(|(field, _)| field.as_str());
        (self.from..=self.upto).contains(&version).then(|| later.collect())
    }

    /// Whether a command about these fields, given over that version, meets what others did since. What cannot be said is a
    /// conflict: somebody must look.
    pub fn conflicts(&self, version: i64, about: &[&str]) -> bool {
        self.since(version).is_none_or(|changed| changed.iter().any(|field| about.contains(field)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn others_did_something_beside_it_or_the_same() {
        let touched = Touched::unknown_before(2).and(&["officer_id", "state"]).and(&["causes"]);
        assert_eq!(touched.since(2), Some(vec!["causes", "officer_id", "state"]));
        assert_eq!(touched.since(3), Some(vec!["causes"]));
        assert_eq!(touched.since(4), Some(vec![]));
        assert!(!touched.conflicts(3, &["officer_id"]) && touched.conflicts(2, &["officer_id"]));
    }

    #[test]
    fn what_cannot_be_said_is_a_conflict() {
        let touched = Touched::unknown_before(5).and(&["causes"]);
        for version in [4, 7] {
            assert_eq!(touched.since(version), None);
            assert!(touched.conflicts(version, &[]));
        }
        let written_by_others = Touched::at(7, Some(touched.clone()));
        assert_eq!((written_by_others.since(5), written_by_others.since(7)), (None, Some(vec![])));
        assert_eq!(Touched::at(6, Some(touched.clone())), touched);
    }

    proptest! {
        #[test]
        fn a_field_is_told_to_whoever_read_before_its_last_writing(
            writings in proptest::collection::vec(proptest::collection::btree_set(0..6_usize, 0..4), 0..12), read in 0..14_i64
        ) {
            const FIELDS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
            let names = |some: &std::collections::BTreeSet<usize>| some.iter().map(|n| FIELDS[*n]).collect::<Vec<_>>();
            let touched = writings.iter().fold(Touched::unknown_before(1), |touched, some| touched.and(&names(some)));
            let last = i64::try_from(writings.len()).unwrap() + 1;
            let expected = (1..=last).contains(&read).then(|| {
                let later = writings.iter().skip(usize::try_from(read - 1).unwrap()).flat_map(names);
                later.collect::<std::collections::BTreeSet<_>>().into_iter().collect::<Vec<_>>()
            });
            prop_assert_eq!(touched.since(read), expected);
            let text = serde_json::to_string(&touched).unwrap();
            prop_assert_eq!(serde_json::from_str::<Touched>(&text).unwrap(), touched);
        }
    }
}
