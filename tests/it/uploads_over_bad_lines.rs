//! Lines that hang, break and come back somewhere else: the newest request goes on, what came is kept, and nobody gets past
//! a right they lost on the way.

use salama::{
    domain::{
        audience::Role,
        organisation::Grant,
        upload::{OPEN_OF_MEMBER, OPEN_OF_REPORT},
    },
    operations,
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    life::adds_photo,
    main_road::{PHOTO, crew},
    protected::{MARKER, kept_as, telling_photo, with_photo},
    support::{
        house::House,
        line::Line,
        person::{Person, hazard, sha256},
        stories,
    },
    uploads::{BYTES, announced, begun, located, original, spooled},
};

stories!(
    what_came_before_a_line_broke_is_kept,
    what_was_not_read_yet_when_a_line_broke_is_kept_as_well,
    a_newer_request_ends_an_older_one_and_keeps_what_it_brought,
    another_server_goes_on_and_the_one_that_slept_writes_nothing,
    after_a_crash_it_goes_on_where_the_disk_ends,
    nobody_else_knows_of_an_upload,
    who_lost_the_right_on_the_way_leaves_no_photo_and_no_bytes,
    there_is_room_for_so_many_and_no_more,
    who_begins_many_at_once_gets_no_more_room,
    an_anonymous_photo_lies_sealed_and_is_nobodys,
);

async fn patch(person: &Person, upload: &str, offset: usize, length: usize) -> Line {
    let (offset, length) = (offset.to_string(), length.to_string());
    let headers = [("Tus-Resumable", "1.0.0"), ("Upload-Offset", &offset), BYTES, ("Content-Length", &length)];
    Line::open(person, "PATCH", upload, &headers).await
}

/// Waits until an upload stands there by itself, without asking it, as a question would end what goes on.
async fn counted(house: &House, upload: &str, offset: u64) {
    let id = upload.rsplit('/').next().unwrap().split('?').next().unwrap().parse().unwrap();
    for _ in 0..500 {
        if house.app.store.upload(id).await.unwrap().unwrap().offset >= offset {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("{offset} bytes were never counted");
}

/// Waits until a request has taken the upload for itself: one that its line brings only later would end whoever came after.
async fn taken(house: &House, upload: &str, before: Uuid) {
    for _ in 0..500 {
        if claim(house, upload).await != before {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the request was never heard");
}

async fn claim(house: &House, upload: &str) -> Uuid {
    let id = upload.rsplit('/').next().unwrap().parse().unwrap();
    house.app.store.upload(id).await.unwrap().unwrap().claim
}

async fn what_came_before_a_line_broke_is_kept(house: House) {
    let (technician, ..) = crew(&house).await;
    let (_, photo, upload) = begun(&house, &technician, PHOTO).await;
    let mut at = 0;
    for sent in [1, 3000, 20_000, 0] {
        let before = claim(&house, &upload).await;
        let mut line = patch(&technician, &upload, at, PHOTO.len() - at).await;
        taken(&house, &upload, before).await;
        line.sends(&PHOTO[at..at + sent]).await;
        drop(line);
        at += sent;
        assert_eq!(technician.stands(&upload).await, at, "to the last byte, without waiting for it to be counted");
    }
    let checked = [
        ("Tus-Resumable", "1.0.0"),
        ("Upload-Offset", &at.to_string()),
        BYTES,
        ("Content-Length", "1000"),
        ("Upload-Checksum", "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0="),
    ];
    let before = claim(&house, &upload).await;
    let mut line = Line::open(&technician, "PATCH", &upload, &checked).await;
    taken(&house, &upload, before).await;
    line.sends(&PHOTO[at..at + 500]).await;
    drop(line);
    assert_eq!(technician.stands(&upload).await, at, "half of what has a checksum is nothing");
    technician.adds(&upload, at, &PHOTO[at..]).await.expect(204);
    assert!(original(&house, &photo).await == PHOTO);
}

async fn what_was_not_read_yet_when_a_line_broke_is_kept_as_well(house: House) {
    let (technician, ..) = crew(&house).await;
    let bytes = [PHOTO, &vec![7; 9_000_000]].concat();
    let (_, photo, upload) = begun(&house, &technician, &bytes).await;
    let mut at = 0;
    while at + 4_000_000 < bytes.len() {
        let mut line = patch(&technician, &upload, at, bytes.len() - at).await;
        line.sends(&bytes[at..at + 4_000_000]).await;
        drop(line);
        at += 4_000_000;
        assert_eq!(technician.stands(&upload).await, at, "the phone asks sooner than the server has read it all");
    }
    technician.adds(&upload, at, &bytes[at..]).await.expect(204);
    assert!(original(&house, &photo).await == bytes);
}

async fn a_newer_request_ends_an_older_one_and_keeps_what_it_brought(house: House) {
    let (technician, ..) = crew(&house).await;
    let (_, photo, upload) = begun(&house, &technician, PHOTO).await;
    let mut old = patch(&technician, &upload, 0, PHOTO.len()).await;
    old.sends(&PHOTO[..500]).await;
    counted(&house, &upload, 500).await;
    old.sends(&PHOTO[500..777]).await;
    let stands = technician.stands(&upload).await;
    assert!((500..=777).contains(&stands), "{stands}: a question is answered at once, though a line hangs");
    // The server reads for a while what the old line still sends, so that its end is heard, and keeps nothing of it.
    old.sends(&PHOTO[777..]).await;
    assert!(old.hears().await.starts_with("http/1.1 409"));
    assert_eq!(technician.stands(&upload).await, stands, "an offset that was given is good");

    let mut old = patch(&technician, &upload, stands, PHOTO.len() - stands).await;
    old.sends(&PHOTO[stands..stands + 100]).await;
    counted(&house, &upload, stands as u64 + 100).await;
    technician.adds(&upload, stands, b"x").await.refused(409, "upload_offset");
    let at = stands + 100;
    technician.adds(&upload, at, &PHOTO[at..at + 50]).await.expect(204);
    drop(old);
    let at = at + 50;
    assert_eq!(technician.stands(&upload).await, at);
    technician.adds(&upload, at, &PHOTO[at..]).await.expect(204);
    assert!(original(&house, &photo).await == PHOTO);

    let (_, _, upload) = begun(&house, &technician, PHOTO).await;
    let mut old = patch(&technician, &upload, 0, PHOTO.len()).await;
    old.sends(&PHOTO[..500]).await;
    counted(&house, &upload, 500).await;
    technician.send(technician.to_upload("DELETE", &upload)).await.expect(204);
    assert_eq!((technician.asks_where(&upload).await.status, spooled(&house)), (404, 0));
}

async fn another_server_goes_on_and_the_one_that_slept_writes_nothing(house: House) {
    let (technician, ..) = crew(&house).await;
    let other = house.another().await;
    let elsewhere = Person { url: other.url.clone(), ..technician.clone() };
    let (_, photo, upload) = begun(&house, &technician, PHOTO).await;
    let mut old = patch(&technician, &upload, 0, PHOTO.len()).await;
    old.sends(&PHOTO[..500]).await;
    counted(&house, &upload, 500).await;
    assert_eq!(elsewhere.stands(&upload).await, 500);
    elsewhere.adds(&upload, 500, &PHOTO[500..900]).await.expect(204);
    old.sends(&vec![0; PHOTO.len() - 500]).await;
    assert!(old.hears().await.starts_with("http/1.1 409"));
    assert_eq!(elsewhere.stands(&upload).await, 900);
    elsewhere.adds(&upload, 900, &PHOTO[900..]).await.expect(204);
    assert!(original(&house, &photo).await == PHOTO);
    assert_eq!(technician.stands(&upload).await, PHOTO.len());
}

async fn after_a_crash_it_goes_on_where_the_disk_ends(house: House) {
    let (technician, ..) = crew(&house).await;
    let (_, photo, upload) = begun(&house, &technician, PHOTO).await;
    technician.adds(&upload, 0, &PHOTO[..5000]).await.expect(204);
    let after = house.another().await;
    let technician = Person { url: after.url.clone(), ..technician };
    assert_eq!(technician.stands(&upload).await, 5000);
    let file = std::fs::read_dir(after.app.settings.uploads_dir()).unwrap().next().unwrap().unwrap().path();
    std::fs::write(&file, &[PHOTO, b"more than was counted"].concat()[..8000]).unwrap();
    assert_eq!(technician.stands(&upload).await, 5000, "what was not counted was not promised");
    std::fs::write(&file, &PHOTO[..3000]).unwrap();
    technician.adds(&upload, 5000, b"x").await.refused(409, "upload_offset");
    assert_eq!(technician.stands(&upload).await, 3000, "what the disk lost is sent again");
    technician.adds(&upload, 3000, &PHOTO[3000..4000]).await.expect(204);
    std::fs::remove_file(&file).unwrap();
    assert_eq!(technician.stands(&upload).await, 0);
    technician.adds(&upload, 0, PHOTO).await.expect(204);
    assert!(original(&house, &photo).await == PHOTO);
}

async fn nobody_else_knows_of_an_upload(house: House) {
    let (technician, officer, manager) = crew(&house).await;
    let stranger = house.joins("Nadia", Role::Technician, "TAR").await;
    let (_, _, upload) = begun(&house, &technician, PHOTO).await;
    technician.adds(&upload, 0, &PHOTO[..10]).await.expect(204);
    for other in [&officer, &manager, &stranger] {
        assert_eq!(other.asks_where(&upload).await.status, 404);
        other.adds(&upload, 10, b"x").await.refused(404, "not_found");
        other.adds(&format!("{upload}?key={}", "00".repeat(32)), 10, b"x").await.refused(404, "not_found");
        other.send(other.to_upload("DELETE", &upload)).await.refused(404, "not_found");
    }
    assert_eq!(technician.stands(&upload).await, 10);
}

async fn who_lost_the_right_on_the_way_leaves_no_photo_and_no_bytes(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let (report, photo) = announced(&house, &technician, PHOTO).await;
    let upload = located(&officer.begins_upload(&report, &photo, PHOTO.len()).await);
    officer.adds(&upload, 0, &PHOTO[..500]).await.expect(204);
    let organisation = house.app.store.organisation().await.unwrap();
    let tx = house.app.store.begin().await.unwrap();
    let site = organisation.site_of_code("AGA").unwrap().id;
    assert!(tx.revoke(officer.id, Grant { role: Role::Officer, site }).await.unwrap());
    tx.commit().await.unwrap();
    officer.adds(&upload, 500, &PHOTO[500..]).await.refused(404, "report_not_here");
    assert_eq!((officer.asks_where(&upload).await.status, spooled(&house)), (404, 0));
    assert_eq!(technician.report(&report).await["photos"][0]["state"], "expected");

    let evidence = technician.new_id();
    let metadata =
        |name: &str, value: &str| format!("{name} {}", base64::Engine::encode(&base64::prelude::BASE64_STANDARD, value));
    let metadata =
        [metadata("report_id", &report), metadata("photo_id", &evidence), metadata("sha256", &sha256(PHOTO))].join(",");
    let begin = technician.to_upload("POST", "/v1/uploads").header("upload-length", PHOTO.len().to_string());
    let upload = located(&technician.send(begin.header("upload-metadata", metadata)).await);
    technician.adds(&upload, 0, &PHOTO[..500]).await.expect(204);
    technician.commands(&report, "withdraw", json!({})).await.expect(200);
    technician.adds(&upload, 500, &PHOTO[500..]).await.refused(409, "photo_not_announced");
    assert_eq!((technician.asks_where(&upload).await.status, spooled(&house)), (404, 0), "the report ended meanwhile");
    adds_photo(&technician, &report, &technician.new_id()).await.refused(409, "photo_not_announced");
    let own = located(&technician.begins_upload(&report, &photo, PHOTO.len()).await);
    technician.adds(&own, 0, PHOTO).await.expect(204);
    assert_eq!(technician.report(&report).await["photos"][0]["state"], "received", "what was announced is still taken");
}

async fn there_is_room_for_so_many_and_no_more(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let site = house.site("AGA").await;
    let report_of = async |count: usize| {
        let photo =
            |_| json!({ "id": technician.new_id(), "sha256": sha256(PHOTO), "bytes": PHOTO.len(), "media_type": "image/jpeg" });
        let mut draft = hazard(&site);
        draft["photos"] = (0..count).map(photo).collect();
        let report = technician.reports(&draft).await;
        let photos = draft["photos"].as_array().unwrap().iter().map(|photo| photo["id"].as_str().unwrap().to_owned());
        (report, photos.collect::<Vec<_>>())
    };
    let mut open = vec![];
    let mut last = (String::new(), vec![]);
    while open.len() < OPEN_OF_MEMBER {
        let (report, photos) = report_of(20).await;
        for photo in photos.iter().take(OPEN_OF_MEMBER - open.len()) {
            open.push(located(&technician.begins_upload(&report, photo, PHOTO.len()).await));
        }
        last = (report, photos);
    }
    let (report, photos) = last;
    let next = photos.last().unwrap();
    technician.begins_upload(&report, next, PHOTO.len()).await.refused(429, "uploads_open");
    located(&officer.begins_upload(&report, next, PHOTO.len()).await);
    assert_eq!(located(&technician.begins_upload(&report, &photos[0], PHOTO.len()).await), open[40], "what is open goes on");
    technician.adds(&open[0], 0, PHOTO).await.expect(204);
    let freed = located(&technician.begins_upload(&report, next, PHOTO.len()).await);
    technician.send(technician.to_upload("DELETE", &freed)).await.expect(204);
    located(&technician.begins_upload(&report, next, PHOTO.len()).await);

    let (report, photos) = report_of(20).await;
    let mut begun = 0;
    for name in ["Ali", "Bahia", "Chama", "Driss", "Ezzahra"] {
        let helper = house.joins(name, Role::Officer, "AGA").await;
        for photo in &photos {
            let answer = helper.begins_upload(&report, photo, PHOTO.len()).await;
            begun += usize::from(answer.status == 201);
            assert!(answer.status == 201 || begun == OPEN_OF_REPORT && answer.status == 429, "{}", answer.status);
        }
    }
    assert_eq!(begun, OPEN_OF_REPORT);
}

async fn who_begins_many_at_once_gets_no_more_room(house: House) {
    let (technician, ..) = crew(&house).await;
    let mut announced = vec![];
    while announced.len() < OPEN_OF_MEMBER + 10 {
        let photos: Vec<_> = (0..20).map(|_| technician.new_id()).collect();
        let mut draft = hazard(&house.site("AGA").await);
        let photo = |id| json!({ "id": id, "sha256": sha256(PHOTO), "bytes": PHOTO.len(), "media_type": "image/jpeg" });
        draft["photos"] = photos.iter().map(photo).collect();
        let report = technician.reports(&draft).await;
        announced.extend(photos.into_iter().map(|photo| (report.clone(), photo)));
    }
    let begin = |(report, photo): &(String, String)| {
        let (technician, report, photo) = (&technician, report.clone(), photo.clone());
        async move { technician.begins_upload(&report, &photo, PHOTO.len()).await.status }
    };
    let statuses = futures_util::future::join_all(announced.iter().map(begin)).await;
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), OPEN_OF_MEMBER, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 429).count(), statuses.len() - OPEN_OF_MEMBER);
}

async fn an_anonymous_photo_lies_sealed_and_is_nobodys(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let (bytes, photo) = (telling_photo(), technician.new_id());
    let draft = with_photo(kept_as(hazard(&house.site("AGA").await), "anonymous"), &photo, &bytes);
    let report = technician.reports_unseen(&draft).await;
    let upload = located(&technician.begins_upload(&report, &photo, bytes.len()).await);
    let without_key = upload.split('?').next().unwrap();
    assert_ne!(upload, without_key);
    for wrong in [without_key.to_owned(), format!("{without_key}?key=00"), format!("{without_key}?key={}", "00".repeat(32))] {
        for person in [&technician, &officer] {
            assert_eq!(person.asks_where(&wrong).await.status, 404, "{wrong}");
        }
    }
    let half = bytes.len() / 2;
    technician.adds(&upload, 0, &bytes[..1001]).await.expect(204);
    technician.adds(&upload, 1001, &bytes[1001..half]).await.expect(204);
    let answer = technician.asks_where(&upload).await;
    assert_eq!(answer.header("upload-offset"), half.to_string());
    assert!(answer.header("upload-metadata").contains("photo_id"));
    let file = std::fs::read_dir(house.app.settings.uploads_dir()).unwrap().next().unwrap().unwrap().path();
    let lies = std::fs::read(file).unwrap();
    assert_eq!(lies.len(), half);
    assert!(!lies.windows(MARKER.len()).any(|window| window == MARKER.as_bytes()) && lies[..3] != bytes[..3]);
    let id = without_key.rsplit('/').next().unwrap().parse().unwrap();
    let row = house.app.store.upload(id).await.unwrap().unwrap();
    assert_eq!((row.member, row.metadata.contains("photo_id")), (None, false));

    let other = located(&technician.begins_upload(&report, &photo, bytes.len()).await);
    assert_ne!(other, upload, "who lost the address begins another");
    let mut wrong = bytes.clone();
    wrong[half + 9] ^= 1;
    technician.adds(&upload, half, &wrong[half..]).await.refused(422, "upload_not_the_photo");
    technician.adds(&upload, 0, &bytes).await.expect(204);
    technician.adds(&other, 0, &bytes).await.expect(204);
    assert_eq!(spooled(&house), 0);
    house.tick().await;
    assert_eq!(officer.report(&report).await["photos"][0]["state"], "ready");
    assert!(original(&house, &photo).await != bytes, "its bare picture is kept");
    operations::sweep_uploads(&house.app).await.unwrap();
}
