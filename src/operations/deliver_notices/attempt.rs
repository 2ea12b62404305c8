//! What became of one attempt goes on record, and what must follow of it follows: again later, somebody else as well,
//! somebody else instead, or the end.

use metrics::counter;
use serde_json::json;
use tracing::{error, info, warn};

use super::{
    happening,
    in_place::{self, suspect},
};
use crate::{
    app::App,
    domain::{
        deadline::Deadline,
        delivery::{ATTEMPTS_TO_WRITE, Event, Outcome, RAISE_MS, try_again_at},
        journal::Entry,
        notice::{Notice, NoticeState},
        time::Instant,
    },
    operations::OperationError,
    store::{Claimed, Tx},
};

/// How long the whole queue rests when its configuration is wrong, in milliseconds.
const PAUSE_MS: i64 = 60_000;

/// One attempt at a claimed notice.
pub(super) struct Attempt<'a> {
    app: &'a App,
    claimed: &'a Claimed,
    /// The clock it is about, as it stands.
    pub deadline: Option<Deadline>,
    /// What became of the notice that it is told in place of.
    first: Option<NoticeState>,
}

impl<'a> Attempt<'a> {
    /// The attempt that a claim is for.
    pub async fn of(app: &'a App, claimed: &'a Claimed) -> Result<Self, OperationError> {
        let deadline = match claimed.notice.deadline {
            Some(id) => app.store.deadline(id).await?,
            None => None,
        };
        let first = match claimed.notice.in_place_of {
            Some(id) => app.store.delivery(id).await?.map(|first| first.notice.state),
            None => None,
        };
        Ok(Self { app, claimed, deadline, first })
    }

    /// Whether the notice is still needed: one that is told in place of another is not once that one got through.
    pub fn is_needed(&self) -> bool {
        self.first.is_none_or(NoticeState::needs_another)
    }

    /// Whether somebody else is told as well when it does not get through; what was itself raised goes no further.
    fn raises(&self) -> bool {
        self.claimed.notice.is_urgent() && self.first.is_none_or(|first| first == NoticeState::Bounced)
    }

    /// Puts on record what the relay said, and does what must follow.
    pub async fn record(&self, outcome: Outcome) -> Result<(), OperationError> {
        let id = self.claimed.notice.id;
        let (what, why) = outcome.on_record();
        match &outcome {
            Outcome::Accepted { reply } => {
                info!(notice.id = %id, outbox.attempt = self.claimed.attempts, "notice {id} was accepted by the relay");
                self.end(NoticeState::Accepted, Some(what), reply).await
            }
            Outcome::Transient { .. } | Outcome::Greylisted { .. } | Outcome::Unknown { .. } => {
                warn!(notice.id = %id, outbox.attempt = self.claimed.attempts, why, "notice {id} was not accepted yet: {why}");
                if what == Event::Unknown {
                    counter!("salama_mails_ambiguous_total").increment(1);
                }
                self.try_later(matches!(outcome, Outcome::Greylisted { .. }), what, why).await
            }
            Outcome::AddressRefused { .. } => {
                warn!(notice.id = %id, why, "the mailbox of notice {id} refuses mail: the next person is told");
                suspect(self.app, &self.claimed.notice).await?;
                self.pass_on(what, why).await
            }
            Outcome::MessageRefused { .. } => self.put_aside(what, why).await,
            Outcome::Misconfigured { .. } => self.rest(what, why).await,
        }
    }

    /// Puts the end of a notice on record; a relay that accepts shows that the queue's configuration is right again.
    pub async fn end(&self, state: NoticeState, what: Option<Event>, answer: &str) -> Result<(), OperationError> {
        let paused = state == NoticeState::Accepted && self.app.store.mail_pause().await?.is_some();
        let mut tx = self.app.store.begin().await?;
        if paused {
            tx.pause_mail(None).await?;
        }
        self.settle(&mut tx, state, what, answer).await?;
        Ok(tx.commit().await?)
    }

    /// Repeating it is no use: it is put aside with an alarm, and somebody else is told of what is urgent.
    pub async fn put_aside(&self, what: Event, why: &str) -> Result<(), OperationError> {
        let id = self.claimed.notice.id;
        error!(notice.id = %id, why, "notice {id} is put aside: {why}");
        let mut tx = self.app.store.begin().await?;
        self.raise(&mut tx).await?;
        self.settle(&mut tx, NoticeState::Dead, Some(what), why).await?;
        tx.commit().await?;
        self.app.nudge();
        Ok(())
    }

    /// No mail could be made of it: a few more attempts, then it is put aside.
    pub async fn unwritten(&self, why: &str) -> Result<(), OperationError> {
        if self.claimed.attempts >= ATTEMPTS_TO_WRITE {
            return self.put_aside(Event::MessageRefused, why).await;
        }
        self.try_later(false, Event::NotYet, why).await
    }

    /// The person cannot be told: whoever stands in for them, or is next up, is told now, and the notice ends as bounced.
    pub async fn pass_on(&self, what: Event, why: &str) -> Result<(), OperationError> {
        let mut tx = self.app.store.begin().await?;
        in_place::pass_on(self.app, &mut tx, &self.claimed.notice, self.deadline.as_ref()).await?;
        self.settle(&mut tx, NoticeState::Bounced, Some(what), why).await?;
        tx.commit().await?;
        self.app.nudge();
        Ok(())
    }

    async fn try_later(&self, greylisted: bool, what: Event, why: &str) -> Result<(), OperationError> {
        let (now, notice) = (self.app.clock.now(), &self.claimed.notice);
        let Some(again) = try_again_at(self.claimed.attempts, greylisted, now, self.app.clock.dice()) else {
            return self.put_aside(what, why).await;
        };
        let raise_at = self.raises().then(|| notice.decided_at.plus_ms(RAISE_MS));
        let next = raise_at.filter(|at| *at > now).map_or(again, |at| at.min(again));
        let mut tx = self.app.store.begin().await?;
        if raise_at.is_some_and(|at| at <= now) {
            self.raise(&mut tx).await?;
        }
        tx.settle_notice(self.claimed, NoticeState::Queued, Some(next), now, why).await?;
        tx.happened(&[happening(self.app, notice, what, Some(why))]).await?;
        tx.commit().await?;
        self.app.nudge();
        Ok(())
    }

    /// Tells the next person as well, once.
    async fn raise(&self, tx: &mut Tx) -> Result<(), OperationError> {
        let notice = &self.claimed.notice;
        if !self.raises() || tx.has_happened(notice.id, Event::Raised).await? {
            return Ok(());
        }
        warn!(notice.id = %notice.id, "notice {} does not get through: the next person is told as well", notice.id);
        if let Err(cause) = in_place::raise(self.app, tx, notice, self.deadline.as_ref()).await {
            // What cannot be written cannot be told to anybody else either, and must not come in the way of what can.
            error!(notice.id = %notice.id, error = &cause as &dyn std::error::Error, "nobody else can be told of it");
            return Ok(());
        }
        tx.happened(&[happening(self.app, notice, Event::Raised, None)]).await?;
        Ok(())
    }

    /// Nothing can be sent until somebody mends the configuration: the whole queue rests, and no attempt is counted.
    async fn rest(&self, what: Event, why: &str) -> Result<(), OperationError> {
        let until = self.app.clock.now().plus_ms(PAUSE_MS);
        if self.app.store.mail_pause().await?.is_none() {
            error!(why, "no mail can leave until its configuration is mended: {why}");
        }
        let tx = self.app.store.begin().await?;
        tx.pause_mail(Some((until, why))).await?;
        tx.give_back(self.claimed, until).await?;
        tx.happened(&[happening(self.app, &self.claimed.notice, what, Some(why))]).await?;
        Ok(tx.commit().await?)
    }

    async fn settle(&self, tx: &mut Tx, state: NoticeState, what: Option<Event>, answer: &str) -> Result<(), OperationError> {
        let (now, notice) = (self.app.clock.now(), &self.claimed.notice);
        tx.settle_notice(self.claimed, state, None, now, answer).await?;
        if let Some(what) = what {
            tx.happened(&[happening(self.app, notice, what, Some(answer))]).await?;
        }
        tx.note(ended(notice, state, now));
        Ok(())
    }
}

/// What goes on record when a notice comes to its end.
pub(in crate::operations) fn ended(notice: &Notice, state: NoticeState, at: Instant) -> Entry {
    let member = (!notice.kind.is_for_the_sender()).then_some(notice.member);
    let facts = json!({ "member": member, "kind": notice.kind });
    Entry { at, actor: None, subject: "notice", subject_id: notice.id.0, report: Some(notice.report), verb: state.word(), facts }
}
