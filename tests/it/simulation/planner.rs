//! The worker's planner and its pulse: a pass carries out the real rules as `operations::escalate_due` does, and the job beats
//! as the worker's does. A pass may fail in its middle, and a planner may hang until its process starts again.

use salama::{
    domain::{
        ids::{DeadlineId, NoticeId},
        ladder::{Meant, Way, tellings},
        notice::Notice,
        time::Instant,
    },
    pulse::Pulse,
};

use super::{
    Flaw,
    engine::{Around, Engine},
};

pub const JOB: &str = "escalate";
/// So long after the end of a pass the next one has ended: as the worker states it, a minute and two of its periods.
pub const WITHIN_MS: i64 = 62_000;

/// The job of one process.
pub struct Planner {
    pub pulse: Pulse,
    hangs: bool,
    fails: bool,
    /// Every fault has ended.
    is_calm: bool,
}

/// How a pass did not end.
enum Pass {
    Failed,
    /// A rule was broken.
    Breaks(String),
}

impl Planner {
    pub fn starts(now: Instant) -> Self {
        let pulse = Pulse::default();
        pulse.beat(JOB, now, WITHIN_MS);
        Self { pulse, hangs: false, fails: false, is_calm: false }
    }

    pub fn comes_to_rest(&mut self, now: Instant) {
        *self = Self { is_calm: true, ..Self::starts(now) };
    }
}

impl Engine {
    /// A turn of the planner; true when it ended a whole pass.
    pub fn plans(&mut self, around: &mut Around) -> Result<bool, String> {
        if !self.planner.is_calm {
            self.planner.hangs |= around.chance.percent(2);
            self.planner.fails = around.chance.percent(10);
        }
        let passed = if self.planner.hangs { Err(Pass::Failed) } else { self.escalates_due(around) };
        if let Err(Pass::Breaks(why)) = passed {
            return Err(why);
        }
        let forgets = self.errs(Flaw::PassesInSilence, around.chance);
        if (passed.is_ok() && !forgets) || self.flaw == Some(Flaw::BeatsWithoutAPass) {
            self.planner.pulse.beat(JOB, around.now, WITHIN_MS);
        }
        Ok(passed.is_ok())
    }

    /// As `escalate_due`.
    fn escalates_due(&self, around: &mut Around) -> Result<(), Pass> {
        for id in around.store.waiting(around.now) {
            if self.planner.fails && around.chance.percent(50) {
                return Err(Pass::Failed);
            }
            self.escalates(id, around).map_err(Pass::Breaks)?;
        }
        if self.planner.fails { Err(Pass::Failed) } else { Ok(()) }
    }

    fn escalates(&self, id: DeadlineId, around: &mut Around) -> Result<(), String> {
        let (deadline, cast) = around.store.deadlines[&id].clone();
        let now = around.now;
        let ladder = around.organisation.ladder_of(&deadline).ok_or("a deadline without a ladder")?.into_owned();
        let told = around.store.told.get(&(id, deadline.generation)).cloned().unwrap_or_default();
        let early = if self.errs(Flaw::TellsEarly, around.chance) { 86_400_000 } else { 0 };
        let mut planned = around.organisation.plan(&ladder, &deadline, &told, now.plus_ms(early));
        let skipped = self.errs(Flaw::SkipsAStep, around.chance).then(|| planned.due.pop()).flatten();
        if let Some(due) = skipped {
            around.store.told.entry((id, deadline.generation)).or_default().insert(due.rung);
        }
        let mut meant = Vec::new();
        for due in &planned.due {
            let step = ladder.step(due.rung).ok_or("a rung that is no step")?;
            let people = around.organisation.resolve(&step.audience, &cast, now);
            if people.is_empty() {
                return Err(format!("nobody is told of step {} of deadline {id}", due.rung.step));
            }
            meant.push(Meant { due: *due, hours: step.hours, members: people.iter().map(|found| found.member).collect() });
        }
        for telling in tellings(&meant, now) {
            let notice = around.rung(&deadline, &cast, telling.due, telling.member, telling.way);
            let wait = if telling.way == Way::NextDigest { around.organisation.next_digest(telling.member, now) } else { now };
            if self.errs(Flaw::DoublesAStep, around.chance) {
                let again = Notice { id: NoticeId(around.chance.id()), key: format!("{}:again", notice.key), ..notice.clone() };
                around.store.add(again, wait, around.oracle);
            }
            around.store.add(notice, wait, around.oracle);
        }
        around.store.deadlines.get_mut(&id).unwrap().0.look_again_at = planned.next.map(|next| next.at);
        around.oracle.planned(&deadline, &ladder, around.organisation, now)
    }
}
