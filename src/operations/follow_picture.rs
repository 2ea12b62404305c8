//! The link to a picture, made for somebody and followed by their page. It carries no right of its own: who follows it is who
//! asked for it, and may see what they may see now.

use super::{Caller, OperationError, identify_by_session};
use crate::{
    app::App,
    credentials::PictureLink,
    domain::{ids::PhotoId, photo::PhotoVariant, time::Instant},
};

/// What a link opens, and to whom.
#[derive(Debug)]
pub struct Picture {
    /// Who asked for it.
    pub caller: Caller,
    /// The photo.
    pub photo: PhotoId,
    /// What of it.
    pub variant: PhotoVariant,
}

/// The token of a link for this caller.
pub fn picture_token(app: &App, caller: &Caller, photo: PhotoId, variant: PhotoVariant, until: Instant) -> String {
    app.links.picture_token(&PictureLink { session: caller.session, photo, variant, until })
}

/// Follows a link. None where it was never made, or its time is over.
pub async fn follow_picture(app: &App, token: &str) -> Result<Option<Picture>, OperationError> {
    let link = app.links.read_picture(token).ok().filter(|link| app.clock.now() < link.until);
    let Some(PictureLink { session, photo, variant, .. }) = link else { return Ok(None) };
    Ok(Some(Picture { caller: identify_by_session(app, session).await?, photo, variant }))
}
