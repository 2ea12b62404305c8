//! The sender of a report is asked something. Where nobody knows who that is, the question waits for them.

use serde_json::json;

use super::{Caller, OperationError, file::File};
use crate::{
    app::App,
    domain::{
        comment::CommentKind,
        ids::ReportId,
        notice::NoticeKind,
        prose::{LONG, prose},
        report::{Command, Report},
    },
};

/// Asks the sender of a report something. `version` is the one the caller read, if they said so.
pub async fn request_information(
    app: &App,
    caller: &Caller,
    id: ReportId,
    question: &str,
    version: Option<i64>,
) -> Result<Report, OperationError> {
    let mut file = File::command(app, caller, id, version, Command::RequestInformation).await?;
    file.report.expect(Command::RequestInformation)?;
    file.say(CommentKind::Question, &prose("/question", question, LONG)?, true).await?;
    file.note("report", id.0, "information_asked", json!({}));
    file.tell_reporter(NoticeKind::InformationAsked).await?;
    file.save().await
}
