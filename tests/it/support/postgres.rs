//! A real PostgreSQL for tests, with nothing configured by hand: the server named by `TEST_POSTGRES_URL`, or one started
//! from the binaries of this machine and shared by every test process. That one ends by itself, with all its databases,
//! some seconds after the last of them is gone, even killed; on a server that was named, the databases are left behind.

use std::{
    env,
    fs::{self, File},
    io::ErrorKind,
    net::TcpListener,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{self, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::sync::OnceCell;
use url::Url;

/// The lock of the one who starts, the lease of those who use, and the address, for all test processes alike.
const SHARED: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/postgres");

/// How often a server that starts is asked whether it answers: every 50 ms, for a minute.
const ASKED: u32 = 1200;

struct Server {
    /// With the right to create databases.
    admin: Url,
    /// Held until this process is gone, however it goes.
    _lease: Option<File>,
}

static SERVER: OnceCell<Option<Server>> = OnceCell::const_new();
static CREATED: AtomicU32 = AtomicU32::new(0);

/// The address of a new empty database; none when this machine has no PostgreSQL, which under `CI=true` is a failure.
pub async fn fresh_database() -> Option<String> {
    let server = SERVER.get_or_init(find).await.as_ref()?;
    Some(server.create("template0").await)
}

/// The address of a copy of the database at that address, once nobody is connected to that one any more.
pub async fn copy_of(url: &str) -> String {
    let server = SERVER.get_or_init(find).await.as_ref().expect("a database of its own");
    server.create(url.rsplit('/').next().unwrap()).await
}

async fn find() -> Option<Server> {
    if let Some(url) = variable("TEST_POSTGRES_URL") {
        return Some(Server { admin: url.parse().expect("TEST_POSTGRES_URL is an address"), _lease: None });
    }
    let Some(bin) = binaries() else {
        assert!(
            variable("CI").as_deref() != Some("true"),
            "CI=true, and no PostgreSQL: neither TEST_POSTGRES_URL, nor `initdb` and `postgres` (with `setpriv` and `flock`) \
             on PATH or in /usr/lib/postgresql"
        );
        eprintln!("no PostgreSQL found: its tests are skipped");
        return None;
    };
    fs::create_dir_all(SHARED).unwrap();
    let lease = file("lease");
    lease.lock_shared().unwrap();
    let starting = file("starting");
    starting.lock().unwrap();
    let admin = match running().await {
        Some(admin) => admin,
        None => start(&bin).await,
    };
    Some(Server { admin, _lease: Some(lease) })
}

/// The server another test process has started, if it still answers.
async fn running() -> Option<Url> {
    let url: Url = fs::read_to_string(address()).ok()?.parse().ok()?;
    PgConnection::connect(url.as_str()).await.is_ok().then_some(url)
}

#[expect(clippy::zombie_processes, reason = "the keeper outlives this process, and ends by itself")]
async fn start(bin: &Path) -> Url {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    // A name of its own, so that nobody takes another server that has come to the same port for this one.
    let user = format!("salama_{}_{port}", process::id());
    let url: Url = format!("postgres://{user}@127.0.0.1:{port}/postgres").parse().unwrap();
    let mut keeper = Command::new("sh")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/support/keep_postgres.sh"))
        .args([&in_shared("lease"), &address(), bin])
        .args([&port.to_string(), &user])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(File::create(in_shared("log")).unwrap())
        .process_group(0)
        .spawn()
        .unwrap();
    for _ in 0..ASKED {
        if PgConnection::connect(url.as_str()).await.is_ok() {
            fs::write(address(), url.as_str()).unwrap();
            return url;
        }
        if keeper.try_wait().unwrap().is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("PostgreSQL did not start: {}", fs::read_to_string(in_shared("log")).unwrap_or_default())
}

impl Server {
    async fn create(&self, template: &str) -> String {
        let mut admin = PgConnection::connect(self.admin.as_str()).await.unwrap();
        loop {
            let name = format!("test_{}_{}", process::id(), CREATED.fetch_add(1, Ordering::Relaxed));
            let create = format!("create database {name} template {template}");
            match sqlx::raw_sql(AssertSqlSafe(create)).execute(&mut admin).await {
                Ok(_) => {
                    let mut url = self.admin.clone();
                    url.set_path(&name);
                    return url.into();
                }
                // Left behind on a lasting server by an older process of the same number.
                Err(sqlx::Error::Database(cause)) if cause.code().as_deref() == Some("42P04") => {}
                // Somebody is still about to leave the one that is copied.
                Err(sqlx::Error::Database(cause)) if cause.code().as_deref() == Some("55006") => {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                Err(cause) => panic!("no new database: {cause}"),
            }
        }
    }
}

/// The folder that holds the server's binaries: where PATH has them, else the newest of Debian's.
fn binaries() -> Option<PathBuf> {
    let path = variable("PATH").unwrap_or_default();
    let on_path = |name: &str| env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file());
    on_path("setpriv").and(on_path("flock"))?;
    let beside = on_path("initdb").and_then(|file| Some(file.canonicalize().ok()?.parent()?.to_owned()));
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin")))
        })
        .collect();
    versions.sort();
    let is_whole = |folder: &PathBuf| folder.join("initdb").is_file() && folder.join("postgres").is_file();
    beside.into_iter().chain(versions.into_iter().rev().map(|(_, folder)| folder)).find(is_whole)
}

fn address() -> PathBuf {
    in_shared("address")
}

fn in_shared(name: &str) -> PathBuf {
    Path::new(SHARED).join(name)
}

fn file(name: &str) -> File {
    match File::options().create(true).append(true).open(in_shared(name)) {
        Ok(file) => file,
        Err(cause) if cause.kind() == ErrorKind::PermissionDenied => panic!("{SHARED} belongs to another user"),
        Err(cause) => panic!("{SHARED}: {cause}"),
    }
}

#[expect(clippy::disallowed_methods, reason = "the tests are told by the environment where PostgreSQL is")]
fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}
