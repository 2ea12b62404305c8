//! What every list costs as reports grow in number: the same pages are asked for at a hundredth, a tenth and all of the
//! reports, and what counts is the ratio between them in this one run, never a single time.
//!
//! `cargo bench --bench lists` measures with 100,000 reports on SQLite in a folder of its own;
//! `cargo bench --bench lists -- 20000 postgres://…` with that many in an empty database named. A list that stays flat has
//! a ratio near 1 in the last column. It asks the routes themselves, without a socket between.

#![expect(clippy::unwrap_used, reason = "a measurement stops at the first surprise")]

use std::time::{Duration, Instant};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode},
};
use futures_util::{StreamExt as _, stream};
use salama::{
    app::App,
    clock::Clock,
    config::Settings,
    domain::{
        audience::Role,
        ids::{MemberId, SessionId},
        locale::Locale,
        organisation::Grant,
        session::{Proof, Session},
    },
    http::{Figures, router},
    operations,
    pack::Pack,
    store::NewMember,
};
use serde_json::{Value, json};
use tower::ServiceExt as _;

const AT_ONCE: usize = 32;
const ASKED: usize = 101;
/// Twenty seconds between two reports: a hundred thousand of them are three weeks, and no session ends meanwhile.
const BETWEEN_MS: i64 = 20_000;

/// Every list and filter of the contract that grows with the reports. `S` is a commune, `O` its officer, `C` the cursor behind
/// the newest one.
const LISTS: &[&str] = &[
    "/v1/reports",
    "/v1/reports?after=C",
    "/v1/reports?state=submitted",
    "/v1/reports?state=acknowledged",
    "/v1/reports?state=dismissed",
    "/v1/reports?site_id=S",
    "/v1/reports?kind=near_miss&category=ARC",
    "/v1/reports?severity=4",
    "/v1/reports?assigned_to=O&state=submitted",
    "/v1/reports?site_id=S&state=dismissed&after=C",
    "/v1/reports?assigned_to=O",
    "/v1/reports?overdue=true",
    "/v1/reports?q=pylon",
    "/v1/reports?q=rare",
    "/v1/reports?q=cable",
    "/v1/reports?q=cable&state=acknowledged",
    "/v1/actions",
    "/v1/actions?state=open",
    "/v1/deadlines",
    "/v1/deadlines?state=due",
    "/v1/deadlines?state=overdue",
];

#[derive(Clone)]
struct House {
    app: App,
    clock: Clock,
    router: Router,
    site: String,
    officer: Caller,
    technician: Caller,
}

#[derive(Clone)]
struct Caller {
    member: MemberId,
    session: Session,
}

#[tokio::main]
async fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let reports: usize = words.first().map_or(100_000, |n| n.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let database = words.get(1).cloned().unwrap_or_else(|| format!("sqlite://{}", folder.path().join("salama.db").display()));
    let house = House::open(&database, folder.path()).await;
    let mut rows: Vec<Vec<Duration>> = vec![vec![]; LISTS.len() * 2];
    let mut there = 0;
    for size in [reports / 100, reports / 10, reports] {
        let begun = Instant::now();
        house.fill(there, size).await;
        let each = begun.elapsed() / u32::try_from((size - there).max(1)).unwrap();
        println!("{size} reports; each of the last {} took {each:.2?} to send and handle", size - there);
        there = size;
        for (row, (who, path)) in rows.iter_mut().zip(house.asked().await) {
            row.push(house.median(&who, &path).await);
        }
        let last: Vec<String> = rows.iter().map(|row| format!("{:.2}", ms(row.last()))).collect();
        println!("{}", last.join(" "));
    }
    println!("\n{:<52} {:>9} {:>9} {:>9} {:>7}", "median of 101, ms", reports / 100, reports / 10, reports, "ratio");
    let names = LISTS.iter().flat_map(|list| [format!("{list}  officer of one site"), format!("{list}  technician, own")]);
    for (name, row) in names.zip(&rows) {
        let ms: Vec<f64> = row.iter().map(|time| ms(Some(time))).collect();
        println!("{name:<52} {:>9.2} {:>9.2} {:>9.2} {:>7.2}", ms[0], ms[1], ms[2], ms[2] / ms[1]);
    }
}

fn ms(time: Option<&Duration>) -> f64 {
    time.map_or(f64::NAN, |time| time.as_secs_f64() * 1000.0)
}

impl House {
    async fn open(database: &str, folder: &std::path::Path) -> Self {
        let path = |name: &str| folder.join(name).display().to_string();
        let settings = [
            ("SALAMA_DATABASE_URL".to_owned(), database.to_owned()),
            ("SALAMA_PHOTOS_URL".to_owned(), format!("file://{}", path("photos"))),
            ("SALAMA_KEYS_DIR".to_owned(), path("keys")),
            ("SALAMA_MAIL_DIR".to_owned(), path("mails")),
        ];
        let clock = Clock::standing_at("2026-11-24T09:00:00Z".parse().unwrap());
        let app = App::open(Settings::load(None, settings.into_iter()).unwrap(), clock.clone()).await.unwrap();
        app.store.migrate().await.unwrap();
        operations::load_pack(&app, &Pack::named("ma_utility").unwrap()).await.unwrap();
        let organisation = app.store.organisation().await.unwrap();
        let site = organisation.site_of_code("AGA").unwrap().id;
        let officer = joins(&app, &clock, Role::Officer, site).await;
        let technician = joins(&app, &clock, Role::Technician, site).await;
        let router = router(app.clone(), Figures::begin());
        Self { app, clock, router, site: site.to_string(), officer, technician }
    }

    /// Sends reports until there are `to` of them. One in fifty stays open, a third of these with an action; one in a hundred
    /// is by the technician whose own list is measured.
    async fn fill(&self, from: usize, to: usize) {
        let sender =
            joins(&self.app, &self.clock, Role::Technician, self.site.parse().map(salama::domain::ids::SiteId).unwrap()).await;
        for begin in (from..to).step_by(1000) {
            let batch = begin..to.min(begin + 1000);
            stream::iter(batch.clone())
                .for_each_concurrent(AT_ONCE, |n| {
                    let (house, sender) = (self.clone(), sender.clone());
                    async move { tokio::spawn(async move { house.send(n, &sender).await }).await.unwrap() }
                })
                .await;
            self.clock.advance(BETWEEN_MS * i64::try_from(batch.len()).unwrap()).unwrap();
        }
    }

    async fn send(&self, n: usize, sender: &Caller) {
        let id = self.clock.new_id();
        let word = if n % 20_000 == 7 {
            "rare"
        } else if n.is_multiple_of(50) {
            "pylon"
        } else {
            "trench"
        };
        let draft = json!({
            "kind": if n.is_multiple_of(7) { "near_miss" } else { "hazard" }, "aspects": ["safety"],
            "category": if n.is_multiple_of(5) { "ARC" } else { "MHO" }, "site_id": self.site, "potential_severity": n % 5 + 1,
            "narrative": format!("Report {n}: a cable lies open beside the {word} near the school, seen by the crew this morning"),
        });
        let who = if n.is_multiple_of(100) { &self.technician } else { sender };
        self.ask(who, "PUT", &format!("/v1/reports/{id}"), Some(draft)).await;
        if !n.is_multiple_of(50) {
            let why = json!({ "reason": "The cable is dead" });
            self.ask(&self.officer, "POST", &format!("/v1/reports/{id}/dismiss"), Some(why)).await;
        } else if n.is_multiple_of(150) {
            self.ask(&self.officer, "POST", &format!("/v1/reports/{id}/acknowledge"), Some(json!({}))).await;
            let owner = self.technician.member.0;
            let action = json!({ "title": "Bury it", "kind": "corrective", "control": "engineering", "owner_id": owner });
            self.ask(&self.officer, "PUT", &format!("/v1/reports/{id}/actions/{}", self.clock.new_id()), Some(action)).await;
        }
    }

    /// Every list as the officer and as the technician ask for it now.
    async fn asked(&self) -> Vec<(Caller, String)> {
        let mut asked = Vec::new();
        for list in LISTS {
            for who in [&self.officer, &self.technician] {
                let mut path = list.replace("=S", &format!("={}", self.site)).replace("=O", &format!("={}", self.officer.member));
                if path.ends_with("after=C") {
                    let first = self.ask(who, "GET", "/v1/reports?limit=1", None).await;
                    path =
                        path.replace("after=C", &first["next"].as_str().map_or_else(String::new, |next| format!("after={next}")));
                }
                asked.push((who.clone(), path));
            }
        }
        asked
    }

    async fn median(&self, who: &Caller, path: &str) -> Duration {
        let mut times = Vec::new();
        for _ in 0..ASKED {
            let begun = Instant::now();
            self.ask(who, "GET", path, None).await;
            times.push(begun.elapsed());
        }
        times.sort_unstable();
        times[ASKED / 2]
    }

    async fn ask(&self, who: &Caller, method: &str, path: &str, body: Option<Value>) -> Value {
        let token = self.app.keys.sign(&who.session, self.clock.now(), self.clock.new_id()).unwrap();
        let request = Request::builder().method(method).uri(path).header("authorization", format!("Bearer {token}"));
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let request = request.header("content-type", "application/json").body(body).unwrap();
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let (status, bytes) = (answer.status(), to_bytes(answer.into_body(), usize::MAX).await.unwrap());
        assert!(
            matches!(status, StatusCode::OK | StatusCode::CREATED),
            "{method} {path}: {status} {}",
            String::from_utf8_lossy(&bytes)
        );
        serde_json::from_slice(&bytes).unwrap()
    }
}

async fn joins(app: &App, clock: &Clock, role: Role, site: salama::domain::ids::SiteId) -> Caller {
    let (member, session, now) = (MemberId(clock.new_id()), SessionId(clock.new_id()), clock.now());
    let new = NewMember {
        id: member,
        name: format!("{role}"),
        locale: Locale::Fr,
        email: Some(format!("{member}@example.org")),
        employee_number: None,
        phone: None,
        manager: None,
        password_hash: None,
        created_at: now,
    };
    let device = ("bench".to_owned(), "Bench".to_owned());
    let session_row = Session {
        id: session,
        member,
        device_id: device.0,
        device_name: device.1,
        proof: Proof::Password,
        second_factor: false,
        created_at: now,
        refreshed_at: now,
        revoked_at: None,
        refresh_sha256: [0; 32],
        pair: 0,
        made_from: None,
        pair_used_at: None,
        version: 1,
    };
    let tx = app.store.begin().await.unwrap();
    tx.add_member(&new).await.unwrap();
    tx.grant(member, Grant { role, site }).await.unwrap();
    tx.add_session(&session_row).await.unwrap();
    tx.commit().await.unwrap();
    Caller { member, session: session_row }
}
