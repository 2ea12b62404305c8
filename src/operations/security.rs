//! Events that somebody who watches over the server wants to see, in a stream of their own (OWASP ASVS 5.0, 16.3): who got in
//! or did not, and what changed about how. Ids alone, never a name, login, address or secret.

use tracing::info;

use crate::domain::ids::{MemberId, SessionId};

/// The target of these events, by which they are told from other log lines.
pub const SECURITY: &str = "security";

/// Writes an event.
pub(super) fn event(event: &'static str, member: Option<MemberId>, session: Option<SessionId>) {
    let member = member.map_or_else(String::new, |member| member.to_string());
    let session = session.map_or_else(String::new, |session| session.to_string());
    info!(target: SECURITY, event, member.id = member, session.id = session, "{event}");
}
