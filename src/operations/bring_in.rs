//! What waited for a report or an action is brought in when that comes, in its transaction and with the rights its sender has
//! then. What they may not do waits on, and is dropped when its time is over.

use serde_json::json;

use super::{OperationError, add_comment, file::File};
use crate::domain::{
    access::Actor,
    action::{Action, ActionCommand, Completion},
    comment::Comment,
    held::{Held, Said},
    ids::{CommentId, MemberId},
    notice::NoticeKind,
    report::{Command, Confidentiality, Report},
};

/// Brings in what was said about a report that has just come. Of an anonymous one nothing is: it would say who knew of it.
pub(super) async fn comments(file: &mut File) -> Result<(), OperationError> {
    for held in file.tx.held_about(file.report.id.0).await? {
        if file.report.confidentiality == Confidentiality::Anonymous {
            file.tx.empty_held(held.id).await?;
            continue;
        }
        let Some(Said::Comment { id, text, for_reporter, .. }) = &held.said else { continue };
        if may_comment(file, held.member) {
            bring_in(file, &held, *id, text, *for_reporter).await?;
        }
    }
    Ok(())
}

fn may_comment(file: &File, member: MemberId) -> bool {
    let (actor, report): (Actor<'_>, &Report) = (Actor { member, organisation: &file.organisation }, &file.report);
    actor.must_see(report, report.reporter == Some(member)).is_ok() && actor.must_command(Command::Comment, report, &[]).is_ok()
}

async fn bring_in(file: &mut File, held: &Held, id: CommentId, text: &str, for_reporter: bool) -> Result<(), OperationError> {
    let comment = Comment::said(id, file.report.id, Some(held.member), text, for_reporter, file.now)?;
    // Somebody else may have used that id meanwhile; then it waits on.
    if file.tx.add_comment(&comment).await? {
        let entry = add_comment::entry(&file.report, &comment, json!({ "for_reporter": for_reporter, "held_at": held.since }));
        file.tx.note_said(entry, held.said_at);
        file.tx.drop_held(held.id).await?;
    }
    Ok(())
}

/// Completes an action that has just come, where its owner said before that it is done. What its guards refuse, such as one
/// without a photo, waits on. Gives the action as it stands.
pub(super) async fn completion(file: &mut File, mut action: Action) -> Result<Action, OperationError> {
    for held in file.tx.held_about(action.id.0).await? {
        let Some(Said::Completion { note, evidence, .. }) = held.said else { continue };
        let actor = Actor { member: held.member, organisation: &file.organisation };
        if actor.must_command_action(ActionCommand::Complete, &action).is_err() {
            continue;
        }
        let (potential, photos) = (file.report.potential_severity, file.photos_here());
        let Ok(done) = action.clone().complete(Completion { note, evidence }, potential, &photos, held.member, file.now) else {
            continue;
        };
        action = file.put_action(done).await?;
        file.tell(NoticeKind::VerificationAsked, action.verifier, Some(&action), "verifier of the action").await?;
        let facts = json!({ "evidence": action.evidence, "held_at": held.since });
        file.note_by(held.member, held.said_at, ("action", action.id.0, "completed"), facts);
        file.tx.drop_held(held.id).await?;
    }
    Ok(action)
}
