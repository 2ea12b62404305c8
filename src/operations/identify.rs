//! Who presents an access token. Session and person are looked up at every request, so that ending either acts at once.

use super::{Caller, OperationError};
use crate::{
    app::App,
    domain::ids::{MemberId, SessionId},
};

/// The caller behind an access token.
pub async fn identify(app: &App, token: &str) -> Result<Caller, OperationError> {
    let claims = app.keys.read(token, app.clock.now()).map_err(|_| OperationError::NotSignedIn)?;
    known(app, MemberId(claims.sub), SessionId(claims.sid)).await
}

/// The same caller as they are now, for a request that takes long.
pub async fn still(app: &App, caller: &Caller) -> Result<Caller, OperationError> {
    Ok(Caller { said_at: caller.said_at, ..known(app, caller.member, caller.session).await? })
}

async fn known(app: &App, member: MemberId, session: SessionId) -> Result<Caller, OperationError> {
    let now = app.clock.now();
    let live = app.store.session(session).await?.is_some_and(|session| session.member == member && session.is_live(now));
    let organisation = app.store.organisation().await?;
    let here = organisation.members.get(&member).is_some_and(|member| member.disabled_at.is_none());
    if live && here { Ok(Caller { member, session, organisation, said_at: None }) } else { Err(OperationError::NotSignedIn) }
}
