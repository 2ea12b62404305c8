//! A running Salama: its parts put in place, in order, and taken down again without losing what is under way. `serve` and
//! the demo run this same house.

use std::{
    fs::{self, File, TryLockError},
    io,
    net::SocketAddr,
    path::PathBuf,
    process,
    time::Duration,
};

use anyhow::{Context as _, anyhow, bail};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use secrecy::ExposeSecret as _;
use tokio::{
    net::TcpListener,
    signal::unix::{Signal, SignalKind, signal},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::{
    app::App,
    clock::Clock,
    config::Settings,
    domain::time::zone_data_is_current,
    http::{self, Figures, Manners},
    operations,
    pack::Pack,
    worker,
};

/// How long requests and mails under way may take to end once the house is asked to stop.
const DRAIN: Duration = Duration::from_secs(25);
/// How often the machine's clock is compared with the database's.
const COMPARE_CLOCKS: Duration = Duration::from_secs(15);

/// What runs, until it is stopped.
#[derive(Debug)]
pub struct House {
    /// Its parts.
    pub app: App,
    /// Where it listens, if it does.
    pub address: Option<SocketAddr>,
    running: JoinSet<anyhow::Result<()>>,
    stop: CancellationToken,
    /// Held for as long as the worker runs; the operating system lets go of it however the process ends.
    _only_worker: Option<File>,
}

/// Listens where the settings say, and writes back where that is: port 0 means any that is free.
pub async fn bind(settings: &mut Settings) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind(&settings.listen)
        .await
        .with_context(|| format!("cannot listen on {} (the setting `listen`)", settings.listen))?;
    settings.listen = listener.local_addr()?.to_string();
    Ok(listener)
}

/// Opens every part, with the database in this version's form and not empty.
pub async fn ready(settings: Settings, clock: Clock) -> anyhow::Result<App> {
    let app = App::open(settings, clock).await?;
    migrate(&app).await?;
    fill(&app).await?;
    Ok(app)
}

/// Brings the database to this version's form, or refuses to run on another one where the settings forbid that.
pub async fn migrate(app: &App) -> anyhow::Result<()> {
    let pending = app.store.pending_migrations().await?;
    if pending > 0 && !app.settings.migrate {
        bail!("the database lacks {pending} steps of this version, and `migrate` is false; run `salama migrate`");
    }
    if pending > 0 {
        app.store.migrate().await.context("the database could not be migrated")?;
    }
    Ok(())
}

async fn fill(app: &App) -> anyhow::Result<()> {
    let Some(name) = app.settings.pack() else { return Ok(()) };
    let pack = Pack::named(name).with_context(|| format!("the setting `pack` says {name}"))?;
    if operations::load_pack(app, &pack).await? {
        info!("the database was empty: it begins with the pack {name}");
    }
    Ok(())
}

/// Starts HTTP on the listener, if there is one, and the worker, if it is wanted.
pub async fn start(settings: Settings, clock: Clock, listener: Option<TcpListener>, worker: bool) -> anyhow::Result<House> {
    zone_data_is_current()?;
    let only_worker = if worker { claim_worker(&settings)? } else { None };
    let app = ready(settings, clock).await?;
    if only_worker.is_some() {
        // Whoever had claimed something on this database before is gone.
        operations::free_leases(&app).await?;
    }
    operations::agree_on_time(&app).await?;
    let (stop, mut running) = (CancellationToken::new(), JoinSet::new());
    running.spawn(keep_time(app.clone(), stop.clone()));
    if worker {
        let (app, stop) = (app.clone(), stop.clone());
        running.spawn(async move {
            worker::run(app, stop).await;
            Ok(())
        });
    }
    let address = listener.as_ref().map(TcpListener::local_addr).transpose()?;
    if let Some(listener) = listener {
        running.spawn(answer(app.clone(), listener, stop.clone()));
    }
    Ok(House { app, address, running, stop, _only_worker: only_worker })
}

/// Goes on comparing clocks, as a machine's own may be set at any time, and looking for another key.
async fn keep_time(app: App, stop: CancellationToken) -> anyhow::Result<()> {
    while stop.run_until_cancelled(tokio::time::sleep(COMPARE_CLOCKS)).await.is_some() {
        if let Err(cause) = operations::agree_on_time(&app).await {
            warn!(error = &cause as &dyn std::error::Error, "the database's clock could not be read: {cause}");
        }
        if let Err(cause) = app.keys.look_again() {
            warn!(
                error = &cause as &dyn std::error::Error,
                "the keys could not be read again, and those known are kept: {cause}"
            );
        }
    }
    Ok(())
}

async fn answer(app: App, listener: TcpListener, stop: CancellationToken) -> anyhow::Result<()> {
    let connections = sockets(app.settings.connections)?;
    let manners = Manners { connections, ..Manners::default() };
    http::serve(listener, http::router(app, Figures::begin()), manners, stop).await;
    Ok(())
}

/// How many connections may be open at once: as many as the settings say, where the machine gives this process so many files.
/// Some are for the database, photos and mails.
fn sockets(wanted: usize) -> anyhow::Result<usize> {
    const OTHERS: u64 = 256;
    let limit = u64::try_from(wanted)?.saturating_add(OTHERS);
    let now = getrlimit(Resource::Nofile);
    let most = now.maximum.map_or(limit, |most| most.min(limit));
    let raised = Rlimit { current: now.current.max(Some(most)).filter(|_| now.current.is_some()), ..now };
    let given = if setrlimit(Resource::Nofile, raised).is_ok() { raised.current } else { now.current }.unwrap_or(limit);
    let connections = usize::try_from(given.saturating_sub(OTHERS).max(64))?.min(wanted);
    if connections < wanted {
        warn!("this process may open {given} files: {connections} connections at once instead of {wanted}");
    }
    Ok(connections)
}

/// On SQLite one process is the worker; the lock is on a file beside the database. `None` where there is no such file.
fn claim_worker(settings: &Settings) -> anyhow::Result<Option<File>> {
    let Some(path) = worker_lock(settings.database_url.expose_secret()) else { return Ok(None) };
    let cannot = || format!("the worker's lock {} cannot be made", path.display());
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(cannot)?;
    }
    let file = File::options().write(true).create(true).truncate(false).open(&path).with_context(cannot)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Err(anyhow!(
            "another process is this database's worker already (it holds {}); run this one with --only http",
            path.display()
        )),
        Err(TryLockError::Error(cause)) => Err(cause).with_context(cannot),
    }
}

fn worker_lock(database_url: &str) -> Option<PathBuf> {
    let path = database_url.strip_prefix("sqlite:")?.trim_start_matches("//");
    let path = path.split('?').next().unwrap_or(path);
    (path != ":memory:").then(|| PathBuf::from(format!("{path}.worker.lock")))
}

impl House {
    /// Runs until the process is told to stop, then lets what is under way end. A second signal ends the process at once.
    pub async fn until_stopped(mut self, mut signals: Signals) -> anyhow::Result<()> {
        tokio::select! {
            () = signals.next() => {}
            Some(ended) = self.running.join_next() => {
                return Err(ended.map_err(anyhow::Error::new).and_then(|it| it).err().unwrap_or_else(|| anyhow!("a part ended by itself")));
            }
        }
        info!("stopping: what is under way is finished first");
        tokio::select! {
            () = self.stopped() => Ok(()),
            () = signals.next() => process::exit(1),
        }
    }

    /// Takes no more work, and waits for what is under way for at most 25 seconds.
    pub async fn stopped(mut self) {
        self.stop.cancel();
        let ended = async { while self.running.join_next().await.is_some() {} };
        if tokio::time::timeout(DRAIN, ended).await.is_err() {
            warn!("what is still under way after {} seconds is cut off", DRAIN.as_secs());
            self.running.shutdown().await;
        }
    }
}

/// SIGTERM and SIGINT, from when they are first listened to.
#[derive(Debug)]
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Listens from now on: neither ends the process by itself any more.
    pub fn heard() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
