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
    store::Tx,
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
        let taken: Vec<_> = names.into_iter().zip(taken.into_iter().flatten()).collect();
        tx.save_tries(&taken).await?;
        tx.commit().await?;
        Ok(Self(wanted))
    }

    /// They were right: what is done then gives them back.
    pub async fn give_back(self, tx: &Tx) -> Result<(), OperationError> {
        let names: Vec<_> = self.0.iter().map(|(name, _)| *name).collect();
        let full = tx.tries_to_change(&names).await?;
        let given = self.0.iter().zip(full).map(|((name, allowance), full_at)| (*name, allowance.give_back(full_at)));
        Ok(tx.save_tries(&given.collect::<Vec<_>>()).await?)
    }

    /// They were no guess, or nobody could look at them: nothing is done, and they are given back all the same. What is told
    /// to whoever tried comes back.
    pub async fn cost_nothing(self, app: &App, told: impl Into<OperationError>) -> OperationError {
        let given_back = async {
            let tx = app.store.begin().await?;
            self.give_back(&tx).await?;
            Ok(tx.commit().await?)
        };
        given_back.await.err().unwrap_or_else(|| told.into())
    }
}
