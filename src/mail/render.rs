//! A letter becomes a subject, a plain text and a page. All wording comes from `texts`, all layout from `templates/`.

use std::sync::LazyLock;

use minijinja::{
    Environment, Error, Template, UndefinedBehavior, context,
    syntax::SyntaxConfig,
    value::{Kwargs, Value, ValueKind},
};

use super::{About, Because, Colleague, Letter, MailError, Matter, digest};
use crate::{
    domain::{locale::Locale, time::Instant},
    texts::{self, date_time, isolate_within, one_line, span, text, text_with},
};

/// The longest subject, in characters: lettre does not fold longer ones.
const SUBJECT_MOST: usize = 150;
const LABEL_MOST: usize = 80;
pub(super) const NAME_MOST: usize = 70;

/// A mail before it is put into an envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// One line of at most 150 characters; begins with the case's number and severity.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The page.
    pub html: String,
    /// The fixed `Message-ID`, with its angle brackets.
    pub message_id: String,
}

macro_rules! template {
    ($name:literal) => {
        ($name, include_str!(concat!("templates/", $name)))
    };
}

const TEMPLATES: [(&str, &str); 17] = [
    template!("base.html"),
    template!("base.txt"),
    template!("duty/subject.txt"),
    template!("duty/body.txt"),
    template!("duty/body.html"),
    template!("digest/subject.txt"),
    template!("digest/body.txt"),
    template!("digest/body.html"),
    template!("account/subject.txt"),
    template!("account/body.txt"),
    template!("account/body.html"),
    template!("test/subject.txt"),
    template!("test/body.txt"),
    template!("test/body.html"),
    template!("page/base.html"),
    template!("page/notice.html"),
    template!("page/calm.html"),
];

static ENVIRONMENT: LazyLock<Result<Environment<'static>, Error>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    for (name, source) in TEMPLATES {
        environment.add_template(name, source)?;
    }
    Ok(environment)
});

/// Renders a letter in its own language. `domain` is the right side of its Message-ID. Takes about a millisecond.
pub fn render(letter: &Letter, domain: &str) -> Result<Rendered, MailError> {
    if !(letter.link.starts_with("https://") || letter.link.starts_with("http://")) {
        return Err(MailError::Link);
    }
    let folder = match &letter.about {
        About::Matter(_) => "duty",
        About::Digest(_) => "digest",
        About::Account { .. } => "account",
        About::Test => "test",
    };
    let context = context(letter);
    let rendered = |file: &str| template(&format!("{folder}/{file}"))?.render(&context);
    Ok(Rendered {
        subject: subject(&rendered("subject.txt")?),
        text: rendered("body.txt")?,
        html: rendered("body.html")?,
        message_id: format!("<{}.{}@{domain}>", letter.id, letter.seal),
    })
}

/// The template of that name; all of them are compiled in.
pub(super) fn template(name: &str) -> Result<Template<'static, 'static>, Error> {
    let environment = ENVIRONMENT.as_ref().map_err(|error| Error::new(error.kind(), "the templates do not compile"))?;
    environment.get_template(name)
}

/// The template writes one part a line, the dearest first; the last ones give way when there is no room.
fn subject(parts: &str) -> String {
    let mut subject = String::new();
    for part in parts.lines().map(str::trim).filter(|part| !part.is_empty()) {
        let separator = if subject.is_empty() { "" } else { " · " };
        if subject.chars().count() + separator.chars().count() + part.chars().count() <= SUBJECT_MOST {
            subject.push_str(separator);
            subject.push_str(part);
        }
    }
    subject
}

/// What the templates of a letter are given.
pub(super) fn context(letter: &Letter) -> Value {
    let locale = letter.locale;
    let envelope = context! {
        kind => letter.code(),
        link => one_line(&letter.link, 2000),
        sent_at => date_time(locale, letter.at, &letter.zone),
        ..frame(locale)
    };
    match &letter.about {
        About::Matter(matter) => context! { ..envelope, ..matter_context(letter, matter) },
        About::Digest(digest) => context! { ..envelope, ..digest::context(letter, digest) },
        About::Account { device, .. } => {
            context! { device => device.as_ref().map(|device| one_line(device, NAME_MOST)), ..envelope }
        }
        About::Test => envelope,
    }
}

/// What every template is given: the language, its direction and its texts.
pub(super) fn frame(locale: Locale) -> Value {
    context! {
        lang => locale.tag(),
        dir => if locale == Locale::Ar { "rtl" } else { "ltr" },
        t => Value::from_function(move |key: String, values: Kwargs| translated(locale, &key, &values)),
        iso => Value::from_function(move |value: String| isolate_within(locale, &value)),
    }
}

/// `t(key, name=value, …)` of the templates. Texts put into a sentence are isolated from it, numbers choose plural forms.
fn translated(locale: Locale, key: &str, values: &Kwargs) -> Result<String, Error> {
    let mut named: Vec<(&str, texts::Value<'_>)> = Vec::new();
    for name in values.args() {
        let value: Value = values.get(name)?;
        let value = match value.kind() {
            ValueKind::Number => i64::try_from(value)?.into(),
            _ => isolate_within(locale, &value.to_string()).into(),
        };
        named.push((name, value));
    }
    Ok(text_with(locale, key, &named))
}

fn matter_context(letter: &Letter, matter: &Matter) -> Value {
    let locale = letter.locale;
    let date = |at: Instant| date_time(locale, at, &letter.zone);
    let told =
        matter.told.iter().map(|told| context! { who => colleague(locale, &told.who), at => date(told.at), step => told.step });
    let next = matter.next.as_ref().map(|next| {
        let people = next.people.iter().map(|who| colleague(locale, who)).collect::<Vec<_>>();
        context! { people, at => date(next.at) }
    });
    context! {
        number => one_line(&matter.case.number, 20),
        severity => matter.case.potential_severity.clamp(1, 5),
        category => one_line(&matter.case.category, LABEL_MOST),
        site => (!matter.kind.is_discreet()).then(|| one_line(&matter.case.site, LABEL_MOST)),
        action => matter.action,
        duty => duty(locale, matter),
        facts => facts(letter, matter),
        told => told.collect::<Vec<_>>(),
        next => next,
        because => because(locale, matter.because),
        to_the_sender => matter.kind.is_to_the_sender(),
        in_place_of => matter.in_place_of.as_ref().map(|name| one_line(name, NAME_MOST)),
        has_entry => matter.entry.is_some_and(|entry| !entry.over),
    }
}

/// What must be done, in words.
fn duty(locale: Locale, matter: &Matter) -> Option<String> {
    matter.duty.map(|duty| text(locale, &format!("duty-{}", duty.replace('_', "-"))))
}

/// The lines of the table: a label and a value each. A discreet letter shows the number alone.
fn facts(letter: &Letter, matter: &Matter) -> Vec<Value> {
    let locale = letter.locale;
    let case = &matter.case;
    let duty = duty(locale, matter);
    let label = |label: &str| (!matter.kind.is_discreet()).then(|| one_line(label, LABEL_MOST));
    let lines = [
        ("mail-label-number", Some(one_line(&case.number, 20))),
        ("mail-label-kind", label(&case.kind)),
        ("mail-label-category", label(&case.category)),
        ("mail-label-site", label(&case.site)),
        ("mail-label-action", matter.action.map(|ordinal| text_with(locale, "mail-action", &[("ordinal", ordinal.into())]))),
        ("mail-label-duty", duty),
        ("mail-label-filing", matter.filing.as_ref().map(|filing| one_line(filing, LABEL_MOST))),
        ("mail-label-due", matter.due_at.map(|due_at| due(letter, due_at))),
    ];
    let shown = lines.into_iter().filter_map(|(label, value)| Some((label, value?)));
    shown.map(|(label, value)| context! { label => text(locale, label), value, strong => label == "mail-label-due" }).collect()
}

/// When it is due, and how far off that is from the moment of the letter.
fn due(letter: &Letter, due_at: Instant) -> String {
    let ahead_ms = due_at.since_ms(letter.at);
    let key = if ahead_ms < 0 { "mail-due-passed" } else { "mail-due-ahead" };
    let at = date_time(letter.locale, due_at, &letter.zone);
    text_with(letter.locale, key, &[("at", at.into()), ("span", span(letter.locale, ahead_ms).into())])
}

/// A colleague's name, and what they are in the case.
fn colleague(locale: Locale, who: &Colleague) -> Value {
    context! { name => one_line(&who.name, NAME_MOST), role => text(locale, &format!("mail-role-{}", who.role)) }
}

fn because(locale: Locale, because: Option<Because>) -> Option<String> {
    because.map(|because| match because {
        Because::Ladder { version, step } => {
            text_with(locale, "mail-because-ladder", &[("version", version.into()), ("step", step.into())])
        }
        Because::Obligation { version, step } => {
            text_with(locale, "mail-because-obligation", &[("version", version.into()), ("step", step.into())])
        }
        Because::Route { version } => text_with(locale, "mail-because-route", &[("version", version.into())]),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::{
        LetterKind,
        examples::{letter, matter_of},
    };

    fn rendered(letter: &Letter) -> Rendered {
        render(letter, "salama.example.org").unwrap()
    }

    #[test]
    fn subjects_begin_with_number_and_severity_and_stay_short() {
        let mut long = letter(Some(LetterKind::Escalation), Locale::En);
        let subject = rendered(&long).subject;
        assert!(subject.starts_with("R-2026-00042 · P4 · Escalation: "), "{subject}");
        let matter = matter_of(&mut long);
        matter.case.site = "Très long ".repeat(500);
        matter.case.category = "x\r\nBcc: everybody@example.org".into();
        for kind in LetterKind::ALL {
            matter_of(&mut long).kind = kind;
            let subject = rendered(&long).subject;
            assert!(subject.chars().count() <= 150 && !subject.contains(char::is_control), "{subject}");
        }
    }

    #[test]
    fn markup_in_any_label_is_shown_as_text() {
        let evil = "<script>alert(1)</script><a href='javascript:x'>";
        let mut letter = letter(Some(LetterKind::Escalation), Locale::Fr);
        let matter = matter_of(&mut letter);
        for label in [&mut matter.case.kind, &mut matter.case.category, &mut matter.case.site, &mut matter.case.number] {
            evil.clone_into(label);
        }
        evil.clone_into(&mut matter.told.first_mut().unwrap().who.name);
        evil.clone_into(&mut matter.next.as_mut().unwrap().people.first_mut().unwrap().name);
        matter.in_place_of = Some(evil.into());
        let html = rendered(&letter).html;
        assert!(!html.contains("<script") && !html.contains("<a href='") && html.contains("&lt;script&gt;"), "{html}");
        assert_eq!(html.matches("<a ").count(), 1);
    }

    #[test]
    fn arabic_runs_right_to_left_and_keeps_its_codes_in_order() {
        let Rendered { subject, text, html, .. } = rendered(&letter(Some(LetterKind::Overdue), Locale::Ar));
        assert!(html.contains(r#"<html lang="ar" dir="rtl">"#));
        assert!(html.contains(r#"<bdi dir="ltr">R-2026-00042</bdi>"#));
        assert!(subject.starts_with("\u{2066}R-2026-00042\u{2069} · \u{2066}P4\u{2069} · "), "{subject}");
        assert!(text.contains("\u{2066}Youssef El Amrani\u{2069}"));
        assert!(text.lines().any(|line| line == "https://salama.example.org/m/0193a5e0c0ffee"));
    }

    #[test]
    fn every_isolate_that_is_opened_is_closed_whatever_the_labels_hold() {
        let mut letter = letter(Some(LetterKind::Escalation), Locale::Ar);
        matter_of(&mut letter).case.site = "\u{202e}\u{2066}gadir\u{2066}".repeat(50);
        let Rendered { subject, text, html, .. } = rendered(&letter);
        for part in [subject, text, html] {
            let opened = part.matches(['\u{2066}', '\u{2067}', '\u{2068}']).count();
            assert_eq!(opened, part.matches('\u{2069}').count());
            assert!(!part.contains('\u{202e}'));
        }
    }

    #[test]
    fn the_only_address_in_a_mail_is_the_given_link() {
        for kind in LetterKind::ALL {
            let Rendered { text, html, .. } = rendered(&letter(Some(kind), Locale::En));
            for part in [text, html.replace("&#x2f;", "/")] {
                assert_eq!(part.matches("://").count(), 1, "{part}");
                assert!(!part.contains("<img") && !part.contains("src=") && !part.contains("url("));
            }
        }
        let mut letter = letter(None, Locale::En);
        letter.link = "javascript:alert(1)".into();
        assert!(matches!(render(&letter, "salama.example.org"), Err(MailError::Link)));
    }

    #[test]
    fn every_duty_has_a_name_in_every_language() {
        for duty in [
            "acknowledge",
            "make_safe",
            "triage",
            "investigate",
            "complete_action",
            "verify_action",
            "check_effectiveness",
            "file_obligation",
            "interim_measure",
        ] {
            for locale in Locale::ALL {
                let key = format!("duty-{}", duty.replace('_', "-"));
                assert_ne!(text(locale, &key), key);
            }
        }
    }
}
