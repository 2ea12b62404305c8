//! A member sets up a second factor, shows it, and takes it away again; who administers them takes it away for them.

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

use super::{Caller, OperationError, let_in, security, tries::Tries};
use crate::{
    app::App,
    credentials::sha256,
    domain::{
        account::AccountEvent,
        enrolment,
        ids::MemberId,
        journal::Entry,
        refusal::Refusal,
        second_factor::{RECOVERY_CODES, SecondFactor},
        session::{Session, SignInRefusal},
        throttle::Trier,
    },
    store::{StoreError, Tx},
};

/// Why a second factor was not shown.
pub(super) enum Lacking {
    /// None was shown, and one is wanted.
    Missing,
    /// It is not the right one, or was used before.
    Wrong,
    /// It could not be looked at.
    Failed(OperationError),
}

impl From<OperationError> for Lacking {
    fn from(cause: OperationError) -> Self {
        Self::Failed(cause)
    }
}

impl From<StoreError> for Lacking {
    fn from(cause: StoreError) -> Self {
        Self::Failed(cause.into())
    }
}

/// To whoever is to be let in it is the same whether one is missing or wrong.
impl From<Lacking> for OperationError {
    fn from(lacking: Lacking) -> Self {
        match lacking {
            Lacking::Missing | Lacking::Wrong => SignInRefusal::SecondFactor.into(),
            Lacking::Failed(cause) => cause,
        }
    }
}

/// What somebody is given to set up their authenticator.
#[derive(Debug)]
pub struct SetUp {
    /// What the digits are made from, as text.
    pub secret: String,
    /// The same as an address for an authenticator.
    pub url: String,
}

/// Looks at what was shown as a second factor: whether one was wanted, and was right.
pub(super) async fn check(app: &App, tx: &mut Tx, member: MemberId, shown: Option<SecretString>) -> Result<bool, Lacking> {
    let factor = tx.second_factor_to_change(member).await?.filter(|factor| factor.confirmed_at.is_some());
    let Some(factor) = factor else { return Ok(false) };
    let shown = shown.ok_or(Lacking::Missing)?;
    if !uses_up(app, tx, factor, shown.expose_secret()).await? {
        security::event("second_factor_refused", Some(member), None);
        return Err(Lacking::Wrong);
    }
    Ok(true)
}

/// Uses up digits, or a recovery code; false when it is neither.
async fn uses_up(app: &App, tx: &mut Tx, factor: SecondFactor, shown: &str) -> Result<bool, OperationError> {
    let (now, member) = (app.clock.now(), factor.member);
    let shared = app.digits.opened(&factor.sealed, member).ok_or(OperationError::Fault("a second factor does not open"))?;
    let digits: String = shown.chars().filter(|c| !c.is_whitespace()).take(10).collect();
    if let Some(step) = factor.steps(now).find(|step| shared.is_at(*step, &digits)) {
        tx.put_second_factor(&SecondFactor { last_step: step, ..factor }).await?;
        return Ok(true);
    }
    let Some(code) = enrolment::typed(shown) else { return Ok(false) };
    let used = factor.confirmed_at.is_some() && tx.use_recovery_code(member, sha256(code.as_bytes())).await?;
    if used {
        let_in::say(app, tx, member, AccountEvent::RecoveryCodeUsed, None).await?;
        tx.note(entry(app, Some(member), member, "recovery_code_used"));
    }
    Ok(used)
}

/// Gives something new for digits to be made from. Nothing is asked by it until it is confirmed, and whoever has one that is
/// asked for takes that away first.
pub async fn set_up_second_factor(app: &App, caller: &Caller) -> Result<SetUp, OperationError> {
    let member = caller.member;
    let mut tx = caller.begin(app).await?;
    must_be_fresh(app, &tx, caller).await?;
    if tx.second_factor_to_change(member).await?.is_some_and(|factor| factor.confirmed_at.is_some()) {
        return Err(Refusal::Conflict("second_factor_set").into());
    }
    let shared = app.digits.fresh();
    let sealed = app.digits.sealed(&shared, member).ok_or(OperationError::Fault("a second factor could not be sealed"))?;
    tx.put_second_factor(&SecondFactor { member, sealed, confirmed_at: None, last_step: 0 }).await?;
    tx.note(entry(app, Some(member), member, "second_factor_begun"));
    tx.commit().await?;
    let person = caller.organisation.members.get(&member);
    let account = person.map_or("", |person| person.email.as_deref().unwrap_or(&person.name));
    Ok(SetUp { secret: shared.text(), url: shared.url("Salama", account) })
}

/// From now on it is asked for: they can make the digits. Gives ten codes for the day the phone is gone.
pub async fn confirm_second_factor(app: &App, caller: &Caller, digits: &str) -> Result<Vec<String>, OperationError> {
    let (member, now) = (caller.member, app.clock.now());
    let tries = Tries::take(app, &[Trier::KnownDevice(&member.to_string(), "second factor")]).await?;
    let mut tx = caller.begin(app).await?;
    let session = must_be_fresh(app, &tx, caller).await?;
    let factor = tx.second_factor_to_change(member).await?.ok_or(Refusal::Conflict("second_factor_not_begun"))?;
    if factor.confirmed_at.is_some() {
        return Err(Refusal::Conflict("second_factor_set").into());
    }
    if !uses_up(app, &mut tx, factor, digits).await? {
        return Err(Refusal::invalid("/digits", "digits").into());
    }
    let factor = tx.second_factor_to_change(member).await?.ok_or(Refusal::Conflict("second_factor_not_begun"))?;
    tx.put_second_factor(&SecondFactor { confirmed_at: Some(now), ..factor }).await?;
    let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| new_code(app)).collect();
    tx.put_recovery_codes(member, &codes.iter().map(|code| sha256(code.as_bytes())).collect::<Vec<_>>()).await?;
    tx.save_session(&Session { second_factor: true, ..session }).await?;
    let_in::say(app, &tx, member, AccountEvent::SecondFactorAdded, None).await?;
    tx.note(entry(app, Some(member), member, "second_factor_added"));
    tries.give_back(&tx).await?;
    tx.commit().await?;
    security::event("second_factor_added", Some(member), Some(caller.session));
    app.nudge();
    Ok(codes.iter().map(|code| enrolment::shown(code)).collect())
}

/// Nothing is asked for any more; with the digits, or a recovery code, so that a found phone does not do it.
pub async fn remove_second_factor(app: &App, caller: &Caller, shown: SecretString) -> Result<(), OperationError> {
    let member = caller.member;
    let tries = Tries::take(app, &[Trier::KnownDevice(&member.to_string(), "second factor")]).await?;
    let mut tx = caller.begin(app).await?;
    must_be_fresh(app, &tx, caller).await?;
    match check(app, &mut tx, member, Some(shown)).await {
        Ok(true) => {}
        Ok(false) => return Err(Refusal::Conflict("second_factor_not_begun").into()),
        Err(Lacking::Failed(cause)) => return Err(cause),
        Err(_) => return Err(Refusal::invalid("/digits", "digits").into()),
    }
    removed(app, &mut tx, Some(member), member).await?;
    tries.give_back(&tx).await?;
    tx.commit().await?;
    app.nudge();
    Ok(())
}

/// Takes away the second factor of somebody who lost it and their codes: their sessions end, and they hear of it.
pub async fn reset_second_factor(app: &App, caller: &Caller, member: MemberId) -> Result<(), OperationError> {
    let person = caller.organisation.members.get(&member).ok_or(Refusal::Unknown)?;
    caller.actor().must_administer(person)?;
    if member == caller.member {
        return Err(Refusal::MayNot("reset_oneself").into());
    }
    let mut tx = caller.begin(app).await?;
    must_be_fresh(app, &tx, caller).await?;
    removed(app, &mut tx, Some(caller.member), member).await?;
    tx.revoke_sessions(member, app.clock.now()).await?;
    tx.commit().await?;
    app.nudge();
    Ok(())
}

async fn removed(app: &App, tx: &mut Tx, by: Option<MemberId>, member: MemberId) -> Result<(), OperationError> {
    if tx.drop_second_factor(member).await? {
        let_in::say(app, tx, member, AccountEvent::SecondFactorRemoved, None).await?;
        tx.note(entry(app, by, member, "second_factor_removed"));
        security::event("second_factor_removed", Some(member), None);
    }
    Ok(())
}

/// The caller's session, which was begun just now.
pub(super) async fn must_be_fresh(app: &App, tx: &Tx, caller: &Caller) -> Result<Session, OperationError> {
    let session = tx.session_to_change(caller.session).await?.ok_or(OperationError::NotSignedIn)?;
    if session.is_fresh(app.clock.now()) { Ok(session) } else { Err(SignInRefusal::NotFresh.into()) }
}

/// A code that nobody can foresee.
pub(super) fn new_code(app: &App) -> String {
    let bytes = app.clock.random_bytes::<18>();
    data_encoding::BASE32_NOPAD.encode(&bytes).chars().take(enrolment::CODE_CHARS).collect()
}

/// What goes on record about somebody's account.
pub(super) fn entry(app: &App, actor: Option<MemberId>, member: MemberId, verb: &'static str) -> Entry {
    let at = app.clock.now();
    Entry { at, actor, subject: "member", subject_id: member.0, report: None, verb, facts: json!({}) }
}
