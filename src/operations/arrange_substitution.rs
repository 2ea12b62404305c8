//! Somebody stands in for a person for a time, or does not any more.

use serde_json::{Value, json};

use super::{Caller, Made, OperationError};
use crate::{
    app::App,
    domain::{
        access::Actor,
        administration::RawSubstitution,
        ids::{MemberId, SubstitutionId, client_made},
        journal::Entry,
        organisation::{Organisation, Substitution},
        refusal::Refusal,
    },
};

/// Says who stands in, anew or instead of what was said under the same id.
pub async fn arrange_substitution(
    app: &App,
    caller: &Caller,
    member: MemberId,
    id: SubstitutionId,
    raw: RawSubstitution,
) -> Result<Made<Substitution>, OperationError> {
    let mut tx = caller.begin(app).await?;
    let organisation = app.store.organisation_to_change(&tx).await?;
    let known = said_before(caller, &organisation, member, id)?;
    client_made(id.0, "/id")?;
    let at = app.clock.now();
    if organisation.members.values().any(|other| other.id != member && other.substitutions.iter().any(|said| said.id == id)) {
        return Err(Refusal::Conflict("substitution_conflict").into());
    }
    let said = raw.read(id, member, &organisation, at)?;
    if known == Some(said) {
        return Ok(Made::Before(said));
    }
    tx.put_substitution(member, &said).await?;
    let facts = json!({ "substitution": id, "before": known.map(facts), "after": facts(said) });
    tx.note(entry(caller, at, member, "substituted", facts));
    tx.commit().await?;
    Ok(if known.is_none() { Made::New(said) } else { Made::Before(said) })
}

/// Nobody stands in under that id any more.
pub async fn end_substitution(app: &App, caller: &Caller, member: MemberId, id: SubstitutionId) -> Result<(), OperationError> {
    let mut tx = caller.begin(app).await?;
    let organisation = app.store.organisation_to_change(&tx).await?;
    let Some(known) = said_before(caller, &organisation, member, id)? else { return Ok(()) };
    tx.drop_substitution(id).await?;
    let facts = json!({ "substitution": id, "before": facts(known) });
    tx.note(entry(caller, app.clock.now(), member, "substitution_ended", facts));
    Ok(tx.commit().await?)
}

/// What was said under that id, once the caller may say anything for that person.
fn said_before(
    caller: &Caller,
    organisation: &Organisation,
    member: MemberId,
    id: SubstitutionId,
) -> Result<Option<Substitution>, Refusal> {
    let person = organisation.members.get(&member).ok_or(Refusal::Unknown)?;
    Actor { member: caller.member, organisation }.must_arrange_for(person)?;
    Ok(person.substitutions.iter().find(|said| said.id == id).copied())
}

fn facts(said: Substitution) -> Value {
    json!({ "by": said.by, "from": said.from, "until": said.until })
}

fn entry(caller: &Caller, at: crate::domain::time::Instant, member: MemberId, verb: &'static str, facts: Value) -> Entry {
    Entry { at, actor: Some(caller.member), subject: "member", subject_id: member.0, report: None, verb, facts }
}
