//! Who was told what about a report, why, and who comes next.

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    app::App,
    domain::{
        audience::Audience,
        ids::{MemberId, ReportId},
        notice::NoticeState,
        organisation::Organisation,
        time::Instant,
    },
    http::{
        error::{Problem, ProblemBody},
        extract::{Id, Who},
    },
    operations::{self, Upcoming},
    store::{Delivery, Happening},
};

/// Who was told what, why, and who comes next.
#[derive(Serialize, ToSchema)]
pub struct ExplainBody {
    /// The report's number.
    number: String,
    /// The route that chose the officer.
    routed_by: String,
    /// What was decided, oldest first.
    told: Vec<ToldBody>,
    /// What comes next on each running clock.
    next: Vec<NextBody>,
}

/// One thing one person was to be told.
#[derive(Serialize, ToSchema)]
pub struct ToldBody {
    /// Its id, with which the mail's Message-ID begins.
    id: Uuid,
    /// What was told.
    kind: String,
    /// Who.
    member_id: Uuid,
    /// Their name.
    name: String,
    /// Of which action.
    action_id: Option<Uuid>,
    /// Of which clock.
    deadline_id: Option<Uuid>,
    /// Which step of the ladder, from 1.
    step: Option<u32>,
    /// Which telling of that step, from 1.
    occurrence: Option<u32>,
    /// For when it was meant.
    #[schema(value_type = String, format = DateTime)]
    meant_at: Instant,
    /// When it was decided.
    #[schema(value_type = String, format = DateTime)]
    decided_at: Instant,
    /// The rule, its version, and the audience that named the person.
    because: String,
    /// `queued`, `accepted`, `collapsed`, `dropped`, `bounced` or `dead`.
    state: String,
    /// How often it was tried.
    attempts: u32,
    /// When it is tried again.
    #[schema(value_type = Option<String>, format = DateTime)]
    next_attempt_at: Option<Instant>,
    /// When it came to its end.
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Instant>,
    /// What the relay said last.
    relay_answer: Option<String>,
    /// When the person took charge, or handed on, by the link in the mail.
    #[schema(value_type = Option<String>, format = DateTime)]
    answered_at: Option<Instant>,
    /// The notice whose mail did not get through, so that this one is told in its place.
    in_place_of: Option<Uuid>,
    /// What happened to its mail, oldest first.
    timeline: Vec<HappeningBody>,
}

/// One thing that happened to a mail.
#[derive(Serialize, ToSchema)]
pub struct HappeningBody {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Instant,
    /// `queued`, `attempted`, `accepted`, `not_yet`, `unknown`, `address_refused`, `message_refused`, `misconfigured`,
    /// `delayed`, `bounced`, `raised`, `passed_on` or `answered`.
    what: &'static str,
    /// What the relay said to it.
    answer: Option<String>,
}

/// The next step of a running clock.
#[derive(Serialize, ToSchema)]
pub struct NextBody {
    /// Which clock.
    deadline_id: Uuid,
    /// What must happen.
    kind: String,
    /// By when.
    #[schema(value_type = String, format = DateTime)]
    due_at: Instant,
    /// Which step, from 1; absent when none is left.
    step: Option<u32>,
    /// When.
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Option<Instant>,
    /// Who it would reach as things stand.
    people: Vec<NextPerson>,
}

/// A person a step would reach.
#[derive(Serialize, ToSchema)]
pub struct NextPerson {
    /// Who.
    member_id: Uuid,
    /// Their name.
    name: String,
    /// As what.
    audience: String,
}

fn name(organisation: &Organisation, member: MemberId) -> String {
    organisation.members.get(&member).map_or_else(String::new, |member| member.name.clone())
}

impl ToldBody {
    fn of(delivery: Delivery, happenings: Vec<Happening>, organisation: &Organisation) -> Self {
        let timeline = timeline(&delivery, happenings);
        let Delivery { notice, attempts, next_at, ended_at, last_answer, answered_at } = delivery;
        Self {
            id: notice.id.0,
            kind: notice.kind.word().to_owned(),
            member_id: notice.member.0,
            name: name(organisation, notice.member),
            action_id: notice.action.map(|action| action.0),
            deadline_id: notice.deadline.map(|deadline| deadline.0),
            step: notice.rung.map(|rung| rung.step + 1),
            occurrence: notice.rung.map(|rung| rung.occurrence + 1),
            meant_at: notice.meant_at,
            decided_at: notice.decided_at,
            because: notice.because,
            state: notice.state.word().to_owned(),
            attempts,
            next_attempt_at: next_at.filter(|_| notice.state == NoticeState::Queued),
            ended_at,
            relay_answer: last_answer,
            answered_at,
            in_place_of: notice.in_place_of.map(|first| first.0),
            timeline,
        }
    }
}

/// From the decision to the answer. What never went into the queue has no timeline.
fn timeline(delivery: &Delivery, happenings: Vec<Happening>) -> Vec<HappeningBody> {
    if delivery.notice.state == NoticeState::Collapsed {
        return vec![];
    }
    let queued = HappeningBody { at: delivery.notice.decided_at, what: "queued", answer: None };
    let answered = delivery.answered_at.map(|at| HappeningBody { at, what: "answered", answer: None });
    let between = happenings.into_iter().map(|one| HappeningBody { at: one.at, what: one.what.word(), answer: one.answer });
    let mut timeline: Vec<HappeningBody> = std::iter::once(queued).chain(between).chain(answered).collect();
    timeline.sort_by_key(|one| one.at);
    timeline
}

impl NextBody {
    fn of(upcoming: Upcoming, organisation: &Organisation) -> Self {
        let person = |(member, audience): (MemberId, Audience)| NextPerson {
            member_id: member.0,
            name: name(organisation, member),
            audience: audience.label(),
        };
        Self {
            deadline_id: upcoming.deadline.id.0,
            kind: upcoming.deadline.kind.word().to_owned(),
            due_at: upcoming.deadline.due_at,
            step: upcoming.rung.map(|rung| rung.step + 1),
            at: upcoming.at,
            people: upcoming.people.into_iter().map(person).collect(),
        }
    }
}

/// Who was told what and when, by which rule and version, and who comes next when.
#[utoipa::path(get, path = "/v1/reports/{id}/explain", tag = "reports", params(("id" = Uuid, Path)),
    responses((status = 200, body = ExplainBody), (status = "4XX", body = ProblemBody)))]
pub async fn explain_report(State(app): State<App>, Who(caller): Who, Id(id): Id) -> Result<Json<ExplainBody>, Problem> {
    let mut story = operations::explain_report(&app, &caller, ReportId(id)).await?;
    let organisation = &caller.organisation;
    Ok(Json(ExplainBody {
        number: story.report.number,
        routed_by: story.report.routed_by,
        told: story
            .told
            .into_iter()
            .map(|delivery| {
                let happenings = story.happenings.remove(&delivery.notice.id).unwrap_or_default();
                ToldBody::of(delivery, happenings, organisation)
            })
            .collect(),
        next: story.next.into_iter().map(|upcoming| NextBody::of(upcoming, organisation)).collect(),
    }))
}
