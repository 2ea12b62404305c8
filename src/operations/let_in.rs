//! A session begins, however somebody proved who they are: it is put on record, and its owner hears of a device they were
//! never on before.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;

use super::{OperationError, security};
use crate::{
    app::App,
    credentials::sha256,
    domain::{
        account::{AccountEvent, AccountWord},
        ids::{AccountWordId, MemberId, SessionId},
        journal::Entry,
        refusal::{FieldErrors, Refusal},
        session::{ACCESS_SECS, Proof, Session},
        time::Instant,
    },
    store::Tx,
};

/// The device somebody signs in with, as it names itself.
#[derive(Debug, Clone)]
pub struct Device {
    /// Its own id; at most 200 characters.
    pub id: String,
    /// A name for people; at most 200 characters.
    pub name: String,
}

impl Device {
    /// Refuses a device without a name or id, or with one that is too long.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        let mut errors = FieldErrors::default();
        for (pointer, text) in [("/device/id", &self.id), ("/device/name", &self.name)] {
            if text.trim().is_empty() {
                errors.add(pointer, "empty");
            }
            if text.chars().count() > 200 {
                errors.add(pointer, "too_long");
            }
        }
        errors.none()
    }
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

/// Begins a session of that member; gives it with the secret of its refresh token.
pub(super) async fn let_in(
    app: &App,
    tx: &mut Tx,
    member: MemberId,
    device: Device,
    (proof, second_factor): (Proof, bool),
) -> Result<(Session, String), OperationError> {
    let (now, secret) = (app.clock.now(), new_secret(app));
    // The first sign-in of all is no news to whoever was just given a password.
    let is_new = !tx.knows_device(member, &device.id).await? && (proof != Proof::Password || tx.has_signed_in(member).await?);
    let session = Session {
        id: SessionId(app.clock.new_id()),
        member,
        device_id: device.id,
        device_name: device.name,
        proof,
        second_factor,
        created_at: now,
        refreshed_at: now,
        revoked_at: None,
        refresh_sha256: sha256(secret.as_bytes()),
        pair: 0,
        made_from: None,
        pair_used_at: None,
        version: 1,
    };
    tx.add_session(&session).await?;
    tx.note(Entry { facts: json!({ "proof": proof, "second_factor": second_factor }), ..entry(&session, "signed_in", now) });
    if is_new {
        say(app, tx, member, AccountEvent::NewDevice, Some(&session.device_name)).await?;
    }
    security::event("signed_in", Some(member), Some(session.id));
    Ok((session, secret))
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
pub(super) fn entry(session: &Session, verb: &'static str, at: Instant) -> Entry {
    let actor = Some(session.member);
    Entry { at, actor, subject: "session", subject_id: session.id.0, report: None, verb, facts: json!({}) }
}

/// Something is to be said to a member about their account, in the same transaction in which it happens.
pub(super) async fn say(
    app: &App,
    tx: &Tx,
    member: MemberId,
    event: AccountEvent,
    device: Option<&str>,
) -> Result<(), OperationError> {
    let id = AccountWordId(app.clock.new_id());
    Ok(tx.say(&AccountWord { id, member, event, device: device.map(str::to_owned), at: app.clock.now() }).await?)
}
