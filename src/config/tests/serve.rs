//! The settings of the HTTP house, and every setting with its source.

use super::*;
use std::net::{IpAddr, Ipv4Addr};

#[test]
fn defaults_of_serve_are_those_of_the_documentation() {
    let serve = load_with(None, &[]).unwrap().0.serve;
    assert_eq!(serve.bind, IpAddr::from(Ipv4Addr::LOCALHOST));
    assert_eq!((serve.https_port, serve.http_port), (8443, Some(8080)));
    assert!(serve.login.pin_required);
    assert_eq!((serve.login.tries, serve.login.tries_global), (5, 20));
    assert_eq!(serve.login.idle, Duration::from_secs(30 * 60));
    assert_eq!(serve.login.absolute, Duration::from_secs(12 * 3_600));
    assert_eq!((serve.limits.task_per_minute, serve.limits.body_bytes), (10, 1_000_000));
    assert_eq!(serve.limits.drain, Duration::from_secs(30));
}

#[test]
fn lists_come_from_a_table_or_from_a_variable_with_commas() {
    let toml = "allowed_origins = [\"https://Home.example:443/\", \"https://[::1]:9\"]\nhttp_port = 0\n";
    let env = [("SENTINEL_TRUSTED_PROXIES", "10.0.0.2, 192.168.0.0/16"), ("SENTINEL_PIN_REQUIRED", "false")];
    let serve = load_with(Some(toml), &env).unwrap().0.serve;
    assert_eq!(serve.allowed_origins, ["https://home.example", "https://[::1]:9"]);
    assert_eq!(serve.trusted_proxies, ["10.0.0.2/32".parse().unwrap(), "192.168.0.0/16".parse().unwrap()]);
    assert_eq!(serve.http_port, None);
    assert!(!serve.login.pin_required);
}

#[test]
fn wrong_lists_and_numbers_are_faults() {
    for (key, value) in [
        ("ALLOWED_ORIGINS", "http://home.example"),
        ("ALLOWED_ORIGINS", "https://home.example/path"),
        ("ALLOWED_ORIGINS", "https://user@home.example"),
        ("ALLOWED_ORIGINS", "*"),
        ("ALLOWED_ORIGINS", "https://home.example:99999"),
        ("TRUSTED_PROXIES", "proxy.example"),
        ("TLS_NAMES", "a b"),
        ("HTTPS_PORT", "65536"),
        ("LOGIN_TRIES", "0"),
        ("BODY_BYTES", "10"),
        ("BIND", "localhost"),
        ("PIN_REQUIRED", "no"),
        ("PLANNER", "gpt"),
        ("CLAUDE_URL", "http://far.example"),
    ] {
        let key = format!("SENTINEL_{key}");
        let faults = load_with(None, &[(&key, value)]).unwrap_err();
        assert!(faults.len() == 1 && faults[0].starts_with(&key), "{key}={value}: {faults:?}");
    }
}

#[test]
fn without_a_pin_only_this_machine_may_connect() {
    let open = |bind| load_with(None, &[("SENTINEL_PIN_REQUIRED", "false"), ("SENTINEL_BIND", bind)]);
    for bind in ["127.0.0.1", "127.9.9.9", "::1"] {
        assert!(open(bind).is_ok(), "{bind}");
    }
    for bind in ["0.0.0.0", "::", "192.168.1.5"] {
        let faults = open(bind).unwrap_err();
        assert!(faults[0].contains("`pin_required` can be false only"), "{bind}: {faults:?}");
    }
}

#[test]
fn a_certificate_needs_its_key() {
    let faults = load_with(None, &[("SENTINEL_TLS_CERT_FILE", "c.pem")]).unwrap_err();
    assert_eq!(faults, ["SENTINEL_TLS_CERT_FILE: `tls_cert_file` needs `tls_key_file` beside it"]);
    let both = [("SENTINEL_TLS_CERT_FILE", "c.pem"), ("SENTINEL_TLS_KEY_FILE", "k.pem")];
    assert_eq!(load_with(None, &both).unwrap().0.serve.tls.unwrap().key, Path::new("k.pem"));
}

#[test]
fn every_setting_is_explained_with_its_source_and_without_secrets() {
    let dir = tempfile::tempdir().unwrap();
    let (file, pin) = (dir.path().join("sentinel.toml"), dir.path().join("pin"));
    fs::write(&pin, "c4n4ry-pin").unwrap();
    fs::write(&file, format!("trust_level = 1\npin_file = {:?}\n", pin.display().to_string())).unwrap();
    let env = [
        ("SENTINEL_OLLAMA_URL", "http://ann:c4n4ry-word@host:1/x@y"),
        ("SENTINEL_HTTPS_PORT", "9443"),
        ("SENTINEL_MCP_ENABLED", "true"),
    ];
    let env = env.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let rows = explain_from(&file, true, env, &[]).unwrap();
    assert_eq!(rows.len(), keys::KEYS.len() + keys::LATER.len());
    let row = |key: &str| rows.iter().find(|row| row.key == key).unwrap();
    let is = |key: &str, value: &str, source: &str| {
        assert_eq!((row(key).value.as_str(), row(key).source.as_str()), (value, source));
    };
    is("trust_level", "1", &file.display().to_string());
    is("https_port", "9443", "SENTINEL_HTTPS_PORT");
    is("ollama_url", "\"http://***@host:1/x@y\"", "SENTINEL_OLLAMA_URL");
    is("tls_cert_file", "(not set)", "the defaults");
    is("allowed_origins", "[]", "the defaults");
    is("mcp_enabled", "\"true\", no effect yet", "SENTINEL_MCP_ENABLED");
    is("embed_model", "(not set), no effect yet", "the defaults");
    assert!(row("pin_file").value.contains("pin"));
    assert!(!format!("{rows:?}").contains("c4n4ry"), "{rows:?}");
    let wrong = load_with(None, &[("SENTINEL_CLAUDE_URL", "ftp://ann:c4n4ry@host")]).unwrap_err();
    assert!(!wrong.concat().contains("c4n4ry"), "{wrong:?}");
}
