//! Bad networks: everything may be sent again, and nothing is lost, doubled or half-written.

use base64::Engine as _;
use salama::domain::audience::Role;
use serde_json::{Value, json};

use crate::{
    life::about,
    main_road::{PHOTO, crew},
    support::{
        cutter::Cutter,
        house::House,
        person::{hazard, sha256},
        stories,
    },
};

stories!(
    a_phone_in_another_language_sends_everything_once_through_a_portal_and_a_line_that_is_cut,
    the_same_report_again_is_one_report_and_other_content_is_a_conflict,
    many_phones_sending_the_same_report_at_once_make_one,
    the_same_id_from_somebody_else_tells_them_nothing,
    every_wrong_field_is_named_in_the_callers_language,
    a_photo_taken_later_is_evidence_that_an_action_is_done,
    a_photo_whose_bytes_are_not_those_announced_leaves_nothing_behind,
    originals_are_sealed_and_what_others_see_is_clean,
    the_same_action_again_is_one_action,
    a_command_over_an_older_version_is_refused_and_an_unchanged_record_is_not_sent_again,
    lists_are_paged_without_gaps_or_doubles_and_filtered,
    numbers_have_no_gaps,
    a_confidential_sender_is_seen_by_nobody_else,
);

fn manifest(draft: &mut Value, photo: &str, bytes: &[u8]) {
    draft["photos"] = json!([{ "id": photo, "sha256": sha256(bytes), "bytes": bytes.len(), "media_type": "image/jpeg" }]);
}

async fn the_same_report_again_is_one_report_and_other_content_is_a_conflict(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let draft = hazard(&house.site("AGA").await);
    let path = format!("/v1/reports/{}", technician.new_id());
    let first = technician.put(&path, &draft).await.expect(201);
    assert_eq!(technician.put(&path, &draft).await.expect(200), first);
    let mut other = draft.clone();
    other["narrative"] = "Something else".into();
    technician.put(&path, &other).await.refused(409, "report_conflict");
    assert_eq!(officer.get("/v1/reports").await.expect(200)["items"].as_array().unwrap().len(), 1);
    house.tick().await;
    assert_eq!(house.mailbox(&officer).len(), 1);
}

async fn many_phones_sending_the_same_report_at_once_make_one(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let (draft, path) = (hazard(&house.site("AGA").await), format!("/v1/reports/{}", technician.new_id()));
    let sendings = (0..12).map(|_| technician.put(&path, &draft));
    let answers = futures_util::future::join_all(sendings).await;
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert!(statuses.iter().all(|status| [200, 201].contains(status)), "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1);
    assert_eq!(officer.get("/v1/reports").await.expect(200)["items"].as_array().unwrap().len(), 1);
}

async fn the_same_id_from_somebody_else_tells_them_nothing(house: House) {
    let (technician, _, _) = crew(&house).await;
    let stranger = house.joins("Daniel", Role::Technician, "TAR").await;
    let draft = hazard(&house.site("AGA").await);
    let report = technician.reports(&draft).await;
    let problem = stranger.put(&format!("/v1/reports/{report}"), &draft).await.refused(409, "report_conflict");
    assert!(!problem.to_string().contains("AGA") && !problem.to_string().contains(&technician.id.to_string()));
}

async fn every_wrong_field_is_named_in_the_callers_language(house: House) {
    let (technician, _, _) = crew(&house).await;
    let path = format!("{}/v1/reports/{}", technician.url, technician.new_id());
    let draft =
        json!({ "kind": "disaster", "aspects": [], "category": "NOPE", "site_id": technician.new_id(), "narrative": " " });
    let send =
        |body: Value, language: &str| technician.send(technician.web.put(&path).header("accept-language", language).json(&body));
    let problem = send(draft.clone(), "fr").await.refused(422, "invalid");
    let pointers: Vec<_> = problem["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect();
    assert_eq!(pointers, ["/kind", "/aspects", "/narrative"]);
    let arabic = send(draft, "ar-MA").await;
    assert_eq!(
        (arabic.header("content-type").as_str(), arabic.header("content-language").as_str()),
        ("application/problem+json", "ar")
    );
    assert_ne!(arabic.body["title"], problem["title"]);
    let mut misspelt = hazard(&house.site("AGA").await);
    misspelt["narative"] = "x".into();
    let problem = send(misspelt, "en").await.refused(422, "invalid");
    assert_eq!((&problem["errors"][0]["pointer"], &problem["errors"][0]["code"]), (&json!("/narative"), &json!("unknown_field")));
    let mut nowhere = hazard(&technician.new_id());
    nowhere["category"] = "NOPE".into();
    let problem = send(nowhere, "en").await.refused(422, "invalid");
    assert_eq!(problem["errors"].as_array().unwrap().len(), 2, "{problem:#}");
    let request = technician.web.put(&path).header("content-type", "application/json");
    technician.send(request.try_clone().unwrap().body("{")).await.refused(400, "not_json");
    technician.send(request.try_clone().unwrap().body("[".repeat(100_000))).await.refused(422, "invalid");
    technician.send(request.try_clone().unwrap().body(" ".repeat(300_000))).await.refused(413, "too_large");
    technician
        .send(technician.web.put(&path).header("content-type", "text/plain").body("x"))
        .await
        .refused(415, "wrong_media_type");
    assert_eq!(technician.get("/v1/reports").await.expect(200)["items"], json!([]));
}

async fn a_photo_taken_later_is_evidence_that_an_action_is_done(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let report = technician.reports(&hazard(&house.site("AGA").await)).await;
    officer.commands(&report, "acknowledge", json!({})).await.expect(200);
    let action = officer.assigns(&report, &technician, None).await;
    let photo = technician.new_id();
    let done = json!({ "note": "Buried", "evidence": [photo] });
    technician.acts(&action, "complete", done.clone()).await.refused(422, "invalid");
    let digest = format!("sha-256=:{}:", base64::engine::general_purpose::STANDARD.encode(hex::decode(sha256(PHOTO)).unwrap()));
    let url = format!("{}/v1/reports/{report}/photos/{photo}", technician.url);
    let send = |bytes: Vec<u8>| {
        technician
            .send(technician.web.put(&url).header("content-type", "image/jpeg").header("content-digest", &digest).body(bytes))
    };
    send([&PHOTO[..9000], &PHOTO[9001..], b"x"].concat()).await.refused(409, "photo_mismatch");
    assert_eq!(officer.report(&report).await["photos"], json!([]), "a failed sending is not waited for");
    send(PHOTO.to_vec()).await.expect(201);
    send(PHOTO.to_vec()).await.expect(200);
    technician.acts(&action, "complete", done).await.expect(200);
}

async fn a_photo_whose_bytes_are_not_those_announced_leaves_nothing_behind(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let photo = technician.new_id();
    let mut draft = hazard(&house.site("AGA").await);
    manifest(&mut draft, &photo, PHOTO);
    let report = technician.reports(&draft).await;
    let mut changed = PHOTO.to_vec();
    changed[5000] ^= 1;
    technician.sends_photo(&report, &photo, changed).await.refused(409, "photo_mismatch");
    technician.sends_photo(&report, &photo, PHOTO[..9000].to_vec()).await.refused(409, "photo_mismatch");
    technician.sends_photo(&report, &photo, [PHOTO, b"more"].concat()).await.refused(409, "photo_mismatch");
    technician.sends_photo(&report, &technician.new_id(), PHOTO.to_vec()).await.refused(409, "photo_not_announced");
    let url = format!("{}/v1/reports/{report}/photos/{photo}", technician.url);
    let wrong = technician
        .web
        .put(&url)
        .header("content-type", "image/jpeg")
        .header("content-digest", "sha-256=:AAAA:")
        .body(PHOTO.to_vec());
    technician.send(wrong).await.refused(400, "bad_header");
    assert_eq!(officer.report(&report).await["missing"], json!([photo]));
    let kept = walk(&house.folder.path().join("photos"));
    assert_eq!(kept, Vec::<String>::new());
    technician.sends_photo(&report, &photo, PHOTO.to_vec()).await.expect(201);
}

fn walk(folder: &std::path::Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return vec![] };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path.display().to_string()] }).collect()
}

async fn originals_are_sealed_and_what_others_see_is_clean(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let investigator = house.joins("Salma", Role::Investigator, "SRM-SM").await;
    let photo = technician.new_id();
    let mut draft = hazard(&house.site("AGA").await);
    manifest(&mut draft, &photo, PHOTO);
    let report = technician.reports(&draft).await;
    let path = |variant: &str| format!("/v1/photos/{photo}/{variant}");
    technician.sends_photo(&report, &photo, PHOTO.to_vec()).await.expect(201);
    officer.get(&path("display")).await.refused(404, "photo_not_ready");
    house.tick().await;
    for variant in ["display", "thumb"] {
        let answer = officer.get(&path(variant)).await;
        assert_eq!(
            (answer.status, answer.header("content-type").as_str(), answer.header("x-content-type-options").as_str()),
            (200, "image/jpeg", "nosniff")
        );
        let bytes = reqwest_bytes(&officer, &path(variant)).await;
        assert!(!bytes.windows(4).any(|window| window == b"Exif" || window == b"http"), "{variant} carries metadata");
        let tag = answer.header("etag");
        let again = officer.send(officer.web.get(format!("{}{}", officer.url, path(variant))).header("if-none-match", tag)).await;
        assert_eq!(again.status, 304);
    }
    technician.get(&path("original")).await.refused(403, "may_not");
    officer.get(&path("original")).await.refused(403, "may_not");
    assert_eq!(reqwest_bytes(&investigator, &path("original")).await, PHOTO);
    let part = investigator
        .web
        .get(format!("{}{}", investigator.url, path("original")))
        .header("range", "bytes=10-19")
        .bearer_auth(&investigator.token);
    let part = part.send().await.unwrap();
    assert_eq!((part.status().as_u16(), part.bytes().await.unwrap().as_ref()), (206, &PHOTO[10..20]));
    let history = officer.get(&format!("/v1/reports/{report}/history")).await.expect(200).to_string();
    assert!(history.contains("original_fetched"));
}

async fn reqwest_bytes(person: &crate::support::person::Person, path: &str) -> Vec<u8> {
    let answer = person.web.get(format!("{}{path}", person.url)).bearer_auth(&person.token).send().await.unwrap();
    answer.bytes().await.unwrap().to_vec()
}

async fn the_same_action_again_is_one_action(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let report = technician.reports(&hazard(&house.site("AGA").await)).await;
    officer.commands(&report, "acknowledge", json!({})).await.expect(200);
    let path = format!("/v1/reports/{report}/actions/{}", officer.new_id());
    let body = json!({ "title": "Bury it", "kind": "corrective", "control": "engineering", "owner_id": technician.id.0 });
    officer.put(&path, &body).await.expect(201);
    officer.put(&path, &body).await.expect(200);
    let mut other = body.clone();
    other["title"] = "Fence it".into();
    officer.put(&path, &other).await.refused(409, "action_conflict");
    house.tick().await;
    assert_eq!(about(&house, &technician, "A corrective action has been assigned to you"), 1);
}

async fn a_command_over_an_older_version_is_refused_and_an_unchanged_record_is_not_sent_again(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let report = technician.reports(&hazard(&house.site("AGA").await)).await;
    let url = format!("{}/v1/reports/{report}", officer.url);
    let first = officer.get(&format!("/v1/reports/{report}")).await;
    let tag = first.header("etag");
    assert_eq!(officer.send(officer.web.get(&url).header("if-none-match", &tag)).await.status, 304);
    let acknowledge = |tag: &str| officer.send(officer.web.post(format!("{url}/acknowledge")).header("if-match", tag.to_owned()));
    acknowledge("\"77.abc\"").await.refused(412, "changed");
    acknowledge(&tag).await.expect(200);
    assert_eq!(officer.send(officer.web.get(&url).header("if-none-match", &tag)).await.status, 200);
}

async fn lists_are_paged_without_gaps_or_doubles_and_filtered(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let site = house.site("AGA").await;
    let mut sent = Vec::new();
    for n in 0..7 {
        let mut draft = hazard(&site);
        draft["narrative"] = format!("Hazard 100% number_{n}").into();
        draft["potential_severity"] = (n % 5 + 1).into();
        sent.push(technician.reports(&draft).await);
        if n % 2 == 0 {
            house.clock.advance(1000).unwrap();
        }
    }
    let mut seen = Vec::new();
    let mut path = "/v1/reports?limit=3".to_owned();
    loop {
        let answer = officer.get(&path).await;
        let link = answer.header("link");
        let body = answer.expect(200);
        seen.extend(body["items"].as_array().unwrap().iter().map(|report| report["id"].as_str().unwrap().to_owned()));
        let Some(next) = body["next"].as_str() else { break };
        assert!(link.contains(next) && link.contains("rel=\"next\"") && link.contains("limit=3"), "{link}");
        path = format!("/v1/reports?limit=3&after={next}");
    }
    let mut expected = sent.clone();
    expected.sort();
    let mut found = seen.clone();
    found.sort();
    assert_eq!(found, expected);
    let count = |query: &str| {
        let (officer, path) = (officer.clone(), format!("/v1/reports?{query}"));
        async move { officer.get(&path).await.expect(200)["items"].as_array().unwrap().len() }
    };
    assert_eq!(count("severity=4").await, 2);
    assert_eq!(count("q=number_3").await, 1);
    assert_eq!(count("q=HÁZARD%20r-2026-00002").await, 1, "case and accents make no difference, words stand in any order");
    assert_eq!(count("q=haz").await, 7, "the beginning of a word is enough");
    assert_eq!(count("q=azard").await, 0);
    assert_eq!(count("q=100%25").await, 7);
    assert_eq!(count("q=%25").await, 7, "a percent sign is only itself");
    assert_eq!(count("q=numberX3").await, 0, "an underscore is only itself");
    assert_eq!(count(&format!("site_id={site}&state=submitted&kind=hazard&category=ELEC")).await, 7);
    assert_eq!(count("q=enterrer").await, 0);
    officer.commands(&sent[0], "acknowledge", json!({})).await.expect(200);
    officer.assigns(&sent[0], &technician, None).await;
    assert_eq!(count("q=ENTERRER%20hazard").await, 1, "a report is found by what is done about it");
    assert_eq!(count("overdue=true").await, 0);
    house.clock.advance(599_000).unwrap();
    for (query, pointer) in
        [("state=x", "?state"), ("limit=0", "?limit"), ("limit=201", "?limit"), ("after=zz", "?after"), ("colour=red", "?colour")]
    {
        let problem = officer.get(&format!("/v1/reports?{query}")).await.refused(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem:#}");
    }
}

async fn numbers_have_no_gaps(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let site = house.site("AGA").await;
    let drafts: Vec<Value> = (0..10).map(|_| hazard(&site)).collect();
    futures_util::future::join_all(drafts.iter().map(|draft| technician.reports(draft))).await;
    let mut bad = hazard(&site);
    bad["category"] = "NOPE".into();
    technician.put(&format!("/v1/reports/{}", technician.new_id()), &bad).await.expect(422);
    technician.reports(&hazard(&site)).await;
    let list = officer.get("/v1/reports?limit=200").await.expect(200);
    let mut numbers: Vec<_> =
        list["items"].as_array().unwrap().iter().map(|report| report["number"].as_str().unwrap().to_owned()).collect();
    numbers.sort();
    assert_eq!(numbers, (1..=11).map(|n| format!("R-2026-{n:05}")).collect::<Vec<_>>());
}

async fn a_confidential_sender_is_seen_by_nobody_else(house: House) {
    let (technician, officer, _) = crew(&house).await;
    for confidentiality in ["confidential", "anonymous"] {
        let mut draft = hazard(&house.site("AGA").await);
        draft["confidentiality"] = confidentiality.into();
        let report = technician.reports_unseen(&draft).await;
        let everything = [
            officer.report(&report).await,
            officer.get("/v1/reports").await.expect(200),
            officer.get(&format!("/v1/reports/{report}/history")).await.expect(200),
            officer.explains(&report).await,
        ];
        for answer in everything {
            assert!(!answer.to_string().contains(&technician.id.to_string()), "{confidentiality}: {answer:#}");
        }
    }
}

async fn a_phone_in_another_language_sends_everything_once_through_a_portal_and_a_line_that_is_cut(house: House) {
    use std::process::{Command, Stdio};
    let count: usize = std::env::var_os("SALAMA_PHONE_REPORTS").map_or(12, |count| count.to_str().unwrap().parse().unwrap());
    if Command::new("python3").arg("--version").stdout(Stdio::null()).status().is_err() {
        eprintln!("SKIPPED: there is no python3");
        return;
    }
    let technician = house.joins("Khadija", Role::Technician, "AGA").await;
    let photo = house.folder.path().join("photo.jpg");
    std::fs::write(&photo, PHOTO).unwrap();
    let cutter = Cutter::with_portal(&house.url, 3, 3 * PHOTO.len() as u64 / 2, true).await;
    let mut phone = Command::new("python3");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/clients/phone.py");
    phone.args([
        script,
        &cutter.url,
        &technician.token,
        &house.site("AGA").await,
        &photo.display().to_string(),
        &count.to_string(),
    ]);
    let heard = tokio::task::spawn_blocking(move || phone.stdin(Stdio::null()).output()).await.unwrap().unwrap();
    assert!(heard.status.success(), "{}", String::from_utf8_lossy(&heard.stderr));
    let said = String::from_utf8(heard.stdout).unwrap();
    let sent: std::collections::BTreeSet<&str> = said.lines().map(|line| line.split(' ').next().unwrap()).collect();
    assert_eq!(sent.len(), count);
    let (mut after, mut there) = (String::new(), 0);
    loop {
        let page = technician.get(&format!("/v1/reports?limit=200{after}")).await.expect(200);
        there += page["items"].as_array().unwrap().len();
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert_eq!(there, count, "each once");
    for report in sent {
        let photo = &technician.report(report).await["photos"][0];
        assert_ne!(photo["state"], "expected", "{report}");
    }
    eprintln!("{count} reports with photos over {} cuts", cutter.cuts());
    assert!(cutter.cuts() > 3, "the line was cut {} times only", cutter.cuts());
}
