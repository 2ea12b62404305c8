//! A due date for the reader's calendar: the few lines of RFC 5545 that takes, and no text that a person wrote. The crates
//! that could write them bring a second library of dates with them.

use lettre::{
    Address,
    message::{Attachment, SinglePart, header::ContentType},
};

use super::{Entry, Letter, MailError, Matter};
use crate::{
    domain::time::Instant,
    texts::{isolate_within, one_line, text, text_with},
};

/// The longest line, in octets and without its end (RFC 5545 3.1).
const LINE_MOST: usize = 75;

/// The part of a mail that puts the due date into the reader's calendar, moves it there, or takes it away.
pub(super) fn calendar(letter: &Letter, from: &Address) -> Result<Option<SinglePart>, MailError> {
    let Some((matter, entry)) = letter.matter().and_then(|matter| Some((matter, matter.entry?))) else {
        return Ok(None);
    };
    let kind = ContentType::parse(&format!("text/calendar; method={}; charset=utf-8", method(entry)));
    let kind = kind.map_err(|_| MailError::Calendar)?;
    let lines = lines(letter, matter, entry, from);
    let file: String = lines.iter().map(|line| folded(line)).collect();
    Ok(Some(Attachment::new("due.ics".to_owned()).body(file.into_bytes(), kind)))
}

/// Published, not requested: nobody is asked whether they come (RFC 5546 3.2.1 and 3.2.5).
const fn method(entry: Entry) -> &'static str {
    if entry.over { "CANCEL" } else { "PUBLISH" }
}

fn lines(letter: &Letter, matter: &Matter, entry: Entry, from: &Address) -> Vec<String> {
    let words = text(letter.locale, if entry.over { "mail-entry-over" } else { "mail-entry-due" });
    let action = matter.action.map(|ordinal| text_with(letter.locale, "mail-action", &[("ordinal", ordinal.into())]));
    let number = isolate_within(letter.locale, &one_line(&matter.case.number, 20));
    let summary = [Some(number), Some(words), action].into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let status = if entry.over { "CANCELLED" } else { "CONFIRMED" };
    vec![
        "BEGIN:VCALENDAR".to_owned(),
        "VERSION:2.0".to_owned(),
        "PRODID:-//Salama//Salama//EN".to_owned(),
        format!("METHOD:{}", method(entry)),
        "BEGIN:VEVENT".to_owned(),
        format!("UID:action-{}@{}", entry.action, from.domain()),
        format!("SEQUENCE:{}", entry.sequence),
        format!("DTSTAMP:{}", basic(letter.at)),
        format!("DTSTART:{}", basic(entry.due_at)),
        format!("ORGANIZER:mailto:{from}"),
        format!("SUMMARY:{}", escaped(&summary)),
        format!("STATUS:{status}"),
        "TRANSP:TRANSPARENT".to_owned(),
        "END:VEVENT".to_owned(),
        "END:VCALENDAR".to_owned(),
    ]
}

/// An instant in UTC as calendars write it, such as `20261124T090000Z` (RFC 5545 3.3.5): no zone can be read wrongly.
fn basic(at: Instant) -> String {
    let whole = Instant::from_ms(at.ms().div_euclid(1000) * 1000).to_string();
    whole.chars().filter(|c| !matches!(c, '-' | ':')).collect()
}

/// Text as a value (RFC 5545 3.3.11).
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => escaped.extend(['\\', c]),
            '\n' => escaped.push_str("\\n"),
            c if c.is_control() => {}
            c => escaped.push(c),
        }
    }
    escaped
}

/// A line with its end, cut where it is too long, and never within a character (RFC 5545 3.1).
fn folded(line: &str) -> String {
    let mut folded = String::with_capacity(line.len() + 2);
    let mut octets = 0;
    for c in line.chars() {
        if octets + c.len_utf8() > LINE_MOST {
            folded.push_str("\r\n ");
            octets = 1;
        }
        folded.push(c);
        octets += c.len_utf8();
    }
    folded.push_str("\r\n");
    folded
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        domain::locale::Locale,
        mail::{LetterKind, examples},
    };

    /// The file of a letter, if it has one.
    pub fn file(letter: &Letter) -> Option<String> {
        let part = calendar(letter, &"salama@salama.example.org".parse().unwrap()).unwrap()?;
        let mail = mail_parser::MessageParser::default().parse(&part.formatted()).unwrap().into_owned();
        Some(String::from_utf8(mail.parts[0].contents().to_vec()).unwrap())
    }

    #[test]
    fn an_assignment_enters_its_due_date_and_an_end_takes_the_same_entry_away() {
        let entered = file(&examples::letter(Some(LetterKind::ActionAssigned), Locale::En)).unwrap();
        for line in [
            "METHOD:PUBLISH",
            "UID:action-0193a5e0-2222-7000-8000-000000000002@salama.example.org",
            "SEQUENCE:3",
            "DTSTAMP:20261123T091200Z",
            "DTSTART:20261125T111200Z",
            "SUMMARY:R-2026-00042 · Corrective action due · action 2",
            "STATUS:CONFIRMED",
        ] {
            assert!(entered.lines().any(|found| found == line), "{line}: {entered}");
        }
        for kind in [LetterKind::ActionVerified, LetterKind::ActionCancelled, LetterKind::ActionReassigned] {
            let taken = file(&examples::letter(Some(kind), Locale::Ar)).unwrap();
            assert!(taken.contains("METHOD:CANCEL\r\n") && taken.contains("STATUS:CANCELLED\r\n"), "{taken}");
            assert_eq!(taken.lines().find(|line| line.starts_with("UID")), entered.lines().find(|line| line.starts_with("UID")));
        }
        assert_eq!(file(&examples::letter(Some(LetterKind::Reminder), Locale::En)), None);
    }

    #[test]
    fn an_instant_is_written_in_whole_seconds_of_utc() {
        assert_eq!(basic("2026-03-22T01:59:59.999Z".parse().unwrap()), "20260322T015959Z");
    }

    proptest! {
        #[test]
        fn no_text_breaks_out_of_its_line_and_unfolded_it_reads_as_it_was(text in "\\PC{0,200}|[\\\\;,\r\n\\x00-\\x1f é·ا]{0,200}") {
            let line = format!("SUMMARY:{}", escaped(&text));
            let written = folded(&line);
            prop_assert!(written.ends_with("\r\n"));
            for (n, part) in written.trim_end_matches("\r\n").split("\r\n").enumerate() {
                prop_assert!(part.len() <= LINE_MOST && (n == 0 || part.starts_with(' ')), "{part:?}");
                prop_assert!(!part.contains(['\r', '\n']));
            }
            prop_assert_eq!(written.trim_end_matches("\r\n").replace("\r\n ", ""), line);
        }
    }
}
