//! What a new organisation starts with is put into an empty database, and, only on request, the example people.

use std::collections::HashMap;

use serde_json::json;

use super::OperationError;
use crate::{
    app::App,
    domain::{
        ids::{MemberId, SiteId},
        journal::Entry,
        organisation::{Grant, Site},
        roster::Rosters,
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
        ids.insert(&site.code, id);
    }
    for category in &pack.categories {
        tx.add_category(category).await?;
    }
    let value =
        |document: Result<_, serde_json::Error>| document.map_err(|_| OperationError::Fault("a pack document is no JSON"));
    add(app, &tx, DocumentKind::Calendars, value(serde_json::to_value(&pack.calendars))?).await?;
    add(app, &tx, DocumentKind::Ladders, value(serde_json::to_value(&pack.ladders))?).await?;
    add(app, &tx, DocumentKind::Obligations, value(serde_json::to_value(&pack.obligations))?).await?;
    add(app, &tx, DocumentKind::Routes, value(serde_json::to_value(&pack.routes))?).await?;
    add(app, &tx, DocumentKind::Matrices, value(serde_json::to_value(&pack.matrix))?).await?;
    add(app, &tx, DocumentKind::Clauses, value(serde_json::to_value(&pack.clauses))?).await?;
    add(app, &tx, DocumentKind::Rosters, value(serde_json::to_value(Rosters::default()))?).await?;
    note(app, &mut tx, "pack_loaded", json!({ "pack": pack.name }));
    tx.commit().await?;
    Ok(true)
}

async fn add(app: &App, tx: &Tx, kind: DocumentKind, body: serde_json::Value) -> Result<(), OperationError> {
    let document = DocumentVersion { version: 1, body, made_at: app.clock.now(), made_by: None };
    Ok(tx.add_document(kind, &document).await?)
}

/// Loads the example people, without passwords, and their crews and rosters. False when the organisation has people already.
pub async fn load_people(app: &App, pack: &Pack, people: &[PackPerson]) -> Result<bool, OperationError> {
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
            join(app, &tx, person, &ids).await?;
            for grant in &person.grants {
                let site =
                    organisation.site_of_code(&grant.site).ok_or(OperationError::Fault("a pack grants at an unknown site"))?;
                tx.grant(ids[person.key.as_str()], Grant { role: grant.role, site: site.id }).await?;
            }
            here.push(&person.key);
        }
        left = later;
    }
    let rosters = pack.rosters(&ids).map_err(|_| OperationError::Fault("the rosters of a pack cannot be read"))?;
    let body = serde_json::to_value(rosters).map_err(|_| OperationError::Fault("a pack document is no JSON"))?;
    let version = organisation.rosters.version + 1;
    tx.add_document(DocumentKind::Rosters, &DocumentVersion { version, body, made_at: app.clock.now(), made_by: None }).await?;
    note(app, &mut tx, "people_loaded", json!({ "people": people.len() }));
    tx.commit().await?;
    Ok(true)
}

async fn join(app: &App, tx: &Tx, person: &PackPerson, ids: &HashMap<&str, MemberId>) -> Result<(), OperationError> {
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
    Ok(tx.add_member(&new).await?)
}

fn note(app: &App, tx: &mut Tx, verb: &'static str, facts: serde_json::Value) {
    let (at, subject_id) = (app.clock.now(), uuid::Uuid::nil());
    tx.note(Entry { at, actor: None, subject: "organisation", subject_id, report: None, verb, facts });
}
