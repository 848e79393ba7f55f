use super::*;
use crate::store::tests::{digest, fixture};

#[test]
fn a_code_sets_one_pin_once_also_across_a_restart() {
    let f = fixture();
    assert_eq!(f.store.set_up(digest("code"), "h1").unwrap(), SetUp::WrongCode);
    f.store.put_setup_code(digest("code")).unwrap();
    let f = f.reopened();
    assert_eq!(f.store.set_up(digest("other"), "h1").unwrap(), SetUp::WrongCode);
    assert_eq!(f.store.pin_hash().unwrap(), None);
    assert_eq!(f.store.set_up(digest("code"), "h1").unwrap(), SetUp::Done);
    assert_eq!(f.store.pin_hash().unwrap().as_deref(), Some("h1"));
    assert_eq!(f.store.set_up(digest("code"), "h2").unwrap(), SetUp::AlreadySet);
    f.store.put_setup_code(digest("again")).unwrap();
    assert_eq!(f.store.set_up(digest("again"), "h2").unwrap(), SetUp::AlreadySet);
    assert_eq!(f.reopened().store.pin_hash().unwrap().as_deref(), Some("h1"));
}

#[test]
fn a_newer_code_replaces_an_older_one() {
    let f = fixture();
    f.store.put_setup_code(digest("old")).unwrap();
    f.store.put_setup_code(digest("new")).unwrap();
    assert_eq!(f.store.set_up(digest("old"), "h").unwrap(), SetUp::WrongCode);
    assert_eq!(f.store.set_up(digest("new"), "h").unwrap(), SetUp::Done);
}

#[test]
fn the_redaction_key_is_made_once_and_is_another_in_another_store() {
    let f = fixture();
    let key = f.store.redaction_key().unwrap();
    assert_eq!(f.store.redaction_key().unwrap(), key);
    assert_eq!(f.reopened().store.redaction_key().unwrap(), key);
    assert_ne!(fixture().store.redaction_key().unwrap(), key);
}
