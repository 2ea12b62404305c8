//! The settings themselves, and the form in which the rest of the house wants them. Where they come from is `layers`,
//! what they must be is `check`.

use std::{
    net::IpAddr,
    path::{Path, PathBuf},
};

use ipnet::IpNet;
use lettre::message::Mailbox;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use crate::domain::app_version::AppVersion;

/// All settings; `default.toml` says what each means. Printing them shows no secret.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Address and port to listen on.
    pub listen: String,
    pub(super) public_url: String,
    /// The database's URL, perhaps with a password in it.
    pub database_url: SecretString,
    /// The most connections to the database at once.
    pub database_connections: u32,
    /// Whether the database is migrated at start.
    pub migrate: bool,
    pub(super) pack: String,
    pub(super) photos_url: String,
    pub(super) uploads_dir: PathBuf,
    pub(super) s3_access_key_id: SecretString,
    pub(super) s3_secret_access_key: SecretString,
    /// The largest photo taken, in bytes.
    pub photo_max_bytes: u64,
    /// How long a file of the photo store may be there without being on record, in hours.
    pub orphan_grace_hours: u32,
    /// The largest other request body taken, in bytes.
    pub body_max_bytes: usize,
    /// How long a request that is no photo may take to arrive, in seconds.
    pub body_max_secs: u64,
    /// The most connections at once.
    pub connections: usize,
    /// How many photos are resized at once.
    pub renditions_at_once: usize,
    /// Folder of the keys that sign access tokens.
    pub keys_dir: PathBuf,
    pub(super) second_factor: String,
    pub(super) breached_passwords: PathBuf,
    pub(super) oidc_issuer: String,
    pub(super) oidc_client_id: String,
    pub(super) oidc_client_secret: SecretString,
    pub(super) oidc_redirect_url: String,
    /// Whether the organisation's provider always asks for a second factor, whatever it says of a sign-in.
    pub oidc_second_factor: bool,
    /// How many requests a session may make in a minute.
    pub requests_per_minute: u32,
    pub(super) trusted_proxies: String,
    pub(super) smtp_url: SecretString,
    /// Folder that mails are written to while there is no relay.
    pub mail_dir: PathBuf,
    /// Sender of every mail: `Name <a@b.org>`.
    pub mail_from: String,
    /// How many mails are sent at once.
    pub mails_at_once: usize,
    /// How many mails the relay is asked to take within a minute, by all replicas together.
    pub mails_per_minute: u64,
    pub(super) bounces_dir: PathBuf,
    pub(super) heartbeat: String,
    pub(super) app_minimum: String,
    pub(super) app_recommended: String,
    /// How long one mail may take, in seconds.
    pub mail_timeout_secs: u64,
    /// How often the worker looks for what is due, in milliseconds.
    pub tick_ms: u64,
    /// What is logged, as a filter of `tracing_subscriber`.
    pub log: String,
    pub(super) log_format: String,
}

impl Settings {
    /// Where people reach the server, without a slash at the end.
    pub fn public_url(&self) -> String {
        let url = if self.public_url.is_empty() { format!("http://{}", self.listen) } else { self.public_url.clone() };
        url.trim_end_matches('/').to_owned()
    }

    /// The pack that an empty database begins with, if any.
    pub fn pack(&self) -> Option<&str> {
        Some(self.pack.as_str()).filter(|pack| !pack.is_empty())
    }

    /// Where photos are kept: `file:///` and a whole path, or `s3://`. A relative path counts from the working folder.
    pub fn photos_url(&self) -> String {
        let relative = self.photos_url.strip_prefix("file://").filter(|path| !path.starts_with('/'));
        relative
            .and_then(|path| std::path::absolute(path).ok())
            .and_then(|path| Url::from_file_path(path).ok())
            .map_or_else(|| self.photos_url.clone(), String::from)
    }

    /// Where photos lie while they are on their way in pieces: as set, else beside the folder of photos.
    pub fn uploads_dir(&self) -> PathBuf {
        if !self.uploads_dir.as_os_str().is_empty() {
            return self.uploads_dir.clone();
        }
        let photos = Url::parse(&self.photos_url()).ok().filter(|url| url.scheme() == "file");
        let photos = photos.and_then(|url| url.to_file_path().ok()).unwrap_or_else(|| PathBuf::from("salama-data/photos"));
        photos.with_file_name("uploads")
    }

    /// The S3 access key's id and secret, if set.
    pub fn s3_keys(&self) -> Option<(&str, &SecretString)> {
        let id = self.s3_access_key_id.expose_secret();
        (!id.is_empty()).then_some((id, &self.s3_secret_access_key))
    }

    /// Whether everybody but technicians must have a second factor.
    pub fn demands_second_factor(&self) -> bool {
        self.second_factor == "required"
    }

    /// The file of stolen passwords, if there is one.
    pub fn breached_passwords(&self) -> Option<&Path> {
        Some(self.breached_passwords.as_path()).filter(|file| !file.as_os_str().is_empty())
    }

    /// The organisation's provider, if there is one: its name, ours at it, our secret, and where it sends browsers back to.
    pub fn provider(&self) -> Option<(&str, &str, Option<SecretString>, String)> {
        let secret = Some(self.oidc_client_secret.clone()).filter(|secret| !secret.expose_secret().is_empty());
        let back = Some(self.oidc_redirect_url.clone()).filter(|url| !url.is_empty());
        let back = back.unwrap_or_else(|| format!("{}/signed-in", self.public_url()));
        (!self.oidc_issuer.is_empty()).then_some((&self.oidc_issuer, &self.oidc_client_id, secret, back))
    }

    /// The proxies whose word is taken for where a request comes from.
    pub fn trusted_proxies(&self) -> Vec<IpNet> {
        read_networks(&self.trusted_proxies).unwrap_or_default()
    }

    /// The mail relay's URL, if there is one.
    pub fn smtp_url(&self) -> Option<&SecretString> {
        (!self.smtp_url.expose_secret().is_empty()).then_some(&self.smtp_url)
    }

    /// The folder that mails which come back are dropped into, if there is one.
    pub fn bounces_dir(&self) -> Option<&Path> {
        Some(self.bounces_dir.as_path()).filter(|folder| !folder.as_os_str().is_empty())
    }

    /// Where it is said that all is well, if anywhere: a URL or `file://` and a path.
    pub fn heartbeat(&self) -> Option<&str> {
        Some(self.heartbeat.as_str()).filter(|place| !place.is_empty())
    }

    /// The oldest version of the app that is spoken with, if one is set.
    pub fn app_minimum(&self) -> Option<AppVersion> {
        self.app_minimum.parse().ok()
    }

    /// The version of the app that should be used, if one is set.
    pub fn app_recommended(&self) -> Option<AppVersion> {
        self.app_recommended.parse().ok()
    }

    /// The domain mails are sent from; `localhost` when `mail_from` is no address.
    pub fn mail_domain(&self) -> String {
        self.mail_from.parse::<Mailbox>().map_or_else(|_| "localhost".into(), |from| from.email.domain().to_lowercase())
    }

    /// Whether log lines are JSON.
    pub fn log_is_json(&self) -> bool {
        self.log_format == "json"
    }
}

/// Networks, or single addresses, with commas between them.
pub(super) fn read_networks(text: &str) -> Option<Vec<IpNet>> {
    let network = |part: &str| part.parse().or_else(|_| part.parse::<IpAddr>().map(IpNet::from)).ok();
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(network).collect()
}
