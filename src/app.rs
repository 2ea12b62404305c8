//! Everything a request or a tick may need, put together once. It decides nothing.

use std::{path::Path, sync::Arc, time::Duration};

use secrecy::{ExposeSecret, SecretString};
use tokio::sync::watch;

use crate::{
    clock::Clock,
    config::Settings,
    credentials::{Digits, KeyError, Keys, Links, Passwords, Unhashable},
    mail::{MailError, Patience, Sender},
    photos::{Darkroom, Keeping, PhotoError, S3Access, Spool},
    provider::{Provider, ProviderError},
    pulse::Pulse,
    store::{Store, StoreError},
};

/// The parts of a running Salama. Cheap to clone.
#[derive(Debug, Clone)]
pub struct App {
    /// Time, ids and dice.
    pub clock: Clock,
    /// What the operator set.
    pub settings: Arc<Settings>,
    /// The database.
    pub store: Store,
    /// Where photos are kept.
    pub keeping: Keeping,
    /// Where photos lie while they are on their way in pieces.
    pub spool: Spool,
    /// Where renditions are made.
    pub darkroom: Arc<Darkroom>,
    /// How mails leave.
    pub sender: Arc<Sender>,
    /// Signs and reads access tokens.
    pub keys: Arc<Keys>,
    /// Makes and reads the links in mails.
    pub links: Arc<Links>,
    /// Makes and compares the digits of second factors.
    pub digits: Arc<Digits>,
    /// The organisation's own sign-in, if there is one.
    pub provider: Option<Arc<Provider>>,
    /// Makes and checks password hashes.
    pub passwords: Passwords,
    /// When each job of the worker was last well.
    pub pulse: Arc<Pulse>,
    /// Counts what gave the worker something to do, so that it need not wait for its next tick.
    pub nudges: watch::Sender<u64>,
}

/// A part could not be put in place.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The database.
    #[error("the database at database_url cannot be opened")]
    Store(#[from] StoreError),
    /// The folder of the database.
    #[error("the folder {0} of the database cannot be made")]
    Folder(String, #[source] std::io::Error),
    /// The photo store.
    #[error("the photo store at photos_url cannot be opened")]
    Photos(#[from] PhotoError),
    /// The folder of photos on their way.
    #[error("the folder uploads_dir cannot be made")]
    Spool(#[source] PhotoError),
    /// The mail relay or folder.
    #[error("smtp_url or mail_dir cannot be used")]
    Mail(#[from] MailError),
    /// A key in `keys_dir`.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// The organisation's own sign-in.
    #[error("oidc_issuer cannot be used")]
    Provider(#[from] ProviderError),
    /// The password hash.
    #[error(transparent)]
    Passwords(#[from] Unhashable),
}

impl App {
    /// Opens every part the settings name. The database is neither migrated nor filled here.
    pub async fn open(settings: Settings, clock: Clock) -> Result<Self, AppError> {
        let keys = Keys::open_or_make(&settings.keys_dir, &settings.public_url())?;
        let links = Links::open_or_make(&settings.keys_dir, &clock)?;
        let digits = Digits::open_or_make(&settings.keys_dir, &clock)?;
        let provider =
            settings.provider().map(|(issuer, id, secret, back)| Provider::new(issuer, id, secret, &back)).transpose()?;
        let s3 = settings
            .s3_keys()
            .map_or(S3Access::Machine, |(id, secret)| S3Access::Keys { id: id.to_owned(), secret: secret.clone() });
        let patience = Patience { whole: Duration::from_secs(settings.mail_timeout_secs), ..Patience::default() };
        Ok(Self {
            store: open_store(&settings.database_url, settings.database_connections).await?,
            keeping: Keeping::open(&settings.photos_url(), s3)?,
            spool: Spool::open(&settings.uploads_dir()).map_err(AppError::Spool)?,
            darkroom: Arc::new(Darkroom::new(settings.renditions_at_once)),
            sender: Arc::new(Sender::open(settings.smtp_url(), &settings.mail_dir, &settings.mail_from, None, patience)?),
            keys: Arc::new(keys),
            links: Arc::new(links),
            digits: Arc::new(digits),
            provider: provider.map(Arc::new),
            passwords: Passwords::new(clock.clone(), settings.breached_passwords())?,
            pulse: Arc::default(),
            nudges: watch::Sender::new(0),
            settings: Arc::new(settings),
            clock,
        })
    }

    /// Tells the worker that there is something to do.
    pub fn nudge(&self) {
        self.nudges.send_modify(|n| *n += 1);
    }
}

/// Opens the database, and makes the folder of a SQLite one.
pub async fn open_store(url: &SecretString, connections: u32) -> Result<Store, AppError> {
    let path = url.expose_secret().strip_prefix("sqlite:").map(|path| path.trim_start_matches("//"));
    let folder = path.and_then(|path| Path::new(path.split('?').next().unwrap_or(path)).parent());
    if let Some(folder) = folder.filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|cause| AppError::Folder(folder.display().to_string(), cause))?;
    }
    Ok(Store::open(url.expose_secret(), connections).await?)
}
