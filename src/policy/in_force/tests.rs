#![expect(clippy::disallowed_methods, reason = "tests write policies")]

use super::*;
use crate::kernel::catalogue::Catalogue;
use crate::kernel::port::RedactionKey;

#[test]
fn faulty_files_leave_in_force_what_was() {
    let dir = tempfile::tempdir().unwrap();
    let write = |text: &str| std::fs::write(dir.path().join("a.cedar"), text).unwrap();
    write("@id(\"one\") permit (principal, action, resource);");
    let engine = load(dir.path(), &Catalogue::new([])).unwrap();
    let first = engine.version();
    let key = RedactionKey::new([7; 32]);
    let in_force = InForce::new(engine.keyed(Some(key.clone())));
    let (begun, names) = (in_force.now(), |engine: &Engine| engine.policies()[0].id.clone());

    // Strictly read: a rule on a tool that there is not is a fault.
    write("@id(\"two\") permit (principal, action == Action::\"call:no_such_tool\", resource);");
    assert!(in_force.read_again(dir.path()).is_err());
    assert!(in_force.is_outdated());
    assert_eq!((in_force.now().version(), names(&in_force.now())), (first, "one".to_owned()));

    write("@id(\"two\") permit (principal, action, resource);");
    let second = in_force.read_again(dir.path()).unwrap().version();
    assert!(!in_force.is_outdated());
    assert_ne!(second, first);
    assert_eq!((in_force.now().version(), names(&in_force.now())), (second, "two".to_owned()));
    assert_eq!(in_force.now().redaction_key(), Some(&key), "equal words keep one hash");
    // Who began under the first ends under it.
    assert_eq!(names(&begun), "one");
}
