//! Access tokens: `EdDSA`, ten minutes, one algorithm, one issuer, one audience (RFC 8725, RFC 9068). The keys that
//! sign them are `key_ring`'s.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, Header, Validation};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{
    KeyError,
    key_ring::{KeyRing, SigningKey},
};
use crate::domain::{
    journal::Seal,
    session::{ACCESS_SECS, LEEWAY_SECS, Session},
    time::Instant,
};

const AUDIENCE: &str = "salama";
const TYPE: &str = "at+jwt";
const SEAL_TYPE: &str = "journal-seal+jwt";
/// The longest token that is looked at at all.
const TOKEN_LIMIT: usize = 4_096;

/// What an access token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    iss: String,
    aud: String,
    /// Whose it is.
    pub sub: Uuid,
    /// Of which session.
    pub sid: Uuid,
    /// Of which of its pairs; older binaries do not say.
    #[serde(default)]
    pub pair: i64,
    iat: i64,
    exp: i64,
    /// We never say it; who does is believed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nbf: Option<i64>,
    jti: Uuid,
}

/// The token is not one of ours that is still good. Nothing more is said to whoever presented it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the token is not good")]
pub struct TokenRefused;

/// Signs and reads access tokens, with the keys of a folder.
pub struct Keys {
    ring: RwLock<Arc<KeyRing>>,
    folder: PathBuf,
    issuer: String,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys").finish_non_exhaustive()
    }
}

impl Keys {
    /// Takes the keys of that folder, or makes one. Replicas share the folder's content.
    pub fn open_or_make(folder: &Path, issuer: &str) -> Result<Self, KeyError> {
        let ring = RwLock::new(Arc::new(KeyRing::open_or_make(folder)?));
        Ok(Self { ring, folder: folder.to_owned(), issuer: issuer.to_owned() })
    }

    /// Looks into the folder again: somebody may have put another key there.
    pub fn look_again(&self) -> Result<(), KeyError> {
        let ring = Arc::new(KeyRing::open_or_make(&self.folder)?);
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = ring;
        Ok(())
    }

    fn ring(&self) -> Arc<KeyRing> {
        self.ring.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A token for one session, good for ten minutes from `now`.
    pub fn sign(&self, session: &Session, now: Instant, id: Uuid) -> Result<String, TokenRefused> {
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: AUDIENCE.to_owned(),
            sub: session.member.0,
            sid: session.id.0,
            pair: session.pair,
            iat: now.seconds(),
            exp: now.seconds() + ACCESS_SECS,
            nbf: None,
            jti: id,
        };
        let ring = self.ring();
        let key = ring.signing(now).ok_or(TokenRefused)?;
        let header = Header { typ: Some(TYPE.to_owned()), kid: Some(key.kid.clone()), ..Header::new(Algorithm::EdDSA) };
        jsonwebtoken::encode(&header, &claims, &key.sign).map_err(|_| TokenRefused)
    }

    /// What a token says, if it is ours and good at `now`. The library's own defaults would accept a token without
    /// audience, issuer or type, and would read the machine's clock.
    pub fn read(&self, token: &str, now: Instant) -> Result<Claims, TokenRefused> {
        if token.len() > TOKEN_LIMIT {
            return Err(TokenRefused);
        }
        let header: Value = token
            .split('.')
            .next()
            .and_then(|part| URL_SAFE_NO_PAD.decode(part).ok())
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .ok_or(TokenRefused)?;
        let is = |name: &str, wanted: &str| header.get(name).and_then(Value::as_str) == Some(wanted);
        if !is("typ", TYPE) || !is("alg", "EdDSA") || header.get("crit").is_some() {
            return Err(TokenRefused);
        }
        let ring = self.ring();
        let key = header.get("kid").and_then(Value::as_str).and_then(|kid| ring.of_name(kid)).ok_or(TokenRefused)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation.required_spec_claims = ["exp", "iss", "aud", "sub"].map(str::to_owned).into();
        validation.set_audience(&[AUDIENCE]);
        validation.set_issuer(&[&self.issuer]);
        let claims = jsonwebtoken::decode::<Claims>(token, &key.verify, &validation).map_err(|_| TokenRefused)?.claims;
        let seconds = now.seconds();
        let begun = claims.iat.max(claims.nbf.unwrap_or(i64::MIN)).saturating_sub(LEEWAY_SECS) <= seconds;
        let in_time = begun && seconds <= claims.exp.saturating_add(LEEWAY_SECS);
        let was_signing = ring.signed_at(key, claims.iat);
        let whole = claims.exp.saturating_sub(claims.iat) == ACCESS_SECS;
        if in_time && was_signing && whole { Ok(claims) } else { Err(TokenRefused) }
    }

    /// A seal in our signature. It never ends: it is proof of what was.
    pub fn seal(&self, seal: &Seal) -> Result<String, TokenRefused> {
        let ring = self.ring();
        let key = ring.signing(seal.at).ok_or(TokenRefused)?;
        let header = Header { typ: Some(SEAL_TYPE.to_owned()), kid: Some(key.kid.clone()), ..Header::new(Algorithm::EdDSA) };
        jsonwebtoken::encode(&header, seal, &key.sign).map_err(|_| TokenRefused)
    }

    /// What a seal says, if it is ours: of any key that is still in the folder, however long ago it signed.
    pub fn read_seal(&self, token: &str) -> Result<Seal, TokenRefused> {
        let ring = self.ring();
        let kid = jsonwebtoken::decode_header(token).ok().and_then(|header| header.kid).ok_or(TokenRefused)?;
        let key = ring.of_name(&kid).ok_or(TokenRefused)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        let read = jsonwebtoken::decode::<Seal>(token, &key.verify, &validation).map_err(|_| TokenRefused)?;
        if read.header.typ.as_deref() == Some(SEAL_TYPE) { Ok(read.claims) } else { Err(TokenRefused) }
    }

    /// The public keys (RFC 7517, RFC 8037), also those that sign no more or not yet.
    pub fn jwks(&self) -> Value {
        let key = |key: &SigningKey| json!({ "kty": "OKP", "crv": "Ed25519", "x": key.public, "kid": key.kid, "use": "sig", "alg": "EdDSA" });
        json!({ "keys": self.ring().keys().map(key).collect::<Vec<_>>() })
    }
}

/// SHA-256 of a secret that is random enough by itself, such as a refresh token.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use super::*;
    use crate::domain::{
        ids::{MemberId, SessionId},
        session::tests::session,
    };

    fn now() -> Instant {
        Instant::from_ms(1_795_000_000_000)
    }

    fn keys() -> (tempfile::TempDir, Keys) {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keys::open_or_make(folder.path(), "https://salama.example").unwrap();
        (folder, keys)
    }

    fn token(keys: &Keys) -> String {
        let session = Session { id: SessionId(Uuid::from_u128(2)), member: MemberId(Uuid::from_u128(1)), ..session() };
        keys.sign(&session, now(), Uuid::from_u128(3)).unwrap()
    }

    /// A token with another header or body, signed by the right key.
    fn forged(keys: &Keys, header: &Value, change: impl Fn(&mut Value)) -> String {
        let good = token(keys);
        let mut body: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(good.split('.').nth(1).unwrap()).unwrap()).unwrap();
        change(&mut body);
        let text = format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(body.to_string()));
        let signature =
            jsonwebtoken::crypto::sign(text.as_bytes(), &keys.ring().signing(now()).unwrap().sign, Algorithm::EdDSA).unwrap();
        format!("{text}.{signature}")
    }

    fn good_header(keys: &Keys) -> Value {
        json!({ "typ": TYPE, "alg": "EdDSA", "kid": keys.ring().signing(now()).unwrap().kid })
    }

    #[test]
    fn a_token_is_good_for_ten_minutes_and_thirty_seconds_of_leeway() {
        let (_folder, keys) = keys();
        let token = token(&keys);
        assert_eq!(keys.read(&token, now()).unwrap().sub, Uuid::from_u128(1));
        assert!(keys.read(&token, now().plus_ms(629_000)).is_ok());
        assert_eq!(keys.read(&token, now().plus_ms(631_000)), Err(TokenRefused));
        assert_eq!(keys.read(&token, now().plus_ms(-40_000)), Err(TokenRefused), "not from the future");
    }

    #[test]
    fn the_key_survives_a_restart_and_is_refused_when_others_can_read_it() {
        let (folder, keys) = keys();
        let again = Keys::open_or_make(folder.path(), "https://salama.example").unwrap();
        assert!(again.read(&token(&keys), now()).is_ok());
        fs::set_permissions(folder.path().join("signing-key.pem"), fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(Keys::open_or_make(folder.path(), "x"), Err(KeyError::Open(_))));
    }

    #[test]
    fn every_forged_or_foreign_token_is_refused() {
        let (_folder, keys) = keys();
        let good = good_header(&keys);
        assert!(keys.read(&forged(&keys, &good, |_| {}), now()).is_ok(), "the forger itself works");
        let with = |name: &str, value: Value| {
            let mut header = good.clone();
            header[name] = value;
            header
        };
        let headers = [
            with("alg", json!("none")),
            with("alg", json!("NoNe")),
            with("alg", json!("HS256")),
            with("kid", json!("../../etc/passwd")),
            with("kid", json!("' OR 1=1--")),
            with("typ", json!("JWT")),
            with("typ", json!("rt+jwt")),
            with("crit", json!(["x"])),
        ];
        for header in headers {
            assert_eq!(keys.read(&forged(&keys, &header, |_| {}), now()), Err(TokenRefused), "{header}");
        }
        let bodies: [fn(&mut Value); 12] = [
            |body| body["nbf"] = json!(now().seconds() + 3_600),
            |body| body["nbf"] = json!(i64::MAX),
            |body| body["aud"] = json!(["salama", "somebody else"]),
            |body| drop(body.as_object_mut().unwrap().remove("exp")),
            |body| body["exp"] = json!("tomorrow"),
            |body| body["exp"] = json!(1e300),
            |body| body["exp"] = json!(-1),
            |body| body["exp"] = json!(i64::MAX),
            |body| drop(body.as_object_mut().unwrap().remove("aud")),
            |body| body["aud"] = json!("somebody else"),
            |body| drop(body.as_object_mut().unwrap().remove("iss")),
            |body| body["iss"] = json!("https://evil.example"),
        ];
        for (n, change) in bodies.into_iter().enumerate() {
            assert_eq!(keys.read(&forged(&keys, &good, change), now()), Err(TokenRefused), "body {n}");
        }
        let (_other_folder, other) = self::keys();
        assert_eq!(keys.read(&token(&other), now()), Err(TokenRefused));
        let (head, body) = (URL_SAFE_NO_PAD.encode(good.to_string()), token(&keys).split('.').nth(1).unwrap().to_owned());
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(&body).unwrap()).unwrap();
        let signed = |body: &str| {
            let text = format!("{head}.{}", URL_SAFE_NO_PAD.encode(body));
            let ring = keys.ring();
            let key = &ring.signing(now()).unwrap().sign;
            format!("{text}.{}", jsonwebtoken::crypto::sign(text.as_bytes(), key, Algorithm::EdDSA).unwrap())
        };
        assert!(keys.read(&signed(&text), now()).is_ok());
        let twice = text.replacen('{', "{\"sub\":\"00000000-0000-0000-0000-000000000009\",", 1);
        let deep = text.replacen('{', &format!("{{\"x\":{}{},", "[".repeat(500), "]".repeat(500)), 1);
        assert_eq!(keys.read(&signed(&twice), now()), Err(TokenRefused));
        let nested = signed(&deep);
        let (unsigned, _) = nested.rsplit_once('.').unwrap();
        assert_eq!(keys.read(&format!("{unsigned}.{}", "A".repeat(86)), now()), Err(TokenRefused));
        let unsigned = format!("{}.", token(&keys).rsplit_once('.').unwrap().0);
        for text in ["", ".", "..", "a.b.c", &unsigned, &"x".repeat(1_000_000)] {
            assert_eq!(keys.read(text, now()), Err(TokenRefused));
        }
    }
}
