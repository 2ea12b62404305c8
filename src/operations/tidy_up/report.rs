//! One report: what is due of it is erased, and what stays is its number, dates, codes and severities.

use std::collections::HashMap;

use serde_json::json;

use super::{NEVER, Rules};
use crate::{
    app::App,
    domain::{
        action::Action,
        ids::ReportId,
        journal::Entry,
        report::Report,
        retention::{
            What, action_without_words, injury_without_the_person, inquiry_without_words, without_position, without_the_sender,
            without_words,
        },
        time::Instant,
    },
    operations::OperationError,
    store::{Disposal, Tx},
};

/// How long a report whose effect is still to be checked is left alone, in milliseconds.
const LOOK_AGAIN_MS: i64 = 86_400_000;
/// How many reports are read at once when they are only counted.
const PAGE: u64 = 500;

/// Disposes of what is due of a report that is over and not held.
pub(super) async fn tidy(app: &App, rules: &Rules, id: ReportId) -> Result<(), OperationError> {
    let mut tx = app.store.begin().await?;
    let now = app.clock.now();
    let (report, custody) = (tx.report_to_change(id).await?, tx.custody(id).await?);
    let Some((report, custody)) = report.zip(custody).filter(|(report, custody)| report.has_ended() && custody.tidy_at <= now)
    else {
        return Ok(());
    };
    let kept = custody.kept(now);
    let at_the_latest = |at: Instant| rules.until.map_or(at, |until| at.min(until));
    if custody.held.is_some() || !report.is_over() {
        // Who lets go of a report has it looked at again.
        let again = if custody.held.is_some() { Instant::from_ms(NEVER) } else { now.plus_ms(LOOK_AGAIN_MS) };
        tx.look_at_report_again(id, again, kept.ended_at).await?;
        return Ok(tx.commit().await?);
    }
    let due = rules.retention.due(&kept, &custody.gone_since(), &rules.zone, now);
    if !due.now.is_empty() {
        let mut file = Erased { report, actions: tx.actions_of(id).await?, photos: 0, comments: 0, injuries: 0, answers: 0 };
        for class in &due.now {
            file.erase(&tx, class.what, now).await?;
            let disposal = Disposal { what: class.what, class: class.name.clone(), version: rules.version, at: now };
            tx.add_disposal(id, &disposal).await?;
        }
        let what: Vec<What> = due.now.iter().map(|class| class.what).collect();
        tx.note(Entry {
            at: now,
            actor: None,
            subject: "report",
            subject_id: id.0,
            report: Some(id),
            verb: "disposed",
            facts: json!({
                "what": what,
                "retention": rules.version,
                "photos": file.photos,
                "comments": file.comments,
                "injuries": file.injuries,
                "mail_answers": file.answers,
            }),
        });
        let titles: Vec<&str> = file.actions.iter().map(|action| action.title.as_str()).collect();
        tx.save_report(file.report, &titles).await?;
    }
    let next = at_the_latest(due.next.unwrap_or(Instant::from_ms(NEVER)));
    tx.look_at_report_again(id, next, kept.ended_at).await?;
    Ok(tx.commit().await?)
}

/// A report on its way out, and how much went with it.
struct Erased {
    report: Report,
    actions: Vec<Action>,
    photos: usize,
    comments: u64,
    injuries: usize,
    answers: u64,
}

impl Erased {
    async fn erase(&mut self, tx: &Tx, what: What, now: Instant) -> Result<(), OperationError> {
        let id = self.report.id;
        match what {
            What::Position => {
                tx.erase_claimed_positions(id).await?;
                self.report = without_position(self.report.clone());
            }
            What::MailAnswers => self.answers = tx.erase_mail_answers(id).await?,
            What::Photos => self.photos = tx.dispose_photos(id, now).await?,
            What::Sender => {
                if let Some(sender) = self.report.reporter {
                    let takes_part = self.actions.iter().any(|action| action.owner == sender || action.verifier == sender);
                    tx.erase_sender(id, sender, takes_part).await?;
                }
                tx.drop_follow_up(id).await?;
                tx.erase_cameras_and_looks(id).await?;
                self.report = without_the_sender(self.report.clone());
            }
            What::Injuries => {
                let injuries = tx.injuries(id).await?;
                self.injuries = injuries.len();
                for injury in injuries {
                    tx.save_injury(injury_without_the_person(injury)).await?;
                }
            }
            What::Words => {
                self.report = without_words(self.report.clone());
                self.comments = tx.erase_comments(id).await?;
                tx.erase_corrections(id).await?;
                tx.erase_statements(id, now).await?;
                tx.erase_filings(id).await?;
                for inquiry in tx.inquiries(id).await? {
                    tx.save_inquiry(inquiry_without_words(inquiry)).await?;
                }
                for action in std::mem::take(&mut self.actions) {
                    self.actions.push(tx.save_action(action_without_words(action)).await?);
                }
            }
            What::Members | What::Sessions => {
                return Err(OperationError::Fault("a report has no members or sessions of its own"));
            }
        }
        Ok(())
    }
}

/// How many reports are due of each class, by its name; those are looked at that are to be looked at by then.
pub(super) async fn count(app: &App, rules: &Rules, by: Instant) -> Result<HashMap<String, usize>, OperationError> {
    let (now, mut counts, mut after) = (app.clock.now(), HashMap::new(), None);
    loop {
        let page = app.store.reports_to_tidy(by, after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(counts) };
        after = Some((last.tidy_at, last.report));
        let reports = app.store.reports_of(&page.iter().map(|custody| custody.report).collect::<Vec<_>>()).await?;
        for custody in page.iter().filter(|custody| custody.held.is_none()) {
            if reports.get(&custody.report).is_some_and(Report::is_over) {
                let due = rules.retention.due(&custody.kept(now), &custody.gone_since(), &rules.zone, now);
                for class in due.now {
                    *counts.entry(class.name.clone()).or_default() += 1;
                }
            }
        }
    }
}
