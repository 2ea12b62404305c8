//! What a person does, in verbs: each is one request to the running server.

use std::sync::{Arc, Mutex};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use salama::{clock::Clock, domain::ids::MemberId};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Somebody signed in.
#[derive(Clone)]
pub struct Person {
    pub id: MemberId,
    pub name: String,
    pub token: String,
    pub url: String,
    pub web: reqwest::Client,
    pub clock: Clock,
    pub heard: Heard,
}

/// Every answer that anybody in a house was given, and who that was: headers and body as text.
pub type Heard = Arc<Mutex<Vec<(MemberId, String)>>>;

/// What the server answered.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: Value,
    pub bytes: Vec<u8>,
}

impl Answer {
    /// The body of an answer that must have that status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{:#}", self.body);
        self.body
    }

    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Value {
        let body = self.expect(status);
        assert_eq!(body["code"], code, "{body:#}");
        body
    }

    pub fn header(&self, name: &str) -> String {
        self.headers.get(name).map_or_else(String::new, |value| value.to_str().unwrap().to_owned())
    }
}

pub fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// A hazard at a site.
pub fn hazard(site: &str) -> Value {
    json!({ "kind": "hazard", "aspects": ["safety"], "category": "ELEC", "site_id": site, "narrative": "Câble nu au bord de la tranchée",
        "occurred_at": "2026-11-24T08:40:00Z", "potential_severity": 4, "language": "fr" })
}

impl Person {
    pub fn new_id(&self) -> String {
        self.clock.new_id().to_string()
    }

    pub async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let answer = request.bearer_auth(&self.token).send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let bytes = answer.bytes().await.unwrap().to_vec();
        self.heard.lock().unwrap().push((self.id, format!("{headers:?}\n{}", String::from_utf8_lossy(&bytes))));
        Answer { status, headers, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null), bytes }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.web.get(format!("{}{path}", self.url))).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send(self.web.put(format!("{}{path}", self.url)).json(body)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(self.web.post(format!("{}{path}", self.url)).json(body)).await
    }

    /// Sends a report and gives its id.
    pub async fn reports(&self, draft: &Value) -> String {
        let id = self.new_id();
        self.put(&format!("/v1/reports/{id}"), draft).await.expect(201);
        id
    }

    /// Sends a report whose answer is not looked at, because its sender may not see it again.
    pub async fn reports_unseen(&self, draft: &Value) -> String {
        let id = self.new_id();
        let answer = self.put(&format!("/v1/reports/{id}"), draft).await;
        assert_eq!(answer.status, 201, "{:#}", answer.body);
        id
    }

    pub async fn report(&self, id: &str) -> Value {
        self.get(&format!("/v1/reports/{id}")).await.expect(200)
    }

    pub async fn commands(&self, id: &str, command: &str, body: Value) -> Answer {
        self.post(&format!("/v1/reports/{id}/{command}"), &body).await
    }

    /// Assigns an action to its owner, due at that instant, and gives its id.
    pub async fn assigns(&self, report: &str, owner: &Person, due_at: Option<String>) -> String {
        let id = self.new_id();
        let mut body =
            json!({ "title": "Enterrer le câble", "kind": "corrective", "control": "engineering", "owner_id": owner.id.0 });
        if let Some(due_at) = due_at {
            body["due_at"] = due_at.into();
        }
        self.put(&format!("/v1/reports/{report}/actions/{id}"), &body).await.expect(201);
        id
    }

    pub async fn acts(&self, action: &str, command: &str, body: Value) -> Answer {
        self.post(&format!("/v1/actions/{action}/{command}"), &body).await
    }

    pub async fn sends_photo(&self, report: &str, photo: &str, bytes: Vec<u8>) -> Answer {
        let request = self.web.put(format!("{}/v1/reports/{report}/photos/{photo}", self.url));
        self.send(request.header("content-type", "image/jpeg").body(bytes)).await
    }

    /// Begins to send a photo in pieces (tus 1.0.0).
    pub async fn begins_upload(&self, report: &str, photo: &str, bytes: usize) -> Answer {
        let value = |text: &str| STANDARD.encode(text);
        let metadata = format!("report_id {},photo_id {},filetype {}", value(report), value(photo), value("image/jpeg"));
        let request = self.web.post(format!("{}/v1/uploads", self.url)).header("tus-resumable", "1.0.0");
        self.send(request.header("upload-length", bytes.to_string()).header("upload-metadata", metadata)).await
    }

    pub async fn explains(&self, report: &str) -> Value {
        self.get(&format!("/v1/reports/{report}/explain")).await.expect(200)
    }
}
