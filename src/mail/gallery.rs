//! Every mail and page written out as a file, in three languages, light and dark, to be looked at in a browser: what looks
//! wrong on a phone no comparison of texts finds. `MAIL_GALLERY=DIR cargo test --lib gallery -- --ignored`.

use std::{env, fs, path::PathBuf};

use super::{
    Heir, LetterKind, Standing, calm_page,
    examples::{letter, matter_of},
    page, render,
};
use crate::domain::{ids::MemberId, locale::Locale};

#[test]
#[ignore = "writes files to look at; name a folder as MAIL_GALLERY"]
fn the_gallery_is_written() {
    let folder = PathBuf::from(env::var_os("MAIL_GALLERY").expect("MAIL_GALLERY names no folder"));
    fs::create_dir_all(&folder).unwrap();
    // A browser without a screen has no dark mode to ask for: the rules that hold there are made to hold always.
    let write = |name: String, html: &str| {
        fs::write(folder.join(format!("{name}-light.html")), html).unwrap();
        let dark = html.replace("(prefers-color-scheme: dark)", "all");
        assert_ne!(dark, html, "{name} has no dark form");
        fs::write(folder.join(format!("{name}-dark.html")), dark).unwrap();
    };
    for locale in Locale::ALL {
        for kind in LetterKind::ALL.into_iter().map(Some).chain([None]) {
            let mut letter = letter(kind, locale);
            if let Some(matter) = Some(&mut letter)
                .filter(|letter| letter.matter().is_some_and(|matter| matter.kind == LetterKind::Escalation))
                .map(matter_of)
            {
                matter.in_place_of = Some("Youssef El Amrani".into());
            }
            let html = render(&letter, "salama.example.org").unwrap().html;
            write(format!("mail-{}-{locale}", letter.code()), &html);
        }
        let letter = letter(Some(LetterKind::Escalation), locale);
        let heir = |name: &str| Heir { id: MemberId(uuid::Uuid::nil()), name: name.into() };
        let until = letter.at.plus_ms(86_400_000);
        for (name, standing) in [
            (
                "asks",
                Standing::Asks {
                    pause_ms: 86_400_000, heirs: vec![heir("Salma Idrissi"), heir("فاطمة الزهراء بناني")]
                },
            ),
            ("tells", Standing::Tells),
            ("answered", Standing::Answered { until }),
            ("handed-on", Standing::HandedOn { to: "Salma Idrissi".into() }),
        ] {
            write(format!("page-{name}-{locale}"), &page(&letter, &standing).unwrap());
        }
        write(format!("page-calm-{locale}"), &calm_page(locale, "R-2026-00042", "…").unwrap());
    }
}
