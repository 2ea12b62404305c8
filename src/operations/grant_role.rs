//! A person is given a role at a site and below it, or it is taken away. Either acts with their next request.

use serde_json::json;

use super::{Caller, OperationError};
use crate::{
    app::App,
    domain::{
        access::{Actor, Deed},
        ids::MemberId,
        journal::Entry,
        organisation::Grant,
        refusal::Refusal,
    },
};

/// Gives the role, or takes it away. What is so already stays so.
pub async fn grant_role(app: &App, caller: &Caller, member: MemberId, grant: Grant, held: bool) -> Result<(), OperationError> {
    caller.actor().must_somewhere(Deed::Administer)?;
    let mut tx = caller.begin(app).await?;
    let organisation = app.store.organisation_to_change(&tx).await?;
    let person = organisation.members.get(&member).ok_or(Refusal::Unknown)?;
    if !organisation.sites.contains_key(&grant.site) {
        return Err(Refusal::Unknown.into());
    }
    Actor { member: caller.member, organisation: &organisation }.must_grant(grant, member)?;
    if person.grants.contains(&grant) == held {
        return Ok(());
    }
    if held {
        tx.grant(member, grant).await?;
    } else {
        tx.revoke(member, grant).await?;
    }
    tx.note(Entry {
        at: app.clock.now(),
        actor: Some(caller.member),
        subject: "member",
        subject_id: member.0,
        report: None,
        verb: if held { "granted" } else { "revoked" },
        facts: json!({ "role": grant.role, "site": grant.site }),
    });
    Ok(tx.commit().await?)
}
