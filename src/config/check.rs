//! What settings must be, each and together. Every problem is found at once, so that a person mends them in one go.

use std::net::{IpAddr, SocketAddr};

use lettre::message::Mailbox;
use secrecy::ExposeSecret;
use tracing_subscriber::EnvFilter;
use url::{Url, form_urlencoded};

use super::{Problem, Settings, SettingsError, settings::read_networks};
use crate::domain::{
    app_version::AppVersion,
    password::{PASSWORD_LENGTHS, is_guessed_first},
};

impl Settings {
    /// Refuses settings that cannot work or are not safe, all of them at once. Touches no file and no network.
    pub fn check(&self) -> Result<(), SettingsError> {
        let mut problems = Vec::new();
        let mut wrong = |setting: &str, wrong: &str, write: &str| problems.push(Problem::new(setting, wrong, write));
        self.check_addresses(&mut wrong);
        self.check_database(&mut wrong);
        self.check_photos(&mut wrong);
        self.check_mail(&mut wrong);
        self.check_numbers(&mut wrong);
        self.check_sign_in(&mut wrong);
        self.check_rest(&mut wrong);
        if problems.is_empty() { Ok(()) } else { Err(SettingsError::Wrong(problems)) }
    }

    fn check_addresses(&self, wrong: &mut impl FnMut(&str, &str, &str)) {
        if self.listen.parse::<SocketAddr>().is_err() {
            wrong("listen", "is no address with a port", "one such as 127.0.0.1:8080");
            if self.public_url.is_empty() {
                return;
            }
        }
        let Some(url) = Url::parse(&self.public_url()).ok().filter(|url| url.host_str().is_some_and(|host| !host.is_empty()))
        else {
            return wrong("public_url", "is no URL", "one such as https://salama.company.ma");
        };
        match url.scheme() {
            "https" => {}
            "http" if is_this_machine(&url) => {}
            "http" if self.public_url.is_empty() => {
                wrong("public_url", "is empty while listen is open to other machines", "the https URL that phones use");
            }
            _ => wrong("public_url", "is not https", "an https URL; http is for this machine alone"),
        }
        if url.query().is_some() || url.fragment().is_some() || has_user(&url) {
            wrong("public_url", "holds more than scheme, host and path", "it without user, ? and #");
        }
    }

    fn check_database(&self, wrong: &mut impl FnMut(&str, &str, &str)) {
        const WRITE: &str = "sqlite://PATH or postgres://USER:PASSWORD@HOST/NAME";
        let text = self.database_url.expose_secret();
        if let Some(path) = text.strip_prefix("sqlite:") {
            if path.trim_start_matches('/').is_empty() {
                wrong("database_url", "names no file", WRITE);
            }
            return;
        }
        let Ok(url) = Url::parse(text) else { return wrong("database_url", "is no URL", WRITE) };
        if !matches!(url.scheme(), "postgres" | "postgresql") {
            return wrong("database_url", "is of no database that is known", WRITE);
        }
        // The driver lets parameters stand over the rest of the URL, and the last of them over the others.
        let asked = |names: &[&str]| {
            url.query_pairs().filter(|(key, _)| names.contains(&key.as_ref())).last().map(|pair| pair.1.into_owned())
        };
        let host = asked(&["host", "hostaddr"]).or_else(|| url.host_str().map(decoded)).unwrap_or_default();
        if host.is_empty() || host.starts_with('/') || is_loopback(&host) {
            return;
        }
        let password = asked(&["password"]).or_else(|| url.password().map(decoded));
        let user = asked(&["user"]).unwrap_or_else(|| decoded(url.username()));
        if let Some(why) = password.and_then(|password| weakness(&password, &user)) {
            wrong("database_url", why, "a password of at least 8 characters that nobody guesses");
        }
    }

    fn check_photos(&self, wrong: &mut impl FnMut(&str, &str, &str)) {
        const WRITE: &str = "file://PATH, or s3://BUCKET/PREFIX?region=REGION&endpoint=https://HOST";
        let (id, secret) = (self.s3_access_key_id.expose_secret(), self.s3_secret_access_key.expose_secret());
        if id.is_empty() != secret.is_empty() {
            wrong("s3_secret_access_key", "and s3_access_key_id go together, and one is empty", "both or neither");
        }
        if let Some(path) = self.photos_url.strip_prefix("file://") {
            if path.trim_matches('/').is_empty() {
                wrong("photos_url", "names no folder", WRITE);
            }
            return;
        }
        let Some(url) = Url::parse(&self.photos_url).ok().filter(|url| url.scheme() == "s3") else {
            return wrong("photos_url", "is neither a file:// nor an s3:// URL", WRITE);
        };
        if url.host_str().is_none_or(str::is_empty) {
            wrong("photos_url", "names no bucket", WRITE);
        }
        if has_user(&url) {
            wrong("photos_url", "holds a key", "it without, and the key as s3_access_key_id and s3_secret_access_key");
        }
        if url.query_pairs().any(|(name, _)| name != "endpoint" && name != "region") {
            wrong("photos_url", "has something else than endpoint and region after the ?", WRITE);
        }
        let endpoint = url.query_pairs().find(|(name, _)| name == "endpoint").map(|(_, value)| Url::parse(&value));
        let local = matches!(&endpoint, Some(Ok(endpoint)) if is_this_machine(endpoint));
        if endpoint
            .is_some_and(|endpoint| endpoint.map_or(true, |it| !(it.scheme() == "https" || local && it.scheme() == "http")))
        {
            wrong("photos_url", "has an endpoint that is not https", "an https endpoint; http is for this machine alone");
        }
        if let Some(why) = weakness(secret, id).filter(|_| !local && !secret.is_empty()) {
            wrong("s3_secret_access_key", why, "the key that the S3 service gave you");
        }
    }

    fn check_mail(&self, wrong: &mut impl FnMut(&str, &str, &str)) {
        const WRITE: &str = "smtps://USER:PASSWORD@HOST or smtp://USER:PASSWORD@HOST, or nothing";
        let mut to_the_world = false;
        if let Some(text) = self.smtp_url() {
            let url = Url::parse(text.expose_secret()).ok().filter(|url| matches!(url.scheme(), "smtp" | "smtps"));
            let Some(url) = url.filter(|url| url.host_str().is_some_and(|host| !host.is_empty())) else {
                return wrong("smtp_url", "is no smtp:// or smtps:// URL with a host", WRITE);
            };
            to_the_world = !is_this_machine(&url);
            let (user, password) = (decoded(url.username()), decoded(url.password().unwrap_or_default()));
            if user.is_empty() != password.is_empty() {
                wrong("smtp_url", "has a user without a password, or a password without a user", WRITE);
            } else if let Some(why) = weakness(&password, &user).filter(|_| to_the_world && !user.is_empty()) {
                wrong("smtp_url", why, "a password of at least 8 characters that nobody guesses");
            }
        } else if self.mail_dir.as_os_str().is_empty() {
            wrong("mail_dir", "is empty, and so is smtp_url", "a folder for mails, or smtp_url");
        }
        let Some(from) = self.mail_from.parse::<Mailbox>().ok().filter(|from| from.email.to_string().is_ascii()) else {
            return wrong("mail_from", "is no mail address in plain letters", "one such as Salama <salama@company.ma>");
        };
        if to_the_world && is_nobodys_domain(&from.email.domain().to_lowercase()) {
            wrong("mail_from", "has a domain that no mail comes from", "an address of your own domain");
        }
    }

    fn check_numbers(&self, wrong: &mut impl FnMut(&str, &str, &str)) {
        let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        let bounds = [
            ("database_connections", u64::from(self.database_connections), 1, 200),
            ("photo_max_bytes", self.photo_max_bytes, 1 << 20, 256 << 20),
            ("orphan_grace_hours", u64::from(self.orphan_grace_hours), 1, 8760),
            ("body_max_bytes", count(self.body_max_bytes), 16 << 10, 16 << 20),
            ("body_max_secs", self.body_max_secs, 1, 300),
            ("connections", count(self.connections), 64, 100_000),
            ("requests_per_minute", u64::from(self.requests_per_minute), 60, 10_000_000),
            ("renditions_at_once", count(self.renditions_at_once), 1, 16),
            ("mails_at_once", count(self.mails_at_once), 1, 64),
            ("mails_per_minute", self.mails_per_minute, 1, 60_000),
            ("mail_timeout_secs", self.mail_timeout_secs, 10, 3600),
            ("tick_ms", self.tick_ms, 10, 60_000),
        ];
        for (setting, value, least, most) in bounds {
            if !(least..=most).contains(&value) {
                wrong(setting, "is out of bounds", &format!("a number from {least} to {most}"));
            }
        }
    }

    fn check_sign_in(&self, wrong: &mut impl FnMut(&str, &str, &str)) {
        if !matches!(self.second_factor.as_str(), "offered" | "required") {
            wrong("second_factor", "is neither of the two", "offered or required");
        }
        if read_networks(&self.trusted_proxies).is_none() {
            wrong("trusted_proxies", "holds what is neither an address nor a network", "one such as 127.0.0.1,10.0.0.0/8");
        }
        if self.oidc_issuer.is_empty() {
            if !self.oidc_client_id.is_empty() {
                wrong("oidc_issuer", "is empty, and oidc_client_id is not", "both or neither");
            }
            return;
        }
        let is_safe = |text: &str| {
            Url::parse(text).is_ok_and(|url| {
                (url.scheme() == "https" || (url.scheme() == "http" && is_this_machine(&url)))
                    && url.has_host()
                    && !has_user(&url)
                    && url.fragment().is_none()
            })
        };
        if !is_safe(&self.oidc_issuer) || self.oidc_issuer.contains('?') {
            wrong("oidc_issuer", "is no https URL", "the issuer exactly as it names itself; http is for this machine alone");
        }
        // Issuers of all tenants at once name none in their tokens that could be compared.
        if ["/common", "/organizations", "/consumers"].iter().any(|all| self.oidc_issuer.contains(all)) {
            wrong("oidc_issuer", "stands for many tenants", "the issuer of your own tenant");
        }
        if self.oidc_client_id.is_empty() {
            wrong("oidc_client_id", "is empty, and oidc_issuer is not", "the name the issuer gave this server");
        }
        let secret = self.oidc_client_secret.expose_secret();
        let local = Url::parse(&self.oidc_issuer).is_ok_and(|url| is_this_machine(&url));
        if let Some(why) = weakness(secret, &self.oidc_client_id).filter(|_| !local && !secret.is_empty()) {
            wrong("oidc_client_secret", why, "the secret that the issuer gave you");
        }
        if !self.oidc_redirect_url.is_empty() && Url::parse(&self.oidc_redirect_url).is_err() {
            wrong("oidc_redirect_url", "is no URL", "the address at which the app takes over, as the issuer knows it");
        }
    }

    fn check_rest(&self, wrong: &mut impl FnMut(&str, &str, &str)) {
        if self.keys_dir.as_os_str().is_empty() {
            wrong("keys_dir", "is empty", "a folder that only the server's user reads");
        }
        if let Some(place) = self.heartbeat() {
            let url = Url::parse(place).ok();
            let to_a_server = url.as_ref().is_some_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
            let to_a_file = url.is_some_and(|url| url.scheme() == "file" && url.to_file_path().is_ok());
            if !(to_a_server || to_a_file) {
                wrong(
                    "heartbeat",
                    "is neither an http:// or https:// URL nor file:// and a whole path",
                    "one of these, or nothing",
                );
            }
        }
        let versions = [("app_minimum", &self.app_minimum), ("app_recommended", &self.app_recommended)];
        for (setting, version) in versions {
            if !version.is_empty() && version.parse::<AppVersion>().is_err() {
                wrong(setting, "is no version of an app", "three numbers such as 2.4.1, or nothing");
            }
        }
        if self.app_recommended().zip(self.app_minimum()).is_some_and(|(recommended, minimum)| recommended < minimum) {
            wrong("app_recommended", "is older than app_minimum", "the same version or a newer one");
        }
        if EnvFilter::try_new(&self.log).is_err() {
            wrong("log", "is no log filter", "error, warn, info, debug or trace");
        }
        if !matches!(self.log_format.as_str(), "text" | "json") {
            wrong("log_format", "is no format that is known", "text or json");
        }
    }
}

/// Passwords that products are delivered with, besides the words people try first.
const DELIVERED_WITH: [&str; 3] = ["minioadmin", "postgres", "rustfsadmin"];

/// Why a password does not keep anybody out.
fn weakness(password: &str, user: &str) -> Option<&'static str> {
    let lower = password.to_lowercase();
    if lower.contains("example") || DELIVERED_WITH.contains(&lower.as_str()) || lower == user.to_lowercase() {
        Some("has an example for a password")
    } else if is_guessed_first(password) {
        Some("has a password that is guessed first")
    } else if password.chars().count() < *PASSWORD_LENGTHS.start() {
        Some("has a password that is too short")
    } else {
        None
    }
}

/// Names set apart for examples and local use (RFC 2606, RFC 6761), and names without a dot.
fn is_nobodys_domain(domain: &str) -> bool {
    let within = |name: &str| domain == name || domain.strip_suffix(name).is_some_and(|rest| rest.ends_with('.'));
    !domain.contains('.')
        || ["example", "example.com", "example.net", "example.org", "invalid", "localhost", "test"].into_iter().any(within)
}

fn is_this_machine(url: &Url) -> bool {
    url.host_str().is_some_and(|host| is_loopback(&decoded(host)))
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    address.map_or_else(|_| host.eq_ignore_ascii_case("localhost"), |address| address.is_loopback())
}

fn has_user(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

/// A part of a URL as it was before it was percent-encoded.
fn decoded(part: &str) -> String {
    let whole = part.replace('+', "%2B").replace('&', "%26").replace('=', "%3D");
    form_urlencoded::parse(whole.as_bytes()).map(|(name, _)| name.into_owned()).collect()
}
