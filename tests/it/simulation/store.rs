//! What a database would hold of ladders and mails: deadlines, notices under their keys, and the queue. It decides nothing.

use std::collections::{BTreeMap, BTreeSet};

use salama::domain::{
    deadline::Deadline,
    ids::{DeadlineId, NoticeId},
    ladder::Rung,
    notice::{Notice, NoticeState},
    organisation::Cast,
    time::Instant,
};

use super::oracle::Oracle;

/// A notice on record, with its place in the queue.
pub struct Row {
    pub notice: Notice,
    pub wait: Instant,
    pub attempts: u32,
    pub claim: u32,
    pub claimed_until: Option<Instant>,
    pub digest: Option<NoticeId>,
    pub raised: bool,
}

/// What a database would hold.
#[derive(Default)]
pub struct Store {
    pub deadlines: BTreeMap<DeadlineId, (Deadline, Cast)>,
    pub notices: BTreeMap<NoticeId, Row>,
    pub open: BTreeSet<NoticeId>,
    pub told: BTreeMap<(DeadlineId, u32), BTreeSet<Rung>>,
    keys: BTreeSet<String>,
    pub mail_rests_until: Option<Instant>,
    pub claims: u32,
    of_deadline: BTreeMap<DeadlineId, Vec<NoticeId>>,
}

impl Store {
    /// False when the key was decided before.
    pub fn add(&mut self, notice: Notice, wait: Instant, oracle: &mut Oracle) -> bool {
        if !self.keys.insert(notice.key.clone()) {
            return false;
        }
        oracle.decided(&notice, self.deadline_of(&notice).map(|deadline| deadline.set_at));
        if let (Some(deadline), Some(rung)) = (notice.deadline, notice.rung) {
            self.told.entry((deadline, notice.generation)).or_default().insert(rung);
            self.of_deadline.entry(deadline).or_default().push(notice.id);
        }
        if notice.state.needs_another() {
            self.open.insert(notice.id);
        }
        let id = notice.id;
        self.notices.insert(id, Row { notice, wait, attempts: 0, claim: 0, claimed_until: None, digest: None, raised: false });
        true
    }

    /// The deadlines whose time to look again has come.
    pub fn waiting(&self, now: Instant) -> Vec<DeadlineId> {
        let deadlines = self.deadlines.values().map(|(deadline, _)| deadline);
        deadlines.filter(|one| one.look_again_at.is_some_and(|at| at <= now)).map(|one| one.id).collect()
    }

    /// How long the longest waiting of them has waited.
    pub fn late_ms(&self, now: Instant) -> i64 {
        let oldest = self.deadlines.values().filter_map(|(deadline, _)| deadline.look_again_at).min();
        oldest.map_or(0, |oldest| now.since_ms(oldest).max(0))
    }

    pub fn end(&mut self, id: NoticeId, state: NoticeState) {
        let of_digest: Vec<NoticeId> = self.items(id);
        for id in of_digest.into_iter().chain([id]) {
            let row = self.notices.get_mut(&id).unwrap();
            row.notice.state = state;
            row.claimed_until = None;
            self.open.remove(&id);
        }
    }

    /// What was decided about a deadline.
    pub fn told_of(&self, deadline: DeadlineId) -> Vec<&Row> {
        self.of_deadline.get(&deadline).into_iter().flatten().map(|id| &self.notices[id]).collect()
    }

    pub fn items(&self, digest: NoticeId) -> Vec<NoticeId> {
        self.open.iter().copied().filter(|id| self.notices[id].digest == Some(digest)).collect()
    }

    pub fn deadline_of(&self, notice: &Notice) -> Option<&Deadline> {
        notice.deadline.and_then(|id| self.deadlines.get(&id)).map(|(deadline, _)| deadline)
    }

    /// What stands in a digest and is no longer true.
    pub fn over(&self, digest: NoticeId, now: Instant) -> Vec<NoticeId> {
        let is_over = |id: &NoticeId| {
            let item = &self.notices[id].notice;
            !item.still_wanted(self.deadline_of(item), now)
        };
        self.items(digest).into_iter().filter(is_over).collect()
    }
}
