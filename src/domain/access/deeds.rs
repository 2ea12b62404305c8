//! What may be done, and the roles that allow it.

use crate::domain::{audience::Role, words::words};

words! {
    /// Something a member may or may not do at a site.
    pub enum Deed {
        /// Send a report.
        SendReport = "send_report",
        /// Ask who sent a confidential report, and agree when somebody else asks.
        Unseal = "unseal",
        /// Record that somebody was hurt.
        RecordInjuries = "record_injuries",
        /// Record that something was filed because the law wants it.
        RecordFilings = "record_filings",
        /// See how many mails people get.
        ReadMailLoad = "read_mail_load",
        /// Hold an inquiry, add what witnesses said.
        Inquire = "inquire",
        /// Take charge, rate, contain, correct, investigate, assign, hand on, ask, dismiss, close, reopen.
        HandleReports = "handle_reports",
        /// Say something about a report that is neither theirs nor their work.
        Comment = "comment",
        /// Agree to a lower rating that somebody else asked for.
        AgreeToDownRating = "agree_to_down_rating",
        /// Answer for a plan of rules and equipment alone; decide about more time at the own site.
        DecideExceptions = "decide_exceptions",
        /// Say whether the cause of a closed report is gone.
        CheckEffectiveness = "check_effectiveness",
        /// Drop an action.
        CancelActions = "cancel_actions",
        /// Keep a report from being disposed of, or let it go.
        HoldReports = "hold_reports",
        /// Read sites, people, categories and rules.
        ReadRules = "read_rules",
        /// Write rules.
        WriteRules = "write_rules",
        /// Change sites, people, roles and categories.
        Administer = "administer",
    }
}

impl Deed {
    /// The roles that allow it.
    pub const fn roles(self) -> &'static [Role] {
        use Role::{Admin, Auditor, Investigator, Manager, Officer, Technician};
        match self {
            Self::SendReport => &[Technician, Officer, Manager, Investigator, Admin],
            Self::RecordInjuries | Self::Inquire => &[Officer, Investigator],
            Self::Unseal | Self::HoldReports => &[Investigator],
            Self::HandleReports => &[Officer],
            Self::ReadMailLoad => &[Manager, Admin],
            Self::Comment | Self::CheckEffectiveness | Self::RecordFilings => &[Officer, Manager, Investigator],
            Self::CancelActions | Self::AgreeToDownRating => &[Officer, Manager],
            Self::DecideExceptions => &[Manager],
            Self::ReadRules => &[Technician, Officer, Manager, Investigator, Auditor, Admin],
            Self::WriteRules | Self::Administer => &[Admin],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        access::Actor,
        organisation::tests::{member, organisation, person, site},
    };

    #[test]
    fn each_role_may_do_what_the_table_says_at_its_site_and_below_and_nowhere_else() {
        for role in Role::ALL {
            let organisation = organisation(vec![person(1, None, &[(*role, 2)])]);
            let actor = Actor { member: member(1), organisation: &organisation };
            for deed in Deed::ALL {
                let allowed = deed.roles().contains(role);
                assert_eq!(actor.may_at(*deed, site(2)), allowed, "{role} {deed} at the site");
                assert_eq!(actor.may_at(*deed, site(4)), allowed, "{role} {deed} below");
                assert!(!actor.may_at(*deed, site(1)), "{role} {deed} above");
                assert!(!actor.may_at(*deed, site(3)), "{role} {deed} beside");
                assert_eq!(actor.may_somewhere(*deed), allowed);
            }
        }
    }
}
