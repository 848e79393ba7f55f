use super::*;
use std::path::Path;

#[test]
fn the_real_log_keeps_secrets_out() {
    let dir = tempfile::tempdir().unwrap();
    redacted(&Scratch::below(dir.path()).1).unwrap();
    assert!(redacted(&Scratch::below(Path::new("/nonexistent")).1).is_err());
}

#[test]
fn a_secret_in_the_log_and_an_empty_log_are_found() {
    assert!(judge("planted planted planted").is_ok());
    assert!(judge(&format!("planted planted planted pin={CANARY}")).unwrap_err().found.contains("1 times"));
    assert!(judge("planted").unwrap_err().found.contains("not in the log"));
}
