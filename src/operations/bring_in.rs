//! What waited for a report or an action is brought in when that comes, in its transaction and with the rights its sender has
//! then; the bytes of photos come after it (`bring_in_photos.rs`). What they may not do waits on, and is dropped when its time is over.

use serde_json::json;

use super::{OperationError, add_comment, file::File};
use crate::app::App;
use crate::domain::{
    access::Actor,
    action::{Action, ActionCommand, Completion},
    comment::Comment,
    held::{EarlyPhoto, Held, Said, SentEarly},
    ids::{CommentId, MemberId},
    notice::NoticeKind,
    report::{Command, Confidentiality},
};

/// Brings in what was said about a report that has just come, and has its photos brought in after it. Of what was said about an
/// anonymous one nothing is: it would say who knew of it. Its photos are, and from this transaction on nothing says whose they
/// were.
pub(super) async fn with_report(app: &App, file: &mut File) -> Result<(), OperationError> {
    let anonymous = file.report.confidentiality == Confidentiality::Anonymous;
    for held in file.tx.held_about(file.report.id.0).await? {
        match &held.said {
            Some(Said::Photo { id, file: bytes, key, .. }) => {
                let sent = SentEarly { member: held.member, said_at: held.said_at, since: held.since };
                let early = EarlyPhoto { file: *bytes, photo: *id, key: key.clone(), sent: (!anonymous).then_some(sent) };
                photo(app, file, &held, &early).await?;
            }
            _ if anonymous => file.tx.empty_held(held.id).await?,
            Some(Said::Comment { id, text, for_reporter, .. }) if may_comment(file, held.member) => {
                bring_in(file, &held, *id, text, *for_reporter).await?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// One that was not announced waits on, as nobody has said the hash that opens it. What waited for an anonymous report never
/// can again: its row is emptied, and its file goes.
async fn photo(app: &App, file: &File, held: &Held, early: &EarlyPhoto) -> Result<(), OperationError> {
    let announced = file.photos.iter().any(|photo| photo.id == early.photo);
    match early.sent {
        Some(sent) if !announced || !may_see(file, sent.member) => return Ok(()),
        Some(_) => file.tx.drop_held(held.id).await?,
        None if announced => file.tx.blank_held(held.id, app.clock.new_id(), app.clock.random_bytes()).await?,
        None => file.tx.empty_held(held.id).await?,
    }
    Ok(file.tx.add_early_photo(early).await?)
}

fn may_see(file: &File, member: MemberId) -> bool {
    let actor = Actor { member, organisation: &file.organisation };
    actor.must_see(&file.report, file.report.reporter == Some(member)).is_ok()
}

fn may_comment(file: &File, member: MemberId) -> bool {
    let actor = Actor { member, organisation: &file.organisation };
    may_see(file, member) && actor.must_command(Command::Comment, &file.report, &[]).is_ok()
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
