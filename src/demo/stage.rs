//! What the story is played on: a folder, a clock that can be moved, the real server with the pack and its people, and a
//! password for them that was made for this run.

use std::{
    env, fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use futures_util::future::try_join_all;
use secrecy::SecretString;
use tokio::net::TcpListener;
use url::Url;

use super::{Options, people::sign_in_name, photo::Photo};
use crate::{
    cli::{House, bind, start},
    clock::Clock,
    config::Settings,
    domain::time::{Instant, Zone},
    operations,
    pack::{Pack, PackPerson},
};

const PACK: &str = "ma_utility";
const ZONE: &str = "Africa/Casablanca";

/// Everything the story stands on.
pub struct Stage {
    /// The running server.
    pub house: House,
    /// Time, which is moved.
    pub clock: Clock,
    /// Where its people read their clocks.
    pub zone: Zone,
    /// The folder of everything that is made.
    pub folder: PathBuf,
    /// Whether the folder goes when the story has ended well.
    passing: bool,
    /// The server's address.
    pub url: String,
    /// Where mails are written; none when they go to a relay.
    pub mails: Option<PathBuf>,
    /// The people of the pack.
    pub people: Vec<PackPerson>,
    /// The password of each of them, made for this run.
    pub phrase: String,
    /// The photo that is sent.
    pub photo: Photo,
}

impl Stage {
    /// Makes the folder, starts the server, and lets the people in.
    pub async fn set(options: &Options) -> anyhow::Result<Self> {
        let clock = Clock::movable();
        let zone = Zone::named(ZONE)?;
        clock.advance(monday_morning(clock.now(), &zone)?.since_ms(clock.now()))?;
        let photo = Photo::read(options.photo.as_deref())?;
        let folder = folder(options.dir.as_deref(), &clock)?;
        let mut settings = settings(options, &folder)?;
        let listener = listen(&mut settings).await?;
        settings.check()?;
        let mails = settings.smtp_url().is_none().then(|| settings.mail_dir.clone());
        let url = settings.public_url();
        let house = start(settings, clock.clone(), Some(listener), true).await?;
        let pack = Pack::named(PACK)?;
        let people = pack.people()?;
        let phrase = phrase(&clock);
        operations::load_people(&house.app, &pack, &people).await?;
        try_join_all(people.iter().filter_map(sign_in_name).map(|login| {
            let password = SecretString::from(phrase.clone());
            let app = &house.app;
            async move { operations::set_password(app, login, password).await }
        }))
        .await?;
        let passing = options.once && options.dir.is_none();
        Ok(Self { house, clock, zone, folder, passing, url, mails, people, phrase, photo })
    }

    /// Whether the folder goes when the story ends well.
    pub const fn is_passing(&self) -> bool {
        self.passing
    }

    /// Takes everything down; what a story that failed has left is kept to be looked at.
    pub async fn strike(self, well: bool) -> anyhow::Result<()> {
        self.house.stopped().await;
        if self.passing && well {
            fs::remove_dir_all(&self.folder).with_context(|| format!("{} cannot be removed", self.folder.display()))?;
        }
        Ok(())
    }
}

/// The next Monday, 08:40: a day on which people work.
fn monday_morning(now: Instant, zone: &Zone) -> anyhow::Result<Instant> {
    let monday = now.timestamp().to_zoned(zone.rules()).nth_weekday(1, jiff::civil::Weekday::Monday)?;
    let morning = monday.date().at(8, 40, 0, 0).to_zoned(zone.rules())?;
    Ok(Instant::from_timestamp(morning.timestamp()))
}

fn folder(asked: Option<&Path>, clock: &Clock) -> anyhow::Result<PathBuf> {
    let folder = asked.map_or_else(
        || env::temp_dir().join(format!("salama-demo-{}", hex::encode(clock.random_bytes::<4>()))),
        Path::to_path_buf,
    );
    let cannot = || format!("the folder {} cannot be used", folder.display());
    fs::create_dir_all(&folder).with_context(cannot)?;
    if fs::read_dir(&folder).with_context(cannot)?.next().is_some() {
        bail!("the folder {} is not empty; name a new one", folder.display());
    }
    folder.canonicalize().with_context(cannot)
}

/// The settings of a server with everything in one folder. Of the environment only the sender of mails is read, which a
/// real relay may insist on.
fn settings(options: &Options, folder: &Path) -> anyhow::Result<Settings> {
    let photos =
        Url::from_directory_path(folder.join("photos")).map_err(|()| anyhow::anyhow!("the folder's path is not whole"))?;
    let own = [
        ("SALAMA_LISTEN", options.listen.clone()),
        ("SALAMA_DATABASE_URL", format!("sqlite://{}", folder.join("salama.db").display())),
        ("SALAMA_PACK", PACK.to_owned()),
        ("SALAMA_PHOTOS_URL", photos.to_string()),
        ("SALAMA_KEYS_DIR", folder.join("keys").display().to_string()),
        ("SALAMA_MAIL_DIR", folder.join("mails").display().to_string()),
        ("SALAMA_SMTP_URL", options.smtp.clone().unwrap_or_default()),
        ("SALAMA_TICK_MS", "100".to_owned()),
        ("SALAMA_LOG", "warn".to_owned()),
    ];
    let sender = env::vars().filter(|(name, _)| name == "SALAMA_MAIL_FROM");
    Ok(Settings::load(None, own.into_iter().map(|(name, value)| (name.to_owned(), value)).chain(sender))?)
}

/// Listens where it was asked to, or, when somebody else does already, on a port that is free.
async fn listen(settings: &mut Settings) -> anyhow::Result<TcpListener> {
    let taken = match bind(settings).await {
        Err(error) if error.downcast_ref::<std::io::Error>().is_some_and(|cause| cause.kind() == ErrorKind::AddrInUse) => {
            settings.listen.clone()
        }
        other => return other,
    };
    let host = taken.rsplit_once(':').map_or(taken.as_str(), |(host, _)| host);
    settings.listen = format!("{host}:0");
    let listener = bind(settings).await?;
    eprintln!("{taken} is taken by another program: listening on {} instead", settings.listen);
    Ok(listener)
}

/// Four words nobody can foresee, easy to type. It guards invented people on this machine, for as long as the demo runs.
fn phrase(clock: &Clock) -> String {
    let dice = clock.random_bytes::<4>();
    let words: Vec<&str> = dice.iter().filter_map(|face| WORDS.get(usize::from(*face) % WORDS.len()).copied()).collect();
    words.join("-")
}

const WORDS: [&str; 128] = [
    "acorn", "almond", "amber", "anchor", "apple", "apron", "arch", "argan", "arrow", "atlas", "autumn", "badge", "bamboo",
    "basil", "basket", "beacon", "bell", "birch", "blanket", "boat", "bottle", "branch", "bridge", "bronze", "button", "cabin",
    "camel", "candle", "canyon", "carpet", "castle", "cedar", "cherry", "cinder", "clay", "cliff", "clover", "cobalt", "comet",
    "copper", "coral", "cotton", "crane", "cricket", "crystal", "cumin", "dahlia", "date", "delta", "dome", "dune", "eagle",
    "ember", "falcon", "fennel", "fern", "fig", "flint", "forest", "fossil", "garnet", "ginger", "glacier", "granite", "harbour",
    "hazel", "heron", "honey", "indigo", "island", "ivory", "jasmine", "juniper", "kettle", "kite", "ladder", "lagoon",
    "lantern", "lark", "laurel", "lemon", "lily", "linen", "lotus", "maple", "marble", "meadow", "melon", "mint", "mirror",
    "mortar", "mosaic", "nectar", "nutmeg", "oasis", "olive", "onyx", "opal", "orbit", "orchard", "otter", "palm", "pebble",
    "pepper", "pigeon", "pine", "plum", "pollen", "quartz", "raisin", "raven", "reed", "river", "saffron", "sage", "sail",
    "sesame", "silver", "sparrow", "spruce", "stork", "sumac", "tide", "timber", "velvet", "walnut", "willow", "zephyr",
];
