//! Who presents an access token. Session and person are looked up at every request, so that ending either acts at once.

use super::{Caller, OperationError};
use crate::{
    app::App,
    domain::ids::{MemberId, SessionId},
};

/// The caller behind an access token.
pub async fn identify(app: &App, token: &str) -> Result<Caller, OperationError> {
    let now = app.clock.now();
    let claims = app.keys.read(token, now).map_err(|_| OperationError::NotSignedIn)?;
    let (member, session) = (MemberId(claims.sub), SessionId(claims.sid));
    by_session(app, session).await?.filter(|caller| caller.member == member).ok_or(OperationError::NotSignedIn)
}

/// The caller who was given a link that says which session it was made for: it opens no more than they may now.
pub async fn identify_by_session(app: &App, session: SessionId) -> Result<Caller, OperationError> {
    by_session(app, session).await?.ok_or(OperationError::NotSignedIn)
}

async fn by_session(app: &App, id: SessionId) -> Result<Option<Caller>, OperationError> {
    let now = app.clock.now();
    let Some(session) = app.store.session(id).await?.filter(|session| session.is_live(now)) else { return Ok(None) };
    let (member, session) = (session.member, session.id);
    let organisation = app.store.organisation().await?;
    let here = organisation.members.get(&member).is_some_and(|member| member.disabled_at.is_none());
    Ok(here.then_some(Caller { member, session, organisation, said_at: None }))
}
