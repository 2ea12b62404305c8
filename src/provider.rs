//! The organisation's own provider of identities, asked over HTTPS (OpenID Connect Core 1.0, Discovery 1.0, RFC 7636, RFC 9207).
//! What it says is treated as hostile until it is proved: exact issuer, signature by a key of its own, our own name as the
//! audience, our nonce, in time. Whose an identity is, is decided elsewhere.
//!
//! A client of our own, because the crates for it bring `rsa` along (RUSTSEC-2023-0071) where `jsonwebtoken` verifies the same
//! signatures with the house's one crypto provider.

use std::{collections::HashSet, time::Duration};

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{
    Algorithm, DecodingKey, Validation,
    jwk::{Jwk, JwkSet},
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, de::DeserializeOwned};
use tokio::sync::Mutex;
use url::Url;

use crate::domain::{
    single_sign_on::{Attempt, Identity, Shown},
    time::Instant,
};

/// How long the provider may take for one answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest answer that is read.
const ANSWER_BYTES: usize = 256 * 1024;
/// How long what the provider says about itself is believed, in milliseconds.
const KNOWN_MS: i64 = 3_600_000;
/// How often its keys are asked for at most, whatever tokens name, in milliseconds.
const KEYS_MS: i64 = 60_000;
/// By how much its clock may differ from ours, in seconds.
const LEEWAY_SECS: i64 = 60;
/// Signatures that are read: none with a secret that both sides know, and never `none`.
const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

/// Why nobody was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// It cannot be reached, or says nothing that can be read. Nothing was decided.
    #[error("the provider cannot be asked: {0}")]
    Away(&'static str),
    /// What it, or somebody in its place, says is not good.
    #[error("the provider's answer is refused: {0}")]
    Refused(&'static str),
}

use ProviderError::{Away, Refused};

/// The provider, as the operator named it.
pub struct Provider {
    issuer: String,
    client_id: String,
    client_secret: Option<SecretString>,
    redirect_url: String,
    web: reqwest::Client,
    known: Mutex<Option<Known>>,
}

impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Provider").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

/// What it said about itself, and when.
#[derive(Clone)]
struct Known {
    about: About,
    about_at: Instant,
    keys: JwkSet,
    keys_at: Instant,
}

/// What a provider says about itself (OpenID Connect Discovery 1.0, section 3).
#[derive(Clone, Deserialize)]
struct About {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

/// What it gives for a code (OpenID Connect Core 1.0, section 3.1.3.3).
#[derive(Deserialize)]
struct Given {
    id_token: String,
}

/// What it says of somebody (OpenID Connect Core 1.0, section 2).
#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    azp: Option<String>,
    exp: i64,
    iat: i64,
    nbf: Option<i64>,
    nonce: Option<String>,
    #[serde(default)]
    amr: Vec<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

/// What the browser brought back from the provider.
#[derive(Debug)]
pub struct Back<'a> {
    /// The code.
    pub code: &'a str,
    /// What it was given to give back.
    pub state: &'a str,
    /// Who it says it is (RFC 9207).
    pub iss: Option<&'a str>,
}

impl Provider {
    /// The provider of that exact name, at which we have that name and perhaps a secret. Nothing is asked of it yet.
    pub fn new(issuer: &str, client_id: &str, secret: Option<SecretString>, redirect_url: &str) -> Result<Self, ProviderError> {
        let web = reqwest::Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none()).build();
        Ok(Self {
            issuer: issuer.to_owned(),
            client_id: client_id.to_owned(),
            client_secret: secret,
            redirect_url: redirect_url.to_owned(),
            web: web.map_err(|_| Away("no request can be made"))?,
            known: Mutex::default(),
        })
    }

    /// Where the browser goes to sign in.
    pub async fn authorization_url(&self, attempt: &Attempt, now: Instant) -> Result<String, ProviderError> {
        let known = self.known(now).await?;
        let mut url = self.place(&known.about.authorization_endpoint)?;
        let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, attempt.verifier.as_bytes()));
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.client_id)
            .append_pair("redirect_uri", &self.redirect_url)
            .append_pair("scope", "openid")
            .append_pair("state", &attempt.state)
            .append_pair("nonce", &attempt.nonce)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        Ok(url.into())
    }

    /// Who came back from the provider.
    pub async fn shown(&self, back: &Back<'_>, attempt: &Attempt, now: Instant) -> Result<Shown, ProviderError> {
        if back.state != attempt.state {
            return Err(Refused("another state"));
        }
        let known = self.known(now).await?;
        let named = back.iss.map(|iss| iss == self.issuer);
        if named == Some(false) || (named.is_none() && known.about.authorization_response_iss_parameter_supported) {
            return Err(Refused("another issuer"));
        }
        let given = self.redeem(&known.about, back.code, attempt).await?;
        let claims = self.read(&given.id_token, known, now).await?;
        self.check(&claims, attempt, now)?;
        let second_factor = claims.amr.iter().any(|method| method == "mfa");
        Ok(Shown { identity: Identity { issuer: claims.iss, subject: claims.sub }, second_factor })
    }

    /// Changes a code for a token.
    async fn redeem(&self, about: &About, code: &str, attempt: &Attempt) -> Result<Given, ProviderError> {
        let mut pairs = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.redirect_url),
            ("code_verifier", &attempt.verifier),
        ];
        let request = self.web.post(self.place(&about.token_endpoint)?);
        let request = if let Some(secret) = &self.client_secret {
            // RFC 6749 section 2.3.1 has both encoded like a form before they are joined.
            let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            request.basic_auth(encoded(&self.client_id), Some(encoded(secret.expose_secret())))
        } else {
            pairs.push(("client_id", &self.client_id));
            request
        };
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(form);
        answer(request, Refused("the code is not taken")).await
    }

    /// What a token says, if a key of the provider's has signed it.
    async fn read(&self, token: &str, known: Known, now: Instant) -> Result<Claims, ProviderError> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| Refused("no token"))?;
        if !ALGORITHMS.contains(&header.alg) || header.crit.is_some() {
            return Err(Refused("a signature that is not read here"));
        }
        let key = match key(&known.keys, header.kid.as_deref()) {
            Some(key) => key.clone(),
            None => key(&self.fresh_keys(now).await?, header.kid.as_deref()).ok_or(Refused("an unknown key"))?.clone(),
        };
        let names_another = key.common.key_algorithm.is_some_and(|named| named.to_string() != format!("{:?}", header.alg));
        let decoding = DecodingKey::from_jwk(&key).ok().filter(|_| !names_another).ok_or(Refused("a key for something else"))?;
        let mut validation = Validation::new(header.alg);
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims = HashSet::new();
        let read = jsonwebtoken::decode::<Claims>(token, &decoding, &validation).map_err(|_| Refused("a wrong signature"))?;
        Ok(read.claims)
    }

    /// OpenID Connect Core 1.0, section 3.1.3.7.
    fn check(&self, claims: &Claims, attempt: &Attempt, now: Instant) -> Result<(), ProviderError> {
        let ours = match &claims.aud {
            Audience::One(one) => *one == self.client_id,
            Audience::Many(many) => many.contains(&self.client_id) && (many.len() == 1 || claims.azp.is_some()),
        };
        let seconds = now.seconds();
        let in_time = claims.exp.saturating_add(LEEWAY_SECS) > seconds
            && claims.iat.saturating_sub(LEEWAY_SECS) <= seconds
            && claims.nbf.is_none_or(|nbf| nbf.saturating_sub(LEEWAY_SECS) <= seconds);
        if claims.iss != self.issuer {
            Err(Refused("another issuer"))
        } else if !ours || claims.azp.as_ref().is_some_and(|party| *party != self.client_id) {
            Err(Refused("a token for somebody else"))
        } else if !in_time {
            Err(Refused("a token of another time"))
        } else if claims.nonce.as_ref() != Some(&attempt.nonce) {
            Err(Refused("another nonce"))
        } else if claims.sub.is_empty() || claims.sub.len() > 255 {
            Err(Refused("no subject"))
        } else {
            Ok(())
        }
    }

    /// What is known of the provider, asked anew when it is an hour old. Where it cannot be asked, what is known stays good.
    async fn known(&self, now: Instant) -> Result<Known, ProviderError> {
        let mut known = self.known.lock().await;
        if let Some(known) = known.as_ref().filter(|known| now.since_ms(known.about_at) < KNOWN_MS) {
            return Ok(known.clone());
        }
        match self.introduce(now).await {
            Ok(fresh) => Ok(known.insert(fresh).clone()),
            Err(cause) => known.clone().ok_or(cause),
        }
    }

    async fn introduce(&self, now: Instant) -> Result<Known, ProviderError> {
        let address = format!("{}/.well-known/openid-configuration", self.issuer.trim_end_matches('/'));
        let about: About = self.fetch(&address).await?;
        if about.issuer != self.issuer {
            return Err(Refused("another issuer"));
        }
        let keys = self.fetch(&about.jwks_uri).await?;
        Ok(Known { about, about_at: now, keys, keys_at: now })
    }

    /// The keys as they are now, for a token whose key is not known; not more often than once a minute.
    async fn fresh_keys(&self, now: Instant) -> Result<JwkSet, ProviderError> {
        let mut known = self.known.lock().await;
        let known = known.as_mut().ok_or(Away("nothing is known of it"))?;
        if now.since_ms(known.keys_at) >= KEYS_MS {
            known.keys_at = now;
            known.keys = self.fetch(&known.about.jwks_uri).await?;
        }
        Ok(known.keys.clone())
    }

    async fn fetch<T: DeserializeOwned>(&self, address: &str) -> Result<T, ProviderError> {
        answer(self.web.get(self.place(address)?), Away("it refuses to say")).await
    }

    /// An address that the provider names. It is never a plain one unless the operator named a plain one, and leads to another
    /// host only by a name that DNS has.
    fn place(&self, address: &str) -> Result<Url, ProviderError> {
        let (place, issuer) = (Url::parse(address), Url::parse(&self.issuer));
        let (Ok(place), Ok(issuer)) = (place, issuer) else { return Err(Refused("no address")) };
        let same_host = place.host() == issuer.host();
        let by_name = place.domain().is_some_and(|name| name.contains('.') && !name.ends_with(".localhost"));
        let safe = place.scheme() == "https" || (place.scheme() == "http" && issuer.scheme() == "http" && same_host);
        let plain = place.username().is_empty() && place.password().is_none() && place.fragment().is_none();
        if safe && plain && (same_host || by_name) { Ok(place) } else { Err(Refused("an address that leads astray")) }
    }
}

/// The key of that name; without a name, the only one there is.
fn key<'a>(keys: &'a JwkSet, kid: Option<&str>) -> Option<&'a Jwk> {
    match (kid, keys.keys.as_slice()) {
        (Some(kid), _) => keys.find(kid),
        (None, [only]) => Some(only),
        (None, _) => None,
    }
}

/// The JSON of an answer that says yes. Redirects are not followed, and no more than is needed is read.
async fn answer<T: DeserializeOwned>(request: reqwest::RequestBuilder, otherwise: ProviderError) -> Result<T, ProviderError> {
    let mut answer = request.send().await.map_err(|_| Away("it does not answer"))?;
    if answer.status().is_server_error() {
        return Err(Away("it has failed"));
    }
    if !answer.status().is_success() {
        return Err(otherwise);
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|_| Away("its answer broke off"))? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > ANSWER_BYTES {
            return Err(Away("its answer is too long"));
        }
    }
    serde_json::from_slice(&bytes).map_err(|_| Away("its answer cannot be read"))
}
