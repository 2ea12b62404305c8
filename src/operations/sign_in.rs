//! Somebody signs in on a device and gets an access token and a refresh token.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::SecretString;
use serde_json::json;

use super::OperationError;
use crate::{
    app::App,
    credentials::sha256,
    domain::{
        ids::{MemberId, SessionId},
        journal::Entry,
        refusal::{FieldErrors, Refusal},
        session::{ACCESS_SECS, Session},
    },
};

/// The device somebody signs in with, as it names itself.
#[derive(Debug, Clone)]
pub struct Device {
    /// Its own id; at most 200 characters.
    pub id: String,
    /// A name for people; at most 200 characters.
    pub name: String,
}

/// What a device gets.
#[derive(Debug)]
pub struct SignedIn {
    /// Whose session it is.
    pub member: MemberId,
    /// For ten minutes.
    pub access_token: String,
    /// The life of the access token in seconds.
    pub expires_in: i64,
    /// Good for one use.
    pub refresh_token: String,
}

/// Signs in with an e-mail address, employee number or phone number. Whatever is wrong, the answer and the time it takes
/// are the same.
pub async fn sign_in(app: &App, login: &str, password: SecretString, device: Device) -> Result<SignedIn, OperationError> {
    check(&device)?;
    let known = app.store.login(login.trim()).await?;
    let hash = known.as_ref().and_then(|known| known.password_hash.clone());
    let right = app.passwords.is_right(password, hash).await?;
    let known = known.filter(|known| right && known.disabled_at.is_none()).ok_or(OperationError::NotSignedIn)?;
    let now = app.clock.now();
    let secret = new_secret(app);
    let session = Session {
        id: SessionId(app.clock.new_id()),
        member: known.member,
        device_id: device.id,
        device_name: device.name,
        created_at: now,
        refreshed_at: now,
        revoked_at: None,
        refresh_sha256: sha256(secret.as_bytes()),
        pair: 0,
        made_from: None,
        pair_used_at: None,
        version: 1,
    };
    let mut tx = app.store.begin().await?;
    tx.add_session(&session).await?;
    tx.note(entry(&session, "signed_in", now));
    tx.commit().await?;
    tokens(app, &session, &secret)
}

fn check(device: &Device) -> Result<(), Refusal> {
    let mut errors = FieldErrors::default();
    for (pointer, text) in [("/device/id", &device.id), ("/device/name", &device.name)] {
        if text.trim().is_empty() {
            errors.add(pointer, "empty");
        }
        if text.chars().count() > 200 {
            errors.add(pointer, "too_long");
        }
    }
    errors.none()
}

/// 256 bits nobody can foresee.
pub(super) fn new_secret(app: &App) -> String {
    URL_SAFE_NO_PAD.encode(app.clock.random_bytes::<32>())
}

/// The pair of tokens of a session. The refresh token names its session, so that it is found without searching.
pub(super) fn tokens(app: &App, session: &Session, secret: &str) -> Result<SignedIn, OperationError> {
    let access_token = app
        .keys
        .sign(session, app.clock.now(), app.clock.new_id())
        .map_err(|_| OperationError::Fault("an access token could not be signed"))?;
    let refresh_token = format!("{}.{secret}", session.id.0.simple());
    Ok(SignedIn { member: session.member, access_token, expires_in: ACCESS_SECS, refresh_token })
}

/// What goes on record about a session.
pub(super) fn entry(session: &Session, verb: &'static str, at: crate::domain::time::Instant) -> Entry {
    let actor = Some(session.member);
    Entry { at, actor, subject: "session", subject_id: session.id.0, report: None, verb, facts: json!({}) }
}
