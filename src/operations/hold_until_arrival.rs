//! What came before the report or action it is about is kept until that comes. Whether it never was, or is merely not to be
//! known to whoever says it, is answered alike.

use super::{Caller, OperationError};
use crate::{
    app::App,
    domain::{
        held::{Held, Said, must_have_room},
        ids::HeldId,
        refusal::Refusal,
    },
    store::Tx,
};

/// Whether something was taken in, or waits.
#[derive(Debug)]
pub enum Arrival<T> {
    /// What it is about is here.
    Here(T),
    /// It waits for that.
    Held(Box<Held>),
}

/// Lets it wait, in a transaction that has `hold_alone` with what it is about; `is_there` is whether that exists all the
/// same. The same words again are the same; other words under the same id are a conflict with the caller's own.
pub(super) async fn hold(app: &App, tx: Tx, caller: &Caller, said: Said, is_there: bool) -> Result<Held, OperationError> {
    let said = said.read()?;
    if let Some(known) = tx.held_of(caller.member, said.kind(), said.own_id()).await? {
        return if known.is(&said) { Ok(known) } else { Err(Refusal::Conflict("held_conflict").into()) };
    }
    must_have_room(said.kind(), &tx.held_kinds_of(caller.member).await?)?;
    let (id, now) = (HeldId(app.clock.new_id()), app.clock.now());
    let held = Held::waiting(id, caller.member, said, is_there, caller.said_at, now);
    tx.add_held(&held).await?;
    tx.commit().await?;
    Ok(held)
}
