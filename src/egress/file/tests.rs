use super::*;
use std::io::Write;

#[test]
fn a_text_is_read_up_to_its_limit() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all("häus".as_bytes()).unwrap();
    assert_eq!(read_text(file.path(), 5).unwrap(), "häus");
    assert!(matches!(
        read_text(file.path(), 4),
        Err(FileFailure::TooLarge { limit: 4, .. }) | Err(FileFailure::Read { .. })
    ));
    assert!(matches!(
        read_text(file.path(), 3),
        Err(FileFailure::TooLarge { limit: 3, .. }) | Err(FileFailure::Read { .. })
    ));
}

#[test]
fn what_is_not_a_file_is_named() {
    let dir = tempfile::tempdir().unwrap();
    assert!(matches!(open(dir.path()), Err(FileFailure::NotAFile { .. })));
    let missing = open(&dir.path().join("none")).unwrap_err().to_string();
    assert!(missing.contains("none"), "{missing}");
}

#[test]
fn what_is_not_text_is_named_by_its_place() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"one\nh\xc3\xa4\xe9").unwrap();
    let failure = read_text(file.path(), 100).unwrap_err();
    assert!(matches!(failure, FileFailure::NotUtf8 { line: 2, column: 3, byte: 7, .. }), "{failure}");
}
