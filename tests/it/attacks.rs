//! What nobody means well with: requests that are read in two ways, JSON that no app writes, ids that are none, searches that
//! are code. `SECURITY.md` names the stories of all cases, here and elsewhere.

use std::{
    collections::BTreeSet,
    path::Path,
    time::{Duration, Instant},
};

use salama::{domain::audience::Role, http, http::Figures};
use sea_orm::ConnectionTrait as _;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use crate::{
    main_road::crew,
    support::{
        house::House,
        logs,
        person::{Person, hazard},
        stories,
    },
};

stories!(
    row_36_two_officers_at_once_are_one_after_the_other,
    row_38_a_search_is_words_and_never_code,
    row_39_nobody_sorts_by_a_name_from_outside,
    row_44_one_request_or_none,
    row_46_a_name_that_stands_twice_is_refused,
    row_47_a_method_that_is_not_there_is_405,
    row_49_json_that_no_app_writes_is_refused_at_once,
    row_50_words_are_kept_to_the_letter_or_refused,
    row_51_an_instant_is_one_or_is_named,
    row_52_a_packed_body_is_not_unpacked,
    row_53_an_id_is_one_of_ours_or_is_refused,
    row_84_a_log_line_is_one_line_and_holds_no_token,
    row_85_a_failure_tells_nothing_of_the_inside_and_the_house_stands,
);

/// Every file of Rust below a folder, as one text.
fn rust_below(folder: &Path, text: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_below(&path, text);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            *text += &std::fs::read_to_string(path).unwrap();
        }
    }
}

#[test]
fn what_the_page_of_security_names_is_there_and_no_case_is_left_out() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("SECURITY.md")).unwrap();
    let (_, tables) = page.split_once("## OWASP ASVS 5.0").unwrap();
    let mut code = String::new();
    rust_below(&root.join("src"), &mut code);
    rust_below(&root.join("tests/it"), &mut code);
    let mut cases = BTreeSet::new();
    for line in tables.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| ---")) {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        for story in cells.last().unwrap().split('`').skip(1).step_by(2) {
            assert!(code.contains(&format!("fn {story}(")), "{story} is named in {:?} and is nowhere", cells[0]);
        }
        for part in cells[0].split(", ") {
            let (first, last) = part.split_once(" to ").unwrap_or((part, part));
            cases.extend(first.parse::<u8>().ok().zip(last.parse().ok()).map(|(first, last)| first..=last).into_iter().flatten());
        }
    }
    assert_eq!(cases, (1..=88).collect(), "every case has its line");
}

/// Words over a socket to the door as it is in service, and whatever comes back.
async fn says(house: &House, words: &[u8]) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let router = http::router(house.app.clone(), Figures::begin());
    let manners = http::Manners { head: Duration::from_millis(500), ..http::Manners::default() };
    tokio::spawn(http::serve(listener, router, manners, stop.clone()));
    let mut stream = TcpStream::connect(address).await.unwrap();
    let _ = stream.write_all(words).await;
    let mut heard = Vec::new();
    let _ = timeout(Duration::from_secs(20), stream.read_to_end(&mut heard)).await.expect("it is hung up on");
    stop.cancel();
    String::from_utf8_lossy(&heard).into_owned()
}

fn raw(person: &Person, method: &str, path: &str) -> reqwest::RequestBuilder {
    person.web.request(method.parse().unwrap(), format!("{}{path}", person.url))
}

async fn sends_json(person: &Person, body: impl Into<reqwest::Body>) -> u16 {
    let request = raw(person, "PUT", &format!("/v1/reports/{}", person.new_id())).header("content-type", "application/json");
    person.send(request.body(body)).await.status
}

async fn row_36_two_officers_at_once_are_one_after_the_other(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let second = house.joins("Nadia", Role::Officer, "AGA").await;
    for _ in 0..10 {
        let report = technician.reports(&hazard(&house.site("AGA").await)).await;
        let version = officer.report(&report).await["version"].to_string();
        let acts = |person: Person, command: &'static str| {
            let request = raw(&person, "POST", &format!("/v1/reports/{report}/{command}"));
            let request = request.header("if-match", format!("\"{version}\"")).json(&json!({}));
            async move { person.send(request).await.status }
        };
        let (one, other) = tokio::join!(acts(officer.clone(), "acknowledge"), acts(second.clone(), "contain"));
        let mut both = [one, other];
        both.sort_unstable();
        assert_eq!(both[0], 200, "{both:?}");
        assert!([409, 412].contains(&both[1]), "{both:?}");
    }
}

async fn row_38_a_search_is_words_and_never_code(house: House) {
    let (technician, officer, _) = crew(&house).await;
    technician.reports(&hazard(&house.site("AGA").await)).await;
    let all = officer.get("/v1/reports").await.expect(200)["items"].as_array().unwrap().len();
    for wild in ["%' OR 1=1--", "zz' OR 'a'='a", "zz%", "z_z", "zz\\", "zz\"; DROP TABLE reports; --", &"zz*".repeat(2000)] {
        for field in ["q", "category"] {
            let query: String = url::form_urlencoded::Serializer::new(String::new()).append_pair(field, wild).finish();
            let begun = Instant::now();
            let found = officer.get(&format!("/v1/reports?{query}")).await.expect(200);
            assert_eq!(found["items"].as_array().unwrap().len(), 0, "{field}={wild}");
            assert!(begun.elapsed() < Duration::from_secs(2), "{field}={wild}");
        }
    }
    assert_eq!(officer.get("/v1/reports").await.expect(200)["items"].as_array().unwrap().len(), all);
    officer.get("/v1/reports?q=a%00b").await.refused(422, "invalid");
    officer.get("/v1/reports?severity=6").await.refused(422, "invalid");
}

async fn row_39_nobody_sorts_by_a_name_from_outside(house: House) {
    let (_, officer, _) = crew(&house).await;
    for name in ["sort", "order_by", "order", "filter", "select", "fields", "narrative"] {
        officer.get(&format!("/v1/reports?{name}=narrative")).await.refused(422, "invalid");
    }
}

async fn row_44_one_request_or_none(house: House) {
    let body = "0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: smuggled\r\n\r\n";
    let head = "POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
    let length = body.len();
    let ambiguous = [
        format!("{head}Content-Length: {length}\r\nTransfer-Encoding: chunked\r\n\r\n{body}"),
        format!("{head}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n{body}"),
        format!("{head}Transfer-Encoding: xchunked\r\n\r\n{body}"),
        format!("{head}Transfer-Encoding: chunked, identity\r\n\r\n{body}"),
        format!("{head}Transfer-Encoding : chunked\r\n\r\n{body}"),
        format!("{head}Content-Length: 4\r\nContent-Length: {length}\r\n\r\n{body}"),
        format!("{head}Content-Length: 4, {length}\r\n\r\n{body}"),
        format!("{head}Content-Length: +4\r\n\r\n{body}"),
        format!("{head}X-Folded: a\r\n b\r\nContent-Length: 4\r\n\r\n{body}"),
        format!("{head}X: a\rTransfer-Encoding: chunked\r\n\r\n{body}"),
        format!("{head}Transfer-Encoding: chunked\r\n\r\n4\r\n{{}}  \r\n-1\r\n\r\n"),
        format!("{head}Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n{body}"),
    ];
    for words in ambiguous {
        let answers = says(&house, words.as_bytes()).await;
        assert!(!answers.contains("\r\n\r\nok\n"), "what was hidden in a body was answered:\n{words}\n→\n{answers}");
        assert!(answers.is_empty() || answers.starts_with("HTTP/1.1 4"), "{words}\n→\n{answers}");
    }
    let plain = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let answers = says(&house, plain.as_bytes()).await;
    assert_eq!(answers.matches("HTTP/1.1 200").count(), 2, "two that are two are two: {answers}");
}

async fn row_46_a_name_that_stands_twice_is_refused(house: House) {
    let (_, officer, _) = crew(&house).await;
    officer.get("/v1/reports?limit=1&limit=2").await.refused(422, "invalid");
    let many = (0..2_000).map(|n| n.to_string()).collect::<Vec<_>>().join("=1&");
    officer.get(&format!("/v1/reports?{many}")).await.refused(422, "invalid");
}

async fn row_47_a_method_that_is_not_there_is_405(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let report = technician.reports(&hazard(&house.site("AGA").await)).await;
    for method in ["TRACE", "PROPFIND", "BREW", "PATCH", "DELETE"] {
        let answer = officer.send(raw(&officer, method, &format!("/v1/reports/{report}"))).await;
        let allow = answer.header("allow");
        assert!(allow.contains("GET") && allow.contains("PUT"), "{method}: {allow}");
        answer.refused(405, "method_not_allowed");
    }
    let overridden = raw(&officer, "GET", &format!("/v1/reports/{report}")).header("x-http-method-override", "DELETE");
    assert_eq!(officer.send(overridden).await.status, 200, "only uploads name a method in a header");
    let heard = says(&house, b"CONNECT example.org:25 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
    assert!(heard.starts_with("HTTP/1.1 4"), "{heard}");
}

async fn row_49_json_that_no_app_writes_is_refused_at_once(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let good = hazard(&house.site("AGA").await).to_string();
    let with = |field: &str| format!("{},{field}}}", good.trim_end_matches('}'));
    // What is no JSON is 400; what is, and says nothing we know, is 422.
    let refused = [
        "[".repeat(10_000),
        format!("{}{}", "{\"a\":".repeat(10_000), "}".repeat(10_000)),
        with("\"captured_at\": 1e400"),
        with("\"location\": {\"lat\": 1e400, \"lon\": 0}"),
        with("\"claim\": \"\\ud800\""),
        with("\"kind\": \"hazard\""),
        format!("{good}{good}"),
        format!("\u{feff}{good}"),
        format!("{good}\0"),
        String::new(),
        "null".to_owned(),
        with("\"danger_now\": NaN"),
    ];
    for body in refused {
        let begun = Instant::now();
        let status = sends_json(&technician, body.clone()).await;
        let end: String = body.chars().rev().take(60).collect::<Vec<_>>().into_iter().rev().collect();
        assert!([400, 422].contains(&status), "{status}: …{end}");
        assert!(begun.elapsed() < Duration::from_millis(500), "…{end} took {:?}", begun.elapsed());
    }
    assert_eq!(sends_json(&technician, b"{\"kind\": \"\xff\xfe\"}".to_vec()).await, 400, "no UTF-8");
    // As much as is read in vain before an answer; whoever sends more may find a broken line instead.
    assert_eq!(sends_json(&technician, "a".repeat(39 << 20)).await, 413);
    assert!(officer.get("/v1/reports").await.expect(200)["items"].as_array().unwrap().is_empty(), "nothing is left of them");
}

async fn row_50_words_are_kept_to_the_letter_or_refused(house: House) {
    let (technician, ..) = crew(&house).await;
    let site = house.site("AGA").await;
    let zalgo = "e\u{301}\u{300}\u{302}".repeat(2_500);
    for kept in [
        "\u{202e}gpj.exe \u{2066}x\u{2069}",
        "👷🏽‍♀️ ⚡",
        &"👷".repeat(10_000),
        &zalgo,
        "<script>alert(1)</script>",
        "a\u{7f}\u{1b}[31m",
    ] {
        let mut draft = hazard(&site);
        draft["narrative"] = kept.into();
        let report = technician.reports(&draft).await;
        assert_eq!(technician.report(&report).await["narrative"], *kept);
    }
    for refused in [&"👷".repeat(10_001) as &str, "a\0b", " \n\t "] {
        let mut draft = hazard(&site);
        draft["narrative"] = refused.into();
        let problem = technician.put(&format!("/v1/reports/{}", technician.new_id()), &draft).await.refused(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], "/narrative");
    }
    let mut draft = hazard(&site);
    draft["category"] = "\0".into();
    let problem = technician.put(&format!("/v1/reports/{}", technician.new_id()), &draft).await.refused(422, "invalid");
    assert_eq!(problem["errors"][0]["code"], "has_nul");
}

async fn row_51_an_instant_is_one_or_is_named(house: House) {
    let (technician, ..) = crew(&house).await;
    let site = house.site("AGA").await;
    let wrong = [
        "9999-12-31T23:59:59Z",
        "-0001-01-01T00:00:00Z",
        "2026-11-20T24:00:01Z",
        "2026-11-20T09:12:00",
        "2026-11-20",
        "1e9",
        "",
        "2026-02-30T00:00:00Z",
        "2026-11-20T09:12:00[Mars/Base]",
        "2026-11-20T09:12:00Z; DROP TABLE reports",
        "now",
    ];
    for text in wrong {
        let mut draft = hazard(&site);
        draft["occurred_at"] = text.into();
        let problem = technician.put(&format!("/v1/reports/{}", technician.new_id()), &draft).await.refused(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], "/occurred_at", "{text}");
    }
    let said = raw(&technician, "PUT", &format!("/v1/reports/{}", technician.new_id())).header("said-at", "yesterday");
    technician.send(said.json(&hazard(&site))).await.refused(400, "bad_header");
}

async fn row_52_a_packed_body_is_not_unpacked(house: House) {
    let (technician, ..) = crew(&house).await;
    for packing in ["gzip", "br", "deflate", "gzip, gzip"] {
        let request = raw(&technician, "PUT", &format!("/v1/reports/{}", technician.new_id()));
        let request = request.header("content-type", "application/json").header("content-encoding", packing);
        let status = technician.send(request.body(vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0])).await.status;
        assert!([400, 415].contains(&status), "{packing}: {status}");
    }
}

async fn row_53_an_id_is_one_of_ours_or_is_refused(house: House) {
    let (technician, ..) = crew(&house).await;
    let draft = hazard(&house.site("AGA").await);
    let far = uuid::Uuid::from_u128(0xffff_ffff_ffff_7fff_8fff_ffff_ffff_ffff);
    let refused = [
        ("00000000-0000-0000-0000-000000000000", 422),
        ("ffffffff-ffff-ffff-ffff-ffffffffffff", 422),
        ("c232ab00-9414-11ec-b3c8-9f68deced846", 422),
        ("..%2f..%2fetc%2fpasswd", 404),
        ("1", 404),
        ("%00", 404),
        ("01890a5d-ac96-774b-bcce-b302099a8057x", 404),
    ];
    for (id, status) in refused {
        assert_eq!(technician.put(&format!("/v1/reports/{id}"), &draft).await.status, status, "{id}");
    }
    let upper = technician.new_id().to_uppercase();
    let sent = technician.put(&format!("/v1/reports/{upper}"), &draft).await.expect(201);
    assert_eq!(sent["id"], upper.to_lowercase(), "an id is one, however it is written");
    technician.put(&format!("/v1/reports/{far}"), &draft).await.expect(201);
    house.clock.advance(1_000).unwrap();
    let last = technician.reports(&draft).await;
    let listed = technician.get("/v1/reports?limit=1").await.expect(200);
    assert_eq!(listed["items"][0]["id"], last, "what came last comes first, whatever an id says of its time");
}

async fn row_84_a_log_line_is_one_line_and_holds_no_token(house: House) {
    logs::keep();
    let (technician, ..) = crew(&house).await;
    let mark = technician.new_id();
    let agent = format!("{mark} {{\"level\":\"admin\"}} \u{1b}[31m {}", "a".repeat(8_000));
    let path = format!("/v1/reports?q={mark}%0a%7b%22level%22%3a%22admin%22%7d");
    let request = raw(&technician, "GET", &path)
        .header("user-agent", reqwest::header::HeaderValue::from_str(&agent.replace('\u{1b}', "")).unwrap());
    technician.send(request).await.expect(200);
    let wrong = json!({ "login": mark, "password": mark, "device": { "id": mark, "name": format!("{mark}\n{{}}") } });
    technician.post("/v1/sessions", &wrong).await.expect(401);
    let kept = logs::kept();
    assert!(!kept.contains(&mark), "what was asked stands in the log");
    assert!(!kept.contains(&technician.token), "a token stands in the log");
}

async fn row_85_a_failure_tells_nothing_of_the_inside_and_the_house_stands(house: House) {
    let (technician, officer, _) = crew(&house).await;
    let report = technician.reports(&hazard(&house.site("AGA").await)).await;
    let database = house.behind_its_back().await;
    database.execute_unprepared("ALTER TABLE comments RENAME TO comments_gone").await.unwrap();
    let answer = officer.get(&format!("/v1/reports/{report}")).await;
    let (id, text) = (answer.header("x-request-id"), String::from_utf8_lossy(&answer.bytes).into_owned());
    let problem = answer.refused(500, "fault");
    assert_eq!(problem["request_id"], id);
    for inside in ["comments", "sql", "SQL", "table", "relation", "sea_orm", "src/"] {
        assert!(!text.contains(inside), "{inside} is told: {text}");
    }
    database.execute_unprepared("ALTER TABLE comments_gone RENAME TO comments").await.unwrap();
    officer.report(&report).await;
}
