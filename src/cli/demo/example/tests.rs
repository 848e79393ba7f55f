use super::*;
use crate::egress::file;
use std::path::Path;

/// The lists above name every file of the example and every policy: a new one cannot be forgotten.
#[test]
fn everything_that_ships_is_listed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let names = |dir: &str, ending: &[&str]| -> Vec<String> {
        let all = crate::tool::listing::texts(&root.join(dir)).unwrap();
        let names = all.into_iter().map(|(path, _)| path.display().to_string());
        names
            .filter(|n| !n.contains('/') && n != "README.md" && ending.iter().any(|e| n.ends_with(e)))
            .collect()
    };
    let inbox: Vec<String> = INBOX.iter().map(|(p, _)| p.trim_start_matches("inbox/").to_owned()).collect();
    assert_eq!(names("examples/inbox", &[".txt", ".md"]), inbox);
    let policies: Vec<String> = POLICIES.iter().map(|(p, _)| (*p).to_owned()).collect();
    assert_eq!(names("policies", &[".cedar"]), policies);
    for (path, text) in INBOX {
        assert_eq!(file::read_text(&root.join("examples").join(path), 1 << 20).unwrap(), *text);
    }
}
