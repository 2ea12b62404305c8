//! The names of things: one type per kind of id, so that a report's id can never be handed in where a photo's is meant.
//! Only identity lives here; what the things are is in the modules named after them.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::refusal::Refusal;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    };
}

id!(
    /// A node of the organisation's tree.
    SiteId
);
id!(
    /// A person with roles at sites.
    MemberId
);
id!(
    /// One time in which somebody stands in; made by the client that says so.
    SubstitutionId
);
id!(
    /// Something said to a member about their account.
    AccountWordId
);
id!(
    /// A report; made by the phone that sends it.
    ReportId
);
id!(
    /// A photo of a report; made by the phone that took it.
    PhotoId
);
id!(
    /// A photo on its way in pieces.
    UploadId
);
id!(
    /// A corrective action; made by the client that assigns it.
    ActionId
);
id!(
    /// Something that waits for what it is about.
    HeldId
);
id!(
    /// An injury of a report; made by the client that records it.
    InjuryId
);
id!(
    /// A filing the law wanted; made by the client that records it.
    FilingId
);
id!(
    /// What a witness said, as a file; made by the client.
    StatementId
);
id!(
    /// Something said about a report; made by the client.
    CommentId
);
id!(
    /// A clock: something that must happen by an instant.
    DeadlineId
);
id!(
    /// The decision that one person is told one thing.
    NoticeId
);
id!(
    /// One signed-in device of one member.
    SessionId
);

/// Takes an id that a client made. Versions 4 and 7 are read (RFC 9562); it is never used to sort or as a secret.
pub fn client_made(id: Uuid, pointer: &'static str) -> Result<Uuid, Refusal> {
    match id.get_version_num() {
        4 | 7 => Ok(id),
        _ => Err(Refusal::invalid(pointer, "id_not_v4_or_v7")),
    }
}
