//! Every refusal, every wrong field, every guard, every duty and every kind of report has its words in three languages,
//! and no words are kept for what no longer is. Codes are found by reading the source as text.

use std::{collections::BTreeSet, fs, path::Path};

use salama::{
    domain::{
        action::{ActionKind, ActionState, Control},
        audience::Role,
        calendar::ConcernKind,
        deadline::DeadlineKind,
        locale::Locale,
        obligation::ProofKind,
        report::{Aspect, CauseKind, Confidentiality, ReceivingBody, ReportKind, ReportState, Service},
        routing::Condition,
    },
    texts,
};

/// Calls whose code names a wrong field. A new helper that is given such a code belongs here.
const FIELD_CALLS: &[&str] = &[".add(", "invalid(", "word(", "refused("];

#[test]
fn every_code_has_its_text_in_every_language_and_every_text_its_code() {
    let used = keys_of_the_source();
    assert!(used.len() > 90, "only {used:?} were found");
    for locale in Locale::ALL {
        let written = keys_of(locale, "problems");
        let (without_text, without_code): (Vec<_>, Vec<_>) =
            (used.difference(&written).collect(), written.difference(&used).collect());
        assert!(without_text.is_empty(), "{locale}: codes without a text: {without_text:?}");
        assert!(without_code.is_empty(), "{locale}: texts no code uses: {without_code:?}");
        assert!(used.iter().all(|key| texts::text(locale, key) != *key), "{locale}");
    }
}

#[test]
fn every_duty_kind_condition_and_concern_has_its_words_in_every_language() {
    let duties = DeadlineKind::ALL.iter().map(|kind| key("duty", kind.word(), ""));
    let kinds = ReportKind::ALL.iter().map(|kind| key("kind", kind.word(), ""));
    let conditions = Condition::ALL.iter().map(|condition| key("route", condition.word(), ""));
    let concerns = ConcernKind::ALL.iter().map(|concern| key("calendar", concern.word(), ""));
    let wanted: BTreeSet<String> = duties.chain(kinds).chain(conditions).chain(concerns).collect();
    for locale in Locale::ALL {
        let nameless: Vec<_> = wanted.difference(&keys_of(locale, "words")).cloned().collect();
        assert!(nameless.is_empty(), "{locale}: {nameless:?}");
    }
}

#[test]
fn a_text_that_lists_the_words_to_write_lists_all_of_them() {
    let lists: [(&str, Vec<&str>); 13] = [
        ("role", Role::ALL.iter().map(|word| word.word()).collect()),
        ("kind", ReportKind::ALL.iter().map(|word| word.word()).collect()),
        ("aspect", Aspect::ALL.iter().map(|word| word.word()).collect()),
        ("confidentiality", Confidentiality::ALL.iter().map(|word| word.word()).collect()),
        ("language", Locale::ALL.iter().map(|locale| locale.tag()).collect()),
        ("cause-kind", CauseKind::ALL.iter().map(|word| word.word()).collect()),
        ("action-kind", ActionKind::ALL.iter().map(|word| word.word()).collect()),
        ("proof", ProofKind::ALL.iter().map(|word| word.word()).collect()),
        ("receiving-body", ReceivingBody::ALL.iter().map(|word| word.word()).collect()),
        ("service", Service::ALL.iter().map(|word| word.word()).collect()),
        ("control", Control::ALL.iter().map(|word| word.word()).collect()),
        ("state", ReportState::ALL.iter().map(|word| word.word()).collect()),
        ("state", ActionState::ALL.iter().map(|word| word.word()).collect()),
    ];
    for (name, words) in lists {
        for locale in Locale::ALL {
            let text = texts::text(locale, &format!("field-unknown-{name}"));
            let listed: Vec<&str> = text.split(|c: char| !c.is_ascii_lowercase() && c != '_').collect();
            assert!(words.iter().all(|word| listed.contains(word)), "{locale} {name}: {text}");
        }
    }
}

fn key(family: &str, code: &str, part: &str) -> String {
    format!("{family}-{}{part}", code.replace('_', "-"))
}

fn keys_of(locale: Locale, file: &str) -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("src/texts/{locale}/{file}.ftl"));
    let text = fs::read_to_string(path).unwrap();
    let messages = text.lines().filter(|line| line.starts_with(|first: char| first.is_ascii_lowercase()));
    messages.map(|line| line.split(" =").next().unwrap().to_owned()).collect()
}

fn keys_of_the_source() -> BTreeSet<String> {
    let (mut fields, mut missing, mut problems) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.extend((!path.ends_with("tests")).then_some(path));
            } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
                let whole = fs::read_to_string(&path).unwrap();
                let text = whole.split("#[cfg(test)]").next().unwrap();
                fields.extend(FIELD_CALLS.iter().flat_map(|call| codes_in(text, call)));
                problems.extend(["Conflict(", "Gone(", "TooMuch("].iter().flat_map(|call| codes_in(text, call)));
                missing.extend(codes_in(text, "not_ready("));
                let guards = ["fn missing_to_close(", "fn missing_to_complete("];
                missing.extend(guards.iter().filter_map(|guard| text.split_once(guard)).flat_map(|(_, body)| {
                    let end = body.find("\n    }\n").unwrap();
                    codes(&body[..end])
                }));
                if path.ends_with("http/error.rs") {
                    problems.extend(codes_in(text, "new("));
                    problems.extend(text.split("=> \"").skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned));
                }
            }
        }
    }
    let titles = problems.iter().map(|code| key("problem", code, "-title"));
    let details = problems.iter().map(|code| key("problem", code, "-detail"));
    let fields = fields.iter().map(|code| key("field", code, ""));
    titles.chain(details).chain(fields).chain(missing.iter().map(|code| key("missing", code, ""))).collect()
}

/// The codes between the brackets of every such call, however deep.
fn codes_in(text: &str, call: &str) -> BTreeSet<String> {
    let continues_a_name = |at: usize| text[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_');
    let calls = text.match_indices(call).filter(|(at, _)| call.starts_with('.') || !continues_a_name(*at));
    calls.flat_map(|(at, _)| codes(within_brackets(&text[at + call.len()..]))).collect()
}

/// Up to the bracket that closes the call; brackets in literals do not count.
fn within_brackets(rest: &str) -> &str {
    let (mut depth, mut in_literal) = (1, false);
    let end = rest.find(|c| {
        in_literal ^= c == '"';
        depth += i32::from(c == '(' && !in_literal) - i32::from(c == ')' && !in_literal);
        depth == 0
    });
    &rest[..end.unwrap_or(rest.len())]
}

/// The string literals that are codes: lower-case letters, digits and low lines.
fn codes(text: &str) -> BTreeSet<String> {
    let is_code =
        |literal: &&str| !literal.is_empty() && literal.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    text.split('"').skip(1).step_by(2).filter(is_code).map(str::to_owned).collect()
}
