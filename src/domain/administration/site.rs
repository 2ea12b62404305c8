//! A site or a category as an administrator writes it.

use serde::Deserialize;
use uuid::Uuid;

use super::{is_a_code, label};
use crate::domain::{
    ids::SiteId,
    organisation::{Category, Label, Organisation, Site},
    refusal::{FieldErrors, Refusal},
    time::{Instant, Zone},
};

/// A site as the body names it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawSite {
    /// A short code, unique.
    pub code: String,
    /// Its name.
    pub name: Label,
    /// What it is.
    pub kind: String,
    /// The site above; none for the root.
    #[serde(default)]
    pub parent_id: Option<Uuid>,
    /// Its time zone; that of the site above when absent.
    #[serde(default)]
    pub zone: Option<String>,
    /// The code of its calendar; that of the site above when absent.
    #[serde(default)]
    pub calendar: Option<String>,
    /// Nothing new is reported there.
    #[serde(default)]
    pub retired: bool,
}

impl RawSite {
    /// Reads every field against the tree as it stands. A site never stands below itself, and there is one root.
    pub fn read(self, id: SiteId, organisation: &Organisation, now: Instant) -> Result<Site, Refusal> {
        let mut errors = FieldErrors::default();
        let known = organisation.sites.get(&id);
        self.check_code(known, organisation, &mut errors);
        let parent = self.parent_id.map(SiteId);
        check_place(id, parent, organisation, &mut errors);
        if self.retired && parent.is_none() {
            errors.add("/retired", "not_for_the_root");
        }
        let above = parent.and_then(|parent| organisation.sites.get(&parent));
        let kind = self.kind.trim();
        if kind.is_empty() {
            errors.add("/kind", "empty");
        }
        if kind.chars().count() > 40 {
            errors.add("/kind", "too_long");
        }
        let (kind, name) = (kind.to_owned(), label(self.name, &mut errors));
        let zone = match self.zone {
            Some(named) => errors.take(Zone::named(&named).map_err(|_| Refusal::invalid("/zone", "unknown_zone"))),
            None => errors.take(above.map(|above| above.zone.clone()).ok_or_else(|| Refusal::invalid("/zone", "needed"))),
        };
        let calendar = self.calendar.or_else(|| above.map(|above| above.calendar.clone())).unwrap_or_default();
        if !organisation.calendars.body.calendars.contains_key(&calendar) {
            errors.add("/calendar", "unknown_calendar");
        }
        errors.none()?;
        let Some(zone) = zone else { return Err(Refusal::invalid("/zone", "needed")) };
        let retired_at = self.retired.then(|| known.and_then(|known| known.retired_at).unwrap_or(now));
        let version = known.map_or(1, |known| known.version);
        Ok(Site { id, parent, code: self.code, name, kind, zone, calendar, retired_at, version })
    }

    /// A code that routes or rosters name stays, because they would not find the site again.
    fn check_code(&self, known: Option<&Site>, organisation: &Organisation, errors: &mut FieldErrors) {
        if !is_a_code(&self.code) {
            errors.add("/code", "not_a_code");
        }
        if organisation.sites.values().any(|other| other.code == self.code && known.is_none_or(|known| known.id != other.id)) {
            errors.add("/code", "taken");
        }
        let left = known.filter(|known| known.code != self.code);
        if left.is_some_and(|known| organisation.names_site(&known.code)) {
            errors.add("/code", "named_by_routes");
        }
    }
}

fn check_place(id: SiteId, parent: Option<SiteId>, organisation: &Organisation, errors: &mut FieldErrors) {
    let root = organisation.root().map(|root| root.id);
    match parent {
        None if root.is_some_and(|root| root != id) => errors.add("/parent_id", "second_root"),
        Some(_) if root == Some(id) => errors.add("/parent_id", "not_for_the_root"),
        Some(parent) if !organisation.sites.contains_key(&parent) => errors.add("/parent_id", "unknown_site"),
        Some(parent) if organisation.is_within(parent, id) => errors.add("/parent_id", "below_itself"),
        _ => {}
    }
}

/// A category as the body names it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawCategory {
    /// Its name.
    pub name: Label,
    /// High energy by default.
    #[serde(default)]
    pub high_energy: bool,
    /// Nothing new is reported under it.
    #[serde(default)]
    pub retired: bool,
}

impl RawCategory {
    /// Reads every field; `known` is the category as it stands.
    pub fn read(self, code: &str, known: Option<&Category>, now: Instant) -> Result<Category, Refusal> {
        let mut errors = FieldErrors::default();
        if known.is_none() && !is_a_code(code) {
            errors.add("/code", "not_a_code");
        }
        let name = label(self.name, &mut errors);
        errors.none()?;
        let retired_at = self.retired.then(|| known.and_then(|known| known.retired_at).unwrap_or(now));
        Ok(Category { code: code.to_owned(), name, high_energy: self.high_energy, retired_at })
    }
}
