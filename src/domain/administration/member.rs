//! A person as an administrator writes them, and who stands in for them.

use std::collections::BTreeSet;

use serde::Deserialize;
use uuid::Uuid;

use super::{
    is_a_name,
    logins::{Logins, email, employee_number, phone},
};
use crate::domain::{
    ids::{MemberId, SubstitutionId},
    locale::Locale,
    organisation::{Organisation, Substitution},
    refusal::{FieldErrors, Refusal},
    time::Instant,
};

/// What can be changed of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberDetails {
    /// Their name, as colleagues read it.
    pub name: String,
    /// The language they are spoken to in.
    pub locale: Locale,
    /// In lower case; unique.
    pub email: Option<String>,
    /// Unique.
    pub employee_number: Option<String>,
    /// With its `+`; unique.
    pub phone: Option<String>,
    /// Whom they answer to.
    pub manager: Option<MemberId>,
}

impl MemberDetails {
    /// What they can sign in with.
    pub fn logins(&self) -> Logins {
        Logins { email: self.email.clone(), employee_number: self.employee_number.clone(), phone: self.phone.clone() }
    }

    /// The fields in which it differs from another writing, by name: what a record of the change may say of them.
    pub fn differing(&self, other: &Self) -> Vec<&'static str> {
        let differ = [
            ("name", self.name != other.name),
            ("locale", self.locale != other.locale),
            ("email", self.email != other.email),
            ("employee_number", self.employee_number != other.employee_number),
            ("phone", self.phone != other.phone),
            ("manager", self.manager != other.manager),
        ];
        differ.into_iter().filter_map(|(field, differs)| differs.then_some(field)).collect()
    }
}

/// A person as the body names them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawMember {
    /// Their name.
    pub name: String,
    /// `ar`, `fr` or `en`.
    pub locale: String,
    /// An e-mail address.
    #[serde(default)]
    pub email: Option<String>,
    /// An employee number.
    #[serde(default)]
    pub employee_number: Option<String>,
    /// A phone number with its `+`.
    #[serde(default)]
    pub phone: Option<String>,
    /// Whom they answer to.
    #[serde(default)]
    pub manager_id: Option<Uuid>,
}

impl RawMember {
    /// Reads every field; the line of managers may not come back to the person. `is_mailbox` is what the mail room takes for
    /// an address.
    pub fn read(self, id: MemberId, organisation: &Organisation, is_mailbox: fn(&str) -> bool) -> Result<MemberDetails, Refusal> {
        let mut errors = FieldErrors::default();
        if !is_a_name(&self.name) {
            errors.add("/name", "not_a_name");
        }
        let locale = errors.take(self.locale.parse::<Locale>().map_err(|_| Refusal::invalid("/locale", "unknown_language")));
        let given = |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let mut login = |pointer: &'static str, text: Option<String>, read: &dyn Fn(&str) -> Option<String>| {
            given(text).and_then(|text| errors.take(read(&text).ok_or_else(|| Refusal::invalid(pointer, "not_a_login"))))
        };
        let email = login("/email", self.email, &|text| email(text, is_mailbox));
        let employee_number = login("/employee_number", self.employee_number, &employee_number);
        let phone = login("/phone", self.phone, &phone);
        let manager = self.manager_id.map(MemberId);
        let before = organisation.members.get(&id).and_then(|known| known.manager);
        if let Some(manager) = manager.filter(|_| manager != before) {
            if organisation.members.get(&manager).is_none_or(|manager| manager.disabled_at.is_some()) {
                errors.add("/manager_id", "unknown_member");
            }
            if goes_in_a_circle(id, manager, |member| organisation.members.get(&member)?.manager) {
                errors.add("/manager_id", "goes_in_a_circle");
            }
        }
        errors.none()?;
        let Some(locale) = locale else { return Err(Refusal::invalid("/locale", "unknown_language")) };
        Ok(MemberDetails { name: self.name.trim().to_owned(), locale, email, employee_number, phone, manager })
    }
}

/// Whether the line of managers, from `manager` up, comes back to the member.
pub fn goes_in_a_circle(member: MemberId, manager: MemberId, manager_of: impl Fn(MemberId) -> Option<MemberId>) -> bool {
    let mut seen = BTreeSet::new();
    let mut next = Some(manager);
    while let Some(here) = next {
        if here == member {
            return true;
        }
        if !seen.insert(here) {
            return false;
        }
        next = manager_of(here);
    }
    false
}

/// Who stands in, as the body says it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawSubstitution {
    /// Who stands in.
    pub by_id: Uuid,
    /// From when (RFC 3339).
    pub from: String,
    /// Until when, not included (RFC 3339).
    pub until: String,
}

impl RawSubstitution {
    /// Reads it for a person: somebody else who is with us, for a time that is not over.
    pub fn read(
        self,
        id: SubstitutionId,
        member: MemberId,
        organisation: &Organisation,
        now: Instant,
    ) -> Result<Substitution, Refusal> {
        let mut errors = FieldErrors::default();
        let by = MemberId(self.by_id);
        if by == member {
            errors.add("/by_id", "is_the_same_person");
        }
        if organisation.members.get(&by).is_none_or(|by| by.disabled_at.is_some()) {
            errors.add("/by_id", "unknown_member");
        }
        let from = errors.take(self.from.parse::<Instant>().map_err(|_| Refusal::invalid("/from", "not_an_instant")));
        let until = errors.take(self.until.parse::<Instant>().map_err(|_| Refusal::invalid("/until", "not_an_instant")));
        if from.zip(until).is_some_and(|(from, until)| until <= from) {
            errors.add("/until", "ends_before_it_begins");
        }
        if until.is_some_and(|until| until <= now) {
            errors.add("/until", "in_the_past");
        }
        errors.none()?;
        let (Some(from), Some(until)) = (from, until) else { return Err(Refusal::invalid("", "unreadable")) };
        Ok(Substitution { id, by, from, until })
    }
}
