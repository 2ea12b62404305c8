//! Password hashes: argon2id, off the threads that answer and behind them, a bounded number at once.

use std::{path::Path, sync::Arc};

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{Output, ParamsString, PasswordHash, Salt},
};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tracing::error;

use super::breaches;
use crate::{
    backroom::{Backroom, spare_processors},
    clock::Clock,
};

/// How many hashes are made at once at most: each takes a core and 19 MiB.
const AT_ONCE: usize = 2;
/// How many may wait for their turn before others are told to come back.
const WAITING: usize = 32;

/// Makes and checks password hashes.
#[derive(Debug, Clone)]
pub struct Passwords {
    threads: Arc<Backroom>,
    queue: Arc<Semaphore>,
    clock: Clock,
    /// The hash of nobody's password: an unknown login costs as much as a wrong password (OWASP ASVS 5.0, 6.3.8).
    nobody: Arc<str>,
    /// Passwords that were stolen elsewhere.
    stolen: Option<Arc<Path>>,
}

/// A place among those whose password is looked at next, free again when dropped.
#[derive(Debug)]
pub struct Place(#[expect(dead_code, reason = "held, not read")] OwnedSemaphorePermit);

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
    pub fn new(clock: Clock, stolen: Option<&Path>) -> Result<Self, Unhashable> {
        let nobody = hash(&hex::encode(clock.random_bytes::<16>()), &clock)?;
        Ok(Self {
            threads: Arc::new(Backroom::new("passwords", AT_ONCE.min(spare_processors()))),
            queue: Arc::new(Semaphore::new(WAITING)),
            clock,
            nobody: nobody.into(),
            stolen: stolen.map(Arc::from),
        })
    }

    /// The hash of a password, in PHC form with its salt and parameters.
    pub async fn hash(&self, password: SecretString) -> Result<String, Unhashable> {
        let clock = self.clock.clone();
        self.in_turn(self.place()?, move || hash(password.expose_secret(), &clock)).await?
    }

    /// A place in the queue, taken before anything else is done for somebody: a crowd is told to come back at once.
    pub fn place(&self) -> Result<Place, Unhashable> {
        Arc::clone(&self.queue).try_acquire_owned().map(Place).map_err(|_| Unhashable::Busy)
    }

    /// Whether the password is the one hashed. Without a hash it takes as long, and the answer is no.
    pub async fn is_right(&self, place: Place, password: SecretString, hashed: Option<String>) -> Result<bool, Unhashable> {
        let nobody = self.nobody.clone();
        self.in_turn(place, move || {
            let known = hashed.is_some();
            let text = hashed.unwrap_or_else(|| nobody.to_string());
            is_of(password.expose_secret(), &text) == Some(true) && known
        })
        .await
    }

    /// Whether the password was stolen elsewhere; no where there is no list of those, or it cannot be read.
    pub async fn is_stolen(&self, password: SecretString) -> Result<bool, Unhashable> {
        let Some(file) = self.stolen.clone() else { return Ok(false) };
        let has = self.in_turn(self.place()?, move || breaches::has(&file, password.expose_secret())).await?;
        Ok(has
            .inspect_err(|cause| error!(error = cause as &dyn std::error::Error, "breached_passwords cannot be read"))
            .unwrap_or(false))
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        _place: Place,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Unhashable> {
        self.threads.work(work).await.ok_or(Unhashable::Failed)
    }
}

/// 19 MiB, two passes, one lane: the floor of OWASP ASVS 5.0 appendix C.
fn params() -> Result<Params, Unhashable> {
    Params::new(19_456, 2, 1, Some(32)).map_err(|_| Unhashable::Failed)
}

fn hash(password: &str, clock: &Clock) -> Result<String, Unhashable> {
    let (params, salt) = (params()?, Salt::new(&clock.random_bytes::<16>()).map_err(|_| Unhashable::Failed)?);
    let hash = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&params).map_err(|_| Unhashable::Failed)?,
        hash: Some(output(password, &salt, params)?),
        salt: Some(salt),
    };
    Ok(hash.to_string())
}

/// Whether the password is the one of that hash. Outputs are compared in constant time.
fn is_of(password: &str, hash: &str) -> Option<bool> {
    let hash = PasswordHash::new(hash).ok()?;
    let ours = hash.algorithm == Algorithm::Argon2id.ident() && hash.version == Some(Version::V0x13.into());
    let output = output(password, hash.salt.as_ref()?, Params::try_from(&hash).ok()?).ok()?;
    Some(ours && hash.hash? == output)
}

/// More than the 32 MiB above which the C library gives memory back as soon as it is let go; what is smaller it may keep,
/// once for each thread. What is not touched of it takes no memory.
const ROOM: usize = 33 * 1024 * 1024 / Block::SIZE;

fn output(password: &str, salt: &[u8], params: Params) -> Result<Output, Unhashable> {
    let (blocks, length) = (params.block_count(), params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN));
    let mut room = Vec::with_capacity(ROOM.max(blocks));
    room.resize(blocks, Block::new());
    let mut out = vec![0; length];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(password.as_bytes(), salt, &mut out, &mut room)
        .map_err(|_| Unhashable::Failed)?;
    Output::new(&out).map_err(|_| Unhashable::Failed)
}

#[cfg(test)]
mod tests {
    use argon2::PasswordVerifier as _;

    use super::*;

    #[tokio::test]
    async fn the_right_password_is_right_and_nothing_else_is() {
        let passwords = Passwords::new(Clock::system(), None).unwrap();
        let hashed = passwords.hash("seven brass kettles".into()).await.unwrap();
        assert!(hashed.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hashed}");
        for (password, hash, right) in [
            ("seven brass kettles", Some(hashed.clone()), true),
            ("seven brass kettle", Some(hashed.clone()), false),
            ("seven brass kettles", Some(hashed.replace("argon2id", "argon2i")), false),
            ("seven brass kettles", Some("no hash".to_owned()), false),
            ("seven brass kettles", None, false),
        ] {
            assert_eq!(
                passwords.is_right(passwords.place().unwrap(), password.into(), hash.clone()).await.unwrap(),
                right,
                "{password} {hash:?}"
            );
        }
        assert!(Argon2::default().verify_password(b"seven brass kettles", hashed.as_str()).is_ok());
    }
}
