//! The owner of an action hands it on by the link in a mail: once, to a colleague whom the page offers, and only their own.

use salama::domain::audience::Role;
use serde_json::json;

use crate::{
    mail_links::{Page, is_calm, link, open, record, seconds, story},
    support::{house::House, person::Person, stories},
};

stories!(
    the_owner_hands_an_action_on_and_the_colleague_is_told_at_once,
    only_its_owner_can_hand_an_action_on,
    nobody_but_a_colleague_the_page_offers_can_be_chosen,
    what_was_handed_on_can_be_handed_on_or_answered_no_second_time,
);

/// What a browser sends when somebody was chosen in the second form.
async fn chooses(house: &House, path: &str, to: &str) -> Page {
    let request = house.web.post(format!("{}{path}", house.url)).header("content-type", "application/x-www-form-urlencoded");
    let answer = request.body(format!("to={to}")).send().await.unwrap();
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    Page { status, headers, html: answer.text().await.unwrap() }
}

async fn colleague(house: &House) -> Person {
    house.joins("Rachid", Role::Technician, "AGA").await
}

async fn the_owner_hands_an_action_on_and_the_colleague_is_told_at_once(house: House) {
    let rachid = colleague(&house).await;
    let story = story(&house).await;
    let link = link(&house, &story.owner);
    let page = open(&house, &link).await;
    assert!(page.html.contains(&format!("<option value=\"{}\">Rachid</option>", rachid.id)), "{}", page.html);
    assert!(!page.html.contains(&story.officer.id.to_string()), "its verifier is not offered");
    let before = record(&house, &story).await;
    open(&house, &link).await;
    assert!(record(&house, &story).await == before, "opening changes nothing");
    let page = chooses(&house, &link, &rachid.id.to_string()).await;
    assert_eq!(page.status, 200, "{}", page.html);
    assert!(page.html.contains("Rachid carries out the corrective action") && !page.html.contains("<button"), "{}", page.html);
    house.tick().await;
    assert_eq!(house.mailbox(&rachid).len(), 1);
    let officer = house.again(&story.officer).await;
    let action = officer.get(&format!("/v1/actions/{}", story.action)).await.expect(200);
    assert_eq!((&action["owner_id"], &action["state"]), (&json!(rachid.id.0), &json!("open")));
    let record = record(&house, &story).await;
    let entry = record[1]["items"].as_array().unwrap().iter().find(|entry| entry["verb"] == "delegated").unwrap().clone();
    assert_eq!((&entry["actor_id"], &entry["facts"]["by"]), (&json!(story.owner.id), &json!("mail link")));
    seconds(&house, 10).await;
    assert_eq!(house.mailbox(&story.manager).len(), 1, "the clock of the action goes on");
}

async fn only_its_owner_can_hand_an_action_on(house: House) {
    let rachid = colleague(&house).await;
    let story = story(&house).await;
    seconds(&house, 5).await;
    let link = link(&house, &story.officer);
    let page = open(&house, &link).await;
    assert!(!page.html.contains("<select") && page.html.contains("<button"), "{}", page.html);
    let before = record(&house, &story).await;
    is_calm(&chooses(&house, &link, &rachid.id.to_string()).await, 409);
    assert!(record(&house, &story).await == before, "nothing may have changed");
}

async fn nobody_but_a_colleague_the_page_offers_can_be_chosen(house: House) {
    let (gone, elsewhere) = (colleague(&house).await, house.joins("Said", Role::Technician, "TIZ").await);
    let story = story(&house).await;
    salama::operations::disable_member(&house.app, "rachid@example.org").await.unwrap();
    let link = link(&house, &story.owner);
    let before = record(&house, &story).await;
    let strangers = [&gone, &elsewhere, &story.officer, &story.owner].map(|person| person.id.to_string());
    for to in strangers.iter().map(String::as_str).chain(["", "nonsense", "%00", "00000000-0000-0000-0000-000000000000"]) {
        is_calm(&chooses(&house, &link, to).await, 409);
    }
    assert!(record(&house, &story).await == before, "nothing may have changed");
    assert_eq!(open(&house, &link).await.status, 200, "and the link is still good");
}

async fn what_was_handed_on_can_be_handed_on_or_answered_no_second_time(house: House) {
    let rachid = colleague(&house).await;
    let story = story(&house).await;
    let link = link(&house, &story.owner);
    let pages = futures_util::future::join_all((0..4).map(|_| async {
        let to = rachid.id.to_string();
        chooses(&house, &link, &to).await.status
    }));
    let mut statuses = pages.await;
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 410, 410, 410]);
    house.tick().await;
    assert_eq!(house.mailbox(&rachid).len(), 1);
}
