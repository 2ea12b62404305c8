//! Whose link that is. There is no session: the link in a mail lets its reader see one notice, and answer it.

use super::OperationError;
use crate::{
    app::App,
    domain::{locale::Locale, refusal::Refusal},
    store::Delivery,
};

/// A link that one of our mails brought to somebody who is still with us.
#[derive(Debug)]
pub struct Link {
    /// The notice it is of.
    pub delivery: Delivery,
    /// The language of its reader.
    pub locale: Locale,
}

/// The link of that token.
pub async fn follow_link(app: &App, token: &str) -> Result<Link, OperationError> {
    let notice = app.links.read(token).map_err(|_| Refusal::Unknown)?;
    let delivery = app.store.delivery(notice).await?.ok_or(Refusal::Unknown)?;
    let organisation = app.store.organisation().await?;
    let reader = organisation.members.get(&delivery.notice.member).filter(|member| member.disabled_at.is_none());
    let locale = reader.ok_or(Refusal::Unknown)?.locale;
    Ok(Link { delivery, locale })
}
