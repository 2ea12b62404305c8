//! Password hashes: argon2id, off the async threads, a bounded number at once.

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version,
    password_hash::phc::{PasswordHash, Salt},
};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use crate::clock::Clock;

/// How many hashes are made at once: each takes a core and 19 MiB.
const AT_ONCE: usize = 2;
/// How many may wait for their turn before others are told to come back.
const WAITING: usize = 32;

/// Makes and checks password hashes.
#[derive(Debug, Clone)]
pub struct Passwords {
    turns: Arc<Semaphore>,
    queue: Arc<Semaphore>,
    clock: Clock,
    /// The hash of nobody's password: an unknown login costs as much as a wrong password (OWASP ASVS 5.0, 6.3.8).
    nobody: Arc<str>,
}

/// No hash was made.
#[derive(Debug, thiserror::Error)]
pub enum Unhashable {
    /// Too many sign-ins at once.
    #[error("too many sign-ins at once")]
    Busy,
    /// The hash function failed.
    #[error("the password hash could not be made")]
    Failed,
}

impl Passwords {
    /// Ready to hash. Makes one hash, of a password nobody has.
    pub fn new(clock: Clock) -> Result<Self, Unhashable> {
        let nobody = hash(&hex::encode(clock.random_bytes::<16>()), &clock)?;
        Ok(Self {
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            queue: Arc::new(Semaphore::new(WAITING)),
            clock,
            nobody: nobody.into(),
        })
    }

    /// The hash of a password, in PHC form with its salt and parameters.
    pub async fn hash(&self, password: SecretString) -> Result<String, Unhashable> {
        let clock = self.clock.clone();
        self.in_turn(move || hash(password.expose_secret(), &clock)).await?
    }

    /// Whether the password is the one hashed. Without a hash it takes as long, and the answer is no.
    pub async fn is_right(&self, password: SecretString, hashed: Option<String>) -> Result<bool, Unhashable> {
        let nobody = self.nobody.clone();
        self.in_turn(move || {
            let known = hashed.is_some();
            let text = hashed.unwrap_or_else(|| nobody.to_string());
            let Ok(parsed) = PasswordHash::new(&text) else { return false };
            argon2().is_ok_and(|argon2| argon2.verify_password(password.expose_secret().as_bytes(), &parsed).is_ok()) && known
        })
        .await
    }

    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Unhashable> {
        let _place = self.queue.try_acquire().map_err(|_| Unhashable::Busy)?;
        let turn = self.turns.clone().acquire_owned().await.map_err(|_| Unhashable::Failed)?;
        let done = tokio::task::spawn_blocking(move || {
            let result = work();
            drop(turn);
            result
        });
        done.await.map_err(|_| Unhashable::Failed)
    }
}

/// 19 MiB, two passes, one lane: the floor of OWASP ASVS 5.0 appendix C.
fn argon2() -> Result<Argon2<'static>, Unhashable> {
    let params = Params::new(19_456, 2, 1, None).map_err(|_| Unhashable::Failed)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(password: &str, clock: &Clock) -> Result<String, Unhashable> {
    let salt = Salt::new(&clock.random_bytes::<16>()).map_err(|_| Unhashable::Failed)?;
    let hash = argon2()?.hash_password_with_salt(password.as_bytes(), salt.as_ref()).map_err(|_| Unhashable::Failed)?;
    Ok(hash.to_string())
}
