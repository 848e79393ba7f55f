#![expect(clippy::disallowed_methods, reason = "tests lay out real files")]

use super::*;
use secrecy::ExposeSecret;
use std::fs::{self, Permissions};

fn file(text: &[u8], mode: u32) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("sentinel_pin");
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
    (dir, path)
}

#[test]
fn a_secret_is_one_trimmed_line_and_its_debug_is_masked() {
    let (_dir, path) = file(b"  c4n4ry-secret\n", 0o600);
    let secret = read(&path).unwrap();
    assert_eq!(secret.value.expose_secret(), "c4n4ry-secret");
    assert!(secret.notes.is_empty());
    assert!(!format!("{secret:?}").contains("c4n4ry"));
}

#[test]
fn a_file_that_others_may_read_is_noted() {
    for mode in [0o640, 0o604, 0o644] {
        let (_dir, path) = file(b"c4n4ry", mode);
        let notes = read(&path).unwrap().notes;
        assert_eq!(notes.len(), 1, "{mode:o}");
        assert!(notes[0].contains(&format!("{mode:o}")) && !notes[0].contains("c4n4ry"));
    }
}

#[test]
fn what_is_no_secret_is_refused_without_quoting_it() {
    let long = vec![b'x'; 5_000];
    for text in [&b""[..], b" \n", b"c4n4ry\nc4n4ry", b"c4n4ry\xff", &long] {
        let (_dir, path) = file(text, 0o600);
        let failure = read(&path).unwrap_err().to_string();
        assert!(failure.contains("sentinel_pin") && !failure.contains("c4n4ry"), "{failure}");
    }
    assert!(matches!(read(Path::new("/nonexistent/pin")), Err(SecretFailure::Unreadable { .. })));
}

#[test]
fn a_named_file_wins_and_the_first_place_comes_next() {
    let (dir, path) = file(b"123456", 0o600);
    let empty = tempfile::tempdir().unwrap();
    let places = [empty.path(), dir.path()];
    assert_eq!(locate(Some(Path::new("own")), "sentinel_pin", &places), Some(PathBuf::from("own")));
    assert_eq!(locate(None, "sentinel_pin", &places), Some(path));
    assert_eq!(locate(None, "claude_api_key", &places), None);
}

#[test]
fn a_secret_is_written_for_its_owner_only() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("sentinel_pin");
    write(&path, "one").unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    write(&path, "two").unwrap();
    let Secret { value, notes } = read(&path).unwrap();
    assert_eq!((value.expose_secret(), notes.as_slice()), ("two", &[][..]));
    assert!(
        write(&dir.path().join("none/pin"), "x").unwrap_err().to_string().contains("who may write there")
    );
}
