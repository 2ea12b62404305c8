//! A category is added, named anew, retired or taken into service again.

use serde_json::{Value, json};

use super::{Caller, Made, OperationError};
use crate::{
    app::App,
    domain::{access::Deed, administration::RawCategory, journal::Entry, organisation::Category},
};

/// Writes a category under its code. What was reported under it before stays as it is.
pub async fn change_category(app: &App, caller: &Caller, code: &str, raw: RawCategory) -> Result<Made<Category>, OperationError> {
    caller.actor().must_somewhere(Deed::Administer)?;
    let mut tx = caller.begin(app).await?;
    let organisation = app.store.organisation_to_change(&tx).await?;
    let known = organisation.categories.get(code);
    let at = app.clock.now();
    let next = raw.read(code, known, at)?;
    if known == Some(&next) {
        return Ok(Made::Before(next));
    }
    let (verb, before) = match known {
        None => {
            tx.add_category(&next).await?;
            ("added", Value::Null)
        }
        Some(known) => {
            tx.save_category(&next).await?;
            ("changed", facts(known))
        }
    };
    tx.note(Entry {
        at,
        actor: Some(caller.member),
        subject: "category",
        subject_id: uuid::Uuid::nil(),
        report: None,
        verb,
        facts: json!({ "code": code, "before": before, "after": facts(&next) }),
    });
    tx.commit().await?;
    Ok(if known.is_none() { Made::New(next) } else { Made::Before(next) })
}

pub(super) fn facts(category: &Category) -> Value {
    json!({ "name": category.name, "high_energy": category.high_energy, "retired_at": category.retired_at })
}
