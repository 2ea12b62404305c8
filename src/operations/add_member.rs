//! A person joins, with a role at a site.

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::OperationError;
use crate::{
    app::App,
    domain::{
        administration::{Logins, is_a_name},
        audience::Role,
        ids::MemberId,
        journal::Entry,
        locale::Locale,
        organisation::Grant,
        password::password_is_usable,
        refusal::{FieldErrors, Refusal},
    },
    mail::is_mailbox,
    store::{NewMember, StoreError},
};

/// A person as an administrator describes them.
#[derive(Debug)]
pub struct MemberDraft {
    /// An e-mail address, an employee number or a phone number (with its `+`).
    pub login: String,
    /// Their name.
    pub name: String,
    /// Their roles.
    pub roles: Vec<Role>,
    /// The code of the site their roles hold at; the root when absent.
    pub site: Option<String>,
    /// The language they are spoken to in.
    pub locale: Locale,
    /// The login of whom they answer to.
    pub manager: Option<String>,
    /// Without one they cannot sign in yet.
    pub password: Option<SecretString>,
}

/// Adds a person.
pub async fn add_member(app: &App, draft: MemberDraft) -> Result<MemberId, OperationError> {
    let organisation = app.store.organisation().await?;
    let mut errors = FieldErrors::default();
    let name = draft.name.trim();
    if !is_a_name(name) {
        errors.add("/name", "not_a_name");
    }
    let site = draft.site.as_deref().map_or_else(|| organisation.root(), |code| organisation.site_of_code(code));
    if site.is_none() {
        errors.add("/site", "unknown_site");
    }
    if draft.roles.is_empty() {
        errors.add("/roles", "empty");
    }
    let Logins { email, employee_number, phone } = errors.take(Logins::of(draft.login.trim(), is_mailbox)).unwrap_or_default();
    if let Some(password) = &draft.password {
        errors.take(password_is_usable(password.expose_secret(), draft.login.trim()));
    }
    let manager = match &draft.manager {
        None => None,
        Some(login) => {
            let known = app.store.login(login.trim()).await?;
            if known.is_none() {
                errors.add("/manager", "unknown_member");
            }
            known.map(|known| known.member)
        }
    };
    errors.none()?;
    let site = site.ok_or(Refusal::Unknown)?.id;
    let password_hash = match draft.password {
        Some(password) => Some(app.passwords.hash(password).await?),
        None => None,
    };
    let (id, now) = (MemberId(app.clock.new_id()), app.clock.now());
    let new = NewMember {
        id,
        name: name.to_owned(),
        locale: draft.locale,
        email,
        employee_number,
        phone,
        manager,
        password_hash,
        created_at: now,
    };
    let mut tx = app.store.begin().await?;
    tx.add_member(&new).await.map_err(|error| match error {
        StoreError::Taken => Refusal::invalid("/login", "taken").into(),
        other => OperationError::from(other),
    })?;
    for role in &draft.roles {
        tx.grant(id, Grant { role: *role, site }).await?;
    }
    let facts = json!({ "roles": draft.roles, "site": site });
    tx.note(Entry { at: now, actor: None, subject: "member", subject_id: id.0, report: None, verb: "added", facts });
    tx.commit().await?;
    Ok(id)
}
