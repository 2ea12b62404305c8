//! Sixteen photos at once: how much memory the server takes, and how much longer others wait meanwhile.
//!
//! `cargo bench --bench crowd` (with or without `--features turbo`) starts the server as an operator does, with SQLite in a
//! folder of its own; asks for small things and sends small reports while nothing else happens, then while sixteen phones
//! send photos of 12 megapixels one after the other and their renditions are made; and prints the most memory the server's
//! process held, and the times others waited, calm and crowded. `-- 8` lets each phone send so many photos. Server and phones
//! share this machine, so that times are compared within this run alone.

#![expect(clippy::unwrap_used, reason = "a measurement stops at the first surprise")]

mod made;
#[path = "made/server.rs"]
mod server;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use futures_util::future::join_all;
use made::{TWELVE, jpeg, mosaic};
use salama::clock::Clock;
use serde_json::{Value, json};
use server::{Phone, Server, at};
use sha2::{Digest as _, Sha256};

const PHONES: usize = 16;
const LOGIN: &str = "crowd@example.org";
/// How many small requests are measured while nothing else happens.
const CALM: usize = 2000;
/// The pause between two of them, so that they do not crowd themselves.
const PAUSE: Duration = Duration::from_millis(5);

#[tokio::main]
async fn main() {
    let each = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(3);
    let photo = jpeg(&mosaic(3072, 4096, TWELVE), false);
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &[LOGIN.to_owned()]);
    let officer = Reporter::signed_in(&server.url, "officer").await;
    let seen = officer.reports(&[]).await;

    // Passwords are hashed and photos made before anything is measured: what a phone does by itself is not the server's.
    let mut phones = Vec::new();
    for n in 1..=PHONES {
        let photos: Vec<_> = (0..each).map(|photo_of| Shot::new(&photo, &format!("{n}-{photo_of}"))).collect();
        phones.push((Reporter::signed_in(&server.url, &format!("phone {n}")).await, photos));
    }
    // Everything there is has been used once.
    send_photos(&officer, vec![Shot::new(&photo, "first")]).await;
    let calm = small_requests(&officer, &seen, |sent| sent == CALM).await;
    let before = server.memory_mib("VmRSS");
    server.forget_peak();

    let done = Arc::new(AtomicBool::new(false));
    let crowd = {
        let done = Arc::clone(&done);
        // On a thread of their own and behind all others, as far as that goes: phones are not part of the server's machine.
        std::thread::spawn(move || {
            #[cfg(target_os = "linux")]
            rustix::process::setpriority_process(Some(rustix::thread::gettid()), 10).unwrap();
            let begun = Instant::now();
            let all = join_all(phones.into_iter().map(|(phone, photos)| async move { send_photos(&phone, photos).await }));
            tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(all);
            done.store(true, Ordering::Relaxed);
            begun.elapsed()
        })
    };
    let crowded = small_requests(&officer, &seen, |_| done.load(Ordering::Relaxed)).await;
    let took = crowd.join().unwrap();
    let peak = server.memory_mib("VmHWM");

    println!("{} photos of {PHONES} phones were sent and shown within {:.1} s", PHONES * each, took.as_secs_f64());
    println!("memory: {before} MiB before, {peak} MiB at most; the target is 200");
    println!("{:<28} {:>9} {:>9} {:>9}", "small requests, ms", "p50", "p99", "counted");
    for (when, times) in [("calm", &calm), ("crowded", &crowded)] {
        println!("{when:<28} {:>9.2} {:>9.2} {:>9}", at(times, 50), at(times, 99), times.len());
        for (what, first) in [("reports read", 0), ("reports sent", 1)] {
            let of: Vec<f64> = times.iter().copied().skip(first).step_by(2).collect();
            println!("  {what:<26} {:>9.2} {:>9.2} {:>9}", at(&of, 50), at(&of, 99), of.len());
        }
    }
    println!("p99 is {:.2} times the calm one; the target is 2", at(&crowded, 99) / at(&calm, 99));
}

/// A report read and a report sent, in turn, until it is over; times in ms.
async fn small_requests(officer: &Reporter, seen: &str, is_over: impl Fn(usize) -> bool) -> Vec<f64> {
    let mut times = Vec::new();
    while !is_over(times.len()) {
        let begun = Instant::now();
        if times.len() % 2 == 0 {
            officer.phone.get(&format!("/v1/reports/{seen}")).await;
        } else {
            officer.reports(&[]).await;
        }
        times.push(begun.elapsed().as_secs_f64() * 1000.0);
        tokio::time::sleep(PAUSE).await;
    }
    times
}

/// A photo as a phone holds it.
struct Shot {
    bytes: Bytes,
    sha256: String,
}

impl Shot {
    /// No two are of the same bytes.
    fn new(photo: &[u8], mark: &str) -> Self {
        let bytes = [photo, mark.as_bytes()].concat();
        Self { sha256: hex::encode(Sha256::digest(&bytes)), bytes: bytes.into() }
    }
}

/// A phone sends photos one after the other, and waits until each is shown.
async fn send_photos(sender: &Reporter, photos: Vec<Shot>) {
    for Shot { bytes, sha256 } in photos {
        let id = Clock::system().new_id();
        let announced = json!({ "id": id, "sha256": sha256, "bytes": bytes.len(), "media_type": "image/jpeg" });
        let report = sender.reports(&[announced]).await;
        let path = format!("{}/v1/reports/{report}/photos/{id}", sender.phone.url);
        let request = sender.phone.web.put(path).header("content-type", "image/jpeg").body(bytes);
        sender.phone.ask(request).await;
        loop {
            let state = sender.phone.get(&format!("/v1/reports/{report}")).await["photos"][0]["state"].clone();
            match state.as_str().unwrap() {
                "ready" => break,
                "received" => tokio::time::sleep(Duration::from_millis(200)).await,
                other => panic!("the photo is {other}"),
            }
        }
    }
}

/// A phone, and the site it reports from.
struct Reporter {
    phone: Phone,
    site: Value,
}

impl Reporter {
    async fn signed_in(url: &str, device: &str) -> Self {
        let phone = Phone::signed_in(url, LOGIN, device).await;
        let sites = phone.get("/v1/sites").await;
        let site = sites["items"].as_array().unwrap().iter().find(|site| site["code"] == "AGA").unwrap()["id"].clone();
        Self { phone, site }
    }

    async fn reports(&self, photos: &[Value]) -> String {
        let id = Clock::system().new_id();
        let report = json!({ "kind": "hazard", "aspects": ["safety"], "category": "MHO", "site_id": self.site, "photos": photos,
            "potential_severity": 2, "narrative": "A cable lies open beside the trench near the school, seen this morning" });
        self.phone.ask(self.phone.web.put(format!("{}/v1/reports/{id}", self.phone.url)).json(&report)).await;
        id.to_string()
    }
}
