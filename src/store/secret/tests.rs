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
