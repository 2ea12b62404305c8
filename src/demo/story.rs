//! The day, act by act, and what every act has at hand: the people, the clock, and the wait for mails. The acts themselves
//! are in `opening`, `waiting` and `ending`.

use anyhow::Context as _;
use serde_json::Value;
use uuid::Uuid;

use super::{
    client::{list, text},
    ending, mails, opening,
    people::{People, Person},
    print::Timeline,
    stage::Stage,
    waiting,
};
use crate::domain::time::Instant;

/// From a technician's report to its closing, with nobody acting in between.
pub async fn play(day: &mut Day<'_>) -> anyhow::Result<()> {
    opening::a_report_comes_in(day).await?;
    opening::its_photo_is_made_fit_to_be_shown(day).await?;
    opening::the_officer_takes_charge(day).await?;
    opening::an_action_is_assigned(day).await?;
    waiting::nobody_acts_and_it_climbs(day).await?;
    ending::the_work_is_done_and_verified(day).await?;
    ending::the_report_is_closed(day).await?;
    ending::the_record_holds(day).await?;
    ending::every_mail_reached_its_person_once(day).await
}

/// What the acts have at hand.
pub struct Day<'a> {
    /// The server, the clock, the photo.
    pub stage: &'a Stage,
    /// Everybody with their client.
    pub people: People,
    /// What was told so far.
    pub told: Timeline,
    /// The report's id, made by the phone.
    pub report: Uuid,
    /// The photo's id, made by the phone.
    pub photo: Uuid,
    /// The action's id, made by the officer's client.
    pub action: Uuid,
    /// The report's number, as people say it.
    pub number: String,
    /// Every mail the story has asked for so far.
    pub awaited: Vec<Awaited>,
}

/// A mail that must reach somebody.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Awaited {
    /// What is told.
    pub kind: String,
    /// On which step of a ladder, from 1.
    pub step: Option<u64>,
    /// Who.
    pub name: String,
    /// Where.
    pub email: String,
}

impl Awaited {
    /// A mail to that person.
    pub fn by(person: &Person, kind: &str, step: Option<u64>) -> Self {
        let email = person.email.clone().unwrap_or_default();
        Self { kind: kind.to_owned(), step, name: person.name.clone(), email }
    }

    /// Whether a row of `explain` says that the relay or the folder took it.
    fn is_accepted_as(&self, row: &Value) -> bool {
        text(row, "/kind") == self.kind
            && row.get("step").and_then(Value::as_u64) == self.step
            && text(row, "/name") == self.name
            && text(row, "/state") == "accepted"
    }
}

impl<'a> Day<'a> {
    /// Morning: everybody has their client, nothing has happened.
    pub fn new(stage: &'a Stage, told: Timeline) -> anyhow::Result<Self> {
        let [report, photo, action] = [(); 3].map(|()| stage.clock.new_id());
        Ok(Self { stage, people: People::of(stage)?, told, report, photo, action, number: String::new(), awaited: vec![] })
    }

    /// The path of the report, or of what is below it.
    pub fn path(&self, below: &str) -> String {
        format!("/v1/reports/{}{below}", self.report)
    }

    /// Time passes.
    pub fn minutes(&self, minutes: i64) -> anyhow::Result<()> {
        Ok(self.stage.clock.advance(minutes * 60_000)?)
    }

    /// The clock is moved to just after that instant.
    pub fn until(&self, at: Instant) -> anyhow::Result<()> {
        let ahead = at.since_ms(self.stage.clock.now()) + 1_000;
        Ok(self.stage.clock.advance(ahead.max(0))?)
    }

    /// Waits until each of these mails is accepted, and tells whom it reached and why.
    pub async fn mails_reach(&mut self, wanted: Vec<Awaited>) -> anyhow::Result<()> {
        let path = self.path("/explain");
        let all_here = |body: &Value| wanted.iter().all(|mail| list(body, "/told").iter().any(|row| mail.is_accepted_as(row)));
        let what = wanted.iter().map(|mail| format!("{} to {}", mail.kind, mail.name)).collect::<Vec<_>>().join(", ");
        let body = self.people.officer.client.wait(&path, &format!("the acceptance of: {what}"), all_here).await?;
        for mail in wanted {
            let row = list(&body, "/told").iter().find(|row| mail.is_accepted_as(row)).context("a mail has vanished")?;
            self.tell_of_mail(&mail, row)?;
            self.awaited.push(mail);
        }
        Ok(())
    }

    fn tell_of_mail(&mut self, mail: &Awaited, row: &Value) -> anyhow::Result<()> {
        let id = text(row, "/id");
        let written = match &self.stage.mails {
            Some(folder) => mails::read_all(folder)?.into_iter().find(|mail| mail.id == id),
            None => None,
        };
        self.told.mail(mail, row, written.as_ref());
        Ok(())
    }
}
