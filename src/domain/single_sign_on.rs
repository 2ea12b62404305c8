//! Signing in through the organisation's own provider (OpenID Connect Core 1.0). An identity is the issuer's name and the
//! subject it gives, and never an e-mail address, which its owner or another tenant may change. Talking to the provider is
//! `provider`'s.

use super::time::Instant;

/// How long somebody may take at the provider, in milliseconds.
pub const ATTEMPT_MS: i64 = 10 * 60_000;

/// Somebody known to the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Who says so: the issuer's exact name.
    pub issuer: String,
    /// Whom they mean.
    pub subject: String,
}

/// An identity that the provider has shown, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Who.
    pub identity: Identity,
    /// Whether the provider says that it asked for more than one factor (`amr` with `mfa`, RFC 8176); it is taken to have
    /// asked for one where it says nothing (OWASP ASVS 5.0, 6.8.4).
    pub second_factor: bool,
}

/// A sign-in that was begun and waits for what the provider says. Hashes stand for what only the device and the provider know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// SHA-256 of what only the device that began it knows.
    pub secret_sha256: [u8; 32],
    /// What the provider must give back unchanged.
    pub state: String,
    /// What must stand in the token (`nonce`).
    pub nonce: String,
    /// What proves to the provider that whoever redeems the code has begun it (RFC 7636).
    pub verifier: String,
    /// What the device calls itself; its own id.
    pub device_id: String,
    /// Its name, for people.
    pub device_name: String,
    /// Until when it is waited for.
    pub expires_at: Instant,
}
