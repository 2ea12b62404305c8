//! One person's client: it knows the contract's paths and nothing of the server's inside. It signs in again by itself, as
//! phones do, when its access token has run out.

use std::time::Duration;

use anyhow::{Context as _, bail};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

use crate::{clock::Clock, domain::time::Instant};

/// How long an answer may take, and how long something may take to come true.
const PATIENCE: Duration = Duration::from_secs(20);
const ASK_AGAIN: Duration = Duration::from_millis(25);
/// How much of the last answer is shown when something did not come true, in characters.
const LAST_ANSWER: usize = 1_000;
/// A token this close to its end is changed for another, in milliseconds.
const MARGIN_MS: i64 = 60_000;

/// A client of one person.
pub struct Client {
    http: reqwest::Client,
    base: String,
    login: String,
    password: String,
    clock: Clock,
    session: Option<Session>,
}

struct Session {
    access: String,
    refresh: String,
    until: Instant,
}

/// What the server answered.
#[derive(Debug)]
pub struct Answer {
    what: String,
    /// The status.
    pub status: u16,
    /// The body, `null` when there is none.
    pub body: Value,
}

impl Answer {
    async fn of(what: String, response: Response) -> anyhow::Result<Self> {
        let status = response.status().as_u16();
        let bytes = response.bytes().await?;
        let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).with_context(|| what.clone())? };
        Ok(Self { what, status, body })
    }

    /// The body, when the status is this one.
    pub fn when(self, status: u16) -> anyhow::Result<Value> {
        if self.status == status {
            return Ok(self.body);
        }
        let fields = self.body.get("errors").or(self.body.get("missing")).map(Value::to_string).unwrap_or_default();
        bail!("{} was answered {} instead of {status}: {} {fields}", self.what, self.status, text(&self.body, "/detail"))
    }
}

impl Client {
    /// Of whoever has that login; nobody is signed in yet.
    pub fn new(base: &str, login: &str, password: &str, clock: Clock) -> anyhow::Result<Self> {
        // The server is on this machine: a proxy of the environment has no part in it.
        let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build()?;
        Ok(Self { http, base: base.to_owned(), login: login.to_owned(), password: password.to_owned(), clock, session: None })
    }

    /// Signs in with the password; gives who the server says this is.
    pub async fn sign_in(&mut self) -> anyhow::Result<Value> {
        let body =
            json!({ "login": self.login, "password": self.password, "device": { "id": "demo", "name": "The demo's phone" } });
        let answer = self.send_open(Method::POST, "/v1/sessions", &body).await?.when(201)?;
        self.keep(&answer);
        Ok(answer.get("member").cloned().unwrap_or_default())
    }

    /// Asks for what is there.
    pub async fn get(&mut self, path: &str) -> anyhow::Result<Answer> {
        let what = format!("GET {path}");
        let response = self.request(Method::GET, path).await?.send().await.with_context(|| what.clone())?;
        Answer::of(what, response).await
    }

    /// Sends something under its own id.
    pub async fn put(&mut self, path: &str, body: &Value) -> anyhow::Result<Answer> {
        self.send(Method::PUT, path, body).await
    }

    /// Gives a command.
    pub async fn post(&mut self, path: &str, body: &Value) -> anyhow::Result<Answer> {
        self.send(Method::POST, path, body).await
    }

    /// Sends the raw bytes of a photo with their digest (RFC 9530).
    pub async fn put_photo(&mut self, path: &str, media_type: &str, sha256: &[u8], bytes: Bytes) -> anyhow::Result<Answer> {
        let what = format!("PUT {path}");
        let digest = format!("sha-256=:{}:", STANDARD.encode(sha256));
        let request = self.request(Method::PUT, path).await?;
        let request = request.header("content-type", media_type).header("content-digest", digest).body(bytes);
        Answer::of(what.clone(), request.send().await.with_context(|| what.clone())?).await
    }

    /// The bytes at a path and their media type; only the status when it is no 200.
    pub async fn bytes(&mut self, path: &str) -> anyhow::Result<(u16, String, Bytes)> {
        let response = self.request(Method::GET, path).await?.send().await.with_context(|| format!("GET {path}"))?;
        let media_type =
            response.headers().get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        Ok((response.status().as_u16(), media_type, response.bytes().await?))
    }

    /// Asks again and again until the answer is `right`, for a bounded time.
    pub async fn wait(&mut self, path: &str, what: &str, right: impl Fn(&Value) -> bool) -> anyhow::Result<Value> {
        let mut last = Value::Null;
        let asking = async {
            loop {
                last = self.get(path).await?.when(200)?;
                if right(&last) {
                    return anyhow::Ok(());
                }
                tokio::time::sleep(ASK_AGAIN).await;
            }
        };
        let asked = tokio::time::timeout(PATIENCE, asking).await;
        if let Ok(result) = asked {
            return result.map(|()| last);
        }
        let last: String = last.to_string().chars().take(LAST_ANSWER).collect();
        bail!("{what} was not seen within {} seconds; the last answer of {path} was {last}", PATIENCE.as_secs())
    }

    async fn send(&mut self, method: Method, path: &str, body: &Value) -> anyhow::Result<Answer> {
        let what = format!("{method} {path}");
        let response = self.request(method, path).await?.json(body).send().await.with_context(|| what.clone())?;
        Answer::of(what, response).await
    }

    async fn send_open(&self, method: Method, path: &str, body: &Value) -> anyhow::Result<Answer> {
        let what = format!("{method} {path}");
        let request = self.http.request(method, format!("{}{path}", self.base)).json(body);
        Answer::of(what.clone(), request.send().await.with_context(|| what.clone())?).await
    }

    async fn request(&mut self, method: Method, path: &str) -> anyhow::Result<RequestBuilder> {
        let token = self.token().await?;
        Ok(self.http.request(method, format!("{}{path}", self.base)).bearer_auth(token))
    }

    /// A token that is good now: the one at hand, else one for the refresh token, else one for the password.
    async fn token(&mut self) -> anyhow::Result<String> {
        let now = self.clock.now();
        if let Some(session) = self.session.as_ref().filter(|session| session.until > now) {
            return Ok(session.access.clone());
        }
        if let Some(session) = self.session.take() {
            let body = json!({ "refresh_token": session.refresh });
            let answer = self.send_open(Method::POST, "/v1/sessions/refresh", &body).await?;
            if answer.status == StatusCode::OK.as_u16() {
                self.keep(&answer.body);
            }
        }
        if self.session.is_none() {
            self.sign_in().await?;
        }
        self.session.as_ref().map(|session| session.access.clone()).context("the server gave no token")
    }

    fn keep(&mut self, answer: &Value) {
        let life_ms = answer.get("expires_in").and_then(Value::as_i64).unwrap_or_default() * 1000;
        self.session = Some(Session {
            access: text(answer, "/access_token"),
            refresh: text(answer, "/refresh_token"),
            until: self.clock.now().plus_ms(life_ms - MARGIN_MS),
        });
    }
}

/// The text at a JSON pointer; empty when there is none.
pub fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// The list at a JSON pointer; empty when there is none.
pub fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
