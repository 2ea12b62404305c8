//! The secrets of an anonymous sender: made here, shown once, kept as hashes. What they open is in the operations beside.

use super::{OperationError, let_in::new_secret};
use crate::{
    app::App,
    credentials::sha256,
    domain::{
        follow_up::{FollowUp, Pair},
        ids::ReportId,
        refusal::Refusal,
        report::Report,
    },
    store::Tx,
};

/// What an anonymous sender comes back with.
pub struct Secrets {
    /// Opens the report.
    pub secret: String,
    /// Is changed for a new pair, once.
    pub recovery_secret: String,
}

/// Two secrets nobody can foresee, and what is kept of them.
pub(super) fn fresh(app: &App) -> (Secrets, Pair) {
    let secrets = Secrets { secret: new_secret(app), recovery_secret: new_secret(app) };
    let pair =
        Pair { secret_sha256: sha256(secrets.secret.as_bytes()), recovery_sha256: sha256(secrets.recovery_secret.as_bytes()) };
    (secrets, pair)
}

/// The first pair of a report that `tx` has just added.
pub(super) async fn give(app: &App, tx: &Tx, report: ReportId) -> Result<Secrets, OperationError> {
    let (secrets, pair) = fresh(app);
    tx.add_follow_up(&FollowUp::begun(report, pair)).await?;
    Ok(secrets)
}

/// Another first pair in the place of one that was never used.
pub(super) async fn give_again(app: &App, tx: &Tx, report: ReportId) -> Result<Option<Secrets>, OperationError> {
    let (secrets, pair) = fresh(app);
    let Some(next) = tx.follow_up_of(report).await?.and_then(|known| known.given_again(pair)) else { return Ok(None) };
    tx.save_follow_up(&next).await?;
    Ok(Some(secrets))
}

/// The report that a secret opens, for a transaction to change. Whatever is wrong with the secret, the answer is the same.
pub(super) async fn opened(app: &App, secret: &str) -> Result<(Tx, Report), OperationError> {
    let known = known(app, secret).await?;
    let tx = app.store.begin().await?;
    if !tx.use_follow_up(&known.pair.secret_sha256).await? {
        return Err(Refusal::Unknown.into());
    }
    let report = tx.report_to_change(known.report).await?.ok_or(Refusal::Unknown)?;
    Ok((tx, report))
}

/// The way back that a secret opens. Guesses are turned away here, before anything is written.
pub(super) async fn known(app: &App, secret: &str) -> Result<FollowUp, OperationError> {
    Ok(app.store.follow_up_by_secret(&sha256(secret.as_bytes())).await?.ok_or(Refusal::Unknown)?)
}
