//! The organisation as it stands: sites, people, and the documents with its rules, held as one value so that routing,
//! access and escalation are plain look-ups. Loading and caching it is `store`'s. Whom an audience stands for is `choosing`'s,
//! whether a document names only what there is is `references`'.

mod choosing;
mod references;

mod ladders;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

pub use self::choosing::{Cast, Found};
use super::{
    audience::Role,
    calendar::{Calendar, Calendars},
    clauses::Clauses,
    deadline::{Basis, Deadline},
    ids::{MemberId, SiteId, SubstitutionId},
    ladder::Ladders,
    locale::Locale,
    obligation::Obligations,
    roster::Rosters,
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
    /// Every version of the obligations: a filing keeps the one it started with.
    pub obligations: BTreeMap<u32, Obligations>,
    /// The calendars in force.
    pub calendars: Versioned<Calendars>,
    /// The matrix in force; none until one was written.
    pub matrix: Option<Versioned<Matrix>>,
    /// The clauses of standards that records are evidence for; none until they were written.
    pub clauses: Option<Versioned<Clauses>>,
    /// The crews and duty rosters in force.
    pub rosters: Versioned<Rosters>,
    /// The version of the time-zone data that this process counts by.
    pub zone_data: String,
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

    /// The code of the calendar by which `member` works at the site: that of their crew, or else that of the site.
    pub fn calendar_code(&self, site: SiteId, member: Option<MemberId>) -> String {
        let crew = member.and_then(|member| self.rosters.body.crew_of(member)).and_then(|crew| crew.calendar.clone());
        crew.or_else(|| self.sites.get(&site).map(|site| site.calendar.clone())).unwrap_or_default()
    }

    /// The calendar of that code, or that of the site when there is none any more.
    pub fn calendar_of(&self, site: SiteId, code: &str) -> &Calendar {
        self.calendars.body.calendars.get(code).unwrap_or_else(|| self.calendar(site))
    }

    /// The instant `span` after `from` by the calendar of that code in the zone of the site.
    pub fn count(&self, site: SiteId, calendar: &str, from: Instant, span: Span) -> Instant {
        self.calendar_of(site, calendar).add(&self.zone(site), from, span)
    }

    /// The calendar and zone a deadline is planned by.
    pub fn time_of(&self, deadline: &Deadline) -> (&Calendar, Zone) {
        (self.calendar_of(deadline.site, &deadline.calendar), self.zone(deadline.site))
    }

    /// The tables that instants are counted by now.
    pub fn basis(&self) -> Basis {
        Basis { zone_data: self.zone_data.clone(), calendars: self.calendars.version }
    }

    /// The zone of a site.
    pub fn zone(&self, site: SiteId) -> Zone {
        self.sites.get(&site).map_or(Zone::utc(), |site| site.zone.clone())
    }

    /// The zone in which a member reads dates: that of the site where they are at home.
    pub fn zone_of(&self, member: MemberId) -> Zone {
        self.home(member).map_or(Zone::utc(), |home| self.zone(home))
    }

    /// Until when a deadline stays quiet that is answered at `now`: for as long as its ladder states, a day without one.
    pub fn quiet_until(&self, deadline: &Deadline, now: Instant) -> Instant {
        let pause = self.ladder_of(deadline).map_or(Span::Days(1), |ladder| ladder.pause);
        self.count(deadline.site, &deadline.calendar, now, pause)
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
}

#[cfg(test)]
pub(super) mod tests;
