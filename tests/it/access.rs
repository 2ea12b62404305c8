//! Every operation of the contract, called by everybody: without a token, in the wrong role, from the wrong site. The list
//! below is compared with the contract, so that a new operation without its line fails here.

use std::collections::BTreeSet;

use salama::{domain::audience::Role, http};
use serde_json::{Value, json};

use crate::{
    main_road::PHOTO,
    support::{
        house::House,
        person::{Answer, Person, hazard, sha256},
        stories,
    },
};

stories!(every_operation_asks_who_and_lets_in_only_who_may, a_foreign_site_does_not_exist);

use Role::{Admin, Auditor, Investigator, Manager, Officer, Technician};

const ANYBODY: &[Role] = &[Technician, Officer, Manager, Investigator, Auditor, Admin];
/// Those who read reports that are not their own.
const READERS: &[Role] = &[Officer, Manager, Investigator, Auditor];

/// Who an operation lets in.
enum Lets {
    /// Everybody, signed in or not.
    All,
    /// These roles; the others are told 403, or 404 where they may not even know.
    In(&'static [Role]),
}

/// Every operation. `R`, `P` and `A` stand for a report, a photo and an action that none of the callers takes part in, `N` for a
/// new comment, `W` for a statement, `T` for a token nobody was sent, `M` for its sender, `S` for its site, `Q` for an upload, `U` for a substitution, `C` for a category.
const OPERATIONS: &[(&str, &str, Lets)] = &[
    ("post", "/v1/sessions", Lets::All),
    ("post", "/v1/sessions/refresh", Lets::All),
    ("delete", "/v1/sessions/current", Lets::In(ANYBODY)),
    ("get", "/v1/devices", Lets::In(ANYBODY)),
    ("delete", "/v1/devices", Lets::In(ANYBODY)),
    ("delete", "/v1/devices/R", Lets::In(&[])),
    ("post", "/v1/enrolments", Lets::In(&[Officer, Admin])),
    ("post", "/v1/enrolments/redeem", Lets::All),
    ("get", "/enrol", Lets::All),
    ("post", "/v1/single-sign-on", Lets::All),
    ("post", "/v1/single-sign-on/finish", Lets::All),
    ("put", "/v1/me/password", Lets::In(ANYBODY)),
    ("post", "/v1/me/second-factor", Lets::In(ANYBODY)),
    ("post", "/v1/me/second-factor/confirm", Lets::In(ANYBODY)),
    ("post", "/v1/me/second-factor/remove", Lets::In(ANYBODY)),
    ("delete", "/v1/members/M/second-factor", Lets::In(&[Admin])),
    ("delete", "/v1/members/M/identities", Lets::In(&[Admin])),
    ("get", "/.well-known/jwks.json", Lets::All),
    ("get", "/v1/me", Lets::In(ANYBODY)),
    ("get", "/v1/reports", Lets::In(ANYBODY)),
    ("get", "/v1/changes", Lets::In(ANYBODY)),
    ("get", "/v1/held", Lets::In(&[Officer])),
    ("get", "/v1/app", Lets::All),
    ("get", "/v1/reports/R", Lets::In(READERS)),
    ("put", "/v1/reports/R", Lets::In(&[Technician, Officer, Manager, Investigator, Admin])),
    ("post", "/v1/reports/R/acknowledge", Lets::In(&[Officer])),
    ("post", "/v1/reports/R/triage", Lets::In(&[Officer])),
    ("post", "/v1/reports/R/contain", Lets::In(&[Officer])),
    ("post", "/v1/reports/R/investigate", Lets::In(&[Officer])),
    ("get", "/v1/reports/R/inquiry", Lets::In(&[Officer, Investigator, Auditor])),
    ("put", "/v1/reports/R/inquiry", Lets::In(&[Officer, Investigator])),
    ("post", "/v1/reports/R/inquiry/sign", Lets::In(&[])),
    ("post", "/v1/reports/R/inquiry/complete", Lets::In(&[Officer, Investigator])),
    ("get", "/v1/reports/R/statements", Lets::In(&[Officer, Investigator, Auditor])),
    ("put", "/v1/reports/R/statements/W", Lets::In(&[Officer, Investigator])),
    ("get", "/v1/reports/R/statements/W/file", Lets::In(&[Officer, Investigator, Auditor])),
    ("put", "/v1/reports/R/statements/W/file", Lets::In(&[Officer, Investigator])),
    ("get", "/v1/reports/R/similar", Lets::In(READERS)),
    ("post", "/v1/reports/R/look-for-similar", Lets::In(&[Officer])),
    ("post", "/v1/reports/R/close", Lets::In(&[Officer])),
    ("post", "/v1/reports/R/dismiss", Lets::In(&[Officer])),
    ("post", "/v1/reports/R/mark-duplicate", Lets::In(&[Officer])),
    ("post", "/v1/reports/R/withdraw", Lets::In(&[])),
    ("post", "/v1/reports/R/reopen", Lets::In(&[Officer])),
    ("post", "/v1/reports/R/transfer", Lets::In(&[Officer])),
    ("post", "/v1/reports/R/request-information", Lets::In(&[Officer])),
    ("post", "/v1/reports/R/justify-controls", Lets::In(&[Manager])),
    ("post", "/v1/reports/R/check-effectiveness", Lets::In(&[Officer, Manager, Investigator])),
    ("post", "/v1/reports/R/unseal", Lets::In(&[Investigator])),
    ("get", "/v1/reports/R/identity", Lets::In(&[])),
    ("get", "/v1/follow-up", Lets::All),
    ("put", "/v1/follow-up/comments/N", Lets::All),
    ("post", "/v1/follow-up/withdraw", Lets::All),
    ("post", "/v1/follow-up/recover", Lets::All),
    ("put", "/v1/reports/R/comments/N", Lets::In(&[Officer, Manager, Investigator])),
    ("get", "/v1/reports/R/history", Lets::In(READERS)),
    ("post", "/v1/reports/R/correct", Lets::In(&[Officer])),
    ("get", "/v1/reports/R/clauses", Lets::In(READERS)),
    ("get", "/v1/reports/R/explain", Lets::In(READERS)),
    ("post", "/v1/reports/R/hold", Lets::In(&[Investigator])),
    ("post", "/v1/reports/R/let-go", Lets::In(&[Investigator])),
    ("put", "/v1/reports/R/photos/P", Lets::In(READERS)),
    ("put", "/v1/reports/R/photos/P/preview", Lets::In(READERS)),
    ("get", "/v1/photos/P/links", Lets::In(READERS)),
    ("get", "/v1/pictures/T", Lets::All),
    ("options", "/v1/uploads", Lets::All),
    ("post", "/v1/uploads", Lets::In(READERS)),
    ("head", "/v1/uploads/Q", Lets::In(&[])),
    ("patch", "/v1/uploads/Q", Lets::In(&[])),
    ("delete", "/v1/uploads/Q", Lets::In(&[])),
    ("get", "/v1/photos/P/original", Lets::In(&[Investigator, Auditor])),
    ("post", "/v1/photos/P/redactions", Lets::In(&[Officer])),
    ("get", "/v1/photos/P/findings", Lets::In(READERS)),
    ("put", "/v1/reports/R/actions/A", Lets::In(&[Officer])),
    ("get", "/v1/reports/R/injuries", Lets::In(&[Investigator])),
    ("put", "/v1/reports/R/injuries/A", Lets::In(&[Officer, Investigator])),
    ("get", "/v1/reports/R/filings", Lets::In(READERS)),
    ("put", "/v1/reports/R/filings/A", Lets::In(&[Officer, Manager, Investigator])),
    ("get", "/v1/actions", Lets::In(ANYBODY)),
    ("get", "/v1/actions/A", Lets::In(READERS)),
    ("get", "/v1/actions/A/history", Lets::In(READERS)),
    ("post", "/v1/actions/A/accept", Lets::In(&[])),
    ("post", "/v1/actions/A/start", Lets::In(&[])),
    ("post", "/v1/actions/A/complete", Lets::In(&[])),
    ("post", "/v1/actions/A/verify", Lets::In(&[Officer])),
    ("post", "/v1/actions/A/return", Lets::In(&[Officer])),
    ("post", "/v1/actions/A/cancel", Lets::In(&[Officer, Manager])),
    ("post", "/v1/actions/A/delegate", Lets::In(&[])),
    ("post", "/v1/actions/A/request-extension", Lets::In(&[])),
    ("post", "/v1/actions/A/decide-extension", Lets::In(&[Manager])),
    ("post", "/v1/actions/A/acknowledge-escalation", Lets::In(READERS)),
    ("get", "/v1/deadlines", Lets::In(ANYBODY)),
    ("get", "/v1/sites", Lets::In(ANYBODY)),
    ("get", "/v1/members", Lets::In(ANYBODY)),
    ("get", "/v1/sites/S", Lets::In(ANYBODY)),
    ("put", "/v1/sites/S", Lets::In(&[Admin])),
    ("get", "/v1/sites/S/open-work", Lets::In(&[Admin])),
    ("get", "/v1/members/M", Lets::In(ANYBODY)),
    ("put", "/v1/members/M", Lets::In(&[Admin])),
    ("put", "/v1/members/M/grants/technician/S", Lets::In(&[Admin])),
    ("delete", "/v1/members/M/grants/technician/S", Lets::In(&[Admin])),
    ("put", "/v1/members/M/substitutions/U", Lets::In(&[Admin])),
    ("delete", "/v1/members/M/substitutions/U", Lets::In(&[Admin])),
    ("get", "/v1/members/M/open-work", Lets::In(&[Admin])),
    ("post", "/v1/members/M/hand-over", Lets::In(&[Admin])),
    ("post", "/v1/members/M/disable", Lets::In(&[Admin])),
    ("post", "/v1/members/M/enable", Lets::In(&[Admin])),
    ("get", "/v1/categories", Lets::In(ANYBODY)),
    ("put", "/v1/categories/C", Lets::In(&[Admin])),
    ("get", "/v1/routes", Lets::In(ANYBODY)),
    ("put", "/v1/routes", Lets::In(&[Admin])),
    ("get", "/v1/routes/versions", Lets::In(ANYBODY)),
    ("get", "/v1/ladders", Lets::In(ANYBODY)),
    ("put", "/v1/ladders", Lets::In(&[Admin])),
    ("get", "/v1/ladders/versions", Lets::In(ANYBODY)),
    ("post", "/v1/ladders/rehearse", Lets::In(&[Admin])),
    ("post", "/v1/routes/rehearse", Lets::In(&[Admin])),
    ("post", "/v1/ladders/apply", Lets::In(&[Admin])),
    ("get", "/v1/notices/load", Lets::In(&[Manager, Admin])),
    ("get", "/v1/obligations", Lets::In(ANYBODY)),
    ("put", "/v1/obligations", Lets::In(&[Admin])),
    ("get", "/v1/obligations/versions", Lets::In(ANYBODY)),
    ("get", "/v1/calendars", Lets::In(ANYBODY)),
    ("put", "/v1/calendars", Lets::In(&[Admin])),
    ("get", "/v1/calendars/versions", Lets::In(ANYBODY)),
    ("get", "/v1/matrices", Lets::In(ANYBODY)),
    ("put", "/v1/matrices", Lets::In(&[Admin])),
    ("get", "/v1/matrices/versions", Lets::In(ANYBODY)),
    ("get", "/v1/clauses", Lets::In(ANYBODY)),
    ("put", "/v1/clauses", Lets::In(&[Admin])),
    ("get", "/v1/clauses/versions", Lets::In(ANYBODY)),
    ("get", "/v1/severity/screen?incident=false&high_energy=false", Lets::In(ANYBODY)),
    ("get", "/v1/calendars/concerns", Lets::In(ANYBODY)),
    ("get", "/v1/rosters", Lets::In(ANYBODY)),
    ("put", "/v1/rosters", Lets::In(&[Admin])),
    ("get", "/v1/rosters/versions", Lets::In(ANYBODY)),
    ("get", "/v1/retention", Lets::In(ANYBODY)),
    ("put", "/v1/retention", Lets::In(&[Admin])),
    ("get", "/v1/retention/versions", Lets::In(ANYBODY)),
    ("get", "/v1/retention/due", Lets::In(&[Admin])),
    ("get", "/v1/journal", Lets::In(&[Admin])),
    ("get", "/m/T", Lets::All),
    ("post", "/m/T", Lets::All),
    ("get", "/healthz", Lets::All),
    ("get", "/readyz", Lets::All),
    ("get", "/metrics", Lets::All),
    ("get", "/openapi.json", Lets::All),
];

#[test]
fn the_list_is_the_contract() {
    let contract = serde_json::to_value(http::contract()).unwrap();
    let paths = contract["paths"].as_object().unwrap();
    let served: BTreeSet<(String, String)> = paths
        .iter()
        .flat_map(|(path, methods)| methods.as_object().unwrap().keys().map(move |method| (method.clone(), path.clone())))
        .collect();
    let listed: BTreeSet<(String, String)> = OPERATIONS
        .iter()
        .map(|(method, path, _)| {
            let path = path.replace("/reports/R", "/reports/{id}").replace("/photos/P/original", "/photos/{id}/{variant}");
            let path = path.replace("/v1/photos/P", "/v1/photos/{id}");
            let path = path.replace("/photos/P", "/photos/{photo_id}").replace("{id}/actions/A", "{id}/actions/{action_id}");
            let path = path
                .replace("/injuries/A", "/injuries/{injury_id}")
                .replace("/filings/A", "/filings/{filing_id}")
                .replace("/uploads/Q", "/uploads/{id}")
                .replace("/comments/N", "/comments/{comment_id}")
                .replace("/statements/W", "/statements/{statement_id}");
            let path = path
                .replace("/actions/A", "/actions/{id}")
                .replace("/m/T", "/m/{token}")
                .replace("/pictures/T", "/pictures/{token}")
                .replace("/devices/R", "/devices/{id}");
            let path = path.replace("/technician/S", "/{role}/{site_id}").replace("/sites/S", "/sites/{id}");
            let path =
                path.replace("/members/M", "/members/{id}").replace("/substitutions/U", "/substitutions/{substitution_id}");
            let path = path.split('?').next().unwrap_or_default();
            ((*method).to_owned(), path.replace("/categories/C", "/categories/{code}"))
        })
        .collect();
    assert_eq!(served, listed);
}

/// A report with a photo and an action between people of whom none is a caller.
struct Case {
    report: String,
    photo: String,
    action: String,
    member: String,
    site: String,
    statement: String,
    upload: String,
}

const STATEMENT: &str = "I saw the valve open by itself";

fn statement() -> Value {
    let sha256 = sha256(STATEMENT.as_bytes());
    json!({ "given_by": "A witness", "sha256": sha256, "bytes": STATEMENT.len(), "media_type": "text/plain" })
}

/// The findings of an inquiry with that one member.
fn findings(member: &str) -> Value {
    json!({ "team": [{ "member_id": member, "side": "employer", "part": "lead" }] })
}

async fn case(house: &House) -> Case {
    let (sender, handler) = (house.joins("Sender", Technician, "AGA").await, house.joins("Handler", Officer, "SRM-SM").await);
    let photo = sender.new_id();
    let mut draft = hazard(&house.site("AGA").await);
    draft["photos"] = json!([{ "id": photo, "sha256": sha256(PHOTO), "bytes": PHOTO.len(), "media_type": "image/jpeg" }]);
    let report = sender.reports(&draft).await;
    sender.sends_photo(&report, &photo, PHOTO.to_vec()).await.expect(201);
    handler.commands(&report, "acknowledge", json!({})).await.expect(200);
    let action = handler.assigns(&report, &sender, None).await;
    let statement = handler.new_id();
    let statements = format!("/v1/reports/{report}/statements/{statement}");
    handler.put(&format!("/v1/reports/{report}/inquiry"), &findings(&handler.id.0.to_string())).await.expect(201);
    handler.put(&statements, &self::statement()).await.expect(201);
    let file = handler.web.put(format!("{}{statements}/file", handler.url));
    handler.send(file.body(STATEMENT)).await.expect(201);
    house.tick().await;
    let upload = sender.begins_upload(&report, &photo, PHOTO.len()).await.header("location");
    let upload = upload.rsplit('/').next().unwrap().to_owned();
    Case { report, photo, action, member: sender.id.0.to_string(), site: house.site("AGA").await, statement, upload }
}

async fn call(caller: &Person, case: &Case, method: &str, path: &str) -> Answer {
    let path = path
        .replace("/R", &format!("/{}", case.report))
        .replace("/P", &format!("/{}", case.photo))
        .replace("/A", &format!("/{}", case.action))
        .replace("/N", &format!("/{}", caller.new_id()))
        .replace("/W", &format!("/{}", case.statement))
        .replace("/Q", &format!("/{}", case.upload))
        .replace("/M", &format!("/{}", case.member))
        .replace("/S", &format!("/{}", case.site))
        .replace("/U", "/00000000-0000-4000-8000-000000000001")
        .replace("/C", "/ELEC");
    let url = format!("{}{path}", caller.url);
    let request = match method {
        "post" if path == "/v1/uploads" => return caller.begins_upload(&case.report, &case.photo, PHOTO.len()).await,
        "options" | "head" | "patch" => {
            let request = caller.web.request(method.to_uppercase().parse().unwrap(), url).header("tus-resumable", "1.0.0");
            request.header("upload-offset", "0").header("content-type", "application/offset+octet-stream")
        }
        "get" => caller.web.get(url),
        "delete" => caller.web.delete(url).header("tus-resumable", "1.0.0"),
        "post" => caller.web.post(url).json(&body(&path)),
        _ if path.ends_with("/file") => caller.web.put(url).body(STATEMENT),
        _ if path.contains("/photos/") => caller.web.put(url).header("content-type", "image/jpeg").body(PHOTO.to_vec()),
        _ => caller.web.put(url).json(&body(&path)),
    };
    caller.send(request).await
}

/// A body that the operation can read, so that nobody is turned away for its form.
fn body(path: &str) -> Value {
    let ends = |end: &str| path.ends_with(end);
    match path {
        _ if ends("/triage") => json!({ "actual_severity": 1, "potential_severity": 4 }),
        _ if ends("/inquiry/complete") => json!({}),
        _ if ends("/sign") => json!({ "content_sha256": "00".repeat(32) }),
        _ if ends("/inquiry") => findings(&uuid::Uuid::from_u128(7).to_string()),
        _ if path.contains("/statements/") => json!(statement()),
        _ if ends("/correct") => json!({ "kind": "near_miss", "reason": "Seen" }),
        _ if ends("/investigate") => json!({ "similar_events": "None" }),
        _ if ends("/complete") => json!({ "note": "Done" }),
        _ if ends("/return") || ends("/cancel") => json!({ "reason": "No" }),
        _ if ends("/dismiss") || ends("/reopen") || ends("/unseal") => json!({ "reason": "No" }),
        _ if ends("/hold") || ends("/let-go") => json!({ "reason": "A claim" }),
        _ if ends("/dismiss") || ends("/reopen") => json!({ "reason": "No" }),
        _ if ends("/mark-duplicate") => json!({ "of_id": uuid::Uuid::from_u128(7) }),
        _ if ends("/transfer") => json!({ "officer_id": uuid::Uuid::from_u128(7), "reason": "No" }),
        _ if ends("/request-information") => json!({ "question": "Where?" }),
        _ if ends("/justify-controls") => json!({ "justification": "Nothing else can be done" }),
        _ if ends("/check-effectiveness") => json!({ "effective": true, "method": "Visit", "note": "Gone" }),
        _ if path.contains("/comments/") => json!({ "text": "Seen" }),
        _ if ends("/redactions") => json!({ "areas": [] }),
        _ if ends("/delegate") => json!({ "owner_id": uuid::Uuid::from_u128(7), "reason": "No" }),
        _ if ends("/request-extension") => json!({ "until": "2027-01-01T00:00:00Z", "reason": "Rain" }),
        _ if ends("/decide-extension") => json!({ "granted": true }),
        _ if ends("/sessions") => json!({ "login": "x", "password": "y", "device": { "id": "d", "name": "d" } }),
        _ if ends("/enrolments") => json!({ "member_id": uuid::Uuid::from_u128(7) }),
        _ if ends("/redeem") => json!({ "code": "x", "device": { "id": "d", "name": "d" } }),
        _ if ends("/single-sign-on") => json!({ "device": { "id": "d", "name": "d" } }),
        _ if ends("/finish") => json!({ "attempt": "x", "code": "x", "state": "x" }),
        // It is refused by a rule about passwords, so that nobody is signed out by it.
        _ if ends("/password") => json!({ "password": "x" }),
        _ if ends("/confirm") || ends("/remove") => json!({ "digits": "000000" }),
        _ if ends("/refresh") => json!({ "refresh_token": "x" }),
        _ if path.contains("/injuries/") => json!({ "person": "X", "status": "public", "treatment": "none" }),
        _ if path.contains("/filings/") => json!({ "obligation": "MA-AT-INS", "filed_at": "2026-11-24T08:00:00Z",
            "recipient": "x", "proof": { "kind": "receipt", "reference": "1" } }),
        _ if ends("/rehearse") => json!({ "days": 1, "document": {} }),
        _ if ends("/apply") => json!({ "version": 1, "dry_run": true }),
        _ if path.contains("/sites/") => {
            json!({ "code": "AGA", "name": name(), "kind": "x", "parent_id": uuid::Uuid::from_u128(7) })
        }
        _ if path.contains("/categories/") => json!({ "name": name() }),
        _ if path.contains("/substitutions/") => {
            json!({ "by_id": uuid::Uuid::from_u128(7), "from": "2027-01-01T00:00:00Z", "until": "2027-02-01T00:00:00Z" })
        }
        _ if path.contains("/members/") && path.matches('/').count() == 3 => {
            json!({ "name": "Sender", "locale": "en", "email": "sender@example.org" })
        }
        _ if path.contains("/actions/") && path.contains("/reports/") => {
            json!({ "title": "x", "kind": "corrective", "control": "ppe", "owner_id": uuid::Uuid::from_u128(7) })
        }
        _ if path.contains("/reports/") && !path.contains("acknowledge") && path.matches('/').count() == 3 => {
            hazard("00000000-0000-4000-8000-000000000000")
        }
        _ => json!({}),
    }
}

fn name() -> Value {
    json!({ "ar": "x", "fr": "x", "en": "x" })
}

async fn every_operation_asks_who_and_lets_in_only_who_may(house: House) {
    let case = case(&house).await;
    let nobody = Person { token: "nobody".into(), ..house.joins("Nobody", Technician, "AGA").await };
    for (method, path, lets) in OPERATIONS {
        if matches!(lets, Lets::In(_)) {
            let problem = call(&nobody, &case, method, path).await;
            assert_eq!(
                (problem.status, problem.header("www-authenticate").as_str()),
                (401, "Bearer"),
                "{method} {path} without a token"
            );
        }
    }
    for role in Role::ALL {
        let caller = house.joins(&format!("A{role}"), *role, "AGA").await;
        for (method, path, lets) in OPERATIONS.iter().filter(|(_, path, _)| *path != "/v1/sessions/current") {
            let answer = call(&caller, &case, method, path).await;
            // What cannot be known waits for what may never come.
            let barred = matches!(answer.status, 202 | 401 | 403 | 404);
            match lets {
                Lets::All => assert_ne!(answer.status, 403, "{role}: {method} {path}"),
                Lets::In(roles) => {
                    assert_eq!(barred, !roles.contains(role), "{role}: {method} {path} is {} {:#}", answer.status, answer.body);
                }
            }
        }
    }
}

async fn a_foreign_site_does_not_exist(house: House) {
    let case = case(&house).await;
    for role in [Technician, Officer, Manager, Investigator, Auditor] {
        let stranger = house.joins(&format!("S{role}"), role, "TAR").await;
        let new = || stranger.new_id();
        let unknown =
            Case { report: new(), photo: new(), action: new(), member: new(), site: new(), statement: new(), upload: new() };
        for (method, path, _) in OPERATIONS
            .iter()
            .filter(|(method, path, _)| path.contains(['R', 'P', 'A', 'W', 'Q']) && (*method, *path) != ("put", "/v1/reports/R"))
        {
            let (there, nowhere) = (call(&stranger, &case, method, path).await, call(&stranger, &unknown, method, path).await);
            let code = |answer: &Answer| (answer.status, answer.body["code"].clone(), answer.body["detail"].clone());
            assert_eq!(code(&there), code(&nowhere), "{role}: {method} {path}");
            let waits = path.contains("/comments/") || path.ends_with("A/complete") || path.ends_with("/photos/P");
            assert_eq!(there.status, if waits { 202 } else { 404 }, "{role}: {method} {path}");
        }
        assert_eq!(stranger.get("/v1/reports").await.expect(200)["items"], json!([]), "{role}");
        assert_eq!(stranger.get("/v1/actions").await.expect(200)["items"], json!([]), "{role}");
        assert_eq!(stranger.get("/v1/deadlines").await.expect(200)["items"], json!([]), "{role}");
    }
}
