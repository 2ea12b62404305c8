//! Who presents an access token. Session and person are looked up at every request, so that ending either acts at once.

use super::{Caller, OperationError};
use crate::{
    app::App,
    domain::{ids::SessionId, second_factor::is_owed_by, session::Session},
};

/// The caller behind an access token. The first use of a pair of tokens is put down: from then on its answer was not lost.
pub async fn identify(app: &App, token: &str) -> Result<Caller, OperationError> {
    let now = app.clock.now();
    let claims = app.keys.read(token, now).map_err(|_| OperationError::NotSignedIn)?;
    let session = live(app, SessionId(claims.sid)).await?;
    if session.member.0 != claims.sub || !session.knows_pair(claims.pair) {
        return Err(OperationError::NotSignedIn);
    }
    let caller = caller(app, &session).await?;
    if session.could_be_given_again() && session.is_first_use(claims.pair) {
        let tx = app.store.begin().await?;
        tx.use_pair(session.id, claims.pair, now).await?;
        tx.commit().await?;
    }
    Ok(caller)
}

/// The caller of that session as they are now: whoever was given a link that says which session it was made for, or waits
/// long, may do no more than they may now.
pub async fn identify_by_session(app: &App, session: SessionId) -> Result<Caller, OperationError> {
    caller(app, &live(app, session).await?).await
}

async fn live(app: &App, session: SessionId) -> Result<Session, OperationError> {
    let session = app.store.session(session).await?;
    session.filter(|session| session.is_live(app.clock.now())).ok_or(OperationError::NotSignedIn)
}

async fn caller(app: &App, session: &Session) -> Result<Caller, OperationError> {
    let organisation = app.store.organisation().await?;
    let member = organisation.members.get(&session.member).filter(|member| member.disabled_at.is_none());
    let member = member.ok_or(OperationError::NotSignedIn)?;
    let owes_second_factor = app.settings.demands_second_factor() && !session.second_factor && is_owed_by(member);
    Ok(Caller {
        member: session.member,
        session: session.id,
        organisation,
        owes_second_factor,
        said_at: None,
        sent_at: None,
        once: None,
    })
}
