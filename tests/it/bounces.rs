//! Mails that come back: one that proves it had our mail moves the ladder to the next person at once; everything else
//! changes nothing, and nothing is ever answered.

use std::{fs, path::PathBuf};

use salama::{domain::audience::Role, operations};
use serde_json::{Value, json};

use crate::{
    escalation::{Overdue, action, seconds, told},
    support::{
        house::{House, readable},
        person::Person,
        stories,
    },
};

stories!(
    a_bounced_mail_moves_the_ladder_to_the_next_person_and_the_administrator_is_told,
    a_mail_that_is_only_late_or_failed_for_another_address_condemns_no_address,
    what_proves_nothing_changes_nothing_and_is_put_aside,
    the_same_bounce_twice_or_after_a_crash_counts_once,
    a_bounce_of_what_was_answered_or_is_long_ago_changes_nothing,
    a_bounce_of_a_mail_to_a_reports_sender_says_nothing_to_anybody_else,
    a_bounce_about_an_earlier_due_instant_takes_nothing_from_the_new_one,
);

/// A server with a folder of mails that came back.
struct Desk {
    house: House,
    folder: PathBuf,
}

async fn desk(house: &House) -> Desk {
    let folder = house.folder.path().join("bounces");
    fs::create_dir_all(folder.join("new")).unwrap();
    let house = house.another_with(&[("SALAMA_BOUNCES_DIR", folder.to_str().unwrap())]).await;
    Desk { house, folder }
}

impl Desk {
    fn drops(&self, name: &str, mail: &str) {
        fs::write(self.folder.join(name), mail).unwrap();
    }

    /// What comes back comes back later than what was sent.
    async fn reads(&self) {
        self.house.clock.advance(1).unwrap();
        operations::read_bounces(&self.house.app).await.unwrap();
        self.house.tick().await;
    }

    fn has(&self, pile: &str, name: &str) -> bool {
        self.folder.join(pile).join(name).exists()
    }
}

/// The Message-ID of the last mail a person got.
fn message_id(house: &House, person: &Person) -> String {
    let mail = house.mailbox(person).pop().unwrap().data;
    mail.lines().find_map(|line| line.strip_prefix("Message-ID: ")).unwrap().to_owned()
}

fn status(id: &str, recipient: &str, action: &str, status: &str) -> String {
    format!(
        "From: MAILER-DAEMON@relay.example\r\nTo: salama@salama.example\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n\r\n\
         --b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n\
         Reporting-MTA: dns; relay.example\r\n\r\nFinal-Recipient: rfc822; {recipient}\r\nAction: {action}\r\nStatus: {status}\r\n\r\n\
         --b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {id}\r\nSubject: x\r\n\r\n--b--\r\n"
    )
}

async fn notices(house: &House, story: &Overdue) -> Vec<Value> {
    house.again(&story.officer).await.explains(&story.report).await["told"].as_array().unwrap().clone()
}

async fn is_suspect(house: &House, person: &Person) -> bool {
    house.app.store.organisation().await.unwrap().members[&person.id].address_suspect_since.is_some()
}

async fn a_bounced_mail_moves_the_ladder_to_the_next_person_and_the_administrator_is_told(house: House) {
    let story = action(&house).await;
    let desk = desk(&house).await;
    seconds(&house, 20).await;
    assert_eq!(told(&house, &story), (2, 0, 0));
    desk.drops("new/1", &status(&message_id(&house, &story.technician), "Khadija@example.org", "failed", "5.1.1"));
    desk.reads().await;
    assert_eq!(told(&house, &story), (2, 1, 0), "at once, not five seconds later");
    assert!(is_suspect(&house, &story.technician).await && desk.has("done", "1"));
    let notices = notices(&house, &story).await;
    let bounced = notices.iter().find(|one| one["state"] == "bounced").unwrap();
    let last = bounced["timeline"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["what"], &last["answer"]), (&json!("bounced"), &json!("status 5.1.1")));
    let instead = notices.iter().find(|one| one["in_place_of"] == bounced["id"] && one["kind"] != "mail_bounced").unwrap();
    assert_eq!(instead["name"], "Brahim");
    let mail = readable(&house.mailbox(&story.officer).pop().unwrap().data);
    assert!(mail.contains("You are told because the mail about this to Khadija has not got through."), "{mail}");
    let admin = house.peer.received().into_iter().filter(|mail| mail.to == "omar@example.org").collect::<Vec<_>>();
    let mail = readable(&admin[0].data);
    assert_eq!(admin.len(), 1);
    assert!(mail.contains("Mail to Khadija does not get through") && !mail.contains("Electric"), "{mail}");
    assert!(!mail.contains("khadija@"), "no address");
}

async fn a_mail_that_is_only_late_or_failed_for_another_address_condemns_no_address(house: House) {
    let story = action(&house).await;
    let desk = desk(&house).await;
    seconds(&house, 20).await;
    let id = message_id(&house, &story.technician);
    desk.drops("1", &status(&id, "khadija@example.org", "delayed", "4.4.1"));
    desk.reads().await;
    assert_eq!(told(&house, &story), (2, 0, 0), "it may still arrive");
    let late = notices(&house, &story).await;
    let late = late.iter().find(|one| one["timeline"].to_string().contains("delayed")).unwrap();
    assert_eq!(late["state"], "accepted");
    desk.drops("2", &status(&id, "old@elsewhere.example", "failed", "5.1.1"));
    desk.reads().await;
    assert_eq!(told(&house, &story), (2, 1, 0), "she was not reached");
    assert!(!is_suspect(&house, &story.technician).await, "but that was not her address");
    assert!(desk.has("done", "1") && desk.has("done", "2"));
}

async fn what_proves_nothing_changes_nothing_and_is_put_aside(house: House) {
    let story = action(&house).await;
    let desk = desk(&house).await;
    seconds(&house, 20).await;
    let before = notices(&house, &story).await;
    let id = message_id(&house, &story.technician);
    let notice = id.trim_start_matches('<').split('.').next().unwrap().to_owned();
    let forged = |id: &str| status(id, "khadija@example.org", "failed", "5.1.1");
    let link = house.app.links.token(notice.parse().unwrap());
    let mails = [
        forged(&format!("<{notice}@salama.example>")),
        forged(&format!("<{notice}.{}@salama.example>", "0".repeat(32))),
        forged(&format!("<{notice}.{link}@salama.example>")),
        forged(&id.replace(&notice, &uuid::Uuid::from_u128(7).to_string())),
        forged(&id).replace("report-type=delivery-status", "report-type=disposition-notification"),
        format!("From: khadija@example.org\r\nIn-Reply-To: {id}\r\nAuto-Submitted: auto-replied\r\n\r\nOut of office\r\n"),
        "\0\u{1}\u{2}".repeat(1000),
        format!("{}{}", forged(&id), " ".repeat(2 << 20)),
        String::new(),
    ];
    for (n, mail) in mails.iter().enumerate() {
        desk.drops(&format!("{n}"), mail);
    }
    desk.drops(".unfinished", &forged(&id));
    let mails_before = house.peer.received().len();
    desk.reads().await;
    assert_eq!(notices(&house, &story).await, before);
    assert!((0..mails.len()).all(|n| desk.has("aside", &n.to_string())), "all are put aside");
    assert!(desk.has("", ".unfinished"), "what is still being written is left alone");
    assert_eq!(house.peer.received().len(), mails_before, "nothing is answered");
}

async fn the_same_bounce_twice_or_after_a_crash_counts_once(house: House) {
    let story = action(&house).await;
    let desk = desk(&house).await;
    seconds(&house, 20).await;
    let id = message_id(&house, &story.technician);
    for action in ["delayed", "failed"] {
        let mail = status(&id, "khadija@example.org", action, "4.4.7");
        for name in ["1", "1", "2"] {
            desk.drops(name, &mail);
            desk.reads().await;
        }
    }
    assert_eq!(told(&house, &story), (2, 1, 0));
    let notices = notices(&house, &story).await;
    let timeline = notices.iter().find(|one| one["state"] == "bounced").unwrap()["timeline"].to_string();
    assert_eq!((timeline.matches("\"delayed\"").count(), timeline.matches("\"bounced\"").count()), (1, 1));
}

async fn a_bounce_of_what_was_answered_or_is_long_ago_changes_nothing(house: House) {
    let story = action(&house).await;
    let desk = desk(&house).await;
    seconds(&house, 20).await;
    let id = message_id(&house, &story.technician);
    house.clock.advance(10 * 86_400_000).unwrap();
    desk.drops("1", &status(&id, "khadija@example.org", "failed", "5.1.1"));
    operations::read_bounces(&desk.house.app).await.unwrap();
    assert!(desk.has("done", "1") && !is_suspect(&house, &story.technician).await);
    assert!(notices(&house, &story).await.iter().all(|one| one["state"] != "bounced"));
}

async fn a_bounce_of_a_mail_to_a_reports_sender_says_nothing_to_anybody_else(house: House) {
    let story = action(&house).await;
    let desk = desk(&house).await;
    let sender = house.joins("Salma", Role::Technician, "AGA").await;
    let mut draft = crate::support::person::hazard(&house.site("AGA").await);
    draft["confidentiality"] = "confidential".into();
    draft["potential_severity"] = 2.into();
    let report = sender.reports(&draft).await;
    story.officer.commands(&report, "acknowledge", json!({})).await.expect(200);
    story.officer.commands(&report, "request-information", json!({ "question": "Where?" })).await.expect(200);
    house.tick().await;
    let id = message_id(&house, &sender);
    let mails = house.peer.received().len();
    desk.drops("1", &status(&id, "salma@example.org", "failed", "5.1.1"));
    desk.reads().await;
    assert!(is_suspect(&house, &sender).await);
    assert_eq!(house.peer.received().len(), mails, "nobody else is told");
    let officer = house.again(&story.officer).await;
    let history = officer.get(&format!("/v1/reports/{report}/history?limit=200")).await.expect(200).to_string();
    assert!(!history.contains(&sender.id.0.to_string()), "{history}");
}

async fn a_bounce_about_an_earlier_due_instant_takes_nothing_from_the_new_one(house: House) {
    let story = action(&house).await;
    let desk = desk(&house).await;
    seconds(&house, 20).await;
    let overdue = message_id(&house, &story.technician);
    let until = json!({ "until": house.now().plus_ms(60_000).to_string(), "reason": "The part is late" });
    story.technician.acts(&story.action, "request-extension", until).await.expect(200);
    story.officer.acts(&story.action, "decide-extension", json!({ "granted": true })).await.expect(200);
    house.tick().await;
    desk.drops("new/1", &status(&overdue, "Khadija@example.org", "failed", "5.1.1"));
    desk.reads().await;
    assert_eq!(told(&house, &story).1, 0, "what the mail said is over");
    seconds(&house, 60).await;
    let reminded_and_overdue = 2;
    assert_eq!(told(&house, &story).1, reminded_and_overdue, "whoever can be told in the owner's place is told of the new one");
}
