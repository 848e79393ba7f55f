use super::*;
use crate::telemetry::redact;
use std::collections::BTreeSet;

#[test]
fn names_have_the_conventions_form_and_are_not_redacted() {
    let known = ["gen_ai", "error", "server", "service"];
    for name in EXPORTED.iter().chain([&SERVICE_NAME, &SERVICE_VERSION]).filter(|name| **name != TASK_ID) {
        let (space, rest) = name.split_once('.').unwrap();
        assert!(known.contains(&space) && !rest.is_empty(), "{name}");
        assert!(name.chars().all(|c| c.is_ascii_lowercase() || "._".contains(c)), "{name}");
        assert!(!redact::is_secret(name), "{name} would be hidden");
    }
    assert_eq!(EXPORTED.iter().collect::<BTreeSet<_>>().len(), EXPORTED.len());
}
