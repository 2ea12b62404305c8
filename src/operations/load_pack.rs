//! What a new organisation starts with is put into an empty database, and, only on request, the example people.

use std::collections::HashMap;

use serde_json::json;
use uuid::Uuid;

use super::{OperationError, change_category, change_site};
use crate::{
    app::App,
    domain::{
        ids::{MemberId, SiteId},
        journal::Entry,
        organisation::{Grant, Site},
    },
    pack::{Pack, PackPerson},
    store::{DocumentKind, DocumentVersion, NewMember, Tx},
};

/// Loads sites, categories and rules. False when the database has sites already: nothing is overwritten.
pub async fn load_pack(app: &App, pack: &Pack) -> Result<bool, OperationError> {
    let mut tx = app.store.begin().await?;
    if app.store.organisation_in(&tx).await?.root().is_some() {
        return Ok(false);
    }
    let mut ids: HashMap<&str, SiteId> = HashMap::new();
    for site in &pack.sites {
        let id = SiteId(app.clock.new_id());
        let parent = site.parent.as_deref().and_then(|code| ids.get(code).copied());
        let new = Site {
            id,
            parent,
            code: site.code.clone(),
            name: site.name.clone(),
            kind: site.kind.clone(),
            zone: site.zone.clone(),
            calendar: site.calendar.clone(),
            retired_at: None,
            version: 1,
        };
        tx.add_site(&new).await?;
        note(app, &mut tx, "site", id.0, "added", json!({ "after": change_site::facts(&new) }));
        ids.insert(&site.code, id);
    }
    for category in &pack.categories {
        tx.add_category(category).await?;
        let after = change_category::facts(category);
        note(app, &mut tx, "category", Uuid::nil(), "added", json!({ "code": category.code, "after": after }));
    }
    let value =
        |document: Result<_, serde_json::Error>| document.map_err(|_| OperationError::Fault("a pack document is no JSON"));
    add(app, &mut tx, DocumentKind::Calendars, value(serde_json::to_value(&pack.calendars))?).await?;
    add(app, &mut tx, DocumentKind::Ladders, value(serde_json::to_value(&pack.ladders))?).await?;
    add(app, &mut tx, DocumentKind::Routes, value(serde_json::to_value(&pack.routes))?).await?;
    add(app, &mut tx, DocumentKind::Matrices, value(serde_json::to_value(&pack.matrix))?).await?;
    add(app, &mut tx, DocumentKind::Clauses, value(serde_json::to_value(&pack.clauses))?).await?;
    add(app, &mut tx, DocumentKind::Retention, value(serde_json::to_value(&pack.retention))?).await?;
    note(app, &mut tx, "organisation", Uuid::nil(), "pack_loaded", json!({ "pack": pack.name }));
    tx.commit().await?;
    Ok(true)
}

async fn add(app: &App, tx: &mut Tx, kind: DocumentKind, body: serde_json::Value) -> Result<(), OperationError> {
    let document = DocumentVersion { version: 1, body, made_at: app.clock.now(), made_by: None };
    tx.add_document(kind, &document).await?;
    note(app, tx, kind.word(), Uuid::nil(), "changed", json!({ "version": 1 }));
    Ok(())
}

/// Loads the example people, without passwords. False when the organisation has people already.
pub async fn load_people(app: &App, people: &[PackPerson]) -> Result<bool, OperationError> {
    let mut tx = app.store.begin().await?;
    let organisation = app.store.organisation_in(&tx).await?;
    if !organisation.members.is_empty() {
        return Ok(false);
    }
    let ids: HashMap<&str, MemberId> = people.iter().map(|person| (person.key.as_str(), MemberId(app.clock.new_id()))).collect();
    let mut left: Vec<&PackPerson> = people.iter().collect();
    let mut here: Vec<&str> = Vec::new();
    while !left.is_empty() {
        let ready = |person: &&PackPerson| person.manager.as_deref().is_none_or(|manager| here.contains(&manager));
        let (now, later): (Vec<_>, Vec<_>) = left.into_iter().partition(ready);
        if now.is_empty() {
            return Err(OperationError::Fault("the managers of a pack go in a circle"));
        }
        for person in now {
            join(app, &mut tx, person, &ids).await?;
            for grant in &person.grants {
                let site =
                    organisation.site_of_code(&grant.site).ok_or(OperationError::Fault("a pack grants at an unknown site"))?;
                let (id, grant) = (ids[person.key.as_str()], Grant { role: grant.role, site: site.id });
                tx.grant(id, grant).await?;
                note(app, &mut tx, "member", id.0, "granted", json!({ "role": grant.role, "site": grant.site }));
            }
            here.push(&person.key);
        }
        left = later;
    }
    note(app, &mut tx, "organisation", Uuid::nil(), "people_loaded", json!({ "people": people.len() }));
    tx.commit().await?;
    Ok(true)
}

async fn join(app: &App, tx: &mut Tx, person: &PackPerson, ids: &HashMap<&str, MemberId>) -> Result<(), OperationError> {
    let new = NewMember {
        id: ids[person.key.as_str()],
        name: person.name.clone(),
        locale: person.locale,
        email: person.email.clone(),
        employee_number: person.employee_number.clone(),
        phone: person.phone.clone(),
        manager: person.manager.as_deref().and_then(|manager| ids.get(manager).copied()),
        password_hash: None,
        created_at: app.clock.now(),
    };
    tx.add_member(&new).await?;
    let after = json!({ "locale": new.locale, "manager": new.manager });
    note(app, tx, "member", new.id.0, "added", json!({ "after": after }));
    Ok(())
}

fn note(app: &App, tx: &mut Tx, subject: &'static str, id: Uuid, verb: &'static str, facts: serde_json::Value) {
    tx.note(Entry { at: app.clock.now(), actor: None, subject, subject_id: id, report: None, verb, facts });
}
