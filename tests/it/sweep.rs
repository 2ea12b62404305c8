//! Every command in every state, asked by everybody: those of each role at the right site and at a foreign one, the sender,
//! the owner and the verifier. What the server lets through is compared with the rules in `domain/access`, which is also
//! where `allowed` comes from.

use salama::domain::{
    access::Actor,
    action::{ActionCommand, ActionState},
    audience::Role,
    ids::{ActionId, ReportId},
    report::{Command, ReportState},
};
use serde_json::{Value, json};

use crate::{
    main_road::PHOTO,
    support::{
        house::House,
        person::{Answer, Person, hazard, sha256},
        stories,
    },
};

stories!(
    every_command_of_a_report_is_open_to_whom_the_table_says_in_every_state,
    every_command_of_an_action_is_open_to_whom_the_table_says_in_every_state,
);

/// The people of one report, everybody who asks, and who may not even know of it.
struct Cast {
    sender: Person,
    handler: Person,
    owner: Person,
    callers: Vec<(String, Person)>,
    strangers: Vec<(String, Person)>,
    site: String,
}

async fn cast(house: &House) -> Cast {
    let sender = house.joins("Sender", Role::Technician, "AGA").await;
    let handler = house.joins("Handler", Role::Officer, "SRM-SM").await;
    let owner = house.joins("Owner", Role::Technician, "AGA").await;
    let (mut callers, mut strangers) = (vec![], vec![]);
    for role in Role::ALL {
        callers.push((format!("{role} here"), house.joins(&format!("H{role}"), *role, "AGA").await));
        strangers.push((format!("{role} elsewhere"), house.joins(&format!("E{role}"), *role, "TAR").await));
    }
    for (name, person) in [("sender", &sender), ("handler", &handler), ("owner", &owner)] {
        callers.push((name.to_owned(), person.clone()));
    }
    Cast { sender, handler, owner, callers, strangers, site: house.site("AGA").await }
}

struct Case {
    report: String,
    action: Option<String>,
}

impl Cast {
    /// A report in that state, reached by the commands that lead there.
    async fn report_in(&self, state: ReportState) -> Case {
        use ReportState::{Acknowledged, Acting, Closed, Dismissed, Duplicate, Investigating, Submitted, Verifying, Withdrawn};
        let photo = self.sender.new_id();
        let mut draft = hazard(&self.site);
        draft["photos"] = json!([{ "id": photo, "sha256": sha256(PHOTO), "bytes": PHOTO.len(), "media_type": "image/jpeg" }]);
        let mut case = Case { report: self.sender.reports(&draft).await, action: None };
        self.sender.sends_photo(&case.report, &photo, PHOTO.to_vec()).await.expect(201);
        let handle = async |command: &str, body: Value| self.handler.commands(&case.report, command, body).await.expect(200);
        if state == Withdrawn {
            self.sender.commands(&case.report, "withdraw", json!({})).await.expect(200);
        }
        if !matches!(state, Submitted | Withdrawn) {
            handle("triage", json!({ "actual_severity": 1, "potential_severity": 4 })).await;
        }
        match state {
            Submitted | Acknowledged | Withdrawn => {}
            Dismissed => drop(handle("dismiss", json!({ "reason": "No danger" })).await),
            Duplicate => {
                let other = self.sender.reports(&hazard(&self.site)).await;
                handle("mark-duplicate", json!({ "of_id": other })).await;
            }
            Investigating | Acting | Verifying | Closed => {
                let found = json!({ "causes": [{ "kind": "technical", "text": "Worn" }], "similar_events": "None" });
                handle("investigate", found).await;
            }
        }
        if matches!(state, Acting | Verifying | Closed) {
            let action = self.handler.assigns(&case.report, &self.owner, None).await;
            if state != Acting {
                self.owner.acts(&action, "complete", json!({ "note": "Done", "evidence": [photo] })).await.expect(200);
            }
            if state == Closed {
                self.handler.acts(&action, "verify", json!({})).await.expect(200);
                self.handler.commands(&case.report, "look-for-similar", json!({})).await.expect(200);
                let outcome = json!({ "outcome": "Mended", "effectiveness_days": 30 });
                self.handler.commands(&case.report, "close", outcome).await.expect(200);
            }
            case.action = Some(action);
        }
        assert_eq!(self.handler.report(&case.report).await["state"], state.word());
        case
    }

    /// An action in that state, of a report that is acted on.
    async fn action_in(&self, state: ActionState) -> Case {
        let case = self.report_in(ReportState::Acting).await;
        let action = case.action.clone().unwrap();
        let owner = async |command: &str, body: Value| drop(self.owner.acts(&action, command, body).await.expect(200));
        let photos = self.handler.report(&case.report).await["photos"][0]["id"].clone();
        match state {
            ActionState::Open => {}
            ActionState::Accepted => owner("accept", json!({})).await,
            ActionState::InProgress => owner("start", json!({})).await,
            ActionState::Completed | ActionState::Verified => {
                owner("complete", json!({ "note": "Done", "evidence": [photos] })).await;
            }
            ActionState::Cancelled => drop(self.handler.acts(&action, "cancel", json!({ "reason": "No" })).await.expect(200)),
        }
        if state == ActionState::Verified {
            self.handler.acts(&action, "verify", json!({})).await.expect(200);
        }
        case
    }
}

/// A body the command can read; where that is possible, one that a rule then refuses, so that the case stays as it is.
fn asking(command: Command) -> Value {
    match command {
        Command::Acknowledge | Command::Contain | Command::Withdraw | Command::LookForSimilar => json!({}),
        Command::Inquire => json!({ "team": [] }),
        Command::Correct => json!({ "kind": "near_miss", "reason": "" }),
        Command::Triage => json!({ "actual_severity": 9, "potential_severity": 9 }),
        Command::Investigate => json!({ "causes": [] }),
        Command::AssignAction => {
            json!({ "title": "", "kind": "corrective", "control": "ppe", "owner_id": uuid::Uuid::from_u128(7) })
        }
        Command::Close => json!({ "outcome": "" }),
        Command::Transfer => json!({ "officer_id": uuid::Uuid::from_u128(7), "reason": "No" }),
        Command::RequestInformation => json!({ "question": "" }),
        Command::Comment => json!({ "text": "" }),
        Command::JustifyControls => json!({ "justification": "" }),
        Command::Dismiss | Command::Reopen | Command::Unseal => json!({ "reason": "" }),
        Command::MarkDuplicate => json!({ "of_id": uuid::Uuid::from_u128(7) }),
        Command::CheckEffectiveness => json!({ "effective": true, "method": "", "note": "" }),
    }
}

async fn ask(caller: &Person, report: &str, command: Command) -> Answer {
    match command {
        Command::AssignAction => caller.put(&format!("/v1/reports/{report}/actions/{}", caller.new_id()), &asking(command)).await,
        Command::Inquire => caller.put(&format!("/v1/reports/{report}/inquiry"), &asking(command)).await,
        Command::Comment => caller.put(&format!("/v1/reports/{report}/comments/{}", caller.new_id()), &asking(command)).await,
        _ => caller.commands(report, command.word(), asking(command)).await,
    }
}

fn asking_of_action(command: ActionCommand) -> Value {
    match command {
        ActionCommand::Accept | ActionCommand::Start | ActionCommand::Verify | ActionCommand::AcknowledgeEscalation => json!({}),
        ActionCommand::Complete => json!({ "note": "" }),
        ActionCommand::Return | ActionCommand::Cancel => json!({ "reason": "" }),
        ActionCommand::Delegate => json!({ "owner_id": uuid::Uuid::from_u128(7), "reason": "No" }),
        ActionCommand::RequestExtension => json!({ "until": "2020-01-01T00:00:00Z", "reason": "Rain" }),
        ActionCommand::DecideExtension => json!({ "granted": true }),
    }
}

/// Whether the answer is right for somebody who may: let through to the rules, which may still find something missing. Who
/// may not is told so, or that there is no such thing, or that its state does not allow it.
fn fits(answer: &Answer, may: bool) -> bool {
    let wrong_state = answer.status == 409 && answer.body["code"] == "wrong_state";
    if may { !wrong_state && !matches!(answer.status, 401 | 403 | 404) } else { matches!(answer.status, 403 | 404 | 409) }
}

/// How it is answered about what cannot be known: what could wait for it has its words read first.
const fn unknown(waits: bool) -> u16 {
    if waits { 422 } else { 404 }
}

/// The report's state does not go by the clock, but tokens do: nothing here takes longer than one of them lasts.
async fn every_command_of_a_report_is_open_to_whom_the_table_says_in_every_state(house: House) {
    let people = cast(&house).await;
    let organisation = house.app.store.organisation().await.unwrap();
    let mut wrong = Vec::new();
    for state in ReportState::ALL {
        let mut case = people.report_in(*state).await;
        for command in Command::ALL {
            for (name, caller) in &people.callers {
                let id = ReportId(case.report.parse().unwrap());
                let report = house.app.store.report(id).await.unwrap().unwrap();
                let actions = house.app.store.actions_of(id).await.unwrap();
                let actor = Actor { member: caller.id, organisation: &organisation };
                let may = actor.allowed(&report, &actions).contains(&command.word());
                let answer = ask(caller, &case.report, *command).await;
                // Whoever took charge may say so again.
                let again = *command == Command::Acknowledge && report.acknowledged.is_some_and(|stamp| stamp.by == caller.id);
                let waits = *command == Command::Comment && answer.status == unknown(true);
                if !fits(&answer, may || (again && !report.has_ended())) && !waits {
                    wrong.push(format!("{name}: {command} when {state} is {} {}", answer.status, answer.body["code"]));
                }
                if answer.status < 300 {
                    case = people.report_in(*state).await;
                }
            }
            for (name, stranger) in &people.strangers {
                let answer = ask(stranger, &case.report, *command).await;
                if answer.status != unknown(*command == Command::Comment) {
                    wrong.push(format!("{name}: {command} when {state} is {}", answer.status));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

async fn every_command_of_an_action_is_open_to_whom_the_table_says_in_every_state(house: House) {
    let people = cast(&house).await;
    let organisation = house.app.store.organisation().await.unwrap();
    let mut wrong = Vec::new();
    for state in ActionState::ALL {
        let mut case = people.action_in(*state).await;
        for command in ActionCommand::ALL {
            for (name, caller) in &people.callers {
                let id = ActionId(case.action.as_ref().unwrap().parse().unwrap());
                let action = house.app.store.action(id).await.unwrap().unwrap();
                let may =
                    Actor { member: caller.id, organisation: &organisation }.allowed_of_action(&action).contains(&command.word());
                let answer = caller.acts(case.action.as_ref().unwrap(), command.word(), asking_of_action(*command)).await;
                let waits = *command == ActionCommand::Complete && answer.status == unknown(true);
                if !fits(&answer, may) && !waits {
                    wrong.push(format!("{name}: {command} when {state} is {} {}", answer.status, answer.body["code"]));
                }
                if answer.status < 300 {
                    case = people.action_in(*state).await;
                }
            }
            for (name, stranger) in &people.strangers {
                let answer = stranger.acts(case.action.as_ref().unwrap(), command.word(), asking_of_action(*command)).await;
                if answer.status != unknown(*command == ActionCommand::Complete) {
                    wrong.push(format!("{name}: {command} when {state} is {}", answer.status));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
