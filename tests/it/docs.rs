//! The page that says "paste this": its shell blocks are run, one after the other in one shell, against the real program
//! in a clean folder, as a new user would.

#![expect(clippy::disallowed_methods, reason = "a test pastes what the page says")]

use std::net::TcpListener;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

/// What stands between the fences of blocks that begin with exactly "```sh". Those that build the program or fetch
/// something (`sh build`, `sh venv`) are left out: what they make is there.
fn pasted(page: &str) -> String {
    let (mut script, mut inside) = (String::new(), false);
    for line in page.lines() {
        match (inside, line) {
            (false, "```sh") => inside = true,
            (true, "```") => inside = false,
            (true, line) => script.push_str(&format!("{line}\n")),
            (false, _) => {}
        }
    }
    script
}

#[test]
fn the_page_to_paste_reaches_every_result_with_the_real_model_and_peers() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let venv = here.join("target/peers/venv");
    assert!(venv.exists(), "run scripts/install-peers, or leave this out: scripts/test --quick");
    let page = std::fs::read_to_string(here.join("docs/api.md")).unwrap();
    let dir = tempfile::tempdir().unwrap();
    for (from, name) in
        [(here.join("policies"), "policies"), (here.join("models"), "models"), (venv, ".venv")]
    {
        symlink(from, dir.path().join(name)).unwrap();
    }
    // One document of the example, the one that the page names: each costs the model up to 20 s, which is nearly all that
    // this test takes. That all of them are read is the demo's to show.
    std::fs::create_dir_all(dir.path().join("examples/inbox")).unwrap();
    let name = Path::new("examples/inbox/invoice-harbour-paper.txt");
    std::fs::copy(here.join(name), dir.path().join(name)).unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    let script = pasted(&page).replace("8443", &port);
    assert!(script.lines().count() > 60, "{script}");
    let script = format!("set -eu\ntrap 'kill -9 $SERVER 2> /dev/null || true' EXIT\n{script}");
    let program = Path::new(env!("CARGO_BIN_EXE_sentinel")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    // A page that waits for what never comes must not hold up the tests.
    let ran = Command::new("timeout")
        .args(["--kill-after=5", "900", "bash", "-c", &script])
        .current_dir(dir.path())
        .env("PATH", path)
        .env("NO_PROXY", "localhost")
        .env("no_proxy", "localhost")
        .env("SENTINEL_HTTPS_PORT", &port)
        .env("SENTINEL_HTTP_PORT", "0")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success(), "{said}\n{}", String::from_utf8_lossy(&ran.stderr));
    for (what, times) in [
        ("made an empty workspace", 0),
        ("one-time code", 1),
        ("\"state\":\"superseded\"", 1),
        ("\"worst\":\"high\"", 1),
        ("\"status\":\"done\"", 1),
        ("1 tasks go on from before", 1),
        ("\ndone ", 2),
        ("'auth_ok'", 1),
        ("'task.completed'", 1),
        ("edited `path`", 1),
    ] {
        assert_eq!(said.matches(what).count(), times, "{what}: {said}");
    }
    assert!(said.contains("\n204\n") && said.contains("event: task."), "{said}");
    assert!(said.contains("due,payee,amount,iban,document"), "the edited file was written: {said}");
    assert!(said.contains(",inbox/invoice-harbour-paper.txt\n"), "with the document's line: {said}");
}
