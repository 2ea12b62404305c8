//! The rules of the house that no compiler holds: which room may use which, who keeps a library to itself, who opens a
//! transaction, who asks what time it is, where failures get their status, and how long a file may be.

use std::{collections::BTreeSet, fs, path::Path};

use crate::support::source::Source;

/// What `app` may use, and with it everything that stands on `app`.
const BELOW_APP: &[&str] =
    &["backroom", "clock", "config", "credentials", "domain", "mail", "pack", "photos", "provider", "pulse", "store", "texts"];

/// Each room, and the rooms it may use besides itself. A room that is not here may not be.
const ARROWS: &[(&str, &[&[&str]])] = &[
    ("domain", &[]),
    ("texts", &[&["domain"]]),
    ("backroom", &[]),
    ("clock", &[&["domain"]]),
    ("config", &[&["domain"]]),
    ("pack", &[&["domain"]]),
    ("credentials", &[&["backroom", "clock", "domain"]]),
    ("photos", &[&["backroom", "config", "domain"]]),
    ("provider", &[&["domain"]]),
    ("pulse", &[&["domain"]]),
    ("mail", &[&["config", "domain", "texts"]]),
    ("store", &[&["domain"]]),
    ("app", &[BELOW_APP]),
    ("operations", &[&["app"], BELOW_APP]),
    ("worker", &[&["app", "operations"]]),
    ("http", &[&["app", "config", "domain", "mail", "operations", "photos", "store", "texts"]]),
    ("cli", &[EVERY]),
    ("demo", &[EVERY]),
    ("lib", &[EVERY]),
    ("main", &[EVERY]),
];
const EVERY: &[&str] = &["*"];

/// What the rules may use that is neither ours nor `std`.
const CRATES_OF_DOMAIN: &[&str] = &["hex", "jiff", "serde", "serde_json", "sha2", "thiserror", "unicode_normalization", "uuid"];

/// Libraries that few rooms keep to themselves.
const KEPT: &[(&[&str], &[&str])] = &[
    (&["store"], &["salama_migrations", "sea_orm", "sea_orm_migration", "sea_query_sqlx", "sqlx"]),
    (&["http"], &["axum", "tower", "tower_http", "utoipa", "utoipa_axum", "utoipa_swagger_ui"]),
    (&["mail", "config"], &["lettre"]),
    (&["mail"], &["mail_parser", "minijinja"]),
    (&["texts"], &["fluent_bundle", "intl_memoizer", "unic_langid"]),
    (&["photos"], PIXELS),
    (&["credentials"], &["argon2"]),
    (&["credentials", "provider"], &["jsonwebtoken"]),
];

/// What knows of pixels, EXIF and where objects lie.
const PIXELS: &[&str] =
    &["exif", "fast_image_resize", "heifer", "image", "jpeg_encoder", "miniz_oxide", "object_store", "rusty_jpeg", "turbojpeg"];

/// The rooms that put everything together, and may name any library.
const COMPOSERS: &[&str] = &["cli", "demo", "lib", "main"];

/// The answers that are not failures.
const GOOD_NEWS: &[&str] = &["OK", "CREATED", "ACCEPTED", "NO_CONTENT", "PARTIAL_CONTENT", "SEE_OTHER", "FOUND", "NOT_MODIFIED"];

const LONGEST_FILE: usize = 400;

#[test]
fn no_room_uses_more_than_its_arrows_allow() {
    assert_kept(arrows);
}

#[test]
fn a_library_is_named_only_where_it_is_kept() {
    assert_kept(libraries);
}

#[test]
fn only_operations_open_a_transaction() {
    assert_kept(transactions);
}

#[test]
fn only_the_clock_asks_what_time_it_is_and_makes_ids() {
    assert_kept(time_and_ids);
}

#[test]
fn failures_get_their_status_in_one_place() {
    assert_kept(statuses);
}

#[test]
fn files_are_short_begin_with_what_they_are_for_and_are_named_mod_in_a_folder() {
    assert_kept(shape);
}

#[test]
fn planted_faults_are_named() {
    let planted = [
        ("src/domain/report/mod.rs", "use crate::{clock, domain::{ids, self}};", "uses clock"),
        ("src/domain/time.rs", "fn now() -> i64 { super::super::store::now() }", "uses store"),
        ("src/domain/time.rs", "mod tests { use super::super::super::http; }", "uses http"),
        (
            "src/store/reports.rs",
            "use crate::{\n    domain::x,\n    texts::{a as b, c},\n};",
            "store/reports.rs:3: store uses texts",
        ),
        ("src/worker.rs", "pub(crate) use super::domain::time;", "uses domain"),
        ("src/app.rs", "use crate::*;", "uses *"),
        ("src/helpers.rs", "", "no room of ours"),
        ("src/domain/time.rs", "use std::fmt; use tokio::time;", "names tokio"),
        ("src/domain/ids.rs", "#[derive(sqlx::Type)] struct A;", "names sqlx"),
        ("src/http/reports.rs", "use sea_orm::Select;", "names sea_orm"),
        ("src/http/reports.rs", "let tx = app.store\n.begin().await?;", "http/reports.rs:2: begins a transaction"),
        ("src/http/reports.rs", "use crate::store::{Page, Tx};", "is for reading"),
        ("src/mail/letter.rs", "let id = uuid::Uuid::now_v7();", "asks Uuid::now_v7"),
        ("src/http/photos.rs", "StatusCode::CONFLICT.into_response()", "answers CONFLICT"),
        ("src/store/mod.rs", "//! Header.\nuse a;", ""),
        (
            "src/operations/a.rs",
            "//! `crate::http` is \"nobody's\".\nlet a = ('\"', '{', r#\"crate::http\"#, \"\\\"crate::http\");",
            "",
        ),
        ("src/http/error.rs", "//! Table.\nlet a = StatusCode::CONFLICT;", ""),
    ];
    for (file, text, complaint) in planted {
        let source = Source::read(file, text);
        let mut found: Vec<String> =
            [arrows, libraries, transactions, time_and_ids, statuses].iter().flat_map(|rule| rule(&source)).collect();
        if complaint.is_empty() {
            found.extend(shape(&source));
            assert!(found.is_empty(), "{file}: {text}: {found:?}");
        } else {
            assert!(found.iter().any(|found| found.contains(complaint)), "{file}: {text}: {found:?}");
        }
    }
}

fn arrows(source: &Source) -> Vec<String> {
    let Some((_, allowed)) = ARROWS.iter().find(|(room, _)| *room == source.room) else {
        return vec![format!("{}: {} is no room of ours; give it its arrows in the design first", source.file, source.room)];
    };
    let may = |room: &str| room == source.room || allowed.iter().any(|rooms| rooms.contains(&room) || **rooms == *EVERY);
    let ours = source.paths.iter().filter_map(|path| Some((path.line, path.in_our_crate()?)));
    ours.filter_map(|(line, path)| {
        let room = path.first().map_or("*", String::as_str);
        if !may(room) {
            return Some(format!("{}:{line}: {} uses {room}", source.file, source.room));
        }
        let writes = source.room == "http" && room == "store" && path.iter().any(|name| name == "Tx");
        writes.then(|| format!("{}:{line}: to http the store is for reading", source.file))
    })
    .collect()
}

fn libraries(source: &Source) -> Vec<String> {
    let ours: toml::Table = toml::from_str(include_str!("../../Cargo.toml")).unwrap();
    let listed: BTreeSet<String> = ours["dependencies"].as_table().unwrap().keys().map(|name| name.replace('-', "_")).collect();
    let may = |library: &str| {
        let domain = source.room != "domain" || !listed.contains(library) || CRATES_OF_DOMAIN.contains(&library);
        let kept = KEPT.iter().all(|(rooms, libraries)| rooms.contains(&&*source.room) || !libraries.contains(&library));
        domain && (kept || COMPOSERS.contains(&&*source.room))
    };
    let heads = source.paths.iter().map(|path| (path.line, path.names[0].as_str()));
    heads
        .filter(|(_, library)| !may(library))
        .map(|(line, library)| format!("{}:{line}: {} names {library}", source.file, source.room))
        .collect()
}

fn transactions(source: &Source) -> Vec<String> {
    if ["operations", "store"].contains(&&*source.room) {
        return vec![];
    }
    let called = source.tokens.windows(3).filter(|called| [".", "::"].contains(&&*called[1].text));
    called
        // Counting begins as well.
        .filter(|called| called[2].text.starts_with("begin") && called[0].text != "Figures")
        .map(|called| format!("{}:{}: begins a transaction", source.file, called[2].line))
        .collect()
}

fn time_and_ids(source: &Source) -> Vec<String> {
    let asked = source.calls(&["SystemTime", "Timestamp", "Zoned", "Uuid"], |name| ["now", "now_v7", "new_v4"].contains(&name));
    let asked = asked.filter(|_| source.room != "clock");
    asked.map(|(line, whom, what)| format!("{}:{line}: asks {whom}::{what}", source.file)).collect()
}

fn statuses(source: &Source) -> Vec<String> {
    if source.file == "src/http/error.rs" || COMPOSERS.contains(&&*source.room) {
        return vec![];
    }
    let is_failure = |name: &str| name == "from_u16" || name == name.to_uppercase() && !GOOD_NEWS.contains(&name);
    let answers = source.calls(&["StatusCode"], is_failure);
    answers.map(|(line, _, name)| format!("{}:{line}: answers {name}; that is for http/error.rs", source.file)).collect()
}

fn shape(source: &Source) -> Vec<String> {
    let lines = source.text.lines().count();
    let mut complaints = vec![];
    if lines > LONGEST_FILE {
        complaints.push(format!("{}: {lines} lines, {LONGEST_FILE} at most", source.file));
    }
    if !source.text.starts_with("//!") {
        complaints.push(format!("{}: does not begin with what it is for (`//!`)", source.file));
    }
    if Path::new(env!("CARGO_MANIFEST_DIR")).join(source.file.trim_end_matches(".rs")).is_dir() {
        complaints.push(format!("{}: belongs into the folder of its name, as mod.rs", source.file));
    }
    complaints
}

fn assert_kept(rule: fn(&Source) -> Vec<String>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("src")];
    let mut complaints = vec![];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files += 1;
                let file = path.strip_prefix(root).unwrap().to_str().unwrap();
                complaints.extend(rule(&Source::read(file, &fs::read_to_string(&path).unwrap())));
            }
        }
    }
    assert!(files > 20, "only {files} files were found");
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}
