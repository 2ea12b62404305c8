//! The letter of a digest: what waits for a person today, by site. Like every letter it has no place for a narrative, a title,
//! an injured person or a photo.

use minijinja::{context, value::Value};

use super::Letter;
use crate::{
    domain::time::Instant,
    texts::{date_time, one_line, text},
};

/// What a digest tells.
#[derive(Debug, Clone)]
pub struct Digest {
    /// What waits, by site; the gravest first.
    pub groups: Vec<DigestGroup>,
    /// How many things wait, those that are not named included.
    pub open: usize,
    /// Of those, how many are overdue.
    pub overdue: usize,
    /// How many are not named, because the mail would be too long.
    pub more: usize,
    /// The mails the reader got in a week, and how many are enough; only where they were more.
    pub over_budget: Option<(u32, u32)>,
}

/// What waits at one site.
#[derive(Debug, Clone)]
pub struct DigestGroup {
    /// The label of the site.
    pub site: String,
    /// The lines.
    pub lines: Vec<DigestLine>,
}

/// One thing that waits.
#[derive(Debug, Clone)]
pub struct DigestLine {
    /// The report's number.
    pub number: String,
    /// 1 (negligible) to 5 (catastrophic).
    pub severity: u8,
    /// The code of what must be done; the text `duty-…` names it.
    pub duty: &'static str,
    /// The name of whoever must do it.
    pub owner: Option<String>,
    /// By when.
    pub due_at: Instant,
    /// Whether that has passed.
    pub is_overdue: bool,
}

/// What the templates are given beyond what every letter has.
pub(super) fn context(letter: &Letter, digest: &Digest) -> Value {
    let line = |line: &DigestLine| {
        context! {
            number => one_line(&line.number, 20),
            severity => line.severity.clamp(1, 5),
            duty => text(letter.locale, &format!("duty-{}", line.duty.replace('_', "-"))),
            owner => line.owner.as_ref().map(|name| one_line(name, 70)),
            due => date_time(letter.locale, line.due_at, &letter.zone),
            is_overdue => line.is_overdue,
        }
    };
    let group = |group: &DigestGroup| {
        context! { site => one_line(&group.site, 80), lines => group.lines.iter().map(line).collect::<Vec<_>>() }
    };
    context! {
        groups => digest.groups.iter().map(group).collect::<Vec<_>>(),
        open => digest.open,
        overdue => digest.overdue,
        more => digest.more,
        over_budget => digest.over_budget.map(|(mails, budget)| context! { mails, budget }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::locale::Locale,
        mail::{About, examples, render},
    };

    fn letter(locale: Locale) -> Letter {
        let plain = examples::letter(None, locale);
        let hours = |count: i64| plain.at.plus_ms(count * 3_600_000);
        let (agadir, tiznit) = match locale {
            Locale::Ar => ("محطة الضخ أكادير الشمالية", "تيزنيت"),
            _ => ("Agadir Nord", "Tiznit"),
        };
        let line = |number: &str, severity, duty, owner: &str, due: i64| DigestLine {
            number: number.into(),
            severity,
            duty,
            owner: Some(owner.into()),
            due_at: hours(due),
            is_overdue: due < 0,
        };
        let groups = vec![
            DigestGroup {
                site: agadir.into(),
                lines: vec![
                    line("R-2026-00042", 2, "complete_action", "Youssef El Amrani", -72),
                    line("R-2026-00051", 1, "triage", "فاطمة الزهراء بناني", 30),
                ],
            },
            DigestGroup { site: tiznit.into(), lines: vec![line("R-2026-00017", 2, "verify_action", "Karim Berrada", 5)] },
        ];
        Letter { about: About::Digest(Digest { groups, open: 5, overdue: 1, more: 2, over_budget: Some((14, 10)) }), ..plain }
    }

    #[test]
    fn a_digest_in_every_language_is_as_approved() {
        for locale in Locale::ALL {
            let mail = render(&letter(locale), "salama.example.org").unwrap();
            insta::assert_snapshot!(format!("digest-{locale}"), format!("{}\n\n{}\n{}", mail.subject, mail.text, mail.html));
        }
    }

    #[test]
    fn markup_in_a_digest_is_shown_as_text_and_its_only_address_is_the_link() {
        let mut letter = letter(Locale::En);
        let About::Digest(digest) = &mut letter.about else { panic!("no digest") };
        let group = digest.groups.first_mut().unwrap();
        group.site = "<script>alert(1)</script>".into();
        group.lines.first_mut().unwrap().owner = Some("<a href='javascript:x'>".into());
        let mail = render(&letter, "salama.example.org").unwrap();
        assert!(!mail.html.contains("<script") && !mail.html.contains("<a href='"), "{}", mail.html);
        assert_eq!(mail.text.matches("://").count(), 1);
        assert_eq!(mail.html.matches("<a ").count(), 1);
    }
}
