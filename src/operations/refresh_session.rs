//! A refresh token is changed for a fresh pair. One that was used before ends its session, unless the pair made from it was
//! never used: then its answer was lost on the way, and another pair takes its place.

use tracing::warn;

use super::{OperationError, SignedIn, let_in, security};
use crate::{
    app::App,
    credentials::sha256,
    domain::{account::AccountEvent, ids::SessionId, session::Refresh},
};

/// Changes a refresh token for a fresh pair. A device that names itself must be the one that signed in.
pub async fn refresh_session(app: &App, refresh_token: &str, device: Option<&str>) -> Result<SignedIn, OperationError> {
    let (id, secret) = refresh_token.split_once('.').ok_or(OperationError::NotSignedIn)?;
    let id = SessionId(uuid::Uuid::try_parse(id).map_err(|_| OperationError::NotSignedIn)?);
    let mut tx = app.store.begin().await?;
    let session = tx.session_to_change(id).await?.ok_or(OperationError::NotSignedIn)?;
    let organisation = app.store.organisation_in(&tx).await?;
    let gone = organisation.members.get(&session.member).is_none_or(|member| member.disabled_at.is_some());
    if gone || device.is_some_and(|device| device != session.device_id) {
        return Err(OperationError::NotSignedIn);
    }
    let presented = tx.presented(&session, sha256(secret.as_bytes())).await?;
    let (now, next) = (app.clock.now(), let_in::new_secret(app));
    match session.clone().refresh(presented, sha256(next.as_bytes()), now) {
        Refresh::Rotated(rotated, how) => {
            tx.spend(&session, how).await?;
            tx.save_session(&rotated).await?;
            tx.commit().await?;
            let_in::tokens(app, &rotated, &next)
        }
        Refresh::Stolen(ended) => {
            tx.save_session(&ended).await?;
            tx.note(let_in::entry(&ended, "refresh_token_used_twice", now));
            let_in::say(app, &tx, ended.member, AccountEvent::TokenCopied, Some(&ended.device_name)).await?;
            tx.commit().await?;
            app.nudge();
            security::event("refresh_token_used_twice", Some(ended.member), Some(id));
            warn!(session.id = %id, "session {id} is ended: one of its refresh tokens was used twice");
            Err(OperationError::NotSignedIn)
        }
        Refresh::Refused => Err(OperationError::NotSignedIn),
    }
}
