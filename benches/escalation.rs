//! How long the planner needs for many deadlines that are due at once, and what memory it takes meanwhile.
//!
//! `cargo bench --bench escalation` plans 10,000 deadlines, first one rung of each and then all that three days without a
//! worker missed, on SQLite in a folder of its own; `cargo bench --bench escalation -- 5000 postgres://…` those of 5,000
//! reports in an empty database named.

#![expect(clippy::unwrap_used, reason = "a measurement stops at the first surprise")]

use std::time::{Duration, Instant};

use futures_util::{StreamExt as _, stream};
use salama::{
    app::App,
    clock::Clock,
    config::Settings,
    domain::{
        audience::Role,
        ids::{MemberId, ReportId, SessionId},
        locale::Locale,
        organisation::Grant,
        report::RawDraft,
    },
    operations::{self, Caller},
    pack::Pack,
    store::NewMember,
};
use serde_json::json;

const AT_ONCE: usize = 32;
/// A new report has three clocks at this severity.
const CLOCKS: usize = 3;

#[tokio::main]
async fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let reports: usize = words.first().map_or(10_000, |n| n.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let database = words.get(1).cloned().unwrap_or_else(|| format!("sqlite://{}", path("salama.db")));
    let settings = [
        ("SALAMA_DATABASE_URL".to_owned(), database),
        ("SALAMA_PHOTOS_URL".to_owned(), format!("file://{}", path("photos"))),
        ("SALAMA_KEYS_DIR".to_owned(), path("keys")),
        ("SALAMA_MAIL_DIR".to_owned(), path("mails")),
    ];
    let clock = Clock::standing_at("2026-11-24T09:00:00Z".parse().unwrap());
    let app = App::open(Settings::load(None, settings.into_iter()).unwrap(), clock.clone()).await.unwrap();
    app.store.migrate().await.unwrap();
    operations::load_pack(&app, &Pack::named("ma_utility").unwrap()).await.unwrap();
    joins(&app, &clock, Role::Manager, "SRM-SM").await;
    joins(&app, &clock, Role::Officer, "AGA").await;
    let technician = joins(&app, &clock, Role::Technician, "AGA").await;
    let organisation = app.store.organisation().await.unwrap();
    let site = organisation.site_of_code("AGA").unwrap().id;
    let caller = Caller {
        member: technician,
        session: SessionId(clock.new_id()),
        organisation,
        owes_second_factor: false,
        said_at: None,
        sent_at: None,
        once: None,
    };
    stream::iter(0..reports)
        .for_each_concurrent(AT_ONCE, |n| {
            let (app, caller) = (&app, &caller);
            let draft: RawDraft = serde_json::from_value(json!({ "kind": "hazard", "aspects": ["safety"], "category": "MHO",
                "site_id": site, "potential_severity": 4, "narrative": format!("Report {n}") }))
            .unwrap();
            async move {
                operations::submit_report(app, caller, ReportId(app.clock.new_id()), draft).await.unwrap();
            }
        })
        .await;
    plan(&app, usize::MAX).await;
    println!("{} clocks run; {} KiB of memory", reports * CLOCKS, memory());
    clock.advance(31 * 60_000).unwrap();
    let (planned, took) = plan(&app, usize::MAX).await;
    println!(
        "{planned} deadlines that are due at once planned and put on record in {}; {} KiB of memory",
        each(took, planned),
        memory()
    );
    clock.advance(3 * 86_400_000).unwrap();
    let begun = Instant::now();
    let foreseen = operations::foresee(&app).await.unwrap();
    println!("foreseen in {:.2?}: {foreseen:?}", begun.elapsed());
    let (planned, took) = plan(&app, reports).await;
    println!("{planned} deadlines after three days without a worker in {}; {} KiB of memory", each(took, planned), memory());
    // What was missed waits no longer than this for the rest of it.
    clock.advance(600_000).unwrap();
    let begun = Instant::now();
    let people = operations::gather_digests(&app).await.unwrap();
    println!("gathered for {people} people in {:.2?}; {} KiB of memory", begun.elapsed(), memory());
}

/// Plans until nothing waits, or so many are planned; how many there were, and how long it took.
async fn plan(app: &App, most: usize) -> (usize, Duration) {
    let begun = Instant::now();
    let mut planned = 0;
    while planned < most {
        match operations::escalate_due(app).await.unwrap() {
            0 => break,
            pass => planned += pass,
        }
    }
    (planned, begun.elapsed())
}

/// How long it took, and how long for each.
fn each(took: Duration, n: usize) -> String {
    format!("{took:.2?}, {:.1?} each", took / u32::try_from(n.max(1)).unwrap())
}

/// Resident memory in KiB, where the machine says it.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()).and_then(|kib| kib.parse().ok()).unwrap_or(0)
}

async fn joins(app: &App, clock: &Clock, role: Role, site: &str) -> MemberId {
    let site = app.store.organisation().await.unwrap().site_of_code(site).unwrap().id;
    let id = MemberId(clock.new_id());
    let new = NewMember {
        id,
        name: format!("{role}"),
        locale: Locale::Fr,
        email: Some(format!("{id}@example.org")),
        employee_number: None,
        phone: None,
        manager: None,
        password_hash: None,
        created_at: clock.now(),
    };
    let tx = app.store.begin().await.unwrap();
    tx.add_member(&new).await.unwrap();
    tx.grant(id, Grant { role, site }).await.unwrap();
    tx.commit().await.unwrap();
    id
}
