//! Weeks in which nobody acts: the clock is moved from one step of the ladder to the next, and each must reach its people.

use std::collections::BTreeSet;

use anyhow::{Context as _, ensure};
use serde_json::Value;

use super::{
    client::{list, text},
    people::Person,
    story::{Awaited, Day},
};
use crate::domain::time::Instant;

/// One step of the ladder of an action that nobody completes, as `ma_utility` has it for severity 4.
struct Step {
    says: &'static str,
    mails: Vec<Awaited>,
}

/// Each step of the ladder is foretold by `explain`, comes at its time, and reaches its people.
pub async fn nobody_acts_and_it_climbs(day: &mut Day<'_>) -> anyhow::Result<()> {
    let steps = ladder(&day.people.owner, &day.people.officer, &day.people.manager);
    for (number, step) in (1..).zip(steps) {
        let next = next(day).await?;
        check(&next, number, &step)?;
        let at: Instant = text(&next, "/at").parse().context("explain names no instant for the next step")?;
        day.until(at)?;
        day.told.says("Salama", step.says);
        day.mails_reach(step.mails).await?;
    }
    Ok(())
}

fn ladder(owner: &Person, officer: &Person, manager: &Person) -> [Step; 5] {
    let to = |person, kind, step| Awaited::by(person, kind, Some(step));
    [
        Step { says: "reminds the owner: due in 7 days", mails: vec![to(owner, "reminder", 1)] },
        Step { says: "reminds the owner again: due in 2 working days", mails: vec![to(owner, "reminder", 2)] },
        Step { says: "tells the owner: it is due now, and not done", mails: vec![to(owner, "overdue", 3)] },
        Step {
            says: "goes one up, a working day after: owner and officer",
            mails: vec![to(owner, "overdue", 4), to(officer, "escalation", 4)],
        },
        Step { says: "goes further up, 3 working days after: the owner's manager", mails: vec![to(manager, "escalation", 5)] },
    ]
}

/// What `explain` says comes next on the action's clock.
async fn next(day: &mut Day<'_>) -> anyhow::Result<Value> {
    let path = day.path("/explain");
    let body = day.people.officer.client.get(&path).await?.when(200)?;
    let next = list(&body, "/next").iter().find(|next| text(next, "/kind") == "complete_action");
    next.cloned().context("explain names no next step for the action")
}

/// The server must have said beforehand which step comes, and whom it reaches.
fn check(next: &Value, number: u64, step: &Step) -> anyhow::Result<()> {
    let said = next.get("step").and_then(Value::as_u64);
    ensure!(said == Some(number), "explain says step {said:?} comes next, and not {number}");
    let said: BTreeSet<String> = list(next, "/people").iter().map(|person| text(person, "/name")).collect();
    let wanted: BTreeSet<String> = step.mails.iter().map(|mail| mail.name.clone()).collect();
    ensure!(said == wanted, "explain says step {number} reaches {said:?}, and not {wanted:?}");
    Ok(())
}
