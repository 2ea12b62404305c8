//! The letter of a notice, from the facts as they stand when it is sent. It takes no narrative, title or photo: there is no
//! place for them in a letter.

use super::OperationError;
use crate::{
    app::App,
    domain::{
        action::Action,
        audience::Role,
        clocks::cast,
        deadline::{Deadline, DeadlineKind},
        ids::MemberId,
        locale::Locale,
        notice::{Notice, NoticeKind, NoticeState},
        organisation::Organisation,
        report::Report,
    },
    mail::{About, Because, Case, Colleague, Entry, Letter, LetterKind, Matter, Next, Recipient, Told},
    texts,
};

/// The letter to the person a notice is for.
pub(in crate::operations) async fn letter(
    app: &App,
    organisation: &Organisation,
    notice: &Notice,
    deadline: Option<&Deadline>,
) -> Result<Letter, OperationError> {
    let missing = OperationError::Fault;
    let member = organisation.members.get(&notice.member).ok_or(missing("a notice to nobody"))?;
    let report = app.store.report(notice.report).await?.ok_or(missing("a notice without its report"))?;
    let action = match notice.action {
        Some(action) => app.store.action(action).await?,
        None => None,
    };
    let clock = match deadline {
        Some(deadline) => Some(deadline.clone()),
        None => clock_of(app, notice).await?,
    };
    let matter = Matter {
        kind: kind(notice.kind).ok_or(missing("a digest has a letter of its own"))?,
        case: case(&report, organisation, member.locale),
        action: action.as_ref().map(|action| action.ordinal),
        filing: deadline.and_then(|deadline| filing(deadline, organisation, member.locale)),
        duty: clock.as_ref().map(|clock| clock.kind).or(duty(notice.kind)).map(DeadlineKind::word),
        due_at: clock.as_ref().map(|clock| clock.due_at),
        told: told(app, organisation, notice, &report, action.as_ref()).await?,
        next: match &clock {
            Some(clock) => next(app, organisation, clock, &report, action.as_ref()).await?,
            None => None,
        },
        because: because(notice, deadline),
        in_place_of: in_place_of(app, organisation, notice).await?,
        entry: action.as_ref().and_then(|action| entry(notice, action)),
    };
    Ok(Letter {
        id: notice.id,
        seal: app.links.mail_seal(notice.id),
        at: notice.decided_at,
        locale: member.locale,
        zone: organisation.zone(report.site),
        to: Recipient { name: member.name.clone(), address: member.email.clone().unwrap_or_default() },
        thread: format!("report-{}", report.id),
        link: format!("{}/m/{}", app.settings.public_url(), app.links.token(notice.id)),
        about: About::Matter(Box::new(matter)),
    })
}

/// The running clock that a notice without one is about.
async fn clock_of(app: &App, notice: &Notice) -> Result<Option<Deadline>, OperationError> {
    let Some(wanted) = duty(notice.kind) else { return Ok(None) };
    let all = app.store.deadlines_of(notice.report).await?;
    Ok(all.into_iter().find(|deadline| deadline.kind == wanted && deadline.action == notice.action && deadline.is_open()))
}

/// What the reader must do; nothing is asked by a date of a report's sender, or of whoever hears that something is over.
const fn duty(kind: NoticeKind) -> Option<DeadlineKind> {
    match kind {
        NoticeKind::ActionAssigned | NoticeKind::ActionReturned | NoticeKind::ExtensionAsked | NoticeKind::ExtensionDecided => {
            Some(DeadlineKind::CompleteAction)
        }
        NoticeKind::VerificationAsked => Some(DeadlineKind::VerifyAction),
        NoticeKind::ReportReopened => Some(DeadlineKind::Investigate),
        NoticeKind::ReportAcknowledged
        | NoticeKind::ReportClosed
        | NoticeKind::ReportDismissed
        | NoticeKind::InformationAsked
        | NoticeKind::UnsealingAsked
        | NoticeKind::Unsealed
        | NoticeKind::ActionVerified
        | NoticeKind::ActionCancelled
        | NoticeKind::ActionReassigned
        | NoticeKind::MailBounced
        | NoticeKind::Digest => None,
        NoticeKind::ReportAssigned | NoticeKind::Reminder | NoticeKind::Overdue | NoticeKind::Escalation => {
            Some(DeadlineKind::Acknowledge)
        }
    }
}

/// A digest is no letter about one matter.
const fn kind(kind: NoticeKind) -> Option<LetterKind> {
    Some(match kind {
        NoticeKind::Digest => return None,
        NoticeKind::ReportAssigned => LetterKind::ReportAssigned,
        NoticeKind::ActionAssigned => LetterKind::ActionAssigned,
        NoticeKind::Reminder => LetterKind::Reminder,
        NoticeKind::Overdue => LetterKind::Overdue,
        NoticeKind::Escalation => LetterKind::Escalation,
        NoticeKind::VerificationAsked => LetterKind::VerificationAsked,
        NoticeKind::ActionReturned => LetterKind::ActionReturned,
        NoticeKind::ReportAcknowledged => LetterKind::ReportAcknowledged,
        NoticeKind::ReportClosed => LetterKind::ReportClosed,
        NoticeKind::ReportDismissed => LetterKind::ReportDismissed,
        NoticeKind::InformationAsked => LetterKind::InformationAsked,
        NoticeKind::UnsealingAsked => LetterKind::UnsealingAsked,
        NoticeKind::Unsealed => LetterKind::Unsealed,
        NoticeKind::ReportReopened => LetterKind::ReportReopened,
        NoticeKind::ExtensionAsked => LetterKind::ExtensionAsked,
        NoticeKind::ExtensionDecided => LetterKind::ExtensionDecided,
        NoticeKind::ActionVerified => LetterKind::ActionVerified,
        NoticeKind::ActionCancelled => LetterKind::ActionCancelled,
        NoticeKind::ActionReassigned => LetterKind::ActionReassigned,
        NoticeKind::MailBounced => LetterKind::MailBounced,
    })
}

/// What the law wants filed, in the reader's language.
fn filing(deadline: &Deadline, organisation: &Organisation, locale: Locale) -> Option<String> {
    let version = organisation.obligations.get(&deadline.ladder_version)?;
    Some(version.find(deadline.obligation.as_deref()?)?.name.in_locale(locale).to_owned())
}

fn case(report: &Report, organisation: &Organisation, locale: Locale) -> Case {
    let category = organisation.categories.get(&report.category);
    Case {
        number: report.number.clone(),
        potential_severity: report.potential_severity,
        kind: texts::text(locale, &format!("kind-{}", report.kind.word().replace('_', "-"))),
        category: category.map_or(report.category.as_str(), |category| category.name.in_locale(locale)).to_owned(),
        site: organisation.sites.get(&report.site).map_or("", |site| site.name.in_locale(locale)).to_owned(),
    }
}

/// Who was told of the same clock before this notice was decided.
async fn told(
    app: &App,
    organisation: &Organisation,
    notice: &Notice,
    report: &Report,
    action: Option<&Action>,
) -> Result<Vec<Told>, OperationError> {
    let Some(deadline) = notice.deadline else { return Ok(Vec::new()) };
    let earlier = |other: &Notice| {
        other.deadline == Some(deadline)
            && other.generation == notice.generation
            && other.rung < notice.rung
            && other.member != notice.member
    };
    let all = app.store.deliveries_of(notice.report).await?;
    let told = all.into_iter().filter(|delivery| delivery.notice.state == NoticeState::Accepted && earlier(&delivery.notice));
    Ok(told
        .filter_map(|delivery| {
            let who = colleague(organisation, delivery.notice.member, report, action)?;
            Some(Told { who, at: delivery.notice.decided_at, step: delivery.notice.rung?.step + 1 })
        })
        .collect())
}

/// Who is told next if nothing happens.
async fn next(
    app: &App,
    organisation: &Organisation,
    clock: &Deadline,
    report: &Report,
    action: Option<&Action>,
) -> Result<Option<Next>, OperationError> {
    let Some(ladder) = organisation.ladder_of(clock) else { return Ok(None) };
    let (told, now) = (app.store.told(clock).await?, app.clock.now());
    let Some(coming) = organisation.plan(&ladder, clock, &told, now).next else { return Ok(None) };
    let people = ladder
        .step(coming.rung)
        .map_or_else(Vec::new, |step| organisation.resolve(&step.audience, &cast(clock, report, action), now));
    let people = people.iter().filter_map(|found| colleague(organisation, found.member, report, action)).collect();
    Ok(Some(Next { people, at: coming.at }))
}

/// A member, and what they are in the case; where they have no part in it, what they are at its site.
fn colleague(organisation: &Organisation, id: MemberId, report: &Report, action: Option<&Action>) -> Option<Colleague> {
    let name = organisation.members.get(&id)?.name.clone();
    let at_the_site = || {
        let ranks = [Role::Manager, Role::Officer, Role::Investigator, Role::Admin, Role::Technician, Role::Auditor];
        ranks.into_iter().find(|role| organisation.has_role(id, *role, report.site)).map_or("colleague", Role::word)
    };
    let role = match action {
        Some(action) if action.owner == id => "owner",
        Some(action) if action.verifier == id => "verifier",
        _ if report.officer == Some(id) => "in-charge",
        _ => at_the_site(),
    };
    Some(Colleague { name, role })
}

/// The colleague whose mail did not get through, so that this one is written.
async fn in_place_of(app: &App, organisation: &Organisation, notice: &Notice) -> Result<Option<String>, OperationError> {
    let Some(first) = notice.in_place_of else { return Ok(None) };
    let first = app.store.delivery(first).await?;
    Ok(first.and_then(|first| organisation.members.get(&first.notice.member)).map(|member| member.name.clone()))
}

/// What the letter says to the calendar of the action's owner, or of whoever was its owner.
fn entry(notice: &Notice, action: &Action) -> Option<Entry> {
    let says = matches!(
        notice.kind,
        NoticeKind::ActionAssigned
            | NoticeKind::ActionReturned
            | NoticeKind::ExtensionDecided
            | NoticeKind::ActionVerified
            | NoticeKind::ActionCancelled
            | NoticeKind::ActionReassigned
    );
    let owns = action.owner == notice.member;
    (says && (owns || notice.kind == NoticeKind::ActionReassigned)).then(|| Entry {
        action: action.id,
        sequence: action.version,
        due_at: action.due_at,
        over: !(owns && action.is_incomplete()),
    })
}

fn because(notice: &Notice, deadline: Option<&Deadline>) -> Option<Because> {
    match (deadline, notice.rung, notice.kind) {
        (Some(deadline), Some(rung), _) if deadline.kind.is_legal() => {
            Some(Because::Obligation { version: deadline.ladder_version, step: rung.step + 1 })
        }
        (Some(deadline), Some(rung), _) => Some(Because::Ladder { version: deadline.ladder_version, step: rung.step + 1 }),
        (_, _, NoticeKind::ReportAssigned) => routes_version(&notice.because).map(|version| Because::Route { version }),
        _ => None,
    }
}

/// The version of the routes that decided, which may not be in force any more.
fn routes_version(because: &str) -> Option<u32> {
    because.strip_prefix("routes ")?.split(',').next()?.parse().ok()
}
