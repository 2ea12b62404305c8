//! Sixteen photos at once: how much memory the server takes, and how much longer others wait meanwhile.
//!
//! `cargo bench --bench crowd` (with or without `--features turbo`) starts the server as an operator does, with SQLite in a
//! folder of its own; asks for small things and sends small reports while nothing else happens, then while sixteen phones
//! send photos of 12 megapixels one after the other and their renditions are made; and prints the most memory the server's
//! process held, and the times others waited, calm and crowded. `-- 8` lets each phone send so many photos. Server and phones
//! share this machine, so that times are compared within this run alone.

#![expect(clippy::unwrap_used, reason = "a measurement stops at the first surprise")]

mod made;

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use made::{jpeg, mosaic};
use reqwest::{Client, RequestBuilder, StatusCode};
use salama::clock::Clock;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

const PHONES: usize = 16;
const LOGIN: &str = "crowd@example.org";
const PASSWORD: &str = "seven brass kettles";
/// How many small requests are measured while nothing else happens.
const CALM: usize = 2000;
/// The pause between two of them, so that they do not crowd themselves.
const PAUSE: Duration = Duration::from_millis(5);

#[tokio::main]
async fn main() {
    let each = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(3);
    let photo = Arc::new(jpeg(&mosaic(3072, 4096), false));
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let officer = Phone::signed_in(&server.url, "officer").await;
    let seen = officer.reports(&[]).await;

    // Passwords are hashed before anything is measured, as each hash takes memory of its own on purpose.
    let mut phones = Vec::new();
    for n in 1..=PHONES {
        phones.push(Phone::signed_in(&server.url, &format!("phone {n}")).await);
    }
    // Everything there is has been used once.
    send_photos(&officer, 1, &photo, 0).await;
    let calm = small_requests(&officer, &seen, |sent| sent == CALM).await;
    let before = server.memory_mib("VmRSS");
    server.forget_peak();

    let done = Arc::new(AtomicBool::new(false));
    let crowd = {
        let done = Arc::clone(&done);
        tokio::spawn(async move {
            let begun = Instant::now();
            let mut sent = Vec::new();
            for (n, phone) in phones.into_iter().enumerate() {
                let photo = Arc::clone(&photo);
                sent.push(tokio::spawn(async move { send_photos(&phone, each, &photo, n + 1).await }));
            }
            for sent in sent {
                sent.await.unwrap();
            }
            done.store(true, Ordering::Relaxed);
            begun.elapsed()
        })
    };
    let crowded = small_requests(&officer, &seen, |_| done.load(Ordering::Relaxed)).await;
    let took = crowd.await.unwrap();
    let peak = server.memory_mib("VmHWM");

    println!("{} photos of {PHONES} phones were sent and shown within {:.1} s", PHONES * each, took.as_secs_f64());
    println!("memory: {before} MiB before, {peak} MiB at most; the target is 200");
    println!("{:<28} {:>9} {:>9} {:>9}", "small requests, ms", "p50", "p99", "counted");
    for (when, times) in [("calm", &calm), ("crowded", &crowded)] {
        println!("{when:<28} {:>9.2} {:>9.2} {:>9}", at(times, 50), at(times, 99), times.len());
    }
    println!("p99 is {:.2} times the calm one; the target is 2", at(&crowded, 99) / at(&calm, 99));
}

fn at(times: &[f64], percent: usize) -> f64 {
    let mut times = times.to_vec();
    times.sort_by(f64::total_cmp);
    times[(times.len() * percent / 100).min(times.len() - 1)]
}

/// A report read and a report sent, in turn, until it is over; times in ms.
async fn small_requests(officer: &Phone, seen: &str, is_over: impl Fn(usize) -> bool) -> Vec<f64> {
    let mut times = Vec::new();
    while !is_over(times.len()) {
        let begun = Instant::now();
        if times.len() % 2 == 0 {
            officer.get(&format!("/v1/reports/{seen}")).await;
        } else {
            officer.reports(&[]).await;
        }
        times.push(begun.elapsed().as_secs_f64() * 1000.0);
        tokio::time::sleep(PAUSE).await;
    }
    times
}

/// A phone sends photos one after the other, and waits until each is shown. No two are of the same bytes.
async fn send_photos(sender: &Phone, each: usize, photo: &[u8], phone: usize) {
    for n in 0..each {
        let bytes = [photo, format!("{phone}-{n}").as_bytes()].concat();
        let id = Clock::system().new_id();
        let announced =
            json!({ "id": id, "sha256": hex::encode(Sha256::digest(&bytes)), "bytes": bytes.len(), "media_type": "image/jpeg" });
        let report = sender.reports(&[announced]).await;
        let path = format!("{}/v1/reports/{report}/photos/{id}", sender.url);
        let request = sender.web.put(path).header("content-type", "image/jpeg").body(bytes);
        sender.ask(request).await;
        loop {
            let state = sender.get(&format!("/v1/reports/{report}")).await["photos"][0]["state"].clone();
            match state.as_str().unwrap() {
                "ready" => break,
                "received" => tokio::time::sleep(Duration::from_millis(200)).await,
                other => panic!("the photo is {other}"),
            }
        }
    }
}

struct Phone {
    web: Client,
    url: String,
    token: String,
    site: Value,
}

impl Phone {
    async fn signed_in(url: &str, device: &str) -> Self {
        let web = Client::new();
        let who = json!({ "login": LOGIN, "password": PASSWORD, "device": { "id": device, "name": device } });
        let answer = web.post(format!("{url}/v1/sessions")).json(&who).send().await.unwrap();
        let session: Value = answer.json().await.unwrap();
        let token = session["access_token"].as_str().unwrap().to_owned();
        let mut phone = Self { web, url: url.to_owned(), token, site: Value::Null };
        let sites = phone.get("/v1/sites").await;
        let sites = sites["items"].as_array().or(sites.as_array()).unwrap().clone();
        phone.site = sites.iter().find(|site| site["code"] == "AGA").unwrap()["id"].clone();
        phone
    }

    async fn ask(&self, request: RequestBuilder) -> Value {
        let answer = request.bearer_auth(&self.token).send().await.unwrap();
        let status = answer.status();
        let body = answer.json().await.unwrap();
        assert!(matches!(status, StatusCode::OK | StatusCode::CREATED), "{status}: {body:#}");
        body
    }

    async fn get(&self, path: &str) -> Value {
        self.ask(self.web.get(format!("{}{path}", self.url))).await
    }

    async fn reports(&self, photos: &[Value]) -> String {
        let id = Clock::system().new_id();
        let report = json!({ "kind": "hazard", "aspects": ["safety"], "category": "MHO", "site_id": self.site, "photos": photos,
            "potential_severity": 2, "narrative": "A cable lies open beside the trench near the school, seen this morning" });
        self.ask(self.web.put(format!("{}/v1/reports/{id}", self.url)).json(&report)).await;
        id.to_string()
    }
}

/// The server, killed when the measurement ends.
struct Server {
    child: Child,
    url: String,
}

impl Server {
    fn start(folder: &Path) -> Self {
        let salama = || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_salama"));
            command.env("SALAMA_LISTEN", "127.0.0.1:0").current_dir(folder);
            command
        };
        let add =
            ["member", "add", "--login", LOGIN, "--name", "Crowd", "--role", "technician", "--role", "officer", "--site", "AGA"];
        let mut member = salama().args(add).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        member.stdin.take().unwrap().write_all(format!("{PASSWORD}\n").as_bytes()).unwrap();
        assert!(member.wait().unwrap().success());
        let mut child = salama().arg("serve").stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
        let url = lines.find_map(|line| line.split_once("listening on ").map(|(_, url)| url.trim().to_owned())).unwrap();
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, url }
    }

    fn proc(&self, file: &str) -> String {
        format!("/proc/{}/{file}", self.child.id())
    }

    fn forget_peak(&self) {
        fs::write(self.proc("clear_refs"), "5").unwrap();
    }

    fn memory_mib(&self, what: &str) -> u64 {
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
