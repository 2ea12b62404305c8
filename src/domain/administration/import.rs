//! People from a list: what each line means beside the people who are here, decided for the whole list before anything is
//! written. Every wrong line is named with its number and its field. Reading a file is the command line's.

use std::collections::{BTreeMap, HashMap};

use super::{
    MemberDetails, goes_in_a_circle, is_a_name,
    logins::{Logins, employee_number, phone},
};
use crate::domain::{
    audience::Role,
    ids::MemberId,
    locale::Locale,
    organisation::{Grant, Organisation},
    refusal::{FieldErrors, Refusal},
};

/// A line of the list, every value as its text; what is absent is empty, and leaves what is there as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MemberLine {
    /// Its number in the file.
    pub line: u64,
    /// It has more or fewer values than the header has columns.
    pub misshapen: bool,
    /// By which the person is known, or will be.
    pub login: String,
    /// Their name.
    pub name: String,
    /// A role they have.
    pub role: String,
    /// The code of the site it holds at; the root when absent.
    pub site: String,
    /// The language they are spoken to in.
    pub locale: String,
    /// The login of whom they answer to, here or in the list.
    pub manager: String,
    /// Another login.
    pub employee_number: String,
    /// Another login.
    pub phone: String,
}

/// What the list makes of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// The first line that names them.
    pub line: u64,
    /// By which that line knows them.
    pub login: String,
    /// What was; none for somebody new.
    pub before: Option<MemberDetails>,
    /// What will be.
    pub after: MemberDetails,
    /// The roles they have not yet.
    pub grants: Vec<Grant>,
}

/// What the whole list means. `known` are the people who are here, `new_id` makes ids, `is_mailbox` is what the mail room
/// takes for an address.
pub fn plan_import(
    lines: &[MemberLine],
    known: &BTreeMap<MemberId, MemberDetails>,
    organisation: &Organisation,
    is_mailbox: fn(&str) -> bool,
    new_id: impl FnMut() -> MemberId,
) -> Result<BTreeMap<MemberId, Planned>, Refusal> {
    let logins = known.iter().flat_map(|(id, details)| owned(&details.logins(), *id).collect::<Vec<_>>());
    let mut import = Import {
        known,
        organisation,
        is_mailbox,
        new_id,
        logins: logins.collect(),
        said: HashMap::new(),
        people: BTreeMap::new(),
        errors: FieldErrors::default(),
    };
    let of_lines: Vec<Option<MemberId>> = lines.iter().map(|line| import.person(line)).collect();
    for (line, id) in lines.iter().zip(&of_lines) {
        if let Some(id) = id {
            import.manager(line, *id);
        }
    }
    for (line, id) in lines.iter().zip(of_lines) {
        if let Some(id) = id {
            import.no_circle(line, id);
        }
    }
    import.errors.none()?;
    Ok(import.people)
}

struct Import<'a, F> {
    known: &'a BTreeMap<MemberId, MemberDetails>,
    organisation: &'a Organisation,
    is_mailbox: fn(&str) -> bool,
    new_id: F,
    /// Whose each login is, here or in the list.
    logins: HashMap<String, MemberId>,
    /// What earlier lines of the list said of a person.
    said: HashMap<(MemberId, &'static str), String>,
    people: BTreeMap<MemberId, Planned>,
    errors: FieldErrors,
}

impl<F: FnMut() -> MemberId> Import<'_, F> {
    /// Everything of a line but the manager, who may stand further down.
    fn person(&mut self, line: &MemberLine) -> Option<MemberId> {
        if line.misshapen {
            self.errors.add(format!("/{}/columns", line.line), "not_columns");
            return None;
        }
        let Ok(logins) = Logins::of(&line.login, self.is_mailbox) else {
            self.errors.add(format!("/{}/login", line.line), "not_a_login");
            return None;
        };
        let id = self.whose(line, &logins);
        for (field, login) in logins.named() {
            self.says(line, id, field, login);
        }
        self.words(line, id);
        self.further_login(line, id, "employee_number", employee_number(&line.employee_number));
        self.further_login(line, id, "phone", phone(&line.phone));
        self.role(line, id);
        Some(id)
    }

    /// The person that is known by the login, or somebody new.
    fn whose(&mut self, line: &MemberLine, logins: &Logins) -> MemberId {
        let known = logins.named().find_map(|(_, login)| self.logins.get(login).copied());
        let id = known.unwrap_or_else(|| (self.new_id)());
        self.logins.extend(owned(logins, id));
        let before = self.known.get(&id);
        let new = || MemberDetails {
            name: String::new(),
            locale: Locale::Fr,
            email: logins.email.clone(),
            employee_number: logins.employee_number.clone(),
            phone: logins.phone.clone(),
            manager: None,
        };
        self.people.entry(id).or_insert_with(|| Planned {
            line: line.line,
            login: line.login.clone(),
            before: before.cloned(),
            after: before.cloned().unwrap_or_else(new),
            grants: vec![],
        });
        id
    }

    /// Remembers what a line says of a person; false when an earlier line said otherwise.
    fn says(&mut self, line: &MemberLine, id: MemberId, field: &'static str, value: &str) -> bool {
        let same = self.said.entry((id, field)).or_insert_with(|| value.to_owned()) == value;
        if !same {
            self.errors.add(at(line, field), "differs");
        }
        same
    }

    fn words(&mut self, line: &MemberLine, id: MemberId) {
        if !line.name.is_empty()
            && self.says(line, id, "name", &line.name)
            && let Some(planned) = self.people.get_mut(&id)
        {
            planned.after.name.clone_from(&line.name);
        }
        if self.people.get(&id).is_some_and(|planned| !is_a_name(&planned.after.name)) {
            self.errors.add(format!("/{}/name", line.line), "not_a_name");
        }
        if line.locale.is_empty() || !self.says(line, id, "locale", &line.locale) {
            return;
        }
        match (line.locale.parse(), self.people.get_mut(&id)) {
            (Ok(locale), Some(planned)) => planned.after.locale = locale,
            _ => self.errors.add(format!("/{}/locale", line.line), "unknown_language"),
        }
    }

    /// A further login of the person; `read` is none where its form is wrong.
    fn further_login(&mut self, line: &MemberLine, id: MemberId, field: &'static str, read: Option<String>) {
        let text = if field == "phone" { &line.phone } else { &line.employee_number };
        if text.is_empty() || !self.says(line, id, field, text) {
            return;
        }
        let Some(login) = read else { return self.errors.add(at(line, field), "not_a_login") };
        if *self.logins.entry(login.clone()).or_insert(id) != id {
            return self.errors.add(at(line, field), "taken");
        }
        if let Some(planned) = self.people.get_mut(&id) {
            let place = if field == "phone" { &mut planned.after.phone } else { &mut planned.after.employee_number };
            *place = Some(login);
        }
    }

    /// A role is added, never taken; somebody new has at least one.
    fn role(&mut self, line: &MemberLine, id: MemberId) {
        let organisation = self.organisation;
        let site = match line.site.as_str() {
            "" => organisation.root(),
            code => organisation.site_of_code(code),
        };
        if site.is_none() {
            self.errors.add(format!("/{}/site", line.line), "unknown_site");
        }
        let Some(planned) = self.people.get_mut(&id) else { return };
        if line.role.is_empty() {
            if planned.before.is_none() && planned.line == line.line {
                self.errors.add(format!("/{}/role", line.line), "empty");
            }
            return;
        }
        let Some(role) = Role::of_word(&line.role) else {
            return self.errors.add(format!("/{}/role", line.line), "unknown_role");
        };
        let held = organisation.members.get(&id).map_or(&[][..], |member| &member.grants);
        let grant = site.map(|site| Grant { role, site: site.id });
        planned.grants.extend(grant.filter(|grant| !held.contains(grant) && !planned.grants.contains(grant)));
    }

    fn manager(&mut self, line: &MemberLine, id: MemberId) {
        if line.manager.is_empty() || !self.says(line, id, "manager", &line.manager) {
            return;
        }
        let logins = Logins::of(&line.manager, self.is_mailbox).unwrap_or_default();
        let manager = logins.named().find_map(|(_, login)| self.logins.get(login).copied());
        match (manager, self.people.get_mut(&id)) {
            (Some(manager), Some(planned)) => planned.after.manager = Some(manager),
            _ => self.errors.add(format!("/{}/manager", line.line), "unknown_member"),
        }
    }

    fn no_circle(&mut self, line: &MemberLine, id: MemberId) {
        let manager_of = |member: MemberId| match self.people.get(&member) {
            Some(planned) => planned.after.manager,
            None => self.known.get(&member)?.manager,
        };
        if !line.manager.is_empty() && manager_of(id).is_some_and(|manager| goes_in_a_circle(id, manager, manager_of)) {
            self.errors.add(format!("/{}/manager", line.line), "goes_in_a_circle");
        }
    }
}

fn owned(logins: &Logins, id: MemberId) -> impl Iterator<Item = (String, MemberId)> {
    logins.named().map(move |(_, login)| (login.to_owned(), id))
}

fn at(line: &MemberLine, field: &str) -> String {
    format!("/{}/{field}", line.line)
}
