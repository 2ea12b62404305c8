//! The promises, told apart from the engine that is to keep them: what was decided, what the relay took, and what should
//! have been.

use std::collections::{BTreeMap, BTreeSet};

use salama::domain::{
    deadline::Deadline,
    delivery::Outcome,
    ids::{DeadlineId, MemberId, NoticeId},
    ladder::{Ladder, Reckoning, Rung, TellAt},
    notice::{Notice, NoticeKind, NoticeState},
    organisation::Organisation,
    time::Instant,
};

use super::{chance::Chance, store::Store};

/// Quiet hours, weekly rest and feasts put nothing off for longer.
const PATIENCE_MS: i64 = 15 * 86_400_000;

/// What a run has seen.
#[derive(Debug, Default)]
pub struct Summary {
    pub days: i64,
    pub deadlines: usize,
    pub told: usize,
    pub mails: usize,
    pub ambiguous: usize,
    pub passed_on: usize,
    pub answered: usize,
    /// Looks that found an engine alive, one that had stopped, and the planning late.
    pub seen_alive: usize,
    pub seen_stopped: usize,
    pub seen_late: usize,
}

/// How the relay behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weather {
    Fine,
    Greylists,
    Storms,
    FallsSilentAfterTheDot,
    Down,
    LetsNobodyIn,
    RefusesMails,
}

impl Weather {
    pub const ALL: [Self; 7] = [
        Self::Fine,
        Self::Greylists,
        Self::Storms,
        Self::FallsSilentAfterTheDot,
        Self::Down,
        Self::LetsNobodyIn,
        Self::RefusesMails,
    ];
}

pub struct Relay {
    pub weather: Weather,
    pub bad_mailboxes: BTreeSet<MemberId>,
}

impl Relay {
    pub fn answers(&self, member: MemberId, chance: &mut Chance) -> Outcome {
        let why = String::new();
        match self.weather {
            Weather::Down => Outcome::Transient { why },
            Weather::LetsNobodyIn => Outcome::Misconfigured { why },
            _ if self.bad_mailboxes.contains(&member) => Outcome::AddressRefused { why },
            Weather::Greylists if chance.percent(60) => Outcome::Greylisted { why },
            Weather::Storms if chance.percent(60) => Outcome::Transient { why },
            Weather::FallsSilentAfterTheDot if chance.percent(60) => Outcome::Unknown { why },
            Weather::RefusesMails if chance.percent(5) => Outcome::MessageRefused { why },
            _ => Outcome::Accepted { reply: why },
        }
    }
}

/// Whether the relay took the mail, whatever it said.
pub fn took(outcome: &Outcome, chance: &mut Chance) -> bool {
    match outcome {
        Outcome::Accepted { .. } => true,
        Outcome::Unknown { .. } => chance.percent(50),
        _ => false,
    }
}

type Occasion = (DeadlineId, u32, Rung);

pub struct Oracle {
    pub relay: Relay,
    pub answered: usize,
    /// The first promise that was broken by a decision.
    pub broken: Option<String>,
    /// How late the latest decision since it was asked came.
    pub worst_late_ms: i64,
    told: BTreeMap<Occasion, BTreeSet<MemberId>>,
    last_meant: BTreeMap<(DeadlineId, u32), Instant>,
    mails: BTreeMap<NoticeId, usize>,
    unrecorded: BTreeMap<NoticeId, usize>,
    /// Notices told in another's place, and whether there was nobody else.
    passed_on: BTreeMap<NoticeId, bool>,
    bounced: BTreeSet<NoticeId>,
}

impl Oracle {
    pub fn new() -> Self {
        Self {
            relay: Relay { weather: Weather::Fine, bad_mailboxes: BTreeSet::new() },
            answered: 0,
            broken: None,
            worst_late_ms: 0,
            told: BTreeMap::new(),
            last_meant: BTreeMap::new(),
            mails: BTreeMap::new(),
            unrecorded: BTreeMap::new(),
            passed_on: BTreeMap::new(),
            bounced: BTreeSet::new(),
        }
    }

    /// I4: each step once for each person, in order, and never before its time.
    pub fn decided(&mut self, notice: &Notice, set_at: Option<Instant>) {
        let (Some(deadline), Some(rung)) = (notice.deadline, notice.rung) else { return };
        let what = format!("step {} ({}) of deadline {deadline}", rung.step, rung.occurrence);
        if !self.told.entry((deadline, notice.generation, rung)).or_default().insert(notice.member) {
            self.broken = Some(format!("{what} was told twice to {}", notice.member));
        }
        if notice.decided_at < notice.meant_at {
            self.broken = Some(format!("{what} was told before its time"));
        }
        if notice.in_place_of.is_none() {
            let due = set_at.map_or(notice.meant_at, |set| set.max(notice.meant_at));
            self.worst_late_ms = self.worst_late_ms.max(notice.decided_at.since_ms(due));
            let last = self.last_meant.entry((deadline, notice.generation)).or_insert(notice.meant_at);
            if notice.meant_at < *last {
                self.broken = Some(format!("{what} was told after a later one"));
            }
            *last = notice.meant_at;
        }
    }

    /// I4: after a pass of the planner nothing that was due is left out.
    pub fn planned(&self, deadline: &Deadline, ladder: &Ladder, organisation: &Organisation, now: Instant) -> Result<(), String> {
        let (calendar, zone) = organisation.time_of(deadline);
        let quiet = organisation.quiet_of(deadline);
        let by = Reckoning { calendar, zone: &zone, quiet };
        let at_once = quiet.is_none_or(|quiet| deadline.severity >= quiet.below_severity);
        for (number, step) in (0..).zip(&ladder.steps) {
            let patience = if at_once && step.hours == TellAt::AnyHour { 0 } else { PATIENCE_MS };
            let first = step.offset.at(deadline.starts_at, deadline.due_at, by);
            for occurrence in 0..=step.repeat.map_or(0, |repeat| repeat.times.unwrap_or(500).min(500)) {
                let life = (deadline.starts_at, deadline.due_at);
                let meant = step.repeat.map_or(first, |repeat| repeat.every.repeated(first, occurrence, life, by));
                let from = deadline.paused_until.map_or(meant, |until| until.max(meant));
                if from.plus_ms(patience) > now {
                    break;
                }
                let never_applied = meant < deadline.due_at && meant <= deadline.set_at;
                let rung = Rung { step: number, occurrence };
                if !never_applied && !self.told.contains_key(&(deadline.id, deadline.generation, rung)) {
                    return Err(format!("step {number} ({occurrence}) of deadline {} was left out", deadline.id));
                }
            }
        }
        Ok(())
    }

    /// I5: a mail that is known by its Message-ID. I6: nothing is sent about what is met, moved, cancelled or answered.
    pub fn mailed(&mut self, notice: &Notice, message: NoticeId, store: &Store, now: Instant) -> Result<(), String> {
        if message != notice.id {
            return Err(format!("notice {} was sent again as another mail", notice.id));
        }
        let rungs: Vec<NoticeId> = if notice.kind == NoticeKind::Digest { store.items(notice.id) } else { vec![notice.id] };
        for id in rungs {
            let rung = &store.notices[&id].notice;
            let (deadline, _) = &store.deadlines[&rung.deadline.unwrap()];
            let as_it_was = deadline.is_open() && deadline.generation == rung.generation;
            if !as_it_was || deadline.paused_until.is_some_and(|until| until > now) {
                return Err(format!("notice {id} was sent though its deadline is over, moved or answered"));
            }
        }
        *self.mails.entry(message).or_default() += 1;
        Ok(())
    }

    /// The relay has a mail and nobody wrote it down.
    pub fn unrecorded(&mut self, id: NoticeId) {
        *self.unrecorded.entry(id).or_default() += 1;
    }

    pub fn passed_on(&mut self, id: NoticeId, nobody: bool) {
        self.passed_on.insert(id, nobody);
    }

    pub fn bounced(&mut self, id: NoticeId) {
        self.bounced.insert(id);
    }

    /// I5 and I7, once every fault has ended and everything came to rest.
    pub fn at_rest(&self, store: &Store, now: Instant) -> Result<Summary, String> {
        for (id, row) in &store.notices {
            let (notice, mail) = (&row.notice, row.digest.unwrap_or(*id));
            let came = self.mails.get(&mail).copied().unwrap_or(0);
            let allowed = 1 + self.unrecorded.get(&mail).copied().unwrap_or(0);
            if came > allowed {
                return Err(format!("notice {id} came {came} times, and only {} were not to be known", allowed - 1));
            }
            let state = notice.state;
            match state {
                NoticeState::Accepted if came == 0 => return Err(format!("notice {id} is on record as taken and never came")),
                NoticeState::Queued | NoticeState::Late => return Err(format!("notice {id} still waits")),
                NoticeState::Held if row.wait <= now => return Err(format!("notice {id} still waits for its digest")),
                NoticeState::Bounced if notice.rung.is_some() && !self.passed_on.contains_key(id) => {
                    return Err(format!("notice {id} bounced and nobody was told in its place"));
                }
                NoticeState::Dead
                    if notice.rung.is_some() && notice.in_place_of.is_none() && !self.passed_on.contains_key(id) =>
                {
                    return Err(format!("notice {id} was put aside and nobody was told as well"));
                }
                _ => {}
            }
        }
        Ok(Summary {
            deadlines: store.deadlines.len(),
            told: self.told.len(),
            mails: self.mails.values().sum(),
            ambiguous: self.unrecorded.values().sum(),
            passed_on: self.passed_on.len(),
            answered: self.answered,
            ..Summary::default()
        })
    }
}
