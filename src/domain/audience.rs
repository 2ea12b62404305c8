//! Who a rule means, before it is known which persons that is. Turning an audience into persons is `organisation`'s.

use serde::{Deserialize, Serialize};

use super::{ids::MemberId, words::words};

words! {
    /// What a member may do at a site and below it. `access` says what each allows.
    pub enum Role {
        /// Sends reports and works on actions.
        Technician = "technician",
        /// Triages, assigns, closes.
        Officer = "officer",
        /// Receives escalations, decides exceptions.
        Manager = "manager",
        /// Reads injuries and sealed originals.
        Investigator = "investigator",
        /// Reads everything, changes nothing.
        Auditor = "auditor",
        /// Administers people, sites and rules.
        Admin = "admin",
    }
}

/// An audience as a ladder or route names it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// The owner of the action.
    Owner,
    /// The verifier of the action.
    Verifier,
    /// The officer the report was routed to.
    Officer,
    /// The manager so many levels above whoever must act; 1 is the direct one.
    Manager(u8),
    /// Everybody with that role at the site or, where nobody has it there, at the nearest site above.
    Role(Role),
    /// One named member.
    Member(MemberId),
    /// Whoever is on duty by the roster of that code; in its gaps nobody.
    Roster(String),
    /// Everybody in the crew of that code.
    Crew(String),
    /// The organisation's safety desk, which is never empty.
    SafetyDesk,
}

impl Audience {
    /// As `explain` shows it: `owner`, `manager 1`, `role officer`.
    pub fn label(&self) -> String {
        match self {
            Self::Owner => "owner".into(),
            Self::Verifier => "verifier".into(),
            Self::Officer => "officer".into(),
            Self::Manager(level) => format!("manager {level}"),
            Self::Role(role) => format!("role {role}"),
            Self::Member(member) => format!("member {member}"),
            Self::Roster(code) => format!("roster {code}"),
            Self::Crew(code) => format!("crew {code}"),
            Self::SafetyDesk => "safety desk".into(),
        }
    }
}
