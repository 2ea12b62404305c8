//! The end: the work is done and verified by somebody else, the report is closed, and everything that was said is looked up.

use std::collections::BTreeSet;

use anyhow::ensure;
use serde_json::{Value, json};

use super::{
    client::{list, text},
    mails::{self, Mail},
    opening::state,
    story::{Awaited, Day},
};
use crate::operations;

/// The owner does it, and somebody else says that it is done.
pub async fn the_work_is_done_and_verified(day: &mut Day<'_>) -> anyhow::Result<()> {
    let (owner, verifier) = (day.people.owner.label(), day.people.verifier.label());
    day.minutes(95)?;
    let overdue = day.people.owner.client.get("/v1/actions?overdue=true").await?.when(200)?;
    let action = day.action.to_string();
    ensure!(list(&overdue, "/items").iter().any(|item| text(item, "/id") == action), "the owner's list lacks the action");
    day.told.says(&owner, "finds it in the list of what is overdue, and gets to it");
    day.minutes(180)?;
    let done = json!({ "note": "Cable jointed and tested, trench filled, warning tape laid.", "evidence": [day.photo] });
    let completed = day.people.owner.client.post(&format!("/v1/actions/{action}/complete"), &done).await?.when(200)?;
    ensure!(text(&completed, "/state") == "completed", "the action is not completed");
    day.told.says(&owner, "completes it, with a note and a photo of the report as evidence: the ladder stops");
    let wanted = Awaited::by(&day.people.verifier, "verification_asked", None);
    day.mails_reach(vec![wanted]).await?;
    let own = day.people.owner.client.post(&format!("/v1/actions/{action}/verify"), &json!({})).await?;
    ensure!(own.status == 403, "whoever did the work was answered {} when verifying it", own.status);
    day.told.says(&owner, "tries to verify this herself: refused (403)");
    day.minutes(60)?;
    let seen = day.people.verifier.client.post(&format!("/v1/actions/{action}/verify"), &json!({})).await?.when(200)?;
    ensure!(text(&seen, "/state") == "verified", "the action is not verified");
    day.told.says(&verifier, "has been there and looked: verified");
    let wanted = Awaited::by(&day.people.owner, "action_verified", None);
    day.mails_reach(vec![wanted]).await
}

/// Closing is refused while something is missing; then the sender reads how it ended.
pub async fn the_report_is_closed(day: &mut Day<'_>) -> anyhow::Result<()> {
    let (who, path) = (day.people.officer.label(), day.path("/close"));
    day.minutes(15)?;
    let outcome = "The cable is mended and the trench is filled. Thank you: nobody was hurt because you looked.";
    let early = day.people.officer.client.post(&path, &json!({ "outcome": outcome })).await?;
    let problem = early.when(409)?;
    let missing: Vec<String> = list(&problem, "/missing").iter().map(|one| text(one, "/detail")).collect();
    let codes: Vec<String> = list(&problem, "/missing").iter().map(|one| text(one, "/code")).collect();
    ensure!(codes == ["effectiveness_check"], "closing was refused for {codes:?}");
    day.told.says(&who, &format!("wants to close it: not yet (409), missing: {}", missing.join(", ")));
    day.minutes(2)?;
    let closing = json!({ "outcome": outcome, "effectiveness_days": 90 });
    day.people.officer.client.post(&path, &closing).await?.when(200)?;
    let path = day.path("");
    let seen = day.people.reporter.client.get(&path).await?.when(200)?;
    state(&seen, "closed")?;
    ensure!(text(&seen, "/outcome") == outcome, "the sender is not told the outcome");
    day.told.says(&who, "closes it, with a check of the effect in 90 days");
    let reporter = day.people.reporter.label();
    day.told.says(&reporter, &format!("reads the outcome: \"{outcome}\""));
    Ok(())
}

/// The history tells all of it, and the journal is whole.
pub async fn the_record_holds(day: &mut Day<'_>) -> anyhow::Result<()> {
    let path = day.path("/history?limit=200");
    let history = day.people.officer.client.get(&path).await?.when(200)?;
    let verbs: Vec<String> = list(&history, "/items").iter().map(|entry| text(entry, "/verb")).collect();
    for verb in ["submitted", "routed", "acknowledged", "triaged", "contained", "assigned", "completed", "verified", "closed"] {
        ensure!(verbs.iter().any(|known| known == verb), "the history lacks: {verb}");
    }
    let entries =
        operations::verify_journal(&day.stage.house.app.store, Some(&day.stage.house.app.keys), None, None).await?.entries;
    let what = format!(
        "has {} entries on this report's history; the whole journal of {entries} is as it was written, hash by hash",
        verbs.len()
    );
    day.told.says("Salama", &what);
    Ok(())
}

/// What `explain` says was told is what the story asked for, no more and no less, and each has its mail.
pub async fn every_mail_reached_its_person_once(day: &mut Day<'_>) -> anyhow::Result<()> {
    let path = day.path("/explain");
    let explained = day.people.officer.client.get(&path).await?.when(200)?;
    let rows = list(&explained, "/told");
    let mut told: Vec<(String, Option<u64>, String)> = rows.iter().map(row).collect();
    let mut awaited: Vec<_> = day.awaited.iter().map(|mail| (mail.kind.clone(), mail.step, mail.name.clone())).collect();
    told.sort();
    awaited.sort();
    ensure!(told == awaited, "explain says {told:?} were told, and the story asked for {awaited:?}");
    ensure!(rows.iter().all(|row| text(row, "/state") == "accepted"), "a notice was not accepted");
    if let Some(folder) = &day.stage.mails {
        check_folder(&mails::read_all(folder)?, rows, day)?;
    }
    let people: BTreeSet<&str> = day.awaited.iter().map(|mail| mail.name.as_str()).collect();
    day.told.says("Salama", &format!("has sent {} mails to {} people: each step once, nobody twice", rows.len(), people.len()));
    Ok(())
}

fn row(row: &Value) -> (String, Option<u64>, String) {
    (text(row, "/kind"), row.get("step").and_then(Value::as_u64), text(row, "/name"))
}

fn check_folder(mails: &[Mail], rows: &[Value], day: &Day<'_>) -> anyhow::Result<()> {
    ensure!(mails.len() == rows.len(), "{} mails lie in the folder for {} notices", mails.len(), rows.len());
    for row in rows {
        let (id, name) = (text(row, "/id"), text(row, "/name"));
        let of_id: Vec<&Mail> = mails.iter().filter(|mail| mail.id == id).collect();
        ensure!(of_id.len() == 1, "{} mails carry the notice {id}", of_id.len());
        let to = day.awaited.iter().find(|mail| mail.name == name).map(|mail| mail.email.as_str());
        for mail in of_id {
            ensure!(Some(mail.to.as_str()) == to, "the mail {} is not to {name}", mail.file.display());
            ensure!(mail.subject.contains(&day.number), "the mail {} does not name the report", mail.file.display());
            ensure!(mail.page().is_file(), "the mail {} has no page beside it", mail.file.display());
        }
    }
    Ok(())
}
