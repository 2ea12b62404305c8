//! Somebody before one report, and what of it they may read. It decides by the table in `parts`, and knows no rule besides
//! that one's own words are one's own.

use serde_json::Value;

use super::{
    Actor,
    parts::{Part, Tie},
};
use crate::domain::{
    action::Action,
    comment::{Comment, CommentKind},
    ids::MemberId,
    inquiry::Inquiry,
    journal::Link,
    notice::NoticeKind,
    refusal::Refusal,
    report::Report,
    time::Instant,
};

/// Somebody before a report that they may see. Whatever is not said of how they are tied to it is not so.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    actor: Actor<'a>,
    report: &'a Report,
    works: bool,
    in_team: bool,
    now: Option<Instant>,
}

impl<'a> Actor<'a> {
    /// The member before a report that they may see.
    pub const fn before(&self, report: &'a Report) -> Reader<'a> {
        Reader { actor: *self, report, works: false, in_team: false, now: None }
    }
}

impl Reader<'_> {
    /// Knowing the report's actions.
    #[must_use]
    pub fn with_actions(self, actions: &[Action]) -> Self {
        let member = self.actor.member;
        Self { works: actions.iter().any(|action| action.owner == member || action.verifier == member), ..self }
    }

    /// Knowing its last inquiry.
    #[must_use]
    pub fn with_inquiry(self, inquiry: Option<&Inquiry>) -> Self {
        Self { in_team: inquiry.is_some_and(|inquiry| inquiry.has(self.actor.member)), ..self }
    }

    /// Knowing what time it is: what was opened is open for a time.
    #[must_use]
    pub fn at(self, now: Instant) -> Self {
        Self { now: Some(now), ..self }
    }

    /// Whether they may read that part of it.
    pub fn may(&self, part: Part) -> bool {
        let readers = part.readers(self.report.confidentiality);
        let named = readers.ties.iter().any(|tie| self.is_tied(*tie)) || self.actor.is_among(&readers, self.report.site);
        named && (!readers.opened || self.has_opened())
    }

    /// Refuses a part of it that they may not read.
    pub fn must(&self, part: Part) -> Result<(), Refusal> {
        if self.may(part) { Ok(()) } else { Err(Refusal::MayNot(part.word())) }
    }

    /// Whether they may read a comment: those meant for its sender are part of the report, one's own words one's own, and
    /// why it is held is for those who may know that it is.
    pub fn may_read(&self, comment: &Comment) -> bool {
        let part = if comment.kind == CommentKind::Hold { Part::Hold } else { Part::Comments };
        comment.for_reporter || comment.author == Some(self.actor.member) || self.may(part)
    }

    /// Whether they may read an entry of its history: what shows a part is for that part's readers.
    pub fn may_read_entry(&self, entry: &Link) -> bool {
        let is_their_own = entry.subject == "comment" && entry.actor == Some(self.actor.member);
        is_their_own || shows(entry).is_none_or(|part| self.may(part))
    }

    /// Whether they may know that it was this person who did something to it: everybody may be named but its sender.
    pub fn may_know(&self, person: MemberId) -> bool {
        self.report.reporter != Some(person) || self.may(Part::Sender)
    }

    /// Whether they may know that this field of it was written: what shows a part is for that part's readers.
    pub fn may_know_field(&self, field: &str) -> bool {
        match field {
            "duplicate_of" | "recurrence_of" | "recurred_as" => self.may(Part::OtherReports),
            "unsealings" => self.may(Part::Unsealings),
            _ => true,
        }
    }

    fn is_tied(&self, tie: Tie) -> bool {
        let sent = self.report.reporter == Some(self.actor.member);
        match tie {
            Tie::Sender => sent,
            Tie::Worker => self.works && !sent,
            Tie::Team => self.in_team,
            // Whoever may see it without a role takes part in it.
            Tie::Other => true,
        }
    }

    /// One of the two who opened the identity, who might open it still.
    fn has_opened(&self) -> bool {
        let might = Part::Identity.readers(self.report.confidentiality);
        let is_open = |now| self.report.is_unsealed_for(self.actor.member, now);
        self.actor.is_among(&might, self.report.site) && self.actor.stands_apart(self.report) && self.now.is_some_and(is_open)
    }
}

/// Whether the sender of a report reads a comment on it, when they come back by their secret.
pub fn sender_reads(comment: &Comment, report: &Report) -> bool {
    comment.for_reporter || comment.is_by_the_reporter(report)
}

/// The part of a report that an entry of its history shows, besides the report.
fn shows(entry: &Link) -> Option<Part> {
    let facts: Value = serde_json::from_str(&entry.facts).unwrap_or_default();
    let kind = facts["kind"].as_str();
    if entry.facts.contains("obligation") {
        return Some(Part::Filings);
    }
    match (entry.subject.as_str(), entry.verb.as_str()) {
        ("report", "marked_duplicate") => Some(Part::OtherReports),
        ("report", "reopened") if !facts["as"].is_null() => Some(Part::OtherReports),
        ("report", "unsealing_asked" | "unsealed" | "identity_read") => Some(Part::Unsealings),
        ("report", "held" | "let_go") => Some(Part::Hold),
        ("comment", _) if kind == Some(CommentKind::Hold.word()) => Some(Part::Hold),
        ("comment", _) if facts["for_reporter"] == false => Some(Part::Comments),
        ("notice", _) if kind.and_then(NoticeKind::of_word).is_some_and(NoticeKind::is_for_the_sender) => {
            Some(Part::SenderNotices)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::{
        audience::Role,
        ids::CommentId,
        organisation::tests::{member, organisation, person, site},
        report::{Confidentiality, tests::report},
    };

    #[test]
    fn a_protected_sender_is_named_to_nobody_else_and_reads_their_own_words() {
        let house = organisation(vec![person(1, None, &[]), person(2, None, &[(Role::Officer, 1)])]);
        let open = Report { site: site(4), reporter: Some(member(1)), ..report(2) };
        let sealed = Report { confidentiality: Confidentiality::Confidential, ..open.clone() };
        let knows = |n, report, who| Actor { member: member(n), organisation: &house }.before(report).may_know(member(who));
        assert_eq!([knows(2, &open, 1), knows(2, &sealed, 1), knows(1, &sealed, 1)], [true, false, true]);
        assert!(knows(2, &sealed, 3), "whoever handles it is known");
        let id = CommentId(Uuid::from_u128(5));
        let said = |author| Comment::said(id, sealed.id, Some(member(author)), "Words", false, Instant::from_ms(0)).unwrap();
        let reads = |n, author| Actor { member: member(n), organisation: &house }.before(&sealed).may_read(&said(author));
        assert_eq!([reads(1, 1), reads(1, 2), reads(2, 1), reads(2, 2)], [true, false, true, true]);
    }

    #[test]
    fn a_list_shows_the_reports_that_can_be_read_one_by_one() {
        for role in Role::ALL {
            let house = organisation(vec![person(1, None, &[(*role, 2)])]);
            let actor = Actor { member: member(1), organisation: &house };
            let listed = actor.sites_to_read();
            for n in 1..5 {
                let report = Report { site: site(n), ..report(2) };
                let is_listed = listed.as_ref().is_none_or(|sites| sites.contains(&site(n)));
                assert_eq!(actor.must_see(&report, false).is_ok(), is_listed, "{role} at {n}");
                assert_eq!(actor.must_see(&report, true), Ok(()), "whoever takes part sees it");
            }
        }
    }
}
