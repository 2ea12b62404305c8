//! What people say about a report besides moving it on: comments, questions to its sender, and the reasons of moves. Who
//! may say something is in `access`.

use sha2::{Digest as _, Sha256};

use super::{
    ids::{CommentId, MemberId, ReportId},
    prose::{LONG, prose},
    refusal::Refusal,
    report::Report,
    time::Instant,
    words::words,
};

words! {
    /// What was said, and on which occasion.
    pub enum CommentKind {
        /// Whatever somebody wanted to say.
        Comment = "comment",
        /// A question to the sender.
        Question = "question",
        /// Why the report was handed to another officer.
        Transfer = "transfer",
        /// Why it was taken up again.
        Reopening = "reopening",
        /// Why a high potential is to be lowered, or less is given than the screen proposes.
        DownRating = "down_rating",
        /// Why it is held, or let go.
        Hold = "hold",
    }
}

/// Something said about a report. It is never changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// Made by the client; by the server for the reasons of moves.
    pub id: CommentId,
    /// About which report.
    pub report: ReportId,
    /// Who said it; none where that is an anonymous sender.
    pub author: Option<MemberId>,
    /// On which occasion.
    pub kind: CommentKind,
    /// What was said; at most 4000 characters.
    pub text: String,
    /// The report's sender may read it.
    pub for_reporter: bool,
    /// When.
    pub at: Instant,
}

impl Comment {
    /// Something somebody wants to say.
    pub fn said(
        id: CommentId,
        report: ReportId,
        author: Option<MemberId>,
        text: &str,
        for_reporter: bool,
        at: Instant,
    ) -> Result<Self, Refusal> {
        let text = prose("/text", text, LONG)?;
        Ok(Self { id, report, author, kind: CommentKind::Comment, text, for_reporter, at })
    }

    /// SHA-256 of what was said, as its sender can make it too: of the JSON array of text and whether the sender may read it.
    pub fn content_sha256(&self) -> [u8; 32] {
        Sha256::digest(serde_json::to_vec(&(&self.text, self.for_reporter)).unwrap_or_default()).into()
    }

    /// The same words of the same person, said again.
    pub fn repeats(&self, known: &Self) -> bool {
        let Self { id, report, author, kind, text, for_reporter, at: _ } = self;
        (id, report, author, kind, text, for_reporter)
            == (&known.id, &known.report, &known.author, &known.kind, &known.text, &known.for_reporter)
    }

    /// Whether the report's sender said it.
    pub fn is_by_the_reporter(&self, report: &Report) -> bool {
        report.reporter == self.author
    }

    /// Who said it; none where that is an anonymous sender, or somebody who is forgotten.
    pub fn known_author(&self) -> Option<MemberId> {
        self.author.filter(|author| !author.0.is_nil())
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::report::tests::report;

    #[test]
    fn saying_it_again_is_the_same() {
        let who = |n| MemberId(Uuid::from_u128(n));
        let said = |author| {
            let id = CommentId(Uuid::from_u128(5));
            Comment::said(id, report(2).id, Some(author), " It smelt of chlorine ", false, Instant::from_ms(0)).unwrap()
        };
        assert!(said(who(1)).repeats(&Comment { at: Instant::from_ms(9), ..said(who(1)) }));
        assert!(!said(who(1)).repeats(&said(who(2))));
        assert_eq!((said(who(1)).known_author(), said(who(0)).known_author()), (Some(who(1)), None));
    }
}
