//! The worker's mails: the real rules, carried out against a model of the store as `operations` carries them out against a
//! database.
//! What `operations` does in one transaction is one step here; between two steps a crash, a jump of the clock or the other
//! replica may come.

use std::collections::BTreeMap;

use salama::domain::{
    audience::Audience,
    deadline::Deadline,
    delivery::{Outcome, RAISE_MS, try_again_at},
    ids::{MemberId, NoticeId},
    ladder::{Due, Way},
    notice::{Notice, NoticeKind, NoticeState, digest_key, rung_key},
    organisation::{Cast, Organisation},
    time::Instant,
};

use super::{
    Flaw,
    chance::Chance,
    oracle::{Oracle, took},
    planner::Planner,
    store::Store,
};

const LEASE_MS: i64 = 30_000;
const PAUSE_MS: i64 = 60_000;

/// How far a claimed notice has come.
enum Stage {
    Claimed,
    Answered(Outcome),
}

struct InHand {
    id: NoticeId,
    claim: u32,
    attempt: u32,
    stage: Stage,
}

/// One replica's worker.
pub struct Engine {
    in_hand: Vec<InHand>,
    pub(super) flaw: Option<Flaw>,
    pub(super) planner: Planner,
}

/// What a step stands in.
pub struct Around<'a> {
    pub store: &'a mut Store,
    pub organisation: &'a mut Organisation,
    pub oracle: &'a mut Oracle,
    pub chance: &'a mut Chance,
    pub now: Instant,
}

impl Engine {
    pub fn new(flaw: Option<Flaw>, now: Instant) -> Self {
        Self { in_hand: Vec::new(), flaw, planner: Planner::starts(now) }
    }

    pub(super) fn errs(&self, flaw: Flaw, chance: &mut Chance) -> bool {
        self.flaw == Some(flaw) && chance.percent(10)
    }

    /// Takes what waits, on record before anything is sent.
    pub fn claims(&mut self, around: &mut Around) {
        let now = around.now;
        if around.store.mail_rests_until.is_some_and(|until| until > now) {
            return;
        }
        let ids: Vec<NoticeId> = around.store.open.iter().copied().collect();
        for id in ids {
            let claim = around.store.claims + 1;
            let row = around.store.notices.get_mut(&id).unwrap();
            let free = match row.claimed_until {
                None => true,
                Some(until) => until <= now && self.flaw != Some(Flaw::ForgetsWhatACrashHadClaimed),
            };
            if row.notice.state == NoticeState::Queued && row.wait <= now && free && self.in_hand.len() < 8 {
                row.attempts += 1;
                row.claim = claim;
                around.store.claims = claim;
                row.claimed_until = Some(now.plus_ms(LEASE_MS));
                self.in_hand.push(InHand { id, claim, attempt: row.attempts, stage: Stage::Claimed });
            }
        }
    }

    /// One conversation with the relay, or the record of one.
    pub fn works(&mut self, around: &mut Around) -> Result<(), String> {
        if self.in_hand.is_empty() {
            return Ok(());
        }
        let one = self.in_hand.swap_remove(around.chance.below(self.in_hand.len()));
        match one.stage {
            Stage::Claimed => {
                let stage = self.sends(&one, around)?;
                self.in_hand.extend(stage.map(|stage| InHand { stage, ..one }));
                Ok(())
            }
            Stage::Answered(outcome) => self.records(one.id, (one.claim, one.attempt), &outcome, around),
        }
    }

    pub fn is_idle(&self) -> bool {
        self.in_hand.is_empty()
    }

    /// Everything in memory is gone, and it starts again.
    pub fn crashes(&mut self, oracle: &mut Oracle, now: Instant) {
        self.planner = Planner::starts(now);
        for one in self.in_hand.drain(..) {
            if matches!(one.stage, Stage::Answered(Outcome::Accepted { .. })) {
                oracle.unrecorded(one.id);
            }
        }
    }

    /// As `deliver`: is it still true, can the person be told, and what does the relay say?
    fn sends(&self, one: &InHand, around: &mut Around) -> Result<Option<Stage>, String> {
        let (store, now) = (&mut *around.store, around.now);
        let row = &store.notices[&one.id];
        if row.claim != one.claim {
            return Ok(None);
        }
        let notice = row.notice.clone();
        if self.errs(Flaw::RecordsBeforeItSends, around.chance) {
            store.end(one.id, NoticeState::Accepted);
            return Ok(None);
        }
        let first = notice.in_place_of.map(|first| store.notices[&first].notice.state);
        let wanted = first.is_none_or(NoticeState::needs_another) && notice.still_wanted(store.deadline_of(&notice), now);
        let (true, over) = (wanted, store.over(one.id, now)) else {
            if self.flaw == Some(Flaw::SendsWhatIsOver) {
                around.oracle.mailed(&notice, one.id, store, now)?;
            }
            store.end(one.id, NoticeState::Dropped);
            return Ok(None);
        };
        for id in over {
            store.end(id, NoticeState::Dropped);
        }
        if notice.kind == NoticeKind::Digest && store.items(one.id).is_empty() {
            store.end(one.id, NoticeState::Dropped);
            return Ok(None);
        }
        if !around.organisation.members[&notice.member].can_be_told() {
            self.passes_on(&notice, around)?;
            return Ok(None);
        }
        let outcome = around.oracle.relay.answers(notice.member, around.chance);
        if took(&outcome, around.chance) {
            let message = if self.errs(Flaw::SendsAsAnotherMail, around.chance) { NoticeId(around.chance.id()) } else { one.id };
            around.oracle.mailed(&notice, message, around.store, now)?;
            if matches!(outcome, Outcome::Unknown { .. }) {
                around.oracle.unrecorded(one.id);
            }
        }
        Ok(Some(Stage::Answered(outcome)))
    }

    /// As `Attempt::record`.
    fn records(&self, id: NoticeId, (claim, attempt): (u32, u32), outcome: &Outcome, around: &mut Around) -> Result<(), String> {
        let now = around.now;
        if around.store.notices[&id].claim != claim {
            if matches!(outcome, Outcome::Accepted { .. }) {
                around.oracle.unrecorded(id);
            }
            return Ok(());
        }
        let notice = around.store.notices[&id].notice.clone();
        let greylisted = matches!(outcome, Outcome::Greylisted { .. });
        match outcome {
            Outcome::Accepted { .. } => {
                around.store.mail_rests_until = None;
                around.store.end(id, NoticeState::Accepted);
            }
            Outcome::AddressRefused { .. } => {
                around.organisation.members.get_mut(&notice.member).unwrap().address_suspect_since = Some(now);
                self.passes_on(&notice, around)?;
            }
            Outcome::MessageRefused { .. } => around.puts_aside(&notice)?,
            Outcome::Misconfigured { .. } => {
                let until = now.plus_ms(PAUSE_MS);
                around.store.mail_rests_until = Some(until);
                let row = around.store.notices.get_mut(&id).unwrap();
                (row.attempts, row.wait, row.claimed_until) = (row.attempts - 1, until, None);
            }
            Outcome::Transient { .. } | Outcome::Greylisted { .. } | Outcome::Unknown { .. } => {
                let Some(again) = try_again_at(attempt, greylisted, now, around.chance.dice()) else {
                    return around.puts_aside(&notice);
                };
                let row = around.store.notices.get_mut(&id).unwrap();
                (row.wait, row.claimed_until) = (again, None);
                if now.since_ms(notice.decided_at) >= RAISE_MS {
                    around.raises(&notice)?;
                }
            }
        }
        Ok(())
    }

    fn passes_on(&self, notice: &Notice, around: &mut Around) -> Result<(), String> {
        let silent = self.flaw == Some(Flaw::StopsAtABounce);
        if notice.kind == NoticeKind::Digest && !silent {
            for id in around.store.items(notice.id) {
                let item = Notice { state: NoticeState::Late, ..around.store.notices[&id].notice.clone() };
                around.tells_in_place(&item, Audience::Member(notice.member))?;
            }
        } else if !silent {
            around.tells_in_place(notice, Audience::Member(notice.member))?;
        }
        around.store.end(notice.id, NoticeState::Bounced);
        around.oracle.bounced(notice.id);
        Ok(())
    }
}

impl Around<'_> {
    fn puts_aside(&mut self, notice: &Notice) -> Result<(), String> {
        match notice.kind {
            NoticeKind::Digest => {
                for id in self.store.items(notice.id) {
                    let item = Notice { state: NoticeState::Late, ..self.store.notices[&id].notice.clone() };
                    self.tells_in_place(&item, Audience::Manager(1))?;
                }
            }
            _ => self.raises(notice)?,
        }
        self.store.end(notice.id, NoticeState::Dead);
        Ok(())
    }

    /// As `gather_digests`: one mail for all that waits for a person's morning, and for many that were missed.
    pub fn gathers(&mut self) {
        let now = self.now;
        let mut waiting: BTreeMap<MemberId, Vec<NoticeId>> = BTreeMap::new();
        for id in &self.store.open {
            let row = &self.store.notices[id];
            let due = row.wait <= now && row.digest.is_none();
            if due && matches!(row.notice.state, NoticeState::Held | NoticeState::Late) {
                waiting.entry(row.notice.member).or_default().push(*id);
            }
        }
        let many = usize::try_from(self.organisation.digests().many).unwrap();
        for (member, ids) in waiting {
            let state = |id: &NoticeId| self.store.notices[id].notice.state;
            let (late, held): (Vec<NoticeId>, Vec<NoticeId>) = ids.into_iter().partition(|id| state(id) == NoticeState::Late);
            if late.len() >= many {
                self.digest(format!("missed:{member}:{}", now.ms()), &[late, held].concat());
                continue;
            }
            for id in late {
                self.store.notices.get_mut(&id).unwrap().notice.state = NoticeState::Queued;
            }
            let home = self.organisation.home(member).unwrap();
            let today = now.local_date(&self.organisation.zone(home));
            if !held.is_empty() && !self.digest(digest_key(member, today), &held) {
                let morning = self.organisation.next_digest(member, now);
                for id in held {
                    self.store.notices.get_mut(&id).unwrap().wait = morning;
                }
            }
        }
    }

    fn raises(&mut self, notice: &Notice) -> Result<(), String> {
        let first = notice.in_place_of.map(|first| self.store.notices[&first].notice.state);
        let goes_on = notice.is_urgent() && first.is_none_or(|first| first == NoticeState::Bounced);
        if !goes_on || std::mem::replace(&mut self.store.notices.get_mut(&notice.id).unwrap().raised, true) {
            return Ok(());
        }
        self.tells_in_place(notice, Audience::Manager(1))
    }

    pub(super) fn rung(&mut self, deadline: &Deadline, cast: &Cast, due: Due, member: MemberId, way: Way) -> Notice {
        Notice {
            id: NoticeId(self.chance.id()),
            key: rung_key(deadline, due.rung, member),
            kind: NoticeKind::of_rung(due.at, deadline.due_at, cast.answerable == Some(member)),
            member,
            report: deadline.report,
            action: deadline.action,
            deadline: Some(deadline.id),
            generation: deadline.generation,
            rung: Some(due.rung),
            meant_at: due.at,
            decided_at: self.now,
            because: String::new(),
            state: match way {
                Way::Now => NoticeState::Queued,
                Way::NextDigest => NoticeState::Held,
                Way::AfterOutage => NoticeState::Late,
                Way::OnRecord => NoticeState::Collapsed,
            },
            in_place_of: None,
        }
    }

    fn digest(&mut self, key: String, items: &[NoticeId]) -> bool {
        let first = self.store.notices[&items[0]].notice.clone();
        let id = NoticeId(self.chance.id());
        let digest = Notice {
            id,
            key,
            kind: NoticeKind::Digest,
            deadline: None,
            rung: None,
            generation: 0,
            meant_at: self.now,
            decided_at: self.now,
            state: NoticeState::Queued,
            in_place_of: None,
            ..first
        };
        if !self.store.add(digest, self.now, self.oracle) {
            return false;
        }
        for item in items {
            let row = self.store.notices.get_mut(item).unwrap();
            (row.digest, row.notice.state) = (Some(id), NoticeState::Held);
        }
        true
    }

    /// As `tell_in_place`.
    fn tells_in_place(&mut self, first: &Notice, audience: Audience) -> Result<(), String> {
        let deadline = self.store.deadline_of(first).cloned().ok_or("a rung without its deadline")?;
        if first.is_over(Some(&deadline)) {
            self.oracle.passed_on(first.id, true);
            return Ok(());
        }
        let (_, cast) = self.store.deadlines[&deadline.id];
        let cast = Cast { officer: cast.officer, site: cast.site, owner: None, verifier: None, answerable: Some(first.member) };
        let nearest = [audience, Audience::Manager(1), Audience::SafetyDesk].into_iter();
        let others = nearest.map(|audience| self.organisation.resolve(&[audience], &cast, self.now));
        let others = others.map(|found| found.into_iter().map(|found| found.member).filter(|who| *who != first.member).collect());
        let people: Vec<MemberId> = others.into_iter().find(|people: &Vec<MemberId>| !people.is_empty()).unwrap_or_default();
        let rung = first.rung.ok_or("no rung")?;
        self.oracle.passed_on(first.id, people.is_empty());
        for member in people {
            let state = if first.state == NoticeState::Late { NoticeState::Late } else { NoticeState::Queued };
            let notice = Notice {
                id: NoticeId(self.chance.id()),
                key: rung_key(&deadline, rung, member),
                member,
                decided_at: self.now,
                state,
                in_place_of: Some(first.id),
                ..first.clone()
            };
            self.store.add(notice, self.now, self.oracle);
        }
        Ok(())
    }
}
