#![expect(clippy::disallowed_methods, reason = "tests lay out real files")]

use super::*;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;

fn mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_folder_or_file_that_others_may_reach_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("sentinel.db");
    std::fs::write(&file, "x").unwrap();
    mode(dir.path(), 0o700);
    mode(&file, 0o600);
    assert!(data(dir.path()).unwrap().contains("1 files"));
    mode(&file, 0o640);
    let gap = data(dir.path()).unwrap_err();
    assert!(gap.found.contains("sentinel.db (mode 640)") && gap.remedy.starts_with("chmod"), "{gap:?}");
    mode(dir.path(), 0o755);
    mode(&file, 0o600);
    assert!(data(dir.path()).unwrap_err().found.contains("mode 755"));
    assert!(data(&dir.path().join("missing")).is_err());
}

#[test]
fn a_secret_that_others_may_read_or_that_is_gone_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("pin");
    std::fs::write(&file, "x").unwrap();
    mode(&file, 0o400);
    assert!(secrets(&[]).is_ok() && secrets(std::slice::from_ref(&file)).is_ok());
    mode(&file, 0o444);
    assert!(secrets(std::slice::from_ref(&file)).unwrap_err().found.contains("mode 444"));
    assert!(secrets(&[dir.path().join("missing")]).is_err());
}

#[test]
fn what_belongs_to_somebody_else_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let theirs = Standing { owner: standing::own_user() + 1, ..standing::of(dir.path()).unwrap() };
    assert!(private(&[theirs]).unwrap_err().found.contains("belongs to user"));
}
