//! Where the program's output goes: what cannot be written is told, and a reader who goes away is none of our business.

#![expect(clippy::disallowed_methods, reason = "a test starts and reads what it tests")]

use std::fs::OpenOptions;
use std::process::{Command, Output, Stdio};

const EXE: &str = env!("CARGO_BIN_EXE_sentinel");

/// Runs the program with its standard output there, in a house of its own.
fn run(args: &[&str], to: Stdio) -> Output {
    let dir = tempfile::tempdir().unwrap();
    let mut command = Command::new(EXE);
    command.args(args).current_dir(env!("CARGO_MANIFEST_DIR")).stdin(Stdio::null());
    for (setting, folder) in [("DATA", "data"), ("WORKSPACE", "work"), ("LOG", "logs")] {
        std::fs::create_dir(dir.path().join(folder)).unwrap();
        command.env(format!("SENTINEL_{setting}_DIR"), dir.path().join(folder));
    }
    command.stdout(to).stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap()
}

#[test]
fn output_that_cannot_be_written_is_a_failure() {
    for args in
        [&["plan", "stubs"][..], &["policy", "check"], &["--help"], &["plan", "--help"], &["--version"]]
    {
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = run(args, full.into());
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(4), "{args:?}: {said}");
        assert!(
            said.contains("standard output cannot be written") && said.contains("make room"),
            "{args:?}: {said}"
        );
        let output = run(args, Stdio::null());
        assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &[][..]), "{args:?}");
    }
}

#[test]
fn a_reader_who_goes_away_is_no_failure() {
    for args in [&["plan", "stubs"][..], &["--help"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = run(args, writer.into());
        assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &[][..]), "{args:?}");
    }
}

#[test]
fn a_plans_faults_name_their_file() {
    let dir = tempfile::tempdir().unwrap();
    let plan = dir.path().join("tidy.py");
    std::fs::write(&plan, "x = 1\nanswer(y)\n").unwrap();
    let plan = plan.to_str().unwrap();
    for args in [&["plan", "check", plan][..], &["run", "--plan", plan]] {
        let output = run(args, Stdio::null());
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
        assert!(said.contains(&format!("{plan}:2:8")), "{args:?}: {said}");
    }
}
