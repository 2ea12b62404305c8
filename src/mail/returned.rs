//! A mail that came to our address is read: a delivery status (RFC 3464) about one of our own mails, or none of our
//! business. What it proves and what follows is decided elsewhere; nothing that comes in is ever answered (RFC 3834).

use std::panic::catch_unwind;

use mail_parser::{Message, MessageParser, MimeHeaders as _, PartType};

use crate::domain::ids::NoticeId;

/// What a relay or mailbox says about a mail of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Returned {
    /// The notice whose mail it says it is about.
    pub notice: NoticeId,
    /// The seal that shows that it has had that mail.
    pub seal: String,
    /// It gave up; otherwise it says that it is still trying.
    pub failed: bool,
    /// The address will not do tomorrow either: a status of class 5 (RFC 3463).
    pub permanent: bool,
    /// The status, such as `5.1.1`.
    pub status: String,
    /// The addresses it is about, in small letters.
    pub recipients: Vec<String>,
}

/// Reads one mail; none when it is no delivery status about a mail of ours. Never panics on what is in it.
pub fn returned(bytes: &[u8]) -> Option<Returned> {
    catch_unwind(|| read(bytes)).ok().flatten()
}

fn read(bytes: &[u8]) -> Option<Returned> {
    let mail = MessageParser::default().parse(bytes)?;
    let kind = mail.content_type()?;
    let is_report = kind.ctype().eq_ignore_ascii_case("multipart")
        && kind.subtype().is_some_and(|subtype| subtype.eq_ignore_ascii_case("report"))
        && kind.attribute("report-type").is_some_and(|report| report.eq_ignore_ascii_case("delivery-status"));
    if !is_report {
        return None;
    }
    let (notice, seal) = mail.parts.iter().filter_map(original_id).find_map(|id| ours(&id))?;
    let status = mail.parts.iter().find(|part| is_of(part, "message", "delivery-status"))?;
    let text = String::from_utf8_lossy(status.contents()).replace("\r\n", "\n");
    let fields = |group: &str, name: &str| field(group, name);
    let groups: Vec<&str> = text.split("\n\n").filter(|group| fields(group, "Action").is_some()).collect();
    let says = |word: &str| {
        groups.iter().find(|group| fields(group, "Action").is_some_and(|action| action.eq_ignore_ascii_case(word))).copied()
    };
    let (failed, group) = says("failed").map(|group| (true, group)).or_else(|| says("delayed").map(|group| (false, group)))?;
    let code = fields(group, "Status").map(|status| status_code(&status)).unwrap_or_default();
    let recipients = ["Original-Recipient", "Final-Recipient"].into_iter().filter_map(|name| fields(group, name));
    let recipients = recipients.filter_map(|recipient| Some(recipient.rsplit_once(';')?.1.trim().to_lowercase()));
    Some(Returned { notice, seal, failed, permanent: code.starts_with('5'), recipients: recipients.collect(), status: code })
}

fn is_of(part: &mail_parser::MessagePart<'_>, kind: &str, subtype: &str) -> bool {
    part.content_type().is_some_and(|content| {
        content.ctype().eq_ignore_ascii_case(kind) && content.subtype().is_some_and(|sub| sub.eq_ignore_ascii_case(subtype))
    })
}

/// The Message-ID of the mail that is given back, whole or as its headers alone.
fn original_id(part: &mail_parser::MessagePart<'_>) -> Option<String> {
    match &part.body {
        PartType::Message(original) => original.message_id().map(str::to_owned),
        _ if is_of(part, "text", "rfc822-headers") => {
            MessageParser::default().parse(part.contents()).as_ref().and_then(Message::message_id).map(str::to_owned)
        }
        _ => None,
    }
}

/// The notice and the seal of a Message-ID as we write it.
fn ours(id: &str) -> Option<(NoticeId, String)> {
    let (local, _) = id.trim_matches(['<', '>']).split_once('@')?;
    let (notice, seal) = local.split_once('.')?;
    Some((notice.parse().ok()?, seal.to_owned()))
}

/// The value of a field of a group, unfolded.
fn field(group: &str, name: &str) -> Option<String> {
    let headers = format!("{}\n\n", group.trim_start_matches('\n'));
    let headers = MessageParser::default().parse(headers.as_bytes())?;
    headers.header_raw(name.to_owned()).map(|value| value.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Digits and dots alone, so that nothing else can come in with it.
fn status_code(status: &str) -> String {
    status.chars().take_while(|c| c.is_ascii_digit() || *c == '.').take(9).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ID: &str = "0193a5e0-0000-7000-8000-00000000002a";

    /// As Postfix writes it.
    fn status(action: &str, status: &str, original: &str) -> String {
        format!(
            "From: MAILER-DAEMON@relay.example\r\nTo: salama@salama.example\r\nSubject: Undelivered Mail\r\nMIME-Version: 1.0\r\n\
             Auto-Submitted: auto-replied\r\nContent-Type: multipart/report; report-type=delivery-status;\r\n boundary=\"b\"\r\n\r\n\
             --b\r\nContent-Type: text/plain\r\n\r\nI'm sorry.\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n\
             Reporting-MTA: dns; relay.example\r\n\r\nFinal-Recipient: rfc822; Khadija@Example.org\r\n\
             Original-Recipient: rfc822;khadija@example.org\r\nAction: {action}\r\nStatus: {status}\r\n\
             Diagnostic-Code: smtp; 550 5.1.1 <khadija@example.org>:\r\n no such user\r\n\r\n--b\r\n{original}\r\n--b--\r\n"
        )
    }

    fn whole() -> String {
        format!("Content-Type: message/rfc822\r\n\r\nMessage-ID: <{ID}.5ea1@salama.example>\r\nSubject: x\r\n\r\nText\r\n")
    }

    #[test]
    fn a_failed_mail_is_known_by_its_id_and_seal_given_back_whole_or_as_headers() {
        let headers =
            format!("Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{ID}.5ea1@salama.example>\r\nSubject: x\r\n");
        for original in [whole(), headers] {
            let read = returned(status("failed", "5.1.1", &original).as_bytes()).unwrap();
            assert_eq!((read.notice.to_string().as_str(), read.seal.as_str(), read.status.as_str()), (ID, "5ea1", "5.1.1"));
            assert!(read.failed && read.permanent);
            assert_eq!(read.recipients, ["khadija@example.org", "khadija@example.org"]);
        }
    }

    #[test]
    fn what_is_late_has_not_failed_and_giving_up_after_days_says_nothing_of_the_address() {
        let read = |action: &str, code: &str| returned(status(action, code, &whole()).as_bytes()).unwrap();
        let late = read("delayed", "4.4.1");
        assert!(!late.failed && !late.permanent);
        let given_up = read("failed", "4.4.7");
        assert!(given_up.failed && !given_up.permanent);
        assert_eq!(returned(status("delivered", "2.0.0", &whole()).as_bytes()), None);
    }

    #[test]
    fn auto_replies_newsletters_and_other_reports_are_none_of_our_business() {
        let vacation = "From: a@example.org\r\nAuto-Submitted: auto-replied\r\nSubject: Out of office\r\n\r\nBack on Monday.\r\n";
        let read_receipt = status("failed", "5.1.1", &whole()).replace("delivery-status;", "disposition-notification;");
        let of_others = status("failed", "5.1.1", &whole().replace(ID, "CAF=12345"));
        let without_original = status("failed", "5.1.1", "Content-Type: text/plain\r\n\r\nnothing\r\n");
        for mail in [vacation, &read_receipt, &of_others, &without_original, "", "\0\u{feff}", &"a: b\r\n".repeat(10_000)] {
            assert_eq!(returned(mail.as_bytes()), None, "{mail:.100}");
        }
    }

    #[test]
    fn nothing_but_digits_and_dots_comes_in_with_a_status() {
        let read = returned(status("failed", "5.1.1<script>khadija@example.org", &whole()).as_bytes()).unwrap();
        assert_eq!(read.status, "5.1.1");
    }

    proptest! {
        #[test]
        fn hostile_bytes_never_panic(at in 0_usize..900, bytes in proptest::collection::vec(any::<u8>(), 0..60), depth in 0_usize..40) {
            let mut mail = status("failed", "5.1.1", &whole()).into_bytes();
            let at = at.min(mail.len());
            mail.splice(at..at, bytes);
            let nested = "Content-Type: message/rfc822\r\n\r\n".repeat(depth);
            let mut deep = nested.into_bytes();
            deep.extend(&mail);
            let _ = (returned(&mail), returned(&deep));
        }
    }
}
