//! The whole journal is followed link by link, and the first entry that is wrong is named.

use crate::{
    domain::journal::{Broken, Verifier},
    store::{Store, StoreError},
};

/// Why the journal is not good, or could not be read.
#[derive(Debug, thiserror::Error)]
pub enum JournalFault {
    /// It was changed.
    #[error(transparent)]
    Broken(#[from] Broken),
    /// It could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

const PAGE: u64 = 1_000;

/// Gives the number of entries when every one of them is as it was written.
pub async fn verify_journal(store: &Store) -> Result<i64, JournalFault> {
    let (head_seq, head_hash) = store.journal_head().await?;
    let mut verifier = Verifier::default();
    let mut after = 0;
    while after < head_seq {
        let links = store.journal(after, PAGE).await?;
        let Some(last) = links.last() else { break };
        after = last.seq;
        for link in links.iter().filter(|link| link.seq <= head_seq) {
            verifier.take(link)?;
        }
    }
    Ok(verifier.end(head_seq, head_hash)?)
}
