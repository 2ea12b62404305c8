//! Years of deadlines, leaves, crashes, outages and jumping clocks, drawn from a seed, against the promises that nothing goes
//! overdue in silence and nothing is told twice. The rules are the real ones of `domain`; store, relay and time are models,
//! so that a hundred thousand steps take seconds. `house` draws the same kind of life for the real server.
//!
//! A seed that breaks a promise is printed and reproduces it: `SALAMA_SIMULATION=seed,steps` runs that one, or a longer one.

pub mod chance;
mod engine;
mod house;
mod oracle;
mod planner;
mod store;
mod watch;
mod world;

use std::sync::Arc;

use salama::domain::organisation::Organisation;

use self::{engine::Engine, oracle::Summary, world::World};
use crate::support::house::House;

/// Steps of one seed in the suite; with the seeds below more than a hundred thousand.
const STEPS: u32 = 48_000;
const SEEDS: [u64; 4] = [1, 2026, 45_001, 1_442];

/// Mistakes that the promises are there to notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    SkipsAStep,
    DoublesAStep,
    TellsEarly,
    SendsWhatIsOver,
    SendsAsAnotherMail,
    ForgetsWhatACrashHadClaimed,
    RecordsBeforeItSends,
    StopsAtABounce,
    BeatsWithoutAPass,
    PassesInSilence,
}

impl Flaw {
    pub const ALL: [Self; 10] = [
        Self::SkipsAStep,
        Self::DoublesAStep,
        Self::TellsEarly,
        Self::SendsWhatIsOver,
        Self::SendsAsAnotherMail,
        Self::ForgetsWhatACrashHadClaimed,
        Self::RecordsBeforeItSends,
        Self::StopsAtABounce,
        Self::BeatsWithoutAPass,
        Self::PassesInSilence,
    ];
}

/// Lives through the steps of a seed, ends every fault, and lets everything come to rest.
fn lives(organisation: &Organisation, flaw: Option<Flaw>, seed: u64, steps: u32) -> Result<Summary, String> {
    let mut world = World::begin(organisation.clone(), seed);
    let mut engines = [0, 1].map(|_| Engine::new(flaw, world.now()));
    for step in 0..steps {
        world.happens(&mut engines).map_err(|broken| format!("seed {seed}, step {step}: {broken}"))?;
    }
    world.comes_to_rest(&mut engines).map_err(|broken| format!("seed {seed}, at rest: {broken}"))
}

async fn organisation() -> Arc<Organisation> {
    let house = House::on_sqlite().await;
    world::people(&house).await;
    house.app.store.organisation().await.unwrap()
}

#[tokio::test]
async fn a_hundred_thousand_steps_keep_every_promise() {
    let organisation = organisation().await;
    let asked = std::env::var_os("SALAMA_SIMULATION").map(|asked| asked.into_string().unwrap());
    let runs: Vec<(u64, u32)> = match &asked {
        Some(asked) => {
            let (seed, steps) = asked.split_once(',').expect("SALAMA_SIMULATION is seed,steps");
            vec![(seed.parse().unwrap(), steps.parse().unwrap())]
        }
        None => SEEDS.map(|seed| (seed, STEPS)).to_vec(),
    };
    let mut days = 0;
    for (seed, steps) in runs {
        let summary = lives(&organisation, None, seed, steps).unwrap_or_else(|broken| panic!("{broken}"));
        println!("seed {seed}: {summary:?}");
        let every_kind = [
            summary.deadlines,
            summary.told,
            summary.mails,
            summary.ambiguous,
            summary.passed_on,
            summary.answered,
            summary.seen_alive,
            summary.seen_stopped,
            summary.seen_late,
        ];
        assert!(steps < STEPS || every_kind.iter().all(|times| *times > 20), "seed {seed} saw too little: {summary:?}");
        days += summary.days;
    }
    assert!(asked.is_some() || days >= 10_000, "only {days} days were lived through");
}

/// What the promises are worth: each of these mistakes must be noticed.
#[tokio::test]
async fn whoever_breaks_a_promise_is_caught() {
    let organisation = organisation().await;
    for flaw in Flaw::ALL {
        let caught = SEEDS.iter().find_map(|seed| lives(&organisation, Some(flaw), *seed, STEPS / 10).err());
        assert!(caught.is_some(), "nobody noticed {flaw:?}");
    }
}
