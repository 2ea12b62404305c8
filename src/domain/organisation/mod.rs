//! The organisation as it stands: sites, people, and the documents with its rules, held as one value so that routing,
//! access and escalation are plain look-ups. Loading and caching it is `store`'s.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use super::{
    audience::{Audience, Role},
    calendar::{Calendar, Calendars},
    clauses::Clauses,
    deadline::Deadline,
    ids::{MemberId, SiteId, SubstitutionId},
    ladder::Ladders,
    locale::Locale,
    routing::Routes,
    severity::Matrix,
    span::Span,
    time::{Instant, Zone},
};

/// A name in the languages people are spoken to in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// In Arabic.
    pub ar: String,
    /// In French.
    pub fr: String,
    /// In English.
    pub en: String,
}

impl Label {
    /// In that language.
    pub fn in_locale(&self, locale: Locale) -> &str {
        match locale {
            Locale::Ar => &self.ar,
            Locale::Fr => &self.fr,
            Locale::En => &self.en,
        }
    }

    /// Whether it says something in every language.
    pub fn is_whole(&self) -> bool {
        [&self.ar, &self.fr, &self.en].into_iter().all(|text| !text.trim().is_empty())
    }
}

/// A node of the organisation's tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Its id.
    pub id: SiteId,
    /// The node above; none for the root.
    pub parent: Option<SiteId>,
    /// A short code, unique, as people and rules name it.
    pub code: String,
    /// Its name.
    pub name: Label,
    /// `region`, `province`, `commune`, `plant`, `base`: what it is, for people.
    pub kind: String,
    /// The zone its times are shown and counted in.
    pub zone: Zone,
    /// The code of its calendar.
    pub calendar: String,
    /// Since when nothing new is reported there.
    pub retired_at: Option<Instant>,
    /// Which writing of the record this is.
    pub version: i64,
}

/// What may go wrong at work, as crews name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Category {
    /// A short code, unique.
    pub code: String,
    /// Its name.
    pub name: Label,
    /// High energy by default (EEI SCL model): a report without a rated potential is taken as 4, otherwise as 2.
    #[serde(default)]
    pub high_energy: bool,
    /// Since when nothing new is reported under it; never set in a pack.
    #[serde(skip)]
    pub retired_at: Option<Instant>,
}

impl Category {
    /// What could happen, as long as nobody has rated it.
    pub const fn potential(&self) -> u8 {
        if self.high_energy { 4 } else { 2 }
    }
}

/// A role at a site and below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Grant {
    /// Which role.
    pub role: Role,
    /// From which node down.
    pub site: SiteId,
}

/// Somebody stands in between two instants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Substitution {
    /// Its id.
    pub id: SubstitutionId,
    /// Who stands in.
    pub by: MemberId,
    /// From then.
    pub from: Instant,
    /// Until then, not included.
    pub until: Instant,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Their id.
    pub id: MemberId,
    /// Their name, as colleagues read it.
    pub name: String,
    /// The language they are spoken to in.
    pub locale: Locale,
    /// Where mails reach them; many technicians have none.
    pub email: Option<String>,
    /// Whom they answer to.
    pub manager: Option<MemberId>,
    /// Since when they are no longer with us.
    pub disabled_at: Option<Instant>,
    /// Since when their mailbox refuses mail.
    pub address_suspect_since: Option<Instant>,
    /// What they may do, and where.
    pub grants: Vec<Grant>,
    /// Who stands in for them, and when.
    pub substitutions: Vec<Substitution>,
}

impl Member {
    /// Whether a mail would reach them.
    pub fn can_be_told(&self) -> bool {
        self.disabled_at.is_none() && self.email.is_some() && self.address_suspect_since.is_none()
    }
}

/// A document in one of its versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versioned<T> {
    /// Counted from 1.
    pub version: u32,
    /// What it says.
    pub body: T,
}

/// Everything rules look at besides the record itself.
#[derive(Debug, Clone)]
pub struct Organisation {
    /// Changes with every change of anything in here.
    pub revision: i64,
    /// The tree.
    pub sites: HashMap<SiteId, Site>,
    /// The people, also those who left.
    pub members: HashMap<MemberId, Member>,
    /// The categories by code, also those that are retired.
    pub categories: BTreeMap<String, Category>,
    /// The routes in force.
    pub routes: Versioned<Routes>,
    /// Every version of the ladders: a deadline keeps the one it started with.
    pub ladders: BTreeMap<u32, Ladders>,
    /// The calendars in force.
    pub calendars: Versioned<Calendars>,
    /// The matrix in force; none until one was written.
    pub matrix: Option<Versioned<Matrix>>,
    /// The clauses of standards that records are evidence for; none until they were written.
    pub clauses: Option<Versioned<Clauses>>,
}

/// Whom the audiences of one record stand for.
#[derive(Debug, Clone, Copy)]
pub struct Cast {
    /// The record's site.
    pub site: SiteId,
    /// The officer it was routed to.
    pub officer: Option<MemberId>,
    /// The owner of the action.
    pub owner: Option<MemberId>,
    /// The verifier of the action.
    pub verifier: Option<MemberId>,
    /// Who must act now; managers are counted from there.
    pub answerable: Option<MemberId>,
}

impl Organisation {
    /// The site and all above it, nearest first.
    pub fn line(&self, site: SiteId) -> Vec<&Site> {
        let mut line = Vec::new();
        let mut next = self.sites.get(&site);
        while let Some(here) = next {
            if line.len() > self.sites.len() {
                break;
            }
            line.push(here);
            next = here.parent.and_then(|parent| self.sites.get(&parent));
        }
        line
    }

    /// Whether `site` is `above` or below it.
    pub fn is_within(&self, site: SiteId, above: SiteId) -> bool {
        self.line(site).iter().any(|here| here.id == above)
    }

    /// The site of that code.
    pub fn site_of_code(&self, code: &str) -> Option<&Site> {
        self.sites.values().find(|site| site.code == code)
    }

    /// Whether something new can be reported at the site: it exists, and neither it nor a site above it is retired.
    pub fn takes_reports(&self, site: SiteId) -> bool {
        let line = self.line(site);
        !line.is_empty() && line.iter().all(|here| here.retired_at.is_none())
    }

    /// The root of the tree.
    pub fn root(&self) -> Option<&Site> {
        self.sites.values().find(|site| site.parent.is_none())
    }

    /// The ladders new deadlines start with, and their version.
    pub fn ladders_now(&self) -> Option<(u32, &Ladders)> {
        self.ladders.last_key_value().map(|(version, ladders)| (*version, ladders))
    }

    /// The calendar of a site; an empty one, in which nobody works, when its code is unknown.
    pub fn calendar(&self, site: SiteId) -> &Calendar {
        static NOBODY_WORKS: Calendar = Calendar { week: BTreeMap::new(), holidays: Vec::new(), special_hours: Vec::new() };
        self.sites.get(&site).and_then(|site| self.calendars.body.calendars.get(&site.calendar)).unwrap_or(&NOBODY_WORKS)
    }

    /// The zone of a site.
    pub fn zone(&self, site: SiteId) -> Zone {
        self.sites.get(&site).map_or(Zone::utc(), |site| site.zone.clone())
    }

    /// Until when a deadline stays quiet that is answered at `now`: for as long as its ladder states, a day without one.
    pub fn quiet_until(&self, deadline: &Deadline, now: Instant) -> Instant {
        let ladder = self.ladders.get(&deadline.ladder_version).and_then(|all| all.find(deadline.kind, deadline.severity));
        let pause = ladder.map_or(Span::Days(1), |ladder| ladder.pause);
        self.calendar(deadline.site).add(&self.zone(deadline.site), now, pause)
    }

    /// Whether the member has that role at the site.
    pub fn has_role(&self, member: MemberId, role: Role, site: SiteId) -> bool {
        self.members
            .get(&member)
            .is_some_and(|member| member.grants.iter().any(|grant| grant.role == role && self.is_within(site, grant.site)))
    }

    /// The sites at which the member has one of the roles; `None` means all of them.
    pub fn sites_with(&self, member: MemberId, roles: &[Role]) -> Option<BTreeSet<SiteId>> {
        let granted: Vec<SiteId> = self.members.get(&member).map_or_else(Vec::new, |member| {
            member.grants.iter().filter(|grant| roles.contains(&grant.role)).map(|grant| grant.site).collect()
        });
        if self.root().is_some_and(|root| granted.contains(&root.id)) {
            return None;
        }
        Some(self.sites.keys().copied().filter(|site| granted.iter().any(|above| self.is_within(*site, *above))).collect())
    }

    /// Who is told in place of `member` at `now`: their substitute while they are away; the next one up when a mail
    /// would not reach them; nobody when the line ends or goes in a circle.
    pub fn told_for(&self, member: MemberId, now: Instant) -> Option<MemberId> {
        let mut seen = BTreeSet::new();
        let mut next = Some(member);
        while let Some(id) = next {
            if !seen.insert(id) {
                return None;
            }
            let here = self.members.get(&id)?;
            let away = here.substitutions.iter().find(|sub| sub.from <= now && now < sub.until && !seen.contains(&sub.by));
            match away {
                Some(substitution) => next = Some(substitution.by),
                None if here.can_be_told() => return Some(id),
                None => next = here.manager,
            }
        }
        None
    }

    /// The persons an audience stands for at `now`, each of whom a mail reaches. Empty only where nobody could be found;
    /// `resolve` then goes on to the safety desk.
    fn persons(&self, audience: Audience, cast: &Cast, now: Instant) -> Vec<MemberId> {
        let named = match audience {
            Audience::Owner => cast.owner.into_iter().collect(),
            Audience::Verifier => cast.verifier.into_iter().collect(),
            Audience::Officer => cast.officer.into_iter().collect(),
            Audience::Member(member) => vec![member],
            Audience::Manager(levels) => self.manager(cast.answerable, levels).into_iter().collect(),
            Audience::Role(role) => self.holders(role, cast.site),
            Audience::SafetyDesk => self.routes.body.safety_desk.iter().flat_map(|desk| self.desk(*desk, cast, now)).collect(),
        };
        let mut told: Vec<MemberId> = named.into_iter().filter_map(|member| self.told_for(member, now)).collect();
        told.dedup();
        told
    }

    fn desk(&self, audience: Audience, cast: &Cast, now: Instant) -> Vec<MemberId> {
        if audience == Audience::SafetyDesk { vec![] } else { self.persons(audience, cast, now) }
    }

    fn manager(&self, from: Option<MemberId>, levels: u8) -> Option<MemberId> {
        let mut here = from?;
        for _ in 0..levels {
            here = self.members.get(&here)?.manager?;
        }
        Some(here)
    }

    /// Whether `member` is somewhere up the line of managers of `below`.
    pub fn is_above(&self, member: MemberId, below: MemberId) -> bool {
        let next = |below: &MemberId| self.manager(Some(*below), 1);
        std::iter::successors(next(&below), next).take(self.members.len()).any(|manager| manager == member)
    }

    /// Everybody who has the role at the site itself, else at the nearest site above where anybody has it.
    pub fn holders(&self, role: Role, site: SiteId) -> Vec<MemberId> {
        self.line(site)
            .into_iter()
            .map(|here| self.granted_at(role, here))
            .find(|holders| !holders.is_empty())
            .unwrap_or_default()
    }

    fn granted_at(&self, role: Role, site: &Site) -> Vec<MemberId> {
        let grant = Grant { role, site: site.id };
        let holders = self.members.values().filter(|member| member.disabled_at.is_none() && member.grants.contains(&grant));
        let mut holders: Vec<MemberId> = holders.map(|member| member.id).collect();
        holders.sort_unstable();
        holders
    }

    /// Everybody who has the role at the site, wherever up the line it was granted; the nearest first.
    pub fn all_holders(&self, role: Role, site: SiteId) -> Vec<MemberId> {
        self.line(site).into_iter().flat_map(|here| self.granted_at(role, here)).collect()
    }

    /// The persons audiences stand for, each once, with the audience that named them. When nobody of them can be told,
    /// the safety desk is; when nobody there can, every administrator is. Empty only where the organisation has nobody.
    pub fn resolve(&self, audiences: &[Audience], cast: &Cast, now: Instant) -> Vec<(MemberId, Audience)> {
        let mut found: Vec<(MemberId, Audience)> = Vec::new();
        let last_resorts = [Audience::SafetyDesk, Audience::Role(Role::Admin)];
        for attempt in [audiences, &last_resorts[..1], &last_resorts[1..]] {
            for audience in attempt {
                for member in self.persons(*audience, cast, now) {
                    if found.iter().all(|(known, _)| *known != member) {
                        found.push((member, *audience));
                    }
                }
            }
            if !found.is_empty() {
                break;
            }
        }
        found
    }
}

#[cfg(test)]
pub(super) mod tests;
