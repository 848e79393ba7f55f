use crate::store::tests::{bytes_of, fixture, put};
use std::os::unix::fs::PermissionsExt;

#[test]
fn a_private_file_is_replaced_whole_and_only_for_us() {
    let f = fixture();
    let path = f.store.private_path("key.pem");
    // A leftover that others may read does not lend its mode to the new file.
    put(&f.store.private_path("key.pem.new"), "left over");
    assert_eq!(f.store.put_private("key.pem", b"one").unwrap(), path);
    f.store.put_private("key.pem", b"two").unwrap();
    assert_eq!(bytes_of(&path), b"two");
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!f.store.private_path("key.pem.new").exists());
}
