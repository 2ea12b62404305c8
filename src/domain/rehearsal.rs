//! What the last days would have sent under a draft of the rules, beside what they did send. A replay of the facts as they
//! stand: what was moved or rated anew is replayed as it ended, pauses and outages are not replayed, and people are today's.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::{
    deadline::Deadline,
    ids::MemberId,
    ladder::{Due, Ladders, Reckoning, TellAt, plan},
    notice::{Notice, NoticeKind, NoticeState},
    organisation::{Cast, Organisation},
    report::Report,
    routing::Decision,
    time::Instant,
};

/// What one person gets of one kind on one local date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell {
    /// The date at the person's home.
    pub date: Date,
    /// Who.
    pub member: MemberId,
    /// What.
    pub kind: NoticeKind,
}

/// How many mails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Mails {
    /// Under the draft.
    pub drafted: u32,
    /// Really.
    pub sent: u32,
}

/// The table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rehearsal {
    /// By day, person and kind.
    pub cells: BTreeMap<Cell, Mails>,
    /// How many deadlines or reports were replayed.
    pub replayed: u32,
    digests: BTreeSet<(Date, MemberId)>,
}

/// The days that are replayed.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    /// From then.
    pub from: Instant,
    /// Until then.
    pub until: Instant,
}

impl Rehearsal {
    /// Replays one deadline under a draft of the ladders. What is legal climbs by the obligations, and is left out.
    pub fn climb(&mut self, deadline: &Deadline, draft: &Ladders, cast: &Cast, organisation: &Organisation, days: Window) {
        let ladder = draft.find(deadline.kind, deadline.severity).filter(|_| !deadline.kind.is_legal());
        let Some(ladder) = ladder else { return };
        self.replayed += 1;
        let (calendar, zone) = organisation.time_of(deadline);
        let by = Reckoning { calendar, zone: &zone, quiet: draft.quiet };
        let due_at =
            if deadline.kind.is_due_as_said() { deadline.due_at } else { calendar.add(&zone, deadline.starts_at, ladder.within) };
        let ended = deadline.met_at.or(deadline.cancelled_at);
        let running = Deadline {
            due_at,
            set_at: deadline.starts_at,
            met_at: None,
            cancelled_at: None,
            paused_until: None,
            ..deadline.clone()
        };
        let until = ended.map_or(days.until, |ended| ended.plus_ms(-1).min(days.until));
        let planned = plan(ladder, &running, &BTreeSet::new(), by, until);
        for due in planned.due.into_iter().filter(|due| due.at >= days.from) {
            if let Some(step) = ladder.step(due.rung) {
                for found in organisation.resolve(&step.audience, cast, due.at) {
                    self.draft(found.member, due, step.hours, &running, cast, organisation, draft);
                }
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "each is one fact of the telling")]
    fn draft(
        &mut self,
        member: MemberId,
        due: Due,
        hours: TellAt,
        deadline: &Deadline,
        cast: &Cast,
        organisation: &Organisation,
        draft: &Ladders,
    ) {
        if hours != TellAt::Digest {
            let kind = NoticeKind::of_rung(due.at, deadline.due_at, cast.answerable == Some(member));
            self.count(organisation, member, kind, due.at).drafted += 1;
            return;
        }
        let Some(home) = organisation.home(member) else { return };
        let morning = draft.digest.next_morning(organisation.calendar(home), &organisation.zone(home), due.at);
        if self.digests.insert((morning.local_date(&organisation.zone(home)), member)) {
            self.count(organisation, member, NoticeKind::Digest, morning).drafted += 1;
        }
    }

    /// Replays the routing of one report in an organisation that has the draft for its routes.
    pub fn route(&mut self, report: &Report, organisation: &Organisation) {
        self.replayed += 1;
        let at = report.received_at;
        for one in Decision::of(report, organisation, at).chosen {
            self.count(organisation, one.member, NoticeKind::ReportAssigned, at).drafted += 1;
        }
    }

    /// Counts a mail of a ladder that was really sent.
    pub fn climbed(&mut self, notice: &Notice, is_in_digest: bool, organisation: &Organisation) {
        let by_ladder = notice.kind == NoticeKind::Digest || notice.because.starts_with("ladders ");
        if by_ladder && notice.state == NoticeState::Accepted && !is_in_digest {
            self.count(organisation, notice.member, notice.kind, notice.decided_at).sent += 1;
        }
    }

    /// Counts a mail of a route that was really sent.
    pub fn routed(&mut self, notice: &Notice, organisation: &Organisation) {
        if notice.kind == NoticeKind::ReportAssigned && notice.state == NoticeState::Accepted {
            self.count(organisation, notice.member, notice.kind, notice.decided_at).sent += 1;
        }
    }

    fn count(&mut self, organisation: &Organisation, member: MemberId, kind: NoticeKind, at: Instant) -> &mut Mails {
        let zone = organisation.home(member).map_or(super::time::Zone::utc(), |home| organisation.zone(home));
        self.cells.entry(Cell { date: at.local_date(&zone), member, kind }).or_default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{
        audience::Role,
        deadline::tests::deadline,
        ladder::{
            Ladder,
            tests::{START, ladders},
        },
        organisation::tests::{member, organisation, person, site},
    };

    const HOUR: i64 = 3_600_000;

    fn at(hours: i64) -> Instant {
        Instant::from_ms(START + hours * HOUR)
    }

    fn house() -> Organisation {
        let mut house = organisation(vec![person(7, None, &[(Role::Manager, 1)])]);
        house.calendars.body.calendars.insert("office".into(), crate::domain::calendar::tests::office());
        house
    }

    fn rehearsed(ladder: &Ladder, deadline: &Deadline, days: Window) -> Rehearsal {
        let mut rehearsal = Rehearsal::default();
        let draft = Ladders { ladders: vec![ladder.clone()], ..Ladders::default() };
        let cast = Cast { site: site(1), officer: None, owner: Some(member(7)), verifier: None, answerable: Some(member(7)) };
        rehearsal.climb(deadline, &draft, &cast, &house(), days);
        rehearsal
    }

    fn drafted(rehearsal: &Rehearsal) -> u32 {
        rehearsal.cells.values().map(|mails| mails.drafted).sum()
    }

    proptest! {
        #[test]
        fn a_replay_sends_what_the_planner_would_have_sent_and_no_digest_twice_a_day(ladder in ladders(), met in 1_i64..400) {
            let running = Deadline { site: site(1), ..deadline(at(0), at(100)) };
            let ended = running.clone().met(at(met));
            let days = Window { from: at(0), until: at(2000) };
            let by = house();
            let planned = by.plan(&ladder, &running, &BTreeSet::new(), at(met).plus_ms(-1)).due;
            let is_digest = |due: &&Due| ladder.step(due.rung).unwrap().hours == TellAt::Digest;
            let own = planned.iter().filter(|due| !is_digest(due)).count();
            let mails = rehearsed(&ladder, &ended, days);
            let digests = mails.cells.iter().filter(|(cell, _)| cell.kind == NoticeKind::Digest).map(|(_, mails)| mails.drafted);
            prop_assert!(digests.clone().all(|n| n == 1));
            prop_assert_eq!(drafted(&mails) - digests.sum::<u32>(), u32::try_from(own).unwrap());
        }

        #[test]
        fn two_halves_of_the_days_send_what_the_whole_sends(ladder in ladders(), cut in 1_i64..1999) {
            let steps = ladder.steps.iter().filter(|step| step.hours != TellAt::Digest).cloned().collect();
            let ladder = Ladder { steps, ..ladder };
            let running = Deadline { site: site(1), ..deadline(at(0), at(100)) };
            let window = |from: i64, until: i64| Window { from: at(from), until: at(until).plus_ms(-1) };
            let n = |days| drafted(&rehearsed(&ladder, &running, days));
            prop_assert_eq!(n(window(0, cut)) + n(window(cut, 2000)), n(window(0, 2000)));
        }
    }

    #[test]
    fn only_what_was_really_sent_is_counted_as_sent() {
        let house = house();
        let running = deadline(at(0), at(1));
        let ladder = Ladder {
            kind: running.kind,
            severities: (1..=5).collect(),
            within: crate::domain::span::Span::Days(1),
            pause: crate::domain::span::Span::Days(1),
            steps: vec![],
        };
        assert!(rehearsed(&ladder, &running, Window { from: at(0), until: at(9) }).cells.is_empty());
        let notice = |state, because: &str| Notice {
            id: crate::domain::ids::NoticeId(uuid::Uuid::nil()),
            key: String::new(),
            kind: NoticeKind::Overdue,
            member: member(7),
            report: running.report,
            action: None,
            deadline: None,
            generation: 0,
            rung: None,
            meant_at: at(0),
            decided_at: at(0),
            because: because.into(),
            state,
            in_place_of: None,
        };
        let mut rehearsal = Rehearsal::default();
        rehearsal.climbed(&notice(NoticeState::Accepted, "ladders 1, triage, step 1 (officer)"), false, &house);
        rehearsal.climbed(&notice(NoticeState::Accepted, "ladders 1, triage, step 1 (officer)"), true, &house);
        rehearsal.climbed(&notice(NoticeState::Collapsed, "ladders 1, triage, step 1 (officer)"), false, &house);
        rehearsal.climbed(&notice(NoticeState::Accepted, "obligations 1, MA-AT-INS, step 1 (officer)"), false, &house);
        assert_eq!(rehearsal.cells.values().map(|mails| mails.sent).sum::<u32>(), 1);
    }
}
