use super::*;
use std::path::PathBuf;

fn probes(errnos: &[Option<i32>]) -> Vec<Probe> {
    errnos.iter().map(|errno| Probe { attempt: "open a file".to_owned(), errno: *errno }).collect()
}

#[test]
fn one_thing_let_through_and_attempts_that_prove_nothing_are_found() {
    let (refused, free) = (probes(&[Some(1), Some(13)]), probes(&[None, None]));
    assert!(held(&refused, &free).is_ok());
    assert!(held(&probes(&[Some(1), None]), &free).unwrap_err().found.contains("could open a file"));
    // Failed for another reason than the confinement.
    assert!(held(&probes(&[Some(1), Some(2)]), &free).is_err());
    assert!(held(&refused, &refused).unwrap_err().found.contains("0 of 2"));
    assert!(held(&[], &[]).is_err());
}

#[test]
fn without_a_model_nothing_is_proven() {
    let gap = confined(Err(WorkerFailure::Unavailable("no path".to_owned()))).unwrap_err();
    assert!(gap.found.contains("no path") && gap.remedy.contains("scripts/fetch-models"), "{gap:?}");
    let exe = PathBuf::from("/nonexistent/sentinel");
    let config = EmbeddedConfig { model: "/nonexistent.gguf".into(), threads: 1, timeout: TIMEOUT, exe };
    assert!(confined(Ok(config)).is_err());
}

#[test]
fn a_public_address_is_found() {
    let all = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect::<Vec<IpAddr>>();
    for private in ["127.0.0.1", "10.1.2.3", "172.16.0.9", "192.168.1.2", "::1", "fd00::1", "::ffff:10.0.0.1"]
    {
        assert!(judge(&all(&[private])).is_ok(), "{private}");
    }
    for public in ["8.8.8.8", "172.32.0.1", "2001:4860::8888", "::ffff:8.8.8.8", "0.0.0.0"] {
        assert!(judge(&all(&["127.0.0.1", public])).unwrap_err().found.contains("not a private"), "{public}");
    }
    assert!(private_address("http://127.0.0.1:11434").is_ok());
    assert!(private_address("http://no-such-host.invalid:11434").is_err());
}

#[test]
fn a_server_that_is_away_is_found() {
    let gap = reachable(OllamaConfig::new("http://127.0.0.1:9", "qwen3:14b")).unwrap_err();
    assert!(gap.found.contains("127.0.0.1:9"), "{gap:?}");
}
