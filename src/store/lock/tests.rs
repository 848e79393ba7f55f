use super::*;

#[test]
fn a_dropped_lock_is_free_even_while_a_starting_process_shares_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let lock = DirLock::take(dir.path()).unwrap();
    // What a fork does until its exec closes the copy.
    let shared = lock.0.try_clone().unwrap();
    assert!(DirLock::take(dir.path()).is_err());
    drop(lock);
    assert!(DirLock::take(dir.path()).is_ok());
    drop(shared);
}

#[test]
fn a_lock_file_without_a_number_still_tells_the_place() {
    let dir = tempfile::tempdir().unwrap();
    let lock = DirLock::take(dir.path()).unwrap();
    lock.0.set_len(0).unwrap();
    let error = DirLock::take(dir.path()).unwrap_err();
    assert_eq!(error, StoreError::InUse { dir: dir.path().to_owned(), pid: None });
    assert!(error.to_string().contains("another process"), "{error}");
}
