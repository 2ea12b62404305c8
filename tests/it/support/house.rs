//! A whole Salama for one story: a real database, a photo folder, an SMTP peer on a socket, the server on another, and a
//! clock that stands still until the story moves it.

use std::{collections::BTreeMap, path::Path, sync::Arc, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
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
        time::Instant,
    },
    http::{self, Figures, Manners},
    mail::{Patience, Sender},
    operations::{self, MemberDraft},
    pack::Pack,
    store::NewMember,
};
use sea_orm::ConnectionTrait as _;
use tempfile::TempDir;
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

use super::{
    person::{Heard, Person},
    postgres,
    smtp::{Received, SmtpPeer},
};

/// Tuesday morning in Agadir, working time.
pub const MORNING: &str = "2026-11-24T09:00:00Z";

pub struct House {
    pub app: App,
    pub clock: Clock,
    pub peer: SmtpPeer,
    pub url: String,
    pub folder: Arc<TempDir>,
    pub web: reqwest::Client,
    pub heard: Heard,
    settings: BTreeMap<String, String>,
}

/// The databases every story begins with, migrated and filled once: that takes longer than many a story.
static FILLED_SQLITE: OnceCell<Vec<u8>> = OnceCell::const_new();
static FILLED_POSTGRES: OnceCell<Option<String>> = OnceCell::const_new();

async fn filled_sqlite() -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("salama.db").display());
    fill(&url, folder.path()).await;
    let whole = folder.path().join("whole.db");
    let database = sea_orm::Database::connect(&url).await.unwrap();
    database.execute_unprepared(&format!("vacuum into '{}'", whole.display())).await.unwrap();
    std::fs::read(whole).unwrap()
}

async fn filled_postgres() -> Option<String> {
    let url = postgres::fresh_database().await?;
    fill(&url, tempfile::tempdir().unwrap().path()).await;
    Some(url)
}

async fn fill(database: &str, folder: &Path) {
    let app = House::app(&settings(database.to_owned(), folder, "smtp://127.0.0.1:1"), &morning()).await;
    app.store.migrate().await.unwrap();
    operations::load_pack(&app, &Pack::named("ma_utility").unwrap()).await.unwrap();
}

fn morning() -> Clock {
    Clock::standing_at(MORNING.parse().unwrap())
}

fn settings(database: String, folder: &Path, relay: &str) -> BTreeMap<String, String> {
    let path = |name: &str| folder.join(name).display().to_string();
    BTreeMap::from([
        ("SALAMA_DATABASE_URL".to_owned(), database),
        ("SALAMA_DATABASE_CONNECTIONS".to_owned(), "4".to_owned()),
        ("SALAMA_PHOTOS_URL".to_owned(), format!("file://{}", path("photos"))),
        ("SALAMA_KEYS_DIR".to_owned(), path("keys")),
        ("SALAMA_SMTP_URL".to_owned(), relay.to_owned()),
        ("SALAMA_PUBLIC_URL".to_owned(), "http://127.0.0.1".to_owned()),
        // The clock stands still while a story sends thousands.
        ("SALAMA_REQUESTS_PER_MINUTE".to_owned(), "10000000".to_owned()),
        ("SALAMA_MAIL_FROM".to_owned(), "Salama <salama@salama.example>".to_owned()),
    ])
}

impl House {
    pub async fn on_sqlite() -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let file = folder.path().join("salama.db");
        std::fs::write(&file, FILLED_SQLITE.get_or_init(filled_sqlite).await).unwrap();
        Self::open(format!("sqlite://{}", file.display()), folder).await
    }

    pub async fn on_postgres() -> Option<Self> {
        let filled = FILLED_POSTGRES.get_or_init(filled_postgres).await.as_ref()?;
        Some(Self::open(postgres::copy_of(filled).await, Arc::new(tempfile::tempdir().unwrap())).await)
    }

    async fn open(database: String, folder: Arc<TempDir>) -> Self {
        let (peer, clock) = (SmtpPeer::start().await, morning());
        let settings = settings(database, folder.path(), &peer.url());
        let app = Self::app(&settings, &clock).await;
        let url = serve(&app).await;
        Self { app, clock, peer, url, folder, web: reqwest::Client::new(), heard: Heard::default(), settings }
    }

    async fn app(settings: &BTreeMap<String, String>, clock: &Clock) -> App {
        let settings = Settings::load(None, settings.clone().into_iter()).unwrap();
        settings.check().unwrap();
        App::open(settings, clock.clone()).await.unwrap()
    }

    /// A second server over the same database, photos and clock: another replica, or this one after a restart.
    pub async fn another(&self) -> Self {
        let app = Self::app(&self.settings, &self.clock).await;
        let url = serve(&app).await;
        let peer = SmtpPeer::start().await;
        Self {
            app,
            clock: self.clock.clone(),
            peer,
            url,
            folder: self.folder.clone(),
            web: self.web.clone(),
            heard: self.heard.clone(),
            settings: self.settings.clone(),
        }
    }

    /// The same with other settings, over the same relay.
    pub async fn another_with(&self, settings: &[(&str, &str)]) -> Self {
        let mut other = self.another().await;
        other.settings.extend(settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
        other.app = Self::app(&other.settings, &self.clock).await;
        other.url = serve(&other.app).await;
        other
    }

    /// The same with little patience for its relay.
    pub fn impatient(&self) -> App {
        let patience = Patience { connect: Duration::from_secs(1), whole: Duration::from_secs(1) };
        let sender =
            Sender::open(Some(&self.peer.url().into()), Path::new("unused"), &self.app.settings.mail_from, None, patience);
        App { sender: Arc::new(sender.unwrap()), ..self.app.clone() }
    }

    /// A way into the database behind Salama's back.
    pub async fn behind_its_back(&self) -> sea_orm::DatabaseConnection {
        sea_orm::Database::connect(&self.settings["SALAMA_DATABASE_URL"]).await.unwrap()
    }

    /// Somebody who joins and is signed in: `name@example.org`, with a role at a site.
    pub async fn joins(&self, name: &str, role: Role, site: &str) -> Person {
        self.joins_under(name, role, site, None).await
    }

    /// Somebody who joins and answers to a manager.
    pub async fn joins_under(&self, name: &str, role: Role, site: &str, manager: Option<&Person>) -> Person {
        self.joins_as(name, (name, Locale::En), role, site, manager).await
    }

    /// Somebody whose mailbox does not carry their name, and who reads another language. Known to the story by the mailbox.
    pub async fn joins_as(
        &self,
        mailbox: &str,
        (name, locale): (&str, Locale),
        role: Role,
        site: &str,
        manager: Option<&Person>,
    ) -> Person {
        let organisation = self.app.store.organisation().await.unwrap();
        let id = MemberId(self.clock.new_id());
        let new = NewMember {
            id,
            name: name.to_owned(),
            locale,
            email: Some(format!("{}@example.org", mailbox.to_lowercase())),
            employee_number: None,
            phone: None,
            manager: manager.map(|manager| manager.id),
            password_hash: None,
            created_at: self.clock.now(),
        };
        let tx = self.app.store.begin().await.unwrap();
        tx.add_member(&new).await.unwrap();
        tx.grant(id, Grant { role, site: organisation.site_of_code(site).unwrap().id }).await.unwrap();
        tx.commit().await.unwrap();
        self.signed_in(id, mailbox).await
    }

    /// Somebody with a password, who is not signed in.
    pub async fn joins_with_password(&self, login: &str, password: &str) -> MemberId {
        let draft = MemberDraft {
            login: login.to_owned(),
            name: "Rachid".to_owned(),
            roles: vec![Role::Technician],
            site: None,
            locale: Locale::Fr,
            manager: None,
            password: Some(password.to_owned().into()),
        };
        operations::add_member(&self.app, draft).await.unwrap()
    }

    /// A person to be given somebody's token.
    pub async fn joins_quietly(&self) -> Person {
        self.joins(&format!("P{}", self.clock.new_id().simple()), Role::Technician, "SRM-SM").await
    }

    /// A fresh session of somebody who is here already: tokens end ten minutes after the clock was moved.
    pub async fn signed_in(&self, id: MemberId, name: &str) -> Person {
        self.signed_in_on("phone", id, name).await
    }

    /// The same, on a device that calls itself so.
    pub async fn signed_in_on(&self, device: &str, id: MemberId, name: &str) -> Person {
        let now = self.clock.now();
        let session = Session {
            id: SessionId(self.clock.new_id()),
            member: id,
            device_id: device.to_owned(),
            device_name: device.to_owned(),
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
        let tx = self.app.store.begin().await.unwrap();
        tx.add_session(&session).await.unwrap();
        tx.commit().await.unwrap();
        let token = self.app.keys.sign(&session, now, self.clock.new_id()).unwrap();
        Person { id, name: name.to_owned(), ..self.whoever_holds(&token) }
    }

    /// Somebody known by nothing but the token, or secret, they show.
    pub fn whoever_holds(&self, token: &str) -> Person {
        let (url, web, clock, heard) = (self.url.clone(), self.web.clone(), self.clock.clone(), self.heard.clone());
        Person { id: MemberId(uuid::Uuid::nil()), name: String::new(), token: token.to_owned(), url, web, clock, heard }
    }

    /// The same person with a token that is good now.
    pub async fn again(&self, person: &Person) -> Person {
        self.signed_in(person.id, &person.name).await
    }

    /// The worker's turn: everything that is due now is done.
    pub async fn tick(&self) {
        for _ in 0..100 {
            let recounted = operations::recount_deadlines(&self.app).await.unwrap();
            let decided = operations::escalate_due(&self.app).await.unwrap();
            let gathered = operations::gather_digests(&self.app).await.unwrap();
            let sent = operations::deliver_notices(&self.app).await.unwrap();
            let told = operations::tell_accounts(&self.app).await.unwrap();
            let brought = operations::bring_in_photos(&self.app).await.unwrap();
            let rendered = operations::render_photos(&self.app).await.unwrap();
            if recounted == 0 && decided == 0 && gathered == 0 && sent == 0 && !told && !brought && !rendered {
                return;
            }
        }
        panic!("the worker never came to rest");
    }

    /// The worker's turn at disposing: what is due goes, and the bytes that are left after it.
    pub async fn tidies(&self) {
        for _ in 0..2 {
            while operations::tidy_up(&self.app).await.unwrap() {}
            self.clock.advance(61_000).unwrap();
        }
    }

    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// The mails that reached a person, oldest first.
    pub fn mailbox(&self, person: &Person) -> Vec<Received> {
        let address = format!("{}@example.org", person.name.to_lowercase());
        self.peer.received().into_iter().filter(|mail| mail.to.contains(&address)).collect()
    }

    /// The site of that code.
    pub async fn site(&self, code: &str) -> String {
        let organisation = self.app.store.organisation().await.unwrap();
        organisation.site_of_code(code).unwrap().id.to_string()
    }
}

/// A mail as a person reads it: its parts decoded, one after the other.
pub fn readable(mail: &str) -> String {
    let mut plain = mail.replace("=\r\n", "");
    for part in mail.split("\r\n\r\n") {
        let body = part.split("\r\n--").next().unwrap().replace("\r\n", "");
        plain += &STANDARD.decode(body).map_or_else(|_| String::new(), |bytes| String::from_utf8(bytes).unwrap_or_default());
    }
    plain
}

async fn serve(app: &App) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = http::router(app.clone(), Figures::begin());
    tokio::spawn(http::serve(listener, router, Manners::default(), CancellationToken::new()));
    url
}
