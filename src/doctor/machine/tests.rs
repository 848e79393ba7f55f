use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn a_clock_that_is_behind_is_found() {
    let (now, built) = (at("2026-11-21T10:00:00Z"), at("2026-11-20T10:00:00Z"));
    let record = |text: &str| Ok(Some(at(text).as_millisecond()));
    assert!(clock(now, built, Ok(None)).unwrap().contains("the journal is empty"));
    assert!(clock(now, built, record("2026-11-21T10:00:01Z")).is_ok());
    let early = clock(at("1970-01-01T00:00:09Z"), built, Ok(None)).unwrap_err();
    assert!(early.found.contains("built later"), "{early:?}");
    let behind = clock(now, built, record("2026-11-21T10:00:03Z")).unwrap_err();
    assert!(behind.found.contains("newest record was written later"), "{behind:?}");
    assert!(clock(now, built, Err(Gap::new("unread", ""))).is_err());
}

#[test]
fn a_full_disk_and_a_missing_data_directory_are_found() {
    let dir = tempfile::tempdir().unwrap();
    let missing = dir.path().join("missing");
    assert!(disk(&[dir.path(), &missing]).unwrap().contains("MB are free"));
    assert!(disk(&[&missing]).is_err());
    assert!(enough(dir.path(), LEAST_FREE).is_ok());
    assert!(enough(dir.path(), LEAST_FREE - 1).unwrap_err().found.contains("255 MB are free"));
}
