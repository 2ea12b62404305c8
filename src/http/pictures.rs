//! Links to pictures that a page can show without a header: short-lived, sealed, and no more than their reader may see when
//! they are followed. What is sent is `photos`'.

use axum::{
    Json,
    extract::{Path, State},
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    error::{Problem, ProblemBody},
    extract::{Id, Who},
    photos::show,
    reports::visible,
};
use crate::{
    app::App,
    domain::{
        access::Part,
        ids::PhotoId,
        photo::{PICTURE_LINK_MS, PhotoState, PhotoVariant},
        refusal::Refusal,
        time::Instant,
    },
    operations::{self, Picture},
};

/// Where the pictures of a photo are, for a few minutes and for whoever asked.
#[derive(Serialize, ToSchema)]
pub struct LinksBody {
    /// Until when they open anything.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Instant,
    /// A picture to look at, or what its phone sent first; null while there is neither.
    display: Option<String>,
    /// A small one, for lists.
    thumb: Option<String>,
    /// The original, for those who may fetch it; each time it is fetched is on record.
    original: Option<String>,
}

/// Links to the pictures of a photo that need no header, such as a page shows them by: good for five minutes, for the one who
/// asked, and only as long as they are signed in and may see it.
#[utoipa::path(get, path = "/v1/photos/{id}/links", tag = "photos", params(("id" = Uuid, Path)),
    responses((status = 200, body = LinksBody), (status = "4XX", body = ProblemBody)))]
pub async fn get_photo_links(State(app): State<App>, Who(caller): Who, Id(id): Id) -> Result<Response, Problem> {
    let photo = app.store.photo(PhotoId(id)).await?.ok_or(Problem::not_found())?;
    let report = visible(&app, &caller, photo.report).await?;
    if photo.state == PhotoState::Disposed {
        return Err(Refusal::Gone("photo_disposed").into());
    }
    let now = app.clock.now();
    let until = now.plus_ms(PICTURE_LINK_MS);
    let link = |variant| {
        let token = operations::picture_token(&app, &caller, photo.id, variant, until);
        format!("{}/v1/pictures/{token}", app.settings.public_url())
    };
    let is_shown = photo.state == PhotoState::Ready || photo.preview().is_some();
    let may_have_original = photo.state.has_bytes() && caller.actor().before(&report).at(now).may(Part::Originals);
    let body = LinksBody {
        expires_at: until,
        display: is_shown.then(|| link(PhotoVariant::Display)),
        thumb: is_shown.then(|| link(PhotoVariant::Thumb)),
        original: may_have_original.then(|| link(PhotoVariant::Original)),
    };
    Ok(Json(body).into_response())
}

/// A picture, by its link. Whoever made the link must still be signed in and allowed to see it; a link that is over, or that
/// nobody made, leads nowhere.
#[utoipa::path(get, path = "/v1/pictures/{token}", tag = "photos", security(()), params(("token" = String, Path)),
    responses((status = 200, content_type = "image/jpeg", body = Vec<u8>), (status = 206), (status = 304), (status = "4XX", body = ProblemBody)))]
pub async fn get_picture(State(app): State<App>, Path(token): Path<String>, headers: HeaderMap) -> Result<Response, Problem> {
    let Some(Picture { caller, photo, variant }) = operations::follow_picture(&app, &token).await? else {
        return Err(Problem::not_found());
    };
    show(&app, &caller, photo, Some(variant), &headers).await
}
