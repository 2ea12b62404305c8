//! Sign-in: sessions, refresh tokens that work once, and ends that act at once.

use salama::operations;
use serde_json::{Value, json};

use crate::support::{
    house::House,
    person::{Answer, Person},
    stories,
};

stories!(
    a_password_opens_a_session_and_its_end_acts_at_once,
    whatever_is_wrong_with_a_sign_in_the_answer_is_the_same,
    row_15_a_refresh_token_works_once_and_its_second_use_ends_the_session,
    row_16_an_answer_that_was_lost_is_given_again_until_it_was_used,
    row_17_two_refreshes_at_once_leave_one_good_pair_and_nobody_outside,
    row_18_a_refresh_token_is_good_on_its_own_device_alone,
    nonsense_ends_nobodys_session,
    a_lost_phone_is_ended_by_its_owner_or_an_admin_and_by_nobody_else,
    a_token_ends_after_ten_minutes_and_a_session_after_thirty_idle_days,
    a_new_password_ends_every_session,
);

const PASSWORD: &str = "a long walk to Taghazout";

async fn post(house: &House, path: &str, body: &Value) -> Answer {
    house.whoever_holds("").post(path, body).await
}

async fn sign_in(house: &House, login: &str, password: &str) -> Answer {
    let body = json!({ "login": login, "password": password, "device": { "id": "phone-1", "name": "Khadija's phone" } });
    post(house, "/v1/sessions", &body).await
}

async fn refresh(house: &House, token: &Value) -> Answer {
    post(house, "/v1/sessions/refresh", &json!({ "refresh_token": token })).await
}

async fn with(house: &House, session: &Value) -> Person {
    let mut person = house.joins_quietly().await;
    session["access_token"].as_str().unwrap().clone_into(&mut person.token);
    person
}

async fn a_password_opens_a_session_and_its_end_acts_at_once(house: House) {
    house.joins_with_password("+212600000001", PASSWORD).await;
    let session = sign_in(&house, "+212600000001", PASSWORD).await.expect(201);
    assert_eq!(
        (&session["token_type"], &session["expires_in"], &session["member"]["name"]),
        (&json!("Bearer"), &json!(600), &json!("Rachid"))
    );
    let person = with(&house, &session).await;
    assert_eq!(person.get("/v1/me").await.expect(200)["roles"][0]["role"], "technician");
    person.send(person.web.delete(format!("{}/v1/sessions/current", person.url))).await.expect(204);
    person.get("/v1/me").await.refused(401, "not_signed_in");
    refresh(&house, &session["refresh_token"]).await.refused(401, "not_signed_in");
}

async fn whatever_is_wrong_with_a_sign_in_the_answer_is_the_same(house: House) {
    house.joins_with_password("rachid@example.org", PASSWORD).await;
    house.joins_with_password("gone@example.org", PASSWORD).await;
    operations::disable_member(&house.app, "gone@example.org").await.unwrap();
    let mut answers = Vec::new();
    for (login, password) in
        [("rachid@example.org", "wrong"), ("nobody@example.org", PASSWORD), ("gone@example.org", PASSWORD), ("", "")]
    {
        let mut body = sign_in(&house, login, password).await.expect(401);
        body["request_id"] = Value::Null;
        answers.push(body);
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:#?}");
    sign_in(&house, "Rachid@Example.org", PASSWORD).await.expect(201);
}

async fn row_15_a_refresh_token_works_once_and_its_second_use_ends_the_session(house: House) {
    house.joins_with_password("rachid@example.org", PASSWORD).await;
    let first = sign_in(&house, "rachid@example.org", PASSWORD).await.expect(201);
    let second = refresh(&house, &first["refresh_token"]).await.expect(200);
    with(&house, &second).await.get("/v1/me").await.expect(200);
    refresh(&house, &first["refresh_token"]).await.refused(401, "not_signed_in");
    refresh(&house, &second["refresh_token"]).await.refused(401, "not_signed_in");
    with(&house, &second).await.get("/v1/me").await.refused(401, "not_signed_in");
    for nonsense in ["", ".", "x.y", "00000000000000000000000000000000.x"] {
        refresh(&house, &json!(nonsense)).await.refused(401, "not_signed_in");
    }
}

async fn row_16_an_answer_that_was_lost_is_given_again_until_it_was_used(house: House) {
    house.joins_with_password("rachid@example.org", PASSWORD).await;
    let first = sign_in(&house, "rachid@example.org", PASSWORD).await.expect(201);
    let lost = refresh(&house, &first["refresh_token"]).await.expect(200);
    let second = refresh(&house, &first["refresh_token"]).await.expect(200);
    assert_ne!(lost["refresh_token"], second["refresh_token"]);
    with(&house, &lost).await.get("/v1/me").await.refused(401, "not_signed_in");
    with(&house, &first).await.get("/v1/me").await.expect(200);
    with(&house, &second).await.get("/v1/me").await.expect(200);
    refresh(&house, &lost["refresh_token"]).await.refused(401, "not_signed_in");
    let third = refresh(&house, &second["refresh_token"]).await.expect(200);
    with(&house, &third).await.get("/v1/me").await.expect(200);
    refresh(&house, &first["refresh_token"]).await.refused(401, "not_signed_in");
    with(&house, &third).await.get("/v1/me").await.refused(401, "not_signed_in");
}

async fn row_17_two_refreshes_at_once_leave_one_good_pair_and_nobody_outside(house: House) {
    house.joins_with_password("rachid@example.org", PASSWORD).await;
    let mut session = sign_in(&house, "rachid@example.org", PASSWORD).await.expect(201);
    for _ in 0..10 {
        let (one, other) = tokio::join!(refresh(&house, &session["refresh_token"]), refresh(&house, &session["refresh_token"]));
        let both = [one.expect(200), other.expect(200)];
        let mut good = Vec::new();
        for pair in &both {
            if with(&house, pair).await.get("/v1/me").await.status == 200 {
                good.push(pair.clone());
            }
        }
        assert_eq!(good.len(), 1, "exactly one of the two pairs is good");
        session = good.remove(0);
    }
    let (one, other) = tokio::join!(refresh(&house, &session["refresh_token"]), refresh(&house, &session["refresh_token"]));
    other.expect(200);
    // Whichever of the two answers the phone kept, and whichever was the later one, it comes back with it.
    refresh(&house, &one.expect(200)["refresh_token"]).await.expect(200);
}

async fn row_18_a_refresh_token_is_good_on_its_own_device_alone(house: House) {
    house.joins_with_password("rachid@example.org", PASSWORD).await;
    let session = sign_in(&house, "rachid@example.org", PASSWORD).await.expect(201);
    let on = |device: &str| json!({ "refresh_token": session["refresh_token"], "device_id": device });
    post(&house, "/v1/sessions/refresh", &on("phone-2")).await.refused(401, "not_signed_in");
    post(&house, "/v1/sessions/refresh", &on("phone-1")).await.expect(200);
    let in_url = format!("/v1/sessions/refresh?refresh_token={}", session["refresh_token"].as_str().unwrap());
    post(&house, &in_url, &json!({})).await.expect(422);
}

async fn nonsense_ends_nobodys_session(house: House) {
    house.joins_with_password("rachid@example.org", PASSWORD).await;
    let session = sign_in(&house, "rachid@example.org", PASSWORD).await.expect(201);
    let (id, _) = session["refresh_token"].as_str().unwrap().split_once('.').unwrap();
    refresh(&house, &json!(format!("{id}.{}", "A".repeat(43)))).await.refused(401, "not_signed_in");
    with(&house, &session).await.get("/v1/me").await.expect(200);
    refresh(&house, &session["refresh_token"]).await.expect(200);
}

async fn a_token_ends_after_ten_minutes_and_a_session_after_thirty_idle_days(house: House) {
    house.joins_with_password("rachid@example.org", PASSWORD).await;
    let session = sign_in(&house, "rachid@example.org", PASSWORD).await.expect(201);
    let person = with(&house, &session).await;
    house.clock.advance(629_000).unwrap();
    person.get("/v1/me").await.expect(200);
    house.clock.advance(2_000).unwrap();
    person.get("/v1/me").await.refused(401, "not_signed_in");
    let session = refresh(&house, &session["refresh_token"]).await.expect(200);
    house.clock.advance(30 * 86_400_000).unwrap();
    refresh(&house, &session["refresh_token"]).await.refused(401, "not_signed_in");
}

async fn a_new_password_ends_every_session(house: House) {
    house.joins_with_password("rachid@example.org", PASSWORD).await;
    let session = sign_in(&house, "rachid@example.org", PASSWORD).await.expect(201);
    operations::set_password(&house.app, "rachid@example.org", "another walk to Imsouane".to_owned().into()).await.unwrap();
    with(&house, &session).await.get("/v1/me").await.refused(401, "not_signed_in");
    sign_in(&house, "rachid@example.org", PASSWORD).await.expect(401);
    sign_in(&house, "rachid@example.org", "another walk to Imsouane").await.expect(201);
}

async fn ends(person: &Person, id: String) -> Answer {
    person.send(person.web.delete(format!("{}/v1/devices/{id}", person.url))).await
}

async fn a_lost_phone_is_ended_by_its_owner_or_an_admin_and_by_nobody_else(house: House) {
    use salama::domain::audience::Role;
    let (owner, other) =
        (house.joins("Khadija", Role::Technician, "AGA").await, house.joins("Rachid", Role::Officer, "AGA").await);
    let admin = house.joins("Admin", Role::Admin, "SRM-SM").await;
    let lost = house.signed_in_on("lost phone", owner.id, "Khadija").await;
    let tablet = house.signed_in_on("tablet", owner.id, "Khadija").await;
    let devices = owner.get("/v1/devices").await.expect(200)["items"].as_array().unwrap().clone();
    assert_eq!(devices.len(), 3);
    assert_eq!(devices.iter().filter(|device| device["current"] == true).count(), 1);
    let id = |name: &str| devices.iter().find(|device| device["name"] == name).unwrap()["id"].as_str().unwrap().to_owned();
    ends(&other, id("lost phone")).await.expect(404);
    other.get(&format!("/v1/devices?member_id={}", owner.id)).await.refused(403, "may_not");
    lost.get("/v1/me").await.expect(200);
    ends(&owner, id("lost phone")).await.expect(204);
    lost.get("/v1/me").await.refused(401, "not_signed_in");
    ends(&owner, id("lost phone")).await.expect(204);
    let seen = admin.get(&format!("/v1/devices?member_id={}", owner.id)).await.expect(200);
    assert_eq!(seen["items"].as_array().unwrap().len(), 2);
    owner.send(owner.web.delete(format!("{}/v1/devices", owner.url))).await.expect(204);
    tablet.get("/v1/me").await.refused(401, "not_signed_in");
    let own = owner.get("/v1/devices").await.expect(200)["items"][0]["id"].as_str().unwrap().to_owned();
    ends(&admin, own).await.expect(204);
    owner.get("/v1/me").await.refused(401, "not_signed_in");
}
