use super::*;

#[test]
fn names_of_secrets_are_known() {
    for name in [
        "pin",
        "PIN",
        "x-sentinel-pin",
        "claude_api_key",
        "apiKey",
        "Authorization",
        "setCookie",
        "http.cookie",
    ] {
        assert!(is_secret(name), "{name}");
    }
    for name in ["spinner", "keyboard", "tokens", "input_tokens", "author", "opinion", "route"] {
        assert!(!is_secret(name), "{name}");
    }
}

#[test]
fn secrets_inside_texts_are_hidden() {
    for text in [
        "login with pin=CANARY failed",
        "{\"pin\": \"CANARY CANARY\", \"a\": 1}",
        "Authorization: Basic CANARY CANARY",
        "\"authorization\": \"Bearer CANARY\"",
        "sent Bearer CANARY there",
        "Set-Cookie: __Host-session=CANARY; Path=/; x=CANARY",
        "claude_api_key = 'CANARY'",
        "https://host/?key=CANARY",
    ] {
        let out = scrub(text);
        assert!(!out.contains("CANARY") && out.contains(REDACTED), "{text} -> {out}");
    }
    let plain = "12 keys were read by the spinner: 3 tokens";
    assert!(matches!(scrub(plain), Cow::Borrowed(same) if same == plain));
}
