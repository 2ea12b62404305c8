//! Threads for work that takes CPU time, such as pictures and password hashes: a few, off those that answer requests, and behind
//! them. What the work is belongs to who brings it.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, OnceLock, PoisonError, mpsc},
    thread,
};

use tokio::sync::oneshot;

/// How far behind all others the threads stand: those who answer get nine tenths of a processor that both want.
#[cfg(target_os = "linux")]
const NICE: i32 = 10;

/// Work that waits for a thread.
type Work = Box<dyn FnOnce() + Send>;

/// A fixed number of threads. They begin with the first work and end when this is dropped; they are always the same, as each
/// new one would keep memory of its own for later.
#[derive(Debug)]
pub struct Backroom {
    name: &'static str,
    threads: usize,
    door: OnceLock<mpsc::Sender<Work>>,
}

impl Backroom {
    /// Room for so many works at once, on threads of that name.
    pub const fn new(name: &'static str, threads: usize) -> Self {
        Self { name, threads, door: OnceLock::new() }
    }

    /// Does the work when its turn comes. Nothing where it panicked, or could not be begun; giving up waiting is safe, and work
    /// that has begun runs to its end.
    pub async fn work<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let (answer, answered) = oneshot::channel();
        let work = move || {
            // Nobody waits for it when the caller has left.
            let _ = answer.send(work());
        };
        self.door.get_or_init(|| self.open()).send(Box::new(work)).ok()?;
        answered.await.ok()
    }

    fn open(&self) -> mpsc::Sender<Work> {
        let (sender, receiver) = mpsc::channel::<Work>();
        let receiver = Arc::new(Mutex::new(receiver));
        for _ in 0..self.threads {
            let receiver = Arc::clone(&receiver);
            let next = move || receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let work_on = move || {
                step_back();
                while let Ok(work) = next() {
                    // Whoever waits for work that panicked is told by its silence.
                    drop(catch_unwind(AssertUnwindSafe(work)));
                }
            };
            if let Err(cause) = thread::Builder::new().name(self.name.to_owned()).spawn(work_on) {
                tracing::error!(error = %cause, "a thread of the {} could not be started", self.name);
            }
        }
        sender
    }
}

/// How many processors work may have: all but one, which is left to those who answer. A thread that stands behind gives way
/// when another wakes, but not always at once, and where every processor has such work somebody waits for that.
pub fn spare_processors() -> usize {
    thread::available_parallelism().map_or(1, |all| all.get().saturating_sub(1)).max(1)
}

/// Lets all other threads go first. A thread cannot take this back, so that none is used for anything else.
fn step_back() {
    #[cfg(target_os = "linux")]
    {
        // Where it is not allowed, the work is done all the same.
        let _ = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_that_panics_is_answered_by_nothing_and_the_thread_goes_on() {
        let room = Backroom::new("test", 1);
        assert_eq!(room.work(|| panic!("broken")).await, None::<()>);
        assert_eq!(room.work(|| 7).await, Some(7));
    }

    #[tokio::test]
    #[cfg(target_os = "linux")]
    async fn work_stands_behind_those_who_answer() {
        let nice = || rustix::process::getpriority_process(Some(rustix::thread::gettid())).unwrap_or_default();
        let behind = Backroom::new("test", 1).work(nice).await;
        assert!(behind >= Some(nice() + NICE.min(19 - nice())), "{behind:?}");
    }
}
