#![expect(clippy::disallowed_methods, reason = "tests lay out real files")]

use super::write::replace;
use super::*;
use proptest::prelude::*;
use rustix::fs::{AtFlags, CWD, RenameFlags};
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::sync::atomic::{AtomicBool, Ordering};
use tempfile::TempDir;

const SECRET: &str = "outside";

/// A workspace with `notes/a.txt`, beside a folder `outside` with a secret.
fn house() -> (TempDir, Workspace) {
    let house = tempfile::tempdir().unwrap();
    fs::create_dir_all(house.path().join("ws/notes")).unwrap();
    fs::create_dir_all(house.path().join("outside")).unwrap();
    fs::write(house.path().join("ws/notes/a.txt"), "inside").unwrap();
    fs::write(house.path().join("outside/a.txt"), SECRET).unwrap();
    let workspace = Workspace::open(&house.path().join("ws")).unwrap();
    (house, workspace)
}

fn path(raw: &str) -> WorkspacePath {
    WorkspacePath::parse(raw).unwrap()
}

fn names(entries: &[Entry]) -> Vec<&str> {
    entries.iter().map(|entry| entry.name.as_str()).collect()
}

#[test]
fn spells_a_path_one_way() {
    for raw in ["notes/a.txt", "./notes//a.txt", "notes/./a.txt", "notes/a.txt/"] {
        assert_eq!(path(raw).as_str(), "notes/a.txt");
    }
    for raw in [".", "", "./", "./."] {
        assert_eq!(path(raw).as_str(), ".");
    }
}

#[test]
fn refuses_paths_that_lead_out() {
    let long = "x".repeat(256);
    for raw in
        ["/etc/passwd", "..", "../outside/a.txt", "notes/../../outside/a.txt", "notes/..", "a\0b", &long]
    {
        let failure = WorkspacePath::parse(raw).unwrap_err();
        assert!(matches!(failure, WorkspaceFailure::BadPath { .. }), "{raw:?}");
    }
}

#[test]
fn follows_no_link_anywhere() {
    let (house, workspace) = house();
    let ws = house.path().join("ws");
    symlink("/etc", ws.join("etc")).unwrap();
    symlink("../outside", ws.join("up")).unwrap();
    symlink("../outside/a.txt", ws.join("file")).unwrap();
    symlink("notes", ws.join("inner")).unwrap();
    fs::create_dir(ws.join("deep")).unwrap();
    symlink("../up", ws.join("deep/chain")).unwrap();
    symlink("nowhere", ws.join("dangling")).unwrap();
    for raw in ["etc/passwd", "up/a.txt", "file", "inner/a.txt", "deep/chain/a.txt", "dangling"] {
        let read = workspace.read(&path(raw), 1_000).unwrap_err();
        assert!(matches!(read, WorkspaceFailure::Link { .. }), "{raw}: {read}");
        let write = workspace.write(&path(raw), b"x").unwrap_err();
        assert!(matches!(write, WorkspaceFailure::Link { .. }), "{raw}: {write}");
    }
    for raw in ["etc", "up", "inner", "deep/chain"] {
        assert!(matches!(workspace.list(&path(raw)), Err(WorkspaceFailure::Link { .. })), "{raw}");
        assert!(matches!(workspace.make_dir(&path(raw)), Err(WorkspaceFailure::Link { .. })), "{raw}");
        let below = format!("{raw}/new");
        assert!(matches!(workspace.make_dir(&path(&below)), Err(WorkspaceFailure::Link { .. })), "{raw}");
    }
    assert_eq!(fs::read_to_string(house.path().join("outside/a.txt")).unwrap(), SECRET);
    assert!(!house.path().join("outside/new").exists());
}

#[test]
fn a_folder_swapped_for_a_link_while_writing_leads_nowhere() {
    let (house, workspace) = house();
    let ws = house.path().join("ws");
    let notes = open_dir_at(&workspace.root, "notes").unwrap();
    let swap_and_fill = |file: &mut cap_std::fs::File| {
        fs::rename(ws.join("notes"), ws.join("moved")).unwrap();
        symlink("../outside", ws.join("notes")).unwrap();
        file.write_all(b"new")
    };
    replace(&notes, "a.txt", None, swap_and_fill).unwrap();
    assert_eq!(fs::read_to_string(ws.join("moved/a.txt")).unwrap(), "new");
    assert_eq!(fs::read_to_string(house.path().join("outside/a.txt")).unwrap(), SECRET);
}

#[test]
fn a_racing_swap_never_shows_what_is_outside() {
    let (house, workspace) = house();
    let ws = house.path().join("ws");
    symlink("../outside", ws.join("trap")).unwrap();
    let stop = AtomicBool::new(false);
    let mut escaped = 0;
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                let (from, to) = (ws.join("notes"), ws.join("trap"));
                rustix::fs::renameat_with(CWD, from, CWD, to, RenameFlags::EXCHANGE).unwrap();
            }
        });
        for n in 0..3_000 {
            if workspace.read(&path("notes/a.txt"), 1_000).is_ok_and(|bytes| bytes == SECRET.as_bytes()) {
                escaped += 1;
            }
            if n % 10 == 0 {
                let _ = workspace.write(&path("notes/a.txt"), b"inside");
                let _ = workspace.make_dir(&path("notes/made"));
            }
        }
        stop.store(true, Ordering::Relaxed);
    });
    assert_eq!(escaped, 0);
    assert_eq!(fs::read_to_string(house.path().join("outside/a.txt")).unwrap(), SECRET);
    assert_eq!(fs::read_dir(house.path().join("outside")).unwrap().count(), 1);
}

#[test]
fn reads_regular_files_only_and_never_hangs() {
    let (house, workspace) = house();
    let ws = house.path().join("ws");
    rustix::fs::mkfifoat(CWD, ws.join("fifo"), Mode::RUSR | Mode::WUSR).unwrap();
    // Reading happens on a thread of its own, so that a hang fails here instead of hanging.
    let (done, waiting) = std::sync::mpsc::channel();
    let root = ws.clone();
    std::thread::spawn(move || {
        let outcome = Workspace::open(&root).unwrap().read(&path("fifo"), 1_000);
        let _ = done.send(outcome.is_err());
    });
    assert_eq!(waiting.recv_timeout(std::time::Duration::from_secs(10)), Ok(true), "reading a FIFO hangs");
    let _socket = std::os::unix::net::UnixListener::bind(ws.join("socket")).unwrap();
    for raw in ["fifo", "socket", "notes", "."] {
        let failure = workspace.read(&path(raw), 1_000).unwrap_err();
        assert!(matches!(failure, WorkspaceFailure::NotAFile { .. }), "{raw}: {failure}");
        let failure = workspace.write(&path(raw), b"x").unwrap_err();
        assert!(matches!(failure, WorkspaceFailure::NotAFile { .. }), "{raw}: {failure}");
    }
}

#[test]
fn a_file_has_a_largest_size() {
    let (house, workspace) = house();
    fs::write(house.path().join("ws/big"), [b'x'; 11]).unwrap();
    assert_eq!(workspace.read(&path("big"), 11).unwrap().len(), 11);
    let failure = workspace.read(&path("big"), 10).unwrap_err();
    assert_eq!(failure.to_string(), "`big` has 11 bytes; at most 10 are allowed (setting max_value_bytes)");
}

#[test]
fn a_file_that_claims_no_size_is_limited_too() {
    // Files of /proc say that they are empty.
    let proc = Workspace::open(Path::new("/proc/self")).unwrap();
    assert!(matches!(proc.read(&path("maps"), 100), Err(WorkspaceFailure::TooLarge { .. })));
}

#[test]
fn a_missing_file_names_those_that_look_like_it() {
    let (house, workspace) = house();
    fs::write(house.path().join("ws/notes/invoice-0042.txt"), "").unwrap();
    let failure = workspace.read(&path("notes/invoice-042.txt"), 10).unwrap_err();
    let expected = "`notes/invoice-042.txt` does not exist; did you mean `invoice-0042.txt`?";
    assert_eq!(failure.to_string(), expected);
    let failure = workspace.read(&path("qqq"), 10).unwrap_err();
    assert_eq!(failure.to_string(), "`qqq` does not exist; list_dir shows what is there");
    let failure = workspace.read(&path("notes/a.txt/b"), 10).unwrap_err();
    assert!(matches!(failure, WorkspaceFailure::NotAFolder { .. }), "{failure}");
}

#[test]
fn lists_in_order_and_says_what_cannot_be_opened() {
    let (house, workspace) = house();
    let ws = house.path().join("ws");
    fs::write(ws.join("b.txt"), "four").unwrap();
    fs::write(ws.join(".hidden"), "").unwrap();
    symlink("b.txt", ws.join("a-link")).unwrap();
    let odd: &std::ffi::OsStr = std::os::unix::ffi::OsStrExt::from_bytes(b"odd\xff");
    fs::write(ws.join(odd), "").unwrap();
    let entries = workspace.list(&path(".")).unwrap();
    let rows: Vec<_> = entries.iter().map(|e| (e.name.as_str(), e.kind, e.size)).collect();
    assert_eq!(
        rows,
        [
            ("a-link", EntryKind::Other, 0),
            ("b.txt", EntryKind::File, 4),
            ("notes", EntryKind::Dir, 0),
            ("odd\u{fffd}", EntryKind::Other, 0),
        ]
    );
    assert!(workspace.list(&path("b.txt")).is_err());
}

#[test]
fn writes_replace_the_whole_content_and_keep_the_mode() {
    let (house, workspace) = house();
    let file = house.path().join("ws/notes/a.txt");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    workspace.write(&path("notes/a.txt"), b"short").unwrap();
    assert_eq!(fs::read_to_string(&file).unwrap(), "short");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
    workspace.write(&path("new.txt"), b"").unwrap();
    assert_eq!(names(&workspace.list(&path(".")).unwrap()), ["new.txt", "notes"]);
}

#[test]
fn a_missing_folder_is_named_with_the_way_to_make_it() {
    let (_house, workspace) = house();
    let failure = workspace.write(&path("out/2026/list.csv"), b"x").unwrap_err();
    let expected = "the folder `out/2026` does not exist; make it first with mkdir(path=\"out/2026\")";
    assert_eq!(failure.to_string(), expected);
    workspace.make_dir(&path("out/2026")).unwrap();
    workspace.make_dir(&path("out/2026")).unwrap();
    workspace.write(&path("out/2026/list.csv"), b"x").unwrap();
    assert!(matches!(
        workspace.make_dir(&path("out/2026/list.csv")),
        Err(WorkspaceFailure::NotAFolder { .. })
    ));
}

#[test]
fn a_full_disk_leaves_the_old_content_and_no_half_file() {
    let (house, workspace) = house();
    let notes = open_dir_at(&workspace.root, "notes").unwrap();
    let fault = replace(&notes, "a.txt", None, |file| {
        file.write_all(b"half")?;
        Err(rustix::io::Errno::NOSPC.into())
    });
    let failure = failure::io(&path("notes/a.txt"), fault.unwrap_err());
    assert!(matches!(failure, WorkspaceFailure::DiskFull { .. }), "{failure}");
    let folder = house.path().join("ws/notes");
    assert_eq!(fs::read_to_string(folder.join("a.txt")).unwrap(), "inside");
    assert_eq!(fs::read_dir(folder).unwrap().count(), 1);
}

#[test]
fn left_overs_of_a_killed_writer_go_with_the_next_write_into_their_folder() {
    let (house, workspace) = house();
    let ws = house.path().join("ws");
    let left = [format!(".sentinel-{}-0.tmp", std::process::id()), ".sentinel-1-12.tmp".to_owned()];
    let others =
        [".sentinel-a-1.tmp", ".sentinel-1.tmp", ".sentinel-1-2.tmp.txt", "sentinel-1-2.tmp", ".notes.tmp"];
    left.iter().for_each(|name| fs::write(ws.join(name), "half").unwrap());
    others.iter().for_each(|name| fs::write(ws.join(name), "somebody's").unwrap());
    fs::create_dir(ws.join(".sentinel-2-0.tmp")).unwrap();
    std::os::unix::fs::symlink(house.path().join("outside/a.txt"), ws.join(".sentinel-3-0.tmp")).unwrap();
    let elsewhere = ws.join("notes/.sentinel-1-0.tmp");
    fs::write(&elsewhere, "half").unwrap();

    workspace.write(&path("b.txt"), b"whole").unwrap();
    assert_eq!(fs::read_to_string(ws.join("b.txt")).unwrap(), "whole");
    assert!(left.iter().all(|name| !ws.join(name).exists()), "what a killed writer left is gone");
    assert!(others.iter().all(|name| ws.join(name).is_file()), "nothing else is");
    assert!(ws.join(".sentinel-2-0.tmp").is_dir() && ws.join(".sentinel-3-0.tmp").is_symlink());
    assert_eq!(fs::read_to_string(house.path().join("outside/a.txt")).unwrap(), SECRET);
    assert!(elsewhere.exists(), "nobody wrote there yet");
    workspace.write(&path("notes/b.txt"), b"whole").unwrap();
    assert!(!elsewhere.exists());
}

#[test]
fn what_somebody_is_writing_is_not_taken_for_a_left_over() {
    let (house, workspace) = house();
    let notes = open_dir_at(&workspace.root, "notes").unwrap();
    // Another process, as far as locks go: its first write into the folder.
    let write_beside = |file: &mut cap_std::fs::File| {
        workspace.write(&path("notes/b.txt"), b"beside").unwrap();
        file.write_all(b"whole")
    };
    replace(&notes, "c.txt", None, write_beside).unwrap();
    let folder = house.path().join("ws/notes");
    assert_eq!(fs::read_to_string(folder.join("c.txt")).unwrap(), "whole");
    assert_eq!(fs::read_to_string(folder.join("b.txt")).unwrap(), "beside");
    assert_eq!(fs::read_dir(folder).unwrap().count(), 3);
}

#[test]
fn a_missing_workspace_says_what_to_set() {
    let failure = Workspace::open(Path::new("/nonexistent/workspace")).unwrap_err();
    assert!(failure.to_string().contains("/nonexistent/workspace"));
    assert!(failure.to_string().contains("workspace_dir"));
}

proptest! {
    #[test]
    fn no_spelling_of_a_path_leads_out(raw in "[./a\\\\ ~*]{0,12}|(\\.\\./|/|a/|\\./){0,6}a?") {
        if let Ok(path) = WorkspacePath::parse(&raw) {
            prop_assert!(!path.as_str().starts_with('/'));
            prop_assert!(path.components().all(|part| part != ".." && part != "." && !part.is_empty()));
            prop_assert_eq!(WorkspacePath::parse(path.as_str()).unwrap(), path);
        }
    }
}

#[test]
fn a_write_never_changes_another_name_of_the_same_file() {
    // A hard link made by somebody else must not become a way to write elsewhere.
    let (house, workspace) = house();
    let (ws, outside) = (house.path().join("ws"), house.path().join("outside/a.txt"));
    rustix::fs::linkat(CWD, &outside, CWD, ws.join("hard"), AtFlags::empty()).unwrap();
    workspace.write(&path("hard"), b"new").unwrap();
    assert_eq!(fs::read_to_string(outside).unwrap(), SECRET);
}
