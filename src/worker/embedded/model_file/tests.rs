use super::*;

#[test]
fn the_configured_path_wins_and_the_default_is_searched_upwards() {
    let repo = tempfile::tempdir().unwrap();
    let elsewhere = Path::new("/nonexistent");
    let exe = repo.path().join("target/release/sentinel");
    assert_eq!(locate(None, elsewhere, &exe), elsewhere.join("models").join(DEFAULT_FILE));
    let models = repo.path().join("models");
    #[expect(clippy::disallowed_methods, reason = "the test's own directory")]
    std::fs::create_dir(&models).unwrap();
    let file = tempfile::NamedTempFile::new_in(&models).unwrap();
    file.persist(models.join(DEFAULT_FILE)).unwrap();
    assert_eq!(locate(None, elsewhere, &exe), models.join(DEFAULT_FILE));
    assert_eq!(locate(Some(Path::new("/m.gguf")), repo.path(), &exe), Path::new("/m.gguf"));
}

#[test]
fn the_script_pins_the_same_file() {
    let script = include_str!("../../../../scripts/fetch-models");
    assert!(script.contains(DEFAULT_FILE) && script.contains(DEFAULT_SHA256));
    assert_eq!(pinned(Path::new("/x/qwen2.5-coder-0.5b-instruct-q4_k_m.gguf")), Some(DEFAULT_SHA256));
    assert_eq!(pinned(Path::new("/x/other.gguf")), None);
}
