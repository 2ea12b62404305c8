//! Every part of a report that has readers of its own, looked for by everybody in every answer that could carry it: those of
//! each role at the right site and at a foreign one, the sender, the owner and the verifier of an action, the inquiry's team.
//! What is there is compared with the table in `domain/access/parts.rs`, and the table with the one in `SECURITY.md`.

use std::collections::BTreeMap;

use salama::domain::{
    access::{Part, Readers, Tie},
    audience::Role,
    ids::ReportId,
    report::Confidentiality,
};
use serde_json::json;

use crate::{
    inquiries::findings,
    protected::{MARKER, kept_as, telling_photo, with_photo},
    support::{
        house::House,
        person::{Person, hazard, sha256},
        stories,
    },
};

stories!(every_part_of_a_report_is_there_for_whom_the_table_says_and_nowhere_else);

use Confidentiality::{Anonymous, Confidential, Open};

/// Somebody who looks, and all that the table asks about them.
struct Looks {
    name: String,
    person: Person,
    here: Vec<Role>,
    whole: Vec<Role>,
    tie: Option<Tie>,
    /// One of the two who opened the identity of the confidential sender.
    opened: bool,
}

/// The people of all cases: everybody who looks, and those who only do something.
struct Cast {
    lookers: Vec<Looks>,
    senders: BTreeMap<&'static str, Person>,
    neighbour: Person,
    handler: Person,
}

impl Cast {
    fn named(&self, name: &str) -> &Person {
        &self.lookers.iter().find(|looks| looks.name == name).unwrap().person
    }
}

async fn cast(house: &House) -> Cast {
    let mut lookers = Vec::new();
    for role in Role::ALL {
        for (place, site) in [("here", "AGA"), ("elsewhere", "TAR"), ("everywhere", "SRM-SM")] {
            let person = house.joins(&format!("{role}{site}"), *role, site).await;
            let roles = |is_so| if is_so { vec![*role] } else { vec![] };
            let opened = matches!((*role, place), (Role::Investigator, "here") | (Role::Manager, "everywhere"));
            let (here, whole) = (roles(place != "elsewhere"), roles(place == "everywhere"));
            lookers.push(Looks { name: format!("{role} {place}"), person, here, whole, tie: None, opened });
        }
    }
    let decider = house.joins("Decider", Role::Technician, "TAR").await;
    let owner = house.joins_under("Owner", Role::Technician, "AGA", Some(&decider)).await;
    let verifier = house.joins("Verifier", Role::Technician, "AGA").await;
    let team = house.joins("Team", Role::Technician, "TAR").await;
    let earlier = house.joins("Earlier", Role::Technician, "TAR").await;
    let mut adds = |name: &str, person: Person, here, tie| {
        lookers.push(Looks { name: name.to_owned(), person, here, whole: vec![], tie: Some(tie), opened: false });
    };
    adds("owner", owner, vec![Role::Technician], Tie::Worker);
    adds("verifier", verifier, vec![Role::Technician], Tie::Worker);
    adds("team", team, vec![], Tie::Team);
    adds("earlier team", earlier, vec![], Tie::Other);
    adds("decider", decider, vec![], Tie::Other);
    let mut senders = BTreeMap::new();
    for kept in Confidentiality::ALL {
        let person = house.joins(&format!("S{kept}"), Role::Technician, "AGA").await;
        let (name, here) = (format!("sender, {kept}"), vec![Role::Technician]);
        lookers.push(Looks { name, person: person.clone(), here, whole: vec![], tie: None, opened: false });
        senders.insert(kept.word(), person);
    }
    let neighbour = house.joins("Neighbour", Role::Technician, "AGA").await;
    Cast { lookers, senders, neighbour, handler: house.joins("Handler", Role::Officer, "SRM-SM").await }
}

/// A report with something in every part of it, and the ids and words by which each part is known.
struct Case {
    kept: Confidentiality,
    report: String,
    other: String,
    photo: String,
    action: String,
    statement: String,
    sender: String,
}

impl Case {
    /// Words that stand in this case alone.
    fn word(&self, what: &str) -> String {
        format!("{what}OF{}", self.kept.word().to_uppercase())
    }

    async fn of(house: &House, people: &Cast, kept: Confidentiality) -> Self {
        let (sender, handler, site) = (&people.senders[kept.word()], &people.handler, house.site("AGA").await);
        let (photo, bytes) = (sender.new_id(), telling_photo());
        let mut case = Self {
            kept,
            report: String::new(),
            other: people.neighbour.reports(&hazard(&site)).await,
            photo: photo.clone(),
            action: handler.new_id(),
            statement: handler.new_id(),
            sender: sender.id.to_string(),
        };
        let mut draft = with_photo(kept_as(hazard(&site), kept.word()), &photo, &bytes);
        draft["narrative"] = case.word("NARRATIVE").into();
        case.report = sender.reports_unseen(&draft).await;
        sender.sends_photo(&case.report, &photo, bytes).await.expect(201);
        if kept != Anonymous {
            sender.commands(&case.report, "correct", json!({ "kind": "near_miss", "reason": "Seen" })).await.expect(200);
            case.says(sender, "OWN", false).await;
            case.says(sender, "ALOUD", true).await;
        }
        case.is_handled(people).await;
        case.is_inquired_into(people).await;
        if kept == Confidential {
            for one in ["investigator here", "manager everywhere"] {
                let why = json!({ "reason": case.word("UNSEALING") });
                people.named(one).commands(&case.report, "unseal", why).await.expect(200);
            }
        }
        case.is_tied_to_the_other(house).await;
        house.tick().await;
        case
    }

    async fn says(&self, who: &Person, what: &str, for_reporter: bool) {
        let path = format!("/v1/reports/{}/comments/{}", self.report, who.new_id());
        who.put(&path, &json!({ "text": self.word(what), "for_reporter": for_reporter })).await.expect(201);
    }

    async fn is_handled(&self, cast: &Cast) {
        let (handler, owner) = (&cast.handler, cast.named("owner"));
        let handle = async |command: &str, body| drop(handler.commands(&self.report, command, body).await.expect(200));
        handle("acknowledge", json!({})).await;
        self.says(handler, "INTERNAL", false).await;
        self.says(handler, "ANSWER", true).await;
        handle("mark-duplicate", json!({ "of_id": self.other })).await;
        handle("reopen", json!({ "reason": "It is another cable" })).await;
        handle("triage", json!({ "actual_severity": 1, "potential_severity": 4 })).await;
        let hold = json!({ "reason": self.word("HOLD") });
        cast.named("investigator here").commands(&self.report, "hold", hold).await.expect(200);
        let action = json!({ "title": "Bury it", "kind": "corrective", "control": "engineering", "owner_id": owner.id.0,
            "verifier_id": cast.named("verifier").id.0 });
        handler.put(&format!("/v1/reports/{}/actions/{}", self.report, self.action), &action).await.expect(201);
        let more = json!({ "until": "2027-06-01T00:00:00Z", "reason": "Rain" });
        owner.acts(&self.action, "request-extension", more).await.expect(200);
    }

    async fn is_inquired_into(&self, cast: &Cast) {
        let (handler, of_report) = (&cast.handler, format!("/v1/reports/{}", self.report));
        let found = |person| findings(&[(person, "employee", "worker_representative")], &self.word("ROOT"));
        let inquiry = format!("{of_report}/inquiry");
        handler.put(&inquiry, &found(cast.named("earlier team"))).await.expect(201);
        handler.put(&inquiry, &found(cast.named("team"))).await.expect(200);
        let (words, path) = (self.word("STATEMENT"), format!("{of_report}/statements/{}", self.statement));
        let statement = json!({ "given_by": self.word("WITNESS"), "sha256": sha256(words.as_bytes()), "bytes": words.len(),
            "media_type": "text/plain" });
        handler.put(&path, &statement).await.expect(201);
        handler.send(handler.web.put(format!("{}{path}/file", handler.url)).body(words)).await.expect(201);
        let injury = json!({ "person": self.word("HURT"), "status": "employee", "treatment": "medical" });
        handler.put(&format!("{of_report}/injuries/{}", handler.new_id()), &injury).await.expect(201);
        let filing = json!({ "obligation": "MA-AT-INS", "filed_at": "2026-11-24T09:00:00Z", "recipient": self.word("INSURER"),
            "proof": { "kind": "receipt", "reference": "AR 118" } });
        handler.put(&format!("{of_report}/filings/{}", handler.new_id()), &filing).await.expect(201);
    }

    /// No report has all three ties to another one in one life, so they are written behind the server's back.
    async fn is_tied_to_the_other(&self, house: &House) {
        let (id, other) = (ReportId(self.report.parse().unwrap()), Some(ReportId(self.other.parse().unwrap())));
        let tx = house.app.store.begin().await.unwrap();
        let mut report = tx.report_to_change(id).await.unwrap().unwrap();
        (report.duplicate_of, report.recurrence_of, report.recurred_as) = (other, other, other);
        tx.save_report(report, &["Bury it"]).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Every answer that could carry a part, by name.
    fn answers(&self) -> Vec<(&'static str, String)> {
        let Self { report, photo, action, statement, .. } = self;
        let of_report = |rest: &str| format!("/v1/reports/{report}{rest}");
        vec![
            ("report", of_report("")),
            ("reports", "/v1/reports?limit=200".into()),
            ("history", of_report("/history?limit=200")),
            ("explain", of_report("/explain")),
            ("clauses", of_report("/clauses")),
            ("similar", of_report("/similar")),
            ("identity", of_report("/identity")),
            ("injuries", of_report("/injuries")),
            ("filings", of_report("/filings")),
            ("inquiry", of_report("/inquiry")),
            ("statements", of_report("/statements")),
            ("statement", of_report(&format!("/statements/{statement}/file"))),
            ("actions", "/v1/actions?limit=200".into()),
            ("action", format!("/v1/actions/{action}")),
            ("history of the action", format!("/v1/actions/{action}/history?limit=200")),
            ("deadlines", "/v1/deadlines?limit=200".into()),
            ("original", format!("/v1/photos/{photo}/original")),
            ("display", format!("/v1/photos/{photo}/display")),
            ("findings", format!("/v1/photos/{photo}/findings")),
            ("thumb", format!("/v1/photos/{photo}/thumb")),
            ("record", format!("/v1/journal?subject_id={report}&limit=200")),
        ]
    }
}

/// How a part is known: what those who read it find, and where, and what nobody else may find anywhere.
struct Signs {
    there: Vec<(&'static str, String)>,
    nowhere_else: Vec<String>,
}

/// A new part does not compile until it says here how it is looked for.
fn signs(part: Part, case: &Case) -> Signs {
    let Case { report, other, sender, .. } = case;
    let member = |field: &str, id: &str| format!("\"{field}\":\"{id}\"");
    let is_known = case.kept != Anonymous;
    let (there, nowhere_else): (Vec<(&str, String)>, Vec<String>) = match part {
        Part::Report => {
            let words = [case.word("NARRATIVE"), case.word("ANSWER")];
            let mut there: Vec<_> = words.iter().map(|word| ("report", word.clone())).collect();
            there.extend(["reports", "deadlines", "action"].map(|list| (list, report.clone())));
            there.extend([("history", "\"submitted\""), ("history of the action", "\"assigned\"")].map(|(at, s)| (at, s.into())));
            there.extend(["explain", "clauses", "display", "thumb"].map(|at| (at, String::new())));
            (there, words.into())
        }
        Part::Sender if is_known => {
            let fields = [("reports", "reporter_id"), ("report", "reporter_id"), ("report", "author_id"), ("report", "by_id")];
            (fields.map(|(at, field)| (at, member(field, sender))).into(), vec![sender.clone()])
        }
        Part::SenderNotices if is_known => {
            let told = "\"kind\":\"report_acknowledged\"".to_owned();
            let there = [("explain", member("member_id", sender)), ("explain", told.clone()), ("history", told.clone())];
            (there.into(), vec![told])
        }
        Part::Sender | Part::SenderNotices => (vec![], vec![sender.clone()]),
        Part::Identity => (vec![("identity", member("member_id", sender))], vec![]),
        Part::Unsealings => {
            let (why, opened) = (case.word("UNSEALING"), ":\"unsealed\"".to_owned());
            (vec![("report", why.clone()), ("history", opened.clone())], vec![why, opened, ":\"unsealing_asked\"".into()])
        }
        Part::Originals => (vec![("original", String::new())], vec![MARKER.into()]),
        Part::Findings => (vec![("findings", String::new())], vec![]),
        Part::Comments => (vec![("report", case.word("INTERNAL"))], vec![case.word("INTERNAL")]),
        Part::OtherReports => {
            let fields = ["duplicate_of", "recurrence_of", "recurred_as"];
            let mut there: Vec<_> = fields.map(|field| ("report", member(field, other))).into();
            there.push(("history", member("of", other)));
            (there, vec![other.clone()])
        }
        Part::SimilarEvents => (vec![("similar", other.clone())], vec![]),
        Part::Hold => {
            let (why, since, verb) = (case.word("HOLD"), "\"held_since\":\"".to_owned(), ":\"held\"".to_owned());
            let there = [("report", why.clone()), ("report", since.clone()), ("history", verb.clone())];
            (there.into(), vec![why, since, verb, ":\"hold\"".into()])
        }
        Part::Inquiry => (vec![("inquiry", case.word("ROOT"))], vec![case.word("ROOT")]),
        Part::Statements => {
            let words = [case.word("WITNESS"), case.word("STATEMENT")];
            (["statements", "statement"].into_iter().zip(words.clone()).collect(), words.into())
        }
        Part::Injuries => (vec![("injuries", case.word("HURT"))], vec![case.word("HURT")]),
        Part::Filings => {
            let (recipient, law, clock) = (case.word("INSURER"), "MA-AT-INS".to_owned(), ":\"file_obligation\"".to_owned());
            let there = ["filings", "report", "history"].map(|at| (at, law.clone()));
            ([there.into(), vec![("filings", recipient.clone())]].concat(), vec![recipient, law, clock])
        }
        Part::Record => (vec![("record", "\"submitted\"".into())], vec![]),
    };
    Signs { there, nowhere_else }
}

/// Each answer by its name: whether it was given, and what it says.
type Seen = BTreeMap<&'static str, (bool, String)>;

fn has_role(readers: &Readers, looks: &Looks) -> bool {
    readers.roles.iter().any(|role| looks.here.contains(role)) || readers.whole.iter().any(|role| looks.whole.contains(role))
}

/// What the table says of somebody; nothing else is asked.
fn may(readers: &Readers, looks: &Looks, case: &Case) -> bool {
    let is_sender = looks.person.id.to_string() == case.sender && case.kept != Anonymous;
    let tie = if is_sender { Some(Tie::Sender) } else { looks.tie };
    let is_tied = tie.is_some_and(|tie| readers.ties.contains(&tie));
    (is_tied || has_role(readers, looks)) && (!readers.opened || looks.opened)
}

/// What no part is: a sender reads their own words like those who read all comments, and the list of actions is of one's own
/// work, or of all that is read by one's role.
fn what_is_ones_own(looks: &Looks, case: &Case, seen: &Seen) -> Vec<String> {
    let says = |at: &str, sign: &str| seen[at].0 && seen[at].1.contains(sign);
    let is_sender = looks.person.id.to_string() == case.sender;
    let may_own = case.kept != Anonymous && (is_sender || may(&Part::Comments.readers(case.kept), looks, case));
    let may_list = looks.tie == Some(Tie::Worker) || has_role(&Part::Report.readers(case.kept), looks);
    let found = [("report", case.word("OWN"), may_own), ("actions", case.report.clone(), may_list)];
    let wrong = found.into_iter().filter(|(at, sign, may)| says(at, sign) != *may);
    wrong.map(|(at, sign, may)| format!("{} report: {} finds {sign} in {at}: {}", case.kept, looks.name, !may)).collect()
}

async fn every_part_of_a_report_is_there_for_whom_the_table_says_and_nowhere_else(house: House) {
    let cast = cast(&house).await;
    let mut cases = Vec::new();
    for kept in [Open, Confidential, Anonymous] {
        cases.push(Case::of(&house, &cast, kept).await);
    }
    let mut wrong = Vec::new();
    for case in &cases {
        let mut found = BTreeMap::new();
        for looks in &cast.lookers {
            let mut seen = Seen::new();
            for (at, path) in case.answers() {
                let answer = looks.person.get(&path).await;
                assert!([200, 403, 404].contains(&answer.status), "{}: {at} is {}", looks.name, answer.status);
                seen.insert(at, (answer.status == 200, String::from_utf8_lossy(&answer.bytes).into_owned()));
            }
            wrong.extend(what_is_ones_own(looks, case, &seen));
            for part in Part::ALL {
                let (may, signs) = (may(&part.readers(case.kept), looks, case), signs(*part, case));
                for (at, sign) in &signs.there {
                    let there = seen[at].0 && seen[at].1.contains(sign.as_str());
                    if there != may {
                        wrong.push(format!("{} report: {} finds {part} ({sign}) in {at}: {there}", case.kept, looks.name));
                    }
                    *found.entry(*part).or_insert(false) |= there;
                }
                // The opened identity names the sender to its own readers.
                let others = seen.iter().filter(|(at, _)| !(may || **at == "identity" && *part == Part::Sender));
                for (at, (_, text)) in others {
                    for trace in signs.nowhere_else.iter().filter(|trace| text.contains(trace.as_str())) {
                        wrong.push(format!("{} report: {} finds a trace of {part} ({trace}) in {at}", case.kept, looks.name));
                    }
                }
            }
        }
        for part in Part::ALL {
            let readers = part.readers(case.kept);
            let is_read = !(readers.roles.is_empty() && readers.whole.is_empty() && readers.ties.is_empty());
            assert_eq!(found.get(part) == Some(&true), is_read, "{} report: {part} was looked for in vain", case.kept);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The table as `SECURITY.md` shows it: a row for each part, or for each way to keep a report where that makes a difference.
fn table() -> String {
    let columns = Role::ALL.iter().map(|role| role.word()).chain(Tie::ALL.iter().map(|tie| tie.word()));
    let head: Vec<&str> = ["part", "of reports"].into_iter().chain(columns).collect();
    let mut lines = vec![format!("| {} |", head.join(" | ")), format!("|{}", " --- |".repeat(head.len()))];
    for part in Part::ALL {
        let mut rows: Vec<(Readers, Vec<&str>)> = Vec::new();
        for kept in Confidentiality::ALL {
            let readers = part.readers(*kept);
            match rows.iter_mut().find(|(known, _)| *known == readers) {
                Some((_, of)) => of.push(kept.word()),
                None => rows.push((readers, vec![kept.word()])),
            }
        }
        for (readers, of) in rows {
            let of = if of.len() == Confidentiality::ALL.len() { "all".to_owned() } else { of.join(", ") };
            let cell = |here: bool, whole: bool| match (here, whole, readers.opened) {
                (true, _, false) => "yes",
                (true, _, true) => "opened",
                (false, true, false) => "whole",
                (false, true, true) => "whole, opened",
                (false, false, _) => "",
            };
            let roles = Role::ALL.iter().map(|role| cell(readers.roles.contains(role), readers.whole.contains(role)));
            let ties = Tie::ALL.iter().map(|tie| cell(readers.ties.contains(tie), false));
            let cells: Vec<&str> = roles.chain(ties).collect();
            lines.push(format!("| {} | {of} | {} |", part.word().replace('_', " "), cells.join(" | ")));
        }
    }
    lines.join("\n")
}

#[test]
fn the_page_of_who_reads_what_is_the_table() {
    let table = table();
    assert!(include_str!("../../SECURITY.md").contains(&table), "SECURITY.md must hold this table:\n{table}");
}
