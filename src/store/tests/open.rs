use super::*;

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_new_store_is_private() {
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join("deep/data");
    let store = Store::open(&dir, clock()).unwrap();
    store.append(&run("r"), &screened("hello")).unwrap();
    assert_eq!(mode(&dir), 0o700);
    for name in [FILE_NAME, "sentinel.db-wal", "sentinel.db-shm", "sentinel.lock"] {
        assert_eq!(mode(&dir.join(name)), 0o600, "{name}");
    }
}

#[test]
fn an_old_file_is_made_private() {
    let f = fixture();
    let path = f.dir.path().join(FILE_NAME);
    drop(f.store);
    std::fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    let _store = Store::open(f.dir.path(), clock()).unwrap();
    assert_eq!(mode(&path), 0o600);
}

#[test]
fn a_second_writer_is_told_where_and_who() {
    let f = fixture();
    let error = Store::open(f.dir.path(), clock()).err().unwrap();
    assert_eq!(error, StoreError::InUse { dir: f.dir.path().to_owned(), pid: Some(std::process::id()) });
    let text = error.to_string();
    assert!(text.contains(&f.dir.path().display().to_string()) && text.contains("process "), "{text}");
    drop(f.store);
    assert!(Store::open(f.dir.path(), clock()).is_ok());
}

#[test]
fn readers_look_while_another_writes_and_never_write() {
    let f = fixture();
    f.store.append(&run("r"), &screened("hello")).unwrap();
    let reader = Store::open_read_only(f.dir.path()).unwrap();
    assert_eq!(reader.entries(&run("r")).unwrap().len(), 1);
    f.store.append(&run("r"), &ended()).unwrap();
    assert_eq!(reader.entries(&run("r")).unwrap().len(), 2);
    let refused = reader.append(&run("r"), &ended()).unwrap_err();
    assert_eq!(refused, StoreError::ReadOnly { dir: f.dir.path().to_owned() });
    drop(f.store);
    assert_eq!(reader.entries(&run("r")).unwrap().len(), 2);
}

#[test]
fn reading_needs_a_store() {
    let dir = tempfile::tempdir().unwrap();
    let error = Store::open_read_only(dir.path()).err().unwrap();
    assert!(matches!(&error, StoreError::Open { reason, .. } if reason.contains(FILE_NAME)), "{error}");
    assert!(!dir.path().join(FILE_NAME).exists());
}

#[test]
fn a_newer_store_is_refused_untouched() {
    let f = fixture();
    let path = f.dir.path().join(FILE_NAME);
    drop(f.store);
    Connection::open(&path).unwrap().pragma_update(None, "user_version", migrate::NEWEST + 1).unwrap();
    let before = bytes_of(&path);
    let newer = StoreError::Newer { path: path.clone(), found: migrate::NEWEST + 1, known: migrate::NEWEST };
    assert_eq!(Store::open(f.dir.path(), clock()).err().unwrap(), newer);
    assert_eq!(Store::open_read_only(f.dir.path()).err().unwrap(), newer);
    assert_eq!(bytes_of(&path), before);
}

#[test]
fn an_older_store_is_brought_up_with_what_is_in_it() {
    let f = fixture();
    let row = f.store.ask(question::NewQuestion {
        digest: digest("q"),
        run: run("r"),
        call: Some(CallNo(1)),
        kind: QuestionKind::Call,
        payload: json!({}),
        created: 1,
        expires_at: 2_000_000,
    });
    let (row, path) = (row.unwrap(), f.dir.path().join(FILE_NAME));
    drop(f.store);
    // As the release before the third step left it.
    let old = Connection::open(&path).unwrap();
    old.execute_batch(
        "DROP INDEX run_by_last_seq; DROP INDEX run_by_request; DROP INDEX task_by_principal;
         DROP INDEX session_by_principal; ALTER TABLE question DROP COLUMN edited_args;
         PRAGMA user_version = 2",
    )
    .unwrap();
    drop(old);
    let store = Store::open(f.dir.path(), clock()).unwrap();
    assert_eq!(store.question(&row.id).unwrap(), Some(row));
}

#[test]
fn somebody_elses_file_is_refused_untouched() {
    for content in ["sqlite", "noise"] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(FILE_NAME);
        if content == "sqlite" {
            Connection::open(&path).unwrap().execute_batch("CREATE TABLE theirs (x)").unwrap();
        } else {
            put(&path, &"noise ".repeat(1_000));
        }
        let before = bytes_of(&path);
        let error = Store::open(dir.path(), clock()).err().unwrap();
        assert_eq!(error, StoreError::Foreign { path: path.clone() }, "{content}");
        assert_eq!(bytes_of(&path), before, "{content}");
    }
}

#[test]
fn a_place_that_cannot_be_made_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    put(&file, "");
    let error = Store::open(&file.join("data"), clock()).err().unwrap().to_string();
    assert!(error.contains("file/data") && error.contains("check"), "{error}");
}

#[test]
fn the_writer_is_durable_and_checks_its_references() {
    let f = fixture();
    let seen: (String, i64, i64) = f
        .store
        .write(|db| {
            let text = |name: &str| db.pragma_query_value(None, name, |r| r.get::<_, String>(0));
            let number = |name: &str| db.pragma_query_value(None, name, |r| r.get::<_, i64>(0));
            Ok((text("journal_mode")?, number("synchronous")?, number("foreign_keys")?))
        })
        .unwrap();
    assert_eq!(seen, ("wal".to_owned(), 2, 1));
}

/// SQLite looks for the children of each new row of a parent while a deferred reference is open.
#[test]
fn every_reference_is_found_by_an_index() {
    let f = fixture();
    let db = Connection::open(f.dir.path().join(FILE_NAME)).unwrap();
    let all = |sql: &str| -> Vec<(String, String)> {
        let mut select = db.prepare(sql).unwrap();
        let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    };
    let references = all("SELECT t.name, f.\"from\" FROM sqlite_schema t, pragma_foreign_key_list(t.name) f
                          WHERE t.type = 'table'");
    let leading = all("SELECT t.name, c.name FROM sqlite_schema t, pragma_index_list(t.name) i,
                       pragma_index_info(i.name) c WHERE t.type = 'table' AND c.seqno = 0 AND i.partial = 0");
    assert!(references.contains(&("run".to_owned(), "last_seq".to_owned())), "{references:?}");
    let slow: Vec<_> = references.iter().filter(|reference| !leading.contains(reference)).collect();
    assert!(slow.is_empty(), "{slow:?}");
}

/// Whether a statement is planned again for other values.
fn planned_again(db: &Connection) -> bool {
    let mut select = db.prepare("SELECT seq FROM record WHERE run = ?1 LIMIT ?2").unwrap();
    for (run, most) in [("a", 1), ("b", 200)] {
        let _none: Vec<i64> =
            select.query_map((run, most), |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    }
    select.get_status(rusqlite::StatementStatus::RePrepare) > 0
}

#[test]
fn statements_are_planned_once_for_all_values() {
    let Fixture { store, dir } = fixture();
    assert!(!planned_again(&store.readers.open().unwrap()));
    assert!(planned_again(&Connection::open(dir.path().join(FILE_NAME)).unwrap()));
}
