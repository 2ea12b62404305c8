//! What a person who sets up a server is told, and what a wrong setting must never let through.

use std::{fs, path::PathBuf};

use secrecy::ExposeSecret;
use tempfile::{TempDir, tempdir};

use super::{Settings, SettingsError};

const SECRET: &str = "Zx9-unguessed-Zx9";

fn env(pairs: &[(&str, &str)]) -> impl Iterator<Item = (String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<Vec<_>>().into_iter()
}

fn load(pairs: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    Settings::load(None, env(pairs))
}

fn with(pairs: &[(&str, &str)]) -> Settings {
    load(pairs).unwrap()
}

fn file(text: &str) -> (TempDir, PathBuf) {
    let folder = tempdir().unwrap();
    let path = folder.path().join("salama.toml");
    fs::write(&path, text).unwrap();
    (folder, path)
}

/// The settings that the check finds wrong.
fn wrong(pairs: &[(&str, &str)]) -> Vec<String> {
    match with(pairs).check() {
        Ok(()) => vec![],
        Err(SettingsError::Wrong(problems)) => problems.into_iter().map(|problem| problem.setting).collect(),
        Err(other) => panic!("{other}"),
    }
}

#[track_caller]
fn fine(key: &str, values: &[&str]) {
    for value in values {
        assert_eq!(wrong(&[(key, value)]), Vec::<String>::new(), "{value}");
    }
}

#[track_caller]
fn refused(key: &str, values: &[&str]) {
    let setting = key.strip_prefix("SALAMA_").unwrap().to_lowercase();
    for value in values {
        assert_eq!(wrong(&[(key, value)]), [setting.as_str()], "{value}");
    }
}

#[test]
fn the_defaults_are_fine_as_they_are() {
    let settings = with(&[]);
    settings.check().unwrap();
    assert_eq!(settings.public_url(), "http://127.0.0.1:8080");
    assert_eq!(settings.pack(), Some("ma_utility"));
    assert_eq!(settings.mail_domain(), "localhost");
    assert!(settings.smtp_url().is_none() && settings.s3_keys().is_none() && !settings.log_is_json());
}

#[test]
fn every_setting_has_one_comment_above_it() {
    let lines: Vec<&str> = super::layers::DEFAULTS.lines().collect();
    for (n, line) in lines.iter().enumerate().filter(|(_, line)| line.contains(" = ") && !line.starts_with('#')) {
        assert!(lines[n - 1].starts_with("# ") && lines[n - 2].is_empty(), "{line}");
    }
}

#[test]
fn the_environment_wins_over_the_file_and_the_file_over_the_defaults() {
    let (_folder, path) = file("tick_ms = 2000\nmails_at_once = 9\n");
    let settings =
        Settings::load(Some(&path), env(&[("SALAMA_TICK_MS", "3000"), ("PATH", "/bin"), ("SALAMA_MIGRATE", "false")])).unwrap();
    assert_eq!((settings.tick_ms, settings.mails_at_once, settings.database_connections), (3000, 9, 8));
    assert!(!settings.migrate);
}

#[test]
fn a_value_can_stand_in_a_file_of_its_own_but_not_in_two_places() {
    let (_folder, path) = file("sqlite:///srv/salama.db\n");
    let path = path.to_str().unwrap();
    assert_eq!(with(&[("SALAMA_DATABASE_URL_FILE", path)]).database_url.expose_secret(), "sqlite:///srv/salama.db");
    let twice = load(&[("SALAMA_DATABASE_URL_FILE", path), ("SALAMA_DATABASE_URL", "sqlite://x")]).unwrap_err();
    assert!(twice.to_string().contains("database_url is set twice"), "{twice}");
    let missing = load(&[("SALAMA_DATABASE_URL_FILE", "/nowhere/secret")]).unwrap_err();
    assert!(missing.to_string().starts_with("cannot read /nowhere/secret"), "{missing}");
}

#[test]
fn digits_in_a_text_stay_as_they_are_written() {
    let settings = with(&[("SALAMA_S3_ACCESS_KEY_ID", "0012"), ("SALAMA_S3_SECRET_ACCESS_KEY", "1e300")]);
    let (id, secret) = settings.s3_keys().unwrap();
    assert_eq!((id, secret.expose_secret()), ("0012", "1e300"));
}

#[test]
fn all_unknown_keys_are_named_with_the_nearest_that_exists() {
    let (_folder, path) = file("tickms = 1\n[smtp]\nurl = 'x'\n");
    let told = Settings::load(Some(&path), env(&[("SALAMA_DATABSE_URL", SECRET)])).unwrap_err().to_string();
    for expected in [
        "tickms is no setting; write tick_ms",
        "smtp is no setting",
        "SALAMA_DATABSE_URL is no setting; write SALAMA_DATABASE_URL",
    ] {
        assert!(told.contains(expected), "{expected} is missing from: {told}");
    }
    assert!(!told.contains(SECRET));
}

#[test]
fn a_value_of_the_wrong_type_is_named_but_not_shown() {
    let told = load(&[("SALAMA_TICK_MS", SECRET)]).unwrap_err().to_string();
    assert!(told.contains("tick_ms is of the wrong type; write an"), "{told}");
    assert!(!told.contains(SECRET), "{told}");
    let (_folder, path) = file(&format!("smtp_url = ['{SECRET}']\n"));
    let told = Settings::load(Some(&path), env(&[])).unwrap_err().to_string();
    assert!(told.contains("smtp_url is of the wrong type") && !told.contains(SECRET), "{told}");
}

#[test]
fn a_broken_file_is_named_with_its_line_but_not_quoted() {
    let (_folder, path) = file(&format!("tick_ms = 2\nsmtp_url = \"smtp://u:{SECRET}@h\nlog = 'info'\n"));
    let told = format!("{:?}", Settings::load(Some(&path), env(&[])).unwrap_err());
    assert!(told.contains("line: 2") && !told.contains(SECRET), "{told}");
}

#[test]
fn no_secret_shows_when_settings_or_their_problems_are_printed() {
    let settings = with(&[
        ("SALAMA_DATABASE_URL", &format!("mysql://u:{SECRET}@h/d")),
        ("SALAMA_SMTP_URL", &format!("http://u:{SECRET}@h")),
        ("SALAMA_S3_ACCESS_KEY_ID", SECRET),
        ("SALAMA_PHOTOS_URL", "ftp://x"),
    ]);
    assert!(!format!("{settings:?}").contains(SECRET));
    let error = settings.check().unwrap_err();
    assert!(!format!("{error} {error:?}").contains(SECRET), "{error}");
}

#[test]
fn every_problem_is_told_at_once_with_what_to_write() {
    let told = with(&[
        ("SALAMA_LISTEN", "everywhere"),
        ("SALAMA_PUBLIC_URL", "http://salama.example"),
        ("SALAMA_DATABASE_URL", "nonsense"),
        ("SALAMA_TICK_MS", "0"),
        ("SALAMA_LOG_FORMAT", "xml"),
    ]);
    let told = told.check().unwrap_err().to_string();
    for expected in [
        "listen is no address",
        "public_url is not https",
        "database_url is no URL",
        "write a number from 10 to 60000",
        "write text or json",
    ] {
        assert!(told.contains(expected), "{expected} is missing from: {told}");
    }
}

#[test]
fn the_public_url_is_https_or_this_machine_and_nothing_but_scheme_host_and_path() {
    const KEY: &str = "SALAMA_PUBLIC_URL";
    fine(
        KEY,
        &[
            "https://salama.company.ma",
            "https://company.ma/salama/",
            "http://localhost:8080",
            "http://127.0.0.1",
            "http://[::1]:1/",
        ],
    );
    refused(
        KEY,
        &["http://salama.company.ma", "http://127.0.0.1.company.ma", "ftp://localhost", "salama.company.ma", "https://"],
    );
    refused(KEY, &["https://company.ma/?a", "https://company.ma/#a", "https://me@company.ma"]);
    assert_eq!(with(&[(KEY, "https://company.ma/salama//")]).public_url(), "https://company.ma/salama");
    assert_eq!(wrong(&[("SALAMA_LISTEN", "0.0.0.0:8080")]), ["public_url"], "open to others, and nobody knows where");
    assert_eq!(wrong(&[("SALAMA_LISTEN", "localhost")]), ["listen"]);
}

#[test]
fn the_database_is_sqlite_or_postgres_with_a_password_nobody_guesses_across_the_network() {
    const KEY: &str = "SALAMA_DATABASE_URL";
    fine(KEY, &["sqlite:///srv/salama.db", "sqlite::memory:", "postgres:///salama", "postgres://salama@db.company.ma/salama"]);
    fine(
        KEY,
        &["postgresql://u:u@localhost/d", "postgres://u:u@%2Fvar%2Frun/d", "postgres:///d?user=u&password=u&host=/var/run"],
    );
    fine(KEY, &["postgres://u:tr0ub%40dor3@db.company.ma/d", "postgres://u:e+g=t&8x@db.company.ma/d"]);
    refused(KEY, &["sqlite://", "mysql://h/d", "salama.db", ""]);
    refused(KEY, &["postgres://u:changeme2026@db/d", "postgres://u:short@db/d", "postgres://salama-db:salama-db@db/d"]);
    refused(
        KEY,
        &[
            "postgres://u@db/d?password=password1",
            "postgres://u:u@localhost/d?host=db",
            "postgres://u:%70assword@db/d",
            "postgres://sa+lama:sa%2Blama@db/d",
        ],
    );
}

#[test]
fn photos_are_in_a_folder_or_in_a_bucket_whose_key_is_whole_and_no_example() {
    const KEY: &str = "SALAMA_PHOTOS_URL";
    fine(
        KEY,
        &["file:///srv/photos", "file://photos", "s3://bucket", "s3://bucket/a?region=eu-west-3&endpoint=https://s3.company.ma"],
    );
    fine(KEY, &["s3://bucket?endpoint=http://127.0.0.1:9000"]);
    refused(
        KEY,
        &["file://", "photos", "http://bucket", "s3://", "s3://bucket?reigon=x", "s3://bucket?endpoint=http://s3.company.ma"],
    );
    refused(KEY, &["s3://id:key@bucket", "s3://bucket?endpoint=nonsense"]);
    let keys =
        |secret| wrong(&[(KEY, "s3://bucket"), ("SALAMA_S3_ACCESS_KEY_ID", "id"), ("SALAMA_S3_SECRET_ACCESS_KEY", secret)]);
    assert_eq!(keys(SECRET), Vec::<String>::new());
    let tried = [("SALAMA_S3_ACCESS_KEY_ID", "minioadmin"), ("SALAMA_S3_SECRET_ACCESS_KEY", "minioadmin")];
    let beside = [(KEY, "s3://bucket?endpoint=http://localhost:9000"), tried[0], tried[1]];
    assert_eq!(wrong(&beside), Vec::<String>::new(), "this machine alone");
    for weak in ["", "minioadmin", "changeme", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"] {
        assert_eq!(keys(weak), ["s3_secret_access_key"], "{weak}");
    }
}

#[test]
fn a_folder_of_photos_is_handed_on_as_a_whole_path() {
    assert_eq!(with(&[("SALAMA_PHOTOS_URL", "file:///srv/photos")]).photos_url(), "file:///srv/photos");
    assert_eq!(with(&[("SALAMA_PHOTOS_URL", "s3://bucket/a")]).photos_url(), "s3://bucket/a");
    let whole = with(&[]).photos_url();
    assert!(whole.starts_with("file:///") && whole.ends_with("/salama-data/photos"), "{whole}");
}

#[test]
fn a_relay_wants_both_user_and_password_and_none_that_is_guessed_across_the_network() {
    const KEY: &str = "SALAMA_SMTP_URL";
    let from = |url: &str| wrong(&[(KEY, url), ("SALAMA_MAIL_FROM", "Salama <salama@company.ma>")]);
    for url in
        ["smtp://relay.company.ma", "smtps://u:tr0ub%26dor3@relay.company.ma:465", "smtp://u:u@localhost:1025", "smtp://[::1]"]
    {
        assert_eq!(from(url), Vec::<String>::new(), "{url}");
    }
    for url in
        ["http://relay", "relay.company.ma", "smtp://", "smtp://u@relay", "smtp://u:password@relay", "smtps://u:seven77@relay"]
    {
        assert_eq!(from(url), ["smtp_url"], "{url}");
    }
    assert_eq!(wrong(&[("SALAMA_MAIL_DIR", "")]), ["mail_dir"]);
}

#[test]
fn the_sender_has_a_domain_that_mail_can_come_from() {
    const KEY: &str = "SALAMA_MAIL_FROM";
    fine(KEY, &["salama@localhost", "Salama <salama@example.org>"]);
    refused(KEY, &["Salama", "", "salama@", "سلامة@company.ma"]);
    let relayed = |from| wrong(&[(KEY, from), ("SALAMA_SMTP_URL", "smtp://relay.company.ma")]);
    for nobody in ["salama@localhost", "a@mail.example.org", "a@x.invalid", "a@company"] {
        assert_eq!(relayed(nobody), ["mail_from"], "{nobody}");
    }
    assert_eq!(relayed("Salama <salama@myexample.org>"), Vec::<String>::new());
    assert_eq!(with(&[(KEY, "Salama <salama@Company.MA>")]).mail_domain(), "company.ma");
}

#[test]
fn numbers_keep_within_their_bounds_and_words_within_their_lists() {
    for (key, least, most) in [
        ("SALAMA_DATABASE_CONNECTIONS", "1", "200"),
        ("SALAMA_PHOTO_MAX_BYTES", "1048576", "268435456"),
        ("SALAMA_BODY_MAX_BYTES", "16384", "16777216"),
        ("SALAMA_RENDITIONS_AT_ONCE", "1", "16"),
        ("SALAMA_MAILS_AT_ONCE", "1", "64"),
        ("SALAMA_MAIL_TIMEOUT_SECS", "10", "3600"),
        ("SALAMA_TICK_MS", "10", "60000"),
    ] {
        fine(key, &[least, most]);
        let (below, above) = (least.parse::<u64>().unwrap() - 1, most.parse::<u64>().unwrap() + 1);
        refused(key, &[&below.to_string(), &above.to_string()]);
    }
    fine("SALAMA_LOG", &["debug", "info,salama::operations=debug"]);
    refused("SALAMA_LOG", &["info,salama=loud"]);
    refused("SALAMA_LOG_FORMAT", &["", "JSON"]);
    refused("SALAMA_KEYS_DIR", &[""]);
    assert!(with(&[("SALAMA_LOG_FORMAT", "json")]).log_is_json());
}

#[test]
fn the_versions_of_the_app_are_versions_and_the_recommended_one_is_taken() {
    fine("SALAMA_APP_MINIMUM", &["", "2.4.1", "2.4.1+300"]);
    refused("SALAMA_APP_MINIMUM", &["2", "2.4", "v2.4.1", "2.4.1.0"]);
    refused("SALAMA_APP_RECOMMENDED", &["newest"]);
    let both = |recommended| wrong(&[("SALAMA_APP_MINIMUM", "2.4.1"), ("SALAMA_APP_RECOMMENDED", recommended)]);
    assert_eq!((both("2.4.1"), both("2.4.0")), (vec![], vec!["app_recommended".to_owned()]));
}

#[test]
fn the_heartbeat_goes_to_a_url_or_a_file_and_the_folder_of_bounces_may_be_none() {
    const KEY: &str = "SALAMA_HEARTBEAT";
    fine(KEY, &["", "https://watch.company.ma/ping/salama", "http://127.0.0.1:9000", "file:///run/salama/alive"]);
    refused(KEY, &["watch.company.ma", "file://alive", "ftp://h/x", "http://", "mailto:a@b.c"]);
    refused("SALAMA_MAILS_PER_MINUTE", &["0", "60001"]);
    assert_eq!((with(&[]).heartbeat(), with(&[]).bounces_dir()), (None, None));
}
