//! A rendered letter becomes a MIME message: headers, plain text first, the page last. Whatever a name holds, every header
//! stays one header.

use std::time::{Duration, SystemTime};

use lettre::{
    Address, Message,
    address::Envelope,
    message::{
        Mailbox, MultiPart, SinglePart,
        header::{HeaderName, HeaderValue},
    },
};

use super::{Letter, MailError, Rendered, calendar::calendar};
use crate::texts::one_line;

const NAME_MOST: usize = 70;

/// Puts the rendered letter into an envelope to its one reader. The same letter gives the same bytes each time.
pub fn message(letter: &Letter, rendered: Rendered, from: &Mailbox, reply_to: Option<&Mailbox>) -> Result<Message, MailError> {
    let to = recipient(letter)?;
    let thread = format!("<{}@{}>", token(&letter.thread), from.email.domain());
    // The envelope is said outright: read back from the headers, an odd name could lose its address.
    let envelope = Envelope::new(Some(from.email.clone()), vec![to.email.clone()])?;
    let mut builder = Message::builder()
        .envelope(envelope)
        .date(SystemTime::UNIX_EPOCH + Duration::from_secs(letter.at.seconds().unsigned_abs()))
        .message_id(Some(rendered.message_id))
        .in_reply_to(thread.clone())
        .references(thread)
        .raw_header(plain_header(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated"))
        .raw_header(plain_header(HeaderName::new_from_ascii_str("X-Auto-Response-Suppress"), "All"))
        .from(from.clone())
        .to(to)
        .subject(one_line_keeping_isolates(&rendered.subject));
    if let Some(reply_to) = reply_to {
        builder = builder.reply_to(reply_to.clone());
    }
    // `=_` never occurs in quoted-printable or base64 text, so no line of a part can be taken for the boundary; and neither
    // boundary begins with the other, as a line is compared with a boundary's length alone (RFC 2046 section 5.1.1).
    let boundary = |whole: &str| format!("=_{whole}{}", letter.id.0.simple());
    let parts = MultiPart::alternative()
        .boundary(boundary(""))
        .singlepart(SinglePart::plain(newlines_only(&rendered.text)))
        .singlepart(SinglePart::html(newlines_only(&rendered.html)));
    let Some(calendar) = calendar(letter, &from.email)? else { return Ok(builder.multipart(parts)?) };
    Ok(builder.multipart(MultiPart::mixed().boundary(boundary("m")).multipart(parts).singlepart(calendar))?)
}

/// The reader's mailbox: a plain ASCII address, and a name that is one short line without the signs addresses are made of.
fn recipient(letter: &Letter) -> Result<Mailbox, MailError> {
    let address: Address = letter.to.address.parse().map_err(|_| MailError::Recipient)?;
    if !letter.to.address.is_ascii() {
        return Err(MailError::Recipient);
    }
    let harmless: String = letter.to.name.chars().map(|c| if "<>\"\\".contains(c) { ' ' } else { c }).collect();
    let name = Some(one_line(&harmless, NAME_MOST)).filter(|name| !name.is_empty());
    Ok(Mailbox::new(name, address))
}

fn plain_header(name: HeaderName, value: &str) -> HeaderValue {
    HeaderValue::new(name, value.to_owned())
}

/// The isolates in a subject are ours; control characters would be nobody's.
fn one_line_keeping_isolates(subject: &str) -> String {
    subject.chars().filter(|c| !c.is_control()).collect()
}

/// Lone carriage returns could end a line for one server and not for the next (SMTP smuggling); lettre passes them on.
fn newlines_only(body: &str) -> String {
    body.replace("\r\n", "\n").replace('\r', "\n")
}

/// What may stand on the left of a message id (RFC 5322 dot-atom, the common part of it).
fn token(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).take(100).collect()
}

/// Whether that is a plain e-mail address a relay would take: no quoted name, no bare network address.
pub fn is_mailbox(text: &str) -> bool {
    text.parse::<Address>().is_ok_and(|address| !address.domain().starts_with('[') && !address.user().starts_with('"'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::locale::Locale,
        mail::{LetterKind, calendar, examples, render},
    };

    fn built(letter: &Letter) -> String {
        let rendered = render(letter, "salama.example.org").unwrap();
        let from = "Salama <salama@example.org>".parse().unwrap();
        let reply_to = "Safety desk <safety@example.org>".parse().unwrap();
        String::from_utf8(message(letter, rendered, &from, Some(&reply_to)).unwrap().formatted()).unwrap()
    }

    fn headers(mail: &str) -> &str {
        mail.split_once("\r\n\r\n").unwrap().0
    }

    #[test]
    fn every_kind_of_letter_in_every_language_is_as_approved() {
        let kinds = LetterKind::ALL.into_iter().map(Some).chain([None]);
        for (kind, locale) in kinds.flat_map(|kind| Locale::ALL.map(|locale| (kind, locale))) {
            let letter = examples::letter(kind, locale);
            let rendered = render(&letter, "salama.example.org").unwrap();
            let mail = built(&letter);
            let calendar = calendar::tests::file(&letter).unwrap_or_default();
            let whole = format!("{}\n\n{}\n\n{}\n{}\n{calendar}", headers(&mail), rendered.subject, rendered.text, rendered.html);
            insta::assert_snapshot!(format!("{}-{locale}", letter.code()), whole.replace('\r', ""));
        }
    }

    #[test]
    fn the_headers_of_a_hostile_name_are_one_clean_header_each() {
        let names = [
            "a\r\nBcc: x@example.org",
            "\n",
            "a\0b",
            "\"",
            "a\"b\\",
            "<x@y>",
            "a, b; c: d",
            "\u{202e}evil\u{2066}",
            "(comment",
            "=?utf-8?q?x?=",
            "🦺👷🏽‍♀️ Ana",
            "فاطمة الزهراء",
            "",
            " ",
            "\u{2028}",
            "a@b",
        ];
        let long = ["é".repeat(10_240), "a b ".repeat(2_560), "\"\\".repeat(5_120)];
        let expected = headers(&built(&examples::letter(None, Locale::En))).replace("\r\n ", " ").lines().count();
        for name in names.into_iter().chain(long.iter().map(String::as_str)) {
            let mut letter = examples::letter(None, Locale::En);
            name.clone_into(&mut letter.to.name);
            let mail = built(&letter);
            let unfolded = headers(&mail).replace("\r\n ", " ");
            assert_eq!(unfolded.lines().count(), expected, "{name:?}: {unfolded}");
            let to: Vec<_> = unfolded.lines().filter(|line| line.starts_with("To: ")).collect();
            assert!(to.len() == 1 && to[0].ends_with("k.berrada@example.org>") || to == ["To: k.berrada@example.org"], "{to:?}");
            assert!(unfolded.is_ascii() && !unfolded.contains("Bcc") && !unfolded.contains('\0'), "{unfolded}");
        }
    }

    #[test]
    fn lines_are_short_and_end_with_crlf_only() {
        for locale in Locale::ALL {
            let mut letter = examples::letter(Some(LetterKind::Escalation), locale);
            examples::matter_of(&mut letter).case.site = "a\r.\r\n.\r\nb\n.\n".repeat(20);
            let mail = built(&letter);
            assert!(mail.split("\r\n").all(|line| line.len() <= 998 && !line.contains(['\r', '\n'])));
            assert!(!mail.contains("\r\n.\r\n"));
        }
    }

    #[test]
    fn a_repeat_has_the_same_bytes() {
        let letter = examples::letter(Some(LetterKind::Escalation), Locale::Ar);
        assert_eq!(built(&letter), built(&letter));
    }

    #[test]
    fn an_address_that_is_none_is_refused_without_a_panic() {
        for address in ["", "a", "a@b, c@d", "a@b\r\nRCPT TO:<x@y>", "<a@b>", "é@example.org", "a@b@c", "a\0@example.org"] {
            let mut letter = examples::letter(None, Locale::En);
            address.clone_into(&mut letter.to.address);
            assert!(matches!(recipient(&letter), Err(MailError::Recipient)), "{address:?}");
        }
    }
}
