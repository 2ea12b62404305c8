//! What the link in a mail shows: the letter as it would be written now, and whether there is something to answer. It
//! changes nothing.

use super::{Link, OperationError, deliver_notices::compose};
use crate::{
    app::App,
    domain::{access::heirs, action::ActionCommand, deadline::Deadline, notice::Notice, organisation::Organisation},
    mail::{Heir, Letter, Standing},
};

/// Shows a notice to the reader of its link.
pub async fn show_notice(app: &App, link: &Link) -> Result<(Letter, Standing), OperationError> {
    let now = app.clock.now();
    let notice = &link.delivery.notice;
    let deadline = deadline(app, notice).await?;
    let asks = notice.answerable(link.delivery.answered_at, deadline.as_ref(), now)?;
    let organisation = app.store.organisation().await?;
    let standing = match deadline.filter(|_| asks) {
        Some(deadline) => Standing::Asks {
            pause_ms: organisation.quiet_until(&deadline, now).since_ms(now),
            heirs: heirs_of(app, &organisation, notice).await?,
        },
        None => Standing::Tells,
    };
    Ok((letter(app, notice).await?, standing))
}

/// To whom the reader can hand on what the notice is about: their own action, as long as it is to be done.
async fn heirs_of(app: &App, organisation: &Organisation, notice: &Notice) -> Result<Vec<Heir>, OperationError> {
    let action = match notice.action {
        Some(action) => app.store.action(action).await?,
        None => None,
    };
    let own = action.filter(|action| action.owner == notice.member && action.is_possible(ActionCommand::Delegate));
    let Some(action) = own else { return Ok(vec![]) };
    let heirs = heirs(organisation, &action).into_iter().filter_map(|heir| organisation.members.get(&heir));
    Ok(heirs.map(|heir| Heir { id: heir.id, name: heir.name.clone() }).collect())
}

/// The letter of a notice, as of now.
pub(super) async fn letter(app: &App, notice: &Notice) -> Result<Letter, OperationError> {
    let organisation = app.store.organisation().await?;
    let deadline = deadline(app, notice).await?;
    let letter = compose::letter(app, &organisation, notice, deadline.as_ref()).await?;
    Ok(Letter { at: app.clock.now(), ..letter })
}

async fn deadline(app: &App, notice: &Notice) -> Result<Option<Deadline>, OperationError> {
    match notice.deadline {
        Some(id) => Ok(app.store.deadline(id).await?),
        None => Ok(None),
    }
}
