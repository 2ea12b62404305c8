//! A server as an operator starts it, and phones that ask it: what benches of whole requests share.

#![expect(clippy::unwrap_used, reason = "a measurement stops at the first surprise")]

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, Command, Stdio},
};

use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

/// The password of everybody.
pub const PASSWORD: &str = "seven brass kettles";

/// A time so long that a share of all is shorter, in ms.
pub fn at(times: &[f64], percent: usize) -> f64 {
    let mut times = times.to_vec();
    times.sort_by(f64::total_cmp);
    times[(times.len() * percent / 100).min(times.len() - 1)]
}

/// A person with a phone.
pub struct Phone {
    pub web: Client,
    pub url: String,
    pub token: String,
}

impl Phone {
    pub async fn signed_in(url: &str, login: &str, device: &str) -> Self {
        let web = Client::new();
        let answer = sign_in(&web, url, login, device, "192.0.2.1").await;
        let session: Value = answer.json().await.unwrap();
        let token = session["access_token"].as_str().unwrap().to_owned();
        Self { web, url: url.to_owned(), token }
    }

    pub async fn ask(&self, request: RequestBuilder) -> Value {
        let answer = request.bearer_auth(&self.token).send().await.unwrap();
        let status = answer.status();
        let body = answer.json().await.unwrap();
        assert!(matches!(status, StatusCode::OK | StatusCode::CREATED), "{status}: {body:#}");
        body
    }

    pub async fn get(&self, path: &str) -> Value {
        self.ask(self.web.get(format!("{}{path}", self.url))).await
    }
}

/// Asks to be let in with the right password, from that address.
pub async fn sign_in(web: &Client, url: &str, login: &str, device: &str, address: &str) -> Response {
    let who = json!({ "login": login, "password": PASSWORD, "device": { "id": device, "name": device } });
    web.post(format!("{url}/v1/sessions")).header("x-forwarded-for", address).json(&who).send().await.unwrap()
}

/// The server, killed when the measurement ends.
pub struct Server {
    child: Child,
    pub url: String,
}

impl Server {
    /// With SQLite in that folder, and officers of a site who have these logins.
    pub fn start(folder: &Path, logins: &[String]) -> Self {
        let salama = || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_salama"));
            command.env("SALAMA_LISTEN", "127.0.0.1:0").env("SALAMA_TRUSTED_PROXIES", "127.0.0.1").current_dir(folder);
            command
        };
        for login in logins {
            let add = [
                "member",
                "add",
                "--login",
                login,
                "--name",
                "Crowd",
                "--role",
                "technician",
                "--role",
                "officer",
                "--site",
                "AGA",
            ];
            let mut member = salama().args(add).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
            member.stdin.take().unwrap().write_all(format!("{PASSWORD}\n").as_bytes()).unwrap();
            assert!(member.wait().unwrap().success());
        }
        let mut child = salama().arg("serve").stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
        let url = lines.find_map(|line| line.split_once("listening on ").map(|(_, url)| url.trim().to_owned())).unwrap();
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, url }
    }

    fn proc(&self, file: &str) -> String {
        format!("/proc/{}/{file}", self.child.id())
    }

    pub fn forget_peak(&self) {
        fs::write(self.proc("clear_refs"), "5").unwrap();
    }

    pub fn memory_mib(&self, what: &str) -> u64 {
        let text = fs::read_to_string(self.proc("status")).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix(what)?.strip_prefix(':')).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
