use super::*;

const URL: &str = "https://api.anthropic.com";
const MODEL: &str = "claude-sonnet-5-5";

fn planner(url: &str, key: &str) -> Result<Anthropic, PlannerFailure> {
    Anthropic::new(AnthropicConfig::new(url, MODEL, SecretString::from(key)), |_| String::new())
}

#[test]
fn the_key_is_shown_nowhere() {
    let planner = planner(URL, "sk-ant-CANARY\n").unwrap();
    let shown = format!("{planner:?} {:?}", planner.config);
    assert!(shown.contains(MODEL) && !shown.contains("CANARY"), "{shown}");
    assert_eq!(planner.config.key.expose_secret(), "sk-ant-CANARY", "the line break of the file is gone");
    let body = planner.body("system", "task", 1).to_string();
    assert!(!body.contains("CANARY"), "{body}");
}

#[test]
fn a_key_that_is_none_is_told_with_its_setting_and_not_quoted() {
    for key in ["", " \n", "CANARY two", "CANARY\nx", "CANARYü"] {
        let failure = planner(URL, key).unwrap_err().to_string();
        assert!(failure.contains("SENTINEL_CLAUDE_API_KEY_FILE") && !failure.contains("CANARY"), "{failure}");
    }
}

#[test]
fn the_key_does_not_leave_the_machine_in_the_clear() {
    for url in ["https://api.anthropic.com", "http://127.0.0.1:8080", "http://[::1]/x", "http://localhost"] {
        assert!(planner(url, "k").is_ok(), "{url}");
    }
    for url in [
        "http://api.anthropic.com",
        "http://127.0.0.1.example.com",
        "http://127.0.0.1@example.com",
        "http://localhost:1@example.com",
        "http://127.0.0.1:80x",
        "ftp://127.0.0.1",
        "",
    ] {
        let failure = planner(url, "k").unwrap_err().to_string();
        assert!(failure.contains("SENTINEL_CLAUDE_URL"), "{failure}");
    }
}

#[test]
fn the_pause_doubles_and_varies_within_its_half() {
    for _ in 0..200 {
        let (first, second) = (backoff(1), backoff(2));
        assert!((FIRST_PAUSE / 2..=FIRST_PAUSE).contains(&first), "{first:?}");
        assert!((FIRST_PAUSE..=FIRST_PAUSE * 2).contains(&second), "{second:?}");
    }
    assert!((0..50).any(|_| backoff(1) != backoff(1)), "chance has a say");
}
