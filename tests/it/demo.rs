//! The demo as a stranger runs it: the built program, its own server, its own clients, and mails as files.

use std::{collections::BTreeSet, process::Command};

use serde_json::Value;

#[test]
fn the_demo_plays_the_main_job_and_sees_every_step() {
    let folder = tempfile::tempdir().unwrap();
    let played = Command::new(env!("CARGO_BIN_EXE_salama"))
        .env_clear()
        .args(["demo", "--once", "--json", "--listen", "127.0.0.1:0", "--dir"])
        .arg(folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&played.stderr);
    let told: Value = serde_json::from_slice(&played.stdout).expect("the story is one JSON document");
    let story = told["story"].as_array().unwrap();
    assert!(story.iter().all(|step| step["seen"] == true), "{:#}", story.last().unwrap());
    assert!(played.status.success(), "{said}");
    assert_eq!(said, "", "a day without faults logs nothing");
    assert_eq!(told["summary"]["every_step_seen"], true);
    let mails: Vec<&Value> = story.iter().filter_map(|step| step.get("mail")).collect();
    let rungs: Vec<(&str, Option<u64>)> =
        mails.iter().map(|mail| (mail["kind"].as_str().unwrap(), mail["step"].as_u64())).collect();
    let expected = [
        ("report_assigned", None),
        ("report_assigned", None),
        ("action_assigned", None),
        ("reminder", Some(1)),
        ("reminder", Some(2)),
        ("overdue", Some(3)),
        ("overdue", Some(4)),
        ("escalation", Some(4)),
        ("escalation", Some(5)),
        ("verification_asked", None),
        ("action_verified", None),
    ];
    assert_eq!(rungs, expected);
    let files: BTreeSet<&str> = mails.iter().map(|mail| mail["file"].as_str().unwrap()).collect();
    assert_eq!(files.len(), expected.len());
    assert!(files.iter().all(|file| std::path::Path::new(file).is_file()));
}

#[test]
fn the_demo_refuses_a_folder_that_is_not_empty() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("somebody's"), "own").unwrap();
    let refused = Command::new(env!("CARGO_BIN_EXE_salama"))
        .env_clear()
        .args(["demo", "--once", "--listen", "127.0.0.1:0", "--dir"])
        .arg(folder.path())
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("is not empty"));
}
