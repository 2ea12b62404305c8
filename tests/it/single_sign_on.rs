//! Signing in through the organisation's own sign-in: a provider that lies in every way it can, and a real one.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use salama::domain::audience::Role;
use serde_json::{Value, json};

use crate::support::{
    house::House,
    person::{Answer, Person},
    stories,
};

stories!(
    an_identity_is_linked_by_a_code_and_opens_from_then_on,
    row_26_whatever_a_provider_says_wrongly_lets_nobody_in,
    row_27_the_same_subject_of_another_issuer_and_the_same_address_are_somebody_else,
    row_28_a_provider_that_hangs_floods_or_leads_astray_fails_within_bounds,
    who_finds_the_provider_away_has_lost_no_try,
    a_real_provider_lets_its_people_in,
);

/// Changes what is said.
type Lie = fn(&mut Value);
/// Signs what is said, or does not.
type Forgery = fn(&Provider, &Value) -> String;

/// How the provider behaves.
#[derive(Clone)]
struct Manner {
    /// Changes what stands in its token.
    claims: Lie,
    /// Changes the head of its token, or signs in another way.
    sign: Forgery,
    /// What stands in the place of its keys.
    keys: Option<fn() -> Response>,
    /// What stands in the place of its answer to a code.
    token: Option<fn() -> Response>,
    /// Changes what it says of itself.
    about: Lie,
}

impl Default for Manner {
    fn default() -> Self {
        Self { claims: |_| {}, sign: Provider::signed, keys: None, token: None, about: |_| {} }
    }
}

/// A provider on a socket.
#[derive(Clone)]
struct Provider {
    issuer: String,
    key: Arc<Ed25519KeyPair>,
    der: Vec<u8>,
    nonce: Arc<Mutex<String>>,
    verifier: Arc<Mutex<String>>,
    keys_asked: Arc<Mutex<usize>>,
    now: i64,
    manner: Arc<Mutex<Manner>>,
}

impl Provider {
    async fn start(house: &House) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let document = Ed25519KeyPair::generate_pkcs8(&aws_lc_rs::rand::SystemRandom::new()).unwrap();
        let provider = Self {
            issuer: format!("http://{}", listener.local_addr().unwrap()),
            key: Arc::new(Ed25519KeyPair::from_pkcs8(document.as_ref()).unwrap()),
            der: document.as_ref().to_vec(),
            nonce: Arc::default(),
            verifier: Arc::default(),
            keys_asked: Arc::default(),
            now: house.now().seconds(),
            manner: Arc::default(),
        };
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(async |State(own): State<Self>| own.about()))
            .route("/keys", get(async |State(own): State<Self>| own.keys()))
            .route("/token", post(async |State(own): State<Self>, form: String| own.token(&form)))
            .with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        provider
    }

    fn about(&self) -> Response {
        let mut about = json!({ "issuer": self.issuer, "authorization_endpoint": format!("{}/authorize", self.issuer),
            "token_endpoint": format!("{}/token", self.issuer), "jwks_uri": format!("{}/keys", self.issuer) });
        (self.manner.lock().unwrap().about)(&mut about);
        axum::Json(about).into_response()
    }

    fn keys(&self) -> Response {
        *self.keys_asked.lock().unwrap() += 1;
        if let Some(keys) = self.manner.lock().unwrap().keys {
            return keys();
        }
        let x = URL_SAFE_NO_PAD.encode(self.key.public_key().as_ref());
        axum::Json(json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "x": x, "kid": "one", "use": "sig", "alg": "EdDSA" }] }))
            .into_response()
    }

    fn token(&self, form: &str) -> Response {
        let manner = self.manner.lock().unwrap().clone();
        if let Some(token) = manner.token {
            return token();
        }
        let given: std::collections::HashMap<String, String> =
            url::form_urlencoded::parse(form.as_bytes()).into_owned().collect();
        self.verifier.lock().unwrap().clone_from(&given["code_verifier"]);
        if given["code"] != "good" {
            return (StatusCode::BAD_REQUEST, axum::Json(json!({ "error": "invalid_grant" }))).into_response();
        }
        let mut claims = json!({ "iss": self.issuer, "sub": "nadia", "aud": "salama", "iat": self.now, "exp": self.now + 300,
            "nonce": *self.nonce.lock().unwrap(), "email": "victim@example.org", "email_verified": true });
        (manner.claims)(&mut claims);
        let token = (manner.sign)(self, &claims);
        axum::Json(json!({ "access_token": "x", "token_type": "Bearer", "id_token": token })).into_response()
    }

    fn signed(&self, claims: &Value) -> String {
        self.signed_as(claims, Some("one"))
    }

    fn signed_as(&self, claims: &Value, kid: Option<&str>) -> String {
        let header = Header { kid: kid.map(str::to_owned), ..Header::new(Algorithm::EdDSA) };
        jsonwebtoken::encode(&header, claims, &EncodingKey::from_ed_der(&self.der)).unwrap()
    }

    /// A token whose head says that, without any signature that fits.
    fn forged(claims: &Value, header: &Value) -> String {
        format!("{}.{}.", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()))
    }

    fn behaves(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
    }

    /// The same house with this provider.
    async fn before(&self, house: &House) -> House {
        house.another_with(&[("SALAMA_OIDC_ISSUER", &self.issuer), ("SALAMA_OIDC_CLIENT_ID", "salama")]).await
    }
}

async fn begins(house: &House) -> (Value, std::collections::HashMap<String, String>) {
    let device = json!({ "device": { "id": "laptop", "name": "Laptop" } });
    let begun = house.whoever_holds("").post("/v1/single-sign-on", &device).await.expect(201);
    let url = url::Url::parse(begun["authorization_url"].as_str().unwrap()).unwrap();
    let asked = url.query_pairs().into_owned().collect();
    (begun, asked)
}

/// A whole sign-in; the browser brings the code back.
async fn signs_in(house: &House, provider: &Provider, extra: Value) -> Answer {
    let (begun, asked) = begins(house).await;
    provider.nonce.lock().unwrap().clone_from(&asked["nonce"]);
    let mut body = json!({ "attempt": begun["attempt"], "code": "good", "state": asked["state"] });
    for (name, value) in extra.as_object().unwrap() {
        body[name] = value.clone();
    }
    house.whoever_holds("").post("/v1/single-sign-on/finish", &body).await
}

/// Somebody whose identity at the provider is linked.
async fn linked(house: &House, provider: &Provider, name: &str) -> Person {
    let admin = house.joins("Admin", Role::Admin, "SRM-SM").await;
    let person = house.joins(name, Role::Officer, "AGA").await;
    let made = admin.post("/v1/enrolments", &json!({ "member_id": person.id.0 })).await.expect(201);
    let session = signs_in(house, provider, json!({ "enrolment": made["code"] })).await.expect(201);
    house.whoever_holds(session["access_token"].as_str().unwrap())
}

async fn an_identity_is_linked_by_a_code_and_opens_from_then_on(house: House) {
    let provider = Provider::start(&house).await;
    house
        .whoever_holds("")
        .post("/v1/single-sign-on", &json!({ "device": { "id": "x", "name": "x" } }))
        .await
        .refused(404, "no_provider");
    let house = provider.before(&house).await;
    signs_in(&house, &provider, json!({})).await.refused(403, "identity_unlinked");
    signs_in(&house, &provider, json!({ "enrolment": "AAAA" })).await.refused(401, "code_refused");
    let person = linked(&house, &provider, "Nadia").await;
    assert_eq!(person.get("/v1/me").await.expect(200)["name"], "Nadia");
    let session = signs_in(&house, &provider, json!({})).await.expect(201);
    assert_eq!(session["member"]["name"], "Nadia");
    let (_, asked) = begins(&house).await;
    assert_eq!((asked["code_challenge_method"].as_str(), asked["response_type"].as_str()), ("S256", "code"));
    assert!(!provider.verifier.lock().unwrap().is_empty(), "PKCE");
    let admin = house.joins("Another admin", Role::Admin, "SRM-SM").await;
    let id = session["member"]["id"].as_str().unwrap();
    admin.send(admin.web.delete(format!("{}/v1/members/{id}/identities", admin.url))).await.expect(204);
    signs_in(&house, &provider, json!({})).await.refused(403, "identity_unlinked");
}

async fn row_26_whatever_a_provider_says_wrongly_lets_nobody_in(house: House) {
    let provider = Provider::start(&house).await;
    let house = provider.before(&house).await;
    linked(&house, &provider, "Nadia").await;
    let lies: [(&str, Lie); 14] = [
        ("another nonce", |claims| claims["nonce"] = "other".into()),
        ("no nonce", |claims| drop(claims.as_object_mut().unwrap().remove("nonce"))),
        ("another issuer", |claims| claims["iss"] = "https://evil.example".into()),
        ("its name with a slash", |claims| claims["iss"] = format!("{}/", claims["iss"].as_str().unwrap()).into()),
        ("for somebody else", |claims| claims["aud"] = "other".into()),
        ("for many, and nobody in charge", |claims| claims["aud"] = json!(["salama", "other"])),
        ("another in charge", |claims| claims["azp"] = "other".into()),
        ("over", |claims| claims["exp"] = (claims["iat"].as_i64().unwrap() - 100).into()),
        ("not yet", |claims| claims["nbf"] = (claims["exp"].as_i64().unwrap() + 100).into()),
        ("of tomorrow", |claims| claims["iat"] = (claims["exp"].as_i64().unwrap() + 86_400).into()),
        ("a time that is text", |claims| claims["exp"] = "later".into()),
        ("nobody", |claims| claims["sub"] = "".into()),
        ("a huge subject", |claims| claims["sub"] = "x".repeat(300).into()),
        ("no subject", |claims| drop(claims.as_object_mut().unwrap().remove("sub"))),
    ];
    for (lie, claims) in lies {
        provider.behaves(Manner { claims, ..Manner::default() });
        assert_eq!(signs_in(&house, &provider, json!({})).await.status, 401, "{lie}");
    }
    let forgeries: [(&str, Forgery); 6] = [
        ("none", |_, claims| Provider::forged(claims, &json!({ "alg": "none" }))),
        ("the public key as a secret", |own, claims| {
            let secret = URL_SAFE_NO_PAD.encode(own.key.public_key().as_ref());
            let header = Header { kid: Some("one".into()), ..Header::new(Algorithm::HS256) };
            jsonwebtoken::encode(&header, claims, &EncodingKey::from_secret(secret.as_bytes())).unwrap()
        }),
        ("an unknown key", |own, claims| own.signed_as(claims, Some("../../etc/passwd"))),
        ("crit", |_, claims| Provider::forged(claims, &json!({ "alg": "EdDSA", "kid": "one", "crit": ["x"] }))),
        ("cut", |own, claims| own.signed(claims).chars().take(200).collect()),
        ("a changed body", |own, claims| {
            let (good, other) = (own.signed(claims), own.signed(&json!({ "sub": "x" })));
            let parts: Vec<&str> = good.split('.').collect();
            format!("{}.{}.{}", parts[0], parts[1], other.split('.').nth(2).unwrap())
        }),
    ];
    for (forgery, sign) in forgeries {
        provider.behaves(Manner { sign, ..Manner::default() });
        assert_eq!(signs_in(&house, &provider, json!({})).await.status, 401, "{forgery}");
    }
    provider.behaves(Manner::default());
    for extra in [json!({ "state": "other" }), json!({ "code": "stolen" }), json!({ "iss": "https://evil.example" })] {
        signs_in(&house, &provider, extra).await.refused(401, "provider_refused");
    }
    // What was begun is finished once, by who began it, and within ten minutes.
    let (begun, asked) = begins(&house).await;
    provider.nonce.lock().unwrap().clone_from(&asked["nonce"]);
    let finish = json!({ "attempt": begun["attempt"], "code": "good", "state": asked["state"] });
    let nobody = house.whoever_holds("");
    nobody
        .post("/v1/single-sign-on/finish", &json!({ "attempt": "x", "code": "good", "state": asked["state"] }))
        .await
        .expect(401);
    nobody.post("/v1/single-sign-on/finish", &finish).await.expect(201);
    nobody.post("/v1/single-sign-on/finish", &finish).await.refused(401, "provider_refused");
    let (begun, asked) = begins(&house).await;
    house.clock.advance(600_000).unwrap();
    let late = json!({ "attempt": begun["attempt"], "code": "good", "state": asked["state"] });
    nobody.post("/v1/single-sign-on/finish", &late).await.refused(401, "provider_refused");
}

async fn row_27_the_same_subject_of_another_issuer_and_the_same_address_are_somebody_else(house: House) {
    let (one, other) = (Provider::start(&house).await, Provider::start(&house).await);
    let first = one.before(&house).await;
    linked(&first, &one, "Nadia").await;
    let second = other.before(&house).await;
    signs_in(&second, &other, json!({})).await.refused(403, "identity_unlinked");
    // Their token names the address of somebody who is here; nobody is found by it.
    first.joins("Victim", Role::Officer, "AGA").await;
    one.behaves(Manner { claims: |claims| claims["sub"] = "mallory".into(), ..Manner::default() });
    signs_in(&first, &one, json!({})).await.refused(403, "identity_unlinked");
}

async fn row_28_a_provider_that_hangs_floods_or_leads_astray_fails_within_bounds(house: House) {
    let provider = Provider::start(&house).await;
    let astray: [fn(&mut Value); 4] = [
        |about| about["issuer"] = "https://evil.example".into(),
        |about| about["jwks_uri"] = "http://169.254.169.254/latest".into(),
        |about| about["jwks_uri"] = "file:///etc/passwd".into(),
        |about| about["jwks_uri"] = "https://[::1]/keys".into(),
    ];
    for about in astray {
        provider.behaves(Manner { about, ..Manner::default() });
        let house = provider.before(&house).await;
        let device = json!({ "device": { "id": "x", "name": "x" } });
        house.whoever_holds("").post("/v1/single-sign-on", &device).await.refused(401, "provider_refused");
    }
    let floods: [fn() -> Response; 3] = [
        || (StatusCode::OK, vec![b' '; 10 << 20]).into_response(),
        || (StatusCode::FOUND, [(header::LOCATION, "http://169.254.169.254/")]).into_response(),
        || StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    ];
    for keys in floods {
        provider.behaves(Manner { keys: Some(keys), ..Manner::default() });
        let house = provider.before(&house).await;
        let device = json!({ "device": { "id": "x", "name": "x" } });
        house.whoever_holds("").post("/v1/single-sign-on", &device).await.refused(503, "provider_away");
    }
    provider.behaves(Manner::default());
    let house = provider.before(&house).await;
    linked(&house, &provider, "Nadia").await;
    // Keys that are known stay good while the provider has lost them, and nonsense does not make it be asked again and again.
    let asked = *provider.keys_asked.lock().unwrap();
    provider.behaves(Manner { keys: Some(floods[2]), ..Manner::default() });
    signs_in(&house, &provider, json!({})).await.expect(201);
    house.clock.advance(61_000).unwrap();
    provider.behaves(Manner { sign: |own, claims| own.signed_as(claims, Some("unknown")), ..Manner::default() });
    for _ in 0..5 {
        signs_in(&house, &provider, json!({})).await.refused(401, "provider_refused");
    }
    assert_eq!(*provider.keys_asked.lock().unwrap(), asked + 1);
    provider.behaves(Manner { token: Some(floods[0]), ..Manner::default() });
    signs_in(&house, &provider, json!({})).await.refused(503, "provider_away");
}

/// An address has sixty tries, and the clock stands still.
async fn who_finds_the_provider_away_has_lost_no_try(house: House) {
    let away: fn() -> Response = || StatusCode::INTERNAL_SERVER_ERROR.into_response();
    let provider = Provider::start(&house).await;
    let house = provider.before(&house).await;
    let device = json!({ "device": { "id": "laptop", "name": "Laptop" } });
    provider.behaves(Manner { keys: Some(away), ..Manner::default() });
    for _ in 0..61 {
        house.whoever_holds("").post("/v1/single-sign-on", &device).await.refused(503, "provider_away");
    }
    provider.behaves(Manner::default());
    linked(&house, &provider, "Nadia").await;
    provider.behaves(Manner { token: Some(away), ..Manner::default() });
    for _ in 0..61 {
        signs_in(&house, &provider, json!({})).await.refused(503, "provider_away");
    }
    provider.behaves(Manner::default());
    signs_in(&house, &provider, json!({})).await.expect(201);
}

/// Where `.ci/run` puts it.
const INSTALLED: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/../tools/oidc");

struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
    }
}

async fn a_real_provider_lets_its_people_in(house: House) {
    use std::io::BufRead as _;
    if !Path::new(INSTALLED).join("node_modules/oidc-provider").exists() {
        eprintln!("SKIPPED: oidc-provider is not installed; .ci/run installs it where npm is");
        return;
    }
    // It goes by the machine's clock, and so must its tokens be read.
    let now = salama::clock::Clock::system().now();
    house.clock.advance(now.since_ms(house.now())).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/clients/oidc.mjs");
    let started = Command::new("node").arg(script).arg(INSTALLED).stdout(Stdio::piped()).stdin(Stdio::null()).spawn().unwrap();
    let mut started = Killed(started);
    let mut said = std::io::BufReader::new(started.0.stdout.take().unwrap());
    let issuer = tokio::task::spawn_blocking(move || {
        let mut line = String::new();
        said.read_line(&mut line).unwrap();
        // Whatever else it says is read, so that it never waits for a reader.
        std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
        line.trim().to_owned()
    })
    .await
    .unwrap();
    let house = house
        .another_with(&[
            ("SALAMA_OIDC_ISSUER", &issuer),
            ("SALAMA_OIDC_CLIENT_ID", "salama"),
            ("SALAMA_OIDC_CLIENT_SECRET", "a secret of the provider & more"),
            ("SALAMA_OIDC_REDIRECT_URL", "https://salama.example/signed-in"),
        ])
        .await;
    let admin = house.joins("Admin", Role::Admin, "SRM-SM").await;
    let person = house.joins("Nadia", Role::Officer, "AGA").await;
    let made = admin.post("/v1/enrolments", &json!({ "member_id": person.id.0 })).await.expect(201);
    for extra in [json!({ "enrolment": made["code"] }), json!({})] {
        let (begun, _) = begins(&house).await;
        let back = browse(begun["authorization_url"].as_str().unwrap()).await;
        let mut body = json!({ "attempt": begun["attempt"], "code": back["code"], "state": back["state"], "iss": back["iss"] });
        for (name, value) in extra.as_object().unwrap() {
            body[name] = value.clone();
        }
        let session = house.whoever_holds("").post("/v1/single-sign-on/finish", &body).await.expect(201);
        assert_eq!(session["member"]["name"], "Nadia");
    }
}

/// A browser that signs in at the provider and agrees to everything; gives what it brings back.
async fn browse(url: &str) -> std::collections::HashMap<String, String> {
    let web = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let (mut place, mut cookies) = (url::Url::parse(url).unwrap(), std::collections::BTreeMap::<String, String>::new());
    let mut form: Option<String> = None;
    for _ in 0..20 {
        if place.host_str() == Some("salama.example") {
            return place.query_pairs().into_owned().collect();
        }
        let cookie = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
        let request = match form.take() {
            Some(form) => web.post(place.clone()).header("content-type", "application/x-www-form-urlencoded").body(form),
            None => web.get(place.clone()),
        };
        let answer = request.header("cookie", cookie).send().await.unwrap();
        for line in answer.headers().get_all("set-cookie") {
            let pair = line.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            cookies.insert(name.to_owned(), value.to_owned());
        }
        if let Some(next) = answer.headers().get("location") {
            place = place.join(next.to_str().unwrap()).unwrap();
            continue;
        }
        let page = answer.text().await.unwrap();
        let action = page.split("action=\"").nth(1).unwrap_or_else(|| panic!("no form: {page}")).split('"').next().unwrap();
        form = Some(
            if page.contains("name=\"login\"") { "prompt=login&login=nadia&password=x" } else { "prompt=consent" }.to_owned(),
        );
        place = place.join(action).unwrap();
    }
    panic!("the browser never came back");
}
