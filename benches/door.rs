//! Many at the door: how much longer others wait while thousands of connections idle, and while two hundred sign-ins come at once.
//!
//! `cargo bench --bench door` starts the server as an operator does, with SQLite in a folder of its own and a proxy's trust in
//! this machine, so that every phone has an address of its own; asks for a small thing while nothing else happens, beside five
//! thousand idle connections, and while two hundred sign-ins come at once as well, of twenty people on ten new phones each.
//! Whoever is told to come back does. Server and phones share this machine: times are compared within this run alone.

#![expect(clippy::unwrap_used, reason = "a measurement stops at the first surprise")]

#[path = "made/server.rs"]
mod server;

use std::{
    net::{SocketAddr, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use reqwest::{Client, StatusCode};
use server::{Phone, Server, at, sign_in};

const IDLE: usize = 5000;
const PEOPLE: usize = 20;
const PHONES_EACH: usize = 10;
/// How many small requests are measured while nothing else happens.
const CALM: usize = 2000;
/// The pause between two of them, so that they do not crowd themselves.
const PAUSE: Duration = Duration::from_millis(2);
/// Within which time after another those come back who were told to, each at a moment of their own, as phones do.
const SPREAD_MS: u64 = 4000;

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let people: Vec<String> = (0..=PEOPLE).map(|n| format!("person{n}@example.org")).collect();
    let server = Server::start(folder.path(), &people);
    let officer = Phone::signed_in(&server.url, &people[0], "desk").await;
    small_requests(&officer, |sent| sent == 200).await;
    let calm = small_requests(&officer, |sent| sent == CALM).await;
    let before = server.memory_mib("VmRSS");
    server.forget_peak();

    let address: SocketAddr = server.url.trim_start_matches("http://").parse().unwrap();
    let idle: Vec<TcpStream> = (0..IDLE).map(|_| TcpStream::connect(address).unwrap()).collect();
    let beside_idle = small_requests(&officer, |sent| sent == CALM).await;

    let (done, sent_away) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let crowd = {
        let (done, sent_away, web, url) = (Arc::clone(&done), Arc::clone(&sent_away), Client::new(), server.url.clone());
        // On a thread of their own and behind all others, as far as that goes: phones are not part of the server's machine.
        std::thread::spawn(move || {
            #[cfg(target_os = "linux")]
            rustix::process::setpriority_process(Some(rustix::thread::gettid()), 10).unwrap();
            let begun = Instant::now();
            let arriving = people[1..]
                .iter()
                .zip(1..)
                .flat_map(|(login, person)| (0..PHONES_EACH).map(move |phone| (login, format!("192.0.{person}.{phone}"))));
            let all = join_all(arriving.map(|(login, address)| get_in(&web, &url, login, address, &sent_away)));
            tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(all);
            done.store(true, Ordering::Relaxed);
            begun.elapsed()
        })
    };
    let beside_all = small_requests(&officer, |_| done.load(Ordering::Relaxed)).await;
    let took = crowd.join().unwrap();
    drop(idle);
    let peak = server.memory_mib("VmHWM");

    let (all, again) = (PEOPLE * PHONES_EACH, sent_away.load(Ordering::Relaxed));
    println!("{all} sign-ins were let in within {:.1} s; {again} times somebody was told to come back", took.as_secs_f64());
    println!("memory: {before} MiB before, {peak} MiB at most");
    println!("{:<36} {:>9} {:>9} {:>9} {:>9}", "small requests, ms", "p50", "p99", "counted", "ratio");
    let rows = [("calm", &calm), ("beside 5,000 idle connections", &beside_idle), ("and 200 sign-ins", &beside_all)];
    for (when, times) in rows {
        let ratio = at(times, 99) / at(&calm, 99);
        println!("{when:<36} {:>9.2} {:>9.2} {:>9} {ratio:>9.2}", at(times, 50), at(times, 99), times.len());
    }
    println!("the ratio is of the p99 to the calm one; the target is 2");
}

/// Comes back until it is let in. Each address is of one phone.
async fn get_in(web: &Client, url: &str, login: &str, address: String, sent_away: &AtomicUsize) {
    loop {
        match sign_in(web, url, login, &address, &address).await.status() {
            StatusCode::CREATED => return,
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                let before = sent_away.fetch_add(1, Ordering::Relaxed);
                // Thirty-seven leaves no two of them close together.
                let moment = u64::try_from(before).unwrap() * 37 * 37 % SPREAD_MS;
                tokio::time::sleep(Duration::from_millis(500 + moment)).await;
            }
            other => panic!("a sign-in was answered {other}"),
        }
    }
}

/// Asks who one is, again and again, until it is over; times in ms.
async fn small_requests(officer: &Phone, is_over: impl Fn(usize) -> bool) -> Vec<f64> {
    let mut times = Vec::new();
    while !is_over(times.len()) {
        let begun = Instant::now();
        officer.get("/v1/me").await;
        times.push(begun.elapsed().as_secs_f64() * 1000.0);
        tokio::time::sleep(PAUSE).await;
    }
    times
}
