//! The page behind the link in a mail: the letter's own facts, under a button, thanks or nothing. What a link may do is
//! decided elsewhere; the wording is in `texts`, the layout in `templates/page`.

use minijinja::context;

use super::{
    Letter, MailError,
    render::{context, frame, template},
};
use crate::{
    domain::{locale::Locale, time::Instant},
    texts::{date_time, span},
};

/// What the reader of a link can still do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Press the button, which keeps the ladder quiet for so many milliseconds.
    Asks {
        /// How long.
        pause_ms: i64,
    },
    /// Only read.
    Tells,
    /// Nothing more: they pressed it just now.
    Answered {
        /// Until when the ladder is quiet.
        until: Instant,
    },
}

/// The page of a letter in its own language, as HTML of a few kilobytes that loads nothing.
pub fn page(letter: &Letter, standing: Standing) -> Result<String, MailError> {
    let (pause, until) = match standing {
        Standing::Asks { pause_ms } => (Some(span(letter.locale, pause_ms)), None),
        Standing::Tells => (None, None),
        Standing::Answered { until } => (None, Some(date_time(letter.locale, until, &letter.zone))),
    };
    Ok(template("page/notice.html")?.render(context! { pause, until, ..context(letter) })?)
}

/// A page that only says why there is nothing to see.
pub fn calm_page(locale: Locale, headline: &str, text: &str) -> Result<String, MailError> {
    Ok(template("page/calm.html")?.render(context! { headline, text, ..frame(locale) })?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::{LetterKind, letter::examples::letter};

    const ASKS: Standing = Standing::Asks { pause_ms: 86_400_000 };

    #[test]
    fn the_page_of_an_escalation_is_as_approved_in_every_language() {
        for locale in Locale::ALL {
            let html = page(&letter(Some(LetterKind::Escalation), locale), ASKS).unwrap();
            insta::assert_snapshot!(format!("asks-{locale}"), html);
        }
    }

    #[test]
    fn only_a_page_that_asks_has_a_button_and_it_is_one() {
        let letter = letter(Some(LetterKind::Escalation), Locale::Fr);
        let until = letter.at.plus_ms(86_400_000);
        let buttons = |standing| page(&letter, standing).unwrap().matches("<button").count();
        assert_eq!((buttons(ASKS), buttons(Standing::Tells), buttons(Standing::Answered { until })), (1, 0, 0));
        let thanks = page(&letter, Standing::Answered { until }).unwrap();
        assert!(thanks.contains("24 novembre 2026 à 09:12"), "{thanks}");
        assert!(!calm_page(Locale::Fr, "a", "b").unwrap().contains("<button"));
    }

    #[test]
    fn a_page_is_small_loads_nothing_and_runs_nothing() {
        for (kind, locale) in LetterKind::ALL.into_iter().flat_map(|kind| Locale::ALL.map(|locale| (kind, locale))) {
            let html = page(&letter(Some(kind), locale), ASKS).unwrap();
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
        let matter = letter.matter.as_mut().unwrap();
        for label in [&mut matter.case.category, &mut matter.case.site, &mut matter.case.number] {
            evil.clone_into(label);
        }
        evil.clone_into(&mut matter.told.first_mut().unwrap().name);
        evil.clone_into(matter.next.as_mut().unwrap().names.first_mut().unwrap());
        let html = page(&letter, ASKS).unwrap() + &calm_page(Locale::En, evil, evil).unwrap();
        assert!(!html.contains("<script") && html.matches("&lt;script&gt;").count() > 5, "{html}");
    }

    #[test]
    fn arabic_runs_right_to_left() {
        for html in [page(&letter(Some(LetterKind::Overdue), Locale::Ar), ASKS), calm_page(Locale::Ar, "ا", "ب")] {
            assert!(html.unwrap().contains(r#"<html lang="ar" dir="rtl">"#));
        }
    }
}
