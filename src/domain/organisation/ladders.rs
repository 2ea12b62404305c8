//! Which ladder a deadline climbs, by what its times are counted, and where a person's day is counted.

use std::{borrow::Cow, collections::BTreeSet};

use super::Organisation;
use crate::domain::{
    deadline::Deadline,
    ids::{MemberId, SiteId},
    ladder::{Digests, Ladder, Plan, Quiet, Reckoning, Rung, plan},
    obligation::Obligations,
    time::Instant,
};

impl Organisation {
    /// The obligations new filings start with, and their version.
    pub fn obligations_now(&self) -> Option<(u32, &Obligations)> {
        self.obligations.last_key_value().map(|(version, obligations)| (*version, obligations))
    }

    /// The ladder a deadline climbs, in the version it keeps.
    pub fn ladder_of(&self, deadline: &Deadline) -> Option<Cow<'_, Ladder>> {
        match &deadline.obligation {
            Some(id) => self.obligations.get(&deadline.ladder_version)?.ladder(id).map(Cow::Owned),
            None => self.ladders.get(&deadline.ladder_version)?.find(deadline.kind, deadline.severity).map(Cow::Borrowed),
        }
    }

    /// What that deadline's ladder asks for at `now`, besides what is in `told`.
    pub fn plan(&self, ladder: &Ladder, deadline: &Deadline, told: &BTreeSet<Rung>, now: Instant) -> Plan {
        let (calendar, zone) = self.time_of(deadline);
        plan(ladder, deadline, told, Reckoning { calendar, zone: &zone, quiet: self.quiet_of(deadline) }, now)
    }

    /// When nobody is disturbed for that deadline without need. What is legal comes at any hour.
    pub fn quiet_of(&self, deadline: &Deadline) -> Option<Quiet> {
        self.ladders.get(&deadline.ladder_version).filter(|_| !deadline.kind.is_legal()).and_then(|all| all.quiet)
    }

    /// How digests are made now.
    pub fn digests(&self) -> Digests {
        self.ladders_now().map_or_else(Digests::default, |(_, ladders)| ladders.digest)
    }

    /// When a person's next digest comes after `now`, by the calendar and zone of their home.
    pub fn next_digest(&self, member: MemberId, now: Instant) -> Instant {
        let Some(home) = self.home(member) else { return now };
        self.digests().next_morning(self.calendar(home), &self.zone(home), now)
    }

    /// Where a person's day is counted: at the lowest site of their roles, the root where they have none.
    pub fn home(&self, member: MemberId) -> Option<SiteId> {
        let grants = self.members.get(&member).map_or(&[][..], |member| &member.grants);
        let lowest = grants.iter().map(|grant| grant.site).max_by_key(|site| (self.line(*site).len(), *site));
        lowest.or_else(|| self.root().map(|root| root.id))
    }
}
