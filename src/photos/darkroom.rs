//! Where renditions are made: a few at a time, within a fixed amount of memory, off the threads that answer requests and
//! behind them: whoever asks for a report waits for no picture.

use std::{future::pending, sync::Arc};

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{
    bare,
    rendition::{Renditions, Unreadable, memory_needed, render},
};
use crate::{
    backroom::{Backroom, spare_processors},
    domain::redaction::Area,
};

/// The memory that all renderings share, in MiB: what two photos of a phone take. One that needs more has all of it, and is
/// rendered alone.
const MEMORY_MIB: u32 = 170;
/// The most that one photo may take, in MiB: a HEIC of 48 megapixels that was held upright. The original of a hungrier one is
/// kept without renditions.
const PHOTO_MIB: u64 = 384;

/// The memory, in MiB, for photos that arrive and must not touch the store as they came.
const TRAY_MIB: usize = 256;

/// A bounded place to render in. One for the whole server.
#[derive(Debug)]
pub struct Darkroom {
    hands: Arc<Semaphore>,
    memory: Arc<Semaphore>,
    tray: Arc<Semaphore>,
    threads: Backroom,
}

/// A place in memory for one arriving photo, free again when all who work on it have dropped it.
#[derive(Debug, Clone)]
pub struct Tray(#[expect(dead_code, reason = "held, not read")] Arc<OwnedSemaphorePermit>);

impl Darkroom {
    /// Room for so many photos at once, as far as there are processors to spare.
    pub fn new(at_once: usize) -> Self {
        let hands = at_once.clamp(1, spare_processors());
        Self {
            hands: Arc::new(Semaphore::new(hands)),
            memory: Arc::new(Semaphore::new(MEMORY_MIB.try_into().unwrap_or(usize::MAX))),
            tray: Arc::new(Semaphore::new(TRAY_MIB)),
            threads: Backroom::new("darkroom", hands),
        }
    }

    /// Renders this original, without what is hidden, when its turn comes. Giving up waiting is safe; a rendering that has
    /// begun runs to its end.
    pub async fn render(&self, original: Bytes, hidden: Vec<Area>) -> Result<Renditions, Unreadable> {
        let memory = memory_needed(&original)?;
        self.work(memory, move || render(&original, &hidden)).await
    }

    /// Makes the bare picture of this original, in the same way.
    pub async fn bare(&self, original: Bytes) -> Result<Vec<u8>, Unreadable> {
        let memory = bare::memory_needed(&original)?;
        self.work(memory, move || bare::bare(&original)).await
    }

    /// Memory for a photo of so many bytes that is about to arrive; none when too many arrive just now. It is held twice
    /// for a moment, in parts and whole.
    pub fn tray(&self, bytes: u64) -> Option<Tray> {
        let mib = (2 * bytes).div_ceil(1 << 20).min(TRAY_MIB as u64);
        let permit = Arc::clone(&self.tray).try_acquire_many_owned(u32::try_from(mib).ok()?).ok()?;
        Some(Tray(Arc::new(permit)))
    }

    async fn work<T, F>(&self, memory: u64, make: F) -> Result<T, Unreadable>
    where
        T: Send + 'static,
        F: FnOnce() -> Result<T, Unreadable> + Send + 'static,
    {
        let mib = memory.div_ceil(1 << 20);
        let mib = u32::try_from(mib).ok().filter(|_| mib <= PHOTO_MIB).ok_or(Unreadable::TooCostly)?;
        match self.take_turn(mib, make).await {
            Some(result) => result,
            // The runtime is going down and the photo was not looked at: it must not be recorded as damaged.
            None => pending().await,
        }
    }

    async fn take_turn<T, F>(&self, mib: u32, make: F) -> Option<Result<T, Unreadable>>
    where
        T: Send + 'static,
        F: FnOnce() -> Result<T, Unreadable> + Send + 'static,
    {
        let hand = Arc::clone(&self.hands).acquire_owned().await.ok()?;
        let memory = Arc::clone(&self.memory).acquire_many_owned(mib.min(MEMORY_MIB)).await.ok()?;
        let work = move || {
            let result = make();
            // Given back when the work ends, and not when the caller leaves.
            drop((hand, memory));
            result
        };
        self.threads.work(work).await
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        thread,
    };

    use futures_util::future::join_all;

    use super::*;

    #[tokio::test]
    async fn a_processor_is_left_to_those_who_answer_however_many_are_asked_for() {
        let (darkroom, at_work) = (Darkroom::new(64), Arc::new(AtomicUsize::new(0)));
        let most = join_all((0..64).map(|_| {
            let at_work = Arc::clone(&at_work);
            darkroom.work(0, move || {
                at_work.fetch_add(1, Ordering::SeqCst);
                let seen = (0..100).map(|_| at_work.load(Ordering::SeqCst)).inspect(|_| thread::yield_now());
                let most = seen.max().unwrap_or(0);
                at_work.fetch_sub(1, Ordering::SeqCst);
                Ok(most)
            })
        }));
        let most = most.await.into_iter().map(Result::unwrap).max();
        assert!(most <= Some(spare_processors()), "{most:?} at once");
    }
}
