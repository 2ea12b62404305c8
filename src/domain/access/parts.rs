//! Who reads what of a report: one table of the parts of its record and their readers. `reader` goes by it, a test compares
//! it with every answer of the contract, and `SECURITY.md` shows it on one page.

use crate::domain::{audience::Role, report::Confidentiality, words::words};

words! {
    /// A part of a report's record that has readers of its own.
    pub enum Part {
        /// The report itself, with its pictures, actions, clocks, corrections, clauses and history, who was told, and what
        /// was said to its sender. Whoever may not read it may not know of it, nor read anything below.
        Report = "report",
        /// Who sent it, wherever they are named: in the report and beside their own words and corrections.
        Sender = "sender",
        /// That its sender was told something.
        SenderNotices = "notices_to_the_sender",
        /// The name of a confidential sender, once two persons have opened it.
        Identity = "opened_identity",
        /// Who asked to open the identity and who agreed, when and why.
        Unsealings = "openings_of_the_identity",
        /// The photos as they came, with all that the camera wrote into them.
        Originals = "original_photos",
        /// What was found in its photos: doubts, the same picture elsewhere, what is hidden in them; and what is odd about its
        /// times. What a photo itself claims is read with the originals.
        Findings = "photo_findings",
        /// What was said among those who work on it, but for one's own words.
        Comments = "internal_comments",
        /// Which other report it is a duplicate of, shows not to have sufficed, or was taken up again for.
        OtherReports = "other_reports",
        /// Events like it.
        SimilarEvents = "similar_events",
        /// Since when it is held whatever its periods say, and why.
        Hold = "hold",
        /// What the inquiry into it found, and who signed.
        Inquiry = "inquiry",
        /// What witnesses said.
        Statements = "statements",
        /// Who was hurt and how.
        Injuries = "injuries",
        /// What the law wants filed, by when, and what was: it says that somebody was hurt.
        Filings = "legal_filings",
        /// What the record of the whole organisation says of it, unabridged.
        Record = "record_of_everything",
    }
}

words! {
    /// What ties somebody to a report, whatever their roles.
    pub enum Tie {
        /// They sent it. Nobody is tied so to an anonymous report.
        Sender = "sender",
        /// They own or verify one of its actions, and did not send it.
        Worker = "owner or verifier",
        /// They sit in its inquiry's team.
        Team = "inquiry team",
        /// They have, or had, any other part in it: they decide about more time, or sat in an earlier team.
        Other = "others with a part",
    }
}

/// Who reads a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Readers {
    /// Whoever has one of these roles at the report's site.
    pub roles: &'static [Role],
    /// Whoever has one of these roles for the whole organisation.
    pub whole: &'static [Role],
    /// Whoever is tied to the report in one of these ways.
    pub ties: &'static [Tie],
    /// Of all these only the two who opened the identity of its sender, for as long as it is open to them.
    pub opened: bool,
}

impl Readers {
    const NOBODY: Self = Self::of(&[], &[]);

    const fn of(roles: &'static [Role], ties: &'static [Tie]) -> Self {
        Self { roles, whole: &[], ties, opened: false }
    }
}

impl Part {
    /// Who reads it of a report that is kept so.
    pub const fn readers(self, kept: Confidentiality) -> Readers {
        use Confidentiality::{Anonymous, Confidential, Open};
        use Role::{Auditor, Investigator, Manager, Officer};
        const HERE: &[Role] = &[Officer, Manager, Investigator, Auditor];
        match (self, kept) {
            (Self::Report, _) | (Self::Sender | Self::SenderNotices, Open) => Readers::of(HERE, Tie::ALL),
            (Self::Sender | Self::SenderNotices, Confidential) => Readers::of(&[], &[Tie::Sender]),
            (Self::Identity, Confidential) => Readers { whole: &[Manager], opened: true, ..Readers::of(&[Investigator], &[]) },
            (Self::Unsealings, Confidential) => Readers::of(HERE, &[Tie::Sender]),
            (Self::Sender | Self::SenderNotices, Anonymous) | (Self::Identity | Self::Unsealings, Open | Anonymous) => {
                Readers::NOBODY
            }
            (Self::Originals, Confidential) => Readers { opened: true, ..Readers::of(&[Investigator, Auditor], &[]) },
            (Self::Originals, Open | Anonymous) => Readers::of(&[Investigator, Auditor], &[]),
            (Self::Comments, _) => Readers::of(HERE, &[Tie::Worker]),
            (Self::OtherReports | Self::SimilarEvents | Self::Hold | Self::Filings | Self::Findings, _) => Readers::of(HERE, &[]),
            (Self::Inquiry | Self::Statements, _) => Readers::of(&[Officer, Investigator, Auditor], &[Tie::Team]),
            (Self::Injuries, _) => Readers::of(&[Investigator], &[]),
            (Self::Record, _) => Readers { whole: &[Auditor], ..Readers::NOBODY },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_reads_a_part_of_a_report_they_may_not_know_of_and_what_a_list_shows_depends_on_roles_alone() {
        for kept in Confidentiality::ALL {
            let all = Part::Report.readers(*kept);
            assert_eq!(all, Part::Report.readers(Confidentiality::Open), "lists do not look at how a report is kept");
            assert_eq!(all.ties, Tie::ALL, "whoever takes part sees what they take part in");
            for part in Part::ALL {
                let readers = part.readers(*kept);
                for role in readers.roles.iter().chain(readers.whole) {
                    assert!(all.roles.contains(role), "{role} reads {part}");
                }
            }
        }
    }

    #[test]
    fn the_more_a_sender_is_protected_the_fewer_read() {
        let order = [Confidentiality::Open, Confidentiality::Confidential, Confidentiality::Anonymous];
        for part in [Part::Sender, Part::SenderNotices] {
            let counts = order.map(|kept| part.readers(kept)).map(|readers| readers.roles.len() + readers.ties.len());
            assert!(counts.is_sorted_by(|more, fewer| more > fewer), "{part}: {counts:?}");
        }
    }
}
