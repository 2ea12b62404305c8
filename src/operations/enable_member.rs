//! Somebody who had left is with us again. Their roles are those they had; they sign in anew.

use serde_json::json;

use super::{Caller, OperationError};
use crate::{
    app::App,
    domain::{
        access::{Actor, Deed},
        ids::MemberId,
        journal::Entry,
        refusal::Refusal,
    },
};

/// Enables a person; whoever is with us already stays so.
pub async fn enable_member(app: &App, caller: &Caller, member: MemberId) -> Result<(), OperationError> {
    caller.actor().must_somewhere(Deed::Administer)?;
    let mut tx = caller.begin(app).await?;
    let organisation = app.store.organisation_to_change(&tx).await?;
    let person = organisation.members.get(&member).ok_or(Refusal::Unknown)?;
    Actor { member: caller.member, organisation: &organisation }.must_administer(person)?;
    if person.disabled_at.is_none() {
        return Ok(());
    }
    tx.enable_member(member).await?;
    tx.note(Entry {
        at: app.clock.now(),
        actor: Some(caller.member),
        subject: "member",
        subject_id: member.0,
        report: None,
        verb: "enabled",
        facts: json!({}),
    });
    Ok(tx.commit().await?)
}
