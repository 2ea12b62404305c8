//! Which versions of the app are still spoken with.

use std::{fmt, str::FromStr};

/// A version of the app, such as `2.4.1`: compared number by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct AppVersion {
    major: u32,
    minor: u32,
    patch: u32,
}

/// The text is no version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no version such as 2.4.1")]
pub struct NoVersion(String);

impl FromStr for AppVersion {
    type Err = NoVersion;

    /// What follows a hyphen or a plus, such as the number of a build, makes no difference.
    fn from_str(text: &str) -> Result<Self, NoVersion> {
        let core = text.split(['-', '+']).next().unwrap_or_default();
        let mut numbers = core.split('.').map(|n| n.parse().map_err(|_| NoVersion(text.to_owned())));
        let mut next = || numbers.next().unwrap_or_else(|| Err(NoVersion(text.to_owned())));
        let version = Self { major: next()?, minor: next()?, patch: next()? };
        if numbers.next().is_some() { Err(NoVersion(text.to_owned())) } else { Ok(version) }
    }
}

impl fmt::Display for AppVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// Whether an app that says this of itself is too old. One that says nothing, or nothing that can be read, is not.
pub fn is_too_old(said: Option<&str>, minimum: Option<AppVersion>) -> bool {
    let said = said.and_then(|said| said.trim().parse::<AppVersion>().ok());
    said.zip(minimum).is_some_and(|(said, minimum)| said < minimum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_number_by_number() {
        let minimum = Some("2.10.0".parse().unwrap());
        for (said, old) in [("2.9.99", true), ("2.10.0", false), ("2.10.0-rc1+7", false), ("10.0.0", false), ("1.99.0", true)] {
            assert_eq!(is_too_old(Some(said), minimum), old, "{said}");
            assert!(!is_too_old(Some(said), None));
        }
        for said in
            [None, Some(""), Some("2"), Some("2.1"), Some("2.1.x"), Some("2.1.0.0"), Some("-1.0.0"), Some("99999999999.0.0")]
        {
            assert!(!is_too_old(said, minimum), "{said:?}");
        }
        assert_eq!("2.4.1+300".parse::<AppVersion>().unwrap().to_string(), "2.4.1");
    }
}
