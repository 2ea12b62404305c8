//! The keys that sign: files of mode 600 in one folder, the first made at first start. Another one is put beside it to sign
//! from a later moment on, so that every replica and whoever reads the public keys knows it before its first signature; the
//! older ones go on proving what they signed, until their files are removed.

use std::{fs, io, path::Path};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jsonwebtoken::{DecodingKey, EncodingKey};

use super::{
    KeyError,
    secret_file::{make, open_or_make},
    tokens::sha256,
};
use crate::domain::{session::LEEWAY_SECS, time::Instant};

const FIRST: &str = "signing-key.pem";
const PREFIX: &str = "signing-key-";
const SUFFIX: &str = ".pem";

/// A key that signs, or did, or will.
pub(super) struct SigningKey {
    /// From when it signs (seconds since 1970).
    from: i64,
    pub sign: EncodingKey,
    pub verify: DecodingKey,
    pub kid: String,
    pub public: String,
}

/// All of them, the oldest first.
pub(super) struct KeyRing(Vec<SigningKey>);

impl KeyRing {
    /// Takes the keys of that folder, or makes one.
    pub fn open_or_make(folder: &Path) -> Result<Self, KeyError> {
        let failed = |cause| KeyError::File(folder.display().to_string(), cause);
        let mut keys = vec![key(&folder.join(FIRST), 0)?];
        for entry in fs::read_dir(folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let from = name.strip_prefix(PREFIX).and_then(|rest| rest.strip_suffix(SUFFIX)).and_then(|from| from.parse().ok());
            if let Some(from) = from {
                keys.push(key(&path, from)?);
            }
        }
        keys.sort_by_key(|key| key.from);
        Ok(Self(keys))
    }

    /// The key that signs at that moment.
    pub fn signing(&self, now: Instant) -> Option<&SigningKey> {
        self.0.iter().rev().find(|key| key.from <= now.seconds())
    }

    /// The key of that name.
    pub fn of_name(&self, kid: &str) -> Option<&SigningKey> {
        self.0.iter().find(|key| key.kid == kid)
    }

    /// Whether a key was the one that signed then: an old one that was stolen makes no new tokens.
    pub fn signed_at(&self, key: &SigningKey, seconds: i64) -> bool {
        let next = self.0.iter().find(|other| other.from > key.from);
        key.from <= seconds.saturating_add(LEEWAY_SECS)
            && next.is_none_or(|next| seconds <= next.from.saturating_add(LEEWAY_SECS))
    }

    /// All of them, the oldest first.
    pub fn keys(&self) -> impl Iterator<Item = &SigningKey> {
        self.0.iter()
    }
}

/// Puts another key into the folder, to sign from that moment on.
pub fn add_signing_key(folder: &Path, from: Instant) -> Result<(), KeyError> {
    let path = folder.join(format!("{PREFIX}{}{SUFFIX}", from.seconds()));
    fresh().and_then(|pem| make(&path, &pem)).map_err(|cause| KeyError::File(path.display().to_string(), cause))
}

fn key(path: &Path, from: i64) -> Result<SigningKey, KeyError> {
    let pem = open_or_make(path, fresh)?;
    let format = || KeyError::Format(path.display().to_string(), "an Ed25519 key in PKCS#8 PEM form");
    let der = pem_body(&pem).ok_or_else(format)?;
    let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der).map_err(|_| format())?;
    let public = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
    Ok(SigningKey {
        from,
        sign: EncodingKey::from_ed_der(&der),
        verify: DecodingKey::from_ed_components(&public).map_err(|_| format())?,
        kid: hex::encode(&sha256(public.as_bytes())[..8]),
        public,
    })
}

/// A new key in PEM form.
fn fresh() -> io::Result<Vec<u8>> {
    let document = Ed25519KeyPair::generate_pkcs8(&aws_lc_rs::rand::SystemRandom::new())
        .map_err(|_| io::Error::other("no key could be made"))?;
    let body = STANDARD.encode(document.as_ref());
    Ok(format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n").into_bytes())
}

fn pem_body(pem: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(pem).ok()?;
    let body: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
    STANDARD.decode(body.trim()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        credentials::Keys,
        domain::{journal::Seal, session::tests::session},
    };

    #[test]
    fn another_key_is_known_before_it_signs_and_the_old_one_after_it_signed() {
        let folder = tempfile::tempdir().unwrap();
        let at = |seconds: i64| Instant::from_ms((1_795_000_000 + seconds) * 1000);
        let open = || Keys::open_or_make(folder.path(), "https://salama.example").unwrap();
        let (one, other) = (open(), open());
        let token = |keys: &Keys, now| keys.sign(&session(), now, uuid::Uuid::nil()).unwrap();
        let seal = Seal { seq: 1, hash: "07".repeat(32), at: at(0) };
        let (old, old_seal) = (token(&one, at(0)), one.seal(&seal).unwrap());
        add_signing_key(folder.path(), at(300)).unwrap();
        one.look_again().unwrap();
        assert_eq!(one.jwks()["keys"].as_array().unwrap().len(), 2);
        assert!(other.read(&token(&one, at(299)), at(299)).is_ok(), "nobody signs with what not all know");
        other.look_again().unwrap();
        let new = token(&one, at(300));
        for keys in [&one, &other, &open()] {
            assert!(keys.read(&new, at(300)).is_ok() && keys.read(&old, at(301)).is_ok(), "nobody is signed out");
            assert!(keys.read_seal(&old_seal).is_ok(), "a seal never ends");
        }
        let stale = Keys::open_or_make(folder.path(), "https://salama.example").unwrap();
        fs::remove_file(folder.path().join(format!("signing-key-{}.pem", at(300).seconds()))).unwrap();
        let only_old = open();
        assert!(stale.read(&token(&only_old, at(900)), at(900)).is_err(), "a retired key makes no new tokens");
    }
}
