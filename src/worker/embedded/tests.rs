use super::*;
use crate::kernel::answer::AnswerType;
use std::io::Write;

fn config(model: &Path, exe: &str) -> EmbeddedConfig {
    EmbeddedConfig { model: model.to_owned(), threads: 1, timeout: Duration::from_secs(5), exe: exe.into() }
}

/// A script that speaks for the child: each line of hex is a frame that it sends after it has read one.
fn pretender(words: &[Word]) -> tempfile::TempPath {
    let mut script = tempfile::Builder::new()
        .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700))
        .tempfile()
        .unwrap();
    writeln!(script, "#!/bin/sh\nexport PATH=/usr/bin:/bin").unwrap();
    for word in words {
        let body = serde_json::to_vec(word).unwrap();
        let len = u32::try_from(body.len()).unwrap().to_le_bytes();
        let octal: String = len.iter().chain(&body).map(|byte| format!("\\{byte:03o}")).collect();
        writeln!(script, "head -c 4 >/dev/null\nprintf '{octal}'").unwrap();
    }
    writeln!(script, "exec sleep 600").unwrap();
    script.into_temp_path()
}

fn ready(probes: Vec<Probe>) -> Word {
    Word::Ready(Readiness {
        model: "m".to_owned(),
        architecture: "qwen2".to_owned(),
        context: 1,
        load_ms: 1,
        landlock: "fully enforced".to_owned(),
        probes,
    })
}

fn tried(errno: Option<i32>) -> Probe {
    Probe { attempt: "open a network socket".to_owned(), errno }
}

#[test]
fn a_child_whose_confinement_leaks_is_not_used() {
    for (probes, usable) in [
        (vec![tried(Some(1))], true),
        (vec![tried(Some(1)), tried(None)], false),
        (vec![tried(Some(111))], false),
        (vec![], false),
    ] {
        let exe = pretender(&[ready(probes.clone())]);
        let started = Embedded::start(config(Path::new("/m.gguf"), exe.to_str().unwrap()));
        assert_eq!(started.is_ok(), usable, "{probes:?}");
        if !usable && !probes.is_empty() {
            let failure = started.unwrap_err().to_string();
            assert!(failure.contains("it could open a network socket"), "{failure}");
        }
    }
}

#[test]
fn a_child_that_hangs_is_killed_and_the_next_question_starts_another() {
    let exe = pretender(&[ready(vec![tried(Some(1))])]);
    let mut quick = config(Path::new("/m.gguf"), exe.to_str().unwrap());
    quick.timeout = Duration::from_millis(50);
    let worker = Embedded::start(quick).unwrap();
    let ask = Ask { question: "?".to_owned(), data: "d".to_owned(), answer: AnswerType::Bool };
    for _ in 0..2 {
        assert!(matches!(worker.answer(&ask), Err(WorkerFailure::TimedOut(_))));
        assert_eq!(worker.resident_bytes(), None);
    }
}

#[test]
fn a_program_that_is_no_child_is_named() {
    let failure = Embedded::start(config(Path::new("/m.gguf"), "/bin/true")).unwrap_err();
    assert!(matches!(failure, WorkerFailure::Unavailable(_)), "{failure}");
}

#[test]
fn too_long_data_never_reaches_the_child() {
    let exe = pretender(&[ready(vec![tried(Some(1))])]);
    let worker = Embedded::start(config(Path::new("/m.gguf"), exe.to_str().unwrap())).unwrap();
    let ask = Ask { question: "?".to_owned(), data: "d".repeat(100_001), answer: AnswerType::Bool };
    assert!(matches!(worker.answer(&ask), Err(WorkerFailure::TooLong(_))));
}
