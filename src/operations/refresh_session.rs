//! A refresh token is changed for a fresh pair; a token that was used before ends its session.

use super::{OperationError, SignedIn, sign_in};
use crate::{
    app::App,
    credentials::sha256,
    domain::{ids::SessionId, session::Refresh},
};

/// Rotates a refresh token.
pub async fn refresh_session(app: &App, refresh_token: &str) -> Result<SignedIn, OperationError> {
    let (id, secret) = refresh_token.split_once('.').ok_or(OperationError::NotSignedIn)?;
    let id = SessionId(uuid::Uuid::try_parse(id).map_err(|_| OperationError::NotSignedIn)?);
    let mut tx = app.store.begin().await?;
    let session = tx.session(id).await?.ok_or(OperationError::NotSignedIn)?;
    let organisation = app.store.organisation_in(&tx).await?;
    if organisation.members.get(&session.member).is_none_or(|member| member.disabled_at.is_some()) {
        return Err(OperationError::NotSignedIn);
    }
    let (now, next) = (app.clock.now(), sign_in::new_secret(app));
    match session.refresh(sha256(secret.as_bytes()), sha256(next.as_bytes()), now) {
        Refresh::Rotated(session) => {
            tx.save_session(&session).await?;
            tx.commit().await?;
            sign_in::tokens(app, &session, &next)
        }
        Refresh::Stolen(session) => {
            tx.save_session(&session).await?;
            tx.note(sign_in::entry(&session, "refresh_token_used_twice", now));
            tx.commit().await?;
            Err(OperationError::NotSignedIn)
        }
        Refresh::Over => Err(OperationError::NotSignedIn),
    }
}
