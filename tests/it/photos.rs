//! Photos as evidence: what is said of them at once, what is hidden in them, what is found, and how they are served.

use salama::domain::audience::Role;
use serde_json::{Value, json};

use crate::{
    main_road::{PHOTO, crew},
    support::{
        house::House,
        person::{Answer, Person, hazard, sha256},
        stories,
    },
};

stories!(
    whoever_sends_a_photo_hears_at_once_that_it_is_dark,
    what_an_officer_hides_is_seen_by_nobody_but_investigators,
    what_a_photo_claims_is_read_by_investigators_and_doubts_by_those_who_handle_reports,
    the_same_picture_in_another_report_is_shown_but_not_where_a_sender_is_protected,
    a_photo_is_fetched_in_parts_and_asked_about_again_before_it_is_shown_again,
    what_is_no_photo_is_refused_with_the_list_of_what_is_and_a_broken_one_is_kept,
);

/// The photo of the demo held upright, changed without changing what it shows.
fn photo(change: impl Fn(u8) -> u8) -> Vec<u8> {
    let mut upright = image::load_from_memory(PHOTO).unwrap();
    upright.apply_orientation(image::metadata::Orientation::Rotate90);
    let mut picture = upright.into_rgb8();
    picture.iter_mut().for_each(|sample| *sample = change(*sample));
    let mut out = Vec::new();
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut out, 70);
    picture.write_with_encoder(encoder).unwrap();
    out
}

async fn reports_with(person: &Person, mut draft: Value, bytes: &[u8]) -> (String, String) {
    let photo = person.new_id();
    draft["photos"] = json!([{ "id": photo, "sha256": sha256(bytes), "bytes": bytes.len(), "media_type": "image/jpeg" }]);
    (person.reports_unseen(&draft).await, photo)
}

/// Sends a report with this photo, and gives both ids when the photo is ready.
async fn reported(house: &House, person: &Person, draft: Value, bytes: Vec<u8>) -> (String, String) {
    let (report, photo) = reports_with(person, draft, &bytes).await;
    person.sends_photo(&report, &photo, bytes).await.expect(201);
    house.tick().await;
    (report, photo)
}

async fn whoever_sends_a_photo_hears_at_once_that_it_is_dark(house: House) {
    let (technician, ..) = crew(&house).await;
    let dark = photo(|sample| sample / 8);
    let (report, photo) = reports_with(&technician, hazard(&house.site("AGA").await), &dark).await;
    let send = |prefer: &str| {
        let request = technician.web.put(format!("{}/v1/reports/{report}/photos/{photo}", technician.url));
        technician.send(request.header("content-type", "image/jpeg").header("prefer", prefer.to_owned()).body(dark.clone()))
    };
    let answer = send("respond-async, wait=0").await;
    assert_eq!(answer.clone().expect(201)["state"], "received", "it is kept before anybody looks at it");
    let (answer, ()) = tokio::join!(send("wait=20"), house.tick());
    assert_eq!(answer.header("preference-applied"), "wait=20");
    let body = answer.expect(200);
    assert_eq!((&body["state"], &body["hints"]), (&json!("ready"), &json!(["dark"])));
    assert_eq!(technician.report(&report).await["photos"][0]["hints"], json!(["dark"]));
}

async fn seen(person: &Person, photo: &str, variant: &str) -> (Answer, Vec<u8>) {
    let answer = person.get(&format!("/v1/photos/{photo}/{variant}")).await;
    let bytes = answer.bytes.clone();
    (answer, bytes)
}

async fn what_an_officer_hides_is_seen_by_nobody_but_investigators(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let investigator = house.joins("Salma", Role::Investigator, "SRM-SM").await;
    let (report, photo) = reported(&house, &technician, hazard(&house.site("AGA").await), PHOTO.to_vec()).await;
    let (twin_report, twin) = reported(&house, &technician, hazard(&house.site("AGA").await), PHOTO.to_vec()).await;
    let path = format!("/v1/photos/{photo}/redactions");
    let (before, _) = seen(&technician, &photo, "display").await;
    let areas = json!({ "areas": [{ "x": 0.25, "y": 0.25, "width": 0.5, "height": 0.5 }] });

    technician.post(&path, &areas).await.refused(403, "may_not");
    let wrong = officer.post(&path, &json!({ "areas": [{ "x": 1.5, "y": 0, "width": 0.5, "height": 2 }] })).await;
    let wrong = wrong.refused(422, "invalid");
    assert_eq!(
        (&wrong["errors"][0]["pointer"], &wrong["errors"][1]["pointer"]),
        (&json!("/areas/0/x"), &json!("/areas/0/width"))
    );

    officer.post(&path, &areas).await.expect(200);
    assert_eq!(seen(&officer, &photo, "thumb").await.0.status, 404, "nothing is shown until it is made anew");
    house.tick().await;
    let (after, display) = seen(&technician, &photo, "display").await;
    assert_ne!(before.header("etag"), after.header("etag"), "who has the old one must ask again");
    let picture = image::load_from_memory(&display).unwrap().into_rgb8();
    let middle = picture.get_pixel(picture.width() / 2, picture.height() / 2).0;
    assert!(middle.iter().all(|sample| *sample < 20), "{middle:?}");
    let (_, thumb) = seen(&technician, &photo, "thumb").await;
    let small = image::load_from_memory(&thumb).unwrap().into_rgb8();
    assert!(small.get_pixel(small.width() / 2, small.height() / 2).0.iter().all(|sample| *sample < 20));

    assert_eq!(seen(&investigator, &photo, "original").await.1, PHOTO, "the original is untouched");
    let (_, untouched) = seen(&technician, &twin, "display").await;
    assert_ne!(untouched, display, "the same photo of another report is as it was");
    assert_eq!(technician.report(&twin_report).await["photos"][0]["redactions"], 0);
    officer.post(&path, &areas).await.expect(200);
    assert_eq!(technician.report(&report).await["photos"][0]["state"], "ready", "the same areas again change nothing");
    let history = officer.get(&format!("/v1/reports/{report}/history")).await.expect(200).to_string();
    assert_eq!(history.matches("\"redacted\"").count(), 1);
}

async fn what_a_photo_claims_is_read_by_investigators_and_doubts_by_those_who_handle_reports(house: House) {
    let (technician, officer, manager) = crew(&house).await;
    let investigator = house.joins("Salma", Role::Investigator, "SRM-SM").await;
    let mut draft = hazard(&house.site("AGA").await);
    draft["location"] = json!({ "lat": 33.57, "lon": -7.59, "accuracy_m": 20 });
    let (_, photo) = reported(&house, &technician, draft.clone(), PHOTO.to_vec()).await;
    let path = format!("/v1/photos/{photo}/findings");
    technician.get(&path).await.refused(403, "may_not");
    for reader in [&officer, &manager] {
        let found = reader.get(&path).await.expect(200);
        assert_eq!(found["claims"], Value::Null, "the position and the camera are not for everybody");
    }
    let found = investigator.get(&path).await.expect(200);
    let claims = &found["claims"];
    assert!(claims["taken_at"].as_str().unwrap().starts_with("2026-11-23T08:41:12"), "{claims:#}");
    assert!((claims["latitude"].as_f64().unwrap() - 30.42).abs() < 1e-9, "{claims:#}");
    assert_eq!((&claims["make"], &found["doubts"]), (&json!("Argana"), &json!(["another_place"])), "it was taken in Agadir");
    draft["confidentiality"] = json!("anonymous");
    let (_, protected) = reported(&house, &technician, draft, photo_without_a_trace()).await;
    let found = investigator.get(&format!("/v1/photos/{protected}/findings")).await.expect(200);
    assert_eq!((&found["claims"]["make"], &found["claims"]["latitude"]), (&Value::Null, &Value::Null));
    let journal = house.app.store.journal(0, 1000).await.unwrap();
    let make = claims["make"].as_str().unwrap();
    assert!(journal.iter().all(|link| !link.facts.contains(make)), "a claim is in no entry of the journal");
}

/// The photo of the demo with its EXIF, as other bytes.
fn photo_without_a_trace() -> Vec<u8> {
    [PHOTO, b"trailer"].concat()
}

async fn the_same_picture_in_another_report_is_shown_but_not_where_a_sender_is_protected(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let site = house.site("AGA").await;
    let (first, photo_of_first) = reported(&house, &technician, hazard(&site), PHOTO.to_vec()).await;
    let number = officer.report(&first).await["number"].clone();
    let (_, again) = reported(&house, &technician, hazard(&site), photo(|sample| sample / 10 * 9)).await;
    let mut confidential = hazard(&site);
    confidential["confidentiality"] = json!("confidential");
    let (_, protected) = reported(&house, &technician, confidential, photo(|sample| sample / 10 * 8)).await;
    let found = officer.get(&format!("/v1/photos/{again}/findings")).await.expect(200);
    assert_eq!(
        found["same_picture"],
        json!([{ "photo_id": photo_of_first, "report_id": first, "number": number }]),
        "re-encoded and darker, but the same"
    );
    let found = officer.get(&format!("/v1/photos/{protected}/findings")).await.expect(200);
    assert_eq!(found["same_picture"], json!([]), "it would point to who sent it");
    let elsewhere = house.joins("Stranger", Role::Officer, "TAR").await;
    let (_, there) = reported(&house, &elsewhere, hazard(&house.site("TAR").await), photo(|sample| sample / 10 * 7)).await;
    let found = elsewhere.get(&format!("/v1/photos/{there}/findings")).await.expect(200);
    assert_eq!(found["same_picture"], json!([]), "a report they may not know of");
}

async fn a_photo_is_fetched_in_parts_and_asked_about_again_before_it_is_shown_again(house: House) {
    let (technician, ..) = crew(&house).await;
    let investigator = house.joins("Salma", Role::Investigator, "SRM-SM").await;
    let (_, photo) = reported(&house, &technician, hazard(&house.site("AGA").await), PHOTO.to_vec()).await;
    let ask = async |person: &Person, variant: &str, headers: &[(&'static str, String)]| {
        let mut request = person.web.get(format!("{}/v1/photos/{photo}/{variant}", person.url));
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let answer = person.send(request).await;
        let bytes = answer.bytes.clone();
        (answer, bytes)
    };
    let (whole, bytes) = ask(&technician, "display", &[]).await;
    let tag = whole.header("etag");
    for (name, value) in [
        ("content-type", "image/jpeg"),
        ("cache-control", "private, no-cache"),
        ("x-content-type-options", "nosniff"),
        ("content-disposition", "inline"),
        ("accept-ranges", "bytes"),
    ] {
        assert_eq!(whole.header(name), value, "{name}");
    }
    let range = ("range", "bytes=10-19".to_owned());
    let (part, ten) = ask(&technician, "display", &[range.clone(), ("if-range", tag.clone())]).await;
    assert_eq!((part.status, &ten[..]), (206, &bytes[10..20]));
    assert_eq!(part.header("content-range"), format!("bytes 10-19/{}", bytes.len()));
    let (other, all) = ask(&technician, "display", &[range, ("if-range", "\"older\"".to_owned())]).await;
    assert_eq!((other.status, all.len()), (200, bytes.len()), "half of an older file is no use");
    assert_eq!(ask(&technician, "display", &[("if-none-match", tag)]).await.0.status, 304);
    assert_eq!(ask(&technician, "display", &[("range", "bytes=99999999-".to_owned())]).await.0.status, 416);
    let (original, bytes) = ask(&investigator, "original", &[]).await;
    assert_eq!(bytes, PHOTO);
    assert!(original.header("content-disposition").starts_with("attachment"));
    assert!(original.header("content-security-policy").contains("sandbox"));
}

async fn what_is_no_photo_is_refused_with_the_list_of_what_is_and_a_broken_one_is_kept(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let investigator = house.joins("Salma", Role::Investigator, "SRM-SM").await;
    let site = house.site("AGA").await;
    for other in [&b"GIF89a\x01\0\x01\0\0\0\0;"[..], b"<html><script>alert(1)</script></html>", b"%PDF-1.7 and more"] {
        let (report, photo) = reports_with(&technician, hazard(&site), other).await;
        let refused = technician.sends_photo(&report, &photo, other.to_vec()).await;
        assert_eq!(refused.header("accept"), "image/jpeg, image/png, image/webp, image/heic, image/avif");
        refused.refused(415, "photo_format");
    }
    let broken = [&[0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 1, 2][..], &[7; 100]].concat();
    let (report, photo) = reported(&house, &technician, hazard(&site), broken.clone()).await;
    let kept = officer.report(&report).await["photos"][0].clone();
    assert_eq!((&kept["state"], &kept["unreadable_because"]), (&json!("unreadable"), &json!("damaged")));
    assert_eq!(seen(&investigator, &photo, "original").await.1, broken, "it can still be evidence");
    let hide = json!({ "areas": [{ "x": 0, "y": 0, "width": 1, "height": 1 }] });
    officer.post(&format!("/v1/photos/{photo}/redactions"), &hide).await.refused(409, "photo_not_shown");
}
