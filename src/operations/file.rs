//! A report's file while one operation changes it: the report with its actions, photos and clocks. Saving it brings the
//! state, the clocks and the record into line, so that no operation has to think of them. Decides nothing by itself.

use std::sync::Arc;

use serde_json::Value;

use super::{Caller, OperationError};
use crate::{
    app::App,
    domain::{
        action::Action,
        clocks::{Change, clocks, reconcile},
        comment::{Comment, CommentKind},
        deadline::Deadline,
        ids::{ActionId, CommentId, DeadlineId, MemberId, NoticeId, PhotoId, ReportId},
        journal::Entry,
        notice::{Notice, NoticeKind, NoticeState, occasion_key},
        organisation::{Cast, Organisation},
        photo::{Photo, PhotoState},
        refusal::Refusal,
        report::{Command, FileFacts, Report},
        retention::What,
        routing::Facts,
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
    pub report: Report,
    pub actions: Vec<Action>,
    pub photos: Vec<Photo>,
    pub deadlines: Vec<Deadline>,
}

impl File {
    /// Opens the file of a report for somebody who may see it. `version` is the one the caller read, if they said so.
    pub async fn open(app: &App, caller: &Caller, id: ReportId, version: Option<i64>) -> Result<Self, OperationError> {
        let tx = caller.begin(app).await?;
        let report = tx.report_to_change(id).await?.ok_or(Refusal::Unknown)?;
        caller.actor().must_see(&report, tx.takes_part(caller.member, id).await?)?;
        not_disposed(&tx, &report, What::Words).await?;
        if version.is_some_and(|version| version != report.version) {
            return Err(Refusal::Changed.into());
        }
        Self::around(app, tx, Some(caller.member), report).await
    }

    /// Opens the file of a report for a command on the report itself.
    pub async fn command(
        app: &App,
        caller: &Caller,
        id: ReportId,
        version: Option<i64>,
        command: Command,
    ) -> Result<Self, OperationError> {
        let file = Self::open(app, caller, id, version).await?;
        caller.actor().must_command(command, &file.report, &file.actions)?;
        Ok(file)
    }

    /// Opens the file an action is in. `version` is the action's.
    pub async fn of_action(
        app: &App,
        caller: &Caller,
        id: ActionId,
        version: Option<i64>,
    ) -> Result<(Self, Action), OperationError> {
        let report = app.store.action(id).await?.ok_or(Refusal::Unknown)?.report;
        let file = Self::open(app, caller, report, None).await?;
        let action = file.actions.iter().find(|action| action.id == id).cloned().ok_or(Refusal::Unknown)?;
        if version.is_some_and(|version| version != action.version) {
            return Err(Refusal::Changed.into());
        }
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
            report,
            actions: vec![],
            photos,
            deadlines: vec![],
        }
    }

    /// The file of a report that `tx` has just read, for somebody whose right to it is settled.
    pub async fn around(app: &App, tx: Tx, caller: Option<MemberId>, report: Report) -> Result<Self, OperationError> {
        let (actions, photos, deadlines) =
            (tx.actions_of(report.id).await?, tx.photos(report.id).await?, tx.deadlines_to_change(report.id).await?);
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
            report,
            actions,
            photos,
            deadlines,
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
        let action = self.tx.save_action(action).await?;
        if let Some(place) = self.actions.iter_mut().find(|known| known.id == action.id) {
            *place = action.clone();
        }
        Ok(action)
    }

    /// Sends the report to whom the routes name: the first of the rule's people who can be told is responsible, and is
    /// told with the others. Rating and categories are those of the report as it stands.
    pub async fn route(&mut self) -> Result<(), OperationError> {
        let organisation = self.organisation.clone();
        let line: Vec<&str> = organisation.line(self.report.site).iter().map(|site| site.code.as_str()).collect();
        let facts = Facts {
            sites: &line,
            kind: self.report.kind,
            category: &self.report.category,
            aspects: &self.report.aspects,
            severity: self.report.potential_severity,
        };
        let routes = &organisation.routes;
        let rule = routes.body.decide(facts);
        let (name, responsible) =
            rule.map_or(("fall-back", &routes.body.fallback), |rule| (rule.name.as_str(), &rule.responsible));
        let by = format!("routes {}, {name}", routes.version);
        if by == self.report.routed_by {
            return Ok(());
        }
        let cast = Cast { site: self.report.site, officer: None, owner: None, verifier: None, answerable: None };
        let found = organisation.resolve(responsible, &cast, self.now);
        self.report.officer = found.first().map(|(member, _)| *member);
        self.report.routed_by.clone_from(&by);
        let also = rule.map_or_else(Vec::new, |rule| {
            let cast = Cast { officer: self.report.officer, answerable: self.report.officer, ..cast };
            if rule.also_told.is_empty() { vec![] } else { organisation.resolve(&rule.also_told, &cast, self.now) }
        });
        for (member, audience) in found.iter().take(1).chain(&also) {
            self.tell(NoticeKind::ReportAssigned, *member, None, &format!("{by} ({})", audience.label())).await?;
        }
        self.note("report", self.report.id.0, "routed", serde_json::json!({ "by": by, "officer": self.report.officer }));
        Ok(())
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
        let stand_ins = self.organisation.resolve(&[crate::domain::audience::Audience::Member(member)], &cast, self.now);
        for (told, _) in stand_ins {
            self.decide(kind, told, action, because).await?;
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

    /// Brings state and clocks into line with the facts, tells the sender when somebody has taken charge, writes everything,
    /// and commits. Gives the report as it stands.
    pub async fn save(self) -> Result<Report, OperationError> {
        let app = self.app.clone();
        let (tx, report) = self.write().await?;
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
        let titles: Vec<&str> = self.actions.iter().map(|action| action.title.as_str()).collect();
        self.report = self.tx.save_report(report, &titles).await?;
        if self.report.has_ended() && !self.had_ended {
            self.tx.end_report(self.report.id, self.now).await?;
        }
        self.write_clocks().await?;
        Ok((self.tx, self.report))
    }

    async fn write_clocks(&mut self) -> Result<(), OperationError> {
        let wanted = clocks(&self.report, &self.actions);
        let new_id = || DeadlineId(self.app.clock.new_id());
        let changes = reconcile(&self.deadlines, &wanted, &self.report, &self.organisation, new_id, self.now);
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
            let facts =
                serde_json::json!({ "kind": deadline.kind, "due_at": deadline.due_at, "ladders": deadline.ladder_version });
            self.note("deadline", deadline.id.0, verb, facts);
        }
        Ok(())
    }
}

/// Refuses to go on with a report of which that is gone: whatever came to it now would never be disposed of.
pub(super) async fn not_disposed(tx: &Tx, report: &Report, what: What) -> Result<(), OperationError> {
    if report.has_ended() && tx.is_disposed(report.id, what).await? {
        return Err(Refusal::Conflict("report_disposed").into());
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
