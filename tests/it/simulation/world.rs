//! The life around the engines: reports come, people do what they must or do not, go on leave and leave for good, mailboxes
//! break, the relay has its weather and the clock jumps.

use std::collections::BTreeMap;

use salama::domain::{
    audience::Role,
    deadline::{Deadline, DeadlineKind},
    ids::{DeadlineId, MemberId, ReportId, SiteId, SubstitutionId},
    notice::NoticeState,
    organisation::{Cast, Organisation, Substitution},
    time::Instant,
};

use super::{
    chance::Chance,
    engine::{Around, Engine},
    oracle::{Oracle, Summary, Weather},
    store::Store,
    watch::Vigil,
};
use crate::support::house::House;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// After so long somebody sees to it: what stays open for ever tells nothing new.
const LONG: i64 = 40 * DAY;
const MOST_OPEN: usize = 12;

/// Those who live in it: two officers under a manager under a manager of the whole, and crews.
pub async fn people(house: &House) {
    let director = house.joins("Nadia", Role::Manager, "SRM-SM").await;
    house.joins("Omar", Role::Admin, "SRM-SM").await;
    let manager = house.joins_under("Karim", Role::Manager, "AGA", Some(&director)).await;
    let officer = house.joins_under("Amina", Role::Officer, "AGA", Some(&manager)).await;
    house.joins_under("Salma", Role::Officer, "AGA", Some(&manager)).await;
    for name in ["Youssef", "Brahim", "Rachid"] {
        house.joins_under(name, Role::Technician, "AGA", Some(&officer)).await;
    }
}

pub struct World {
    organisation: Organisation,
    store: Store,
    oracle: Oracle,
    vigil: Vigil,
    chance: Chance,
    began: Instant,
    now: Instant,
    roles: BTreeMap<Role, Vec<MemberId>>,
    site: SiteId,
}

impl World {
    pub fn begin(organisation: Organisation, seed: u64) -> Self {
        let mut roles: BTreeMap<Role, Vec<MemberId>> = BTreeMap::new();
        let mut names: Vec<_> = organisation.members.values().map(|member| (&member.name, member)).collect();
        names.sort_by_key(|(name, _)| *name);
        for (_, member) in names {
            roles.entry(member.grants[0].role).or_default().push(member.id);
        }
        let site = organisation.site_of_code("AGA").unwrap().id;
        let began = "2026-11-24T09:00:00Z".parse().unwrap();
        let (store, oracle, chance) = (Store::default(), Oracle::new(), Chance::of(seed));
        Self { organisation, store, oracle, vigil: Vigil::begins(began), chance, began, now: began, roles, site }
    }

    pub fn now(&self) -> Instant {
        self.now
    }

    /// One thing happens, and somebody looks.
    pub fn happens(&mut self, engines: &mut [Engine; 2]) -> Result<(), String> {
        match self.chance.below(100) {
            0..24 => self.time_passes(),
            24..82 => self.an_engine_works(engines)?,
            82..85 => self.relay(),
            85..90 if self.open().len() < MOST_OPEN => self.a_clock_starts(),
            85..97 => self.somebody_acts(),
            _ => self.people_change(),
        }
        self.vigil.looks(engines, &self.store, &self.organisation, self.now)?;
        self.oracle.broken.take().map_or(Ok(()), Err)
    }

    /// Mostly seconds and hours, sometimes an outage of days; and now and then the clock is set back.
    fn time_passes(&mut self) {
        let ms = match self.chance.below(100) {
            0..35 => self.chance.between(1_000, 5 * MINUTE),
            35..65 => self.chance.between(5 * MINUTE, HOUR),
            65..95 => self.chance.between(HOUR, DAY),
            95..98 => self.chance.between(DAY, 6 * DAY),
            _ => -self.chance.between(1_000, HOUR),
        };
        self.now = self.now.plus_ms(ms);
        self.vigil.time_passes(ms, self.now);
    }

    fn an_engine_works(&mut self, engines: &mut [Engine; 2]) -> Result<(), String> {
        let number = self.chance.below(2);
        let engine = &mut engines[number];
        let what = self.chance.below(100);
        if what < 25 {
            return self.plans(number, engine);
        }
        let mut around = self.around();
        match what {
            25..40 => around.gathers(),
            40..60 => engine.claims(&mut around),
            60..98 => {
                for _ in 0..6 {
                    engine.works(&mut around)?;
                }
            }
            _ => {
                engine.crashes(around.oracle, around.now);
                self.vigil.starts(number);
            }
        }
        Ok(())
    }

    /// A turn of the planner; what it tells late was known to be late before.
    fn plans(&mut self, number: usize, engine: &mut Engine) -> Result<(), String> {
        let late = self.store.late_ms(self.now);
        self.oracle.worst_late_ms = 0;
        if engine.plans(&mut self.around())? {
            self.vigil.passed(number, &self.store, self.now)?;
        }
        let worst = self.oracle.worst_late_ms;
        if worst > late {
            Err(format!("a step was told {worst} ms late, and the planner was called {late} ms late"))
        } else {
            Ok(())
        }
    }

    fn around(&mut self) -> Around<'_> {
        Around {
            store: &mut self.store,
            organisation: &mut self.organisation,
            oracle: &mut self.oracle,
            chance: &mut self.chance,
            now: self.now,
        }
    }

    fn relay(&mut self) {
        let weather = self.chance.one_of(&Weather::ALL);
        self.oracle.relay.weather = if self.chance.percent(50) { Weather::Fine } else { weather };
    }

    fn a_clock_starts(&mut self) {
        let severity = u8::try_from(self.chance.between(1, 5)).unwrap();
        let kind = self.chance.one_of(DeadlineKind::ALL);
        let crew = self.roles[&Role::Technician].clone();
        let officers = self.roles[&Role::Officer].clone();
        let (owner, officer) = (self.chance.one_of(&crew), self.chance.one_of(&officers));
        let said = self.now.plus_ms(self.chance.between(HOUR, 30 * DAY));
        let is_action = matches!(kind, DeadlineKind::CompleteAction | DeadlineKind::VerifyAction);
        let answerable = if kind == DeadlineKind::CompleteAction { owner } else { officer };
        let calendar = self.organisation.calendar_code(self.site, Some(answerable));
        let (obligation, version, within) = if kind.is_legal() {
            let (version, obligations) = self.organisation.obligations_now().unwrap();
            let ids: Vec<&str> = obligations.obligations.iter().map(|one| one.id.as_str()).collect();
            (Some(self.chance.one_of(&ids).to_owned()), version, None)
        } else {
            let (version, ladders) = self.organisation.ladders_now().unwrap();
            let Some(ladder) = ladders.find(kind, severity) else { return };
            (None, version, Some(ladder.within))
        };
        let counted = within.map(|within| self.organisation.count(self.site, &calendar, self.now, within));
        let due_at = if kind.is_due_as_said() { said } else { counted.unwrap_or(said) };
        let deadline = Deadline {
            id: DeadlineId(self.chance.id()),
            report: ReportId(self.chance.id()),
            action: None,
            kind,
            obligation,
            severity,
            site: self.site,
            calendar,
            within,
            counted_by: None,
            starts_at: self.now,
            due_at,
            first_due_at: due_at,
            set_at: self.now,
            met_at: None,
            cancelled_at: None,
            generation: 0,
            paused_until: None,
            ladder_version: version,
            look_again_at: Some(self.now),
            version: 1,
        };
        let (owner, verifier) = if is_action { (Some(owner), Some(officer)) } else { (None, None) };
        let cast = Cast { site: self.site, officer: Some(officer), owner, verifier, answerable: Some(answerable) };
        self.store.deadlines.insert(deadline.id, (deadline, cast));
    }

    /// The running clocks, the oldest first.
    fn open(&self) -> Vec<DeadlineId> {
        let mut open: Vec<_> = self.store.deadlines.values().filter(|(one, _)| one.is_open()).collect();
        open.sort_by_key(|(one, _)| (one.starts_at, one.id));
        open.into_iter().map(|(one, _)| one.id).collect()
    }

    /// Somebody does what they must, moves it, takes it back, or answers a mail.
    fn somebody_acts(&mut self) {
        let open = self.open();
        let Some(oldest) = open.first().copied() else { return };
        let id = if self.chance.percent(30) { oldest } else { self.chance.one_of(&open) };
        let (now, deadline) = (self.now, self.store.deadlines[&id].0.clone());
        let is_old = now.since_ms(deadline.starts_at) > LONG;
        let next = match self.chance.below(100) {
            _ if is_old => deadline.met(now),
            0..50 => deadline.met(now),
            50..60 => deadline.cancelled(now),
            60..70 => {
                let due_at = now.plus_ms(self.chance.between(-HOUR, 20 * DAY));
                let severity = u8::try_from(self.chance.between(1, 5)).unwrap();
                let has_ladder = deadline.kind.is_legal()
                    || self.organisation.ladders_now().is_some_and(|(_, all)| all.find(deadline.kind, severity).is_some());
                deadline.clone().moved(due_at, if has_ladder { severity } else { deadline.severity }, now)
            }
            70..75 => deadline.met(now).reopened(now),
            _ => {
                let told = self.store.told_of(id);
                let mut told = told.iter().filter(|row| row.notice.state == NoticeState::Accepted);
                let answers = told
                    .any(|row| row.notice.deadline == Some(id) && row.notice.answerable(None, Some(&deadline), now) == Ok(true));
                if !answers {
                    return;
                }
                self.oracle.answered += 1;
                let until = self.organisation.quiet_until(&deadline, now);
                deadline.paused(until)
            }
        };
        self.store.deadlines.get_mut(&id).unwrap().0 = next;
    }

    /// Leave, people who go and come back, mailboxes that break and are mended, managers that are missing or go in a circle.
    /// The administrator stays.
    fn people_change(&mut self) {
        let everybody: Vec<MemberId> =
            self.roles.iter().filter(|(role, _)| **role != Role::Admin).flat_map(|(_, all)| all).copied().collect();
        let (who, other) = (self.chance.one_of(&everybody), self.chance.one_of(&everybody));
        let until = self.now.plus_ms(self.chance.between(HOUR, 20 * DAY));
        let (what, id, now) = (self.chance.below(100), self.chance.id(), self.now);
        let breaks = self.chance.percent(40);
        let member = self.organisation.members.get_mut(&who).unwrap();
        match what {
            0..35 => {
                member.substitutions.retain(|one| one.until > now);
                member.substitutions.push(Substitution { id: SubstitutionId(id), by: other, from: now, until });
            }
            35..50 => member.disabled_at = if breaks { Some(now) } else { None },
            50..60 => member.manager = (!breaks).then_some(other),
            _ if breaks => {
                self.oracle.relay.bad_mailboxes.insert(who);
            }
            _ => {
                self.oracle.relay.bad_mailboxes.remove(&who);
                member.address_suspect_since = None;
            }
        }
    }

    /// Every fault ends; some weeks later nothing waits that should have gone.
    pub fn comes_to_rest(&mut self, engines: &mut [Engine; 2]) -> Result<Summary, String> {
        self.oracle.relay.weather = Weather::Fine;
        for (number, engine) in engines.iter_mut().enumerate() {
            engine.planner.comes_to_rest(self.now);
            self.vigil.starts(number);
        }
        let days = self.now.since_ms(self.began) / DAY;
        for _ in 0..6 * 24 {
            self.now = self.now.plus_ms(HOUR);
            self.vigil.time_passes(HOUR, self.now);
            for (number, engine) in engines.iter_mut().enumerate() {
                self.turns(number, engine)?;
            }
            self.vigil.looks(engines, &self.store, &self.organisation, self.now)?;
        }
        let summary = self.oracle.at_rest(&self.store, self.now)?;
        let [seen_alive, seen_stopped, seen_late] = self.vigil.seen;
        Ok(Summary { days, seen_alive, seen_stopped, seen_late, ..summary })
    }

    /// A whole turn of the worker: until nothing is left that could be done now.
    fn turns(&mut self, number: usize, engine: &mut Engine) -> Result<(), String> {
        self.plans(number, engine)?;
        let mut around = self.around();
        around.gathers();
        loop {
            engine.claims(&mut around);
            if engine.is_idle() {
                break;
            }
            while !engine.is_idle() {
                engine.works(&mut around)?;
            }
        }
        around.oracle.broken.take().map_or(Ok(()), Err)
    }
}
