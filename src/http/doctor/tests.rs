use super::*;
use crate::config;
use axum::routing::any;
use std::path::Path;

fn settings_with(pairs: &[(&str, &str)]) -> ServeSettings {
    let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    config::load_from(Path::new("no such file"), false, pairs).unwrap().0.serve
}

/// Every attempt against a house that answers everybody: nothing is configured wrong, nothing is wired in.
#[tokio::test]
async fn guards_that_are_configured_and_not_wired_in_are_found() {
    let routes = Router::new().fallback(any(async || "welcome"));
    let settings = settings_with(&[("SENTINEL_REQUEST_PER_MINUTE", "30")]);
    for tried in (Trial { routes, settings, pin: "135790" }).all().await {
        let gap = tried.unwrap_err();
        assert!(gap.remedy.contains("do not open"), "{gap:?}");
    }
}

#[test]
fn without_a_site_nothing_is_proven() {
    let controls = guards(Err(Gap::new("no site", "mend")), true, "135790");
    assert_eq!(controls.len(), 6);
    assert!(controls.iter().all(Control::fails));
    let free = guards(Err(Gap::new("no site", "mend")), false, "135790");
    assert_eq!(free.iter().filter(|control| control.required).count(), 4);
}

#[test]
fn a_rate_is_neither_missing_nor_too_early() {
    assert!(judge_rate("task", 3, 10, false).is_none());
    assert!(judge_rate("task", 10, 10, true).unwrap().is_ok());
    assert!(judge_rate("task", 3, 10, true).unwrap().is_err());
    assert!(judge_rate("task", 10, 10, false).unwrap().is_err());
}

#[test]
fn rates_are_tried_at_what_can_be_tried() {
    let settings = settings(&settings_with(&[("SENTINEL_REQUEST_PER_MINUTE", "10000000")]));
    assert_eq!(settings.limits.request_per_minute, MOST_A_MINUTE);
    assert_eq!(settings.limits.task_per_minute, 10);
}
