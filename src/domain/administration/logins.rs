//! What a person signs in with: an e-mail address, an employee number or a phone number. The three are told apart by their
//! form, so that no two people can be meant by one login.

use crate::domain::refusal::Refusal;

/// What a person can sign in with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Logins {
    /// In lower case.
    pub email: Option<String>,
    /// Neither with an `@` nor with a `+` in front.
    pub employee_number: Option<String>,
    /// With its `+`.
    pub phone: Option<String>,
}

impl Logins {
    /// Which of the three a login is. `is_mailbox` is what the mail room takes for an address.
    pub fn of(login: &str, is_mailbox: fn(&str) -> bool) -> Result<Self, Refusal> {
        let none = Self::default();
        let read = if login.contains('@') {
            email(login, is_mailbox).map(|email| Self { email: Some(email), ..none })
        } else if login.starts_with('+') {
            phone(login).map(|phone| Self { phone: Some(phone), ..none })
        } else {
            employee_number(login).map(|number| Self { employee_number: Some(number), ..none })
        };
        read.ok_or_else(|| Refusal::invalid("/login", "not_a_login"))
    }

    /// Each of them with the name of its field.
    pub fn named(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [("email", &self.email), ("employee_number", &self.employee_number), ("phone", &self.phone)]
            .into_iter()
            .filter_map(|(field, login)| Some((field, login.as_deref()?)))
    }
}

pub(super) fn email(text: &str, is_mailbox: fn(&str) -> bool) -> Option<String> {
    (is_plain(text) && is_mailbox(text)).then(|| text.to_lowercase())
}

pub(super) fn employee_number(text: &str) -> Option<String> {
    (is_plain(text) && !text.contains('@') && !text.starts_with('+')).then(|| text.to_owned())
}

pub(super) fn phone(text: &str) -> Option<String> {
    let digits = text.strip_prefix('+')?;
    ((7..=15).contains(&digits.len()) && digits.chars().all(|c| c.is_ascii_digit())).then(|| text.to_owned())
}

fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.chars().count() <= 254 && !text.chars().any(|c| c.is_control() || c.is_whitespace() || c == ',')
}
