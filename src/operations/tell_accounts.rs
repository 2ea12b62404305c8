//! What is to be said to people about their accounts becomes mails: claim, commit, send, record. A crash leaves the claim to
//! run out, and the same mail, under the same Message-ID, to be sent once more.

use tracing::{error, warn};

use super::{OperationError, deliver_notices::room};
use crate::{
    app::App,
    domain::{
        account::AccountWord,
        delivery::{Outcome, try_again_at},
        ids::NoticeId,
        notice::NoticeState,
        time::Instant,
    },
    mail::{About, Letter, Recipient},
};

/// How long a claim holds, in milliseconds: longer than one mail may take.
const LEASE_MS: i64 = 3_900_000;

/// Sends the oldest word that waits, while the relay may be asked; false when there is none.
pub async fn tell_accounts(app: &App) -> Result<bool, OperationError> {
    let now = app.clock.now();
    if !app.store.word_waits(now).await? || app.store.mail_pause().await?.is_some_and(|(until, _)| until > now) {
        return Ok(false);
    }
    let tx = app.store.begin().await?;
    if room(app, &tx, now).await? == 0 {
        return Ok(false);
    }
    let Some((word, attempts)) = tx.claim_word(now, LEASE_MS).await? else { return Ok(false) };
    tx.commit().await?;
    let (state, next) = match letter(app, &word).await? {
        None => (NoticeState::Dropped, None),
        Some(letter) => became(app, &word, attempts, &app.sender.send(&letter).await),
    };
    let tx = app.store.begin().await?;
    tx.settle_word(word.id, state, next).await?;
    tx.commit().await?;
    Ok(true)
}

fn became(app: &App, word: &AccountWord, attempts: u32, outcome: &Outcome) -> (NoticeState, Option<Instant>) {
    let (id, (_, why)) = (word.id, outcome.on_record());
    let again = || try_again_at(attempts, matches!(outcome, Outcome::Greylisted { .. }), app.clock.now(), app.clock.dice());
    let next = match outcome {
        Outcome::Accepted { .. } => return (NoticeState::Accepted, None),
        Outcome::AddressRefused { .. } | Outcome::MessageRefused { .. } => None,
        _ => again(),
    };
    if next.is_some() {
        warn!(word.id = %id, why, "what is said about an account was not accepted yet: {why}");
        (NoticeState::Queued, next)
    } else {
        error!(word.id = %id, why, "what is said about an account cannot be sent: {why}");
        (NoticeState::Dead, None)
    }
}

/// The letter, if its reader can be told at all.
async fn letter(app: &App, word: &AccountWord) -> Result<Option<Letter>, OperationError> {
    let organisation = app.store.organisation().await?;
    let member = organisation.members.get(&word.member).filter(|member| member.can_be_told());
    Ok(member.map(|member| {
        let id = NoticeId(word.id.0);
        Letter {
            id,
            seal: app.links.mail_seal(id),
            at: word.at,
            locale: member.locale,
            zone: organisation.zone_of(member.id),
            to: Recipient { name: member.name.clone(), address: member.email.clone().unwrap_or_default() },
            thread: format!("account-{}", word.member),
            link: app.settings.public_url(),
            about: About::Account { event: word.event, device: word.device.clone() },
        }
    }))
}
