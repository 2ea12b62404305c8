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
    a_refresh_token_works_once_and_its_second_use_ends_the_session,
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

async fn a_refresh_token_works_once_and_its_second_use_ends_the_session(house: House) {
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
