#![expect(clippy::disallowed_methods, reason = "tests lay out real files")]

use super::*;
use std::os::unix::fs::PermissionsExt;

#[test]
fn a_file_stands_as_it_was_put_down() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("key");
    std::fs::write(&path, "x").unwrap();
    for (mode, private) in [(0o600, true), (0o400, true), (0o640, false), (0o604, false)] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        let standing = of(&path).unwrap();
        assert_eq!((standing.mode, standing.is_private(), standing.owner), (mode, private, own_user()));
    }
    std::fs::create_dir(dir.path().join("folder")).unwrap();
    let files = of_files_in(dir.path()).unwrap();
    assert_eq!(files.iter().map(|file| &file.path).collect::<Vec<_>>(), [&path]);
    assert!(of(&dir.path().join("missing")).is_err());
    assert!(of_files_in(&path).is_err());
    assert!(free_bytes(dir.path()).unwrap() > 0);
    assert!(free_bytes(&dir.path().join("missing")).is_err());
}
