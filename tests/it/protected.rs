//! Whoever reports is protected: a sealed identity is opened by two persons and never unseen, an anonymous sender comes back
//! by a secret, of their photos nothing is kept but pixels, and the sender hears when somebody takes charge.

use salama::domain::audience::Role;
use serde_json::{Value, json};

use crate::{
    life::{about, adds_photo, minor, rated},
    main_road::{PHOTO, crew},
    support::{
        house::House,
        person::{Answer, Person, sha256},
        stories,
    },
};

stories!(
    two_persons_open_an_identity_each_with_a_reason_and_its_sender_reads_who_and_why,
    neither_one_person_nor_the_officer_in_charge_opens_an_identity,
    originals_of_a_confidential_report_are_sealed_with_its_senders_identity,
    a_sender_is_told_once_that_somebody_took_charge,
    an_anonymous_sender_comes_back_by_a_secret_and_answers_what_they_are_asked,
    secrets_that_were_lost_on_the_way_are_given_again_until_one_is_used,
    a_lost_secret_is_recovered_once_and_the_old_pair_ends,
    an_anonymous_report_is_taken_back_before_anybody_took_charge,
    of_a_photo_of_an_anonymous_report_only_the_picture_is_kept,
    a_photo_that_cannot_be_stripped_is_refused_and_still_awaited,
    a_claim_is_long_and_only_for_anonymous_reports,
);

pub const MARKER: &str = "ZZMARKERZZ";
const DAY: i64 = 86_400_000;
const CLAIM: &str = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG";

/// The photo as a phone would write it that notes its owner, its own name and where it was (EXIF 3.0), and a comment.
pub fn telling_photo() -> Vec<u8> {
    let long = |tag: u16, at: u32, text: &str| {
        let mut entry = [tag.to_le_bytes(), 2u16.to_le_bytes()].concat();
        entry.extend(u32::try_from(text.len()).unwrap().to_le_bytes());
        entry.extend(at.to_le_bytes());
        entry
    };
    let (model, artist) = (format!("{MARKER} device\0"), format!("{MARKER} owner 30.4202 -9.5982\0"));
    let first_at = 8 + 2 + 2 * 12 + 4;
    let second_at = first_at + u32::try_from(model.len()).unwrap();
    let directory = [2u16.to_le_bytes().to_vec(), long(0x0110, first_at, &model), long(0x013B, second_at, &artist), vec![0; 4]];
    let tiff = [b"II*\0\x08\0\0\0".to_vec(), directory.concat(), model.into_bytes(), artist.into_bytes()].concat();
    let segment = |marker: u8, body: &[u8]| {
        let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
        [&[0xFF, marker][..], &length, body].concat()
    };
    let (exif, comment) = (segment(0xE1, &[b"Exif\0\0", &tiff[..]].concat()), segment(0xFE, MARKER.as_bytes()));
    [&PHOTO[..2], &exif, &comment, &PHOTO[2..]].concat()
}

pub fn with_photo(mut draft: Value, photo: &str, bytes: &[u8]) -> Value {
    draft["photos"] = json!([{ "id": photo, "sha256": sha256(bytes), "bytes": bytes.len(), "media_type": "image/jpeg" }]);
    draft
}

pub fn kept_as(mut draft: Value, confidentiality: &str) -> Value {
    draft["confidentiality"] = confidentiality.into();
    draft
}

fn why(reason: &str) -> Value {
    json!({ "reason": reason })
}

async fn sends(sender: &Person, id: &str, draft: &Value) -> Answer {
    sender.put(&format!("/v1/reports/{id}"), draft).await
}

/// Somebody who shows one of the secrets of this answer.
fn holder(house: &House, secrets: &Value, which: &str) -> Person {
    house.whoever_holds(secrets[which].as_str().unwrap())
}

async fn two_persons_open_an_identity_each_with_a_reason_and_its_sender_reads_who_and_why(house: House) {
    let (sender, officer, manager) = crew(&house).await;
    let investigator = house.joins("Salma", Role::Investigator, "SRM-SM").await;
    let others = [house.joins("Amal", Role::Auditor, "SRM-SM").await, house.joins("Yasmine", Role::Investigator, "AGA").await];
    let report = sender.reports(&kept_as(minor(&house.site("AGA").await), "confidential")).await;
    let identity = format!("/v1/reports/{report}/identity");
    investigator.commands(&report, "unseal", why(" ")).await.refused(422, "invalid");
    let asked = investigator.commands(&report, "unseal", why("Somebody threatens the sender")).await.expect(200);
    assert_eq!((&asked["unsealings"][0]["asked"]["by"], &asked["unsealings"][0]["agreed"]), (&json!("Salma"), &Value::Null));
    investigator.get(&identity).await.refused(403, "may_not");
    let agreed = manager.commands(&report, "unseal", why("The police ask")).await.expect(200);
    assert_eq!((&agreed["unsealings"][0]["agreed"]["reason"], &agreed["reporter_id"]), (&json!("The police ask"), &Value::Null));
    for one in [&investigator, &manager] {
        let read = one.get(&identity).await.expect(200);
        assert_eq!(read, json!({ "member_id": sender.id.0, "name": "Khadija" }));
        assert_eq!(one.report(&report).await["reporter_id"], Value::Null, "the report itself still names nobody");
    }
    for nobody in [&officer, &others[0], &others[1]] {
        nobody.get(&identity).await.refused(403, "may_not");
    }
    house.tick().await;
    assert_eq!(about(&house, &sender, "Somebody asks to know who sent your report"), 1);
    assert_eq!(about(&house, &sender, "Two persons may now know that you sent your report"), 1);
    assert_eq!(about(&house, &sender, "threatens") + about(&house, &sender, "police"), 0);
    let seen = sender.report(&report).await["unsealings"].clone();
    assert_eq!(
        (&seen[0]["asked"]["reason"], &seen[0]["agreed"]["by"]),
        (&json!("Somebody threatens the sender"), &json!("Hind"))
    );
    assert_eq!(seen[0]["open_until"], "2026-11-27T09:00:00Z");
    let history = sender.get(&format!("/v1/reports/{report}/history?limit=200")).await.expect(200);
    let about_it =
        |entry: &&Value| entry["verb"].as_str().is_some_and(|verb| verb.contains("unseal") || verb.contains("identity"));
    let told: Vec<(&Value, &Value)> =
        history["items"].as_array().unwrap().iter().filter(about_it).map(|entry| (&entry["verb"], &entry["actor_id"])).collect();
    let (first, second) = (json!(investigator.id.0), json!(manager.id.0));
    let verbs = ["unsealing_asked", "unsealed", "identity_read", "identity_read"].map(Value::from);
    assert_eq!(told, verbs.iter().zip([&first, &second, &first, &second]).collect::<Vec<_>>());
    house.clock.advance(3 * DAY).unwrap();
    house.again(&investigator).await.get(&identity).await.refused(403, "may_not");
}

async fn neither_one_person_nor_the_officer_in_charge_opens_an_identity(house: House) {
    let (sender, officer, manager) = crew(&house).await;
    let local = house.joins_under("Rania", Role::Manager, "AGA", None).await;
    let investigator = house.joins("Salma", Role::Investigator, "SRM-SM").await;
    let both = house.joins("Nadia", Role::Investigator, "SRM-SM").await;
    let admin = house.joins("Omar", Role::Admin, "SRM-SM").await;
    admin.put(&format!("/v1/members/{}/grants/officer/{}", both.id.0, house.site("AGA").await), &json!({})).await.expect(204);
    let report = sender.reports(&kept_as(minor(&house.site("AGA").await), "confidential")).await;
    let to = json!({ "officer_id": both.id.0, "reason": "Hers" });
    officer.commands(&report, "transfer", to).await.expect(200);
    let may = async |person: &Person| person.report(&report).await["allowed"].as_array().unwrap().contains(&json!("unseal"));
    for nobody in [&officer, &manager, &local, &both, &sender] {
        assert!(!may(nobody).await, "{}", nobody.name);
        nobody.commands(&report, "unseal", why("I want to know")).await.refused(403, "may_not");
    }
    assert!(may(&investigator).await);
    for _ in 0..2 {
        let alone = investigator.commands(&report, "unseal", why("I want to know")).await.expect(200);
        assert_eq!(alone["unsealings"].as_array().unwrap().len(), 1);
        assert_eq!(alone["unsealings"][0]["agreed"], Value::Null, "the same person twice is one person");
    }
    assert!(may(&manager).await && !may(&local).await && !may(&both).await);
    local.commands(&report, "unseal", why("So do I")).await.refused(403, "may_not");
    both.commands(&report, "unseal", why("So do I")).await.refused(403, "may_not");
    let grant = format!("{}/v1/members/{}/grants/investigator/{}", admin.url, investigator.id.0, house.site("SRM-SM").await);
    admin.send(admin.web.delete(grant)).await.expect(204);
    manager.commands(&report, "unseal", why("So do I")).await.refused(403, "may_not");
    for confidentiality in ["open", "anonymous"] {
        let id = sender.reports_unseen(&kept_as(minor(&house.site("AGA").await), confidentiality)).await;
        both.commands(&id, "unseal", why("I want to know")).await.refused(409, "nothing_sealed");
    }
}

async fn originals_of_a_confidential_report_are_sealed_with_its_senders_identity(house: House) {
    let (sender, _, _) = crew(&house).await;
    let investigators =
        [house.joins("Salma", Role::Investigator, "SRM-SM").await, house.joins("Yasmine", Role::Investigator, "AGA").await];
    let auditor = house.joins("Amal", Role::Auditor, "SRM-SM").await;
    let (photo, bytes) = (sender.new_id(), telling_photo());
    let draft = with_photo(kept_as(minor(&house.site("AGA").await), "confidential"), &photo, &bytes);
    let report = sender.reports(&draft).await;
    sender.sends_photo(&report, &photo, bytes.clone()).await.expect(201);
    let original = format!("/v1/photos/{photo}/original");
    for reader in [&investigators[0], &auditor] {
        reader.get(&original).await.refused(403, "may_not");
    }
    for one in &investigators {
        one.commands(&report, "unseal", why("The place cannot be found without it")).await.expect(200);
    }
    assert_eq!(investigators[0].get(&original).await.bytes, bytes, "the exact bytes are kept");
    auditor.get(&original).await.refused(403, "may_not");
    house.tick().await;
    for reader in [&investigators[0], &auditor] {
        let found = reader.get(&format!("/v1/photos/{photo}/findings")).await.expect(200);
        let claims = found["claims"].as_object().cloned().unwrap_or_default();
        assert!(claims.values().all(Value::is_null) && found["doubts"] == json!([]), "nothing of it is kept apart: {found:#}");
    }
}

async fn a_sender_is_told_once_that_somebody_took_charge(house: House) {
    const TOLD: &str = "Somebody has taken charge of your report";
    let (_, officer, _) = crew(&house).await;
    let site = house.site("AGA").await;
    for (n, confidentiality) in ["open", "confidential"].iter().enumerate() {
        let sender = house.joins(&format!("Sender{n}"), Role::Technician, "AGA").await;
        let draft = kept_as(minor(&site), confidentiality);
        let [first, second, third] = [sender.reports(&draft).await, sender.reports(&draft).await, sender.reports(&draft).await];
        officer.commands(&first, "acknowledge", json!({})).await.expect(200);
        officer.commands(&first, "acknowledge", json!({})).await.expect(200);
        rated(&officer, &first, 2).await;
        house.tick().await;
        assert_eq!(about(&house, &sender, TOLD), 1, "{confidentiality}");
        rated(&officer, &second, 2).await;
        officer.commands(&third, "dismiss", json!({ "reason": "A drill" })).await.expect(200);
        house.tick().await;
        assert_eq!(about(&house, &sender, TOLD), 2, "rating is taking charge, an end says more than that");
        assert_eq!(house.mailbox(&sender).len(), 3);
    }
    let own = officer.reports(&minor(&site)).await;
    officer.commands(&own, "acknowledge", json!({})).await.expect(200);
    house.tick().await;
    assert_eq!(about(&house, &officer, TOLD), 0);
}

async fn an_anonymous_sender_comes_back_by_a_secret_and_answers_what_they_are_asked(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let id = technician.new_id();
    let draft = kept_as(minor(&house.site("AGA").await), "anonymous");
    let sent = sends(&technician, &id, &draft).await;
    assert_eq!(sent.header("cache-control"), "no-store");
    let secrets = sent.expect(201)["follow_up"].clone();
    let sender = holder(&house, &secrets, "secret");
    let seen = sender.get("/v1/follow-up").await.expect(200);
    assert_eq!((&seen["state"], &seen["allowed"]), (&json!("submitted"), &json!(["comment", "withdraw"])));
    officer.commands(&id, "acknowledge", json!({})).await.expect(200);
    officer.commands(&id, "request-information", json!({ "question": "Since when?" })).await.expect(200);
    let inner = format!("/v1/reports/{id}/comments/{}", officer.new_id());
    officer.put(&inner, &json!({ "text": "Ask the contractor" })).await.expect(201);
    let seen = sender.get("/v1/follow-up").await.expect(200);
    assert_eq!(seen["comments"].as_array().unwrap().len(), 1, "what is said among officers is not for the sender");
    assert_eq!((&seen["comments"][0]["text"], &seen["comments"][0]["kind"]), (&json!("Since when?"), &json!("question")));
    assert_eq!((&seen["state"], &seen["allowed"]), (&json!("acknowledged"), &json!(["comment"])));
    let answer = format!("/v1/follow-up/comments/{}", sender.new_id());
    let said = json!({ "text": "Since Monday" });
    sender.put(&answer, &json!({ "text": " " })).await.refused(422, "invalid");
    sender.put(&answer, &said).await.expect(201);
    sender.put(&answer, &said).await.expect(200);
    sender.put(&answer, &json!({ "text": "Since Friday" })).await.refused(409, "comment_conflict");
    let comments = officer.report(&id).await["comments"].clone();
    let reply = comments.as_array().unwrap().iter().find(|one| one["text"] == "Since Monday").unwrap();
    assert_eq!((&reply["by_reporter"], &reply["author_id"]), (&json!(true), &Value::Null));
    officer.commands(&id, "dismiss", json!({ "reason": "It is mended" })).await.expect(200);
    let seen = sender.get("/v1/follow-up").await.expect(200);
    assert_eq!((&seen["outcome"], &seen["comments"][1]["by_reporter"]), (&json!("It is mended"), &json!(true)));
    for nobody in ["", "x", secrets["recovery_secret"].as_str().unwrap(), &technician.token] {
        let nobody = house.whoever_holds(nobody);
        nobody.get("/v1/follow-up").await.refused(404, "not_found");
        nobody.put(&answer, &said).await.refused(404, "not_found");
        nobody.post("/v1/follow-up/withdraw", &json!({})).await.refused(404, "not_found");
    }
    let without = technician.web.get(format!("{}/v1/follow-up", house.url)).send().await.unwrap();
    assert_eq!(without.status().as_u16(), 404, "no secret and a wrong one are the same");
}

async fn secrets_that_were_lost_on_the_way_are_given_again_until_one_is_used(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let id = technician.new_id();
    let mut draft = kept_as(minor(&house.site("AGA").await), "anonymous");
    let plain = draft.clone();
    draft["claim"] = CLAIM.into();
    let lost = sends(&technician, &id, &draft).await.expect(201)["follow_up"].clone();
    sends(&officer, &id, &plain).await.refused(409, "report_conflict");
    let given = sends(&technician, &id, &draft).await.expect(200)["follow_up"].clone();
    holder(&house, &lost, "secret").get("/v1/follow-up").await.refused(404, "not_found");
    holder(&house, &lost, "recovery_secret").post("/v1/follow-up/recover", &json!({})).await.refused(404, "not_found");
    holder(&house, &given, "secret").get("/v1/follow-up").await.expect(200);
    let late = sends(&technician, &id, &draft).await.expect(200);
    assert_eq!(late["follow_up"], Value::Null, "the sender has them");
    holder(&house, &given, "secret").get("/v1/follow-up").await.expect(200);
    let seen = officer.report(&id).await.to_string();
    assert!(!seen.contains(CLAIM) && !seen.contains("follow_up"), "{seen}");
    let unclaimed = technician.new_id();
    sends(&technician, &unclaimed, &plain).await.expect(201);
    for anybody in [&technician, &officer] {
        let again = sends(anybody, &unclaimed, &plain).await.expect(200);
        assert_eq!(again["follow_up"], Value::Null, "whoever sees a report could send it again");
    }
}

async fn a_lost_secret_is_recovered_once_and_the_old_pair_ends(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let id = technician.new_id();
    let draft = kept_as(minor(&house.site("AGA").await), "anonymous");
    let first = sends(&technician, &id, &draft).await.expect(201)["follow_up"].clone();
    let recover =
        async |secrets: &Value| holder(&house, secrets, "recovery_secret").post("/v1/follow-up/recover", &json!({})).await;
    let opens = async |secrets: &Value| holder(&house, secrets, "secret").get("/v1/follow-up").await.status;
    assert_eq!(opens(&first).await, 200);
    let lost = recover(&first).await.expect(200);
    assert_eq!(opens(&first).await, 404);
    let second = recover(&first).await.expect(200);
    assert_eq!((opens(&lost).await, opens(&second).await), (404, 200), "an answer that was lost is given again");
    recover(&first).await.refused(404, "not_found");
    recover(&lost).await.refused(404, "not_found");
    let third = recover(&second).await.expect(200);
    assert_eq!((opens(&second).await, opens(&third).await), (404, 200));
    let history = officer.get(&format!("/v1/reports/{id}/history?limit=200")).await.expect(200);
    let entries = history["items"].as_array().unwrap();
    let recovered: Vec<_> = entries.iter().filter(|entry| entry["verb"] == "follow_up_recovered").collect();
    assert!(recovered.len() == 3 && recovered.iter().all(|entry| entry["actor_id"] == Value::Null));
}

async fn an_anonymous_report_is_taken_back_before_anybody_took_charge(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let draft = kept_as(minor(&house.site("AGA").await), "anonymous");
    let mut senders = Vec::new();
    for _ in 0..2 {
        let id = technician.new_id();
        let sent = sends(&technician, &id, &draft).await.expect(201);
        senders.push((id, holder(&house, &sent["follow_up"], "secret")));
    }
    let (early, sender) = &senders[0];
    let gone = sender.post("/v1/follow-up/withdraw", &json!({})).await.expect(200);
    assert_eq!((&gone["state"], &gone["allowed"]), (&json!("withdrawn"), &json!(["comment"])));
    assert_eq!(officer.report(early).await["state"], "withdrawn");
    let (late, sender) = &senders[1];
    officer.commands(late, "acknowledge", json!({})).await.expect(200);
    let problem = sender.post("/v1/follow-up/withdraw", &json!({})).await.refused(409, "wrong_state");
    assert_eq!(problem["allowed"], json!(["comment"]));
}

async fn of_a_photo_of_an_anonymous_report_only_the_picture_is_kept(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let investigator = house.joins("Salma", Role::Investigator, "SRM-SM").await;
    let (photo, bytes) = (technician.new_id(), telling_photo());
    let draft = with_photo(kept_as(minor(&house.site("AGA").await), "anonymous"), &photo, &bytes);
    let report = technician.reports_unseen(&draft).await;
    technician.sends_photo(&report, &photo, PHOTO.to_vec()).await.refused(409, "photo_mismatch");
    let received = technician.sends_photo(&report, &photo, bytes.clone()).await.expect(201);
    assert_eq!(technician.sends_photo(&report, &photo, bytes.clone()).await.expect(200), received);
    house.tick().await;
    let seen = officer.report(&report).await["photos"][0].clone();
    assert_eq!((&seen["state"], &seen["sha256"]), (&json!("ready"), &json!(sha256(&bytes))), "what came is what was announced");
    let kept = investigator.get(&format!("/v1/photos/{photo}/original")).await;
    assert_eq!((kept.status, &seen["kept_sha256"]), (200, &json!(sha256(&kept.bytes))), "what is kept can be shown to be it");
    let holds = |bytes: &[u8], words: &[u8]| bytes.windows(words.len()).any(|part| part == words);
    assert!(holds(&bytes, MARKER.as_bytes()) && !holds(&kept.bytes, MARKER.as_bytes()) && !holds(&kept.bytes, b"Exif"));
    assert!(kept.bytes.len() > 10_000 && officer.get(&format!("/v1/photos/{photo}/display")).await.status == 200);
    let history = officer.get(&format!("/v1/reports/{report}/history?limit=200")).await.expect(200).to_string();
    assert!(history.contains(&sha256(&bytes)) && history.contains(&sha256(&kept.bytes)), "both hashes are on record");
    let evidence = officer.new_id();
    adds_photo(&officer, &report, &evidence).await.expect(201);
    adds_photo(&technician, &report, &technician.new_id()).await.expect(202);
    assert_eq!(officer.report(&report).await["photos"].as_array().unwrap().len(), 2, "as if there were no such report");
}

async fn a_photo_that_cannot_be_stripped_is_refused_and_still_awaited(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let bytes = telling_photo();
    let cut = &bytes[..bytes.len() / 2];
    let photo = technician.new_id();
    let draft = with_photo(kept_as(minor(&house.site("AGA").await), "anonymous"), &photo, cut);
    let report = technician.reports_unseen(&draft).await;
    technician.sends_photo(&report, &photo, cut.to_vec()).await.refused(422, "photo_unreadable");
    let seen = officer.report(&report).await;
    assert_eq!((&seen["missing"], &seen["photos"][0]["state"]), (&json!([photo]), &json!("expected")));
    let open = technician.reports(&with_photo(minor(&house.site("AGA").await), &technician.new_id(), cut)).await;
    let announced = technician.report(&open).await["missing"][0].as_str().unwrap().to_owned();
    technician.sends_photo(&open, &announced, cut.to_vec()).await.expect(201);
}

async fn a_claim_is_long_and_only_for_anonymous_reports(house: House) {
    let (technician, _, _) = crew(&house).await;
    let site = house.site("AGA").await;
    let code = async |confidentiality: &str, claim: &str| {
        let mut draft = kept_as(minor(&site), confidentiality);
        draft["claim"] = claim.into();
        let problem = sends(&technician, &technician.new_id(), &draft).await.refused(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], "/claim");
        problem["errors"][0]["code"].as_str().unwrap().to_owned()
    };
    assert_eq!(code("open", CLAIM).await, "only_when_anonymous");
    for guessable in ["", "1234", &CLAIM[1..], &format!("{CLAIM} "), &CLAIM.repeat(3)] {
        assert_eq!(code("anonymous", guessable).await, "not_a_claim", "{guessable:?}");
    }
}
