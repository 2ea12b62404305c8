//! A report's file while one operation changes it: the report with its actions, photos and clocks. Saving it brings the
//! state, the clocks and the record into line, so that no operation has to think of them. Decides nothing by itself.

use std::sync::Arc;

use serde_json::Value;

use super::{Caller, OperationError};
use crate::{
    app::App,
    domain::{
        action::{Action, ActionCommand},
        audience::Audience,
        clocks::{Change, clocks, reconcile},
        comment::{Comment, CommentKind},
        deadline::Deadline,
        ids::{ActionId, CommentId, DeadlineId, MemberId, NoticeId, PhotoId, ReportId},
        journal::Entry,
        notice::{Notice, NoticeKind, NoticeState, occasion_key},
        obligation::{self, Event, Filing},
        organisation::{Cast, Organisation},
        photo::{Photo, PhotoState},
        refusal::Refusal,
        report::{ACTIONS, Command, FileFacts, Report},
        retention::What,
        time::Instant,
    },
    store::Tx,
};

pub(super) struct File {
    app: App,
    pub tx: Tx,
    pub organisation: Arc<Organisation>,
    pub now: Instant,
    /// Who asks; none where that is an anonymous sender.
    pub caller: Option<MemberId>,
    /// Who goes on record; none where the sender of a report is protected.
    pub by: Option<MemberId>,
    /// Whether somebody had taken charge when the file was opened.
    answered: bool,
    /// The report had ended before.
    had_ended: bool,
    /// The report as it was opened.
    before: Box<Report>,
    pub report: Report,
    /// One of its actions was changed, or added.
    acted: bool,
    pub actions: Vec<Action>,
    pub photos: Vec<Photo>,
    pub deadlines: Vec<Deadline>,
    /// When it was first recorded that an employee was hurt; of injuries a file knows no more.
    pub employee_hurt_at: Option<Instant>,
    /// What was filed because the law wants it.
    pub filings: Vec<Filing>,
}

impl File {
    /// Opens the file of a report for somebody who may see it.
    pub async fn open(app: &App, caller: &Caller, id: ReportId) -> Result<Self, OperationError> {
        let tx = caller.begin(app).await?;
        let report = tx.report_to_change(id).await?.ok_or(Refusal::Unknown)?;
        caller.actor().must_see(&report, tx.takes_part(caller.member, id).await?)?;
        not_disposed(&tx, &report, What::Words).await?;
        Box::pin(Self::around(app, tx, Some(caller.member), report)).await
    }

    /// Opens the file of a report for a command on the report itself. `version` is the one the caller read, if they said so.
    pub async fn command(
        app: &App,
        caller: &Caller,
        id: ReportId,
        version: Option<i64>,
        command: Command,
    ) -> Result<Self, OperationError> {
        let file = Box::pin(Self::open(app, caller, id)).await?;
        is_current(version, file.report.version, command.word())?;
        caller.actor().must_command(command, &file.report, &file.actions)?;
        Ok(file)
    }

    /// Opens the file an action is in for a command on it. `version` is the action's.
    pub async fn of_action(
        app: &App,
        caller: &Caller,
        id: ActionId,
        version: Option<i64>,
        command: ActionCommand,
    ) -> Result<(Self, Action), OperationError> {
        let report = app.store.action(id).await?.ok_or(Refusal::Unknown)?.report;
        let file = Box::pin(Self::open(app, caller, report)).await?;
        let action = file.actions.iter().find(|action| action.id == id).cloned().ok_or(Refusal::Unknown)?;
        is_current(version, action.version, command.word())?;
        caller.actor().must_command_action(command, &action)?;
        Ok((file, action))
    }

    /// The file of a report that `tx` has just added with these photos, and nothing else. A protected sender does not go on
    /// record.
    pub fn fresh(app: &App, tx: Tx, caller: &Caller, report: Report, photos: Vec<Photo>) -> Self {
        let by = (!report.protects_sender()).then_some(caller.member);
        Self {
            app: app.clone(),
            tx,
            organisation: caller.organisation.clone(),
            now: app.clock.now(),
            caller: report.reporter,
            by,
            answered: false,
            had_ended: false,
            before: Box::new(report.clone()),
            report,
            acted: false,
            actions: vec![],
            photos,
            deadlines: vec![],
            employee_hurt_at: None,
            filings: vec![],
        }
    }

    /// The file of a report that `tx` has just read, for somebody whose right to it is settled.
    pub async fn around(app: &App, tx: Tx, caller: Option<MemberId>, report: Report) -> Result<Self, OperationError> {
        let (actions, photos, deadlines) =
            (tx.actions_of(report.id).await?, tx.photos(report.id).await?, tx.deadlines_to_change(report.id).await?);
        let (employee_hurt_at, filings) = (tx.employee_hurt_at(report.id).await?, tx.filings(report.id).await?);
        let organisation = app.store.organisation_in(&tx).await?;
        Ok(Self {
            app: app.clone(),
            tx,
            organisation,
            now: app.clock.now(),
            caller,
            by: caller,
            answered: report.acknowledged.is_some(),
            had_ended: report.has_ended(),
            before: Box::new(report.clone()),
            report,
            acted: false,
            actions,
            photos,
            deadlines,
            employee_hurt_at,
            filings,
        })
    }

    /// What the report's moves must know of it.
    pub fn facts(&self) -> FileFacts {
        let missing = self.photos.iter().filter(|photo| photo.state == PhotoState::Expected).count();
        FileFacts::of(&self.report, &self.actions, missing)
    }

    /// The photos whose bytes are here, and so can show something.
    pub fn photos_here(&self) -> Vec<PhotoId> {
        self.photos.iter().filter(|photo| photo.state.has_bytes()).map(|photo| photo.id).collect()
    }

    /// Puts a changed action in its place, and on disk.
    pub async fn put_action(&mut self, action: Action) -> Result<Action, OperationError> {
        let before = self.actions.iter().find(|known| known.id == action.id).cloned();
        let action = before.map_or(action.clone(), |before| action.over(&before));
        let action = self.tx.save_action(action).await?;
        self.acted = true;
        if let Some(place) = self.actions.iter_mut().find(|known| known.id == action.id) {
            *place = action.clone();
        }
        Ok(action)
    }

    /// Adds an action that is on disk already.
    pub fn adds(&mut self, action: Action) {
        self.acted = true;
        self.actions.push(action);
    }

    /// Decides that a person is told something now, once for this writing of the record. Who is away or cannot be reached
    /// is stood in for.
    pub async fn tell(
        &mut self,
        kind: NoticeKind,
        member: MemberId,
        action: Option<&Action>,
        because: &str,
    ) -> Result<(), OperationError> {
        let cast = Cast { site: self.report.site, officer: self.report.officer, owner: None, verifier: None, answerable: None };
        let stand_ins = self.organisation.resolve(&[Audience::Member(member)], &cast, self.now);
        for stand_in in stand_ins {
            self.decide(kind, stand_in.member, action, because).await?;
        }
        Ok(())
    }

    /// Keeps a running deadline quiet for as long as its ladder states, and gives until when.
    pub async fn pause(&mut self, deadline: Deadline) -> Result<Instant, OperationError> {
        let until = self.organisation.quiet_until(&deadline, self.now);
        let paused = deadline.paused(until);
        self.tx.save_deadline(&paused).await?;
        self.note("deadline", paused.id.0, "paused", serde_json::json!({ "until": until }));
        if let Some(place) = self.deadlines.iter_mut().find(|known| known.id == paused.id) {
            *place = Deadline { version: paused.version + 1, ..paused };
        }
        Ok(until)
    }

    /// Decides that the sender is told something, where there is one to tell. Nobody stands in for them: whoever got the
    /// mail in their place would know who sent the report.
    pub async fn tell_reporter(&mut self, kind: NoticeKind) -> Result<(), OperationError> {
        let reporter = self.report.reporter.filter(|reporter| Some(*reporter) != self.caller);
        let member = reporter.and_then(|reporter| self.organisation.members.get(&reporter));
        match member.filter(|member| member.can_be_told()) {
            Some(member) => self.decide(kind, member.id, None, "sender of the report").await,
            None => Ok(()),
        }
    }

    /// Decides that a person is told something about an action that is no longer theirs to do; nobody in their place.
    pub async fn tell_alone(&mut self, kind: NoticeKind, member: MemberId, action: &Action) -> Result<(), OperationError> {
        match self.organisation.members.get(&member).filter(|member| member.can_be_told()) {
            Some(member) => self.decide(kind, member.id, Some(action), "owner of the action").await,
            None => Ok(()),
        }
    }

    /// Decides that the officer answerable is told something, unless they did it themself.
    pub async fn tell_officer(&mut self, kind: NoticeKind) -> Result<(), OperationError> {
        match self.report.officer.filter(|officer| Some(*officer) != self.caller) {
            Some(officer) => self.tell(kind, officer, None, "officer of the report").await,
            None => Ok(()),
        }
    }

    async fn decide(
        &mut self,
        kind: NoticeKind,
        told: MemberId,
        action: Option<&Action>,
        because: &str,
    ) -> Result<(), OperationError> {
        let (subject, occasion) = action.map_or((self.report.id.0, self.report.version), |action| (action.id.0, action.version));
        let notice = Notice {
            id: NoticeId(self.app.clock.new_id()),
            key: occasion_key(kind, subject, occasion, told),
            kind,
            member: told,
            report: self.report.id,
            action: action.map(|action| action.id),
            deadline: None,
            generation: 0,
            rung: None,
            meant_at: self.now,
            decided_at: self.now,
            because: because.to_owned(),
            state: NoticeState::Queued,
            in_place_of: None,
        };
        if self.tx.add_notice(&notice).await? {
            self.tx.note(decided(&notice, self.by));
        }
        Ok(())
    }

    /// Keeps what the caller said about the report, such as the reason of a move.
    pub async fn say(&mut self, kind: CommentKind, text: &str, for_reporter: bool) -> Result<(), OperationError> {
        let id = CommentId(self.app.clock.new_id());
        let said = Comment::said(id, self.report.id, self.caller, text, for_reporter, self.now)?;
        self.tx.add_comment(&Comment { kind, ..said }).await?;
        self.note("comment", id.0, "added", serde_json::json!({ "kind": kind, "for_reporter": for_reporter }));
        Ok(())
    }

    /// Puts on record what happened to a part of this file.
    pub fn note(&mut self, subject: &'static str, id: uuid::Uuid, verb: &'static str, facts: Value) {
        let (at, actor, report) = (self.now, self.by, Some(self.report.id));
        self.tx.note(Entry { at, actor, subject, subject_id: id, report, verb, facts });
    }

    /// The same for what somebody else said, earlier.
    pub fn note_by(
        &mut self,
        member: MemberId,
        said_at: Option<Instant>,
        (subject, id, verb): (&'static str, uuid::Uuid, &'static str),
        facts: Value,
    ) {
        let (at, actor, report) = (self.now, Some(member), Some(self.report.id));
        self.tx.note_said(Entry { at, actor, subject, subject_id: id, report, verb, facts }, said_at);
    }

    /// Brings state and clocks into line with the facts, tells the sender when somebody has taken charge, writes everything,
    /// and commits. Gives the report as it stands.
    pub async fn save(self) -> Result<Report, OperationError> {
        let app = self.app.clone();
        let (tx, report) = Box::pin(self.write()).await?;
        tx.commit().await?;
        app.nudge();
        Ok(report)
    }

    /// The same without the commit, where one transaction changes several files: gives the transaction back.
    pub async fn write(mut self) -> Result<(Tx, Report), OperationError> {
        let before = self.report.state;
        let file = self.facts();
        let report = self.report.clone().advanced(file);
        if report.state != before {
            self.note("report", report.id.0, "moved", serde_json::json!({ "from": before, "to": report.state }));
        }
        if !self.answered && report.acknowledged.is_some() && !report.has_ended() {
            self.tell_reporter(NoticeKind::ReportAcknowledged).await?;
        }
        let mut touched = report.changed_from(&self.before);
        touched.extend(self.acted.then_some(ACTIONS));
        let report = Report { touched: self.before.touched.and(&touched), ..report };
        let titles: Vec<&str> = self.actions.iter().map(|action| action.title.as_str()).collect();
        self.report = self.tx.save_report(report, &titles).await?;
        if self.report.has_ended() && !self.had_ended {
            self.tx.end_report(self.report.id, self.now).await?;
        }
        self.write_clocks().await?;
        Ok((self.tx, self.report))
    }

    async fn write_clocks(&mut self) -> Result<(), OperationError> {
        let event = Event { report: &self.report, employee_hurt_at: self.employee_hurt_at };
        let legal = obligation::clocks(event, &self.filings, &self.deadlines, &self.organisation);
        let wanted = [clocks(&self.report, &self.actions), legal].concat();
        let new_id = || DeadlineId(self.app.clock.new_id());
        let file = (&self.report, &*self.actions);
        let changes = reconcile(&self.deadlines, &wanted, file, &self.organisation, new_id, self.now);
        for change in changes {
            let (verb, deadline) = match &change {
                Change::Open(deadline) => {
                    self.tx.add_deadline(deadline).await?;
                    ("set", deadline)
                }
                Change::Save(deadline) => {
                    self.tx.save_deadline(deadline).await?;
                    (standing(deadline), deadline)
                }
            };
            let promised = self.deadlines.iter().find(|known| known.id == deadline.id).map(|known| known.due_at);
            let rules = if deadline.kind.is_legal() { "obligations" } else { "ladders" };
            let mut facts =
                serde_json::json!({ "kind": deadline.kind, "due_at": deadline.due_at, rules: deadline.ladder_version });
            if let Some(obligation) = &deadline.obligation {
                facts["obligation"] = obligation.as_str().into();
            }
            if let Some(promised) = promised.filter(|promised| *promised != deadline.due_at) {
                facts["due_before"] = promised.to_string().into();
            }
            self.note("deadline", deadline.id.0, verb, facts);
        }
        Ok(())
    }
}

/// Refuses a command that was given over another version than this one.
fn is_current(named: Option<i64>, version: i64, command: &'static str) -> Result<(), Refusal> {
    match named {
        Some(since) if since != version => Err(Refusal::Stale { since, command }),
        _ => Ok(()),
    }
}

/// Refuses to go on with a report of which that is gone: whatever came to it now would never be disposed of.
pub(super) async fn not_disposed(tx: &Tx, report: &Report, what: What) -> Result<(), OperationError> {
    if report.has_ended() && tx.is_disposed(report.id, what).await? {
        return Err(Refusal::Gone("report_disposed").into());
    }
    Ok(())
}

/// What goes on record about a notice that no ladder decided. Whom the sender of a report is, is nobody else's to know.
pub(super) fn decided(notice: &Notice, actor: Option<MemberId>) -> Entry {
    Entry {
        at: notice.decided_at,
        actor,
        subject: "notice",
        subject_id: notice.id.0,
        report: Some(notice.report),
        verb: "decided",
        facts: serde_json::json!({
            "kind": notice.kind,
            "member": (!notice.kind.is_for_the_sender()).then_some(notice.member),
            "because": notice.because,
            "state": notice.state,
        }),
    }
}

fn standing(deadline: &Deadline) -> &'static str {
    match (deadline.met_at, deadline.cancelled_at) {
        (Some(_), _) => "met",
        (_, Some(_)) => "cancelled",
        _ => "moved",
    }
}
