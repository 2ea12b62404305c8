//! What is seen of a photo before it is here, and links that show pictures without a header.

use salama::domain::{audience::Role, organisation::Grant};
use serde_json::{Value, json};

use crate::{
    main_road::{PHOTO, crew},
    protected::{MARKER, kept_as, telling_photo, with_photo},
    support::{
        house::House,
        person::{Answer, Person, hazard, sha256},
        stories,
    },
};

stories!(
    a_small_picture_is_shown_until_the_photo_is_and_is_no_evidence,
    what_is_no_small_picture_is_refused,
    a_report_whose_photo_is_awaited_is_closed_only_with_a_reason,
    a_photo_that_cannot_be_shown_is_seen_by_its_preview_until_its_time_is_over,
    an_anonymous_preview_names_nobody_and_keeps_nothing_but_the_picture,
    a_link_shows_a_picture_for_minutes_and_only_while_its_reader_may_see_it,
);

/// What the camera wrote after the end of its JPEG belongs to the photo: another file that looks the same.
fn original() -> Vec<u8> {
    [PHOTO, b"trailer"].concat()
}

async fn sends_preview(person: &Person, report: &str, photo: &str, bytes: Vec<u8>) -> Answer {
    let request = person.web.put(format!("{}/v1/reports/{report}/photos/{photo}/preview", person.url));
    person.send(request.header("content-type", "image/jpeg").body(bytes)).await
}

/// A report whose photo is awaited.
async fn awaited(house: &House, person: &Person, bytes: &[u8]) -> (String, String) {
    let photo = person.new_id();
    let draft = with_photo(hazard(&house.site("AGA").await), &photo, bytes);
    (person.reports_unseen(&draft).await, photo)
}

fn pictures_of(house: &House, name: &str) -> usize {
    let folder = house.folder.path().join("photos/renditions").join(&name[..2]).join(name);
    ["display.jpg", "thumb.jpg"].iter().filter(|picture| folder.join(picture).exists()).count()
}

async fn a_small_picture_is_shown_until_the_photo_is_and_is_no_evidence(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let investigator = house.joins("Salma", Role::Investigator, "SRM-SM").await;
    let (report, photo) = awaited(&house, &technician, &original()).await;
    let (display, preview) = (format!("/v1/photos/{photo}/display"), telling_photo());
    officer.get(&display).await.refused(404, "photo_not_ready");

    let body = sends_preview(&technician, &report, &photo, preview.clone()).await.expect(201);
    assert_eq!((&body["state"], &body["preview"]), (&json!("expected"), &json!(true)));
    let first = officer.get(&display).await;
    assert_eq!((first.status, first.header("content-type").as_str()), (200, "image/jpeg"));
    assert!(image::load_from_memory(&first.bytes).is_ok());
    assert!(!first.bytes.windows(MARKER.len()).any(|window| window == MARKER.as_bytes()), "only the picture is kept of it");
    assert_eq!(officer.get(&format!("/v1/photos/{photo}/thumb")).await.status, 200);
    let seen = officer.report(&report).await;
    assert_eq!((&seen["missing"], &seen["photos"][0]["preview"]), (&json!([photo]), &json!(true)), "the photo is still awaited");
    investigator.get(&format!("/v1/photos/{photo}/original")).await.refused(404, "photo_not_ready");

    sends_preview(&technician, &report, &photo, preview.clone()).await.expect(200);
    sends_preview(&technician, &report, &photo, PHOTO.to_vec()).await.expect(200);
    assert_eq!(officer.get(&display).await.header("etag"), first.header("etag"), "the first one stays");

    technician.sends_photo(&report, &photo, original()).await.expect(201);
    assert_eq!(officer.get(&display).await.header("etag"), first.header("etag"), "until the photo itself can be shown");
    house.tick().await;
    let seen = officer.report(&report).await["photos"][0].clone();
    assert_eq!((&seen["state"], &seen["preview"]), (&json!("ready"), &json!(false)));
    assert_ne!(officer.get(&display).await.header("etag"), first.header("etag"));
    assert_eq!(pictures_of(&house, &sha256(&preview)), 2);
    house.clock.advance(61_000).unwrap();
    house.tidies().await;
    assert_eq!((pictures_of(&house, &sha256(&preview)), pictures_of(&house, &sha256(&original()))), (0, 2));
    let late = sends_preview(&technician, &report, &photo, preview).await.expect(200);
    assert_eq!(late["preview"], false);
    let history = officer.get(&format!("/v1/reports/{report}/history")).await.expect(200).to_string();
    assert_eq!(history.matches("\"preview_received\"").count(), 1);
}

async fn what_is_no_small_picture_is_refused(house: House) {
    let (technician, ..) = crew(&house).await;
    let (report, photo) = awaited(&house, &technician, &original()).await;
    let send = |photo: &str, bytes: Vec<u8>| {
        let (technician, report, photo) = (&technician, report.clone(), photo.to_owned());
        async move { sends_preview(technician, &report, &photo, bytes).await }
    };
    let large = [PHOTO, &vec![0; 200 << 10]].concat();
    send(&photo, large).await.refused(413, "too_large");
    send(&photo, PHOTO[..PHOTO.len() / 2].to_vec()).await.refused(422, "photo_unreadable");
    send(&photo, b"<svg/>".to_vec()).await.refused(422, "photo_unreadable");
    send(&photo, vec![]).await.refused(422, "photo_unreadable");
    send(&technician.new_id(), PHOTO.to_vec()).await.refused(409, "photo_not_announced");
    let url = format!("{}/v1/reports/{report}/photos/{photo}/preview", technician.url);
    let other = technician.web.put(&url).header("content-type", "image/svg+xml").body(PHOTO);
    technician.send(other).await.refused(415, "photo_format");
    let digest = technician.web.put(&url).header("content-type", "image/jpeg").body(PHOTO);
    let digest = digest
        .header("content-digest", format!("sha-256=:{}:", base64::Engine::encode(&base64::prelude::BASE64_STANDARD, [7; 32])));
    technician.send(digest).await.refused(409, "photo_mismatch");
    assert_eq!(technician.report(&report).await["photos"][0]["preview"], false);
    let stranger = house.joins("Driss", Role::Officer, "TAR").await;
    sends_preview(&stranger, &report, &photo, PHOTO.to_vec()).await.refused(404, "report_not_here");
}

async fn a_report_whose_photo_is_awaited_is_closed_only_with_a_reason(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let (report, photo) = awaited(&house, &technician, &original()).await;
    sends_preview(&technician, &report, &photo, PHOTO.to_vec()).await.expect(201);
    let missing = async |body: Value| {
        let problem = officer.commands(&report, "close", body).await.refused(409, "not_ready");
        problem["missing"].as_array().unwrap().iter().any(|missing| missing["code"] == "photos")
    };
    assert!(missing(json!({ "outcome": "Buried" })).await, "a preview is no evidence");
    assert!(!missing(json!({ "outcome": "Buried", "waive_photos": "The phone is lost" })).await);
    technician.sends_photo(&report, &photo, original()).await.expect(201);
    assert!(!missing(json!({ "outcome": "Buried" })).await);
}

async fn a_photo_that_cannot_be_shown_is_seen_by_its_preview_until_its_time_is_over(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let broken = [&PHOTO[..3], b"nothing that could be a photo"].concat();
    let (report, photo) = awaited(&house, &technician, &broken).await;
    sends_preview(&technician, &report, &photo, PHOTO.to_vec()).await.expect(201);
    technician.sends_photo(&report, &photo, broken).await.expect(201);
    house.tick().await;
    let seen = officer.report(&report).await["photos"][0].clone();
    assert_eq!((&seen["state"], &seen["preview"]), (&json!("unreadable"), &json!(true)));
    assert_eq!(officer.get(&format!("/v1/photos/{photo}/display")).await.status, 200);
    officer.commands(&report, "dismiss", json!({ "reason": "A drill" })).await.expect(200);
    for _ in 0..2 {
        house.clock.advance(4 * 365 * 86_400_000).unwrap();
        house.tick().await;
        house.tidies().await;
    }
    let officer = house.again(&officer).await;
    officer.get(&format!("/v1/photos/{photo}/display")).await.refused(410, "photo_disposed");
    assert_eq!(pictures_of(&house, &sha256(PHOTO)), 0);
}

async fn an_anonymous_preview_names_nobody_and_keeps_nothing_but_the_picture(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let photo = technician.new_id();
    let draft = with_photo(kept_as(hazard(&house.site("AGA").await), "anonymous"), &photo, &original());
    let report = technician.reports_unseen(&draft).await;
    sends_preview(&technician, &report, &photo, telling_photo()).await.expect(201);
    let seen = officer.get(&format!("/v1/photos/{photo}/display")).await;
    assert!(seen.status == 200 && !seen.bytes.windows(MARKER.len()).any(|window| window == MARKER.as_bytes()));
    let auditor = house.joins("Omar", Role::Auditor, "SRM-SM").await;
    let entries = auditor.get(&format!("/v1/journal?subject_id={photo}")).await.expect(200)["items"].clone();
    let entry = entries.as_array().unwrap().iter().find(|entry| entry["verb"] == "preview_received").unwrap().clone();
    assert_eq!(entry["actor_id"], Value::Null, "{entry:#}");
}

async fn follow(house: &House, link: &Value) -> reqwest::Response {
    let link = link.as_str().unwrap();
    let path = link.strip_prefix(&house.app.settings.public_url()).unwrap();
    house.web.get(format!("{}{path}", house.url)).send().await.unwrap()
}

async fn a_link_shows_a_picture_for_minutes_and_only_while_its_reader_may_see_it(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let investigator = house.joins("Salma", Role::Investigator, "SRM-SM").await;
    let (report, photo) = awaited(&house, &technician, PHOTO).await;
    let path = format!("/v1/photos/{photo}/links");
    let none = officer.get(&path).await.expect(200);
    assert_eq!((&none["display"], &none["thumb"], &none["original"]), (&Value::Null, &Value::Null, &Value::Null));
    technician.sends_photo(&report, &photo, PHOTO.to_vec()).await.expect(201);
    house.tick().await;

    let links = officer.get(&path).await.expect(200);
    assert_eq!(links["original"], Value::Null, "who may not fetch it gets no link to it");
    let shown = officer.get(&format!("/v1/photos/{photo}/thumb")).await;
    let by_link = follow(&house, &links["thumb"]).await;
    assert_eq!((by_link.status().as_u16(), by_link.headers()["etag"].to_str().unwrap()), (200, shown.header("etag").as_str()));
    assert_eq!(by_link.headers()["cache-control"], "private, no-cache");
    assert_eq!(by_link.headers()["referrer-policy"], "no-referrer");
    assert!(by_link.bytes().await.unwrap() == shown.bytes);
    assert_eq!(follow(&house, &links["display"]).await.status(), 200);
    let forged = json!(links["thumb"].as_str().unwrap().replace("/v1/pictures/", "/v1/pictures/A"));
    assert_eq!(follow(&house, &forged).await.status(), 404);

    let sealed = investigator.get(&path).await.expect(200)["original"].clone();
    assert!(follow(&house, &sealed).await.bytes().await.unwrap() == PHOTO);
    let fetched = || async {
        officer
            .get(&format!("/v1/reports/{report}/history"))
            .await
            .expect(200)
            .to_string()
            .matches("\"original_fetched\"")
            .count()
    };
    assert_eq!(fetched().await, 1, "as if they had fetched it themselves");

    let organisation = house.app.store.organisation().await.unwrap();
    let site = organisation.site_of_code("SRM-SM").unwrap().id;
    let tx = house.app.store.begin().await.unwrap();
    assert!(tx.revoke(investigator.id, Grant { role: Role::Investigator, site }).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(follow(&house, &sealed).await.status(), 404, "who may no longer see it has no use for the link");
    assert_eq!(fetched().await, 1);

    house.clock.advance(299_000).unwrap();
    assert_eq!(follow(&house, &links["thumb"]).await.status(), 200);
    house.clock.advance(1_000).unwrap();
    assert_eq!(follow(&house, &links["thumb"]).await.status(), 404);
    let links = officer.get(&path).await.expect(200);
    officer.send(officer.web.delete(format!("{}/v1/sessions/current", officer.url))).await.expect(204);
    assert_eq!(follow(&house, &links["thumb"]).await.status(), 401, "it ends with the session it was made in");
}
