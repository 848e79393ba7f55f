//! schemathesis asks every operation of the OpenAPI document, with texts that fit it and texts that do not: as somebody
//! who may do anything, and as somebody with a PIN who knows the ids of real things.

use super::{Server, client};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

const PIN: &str = "31415926";
const CHECKS: &str =
    "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";

/// Runs it to the end, with options before and behind its command.
fn ask(dir: &Path, server: &Server, before: &[&str], behind: &[&str]) {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let program = here.join("target/peers/venv/bin/schemathesis");
    assert!(program.exists(), "run scripts/install-peers, or leave this out: scripts/test --quick");
    let asked = Command::new(program)
        .args(before)
        .args(["run", &format!("https://localhost:{}/openapi.json", server.port), "--checks", CHECKS])
        .args(["--phases", "coverage,fuzzing", "--seed", "20261121", "--generation-database", "none"])
        .args(["--suppress-health-check", "all", "--request-timeout", "20", "--no-color"])
        .args(["--generation-with-security-parameters", "false", "--max-examples", "20"])
        .arg("--tls-verify")
        .arg(dir.join("data/tls-cert.pem"))
        .args(behind)
        .env("NO_PROXY", "localhost")
        .current_dir(dir)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&asked.stdout).into_owned();
    assert!(asked.status.success(), "{said}{}", String::from_utf8_lossy(&asked.stderr));
    assert!(said.contains("Fuzzing"), "{said}");
}

#[test]
fn real_model_peers_find_no_undocumented_answer() {
    let dir = tempfile::tempdir().unwrap();
    // Wrong PINs, of which it sends many, would lock it out.
    let settings = [("SENTINEL_PIN_REQUIRED", "false"), ("SENTINEL_PLANNER", "none")];
    let server = Server::start(dir.path(), &settings);
    ask(dir.path(), &server, &[], &[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn real_model_peers_with_a_pin_and_real_ids_find_no_undocumented_answer() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("pin"), PIN).unwrap();
    let pin = dir.path().join("pin");
    let settings = [("SENTINEL_PIN_FILE", pin.to_str().unwrap()), ("SENTINEL_PLANNER", "none")];
    let server = Server::start(dir.path(), &settings);
    let client = client(dir.path());
    let url = |path: &str| format!("https://localhost:{}{path}", server.port);
    let order = json!({"request": "do it", "plan": "answer(\"x\")", "approval_mode": "full"});
    let given =
        client.post(url("/task?wait=20")).header("x-sentinel-pin", PIN).json(&order).send().await.unwrap();
    let given: Value = given.json().await.unwrap();
    let id = |name: &str| given[name].as_str().unwrap().to_owned();
    let config = format!(
        "[[operations]]\ninclude-path = \"/task/{{id}}\"\nparameters = {{ \"path.id\" = \"{task}\" }}\n\
         [[operations]]\ninclude-path = \"/approval/{{id}}\"\nparameters = {{ \"path.id\" = \"{approval}\" }}\n\
         [[operations]]\ninclude-path = \"/approve/{{id}}\"\nparameters = {{ \"path.id\" = \"{approval}\" }}\n\
         [[operations]]\ninclude-path = \"/session/{{id}}\"\nparameters = {{ \"path.id\" = \"{session}\" }}\n\
         [[operations]]\ninclude-path = \"/api/provenance/{{data_id}}\"\nparameters = {{ \"path.data_id\" = 1 }}\n",
        task = id("task_id"),
        approval = id("approval_id"),
        session = id("session_id"),
    );
    let file = dir.path().join("schemathesis.toml");
    std::fs::write(&file, config).unwrap();
    // Its guesses at PINs would lock out this address, the right PIN too.
    let pin = format!("X-Sentinel-Pin: {PIN}");
    let behind = ["-H", pin.as_str(), "--exclude-path-regex", "^/api/(session|setup)"];
    let before = ["--config-file", file.to_str().unwrap()];
    tokio::task::block_in_place(|| ask(dir.path(), &server, &before, &behind));
    // It reached them, and not only their absence: the numbers tell each route's statuses.
    let metrics = client.get(url("/metrics")).header("x-sentinel-pin", PIN).send().await.unwrap();
    let shown = metrics.text().await.unwrap();
    for route in ["/task/{id}", "/approval/{id}", "/session/{id}", "/api/provenance/{data_id}"] {
        let line = format!("sentinel_http_requests_total{{route=\"{route}\",method=\"GET\",status=\"200\"}}");
        assert!(shown.contains(&line), "{line} is not in\n{shown}");
    }
}
