//! Where renditions are made: a few at a time, within a fixed amount of memory, off the threads that answer requests.

use std::{future::pending, sync::Arc};

use bytes::Bytes;
use tokio::{sync::Semaphore, task::spawn_blocking};

use super::rendition::{Renditions, Unreadable, memory_needed, render};
use crate::domain::redaction::Area;

/// How many photos are rendered at the same time.
const HANDS: usize = 2;
/// The memory that all renderings share, in MiB.
const MEMORY_MIB: usize = 384;
/// The most that one photo may take of it, in MiB; the original of a hungrier one is kept without renditions.
const PHOTO_MIB: u64 = 320;

/// A bounded place to render in. One for the whole server.
#[derive(Debug)]
pub struct Darkroom {
    hands: Arc<Semaphore>,
    memory: Arc<Semaphore>,
}

impl Default for Darkroom {
    fn default() -> Self {
        Self { hands: Arc::new(Semaphore::new(HANDS)), memory: Arc::new(Semaphore::new(MEMORY_MIB)) }
    }
}

impl Darkroom {
    /// Renders this original, without what is hidden, when its turn comes. Giving up waiting is safe; a rendering that has begun runs to its end.
    pub async fn render(&self, original: Bytes, hidden: Vec<Area>) -> Result<Renditions, Unreadable> {
        let mib = memory_needed(&original)?.div_ceil(1 << 20);
        let mib = u32::try_from(mib).ok().filter(|_| mib <= PHOTO_MIB).ok_or(Unreadable::TooCostly)?;
        match self.take_turn(original, hidden, mib).await {
            Some(result) => result,
            // The runtime is going down and the photo was not looked at: it must not be recorded as damaged.
            None => pending().await,
        }
    }

    async fn take_turn(&self, original: Bytes, hidden: Vec<Area>, mib: u32) -> Option<Result<Renditions, Unreadable>> {
        let hand = Arc::clone(&self.hands).acquire_owned().await.ok()?;
        let memory = Arc::clone(&self.memory).acquire_many_owned(mib).await.ok()?;
        spawn_blocking(move || {
            // Held in here, so that they are given back when the work ends and not when the caller leaves.
            let _held = (hand, memory);
            render(&original, &hidden)
        })
        .await
        .ok()
    }
}
