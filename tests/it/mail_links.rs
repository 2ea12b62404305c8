//! The link in a mail: opening it changes nothing, pressing its button keeps one ladder quiet for a while, once, and nobody
//! gets anywhere with a link that is not theirs, too old or about what is over.

use reqwest::{Method, StatusCode};
use salama::{
    domain::{audience::Role, ids::DeadlineId, locale::Locale},
    operations,
};
use serde_json::{Value, json};

use crate::support::{
    house::{House, readable},
    person::{Person, hazard},
    stories,
};

stories!(
    the_link_opens_a_page_that_says_what_is_due_and_never_what_was_seen,
    a_filter_that_opens_the_link_fifty_times_changes_nothing,
    pressing_the_button_pauses_the_ladder_and_is_on_record_as_by_mail_link,
    a_second_press_is_refused_calmly_and_changes_nothing,
    of_two_presses_at_once_one_counts,
    a_forged_or_cut_link_is_not_found,
    a_link_about_what_is_done_is_over,
    a_link_grows_too_old_after_three_days,
    a_link_that_asks_for_nothing_has_no_button_and_takes_no_answer,
    a_link_about_a_report_without_actions_is_answered_too,
    somebody_who_left_has_no_link,
    an_arabic_reader_gets_an_arabic_page,
    a_hostile_name_is_shown_as_text,
    other_failures_are_still_problem_documents,
);

/// A ladder of seconds: the owner before and at the due instant, then the officer, then the manager; quiet for 30 seconds.
fn ladders() -> Value {
    let all = [1, 2, 3, 4, 5];
    let step = |offset: &str, audience: Value| json!({ "offset": offset, "audience": [audience] });
    let acknowledge = json!({ "kind": "acknowledge", "severities": all, "within": "P900D", "pause": "PT10M",
        "steps": [step("-P2D", json!("officer")), step("PT0S", json!("safety_desk"))] });
    let actions = json!({ "kind": "complete_action", "severities": all, "within": "P30D", "pause": "PT30S", "steps": [
        step("-PT5S", json!("owner")), step("PT0S", json!("owner")), step("PT5S", json!("officer")), step("PT10S", json!({ "manager": 2 }))] });
    json!({ "ladders": [acknowledge, actions] })
}

pub struct Story {
    pub owner: Person,
    pub officer: Person,
    pub manager: Person,
    pub report: String,
    pub action: String,
}

/// A page as it came.
pub struct Page {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub html: String,
}

/// A hazard that only its officer is told of.
fn minor(site: &str) -> Value {
    let mut draft = hazard(site);
    draft["potential_severity"] = 2.into();
    draft
}

/// A technician under an officer under a manager, on these ladders.
async fn crew(house: &House, owner: (&str, Locale), officer: &str) -> [Person; 3] {
    let manager = house.joins("Hind", Role::Manager, "SRM-SM").await;
    let officer = house.joins_as("brahim", (officer, Locale::Fr), Role::Officer, "AGA", Some(&manager)).await;
    let owner = house.joins_as("khadija", owner, Role::Technician, "AGA", Some(&officer)).await;
    let admin = house.joins("Omar", Role::Admin, "SRM-SM").await;
    admin.put("/v1/ladders", &ladders()).await.expect(200);
    [owner, officer, manager]
}

/// An action whose due instant has just passed: its owner has had a reminder and then an overdue notice.
async fn overdue(house: &House, owner: (&str, Locale), officer: &str) -> Story {
    let [owner, officer, manager] = crew(house, owner, officer).await;
    let report = owner.reports(&minor(&house.site("AGA").await)).await;
    officer.commands(&report, "acknowledge", json!({})).await.expect(200);
    let action = officer.assigns(&report, &owner, Some(house.now().plus_ms(20_000).to_string())).await;
    for wait in [0, 15, 5] {
        seconds(house, wait).await;
    }
    Story { owner, officer, manager, report, action }
}

pub async fn story(house: &House) -> Story {
    overdue(house, ("Khadija", Locale::En), "Brahim").await
}

pub async fn seconds(house: &House, seconds: i64) {
    house.clock.advance(seconds * 1000).unwrap();
    house.tick().await;
}

/// The path of the link in the last mail a person got.
pub fn link(house: &House, person: &Person) -> String {
    let plain = readable(&house.mailbox(person).pop().unwrap().data);
    let begins = plain.find("http://127.0.0.1/m/").unwrap() + "http://127.0.0.1".len();
    let path: String = plain[begins..].chars().take_while(|c| c.is_ascii_graphic() && *c != '"').collect();
    assert_eq!(path.len(), "/m/".len() + 43, "{path}");
    path
}

pub async fn call(house: &House, method: Method, path: &str) -> Page {
    let answer = house.web.request(method, format!("{}{path}", house.url)).send().await.unwrap();
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    Page { status, headers, html: answer.text().await.unwrap() }
}

pub async fn open(house: &House, path: &str) -> Page {
    call(house, Method::GET, path).await
}

pub async fn press(house: &House, path: &str) -> Page {
    call(house, Method::POST, path).await
}

/// Everything on record about the report: what was told, what comes next, its history and its version.
pub async fn record(house: &House, story: &Story) -> Value {
    let officer = house.again(&story.officer).await;
    let history = officer.get(&format!("/v1/reports/{}/history?limit=200", story.report)).await.expect(200);
    json!([officer.explains(&story.report).await, history, officer.report(&story.report).await["version"]])
}

/// How many mails each of the three has had.
fn told(house: &House, story: &Story) -> [usize; 3] {
    [&story.owner, &story.officer, &story.manager].map(|person| house.mailbox(person).len())
}

pub fn is_calm(page: &Page, status: u16) {
    assert_eq!(page.status, status, "{}", page.html);
    assert!(page.html.contains("<h1>") && !page.html.contains("<button") && !page.html.contains("R-2026"), "{}", page.html);
}

async fn the_link_opens_a_page_that_says_what_is_due_and_never_what_was_seen(house: House) {
    let story = story(&house).await;
    seconds(&house, 5).await;
    let page = open(&house, &link(&house, &story.officer)).await;
    assert_eq!(page.status, 200);
    for header in
        ["content-security-policy", "cache-control", "referrer-policy", "x-robots-tag", "content-type", "content-language"]
    {
        let wanted = match header {
            "content-security-policy" => {
                "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"
            }
            "cache-control" => "no-store",
            "referrer-policy" => "no-referrer",
            "x-robots-tag" => "noindex",
            "content-type" => "text/html; charset=utf-8",
            _ => "fr",
        };
        assert_eq!(page.headers[header], wanted, "{header}");
    }
    for seen in ["R-2026-", "Mineure", "action corrective", "24 novembre 2026 à 09:00", "Khadija", "Hind", "Je prends en charge"]
    {
        assert!(page.html.contains(seen), "{seen}: {}", page.html);
    }
    assert!(page.html.len() < 15_000 && page.html.matches("<form method=\"post\">").count() == 1);
    for hidden in ["Câble", "Enterrer", "example.org", "<script", "href="] {
        assert!(!page.html.contains(hidden), "{hidden}: {}", page.html);
    }
}

async fn a_filter_that_opens_the_link_fifty_times_changes_nothing(house: House) {
    let story = story(&house).await;
    let link = link(&house, &story.owner);
    let before = record(&house, &story).await;
    for _ in 0..50 {
        assert_eq!(open(&house, &link).await.status, 200);
        let head = call(&house, Method::HEAD, &link).await;
        assert_eq!((head.status, head.html.as_str()), (200, ""));
    }
    assert!(record(&house, &story).await == before, "nothing may have changed");
    seconds(&house, 10).await;
    assert_eq!(told(&house, &story), [4, 2, 1], "the ladder climbs on");
}

async fn pressing_the_button_pauses_the_ladder_and_is_on_record_as_by_mail_link(house: House) {
    let story = story(&house).await;
    let page = press(&house, &link(&house, &story.owner)).await;
    assert_eq!(page.status, 200);
    assert!(page.html.contains("Thank you") && !page.html.contains("<button"), "{}", page.html);
    assert!(page.html.contains("paused until 24 November 2026 at 09:00"), "{}", page.html);
    seconds(&house, 29).await;
    assert_eq!(told(&house, &story), [4, 1, 0], "quiet for the thirty seconds its ladder states");
    seconds(&house, 1).await;
    assert_eq!(told(&house, &story), [4, 2, 1], "and then it goes on");

    let record = record(&house, &story).await;
    let answered =
        record[1]["items"].as_array().unwrap().iter().find(|entry| entry["verb"] == "escalation_acknowledged").unwrap();
    assert_eq!((&answered["actor_id"], &answered["subject"]), (&json!(story.owner.id), &json!("action")), "{answered:#}");
    let notice = record[0]["told"].as_array().unwrap().iter().find(|one| one["kind"] == "overdue").unwrap();
    assert_eq!(answered["facts"], json!({ "by": "mail link", "notice": notice["id"] }));
    assert_eq!(notice["answered_at"], "2026-11-24T09:00:20Z");
    let owner = house.again(&story.owner).await;
    assert_eq!(owner.get(&format!("/v1/actions/{}", story.action)).await.expect(200)["state"], "open", "nothing is completed");
    operations::verify_journal(&house.app.store, Some(&house.app.keys), None, None).await.unwrap();
}

async fn a_second_press_is_refused_calmly_and_changes_nothing(house: House) {
    let story = story(&house).await;
    let link = link(&house, &story.owner);
    assert_eq!(press(&house, &link).await.status, 200);
    let before = record(&house, &story).await;
    house.clock.advance(10_000).unwrap();
    for page in [press(&house, &link).await, open(&house, &link).await, press(&house, &link).await] {
        is_calm(&page, 410);
        assert!(page.html.contains("Your answer is on record"), "{}", page.html);
    }
    assert!(record(&house, &story).await == before, "nothing may have changed");
}

async fn of_two_presses_at_once_one_counts(house: House) {
    let story = story(&house).await;
    let link = link(&house, &story.owner);
    let pages = futures_util::future::join_all((0..6).map(|_| press(&house, &link))).await;
    let mut statuses: Vec<u16> = pages.iter().map(|page| page.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 410, 410, 410, 410, 410]);
    let entries = record(&house, &story).await[1]["items"].to_string();
    assert_eq!(entries.matches("escalation_acknowledged").count(), 1);
}

async fn a_forged_or_cut_link_is_not_found(house: House) {
    let story = story(&house).await;
    let link = link(&house, &story.owner);
    let before = record(&house, &story).await;
    let unsent = house.app.links.token(salama::domain::ids::NoticeId(house.clock.new_id()));
    let changed_at = |at: usize| {
        let other = if &link[at..=at] == "A" { "B" } else { "A" };
        format!("{}{other}{}", &link[..at], &link[at + 1..])
    };
    let cut = &link[..link.len() - 1];
    let forged = [
        changed_at(20), // another notice under this seal
        changed_at(40), // this notice under another seal
        cut.to_owned(),
        format!("{link}A"),
        format!("{cut}%00"),
        format!("/m/{unsent}"),
        "/m/%ff".to_owned(),
        "/m/..%2f..%2fetc%2fpasswd".to_owned(),
        format!("/m/{}", "A".repeat(4_000)),
    ];
    for path in forged {
        is_calm(&open(&house, &path).await, 404);
        is_calm(&press(&house, &path).await, 404);
    }
    assert!(record(&house, &story).await == before, "nothing may have changed");
    let french = house.web.get(format!("{}/m/x", house.url)).header("accept-language", "fr").send().await.unwrap();
    assert_eq!(french.headers()["content-language"], "fr");
    assert!(french.text().await.unwrap().contains("Lien non reconnu"));
}

async fn a_link_about_what_is_done_is_over(house: House) {
    let story = story(&house).await;
    let link = link(&house, &story.owner);
    story.owner.acts(&story.action, "complete", json!({ "note": "Done" })).await.expect(200);
    let before = record(&house, &story).await;
    is_calm(&open(&house, &link).await, 410);
    is_calm(&press(&house, &link).await, 410);
    assert!(record(&house, &story).await == before, "nothing may have changed");
    story.officer.acts(&story.action, "return", json!({ "reason": "Not buried" })).await.expect(200);
    is_calm(&press(&house, &link).await, 410);
}

async fn a_link_grows_too_old_after_three_days(house: House) {
    let story = story(&house).await;
    let link = link(&house, &story.owner);
    let before = record(&house, &story).await;
    house.clock.advance(72 * 3_600_000 - 1).unwrap();
    assert_eq!(open(&house, &link).await.status, 200);
    house.clock.advance(1).unwrap();
    is_calm(&open(&house, &link).await, 410);
    is_calm(&press(&house, &link).await, 410);
    assert!(record(&house, &story).await[1] == before[1], "nothing may have happened");
}

async fn a_link_that_asks_for_nothing_has_no_button_and_takes_no_answer(house: House) {
    let story = story(&house).await;
    let link = link(&house, &story.officer);
    let page = open(&house, &link).await;
    assert_eq!(page.status, 200);
    assert!(page.html.contains("Un signalement vous est adressé") && !page.html.contains("<button"), "{}", page.html);
    let before = record(&house, &story).await;
    is_calm(&press(&house, &link).await, 409);
    assert!(record(&house, &story).await == before, "nothing may have changed");
}

async fn a_link_about_a_report_without_actions_is_answered_too(house: House) {
    let [sender, officer, _] = crew(&house, ("Khadija", Locale::En), "Brahim").await;
    let report = sender.reports(&minor(&house.site("AGA").await)).await;
    house.tick().await;
    seconds(&house, 898 * 86_400).await;
    let page = press(&house, &link(&house, &officer)).await;
    assert_eq!(page.status, 200, "{}", page.html);
    let until = house.now().plus_ms(600_000);
    let deadlines = house.app.store.deadlines_of(report.parse().unwrap()).await.unwrap();
    let paused: Vec<DeadlineId> = deadlines.iter().filter(|one| one.paused_until == Some(until)).map(|one| one.id).collect();
    assert_eq!(paused.len(), 1, "that one clock and no other");
    let officer = house.again(&officer).await;
    let history = officer.get(&format!("/v1/reports/{report}/history")).await.expect(200);
    let answered = history["items"].as_array().unwrap().iter().find(|one| one["verb"] == "escalation_acknowledged").unwrap();
    assert_eq!((&answered["subject"], &answered["subject_id"]), (&json!("report"), &json!(report)));
}

async fn somebody_who_left_has_no_link(house: House) {
    let story = story(&house).await;
    let link = link(&house, &story.owner);
    operations::disable_member(&house.app, "khadija@example.org").await.unwrap();
    is_calm(&open(&house, &link).await, 404);
    is_calm(&press(&house, &link).await, 404);
}

async fn an_arabic_reader_gets_an_arabic_page(house: House) {
    let story = overdue(&house, ("خديجة أمزيل", Locale::Ar), "Brahim").await;
    let link = link(&house, &story.owner);
    let asked = open(&house, &link).await;
    assert!(asked.html.contains(r#"<html lang="ar" dir="rtl">"#) && asked.html.contains("أتكفّل به"), "{}", asked.html);
    assert_eq!(asked.headers["content-language"], "ar");
    let thanked = press(&house, &link).await;
    let again = press(&house, &link).await;
    is_calm(&again, 410);
    for page in [asked, thanked, again] {
        assert!(page.html.contains(r#"dir="rtl""#) && page.html.contains("lang=\"ar\""));
    }
}

async fn a_hostile_name_is_shown_as_text(house: House) {
    let evil = "<img src=x onerror=alert(1)>\u{202e}\"'{{ 7*7 }}";
    let story = overdue(&house, (evil, Locale::En), evil).await;
    seconds(&house, 10).await;
    for person in [&story.owner, &story.officer, &story.manager] {
        let page = open(&house, &link(&house, person)).await;
        assert_eq!(page.status, 200);
        assert!(!page.html.contains("<img") && !page.html.contains('\u{202e}') && !page.html.contains("{{ 49"), "{}", page.html);
    }
    let page = open(&house, &link(&house, &story.manager)).await;
    assert!(page.html.contains("&lt;img src=x onerror=alert(1)&gt;&quot;&#x27;{{ 7*7 }}"), "{}", page.html);
}

async fn other_failures_are_still_problem_documents(house: House) {
    let put = call(&house, Method::PUT, "/m/x").await;
    let nowhere = call(&house, Method::GET, "/m").await;
    for (page, status) in [(put, StatusCode::METHOD_NOT_ALLOWED), (nowhere, StatusCode::NOT_FOUND)] {
        assert_eq!(page.status, status);
        assert_eq!(page.headers["content-type"], "application/problem+json");
    }
}
