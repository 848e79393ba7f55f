#![expect(clippy::disallowed_methods, reason = "tests lay out real files")]

use super::super::make;
use super::*;
use crate::config;
use std::collections::BTreeSet;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;

const NOW: i64 = 1_763_720_000_000;
const DAY: i64 = 86_400_000;

fn settings() -> ServeSettings {
    config::load_from(Path::new("no such file"), false, []).unwrap().0.serve
}

fn put(dir: &Path, mode: u32) {
    let (chain, key) = make(BTreeSet::from(["localhost".to_owned()]), NOW).unwrap();
    std::fs::write(dir.join(CERTIFICATE_FILE), chain).unwrap();
    std::fs::write(dir.join(KEY_FILE), key).unwrap();
    std::fs::set_permissions(dir.join(KEY_FILE), Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_good_pair_tells_its_days() {
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), 0o600);
    assert!(inspect(dir.path(), &settings(), NOW).unwrap().contains("395 days"));
}

#[test]
fn a_pair_that_is_missing_mixed_open_or_over_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let found = |now| inspect(dir.path(), &settings(), now).unwrap_err().found;
    assert!(found(NOW).contains("no certificate"));
    put(dir.path(), 0o644);
    assert!(found(NOW).contains("others may read the key"));
    put(dir.path(), 0o600);
    assert!(found(NOW + 392 * DAY).contains("good for 3 more days"), "{}", found(NOW + 392 * DAY));
    assert!(found(NOW + 400 * DAY).contains("over since"));
    assert!(found(NOW - 3 * DAY).contains("not good yet"));
    let certificate = std::fs::read(dir.path().join(CERTIFICATE_FILE)).unwrap();
    put(dir.path(), 0o600);
    std::fs::write(dir.path().join(CERTIFICATE_FILE), certificate).unwrap();
    assert!(found(NOW).contains("no certificate with its key"));
}
