//! What a new organisation starts with, as data compiled in: sites, categories, rules, and people to try them with.
//! Writing it into a database is an operation's; a change of the data is a change of the TOML files alone.

mod check;
#[cfg(test)]
mod tests;

use serde::{Deserialize, de::DeserializeOwned};

use crate::domain::{
    audience::Role,
    calendar::Calendars,
    clauses::Clauses,
    ladder::Ladders,
    locale::Locale,
    organisation::{Category, Label},
    retention::Retention,
    routing::Routes,
    severity::Matrix,
    time::Zone,
};

/// A pack, read and checked. Its documents are those of an organisation, word for word.
#[derive(Debug, Clone)]
pub struct Pack {
    /// Its name, as the setting `pack` names it.
    pub name: &'static str,
    /// The tree, parents before what is below them.
    pub sites: Vec<PackSite>,
    /// The categories, in the order they are offered.
    pub categories: Vec<Category>,
    /// Who is told when.
    pub ladders: Ladders,
    /// Who is responsible.
    pub routes: Routes,
    /// Who works when.
    pub calendars: Calendars,
    /// How severity and likelihood weigh together.
    pub matrix: Matrix,
    /// Which clauses of which standards records are evidence for.
    pub clauses: Clauses,
    /// How long what is kept.
    pub retention: Retention,
    files: &'static Files,
}

/// A site that is not in a database yet: others are named by their code.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackSite {
    /// Its code, unique.
    pub code: String,
    /// The code of the node above; none for the root.
    #[serde(default)]
    pub parent: Option<String>,
    /// `region`, `province`, `commune`, `plant` or `base`.
    pub kind: String,
    /// Its name.
    pub name: Label,
    /// The zone its times are counted in.
    pub zone: Zone,
    /// The code of its calendar.
    pub calendar: String,
}

/// A person that is not in a database yet: others are named by their key. Invented, and without a password.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackPerson {
    /// A word for this person within the pack, unique.
    pub key: String,
    /// Their name, as colleagues read it.
    pub name: String,
    /// The language they are spoken to in.
    pub locale: Locale,
    /// Where mails reach them.
    #[serde(default)]
    pub email: Option<String>,
    /// What they may sign in with where they have no address.
    #[serde(default)]
    pub employee_number: Option<String>,
    /// Their phone, with the country in front.
    #[serde(default)]
    pub phone: Option<String>,
    /// The key of whom they answer to.
    #[serde(default)]
    pub manager: Option<String>,
    /// What they may do, and where.
    pub grants: Vec<PackGrant>,
}

/// A role at a site of the pack and below it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackGrant {
    /// Which role.
    pub role: Role,
    /// The code of the site.
    pub site: String,
}

/// A pack cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// There is none of that name.
    #[error("there is no pack of that name; write one of: {}", known())]
    Unknown,
    /// A file of it is not of the form it must have.
    #[error("the pack's {file}.toml cannot be read: {cause}")]
    Unreadable {
        /// Which file.
        file: &'static str,
        /// Where and why.
        cause: Box<toml::de::Error>,
    },
    /// It contradicts itself; every contradiction is named.
    #[error("the pack contradicts itself: {}", .0.join("; "))]
    Contradicts(Vec<String>),
}

/// The texts of one pack.
#[derive(Debug)]
struct Files {
    name: &'static str,
    sites: &'static str,
    people: &'static str,
    categories: &'static str,
    ladders: &'static str,
    routes: &'static str,
    calendars: &'static str,
    severity: &'static str,
    clauses: &'static str,
    retention: &'static str,
}

static PACKS: [Files; 1] = [Files {
    name: "ma_utility",
    sites: include_str!("ma_utility/sites.toml"),
    people: include_str!("ma_utility/people.toml"),
    categories: include_str!("ma_utility/categories.toml"),
    ladders: include_str!("ma_utility/ladders.toml"),
    routes: include_str!("ma_utility/routes.toml"),
    calendars: include_str!("ma_utility/calendars.toml"),
    severity: include_str!("ma_utility/severity.toml"),
    clauses: include_str!("ma_utility/clauses.toml"),
    retention: include_str!("ma_utility/retention.toml"),
}];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sites {
    sites: Vec<PackSite>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Categories {
    categories: Vec<Category>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct People {
    people: Vec<PackPerson>,
}

impl Pack {
    /// The pack of that name, such as `ma_utility`. Refuses one that an organisation could not run on.
    pub fn named(name: &str) -> Result<Self, PackError> {
        let files = PACKS.iter().find(|files| files.name == name).ok_or(PackError::Unknown)?;
        let pack = Self {
            name: files.name,
            sites: read::<Sites>("sites", files.sites)?.sites,
            categories: read::<Categories>("categories", files.categories)?.categories,
            ladders: read("ladders", files.ladders)?,
            routes: read("routes", files.routes)?,
            calendars: read("calendars", files.calendars)?,
            matrix: read("severity", files.severity)?,
            clauses: read("clauses", files.clauses)?,
            retention: read("retention", files.retention)?,
            files,
        };
        pack.check()?;
        Ok(pack)
    }

    /// The people of this pack's demonstration; they are no part of an organisation that begins in earnest.
    pub fn people(&self) -> Result<Vec<PackPerson>, PackError> {
        let people = read::<People>("people", self.files.people)?.people;
        self.check_people(&people)?;
        Ok(people)
    }
}

fn read<T: DeserializeOwned>(file: &'static str, text: &str) -> Result<T, PackError> {
    toml::from_str(text).map_err(|cause| PackError::Unreadable { file, cause: Box::new(cause) })
}

fn known() -> String {
    PACKS.iter().map(|files| files.name).collect::<Vec<_>>().join(", ")
}
