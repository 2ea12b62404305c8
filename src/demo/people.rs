//! The people of the story, each with a client of their own. They are the pack's; here is only which of them plays whom.

use anyhow::Context as _;

use super::{client::Client, stage::Stage};
use crate::pack::PackPerson;

/// Somebody of the story.
pub struct Person {
    /// Their name.
    pub name: String,
    /// What they are in it, as the timeline says.
    pub part: &'static str,
    /// Their mail address, if they have one.
    pub email: Option<String>,
    /// What they sign in with.
    pub login: String,
    /// Their phone or browser.
    pub client: Client,
}

impl Person {
    /// As the timeline names them.
    pub fn label(&self) -> String {
        format!("{} ({})", self.name, self.part)
    }
}

/// Everybody who does or is told something.
pub struct People {
    /// Sends the report; has no mail address, as many technicians.
    pub reporter: Person,
    /// Takes charge of it.
    pub officer: Person,
    /// Is to do the work.
    pub owner: Person,
    /// Sees that it is done.
    pub verifier: Person,
    /// May see what is sealed.
    pub investigator: Person,
    /// Whom the owner answers to; also told of what could do permanent harm at the site.
    pub manager: Person,
}

impl People {
    /// Who plays whom.
    pub fn of(stage: &Stage) -> anyhow::Result<Self> {
        let person = |key, part| person(stage, key, part);
        Ok(Self {
            reporter: person("lahcen", "technician")?,
            officer: person("brahim", "officer")?,
            owner: person("khadija", "technician")?,
            verifier: person("daniel", "technician")?,
            investigator: person("omar", "investigator")?,
            manager: person("youssef", "manager")?,
        })
    }
}

fn person(stage: &Stage, key: &str, part: &'static str) -> anyhow::Result<Person> {
    let of_pack = stage.people.iter().find(|person| person.key == key).with_context(|| format!("the pack has no {key}"))?;
    let login = sign_in_name(of_pack).with_context(|| format!("{key} has nothing to sign in with"))?;
    let client = Client::new(&stage.url, login, &stage.phrase, stage.clock.clone())?;
    Ok(Person { name: of_pack.name.clone(), part, email: of_pack.email.clone(), login: login.to_owned(), client })
}

/// What somebody signs in with: their address, else their number, else their phone.
pub fn sign_in_name(person: &PackPerson) -> Option<&str> {
    person.email.as_deref().or(person.employee_number.as_deref()).or(person.phone.as_deref())
}
