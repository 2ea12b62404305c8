//! WORDS FOR PEOPLE, in three languages: the Fluent files beside this one, compiled in, and how to ask for one of them.
//! No rule and no layout lives here.

mod dates;
mod plain;

use std::sync::LazyLock;

pub use dates::{date_time, span};
pub use fluent_bundle::FluentValue as Value;
use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};
pub use plain::{isolate, isolate_within, one_line};

use crate::domain::locale::Locale;

type Bundle = FluentBundle<FluentResource>;

macro_rules! files {
    ($tag:literal) => {
        [
            include_str!(concat!($tag, "/words.ftl")),
            include_str!(concat!($tag, "/mail.ftl")),
            include_str!(concat!($tag, "/page.ftl")),
            include_str!(concat!($tag, "/problems.ftl")),
        ]
    };
}

const AR: [&str; 4] = files!("ar");
const FR: [&str; 4] = files!("fr");
const EN: [&str; 4] = files!("en");

static ARABIC: LazyLock<Bundle> = LazyLock::new(|| bundle(Locale::Ar, AR));
static FRENCH: LazyLock<Bundle> = LazyLock::new(|| bundle(Locale::Fr, FR));
static ENGLISH: LazyLock<Bundle> = LazyLock::new(|| bundle(Locale::En, EN));

/// The text of that key. A key this language lacks is read in English, and a key nobody has is shown as it is.
pub fn text(locale: Locale, key: &str) -> String {
    text_with(locale, key, &[])
}

/// The text of that key with values put in; numbers choose among the plural forms of the language.
pub fn text_with(locale: Locale, key: &str, values: &[(&str, Value<'_>)]) -> String {
    let args: FluentArgs<'_> = values.iter().map(|(name, value)| (*name, value.clone())).collect();
    formatted(locale, key, &args).or_else(|| formatted(Locale::En, key, &args)).unwrap_or_else(|| key.to_owned())
}

fn formatted(locale: Locale, key: &str, args: &FluentArgs<'_>) -> Option<String> {
    let bundle: &Bundle = match locale {
        Locale::Ar => &ARABIC,
        Locale::Fr => &FRENCH,
        Locale::En => &ENGLISH,
    };
    let pattern = bundle.get_message(key)?.value()?;
    // What goes wrong here is a value the caller forgot: its name is then shown in its place, and the tests below see it.
    Some(bundle.format_pattern(pattern, Some(args), &mut Vec::new()).into_owned())
}

/// A file that does not read well is taken as far as it goes: the tests below let none in.
fn bundle(locale: Locale, files: [&str; 4]) -> Bundle {
    let mut bundle = Bundle::new_concurrent(vec![locale.tag().parse().unwrap_or_default()]);
    // Isolating every value would put invisible characters into every text; `isolate_within` does it where it is needed.
    bundle.set_use_isolating(false);
    for file in files {
        let resource = FluentResource::try_new(file.to_owned()).unwrap_or_else(|(resource, _)| resource);
        let _ = bundle.add_resource(resource);
    }
    bundle
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    /// Each key with the variables its text uses.
    fn keys(files: [&str; 4]) -> BTreeMap<String, BTreeSet<String>> {
        let mut keys: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut key = String::new();
        for line in files.into_iter().flat_map(str::lines).filter(|line| !line.starts_with('#')) {
            if let Some((name, _)) = line.split_once(" =").filter(|_| line.starts_with(|c: char| c.is_ascii_lowercase())) {
                key = name.to_owned();
                assert!(keys.insert(key.clone(), BTreeSet::new()).is_none(), "{key} is written twice");
            }
            for part in line.split('$').skip(1) {
                let variable = part.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap();
                keys.get_mut(&key).unwrap().insert(variable.to_owned());
            }
        }
        keys
    }

    #[test]
    fn all_languages_have_the_same_keys_with_the_same_variables() {
        assert!(keys(EN).len() > 20);
        assert_eq!(keys(EN), keys(FR));
        assert_eq!(keys(EN), keys(AR));
    }

    #[test]
    fn every_file_reads_without_an_error_and_every_text_formats_for_every_number() {
        for (locale, files) in [(Locale::Ar, AR), (Locale::Fr, FR), (Locale::En, EN)] {
            let mut bundle = Bundle::new_concurrent(vec![locale.tag().parse().unwrap()]);
            for file in files {
                bundle.add_resource(FluentResource::try_new(file.to_owned()).unwrap()).unwrap();
            }
            for (key, variables) in keys(files) {
                for number in [0, 1, 2, 3, 11, 100] {
                    let args: FluentArgs<'_> = variables.iter().map(|name| (name.as_str(), number)).collect();
                    let mut errors = Vec::new();
                    let message = bundle.get_message(&key).unwrap();
                    let text = bundle.format_pattern(message.value().unwrap(), Some(&args), &mut errors);
                    assert!(errors.is_empty() && !text.is_empty() && !text.contains('{'), "{locale} {key}: {text} {errors:?}");
                }
            }
        }
    }

    #[test]
    fn arabic_counts_in_six_forms() {
        let days = |count: i64| text_with(Locale::Ar, "span-days", &[("count", count.into())]);
        let forms: BTreeSet<String> =
            [0, 1, 2, 3, 11, 100].into_iter().map(|count| days(count).replace(&count.to_string(), "#")).collect();
        assert_eq!(forms.len(), 6, "{forms:?}");
        assert_eq!(days(3), "3 أيام");
    }

    #[test]
    fn a_key_nobody_has_is_shown_as_it_is() {
        assert_eq!(text(Locale::Ar, "no-such-key"), "no-such-key");
    }
}
