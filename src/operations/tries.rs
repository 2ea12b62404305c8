//! Wrong tries to get in are counted, for all replicas together. A try is taken before it is looked at, so that many at once
//! are counted as well, and given back when it was right.

use super::{OperationError, security};
use crate::{
    app::App,
    credentials::sha256,
    domain::{
        session::SignInRefusal,
        throttle::{Allowance, Trier},
    },
};

/// Tries that were taken.
pub(super) struct Tries(Vec<([u8; 32], Allowance)>);

impl Tries {
    /// Takes one try from each of these, or says how long to wait and takes none.
    pub async fn take(app: &App, triers: &[Trier<'_>]) -> Result<Self, OperationError> {
        let wanted: Vec<_> = triers.iter().map(|trier| (sha256(trier.name().as_bytes()), trier.allowance())).collect();
        let names: Vec<_> = wanted.iter().map(|(name, _)| *name).collect();
        let now = app.clock.now();
        let tx = app.store.begin().await?;
        let full = tx.tries_to_change(&names).await?;
        let taken = wanted.iter().zip(&full).map(|((_, allowance), full)| allowance.take(*full, now)).collect::<Vec<_>>();
        if let Some(wait) = taken.iter().filter_map(|taken| taken.as_ref().err()).max() {
            security::event("throttled", None, None);
            return Err(SignInRefusal::TooOften(*wait).into());
        }
        for (name, taken) in names.iter().zip(taken) {
            if let Ok(full_at) = taken {
                tx.save_try(*name, full_at).await?;
            }
        }
        tx.commit().await?;
        Ok(Self(wanted))
    }

    /// It was no guess, or was not looked at.
    pub async fn give_back(self, app: &App) -> Result<(), OperationError> {
        let names: Vec<_> = self.0.iter().map(|(name, _)| *name).collect();
        let tx = app.store.begin().await?;
        let full = tx.tries_to_change(&names).await?;
        for ((name, allowance), full_at) in self.0.iter().zip(full) {
            tx.save_try(*name, allowance.give_back(full_at)).await?;
        }
        Ok(tx.commit().await?)
    }
}
