//! The way back of an anonymous sender. It needs no sign-in and carries no session: the secret is all there is, in the header
//! where a token would be, so that no log of addresses ever holds it.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    bodies::SecretsBody,
    error::{Problem, ProblemBody},
    extract::{Body, Id, MaybeBody, Secret},
    reports::NothingBody,
};
use crate::{
    app::App,
    domain::{comment::Comment, follow_up::allowed, ids::CommentId, photo::PhotoState, report::Report, time::Instant},
    operations::{self, FollowedUp, Made},
};

/// What an anonymous sender sees of their report.
#[derive(Serialize, ToSchema)]
pub struct FollowUpBody {
    /// The report's number, to name it by.
    number: String,
    /// Where it stands.
    state: String,
    /// When the server had it.
    #[schema(value_type = String, format = DateTime)]
    received_at: Instant,
    /// When somebody took charge.
    #[schema(value_type = Option<String>, format = DateTime)]
    acknowledged_at: Option<Instant>,
    /// How it ended.
    outcome: Option<String>,
    /// Ids of photos whose bytes have not come.
    missing: Vec<Uuid>,
    /// What was said to the sender, and by them, oldest first.
    comments: Vec<SaidBody>,
    /// What may be asked of it by the secret now: `comment`, `withdraw`.
    allowed: Vec<String>,
}

/// Something said to an anonymous sender, or by them.
#[derive(Serialize, ToSchema)]
pub struct SaidBody {
    /// Its id.
    id: Uuid,
    /// `comment` or `question`.
    kind: String,
    /// What was said.
    text: String,
    /// The sender said it.
    by_reporter: bool,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Instant,
}

impl SaidBody {
    fn of(comment: &Comment) -> Self {
        Self {
            id: comment.id.0,
            kind: comment.kind.word().to_owned(),
            text: comment.text.clone(),
            by_reporter: comment.author.is_none(),
            at: comment.at,
        }
    }
}

impl FollowUpBody {
    fn of(followed: &FollowedUp) -> Self {
        let FollowedUp { report, comments, photos } = followed;
        let missing = photos.iter().filter(|photo| photo.state == PhotoState::Expected);
        Self {
            number: report.number.clone(),
            state: report.state.word().to_owned(),
            received_at: report.received_at,
            acknowledged_at: report.acknowledged.map(|stamp| stamp.at),
            outcome: report.outcome.clone(),
            missing: missing.map(|photo| photo.id.0).collect(),
            comments: comments.iter().map(SaidBody::of).collect(),
            allowed: may(report),
        }
    }
}

fn may(report: &Report) -> Vec<String> {
    allowed(report).into_iter().map(str::to_owned).collect()
}

/// See where an anonymous report stands, by its secret.
#[utoipa::path(get, path = "/v1/follow-up", tag = "follow-up", security(("follow_up" = [])),
    responses((status = 200, body = FollowUpBody), (status = "4XX", body = ProblemBody)))]
pub async fn get_follow_up(State(app): State<App>, Secret(secret): Secret) -> Result<Json<FollowUpBody>, Problem> {
    Ok(Json(FollowUpBody::of(&operations::read_follow_up(&app, &secret).await?)))
}

/// What an anonymous sender says.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerInput {
    /// At most 4000 characters.
    text: String,
}

/// Answer a question, or say something more, by the secret. The same words again are answered 200; other words under the same
/// id 409.
#[utoipa::path(put, path = "/v1/follow-up/comments/{comment_id}", tag = "follow-up", security(("follow_up" = [])),
    params(("comment_id" = Uuid, Path)), request_body = AnswerInput,
    responses((status = 201, body = SaidBody), (status = 200, body = SaidBody), (status = "4XX", body = ProblemBody)))]
pub async fn put_follow_up_comment(
    State(app): State<App>,
    Secret(secret): Secret,
    Id(id): Id,
    Body(body): Body<AnswerInput>,
) -> Result<Response, Problem> {
    let made = operations::answer_follow_up(&app, &secret, CommentId(id), &body.text).await?;
    let status = if matches!(made, Made::New(_)) { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(SaidBody::of(&made.into_inner()))).into_response())
}

/// Take an anonymous report back by its secret, before anybody took charge of it.
#[utoipa::path(post, path = "/v1/follow-up/withdraw", tag = "follow-up", security(("follow_up" = [])), request_body = NothingBody,
    responses((status = 200, body = FollowUpBody), (status = "4XX", body = ProblemBody)))]
pub async fn withdraw_follow_up(
    State(app): State<App>,
    Secret(secret): Secret,
    MaybeBody(NothingBody {}): MaybeBody<NothingBody>,
) -> Result<Json<FollowUpBody>, Problem> {
    operations::withdraw_follow_up(&app, &secret).await?;
    Ok(Json(FollowUpBody::of(&operations::read_follow_up(&app, &secret).await?)))
}

/// Change a recovery secret, given in the place of the secret, for a new pair. The old pair ends.
#[utoipa::path(post, path = "/v1/follow-up/recover", tag = "follow-up", security(("follow_up" = [])), request_body = NothingBody,
    responses((status = 200, body = SecretsBody), (status = "4XX", body = ProblemBody)))]
pub async fn recover_follow_up(
    State(app): State<App>,
    Secret(recovery): Secret,
    MaybeBody(NothingBody {}): MaybeBody<NothingBody>,
) -> Result<Json<SecretsBody>, Problem> {
    Ok(Json(operations::recover_follow_up(&app, &recovery).await?.into()))
}
