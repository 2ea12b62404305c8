//! What has been kept for its time goes, class by class; what goes on or is held stays; and the record stays whole.

use salama::{domain::audience::Role, operations};
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};

use crate::{
    main_road::{PHOTO, crew},
    support::{
        house::House,
        person::{Person, hazard, sha256},
        stories,
    },
};

stories!(
    a_closed_report_loses_class_by_class_what_was_kept_for_its_time_and_stays_in_the_figures,
    what_goes_on_or_is_held_is_never_touched,
    a_report_sent_again_after_its_words_are_gone_is_still_the_same_report,
    bytes_that_another_report_shares_stay_until_the_last_of_them_goes,
    what_a_photo_claims_and_what_was_made_of_it_alone_goes_with_its_time,
    bytes_that_a_crash_left_behind_are_removed_later_and_an_upload_meanwhile_is_never_lost,
    who_was_hurt_is_forgotten_and_days_away_are_not,
    who_left_is_forgotten_but_not_while_their_name_is_needed,
    sessions_that_ended_long_ago_are_deleted,
    new_periods_wait_a_week_and_can_be_rehearsed,
);

const DAY: i64 = 86_400_000;
const YEAR: i64 = 366 * DAY;

/// A sealed hazard with a photo, a position and words of everybody, dismissed on the first day.
struct Ended {
    report: String,
    photo: String,
    draft: Value,
}

fn secret(site: &str, photo: &str) -> Value {
    let mut draft = hazard(site);
    draft["potential_severity"] = 2.into();
    draft["narrative"] = "SECRETWORD beside the trench".into();
    draft["location"] = json!({ "lat": 30.421_234, "lon": -9.598_765, "accuracy_m": 5.0 });
    draft["confidentiality"] = "confidential".into();
    draft["photos"] = json!([{ "id": photo, "sha256": sha256(PHOTO), "bytes": PHOTO.len(), "media_type": "image/jpeg" }]);
    draft
}

async fn sent(house: &House, technician: &Person) -> Ended {
    let photo = technician.new_id();
    let draft = secret(&house.site("AGA").await, &photo);
    let report = technician.reports(&draft).await;
    technician.sends_photo(&report, &photo, PHOTO.to_vec()).await.expect(201);
    house.tick().await;
    Ended { report, photo, draft }
}

async fn ended(house: &House, technician: &Person, officer: &Person) -> Ended {
    let ended = sent(house, technician).await;
    let said = json!({ "text": "SECRETSAID by the sender" });
    let path = format!("/v1/reports/{}/comments/{}", ended.report, technician.new_id());
    technician.put(&path, &said).await.expect(201);
    let action = officer.assigns(&ended.report, technician, None);
    officer.commands(&ended.report, "acknowledge", json!({})).await.expect(200);
    officer.commands(&ended.report, "triage", json!({ "actual_severity": 1, "potential_severity": 2 })).await.expect(200);
    let action = action.await;
    officer.acts(&action, "cancel", json!({ "reason": "SECRETREASON" })).await.expect(200);
    officer.commands(&ended.report, "dismiss", json!({ "reason": "SECRETOUTCOME" })).await.expect(200);
    house.tick().await;
    ended
}

/// How many files of the photo are there: the original, and what others see of it.
fn files(house: &House) -> usize {
    let name = sha256(PHOTO);
    let folder = house.folder.path().join("photos");
    let original = folder.join("originals").join(&name[..2]).join(&name);
    let renditions = folder.join("renditions").join(&name[..2]).join(&name);
    [original, renditions.join("display.jpg"), renditions.join("thumb.jpg")].into_iter().filter(|path| path.exists()).count()
}

async fn later(house: &House, ms: i64) {
    house.clock.advance(ms).unwrap();
    house.tick().await;
    house.tidies().await;
}

/// Everything that is gone of a report, in the order it went.
async fn gone(house: &House, reader: &Person, report: &str) -> Vec<String> {
    let seen = house.again(reader).await.report(report).await;
    let mut gone: Vec<(String, String)> = seen["disposed"]
        .as_array()
        .unwrap()
        .iter()
        .map(|gone| (gone["at"].to_string(), gone["what"].as_str().unwrap().to_owned()))
        .collect();
    gone.sort();
    gone.into_iter().map(|(_, what)| what).collect()
}

async fn is_whole(house: &House) {
    operations::seal_journal(&house.app).await.unwrap();
    operations::verify_journal(&house.app.store, Some(&house.app.keys), None, None).await.unwrap();
}

/// Whether a word stands anywhere in the database, searched behind Salama's back.
async fn stands_somewhere(house: &House, word: &str) -> bool {
    let database = house.behind_its_back().await;
    let columns = [
        ("reports", "narrative || search_text || coalesce(outcome, '') || causes"),
        ("comments", "text"),
        ("actions", "title || coalesce(details, '') || coalesce(reason, '')"),
        ("injuries", "person || coalesce(notes, '')"),
        ("members", "name || coalesce(email, '')"),
        ("journal", "facts"),
    ];
    for (table, text) in columns {
        let sql = format!("select count(*) as n from {table} where lower({text}) like '%{}%'", word.to_lowercase());
        let backend = database.get_database_backend();
        let row = database.query_one_raw(sea_orm::Statement::from_string(backend, sql)).await.unwrap().unwrap();
        if row.try_get::<i64>("", "n").unwrap() > 0 {
            return true;
        }
    }
    false
}

async fn a_closed_report_loses_class_by_class_what_was_kept_for_its_time_and_stays_in_the_figures(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let Ended { report, photo, .. } = ended(&house, &technician, &officer).await;
    let before = officer.report(&report).await;
    later(&house, 0).await;
    assert_eq!(gone(&house, &officer, &report).await, [""; 0]);
    later(&house, 89 * DAY).await;
    assert_eq!(gone(&house, &officer, &report).await, [""; 0]);
    later(&house, DAY).await;
    assert_eq!(gone(&house, &officer, &report).await, ["position"]);
    let seen = house.again(&officer).await.report(&report).await;
    assert_eq!((&seen["location"], &seen["narrative"]), (&Value::Null, &before["narrative"]));
    assert_eq!(files(&house), 3);

    later(&house, 2 * YEAR).await;
    assert_eq!(gone(&house, &officer, &report).await, ["position", "mail_answers", "photos"]);
    assert_eq!(files(&house), 0, "the original and what others saw of it");
    let auditor = house.joins("Omar", Role::Auditor, "SRM-SM").await;
    for variant in ["original", "display"] {
        auditor.get(&format!("/v1/photos/{photo}/{variant}")).await.refused(410, "photo_disposed");
    }
    assert!(stands_somewhere(&house, "SECRET").await);

    later(&house, 4 * YEAR).await;
    assert!(!stands_somewhere(&house, "SECRET").await, "not even in the words that are searched");
    let officer = house.again(&officer).await;
    let after = officer.report(&report).await;
    for stays in
        ["number", "kind", "category", "state", "potential_severity", "actual_severity", "received_at", "acknowledged_at"]
    {
        assert_eq!(after[stays], before[stays], "{stays}");
    }
    assert_eq!(
        (&after["narrative"], &after["outcome"], &after["comments"][0]["author_id"]),
        (&json!("—"), &json!("—"), &Value::Null)
    );
    assert_eq!(officer.get("/v1/reports?q=secretword").await.expect(200)["items"], json!([]));
    assert_eq!(officer.get("/v1/reports?q=R-2026").await.expect(200)["items"].as_array().unwrap().len(), 1);
    assert!(
        house.again(&technician).await.get("/v1/reports?mine=true").await.expect(200)["items"].as_array().unwrap().is_empty()
    );

    let history = officer.get(&format!("/v1/reports/{report}/history?limit=200")).await.expect(200);
    let disposals: Vec<&Value> = history["items"].as_array().unwrap().iter().filter(|one| one["verb"] == "disposed").collect();
    let what: Vec<&Value> = disposals.iter().map(|one| &one["facts"]["what"]).collect();
    assert_eq!(what, [&json!(["position"]), &json!(["mail_answers", "photos"]), &json!(["sender", "words"])]);
    assert_eq!((&disposals[2]["facts"]["comments"], &disposals[2]["facts"]["retention"]), (&json!(1), &json!(1)));
    is_whole(&house).await;

    officer.commands(&report, "reopen", json!({ "reason": "Again" })).await.refused(410, "report_disposed");
    let path = format!("/v1/reports/{report}/comments/{}", officer.new_id());
    officer.put(&path, &json!({ "text": "Something new" })).await.refused(410, "report_disposed");
}

async fn what_goes_on_or_is_held_is_never_touched(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let investigator = house.joins("Salma", Role::Investigator, "SRM-SM").await;
    let open = sent(&house, &technician).await.report;
    let held = ended(&house, &technician, &officer).await.report;
    officer.commands(&held, "hold", json!({ "reason": "A claim" })).await.refused(403, "may_not");
    investigator.commands(&held, "hold", json!({ "reason": " " })).await.refused(422, "invalid");
    let seen = investigator.commands(&held, "hold", json!({ "reason": "A claim" })).await.expect(200);
    assert_eq!(seen["held_since"], json!(house.now()));
    investigator.commands(&held, "hold", json!({ "reason": "A claim" })).await.expect(200);
    later(&house, 0).await;
    later(&house, 12 * YEAR).await;
    for report in [&open, &held] {
        assert_eq!(gone(&house, &officer, report).await, [""; 0]);
        assert_eq!(house.again(&officer).await.report(report).await["narrative"], "SECRETWORD beside the trench");
    }
    let investigator = house.again(&investigator).await;
    investigator.commands(&held, "let-go", json!({ "reason": "The claim is settled" })).await.expect(200);
    later(&house, 0).await;
    let all = ["mail_answers", "photos", "position", "sender", "words"];
    assert_eq!(gone(&house, &officer, &held).await, all, "twelve years were over long ago");
    let history = house.again(&officer).await.get(&format!("/v1/reports/{held}/history?limit=200")).await.expect(200);
    let verbs: Vec<&str> = history["items"].as_array().unwrap().iter().map(|one| one["verb"].as_str().unwrap()).collect();
    let moves = verbs.iter().filter(|verb| ["held", "let_go", "disposed"].contains(verb)).collect::<Vec<_>>();
    assert_eq!(moves, [&"held", &"let_go", &"disposed"]);
    is_whole(&house).await;
}

async fn a_report_sent_again_after_its_words_are_gone_is_still_the_same_report(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let Ended { report, photo, draft } = ended(&house, &technician, &officer).await;
    later(&house, 6 * YEAR).await;
    assert_eq!(gone(&house, &officer, &report).await.len(), 5);
    let technician = house.again(&technician).await;
    let path = format!("/v1/reports/{report}");
    assert_eq!(technician.put(&path, &draft).await.expect(200)["narrative"], "—");
    let mut other = draft.clone();
    other["narrative"] = "—".into();
    technician.put(&path, &other).await.refused(409, "report_conflict");
    let officer = house.again(&officer).await;
    let request = officer.web.put(format!("{}/v1/reports/{report}/photos/{photo}", officer.url));
    let again = officer.send(request.header("content-type", "image/jpeg").body(PHOTO.to_vec())).await.expect(200);
    assert_eq!(again["state"], "disposed");
    house.tick().await;
    assert_eq!(files(&house), 0, "bytes that come again are not kept again");
    assert_eq!(officer.get("/v1/reports").await.expect(200)["items"].as_array().unwrap().len(), 1);
}

async fn bytes_that_another_report_shares_stay_until_the_last_of_them_goes(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let first = ended(&house, &technician, &officer).await;
    house.clock.advance(YEAR).unwrap();
    let (technician, officer) = (house.again(&technician).await, house.again(&officer).await);
    let second = ended(&house, &technician, &officer).await;
    later(&house, 0).await;
    later(&house, YEAR + DAY).await;
    assert!(gone(&house, &officer, &first.report).await.contains(&"photos".to_owned()));
    assert_eq!(files(&house), 3, "the other report has the same photo");
    let auditor = house.joins("Omar", Role::Auditor, "SRM-SM").await;
    auditor.get(&format!("/v1/photos/{}/original", first.photo)).await.refused(410, "photo_disposed");
    let officer = house.again(&officer).await;
    assert_eq!(officer.get(&format!("/v1/photos/{}/display", second.photo)).await.status, 200);
    later(&house, YEAR).await;
    assert_eq!(files(&house), 0);
}

async fn what_a_photo_claims_and_what_was_made_of_it_alone_goes_with_its_time(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let investigator = house.joins("Salma", Role::Investigator, "SRM-SM").await;
    let twin = sent(&house, &technician).await;
    let photo = technician.new_id();
    let mut draft = secret(&house.site("AGA").await, &photo);
    draft["confidentiality"] = "open".into();
    let report = technician.reports(&draft).await;
    technician.sends_photo(&report, &photo, PHOTO.to_vec()).await.expect(201);
    house.tick().await;
    let areas = json!({ "areas": [{ "x": 0.25, "y": 0.25, "width": 0.5, "height": 0.5 }] });
    officer.post(&format!("/v1/photos/{photo}/redactions"), &areas).await.expect(200);
    officer.commands(&report, "dismiss", json!({ "reason": "A drill" })).await.expect(200);
    house.tick().await;
    let name = sha256(PHOTO);
    let own = house.folder.path().join("photos/renditions").join(&name[..2]).join(&name).join(&photo).join("1/display.jpg");
    let path = format!("/v1/photos/{photo}/findings");
    let before = investigator.get(&path).await.expect(200)["claims"].clone();
    assert!(own.exists() && before["latitude"].is_number() && before["make"].is_string(), "{before:#}");

    later(&house, 0).await;
    later(&house, 91 * DAY).await;
    let investigator = house.again(&investigator).await;
    let after = investigator.get(&path).await.expect(200)["claims"].clone();
    assert_eq!((&after["latitude"], &after["longitude"], &after["make"]), (&Value::Null, &Value::Null, &before["make"]));

    later(&house, 3 * YEAR).await;
    house.again(&investigator).await.get(&path).await.refused(410, "photo_disposed");
    assert!(!own.exists() && files(&house) == 3, "what the other photo of the same bytes looks like is left");
    assert_eq!(house.again(&officer).await.get(&format!("/v1/photos/{}/display", twin.photo)).await.status, 200);
    let database = house.behind_its_back().await;
    let sql = "select count(*) as n from findings join photos on photos.id = photo_id where state = 'disposed' or hidden <> '[]'";
    let statement = sea_orm::Statement::from_string(database.get_database_backend(), sql);
    assert_eq!(database.query_one_raw(statement).await.unwrap().unwrap().try_get::<i64>("", "n").unwrap(), 0);
}

async fn bytes_that_a_crash_left_behind_are_removed_later_and_an_upload_meanwhile_is_never_lost(house: House) {
    let (technician, officer, _) = crew(&house).await;
    ended(&house, &technician, &officer).await;
    later(&house, 0).await;
    house.clock.advance(3 * YEAR).unwrap();
    // The pass that disposes of the photo, and no other: whatever runs it ends here.
    operations::tidy_up(&house.app).await.unwrap();
    assert_eq!(files(&house), 3, "not before what counts on them has ended");
    let house = house.another().await;
    house.clock.advance(61_000).unwrap();
    let saved = sent(&house, &house.again(&technician).await).await;
    operations::tidy_up(&house.app).await.unwrap();
    assert!(files(&house) > 0, "it came before they were removed");
    let officer = house.again(&officer).await;
    officer.commands(&saved.report, "dismiss", json!({ "reason": "No" })).await.expect(200);
    later(&house, 3 * YEAR).await;
    assert_eq!(files(&house), 0);
    sent(&house, &house.again(&technician).await).await;
    assert!(files(&house) > 0, "it came after");
    assert_eq!(files(&house), 3);
}

async fn who_was_hurt_is_forgotten_and_days_away_are_not(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let investigator = house.joins("Salma", Role::Investigator, "SRM-SM").await;
    let Ended { report, .. } = sent(&house, &technician).await;
    let injuries = format!("/v1/reports/{report}/injuries");
    let hurt = json!({ "person": "SECRETNAME", "status": "employee", "treatment": "medical", "notes": "SECRETNOTE",
        "absences": [{ "from": "2026-11-25", "to": "2026-11-27" }] });
    officer.put(&format!("{injuries}/{}", officer.new_id()), &hurt).await.expect(201);
    officer.commands(&report, "dismiss", json!({ "reason": "No" })).await.expect(200);
    later(&house, 0).await;
    later(&house, 6 * YEAR).await;
    let seen = house.again(&investigator).await.get(&injuries).await.expect(200);
    assert_eq!(seen["items"][0]["person"], "SECRETNAME", "a hazard that hurt somebody is kept as an incident");
    assert_eq!(house.again(&officer).await.report(&report).await["narrative"], "SECRETWORD beside the trench");
    later(&house, 5 * YEAR).await;
    let seen = house.again(&investigator).await.get(&injuries).await.expect(200);
    let injury = &seen["items"][0];
    assert_eq!((&injury["person"], &injury["notes"], &injury["days_lost"]), (&json!("—"), &Value::Null, &json!(3)));
    assert!(!stands_somewhere(&house, "SECRET").await);
}

async fn who_left_is_forgotten_but_not_while_their_name_is_needed(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let other = house.joins("Karim", Role::Technician, "AGA").await;
    let open = sent(&house, &technician).await.report;
    for gone in ["khadija@example.org", "karim@example.org"] {
        operations::disable_member(&house.app, gone).await.unwrap();
    }
    later(&house, 5 * YEAR - 9 * DAY).await;
    assert!(stands_somewhere(&house, "karim").await);
    later(&house, 10 * DAY).await;
    assert!(!stands_somewhere(&house, "karim").await);
    assert!(stands_somewhere(&house, "khadija").await, "a report of hers is open");
    let officer = house.again(&officer).await;
    let forgotten = officer.get(&format!("/v1/members/{}", other.id)).await.expect(200);
    assert_eq!(forgotten["name"], "—");
    officer.commands(&open, "dismiss", json!({ "reason": "No" })).await.expect(200);
    later(&house, DAY).await;
    assert!(!stands_somewhere(&house, "khadija").await);
    assert!(stands_somewhere(&house, "brahim").await, "whoever is with us stays");
    let entries = house.app.store.journal(0, 10_000).await.unwrap();
    let about = entries.iter().filter(|entry| entry.subject_id == other.id.0 && entry.verb == "disposed");
    assert_eq!(about.count(), 1);
    is_whole(&house).await;
}

async fn sessions_that_ended_long_ago_are_deleted(house: House) {
    let (technician, _, _) = crew(&house).await;
    let n = async || {
        let database = house.behind_its_back().await;
        let sql = "select count(*) as n from sessions".to_owned();
        let row = database.query_one_raw(sea_orm::Statement::from_string(database.get_database_backend(), sql)).await;
        row.unwrap().unwrap().try_get::<i64>("", "n").unwrap()
    };
    let before = n().await;
    later(&house, 380 * DAY).await;
    assert_eq!(n().await, before, "a session lives for 30 days without being used, and is kept for a year then");
    let live = house.again(&technician).await;
    later(&house, 20 * DAY).await;
    assert_eq!(n().await, 1);
    assert_eq!(house.again(&live).await.get("/v1/me").await.status, 200);
    is_whole(&house).await;
}

async fn new_periods_wait_a_week_and_can_be_rehearsed(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let admin = house.joins("Amal", Role::Admin, "SRM-SM").await;
    let report = ended(&house, &technician, &officer).await.report;
    later(&house, 100 * DAY).await;
    let admin = house.again(&admin).await;
    let mut rules = admin.get("/v1/retention").await.expect(200);
    let words = rules["classes"].as_array().unwrap().iter().position(|class| class["what"] == "words").unwrap();
    rules["classes"][words]["period"] = "P3D".into();
    let problem = admin.put("/v1/retention", &rules).await.refused(422, "invalid");
    assert_eq!(problem["errors"][0]["pointer"], format!("/classes/{words}/period"));
    rules["classes"][words]["period"] = "five years".into();
    admin.put("/v1/retention", &rules).await.refused(422, "invalid");
    rules["classes"][words]["period"] = "P90D".into();
    assert_eq!(admin.put("/v1/retention", &rules).await.expect(200)["version"], 2);
    let due = admin.get("/v1/retention/due").await.expect(200);
    assert_eq!((&due["version"], &due["classes"][words]["due"]), (&json!(2), &json!(1)), "{due:#}");
    assert_eq!(due["acts_at"], json!(house.now().plus_ms(7 * DAY)));
    later(&house, 6 * DAY).await;
    assert_eq!(gone(&house, &officer, &report).await, ["position"]);
    later(&house, DAY).await;
    assert_eq!(gone(&house, &officer, &report).await, ["position", "words"]);
    let due = house.again(&admin).await.get("/v1/retention/due").await.expect(200);
    assert_eq!(due["classes"][words]["due"], 0);
    officer.get("/v1/retention/due").await.refused(401, "not_signed_in");
}
