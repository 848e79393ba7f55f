//! The first start in a folder where nothing is.

use super::Server;
use std::path::Path;
use std::process::Command;

#[test]
fn the_first_start_makes_the_workspace_and_says_so_once() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("mine");
    let settings = [("SENTINEL_WORKSPACE_DIR", place.to_str().unwrap())];
    let first = Server::start(dir.path(), &settings);
    assert!(first.said.contains("made an empty workspace") && first.said.contains("mine"), "{}", first.said);
    assert!(place.is_dir());
    drop(first);
    let second = Server::start(dir.path(), &settings);
    assert!(!second.said.contains("made an empty workspace"), "{}", second.said);
}

#[test]
fn a_workspace_below_a_folder_that_is_missing_is_not_made() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("not-mounted/mine");
    let ran = Command::new(env!("CARGO_BIN_EXE_sentinel"))
        .arg("serve")
        .current_dir(dir.path())
        .env("SENTINEL_POLICIES_DIR", Path::new(env!("CARGO_MANIFEST_DIR")).join("policies"))
        .env("SENTINEL_WORKSPACE_DIR", &place)
        .output()
        .unwrap();
    let said = String::from_utf8(ran.stderr).unwrap();
    assert_eq!(ran.status.code(), Some(4), "{said}");
    assert!(said.contains("not-mounted/mine") && said.contains("make it"), "{said}");
    assert!(!dir.path().join("not-mounted").exists());
}
