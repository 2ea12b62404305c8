//! The journal is followed link by link, and the first entry that is wrong is named.

use crate::{
    credentials::Keys,
    domain::journal::{Broken, Link, Verifier},
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

/// What was followed, and found to be as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Followed {
    /// How many entries.
    pub entries: i64,
    /// How many seals over them, each of ours.
    pub seals: usize,
}

const PAGE: u64 = 1_000;

/// Follows the journal from one entry to another, both included; without bounds from the first to the last, which must then
/// be the one its head names. Seals are read only with the key they were made by.
pub async fn verify_journal(
    store: &Store,
    keys: Option<&Keys>,
    from: Option<i64>,
    to: Option<i64>,
) -> Result<Followed, JournalFault> {
    let mut verifier = begin(store, from.unwrap_or(1).max(1)).await?;
    let mut followed = Followed { entries: 0, seals: 0 };
    loop {
        let links = store.journal(verifier.seq(), PAGE).await?;
        let wanted: Vec<&Link> = links.iter().filter(|link| to.is_none_or(|to| link.seq <= to)).collect();
        for link in &wanted {
            verifier.take(link)?;
            followed.entries += 1;
        }
        if let (Some(keys), Some(end)) = (keys, wanted.last()) {
            followed.seals += seals(store, keys, &wanted, end.seq).await?;
        }
        if !wanted.is_empty() {
            continue;
        }
        // The head is read after the entries and written with them: it can only name the last of them or a later one.
        let (head_seq, head_hash) = store.journal_head().await?;
        if to.is_none() && (head_seq <= verifier.seq() || store.journal(verifier.seq(), 1).await?.is_empty()) {
            verifier.end(head_seq, head_hash)?;
        }
        if to.is_some() || head_seq == verifier.seq() {
            return Ok(followed);
        }
    }
}

/// From the very beginning, or behind the entry before the first that is wanted.
async fn begin(store: &Store, first: i64) -> Result<Verifier, JournalFault> {
    if first == 1 {
        return Ok(Verifier::default());
    }
    let before = store.journal(first - 2, 1).await?.into_iter().next().filter(|link| link.seq == first - 1);
    before.as_ref().map(Verifier::behind).ok_or_else(|| Broken::Gap { expected: first - 1, found: 0 }.into())
}

async fn seals(store: &Store, keys: &Keys, links: &[&Link], end: i64) -> Result<usize, JournalFault> {
    let sealed = store.journal_seals(links.first().map_or(end, |link| link.seq), end).await?;
    for (seq, token) in &sealed {
        let over = links.iter().find(|link| link.seq == *seq);
        let fits = over.is_some_and(|link| keys.read_seal(token).is_ok_and(|seal| seal.fits(link)));
        if !fits {
            return Err(Broken::Unsealed(*seq).into());
        }
    }
    Ok(sealed.len())
}
