//! A whole life of a protected report, seen by everybody who may see it: a search through every answer, mail, log line and
//! journal entry finds no trace of its sender; where they are anonymous, neither does one through every row and photo kept.

use std::path::Path;

use salama::domain::audience::Role;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use serde_json::{Value, json};

use crate::{
    life::{adds_photo, minor, rated},
    mail_links,
    main_road::crew,
    protected::{MARKER, kept_as, telling_photo, with_photo},
    support::{
        house::House,
        logs,
        person::Person,
        smtp::{At, Does},
        stories,
    },
};

stories!(nothing_leads_to_a_confidential_sender, nothing_leads_to_an_anonymous_sender);

const DAY: i64 = 86_400_000;
/// Where the sender's own account is; every other table must know nothing of it.
const ACCOUNT: &[&str] = &["members", "grants", "sessions"];

/// A sender whose name, mailbox and device nobody else has.
struct Sender {
    person: Person,
    traces: Vec<String>,
}

async fn sender(house: &House, officer: &Person) -> Sender {
    let own = house.clock.new_id().simple().to_string();
    let name = format!("Zq{}", &own[16..]);
    let device = format!("device-{own}");
    let joined = house.joins_under(&name, Role::Technician, "AGA", Some(officer)).await;
    let person = house.signed_in_on(&device, joined.id, &name).await;
    let id = person.id.0;
    let traces = [name.clone(), name.to_lowercase(), device, id.to_string(), id.simple().to_string(), MARKER.to_owned()];
    Sender { person, traces: traces.into() }
}

/// Everything that happens to a report, from its sending to its escalation after it was taken up again.
async fn whole_life(house: &House, sender: &Person, officer: &Person, confidentiality: &str) {
    let other = house.joins("Nadia", Role::Officer, "SRM-SM").await;
    let worker = house.joins("Hamid", Role::Technician, "AGA").await;
    let (photo, bytes) = (sender.new_id(), telling_photo());
    let draft = with_photo(kept_as(minor(&house.site("AGA").await), confidentiality), &photo, &bytes);
    let report = sender.new_id();
    let sent = sender.put(&format!("/v1/reports/{report}"), &draft).await.expect(201);
    sender.put(&format!("/v1/reports/{report}"), &draft).await.expect(200);
    // Most of it comes in pieces, over a line that is then given up.
    let upload = sender.begins_upload(&report, &photo, bytes.len()).await.header("location");
    sender.adds(&upload, 0, &bytes[..bytes.len() - 9]).await.expect(204);
    sender.sends_photo(&report, &photo, bytes.clone()).await.expect(201);
    sender.sends_photo(&report, &photo, bytes).await.expect(200);
    house.tick().await;
    officer.commands(&report, "acknowledge", json!({})).await.expect(200);
    officer.commands(&report, "request-information", json!({ "question": "Since when?" })).await.expect(200);
    answers(house, sender, &report, &sent["follow_up"]).await;
    house.tick().await;
    let to = json!({ "officer_id": other.id.0, "reason": "A matter of the network" });
    officer.commands(&report, "transfer", to).await.expect(200);
    rated(&other, &report, 2).await;
    other.commands(&report, "investigate", json!({ "similar_events": "None" })).await.expect(200);
    let action = other.assigns(&report, &worker, None).await;
    adds_photo(&worker, &report, &worker.new_id()).await.expect(201);
    worker.acts(&action, "complete", json!({ "note": "Done" })).await.expect(200);
    other.acts(&action, "verify", json!({})).await.expect(200);
    other.commands(&report, "close", json!({ "outcome": "Mended" })).await.expect(200);
    other.commands(&report, "reopen", json!({ "reason": "It broke again" })).await.expect(200);
    house.tick().await;
    // The sender's mailbox refuses the last mail, if there is one.
    house.peer.at(At::Recipient, Does::Says("550 5.1.1 no such user"));
    other.commands(&report, "request-information", json!({ "question": "Is it worse?" })).await.expect(200);
    house.tick().await;
    house.peer.mend();
    house.clock.advance(20 * DAY).unwrap();
    house.tick().await;
    let mut readers = vec![house.again(officer).await, house.again(&other).await, house.again(&worker).await];
    for (name, role) in [("Hind2", Role::Manager), ("Salma", Role::Investigator), ("Yasmine", Role::Investigator)] {
        readers.push(house.joins(name, role, "SRM-SM").await);
    }
    readers.push(house.joins("Amal", Role::Auditor, "SRM-SM").await);
    readers.push(house.joins("Omar", Role::Admin, "SRM-SM").await);
    if confidentiality == "confidential" {
        for investigator in readers.iter().filter(|reader| ["Salma", "Yasmine"].contains(&&*reader.name)) {
            investigator.commands(&report, "unseal", json!({ "reason": "A threat" })).await.expect(200);
        }
    }
    house.tick().await;
    for reader in &readers {
        everything(reader, &report, &action, &photo).await;
    }
    for told in &readers[..3] {
        let page = format!("{}{}", house.url, mail_links::link(house, told));
        readers[0].send(house.web.get(page)).await;
    }
}

async fn answers(house: &House, sender: &Person, report: &str, secrets: &Value) {
    let said = json!({ "text": "Since Monday" });
    let id = sender.new_id();
    if let Some(secret) = secrets["secret"].as_str() {
        let holder = house.whoever_holds(secret);
        holder.put(&format!("/v1/follow-up/comments/{id}"), &said).await.expect(201);
        holder.get("/v1/follow-up").await.expect(200);
        house
            .whoever_holds(secrets["recovery_secret"].as_str().unwrap())
            .post("/v1/follow-up/recover", &json!({}))
            .await
            .expect(200);
    } else {
        sender.put(&format!("/v1/reports/{report}/comments/{id}"), &said).await.expect(201);
    }
}

/// All that there is to read about a report, whether this person may or not.
async fn everything(reader: &Person, report: &str, action: &str, photo: &str) {
    for path in [
        format!("/v1/reports/{report}"),
        format!("/v1/reports/{report}/history?limit=200"),
        format!("/v1/reports/{report}/explain"),
        "/v1/reports".to_owned(),
        "/v1/reports?q=cable".to_owned(),
        "/v1/reports?mine=true".to_owned(),
        "/v1/actions".to_owned(),
        format!("/v1/actions/{action}"),
        "/v1/deadlines".to_owned(),
        format!("/v1/photos/{photo}/display"),
        format!("/v1/photos/{photo}/thumb"),
        format!("/v1/photos/{photo}/findings"),
    ] {
        reader.get(&path).await;
    }
    // An original of a confidential report is open to the two who opened its identity, and to nobody else.
    if !["Salma", "Yasmine"].contains(&&*reader.name) {
        reader.get(&format!("/v1/photos/{photo}/original")).await;
    }
}

fn assert_no_trace(sender: &Sender, what: &str, text: &str) {
    for trace in &sender.traces {
        if let Some(at) = text.find(trace.as_str()) {
            let around: String = text.chars().skip(text[..at].chars().count().saturating_sub(200)).take(400).collect();
            panic!("{what} holds {trace}: … {around} …");
        }
    }
}

/// Searches all that left the house, and the journal.
async fn search(house: &House, sender: &Sender, but_to: Option<&Person>) {
    let answers = house.heard.lock().unwrap().clone();
    assert!(answers.len() > 100 && answers.iter().any(|(to, _)| *to == sender.person.id));
    for (_, answer) in answers.iter().filter(|(to, _)| but_to.is_none_or(|person| person.id != *to)) {
        assert_no_trace(sender, "an answer", answer);
    }
    // What waits for a morning's digest leaves the house too.
    house.clock.advance(86_400_000).unwrap();
    house.tick().await;
    let address = format!("{}@example.org", sender.person.name.to_lowercase());
    let mails = house.peer.received();
    assert!(mails.len() > 5, "{} mails", mails.len());
    for mail in mails.iter().filter(|mail| but_to.is_none() || mail.to != address) {
        assert_no_trace(sender, "a mail", &format!("{} {}", mail.to, mail.data.replace("=\r\n", "")));
    }
    let lines = logs::kept();
    assert!(lines.contains("PUT /v1/reports/{id} 201") && lines.contains("DEBUG"), "the log is not kept");
    assert_no_trace(sender, "the log", &lines);
    let entries = house.app.store.journal(0, 10_000).await.unwrap();
    assert!(entries.len() > 30);
    for entry in entries {
        assert_no_trace(sender, "the journal", &format!("{entry:?}"));
    }
}

async fn nothing_leads_to_a_confidential_sender(house: House) {
    logs::keep();
    let (_, officer, _) = crew(&house).await;
    let sender = sender(&house, &officer).await;
    whole_life(&house, &sender.person, &officer, "confidential").await;
    let own = house.heard.lock().unwrap().iter().any(|(to, text)| *to == sender.person.id && text.contains(&sender.traces[3]));
    assert!(own, "the search would find a trace: the sender's own answers hold one");
    assert!(house.mailbox(&sender.person).len() > 2, "the sender was told");
    search(&house, &sender, Some(&sender.person)).await;
}

async fn nothing_leads_to_an_anonymous_sender(house: House) {
    logs::keep();
    let (_, officer, _) = crew(&house).await;
    let sender = sender(&house, &officer).await;
    whole_life(&house, &sender.person, &officer, "anonymous").await;
    search(&house, &sender, None).await;
    let database = house.behind_its_back().await;
    let tables = tables(&database).await;
    assert!(tables.len() > 15, "{tables:?}");
    for table in &tables {
        let rows = rows(&database, table).await.join(" ");
        let found = sender.traces.iter().any(|trace| rows.contains(trace.as_str()) || rows.contains(&hex::encode(trace)));
        assert_eq!(found, ACCOUNT.contains(&&**table), "{table}");
    }
    let mut photos = 0;
    files(&house.folder.path().join("photos"), &mut |bytes| {
        photos += 1;
        assert!(!bytes.windows(MARKER.len()).any(|part| part == MARKER.as_bytes()), "a file holds the marker");
    });
    assert!(photos >= 3, "an original and its renditions");
    let mut pieces = 0;
    files(&house.app.settings.uploads_dir(), &mut |bytes| {
        pieces += 1;
        assert!(!bytes.windows(MARKER.len()).any(|part| part == MARKER.as_bytes()), "a piece holds the marker");
    });
    assert_eq!(pieces, 1);
}

/// The tables of the house.
pub async fn tables(database: &DatabaseConnection) -> Vec<String> {
    let sql = match database.get_database_backend() {
        DbBackend::Postgres => "select table_name as name from information_schema.tables where table_schema = 'public'",
        _ => "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'",
    };
    let found = database.query_all_raw(Statement::from_string(database.get_database_backend(), sql)).await.unwrap();
    found.iter().map(|row| row.try_get::<String>("", "name").unwrap()).collect()
}

/// All rows of a table as text: on PostgreSQL as JSON, on SQLite every column in hexadecimal digits.
pub async fn rows(database: &DatabaseConnection, table: &str) -> Vec<String> {
    let backend = database.get_database_backend();
    let sql = if backend == DbBackend::Postgres {
        format!("select row_to_json(t)::text as text from \"{table}\" t")
    } else {
        let columns = database
            .query_all_raw(Statement::from_string(backend, format!("select name from pragma_table_info('{table}')")))
            .await
            .unwrap();
        let columns: Vec<String> = columns
            .iter()
            .map(|row| format!("lower(hex(coalesce(\"{}\", '')))", row.try_get::<String>("", "name").unwrap()))
            .collect();
        format!("select {} as text from \"{table}\"", columns.join(" || ' ' || "))
    };
    let found = database.query_all_raw(Statement::from_string(backend, sql)).await.unwrap();
    found.iter().map(|row| row.try_get("", "text").unwrap()).collect()
}

/// Looks at every file of a folder, and of those in it.
pub fn files(folder: &Path, look: &mut impl FnMut(&[u8])) {
    for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            files(&path, look);
        } else {
            look(&std::fs::read(&path).unwrap());
        }
    }
}
