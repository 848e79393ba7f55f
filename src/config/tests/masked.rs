//! What may be secret in a setting is never shown, also not in a message about it.

use super::*;

#[test]
fn addresses_are_shown_without_a_name_a_password_or_a_query() {
    let addresses = ["SENTINEL_CLAUDE_URL", "SENTINEL_OLLAMA_URL", "SENTINEL_OTLP_ENDPOINT"];
    for unfit in [
        "https://h/?key=c4n4ry",
        "https://h?token=c4n4ry&x=https://h/",
        "https://h/#c4n4ry",
        "https://h/a@b?c4n4ry",
        "https://c4n4ry:c4n4ry@h/?key=c4n4ry",
        "https://ann:c4n4ry?c4n4ry@h",
        "ftp://ann:c4n4ry@h",
        "ann:c4n4ry@h",
        "h?key=c4n4ry",
    ] {
        for name in addresses {
            let faults = load_with(None, &[(name, unfit)]).unwrap_err();
            assert!(faults.len() == 1 && faults[0].starts_with(name), "{faults:?}");
            assert!(faults[0].contains("allowed is an http") && !faults[0].contains("c4n4ry"), "{faults:?}");
        }
    }
    let none = Path::new("/nonexistent/sentinel.toml");
    for (fit, shown) in [
        ("https://c4n4ry:c4n4ry@h:1/x", "\"https://***@h:1/x\""),
        ("https://c4n4ry:c4n4ry/c4n4ry@h:1/x", "\"https://***@h:1/x\""),
        ("https://h:1/x", "\"https://h:1/x\""),
    ] {
        for name in addresses {
            let key = name.trim_start_matches("SENTINEL_").to_lowercase();
            let rows = explain_from(none, false, [(name.to_owned(), fit.to_owned())], &[]).unwrap();
            let row = rows.iter().find(|row| row.key == key).unwrap();
            assert_eq!((row.value.as_str(), row.source.as_str()), (shown, name));
            assert!(!format!("{rows:?}").contains("c4n4ry"));
        }
    }
}

#[test]
fn a_secret_in_its_usual_place_is_told_by_its_path_alone() {
    let (none, dir) = (Path::new("/nonexistent/sentinel.toml"), tempfile::tempdir().unwrap());
    fs::write(dir.path().join("sentinel_pin"), "c4n4ry").unwrap();
    fs::write(dir.path().join("claude_api_key"), "c4n4ry").unwrap();
    let named = [("SENTINEL_PIN_FILE".to_owned(), "elsewhere".to_owned())];
    let shown = |variables: &[(String, String)], places: &[&Path]| {
        let rows = explain_from(none, false, variables.to_vec(), places).unwrap();
        assert!(!format!("{rows:?}").contains("c4n4ry"));
        ["pin_file", "claude_api_key_file"].map(|key| {
            let row = rows.iter().find(|row| row.key == key).unwrap();
            (row.value.clone(), row.source.clone())
        })
    };
    let at = |name: &str| {
        (format!("\"{}\"", dir.path().join(name).display()), "a secret's usual place".to_owned())
    };
    let unset = ("(not set)".to_owned(), "the defaults".to_owned());
    assert_eq!(shown(&[], &[dir.path()]), [at("sentinel_pin"), at("claude_api_key")]);
    assert_eq!(shown(&[], &[Path::new("/nonexistent")]), [unset.clone(), unset]);
    let own = ("\"elsewhere\"".to_owned(), "SENTINEL_PIN_FILE".to_owned());
    assert_eq!(shown(&named, &[dir.path()]), [own, at("claude_api_key")]);
}
