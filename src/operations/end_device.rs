//! A device that was lost, or handed on, is ended at once.

use super::{Caller, OperationError, let_in};
use crate::{
    app::App,
    domain::{access::Actor, ids::SessionId, journal::Entry, refusal::Refusal, session::Session},
    store::Tx,
};

/// Ends the session on a device: one's own, or that of somebody whom the caller administers. One that has ended stays so.
pub async fn end_device(app: &App, caller: &Caller, id: SessionId) -> Result<(), OperationError> {
    let mut tx = caller.begin(app).await?;
    let session = tx.session_to_change(id).await?.ok_or(Refusal::Unknown)?;
    may_end(caller, &session)?;
    if session.revoked_at.is_none() {
        ended(app, &mut tx, session, caller).await?;
    }
    Ok(tx.commit().await?)
}

/// Ends the caller's sessions on all other devices.
pub async fn end_other_devices(app: &App, caller: &Caller) -> Result<(), OperationError> {
    let mut tx = caller.begin(app).await?;
    for session in tx.sessions_of(caller.member).await? {
        if session.id != caller.session {
            ended(app, &mut tx, session, caller).await?;
        }
    }
    Ok(tx.commit().await?)
}

fn may_end(caller: &Caller, session: &Session) -> Result<(), Refusal> {
    let Actor { member, organisation } = caller.actor();
    let person = organisation.members.get(&session.member).ok_or(Refusal::Unknown)?;
    let may = session.member == member || caller.actor().may_administer(person);
    if may { Ok(()) } else { Err(Refusal::Unknown) }
}

async fn ended(app: &App, tx: &mut Tx, session: Session, caller: &Caller) -> Result<(), OperationError> {
    let now = app.clock.now();
    let session = session.revoked(now);
    tx.save_session(&session).await?;
    tx.note(Entry { actor: Some(caller.member), ..let_in::entry(&session, "device_ended", now) });
    Ok(())
}
