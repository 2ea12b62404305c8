//! An anonymous sender takes their report back by their secret, before anybody took charge.

use serde_json::json;

use super::{OperationError, file::File, follow_up};
use crate::{
    app::App,
    domain::{follow_up::allowed, report::Report},
};

/// Withdraws the report that a secret opens.
pub async fn withdraw_follow_up(app: &App, secret: &str) -> Result<Report, OperationError> {
    let (tx, report) = follow_up::opened(app, secret).await?;
    let mut file = File::around(app, tx, None, report).await?;
    let possible = allowed(&file.report);
    file.report = file.report.clone().withdraw().map_err(|refusal| refusal.naming(&possible))?;
    file.note("report", file.report.id.0, "withdrawn", json!({}));
    file.save().await
}
