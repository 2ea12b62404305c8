//! The program as an operator runs it: started in an empty folder, spoken to over HTTP, stopped and killed.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Child, Command, Output, Stdio},
};

use serde_json::{Value, json};
use tempfile::TempDir;

const LOGIN: &str = "rkia@example.org";
const PASSWORD: &str = "seven brass kettles";

fn salama(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_salama"));
    command.env_clear().env("SALAMA_LISTEN", "127.0.0.1:0").current_dir(folder);
    command
}

fn empty_folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// What a command does that is given a line on standard input.
fn run(folder: &Path, arguments: &[&str], line: &str) -> Output {
    let mut child =
        salama(folder).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(line.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn succeeds(folder: &Path, arguments: &[&str], line: &str) -> String {
    let done = run(folder, arguments, line);
    assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

fn add_technician(folder: &Path) {
    let said = succeeds(
        folder,
        &["member", "add", "--login", LOGIN, "--name", "Rkia", "--role", "technician", "--role", "officer", "--site", "AGA"],
        &format!("{PASSWORD}\n"),
    );
    assert!(said.contains(LOGIN) && !said.contains("without a password"), "{said}");
}

/// A server, killed when the test ends.
struct Server {
    child: Child,
    url: String,
}

impl Server {
    fn start(folder: &Path, arguments: &[&str]) -> Self {
        let mut child = salama(folder).arg("serve").args(arguments).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut said = String::new();
        let url = lines.by_ref().map(Result::unwrap).find_map(|line| {
            said.push_str(&line);
            line.split_once("listening on ").map(|(_, url)| url.trim().to_owned())
        });
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, url: url.expect(&said) }
    }

    fn signal(&mut self, signal: &str) -> Option<i32> {
        assert!(Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap().success());
        self.child.wait().unwrap().code()
    }

    async fn get(&self, path: &str, token: &str) -> reqwest::Response {
        client().get(format!("{}{path}", self.url)).bearer_auth(token).send().await.unwrap()
    }

    async fn sign_in(&self, password: &str) -> Option<String> {
        let body = json!({ "login": LOGIN, "password": password, "device": { "id": "test", "name": "Test" } });
        let answer = client().post(format!("{}/v1/sessions", self.url)).json(&body).send().await.unwrap();
        if answer.status() == 401 {
            return None;
        }
        let body: Value = answer.json().await.unwrap();
        Some(body["access_token"].as_str().unwrap().to_owned())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

#[tokio::test]
async fn serve_starts_with_the_defaults_alone_in_an_empty_folder_and_leaves_on_sigterm() {
    let folder = empty_folder();
    let mut server = Server::start(folder.path(), &[]);
    assert_eq!(server.get("/healthz", "").await.text().await.unwrap(), "ok\n");
    assert_eq!(server.get("/readyz", "").await.status(), 200);
    let key = folder.path().join("salama-data/keys/signing-key.pem").metadata().unwrap();
    assert_eq!(key.permissions().mode() & 0o777, 0o600);
    assert!(folder.path().join("salama-data/mails").is_dir());
    assert_eq!(server.signal("-TERM"), Some(0));
}

#[tokio::test]
async fn somebody_who_is_added_signs_in_and_somebody_who_is_disabled_does_not() {
    let folder = empty_folder();
    add_technician(folder.path());
    let server = Server::start(folder.path(), &[]);
    let token = server.sign_in(PASSWORD).await.expect("the password is right");
    let me: Value = server.get("/v1/me", &token).await.json().await.unwrap();
    assert_eq!(me["name"], "Rkia");
    assert_eq!(me["roles"][0]["site_code"], "AGA");
    succeeds(folder.path(), &["member", "set-password", "--login", LOGIN], "eight tin buckets\n");
    assert_eq!(server.get("/v1/me", &token).await.status(), 401);
    assert_eq!(server.sign_in(PASSWORD).await, None);
    assert!(server.sign_in("eight tin buckets").await.is_some());
    succeeds(folder.path(), &["member", "disable", "--login", LOGIN], "");
    assert_eq!(server.sign_in("eight tin buckets").await, None);
}

#[test]
fn what_is_wrong_with_a_new_member_is_said_by_the_name_of_the_option() {
    let folder = empty_folder();
    let add = |login, site| ["member", "add", "--login", login, "--name", "Rkia", "--role", "technician", "--site", site];
    let said = succeeds(folder.path(), &add("10077", "AGA"), "");
    assert!(said.contains("without a password"), "{said}");
    let refused = run(folder.path(), &add("10077", "NOWHERE"), "short\n");
    let said = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert!(said.contains("site: ") && said.contains("password: "), "{said}");
    let taken = run(folder.path(), &add("10077", "AGA"), "");
    assert!(String::from_utf8(taken.stderr).unwrap().contains("login: "));
}

#[test]
fn a_list_of_people_is_rehearsed_refused_by_line_and_imported() {
    let folder = empty_folder();
    std::fs::write(folder.path().join("wrong.csv"), "login;name;role;site\n10077;Rkia;technician;NOWHERE\n10078;;boss\n")
        .unwrap();
    let refused = run(folder.path(), &["member", "import", "wrong.csv"], "");
    let said = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert!(said.contains("line 2, site: ") && said.contains("line 3, columns: "), "{said}");
    std::fs::write(
        folder.path().join("people.csv"),
        "\u{feff}login;name;role;site\n10077;Rkia;technician;AGA\n10077;;officer;AGA\n",
    )
    .unwrap();
    let rehearsed = succeeds(folder.path(), &["member", "import", "people.csv", "--dry-run"], "");
    assert!(rehearsed.contains("1 added, 0 changed, 0 as they were, 2 roles given; this was a rehearsal"), "{rehearsed}");
    let done = succeeds(folder.path(), &["member", "import", "people.csv"], "");
    assert!(done.contains("added 10077 (2 new roles)") && done.contains("1 added, 0 changed"), "{done}");
    let again = succeeds(folder.path(), &["member", "import", "people.csv"], "");
    assert!(again.contains("0 added, 0 changed, 1 as they were, 0 roles given"), "{again}");
}

#[tokio::test]
async fn one_sqlite_file_has_one_worker_and_any_number_of_http_processes() {
    let folder = empty_folder();
    let first = Server::start(folder.path(), &[]);
    let second = run(folder.path(), &["serve"], "");
    let said = String::from_utf8(second.stderr).unwrap();
    assert_eq!(second.status.code(), Some(1));
    assert!(said.contains("worker already") && said.contains("--only http"), "{said}");
    let http = Server::start(folder.path(), &["--only", "http"]);
    assert_eq!(http.get("/readyz", "").await.status(), 200);
    drop(first);
    let next = Server::start(folder.path(), &[]);
    assert_eq!(next.get("/readyz", "").await.status(), 200);
}

#[tokio::test]
async fn a_report_that_was_answered_is_there_after_the_process_was_killed() {
    let folder = empty_folder();
    add_technician(folder.path());
    let mut server = Server::start(folder.path(), &[]);
    let token = server.sign_in(PASSWORD).await.unwrap();
    let sites: Value = server.get("/v1/sites", &token).await.json().await.unwrap();
    let report = json!({
        "kind": "hazard", "aspects": ["safety"], "category": "STF", "site_id": sites["items"][0]["id"],
        "narrative": "Water on the stairs.",
    });
    let path = "/v1/reports/0193a5e0-0000-7000-8000-000000000001";
    let sent = client().put(format!("{}{path}", server.url)).bearer_auth(&token).json(&report).send().await.unwrap();
    assert_eq!(sent.status(), 201);
    let sent: Value = sent.json().await.unwrap();
    assert_eq!(server.signal("-KILL"), None);
    let server = Server::start(folder.path(), &[]);
    let again = client().put(format!("{}{path}", server.url)).bearer_auth(server.sign_in(PASSWORD).await.unwrap());
    let again = again.json(&report).send().await.unwrap();
    assert_eq!(again.status(), 200);
    assert_eq!(again.json::<Value>().await.unwrap()["number"], sent["number"]);
    let said = succeeds(folder.path(), &["journal", "verify"], "");
    assert!(said.contains("the journal is whole"), "{said}");
    let said = succeeds(folder.path(), &["tidy", "--dry-run"], "");
    assert!(said.contains("Photos, which may show faces (photos, P2Y)") && said.contains("nothing was changed"), "{said}");
    assert!(succeeds(folder.path(), &["tidy"], "").contains("is disposed of"));
}

#[test]
fn a_port_that_is_taken_is_said_to_be_the_setting_listen() {
    let folder = empty_folder();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let refused = salama(folder.path()).arg("serve").env("SALAMA_LISTEN", &address).output().unwrap();
    let said = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert!(said.contains(&address) && said.contains("`listen`"), "{said}");
}

#[test]
fn check_config_names_what_is_wrong_and_changes_nothing() {
    let folder = empty_folder();
    assert!(succeeds(folder.path(), &["check-config"], "").contains("good"));
    std::fs::write(folder.path().join("salama.toml"), "lisen = \"127.0.0.1:1\"\n").unwrap();
    let unknown = run(folder.path(), &["check-config", "--config", "salama.toml"], "");
    assert_eq!(unknown.status.code(), Some(2));
    assert!(String::from_utf8(unknown.stderr).unwrap().contains("lisen is no setting; write listen"));
    let wrong = salama(folder.path()).arg("check-config").env("SALAMA_TICK_MS", "1").output().unwrap();
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8(wrong.stderr).unwrap().contains("tick_ms is out of bounds"));
    assert!(!folder.path().join("salama-data").exists());
}

#[test]
fn migrations_wait_where_the_settings_say_so() {
    let folder = empty_folder();
    let refused = salama(folder.path()).arg("serve").env("SALAMA_MIGRATE", "false").output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8(refused.stderr).unwrap().contains("salama migrate"));
    assert!(succeeds(folder.path(), &["migrate", "--check"], "").contains("are pending"));
    assert!(succeeds(folder.path(), &["migrate"], "").contains("were applied"));
    assert_eq!(succeeds(folder.path(), &["migrate", "--check"], ""), "nothing is pending\n");
}

#[test]
fn openapi_prints_the_contract_and_mail_test_writes_a_mail() {
    let folder = empty_folder();
    let contract: Value = serde_json::from_str(&succeeds(folder.path(), &["openapi"], "")).unwrap();
    assert!(contract["paths"]["/v1/reports/{id}"]["put"].is_object());
    assert!(succeeds(folder.path(), &["mail", "test", "--to", LOGIN], "").contains(".eml"));
    assert_eq!(std::fs::read_dir(folder.path().join("salama-data/mails")).unwrap().count(), 2);
}
