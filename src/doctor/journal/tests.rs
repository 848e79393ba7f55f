use super::*;
use std::sync::Arc;

fn clock() -> Clock {
    Arc::new(|| 1_763_720_000_000)
}

fn gone() -> Result<Scratch, Gap> {
    Scratch::below(Path::new("/nonexistent/data")).1
}

#[test]
fn a_sound_journal_holds_and_leaves_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let scratch = Scratch::below(dir.path()).1;
    durable(&scratch, &clock()).unwrap();
    locked(&scratch, &clock()).unwrap();
    drop(scratch);
    assert!(dir.path().read_dir().unwrap().next().is_none());
}

#[test]
fn without_a_data_directory_nothing_is_proven() {
    assert!(durable(&gone(), &clock()).unwrap_err().found.contains("not tried (see data.exists)"));
    assert!(locked(&gone(), &clock()).is_err());
    let missing = unbroken(Path::new("/nonexistent/data")).unwrap_err();
    assert!(missing.remedy.contains("sentinel serve"), "{missing:?}");
}

#[test]
fn a_commit_that_would_not_wait_for_the_disk_is_found() {
    let set = |journal_mode: &str, synchronous| Durability { journal_mode: journal_mode.into(), synchronous };
    assert!(full(&set("wal", FULL)).is_ok());
    assert!(full(&set("wal", 1)).unwrap_err().found.contains("synchronous 1 of 2"));
    assert!(full(&set("memory", FULL)).is_err());
}

#[test]
fn a_record_that_was_changed_is_found_beside_a_store_in_use() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(newest_moment(dir.path()), Ok(None));
    let store = Store::open(dir.path(), clock()).unwrap();
    for n in 0..3_u8 {
        store.append(&RunId::new("r"), &Entry::Resumed { policy: Digest::of(&[n]) }).unwrap();
    }
    assert!(unbroken(dir.path()).unwrap().starts_with("3 records"));
    assert_eq!(newest_moment(dir.path()), Ok(Some(1_763_720_000_000)));
    let db = rusqlite::Connection::open(dir.path().join(FILE_NAME)).unwrap();
    let forbids = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'record'";
    let triggers: Vec<String> =
        db.prepare(forbids).unwrap().query_map([], |r| r.get(0)).unwrap().map(Result::unwrap).collect();
    for name in triggers {
        db.execute(&format!("DROP TRIGGER {name}"), []).unwrap();
    }
    db.execute("UPDATE record SET at = at + 1 WHERE seq = 2", []).unwrap();
    let gap = unbroken(dir.path()).unwrap_err();
    assert!(gap.found.contains("record 2 does not match its digest"), "{gap:?}");
}
