//! The page behind the link in a mail: the letter's own facts, under a button, thanks or nothing. What a link may do is
//! decided elsewhere; the wording is in `texts`, the layout in `templates/page`.

use minijinja::context;

use super::{
    Letter, MailError,
    render::{NAME_MOST, context, frame, template},
};
use crate::{
    domain::{ids::MemberId, locale::Locale, time::Instant},
    texts::{date_time, one_line, span},
};

/// What the reader of a link can still do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Press the button, which keeps the ladder quiet for so many milliseconds, or hand the action on.
    Asks {
        /// How long.
        pause_ms: i64,
        /// To whom it can be handed on, if the reader owns it.
        heirs: Vec<Heir>,
    },
    /// Only read.
    Tells,
    /// Nothing more: they pressed it just now.
    Answered {
        /// Until when the ladder is quiet.
        until: Instant,
    },
    /// Nothing more: they handed the action on just now.
    HandedOn {
        /// The name of whoever owns it from now on.
        to: String,
    },
}

/// A colleague an action can be handed on to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heir {
    /// Who.
    pub id: MemberId,
    /// Their name.
    pub name: String,
}

/// The page of a letter in its own language, as HTML of a few kilobytes that loads nothing.
pub fn page(letter: &Letter, standing: &Standing) -> Result<String, MailError> {
    let (mut pause, mut until, mut heir, mut colleagues) = (None, None, None, vec![]);
    match standing {
        Standing::Asks { pause_ms, heirs } => {
            pause = Some(span(letter.locale, *pause_ms));
            let shown = |heir: &Heir| context! { id => heir.id.to_string(), name => one_line(&heir.name, NAME_MOST) };
            colleagues = heirs.iter().map(shown).collect();
        }
        Standing::Tells => {}
        Standing::Answered { until: at } => until = Some(date_time(letter.locale, *at, &letter.zone)),
        Standing::HandedOn { to } => heir = Some(one_line(to, NAME_MOST)),
    }
    Ok(template("page/notice.html")?.render(context! { pause, until, heir, colleagues, ..context(letter) })?)
}

/// A page that only says why there is nothing to see.
pub fn calm_page(locale: Locale, headline: &str, text: &str) -> Result<String, MailError> {
    Ok(template("page/calm.html")?.render(context! { headline, text, ..frame(locale) })?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::{
        LetterKind,
        examples::{letter, matter_of},
    };

    fn asks() -> Standing {
        let heir = |n, name: &str| Heir { id: MemberId(uuid::Uuid::from_u128(n)), name: name.into() };
        Standing::Asks {
            pause_ms: 86_400_000, heirs: vec![heir(1, "Salma Idrissi"), heir(2, "فاطمة الزهراء بناني")]
        }
    }

    #[test]
    fn the_page_of_an_escalation_is_as_approved_in_every_language() {
        for locale in Locale::ALL {
            let html = page(&letter(Some(LetterKind::Escalation), locale), &asks()).unwrap();
            insta::assert_snapshot!(format!("asks-{locale}"), html);
        }
    }

    #[test]
    fn only_a_page_that_asks_has_a_button_and_a_second_one_where_it_can_be_handed_on() {
        let letter = letter(Some(LetterKind::Escalation), Locale::Fr);
        let until = letter.at.plus_ms(86_400_000);
        let buttons = |standing: &Standing| page(&letter, standing).unwrap().matches("<button").count();
        let alone = Standing::Asks { pause_ms: 1, heirs: vec![] };
        let handed_on = Standing::HandedOn { to: "Salma".into() };
        assert_eq!((buttons(&asks()), buttons(&alone)), (2, 1));
        assert_eq!((buttons(&Standing::Tells), buttons(&Standing::Answered { until }), buttons(&handed_on)), (0, 0, 0));
        assert!(page(&letter, &handed_on).unwrap().contains("Salma réalise désormais"));
        let thanks = page(&letter, &Standing::Answered { until }).unwrap();
        assert!(thanks.contains("24 novembre 2026 à 09:12"), "{thanks}");
        assert!(!calm_page(Locale::Fr, "a", "b").unwrap().contains("<button"));
    }

    #[test]
    fn a_page_is_small_loads_nothing_and_runs_nothing() {
        for (kind, locale) in LetterKind::ALL.into_iter().flat_map(|kind| Locale::ALL.map(|locale| (kind, locale))) {
            let html = page(&letter(Some(kind), locale), &asks()).unwrap();
            assert!(html.len() < 15_000, "{} bytes", html.len());
            for foreign in ["://", "<script", "<link", "<img", "src=", "href=", "url(", "style=", "@import"] {
                assert!(!html.contains(foreign), "{kind:?} {locale} {foreign}");
            }
        }
    }

    #[test]
    fn markup_in_any_name_is_shown_as_text() {
        let evil = "<script>alert(1)</script>\"'";
        let mut letter = letter(Some(LetterKind::Escalation), Locale::En);
        let matter = matter_of(&mut letter);
        for label in [&mut matter.case.category, &mut matter.case.site, &mut matter.case.number] {
            evil.clone_into(label);
        }
        evil.clone_into(&mut matter.told.first_mut().unwrap().who.name);
        evil.clone_into(&mut matter.next.as_mut().unwrap().people.first_mut().unwrap().name);
        let heirs = vec![Heir { id: MemberId(uuid::Uuid::nil()), name: evil.into() }];
        let html = page(&letter, &Standing::Asks { pause_ms: 1, heirs }).unwrap() + &calm_page(Locale::En, evil, evil).unwrap();
        assert!(!html.contains("<script") && html.matches("&lt;script&gt;").count() > 5, "{html}");
    }

    #[test]
    fn arabic_runs_right_to_left() {
        for html in [page(&letter(Some(LetterKind::Overdue), Locale::Ar), &asks()), calm_page(Locale::Ar, "ا", "ب")] {
            assert!(html.unwrap().contains(r#"<html lang="ar" dir="rtl">"#));
        }
    }
}
