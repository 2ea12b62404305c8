//! Everything that changes is on record: who, when, and when they say it was. The table below names what each operation puts
//! there; an operation without its line fails.

use std::{collections::BTreeSet, fs, path::Path};

use salama::{domain::audience::Role, operations};
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
    what_a_day_changes_is_on_record_thing_by_thing,
    what_was_said_on_the_way_is_on_record_as_a_claim_and_gives_no_sender_away,
    auditors_read_the_whole_record_and_administrators_what_they_administer,
);

/// What an operation puts on record.
enum Puts {
    /// These verbs, by itself or through the file it changes.
    Verbs(&'static [&'static str]),
    /// Nothing: it only reads.
    Reads,
    /// Nothing, though it writes: why.
    Nothing(&'static str),
}

use Puts::{Nothing, Reads, Verbs};

/// Every operation. What `File` notes comes on top: `moved`, `set`, `met`, `cancelled`, `paused`, `routed`, and `decided` and
/// `added` for those who are told and for reasons that become comments.
const OPERATIONS: &[(&str, Puts)] = &[
    ("accept_action", Verbs(&["accepted"])),
    ("acknowledge_escalation", Verbs(&["escalation_acknowledged"])),
    ("acknowledge_report", Verbs(&["acknowledged"])),
    ("add_comment", Verbs(&["added"])),
    ("add_member", Verbs(&["added"])),
    ("add_statement", Verbs(&["announced"])),
    ("agree_on_time", Reads),
    ("announce_upload", Nothing("bytes on their way are on record when they are a photo")),
    // The words are kept by `add_comment`.
    ("answer_follow_up", Reads),
    ("answer_notice", Verbs(&["escalation_acknowledged"])),
    ("apply_ladders", Verbs(&["ladders_applied"])),
    ("arrange_substitution", Verbs(&["substituted", "substitution_ended"])),
    ("assign_action", Verbs(&["assigned"])),
    ("attach_photo", Verbs(&["received"])),
    ("attach_preview", Verbs(&["preview_received"])),
    ("attach_statement", Verbs(&["received"])),
    ("beat", Reads),
    // It writes into the transaction of whoever asks it.
    ("bring_in", Reads),
    ("bring_in_photos", Nothing("a photo that waited is on record as every other is, by `attach_photo`")),
    ("cancel_action", Verbs(&["cancelled"])),
    ("change_category", Verbs(&["added", "changed"])),
    ("change_document", Verbs(&["changed"])),
    ("change_member", Verbs(&["added", "changed"])),
    ("change_password", Verbs(&["password_set"])),
    ("change_site", Verbs(&["added", "changed"])),
    ("check_effectiveness", Verbs(&["effectiveness_checked", "reopened"])),
    ("close_report", Verbs(&["closed"])),
    ("complete_action", Verbs(&["completed"])),
    ("complete_inquiry", Verbs(&["completed"])),
    ("contain_report", Verbs(&["contained"])),
    ("continue_upload", Nothing("bytes on their way are on record when they are a photo")),
    ("correct_report", Verbs(&["corrected"])),
    ("decide_extension", Verbs(&["extension_decided"])),
    ("delegate_action", Verbs(&["delegated"])),
    ("deliver_notices", Verbs(&["address_suspect"])),
    ("disable_member", Verbs(&["disabled"])),
    ("dismiss_report", Verbs(&["dismissed"])),
    ("enable_member", Verbs(&["enabled"])),
    ("end_device", Verbs(&["device_ended"])),
    ("end_upload", Nothing("bytes on their way are on record when they are a photo")),
    ("enrol", Verbs(&["enrolment_made"])),
    ("escalate_due", Verbs(&["decided"])),
    ("explain_report", Reads),
    ("fetch_original", Verbs(&["original_fetched"])),
    ("fetch_statement", Verbs(&["fetched"])),
    ("file", Verbs(&["moved", "set", "met", "cancelled", "paused", "decided", "added"])),
    ("follow_link", Reads),
    ("follow_picture", Reads),
    // It writes into the transaction of whoever asks it.
    ("follow_up", Reads),
    ("foresee", Reads),
    ("forget_tries", Nothing("tries that are counted no more are no event")),
    ("gather_digests", Verbs(&["decided"])),
    ("grant_role", Verbs(&["granted", "revoked"])),
    ("hand_over", Verbs(&["handed_over", "disabled"])),
    ("hold_inquiry", Verbs(&["opened", "revised"])),
    // What it lets wait is written by `hold_until_arrival`.
    ("hold_photo", Reads),
    ("hold_report", Verbs(&["held", "let_go"])),
    ("hold_until_arrival", Nothing("what waits is on record once it is brought in or dropped; until then it could say too much")),
    ("identify", Nothing("that a pair of tokens was used is asked at every request, and is no event")),
    ("import_members", Verbs(&["added", "changed", "granted"])),
    ("investigate_report", Verbs(&["investigated"])),
    ("justify_controls", Verbs(&["controls_justified"])),
    // It writes into the transaction of whoever asks it.
    ("let_in", Reads),
    ("load_pack", Verbs(&["added", "changed", "granted", "pack_loaded", "people_loaded"])),
    ("look_for_similar", Verbs(&["looked_for_similar"])),
    ("mark_duplicate", Verbs(&["marked_duplicate"])),
    ("pass_on", Verbs(&["handed_over"])),
    // `bounced` is the word of the notice's state.
    ("read_bounces", Verbs(&[])),
    ("read_changes", Nothing("reading changes nothing; which sites a copy knows is kept, and is nobody's")),
    ("read_follow_up", Nothing("that a secret was used is no part of any record: it would say when the sender came back")),
    ("read_identity", Verbs(&["identity_read"])),
    ("record_filing", Verbs(&["recorded"])),
    ("record_injury", Verbs(&["recorded", "corrected"])),
    ("recount_deadlines", Verbs(&["recounted"])),
    ("recover_follow_up", Verbs(&["follow_up_recovered"])),
    ("redact_photo", Verbs(&["redacted"])),
    // What it puts there is `let_in`'s.
    ("redeem_enrolment", Verbs(&[])),
    ("refresh_session", Verbs(&["refresh_token_used_twice"])),
    ("rehearse", Reads),
    // `ready` and `unreadable` are the words of the photo's state.
    ("render_photos", Verbs(&["gave_up"])),
    ("reopen_report", Verbs(&["reopened"])),
    ("request_extension", Verbs(&["extension_asked"])),
    ("request_information", Verbs(&["information_asked"])),
    ("resume_upload", Nothing("bytes on their way are on record when they are a photo")),
    ("return_action", Verbs(&["returned"])),
    // It writes into the transaction of whoever asks it.
    ("route_report", Reads),
    ("seal_journal", Nothing("it seals the record itself")),
    ("second_factor", Verbs(&["second_factor_begun", "second_factor_added", "second_factor_removed", "recovery_code_used"])),
    ("security", Reads),
    ("set_password", Verbs(&["password_set"])),
    ("show_notice", Reads),
    // What it puts there is `let_in`'s.
    ("sign_in", Verbs(&[])),
    ("sign_inquiry", Verbs(&["signed"])),
    ("sign_out", Verbs(&["signed_out"])),
    ("single_sign_on", Verbs(&["identity_linked", "identities_unlinked"])),
    ("start_action", Verbs(&["started"])),
    ("submit_report", Verbs(&["submitted"])),
    ("sweep_orphans", Verbs(&["orphaned"])),
    ("sweep_uploads", Nothing("bytes on their way are on record when they are a photo")),
    ("tell_accounts", Nothing("what is said about an account is on record with what happened to it")),
    ("tidy_up", Verbs(&["disposed", "dropped"])),
    ("transfer_report", Verbs(&["transferred"])),
    ("triage_report", Verbs(&["triaged", "down_rating_asked"])),
    ("tries", Nothing("a wrong try is in the log of security events, and would fill the journal")),
    ("unseal_report", Verbs(&["unsealing_asked", "unsealed"])),
    ("verify_action", Verbs(&["verified"])),
    ("verify_journal", Reads),
    ("watch", Nothing("it frees leases, which are no part of any record")),
    ("withdraw_follow_up", Verbs(&["withdrawn"])),
    ("withdraw_report", Verbs(&["withdrawn"])),
];

/// The text of an operation, all of its files together, without its tests.
fn source(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/operations");
    let file = folder.join(format!("{name}.rs"));
    let files = if file.exists() {
        vec![file]
    } else {
        fs::read_dir(folder.join(name)).unwrap().map(|entry| entry.unwrap().path()).collect()
    };
    let text = |path| fs::read_to_string(path).unwrap().split("#[cfg(test)]").next().unwrap().to_owned();
    files.into_iter().map(text).collect()
}

#[test]
fn every_operation_says_what_it_puts_on_record() {
    let mods = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/operations/mod.rs")).unwrap();
    let there: BTreeSet<&str> =
        mods.lines().filter_map(|line| line.trim_start_matches("pub ").strip_prefix("mod ")?.strip_suffix(';')).collect();
    let listed: BTreeSet<&str> = OPERATIONS.iter().map(|(name, _)| *name).collect();
    assert_eq!(there, listed);
    for (name, puts) in OPERATIONS {
        let text = source(name);
        let writes = [".commit()", ".save()", ".write()"].iter().any(|end| text.contains(end));
        match puts {
            Verbs(verbs) => {
                assert!(writes || *name == "hold_report", "{name} changes nothing, and says it does");
                for verb in *verbs {
                    assert!(text.contains(&format!("\"{verb}\"")), "{name} does not put {verb:?} on record");
                }
            }
            Reads => assert!(!writes, "{name} changes something"),
            Nothing(why) => assert!(writes && !text.contains(".note("), "{name}: {why}"),
        }
    }
}

/// What came on record since that number: kinds of things and what happened to them.
async fn since(house: &House, seq: i64) -> BTreeSet<String> {
    let links = house.app.store.journal(seq, 10_000).await.unwrap();
    links.into_iter().map(|link| format!("{} {}", link.subject, link.verb)).collect()
}

async fn last(house: &House) -> i64 {
    house.app.store.journal_head().await.unwrap().0
}

/// Something is done, and this came of it on the record, at the least.
async fn puts(house: &House, expected: &[&str], answer: impl Future<Output = Answer>) -> Value {
    let before = last(house).await;
    let answer = answer.await;
    assert!(answer.status < 300, "{} {:#}", answer.status, answer.body);
    house.tick().await;
    let found = since(house, before).await;
    for expected in expected {
        assert!(found.contains(*expected), "{expected} is not on record, only {found:?}");
    }
    answer.body
}

async fn what_a_day_changes_is_on_record_thing_by_thing(house: House) {
    let (technician, officer, manager) = crew(&house).await;
    let admin = house.joins("Amal", Role::Admin, "SRM-SM").await;
    let other = house.joins_under("Youssef", Role::Officer, "AGA", Some(&manager)).await;
    let site = house.site("AGA").await;
    let (photo, report, action) = (technician.new_id(), technician.new_id(), technician.new_id());
    let mut draft = hazard(&site);
    draft["photos"] = json!([{ "id": photo, "sha256": sha256(PHOTO), "bytes": PHOTO.len(), "media_type": "image/jpeg" }]);
    let at = |command: &str| format!("/v1/reports/{report}/{command}");
    let of = |command: &str| format!("/v1/actions/{action}/{command}");
    let nothing = json!({});

    let sent = ["report submitted", "report routed", "deadline set", "notice decided", "notice accepted"];
    puts(&house, &sent, technician.put(&format!("/v1/reports/{report}"), &draft)).await;
    puts(&house, &["photo received", "photo ready"], technician.sends_photo(&report, &photo, PHOTO.to_vec())).await;
    puts(&house, &["report acknowledged", "deadline met"], officer.post(&at("acknowledge"), &nothing)).await;
    let rating = json!({ "actual_severity": 1, "potential_severity": 3, "reason": "Dead cable" });
    puts(&house, &["report down_rating_asked", "comment added"], officer.post(&at("triage"), &rating)).await;
    puts(&house, &["report triaged"], manager.post(&at("triage"), &rating)).await;
    puts(&house, &["report contained"], officer.post(&at("contain"), &nothing)).await;
    let question = json!({ "question": "Which pole?" });
    let asked = ["report information_asked", "comment added", "notice decided"];
    puts(&house, &asked, officer.post(&at("request-information"), &question)).await;
    let comment = format!("/v1/reports/{report}/comments/{}", technician.new_id());
    puts(&house, &["comment added"], technician.put(&comment, &json!({ "text": "The third" }))).await;
    let causes = json!({ "causes": [{ "kind": "technical", "text": "Worn" }], "similar_events": "None" });
    puts(&house, &["report investigated"], officer.post(&at("investigate"), &causes)).await;
    let assign = json!({ "title": "Bury it", "kind": "corrective", "control": "engineering", "owner_id": technician.id });
    let assigned = ["action assigned", "report moved", "deadline set", "notice decided"];
    puts(&house, &assigned, officer.put(&format!("/v1/reports/{report}/actions/{action}"), &assign)).await;
    puts(&house, &["action accepted"], technician.post(&of("accept"), &nothing)).await;
    puts(&house, &["action started"], technician.post(&of("start"), &nothing)).await;
    let until = json!({ "until": house.now().plus_ms(90 * 86_400_000), "reason": "Rain" });
    puts(&house, &["action extension_asked", "notice decided"], technician.post(&of("request-extension"), &until)).await;
    let granted = ["action extension_decided", "deadline moved"];
    puts(&house, &granted, manager.post(&of("decide-extension"), &json!({ "granted": true }))).await;
    puts(&house, &["action escalation_acknowledged", "deadline paused"], officer.post(&of("acknowledge-escalation"), &nothing))
        .await;
    let done = json!({ "note": "Buried", "evidence": [photo] });
    puts(&house, &["action completed", "notice decided"], technician.post(&of("complete"), &done)).await;
    puts(&house, &["action returned", "deadline moved"], officer.post(&of("return"), &json!({ "reason": "Not deep" }))).await;
    puts(&house, &["action completed"], technician.post(&of("complete"), &done)).await;
    puts(&house, &["action verified", "deadline met"], officer.post(&of("verify"), &nothing)).await;
    let transfer = json!({ "officer_id": other.id, "reason": "On leave" });
    puts(&house, &["report transferred", "comment added"], officer.post(&at("transfer"), &transfer)).await;
    let close = json!({ "outcome": "Mended", "effectiveness_days": 30 });
    puts(&house, &["report closed", "notice decided"], other.post(&at("close"), &close)).await;
    let injury = format!("/v1/reports/{report}/injuries/{}", technician.new_id());
    let hurt = json!({ "person": "X", "status": "public", "treatment": "none" });
    puts(&house, &["injury recorded"], officer.put(&injury, &hurt)).await;
    let reopen = json!({ "reason": "It is back" });
    puts(&house, &["report reopened", "comment added", "deadline moved"], officer.post(&at("reopen"), &reopen)).await;

    let member = format!("/v1/members/{}", other.id);
    let changed = json!({ "name": "Youssef", "locale": "fr", "email": "youssef@example.org", "manager_id": manager.id });
    puts(&house, &["member changed"], admin.put(&member, &changed)).await;
    let grant = format!("{member}/grants/investigator/{site}");
    puts(&house, &["member granted"], admin.put(&grant, &nothing)).await;
    puts(&house, &["member revoked"], admin.send(admin.web.delete(format!("{}{grant}", admin.url)))).await;
    let stand_in = format!("{member}/substitutions/{}", admin.new_id());
    let said = json!({ "by_id": officer.id, "from": house.now(), "until": house.now().plus_ms(86_400_000) });
    puts(&house, &["member substituted"], admin.put(&stand_in, &said)).await;
    puts(&house, &["member substitution_ended"], admin.send(admin.web.delete(format!("{}{stand_in}", admin.url)))).await;
    let names = json!({ "ar": "x", "fr": "x", "en": "x" });
    puts(&house, &["category added"], admin.put("/v1/categories/NEW", &json!({ "name": names }))).await;
    for document in ["routes", "ladders", "calendars", "retention"] {
        let path = format!("/v1/{document}");
        let body = admin.get(&path).await.expect(200);
        puts(&house, &[&format!("{document} changed")], admin.put(&path, &body)).await;
    }
    let leaves = json!({ "to_id": officer.id });
    puts(&house, &["member handed_over", "report handed_over"], admin.post(&format!("{member}/hand-over"), &leaves)).await;
    puts(&house, &["member disabled"], admin.post(&format!("{member}/disable"), &nothing)).await;
    puts(&house, &["member enabled"], admin.post(&format!("{member}/enable"), &nothing)).await;
    let out = technician.web.delete(format!("{}/v1/sessions/current", technician.url));
    puts(&house, &["session signed_out"], technician.send(out)).await;
    let first = since(&house, 0).await;
    for loaded in ["site added", "category added", "routes changed", "retention changed", "organisation pack_loaded"] {
        assert!(first.contains(loaded), "{loaded}");
    }
    operations::verify_journal(&house.app.store, None, None, None).await.unwrap();
}

impl Person {
    async fn says_at(&self, path: &str, body: &Value, said_at: &str) -> Answer {
        let request = if path.ends_with("acknowledge") {
            self.web.post(format!("{}{path}", self.url))
        } else {
            self.web.put(format!("{}{path}", self.url))
        };
        self.send(request.json(body).header("said-at", said_at)).await
    }
}

async fn what_was_said_on_the_way_is_on_record_as_a_claim_and_gives_no_sender_away(house: House) {
    const TUNNEL: &str = "2026-11-24T07:30:00Z";
    let (technician, officer, _) = crew(&house).await;
    let mut draft = hazard(&house.site("AGA").await);
    let report = technician.new_id();
    let path = format!("/v1/reports/{report}");
    let problem = technician.says_at(&path, &draft, "half past seven").await.refused(400, "bad_header");
    assert!(problem["detail"].as_str().unwrap().contains("Said-At"));
    draft["captured_at"] = "2026-11-24T07:10:00Z".into();
    technician.says_at(&path, &draft, TUNNEL).await.expect(201);
    officer.says_at(&format!("{path}/acknowledge"), &json!({}), "2026-11-24T09:30:00+02:00").await.expect(200);
    let said = async |report: &str, verb: &str| {
        let history = officer.get(&format!("/v1/reports/{report}/history?limit=200")).await.expect(200);
        let entry = history["items"].as_array().unwrap().iter().find(|entry| entry["verb"] == verb).unwrap().clone();
        assert_eq!(entry["at"], json!(house.now()), "the server's own time stands beside it");
        (entry["said_at"].clone(), entry["actor_id"].clone())
    };
    assert_eq!(said(&report, "submitted").await, (draft["captured_at"].clone(), json!(technician.id)), "when it was written");
    assert_eq!(said(&report, "acknowledged").await.0, TUNNEL);
    assert_eq!(officer.report(&report).await["acknowledged_at"], json!(house.now()), "no clock counts from a claim");

    for confidentiality in ["confidential", "anonymous"] {
        let sealed = technician.new_id();
        draft["confidentiality"] = confidentiality.into();
        let sent = technician.says_at(&format!("/v1/reports/{sealed}"), &draft, TUNNEL).await;
        assert_eq!(sent.status, 201, "{:#}", sent.body);
        assert_eq!(said(&sealed, "submitted").await, (Value::Null, Value::Null), "{confidentiality}");
        let history = officer.get(&format!("/v1/reports/{sealed}/history?limit=200")).await.expect(200).to_string();
        assert!(!history.contains("07:30") && !history.contains("07:10"), "{history}");
    }
    operations::verify_journal(&house.app.store, None, None, None).await.unwrap();
}

async fn auditors_read_the_whole_record_and_administrators_what_they_administer(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let admin = house.joins("Amal", Role::Admin, "SRM-SM").await;
    let (auditor, local) = (house.joins("Omar", Role::Auditor, "SRM-SM").await, house.joins("Lina", Role::Auditor, "AGA").await);
    let report = technician.reports(&hazard(&house.site("AGA").await)).await;
    officer.commands(&report, "acknowledge", json!({})).await.expect(200);
    let action = officer.assigns(&report, &technician, None).await;
    technician.acts(&action, "accept", json!({})).await.expect(200);

    let mut path = "/v1/journal?limit=30".to_owned();
    let mut read = Vec::new();
    loop {
        let page = auditor.get(&path).await.expect(200);
        read.extend(page["items"].as_array().unwrap().iter().map(|entry| entry["seq"].as_i64().unwrap()));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/v1/journal?limit=30&after={next}");
    }
    assert_eq!(read, (1..=last(&house).await).collect::<Vec<_>>(), "every entry once, in order");
    for nobody in [&technician, &officer, &local] {
        nobody.get("/v1/journal").await.refused(403, "may_not");
    }

    let verbs = |page: Value| -> Vec<String> {
        page["items"].as_array().unwrap().iter().map(|entry| entry["verb"].as_str().unwrap().to_owned()).collect()
    };
    let history = technician.get(&format!("/v1/actions/{action}/history")).await.expect(200);
    assert_eq!(verbs(history), ["assigned", "accepted"]);
    let member = format!("/v1/members/{}", technician.id);
    let grant = format!("{member}/grants/investigator/{}", house.site("AGA").await);
    admin.put(&grant, &json!({})).await;
    let about = |id: &dyn std::fmt::Display| format!("/v1/journal?subject_id={id}");
    assert_eq!(verbs(admin.get(&about(&technician.id)).await.expect(200)), ["granted"]);
    let site = admin.get(&about(&house.site("AGA").await)).await.expect(200);
    assert_eq!(verbs(site), ["added"]);
    let routes = format!("{}&subject=routes", about(&uuid::Uuid::nil()));
    assert_eq!(verbs(admin.get(&routes).await.expect(200)), ["changed"]);
    assert_eq!(verbs(admin.get(&about(&report)).await.expect(200)), [""; 0], "reports are not an administrator's to read");
    assert!(verbs(auditor.get(&about(&report)).await.expect(200)).contains(&"acknowledged".to_owned()));
    for missing in ["/v1/journal?subject=member", "/v1/journal"] {
        assert_eq!(admin.get(missing).await.refused(422, "invalid")["errors"][0]["pointer"], "?subject_id");
    }
}
