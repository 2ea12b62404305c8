//! How people get in and stay in: a code instead of a password, a second factor, tries that are counted, budgets, and what
//! they are told about their own account.

use salama::{
    domain::{
        account::{AccountEvent, AccountWord},
        audience::Role,
        ids::{AccountWordId, MemberId},
        second_factor::step_at,
    },
    operations::{self, Credentials, Device},
};
use serde_json::{Value, json};

use crate::support::{
    house::{House, readable},
    person::{Answer, Person, hazard},
    stories,
};

stories!(
    a_code_puts_one_phone_into_service_once_and_within_a_day,
    a_code_whose_answer_was_lost_is_redeemed_again_by_the_same_phone,
    only_who_may_let_somebody_in_makes_codes,
    row_19_wrong_passwords_from_everywhere_keep_nobody_out_of_their_own_device,
    row_20_unknown_and_known_logins_are_told_the_same_until_the_wait,
    row_21_a_password_is_taken_exactly_as_typed,
    row_22_two_hundred_sign_ins_at_once_are_served_or_told_to_wait,
    whoever_finds_the_queue_full_is_told_so_and_has_lost_no_try,
    row_24_digits_are_good_once_and_for_a_minute_and_guessing_them_is_slow,
    row_25_no_step_of_signing_in_can_be_left_out,
    a_recovery_code_opens_once_and_its_owner_hears_of_it,
    a_lost_second_factor_is_taken_away_by_an_admin_alone,
    where_a_second_factor_is_demanded_nothing_else_can_be_done_without_it,
    a_password_is_changed_soon_after_signing_in_and_signs_other_devices_out,
    a_stolen_password_is_refused,
    row_15_whoever_is_robbed_of_a_token_is_told,
    a_budget_is_said_on_every_answer_and_a_queue_hardly_counts,
    row_48_whoever_writes_their_own_address_is_counted_by_their_real_one,
    mails_about_accounts_are_among_those_the_relay_is_asked_to_take,
);

const PASSWORD: &str = "a long walk to Taghazout";

fn device(id: &str) -> Value {
    json!({ "id": id, "name": format!("{id} of Khadija") })
}

async fn post(house: &House, path: &str, body: &Value) -> Answer {
    house.whoever_holds("").post(path, body).await
}

async fn signs_in(house: &House, password: &str, on: &str, second_factor: Option<&str>) -> Answer {
    let mut body = json!({ "login": "rachid@example.org", "password": password, "device": device(on) });
    if let Some(second) = second_factor {
        body["second_factor"] = second.into();
    }
    post(house, "/v1/sessions", &body).await
}

/// Somebody signed in with what the server gave them.
fn with(house: &House, session: &Value) -> Person {
    house.whoever_holds(session["access_token"].as_str().unwrap())
}

async fn enrols(officer: &Person, member: MemberId) -> Value {
    officer.post("/v1/enrolments", &json!({ "member_id": member.0 })).await.expect(201)
}

async fn redeems(house: &House, code: &Value, on: &str) -> Answer {
    post(house, "/v1/enrolments/redeem", &json!({ "code": code, "device": device(on) })).await
}

fn words_to(house: &House, mailbox: &str) -> Vec<String> {
    let address = format!("{mailbox}@example.org");
    house.peer.received().into_iter().filter(|mail| mail.to.contains(&address)).map(|mail| readable(&mail.data)).collect()
}

async fn a_code_puts_one_phone_into_service_once_and_within_a_day(house: House) {
    let officer = house.joins("Nadia", Role::Officer, "AGA").await;
    let technician = house.joins("Khadija", Role::Technician, "AGA").await;
    let made = enrols(&officer, technician.id).await;
    assert!(made["qr_svg"].as_str().unwrap().contains("<svg") && made["url"].as_str().unwrap().contains("/enrol#"), "{made}");
    let session = redeems(&house, &made["code"], "new phone").await.expect(201);
    assert_eq!(session["member"]["name"], "Khadija");
    let phone = with(&house, &session);
    phone.reports(&hazard(&house.site("AGA").await)).await;
    redeems(&house, &made["code"], "new phone").await.refused(401, "code_refused");
    redeems(&house, &made["code"], "another phone").await.refused(401, "code_refused");
    house.tick().await;
    let [told] = words_to(&house, "khadija").try_into().unwrap();
    assert!(told.contains("new device") && told.contains("new phone of Khadija"), "{told}");
    let old = enrols(&officer, technician.id).await;
    let new = enrols(&officer, technician.id).await;
    redeems(&house, &old["code"], "tablet").await.refused(401, "code_refused");
    house.clock.advance(86_400_000).unwrap();
    redeems(&house, &new["code"], "tablet").await.refused(401, "code_refused");
    for nonsense in ["", "AAAA", "AAAA-AAAA-AAAA-AAAA-AAAA-AAAA-AAAA", "é"] {
        redeems(&house, &json!(nonsense), "tablet").await.refused(401, "code_refused");
    }
}

async fn a_code_whose_answer_was_lost_is_redeemed_again_by_the_same_phone(house: House) {
    let officer = house.joins("Nadia", Role::Officer, "AGA").await;
    let technician = house.joins("Khadija", Role::Technician, "AGA").await;
    let made = enrols(&officer, technician.id).await;
    let lost = redeems(&house, &made["code"], "phone").await.expect(201);
    redeems(&house, &made["code"], "thief").await.refused(401, "code_refused");
    let again = redeems(&house, &made["code"].as_str().unwrap().to_lowercase().into(), "phone").await.expect(201);
    with(&house, &lost).get("/v1/me").await.refused(401, "not_signed_in");
    with(&house, &again).get("/v1/me").await.expect(200);
    let refreshed = post(&house, "/v1/sessions/refresh", &json!({ "refresh_token": again["refresh_token"] })).await.expect(200);
    with(&house, &refreshed).get("/v1/me").await.expect(200);
    redeems(&house, &made["code"], "phone").await.refused(401, "code_refused");
    let own = house.again(&technician).await;
    let devices = own.get("/v1/devices").await.expect(200);
    assert_eq!(devices["items"].as_array().unwrap().iter().filter(|device| device["device_id"] == "phone").count(), 3);
}

async fn only_who_may_let_somebody_in_makes_codes(house: House) {
    let technician = house.joins("Khadija", Role::Technician, "AGA").await;
    let manager = house.joins("Salma", Role::Manager, "AGA").await;
    let (officer, stranger) = (house.joins("Nadia", Role::Officer, "AGA").await, house.joins("Omar", Role::Officer, "TAR").await);
    let admin = house.joins("Admin", Role::Admin, "SRM-SM").await;
    let ask = |who: Person, whom: MemberId| async move { who.post("/v1/enrolments", &json!({ "member_id": whom.0 })).await };
    ask(technician.clone(), technician.id).await.refused(403, "may_not");
    ask(stranger.clone(), technician.id).await.refused(403, "may_not");
    ask(officer.clone(), manager.id).await.refused(403, "may_not");
    ask(officer.clone(), MemberId(uuid::Uuid::from_u128(7))).await.expect(422);
    let made = ask(admin.clone(), manager.id).await.expect(201);
    operations::disable_member(&house.app, "salma@example.org").await.unwrap();
    redeems(&house, &made["code"], "phone").await.refused(401, "code_refused");
    ask(admin, manager.id).await.refused(409, "member_disabled");
}

async fn row_19_wrong_passwords_from_everywhere_keep_nobody_out_of_their_own_device(house: House) {
    house.joins_with_password("rachid@example.org", PASSWORD).await;
    signs_in(&house, PASSWORD, "own phone", None).await.expect(201);
    let attack = async |address: u32, login: &str| {
        let said = Credentials { login: login.into(), password: "wrong".to_owned().into(), second_factor: None };
        let device = Device { id: format!("bot {address}"), name: "bot".into() };
        operations::sign_in(&house.app, said, device, &std::net::Ipv4Addr::from(address).to_string()).await.map(|_| ())
    };
    let mut throttled = 0;
    for n in 0..1_000 {
        let refused = attack(n, "rachid@example.org").await.unwrap_err();
        throttled += i32::from(refused.to_string().contains("too many tries"));
    }
    assert_eq!(throttled, 990, "ten wrong passwords are looked at, from however many addresses");
    let refused = signs_in(&house, PASSWORD, "borrowed phone", None).await;
    assert!(refused.header("retry-after").parse::<u32>().unwrap() <= 61);
    refused.refused(429, "too_many_tries");
    signs_in(&house, PASSWORD, "own phone", None).await.expect(201);
    house.clock.advance(60_000).unwrap();
    signs_in(&house, PASSWORD, "borrowed phone", None).await.expect(201);
    // One address that tries many accounts is told to wait, and its neighbours are not.
    for n in 0..60 {
        attack(7, &format!("nobody{n}@example.org")).await.unwrap_err();
    }
    assert!(attack(7, "another@example.org").await.unwrap_err().to_string().contains("too many tries"));
    assert!(!attack(8, "another@example.org").await.unwrap_err().to_string().contains("too many tries"));
}

async fn row_20_unknown_and_known_logins_are_told_the_same_until_the_wait(house: House) {
    house.joins_with_password("rachid@example.org", PASSWORD).await;
    let mut told = [vec![], vec![]];
    for (told, login) in told.iter_mut().zip(["rachid@example.org", "nobody@example.org"]) {
        for _ in 0..12 {
            let body = json!({ "login": login, "password": "wrong", "device": device("bot") });
            let answer = post(&house, "/v1/sessions", &body).await;
            told.push((answer.status, answer.body["code"].clone(), answer.body["detail"].clone(), answer.header("retry-after")));
        }
    }
    assert_eq!(told[0], told[1]);
    assert_eq!((told[0][9].0, told[0][10].0), (401, 429));
}

async fn row_21_a_password_is_taken_exactly_as_typed(house: House) {
    let long = "🦺🚧".repeat(32);
    for (n, password) in [" with spaces around it ", long.as_str(), "كلمة سر طويلة جدا"].iter().enumerate() {
        let login = format!("p{n}@example.org");
        house.joins_with_password(&login, password).await;
        let sign_in = |password: &str| json!({ "login": login, "password": password, "device": device("phone") });
        post(&house, "/v1/sessions", &sign_in(password)).await.expect(201);
        for other in [password.trim().to_owned() + "x", password.chars().take(password.chars().count() - 1).collect()] {
            post(&house, "/v1/sessions", &sign_in(&other)).await.refused(401, "not_signed_in");
        }
    }
    let with_nul = json!({ "login": "p0@example.org", "password": " with spaces\0around it ", "device": device("phone") });
    assert_eq!(post(&house, "/v1/sessions", &with_nul).await.expect(422)["errors"][0]["code"], "has_nul");
    let huge = json!({ "login": "p0@example.org", "password": "x".repeat(1 << 20), "device": device("phone") });
    post(&house, "/v1/sessions", &huge).await.refused(413, "too_large");
    for (login, password, pointer) in
        [("x".repeat(255), "x".repeat(256), "/login"), ("x".repeat(254), "x".repeat(257), "/password")]
    {
        let long = json!({ "login": login, "password": password, "device": device("phone") });
        let problem = post(&house, "/v1/sessions", &long).await.refused(422, "invalid");
        assert_eq!((problem["errors"].as_array().unwrap().len(), &problem["errors"][0]["pointer"]), (1, &json!(pointer)));
    }
}

async fn row_22_two_hundred_sign_ins_at_once_are_served_or_told_to_wait(house: House) {
    house.joins_with_password("rachid@example.org", PASSWORD).await;
    let technician = house.joins("Khadija", Role::Technician, "AGA").await;
    let all = futures_util::future::join_all((0..200).map(|n| {
        let (house, phone) = (&house, format!("phone {n}"));
        async move { signs_in(house, PASSWORD, &phone, None).await }
    }));
    let (answers, other) = tokio::join!(all, technician.get("/v1/me"));
    other.expect(200);
    let (served, waits): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 201);
    assert!(!served.is_empty() && !waits.is_empty(), "{} served, {} wait", served.len(), waits.len());
    for answer in waits {
        assert!(answer.status == 429 && !answer.header("retry-after").is_empty(), "{:#}", answer.body);
    }
    house.clock.advance(60_000).unwrap();
    signs_in(&house, PASSWORD, "a phone of tomorrow", None).await.expect(201);
}

/// The digits that somebody's authenticator shows now, or some half minutes from now.
async fn digits(house: &House, member: MemberId, steps: i64) -> String {
    let factor = house.app.store.second_factor(member).await.unwrap().unwrap();
    house.app.digits.opened(&factor.sealed, member).unwrap().at(step_at(house.now()) + steps)
}

/// Sets up a second factor; gives the recovery codes.
async fn sets_up(house: &House, person: &Person, member: MemberId) -> Vec<String> {
    let made = person.post("/v1/me/second-factor", &json!({})).await.expect(201);
    assert!(made["url"].as_str().unwrap().contains(made["secret"].as_str().unwrap()));
    let shown = digits(house, member, 0).await;
    let codes = person.post("/v1/me/second-factor/confirm", &json!({ "digits": shown })).await.expect(200);
    codes["recovery_codes"].as_array().unwrap().iter().map(|code| code.as_str().unwrap().to_owned()).collect()
}

async fn whoever_finds_the_queue_full_is_told_so_and_has_lost_no_try(house: House) {
    house.joins_with_password("rachid@example.org", PASSWORD).await;
    let queue: Vec<_> = std::iter::from_fn(|| house.app.passwords.place().ok()).collect();
    for _ in 0..20 {
        let refused = signs_in(&house, PASSWORD, "new phone", None).await;
        assert_eq!(refused.header("retry-after"), "5");
        refused.refused(429, "too_often");
    }
    drop(queue);
    signs_in(&house, PASSWORD, "new phone", None).await.expect(201);
}

async fn row_24_digits_are_good_once_and_for_a_minute_and_guessing_them_is_slow(house: House) {
    let member = house.joins_with_password("rachid@example.org", PASSWORD).await;
    let person = with(&house, &signs_in(&house, PASSWORD, "phone", None).await.expect(201));
    person.post("/v1/me/second-factor", &json!({})).await.expect(201);
    signs_in(&house, PASSWORD, "phone", None).await.expect(201);
    person.post("/v1/me/second-factor/confirm", &json!({ "digits": "abcdef" })).await.expect(422);
    sets_up(&house, &person, member).await;
    person.post("/v1/me/second-factor", &json!({})).await.refused(409, "second_factor_set");
    signs_in(&house, PASSWORD, "phone", None).await.refused(401, "second_factor");
    let used = digits(&house, member, 0).await;
    signs_in(&house, PASSWORD, "phone", Some(&used)).await.refused(401, "second_factor");
    house.clock.advance(30_000).unwrap();
    let now = digits(&house, member, 0).await;
    signs_in(&house, PASSWORD, "phone", Some(&now)).await.expect(201);
    signs_in(&house, PASSWORD, "phone", Some(&now)).await.refused(401, "second_factor");
    house.clock.advance(120_000).unwrap();
    for steps in [-2, 1] {
        let wrong = digits(&house, member, steps).await;
        signs_in(&house, PASSWORD, "phone", Some(&wrong)).await.refused(401, "second_factor");
    }
    let late = digits(&house, member, -1).await;
    signs_in(&house, PASSWORD, "phone", Some(&late)).await.expect(201);
    for _ in 0..10 {
        signs_in(&house, PASSWORD, "phone", Some("000000")).await;
    }
    house.clock.advance(29_000).unwrap();
    let right = digits(&house, member, 0).await;
    signs_in(&house, PASSWORD, "phone", Some(&right)).await.refused(429, "too_many_tries");
    house.tick().await;
    assert!(words_to(&house, "rachid").iter().any(|mail| mail.contains("second facteur")), "they are told");
}

async fn row_25_no_step_of_signing_in_can_be_left_out(house: House) {
    let member = house.joins_with_password("rachid@example.org", PASSWORD).await;
    let person = with(&house, &signs_in(&house, PASSWORD, "phone", None).await.expect(201));
    person.post("/v1/me/second-factor/confirm", &json!({ "digits": "000000" })).await.refused(409, "second_factor_not_begun");
    person.post("/v1/me/second-factor/remove", &json!({ "digits": "000000" })).await.refused(409, "second_factor_not_begun");
    sets_up(&house, &person, member).await;
    house.clock.advance(60_000).unwrap();
    let right = digits(&house, member, 0).await;
    signs_in(&house, "wrong", "phone", Some(&right)).await.refused(401, "not_signed_in");
    // A code for a phone does not go round the second factor either.
    let admin = house.joins("Admin", Role::Admin, "SRM-SM").await;
    let made = enrols(&admin, member).await;
    redeems(&house, &made["code"], "tablet").await.refused(401, "second_factor");
    let both = json!({ "code": made["code"], "device": device("tablet"), "second_factor": right });
    post(&house, "/v1/enrolments/redeem", &both).await.expect(201);
}

async fn a_recovery_code_opens_once_and_its_owner_hears_of_it(house: House) {
    let member = house.joins_with_password("rachid@example.org", PASSWORD).await;
    let person = with(&house, &signs_in(&house, PASSWORD, "phone", None).await.expect(201));
    let codes = sets_up(&house, &person, member).await;
    assert_eq!(codes.len(), 10);
    let session = signs_in(&house, PASSWORD, "phone", Some(&codes[3].to_lowercase())).await.expect(201);
    signs_in(&house, PASSWORD, "phone", Some(&codes[3])).await.refused(401, "second_factor");
    let removed = with(&house, &session).post("/v1/me/second-factor/remove", &json!({ "digits": codes[4] })).await;
    removed.expect(204);
    signs_in(&house, PASSWORD, "phone", None).await.expect(201);
    house.tick().await;
    let told = words_to(&house, "rachid");
    for word in ["code de secours", "second facteur a =C3=A9t=C3=A9 retir"] {
        assert!(told.iter().any(|mail| mail.contains(word)), "{word}");
    }
}

async fn a_lost_second_factor_is_taken_away_by_an_admin_alone(house: House) {
    let member = house.joins_with_password("rachid@example.org", PASSWORD).await;
    let person = with(&house, &signs_in(&house, PASSWORD, "phone", None).await.expect(201));
    sets_up(&house, &person, member).await;
    let (admin, officer) =
        (house.joins("Admin", Role::Admin, "SRM-SM").await, house.joins("Nadia", Role::Officer, "SRM-SM").await);
    let reset = |who: Person, whom: MemberId| async move {
        who.send(who.web.delete(format!("{}/v1/members/{whom}/second-factor", who.url))).await
    };
    reset(officer, member).await.refused(403, "may_not");
    reset(admin.clone(), admin.id).await.refused(403, "may_not");
    reset(admin.clone(), member).await.expect(204);
    person.get("/v1/me").await.refused(401, "not_signed_in");
    signs_in(&house, PASSWORD, "phone", None).await.expect(201);
}

async fn where_a_second_factor_is_demanded_nothing_else_can_be_done_without_it(house: House) {
    let strict = house.another_with(&[("SALAMA_SECOND_FACTOR", "required")]).await;
    let (officer, technician) =
        (strict.joins("Nadia", Role::Officer, "AGA").await, strict.joins("Khadija", Role::Technician, "AGA").await);
    technician.get("/v1/reports").await.expect(200);
    officer.get("/v1/reports").await.refused(403, "second_factor_first");
    officer.get("/v1/me").await.expect(200);
    sets_up(&strict, &officer, officer.id).await;
    officer.get("/v1/reports").await.expect(200);
}

async fn a_password_is_changed_soon_after_signing_in_and_signs_other_devices_out(house: House) {
    house.joins_with_password("rachid@example.org", PASSWORD).await;
    let here = with(&house, &signs_in(&house, PASSWORD, "phone", None).await.expect(201));
    let there = with(&house, &signs_in(&house, PASSWORD, "tablet", None).await.expect(201));
    here.put("/v1/me/password", &json!({ "password": "password1" })).await.expect(422);
    here.put("/v1/me/password", &json!({ "password": "another walk to Imsouane" })).await.expect(204);
    here.get("/v1/me").await.expect(200);
    there.get("/v1/me").await.refused(401, "not_signed_in");
    signs_in(&house, PASSWORD, "phone", None).await.refused(401, "not_signed_in");
    let session = signs_in(&house, "another walk to Imsouane", "phone", None).await.expect(201);
    house.clock.advance(901_000).unwrap();
    let refreshed = post(&house, "/v1/sessions/refresh", &json!({ "refresh_token": session["refresh_token"] })).await.expect(200);
    let later = with(&house, &refreshed);
    later.put("/v1/me/password", &json!({ "password": PASSWORD })).await.refused(403, "not_fresh");
    house.tick().await;
    assert!(words_to(&house, "rachid").iter().any(|mail| mail.contains("mot de passe a =C3=A9t=C3=A9 chang")));
}

async fn a_stolen_password_is_refused(house: House) {
    let stolen = house.folder.path().join("stolen.txt");
    // SHA-1 of "a walk that everybody took", and one before and after it.
    std::fs::write(
        &stolen,
        format!("{}\n{}:7\n{}\n", "0".repeat(40), "C295637933AFE4397612872C216735FEB6F50674", "F".repeat(40)),
    )
    .unwrap();
    let strict = house.another_with(&[("SALAMA_BREACHED_PASSWORDS", &stolen.display().to_string())]).await;
    house.joins_with_password("rachid@example.org", PASSWORD).await;
    let person = with(&strict, &signs_in(&strict, PASSWORD, "phone", None).await.expect(201));
    person.put("/v1/me/password", &json!({ "password": STOLEN })).await.expect(422);
    person.put("/v1/me/password", &json!({ "password": "a walk that nobody took" })).await.expect(204);
}

const STOLEN: &str = "a walk that everybody took";

async fn row_15_whoever_is_robbed_of_a_token_is_told(house: House) {
    house.joins_with_password("rachid@example.org", PASSWORD).await;
    let first = signs_in(&house, PASSWORD, "phone", None).await.expect(201);
    let refresh = async |token: &Value| post(&house, "/v1/sessions/refresh", &json!({ "refresh_token": token })).await;
    let second = refresh(&first["refresh_token"]).await.expect(200);
    with(&house, &second).get("/v1/me").await.expect(200);
    refresh(&first["refresh_token"]).await.refused(401, "not_signed_in");
    house.tick().await;
    let told = words_to(&house, "rachid");
    assert!(told.iter().any(|mail| mail.contains("connect=C3=A9 par s=C3=A9curit") && mail.contains("phone of Khadija")));
    let before = told.len();
    house.tick().await;
    assert_eq!(words_to(&house, "rachid").len(), before, "once");
}

async fn a_budget_is_said_on_every_answer_and_a_queue_hardly_counts(house: House) {
    let small = house.another_with(&[("SALAMA_REQUESTS_PER_MINUTE", "60")]).await;
    let technician = small.joins("Khadija", Role::Technician, "AGA").await;
    let first = technician.get("/v1/me").await;
    assert_eq!(
        (first.header("ratelimit-policy"), first.header("ratelimit")),
        ("\"session\";q=60;w=60".to_owned(), "\"session\";r=59;t=2".to_owned(),)
    );
    let site = small.site("AGA").await;
    for _ in 0..100 {
        technician.reports(&hazard(&site)).await;
    }
    let mut answered = 0;
    let refused = loop {
        let answer = technician.get("/v1/me").await;
        if answer.status != 200 {
            break answer;
        }
        answered += 1;
    };
    assert_eq!(answered, 49, "a hundred reports count as ten");
    assert_eq!(refused.header("retry-after"), "2");
    refused.refused(429, "quota_exceeded");
    small.joins("Rachid", Role::Technician, "AGA").await.get("/v1/me").await.expect(200);
    small.clock.advance(1_000).unwrap();
    technician.get("/v1/me").await.expect(200);
}

async fn row_48_whoever_writes_their_own_address_is_counted_by_their_real_one(house: House) {
    let small = house.another_with(&[("SALAMA_REQUESTS_PER_MINUTE", "60")]).await;
    let ask = async |house: &House, address: usize| {
        let request = house.web.get(format!("{}/.well-known/jwks.json", house.url));
        request.header("x-forwarded-for", format!("203.0.113.{address}")).send().await.unwrap().status().as_u16()
    };
    for n in 0..60 {
        assert_eq!(ask(&small, n).await, 200);
    }
    assert_eq!(ask(&small, 61).await, 429);
    let proxied = house.another_with(&[("SALAMA_REQUESTS_PER_MINUTE", "60"), ("SALAMA_TRUSTED_PROXIES", "127.0.0.0/8")]).await;
    for n in 0..70 {
        assert_eq!(ask(&proxied, n).await, 200, "each phone behind the proxy has its own");
    }
    for _ in 0..100 {
        assert_eq!(small.web.get(format!("{}/healthz", small.url)).send().await.unwrap().status(), 200);
    }
}

async fn mails_about_accounts_are_among_those_the_relay_is_asked_to_take(house: House) {
    let slow = house.another_with(&[("SALAMA_MAILS_PER_MINUTE", "3")]).await;
    let officer = house.joins("Khadija", Role::Officer, "AGA").await;
    let technician = house.joins("Rachid", Role::Technician, "AGA").await;
    let tx = house.app.store.begin().await.unwrap();
    for _ in 0..4 {
        let (id, at) = (AccountWordId(house.clock.new_id()), house.now());
        let event = AccountEvent::SecondFactorAdded;
        tx.say(&AccountWord { id, member: officer.id, event, device: None, at }).await.unwrap();
    }
    tx.commit().await.unwrap();
    technician.reports_unseen(&hazard(&house.site("AGA").await)).await;
    let before = house.peer.received().len();
    for (after, expected) in [(0, 3), (59, 3), (1, 5)] {
        house.clock.advance(after * 1000).unwrap();
        slow.tick().await;
        assert_eq!(house.peer.received().len() - before, expected, "after {after} more seconds");
    }
}
