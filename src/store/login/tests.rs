use super::*;
use crate::store::tests::{ann, bytes_of, digest, fixture};

fn new(name: &str) -> NewLogin {
    NewLogin { id: name.into(), token: digest(name), principal: ann(), address: "127.0.0.1".into() }
}

#[test]
fn a_session_is_found_by_its_tokens_hash_and_survives_a_restart() {
    let f = fixture();
    f.store.add_login(&new("one"), 10).unwrap();
    let fresh = f.store.login(digest("one")).unwrap().unwrap();
    f.store.touch_login("one").unwrap();
    let f = f.reopened();
    let row = f.store.login(digest("one")).unwrap().unwrap();
    assert_eq!((row.id.as_str(), &row.principal, row.created), ("one", &ann(), fresh.created));
    assert!(fresh.used == fresh.created && row.used > fresh.used);
    assert_eq!(f.store.login(digest("two")).unwrap(), None);
}

#[test]
fn a_session_is_ended_by_its_owner_only() {
    let f = fixture();
    ["one", "two", "three"].iter().for_each(|name| f.store.add_login(&new(name), 10).unwrap());
    assert_eq!(f.store.end_login(&Principal::new("bob"), "one").unwrap(), 0);
    assert_eq!(f.store.end_login(&ann(), "one").unwrap(), 1);
    assert_eq!(f.store.login(digest("one")).unwrap(), None);
    assert_eq!(f.store.end_logins(&Principal::new("bob")).unwrap(), 0);
    assert_eq!(f.store.end_logins(&ann()).unwrap(), 2);
    assert!(f.store.logins().unwrap().is_empty());
}

#[test]
fn only_the_newest_sessions_are_kept() {
    let f = fixture();
    ["one", "two", "three"].iter().for_each(|name| f.store.add_login(&new(name), 2).unwrap());
    let ids: Vec<String> = f.store.logins().unwrap().into_iter().map(|row| row.id).collect();
    assert_eq!(ids, ["three", "two"]);
}

#[test]
fn a_token_never_reaches_the_disk() {
    let f = fixture();
    f.store.add_login(&NewLogin { token: digest("c4n4ry-token"), ..new("one") }, 10).unwrap();
    for name in ["sentinel.db", "sentinel.db-wal"] {
        let bytes = bytes_of(&f.dir.path().join(name));
        assert!(!bytes.windows(12).any(|part| part == b"c4n4ry-token"), "{name}");
    }
}
