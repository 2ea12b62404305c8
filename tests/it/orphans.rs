//! Files of the photo store that no record names: what a crash left is removed after a day, and what somebody is about to put
//! on record never is.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use salama::{domain::audience::Role, operations};
use serde_json::json;

use crate::{
    main_road::{PHOTO, crew},
    protected::with_photo,
    support::{
        house::House,
        line::Line,
        person::{Person, hazard, sha256},
        stories,
    },
};

stories!(
    what_no_record_names_is_removed_after_a_day_and_nothing_else_is,
    what_is_brought_again_while_it_is_swept_is_never_lost,
    what_is_removed_while_the_same_bytes_arrive_must_come_once_more,
);

const HOUR: u64 = 3600;

fn photos(house: &House) -> PathBuf {
    house.folder.path().join("photos")
}

fn original(house: &House, name: &str) -> PathBuf {
    photos(house).join("originals").join(&name[..2]).join(name)
}

fn rendition(house: &House, name: &str) -> PathBuf {
    photos(house).join("renditions").join(&name[..2]).join(name)
}

fn writes(file: &Path) {
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, PHOTO).unwrap();
}

/// Makes all files of the store so old, by the clock of the story.
fn age(house: &House, folder: &Path, hours: u64) {
    let now = SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(house.now().ms()).unwrap());
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            age(house, &entry.path(), hours);
        } else {
            File::options()
                .write(true)
                .open(entry.path())
                .unwrap()
                .set_modified(now - Duration::from_secs(hours * HOUR))
                .unwrap();
        }
    }
}

/// A day of the worker, and the minutes until what it found is removed.
async fn sweeps(house: &House) -> usize {
    let mut found = 0;
    for shelf in 0..=u8::MAX {
        found += operations::sweep_orphans(&house.app, shelf).await.unwrap();
    }
    found
}

async fn sent(house: &House, person: &Person) -> (String, String) {
    let photo = person.new_id();
    let report = person.reports_unseen(&with_photo(hazard(&house.site("AGA").await), &photo, PHOTO)).await;
    person.sends_photo(&report, &photo, PHOTO.to_vec()).await.expect(201);
    house.tick().await;
    (report, photo)
}

async fn what_no_record_names_is_removed_after_a_day_and_nothing_else_is(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let (_, photo) = sent(&house, &technician).await;
    let areas = json!({ "areas": [{ "x": 0.25, "y": 0.25, "width": 0.5, "height": 0.5 }] });
    officer.post(&format!("/v1/photos/{photo}/redactions"), &areas).await.expect(200);
    house.tick().await;
    let own = rendition(&house, &sha256(PHOTO)).join(&photo).join("1/display.jpg");
    let named = [original(&house, &sha256(PHOTO)), rendition(&house, &sha256(PHOTO)).join("thumb.jpg"), own];
    let (lost, seen, ours_not) = ("ab".repeat(32), "cd".repeat(32), photos(&house).join("originals/ab/notes.txt"));
    let said = photos(&house).join("statements/ef").join("ef".repeat(32));
    let orphans = [
        original(&house, &lost),
        rendition(&house, &lost).join("display.jpg"),
        rendition(&house, &seen).join("thumb.jpg"),
        rendition(&house, &seen).join(technician.new_id()).join("1/display.jpg"),
        said,
    ];
    let half = photos(&house).join("originals/ab").join(format!("{lost}#1"));
    let waited = photos(&house).join("held/ab").join("ab".repeat(16));
    orphans.iter().chain([&ours_not, &half, &waited]).for_each(|file| writes(file));

    age(&house, &photos(&house), 23);
    assert_eq!(sweeps(&house).await, 0);
    assert!(half.exists(), "it may still be written");
    age(&house, &photos(&house), 25);
    assert_eq!(sweeps(&house).await, 3);
    assert!(!half.exists());
    house.clock.advance(61_000).unwrap();
    house.tidies().await;
    for gone in &orphans {
        assert!(!gone.exists(), "{}", gone.display());
    }
    for file in named.iter().chain([&ours_not]) {
        assert!(file.exists(), "{}", file.display());
    }
    assert_eq!(sweeps(&house).await, 0);
    assert!(waited.exists(), "it may still wait for its report");
    age(&house, &photos(&house), 61 * 24);
    assert_eq!(sweeps(&house).await, 0);
    assert!(!waited.exists() && named.iter().all(|file| file.exists()));

    let auditor = house.joins("Omar", Role::Auditor, "SRM-SM").await;
    let record = auditor.get("/v1/journal?limit=200").await.expect(200)["items"].clone();
    let orphaned: Vec<_> = record.as_array().unwrap().iter().filter(|entry| entry["verb"] == "orphaned").collect();
    let mut kinds: Vec<_> = orphaned.iter().map(|entry| entry["facts"]["kind"].as_str().unwrap()).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["original", "statement"], "what could be made again is not worth an entry");
    assert!(orphaned.iter().any(|entry| entry["facts"]["sha256"] == *lost));
}

async fn what_is_brought_again_while_it_is_swept_is_never_lost(house: House) {
    let (technician, ..) = crew(&house).await;
    let file = original(&house, &sha256(PHOTO));
    writes(&file);
    age(&house, &photos(&house), 25);
    assert_eq!(sweeps(&house).await, 1);
    let (_, photo) = sent(&house, &technician).await;
    house.clock.advance(61_000).unwrap();
    house.tidies().await;
    let technician = house.again(&technician).await;
    assert_eq!(technician.get(&format!("/v1/photos/{photo}/display")).await.status, 200);
    assert!(fs::read(&file).unwrap() == PHOTO);
    age(&house, &photos(&house), 25);
    assert_eq!(sweeps(&house).await, 0, "now it is on record");
}

async fn what_is_removed_while_the_same_bytes_arrive_must_come_once_more(house: House) {
    let (technician, ..) = crew(&house).await;
    let file = original(&house, &sha256(PHOTO));
    let photo = technician.new_id();
    let report = technician.reports_unseen(&with_photo(hazard(&house.site("AGA").await), &photo, PHOTO)).await;
    writes(&file);
    age(&house, &photos(&house), 25);
    let path = format!("/v1/reports/{report}/photos/{photo}");
    let length = PHOTO.len().to_string();
    let mut line = Line::open(&technician, "PUT", &path, &[("Content-Type", "image/jpeg"), ("Content-Length", &length)]).await;
    line.sends(&PHOTO[..5000]).await;
    // Whatever it has seen of the file by now, it must not count on it.
    technician.report(&report).await;
    assert_eq!(sweeps(&house).await, 1);
    house.clock.advance(61_000).unwrap();
    operations::tidy_up(&house.app).await.unwrap();
    line.sends(&PHOTO[5000..]).await;
    let heard = line.hears().await;
    let kept = heard.starts_with("HTTP/1.1 201");
    assert_eq!(file.exists(), kept, "{heard}");
    let technician = house.again(&technician).await;
    technician.sends_photo(&report, &photo, PHOTO.to_vec()).await.expect(if kept { 200 } else { 201 });
    assert!(fs::read(&file).unwrap() == PHOTO);
    house.tick().await;
    assert_eq!(technician.report(&report).await["photos"][0]["state"], "ready");
}
